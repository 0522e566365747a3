#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/run_totals.hpp>

#if LGS_RFM_HAS_VECTORS

#include <immintrin.h>

/// All code written for AVX2 by hand: what the compiler does not find by itself. Each function does what the plain body
/// beside its caller does, and may only be called where the processor has AVX2.
namespace lgs_rfm::detail::avx2 {

template <class T>
LGS_RFM_AVX2 [[nodiscard]] inline __m256i load(const T* from) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// One bit a lane of `Width` bytes, 4 or 8: whether the two are equal.
template <std::size_t Width>
LGS_RFM_AVX2 [[nodiscard]] inline std::uint64_t equal_lanes(__m256i a, __m256i b) noexcept {
    if constexpr (Width == 8) {
        return static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(a, b))));
    } else {
        return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b))));
    }
}

/// Bit k: the k-th of `count` values of `Width` bytes differs from the one before it. `count`: whole vectors, up to 64.
template <std::size_t Width>
LGS_RFM_AVX2 [[nodiscard]] inline std::uint64_t differing(const char* values, int count) noexcept {
    constexpr int lanes = 32 / static_cast<int>(Width);
    constexpr std::uint64_t all = (std::uint64_t{1} << lanes) - 1;
    std::uint64_t bits = 0;
    for (int k = 0; k < count; k += lanes, values += 32) {
        bits |= (all ^ equal_lanes<Width>(load(values), load(values - Width))) << k;
    }
    return bits;
}

/// Bit k: the k-th of `count` lengths differs from the one before it. `offsets`: where the first text starts; the
/// offset before and `count` after are read. `count`: whole vectors, up to 64.
template <std::size_t Width>
LGS_RFM_AVX2 [[nodiscard]] inline std::uint64_t differing_lengths(const char* offsets, int count) noexcept {
    constexpr int lanes = 32 / static_cast<int>(Width);
    constexpr std::uint64_t all = (std::uint64_t{1} << lanes) - 1;
    std::uint64_t bits = 0;
    for (int k = 0; k < count; k += lanes, offsets += 32) {
        const __m256i here = load(offsets);
        const __m256i next = load(offsets + Width);
        const __m256i before = load(offsets - Width);
        // next - here == here - before, the other way round
        const __m256i outer = Width == 8 ? _mm256_add_epi64(next, before) : _mm256_add_epi32(next, before);
        const __m256i twice = Width == 8 ? _mm256_add_epi64(here, here) : _mm256_add_epi32(here, here);
        bits |= (all ^ equal_lanes<Width>(outer, twice)) << k;
    }
    return bits;
}

/// Calls `visit(position)` for the bytes, ascending, that differ between `a` and `b`; it returns the position from
/// which on it wants to hear of more. Looks at whole vectors of `size` bytes and returns how many bytes that were.
template <class Visit>
LGS_RFM_AVX2 std::int64_t for_each_difference(const char* a, const char* b, std::int64_t size, Visit visit) {
    std::int64_t at = 0;
    for (; at + 32 <= size; at += 32) {
        auto bits = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(a + at), load(b + at))));
        while (bits != 0) {
            const std::int64_t next = visit(at + std::countr_zero(bits)) - at;
            if (next >= 32) break;
            bits &= ~std::uint32_t{0} << next;
        }
    }
    return at;
}

LGS_RFM_AVX2 [[nodiscard]] inline __m256i constant(std::int64_t value) noexcept { return _mm256_set1_epi64x(value); }

/// 1 in a field of the counts where the mask is set.
LGS_RFM_AVX2 [[nodiscard]] inline __m256i one_at(__m256i mask, count_field place) noexcept {
    return _mm256_and_si256(mask, constant(std::int64_t{1} << (count_bits * place)));
}

/// Sums over pairs of lanes: of a in lanes 0 and 2, of b in lanes 1 and 3.
LGS_RFM_AVX2 [[nodiscard]] inline __m256i pair_sums(__m256i a, __m256i b) noexcept {
    return _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
}

/// Sums of four lines side by side; see `sum_lines`.
struct line_lanes {
    __m256i counts;
    __m256i quantity;
    __m256i gross;
    __m256i net;
    __m256i digest;
};

