#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)

#include <emmintrin.h>

/// The CSV reader's scan in what every 64-bit x86 processor has: the compiler's default target there.
namespace lgs_rfm::detail::sse2 {

/// Bit i: byte i of 64 equals `wanted`, for three of them, in each of `words` stretches of 64 bytes. Returns the OR of
/// the third.
inline std::uint64_t equal_bytes(const char* text, std::size_t words, const std::array<char, 3>& wanted,
                                 const std::array<std::uint64_t*, 3>& out) noexcept {
    const __m128i bytes[] = {_mm_set1_epi8(wanted[0]), _mm_set1_epi8(wanted[1]), _mm_set1_epi8(wanted[2])};
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < words; ++i) {
        std::array<std::uint64_t, 3> bits{};
        for (int part = 0; part < 4; ++part, text += 16) {
            const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
            for (std::size_t k = 0; k < 3; ++k) {
                const auto equal = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(here, bytes[k])));
                bits[k] |= std::uint64_t{equal} << 16 * part;
            }
        }
        for (std::size_t k = 0; k < 3; ++k) out[k][i] = bits[k];
        any |= bits[2];
    }
    return any;
}

}  // namespace lgs_rfm::detail::sse2

#endif
