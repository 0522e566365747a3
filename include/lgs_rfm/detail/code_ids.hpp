#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/dense_numbers.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/key_rows.hpp>
#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/detail/text_series.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    large_vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

/// Numbers ids in id order. Integers in a dense range have a bit each over it, and so have the texts of a series; any
/// others go through a hash table. Distinct texts are then put in order. O(keys + ids); ids that do not pack into a key
/// make it O(ids log ids).
///
/// Works in steps, so that several threads can take part, each in a stretch of the rows: `look`, then `plan`, `mark`,
/// `number`, and then, in any order, `code` and `list`. Of many rows some are looked at; where that misled, all steps
/// are taken again with all of them.
class id_coder {
public:
    id_coder(const key_rows& keys, const key_pool& pool, std::size_t stretches)
        : keys_(keys), pool_(&pool), stretches_(stretches) {
        codes_.resize(keys.size());
    }

    /// Looks at every `step`-th key of rows [begin, end), of a stretch.
    void look(std::size_t which, std::size_t begin, std::size_t end, std::size_t step) {
        bounds integers;
        std::vector<series>& found = stretches_[which].found;
        keys_.for_each(
            begin, end,
            [&](std::size_t, id_key key) {
                if (key < text_tag) {
                    integers.add(key);
                } else if (is_short_text(key)) {
                    look_at_text(key, found);
                }
            },
            step);
        stretches_[which].integers.add(integers);
    }

    /// Decides how ids are numbered, after all stretches were looked at.
    void plan(std::size_t step) {
        bounds integers;
        for (const stretch& each : stretches_) {
            integers.add(each.integers);
            for (const series& of : each.found) {
                const auto same = std::find_if(series_.begin(), series_.end(),
                                               [&](const series& known) { return known.texts == of.texts; });
                if (same != series_.end()) {
                    same->seen.add(of.seen);
                } else if (series_.size() < most_series) {
                    series_.push_back(of);
                }
            }
        }
        // A pooled integer, one of those beyond 2^61, belongs before or after the others.
        if (!pool_->holds_integers()) integers_ = integers.range_in(numbers_, step, text_tag - 1);
        for (series& each : series_) each.range = each.seen.range_in(numbers_, step, ~std::uint64_t{0});
    }

    /// Marks the ids of rows [begin, end), of a stretch: a row's code is the bit of its id for now.
    void mark(std::size_t which, std::size_t begin, std::size_t end) {
        constexpr std::size_t at_once = 1024;
        std::array<std::uint32_t, at_once> rows;  // of ids that are no dense integers
        std::array<id_key, at_once> keys;
        dense_numbers::marker integers(numbers_);
        dense_numbers::marker texts(numbers_);
        const dense_numbers::range range = integers_;  // a copy, which no write to a code can change
        std::uint32_t* const codes = codes_.data();
        for (; begin < end; begin += at_once) {
            std::size_t others = 0;
            keys_.for_each(begin, std::min(end, begin + at_once), [&](std::size_t i, id_key key) {
                const bool held = range.holds(key);
                const std::uint32_t bit = range.bit_of(key);
                codes[i] = held ? bit : id_column::missing;
                integers.mark(bit, held);
                rows[others] = static_cast<std::uint32_t>(i);
                keys[others] = key;
                others += held ? 0 : 1;
            });
            for (std::size_t k = 0; k < others; ++k) mark_other(stretches_[which], rows[k], keys[k], texts);
        }
    }

    /// Whether an integer lay outside of what `look` saw, so that all must be done again with every key.
    [[nodiscard]] bool misled() const noexcept {
        return std::any_of(stretches_.begin(), stretches_.end(), [](const stretch& each) { return each.misled; });
    }
    void start_again() {
        for (stretch& each : stretches_) each = {};
        series_.clear();
        numbers_ = {};
        integers_ = {};
    }

