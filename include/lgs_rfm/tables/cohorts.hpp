#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// What of a cohort is followed month by month.
enum class cohort_measure : std::uint8_t {
    customers,  ///< those with a purchase line in the month
    invoices,   ///< distinct invoices with a purchase line of one of them in the month
    gross,      ///< sum of their purchase lines
    net         ///< sum of all their lines
};

struct cohort_options {
    /// The end of what is observed: lines from this moment on are left out. Default: midnight after the day of the
    /// ledger's last line.
    std::optional<moment> until = {};
};

/// One row per cohort, the customers whose first purchase line is in one calendar month; months without a new buyer
/// have no row. Cell k of a row is month + k, up to the last month that is observed.
struct cohort_columns {
    detail::large_vector<std::int32_t> cohort;  ///< the month, as `month_of` numbers it
    detail::large_vector<std::int64_t> size;    ///< customers, at least 1
    std::int32_t last_month = 0;                ///< the last observed month
    bool last_is_partial = false;               ///< it is not observed to its last day
    detail::large_vector<std::size_t> begin;    ///< cell k of row i is at `begin[i] + k`; one more than rows
    detail::large_vector<std::int64_t> customers;
    detail::large_vector<std::int64_t> invoices;
    detail::large_vector<money> gross;
    detail::large_vector<money> net;

    [[nodiscard]] std::size_t rows() const noexcept { return cohort.size(); }
    [[nodiscard]] std::size_t cells(std::size_t row) const noexcept { return begin[row + 1] - begin[row]; }
    [[nodiscard]] bool is_partial(std::size_t row, std::size_t k) const noexcept {
        return last_is_partial && k + 1 == cells(row);
    }
};

/// Cohorts and what became of them. O(entries + days + cells). A ledger without a known buyer gives a table without
/// rows. Lines of a customer before the month of the first purchase (a return, say) are in no cell.
[[nodiscard]] inline cohort_columns cohort_table(const ledger& book, const cohort_options& options = {}) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    cohort_columns table;
    table.begin.push_back(0);
    if (entries.empty()) return table;
    const auto [first, last] = detail::moment_bounds(entries);
    const moment end = detail::observed_until(last, options.until);
    if (end <= first) return table;
    table.last_month = month_of(end - 1);
    table.last_is_partial = end < month_start(table.last_month + 1);

    const detail::period_rows months(day_of(first), day_of(last), period_step::month);
    const auto month_of_entry = detail::rows_of(entries, months);  // counted from `months.first`
    const auto is_purchase = [&](std::size_t i) {
        return (entries.sums.purchase_lines(i) != 0) & (entries.moment[i] < end);
    };

    // The first month of each customer; one more for the unknown ones, who never get one.
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    const std::size_t customers = entries.customers->size();
    detail::large_vector<std::uint32_t> first_month(customers + 1, none);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::uint32_t& own = first_month[std::min<std::size_t>(entries.customer[i], customers)];
        own = std::min(own, is_purchase(i) ? month_of_entry[i] : none);
    }
    first_month[customers] = none;
    detail::large_vector<std::int64_t> sizes(months.size());
    for (const std::uint32_t month : first_month) {
        if (month != none) ++sizes[month];
    }
    detail::large_vector<std::size_t> begin_of_month(months.size());
    for (std::size_t month = 0; month < sizes.size(); ++month) {
        if (sizes[month] == 0) continue;
        table.cohort.push_back(static_cast<std::int32_t>(months.first + static_cast<std::int64_t>(month)));
        table.size.push_back(sizes[month]);
        begin_of_month[month] = table.begin.back();
        table.begin.push_back(table.begin.back() + static_cast<std::size_t>(table.last_month - table.cohort.back()) +
                              1);
    }
    for (auto* counts : {&table.customers, &table.invoices}) counts->resize(table.begin.back());
    for (auto* sums : {&table.gross, &table.net}) sums->resize(table.begin.back());

    const auto cell = [&](std::uint32_t cohort, std::size_t month) { return begin_of_month[cohort] + month - cohort; };
    detail::for_each_visit(
        entries, month_of_entry, months.size(), is_purchase,
        [&](std::size_t customer, std::size_t month, bool) { ++table.customers[cell(first_month[customer], month)]; });
    std::vector<std::size_t> bought;  // cells in which the invoice has a purchase line
    for_each_invoice(entries, [&](std::size_t begin, std::size_t invoice_end) {
        bought.clear();
        for (std::size_t i = begin; i < invoice_end; ++i) {
            const std::uint32_t cohort = first_month[std::min<std::size_t>(entries.customer[i], customers)];
            if (cohort == none || month_of_entry[i] < cohort || entries.moment[i] >= end) continue;
            const std::size_t at = cell(cohort, month_of_entry[i]);
            table.gross[at] += entries.sums.gross(i);
            table.net[at] += entries.sums.net(i);
            if (entries.sums.purchase_lines(i) != 0) bought.push_back(at);
        }
        if (bought.size() > 1) {
            std::sort(bought.begin(), bought.end());
            bought.erase(std::unique(bought.begin(), bought.end()), bought.end());
        }
        for (const std::size_t at : bought) ++table.invoices[at];
    });
    return table;
}

