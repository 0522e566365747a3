#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/avx2.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>

#if LGS_RFM_HAS_VECTORS

#include <immintrin.h>

/// The CSV reader's loops written for AVX2 by hand. Each does what the plain body beside its caller does, and may only
/// be called where the processor has AVX2.
namespace lgs_rfm::detail::avx2 {

/// Bit i: byte i of 64 equals `wanted`, for three of them, in each of `words` stretches of 64 bytes. Returns the OR of
/// the third.
LGS_RFM_AVX2 inline std::uint64_t equal_bytes(const char* text, std::size_t words, const std::array<char, 3>& wanted,
                                              const std::array<std::uint64_t*, 3>& out) noexcept {
    const __m256i a = _mm256_set1_epi8(wanted[0]);
    const __m256i b = _mm256_set1_epi8(wanted[1]);
    const __m256i c = _mm256_set1_epi8(wanted[2]);
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < words; ++i) {
        const __m256i low = load(text + 64 * i);
        const __m256i high = load(text + 64 * i + 32);
        const auto bits = [&](__m256i byte) __attribute__((always_inline, target("avx2"))) {
            const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)));
            const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)));
            return first | std::uint64_t{second} << 32;
        };
        out[0][i] = bits(a);
        out[1][i] = bits(b);
        out[2][i] = bits(c);
        any |= out[2][i];
    }
    return any;
}

/// Instructions for single bits, which every processor with AVX2 but a few odd ones has.
[[nodiscard]] inline bool has_bit_instructions() noexcept {
    static const bool has =
        runs_on(instruction_set::avx2) && __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("popcnt") != 0;
    return has;
}

/// Lists the bits set in either of two arrays of masks, from `base` on. Returns how many; `second_count`: of the
/// second. Up to 7 places behind the last are overwritten.
[[gnu::target("bmi,popcnt")]] inline std::size_t list_bits(const std::uint64_t* first, const std::uint64_t* second,
                                                           std::size_t words, std::uint32_t base, std::uint32_t* to,
                                                           std::size_t& second_count) noexcept {
    const std::uint32_t* const begin = to;
    std::int64_t seconds = 0;
    for (std::size_t i = 0; i < words; ++i, base += 64) {
        std::uint64_t bits = first[i] | second[i];
        const int all = __builtin_popcountll(bits);
        seconds += __builtin_popcountll(second[i]);
        for (int done = 0; done < all; done += 8) {  // eight at a time: hardly ever a branch that was not foreseen
#pragma GCC unroll 8
            for (int k = 0; k < 8; ++k) {
                to[done + k] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
                bits &= bits - 1;
            }
        }
        to += all;
    }
    second_count = static_cast<std::size_t>(seconds);
    return static_cast<std::size_t>(to - begin);
}

/// Marks each row but the first whose field differs from the row before. Row r's field lies between the separators
/// `at[r * fields]` and `at[r * fields + 1]`; 32 bytes before its end are readable. False when a field is longer than
/// that: nothing is of use then.
LGS_RFM_AVX2 inline bool mark_changes(const char* text, const std::uint32_t* at, std::size_t fields, std::size_t rows,
                                      std::uint8_t* marks) noexcept {
    std::uint32_t before_size = at[1] - at[0] - 1;
    std::uint32_t sizes = before_size > 32 ? 64 : 0;
    __m256i before = load(text + at[1] - 32);
    for (std::size_t r = 1; r < rows; ++r) {
        at += fields;
        const std::uint32_t size = at[1] - at[0] - 1;
        const __m256i now = load(text + at[1] - 32);
        const auto equal = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(now, before)));
        const std::uint64_t tail = std::uint64_t{~equal} << (size & 63) >> 32;  // of the last `size` bytes
        marks[r] |= static_cast<std::uint8_t>((tail | (size ^ before_size)) != 0);
        sizes |= size > 32 ? 64 : 0;
        before = now;
        before_size = size;
    }
    return sizes == 0;
}

