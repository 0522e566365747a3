#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// Which lines make recency, frequency and monetary.
enum class customer_basis : std::uint8_t {
    purchases,  ///< purchase lines
    net,        ///< recency and frequency from purchase lines, monetary net of everything the customer has
    all         ///< every line; cancellations count as invoices
};

struct customer_options {
    std::optional<moment> as_of = {};  ///< default: midnight after the day of the ledger's last line
    customer_basis basis = customer_basis::purchases;
    std::optional<std::int64_t> window = {};  ///< microseconds > 0: only lines after as_of - window
};

/// One row per known customer with a counted line up to `as_of`, in id order.
struct customer_columns {
    id_column customer_id;
    detail::large_vector<std::int64_t> recency;    ///< whole days from the last counted line to as_of
    detail::large_vector<std::int64_t> frequency;  ///< distinct invoices, the first included
    detail::large_vector<money> monetary;          ///< sum of amounts
    detail::large_vector<moment> first_date;       ///< first and last counted line
    detail::large_vector<moment> last_date;
    std::optional<moment> as_of;  ///< the moment used; empty only for an empty ledger without `as_of`
};

/// Midnight after the day of the last line: the moment at which every line of the ledger has been seen.
[[nodiscard]] inline std::optional<moment> default_as_of(const ledger& book) {
    const auto bounds = book.moment_bounds();
    if (!bounds) return std::nullopt;
    return (day_of(bounds->second) + 1) * micros_per_day;
}

namespace detail {

struct customer_sums {
    int128 monetary = 0;
    moment first = std::numeric_limits<moment>::max();
    moment last = std::numeric_limits<moment>::min();
    std::int64_t invoices = 0;
    std::uint32_t invoice = 0;  ///< the last one counted
};

/// Each customer's entries among [begin, end) after `after` and up to `until`, summed; those with `every_line`, else
/// with a purchase line, count. `amount_of(i)` is what entry i adds. O(entries + customers).
template <class AmountOf>
[[nodiscard]] large_vector<customer_sums> sum_by_customer(const ledger_entries& entries, std::size_t begin,
                                                          std::size_t end, moment after, moment until, bool every_line,
                                                          const AmountOf& amount_of) {
    constexpr std::size_t ahead = 16;  // entries whose customers are asked for before they are looked at
    // Whether an entry counts, nobody can foretell, so there are no branches on it: what does not count is added as 0,
    // and what has no customer goes to one row more.
    const std::size_t customers = entries.customers->size();
    large_vector<customer_sums> result(customers + 1);
    customer_sums* const of_customer = result.data();
    const moment* const moments = entries.moment.data();
    const std::uint32_t* const codes = entries.customer.data();
    const std::uint32_t* const invoices = entries.invoice.data();
    const packed_sums::usual* const usual = entries.sums.usuals().data();
    for (std::size_t i = begin; i < end; ++i) {
        if (i + ahead < end) __builtin_prefetch(of_customer + std::min<std::size_t>(codes[i + ahead], customers));
        const moment at = moments[i];
        customer_sums& of = of_customer[std::min<std::size_t>(codes[i], customers)];
        const bool within = (at <= until) & (at > after);
        const bool counts = within & (every_line | (usual[i].purchase_lines != 0));
        of.monetary += within ? amount_of(i) : 0;
        // Entries of one invoice and customer are neighbours; those without an invoice number are an invoice each.
        const std::uint32_t invoice = invoices[i];
        const bool again = (of.invoices != 0) & (of.invoice == invoice) & (invoice != id_column::missing);
        of.first = std::min(of.first, counts ? at : std::numeric_limits<moment>::max());
        of.last = std::max(of.last, counts ? at : std::numeric_limits<moment>::min());
        of.invoices += counts & !again;
        of.invoice = counts ? invoice : of.invoice;
    }
    result.pop_back();
    return result;
}

/// The same for all entries, on two threads where they are many more than the customers: each has a stretch of the
/// invoices, and their sums are added up.
template <class AmountOf>
[[nodiscard]] large_vector<customer_sums> sum_by_customer(const ledger_entries& entries, moment after, moment until,
                                                          bool every_line, const AmountOf& amount_of) {
    const std::size_t size = entries.size();
    const bool many = size >= 2 * rows_worth_a_thread && size >= 4 * entries.customers->size();
    const std::size_t middle = many && available_threads() > 1 ? invoice_start(entries, size / 2) : size;
    std::array<large_vector<customer_sums>, 2> halves;
    thread_pool::run(middle < size ? 2 : 1, 2, [&](std::size_t half) {
        halves[half] = sum_by_customer(entries, half == 0 ? 0 : middle, half == 0 ? middle : size, after, until,
                                       every_line, amount_of);
    });
    const std::size_t customers = halves[1].size();
    for_each_stretch(customers, threads_for(customers), [&](std::size_t, std::size_t begin, std::size_t last) {
        for (std::size_t code = begin; code < last; ++code) {
            customer_sums& to = halves[0][code];
            const customer_sums& more = halves[1][code];
            to.monetary += more.monetary;
            to.first = std::min(to.first, more.first);
            to.last = std::max(to.last, more.last);
            to.invoices += more.invoices;
        }
    });
    return std::move(halves[0]);
}

}  // namespace detail

