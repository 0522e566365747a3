#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/expect.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/run_totals.hpp>

#if LGS_RFM_HAS_VECTORS

#include <immintrin.h>

#if !defined(__clang__)
// GCC 12 says that values in its own intrinsics are used uninitialised where they are never used (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/// All code written for AVX-512 by hand, eight rows a step. Each function does what the plain body beside its caller
/// does, and may only be called where the processor has AVX-512.
namespace lgs_rfm::detail::avx512 {

LGS_RFM_AVX512 [[nodiscard]] inline __m512i constant(std::int64_t value) noexcept { return _mm512_set1_epi64(value); }

/// The first `count` of eight lanes; all for more.
LGS_RFM_AVX512 [[nodiscard]] inline __mmask8 first_lanes(std::int64_t count) noexcept {
    return static_cast<__mmask8>((1U << std::min<std::int64_t>(8, count)) - 1);
}

/// How long the texts of up to eight `rows` are.
template <class Offset>
LGS_RFM_AVX512 [[nodiscard]] inline __m512i lengths_at(const void* offsets, __m256i rows, __mmask8 lanes) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    if constexpr (sizeof(Offset) == 4) {  // a text's offset and the next one at once
        const __m512i both = _mm512_mask_i32gather_epi64(zero, lanes, rows, offsets, 4);
        return _mm512_srli_epi64(_mm512_sub_epi64(both, _mm512_slli_epi64(both, 32)), 32);
    } else {
        const char* const ends = static_cast<const char*>(offsets) + sizeof(Offset);
        return _mm512_sub_epi64(_mm512_mask_i32gather_epi64(zero, lanes, rows, ends, 8),
                                _mm512_mask_i32gather_epi64(zero, lanes, rows, offsets, 8));
    }
}

