#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// Distinct keys, each with a position in order of first appearance: an open-addressing hash table of positions, at
/// most half full.
class key_index {
public:
    /// `expected`: room for so many is made at once, within reason.
    explicit key_index(std::size_t expected = 0) {
        if (expected != 0) resize(std::bit_ceil(std::clamp(2 * expected, fewest_slots, std::size_t{1} << 17)));
    }

    [[nodiscard]] std::uint32_t position(id_key key) {
        if ((keys_.size() + 1) * 2 > slots_.size()) resize(std::max(fewest_slots, slots_.size() * 4));
        std::uint32_t& slot = find(key);
        if (slot == free) {
            check_id_count(keys_.size() + 1);
            slot = static_cast<std::uint32_t>(keys_.size());
            keys_.push_back(key);
        }
        return slot;
    }
    [[nodiscard]] const large_vector<id_key>& keys() const noexcept { return keys_; }

private:
    static constexpr std::uint32_t free = id_column::missing;
    static constexpr std::size_t fewest_slots = 1024;

    [[nodiscard]] std::uint32_t& find(id_key key) {
        std::size_t at = mix(key) & (slots_.size() - 1);
        while (slots_[at] != free && keys_[slots_[at]] != key) at = (at + 1) & (slots_.size() - 1);
        return slots_[at];
    }

    void resize(std::size_t slots) {
        slots_.assign(slots, free);
        for (std::size_t i = 0; i < keys_.size(); ++i) find(keys_[i]) = static_cast<std::uint32_t>(i);
    }

    large_vector<id_key> keys_;
    large_vector<std::uint32_t> slots_;
};

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    large_vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

/// The integers among some keys, when they lie densely enough for a bit each over their range: numbers given one after
/// the other, as those of invoices and customers are, always do. A key's code is the number of bits below its own.
class dense_keys {
public:
    /// Room for the integers from `low` to `high`, of which `count` were seen; none when they lie too far apart.
    dense_keys(id_key low, id_key high, std::size_t count) {
        if (count == 0 || high - low >= most_bits_a_key * count) return;
        low_ = low;
        range_ = high - low + 1;
        words_.assign((range_ + 63) / 64, {});
    }

    [[nodiscard]] bool holds(id_key key) const noexcept { return key - low_ < range_; }
    void mark(id_key key) noexcept { words_[(key - low_) / 64].bits |= bit_of(key); }

    /// Ends marking: returns the marked integers, ascending. O(range / 64 + keys).
    [[nodiscard]] large_vector<std::int64_t> number() {
        std::size_t count = 0;
        for (word& each : words_) {
            each.before = static_cast<std::uint32_t>(count);
            count += static_cast<std::size_t>(std::popcount(each.bits));
            check_id_count(count);
        }
        large_vector<std::int64_t> integers(count);
        std::size_t next = 0;
        for (std::size_t w = 0; w < words_.size(); ++w) {
            const std::int64_t first = static_cast<std::int64_t>(low_ + 64 * w) - integer_bias;
            for (std::uint64_t bits = words_[w].bits; bits != 0; bits &= bits - 1) {
                integers[next++] = first + std::countr_zero(bits);
            }
        }
        return integers;
    }
    [[nodiscard]] std::uint32_t code_of(id_key key) const noexcept {
        const word& of = words_[(key - low_) / 64];
        return of.before + static_cast<std::uint32_t>(std::popcount(of.bits & (bit_of(key) - 1)));
    }

private:
    static constexpr std::size_t most_bits_a_key = 128;  // beyond, a hash table is smaller

    [[nodiscard]] std::uint64_t bit_of(id_key key) const noexcept { return std::uint64_t{1} << ((key - low_) % 64); }

    struct word {
        std::uint64_t bits = 0;
        std::uint32_t before = 0;  ///< bits in the words before
    };
    id_key low_ = 0;
    id_key range_ = 0;
    large_vector<word> words_;
};

