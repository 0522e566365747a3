#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// Multiplicative hashing (Knuth, TAOCP volume 3, 6.4) of the keys of lines and runs. The upper bits depend on all bits
/// of the keys: the first ones tell the partition, those after them the place in its table.
struct key_hash {
    static constexpr std::array<std::uint64_t, 3> factors{0x9E3779B97F4A7C15U, 0xC2B2AE3D27D4EB4FU,
                                                          0x165667B19E3779F9U};
    static constexpr int partition_bits = 7;
    static constexpr std::size_t partitions = std::size_t{1} << partition_bits;

    [[nodiscard]] static std::uint64_t of(const run_keys& keys) noexcept {
        return keys.invoice * factors[0] + keys.customer * factors[1] +
               static_cast<std::uint64_t>(keys.moment) * factors[2];
    }
    [[nodiscard]] static std::size_t partition_of(std::uint64_t hash) noexcept { return hash >> (64 - partition_bits); }
};

}  // namespace lgs_rfm::detail
