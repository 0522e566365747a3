#pragma once

#include <cstdint>

#include <lgs_rfm/money.hpp>

namespace lgs_rfm {

/// The sums of some lines of one ledger entry. Counts are below 2^32 (`add` refuses more), quantities and amounts
/// of a line are bounded, so neither the int64 nor the 128-bit sums can overflow.
struct line_sums {
    std::uint32_t lines = 0;
    std::uint32_t purchase_lines = 0;
    std::uint32_t zero_price = 0;
    std::uint32_t negative_price = 0;
    std::uint32_t odd_quantity = 0;
    std::uint32_t zero_quantity = 0;
    std::int64_t quantity = 0;
    money gross;
    money net;

    friend bool operator==(const line_sums&, const line_sums&) = default;

    /// Adds other lines of the same entry; false, with nothing changed, when they would be 2^32 or more.
    [[nodiscard]] bool add(const line_sums& other) noexcept {
        if (lines + std::uint64_t{other.lines} > std::uint64_t{0xFFFF'FFFF}) return false;
        lines += other.lines;
        purchase_lines += other.purchase_lines;
        zero_price += other.zero_price;
        negative_price += other.negative_price;
        odd_quantity += other.odd_quantity;
        zero_quantity += other.zero_quantity;
        quantity += other.quantity;
        gross += other.gross;
        net += other.net;
        return true;
    }
};

}  // namespace lgs_rfm
