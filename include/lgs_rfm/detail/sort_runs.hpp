#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Distinct keys, each with a position in order of first appearance: an open-addressing hash table, at most half full.
class key_index {
public:
    [[nodiscard]] std::uint32_t position(id_key key) {
        if ((keys_.size() + 1) * 2 > slots_.size()) grow();
        std::size_t slot = mix(key) & (slots_.size() - 1);
        while (slots_[slot] != free && keys_[slots_[slot]] != key) slot = (slot + 1) & (slots_.size() - 1);
        if (slots_[slot] == free) {
            check_id_count(keys_.size() + 1);
            slots_[slot] = static_cast<std::uint32_t>(keys_.size());
            keys_.push_back(key);
        }
        return slots_[slot];
    }
    [[nodiscard]] const std::vector<id_key>& keys() const noexcept { return keys_; }

private:
    static constexpr std::uint32_t free = id_column::missing;

    void grow() {
        slots_.assign(std::max<std::size_t>(1024, slots_.size() * 2), free);
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            std::size_t slot = mix(keys_[i]) & (slots_.size() - 1);
            while (slots_[slot] != free) slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = static_cast<std::uint32_t>(i);
        }
    }

    std::vector<id_key> keys_;
    std::vector<std::uint32_t> slots_;
};

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    std::vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

template <class Row, class KeyOf>
[[nodiscard]] coded_ids code_ids(std::span<const Row> rows, const key_pool& pool, KeyOf&& key_of) {
    coded_ids result;
    result.codes.reserve(rows.size());
    key_index index;
    for (const Row& row : rows) {
        const id_key key = key_of(row);
        result.codes.push_back(key == missing_key ? id_column::missing : index.position(key));
    }
    // Ids mostly appear in order within their kind (invoice numbers count up), so try that before sorting.
    const std::vector<id_key>& keys = index.keys();
    std::vector<std::uint32_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto less = [&](std::uint32_t a, std::uint32_t b) { return pool.less(keys[a], keys[b]); };
    if (pool.empty()) {
        const auto texts = std::stable_partition(order.begin(), order.end(),
                                                 [&](std::uint32_t i) { return keys[i] < text_tag; });
        const auto by_key = [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; };
        for (const auto& [begin, end] : {std::pair(order.begin(), texts), std::pair(texts, order.end())}) {
            if (!std::is_sorted(begin, end, by_key)) std::sort(begin, end, by_key);
        }
    } else {
        std::sort(order.begin(), order.end(), less);
    }
    std::vector<std::uint32_t> rank(keys.size());
    auto ids = std::make_shared<id_list>();
    std::string space;
    for (std::size_t i = 0; i < order.size(); ++i) {
        rank[order[i]] = static_cast<std::uint32_t>(i);
        ids->push_back(pool.at(keys[order[i]], space));
    }
    for (std::uint32_t& code : result.codes) {
        code = code == id_column::missing ? code : rank[code];
    }
    result.ids = std::move(ids);
    return result;
}

/// Runs as entries: equal keys summed, in ledger order. `settle(run)` gives a run's final sums. Runs are placed by a
/// counting sort over invoice codes; only the few runs of one invoice are compared. O(runs + ids log ids).
template <class Settle>
[[nodiscard]] ledger_entries sort_runs(std::span<const run> runs, const key_pool& pool, Settle&& settle) {
    coded_ids invoices = code_ids(runs, pool, [](const run& r) { return r.invoice; });
    coded_ids customers = code_ids(runs, pool, [](const run& r) { return r.customer; });
    const std::size_t groups = invoices.ids->size() + 1;  // the last one: missing
    const auto group_of = [&](std::size_t i) {
        return invoices.codes[i] == id_column::missing ? groups - 1 : invoices.codes[i];
    };
    std::vector<std::size_t> starts(groups + 1, 0);
    for (std::size_t i = 0; i < runs.size(); ++i) ++starts[group_of(i) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<std::size_t> order(runs.size());
    std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < runs.size(); ++i) order[next[group_of(i)]++] = i;

    const auto place = [&](std::size_t i) { return std::pair(customers.codes[i], runs[i].moment); };
    ledger_entries entries;
    entries.invoices = std::move(invoices.ids);
    entries.customers = std::move(customers.ids);
    entries.reserve(runs.size());
    for (std::size_t group = 0; group < groups; ++group) {
        const auto begin = order.begin() + static_cast<std::ptrdiff_t>(starts[group]);
        const auto end = order.begin() + static_cast<std::ptrdiff_t>(starts[group + 1]);
        if (end - begin > 1) {
            std::sort(begin, end, [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
        }
        for (auto at = begin; at != end; ++at) {
            if (at != begin && place(*at) == place(*(at - 1))) {
                add_sums(entries.sums.back(), settle(runs[*at]));
            } else {
                entries.push_back(invoices.codes[*at], customers.codes[*at], runs[*at].moment, settle(runs[*at]));
            }
        }
    }
    return entries;
}

}  // namespace lgs_rfm::detail
