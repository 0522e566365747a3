#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
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

}  // namespace lgs_rfm::detail
