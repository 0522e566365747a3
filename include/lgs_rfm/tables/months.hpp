#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per calendar month from the first to the last line; months without a line are rows of zeros.
struct month_columns {
    detail::large_vector<std::int32_t> month;  ///< as `month_of` numbers them; `month_start` gives the first day
    detail::large_vector<std::int32_t> yyyymm;
    detail::large_vector<std::int64_t> orders;     ///< distinct invoices with a line in the month
    detail::large_vector<std::int64_t> cancelled;  ///< those that are cancellations
    detail::large_vector<std::int64_t> placed;  ///< orders - 2 x cancelled: a cancellation is no order and undoes one
    detail::large_vector<std::int64_t> sale_invoices;
    detail::large_vector<std::int64_t> adjustments;
    detail::large_vector<money> sales;                  ///< net
    detail::large_vector<double> growth;                ///< sales / previous - 1; meaningless where `has_growth` is 0
    detail::large_vector<std::uint8_t> has_growth;      ///< 0 in the first month and where the previous sales are <= 0
    detail::large_vector<std::int64_t> active_users;    ///< distinct customers on any line
    detail::large_vector<std::int64_t> new_users;       ///< those whose first line of any kind is in the month
    detail::large_vector<std::int64_t> existing_users;  ///< active - new
};

namespace detail {

/// The month of each entry, counted from that of the first moment. Moments are divided into days, which a table turns
/// into months: quicker than a calendar for each. O(entries + days).
[[nodiscard]] inline large_vector<std::uint32_t> months_of(const ledger_entries& entries, moment first, moment last) {
    const std::int64_t first_day = day_of(first);
    large_vector<std::uint32_t> month_of_day(static_cast<std::size_t>(day_of(last) - first_day) + 1);
    std::int32_t month = month_of(first);
    std::int64_t next_month = day_of(month_start(month + 1));
    for (std::size_t day = 0; day < month_of_day.size(); ++day) {
        if (first_day + static_cast<std::int64_t>(day) == next_month) next_month = day_of(month_start(++month + 1));
        month_of_day[day] = static_cast<std::uint32_t>(month - month_of(first));
    }
    large_vector<std::uint32_t> result(entries.size());
    std::transform(entries.moment.begin(), entries.moment.end(), result.begin(),
                   [&](moment at) { return month_of_day[static_cast<std::size_t>(day_of(at) - first_day)]; });
    return result;
}

/// Distinct customers of each month, and those that are there for the first time. The months of each customer are
/// brought together by counting, and made distinct as bits of a row. O(entries + customers).
inline void count_users(const ledger_entries& entries, std::span<const std::uint32_t> month_of_entry,
                        month_columns& table) {
    const std::size_t customers = entries.customers->size();
    large_vector<std::size_t> next(customers + 1);
    for (const std::uint32_t code : entries.customer) next[std::min<std::size_t>(code, customers)] += 1;
    std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
    large_vector<std::uint32_t> visits(entries.size());  // months, customer by customer; the unknown ones last
    for (std::size_t i = 0; i < entries.size(); ++i) {
        visits[next[std::min<std::size_t>(entries.customer[i], customers)]++] = month_of_entry[i];
    }
    std::vector<std::uint64_t> bits((table.month.size() + 63) / 64);
    for (std::size_t customer = 0, at = 0; customer < customers; ++customer) {
        std::size_t low = bits.size();
        std::size_t high = 0;
        for (; at < next[customer]; ++at) {  // `next` has moved on to where the customer's visits end
            const std::size_t word = visits[at] / 64;
            bits[word] |= std::uint64_t{1} << (visits[at] % 64);
            low = std::min(low, word);
            high = std::max(high, word + 1);
        }
        bool is_new = true;
        for (std::size_t word = low; word < high; ++word) {
            for (std::uint64_t left = std::exchange(bits[word], 0); left != 0; left &= left - 1) {
                const std::size_t month = 64 * word + static_cast<std::size_t>(std::countr_zero(left));
                ++table.active_users[month];
                table.new_users[month] += is_new ? 1 : 0;
                is_new = false;
            }
        }
    }
    for (std::size_t i = 0; i < table.month.size(); ++i) {
        table.existing_users[i] = table.active_users[i] - table.new_users[i];
    }
}

/// Calls `visit(month)` for each distinct month.
template <class Visit>
void for_each_distinct(std::span<const std::uint32_t> months, std::vector<std::uint32_t>& space, Visit&& visit) {
    if (months.size() == 1) return visit(months.front());  // nearly every invoice is one entry
    space.assign(months.begin(), months.end());
    std::sort(space.begin(), space.end());
    space.erase(std::unique(space.begin(), space.end()), space.end());
    for (const std::uint32_t month : space) visit(month);
}

}  // namespace detail

