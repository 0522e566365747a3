#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lgs_rfm::detail {

/// A double as a number that orders as doubles do; -0.0 counts as 0.0. NaN is not allowed.
[[nodiscard]] inline std::uint64_t ordered_bits(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    return bits ^ ((~(bits >> 63) + 1) | std::uint64_t{1} << 63);
}
[[nodiscard]] inline double double_of(std::uint64_t ordered) noexcept {
    return std::bit_cast<double>(ordered ^ (ordered >> 63 != 0 ? std::uint64_t{1} << 63 : ~std::uint64_t{0}));
}

/// How often each whole number from 0 on is among some values; empty unless all are such numbers, and below 2^14, as
/// days and counts of orders are, and there are as many of them. O(n), one pass, or less where that does not hold.
[[nodiscard]] inline std::optional<std::vector<std::size_t>> count_small_integers(std::span<const double> values) {
    constexpr std::int32_t limit = 1 << 14;
    if (values.size() < static_cast<std::size_t>(limit)) return std::nullopt;
    std::vector<std::size_t> counts(limit);
    std::vector<std::size_t> others(limit);  // neighbours are often equal, and would wait for each other
    const auto number_of = [](double value) {
        const bool near = value >= 0 && value < limit;
        const auto whole = static_cast<std::int32_t>(near ? value : -1.0);
        return static_cast<double>(whole) == value ? whole : -1;
    };
    std::size_t i = 0;
    for (; i + 1 < values.size(); i += 2) {
        const std::int32_t one = number_of(values[i]);
        const std::int32_t other = number_of(values[i + 1]);
        if ((one | other) < 0) return std::nullopt;
        ++counts[static_cast<std::size_t>(one)];
        ++others[static_cast<std::size_t>(other)];
    }
    if (i < values.size()) {
        const std::int32_t last = number_of(values[i]);
        if (last < 0) return std::nullopt;
        ++counts[static_cast<std::size_t>(last)];
    }
    for (std::size_t n = 0; n < counts.size(); ++n) counts[n] += others[n];
    return counts;
}

/// A value at some rank, and how many values are below it.
struct ranked_value {
    double value;
    std::size_t below;
};

/// The numbers at some ranks, from 0, of the sorted order of numbers given by their counts.
[[nodiscard]] inline std::vector<ranked_value> numbers_at(std::span<const std::size_t> counts,
                                                          std::span<const std::size_t> ranks) {
    std::vector<std::size_t> starts(counts.size() + 1);
    for (std::size_t n = 0; n < counts.size(); ++n) starts[n + 1] = starts[n] + counts[n];
    std::vector<ranked_value> result;
    for (const std::size_t rank : ranks) {
        const auto number = std::upper_bound(starts.begin(), starts.end(), rank) - starts.begin() - 1;
        result.push_back({static_cast<double>(number), starts[static_cast<std::size_t>(number)]});
    }
    return result;
}

/// The values at some ranks, from 0, of the sorted order, without sorting: small integers are counted, others counted
/// by their leading bits, of which only those that share a bucket with a wanted rank are put in order. O(n), a few
/// passes.
[[nodiscard]] inline std::vector<ranked_value> values_at(std::span<const double> values,
                                                         std::span<const std::size_t> ranks) {
    if (const auto counts = count_small_integers(values)) return numbers_at(*counts, ranks);
    constexpr int bucket_bits = 11;
    // Some values tell the range; what lies beyond goes to the first and the last bucket.
    std::uint64_t low = ~std::uint64_t{0};
    std::uint64_t high = 0;
    for (std::size_t i = 0; i < values.size(); i += values.size() / 1024 + 1) {
        low = std::min(low, ordered_bits(values[i]));
        high = std::max(high, ordered_bits(values[i]));
    }
    const int shift = std::max(0, 64 - std::countl_zero(high - low) - bucket_bits);
    const auto bucket_of = [&](double value) { return (std::clamp(ordered_bits(value), low, high) - low) >> shift; };
    std::vector<std::size_t> starts((std::size_t{1} << bucket_bits) + 1);
    {
        std::vector<std::size_t> others(starts.size());  // neighbours are often equal, and would wait for each other
        std::size_t i = 0;
        for (; i + 1 < values.size(); i += 2) {
            ++starts[bucket_of(values[i]) + 1];
            ++others[bucket_of(values[i + 1]) + 1];
        }
        if (i < values.size()) ++starts[bucket_of(values[i]) + 1];
        for (std::size_t b = 1; b < starts.size(); ++b) starts[b] += others[b] + starts[b - 1];
    }

    // Wanted buckets get room for their values, which are then collected bucket by bucket.
    const auto bucket_with = [&](std::size_t rank) {
        return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), rank) - starts.begin()) - 1;
    };
    struct place {
        std::size_t next = 0;
        std::size_t step = 0;  // 0: not wanted, and written where nobody looks, so that nothing branches on a value
    };
    std::vector<place> places(starts.size());
    std::size_t room = 1;
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        if (places[b].step != 0) continue;
        places[b] = {room, 1};
        room += starts[b + 1] - starts[b];
    }
    std::vector<std::uint64_t> kept(room);
    for (const double value : values) {
        place& of = places[bucket_of(value)];
        kept[of.next] = ordered_bits(value);
        of.next += of.step;
    }
    std::vector<ranked_value> result;
    for (const std::size_t rank : ranks) {
        const std::size_t b = bucket_with(rank);
        const auto end = kept.begin() + static_cast<std::ptrdiff_t>(places[b].next);
        const auto begin = end - static_cast<std::ptrdiff_t>(starts[b + 1] - starts[b]);
        const auto at = begin + static_cast<std::ptrdiff_t>(rank - starts[b]);
        std::nth_element(begin, at, end);
        const auto less = std::count_if(begin, at, [&](std::uint64_t each) { return each < *at; });
        result.push_back({double_of(*at), starts[b] + static_cast<std::size_t>(less)});
    }
    return result;
}

}  // namespace lgs_rfm::detail
