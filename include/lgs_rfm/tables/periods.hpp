#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/invoice_stretches.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/period.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per calendar period from the first to the last line; periods without a line are rows of zeros.
struct period_columns {
    period_step step = period_step::month;
    detail::large_vector<std::int64_t> period;     ///< as `period_of` numbers it; `period_start` gives the first day
    detail::large_vector<std::int64_t> orders;     ///< distinct invoices with a line in the period
    detail::large_vector<std::int64_t> cancelled;  ///< those that are cancellations
    detail::large_vector<std::int64_t> placed;  ///< orders - 2 x cancelled: a cancellation is no order and undoes one
    detail::large_vector<std::int64_t> sale_invoices;
    detail::large_vector<std::int64_t> adjustments;
    detail::large_vector<money> sales;              ///< net
    detail::large_vector<double> growth;            ///< sales / previous - 1; meaningless where `has_growth` is 0
    detail::large_vector<std::uint8_t> has_growth;  ///< 0 in the first period and where the previous sales are <= 0
    detail::large_vector<double> growth_year;  ///< the same against `year_before`; 0 in the next where that is no row
    detail::large_vector<std::uint8_t> has_growth_year;
    detail::large_vector<std::int64_t> active_users;       ///< distinct customers on any line
    detail::large_vector<std::int64_t> new_users;          ///< those whose first line of any kind is in the period
    detail::large_vector<std::int64_t> existing_users;     ///< active - new
    detail::large_vector<std::int64_t> purchase_invoices;  ///< invoices with a purchase line in the period
    detail::large_vector<double> average_invoice;          ///< gross / purchase_invoices; 0 without any
    detail::large_vector<std::int64_t> known_orders;       ///< invoices with a line of a known customer in the period
    detail::large_vector<std::int64_t> unknown_orders;     ///< orders - known_orders
    detail::large_vector<money> known_sales;               ///< net of the lines of known customers
    detail::large_vector<money> unknown_sales;             ///< sales - known_sales
};

namespace detail {

/// The kind of the invoice that begins at an entry; one without a number is a sale.
[[nodiscard]] inline invoice_kind kind_at(const ledger& book, const ledger_entries& entries, std::size_t begin) {
    const std::uint32_t code = entries.invoice[begin];
    return book.config().kind_of(*entries.invoices, code);
}

/// Invoices by kind, and net sales, in each period.
struct invoices_by_kind {
    std::array<large_vector<std::int64_t>, 3> kinds;
    large_vector<money> sales;

