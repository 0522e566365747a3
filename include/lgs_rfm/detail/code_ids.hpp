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
#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/text_series.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// The distinct ids of some rows, in id order, and each row's code among them.
struct coded_ids {
    std::shared_ptr<const id_list> ids;
    large_vector<std::uint32_t> codes;  ///< one a row; id_column::missing for a missing id
};

/// The keys of some rows: an array of them, or one of the keys of each of some runs.
class key_rows {
public:
    key_rows(std::span<const id_key> keys) { add(keys.data(), keys.size(), 1); }  // NOLINT: a view of them
    key_rows(std::span<const run_keys> runs, id_key run_keys::* which) { add(runs, which); }
    key_rows(const run_pieces& runs, id_key run_keys::* which) {
        for (const run_pieces::piece& each : runs) add(each.runs.keys, which);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] id_key operator[](std::size_t i) const noexcept {
        const piece& of = *piece_with(pieces_, i);
        return of.first[(i - of.begin) * stride_];
    }

    /// Calls `visit(i, key)` for rows [begin, end), in order.
    template <class Visit>
    [[gnu::always_inline]] void for_each(std::size_t begin, std::size_t end, Visit visit) const {
        if (begin == end) return;
        for (auto of = piece_with(pieces_, begin); begin < end; ++of) {
            const std::size_t stop = std::min(end, of->begin + of->size);
            const id_key* key = of->first + (begin - of->begin) * stride_;
            for (; begin < stop; ++begin, key += stride_) visit(begin, *key);
        }
    }

private:
    struct piece {
        std::size_t begin;
        std::size_t size;
        const id_key* first;
    };

    void add(std::span<const run_keys> runs, id_key run_keys::* which) {
        if (!runs.empty()) add(&(runs.front().*which), runs.size(), sizeof(run_keys) / sizeof(id_key));
    }
    void add(const id_key* first, std::size_t count, std::size_t stride) {
        pieces_.push_back({size_, count, first});
        size_ += count;
        stride_ = stride;
    }

    std::vector<piece> pieces_;
    std::size_t size_ = 0;
    std::size_t stride_ = 1;
};

/// Numbers ids in id order. Integers in a dense range have a bit each over it, and so have the texts of a series; any
/// others go through a hash table. Distinct texts are then put in order. O(keys + ids); ids that do not pack into a key
/// make it O(ids log ids).
///
/// Works in steps, so that several threads can take part, each in a stretch of the rows: `look`, then `plan`, `mark`,
/// `number`, and then, in any order, `code` and `list`.
class id_coder {
public:
    id_coder(const key_rows& keys, const key_pool& pool, std::size_t stretches)
        : keys_(keys), pool_(&pool), stretches_(stretches) {
        codes_.resize(keys.size());
    }

    /// Looks at the keys of rows [begin, end), of a stretch.
    void look(std::size_t which, std::size_t begin, std::size_t end) {
        bounds integers;
        std::vector<series>& found = stretches_[which].found;
        keys_.for_each(begin, end, [&](std::size_t, id_key key) {
            if (key < text_tag) {
                integers.add(key);
            } else if (is_short_text(key)) {
                look_at_text(key, found);
            }
        });
        stretches_[which].integers.add(integers);
    }

    /// Decides how ids are numbered, after all stretches were looked at.
    void plan() {
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
        if (!pool_->holds_integers()) integers_ = integers.numbers();
        for (series& each : series_) each.numbers = each.seen.numbers();
    }

    /// Marks the ids of rows [begin, end), of a stretch.
    void mark(std::size_t which, std::size_t begin, std::size_t end) {
        dense_numbers::marker integers(integers_);
        std::vector<dense_numbers::marker> texts;
        texts.reserve(series_.size());
        for (series& each : series_) texts.emplace_back(each.numbers);
        large_vector<std::uint32_t>& others = stretches_[which].others;
        keys_.for_each(begin, end, [&](std::size_t i, id_key key) {
            if (integers_.holds(key)) {
                integers.mark(key);
            } else if (key == missing_key) {
                codes_[i] = id_column::missing;
            } else if (const auto [of, number] = find_text(key); of < series_.size()) {
                texts[of].mark(number);
            } else {
                others.push_back(static_cast<std::uint32_t>(i));
            }
        });
    }

