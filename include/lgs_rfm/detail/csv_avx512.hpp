#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/instruction_set.hpp>

#if LGS_RFM_HAS_VECTORS

#include <immintrin.h>

#if !defined(__clang__)
// GCC 12 says that values in its own intrinsics are used uninitialised where they are never used (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/// The CSV reader's scan written for AVX-512 by hand. Each does what the body of the same name for AVX2 does.
namespace lgs_rfm::detail::avx512 {

LGS_RFM_AVX512 inline std::uint64_t equal_bytes(const char* text, std::size_t words, const std::array<char, 3>& wanted,
                                                const std::array<std::uint64_t*, 3>& out) noexcept {
    const __m512i a = _mm512_set1_epi8(wanted[0]);
    const __m512i b = _mm512_set1_epi8(wanted[1]);
    const __m512i c = _mm512_set1_epi8(wanted[2]);
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < words; ++i) {
        const __m512i here = _mm512_loadu_si512(text + 64 * i);
        out[0][i] = _mm512_cmpeq_epi8_mask(here, a);
        out[1][i] = _mm512_cmpeq_epi8_mask(here, b);
        out[2][i] = _mm512_cmpeq_epi8_mask(here, c);
        any |= out[2][i];
    }
    return any;
}

/// Whether bytes can be moved together by a mask, which the first processors with AVX-512 could not.
[[nodiscard]] inline bool compresses_bytes() noexcept {
    static const bool does = runs_on(instruction_set::avx512) && __builtin_cpu_supports("avx512vbmi2") != 0 &&
                             __builtin_cpu_supports("popcnt") != 0;
    return does;
}

/// Up to 7 places behind the last are overwritten. Only where `compresses_bytes`.
[[gnu::target("avx512f,avx512bw,avx512vbmi2,popcnt")]] inline std::size_t list_bits(
    const std::uint64_t* first, const std::uint64_t* second, std::size_t words, std::uint32_t base, std::uint32_t* to,
    std::size_t& second_count) noexcept {
    alignas(64) std::array<std::uint8_t, 64> numbers;
    for (std::size_t i = 0; i < 64; ++i) numbers[i] = static_cast<std::uint8_t>(i);
    const __m512i counting = _mm512_load_si512(numbers.data());
    const std::uint32_t* const begin = to;
    std::int64_t seconds = 0;
    for (std::size_t i = 0; i < words; ++i, base += 64) {
        const std::uint64_t bits = first[i] | second[i];
        const int all = __builtin_popcountll(bits);
        seconds += __builtin_popcountll(second[i]);
        __m512i places = _mm512_maskz_compress_epi8(bits, counting);
        const __m256i from = _mm256_set1_epi32(static_cast<std::int32_t>(base));
        for (int done = 0; done < all; done += 8) {  // hardly ever more than eight
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + done),
                                _mm256_add_epi32(from, _mm256_cvtepu8_epi32(_mm512_castsi512_si128(places))));
            places = _mm512_alignr_epi64(places, places, 1);  // the next eight bytes to the front
        }
        to += all;
    }
    second_count = static_cast<std::size_t>(seconds);
    return static_cast<std::size_t>(to - begin);
}

}  // namespace lgs_rfm::detail::avx512

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
