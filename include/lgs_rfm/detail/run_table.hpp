#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/avx512_lines.hpp>
#include <lgs_rfm/detail/key_hash.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/scattered_lines.hpp>
#include <lgs_rfm/detail/summed_lines.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// Runs in no order, summed up by their keys as they come: rows in no order make a run of nearly every line, and this
/// keeps memory with the distinct keys. Keys are dealt to partitions by a hash, so that threads share nothing and each
/// partition's table stays in a cache; within one it is open addressing, at most five eighths full.
class run_table {
public:
    [[nodiscard]] bool empty() const noexcept { return tables_.empty(); }

    /// Adds runs, fewer than 2^32. O(runs).
    void add(run_view runs, unsigned threads) {
        if (runs.empty()) return;
        tables_.resize(partitions);
        large_vector<std::uint8_t> partition_of(runs.size());
        for_each_stretch(runs.size(), threads, [&](std::size_t, std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const std::uint64_t hash = key_hash::of(runs.keys[i]);
                partition_of[i] = static_cast<std::uint8_t>(key_hash::partition_of(hash));
            }
        });
        static_assert(partitions <= 256);
        std::array<std::size_t, partitions + 1> starts{};
        for (const std::uint8_t p : partition_of) ++starts[p + 1U];
        for (std::size_t p = 0; p < partitions; ++p) starts[p + 1] += starts[p];
        std::array<std::size_t, partitions + 1> next = starts;
        large_vector<std::uint32_t> order(runs.size());
        for (std::size_t i = 0; i < runs.size(); ++i) order[next[partition_of[i]]++] = static_cast<std::uint32_t>(i);
        thread_pool::run(partitions, threads, [&](std::size_t p) {
            tables_[p].add(runs, std::span(order).subspan(starts[p], starts[p + 1] - starts[p]));
        });
    }

    /// Adds lines that several threads have dealt out. O(lines).
    void add(std::span<const scattered_lines* const> parts, unsigned threads) {
        tables_.resize(partitions);
        thread_pool::run(partitions, threads, [&](std::size_t p) {
            std::size_t expected = 0;
            for (const scattered_lines* part : parts) expected += part->size_of(p);
            tables_[p].expect_lines(expected);
            for (const scattered_lines* part : parts) {
                part->for_each_chunk(p, [&](std::span<const summed_lines> lines) { tables_[p].add(lines); });
            }
        });
    }

    /// Gives all runs in no particular order, each key once, but where its sums did not fit.
    [[nodiscard]] run_list take(unsigned threads = 1) {
        std::vector<std::size_t> starts{0};
        for (const table& each : tables_) starts.push_back(starts.back() + each.size());
        run_list all;
        run_keys* const keys = all.keys.extend(starts.back());
        run_sums* const sums = all.sums.extend(starts.back());
        thread_pool::run(tables_.size(), threads, [&](std::size_t p) {
            tables_[p].write(keys + starts[p], sums + starts[p]);
            tables_[p] = {};
        });
        tables_.clear();
        return all;
    }

