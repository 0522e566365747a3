#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/block.hpp>

namespace lgs_rfm::detail {

/// One bit for each row of a block.
class row_bits {
public:
    void set(std::int64_t row) noexcept {
        words_[static_cast<std::size_t>(row) / 64] |= std::uint64_t{1} << (static_cast<std::size_t>(row) % 64);
    }
    /// ORs up to 64 bits into rows [row, row + 64); bits beyond the block are dropped.
    void set(std::int64_t row, std::uint64_t bits) noexcept {
        const auto word = static_cast<std::size_t>(row) / 64;
        const auto shift = static_cast<std::size_t>(row) % 64;
        words_[word] |= bits << shift;
        if (shift != 0 && word + 1 < words_.size()) words_[word + 1] |= bits >> (64 - shift);
    }
    [[nodiscard]] bool operator[](std::int64_t row) const noexcept {
        return (words_[static_cast<std::size_t>(row) / 64] >> (static_cast<std::size_t>(row) % 64) & 1) != 0;
    }

    /// Calls `visit(row)` for each row set below `rows`, ascending.
    template <class Visit>
    void for_each(std::int64_t rows, Visit&& visit) const {
        for (std::int64_t first = 0; first < rows; first += 64) {
            std::uint64_t word = words_[static_cast<std::size_t>(first) / 64];
            if (rows - first < 64) word &= (std::uint64_t{1} << (rows - first)) - 1;
            for (; word != 0; word &= word - 1) visit(first + std::countr_zero(word));
        }
    }

private:
    static_assert(block::capacity % 64 == 0);
    std::array<std::uint64_t, static_cast<std::size_t>(block::capacity) / 64> words_{};
};

}  // namespace lgs_rfm::detail
