#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/scattered_lines.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// Runs in no order, summed up by their keys as they come: rows in no order make a run of nearly every line, and this
/// keeps memory with the distinct keys. Keys are dealt to partitions by a hash, so that threads share nothing and each
/// partition's table stays in a cache; within one it is open addressing, at most half full.
class run_table {
public:
    [[nodiscard]] bool empty() const noexcept { return !any_; }

    /// Adds runs, fewer than 2^32. O(runs).
    void add(const run_list& runs, unsigned threads) {
        any_ = any_ || !runs.empty();
        hashes_.resize(runs.size());
        order_.resize(runs.size());
        const std::size_t parts = runs.size() < worth_a_thread ? 1 : std::max(1U, threads);
        thread_pool::run(parts, threads, [&](std::size_t part) {
            const std::size_t end = runs.size() * (part + 1) / parts;
            for (std::size_t i = runs.size() * part / parts; i < end; ++i) hashes_[i] = hash_of(runs.keys[i]);
        });
        std::array<std::size_t, partitions + 1> starts{};
        for (const std::uint64_t hash : hashes_) ++starts[partition_of(hash) + 1];
        for (std::size_t p = 0; p < partitions; ++p) starts[p + 1] += starts[p];
        std::array<std::size_t, partitions + 1> next = starts;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            order_[next[partition_of(hashes_[i])]++] = static_cast<std::uint32_t>(i);
        }
        thread_pool::run(partitions, parts == 1 ? 1 : threads, [&](std::size_t p) {
            for (std::size_t k = starts[p]; k < starts[p + 1]; ++k) {
                if (k + ahead < starts[p + 1]) tables_[p].expect(hashes_[order_[k + ahead]], runs, order_[k + ahead]);
                tables_[p].add(hashes_[order_[k]], runs.keys[order_[k]], runs.sums[order_[k]]);
            }
        });
    }

    /// Adds lines that several threads have dealt out. O(lines).
    void add(std::span<const scattered_lines* const> parts, unsigned threads) {
        any_ = true;
        thread_pool::run(partitions, threads, [&](std::size_t p) {
            for (const scattered_lines* part : parts) {
                part->for_each_chunk(p, [&](std::span<const plain_line> lines) { tables_[p].add(lines); });
            }
        });
    }

    /// Gives all runs, each key once unless its sums did not fit, in no particular order.
    [[nodiscard]] run_list take() {
        run_list all;
        std::size_t size = 0;
        for (const table& each : tables_) size += each.runs.size();
        all.reserve(size);
        for (table& each : tables_) {
            all.append(each.runs);
            each = {};
        }
        any_ = false;
        return all;
    }

private:
    static constexpr std::size_t partitions = scattered_lines::partitions;
    static constexpr std::size_t ahead = 8;  ///< runs whose memory is asked for before they are looked at
    static constexpr std::size_t worth_a_thread = std::size_t{1} << 13;

    [[nodiscard]] static std::uint64_t hash_of(const run_keys& keys) noexcept { return scattered_lines::hash_of(keys); }
    [[nodiscard]] static std::size_t partition_of(std::uint64_t hash) noexcept {
        return scattered_lines::partition_of(hash);
    }

    struct table {
        run_list runs;
        large_vector<std::uint32_t> slots;  ///< position in `runs` plus one; 0: free

        void expect(std::uint64_t hash, const run_list& from, std::size_t i) const noexcept {
            if (!slots.empty()) __builtin_prefetch(&slots[hash & (slots.size() - 1)]);
            __builtin_prefetch(&from.keys[i]);
            __builtin_prefetch(&from.sums[i]);
        }

        void add(std::uint64_t hash, const run_keys& keys, const run_sums& sums) {
            std::uint32_t& slot = find(hash, keys);
            if (slot == 0 || !runs.sums[slot - 1].add(sums)) slot = append(keys, sums);
        }

        /// Adds a chunk of lines. What a line needs is asked for some lines before it is needed.
        void add(std::span<const plain_line> lines) {
            std::array<std::uint64_t, scattered_lines::chunk_lines> hashes;
            for (std::size_t i = 0; i < lines.size(); ++i) {
                hashes[i] = hash_of(lines[i].keys);
                if (!slots.empty()) __builtin_prefetch(&slots[hashes[i] & (slots.size() - 1)]);
            }
            for (std::size_t i = 0; i < lines.size(); ++i) {
                if (i + ahead < lines.size() && !slots.empty()) {
                    const std::uint32_t slot = slots[hashes[i + ahead] & (slots.size() - 1)];
                    const std::size_t likely = slot - (slot != 0 ? 1 : 0);
                    __builtin_prefetch(runs.keys.data() + likely);
                    __builtin_prefetch(runs.sums.data() + likely);
                }
                const plain_line& line = lines[i];
                std::uint32_t& slot = find(hashes[i], line.keys);
                if (slot != 0 && runs.sums[slot - 1].add(line.quantity, line.price)) continue;
                run_sums sums;
                static_cast<void>(sums.add(line.quantity, line.price));  // one line fits
                slot = append(line.keys, sums);
            }
        }

        /// The slot of a key, free when it is new; there is room for it.
        [[nodiscard]] std::uint32_t& find(std::uint64_t hash, const run_keys& keys) {
            if ((runs.size() + 1) * 2 > slots.size()) grow();
            std::size_t at = hash & (slots.size() - 1);
            while (slots[at] != 0 && !(runs.keys[slots[at] - 1] == keys)) at = (at + 1) & (slots.size() - 1);
            return slots[at];
        }

        /// Appends a run and returns what its slot holds.
        std::uint32_t append(const run_keys& keys, const run_sums& sums) {
            runs.keys.push_back(keys);
            runs.sums.push_back(sums);
            return static_cast<std::uint32_t>(runs.size());
        }

        void grow() {
            slots.assign(std::max<std::size_t>(1024, slots.size() * 2), 0);
            for (std::size_t i = 0; i < runs.size(); ++i) {
                std::size_t at = hash_of(runs.keys[i]) & (slots.size() - 1);
                // Of equal keys the later one is found, whose sums have room.
                while (slots[at] != 0 && !(runs.keys[slots[at] - 1] == runs.keys[i]))
                    at = (at + 1) & (slots.size() - 1);
                slots[at] = static_cast<std::uint32_t>(i + 1);
            }
        }
    };

    std::array<table, partitions> tables_;
    large_vector<std::uint64_t> hashes_;
    large_vector<std::uint32_t> order_;
    bool any_ = false;
};

}  // namespace lgs_rfm::detail
