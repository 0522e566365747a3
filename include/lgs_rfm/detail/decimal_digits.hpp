#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lgs_rfm::detail {

/// The most characters that `write_integer` writes, and may touch.
inline constexpr std::size_t longest_integer = 20;

/// The eight decimal digits of a number below 10^8, the first in the lowest byte. The number is divided into fours of
/// digits, pairs and single ones, all parts at once; a product and a shift divide exactly numbers as small as these.
[[nodiscard]] constexpr std::uint64_t eight_digits(std::uint32_t value) noexcept {
    const std::uint64_t fours = value / 10'000 | std::uint64_t{value % 10'000} << 32;
    const std::uint64_t hundreds = (fours * 5'243 >> 19) & 0x0000'007F'0000'007F;
    const std::uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    const std::uint64_t tens = (pairs * 103 >> 10) & 0x000F'000F'000F'000F;
    return tens | (pairs - tens * 10) << 8;
}

/// Writes a number as `std::to_chars` does, and returns where it ends; up to eight digits, as most ids have, without a
/// loop or a branch on their number. `to` has room for `longest_integer`.
inline char* write_integer(std::int64_t value, char* to) noexcept {
    if (std::endian::native != std::endian::little || value < 0 || value >= 100'000'000) {
        return std::to_chars(to, to + longest_integer, value).ptr;
    }
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(value));
    const int leading_zeros = std::min(std::countr_zero(digits) / 8, 7);  // the last digit stays
    const std::uint64_t text = (digits | 0x3030'3030'3030'3030) >> (8 * leading_zeros);
    std::memcpy(to, &text, sizeof text);
    return to + (8 - leading_zeros);
}

/// Writes numbers as `write_integer` does, faster where most share all but the last two digits with the one before, as
/// ids in order do: these digits are kept as text.
class integer_writer {
public:
    /// `to` has room for `longest_integer`.
    char* write(std::int64_t value, char* to) noexcept {
        const std::uint64_t last_two = static_cast<std::uint64_t>(value) - hundreds_;
        if (last_two >= 100) return write_other(value, to);
        std::memcpy(to, shared_.data(), shared_.size());
        std::memcpy(to + shared_size_, pairs[last_two].data(), 2);
        return to + shared_size_ + 2;
    }

private:
    [[gnu::noinline]] char* write_other(std::int64_t value, char* to) noexcept {
        char* const end = write_integer(value, to);
        const std::ptrdiff_t size = end - to - 2;
        if (value >= 100 && size <= static_cast<std::ptrdiff_t>(shared_.size())) {
            hundreds_ = static_cast<std::uint64_t>(value - value % 100);
            shared_size_ = size;
            std::copy(to, to + size, shared_.begin());
        }
        return end;
    }

    static constexpr std::array<std::array<char, 2>, 100> pairs = [] {
        std::array<std::array<char, 2>, 100> all{};
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
        }
        return all;
    }();

    std::uint64_t hundreds_ = 100;  // the last number without its last two digits
    std::array<char, 8> shared_{'1'};
    std::ptrdiff_t shared_size_ = 1;
};

}  // namespace lgs_rfm::detail
