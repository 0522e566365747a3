#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// Distinct keys, each with a position in order of first appearance: an open-addressing hash table, at most half full.
class key_index {
public:
    [[nodiscard]] std::uint32_t position(id_key key) {
        if ((keys_.size() + 1) * 2 > slots_.size()) grow();
        slot& found = find(key);
        if (found.position == free) {
            check_id_count(keys_.size() + 1);
            found = {key, static_cast<std::uint32_t>(keys_.size())};
            keys_.push_back(key);
        }
        return found.position;
    }
    [[nodiscard]] const std::vector<id_key>& keys() const noexcept { return keys_; }

private:
    static constexpr std::uint32_t free = id_column::missing;
    struct slot {
        id_key key = 0;
        std::uint32_t position = free;
    };

    [[nodiscard]] slot& find(id_key key) {
        std::size_t at = mix(key) & (slots_.size() - 1);
        while (slots_[at].position != free && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
        return slots_[at];
    }

    void grow() {
        slots_.assign(std::max<std::size_t>(1024, slots_.size() * 4), slot{});
        for (std::size_t i = 0; i < keys_.size(); ++i) find(keys_[i]) = {keys_[i], static_cast<std::uint32_t>(i)};
    }

    std::vector<id_key> keys_;
    std::vector<slot> slots_;
};

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    std::vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

/// O(rows + ids); ids that do not pack into a key make it O(ids log ids).
template <class Row, class KeyOf>
[[nodiscard]] coded_ids code_ids(std::span<const Row> rows, const key_pool& pool, KeyOf&& key_of) {
    coded_ids result;
    result.codes.reserve(rows.size());
    key_index index;
    for (const Row& row : rows) {
        const id_key key = key_of(row);
        result.codes.push_back(key == missing_key ? id_column::missing : index.position(key));
    }
    std::vector<std::pair<id_key, std::uint32_t>> order;  // key, position of first appearance
    order.reserve(index.keys().size());
    for (const id_key key : index.keys()) order.emplace_back(key, static_cast<std::uint32_t>(order.size()));
    if (pool.empty()) {
        radix_sort(order, [](const auto& entry) { return entry.first; });
    } else {
        std::sort(order.begin(), order.end(),
                  [&](const auto& a, const auto& b) { return pool.less(a.first, b.first); });
    }
    std::vector<std::uint32_t> rank(order.size());
    auto ids = std::make_shared<id_list>();
    std::string space;
    for (std::size_t i = 0; i < order.size(); ++i) {
        rank[order[i].second] = static_cast<std::uint32_t>(i);
        ids->push_back(pool.at(order[i].first, space));
    }
    for (std::uint32_t& code : result.codes) {
        code = code == id_column::missing ? code : rank[code];
    }
    result.ids = std::move(ids);
    return result;
}

}  // namespace lgs_rfm::detail
