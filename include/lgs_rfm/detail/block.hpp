#pragma once

#include <array>
#include <cstdint>

#include <lgs_rfm/detail/id_key.hpp>

namespace lgs_rfm::detail {

/// The canonical form of some thousand lines: what every decoder writes and every kernel reads. Its arrays stay in the
/// second-level cache, and the kernel never sees where a value came from. Keys stand once per start of a run: a row
/// whose invoice, customer or moment differs from the row before; quantities and prices stand once per line.
struct block {
    static constexpr std::int64_t capacity = 2048;  // counts of one block fit 12 bits, which the kernel uses

    static constexpr std::int64_t spare = 3;  // rows that vectors may read beyond the last and do not count

    std::int64_t rows = 0;
    std::int64_t starts = 0;                                ///< number of starts; 1 or more when there are rows
    std::array<std::int32_t, capacity> start;               ///< their rows, ascending, the first 0
    std::array<id_key, capacity> invoice;                   ///< by start
    std::array<id_key, capacity> customer;                  ///< by start
    std::array<std::int64_t, capacity> moment;              ///< by start
    std::array<std::int64_t, capacity + spare> quantity{};  ///< by row
    std::array<std::int64_t, capacity + spare> price{};     ///< by row: millionths; amounts where `has_price` is false
    bool has_price = true;
    bool has_quantity = true;
};

}  // namespace lgs_rfm::detail
