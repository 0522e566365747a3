#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
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

/// The runs of an input in pieces, so that they stay where a thread wrote them: no array has to grow, and only small
/// pieces are put together.
class run_pieces {
public:
    /// A piece, and how many runs are before it.
    struct piece {
        std::size_t begin;
        run_list runs;
    };

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] auto begin() const noexcept { return pieces_.begin(); }
    [[nodiscard]] auto end() const noexcept { return pieces_.end(); }

    void append(run_list more) {
        if (more.empty()) return;
        const std::size_t count = more.size();
        const std::size_t usual = std::min(size_, large);
        if (!pieces_.empty() && pieces_.back().runs.room() >= count) {
            pieces_.back().runs.append(more);
        } else if (2 * count >= usual) {
            pieces_.push_back({size_, std::move(more)});
        } else {
            run_list together;
            together.reserve(usual);
            together.append(more);
            pieces_.push_back({size_, std::move(together)});
        }
        size_ += count;
    }
    /// The runs of the only piece, or none.
    [[nodiscard]] run_list take_one() noexcept {
        run_list one = pieces_.empty() ? run_list() : std::move(pieces_.front().runs);
        clear();
        return one;
    }
    void clear() noexcept {
        pieces_.clear();
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
        void expect(std::size_t i) const noexcept {
            if (i - begin_ >= count_) return;
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

    std::vector<piece> pieces_;
    std::size_t size_ = 0;
};

}  // namespace lgs_rfm::detail
