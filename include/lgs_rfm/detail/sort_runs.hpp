#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice: `order` lists them invoice by invoice, those without one last, and within an
/// invoice as they came. Group g is [starts[g], starts[g + 1]) of `order`.
struct grouped_runs {
    std::span<const run> runs;
    coded_ids invoices;
    coded_ids customers;
    std::vector<std::size_t> starts;
    std::vector<std::uint32_t> order;

    [[nodiscard]] std::size_t groups() const noexcept { return starts.size() - 1; }
    [[nodiscard]] std::span<const std::uint32_t> group(std::size_t g) const noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
};

/// Groups fewer than 2^32 runs by a counting sort over invoice codes. O(runs + ids).
[[nodiscard]] inline grouped_runs group_runs(std::span<const run> runs, const key_pool& pool) {
    grouped_runs result;
    result.runs = runs;
    result.invoices = code_ids(runs, pool, [](const run& r) { return r.invoice; });
    result.customers = code_ids(runs, pool, [](const run& r) { return r.customer; });
    const std::vector<std::uint32_t>& codes = result.invoices.codes;
    const std::size_t without = result.invoices.ids->size();  // the last group
    const auto group_of = [&](std::size_t i) { return std::min<std::size_t>(codes[i], without); };
    result.starts.assign(without + 2, 0);
    for (std::size_t i = 0; i < runs.size(); ++i) ++result.starts[group_of(i) + 1];
    std::partial_sum(result.starts.begin(), result.starts.end(), result.starts.begin());
    result.order.resize(runs.size());
    std::vector<std::size_t> next(result.starts.begin(), result.starts.end() - 1);
    for (std::size_t i = 0; i < runs.size(); ++i) result.order[next[group_of(i)]++] = static_cast<std::uint32_t>(i);
    return result;
}

/// Grouped runs as entries: equal keys summed, in ledger order. `settle(run)` gives a run's final sums; runs that
/// `skipped` marks are left out (an empty vector skips none). O(runs), plus sorting the few runs of each invoice.
template <class Settle>
[[nodiscard]] ledger_entries entries_of(grouped_runs grouped, const std::vector<bool>& skipped, Settle&& settle) {
    const auto place = [&](std::uint32_t i) { return std::pair(grouped.customers.codes[i], grouped.runs[i].moment); };
    ledger_entries entries;
    entries.invoices = grouped.invoices.ids;
    entries.customers = grouped.customers.ids;
    entries.reserve(grouped.runs.size());
    std::vector<std::uint32_t> kept;
    for (std::size_t g = 0; g < grouped.groups(); ++g) {
        const auto group = grouped.group(g);
        kept.assign(group.begin(), group.end());
        if (!skipped.empty()) std::erase_if(kept, [&](std::uint32_t i) { return skipped[i]; });
        if (kept.size() > 1) {
            std::sort(kept.begin(), kept.end(), [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
        }
        for (std::size_t k = 0; k < kept.size(); ++k) {
            const std::uint32_t i = kept[k];
            if (k > 0 && place(i) == place(kept[k - 1])) {
                add_sums(entries.sums.back(), settle(grouped.runs[i]));
            } else {
                entries.push_back(grouped.invoices.codes[i], grouped.customers.codes[i], grouped.runs[i].moment,
                                  settle(grouped.runs[i]));
            }
        }
    }
    return entries;
}

}  // namespace lgs_rfm::detail