/// The monthly table. O(entries + days), the few entries of each invoice sorted. An empty ledger gives a table without
/// rows.
[[nodiscard]] inline month_columns monthly_table(const ledger& book) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    month_columns table;
    if (entries.empty()) return table;

    const auto [first, last] = std::minmax_element(entries.moment.begin(), entries.moment.end());
    const auto month_of_entry = detail::months_of(entries, *first, *last);
    const auto rows = static_cast<std::size_t>(month_of(*last) - month_of(*first)) + 1;
    for (std::int32_t month = month_of(*first); month <= month_of(*last); ++month) {
        table.month.push_back(month);
        table.yyyymm.push_back(yyyymm_of(month));
    }
    for (auto* counts : {&table.orders, &table.cancelled, &table.placed, &table.sale_invoices, &table.adjustments,
                         &table.active_users, &table.new_users, &table.existing_users}) {
        counts->resize(rows);
    }
    table.sales.resize(rows);
    table.growth.resize(rows);
    table.has_growth.resize(rows);

    std::vector<std::uint32_t> space;
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        const std::uint32_t code = entries.invoice[begin];
        const invoice_kind kind =
            code == id_column::missing ? invoice_kind::sale : book.config().kind_of((*entries.invoices)[code]);
        auto& of_kind = kind == invoice_kind::cancellation ? table.cancelled
                        : kind == invoice_kind::adjustment ? table.adjustments
                                                           : table.sale_invoices;
        const auto months = std::span<const std::uint32_t>(month_of_entry).subspan(begin, end - begin);
        detail::for_each_distinct(months, space, [&](std::uint32_t month) {
            ++table.orders[month];
            ++of_kind[month];
        });
        for (std::size_t i = begin; i < end; ++i) table.sales[month_of_entry[i]] += entries.sums.net(i);
    });
    detail::count_users(entries, month_of_entry, table);
    for (std::size_t row = 0; row < rows; ++row) {
        table.placed[row] = table.orders[row] - 2 * table.cancelled[row];
        table.has_growth[row] = row > 0 && table.sales[row - 1] > money{} ? 1 : 0;
        if (table.has_growth[row] != 0) {
            table.growth[row] = to_double(table.sales[row]) / to_double(table.sales[row - 1]) - 1;
        }
    }
    return table;
}

[[nodiscard]] inline table as_table(month_columns from) {
    date_values first_days;
    first_days.days.reserve(from.month.size());
    for (const std::int32_t month : from.month) {
        first_days.days.push_back(static_cast<std::int32_t>(day_of(month_start(month))));
    }
    return {{{"month", std::move(first_days)},
             {"yyyymm", std::move(from.yyyymm)},
             {"orders", std::move(from.orders)},
             {"cancelled", std::move(from.cancelled)},
             {"placed", std::move(from.placed)},
             {"sale_invoices", std::move(from.sale_invoices)},
             {"adjustments", std::move(from.adjustments)},
             {"sales", std::move(from.sales)},
             {"growth", std::move(from.growth), std::move(from.has_growth)},
             {"active_users", std::move(from.active_users)},
             {"new_users", std::move(from.new_users)},
             {"existing_users", std::move(from.existing_users)}}};
}

}  // namespace lgs_rfm
