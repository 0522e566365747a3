#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
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

/// Groups fewer than 2^32 runs. Keys that pack are sorted as numbers, kind by kind: integers vary in few bytes.
/// O(runs + ids); ids that do not pack make it O(runs log runs).
[[nodiscard]] inline grouped_runs group_runs(std::span<const run> runs, const key_pool& pool) {
    using keyed = std::pair<id_key, std::uint32_t>;
    grouped_runs result;
    result.runs = runs;
    result.customers = code_ids(runs, pool, [](const run& r) { return r.customer; });
    std::array<std::vector<keyed>, 4> kinds;  // integers, short texts, pooled ids, missing: in id order
    kinds[0].reserve(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        kinds[runs[i].invoice >> 62].emplace_back(runs[i].invoice, static_cast<std::uint32_t>(i));
    }
    if (kinds[2].empty()) {
        for (auto& kind : kinds) radix_sort(kind, [](const keyed& entry) { return entry.first; });
    } else {  // pooled ids may be integers or texts: all are compared as ids
        auto& all = kinds[0];
        for (const std::size_t kind : {1, 2}) all.insert(all.end(), kinds[kind].begin(), kinds[kind].end());
        kinds[1].clear();
        kinds[2].clear();
        std::stable_sort(all.begin(), all.end(),
                         [&](const keyed& a, const keyed& b) { return pool.less(a.first, b.first); });
    }
    auto ids = std::make_shared<id_list>();
    std::string space;
    result.invoices.codes.resize(runs.size());
    result.order.reserve(runs.size());
    for (const auto& kind : kinds) {
        id_key previous = missing_key;
        for (const auto& [key, i] : kind) {
            if (key != previous) {
                check_id_count(ids->size() + 1);
                ids->push_back(pool.at(key, space));
                result.starts.push_back(result.order.size());
                previous = key;
            }
            result.invoices.codes[i] =
                key == missing_key ? id_column::missing : static_cast<std::uint32_t>(ids->size() - 1);
            result.order.push_back(i);
        }
    }
    result.starts.push_back(runs.size() - kinds[3].size());  // the last group: runs without an invoice
    result.starts.push_back(runs.size());
    result.invoices.ids = std::move(ids);
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