    /// Gives codes to all ids, after all stretches were marked.
    void number() {
        key_index distinct(
            std::accumulate(stretches_.begin(), stretches_.end(), std::size_t{0},
                            [](std::size_t rows, const stretch& each) { return rows + each.others.size(); }));
        for (stretch& each : stretches_) {
            for (other_row& of : each.others) of.code = distinct.position(of.key);
        }
        const std::size_t marked = numbers_.rank();
        check_id_count(marked + distinct.keys().size());
        integers_count_ = numbers_.rank_behind(integers_);
        one_series_ = distinct.keys().empty() && series_.size() <= 1;
        if (one_series_) return;
        sort_others(distinct.keys());
        bits_before_ = ordered_.size();
        for (const series& each : series_) append_series(each);
        code_of_.resize(ordered_.size());
        for (std::size_t i = 0; i < ordered_.size(); ++i) {
            code_of_[ordered_[i].position] = static_cast<std::uint32_t>(integers_count_ + i);
        }
        for (stretch& each : stretches_) {
            for (other_row& of : each.others) of.code = code_of_[of.code];
        }
    }

    /// Writes the codes of rows [begin, end): bits become ranks, which are the codes but where texts of several kinds
    /// lie among each other.
    void code(std::size_t begin, std::size_t end) {
        if (numbers_.empty()) return;
        // Texts of several kinds lie among each other, those of one series do not.
        const bool mixed = code_of_.size() > bits_before_;
        run_best(
            [](const dense_numbers* numbers, std::uint32_t* codes, std::size_t row, std::size_t last,
               std::uint32_t integers, const std::uint32_t* of_texts) __attribute__((always_inline)) {
                // Which ids are missing and which are texts nobody can foretell, so there is no branch on it.
                for (; row < last; ++row) {
                    const std::uint32_t missing = 0U - std::uint32_t{codes[row] == id_column::missing};
                    const std::uint32_t rank = numbers->rank_of(codes[row] & ~missing);
                    const std::uint32_t text = 0U - std::uint32_t{rank >= integers};
                    codes[row] = (rank & ~text) | (of_texts[(rank - integers) & text] & text) | missing;
                }
            },
            &numbers_, codes_.data(), begin, end,
            mixed ? static_cast<std::uint32_t>(integers_count_) : id_column::missing,
            mixed ? code_of_.data() + bits_before_ : codes_.data());
    }

    /// Lists the ids.
    void list() {
        large_vector<std::int64_t> integers(integers_count_);
        numbers_.for_each(integers_, [to = integers.data()](id_key key) mutable {
            *to++ = static_cast<std::int64_t>(key) - integer_bias;
        });
        if (one_series_ && !series_.empty()) return list_series(std::move(integers), series_.front());
        auto ids = std::make_shared<id_list>(std::move(integers));
        ids->reserve_texts(ordered_.size(), ordered_.size() * short_text);
        std::string space;
        for (const text_or_other& each : ordered_) {
            if (is_short_text(each.key)) {
                ids->push_back_text(short_bytes(each.key).text());
            } else {
                ids->push_back(pool_->at(each.key, space));
            }
        }
        ids_ = std::move(ids);
    }

    [[nodiscard]] coded_ids take() noexcept {
        for (const stretch& each : stretches_) {
            for (const other_row& of : each.others) codes_[of.row] = of.code;
        }
        return {std::move(ids_), std::move(codes_)};
    }

private:
    static constexpr std::size_t most_series = 4;  // each key is compared with all of them

    struct bounds {
        std::uint64_t low = ~std::uint64_t{0};
        std::uint64_t high = 0;
        std::size_t count = 0;

        void add(std::uint64_t value) noexcept { add({value, value, 1}); }
        void add(const bounds& more) noexcept {
            low = std::min(low, more.low);
            high = std::max(high, more.high);
            count += more.count;
        }
        /// Room for the numbers, up to `most`. Of every `step`-th row, somewhat more than was seen.
        [[nodiscard]] dense_numbers::range range_in(dense_numbers& of, std::size_t step, std::uint64_t most) const {
            if (count == 0) return {};
            const std::uint64_t more = step == 1 ? 0 : (high - low) / 64 + 64;
            return of.add(low - std::min(low, more), high + std::min(most - high, more), count * step);
        }
    };
    struct series {
        text_series texts;
        bounds seen = {};
        dense_numbers::range range = {};  ///< none where they lie too far apart
    };
    /// A row whose id is no dense number.
    struct other_row {
        id_key key;
        std::uint32_t row;
        std::uint32_t code;
    };
    struct stretch {
        bounds integers;
        std::vector<series> found;
        large_vector<other_row> others;
        bool misled = false;
    };
    /// An id that is no dense integer, and its place in `code_of_`.
    struct text_or_other {
        id_key key;
        std::uint32_t position;
    };