/// The weighted average of all cohorts for which month + k is observed to its last day: sums, and the ratio of sums.
struct cohort_average {
    detail::large_vector<std::int64_t> size;  ///< customers of these cohorts
    detail::large_vector<double> retention;   ///< meaningless where `has_retention` is 0
    detail::large_vector<std::uint8_t> has_retention;
    detail::large_vector<std::int64_t> counts;  ///< sums of a measure that counts
    detail::large_vector<money> amounts;        ///< sums of a measure of money
};

namespace detail {

[[nodiscard]] constexpr bool is_money(cohort_measure measure) noexcept {
    return measure == cohort_measure::gross || measure == cohort_measure::net;
}
[[nodiscard]] inline const large_vector<std::int64_t>& counts_of(const cohort_columns& from, cohort_measure measure) {
    return measure == cohort_measure::customers ? from.customers : from.invoices;
}
[[nodiscard]] inline const large_vector<money>& amounts_of(const cohort_columns& from, cohort_measure measure) {
    return measure == cohort_measure::gross ? from.gross : from.net;
}

/// A ratio to what was there in month 0; empty where that is not above 0, which only a net can be.
[[nodiscard]] inline std::optional<double> retention_of(std::int64_t value, std::int64_t base) {
    return base > 0 ? std::optional<double>(static_cast<double>(value) / static_cast<double>(base)) : std::nullopt;
}
[[nodiscard]] inline std::optional<double> retention_of(money value, money base) {
    return base > money{} ? std::optional<double>(to_double(value) / to_double(base)) : std::nullopt;
}

/// Calls `visit(values)` with the cells of a measure.
template <class Visit>
void with_measure(const cohort_columns& from, cohort_measure measure, Visit&& visit) {
    if (is_money(measure)) {
        visit(amounts_of(from, measure));
    } else {
        visit(counts_of(from, measure));
    }
}

[[nodiscard]] inline std::size_t most_cells(const cohort_columns& from) { return from.rows() == 0 ? 0 : from.cells(0); }

}  // namespace detail

/// One value per month number, up to the longest row. O(cells).
[[nodiscard]] inline cohort_average average_cohort(const cohort_columns& from, cohort_measure measure) {
    const std::size_t months = detail::most_cells(from);
    cohort_average average;
    average.size.resize(months);
    average.retention.resize(months);
    average.has_retention.resize(months);
    const auto sum_up = [&]<class Value>(const detail::large_vector<Value>& values, detail::large_vector<Value>& sums) {
        sums.resize(months);
        detail::large_vector<Value> bases(months);
        for (std::size_t row = 0; row < from.rows(); ++row) {
            for (std::size_t k = 0; k < from.cells(row); ++k) {
                if (from.is_partial(row, k)) continue;
                average.size[k] += from.size[row];
                sums[k] += values[from.begin[row] + k];
                bases[k] += values[from.begin[row]];
            }
        }
        for (std::size_t k = 0; k < months; ++k) {
            const auto retention = detail::retention_of(sums[k], bases[k]);
            average.retention[k] = retention.value_or(0);
            average.has_retention[k] = retention ? 1 : 0;
        }
    };
    if (detail::is_money(measure)) {
        sum_up(detail::amounts_of(from, measure), average.amounts);
    } else {
        sum_up(detail::counts_of(from, measure), average.counts);
    }
    return average;
}

namespace detail {

/// A date's column of months; the first instant of month 0 stands where one is missing.
[[nodiscard]] inline std::int32_t first_day_of(std::int32_t month) {
    return static_cast<std::int32_t>(day_of(month_start(month)));
}

[[nodiscard]] inline std::string month_name(std::size_t k) { return "month_" + std::to_string(k); }

}  // namespace detail

