#pragma once

#include <array>
#include <cstdint>

#include <lgs_rfm/detail/id_key.hpp>

namespace lgs_rfm::detail {

/// The canonical form of some thousand lines: what every decoder writes and every kernel reads. Its arrays stay in the
/// second-level cache, and the kernel never sees where a value came from.
struct block {
    static constexpr std::int64_t capacity = 2048;  // 5 arrays x 16 KB

    std::int64_t rows = 0;
    std::array<id_key, capacity> invoice;
    std::array<id_key, capacity> customer;
    std::array<std::int64_t, capacity> moment;
    std::array<std::int64_t, capacity> quantity;
    std::array<std::int64_t, capacity> price;  ///< millionths; the line's amount where `has_price` is false
    bool has_price = true;
    bool has_quantity = true;
};

}  // namespace lgs_rfm::detail