    static void look_at_text(id_key key, std::vector<series>& found) {
        for (series& each : found) {
            if (const auto number = each.texts.number_of(key)) return each.seen.add(*number);
        }
        if (found.size() == most_series) return;
        if (const auto texts = text_series::of(key)) {
            found.push_back({.texts = *texts});
            found.back().seen.add(*texts->number_of(key));
        }
    }

    void mark_other(stretch& of, std::uint32_t row, id_key key, dense_numbers::marker& texts) {
        if (key == missing_key) return;
        for (const series& each : series_) {
            const auto number = each.texts.number_of(key);
            if (!number || !each.range.holds(*number)) continue;
            codes_[row] = each.range.bit_of(*number);
            return texts.mark(codes_[row]);
        }
        of.misled = of.misled || (key < text_tag && integers_.size != 0);
        of.others.push_back({key, row, 0});
    }

    [[nodiscard]] bool less(id_key a, id_key b) const { return pool_->empty() ? a < b : pool_->less(a, b); }

    /// Orders the distinct ids that have no bit.
    void sort_others(const large_vector<id_key>& keys) {
        ordered_.reserve(keys.size());
        for (const id_key key : keys) ordered_.push_back({key, static_cast<std::uint32_t>(ordered_.size())});
        if (pool_->empty()) {
            radix_sort(ordered_, [](const text_or_other& each) { return each.key; });
        } else {
            std::sort(ordered_.begin(), ordered_.end(),
                      [&](const text_or_other& a, const text_or_other& b) { return less(a.key, b.key); });
        }
    }

    /// Puts the texts of a series, which are in order, among the others.
    void append_series(const series& of) {
        const std::size_t before = ordered_.size();
        numbers_.for_each(of.range, [&](std::uint64_t number) {
            ordered_.push_back({of.texts.key_of(number), static_cast<std::uint32_t>(ordered_.size())});
        });
        std::inplace_merge(ordered_.begin(), ordered_.begin() + static_cast<std::ptrdiff_t>(before), ordered_.end(),
                           [&](const text_or_other& a, const text_or_other& b) { return less(a.key, b.key); });
    }

    void list_series(large_vector<std::int64_t> integers, const series& of) {
        const std::size_t count = numbers_.rank_behind(of.range) - integers_count_;
        const std::size_t size = of.texts.size();
        std::string text(count * size, '\0');
        std::vector<std::uint64_t> ends;
        ends.reserve(count);
        numbers_.for_each(of.range, [&](std::uint64_t number) {
            of.texts.write(number, text.data() + ends.size() * size);
            ends.push_back((ends.size() + 1) * size);
        });
        ids_ = std::make_shared<id_list>(std::move(integers), std::move(text), std::move(ends));
    }

    key_rows keys_;
    const key_pool* pool_;
    std::vector<stretch> stretches_;
    dense_numbers numbers_;
    dense_numbers::range integers_;
    std::size_t integers_count_ = 0;
    std::vector<series> series_;
    bool one_series_ = false;              // no other ids than dense integers and texts of one series
    large_vector<text_or_other> ordered_;  // distinct ids that are no dense integers, in id order
    std::size_t bits_before_ = 0;          // of `code_of_`, how many come before those of the series
    large_vector<std::uint32_t> code_of_;
    large_vector<std::uint32_t> codes_;
    std::shared_ptr<const id_list> ids_;
};

