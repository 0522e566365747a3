#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm::detail {

/// Distinct numbers of some ranges, by a bit each: numbers given one after the other, as those of invoices and
/// customers are, always lie densely enough. The bits of all ranges stand behind each other; a bit's rank is how many
/// before it are set.
class dense_numbers {
    struct word {
        std::uint64_t bits = 0;
        std::uint32_t before = 0;  ///< bits in the words before
    };

public:
    /// Numbers from `low` on, `size` of them, whose bits begin at `first`.
    struct range {
        std::uint64_t low = 0;
        std::uint64_t size = 0;
        std::uint32_t first = 0;

        [[nodiscard]] bool holds(std::uint64_t number) const noexcept { return number - low < size; }
        [[nodiscard]] std::uint32_t bit_of(std::uint64_t number) const noexcept {
            return first + static_cast<std::uint32_t>(number - low);
        }
    };

    /// Room for the numbers from `low` to `high`, of which about `count` will be marked; none when they lie too far
    /// apart. Before anything is marked.
    [[nodiscard]] range add(std::uint64_t low, std::uint64_t high, std::size_t count) {
        const std::uint64_t width = high - low;
        if (count == 0 || width >= most_bits_a_number * count || width >= most_bits - 64 * words_.size()) return {};
        const range added{low, width + 1, static_cast<std::uint32_t>(64 * words_.size())};
        words_.resize(words_.size() + width / 64 + 1);
        return added;
    }

    [[nodiscard]] bool empty() const noexcept { return words_.empty(); }

    /// Marks bits; several threads may, each with a marker of its own. Neighbours of the input mostly share a word, so
    /// their bits are gathered before they are shared.
    class marker {
    public:
        explicit marker(dense_numbers& of) noexcept : words_(of.words_.data()) {}
        marker(const marker&) = delete;
        marker& operator=(const marker&) = delete;
        ~marker() { share(); }

        /// Marks a bit where `wanted`; no branch depends on that.
        void mark(std::uint32_t bit, bool wanted = true) noexcept {
            const std::uint32_t at = wanted ? bit / 64 : at_;
            if (at != at_) {
                share();
                at_ = at;
            }
            bits_ |= std::uint64_t{wanted} << bit % 64;
        }

    private:
        void share() noexcept {
            if (bits_ == 0) return;
            std::uint64_t& word = words_[at_].bits;
            if ((__atomic_load_n(&word, __ATOMIC_RELAXED) & bits_) != bits_) {
                __atomic_fetch_or(&word, bits_, __ATOMIC_RELAXED);
            }
            bits_ = 0;
        }

        word* words_;
        std::uint32_t at_ = 0;
        std::uint64_t bits_ = 0;
    };

    /// Ends marking, when all markers are gone. Returns how many bits are set. O(bits / 64).
    std::size_t rank() noexcept {
        std::size_t count = 0;
        for (word& each : words_) {
            each.before = static_cast<std::uint32_t>(count);
            count += static_cast<std::size_t>(std::popcount(each.bits));
        }
        return count;
    }
    [[nodiscard]] std::uint32_t rank_of(std::uint32_t bit) const noexcept {
        const word& of = words_[bit / 64];
        return of.before + static_cast<std::uint32_t>(std::popcount(of.bits & ((std::uint64_t{1} << bit % 64) - 1)));
    }

    /// How many bits are set before the end of a range.
    [[nodiscard]] std::size_t rank_behind(const range& of) const noexcept {
        if (of.size == 0) return 0;
        const word& last = words_[of.first / 64 + (of.size - 1) / 64];
        return last.before + static_cast<std::size_t>(std::popcount(last.bits));
    }

    /// Calls `visit(number)` for each of a range that is marked, ascending.
    template <class Visit>
    void for_each(const range& of, Visit&& visit) const {
        const std::uint64_t words = (of.size + 63) / 64;
        for (std::uint64_t w = 0; w < words; ++w) {
            for (std::uint64_t bits = words_[of.first / 64 + w].bits; bits != 0; bits &= bits - 1) {
                visit(of.low + 64 * w + static_cast<std::uint64_t>(std::countr_zero(bits)));
            }
        }
    }

private:
    static constexpr std::uint64_t most_bits_a_number = 128;  // beyond, a hash table is smaller
    static constexpr std::uint64_t most_bits =
        (std::uint64_t{1} << 32) - 64;  // their numbers fit 32 bits, and one more

    large_vector<word> words_;
};

}  // namespace lgs_rfm::detail
