#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lgs_rfm::detail {

/// Eight bytes as a word, the first lowest.
[[nodiscard]] inline std::uint64_t eight_bytes(const char* text) noexcept {
    std::uint64_t word;
    std::memcpy(&word, text, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

/// True when two texts of one length are equal. The eight bytes before each end must be readable.
[[nodiscard]] inline bool equal_texts(const char* a, const char* b, std::size_t size) noexcept {
    if (size <= 8) {
        const std::uint64_t differs = eight_bytes(a + size - 8) ^ eight_bytes(b + size - 8);
        return size == 0 || differs >> ((64 - 8 * size) & 63) == 0;
    }
    if (size <= 16) {
        return ((eight_bytes(a) ^ eight_bytes(b)) | (eight_bytes(a + size - 8) ^ eight_bytes(b + size - 8))) == 0;
    }
    if (size <= 32) {
        return ((eight_bytes(a) ^ eight_bytes(b)) | (eight_bytes(a + 8) ^ eight_bytes(b + 8)) |
                (eight_bytes(a + size - 16) ^ eight_bytes(b + size - 16)) |
                (eight_bytes(a + size - 8) ^ eight_bytes(b + size - 8))) == 0;
    }
    return std::memcmp(a, b, size) == 0;
}

}  // namespace lgs_rfm::detail