/// Takes the steps of some columns of as many rows, each thread in a stretch of them.
inline void number_ids(std::span<id_coder> coders, std::size_t rows, std::size_t stretches, unsigned threads) {
    // The columns in turn, some rows at a time: they lie side by side in memory.
    const auto each_column = [&](std::size_t which, auto&& work) {
        constexpr std::size_t in_cache = 4096;
        const std::size_t end = rows * (which + 1) / stretches;
        for (std::size_t begin = rows * which / stretches; begin < end; begin += in_cache) {
            for (id_coder& coder : coders) work(coder, begin, std::min(end, begin + in_cache));
        }
    };
    const auto each_stretch = [&](auto&& work) {
        thread_pool::run(stretches, threads, [&](std::size_t which) {
            each_column(which, [&](id_coder& of, std::size_t begin, std::size_t end) { work(of, which, begin, end); });
        });
    };
    constexpr std::size_t some = 16;
    for (std::size_t step = rows < rows_worth_a_thread ? 1 : some;; step = 1) {
        each_stretch([&](id_coder& of, std::size_t which, std::size_t begin, std::size_t end) {
            of.look(which, begin, end, step);
        });
        for (id_coder& each : coders) each.plan(step);
        each_stretch(
            [](id_coder& of, std::size_t which, std::size_t begin, std::size_t end) { of.mark(which, begin, end); });
        if (std::none_of(coders.begin(), coders.end(), [](const id_coder& each) { return each.misled(); })) break;
        for (id_coder& each : coders) each.start_again();
    }
    thread_pool::run(coders.size(), threads, [&](std::size_t column) { coders[column].number(); });
    thread_pool::run(coders.size() + stretches, threads, [&](std::size_t part) {
        if (part < coders.size()) {
            coders[part].list();
        } else {
            each_column(part - coders.size(),
                        [](id_coder& of, std::size_t begin, std::size_t end) { of.code(begin, end); });
        }
    });
}

/// Whether keys ascend, each once. O(keys), or less where they do not.
[[nodiscard]] inline bool ascend(std::span<const id_key> keys) {
    constexpr std::size_t stretch = 1024;
    for (std::size_t first = 1; first < keys.size(); first += stretch) {
        const bool good = run_best(
            [](const id_key* of, std::size_t count) __attribute__((always_inline)) {
                std::uint64_t falls = 0;
                for (std::size_t i = 0; i < count; ++i) falls |= of[i] < of[i + 1] ? 0U : 1U;
                return falls == 0;
            },
            keys.data() + first - 1, std::min(stretch, keys.size() - first));
        if (!good) return false;
    }
    return true;
}

/// Integers that ascend already, each once, as the customers of a table do: their codes count up. Empty for any others,
/// which is soon found out.
[[nodiscard]] inline std::optional<coded_ids> code_ascending(std::span<const id_key> keys) {
    if ((!keys.empty() && keys.back() >= text_tag) || !ascend(keys)) return std::nullopt;
    check_id_count(keys.size());
    large_vector<std::int64_t> integers(keys.size());
    std::transform(keys.begin(), keys.end(), integers.begin(),
                   [](id_key key) { return static_cast<std::int64_t>(key) - integer_bias; });
    coded_ids result;
    result.codes.resize(keys.size());
    std::iota(result.codes.begin(), result.codes.end(), 0U);
    result.ids = std::make_shared<const id_list>(std::move(integers));
    return result;
}

/// Numbers one column of ids, on one thread.
[[nodiscard]] inline coded_ids code_ids(std::span<const id_key> keys, const key_pool& pool) {
    if (auto ready = code_ascending(keys)) return std::move(*ready);
    id_coder coder(keys, pool, 1);
    number_ids({&coder, 1}, keys.size(), 1, 1);
    return coder.take();
}

/// Numbers columns of as many rows, each thread in a stretch of them.
template <std::size_t N>
[[nodiscard]] std::array<coded_ids, N> code_ids(const std::array<key_rows, N>& columns, const key_pool& pool,
                                                unsigned threads) {
    const std::size_t rows = columns.front().size();
    const std::size_t stretches = stretches_of(rows, threads);
    std::vector<id_coder> coders;
    for (const key_rows& each : columns) coders.emplace_back(each, pool, stretches);
    number_ids(coders, rows, stretches, stretches == 1 ? 1 : threads);
    std::array<coded_ids, N> result;
    std::transform(coders.begin(), coders.end(), result.begin(), [](id_coder& each) { return each.take(); });
    return result;
}

}  // namespace lgs_rfm::detail
