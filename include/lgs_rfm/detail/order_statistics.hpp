#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/record_array.hpp>

namespace lgs_rfm::detail {

/// A double as a number that orders as doubles do; -0.0 counts as 0.0. NaN is not allowed.
[[nodiscard]] [[gnu::always_inline]] inline std::int64_t ordered_bits(double value) noexcept {
    const auto bits = std::bit_cast<std::int64_t>(value + 0.0);
    return bits < 0 ? bits ^ std::int64_t{0x7FFF'FFFF'FFFF'FFFF} : bits;
}
[[nodiscard]] inline double double_of(std::int64_t ordered) noexcept {
    return std::bit_cast<double>(ordered < 0 ? ordered ^ std::int64_t{0x7FFF'FFFF'FFFF'FFFF} : ordered);
}

/// Buckets that values fall into, by ascending value, up to 2^16 of them: one number a value.
using bucket_numbers = record_array<std::uint16_t>;

/// The buckets of some values; false when these are no whole numbers from 0 to below 2^14, as days and counts of orders
/// are: those are their own buckets. Vector code.
[[nodiscard]] inline bool small_integers(std::span<const double> values, bucket_numbers& buckets) {
    constexpr std::size_t stretch = 1024;  // most others are found out in the first
    buckets.clear();
    for (std::size_t first = 0; first < values.size(); first += stretch) {
        const auto some = values.subspan(first, std::min(stretch, values.size() - first));
        const bool good = run_best(
            [](const double* of, std::size_t count, std::uint16_t* to) __attribute__((always_inline)) {
                // With 2^52 added, a double's last bits are its whole part, from 0 on.
                constexpr double magic = 0x1p52;
                std::uint64_t others = 0;
                for (std::size_t i = 0; i < count; ++i) {
                    const double shifted = of[i] + magic;
                    const std::uint64_t whole =
                        std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(magic);
                    others |= whole >> 14 | (shifted - magic == of[i] ? 0U : 1U);
                    to[i] = static_cast<std::uint16_t>(whole);
                }
                return others == 0;
            },
            some.data(), some.size(), buckets.extend(some.size()));
        if (!good) return false;
    }
    return true;
}

/// Equal steps of the leading bits between two values; what lies beyond them goes to the first and the last bucket.
struct leading_bits {
    static constexpr int most = 11;  ///< bits of a bucket's number

    std::int64_t low;
    std::int64_t high;
    int shift;

    /// Some values tell the range.
    explicit leading_bits(std::span<const double> values) noexcept : low(ordered_bits(values.front())), high(low) {
        for (std::size_t i = 0; i < values.size(); i += values.size() / 1024 + 1) {
            low = std::min(low, ordered_bits(values[i]));
            high = std::max(high, ordered_bits(values[i]));
        }
        const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        shift = std::max(0, 64 - std::countl_zero(width) - most);
    }

    /// The buckets of all. Vector code.
    void number(std::span<const double> values, bucket_numbers& buckets) const {
        buckets.clear();
        run_best(
            [](const double* of, std::size_t count, std::int64_t least, std::int64_t greatest, int bits,
               std::uint16_t* to) __attribute__((always_inline)) {
                for (std::size_t i = 0; i < count; ++i) {
                    const std::int64_t within = std::min(std::max(ordered_bits(of[i]), least), greatest);
                    const auto above = static_cast<std::uint64_t>(within) - static_cast<std::uint64_t>(least);
                    to[i] = static_cast<std::uint16_t>(above >> bits);
                }
            },
            values.data(), values.size(), low, high, shift, buckets.extend(values.size()));
    }
};

/// How many values lie before each bucket, and in all at the end.
[[nodiscard]] inline std::vector<std::size_t> bucket_starts(std::span<const std::uint16_t> buckets) {
    const std::size_t count = buckets.empty() ? 0 : std::size_t{*std::max_element(buckets.begin(), buckets.end())} + 1;
    // Neighbours are often equal, and would wait for each other: each has counts of its own, of up to 2^34 values.
    std::array<std::vector<std::uint32_t>, 4> counts;
    for (auto& each : counts) each.resize(count);
    std::size_t i = 0;
    for (; i + 4 <= buckets.size(); i += 4) {
        ++counts[0][buckets[i]];
        ++counts[1][buckets[i + 1]];
        ++counts[2][buckets[i + 2]];
        ++counts[3][buckets[i + 3]];
    }
    for (; i < buckets.size(); ++i) ++counts[0][buckets[i]];
    std::vector<std::size_t> starts(count + 1);
    for (std::size_t b = 0; b < count; ++b) {
        starts[b + 1] = starts[b] + counts[0][b];
        for (std::size_t of = 1; of < counts.size(); ++of) starts[b + 1] += counts[of][b];
    }
    return starts;
}

/// A value at some rank, and how many values are below it.
struct ranked_value {
    double value;
    std::size_t below;
};

/// The values at some ranks, from 0, of the sorted order, without sorting: values are counted by buckets, and only
/// those that share one with a wanted rank are put in order; small integers need not even that. O(n), a few passes.
[[nodiscard]] inline std::vector<ranked_value> values_at(std::span<const double> values,
                                                         std::span<const std::size_t> ranks) {
    bucket_numbers buckets;
    buckets.reserve(values.size());
    const bool whole = small_integers(values, buckets);
    if (!whole) leading_bits(values).number(values, buckets);
    const std::vector<std::size_t> starts = bucket_starts(buckets);
    const auto bucket_with = [&](std::size_t rank) {
        return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), rank) - starts.begin()) - 1;
    };
    std::vector<ranked_value> result;
    if (whole) {
        for (const std::size_t rank : ranks) {
            const std::size_t number = bucket_with(rank);
            result.push_back({static_cast<double>(number), starts[number]});
        }
        return result;
    }

    // The values of wanted buckets, bucket by bucket.
    std::vector<std::uint8_t> wanted(starts.size());
    std::vector<std::size_t> places(starts.size());
    std::size_t room = 0;
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        if (std::exchange(wanted[b], 1) == 0) places[b] = std::exchange(room, room + starts[b + 1] - starts[b]);
    }
    std::vector<std::int64_t> kept(room);
    constexpr std::size_t stretch = 1024;
    std::array<std::uint32_t, stretch> found;
    for (std::size_t first = 0; first < values.size(); first += stretch) {
        // Which values are wanted nobody can foretell, so nothing branches on it.
        std::size_t count = 0;
        const std::size_t end = std::min(stretch, values.size() - first);
        for (std::size_t i = 0; i < end; ++i) {
            found[count] = static_cast<std::uint32_t>(i);
            count += wanted[buckets[first + i]];
        }
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t i = first + found[k];
            kept[places[buckets[i]]++] = ordered_bits(values[i]);
        }
    }
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        const auto end = kept.begin() + static_cast<std::ptrdiff_t>(places[b]);
        const auto begin = end - static_cast<std::ptrdiff_t>(starts[b + 1] - starts[b]);
        const auto at = begin + static_cast<std::ptrdiff_t>(rank - starts[b]);
        std::nth_element(begin, at, end);
        const auto less = std::count_if(begin, at, [&](std::int64_t each) { return each < *at; });
        result.push_back({double_of(*at), starts[b] + static_cast<std::size_t>(less)});
    }
    return result;
}

}  // namespace lgs_rfm::detail
