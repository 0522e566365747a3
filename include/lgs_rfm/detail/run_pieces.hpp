#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// Which of some pieces, each with the position at which it begins, has a position. O(log pieces).
template <class Piece>
[[nodiscard]] typename std::vector<Piece>::const_iterator piece_with(const std::vector<Piece>& pieces,
                                                                     std::size_t position) noexcept {
    return std::prev(std::upper_bound(pieces.begin(), pieces.end(), position,
                                      [](std::size_t at, const Piece& of) { return at < of.begin; }));
}

/// The runs of an input in pieces, so that they stay where threads wrote them: no array has to grow, and only few of
/// them are ever copied.
class run_pieces {
public:
    /// Some neighbours, and how many runs are before them.
    struct piece {
        std::size_t begin;
        run_view runs;
    };

    /// Runs [begin, end) of one of some lists.
    struct stretch {
        std::size_t list = 0;
        std::size_t begin = 0;
        std::size_t end = 0;

        [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    };

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] auto begin() const noexcept { return pieces_.begin(); }
    [[nodiscard]] auto end() const noexcept { return pieces_.end(); }

    void append(run_list more) {
        const stretch whole{0, 0, more.size()};
        std::vector<run_list> lists;
        lists.push_back(std::move(more));
        append(std::move(lists), std::span(&whole, 1));
    }
    /// Appends these stretches of some lists, one after the other, in the order of the input.
    void append(std::vector<run_list> lists, std::span<const stretch> stretches) {
        std::size_t count = 0;
        for (const stretch& each : stretches) count += each.size();
        if (count == 0) return;
        const std::size_t usual = std::min(size_, large);
        const bool few = 2 * count < usual;
        if (few && room_ < count) {
            lists_.emplace_back().reserve(usual);
            room_ = lists_.back().room();
        }
        for (const stretch& each : stretches) {
            const run_view runs = run_view(lists[each.list]).part(each.begin, each.end);
            add(few ? copied(runs) : runs);
        }
        if (few) return;
        for (run_list& each : lists) lists_.push_back(std::move(each));
        room_ = 0;
    }
    /// The runs of the only list, or none.
    [[nodiscard]] run_list take_one() noexcept {
        run_list one = lists_.empty() ? run_list() : std::move(lists_.front());
        clear();
        return one;
    }
    void clear() noexcept {
        pieces_.clear();
        lists_.clear();
        room_ = 0;
        size_ = 0;
    }

    /// Calls `visit(i, keys)` for runs [begin, end), as long as it returns true. Whether it always did.
    template <class Visit>
    bool for_each_keys(std::size_t begin, std::size_t end, Visit&& visit) const {
        if (begin == end) return true;
        for (auto of = piece_with(pieces_, begin); begin < end; ++of) {
            const std::size_t stop = std::min(end, of->begin + of->runs.size());
            for (const run_keys* keys = &of->runs.keys[begin - of->begin]; begin < stop; ++begin, ++keys) {
                if (!visit(begin, *keys)) return false;
            }
        }
        return true;
    }

    /// Access to runs, of which most are near the one before.
    class cursor {
    public:
        explicit cursor(const run_pieces& of) noexcept : of_(&of) {}
        struct run {
            const run_keys& keys;
            const run_sums& sums;
        };
        [[nodiscard]] run operator[](std::size_t i) noexcept {
            seek(i);
            return {keys_[i - begin_], sums_[i - begin_]};
        }
        /// Asks for the memory of a run that will be needed soon.
        void expect(std::size_t i) noexcept {
            seek(i);
            __builtin_prefetch(keys_ + (i - begin_));
            __builtin_prefetch(sums_ + (i - begin_));
        }

    private:
        void seek(std::size_t i) noexcept {
            if (i - begin_ < count_) return;
            const piece& found = *piece_with(of_->pieces_, i);
            begin_ = found.begin;
            count_ = found.runs.size();
            keys_ = found.runs.keys.data();
            sums_ = found.runs.sums.data();
        }

        const run_pieces* of_;
        std::size_t begin_ = 0;
        std::size_t count_ = 0;
        const run_keys* keys_ = nullptr;
        const run_sums* sums_ = nullptr;
    };

private:
    // Keys fill one large page then, and sums two, to the last byte.
    static constexpr std::size_t large = (std::size_t{1} << 21) / sizeof(run_keys);
    static_assert(2 * sizeof(run_keys) == sizeof(run_sums));

    /// The same runs behind those of the last list.
    [[nodiscard]] run_view copied(run_view runs) {
        run_list& to = lists_.back();
        to.keys.append(runs.keys);
        to.sums.append(runs.sums);
        room_ -= runs.size();
        return run_view(to).part(to.size() - runs.size(), to.size());
    }
    /// Adds neighbours, to the last piece where they follow it in memory.
    void add(run_view runs) {
        if (runs.empty()) return;
        if (pieces_.empty() || !pieces_.back().runs.join(runs)) pieces_.push_back({size_, runs});
        size_ += runs.size();
    }

    std::vector<run_list> lists_;
    std::vector<piece> pieces_;
    std::size_t room_ = 0;  ///< for runs behind those of the last list, which holds only copied ones
    std::size_t size_ = 0;
};

}  // namespace lgs_rfm::detail