    /// Gives codes to all ids, after all stretches were marked.
    void number() {
        key_index distinct(
            std::accumulate(stretches_.begin(), stretches_.end(), std::size_t{0},
                            [](std::size_t rows, const stretch& each) { return rows + each.others.size(); }));
        for (const stretch& each : stretches_) {
            for (const std::uint32_t i : each.others) codes_[i] = distinct.position(keys_[i]);
        }
        sort_others(distinct.keys());
        for (series& each : series_) append_series(each);

        integers_count_ = integers_.rank();
        check_id_count(integers_count_ + ordered_.size());
        code_of_.resize(ordered_.size());
        for (std::size_t i = 0; i < ordered_.size(); ++i) {
            code_of_[ordered_[i].position] = static_cast<std::uint32_t>(integers_count_ + i);
        }
        for (const stretch& each : stretches_) {
            for (const std::uint32_t i : each.others) codes_[i] = code_of_[codes_[i]];
        }
    }

    /// Writes the codes of rows [begin, end).
    void code(std::size_t begin, std::size_t end) {
        run_best(
            [](id_coder* of, std::size_t first, std::size_t last) __attribute__((always_inline)) {
                of->keys_.for_each(first, last, [of](std::size_t i, id_key key) __attribute__((always_inline)) {
                    if (of->integers_.holds(key)) {
                        of->codes_[i] = of->integers_.rank_of(key);
                    } else if (const auto [in, number] = of->find_text(key); in < of->series_.size()) {
                        const series& texts = of->series_[in];
                        of->codes_[i] = of->code_of_[texts.first_position + texts.numbers.rank_of(number)];
                    }
                });
            },
            this, begin, end);
    }

    /// Lists the ids.
    void list() {
        large_vector<std::int64_t> integers;
        integers.reserve(integers_count_);
        integers_.for_each([&](id_key key) { integers.push_back(static_cast<std::int64_t>(key) - integer_bias); });
        auto ids = std::make_shared<id_list>(std::move(integers));
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

    [[nodiscard]] coded_ids take() noexcept { return {std::move(ids_), std::move(codes_)}; }

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
        [[nodiscard]] dense_numbers numbers() const { return {low, high, count}; }
    };
    struct series {
        text_series texts;
        bounds seen;
        dense_numbers numbers;           ///< none where they lie too far apart
        std::size_t first_position = 0;  ///< of its texts among the distinct ids that are no dense integers
    };
    struct stretch {
        bounds integers;
        std::vector<series> found;
        large_vector<std::uint32_t> others;  ///< rows of ids that are no dense numbers
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
            found.push_back({.texts = *texts, .seen = {}, .numbers = {}});
            found.back().seen.add(*texts->number_of(key));
        }
    }

    /// Which series a key is of, and its number there; beyond the last one when it has no bit.
    [[nodiscard]] std::pair<std::size_t, std::uint64_t> find_text(id_key key) const noexcept {
        for (std::size_t i = 0; i < series_.size(); ++i) {
            const auto number = series_[i].texts.number_of(key);
            if (number && series_[i].numbers.holds(*number)) return {i, *number};
        }
        return {series_.size(), 0};
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
    void append_series(series& of) {
        const std::size_t before = ordered_.size();
        of.first_position = before;
        ordered_.reserve(before + of.numbers.rank());
        of.numbers.for_each([&](std::uint64_t number) {
            ordered_.push_back({of.texts.key_of(number), static_cast<std::uint32_t>(ordered_.size())});
        });
        std::inplace_merge(ordered_.begin(), ordered_.begin() + static_cast<std::ptrdiff_t>(before), ordered_.end(),
                           [&](const text_or_other& a, const text_or_other& b) { return less(a.key, b.key); });
    }

    key_rows keys_;
    const key_pool* pool_;
    std::vector<stretch> stretches_;
    dense_numbers integers_;
    std::size_t integers_count_ = 0;
    std::vector<series> series_;
    large_vector<text_or_other> ordered_;  // distinct ids that are no dense integers, in id order
    large_vector<std::uint32_t> code_of_;
    large_vector<std::uint32_t> codes_;
    std::shared_ptr<const id_list> ids_;
};

