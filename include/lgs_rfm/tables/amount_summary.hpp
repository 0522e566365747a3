#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/scoring/quantile.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// The distribution of invoice amounts: one row per asked quantile, over the invoices with net > 0 up to and including
/// that quantile of their nets.
struct amount_columns {
    detail::large_vector<double> quantile;
    detail::large_vector<double> cutoff;  ///< the quantile's value, by linear interpolation
    detail::large_vector<std::int64_t> count;
    detail::large_vector<money> min;
    detail::large_vector<money> max;
    detail::large_vector<double> mean;
    detail::large_vector<double> median;
    detail::large_vector<money> mode;  ///< the smallest of the most frequent exact amounts
    detail::large_vector<std::int64_t> mode_count;
};

/// O(entries + invoices log invoices). A ledger with no positive invoice gives a table without rows. Throws
/// `invalid_option` for a quantile outside 0..1.
[[nodiscard]] inline amount_columns amount_summary(const ledger& book,
                                                   const std::vector<double>& quantiles = {1.0, 0.85}) {
    const auto held = book.entries();
    detail::large_vector<money> nets;
    for_each_invoice(*held, [&](std::size_t begin, std::size_t end) {
        money net;
        for (std::size_t i = begin; i < end; ++i) net += held->sums.net(i);
        if (net > money{}) nets.push_back(net);
    });
    std::sort(nets.begin(), nets.end());
    amount_columns table;
    for (const double q : quantiles) {
        detail::large_vector<double> values(nets.size());
        std::transform(nets.begin(), nets.end(), values.begin(), [](money m) { return to_double(m); });
        double none[1] = {0};  // the quantile itself is checked even when there is nothing to summarise
        const double cutoff = quantile(nets.empty() ? std::span<double>(none) : std::span<double>(values), q);
        if (nets.empty()) continue;
        const auto end = std::upper_bound(nets.begin(), nets.end(), cutoff,
                                          [](double limit, money m) { return limit < to_double(m); });
        const auto count = end - nets.begin();
        money sum;
        money mode;
        std::int64_t mode_count = 0;
        for (auto at = nets.begin(); at != end;) {
            const auto next = std::upper_bound(at, end, *at);
            if (next - at > mode_count) {
                mode = *at;
                mode_count = next - at;
            }
            sum.millionths += at->millionths * (next - at);
            at = next;
        }
        const money low = nets[static_cast<std::size_t>((count - 1) / 2)];
        const money high = nets[static_cast<std::size_t>(count / 2)];
        table.quantile.push_back(q);
        table.cutoff.push_back(cutoff);
        table.count.push_back(count);
        table.min.push_back(nets.front());
        table.max.push_back(*(end - 1));
        table.mean.push_back(to_double(sum) / static_cast<double>(count));
        table.median.push_back(to_double(low + high) / 2);
        table.mode.push_back(mode);
        table.mode_count.push_back(mode_count);
    }
    return table;
}

[[nodiscard]] inline table as_table(amount_columns from) {
    return {{{"quantile", std::move(from.quantile)},
             {"cutoff", std::move(from.cutoff)},
             {"count", std::move(from.count)},
             {"min", std::move(from.min)},
             {"max", std::move(from.max)},
             {"mean", std::move(from.mean)},
             {"median", std::move(from.median)},
             {"mode", std::move(from.mode)},
             {"mode_count", std::move(from.mode_count)}}};
}

}  // namespace lgs_rfm