private:
    static constexpr std::size_t partitions = key_hash::partitions;
    static constexpr std::size_t at_once = 128;

    class table {
    public:
        /// Makes room at first for the keys that so many lines usually have: a table that grows moves them all.
        void expect_lines(std::size_t lines) {
            if (size_ == 0) reserve(lines / run_list::usual_lines);
        }

        /// Adds the runs at these positions.
        void add(run_view runs, std::span<const std::uint32_t> which) {
            for (; !which.empty(); which = which.subspan(std::min(at_once, which.size()))) {
                const std::size_t count = std::min(at_once, which.size());
                std::array<std::uint32_t, at_once> slots;
                reserve(count);
                for (std::size_t i = 0; i < count; ++i) {
                    __builtin_prefetch(&runs.sums[which[i]]);
                    slots[i] = expect(runs.keys[which[i]]);
                }
                for (std::size_t i = 0; i < count; ++i) {
                    const run_keys& keys = runs.keys[which[i]];
                    const run_sums& sums = runs.sums[which[i]];
                    if (summed_lines::hold(sums)) {
                        add(slots[i], summed_lines::of_run(keys, sums));
                    } else {
                        keep(keys, sums);
                    }
                }
            }
        }

        /// Adds lines that were dealt out.
        void add(std::span<const summed_lines> lines) {
            for (; !lines.empty(); lines = lines.subspan(std::min(at_once, lines.size()))) {
                const std::size_t count = std::min(at_once, lines.size());
                std::array<std::uint32_t, at_once> slots;
                reserve(count);
                for (std::size_t i = 0; i < count; ++i) slots[i] = expect(lines[i].keys);
                for (std::size_t i = 0; i < count; ++i) {
                    i += add_known(std::span(slots).subspan(i, count - i), lines.data() + i);
                    if (i < count) add(slots[i], lines[i]);
                }
            }
        }

        /// The runs there are.
        [[nodiscard]] std::size_t size() const noexcept { return kept_.size() + size_; }
        void write(run_keys* keys, run_sums* sums) const {
            for (const summed_lines& each : slots_) {
                if (each.free()) continue;
                *keys++ = each.keys;
                *sums++ = each.as_run_sums();
            }
            std::copy(kept_.keys.begin(), kept_.keys.end(), keys);
            std::copy(kept_.sums.begin(), kept_.sums.end(), sums);
        }

    private:
        /// Where the search for a key begins. The upper bits of its hash tell the partition.
        [[nodiscard]] std::uint32_t slot_of(const run_keys& keys) const noexcept {
            return static_cast<std::uint32_t>(key_hash::of(keys) << key_hash::partition_bits >> unused_bits_);
        }
        /// The same, and asks for the memory there.
        [[nodiscard]] std::uint32_t expect(const run_keys& keys) const noexcept {
            const std::uint32_t slot = slot_of(keys);
            __builtin_prefetch(&slots_[slot]);
            return slot;
        }

        /// Adds lines to what their keys have, as long as all is usual. Returns how many.
        [[nodiscard]] std::size_t add_known([[maybe_unused]] std::span<const std::uint32_t> slots,
                                            [[maybe_unused]] const summed_lines* lines) {
#if LGS_RFM_HAS_VECTORS
            if (runs_on(instruction_set::avx512)) {
                return avx512::add_known(slots_.data(), slots_.size() - 1, slots.data(), lines, slots.size());
            }
#endif
            return 0;
        }

        void add(std::uint32_t slot, const summed_lines& more) {
            while (!slots_[slot].free() && slots_[slot].keys != more.keys) {
                slot = (slot + 1) & static_cast<std::uint32_t>(slots_.size() - 1);
            }
            summed_lines& entry = slots_[slot];
            if (entry.free()) {
                entry = more;
                ++size_;
            } else if (entry.has_room(more)) {
                entry.add(more);
            } else {
                keep(entry.keys, entry.as_run_sums());
                entry = more;
            }
        }

        /// Keeps a run that has no room in an entry.
        void keep(const run_keys& keys, const run_sums& sums) {
            kept_.keys.push_back(keys);
            kept_.sums.push_back(sums);
        }

        /// Room for so many keys more.
        void reserve(std::size_t more) {
            const std::size_t most = size_ + more;
            if (8 * most <= 5 * slots_.size()) return;
            const auto before = std::exchange(slots_, large_vector<summed_lines>(std::bit_ceil(2 * most)));
            unused_bits_ = 64 - std::countr_zero(slots_.size());
            size_ = 0;
            for (const summed_lines& each : before) {
                if (!each.free()) add(slot_of(each.keys), each);
            }
        }

        large_vector<summed_lines> slots_;
        std::size_t size_ = 0;  ///< slots that are not free
        int unused_bits_ = 0;
        run_list kept_;
    };

    std::vector<table> tables_;  ///< by partition; none when there are no runs
};

}  // namespace lgs_rfm::detail