/// quantity x price. |quantity| < 2^31; `Small`: |price| < 2^31 too, otherwise the product need only fit int64, and is
/// taken from two products of 32 bits, the low half of the price as a signed number.
template <bool Small>
LGS_RFM_AVX2 [[nodiscard]] inline __m256i multiply(__m256i quantity, __m256i price) noexcept {
    const __m256i low = _mm256_mul_epi32(quantity, price);
    if constexpr (Small) return low;
    const __m256i high = _mm256_srli_epi64(_mm256_add_epi64(price, constant(0x8000'0000)), 32);
    return _mm256_add_epi64(low, _mm256_slli_epi64(_mm256_mul_epi32(quantity, high), 32));
}

/// `line_hash`
LGS_RFM_AVX2 [[nodiscard]] inline __m256i hash_lines(__m256i quantity, __m256i price) noexcept {
    const __m256i product = _mm256_mul_epu32(_mm256_add_epi64(quantity, constant(hash_quantity)),
                                             _mm256_add_epi64(price, constant(hash_price)));
    return _mm256_xor_si256(product, _mm256_srli_epi64(product, 32));
}

/// Adds four lines, of which those count whose lane of `lanes` is all ones.
template <bool Small>
LGS_RFM_AVX2 inline void add_lines(__m256i quantity, __m256i price, __m256i lanes, line_lanes& to) noexcept {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i amount = _mm256_and_si256(multiply<Small>(quantity, price), lanes);
    const __m256i bought = _mm256_cmpgt_epi64(quantity, zero);
    const __m256i purchase = _mm256_and_si256(bought, _mm256_cmpgt_epi64(price, zero));
    to.quantity = _mm256_add_epi64(to.quantity, _mm256_and_si256(quantity, lanes));
    to.net = _mm256_add_epi64(to.net, amount);
    to.digest = _mm256_add_epi64(to.digest, _mm256_and_si256(hash_lines(quantity, price), lanes));
    if (_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_andnot_si256(purchase, lanes))) == 0) {  // nearly always
        to.gross = _mm256_add_epi64(to.gross, amount);
        to.counts = _mm256_add_epi64(to.counts, _mm256_and_si256(constant(plain_purchase), lanes));
        return;
    }
    to.gross = _mm256_add_epi64(to.gross, _mm256_and_si256(amount, purchase));
    __m256i counts = one_at(purchase, purchase_count);
    counts = _mm256_or_si256(counts, one_at(_mm256_cmpeq_epi64(price, zero), zero_price_count));
    counts = _mm256_or_si256(counts, one_at(_mm256_cmpgt_epi64(zero, price), negative_price_count));
    counts = _mm256_or_si256(counts, one_at(bought, positive_count));
    counts = _mm256_or_si256(counts, one_at(_mm256_cmpgt_epi64(zero, quantity), negative_count));
    to.counts = _mm256_add_epi64(to.counts, _mm256_and_si256(counts, lanes));
}

/// The sums of `rows` lines of one run. Up to three lines beyond are read and not counted: the arrays must hold them.
template <bool Small>
LGS_RFM_AVX2 [[nodiscard]] inline run_totals sum_lines(const std::int64_t* quantity, const std::int64_t* price,
                                                       std::int64_t rows) noexcept {
    const __m256i zero = _mm256_setzero_si256();
    line_lanes sums{zero, zero, zero, zero, zero};
    const __m256i all = constant(-1);
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4) add_lines<Small>(load(quantity + row), load(price + row), all, sums);
    if (row < rows) {
        const __m256i lanes = _mm256_cmpgt_epi64(constant(rows - row), _mm256_set_epi64x(3, 2, 1, 0));
        add_lines<Small>(load(quantity + row), load(price + row), lanes, sums);
    }
    // Four sums over four lanes at once: within halves, then both halves.
    const __m256i first = pair_sums(sums.quantity, sums.gross);
    const __m256i second = pair_sums(sums.net, sums.digest);
    alignas(32) std::int64_t totals[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(totals),
                       _mm256_add_epi64(_mm256_permute2x128_si256(first, second, 0x20),
                                        _mm256_permute2x128_si256(first, second, 0x31)));
    const __m128i counts = _mm_add_epi64(_mm256_castsi256_si128(sums.counts), _mm256_extracti128_si256(sums.counts, 1));
    return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(counts) + _mm_extract_epi64(counts, 1)), totals[0], totals[1],
            totals[2], static_cast<std::uint64_t>(totals[3])};
}

}  // namespace lgs_rfm::detail::avx2

#endif
