#pragma once

#include <cstdint>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Consecutive lines of one (invoice, customer, moment): what the kernel appends, in the order of the input.
struct run {
    id_key invoice = missing_key;
    id_key customer = missing_key;
    std::int64_t moment = 0;
    std::uint64_t digest = 0;  ///< order-free sum of a hash of each line but for its customer, to tell copies
    std::uint32_t positive_quantity = 0;  ///< lines of quantity > 0 and < 0: the invoice's kind tells which are odd
    std::uint32_t negative_quantity = 0;
    line_sums sums = {};
};

/// A 64-bit mix (the finaliser of SplitMix64, Steele, Lea and Flood 2014): every input bit reaches every output bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

}  // namespace lgs_rfm::detail