/// Numbers of up to eight characters, four at a time; see `short_number`. `words` and `lengths` hold whole groups of
/// four. Writes values times 10^6 where `millionths`, else whole numbers. Returns 0 when all are good.
template <bool Millionths>
LGS_RFM_AVX2 inline std::uint64_t short_numbers(const std::uint64_t* words, const std::uint64_t* lengths,
                                                std::size_t count, char point, std::int64_t* out,
                                                std::uint8_t* bad) noexcept {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i all = _mm256_set1_epi8(-1);
    const __m256i one = _mm256_set1_epi64x(1);
    const __m256i seven = _mm256_set1_epi64x(7);
    const __m256i eight = _mm256_set1_epi64x(8);
    const __m256i bits = _mm256_set1_epi64x(64);
    const __m256i zeros = _mm256_set1_epi8('0');
    const __m256i points = _mm256_set1_epi8(static_cast<char>(point ^ '0'));
    const __m256i minus = _mm256_set1_epi64x('-' ^ '0');
    const __m256i nine = _mm256_set1_epi8(9);
    const __m256i ones = _mm256_set1_epi8(1);
    // 10^(6 - places) by the byte of the point, 1 to 7; entry 0: no point
    const __m256i scales = _mm256_setr_epi32(1'000'000, 1, 10, 100, 1'000, 10'000, 100'000, 1'000'000);
    __m256i any = zero;
    for (std::size_t i = 0; i < count; i += 4) {
        const __m256i length = load(lengths + i);
        const __m256i shift = _mm256_sub_epi64(bits, _mm256_slli_epi64(length, 3));
        __m256i word = load(words + i);
        word = _mm256_srlv_epi64(_mm256_xor_si256(word, zeros), shift);  // digits as 0..9, the first in the low byte
        const __m256i negative = _mm256_cmpeq_epi64(_mm256_and_si256(word, _mm256_set1_epi64x(0xFF)), minus);
        word = _mm256_andnot_si256(_mm256_and_si256(negative, _mm256_set1_epi64x(0xFF)), word);
        word = _mm256_sllv_epi64(word, shift);
        const __m256i is_point = _mm256_cmpeq_epi8(word, points);
        const __m256i point_bit = _mm256_and_si256(is_point, ones);  // 1 << 8k where byte k is the point
        const __m256i below = _mm256_sub_epi64(point_bit, one);      // the bytes before it; all where there is none
        const __m256i no_point = _mm256_cmpeq_epi64(point_bit, zero);
        const __m256i lower = _mm256_sllv_epi64(_mm256_and_si256(word, below), _mm256_andnot_si256(no_point, eight));
        word = _mm256_or_si256(_mm256_andnot_si256(_mm256_or_si256(below, is_point), word), lower);
        // nothing but digits is left, and there was one point at most
        __m256i wrong = _mm256_or_si256(_mm256_subs_epu8(word, nine), _mm256_and_si256(point_bit, below));
        wrong = _mm256_xor_si256(_mm256_cmpeq_epi64(wrong, zero), all);
        // 1..8 characters, at least one of them a digit; a point in the first byte leaves seven decimals
        const __m256i has_point = _mm256_xor_si256(no_point, all);  // -1 each, as `negative` is
        const __m256i digits = _mm256_add_epi64(length, _mm256_add_epi64(negative, has_point));
        wrong = _mm256_or_si256(wrong, _mm256_cmpgt_epi64(one, digits));
        wrong = _mm256_or_si256(wrong, _mm256_cmpgt_epi64(length, eight));
        wrong = _mm256_or_si256(wrong, _mm256_cmpeq_epi64(point_bit, one));
        const __m256i index = _mm256_and_si256(_mm256_sad_epu8(_mm256_and_si256(below, ones), zero), seven);
        if constexpr (!Millionths) {
            const __m256i last = _mm256_cmpeq_epi64(point_bit, _mm256_set1_epi64x(std::int64_t{1} << 56));
            wrong = _mm256_or_si256(wrong, _mm256_andnot_si256(last, has_point));
        }
        const __m256i pairs = _mm256_maddubs_epi16(word, _mm256_set1_epi16(0x010A));    // 10 * first + second
        const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));  // 100 * first + second
        __m256i value =
            _mm256_add_epi64(_mm256_mul_epu32(fours, _mm256_set1_epi64x(10'000)), _mm256_srli_epi64(fours, 32));
        if constexpr (Millionths) value = _mm256_mul_epu32(value, _mm256_permutevar8x32_epi32(scales, index));
        value = _mm256_sub_epi64(_mm256_xor_si256(value, negative), negative);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), value);
        const auto mask = static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(wrong)));
        bad[i / 4] = static_cast<std::uint8_t>(mask);
        any = _mm256_or_si256(any, wrong);
    }
    return static_cast<std::uint64_t>(_mm256_movemask_epi8(any));
}

}  // namespace lgs_rfm::detail::avx2

#endif
