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
    [[nodiscard]] const large_vector<id_key>& keys() const noexcept { return keys_; }

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

    large_vector<id_key> keys_;
    large_vector<slot> slots_;
};

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    large_vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

/// The integers among some keys, when they lie densely enough for a table over their range: numbers given one after the
/// other, as those of invoices and customers are, always do.
class dense_keys {
public:
    /// True when the range of the integers seen is at most eight times their number.
    template <class Row, class KeyOf>
    [[nodiscard]] bool spans(std::span<const Row> rows, KeyOf&& key_of) {
        id_key low = text_tag;
        id_key high = 0;
        std::size_t integers = 0;
        for (const Row& row : rows) {
            const id_key key = key_of(row);
            if (key >= text_tag) continue;
            low = std::min(low, key);
            high = std::max(high, key);
            ++integers;
        }
        if (integers == 0 || high - low >= 8 * integers) return false;
        low_ = low;
        codes_.assign(high - low + 1, 0);
        return true;
    }
    [[nodiscard]] bool holds(id_key key) const noexcept { return key - low_ < codes_.size(); }
    [[nodiscard]] std::uint32_t& operator[](id_key key) noexcept { return codes_[key - low_]; }

    /// The keys marked by 1 as integers, ascending; their codes take the place of the marks. Whether a key is marked
    /// nobody can foretell, so there is no branch on it.
    [[nodiscard]] large_vector<std::int64_t> number() {
        large_vector<std::int64_t> integers(codes_.size());
        std::size_t count = 0;
        for (std::size_t i = 0; i < codes_.size(); ++i) {
            const std::uint32_t marked = codes_[i];
            integers[count] = static_cast<std::int64_t>(low_ + i - static_cast<id_key>(integer_bias));
            codes_[i] = static_cast<std::uint32_t>(count);
            count += marked;
        }
        check_id_count(count);
        integers.resize(count);
        return integers;
    }

private:
    id_key low_ = 0;
    large_vector<std::uint32_t> codes_;
};

/// Numbers the ids of rows in id order: integers in a dense range by a table, any others by a hash table of the
/// distinct ones, sorted. O(rows + ids); ids that do not pack into a key make it O(ids log ids).
template <class Row, class KeyOf>
[[nodiscard]] coded_ids code_ids(std::span<const Row> rows, const key_pool& pool, KeyOf&& key_of) {
    coded_ids result;
    result.codes.reserve(rows.size());
    dense_keys integers;
    if (pool.empty()) static_cast<void>(integers.spans(rows, key_of));  // a pooled id may be a large integer
    key_index others;
    for (const Row& row : rows) {
        const id_key key = key_of(row);
        if (integers.holds(key)) {
            integers[key] = 1;
            result.codes.push_back(0);
        } else {
            result.codes.push_back(key == missing_key ? id_column::missing : others.position(key));
        }
    }
    auto ids = std::make_shared<id_list>(integers.number());
    large_vector<std::pair<id_key, std::uint32_t>> order;  // key, position of first appearance
    order.reserve(others.keys().size());
    for (const id_key key : others.keys()) order.emplace_back(key, static_cast<std::uint32_t>(order.size()));
    if (pool.empty()) {
        radix_sort(order, [](const auto& entry) { return entry.first; });
    } else {
        std::sort(order.begin(), order.end(),
                  [&](const auto& a, const auto& b) { return pool.less(a.first, b.first); });
    }
    large_vector<std::uint32_t> code_of(order.size());
    std::string space;
    for (const auto& [key, position] : order) {
        code_of[position] = static_cast<std::uint32_t>(ids->size());
        check_id_count(ids->size() + 1);
        if (is_short_text(key)) {
            ids->push_back_text(short_bytes(key).text());
        } else {
            ids->push_back(pool.at(key, space));
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::uint32_t& code = result.codes[i];
        const id_key key = key_of(rows[i]);
        if (integers.holds(key)) {
            code = integers[key];
        } else if (code != id_column::missing) {
            code = code_of[code];
        }
    }
    result.ids = std::move(ids);
    return result;
}

}  // namespace lgs_rfm::detail
