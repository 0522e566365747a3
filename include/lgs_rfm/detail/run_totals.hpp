#pragma once

#include <cstdint>

namespace lgs_rfm::detail {

/// Five counts of lines in one word of 12-bit fields: one addition a line. A block has at most 2^12 - 1 lines.
inline constexpr int count_bits = 12;
enum count_field : int { purchase_count, zero_price_count, negative_price_count, positive_count, negative_count };

[[nodiscard]] constexpr std::uint64_t one_at(bool counts, count_field place) noexcept {
    return std::uint64_t{counts} << (count_bits * place);
}

/// The counts of one line of quantity > 0 and price > 0.
inline constexpr std::int64_t plain_purchase =
    std::int64_t{1} << (count_bits * purchase_count) | std::int64_t{1} << (count_bits * positive_count);

/// The sums of some lines of one run within a block, where 64 bits hold them.
struct run_totals {
    std::uint64_t counts = 0;
    std::int64_t quantity = 0;
    std::int64_t gross = 0;  ///< millionths
    std::int64_t net = 0;    ///< millionths
    std::uint64_t digest = 0;

    friend bool operator==(const run_totals&, const run_totals&) = default;

    [[nodiscard]] std::uint16_t count(count_field of) const noexcept {
        return static_cast<std::uint16_t>(counts >> (count_bits * of) & ((1U << count_bits) - 1));
    }
};

/// A hash of one line for the digest of its invoice: one product of 32 bits, which vectors have, and its halves mixed,
/// since sums of products alone would only tell what the sums of quantities, prices and amounts tell.
inline constexpr std::int64_t hash_quantity = 0x9E3779B9;
inline constexpr std::int64_t hash_price = 0x85EBCA6B;
[[nodiscard]] constexpr std::uint64_t line_hash(std::int64_t quantity, std::int64_t price) noexcept {
    const auto low = [](std::int64_t value, std::int64_t more) {  // a price may be as large as int64
        return (static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(more)) & 0xFFFF'FFFFU;
    };
    const std::uint64_t product = low(quantity, hash_quantity) * low(price, hash_price);
    return product ^ product >> 32;
}

}  // namespace lgs_rfm::detail
