#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/csv_avx2.hpp>
#include <lgs_rfm/detail/equal_texts.hpp>

/// Numbers from up to eight characters at once, in one 64-bit word.
namespace lgs_rfm::detail {

/// A decimal number: `digits` / 10^`places`.
struct csv_digits {
    std::int64_t digits;
    std::uint32_t places;
    bool good;  ///< false: not of this simple form, the careful parser must look
};

/// Reads the last `length` of the eight bytes `word`: an optional minus, then digits, a point among them or none.
/// Without a branch on the text, so mixed lengths cost nothing.
[[nodiscard]] inline csv_digits short_number(std::uint64_t word, std::uint64_t length, char point) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t low = 0x7F7F7F7F7F7F7F7FU;
    const std::uint64_t shift = (64 - 8 * length) & 63;
    word = (word ^ (ones * '0')) >> shift;  // digits as 0..9, the first in the low byte
    const bool negative = (word & 0xFF) == ('-' ^ '0');
    word = (negative ? word & ~std::uint64_t{0xFF} : word) << shift;
    // 0x80 in the byte of each point; the top bit stands in where there is none
    const std::uint64_t differs = word ^ (ones * (static_cast<unsigned char>(point) ^ '0'));
    const std::uint64_t points = ~(((differs & low) + low) | differs | low);
    const int bit = std::countr_zero(points | std::uint64_t{1} << 63) & 56;  // of the point's byte
    const std::uint64_t upper = word >> bit >> 8 << bit << 8;                // the decimals
    const std::uint64_t lower = word & ((std::uint64_t{1} << bit) - 1);
    word = points != 0 ? upper | lower << 8 : word;
    const bool digits_only = (((word + ones * 0x76) | word) & (ones * 0x80)) == 0;
    const auto places = static_cast<std::uint32_t>(7 - bit / 8);
    const bool good = length - 1 < 8 && digits_only && length > (points != 0 ? 1U : 0U) + (negative ? 1U : 0U);
    word = word * 10 + (word >> 8);
    constexpr std::uint64_t pairs = 0x000000FF000000FFU;
    word = ((word & pairs) * 0x000F424000000064U + ((word >> 16) & pairs) * 0x0000271000000001U) >> 32;
    const auto value = static_cast<std::int64_t>(word & 0xFFFFFFFFU);
    return {negative ? -value : value, places, good};
}

inline constexpr std::array<std::int64_t, 8> powers_of_ten{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};

/// Reads `count` numbers from words and lengths, which hold whole groups of four: millionths, or whole numbers without
/// a point. Bit k of `bad[g]` tells that number 4 g + k is none of this form. Returns whether all are good.
template <bool Millionths>
[[nodiscard]] bool short_numbers(const std::uint64_t* words, const std::uint64_t* lengths, std::size_t count,
                                 char point, std::int64_t* out, std::uint8_t* bad) noexcept {
#if LGS_RFM_HAS_VECTORS
    if (runs_on(instruction_set::avx2)) {
        return avx2::short_numbers<Millionths>(words, lengths, count, point, out, bad) == 0;
    }
#endif
    std::uint8_t any = 0;
    for (std::size_t group = 0; 4 * group < count; ++group) {
        std::uint8_t wrong = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const std::size_t i = 4 * group + k;
            const csv_digits number = short_number(words[i], lengths[i], point);
            const bool good = number.good && number.places <= (Millionths ? 6U : 0U);
            out[i] = Millionths && good ? number.digits * powers_of_ten[6 - number.places] : number.digits;
            wrong = static_cast<std::uint8_t>(wrong | (good ? 0 : 1) << k);
        }
        bad[group] = wrong;
        any |= wrong;
    }
    return any == 0;
}

}  // namespace lgs_rfm::detail
