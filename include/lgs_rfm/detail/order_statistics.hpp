#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lgs_rfm::detail {

/// A double as a number that orders as doubles do; -0.0 counts as 0.0. NaN is not allowed.
[[nodiscard]] inline std::uint64_t ordered_bits(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    return bits ^ (bits >> 63 != 0 ? ~std::uint64_t{0} : std::uint64_t{1} << 63);
}
[[nodiscard]] inline double double_of(std::uint64_t ordered) noexcept {
    return std::bit_cast<double>(ordered ^ (ordered >> 63 != 0 ? std::uint64_t{1} << 63 : ~std::uint64_t{0}));
}

/// The values at some ranks, from 0, of the sorted order, without sorting: values are counted by their leading bits,
/// and only those that share a bucket with a wanted rank are put in order. O(n), a few passes.
[[nodiscard]] inline std::vector<double> values_at(std::span<const double> values, std::span<const std::size_t> ranks) {
    constexpr int bucket_bits = 11;
    std::uint64_t low = ~std::uint64_t{0};
    std::uint64_t high = 0;
    for (const double value : values) {
        low = std::min(low, ordered_bits(value));
        high = std::max(high, ordered_bits(value));
    }
    const int shift = std::max(0, 64 - std::countl_zero(high - low) - bucket_bits);
    const auto bucket_of = [&](double value) { return (ordered_bits(value) - low) >> shift; };
    std::vector<std::size_t> starts((std::size_t{1} << bucket_bits) + 1);
    for (const double value : values) ++starts[bucket_of(value) + 1];
    for (std::size_t b = 1; b < starts.size(); ++b) starts[b] += starts[b - 1];

    // Wanted buckets get room for their values, which are then collected bucket by bucket.
    const auto bucket_with = [&](std::size_t rank) {
        return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), rank) - starts.begin()) - 1;
    };
    constexpr std::size_t unwanted = ~std::size_t{0};
    std::vector<std::size_t> next(starts.size(), unwanted);
    std::size_t room = 0;
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        if (next[b] != unwanted) continue;
        next[b] = room;
        room += starts[b + 1] - starts[b];
    }
    std::vector<std::uint64_t> kept(room);
    for (const double value : values) {
        std::size_t& at = next[bucket_of(value)];
        if (at != unwanted) kept[at++] = ordered_bits(value);
    }
    std::vector<double> result;
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        const auto end = kept.begin() + static_cast<std::ptrdiff_t>(next[b]);
        const auto begin = end - static_cast<std::ptrdiff_t>(starts[b + 1] - starts[b]);
        const auto at = begin + static_cast<std::ptrdiff_t>(rank - starts[b]);
        if (shift != 0) std::nth_element(begin, at, end);  // else all values of the bucket are one
        result.push_back(double_of(*at));
    }
    return result;
}

}  // namespace lgs_rfm::detail