/// Integers that ascend already, each once, as the customers of a table do: their codes count up. Empty for any others,
/// which is soon found out.
[[nodiscard]] inline std::optional<coded_ids> code_ascending(std::span<const id_key> keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] >= text_tag || (i > 0 && keys[i] <= keys[i - 1])) return std::nullopt;
    }
    check_id_count(keys.size());
    large_vector<std::int64_t> integers(keys.size());
    coded_ids result;
    result.codes.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        integers[i] = static_cast<std::int64_t>(keys[i]) - integer_bias;
        result.codes[i] = static_cast<std::uint32_t>(i);
    }
    result.ids = std::make_shared<const id_list>(std::move(integers));
    return result;
}

/// Numbers one column of ids, on one thread.
[[nodiscard]] inline coded_ids code_ids(std::span<const id_key> keys, const key_pool& pool) {
    if (auto ready = code_ascending(keys)) return std::move(*ready);
    id_coder coder(keys, pool, 1);
    coder.look(0, 0, keys.size());
    coder.plan();
    coder.mark(0, 0, keys.size());
    coder.number();
    coder.code(0, keys.size());
    coder.list();
    return coder.take();
}

/// Numbers the invoices and the customers of some runs, each thread in a stretch of them.
[[nodiscard]] inline std::array<coded_ids, 2> code_ids(const key_rows& invoices, const key_rows& customers,
                                                       const key_pool& pool, unsigned threads) {
    const std::size_t runs = invoices.size();
    const std::size_t stretches = runs < rows_worth_a_thread ? 1 : 2 * std::size_t{threads};
    const unsigned at_once = stretches == 1 ? 1 : threads;
    std::array<id_coder, 2> coders{id_coder(invoices, pool, stretches), id_coder(customers, pool, stretches)};
    // Both columns in turn, some rows at a time: they lie side by side in memory.
    const auto each_column = [&](std::size_t which, auto&& work) {
        constexpr std::size_t in_cache = 4096;
        const std::size_t end = runs * (which + 1) / stretches;
        for (std::size_t begin = runs * which / stretches; begin < end; begin += in_cache) {
            for (id_coder& coder : coders) work(coder, begin, std::min(end, begin + in_cache));
        }
    };
    thread_pool::run(stretches, at_once, [&](std::size_t which) {
        each_column(which, [&](id_coder& of, std::size_t begin, std::size_t end) { of.look(which, begin, end); });
    });
    for (id_coder& each : coders) each.plan();
    thread_pool::run(stretches, at_once, [&](std::size_t which) {
        each_column(which, [&](id_coder& of, std::size_t begin, std::size_t end) { of.mark(which, begin, end); });
    });
    thread_pool::run(coders.size(), at_once, [&](std::size_t column) { coders[column].number(); });
    thread_pool::run(coders.size() + stretches, at_once, [&](std::size_t part) {
        if (part < coders.size()) {
            coders[part].list();
        } else {
            each_column(part - coders.size(),
                        [](id_coder& of, std::size_t begin, std::size_t end) { of.code(begin, end); });
        }
    });
    return {coders[0].take(), coders[1].take()};
}

}  // namespace lgs_rfm::detail
