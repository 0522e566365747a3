#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <lgs_rfm/detail/csv_avx2.hpp>
#include <lgs_rfm/detail/csv_avx512.hpp>
#include <lgs_rfm/detail/csv_sse2.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>

/// Finds the separators of text: 64 bytes at a time become bits, bits become positions.
namespace lgs_rfm::detail {

/// The bytes of a stretch of text that matter, a bit each.
struct csv_masks {
    static constexpr std::size_t bytes = std::size_t{1} << 14;  // text and masks stay in the first-level cache
    static constexpr std::size_t words = bytes / 64;

    std::array<std::uint64_t, words> delimiter;
    std::array<std::uint64_t, words> newline;
    std::array<std::uint64_t, words> quote;
    bool quotes = false;  ///< there are quotes at all
};

/// Bit i: byte i of 64 equals `wanted`. Eight bytes at a time in plain integers.
[[nodiscard]] inline std::uint64_t equal_bits(const char* text, char wanted) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t low = 0x7F7F7F7F7F7F7F7FU;
    const std::uint64_t pattern = ones * static_cast<unsigned char>(wanted);
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) {
        std::uint64_t word;
        std::memcpy(&word, text + 8 * i, 8);
        const std::uint64_t differs = word ^ pattern;
        const std::uint64_t zero = ~(((differs & low) + low) | differs | low) >> 7;  // 1 in each byte that is equal
        bits |= (zero * 0x0102040810204080U) >> 56 << (8 * i);
    }
    return bits;
}

inline void find_masks_plainly(const char* text, std::size_t words, char delimiter, char quote, csv_masks& out) {
    std::uint64_t quotes = 0;
    for (std::size_t i = 0; i < words; ++i) {
        out.delimiter[i] = equal_bits(text + 64 * i, delimiter);
        out.newline[i] = equal_bits(text + 64 * i, '\n');
        out.quote[i] = equal_bits(text + 64 * i, quote);
        quotes |= out.quote[i];
    }
    out.quotes = quotes != 0;
}

/// Masks of 64 * `words` bytes of text, of which all must be readable.
inline void find_masks(const char* text, std::size_t words, char delimiter, char quote, csv_masks& out) {
#if defined(__SSE2__)
    auto equal_bytes = sse2::equal_bytes;
#if LGS_RFM_HAS_VECTORS
    if (runs_on(instruction_set::avx2)) equal_bytes = avx2::equal_bytes;
    if (runs_on(instruction_set::avx512)) equal_bytes = avx512::equal_bytes;
#endif
    out.quotes = equal_bytes(text, words, {delimiter, '\n', quote},
                             {out.delimiter.data(), out.newline.data(), out.quote.data()}) != 0;
#else
    find_masks_plainly(text, words, delimiter, quote, out);
#endif
}

/// Bit i: the number of bits set in 0..i is odd. From the quotes to what lies within them.
[[nodiscard]] constexpr std::uint64_t prefix_xor(std::uint64_t bits) noexcept {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ bits << 32;
}

/// What lies within quotes no longer separates. The text starts outside of quotes. False when a quote stands within an
/// unquoted field, where it is a letter like others: parity says nothing then. `inner`: newlines within quotes are
/// there.
[[nodiscard]] inline bool hide_quoted(csv_masks& masks, std::size_t words, bool& inner) noexcept {
    std::uint64_t state = 0;   // all ones within quotes
    std::uint64_t before = 1;  // bit 0: the byte before may stand before an opening quote
    std::uint64_t stray = 0;
    std::uint64_t hidden = 0;
    for (std::size_t i = 0; i < words; ++i) {
        const std::uint64_t quote = masks.quote[i];
        if ((quote | state) == 0) {  // nearly always
            before = (masks.delimiter[i] | masks.newline[i]) >> 63;
            continue;
        }
        const std::uint64_t within = quote == 0 ? state : prefix_xor(quote) ^ state;
        const std::uint64_t allowed = masks.delimiter[i] | masks.newline[i] | quote;
        stray |= quote & within & ~(allowed << 1 | before);
        hidden |= masks.newline[i] & within;
        masks.delimiter[i] &= ~within;
        masks.newline[i] &= ~within;
        state = std::uint64_t{0} - (within >> 63);
        before = allowed >> 63;
    }
    inner = hidden != 0;
    return stray == 0;
}

/// The positions of separators, from the byte before the text on.
struct csv_separators {
    std::array<std::uint32_t, csv_masks::bytes + 65> at;  ///< at[0] is the position before the text
    std::size_t count = 0;                                ///< of those that follow at[0]
    std::size_t newlines = 0;                             ///< of them
};

/// Lists the separators of masks; positions count from `origin`, where the text starts (1 or more).
inline void list_separators(const csv_masks& masks, std::size_t words, std::uint32_t origin, csv_separators& out) {
    out.at[0] = origin - 1;
    const std::uint64_t* const delimiter = masks.delimiter.data();
    const std::uint64_t* const newline = masks.newline.data();
#if LGS_RFM_HAS_VECTORS
    if (avx2::has_bit_instructions()) {
        const auto list_bits = avx512::compresses_bytes() ? avx512::list_bits : avx2::list_bits;
        out.count = list_bits(delimiter, newline, words, origin, out.at.data() + 1, out.newlines);
        return;
    }
#endif
    std::uint32_t* to = out.at.data() + 1;
    out.newlines = 0;
    for (std::size_t i = 0; i < words; ++i) {
        for (std::uint64_t bits = delimiter[i] | newline[i]; bits != 0; bits &= bits - 1) {
            const int bit = std::countr_zero(bits);
            out.newlines += newline[i] >> bit & 1U;  // cheaper than to count all without an instruction for it
            *to++ = origin + static_cast<std::uint32_t>(64 * i) + static_cast<std::uint32_t>(bit);
        }
    }
    out.count = static_cast<std::size_t>(to - out.at.data()) - 1;
}

}  // namespace lgs_rfm::detail
