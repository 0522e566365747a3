#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/stream.hpp>

namespace lgs_rfm::detail {

/// Eight lines, number by number, a line of cache each. Quantity and price are given, and the amount, their product,
/// has `scattered_lines::amount_bits` bits at most.
struct alignas(64) line_group {
    static constexpr std::size_t lines = 8;

    std::array<id_key, lines> invoice;
    std::array<id_key, lines> customer;
    std::array<std::int64_t, lines> moment;
    std::array<std::int64_t, lines> quantity;
    std::array<std::int64_t, lines> price;  ///< millionths
};

/// Lines in no order, dealt to partitions by a hash of their keys while they are read, so that each partition's sums
/// are made in one go and in the cache (`run_table`). A partition collects a group of lines in the cache, and then
/// appends it, past the caches, to its list of chunks of one array.
class scattered_lines {
public:
    static constexpr int partition_bits = 7;
    static constexpr std::size_t partitions = std::size_t{1} << partition_bits;
    static constexpr std::size_t chunk_groups = 64;
    static constexpr int amount_bits = 53;

    /// Multiplicative hashing (Knuth, TAOCP volume 3, 6.4): upper bits depend on all bits of the keys, so they are used
    /// first.
    static constexpr std::array<std::uint64_t, 3> hash_factors{0x9E3779B97F4A7C15U, 0xC2B2AE3D27D4EB4FU,
                                                               0x165667B19E3779F9U};
    [[nodiscard]] static std::uint64_t hash_of(id_key invoice, id_key customer, std::int64_t moment) noexcept {
        return invoice * hash_factors[0] + customer * hash_factors[1] +
               static_cast<std::uint64_t>(moment) * hash_factors[2];
    }
    [[nodiscard]] static std::uint64_t hash_of(const run_keys& keys) noexcept {
        return hash_of(keys.invoice, keys.customer, keys.moment);
    }
    [[nodiscard]] static std::size_t partition_of(std::uint64_t hash) noexcept { return hash >> (64 - partition_bits); }

    /// Room for so many lines more.
    void reserve(std::size_t lines) {
        memory_.reserve(memory_.size() + lines / line_group::lines + partitions * chunk_groups);
    }

    /// Takes a block's lines. False, with nothing taken, when one of them needs the kernel's care, or a pool to tell
    /// what its key means.
    [[nodiscard]] bool add(const block& lines) {
        const block_widths widths(lines);
        if (!lines.has_price || !lines.has_quantity || widths.quantity + widths.price > amount_bits) return false;
        const auto starts = static_cast<std::size_t>(lines.starts);
        bool pooled = false;
        for (std::size_t k = 0; k < starts; ++k) pooled |= is_pooled(lines.invoice[k]) || is_pooled(lines.customer[k]);
        if (pooled) return false;
        if (lists_.empty()) {
            lists_.resize(partitions);
            reserve(0);
        }
        for (std::size_t k = 0; k < starts; ++k) {
            const auto end = static_cast<std::size_t>(k + 1 < starts ? lines.start[k + 1] : lines.rows);
            const std::uint64_t hash = hash_of(lines.invoice[k], lines.customer[k], lines.moment[k]);
            list& to = lists_[partition_of(hash)];
            for (auto row = static_cast<std::size_t>(lines.start[k]); row < end; ++row) {
                const std::size_t at = to.collected;
                to.group.invoice[at] = lines.invoice[k];
                to.group.customer[at] = lines.customer[k];
                to.group.moment[at] = lines.moment[k];
                to.group.quantity[at] = lines.quantity[row];
                to.group.price[at] = lines.price[row];
                if (++to.collected == line_group::lines) put_away(to);
            }
        }
        finish_streams();
        return true;
    }

    /// Calls `visit(groups, lines)` for the chunks of a partition: all groups but the last are full. What is visited
    /// next is asked for meanwhile.
    template <class Visit>
    void for_each_chunk(std::size_t partition, Visit&& visit) const {
        if (lists_.empty()) return;
        const list& of = lists_[partition];
        std::size_t chunk = of.first;
        for (std::size_t i = 0; i < of.chunks; ++i, chunk = next_[chunk]) {
            const line_group* const groups = memory_.data() + chunk * chunk_groups;
            const std::size_t count = i + 1 < of.chunks ? chunk_groups : of.filled;
            if (i + 1 < of.chunks) {
                const char* const following =
                    reinterpret_cast<const char*>(memory_.data() + next_[chunk] * chunk_groups);
                for (std::size_t at = 0; at < sizeof(line_group) * chunk_groups; at += 64) {
                    __builtin_prefetch(following + at);
                }
            }
            visit(std::span(groups, count), count * line_group::lines);
        }
        if (of.collected != 0) visit(std::span(&of.group, 1), of.collected);
    }

    [[nodiscard]] bool empty() const noexcept { return lists_.empty(); }
    void clear() noexcept {
        memory_.clear();
        next_.clear();
        lists_.clear();
    }

private:
    struct list {
        line_group group;  ///< the lines of the last, which is not yet full
        std::size_t collected = 0;
        std::size_t filled = chunk_groups;  ///< groups in the last chunk
        std::size_t first = 0;
        std::size_t last = 0;
        std::size_t chunks = 0;
    };

    void put_away(list& of) {
        if (of.filled == chunk_groups) {
            const std::size_t chunk = next_.size();
            next_.push_back(0);
            static_cast<void>(memory_.extend(chunk_groups));
            (of.chunks == 0 ? of.first : next_[of.last]) = chunk;
            of.last = chunk;
            of.filled = 0;
            ++of.chunks;
        }
        stream_lines(&memory_[of.last * chunk_groups + of.filled++], &of.group, sizeof(line_group));
        of.collected = 0;
    }

    record_array<line_group> memory_;
    std::vector<std::size_t> next_;  ///< the chunk after each in its partition
    std::vector<list> lists_;        ///< by partition; none before the first line
};

}  // namespace lgs_rfm::detail
