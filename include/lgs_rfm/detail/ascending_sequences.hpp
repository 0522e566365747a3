#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/record_array.hpp>

namespace lgs_rfm::detail {

/// A run, and the key of its invoice.
struct keyed_run {
    id_key key;
    std::uint32_t run;
};

/// Part of some runs in the order of their keys, and of equal keys in the order in which they came.
using sorted_runs = std::span<keyed_run>;

/// Puts runs in order while they are looked at. Invoices are numbered in the order of time, so integers and texts each
/// make one long ascending sequence, into which runs that are somewhat late are put back; where the input starts again
/// with earlier invoices, these make another one, as in patience sorting: a key goes behind the highest that is not
/// above it. Takes few steps a run where few sequences do, and gives up soon where they do not.
class ascending_sequences {
public:
    /// For up to so many runs.
    explicit ascending_sequences(std::size_t runs) {
        for (const kind which : {integers, texts}) {
            kinds_[which].sequences.reserve(most);
            kinds_[which].sequences.emplace_back().reserve(runs);
        }
    }

    /// Takes the next run. False when it fits no sequence, or its key needs a pool to be ordered: no more can be taken
    /// then.
    [[nodiscard]] bool add(id_key key, std::uint32_t run) {
        sequences_of_kind& of = kinds_[key >> 62];
        if (key < of.last || key >= of.next) return settle(of, {key, run});
        of.last = key;
        of.sequences[of.current].push_back({key, run});
        return true;
    }

    /// Calls `visit(runs)` for each sequence. A run with a missing key is in none of them.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (const kind which : {integers, texts}) {
            for (auto& each : kinds_[which].sequences) {
                if (!each.empty()) visit(sorted_runs(each));
            }
        }
    }
    /// The runs with a missing key, as they came.
    [[nodiscard]] const large_vector<std::uint32_t>& missing() const noexcept { return missing_; }

private:
    enum kind : std::size_t { integers, texts, pooled, absent };  // the two highest bits of a key

    static constexpr std::size_t most = 8;  // sequences of a kind

    struct sequences_of_kind {
        std::vector<record_array<keyed_run>> sequences;
        std::size_t current = 0;                           ///< the one that took the last run
        id_key last = std::numeric_limits<id_key>::max();  ///< its last key
        id_key next = 0;                                   ///< of the last keys of others, the lowest above it
    };

    /// Takes a run that does not simply follow the last one.
    [[nodiscard]] bool settle(sequences_of_kind& of, keyed_run late) {
        if (late.key == missing_key) {
            missing_.push_back(late.run);
            return true;
        }
        if (is_pooled(late.key)) return false;
        if (put_back(of.sequences[of.current], late)) return true;
        auto best = of.sequences.end();
        for (auto each = of.sequences.begin(); each != of.sequences.end(); ++each) {
            if (last_of(*each) <= late.key && (best == of.sequences.end() || last_of(*best) < last_of(*each)))
                best = each;
        }
        if (best == of.sequences.end()) {
            if (of.sequences.size() == most) return false;
            best = of.sequences.emplace(best);
        }
        best->push_back(late);
        of.current = static_cast<std::size_t>(best - of.sequences.begin());
        of.last = late.key;
        of.next = std::numeric_limits<id_key>::max();
        for (const auto& each : of.sequences) {
            if (last_of(each) > of.last) of.next = std::min(of.next, last_of(each));
        }
        return true;
    }

    /// Puts a run where it belongs in a sequence, unless that is far from its end.
    [[nodiscard]] static bool put_back(record_array<keyed_run>& sequence, keyed_run late) {
        constexpr std::size_t farthest = 64;
        const std::size_t size = sequence.size();
        const std::size_t least = size - std::min(size, farthest);
        std::size_t at = size;
        while (at > least && sequence[at - 1].key > late.key) --at;
        if (at == size || at == least) return false;
        sequence.push_back(late);
        std::rotate(sequence.begin() + at, sequence.end() - 1, sequence.end());
        return true;
    }

    [[nodiscard]] static id_key last_of(const record_array<keyed_run>& sequence) noexcept {
        return sequence.empty() ? 0 : sequence.back().key;
    }

    std::array<sequences_of_kind, 4> kinds_;
    large_vector<std::uint32_t> missing_;
};

}  // namespace lgs_rfm::detail