/// Recency, frequency and monetary as of a moment; a line at that moment counts. O(entries). An empty ledger gives a
/// table without rows. Throws `invalid_option` for a window that is not positive.
[[nodiscard]] inline customer_columns customer_table(const ledger& book, const customer_options& options = {}) {
    if (options.window && *options.window <= 0) {
        throw error(error_code::invalid_option,
                    "window: " + std::to_string(*options.window) +
                        " microseconds is not allowed; give a positive length such as 365d");
    }
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    customer_columns table;
    table.customer_id = id_column(entries.customers);
    table.as_of = options.as_of ? options.as_of : default_as_of(book);
    if (entries.empty()) return table;
    const moment until = *table.as_of;
    // Moments span less than 2^59 microseconds, so a window is cut to that before it is taken away.
    constexpr std::int64_t longest = std::int64_t{1} << 59;
    const moment after =
        options.window ? until - std::min(*options.window, longest) : std::numeric_limits<moment>::min();

    detail::large_vector<detail::customer_sums> of_customer;
    const auto sum_up = [&](auto&& amount_of) {
        of_customer = detail::sum_by_customer(entries, after, until, options.basis == customer_basis::all, amount_of);
    };
    const auto* const usual = entries.sums.usuals().data();
    const bool gross = options.basis == customer_basis::purchases;
    if (entries.sums.has_wide_amounts()) {
        sum_up([&](std::size_t i) { return (gross ? entries.sums.gross(i) : entries.sums.net(i)).millionths; });
    } else if (gross) {
        sum_up([usual](std::size_t i) { return usual[i].gross; });
    } else {
        sum_up([usual](std::size_t i) { return usual[i].net; });
    }
    // The rows of each stretch of the customers are counted first.
    const std::size_t size = of_customer.size();
    const unsigned threads = detail::threads_for(size);
    std::vector<std::size_t> first_row(detail::stretches_of(size, threads) + 1);
    detail::for_each_stretch(size, threads, [&](std::size_t which, std::size_t begin, std::size_t end) {
        first_row[which + 1] =
            static_cast<std::size_t>(std::count_if(of_customer.begin() + static_cast<std::ptrdiff_t>(begin),
                                                   of_customer.begin() + static_cast<std::ptrdiff_t>(end),
                                                   [](const detail::customer_sums& of) { return of.invoices > 0; }));
    });
    std::partial_sum(first_row.begin(), first_row.end(), first_row.begin());
    const std::size_t rows = first_row.back();
    auto ids = detail::unwritten<std::uint32_t>(rows);
    table.recency = detail::unwritten<std::int64_t>(rows);
    table.frequency = detail::unwritten<std::int64_t>(rows);
    table.monetary = detail::unwritten<money>(rows);
    table.first_date = detail::unwritten<moment>(rows);
    table.last_date = detail::unwritten<moment>(rows);
    detail::for_each_stretch(size, threads, [&](std::size_t which, std::size_t begin, std::size_t end) {
        std::size_t row = first_row[which];
        for (std::size_t code = begin; code < end; ++code) {
            const detail::customer_sums& of = of_customer[code];
            if (of.invoices == 0) continue;
            ids[row] = static_cast<std::uint32_t>(code);
            table.recency[row] = floor_div(until - of.last, micros_per_day);
            table.frequency[row] = of.invoices;
            table.monetary[row] = money{of.monetary};
            table.first_date[row] = of.first;
            table.last_date[row] = of.last;
            ++row;
        }
    });
    table.customer_id = id_column(entries.customers, std::move(ids));
    return table;
}

[[nodiscard]] inline table as_table(customer_columns from) {
    return {{{"customer_id", std::move(from.customer_id)},
             {"recency", std::move(from.recency)},
             {"frequency", std::move(from.frequency)},
             {"monetary", std::move(from.monetary)},
             {"first_date", moment_values{std::move(from.first_date)}},
             {"last_date", moment_values{std::move(from.last_date)}}}};
}

}  // namespace lgs_rfm
