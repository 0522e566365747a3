#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/code_ids.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm::detail {

/// The customers of some runs, numbered in id order. Where they are integers close together, as they mostly are, there
/// is a code for each number of their range; else one for each run.
class customer_codes {
public:
    customer_codes() = default;
    explicit customer_codes(coded_ids of) : ids_(std::move(of.ids)), codes_(std::move(of.codes)) {}
    /// Integers: those of `codes`, by number from that of key `low` on, that are not missing; the last one is.
    customer_codes(large_vector<std::int64_t> integers, id_key low, large_vector<std::uint32_t> codes)
        : ids_(std::make_shared<const id_list>(std::move(integers))),
          codes_(std::move(codes)),
          by_number_(true),
          low_(low) {}

    [[nodiscard]] const std::shared_ptr<const id_list>& ids() const noexcept { return ids_; }

    /// Tells codes; a view.
    class finder {
    public:
        finder(const std::uint32_t* codes, id_key low, std::size_t numbers) noexcept
            : codes_(codes), low_(low), numbers_(numbers) {}
        /// The code of a run's customer, whose key is given; `id_column::missing` where there is none.
        [[nodiscard]] std::uint32_t operator()(std::uint32_t run, id_key key) const noexcept {
            return numbers_ == 0 ? codes_[run] : codes_[std::min<id_key>(key - low_, numbers_ - 1)];
        }

    private:
        const std::uint32_t* codes_;
        id_key low_;
        std::size_t numbers_;  // 0: a code for each run
    };
    [[nodiscard]] finder codes() const noexcept { return {codes_.data(), low_, by_number_ ? codes_.size() : 0}; }
    [[nodiscard]] std::uint32_t of(std::uint32_t run, id_key key) const noexcept { return codes()(run, key); }

private:
    std::shared_ptr<const id_list> ids_ = std::make_shared<const id_list>();
    large_vector<std::uint32_t> codes_;
    bool by_number_ = false;
    id_key low_ = 0;
};

/// Finds out whether customers are integers close together, and numbers them if so. Each thread takes a stretch of the
/// runs, first to see where they lie, then to mark them, with bits of its own: customers come in no order, so threads
/// would get into each other's way.
class dense_customers {
public:
    dense_customers(std::size_t stretches, std::size_t threads) : seen_(stretches), bits_(threads) {}

    /// Where the keys seen by one thread lie.
    struct bounds {
        id_key low = std::numeric_limits<id_key>::max();
        id_key high = 0;
        bool others = false;  ///< ids that are no integers

        void add(id_key key) noexcept {
            const bool integer = key < text_tag;
            low = std::min(low, key);  // others are above
            high = std::max(high, integer ? key : 0);
            others |= !integer & (key != missing_key);
        }
        void add(const bounds& more) noexcept {
            low = std::min(low, more.low);
            high = std::max(high, more.high);
            others |= more.others;
        }
    };
    void see(std::size_t stretch, const bounds& seen) noexcept { seen_[stretch] = seen; }

    /// After all have been seen: whether these are integers, or missing, no more than four times as many as runs.
    [[nodiscard]] bool plan(std::size_t runs) {
        for (const bounds& each : seen_) all_.add(each);
        if (all_.others) return false;
        if (all_.high < all_.low) return true;  // all are missing
        numbers_ = all_.high - all_.low + 1;
        return numbers_ / 4 <= runs;
    }

    /// Marks a stretch's customers: `for_each_key(mark)` calls `mark(key)` for each.
    template <class ForEachKey>
    void mark(std::size_t thread, ForEachKey&& for_each_key) {
        std::vector<std::uint64_t>& marked = bits_[thread];
        marked.resize(numbers_ / 64 + 1);
        for_each_key([bits = marked.data(), low = all_.low, numbers = numbers_](id_key key) {
            const bool held = key - low < numbers;
            const std::uint64_t number = held ? key - low : 0;
            bits[number / 64] |= std::uint64_t{held} << number % 64;
        });
    }

    /// Once all are marked. O(numbers).
    [[nodiscard]] customer_codes take() const {
        large_vector<std::int64_t> integers;
        large_vector<std::uint32_t> codes(numbers_ + 1, id_column::missing);
        for (std::size_t word = 0; word < (numbers_ + 63) / 64; ++word) {
            std::uint64_t bits = 0;
            for (const auto& each : bits_) bits |= each.empty() ? 0 : each[word];
            for (; bits != 0; bits &= bits - 1) {
                const std::size_t number = 64 * word + static_cast<std::size_t>(std::countr_zero(bits));
                codes[number] = static_cast<std::uint32_t>(integers.size());
                integers.push_back(static_cast<std::int64_t>(all_.low + number) - integer_bias);
            }
        }
        return {std::move(integers), all_.low, std::move(codes)};
    }

private:
    std::vector<bounds> seen_;                      // by stretch
    std::vector<std::vector<std::uint64_t>> bits_;  // by thread; none where it did not mark any
    bounds all_;
    std::size_t numbers_ = 0;  // from the lowest to the highest
};

}  // namespace lgs_rfm::detail
