#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/resolve.hpp>

/// Loops over every row that the compiler turns into vector code by itself: no branch in them depends on a value. Each
/// is one plain body, compiled twice, for the compiler's default target and for AVX2, and chosen at run time.
namespace lgs_rfm::detail {

/// Whole numbers as int64. False when one is beyond +-(2^31 - 1); `out` is of no use then.
template <class T>
[[nodiscard]] bool copy_quantities(const void* data, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
    return run_best(
        [](const void* from, std::int64_t first, std::int64_t count, std::uint64_t* to) __attribute__((always_inline)) {
            std::uint64_t beyond = 0;
            for (std::int64_t i = 0; i < count; ++i) {
                const std::int64_t value = load<T>(from, first + i);
                // in range exactly when the value moved up by 2^31 - 1 stays within 0 .. 2^32 - 2
                beyond |= (static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(max_quantity)) >> 32;
                beyond |= static_cast<std::uint64_t>(static_cast<std::int32_t>(value) == -max_quantity - 1);
                to[i] = static_cast<std::uint64_t>(value);
            }
            return beyond == 0;
        },
        data, begin, rows, out);
}

/// Microseconds since 1970. False when one is no moment (`min_moment` .. `max_moment`); `out` is of no use then.
[[nodiscard]] inline bool copy_moments(const void* data, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
    return run_best(
        [](const void* from, std::int64_t first, std::int64_t count, std::uint64_t* to) __attribute__((always_inline)) {
            bool inside = true;
            for (std::int64_t i = 0; i < count; ++i) {
                const auto value = load<std::int64_t>(from, first + i);
                inside &= value >= min_moment;
                inside &= value <= max_moment;
                to[i] = static_cast<std::uint64_t>(value);
            }
            return inside;
        },
        data, begin, rows, out);
}

/// Integers as the keys of ids. False when one does not pack; `out` is of no use then.
template <class T>
[[nodiscard]] bool keys_of_integers(const void* data, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
    return run_best(
        [](const void* from, std::int64_t first, std::int64_t count, std::uint64_t* to) __attribute__((always_inline)) {
            std::uint64_t beyond = 0;
            for (std::int64_t i = 0; i < count; ++i) {
                to[i] = key_of_integer(load<T>(from, first + i));
                beyond |= to[i] >> 62;
            }
            return beyond == 0;
        },
        data, begin, rows, out);
}

/// Doubles to millionths as `read_money` does, for |p * 1e6| < 2^51, where adding 1.5 * 2^52 leaves the rounded whole
/// number in the low bits. Returns how many were rounded, or -1 when a value is outside; `out` is of no use then.
[[nodiscard]] inline std::int64_t scale_prices(const void* data, std::int64_t begin, std::int64_t rows,
                                               std::uint64_t* out) {
    return run_best(
        [](const void* from, std::int64_t first, std::int64_t count, std::uint64_t* to) __attribute__((always_inline)) {
            constexpr double magic = 0x1.8p52;
            std::int64_t outside = 0;
            std::int64_t rounded = 0;
            for (std::int64_t i = 0; i < count; ++i) {
                const double scaled = load<double>(from, first + i) * 1e6;
                const double shifted = scaled + magic;
                const double whole = shifted - magic;
                outside += std::fabs(scaled) < 0x1p51 ? 0 : 1;
                rounded += std::fabs(scaled - whole) > std::fabs(whole) * 0x1p-51 ? 1 : 0;
                to[i] = std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(magic);
            }
            return outside != 0 ? -1 : rounded;
        },
        data, begin, rows, out);
}

/// The OR of all magnitudes (one less for negative values): its width bounds theirs.
[[nodiscard]] inline std::uint64_t magnitudes(const std::int64_t* values, std::int64_t rows) {
    return run_best(
        [](const std::int64_t* from, std::int64_t count) __attribute__((always_inline)) {
            std::uint64_t all = 0;
            for (std::int64_t i = 0; i < count; ++i)
                all |= static_cast<std::uint64_t>(from[i] < 0 ? ~from[i] : from[i]);
            return all;
        },
        values, rows);
}

}  // namespace lgs_rfm::detail
