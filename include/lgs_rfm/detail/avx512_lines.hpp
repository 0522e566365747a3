#pragma once

#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/avx512.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/key_hash.hpp>
#include <lgs_rfm/detail/summed_lines.hpp>

#if LGS_RFM_HAS_VECTORS

#if !defined(__clang__)
// as in avx512.hpp
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/// Lines in no order with AVX-512; each function does what the plain body beside its caller does.
namespace lgs_rfm::detail::avx512 {

/// Eight keys times their factor of the hash.
template <std::size_t Which>
LGS_RFM_AVX512 [[nodiscard]] inline __m512i hash_product(__m512i keys) noexcept {
    return _mm512_mullo_epi64(keys, constant(static_cast<std::int64_t>(key_hash::factors[Which])));
}

/// Counts one in a field of the lanes.
template <std::size_t Field>
LGS_RFM_AVX512 [[nodiscard]] inline __m512i counted(__m512i counts, __mmask8 lanes) noexcept {
    constexpr auto one = static_cast<std::int64_t>(summed_lines::one_in(Field, true));
    return _mm512_mask_or_epi64(counts, lanes, counts, constant(one));
}

/// Writes a line's sums to their place past the caches.
LGS_RFM_AVX512 inline void stream(summed_lines* place, __m512i sums) noexcept {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(place), sums);
}

/// The hashes of the keys of eight lines from `row` on, of a block in which every row is a start.
LGS_RFM_AVX512 inline void hash_each(const block& lines, std::size_t row, std::uint64_t* hashes) noexcept {
    const __m512i ids = _mm512_add_epi64(hash_product<0>(_mm512_loadu_si512(lines.invoice.data() + row)),
                                         hash_product<1>(_mm512_loadu_si512(lines.customer.data() + row)));
    const __m512i moment = hash_product<2>(_mm512_loadu_si512(lines.moment.data() + row));
    _mm512_storeu_si512(hashes, _mm512_add_epi64(ids, moment));
}

/// These lines, each summed up and written to its place past the caches.
LGS_RFM_AVX512 inline void sum_each(const block& lines, std::size_t row, summed_lines* const* places) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i invoice = _mm512_loadu_si512(lines.invoice.data() + row);
    const __m512i customer = _mm512_loadu_si512(lines.customer.data() + row);
    const __m512i moment = _mm512_loadu_si512(lines.moment.data() + row);
    const __m512i q = _mm512_loadu_si512(lines.quantity.data() + row);
    const __m512i p = _mm512_loadu_si512(lines.price.data() + row);
    const __m512i amount = _mm512_mullo_epi64(q, p);
    const __mmask8 positive = _mm512_cmpgt_epi64_mask(q, zero);
    const __mmask8 purchase = _mm512_mask_cmpgt_epi64_mask(positive, p, zero);
    const __m512i product =
        _mm512_mul_epu32(_mm512_add_epi64(q, constant(hash_quantity)), _mm512_add_epi64(p, constant(hash_price)));
    __m512i counts = constant(1);
    counts = counted<1>(counts, purchase);
    counts = counted<2>(counts, _mm512_cmpeq_epi64_mask(p, zero));
    counts = counted<3>(counts, _mm512_cmplt_epi64_mask(p, zero));
    counts = counted<4>(counts, positive);
    counts = counted<5>(counts, _mm512_cmplt_epi64_mask(q, zero));
    const __m512i columns[8] = {invoice,
                                customer,
                                moment,
                                q,
                                _mm512_maskz_mov_epi64(purchase, amount),
                                amount,
                                _mm512_xor_si512(product, _mm512_srli_epi64(product, 32)),
                                counts};
    // Columns become lines: pairs of two columns, then fours, then all eight.
    __m512i pairs[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_epi64(columns[i], columns[i + 1]);      // lines 0, 2, 4, 6
        pairs[i + 1] = _mm512_unpackhi_epi64(columns[i], columns[i + 1]);  // lines 1, 3, 5, 7
    }
    __m512i fours[8];
    for (int half = 0; half < 8; half += 4) {
        for (int odd = 0; odd < 2; ++odd) {
            const __m512i a = pairs[half + odd];
            const __m512i b = pairs[half + 2 + odd];
            fours[half + odd] = _mm512_shuffle_i64x2(a, b, 0x88);      // lines 0 and 4, or 1 and 5
            fours[half + 2 + odd] = _mm512_shuffle_i64x2(a, b, 0xDD);  // lines 2 and 6, or 3 and 7
        }
    }
    for (int line = 0; line < 4; ++line) {
        stream(places[line], _mm512_shuffle_i64x2(fours[line], fours[4 + line], 0x88));
        stream(places[4 + line], _mm512_shuffle_i64x2(fours[line], fours[4 + line], 0xDD));
    }
}

/// Adds lines to the entries of their keys in a table of `mask` + 1 slots. Returns how many: it stops at the first one
/// whose key has no entry yet, or none with room.
LGS_RFM_AVX512 [[nodiscard]] inline std::size_t add_known(summed_lines* table, std::size_t mask,
                                                          const std::uint32_t* slots, const summed_lines* lines,
                                                          std::size_t count) noexcept {
    constexpr unsigned key_lanes = 0b0000'0111;
    constexpr __mmask8 sum_lanes = 0b1111'1000;
    for (std::size_t k = 0; k < count; ++k) {
        const __m512i line = _mm512_load_si512(lines + k);
        std::size_t slot = slots[k];
        while (true) {
            summed_lines& entry = table[slot];
            if (entry.free()) return k;
            const __m512i sums = _mm512_load_si512(&entry);
            if ((_mm512_cmpeq_epi64_mask(sums, line) & key_lanes) == key_lanes) {
                if (!entry.has_room(lines[k])) return k;
                _mm512_store_si512(&entry, _mm512_mask_add_epi64(sums, sum_lanes, sums, line));
                break;
            }
            slot = (slot + 1) & mask;
        }
    }
    return count;
}
static_assert(offsetof(summed_lines, quantity) == 3 * sizeof(std::int64_t) && sizeof(summed_lines) == sizeof(__m512i));

}  // namespace lgs_rfm::detail::avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