/// The distinct keys in id order, as ids, after the integers that `ids` holds; `code_of[position]` becomes each one's
/// code.
inline void append_in_order(const large_vector<id_key>& keys, const key_pool& pool, id_list& ids,
                            large_vector<std::uint32_t>& code_of) {
    large_vector<std::pair<id_key, std::uint32_t>> order;  // key, position of first appearance
    order.reserve(keys.size());
    for (const id_key key : keys) order.emplace_back(key, static_cast<std::uint32_t>(order.size()));
    if (pool.empty()) {
        radix_sort(order, [](const auto& entry) { return entry.first; });
    } else {
        std::sort(order.begin(), order.end(),
                  [&](const auto& a, const auto& b) { return pool.less(a.first, b.first); });
    }
    code_of.resize(order.size());
    std::string space;
    for (const auto& [key, position] : order) {
        code_of[position] = static_cast<std::uint32_t>(ids.size());
        check_id_count(ids.size() + 1);
        if (is_short_text(key)) {
            ids.push_back_text(short_bytes(key).text());
        } else {
            ids.push_back(pool.at(key, space));
        }
    }
}

/// Keys in memory, one every so many words: an array of keys, or one of the keys of some runs.
class strided_keys {
public:
    strided_keys(std::span<const id_key> keys) : first_(keys.data()), size_(keys.size()) {}  // NOLINT: a view of them
    strided_keys(std::span<const run_keys> runs, id_key run_keys::* which)
        : first_(runs.empty() ? nullptr : &(runs.front().*which)), size_(runs.size()), stride_(key_words) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] id_key operator[](std::size_t i) const noexcept { return first_[i * stride_]; }

private:
    static constexpr std::size_t key_words = sizeof(run_keys) / sizeof(id_key);
    const id_key* first_;
    std::size_t size_;
    std::size_t stride_ = 1;
};

/// Integers that ascend already, each once, as the customers of a table do: their codes count up. Empty for any others,
/// which is soon found out.
[[nodiscard]] inline std::optional<coded_ids> code_ascending(const strided_keys& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] >= text_tag || (i > 0 && keys[i] <= keys[i - 1])) return std::nullopt;
    }
    check_id_count(keys.size());
    large_vector<std::int64_t> integers(keys.size());
    coded_ids result;
    result.codes.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        integers[i] = static_cast<std::int64_t>(keys[i]) - integer_bias;
        result.codes[i] = static_cast<std::uint32_t>(i);
    }
    result.ids = std::make_shared<const id_list>(std::move(integers));
    return result;
}

/// Numbers ids in id order: integers in a dense range by a bit each, any others by a hash table
/// of the distinct ones, sorted. O(keys + ids); ids that do not pack into a key make it O(ids log ids).
[[nodiscard]] inline coded_ids code_ids(const strided_keys& keys, const key_pool& pool) {
    if (auto ready = code_ascending(keys)) return std::move(*ready);
    id_key low = text_tag;
    id_key high = 0;
    std::size_t integers = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const id_key key = keys[i];
        const bool integer = key < text_tag;
        low = std::min(low, key);
        high = std::max(high, integer ? key : 0);
        integers += integer ? 1 : 0;
    }
    // A pooled integer, one of those beyond 2^61, belongs before or after the others, so no code is known by counting.
    dense_keys dense(low, high, pool.holds_integers() ? 0 : integers);
    key_index others(keys.size() - integers);
    coded_ids result;
    result.codes.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const id_key key = keys[i];
        if (dense.holds(key)) {
            dense.mark(key);
        } else {
            result.codes[i] = key == missing_key ? id_column::missing : others.position(key);
        }
    }
    auto ids = std::make_shared<id_list>(dense.number());
    large_vector<std::uint32_t> code_of;
    append_in_order(others.keys(), pool, *ids, code_of);
    run_best(
        [](const strided_keys* from, const dense_keys* among, const std::uint32_t* other_codes, std::uint32_t* codes)
            __attribute__((always_inline)) {
                for (std::size_t i = 0; i < from->size(); ++i) {
                    const id_key key = (*from)[i];
                    if (among->holds(key)) {
                        codes[i] = among->code_of(key);
                    } else if (key != missing_key) {
                        codes[i] = other_codes[codes[i]];
                    }
                }
            },
        &keys, &dense, code_of.data(), result.codes.data());
    result.ids = std::move(ids);
    return result;
}

}  // namespace lgs_rfm::detail
