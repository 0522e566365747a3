#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/periods.hpp>
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

/// The monthly table: `period_table` by month, without the columns that this one does not have. O(entries + days), the
/// few entries of each invoice sorted. An empty ledger gives a table without rows.
[[nodiscard]] inline month_columns monthly_table(const ledger& book) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    month_columns table;
    if (entries.empty()) return table;

    const auto [first, last] = detail::moment_bounds(entries);
    const detail::period_rows rows(day_of(first), day_of(last), period_step::month);
    period_columns from = detail::count_periods(book, entries, rows, detail::rows_of(entries, rows));
    for (const std::int64_t period : from.period) {
        const auto month = static_cast<std::int32_t>(period);
        table.month.push_back(month);
        table.yyyymm.push_back(yyyymm_of(month));
    }
    table.orders = std::move(from.orders);
    table.cancelled = std::move(from.cancelled);
    table.placed = std::move(from.placed);
    table.sale_invoices = std::move(from.sale_invoices);
    table.adjustments = std::move(from.adjustments);
    table.sales = std::move(from.sales);
    table.growth = std::move(from.growth);
    table.has_growth = std::move(from.has_growth);
    table.active_users = std::move(from.active_users);
    table.new_users = std::move(from.new_users);
    table.existing_users = std::move(from.existing_users);
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
