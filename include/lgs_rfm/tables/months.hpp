#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per calendar month from the first to the last line; months without a line are rows of zeros.
struct month_columns {
    std::vector<std::int32_t> month;  ///< as `month_of` numbers them; `month_start` gives the first day
    std::vector<std::int32_t> yyyymm;
    std::vector<std::int64_t> orders;     ///< distinct invoices with a line in the month
    std::vector<std::int64_t> cancelled;  ///< those that are cancellations
    std::vector<std::int64_t> placed;     ///< orders - 2 x cancelled: a cancellation is no order and undoes one
    std::vector<std::int64_t> sale_invoices;
    std::vector<std::int64_t> adjustments;
    std::vector<money> sales;                  ///< net
    std::vector<double> growth;                ///< sales / previous - 1; meaningless where `has_growth` is 0
    std::vector<std::uint8_t> has_growth;      ///< 0 in the first month and where the previous sales are <= 0
    std::vector<std::int64_t> active_users;    ///< distinct customers on any line
    std::vector<std::int64_t> new_users;       ///< those whose first line of any kind is in the month
    std::vector<std::int64_t> existing_users;  ///< active - new
};

namespace detail {

/// Distinct customers of each month, and those that are there for the first time.
inline void count_users(const ledger_entries& entries, const std::vector<std::int32_t>& month_of_entry,
                        month_columns& table) {
    const std::int32_t first = table.month.front();
    std::vector<std::uint64_t> visits;  // customer above month: sorting brings a customer's months together, in order
    visits.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries.customer[i] == id_column::missing) continue;
        visits.push_back(std::uint64_t{entries.customer[i]} << 32 |
                         static_cast<std::uint32_t>(month_of_entry[i] - first));
    }
    detail::radix_sort(visits, [](std::uint64_t visit) { return visit; });
    visits.erase(std::unique(visits.begin(), visits.end()), visits.end());
    for (std::size_t i = 0; i < visits.size(); ++i) {
        const auto month = static_cast<std::size_t>(visits[i] & 0xFFFF'FFFFU);
        ++table.active_users[month];
        table.new_users[month] += i == 0 || visits[i] >> 32 != visits[i - 1] >> 32 ? 1 : 0;
    }
    for (std::size_t i = 0; i < table.month.size(); ++i) {
        table.existing_users[i] = table.active_users[i] - table.new_users[i];
    }
}

}  // namespace detail

/// The monthly table. O(entries log entries). An empty ledger gives a table without rows.
[[nodiscard]] inline month_columns monthly_table(const ledger& book) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    month_columns table;
    if (entries.empty()) return table;

    std::vector<std::int32_t> month_of_entry(entries.size());
    std::transform(entries.moment.begin(), entries.moment.end(), month_of_entry.begin(), month_of);
    const auto [first, last] = std::minmax_element(month_of_entry.begin(), month_of_entry.end());
    const auto rows = static_cast<std::size_t>(*last - *first) + 1;
    for (std::int32_t month = *first; month <= *last; ++month) {
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

    std::vector<std::int32_t> months;  // of one invoice, each once
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        months.assign(month_of_entry.begin() + static_cast<std::ptrdiff_t>(begin),
                      month_of_entry.begin() + static_cast<std::ptrdiff_t>(end));
        std::sort(months.begin(), months.end());
        months.erase(std::unique(months.begin(), months.end()), months.end());
        const std::uint32_t code = entries.invoice[begin];
        const invoice_kind kind =
            code == id_column::missing ? invoice_kind::sale : book.config().kind_of((*entries.invoices)[code]);
        for (const std::int32_t month : months) {
            const auto row = static_cast<std::size_t>(month - *first);
            ++table.orders[row];
            ++(kind == invoice_kind::cancellation ? table.cancelled
               : kind == invoice_kind::adjustment ? table.adjustments
                                                  : table.sale_invoices)[row];
        }
        for (std::size_t i = begin; i < end; ++i) {
            table.sales[static_cast<std::size_t>(month_of_entry[i] - *first)] += entries.sums.net(i);
        }
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
