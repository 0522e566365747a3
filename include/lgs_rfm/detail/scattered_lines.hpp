#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// One line whose quantity and price are given, and whose amount, their product, fits int64.
struct plain_line {
    run_keys keys;
    std::int64_t quantity;
    std::int64_t price;  ///< millionths
};

/// Lines in no order, dealt to partitions by a hash of their keys while they are read, so that each partition's sums
/// are made in one go and in the cache (`run_table`). A partition is a list of chunks of one array.
class scattered_lines {
public:
    static constexpr std::size_t partitions = 256;
    static constexpr std::size_t chunk_lines = 128;

    [[nodiscard]] static std::uint64_t hash_of(const run_keys& keys) noexcept {
        return mix(keys.invoice * 0x9E3779B97F4A7C15U + keys.customer * 0xC2B2AE3D27D4EB4FU +
                   static_cast<std::uint64_t>(keys.moment) * 0x165667B19E3779F9U);
    }
    [[nodiscard]] static std::size_t partition_of(std::uint64_t hash) noexcept { return hash >> 56; }

    /// Room for so many lines more.
    void reserve(std::size_t lines) { memory_.reserve(memory_.size() + lines + partitions * chunk_lines); }

    /// Takes a block's lines. False, with nothing taken, when one of them needs the kernel's care, or a pool to tell
    /// what its key means.
    [[nodiscard]] bool add(const block& lines) {
        const block_widths widths(lines);
        if (!lines.has_price || !lines.has_quantity || widths.quantity + widths.price > 62) return false;
        const auto starts = static_cast<std::size_t>(lines.starts);
        for (std::size_t k = 0; k < starts; ++k) {
            if (is_pooled(lines.invoice[k]) || is_pooled(lines.customer[k])) return false;
        }
        for (std::size_t k = 0; k < starts; ++k) {
            const auto end = static_cast<std::size_t>(k + 1 < starts ? lines.start[k + 1] : lines.rows);
            const run_keys keys{lines.invoice[k], lines.customer[k], lines.moment[k]};
            list& to = lists_[partition_of(hash_of(keys))];
            for (auto row = static_cast<std::size_t>(lines.start[k]); row < end; ++row) {
                if (to.filled == chunk_lines) begin_chunk(to);
                memory_[to.last * chunk_lines + to.filled++] = {keys, lines.quantity[row], lines.price[row]};
            }
        }
        return true;
    }

    /// Calls `visit(lines)` for each chunk of a partition.
    template <class Visit>
    void for_each_chunk(std::size_t partition, Visit&& visit) const {
        const list& of = lists_[partition];
        if (of.chunks == 0) return;
        std::size_t chunk = of.first;
        for (std::size_t i = 0; i < of.chunks; ++i, chunk = next_[chunk]) {
            const std::size_t size = i + 1 < of.chunks ? chunk_lines : of.filled;
            visit(std::span<const plain_line>(memory_.data() + chunk * chunk_lines, size));
        }
    }

    [[nodiscard]] bool empty() const noexcept { return next_.empty(); }
    void clear() noexcept {
        memory_.clear();
        next_.clear();
        lists_ = {};
    }

private:
    struct list {
        std::size_t first = 0;
        std::size_t last = 0;
        std::size_t chunks = 0;
        std::size_t filled = chunk_lines;  ///< lines in the last chunk
    };

    void begin_chunk(list& of) {
        const std::size_t chunk = next_.size();
        next_.push_back(0);
        static_cast<void>(memory_.extend(chunk_lines));
        (of.chunks == 0 ? of.first : next_[of.last]) = chunk;
        of.last = chunk;
        of.filled = 0;
        ++of.chunks;
    }

    record_array<plain_line> memory_;
    std::vector<std::size_t> next_;  ///< the chunk after each in its partition
    std::array<list, partitions> lists_;
};

}  // namespace lgs_rfm::detail