/// Long form: one row per cell. With `average`, rows for each month number follow, whose cohort and month are missing,
/// whose size is that of the cohorts they are of, and whose value is their sum.
[[nodiscard]] inline table as_table(const cohort_columns& from, cohort_measure measure = cohort_measure::customers,
                                    bool average = false) {
    date_values cohort, month;
    detail::large_vector<std::int64_t> size, number, partial, censored, counts;
    detail::large_vector<money> amounts;
    detail::large_vector<double> retention;
    detail::large_vector<std::uint8_t> has_retention, is_cohort;
    for (std::size_t row = 0; row < from.rows(); ++row) {
        for (std::size_t k = 0; k < from.cells(row); ++k) {
            cohort.days.push_back(detail::first_day_of(from.cohort[row]));
            month.days.push_back(detail::first_day_of(from.cohort[row] + static_cast<std::int32_t>(k)));
            size.push_back(from.size[row]);
            number.push_back(static_cast<std::int64_t>(k));
            partial.push_back(from.is_partial(row, k) ? 1 : 0);
            censored.push_back(row == 0 ? 1 : 0);
            is_cohort.push_back(1);
            detail::with_measure(from, measure, [&](const auto& values) {
                const auto kept = detail::retention_of(values[from.begin[row] + k], values[from.begin[row]]);
                retention.push_back(kept.value_or(0));
                has_retention.push_back(kept ? 1 : 0);
            });
        }
    }
    if (detail::is_money(measure)) {
        amounts = detail::amounts_of(from, measure);
    } else {
        counts = detail::counts_of(from, measure);
    }
    if (average) {
        const cohort_average all = average_cohort(from, measure);
        for (std::size_t k = 0; k < all.size.size(); ++k) {
            cohort.days.push_back(0);
            month.days.push_back(0);
            size.push_back(all.size[k]);
            number.push_back(static_cast<std::int64_t>(k));
            partial.push_back(0);
            censored.push_back(0);
            is_cohort.push_back(0);
            retention.push_back(all.retention[k]);
            has_retention.push_back(all.has_retention[k]);
        }
        amounts.insert(amounts.end(), all.amounts.begin(), all.amounts.end());
        counts.insert(counts.end(), all.counts.begin(), all.counts.end());
    }
    return {
        {{"cohort", std::move(cohort), is_cohort},
         {"size", std::move(size)},
         {"month_number", std::move(number)},
         {"month", std::move(month), is_cohort},
         {"value", detail::is_money(measure) ? column_values(std::move(amounts)) : column_values(std::move(counts))},
         {"retention", std::move(retention), std::move(has_retention)},
         {"partial", std::move(partial)},
         {"left_censored", std::move(censored), is_cohort}}};
}

/// Wide form: one row per cohort, one column per month number, missing where it is not observed yet; what it tells is
/// the retention, or with `values` the measure itself. `partial_month` is the month number that is not observed to its
/// last day, missing where all are. With `average`, a last row, whose cohort is missing, has the size of all and the
/// average retention; of values there is none, and `average` is not looked at.
[[nodiscard]] inline table as_wide_table(const cohort_columns& from, cohort_measure measure = cohort_measure::customers,
                                         bool values = false, bool average = false) {
    const std::size_t months = std::max<std::size_t>(detail::most_cells(from), 1);  // without rows month_0 is there too
    const bool with_average = average && !values && from.rows() > 0;
    const std::size_t rows = from.rows() + (with_average ? 1 : 0);
    date_values cohort;
    detail::large_vector<std::int64_t> size, partial(rows), censored(rows);
    detail::large_vector<std::uint8_t> is_cohort(rows, 1), has_partial(rows);
    cohort.days.resize(rows);
    size.resize(rows);
    for (std::size_t row = 0; row < from.rows(); ++row) {
        cohort.days[row] = detail::first_day_of(from.cohort[row]);
        size[row] = from.size[row];
        if (with_average) size.back() += from.size[row];
        partial[row] = static_cast<std::int64_t>(from.cells(row)) - 1;
        has_partial[row] = from.last_is_partial ? 1 : 0;
        censored[row] = row == 0 ? 1 : 0;
    }
    if (with_average) is_cohort.back() = 0;
    table result{{{"cohort", std::move(cohort), is_cohort},
                  {"size", std::move(size)},
                  {"left_censored", std::move(censored), is_cohort},
                  {"partial_month", std::move(partial), std::move(has_partial)}}};
    const cohort_average all = with_average ? average_cohort(from, measure) : cohort_average();
    detail::with_measure(from, measure, [&]<class Value>(const detail::large_vector<Value>& cells) {
        for (std::size_t k = 0; k < months; ++k) {
            detail::large_vector<Value> whole(rows);
            detail::large_vector<double> ratios(rows);
            detail::large_vector<std::uint8_t> valid(rows);
            for (std::size_t row = 0; row < from.rows() && k < from.cells(row); ++row) {  // later rows are shorter
                whole[row] = cells[from.begin[row] + k];
                const auto kept = detail::retention_of(whole[row], cells[from.begin[row]]);
                ratios[row] = kept.value_or(0);
                valid[row] = values || kept ? 1 : 0;
            }
            if (with_average) {
                ratios.back() = all.retention[k];
                valid.back() = all.has_retention[k];
            }
            result.columns.push_back({detail::month_name(k),
                                      values ? column_values(std::move(whole)) : column_values(std::move(ratios)),
                                      std::move(valid)});
        }
    });
    return result;
}

}  // namespace lgs_rfm
