#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice: `order` lists them invoice by invoice, those without one last, and within an
/// invoice as they came. Group g is [starts[g], starts[g + 1]) of `order`.
struct grouped_runs {
    const run_list* runs = nullptr;
    coded_ids invoices;
    coded_ids customers;
    large_vector<std::uint32_t> starts;
    large_vector<std::uint32_t> order;

    [[nodiscard]] std::size_t groups() const noexcept { return starts.size() - 1; }
    [[nodiscard]] std::span<const std::uint32_t> group(std::size_t g) const noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
};

/// Numbering this many runs' ids takes longer than waking another thread.
inline constexpr std::size_t runs_worth_a_thread = std::size_t{1} << 14;

/// Groups fewer than 2^32 runs, by counting: their invoices are numbered already. O(runs + ids); ids that do not pack
/// make it O(ids log ids).
[[nodiscard]] inline grouped_runs group_runs(const run_list& runs, const key_pool& pool, unsigned threads = 1) {
    grouped_runs result;
    result.runs = &runs;
    const std::span<const run_keys> keys(runs.keys);
    thread_pool::run(2, runs.size() < runs_worth_a_thread ? 1 : threads, [&](std::size_t part) {
        if (part == 0) {
            result.invoices = code_ids(keys, pool, [](const run_keys& run) { return run.invoice; });
        } else {
            result.customers = code_ids(keys, pool, [](const run_keys& run) { return run.customer; });
        }
    });
    const std::size_t invoices = result.invoices.ids->size();
    const auto group_of = [&](std::uint32_t code) { return std::min<std::size_t>(code, invoices); };  // missing: last
    result.starts.resize(invoices + 2);
    for (const std::uint32_t code : result.invoices.codes) ++result.starts[group_of(code) + 1];
    std::partial_sum(result.starts.begin(), result.starts.end(), result.starts.begin());
    large_vector<std::uint32_t> next(result.starts.begin(), result.starts.end() - 1);
    result.order.resize(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        result.order[next[group_of(result.invoices.codes[i])]++] = static_cast<std::uint32_t>(i);
    }
    return result;
}

/// Grouped runs as entries: equal keys summed, in ledger order. `settle(runs, i)` gives run i's final sums; runs that
/// `skipped` marks are left out (an empty vector skips none). O(runs), plus sorting the few runs of each invoice.
template <class Settle>
[[nodiscard]] ledger_entries entries_of(grouped_runs grouped, const std::vector<bool>& skipped, Settle&& settle) {
    const auto& keys = grouped.runs->keys;
    const auto place = [&](std::uint32_t i) { return std::pair(grouped.customers.codes[i], keys[i].moment); };
    ledger_entries entries;
    entries.invoices = grouped.invoices.ids;
    entries.customers = grouped.customers.ids;
    entries.reserve(grouped.runs->size());
    std::vector<std::uint32_t> kept;
    for (std::size_t g = 0; g < grouped.groups(); ++g) {
        const auto group = grouped.group(g);
        if (group.size() == 1 && skipped.empty()) {  // nearly every invoice is one run
            const std::uint32_t i = group.front();
            entries.push_back(grouped.invoices.codes[i], grouped.customers.codes[i], keys[i].moment,
                              settle(*grouped.runs, i));
            continue;
        }
        kept.assign(group.begin(), group.end());
        if (!skipped.empty()) std::erase_if(kept, [&](std::uint32_t i) { return skipped[i]; });
        if (kept.size() > 1) {
            std::sort(kept.begin(), kept.end(), [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
        }
        for (std::size_t k = 0; k < kept.size(); ++k) {
            const std::uint32_t i = kept[k];
            if (k > 0 && place(i) == place(kept[k - 1])) {
                add_sums(entries.sums.back(), settle(*grouped.runs, i));
            } else {
                entries.push_back(grouped.invoices.codes[i], grouped.customers.codes[i], keys[i].moment,
                                  settle(*grouped.runs, i));
            }
        }
    }
    return entries;
}

}  // namespace lgs_rfm::detail