    explicit invoices_by_kind(std::size_t rows) : sales(rows) {
        for (auto& counts : kinds) counts.resize(rows);
    }
    [[nodiscard]] large_vector<std::int64_t>& of(invoice_kind kind) noexcept {
        return kinds[static_cast<std::size_t>(kind)];
    }
    void add(const invoices_by_kind& more) {
        for (std::size_t row = 0; row < sales.size(); ++row) {
            for (std::size_t kind = 0; kind < kinds.size(); ++kind) kinds[kind][row] += more.kinds[kind][row];
            sales[row] += more.sales[row];
        }
    }
};

/// Counts the invoices of the entries [first, last), which are those of whole invoices. On one thread.
[[nodiscard]] inline invoices_by_kind count_invoices(const ledger& book, const ledger_entries& entries,
                                                     std::span<const std::uint32_t> row_of_entry, std::size_t rows,
                                                     std::size_t first, std::size_t last) {
    invoices_by_kind counts(rows);
    std::vector<std::uint32_t> space;
    for_each_invoice_stretch(entries, first, last, [&](std::size_t begin, std::size_t end, std::size_t invoices) {
        if (invoices != end - begin) {
            const invoice_kind kind = kind_at(book, entries, begin);
            for_each_distinct(row_of_entry.subspan(begin, end - begin), space,
                              [&](std::uint32_t row) { ++counts.of(kind)[row]; });
            for (std::size_t i = begin; i < end; ++i) counts.sales[row_of_entry[i]] += entries.sums.net(i);
            return;
        }
        // An invoice an entry: neighbours of one kind and period, as most are, are summed up before they are added.
        while (begin < end) {
            const std::uint32_t row = row_of_entry[begin];
            const invoice_kind kind = kind_at(book, entries, begin);
            money net;
            std::size_t next = begin;
            do {
                net += entries.sums.net(next++);
            } while (next < end && row_of_entry[next] == row && kind_at(book, entries, next) == kind);
            counts.of(kind)[row] += static_cast<std::int64_t>(next - begin);
            counts.sales[row] += net;
            begin = next;
        }
    });
    return counts;
}

/// The columns that months share with all other periods. O(entries + days), the entries of an invoice sorted.
[[nodiscard]] inline period_columns count_periods(const ledger& book, const ledger_entries& entries,
                                                  const period_rows& of, std::span<const std::uint32_t> row_of_entry) {
    period_columns table;
    const std::size_t rows = of.size();
    table.step = of.step;
    table.period.resize(rows);
    for (auto* counts : {&table.orders, &table.placed, &table.existing_users}) counts->resize(rows);
    table.growth.resize(rows);
    table.has_growth.resize(rows);

    const auto count_users = [&] {
        // In memory of this thread's own, far from what the other one counts.
        large_vector<std::int64_t> active(rows);
        large_vector<std::int64_t> fresh(rows);
        for_each_visit(
            entries, row_of_entry, rows, [](std::size_t) { return true; },
            [&](std::size_t, std::size_t row, bool is_first) {
                ++active[row];
                fresh[row] += is_first ? 1 : 0;
            });
        table.active_users = std::move(active);
        table.new_users = std::move(fresh);
    };
    // Users are one part, the longest; invoices are cut into stretches.
    const unsigned threads = threads_for(entries.size());
    const std::size_t stretches = stretches_of(entries.size(), threads);
    const auto bound = [&](std::size_t stretch) {
        return invoice_start(entries, entries.size() * stretch / stretches);
    };
    std::vector<invoices_by_kind> counts(stretches, invoices_by_kind(rows));
    thread_pool::run(1 + stretches, threads, [&](std::size_t part) {
        if (part == 0) return count_users();
        counts[part - 1] = count_invoices(book, entries, row_of_entry, rows, bound(part - 1), bound(part));
    });
    for (std::size_t other = 1; other < stretches; ++other) counts[0].add(counts[other]);
    table.sale_invoices = std::move(counts[0].of(invoice_kind::sale));
    table.cancelled = std::move(counts[0].of(invoice_kind::cancellation));
    table.adjustments = std::move(counts[0].of(invoice_kind::adjustment));
    table.sales = std::move(counts[0].sales);
    for (std::size_t row = 0; row < rows; ++row) {
        table.period[row] = of.first + static_cast<std::int64_t>(row);
        table.existing_users[row] = table.active_users[row] - table.new_users[row];
        table.orders[row] = table.sale_invoices[row] + table.cancelled[row] + table.adjustments[row];
        table.placed[row] = table.orders[row] - 2 * table.cancelled[row];
        table.has_growth[row] = row > 0 && table.sales[row - 1] > money{} ? 1 : 0;
        if (table.has_growth[row] != 0) {
            table.growth[row] = to_double(table.sales[row]) / to_double(table.sales[row - 1]) - 1;
        }
    }
    return table;
}

/// What one invoice has in one period.
struct invoice_in_period {
    std::uint32_t row;
    bool known;   ///< a line of a known customer
    bool bought;  ///< a purchase line
    money gross;
};

/// The columns of known and unknown customers and of average invoices. O(entries), those of an invoice sorted.
inline void split_periods(const ledger_entries& entries, std::span<const std::uint32_t> row_of_entry,
                          period_columns& table) {
    const std::size_t rows = table.period.size();
    for (auto* counts : {&table.purchase_invoices, &table.known_orders, &table.unknown_orders}) counts->resize(rows);
    for (auto* sums : {&table.known_sales, &table.unknown_sales}) sums->resize(rows);
    table.average_invoice.resize(rows);
    large_vector<money> gross(rows);
    std::vector<invoice_in_period> parts;
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        parts.clear();
        for (std::size_t i = begin; i < end; ++i) {
            const bool known = entries.customer[i] != id_column::missing;
            parts.push_back({row_of_entry[i], known, entries.sums.purchase_lines(i) != 0, entries.sums.gross(i)});
            table.known_sales[row_of_entry[i]] += known ? entries.sums.net(i) : money{};
        }
        if (parts.size() > 1) {
            std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
        }
        for (std::size_t at = 0; at < parts.size();) {
            invoice_in_period sum = parts[at];
            for (++at; at < parts.size() && parts[at].row == sum.row; ++at) {
                sum.known = sum.known || parts[at].known;
                sum.bought = sum.bought || parts[at].bought;
                sum.gross += parts[at].gross;
            }
            table.known_orders[sum.row] += sum.known ? 1 : 0;
            table.purchase_invoices[sum.row] += sum.bought ? 1 : 0;
            gross[sum.row] += sum.gross;
        }
    });
    for (std::size_t row = 0; row < rows; ++row) {
        table.unknown_orders[row] = table.orders[row] - table.known_orders[row];
        table.unknown_sales[row] = table.sales[row] - table.known_sales[row];
        if (table.purchase_invoices[row] > 0) {
            table.average_invoice[row] = to_double(gross[row]) / static_cast<double>(table.purchase_invoices[row]);
        }
    }
}

