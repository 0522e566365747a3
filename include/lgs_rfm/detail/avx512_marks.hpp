#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/avx512.hpp>
#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/expect.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/row_bits.hpp>

#if LGS_RFM_HAS_VECTORS

#include <immintrin.h>

#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // as in avx512.hpp
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/// Where values of a block differ from the one before, by AVX-512.
namespace lgs_rfm::detail::avx512 {

/// Bit k: the k-th of as many values of `Width` bytes, 4, 8 or 16, as 64 bytes hold differs from the one before it.
/// Only the first `count` are read, and counted.
template <std::size_t Width>
LGS_RFM_AVX512 [[nodiscard]] inline std::uint64_t differing_in_vector(const char* values, int count) noexcept {
    if constexpr (Width == 4) {
        const auto mask = static_cast<__mmask16>((1U << count) - 1);
        return _mm512_mask_cmpneq_epi32_mask(mask, _mm512_maskz_loadu_epi32(mask, values),
                                             _mm512_maskz_loadu_epi32(mask, values - Width));
    } else {
        const auto mask = static_cast<__mmask8>((1U << (count * static_cast<int>(Width) / 8)) - 1);
        const unsigned halves = _mm512_mask_cmpneq_epi64_mask(mask, _mm512_maskz_loadu_epi64(mask, values),
                                                              _mm512_maskz_loadu_epi64(mask, values - Width));
        // of sixteen bytes, either half may differ
        return Width == 8 ? halves : _pext_u32(halves | halves >> 1, 0x55);
    }
}

/// Bit k: the k-th of `count` values of `Width` bytes, 4, 8 or 16, differs from the one before it. `count`: up to 64.
template <std::size_t Width>
LGS_RFM_AVX512 [[nodiscard]] inline std::uint64_t differing(const char* values, int count) noexcept {
    constexpr int lanes = 64 / static_cast<int>(Width);
    std::uint64_t bits = 0;
    if (count == 64) {  // a fixed number of steps, and no masks
#pragma GCC unroll 16
        for (int k = 0; k < 64; k += lanes, values += 64) bits |= differing_in_vector<Width>(values, lanes) << k;
        return bits;
    }
    for (int k = 0; k < count; k += lanes, values += 64) {
        bits |= differing_in_vector<Width>(values, std::min(lanes, count - k)) << k;
    }
    return bits;
}

/// As `mark_fixed`.
template <std::size_t Width>
LGS_RFM_AVX512 inline void mark_fixed(const char* values, std::int64_t rows, std::int64_t at, row_bits& starts) {
    constexpr auto width = static_cast<std::int64_t>(Width);
    for (std::int64_t row = 0; row < rows; row += 64) {
        const std::int64_t first = row == 0 ? 1 : row;  // the first row has none before it
        const std::int64_t end = std::min(row + 64, rows);
        const char* const from = values + row * width;
        for (std::int64_t line = 0; line < (end - row) * width; line += 64) expect<Width>(from + line);
        const std::uint64_t bits = differing<Width>(values + first * width, static_cast<int>(end - first));
        starts.set(at + row, bits << (first - row));
    }
}

template <class Offset>
LGS_RFM_AVX512 [[nodiscard]] inline __m512i load_offsets(const void* offsets, std::int64_t row) noexcept {
    const char* const from = static_cast<const char*>(offsets) + row * static_cast<std::int64_t>(sizeof(Offset));
    if constexpr (sizeof(Offset) == 8) {
        return _mm512_loadu_si512(from);
    } else {
        return _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    }
}

/// Texts of up to eight bytes as words, the last byte highest and zeros below the first, and where a text differs from
/// the one before: calls `mark(row, bits)` for rows 0, 8, 16, ... Eight neighbours lie within 64 bytes, from which one
/// permutation takes them apart. `offsets[i]` is where text i starts, `readable` the end of the bytes. Returns how many
/// rows were done, whole eights: it stops at longer texts, and near the end of the bytes.
template <class Offset, class Mark>
LGS_RFM_AVX512 inline std::int64_t words_of(const char* bytes, const void* offsets, std::int64_t rows,
                                            std::int64_t readable, std::uint64_t* words, Mark mark) noexcept {
    const __m512i first_of_each = _mm512_set4_epi64(0x0808080808080808, 0, 0x0808080808080808, 0);
    const __m512i counting = constant(0x0706050403020100);
    __m512i last_words = _mm512_setzero_si512();
    __m512i last_lengths = _mm512_setzero_si512();
    std::int64_t row = 0;
    for (; row + 8 <= rows; row += 8) {
        const __m512i begins = load_offsets<Offset>(offsets, row);
        const __m512i lengths = _mm512_sub_epi64(load_offsets<Offset>(offsets, row + 1), begins);
        const std::int64_t first = load<Offset>(offsets, row);
        expect<sizeof(Offset)>(offsets, row + block::capacity);
        expect<6>(bytes + first);
        const __m512i places = _mm512_sub_epi64(begins, constant(first));
        const unsigned unusual = _mm512_cmpgt_epu64_mask(lengths, constant(8)) |
                                 _mm512_cmpgt_epu64_mask(places, constant(56)) | (first + 64 > readable ? 1U : 0U);
        if (unusual != 0) break;
        const __m512i each_byte = _mm512_add_epi8(_mm512_shuffle_epi8(places, first_of_each), counting);
        const __m512i unused = _mm512_sub_epi64(constant(64), _mm512_slli_epi64(lengths, 3));
        const __m512i texts =
            _mm512_sllv_epi64(_mm512_permutexvar_epi8(each_byte, _mm512_loadu_si512(bytes + first)), unused);
        _mm512_storeu_si512(words + row, texts);
        const __m512i words_before = _mm512_alignr_epi64(texts, last_words, 7);
        const __m512i lengths_before = _mm512_alignr_epi64(lengths, last_lengths, 7);
        mark(row, static_cast<std::uint64_t>(_mm512_cmpneq_epi64_mask(texts, words_before) |
                                             _mm512_cmpneq_epi64_mask(lengths, lengths_before)));
        last_words = texts;
        last_lengths = lengths;
    }
    return row;
}

}  // namespace lgs_rfm::detail::avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
