#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

struct returning_options {
    /// Thresholds in days, each 1 or more and once: a customer is lost after so many days without a purchase.
    std::vector<std::int64_t> days = {30, 60, 90};
    /// The end of what is observed: lines from this moment on are left out. Default: midnight after the day of the
    /// ledger's last line.
    std::optional<moment> until = {};
};

/// One row per calendar month from that of the first line to the last observed one. By purchase lines alone.
struct returning_columns {
    detail::large_vector<std::int32_t> month;             ///< as `month_of` numbers it
    detail::large_vector<std::int64_t> new_buyers;        ///< customers whose first purchase line is in the month
    detail::large_vector<std::int64_t> returning_buyers;  ///< the other known customers with a purchase line in it
    detail::large_vector<money> new_gross;                ///< what the new buyers bought in the month
    detail::large_vector<money> returning_gross;
    detail::large_vector<money> unknown_gross;  ///< of lines without a customer
    std::vector<std::int64_t> days;             ///< the thresholds
    /// One column a threshold d. Lost: customers whose last purchase day + d + 1 is in the month, is observed, and was
    /// not reached by another purchase before. Won back: purchases, by day, more than d days after the one before.
    std::vector<detail::large_vector<std::int64_t>> lost;
    std::vector<detail::large_vector<std::int64_t>> won_back;
};

/// Who came back and who was lost. Over all months lost - won back = the customers that are lost at the end.
/// O(entries + thresholds x purchase days), the days of each customer sorted. An empty ledger gives a table without
/// rows. Throws `invalid_option` for a threshold below 1 or given twice.
[[nodiscard]] inline returning_columns returning_table(const ledger& book, const returning_options& options = {}) {
    std::vector<std::int64_t> sorted = options.days;
    std::sort(sorted.begin(), sorted.end());
    if (!sorted.empty() && sorted.front() < 1) {
        throw error(error_code::invalid_option,
                    "days: " + std::to_string(sorted.front()) + " is below 1; give whole days such as 30, 60, 90");
    }
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) {
        throw error(error_code::invalid_option, "days: " + std::to_string(*twice) + " is given twice; give it once");
    }
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    returning_columns table;
    table.days = options.days;
    table.lost.resize(table.days.size());
    table.won_back.resize(table.days.size());
    if (entries.empty()) return table;
    const auto [first, last] = detail::moment_bounds(entries);
    const moment end = detail::observed_until(last, options.until);
    if (end <= first) return table;

    const std::int64_t last_day = day_of(end - 1);
    const detail::period_rows months(day_of(first), last_day, period_step::month);
    const std::size_t rows = months.size();
    for (auto* counts : {&table.new_buyers, &table.returning_buyers}) counts->resize(rows);
    for (auto* sums : {&table.new_gross, &table.returning_gross, &table.unknown_gross}) sums->resize(rows);
    for (auto* each : {&table.lost, &table.won_back}) {
        for (auto& counts : *each) counts.resize(rows);
    }
    for (std::size_t row = 0; row < rows; ++row) {
        table.month.push_back(static_cast<std::int32_t>(months.first + static_cast<std::int64_t>(row)));
    }

    auto bought = detail::purchase_days(entries, end);
    const std::size_t customers = bought.size();
    detail::large_vector<std::uint32_t> first_month(customers + 1);
    for (std::size_t customer = 0; customer < customers; ++customer) {
        const std::span<const std::int32_t> days = bought[customer];
        if (days.empty()) continue;
        std::uint32_t month = first_month[customer] = months.row_of(days.front());
        ++table.new_buyers[month];
        for (const std::int32_t day : days) {
            if (months.row_of(day) == month) continue;
            month = months.row_of(day);
            ++table.returning_buyers[month];
        }
        for (std::size_t t = 0; t < table.days.size(); ++t) {
            const std::int64_t limit = table.days[t];
            for (std::size_t i = 0; i < days.size(); ++i) {
                const bool is_last = i + 1 == days.size();
                const std::int64_t quiet_until = is_last ? last_day + 1 : days[i + 1];  // the first day that ends it
                if (quiet_until - days[i] <= limit) continue;
                if (!is_last) ++table.won_back[t][months.row_of(days[i + 1])];
                const std::int64_t lost_on = days[i] + limit + 1;
                if (lost_on <= last_day) ++table.lost[t][months.row_of(lost_on)];
            }
        }
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries.sums.purchase_lines(i) == 0 || entries.moment[i] >= end) continue;
        const std::uint32_t month = months.row_of(day_of(entries.moment[i]));
        const std::uint32_t code = entries.customer[i];
        auto& sums = code == id_column::missing   ? table.unknown_gross
                     : month == first_month[code] ? table.new_gross
                                                  : table.returning_gross;
        sums[month] += entries.sums.gross(i);
    }
    return table;
}

[[nodiscard]] inline table as_table(returning_columns from) {
    date_values month;
    for (const std::int32_t each : from.month) {
        month.days.push_back(static_cast<std::int32_t>(day_of(month_start(each))));
    }
    table result{{{"month", std::move(month)},
                  {"new_buyers", std::move(from.new_buyers)},
                  {"returning_buyers", std::move(from.returning_buyers)},
                  {"new_gross", std::move(from.new_gross)},
                  {"returning_gross", std::move(from.returning_gross)},
                  {"unknown_gross", std::move(from.unknown_gross)}}};
    for (std::size_t t = 0; t < from.days.size(); ++t) {
        result.columns.push_back({"lost_" + std::to_string(from.days[t]), std::move(from.lost[t])});
    }
    for (std::size_t t = 0; t < from.days.size(); ++t) {
        result.columns.push_back({"won_back_" + std::to_string(from.days[t]), std::move(from.won_back[t])});
    }
    return result;
}

}  // namespace lgs_rfm