/// Growth against the same period one year before.
inline void grow_by_year(period_columns& table) {
    const std::size_t rows = table.period.size();
    table.growth_year.resize(rows);
    table.has_growth_year.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const auto before = year_before(table.period[row], table.step);
        if (!before || *before < table.period.front()) continue;
        const money base = table.sales[static_cast<std::size_t>(*before - table.period.front())];
        if (base <= money{}) continue;
        table.has_growth_year[row] = 1;
        table.growth_year[row] = to_double(table.sales[row]) / to_double(base) - 1;
    }
}

}  // namespace detail

/// The monthly table's figures for any step of the calendar, and more. O(entries + days), the few entries of each
/// invoice sorted. An empty ledger gives a table without rows.
[[nodiscard]] inline period_columns period_table(const ledger& book, period_step step) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    if (entries.empty()) {
        period_columns none;
        none.step = step;
        return none;
    }
    const auto [first, last] = detail::moment_bounds(entries);
    const detail::period_rows rows(day_of(first), day_of(last), step);
    const auto row_of_entry = detail::rows_of(entries, rows);
    period_columns table = detail::count_periods(book, entries, rows, row_of_entry);
    detail::split_periods(entries, row_of_entry, table);
    detail::grow_by_year(table);
    return table;
}

[[nodiscard]] inline table as_table(period_columns from) {
    date_values first_days;
    text_values labels;
    detail::large_vector<std::uint8_t> has_average;
    for (std::size_t row = 0; row < from.period.size(); ++row) {
        first_days.days.push_back(static_cast<std::int32_t>(period_start(from.period[row], from.step)));
        labels.push_back(period_label(from.period[row], from.step));
        has_average.push_back(from.purchase_invoices[row] > 0 ? 1 : 0);
    }
    return {{{"period", std::move(first_days)},
             {"label", std::move(labels)},
             {"orders", std::move(from.orders)},
             {"cancelled", std::move(from.cancelled)},
             {"placed", std::move(from.placed)},
             {"sale_invoices", std::move(from.sale_invoices)},
             {"adjustments", std::move(from.adjustments)},
             {"sales", std::move(from.sales)},
             {"growth", std::move(from.growth), std::move(from.has_growth)},
             {"growth_year", std::move(from.growth_year), std::move(from.has_growth_year)},
             {"active_users", std::move(from.active_users)},
             {"new_users", std::move(from.new_users)},
             {"existing_users", std::move(from.existing_users)},
             {"purchase_invoices", std::move(from.purchase_invoices)},
             {"average_invoice", std::move(from.average_invoice), std::move(has_average)},
             {"known_orders", std::move(from.known_orders)},
             {"unknown_orders", std::move(from.unknown_orders)},
             {"known_sales", std::move(from.known_sales)},
             {"unknown_sales", std::move(from.unknown_sales)}}};
}

}  // namespace lgs_rfm
