#pragma once

#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/block.hpp>

/// Asking for memory ahead of its use. A pass over a column's rows of one block asks for the rows of the next block,
/// which arrive while the other columns are read. Reaching beyond the end does no harm.
namespace lgs_rfm::detail {

/// The line of memory that holds the row `rows` of `Width` bytes further on.
template <std::size_t Width>
inline void expect(const void* at, std::int64_t rows = block::capacity) noexcept {
    __builtin_prefetch(static_cast<const char*>(at) + rows * static_cast<std::int64_t>(Width), 0, 2);
}

/// All of what follows `count` values from `first` on by a block.
template <class T>
inline void expect_next(const void* values, std::int64_t first, std::int64_t count) noexcept {
    constexpr auto width = static_cast<std::int64_t>(sizeof(T));
    const char* const from = static_cast<const char*>(values) + first * width;
    for (std::int64_t at = 0; at < count * width; at += 64) expect<sizeof(T)>(from + at);
}

}  // namespace lgs_rfm::detail
