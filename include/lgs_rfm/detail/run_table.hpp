#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/avx512_lines.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/scattered_lines.hpp>
#include <lgs_rfm/detail/summed_lines.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// Runs in no order, summed up by their keys as they come: rows in no order make a run of nearly every line, and this
/// keeps memory with the distinct keys. Keys are dealt to partitions by a hash, so that threads share nothing and each
/// partition's table stays in a cache; within one it is open addressing, at most a quarter full.
class run_table {
public:
    [[nodiscard]] bool empty() const noexcept { return tables_.empty(); }

    /// Adds runs, fewer than 2^32. O(runs).
    void add(const run_list& runs, unsigned threads) {
        if (runs.empty()) return;
        tables_.resize(partitions);
        large_vector<std::uint8_t> partition_of(runs.size());
        for_each_part(runs.size(), runs.size() < rows_worth_a_thread ? 1 : std::max(1U, threads),
                      [&](std::size_t, std::size_t begin, std::size_t end) {
                          for (std::size_t i = begin; i < end; ++i) {
                              const std::uint64_t hash = scattered_lines::hash_of(runs.keys[i]);
                              partition_of[i] = static_cast<std::uint8_t>(scattered_lines::partition_of(hash));
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
            for (const scattered_lines* part : parts) {
                part->for_each_chunk(p, [&](std::span<const line_group> groups, std::size_t lines) {
                    for (std::size_t done = 0; done < lines; done += at_once) {
                        tables_[p].add(groups.subspan(done / line_group::lines), std::min(at_once, lines - done));
                    }
                });
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
    static constexpr std::size_t partitions = scattered_lines::partitions;
    static constexpr std::size_t at_once = 128;

    static void hash_lines(const line_group& of, std::uint64_t* hashes) {
#if LGS_RFM_HAS_VECTORS
        if (runs_on(instruction_set::avx512)) return avx512::hash_lines(of, hashes);
#endif
        for (std::size_t k = 0; k < line_group::lines; ++k) {
            hashes[k] = scattered_lines::hash_of(of.invoice[k], of.customer[k], of.moment[k]);
        }
    }
    static void sum_each(const line_group& of, summed_lines* sums) {
#if LGS_RFM_HAS_VECTORS
        if (runs_on(instruction_set::avx512)) return avx512::sum_each(of, sums);
#endif
        for (std::size_t k = 0; k < line_group::lines; ++k) {
            sums[k] = summed_lines::of_line({of.invoice[k], of.customer[k], of.moment[k]}, of.quantity[k], of.price[k]);
        }
    }

    class table {
    public:
        /// Adds the runs at these positions.
        void add(const run_list& runs, std::span<const std::uint32_t> which) {
            for (; !which.empty(); which = which.subspan(std::min(at_once, which.size()))) {
                const std::size_t count = std::min(at_once, which.size());
                std::array<std::uint32_t, at_once> slots;
                reserve(count);
                for (std::size_t i = 0; i < count; ++i) {
                    __builtin_prefetch(&runs.sums[which[i]]);
                    slots[i] = slot_of(scattered_lines::hash_of(runs.keys[which[i]]));
                }
                expect(std::span(slots).first(count));
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

        /// Adds the first `lines` lines of some groups.
        void add(std::span<const line_group> groups, std::size_t lines) {
            std::array<std::uint32_t, at_once> slots;
            reserve(lines);
            for (std::size_t begin = 0; begin < lines; begin += line_group::lines) {
                std::array<std::uint64_t, line_group::lines> hashes;
                hash_lines(groups[begin / line_group::lines], hashes.data());
                for (std::size_t k = 0; k < hashes.size(); ++k) slots[begin + k] = slot_of(hashes[k]);
            }
            expect(std::span(slots).first(lines));
            std::array<summed_lines, line_group::lines> each;
            for (std::size_t begin = 0; begin < lines; begin += line_group::lines) {
                sum_each(groups[begin / line_group::lines], each.data());
                const std::size_t count = std::min(line_group::lines, lines - begin);
                for (std::size_t k = 0; k < count; ++k) add(slots[begin + k], each[k]);
            }
        }

        /// The runs there are.
        [[nodiscard]] std::size_t size() const noexcept { return kept_.size() + entries_.size(); }
        void write(run_keys* keys, run_sums* sums) const {
            for (const summed_lines& each : entries_) {
                *keys++ = each.keys;
                *sums++ = each.as_run_sums();
            }
            std::copy(kept_.keys.begin(), kept_.keys.end(), keys);
            std::copy(kept_.sums.begin(), kept_.sums.end(), sums);
        }

    private:
        /// Where the search for a key begins. The upper bits of its hash tell the partition.
        [[nodiscard]] std::uint32_t slot_of(std::uint64_t hash) const noexcept {
            return static_cast<std::uint32_t>(hash << scattered_lines::partition_bits >> unused_bits_);
        }

        /// Asks for the memory of the slots, and then of the entries that most likely are those of their keys.
        void expect(std::span<const std::uint32_t> slots) const noexcept {
            for (const std::uint32_t slot : slots) __builtin_prefetch(&slots_[slot]);
            for (const std::uint32_t slot : slots) {
                __builtin_prefetch(entries_.data() + std::max(slots_[slot], 1U) - 1);
            }
        }

        void add(std::uint32_t slot, const summed_lines& more) {
            while (slots_[slot] != 0) {
                summed_lines& entry = entries_[slots_[slot] - 1];
                if (entry.keys == more.keys) {
                    if (entry.lines() + more.lines() > summed_lines::most_lines) {
                        keep(entry.keys, entry.as_run_sums());
                        entry = more;
                    } else {
                        entry.add(more);
                    }
                    return;
                }
                slot = (slot + 1) & static_cast<std::uint32_t>(slots_.size() - 1);
            }
            entries_.push_back(more);
            slots_[slot] = static_cast<std::uint32_t>(entries_.size());
        }

        /// Keeps a run that has no room in an entry.
        void keep(const run_keys& keys, const run_sums& sums) {
            kept_.keys.push_back(keys);
            kept_.sums.push_back(sums);
        }

        /// Room for so many keys more.
        void reserve(std::size_t more) {
            const std::size_t most = entries_.size() + more;
            entries_.reserve(most);
            if (4 * most <= slots_.size()) return;
            slots_.assign(std::bit_ceil(std::max<std::size_t>(1024, 4 * most)), 0);
            unused_bits_ = 64 - std::countr_zero(slots_.size());
            for (std::size_t i = 0; i < entries_.size(); ++i) {
                std::size_t slot = slot_of(scattered_lines::hash_of(entries_[i].keys));
                while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
                slots_[slot] = static_cast<std::uint32_t>(i + 1);
            }
        }

        record_array<summed_lines> entries_;
        large_vector<std::uint32_t> slots_;  ///< position in `entries_` plus one; 0: free
        int unused_bits_ = 0;
        run_list kept_;
    };

    std::vector<table> tables_;  ///< by partition; none when there are no runs
};

}  // namespace lgs_rfm::detail
