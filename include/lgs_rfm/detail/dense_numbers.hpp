#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm::detail {

/// Distinct numbers of a range, by a bit each: numbers given one after the other, as those of invoices and customers
/// are, always lie densely enough. A number's rank is how many lower ones there are.
class dense_numbers {
public:
    dense_numbers() = default;
    /// Room for the numbers from `low` to `high`, of which `count` were seen; none when they lie too far apart.
    dense_numbers(std::uint64_t low, std::uint64_t high, std::size_t count) {
        if (count == 0 || high - low >= most_bits_a_number * count) return;
        low_ = low;
        range_ = high - low + 1;
        words_.assign((range_ + 63) / 64, {});
    }

    [[nodiscard]] bool holds(std::uint64_t number) const noexcept { return number - low_ < range_; }

    /// Marks numbers that are held; several threads may, each with a marker of its own. Neighbours of the input mostly
    /// share a word, so their bits are gathered before they are shared.
    class marker {
    public:
        explicit marker(dense_numbers& of) noexcept : of_(&of) {}
        marker(marker&& other) noexcept : of_(other.of_), at_(other.at_), bits_(std::exchange(other.bits_, 0)) {}
        marker& operator=(marker&&) = delete;
        ~marker() { share(); }

        void mark(std::uint64_t number) noexcept {
            const std::uint64_t at = (number - of_->low_) / 64;
            if (at != at_) {
                share();
                at_ = at;
            }
            bits_ |= of_->bit_of(number);
        }

    private:
        void share() noexcept {
            if (bits_ == 0) return;
            std::uint64_t& word = of_->words_[at_].bits;
            if ((__atomic_load_n(&word, __ATOMIC_RELAXED) & bits_) != bits_) {
                __atomic_fetch_or(&word, bits_, __ATOMIC_RELAXED);
            }
            bits_ = 0;
        }

        dense_numbers* of_;
        std::uint64_t at_ = 0;
        std::uint64_t bits_ = 0;
    };

    /// Ends marking, when all markers are gone. Returns how many numbers there are. O(range / 64).
    [[nodiscard]] std::size_t rank() noexcept {
        std::size_t count = 0;
        for (word& each : words_) {
            each.before = static_cast<std::uint32_t>(count);
            count += static_cast<std::size_t>(std::popcount(each.bits));
        }
        return count;
    }
    [[nodiscard]] std::uint32_t rank_of(std::uint64_t number) const noexcept {
        const word& of = words_[(number - low_) / 64];
        return of.before + static_cast<std::uint32_t>(std::popcount(of.bits & (bit_of(number) - 1)));
    }

    /// Calls `visit(number)` for each, ascending.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t w = 0; w < words_.size(); ++w) {
            for (std::uint64_t bits = words_[w].bits; bits != 0; bits &= bits - 1) {
                visit(low_ + 64 * w + static_cast<std::uint64_t>(std::countr_zero(bits)));
            }
        }
    }

private:
    static constexpr std::size_t most_bits_a_number = 128;  // beyond, a hash table is smaller

    [[nodiscard]] std::uint64_t bit_of(std::uint64_t number) const noexcept {
        return std::uint64_t{1} << ((number - low_) % 64);
    }

    struct word {
        std::uint64_t bits = 0;
        std::uint32_t before = 0;  ///< bits in the words before
    };
    std::uint64_t low_ = 0;
    std::uint64_t range_ = 0;
    large_vector<word> words_;
};

}  // namespace lgs_rfm::detail