/// Eight texts, of up to eight bytes and as words (`word_of`), to keys as `short_key` does. Returns a bit each: whether
/// the text has become a key; blank texts, longer ones, those that begin with "-" and those with other characters have
/// not.
LGS_RFM_AVX512 [[nodiscard]] inline std::uint8_t short_keys(__m512i word, __m512i lengths, __mmask8 lanes,
                                                            std::uint64_t* keys) noexcept {
    const __m512i unused = _mm512_sub_epi64(constant(64), _mm512_slli_epi64(lengths, 3));
    const __m512i used = _mm512_sllv_epi64(constant(-1), unused);
    const __m512i first = _mm512_and_si512(_mm512_srlv_epi64(word, unused), constant(0xFF));
    const unsigned plain = _mm512_cmplt_epu64_mask(_mm512_sub_epi64(lengths, constant(1)), constant(8)) &
                           _mm512_cmpneq_epi64_mask(first, constant('-'));

    // Integers: digits become numbers of two, four and eight of them, the first in the lowest byte.
    const __m512i digits = _mm512_maskz_sub_epi8(_mm512_movepi8_mask(used), word, _mm512_set1_epi8('0'));
    const __m512i no_digits = _mm512_movm_epi8(_mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9)));
    const unsigned leading_zero =
        _mm512_cmpeq_epi64_mask(first, constant('0')) & _mm512_cmpgt_epi64_mask(lengths, constant(1));
    const unsigned integers = _mm512_testn_epi64_mask(no_digits, no_digits) & ~leading_zero;
    const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    const __m512i eights = _mm512_add_epi64(_mm512_mul_epu32(fours, constant(10'000)), _mm512_srli_epi64(fours, 32));

    // Texts: numbers of symbols, six bits each, come together in the same way, then move to the top.
    const __m512i numbers = _mm512_permutex2var_epi8(_mm512_loadu_si512(symbol_numbers.data()), word,
                                                     _mm512_loadu_si512(symbol_numbers.data() + 64));
    const __mmask64 symbols = _mm512_test_epi8_mask(numbers, numbers) & ~_mm512_movepi8_mask(word);
    const unsigned texts = _mm512_cmpeq_epi64_mask(_mm512_movm_epi8(symbols), used);
    const __m512i twelves = _mm512_maddubs_epi16(numbers, _mm512_set1_epi16(1 << 8 | 1 << symbol_bits));
    const __m512i halves = _mm512_madd_epi16(twelves, _mm512_set1_epi32(1 << 16 | 1 << 2 * symbol_bits));
    const __m512i all = _mm512_or_si512(_mm512_srli_epi64(_mm512_slli_epi64(halves, 32), 32 - 4 * symbol_bits),
                                        _mm512_srli_epi64(halves, 32));
    const __m512i to_top = _mm512_sub_epi64(constant(symbol_bits * std::int64_t{short_text}),
                                            _mm512_mullo_epi32(lengths, constant(symbol_bits)));
    const __m512i text_keys =
        _mm512_or_si512(_mm512_sllv_epi64(all, to_top), constant(static_cast<std::int64_t>(text_tag)));

    const __m512i integer_keys = _mm512_add_epi64(eights, constant(integer_bias));
    _mm512_mask_storeu_epi64(keys, lanes,
                             _mm512_mask_mov_epi64(text_keys, static_cast<__mmask8>(integers), integer_keys));
    return static_cast<std::uint8_t>(lanes & plain & (integers | texts));
}

/// The keys of the first `count` (1 to 8) of `rows`, whose texts stand in `words` as `words_of` makes them.
/// `offsets[i]`: where text i starts. Returns what `short_keys` does.
template <class Offset>
LGS_RFM_AVX512 [[nodiscard]] inline std::uint8_t keys_of_words(const std::uint64_t* words, const void* offsets,
                                                               const std::int32_t* rows, std::int64_t count,
                                                               std::uint64_t* keys) noexcept {
    const __mmask8 lanes = first_lanes(count);
    const __m256i at = _mm256_maskz_loadu_epi32(lanes, rows);
    const __m512i word = _mm512_mask_i32gather_epi64(_mm512_setzero_si512(), lanes, at, words, 8);
    return short_keys(word, lengths_at<Offset>(offsets, at, lanes), lanes, keys);
}

/// The same for string views of 16 bytes: four of length, then the bytes themselves where they are few.
LGS_RFM_AVX512 [[nodiscard]] inline std::uint8_t keys_of_views(const char* views, const std::int32_t* rows,
                                                               std::int64_t count, std::uint64_t* keys) noexcept {
    const __mmask8 lanes = first_lanes(count);
    const __m512i zero = _mm512_setzero_si512();
    const __m256i at = _mm256_slli_epi32(_mm256_maskz_loadu_epi32(lanes, rows), 1);
    const __m512i heads = _mm512_mask_i32gather_epi64(zero, lanes, at, views, 8);
    const __m512i lengths = _mm512_and_si512(heads, constant(0xFFFF'FFFF));
    const __m512i bytes = _mm512_mask_i32gather_epi64(zero, lanes, at, views + 4, 8);
    const __m512i unused = _mm512_sub_epi64(constant(64), _mm512_slli_epi64(lengths, 3));
    return short_keys(_mm512_sllv_epi64(bytes, unused), lengths, lanes, keys);
}

/// Eight quantities, or prices in millionths: as doubles, exact below 2^53, and as words of which the low 32 bits
/// count.
struct eight_numbers {
    __m512d value;
    __m512i low;
};

LGS_RFM_AVX512 [[nodiscard]] inline eight_numbers load_numbers(const std::int64_t* from, __mmask8 lanes) noexcept {
    const __m512i whole = _mm512_maskz_loadu_epi64(lanes, from);
    return {_mm512_cvtepi64_pd(whole), whole};
}
LGS_RFM_AVX512 [[nodiscard]] inline eight_numbers load_numbers(const std::int32_t* from, __mmask8 lanes) noexcept {
    const __m512i whole = _mm512_cvtepi32_epi64(_mm256_maskz_loadu_epi32(lanes, from));
    return {_mm512_cvtepi64_pd(whole), whole};
}

/// Prices in millionths, not rounded to whole ones yet. The rounding is stated so that the compiler does not fuse the
/// product with a sum, which would round once, not twice.
LGS_RFM_AVX512 [[nodiscard]] inline __m512d scaled_prices(const double* from, __mmask8 lanes) noexcept {
    return _mm512_mul_round_pd(_mm512_maskz_loadu_pd(lanes, from), _mm512_set1_pd(1e6),
                               _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/// Doubles to millionths, as `scale_prices` does. `inexact` becomes positive in a lane where a price was rounded; also
/// where one is negative, which is rare and has to be looked at.
LGS_RFM_AVX512 [[nodiscard]] inline eight_numbers load_prices(const double* from, __mmask8 lanes,
                                                              __m512d& inexact) noexcept {
    const __m512d magic = _mm512_set1_pd(0x1.8p52);
    const __m512d scaled = scaled_prices(from, lanes);
    const __m512d shifted = _mm512_add_pd(scaled, magic);
    const __m512d whole = _mm512_sub_pd(shifted, magic);
    const __m512d off = _mm512_abs_pd(_mm512_sub_pd(scaled, whole));
    inexact = _mm512_max_pd(inexact, _mm512_fnmadd_pd(whole, _mm512_set1_pd(0x1p-51), off));
    return {whole, _mm512_castpd_si512(shifted)};
}
/// Whole millionths already.
LGS_RFM_AVX512 [[nodiscard]] inline eight_numbers load_prices(const std::int64_t* from, __mmask8 lanes,
                                                              __m512d&) noexcept {
    return load_numbers(from, lanes);
}

/// How many prices `load_prices` rounds.
LGS_RFM_AVX512 [[nodiscard]] inline std::int64_t count_rounded(const double* price, std::int64_t rows) noexcept {
    std::int64_t rounded = 0;
    for (std::int64_t row = 0; row < rows; row += 8) {
        const __m512d scaled = scaled_prices(price + row, first_lanes(rows - row));
        const __m512d whole = _mm512_roundscale_pd(scaled, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        const __m512d most = _mm512_mul_pd(_mm512_abs_pd(whole), _mm512_set1_pd(0x1p-51));
        rounded +=
            std::popcount(unsigned{_mm512_cmp_pd_mask(_mm512_abs_pd(_mm512_sub_pd(scaled, whole)), most, _CMP_GT_OQ)});
    }
    return rounded;
}
LGS_RFM_AVX512 [[nodiscard]] inline std::int64_t count_rounded(const std::int64_t*, std::int64_t) noexcept { return 0; }

/// Sums over pairs of lanes: of a in even lanes, of b in odd ones.
LGS_RFM_AVX512 [[nodiscard]] inline __m256i pair_sums(__m512i a, __m512i b) noexcept {
    const __m512i pairs = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    return _mm256_add_epi64(_mm512_castsi512_si256(pairs), _mm512_extracti64x4_epi64(pairs, 1));
}

/// Amounts in millionths that need no more bits, and their sums, are exact in doubles, whose whole numbers end at 2^53.
inline constexpr unsigned amount_bits = 50;

/// Gross, and the counts of lines, of a run whose lines are not all purchases. False when a number is so large that
/// its sums may be wrong.
template <class Quantity, class Price>
LGS_RFM_AVX512 [[nodiscard]] bool sum_others(const Quantity* quantity, const Price* price, std::int64_t rows,
                                             run_sums& to) noexcept {
    const __m512d zero = _mm512_setzero_pd();
    __m512d gross = zero;
    __m512d magnitudes = zero;
    __m512d ignored = zero;
    unsigned small = 0xFF;
    int purchase_lines = 0, zero_price = 0, negative_price = 0, positive_quantity = 0, negative_quantity = 0;
    for (std::int64_t row = 0; row < rows; row += 8) {
        const __mmask8 lanes = first_lanes(rows - row);
        const __m512d q = load_numbers(quantity + row, lanes).value;
        const __m512d p = load_prices(price + row, lanes, ignored).value;
        const __m512d amount = _mm512_mul_pd(q, p);
        small &= _mm512_cmp_pd_mask(_mm512_abs_pd(q), _mm512_set1_pd(0x1p31), _CMP_LT_OQ);
        small &= _mm512_cmp_pd_mask(_mm512_abs_pd(p), _mm512_set1_pd(0x1p51), _CMP_LT_OQ);
        magnitudes = _mm512_add_pd(magnitudes, _mm512_abs_pd(amount));
        const __mmask8 bought = _mm512_cmp_pd_mask(q, zero, _CMP_GT_OQ);
        const __mmask8 purchase = _mm512_mask_cmp_pd_mask(bought, p, zero, _CMP_GT_OQ);
        gross = _mm512_mask_add_pd(gross, purchase, gross, amount);
        purchase_lines += std::popcount(unsigned{purchase});
        zero_price += std::popcount(unsigned{_mm512_mask_cmp_pd_mask(lanes, p, zero, _CMP_EQ_OQ)});
        negative_price += std::popcount(unsigned{_mm512_cmp_pd_mask(p, zero, _CMP_LT_OQ)});
        positive_quantity += std::popcount(unsigned{bought});
        negative_quantity += std::popcount(unsigned{_mm512_cmp_pd_mask(q, zero, _CMP_LT_OQ)});
    }
    // each lane an eighth of what the sum may be
    const __m512d most = _mm512_set1_pd(static_cast<double>(std::int64_t{1} << (amount_bits - 3)));
    if ((small & _mm512_cmp_pd_mask(magnitudes, most, _CMP_LT_OQ)) != 0xFF) return false;
    to.gross = purchase_lines == 0 ? 0 : static_cast<std::int64_t>(_mm512_reduce_add_pd(gross));
    to.purchase_lines = static_cast<std::uint16_t>(purchase_lines);
    to.zero_price = static_cast<std::uint16_t>(zero_price);
    to.negative_price = static_cast<std::uint16_t>(negative_price);
    to.positive_quantity = static_cast<std::uint16_t>(positive_quantity);
    to.negative_quantity = static_cast<std::uint16_t>(negative_quantity);
    to.zero_quantity = static_cast<std::uint16_t>(to.lines - positive_quantity - negative_quantity);
    return true;
}

/// What has been seen of a block's lines.
struct seen_lines {
    __m512d inexact;     ///< as in `load_prices`
    __m512i quantities;  ///< ORs of sums of purchases, which are not smaller than what they are made of
    __m512i amounts;
    bool others_fit;  ///< the numbers of runs with other lines are small enough
};

/// Whether no lane is negative or needs more than `bits` bits.
LGS_RFM_AVX512 [[nodiscard]] inline bool fit(__m512i lanes, unsigned bits) noexcept {
    return _mm512_test_epi64_mask(lanes, _mm512_slli_epi64(constant(-1), bits)) == 0;
}

/// The sums of one run's lines, right when what was `seen` fits. Purchases, as nearly all lines are, need neither a sum
/// of gross amounts nor counts of their own, and as none is negative, their sums tell how large they are.
template <class Quantity, class Price>
LGS_RFM_AVX512 inline void sum_lines(const Quantity* quantity, const Price* price, std::int64_t rows, seen_lines& seen,
                                     run_sums& to) noexcept {
    __m512i quantities = _mm512_setzero_si512();
    __m512d net = _mm512_setzero_pd();
    __m512i digest = _mm512_setzero_si512();
    __m512d least = _mm512_set1_pd(1);
    for (std::int64_t row = 0; row < rows; row += 8) {
        const __mmask8 lanes = first_lanes(rows - row);
        expect<sizeof(Quantity)>(quantity + row);
        expect<sizeof(Price)>(price + row);
        const eight_numbers q = load_numbers(quantity + row, lanes);
        const eight_numbers p = load_prices(price + row, lanes, seen.inexact);
        least = _mm512_mask_min_pd(least, lanes, least, _mm512_min_pd(q.value, p.value));
        quantities = _mm512_add_epi64(quantities, q.low);
        net = _mm512_add_pd(net, _mm512_mul_round_pd(q.value, p.value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
        const __m512i product = _mm512_mul_epu32(_mm512_add_epi64(q.low, constant(hash_quantity)),
                                                 _mm512_add_epi64(p.low, constant(hash_price)));
        digest =
            _mm512_mask_add_epi64(digest, lanes, digest, _mm512_xor_si512(product, _mm512_srli_epi64(product, 32)));
    }
    const __m512i amounts = _mm512_cvtpd_epi64(net);
    const __m256i first = pair_sums(quantities, amounts);
    const __m256i second = pair_sums(amounts, digest);
    // quantity, gross, net and digest are the first four of the sums
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&to),
                        _mm256_add_epi64(_mm256_permute2x128_si256(first, second, 0x20),
                                         _mm256_permute2x128_si256(first, second, 0x31)));
    to.lines = to.purchase_lines = to.positive_quantity = static_cast<std::uint16_t>(rows);
    to.zero_price = to.negative_price = to.negative_quantity = to.zero_quantity = 0;
    if (_mm512_cmp_pd_mask(least, _mm512_setzero_pd(), _CMP_GT_OQ) == 0xFF) {
        seen.quantities = _mm512_or_si512(seen.quantities, quantities);
        seen.amounts = _mm512_or_si512(seen.amounts, amounts);
    } else {
        seen.others_fit = sum_others(quantity, price, rows, to) && seen.others_fit;
    }
}
static_assert(offsetof(run_sums, quantity) == 0 && offsetof(run_sums, gross) == 8 && offsetof(run_sums, net) == 16 &&
              offsetof(run_sums, digest) == 24);

/// Appends the runs of a block, given by its keys, from quantities and prices, doubles or whole millionths, as they lie
/// in memory: what `sum_runs` of the kernel does, and counts the prices that were rounded. Sums are exact, as no number
/// that counts, and no sum of a run's numbers, leaves the whole numbers that doubles hold. False, with nothing changed,
/// when a number is so large that each addition must be checked.
template <class Quantity, class Price>
LGS_RFM_AVX512 bool sum_runs(const block& lines, const Quantity* quantity, const Price* price, run_list& runs,
                             std::int64_t& rounded) {
    seen_lines seen{_mm512_setzero_pd(), _mm512_setzero_si512(), _mm512_setzero_si512(), true};
    const std::size_t before = runs.size();
    const auto keys_of = [&](std::size_t k) { return run_keys{lines.invoice[k], lines.customer[k], lines.moment[k]}; };
    const auto starts = static_cast<std::size_t>(lines.starts);
    const std::size_t going_on = before > 0 && runs.keys.back() == keys_of(0) ? 1 : 0;
    run_keys* keys = runs.keys.extend(starts - going_on);
    run_sums* sums = runs.sums.extend(starts - going_on);
    run_sums first;
    for (std::size_t k = 0; k < starts; ++k) {
        const std::int64_t begin = lines.start[k];
        const std::int64_t end = k + 1 < starts ? lines.start[k + 1] : lines.rows;
        if (k < going_on) {
            sum_lines(quantity + begin, price + begin, end - begin, seen, first);
        } else {
            *keys++ = keys_of(k);
            sum_lines(quantity + begin, price + begin, end - begin, seen, *sums++);
        }
    }
    const bool fits = seen.others_fit && fit(seen.quantities, 31) && fit(seen.amounts, amount_bits);
    if (!fits || (going_on != 0 && !runs.sums[before - 1].add(first))) {
        runs.truncate(before);
        return false;
    }
    if (_mm512_cmp_pd_mask(seen.inexact, _mm512_setzero_pd(), _CMP_GT_OQ) != 0) {
        rounded += count_rounded(price, lines.rows);
    }
    return true;
}

}  // namespace lgs_rfm::detail::avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
