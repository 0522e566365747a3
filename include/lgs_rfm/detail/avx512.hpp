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

/// Bit k: the k-th of `count` values of `Width` bytes, 4, 8 or 16, differs from the one before it. `count`: up to 64.
template <std::size_t Width>
LGS_RFM_AVX512 [[nodiscard]] inline std::uint64_t differing(const char* values, int count) noexcept {
    constexpr int lanes = 64 / static_cast<int>(Width);
    std::uint64_t bits = 0;
    for (int k = 0; k < count; k += lanes, values += 64) {
        const int rows = std::min(lanes, count - k);
        if constexpr (Width == 4) {
            const auto mask = static_cast<__mmask16>((1U << rows) - 1);
            bits |= std::uint64_t{_mm512_mask_cmpneq_epi32_mask(mask, _mm512_maskz_loadu_epi32(mask, values),
                                                                _mm512_maskz_loadu_epi32(mask, values - Width))}
                    << k;
        } else {
            const auto mask = static_cast<__mmask8>((1U << (rows * static_cast<int>(Width) / 8)) - 1);
            const unsigned halves = _mm512_mask_cmpneq_epi64_mask(mask, _mm512_maskz_loadu_epi64(mask, values),
                                                                  _mm512_maskz_loadu_epi64(mask, values - Width));
            // of sixteen bytes, either half may differ
            bits |= std::uint64_t{Width == 8 ? halves : _pext_u32(halves | halves >> 1, 0x55)} << k;
        }
    }
    return bits;
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

/// Words of eight texts, as `words_of` makes them, to the keys of the integers they are, in place. Returns a bit each:
/// whether `integer_of_word` takes the text; the words of others are of no use then. `offsets[i]`: where text i starts.
template <class Offset>
LGS_RFM_AVX512 [[nodiscard]] inline std::uint8_t keys_of_words(std::uint64_t* words, const void* offsets,
                                                               std::int64_t row) noexcept {
    const __m512i zeros = _mm512_set1_epi8('0');
    const __m512i word = _mm512_loadu_si512(words + row);
    const __m512i lengths =
        _mm512_sub_epi64(load_offsets<Offset>(offsets, row + 1), load_offsets<Offset>(offsets, row));
    const __m512i unused = _mm512_sub_epi64(constant(64), _mm512_slli_epi64(lengths, 3));
    const __m512i below = _mm512_sub_epi64(_mm512_sllv_epi64(constant(1), unused), constant(1));
    const __m512i digits =
        _mm512_sub_epi8(_mm512_or_si512(_mm512_andnot_si512(below, word), _mm512_and_si512(below, zeros)), zeros);
    const __m512i others = _mm512_movm_epi8(_mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9)));
    const __m512i first = _mm512_and_si512(_mm512_srlv_epi64(word, unused), constant(0xFF));
    const unsigned leading_zero =
        _mm512_cmpeq_epi64_mask(first, constant('0')) & _mm512_cmpgt_epi64_mask(lengths, constant(1));
    // numbers of two, four and eight digits, the first digit in the lowest byte
    const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    const __m512i eights = _mm512_add_epi64(_mm512_mul_epu32(fours, constant(10'000)), _mm512_srli_epi64(fours, 32));
    _mm512_storeu_si512(words + row, _mm512_add_epi64(eights, constant(integer_bias)));
    return static_cast<std::uint8_t>(_mm512_testn_epi64_mask(others, others) & ~leading_zero &
                                     _mm512_cmpgt_epi64_mask(lengths, _mm512_setzero_si512()));
}

/// What has been seen of some lines' numbers: ORs of magnitudes bound them all.
struct seen_numbers {
    __m512i quantity;
    __m512i price;
    __m512i amount;
    std::int64_t rounded;
};

LGS_RFM_AVX512 [[nodiscard]] inline __m512i load_quantities(const std::int64_t* from, __mmask8 lanes) noexcept {
    return _mm512_maskz_loadu_epi64(lanes, from);
}
LGS_RFM_AVX512 [[nodiscard]] inline __m512i load_quantities(const std::int32_t* from, __mmask8 lanes) noexcept {
    return _mm512_cvtepi32_epi64(_mm256_maskz_loadu_epi32(lanes, from));
}

/// Doubles to millionths, as `scale_prices` does.
LGS_RFM_AVX512 [[nodiscard]] inline __m512i millionths(__m512d price, std::int64_t& rounded) noexcept {
    const __m512d magic = _mm512_set1_pd(0x1.8p52);
    // The rounding is stated so that the compiler does not fuse product and sum, which would round once, not twice.
    const __m512d scaled =
        _mm512_mul_round_pd(price, _mm512_set1_pd(1e6), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512d shifted = _mm512_add_pd(scaled, magic);
    const __m512d whole = _mm512_sub_pd(shifted, magic);
    const __m512d most = _mm512_mul_pd(_mm512_abs_pd(whole), _mm512_set1_pd(0x1p-51));
    const __mmask8 off = _mm512_cmp_pd_mask(_mm512_abs_pd(_mm512_sub_pd(scaled, whole)), most, _CMP_GT_OQ);
    if (off != 0) rounded += std::popcount(unsigned{off});
    return _mm512_sub_epi64(_mm512_castpd_si512(shifted), _mm512_castpd_si512(magic));
}

LGS_RFM_AVX512 [[nodiscard]] inline __m512i load_prices(const double* from, __mmask8 lanes,
                                                        std::int64_t& rounded) noexcept {
    return millionths(_mm512_maskz_loadu_pd(lanes, from), rounded);
}
/// Whole millionths already.
LGS_RFM_AVX512 [[nodiscard]] inline __m512i load_prices(const std::int64_t* from, __mmask8 lanes,
                                                        std::int64_t&) noexcept {
    return _mm512_maskz_loadu_epi64(lanes, from);
}

LGS_RFM_AVX512 inline void count(std::uint16_t& of, __mmask8 lanes) noexcept {
    of = static_cast<std::uint16_t>(of + std::popcount(unsigned{lanes}));
}

/// Counts of lines that are not all purchases.
template <class Quantity, class Price>
LGS_RFM_AVX512 inline void count_lines(const Quantity* quantity, const Price* price, std::int64_t rows,
                                       run_sums& to) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    std::int64_t ignored = 0;
    to.purchase_lines = to.positive_quantity = 0;
    for (std::int64_t row = 0; row < rows; row += 8) {
        const auto lanes = static_cast<__mmask8>((1U << std::min<std::int64_t>(8, rows - row)) - 1);
        const __m512i q = load_quantities(quantity + row, lanes);
        const __m512i p = load_prices(price + row, lanes, ignored);
        const __mmask8 bought = _mm512_mask_cmpgt_epi64_mask(lanes, q, zero);
        count(to.purchase_lines, _mm512_mask_cmpgt_epi64_mask(bought, p, zero));
        count(to.zero_price, _mm512_mask_cmpeq_epi64_mask(lanes, p, zero));
        count(to.negative_price, _mm512_mask_cmplt_epi64_mask(lanes, p, zero));
        count(to.positive_quantity, bought);
        count(to.negative_quantity, _mm512_mask_cmplt_epi64_mask(lanes, q, zero));
        count(to.zero_quantity, _mm512_mask_cmpeq_epi64_mask(lanes, q, zero));
    }
}

/// Sums over pairs of lanes: of a in even lanes, of b in odd ones.
LGS_RFM_AVX512 [[nodiscard]] inline __m256i pair_sums(__m512i a, __m512i b) noexcept {
    const __m512i pairs = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    return _mm256_add_epi64(_mm512_castsi512_si256(pairs), _mm512_extracti64x4_epi64(pairs, 1));
}

/// The sums of one run's lines, right when what was `seen` fits.
template <class Quantity, class Price>
LGS_RFM_AVX512 inline void sum_lines(const Quantity* quantity, const Price* price, std::int64_t rows,
                                     seen_numbers& seen, run_sums& to) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    __m512i quantities = zero;
    __m512i gross = zero;
    __m512i net = zero;
    __m512i digest = zero;
    unsigned others = 0;
    for (std::int64_t row = 0; row < rows; row += 8) {
        const auto lanes = static_cast<__mmask8>((1U << std::min<std::int64_t>(8, rows - row)) - 1);
        expect<sizeof(Quantity)>(quantity + row);
        expect<sizeof(Price)>(price + row);
        const __m512i q = load_quantities(quantity + row, lanes);
        const __m512i p = load_prices(price + row, lanes, seen.rounded);
        const __m512i amount = _mm512_mullo_epi64(q, p);
        seen.quantity = _mm512_or_si512(seen.quantity, _mm512_abs_epi64(q));
        seen.price = _mm512_or_si512(seen.price, _mm512_abs_epi64(p));
        seen.amount = _mm512_or_si512(seen.amount, _mm512_abs_epi64(amount));
        const __mmask8 bought = _mm512_mask_cmpgt_epi64_mask(lanes, q, zero);
        const __mmask8 purchase = _mm512_mask_cmpgt_epi64_mask(bought, p, zero);
        others |= unsigned{lanes} ^ unsigned { purchase };
        quantities = _mm512_add_epi64(quantities, q);
        net = _mm512_add_epi64(net, amount);
        gross = _mm512_mask_add_epi64(gross, purchase, gross, amount);
        const __m512i product =
            _mm512_mul_epu32(_mm512_add_epi64(q, constant(hash_quantity)), _mm512_add_epi64(p, constant(hash_price)));
        digest =
            _mm512_mask_add_epi64(digest, lanes, digest, _mm512_xor_si512(product, _mm512_srli_epi64(product, 32)));
    }
    const __m256i first = pair_sums(quantities, gross);
    const __m256i second = pair_sums(net, digest);
    // quantity, gross, net and digest are the first four of the sums
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&to),
                        _mm256_add_epi64(_mm256_permute2x128_si256(first, second, 0x20),
                                         _mm256_permute2x128_si256(first, second, 0x31)));
    to.lines = to.purchase_lines = to.positive_quantity = static_cast<std::uint16_t>(rows);
    to.zero_price = to.negative_price = to.negative_quantity = to.zero_quantity = 0;
    if (others != 0) count_lines(quantity, price, rows, to);
}
static_assert(offsetof(run_sums, quantity) == 0 && offsetof(run_sums, gross) == 8 && offsetof(run_sums, net) == 16 &&
              offsetof(run_sums, digest) == 24);

