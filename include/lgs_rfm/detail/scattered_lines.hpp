#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/avx512_lines.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/key_hash.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/stream.hpp>
#include <lgs_rfm/detail/summed_lines.hpp>

namespace lgs_rfm::detail {

/// Lines in no order, dealt to partitions by a hash of their keys while they are read, so that each partition's sums
/// are made in one go and in the cache (`run_table`). Each line is put away as the sums that it makes, one line of
/// cache, which goes past the caches to one of its partition's chunks: only there is it looked at again.
class scattered_lines {
public:
    scattered_lines() = default;
    scattered_lines(scattered_lines&&) = default;  // no copies: lists point into the memory
    scattered_lines& operator=(scattered_lines&&) = default;

    /// Room for so many lines more.
    void reserve(std::size_t lines) { memory_.emplace_back().reserve(lines + key_hash::partitions * chunk_lines); }

    /// Takes the lines of a block in which every row is a start. False, with nothing taken, when one of them needs the
    /// kernel's care, or a pool to tell what its key means, which none does unless `with_pool`.
    [[nodiscard]] bool add(const block& lines, bool with_pool = true) {
        const block_widths widths(lines);
        if (!lines.has_price || !lines.has_quantity || widths.quantity + widths.price > summed_lines::amount_bits) {
            return false;
        }
        const auto rows = static_cast<std::size_t>(lines.rows);
        const auto some_pooled = [rows](const auto& keys) {
            return std::any_of(keys.begin(), keys.begin() + rows, is_pooled);
        };
        if (with_pool && (some_pooled(lines.invoice) || some_pooled(lines.customer))) return false;
        if (lists_.empty()) lists_.resize(key_hash::partitions);
        std::array<std::uint64_t, at_once> hashes;
        std::array<summed_lines*, at_once> places;
        for (std::size_t row = 0; row < rows; row += at_once) {
            const std::size_t count = std::min(at_once, rows - row);
            hash_each(lines, row, count, hashes);
            for (std::size_t k = 0; k < count; ++k) {
                list& to = lists_[key_hash::partition_of(hashes[k])];
                if (to.next == to.end) open_chunk(to);
                places[k] = to.next++;
            }
            sum_each(lines, row, count, places);
        }
        finish_streams();
        return true;
    }

    /// About how many lines a partition has: no fewer.
    [[nodiscard]] std::size_t size_of(std::size_t partition) const noexcept {
        return lists_.empty() ? 0 : lists_[partition].chunks.size() * chunk_lines;
    }
    /// Calls `visit(lines)` for the chunks of a partition.
    template <class Visit>
    void for_each_chunk(std::size_t partition, Visit&& visit) const {
        if (lists_.empty()) return;
        const list& of = lists_[partition];
        for (const summed_lines* const chunk : of.chunks) {
            const bool last = chunk == of.chunks.back();
            visit(std::span(chunk, last ? static_cast<std::size_t>(of.next - chunk) : chunk_lines));
        }
    }

    [[nodiscard]] bool empty() const noexcept { return lists_.empty(); }

private:
    static constexpr std::size_t at_once = 8;
    static constexpr std::size_t chunk_lines = 256;

    struct list {
        summed_lines* next = nullptr;  ///< where the next line goes, in the last chunk
        summed_lines* end = nullptr;   ///< of the last chunk
        std::vector<summed_lines*> chunks;
    };

    static void hash_each(const block& lines, std::size_t row, std::size_t count,
                          std::array<std::uint64_t, at_once>& hashes) {
#if LGS_RFM_HAS_VECTORS
        if (runs_on(instruction_set::avx512)) return avx512::hash_each(lines, row, hashes.data());
#endif
        for (std::size_t k = 0; k < count; ++k) hashes[k] = key_hash::of(keys_of(lines, row + k));
    }

    /// Writes the sums of lines to their places.
    static void sum_each(const block& lines, std::size_t row, std::size_t count,
                         const std::array<summed_lines*, at_once>& places) {
#if LGS_RFM_HAS_VECTORS
        if (count == at_once && runs_on(instruction_set::avx512)) return avx512::sum_each(lines, row, places.data());
#endif
        for (std::size_t k = 0; k < count; ++k) {
            const summed_lines sums =
                summed_lines::of_line(keys_of(lines, row + k), lines.quantity[row + k], lines.price[row + k]);
            stream_lines(places[k], &sums, sizeof(sums));
        }
    }

    [[nodiscard]] static run_keys keys_of(const block& lines, std::size_t row) noexcept {
        return {lines.invoice[row], lines.customer[row], lines.moment[row]};
    }

    /// Lines stay where they are: memory that is full is left, not moved.
    void open_chunk(list& to) {
        if (memory_.empty() || memory_.back().capacity() - memory_.back().size() < chunk_lines) reserve(0);
        to.next = memory_.back().extend(chunk_lines);
        to.end = to.next + chunk_lines;
        to.chunks.push_back(to.next);
    }

    std::vector<record_array<summed_lines>> memory_;
    std::vector<list> lists_;  ///< by partition; none before the first line
};

}  // namespace lgs_rfm::detail
