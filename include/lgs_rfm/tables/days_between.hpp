#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/scoring/quantile.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// The days between purchases of all known customers together: one row per asked quantile.
struct days_between_columns {
    detail::large_vector<double> quantile;
    detail::large_vector<double> days;  ///< the quantile's value, by linear interpolation
    std::int64_t gaps = 0;              ///< how many there are
    std::int64_t customers = 0;         ///< those with a gap, that is with two purchase days
    double mean = 0;                    ///< in days
    std::optional<double> deviation;    ///< sample standard deviation; empty for one gap
};

/// The same per known buyer, in id order. One with a single purchase day has no gap: mean, shortest and longest are
/// meaningless then, and deviation below two gaps.
struct customer_gap_columns {
    id_column customer_id;
    detail::large_vector<std::int64_t> purchase_days;
    detail::large_vector<std::int64_t> gaps;  ///< purchase_days - 1
    detail::large_vector<double> mean;
    detail::large_vector<double> deviation;
    detail::large_vector<std::int64_t> shortest;
    detail::large_vector<std::int64_t> longest;
};

namespace detail {

/// Sums of whole days, so that neither order nor rounding matters until the very end.
struct gap_sums {
    std::int64_t count = 0;
    std::int64_t sum = 0;
    int128 squares = 0;

    void add(std::int64_t gap) noexcept {
        ++count;
        sum += gap;
        squares += int128{gap} * gap;
    }
    [[nodiscard]] double mean() const noexcept {
        return count > 0 ? static_cast<double>(sum) / static_cast<double>(count) : 0;
    }
    /// Of a sample, with count - 1; 0 below two.
    [[nodiscard]] double deviation() const noexcept {
        if (count < 2) return 0;
        const int128 spread = int128{count} * squares - int128{sum} * sum;
        return std::sqrt(static_cast<double>(spread) / (static_cast<double>(count) * static_cast<double>(count - 1)));
    }
};

/// Calls `visit(gap)` for the days between each two consecutive ones.
template <class Visit>
void for_each_gap(std::span<const std::int32_t> days, Visit&& visit) {
    for (std::size_t i = 1; i < days.size(); ++i) visit(std::int64_t{days[i]} - days[i - 1]);
}

}  // namespace detail

/// O(entries), the days of each customer sorted. Without a gap: no rows. Throws `invalid_option` for a quantile outside
/// 0..1.
[[nodiscard]] inline days_between_columns days_between(const ledger& book, const std::vector<double>& quantiles = {
                                                                               0.1, 0.25, 0.5, 0.75, 0.9}) {
    auto bought = detail::purchase_days(*book.entries());
    detail::large_vector<double> gaps;
    detail::gap_sums sums;
    days_between_columns table;
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        table.customers += bought[customer].size() > 1 ? 1 : 0;
        detail::for_each_gap(bought[customer], [&](std::int64_t gap) {
            gaps.push_back(static_cast<double>(gap));
            sums.add(gap);
        });
    }
    table.gaps = sums.count;
    table.mean = sums.mean();
    if (sums.count > 1) table.deviation = sums.deviation();
    for (const double q : quantiles) {
        double none[1] = {0};  // the quantile itself is checked even when there is no gap
        const double days = quantile(gaps.empty() ? std::span<double>(none) : std::span<double>(gaps), q);
        if (gaps.empty()) continue;
        table.quantile.push_back(q);
        table.days.push_back(days);
    }
    return table;
}

/// O(entries + customers), the days of each customer sorted.
[[nodiscard]] inline customer_gap_columns days_between_by_customer(const ledger& book) {
    const auto held = book.entries();
    auto bought = detail::purchase_days(*held);
    customer_gap_columns table;
    table.customer_id = id_column(held->customers);
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        const std::span<const std::int32_t> days = bought[customer];
        if (days.empty()) continue;
        detail::gap_sums sums;
        std::int64_t shortest = 0;
        std::int64_t longest = 0;
        detail::for_each_gap(days, [&](std::int64_t gap) {
            shortest = sums.count == 0 ? gap : std::min(shortest, gap);
            longest = std::max(longest, gap);
            sums.add(gap);
        });
        table.customer_id.push_back(static_cast<std::uint32_t>(customer));
        table.purchase_days.push_back(static_cast<std::int64_t>(days.size()));
        table.gaps.push_back(sums.count);
        table.mean.push_back(sums.mean());
        table.deviation.push_back(sums.deviation());
        table.shortest.push_back(shortest);
        table.longest.push_back(longest);
    }
    return table;
}

/// What all gaps have in common stands in each row.
[[nodiscard]] inline table as_table(days_between_columns from) {
    const std::size_t rows = from.quantile.size();
    return {{{"quantile", std::move(from.quantile)},
             {"days", std::move(from.days)},
             {"gaps", detail::large_vector<std::int64_t>(rows, from.gaps)},
             {"customers", detail::large_vector<std::int64_t>(rows, from.customers)},
             {"mean", detail::large_vector<double>(rows, from.mean)},
             {"std", detail::large_vector<double>(rows, from.deviation.value_or(0)),
              detail::large_vector<std::uint8_t>(rows, from.deviation ? 1 : 0)}}};
}

[[nodiscard]] inline table as_table(customer_gap_columns from) {
    detail::large_vector<std::uint8_t> has_gap, has_two;
    for (const std::int64_t gaps : from.gaps) {
        has_gap.push_back(gaps > 0 ? 1 : 0);
        has_two.push_back(gaps > 1 ? 1 : 0);
    }
    return {{{"customer_id", std::move(from.customer_id)},
             {"purchase_days", std::move(from.purchase_days)},
             {"gaps", std::move(from.gaps)},
             {"mean", std::move(from.mean), has_gap},
             {"std", std::move(from.deviation), std::move(has_two)},
             {"shortest", std::move(from.shortest), has_gap},
             {"longest", std::move(from.longest), has_gap}}};
}

}  // namespace lgs_rfm
