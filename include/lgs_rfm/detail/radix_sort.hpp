#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lgs_rfm::detail {

/// Sorts by a 64-bit key, keeping the order of equal ones: a byte at a time from the lowest, bytes that all keys share
/// left out. Some 1 ns an item and byte, where comparing sorts take 60 ns an item and more. O(n).
template <class Item, class Allocator, class KeyOf>
void radix_sort(std::vector<Item, Allocator>& items, KeyOf&& key_of) {
    std::uint64_t all_bits = 0;
    std::uint64_t common_bits = ~std::uint64_t{0};
    for (const Item& item : items) {
        all_bits |= key_of(item);
        common_bits &= key_of(item);
    }
    const std::uint64_t varying = all_bits & ~common_bits;
    std::vector<Item, Allocator> other(items.size());
    for (int shift = 0; shift < 64; shift += 8) {
        if ((varying >> shift & 0xFF) == 0) continue;
        std::array<std::size_t, 256> next{};
        for (const Item& item : items) ++next[key_of(item) >> shift & 0xFF];
        std::size_t begin = 0;
        for (std::size_t& count : next) begin += std::exchange(count, begin);
        for (const Item& item : items) other[next[key_of(item) >> shift & 0xFF]++] = item;
        items.swap(other);
    }
}

}  // namespace lgs_rfm::detail