/// Width of the largest magnitude.
LGS_RFM_AVX512 [[nodiscard]] inline int bits_of(__m512i magnitudes) noexcept {
    return 64 - std::countl_zero(static_cast<std::uint64_t>(_mm512_reduce_or_epi64(magnitudes)));
}

/// Appends the runs of a block, given by its keys, from quantities and prices, doubles or whole millionths, as they lie
/// in memory: what `sum_runs` of the kernel does, and counts the prices that were rounded. False, with nothing changed,
/// when a number is so large that each addition must be checked.
template <class Quantity, class Price>
LGS_RFM_AVX512 bool sum_runs(const block& lines, const Quantity* quantity, const Price* price, run_list& runs,
                             std::int64_t& rounded) {
    const __m512i zero = _mm512_setzero_si512();
    seen_numbers seen{zero, zero, zero, 0};
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
    // No product and no sum of a block's products leaves int64, and every quantity and price is one.
    const bool fits = bits_of(seen.quantity) <= 31 && bits_of(seen.price) <= 51 &&
                      bits_of(seen.quantity) + bits_of(seen.price) <= 62 &&
                      bits_of(seen.amount) + std::bit_width(static_cast<std::uint64_t>(block::capacity)) <= 62;
    if (!fits || (going_on != 0 && !runs.sums[before - 1].add(first))) {
        runs.truncate(before);
        return false;
    }
    rounded += seen.rounded;
    return true;
}

}  // namespace lgs_rfm::detail::avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
