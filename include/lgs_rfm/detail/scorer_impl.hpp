#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>
#include <span>
#include <utility>

#include <lgs_rfm/detail/instruction_set.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/scoring/quantile.hpp>
#include <lgs_rfm/scoring/scorer.hpp>

namespace lgs_rfm {

namespace detail {

inline void check_bins(const rfm_bins& bins) {
    for (const int k : {bins.recency, bins.frequency, bins.monetary}) {
        if (k < 2 || k > 10) {
            throw error(error_code::invalid_option, "bins: " + std::to_string(k) + " is not allowed; give 2 to 10");
        }
    }
}

/// Whether `is(value)`, which costs no branch, holds for no value.
template <class T, class Is>
[[nodiscard]] bool none_of(std::span<const T> values, Is is) {
    const std::size_t found = run_best(
        [](const T* of, std::size_t count, Is counts) __attribute__((always_inline)) {
            std::size_t sum = 0;
            for (std::size_t i = 0; i < count; ++i) sum += counts(of[i]) ? 1 : 0;
            return sum;
        },
        values.data(), values.size(), is);
    return found == 0;
}

/// A number less itself is 0 unless it is NaN or infinite.
[[nodiscard]] inline bool all_finite(std::span<const double> values) {
    return none_of(values, [](double value) { return value - value != 0; });
}

inline void check_values(const rfm_values& values, tie_rule ties) {
    const std::size_t rows = values.recency.size();
    const std::pair<const char*, const large_vector<double>*> columns[] = {
        {"recency", &values.recency}, {"frequency", &values.frequency}, {"monetary", &values.monetary}};
    for (const auto& [name, column] : columns) {
        if (column->size() != rows) {
            throw error(error_code::unequal_length,
                        std::string("column ") + name + " has length " + std::to_string(column->size()) +
                            " but recency has length " + std::to_string(rows) + "; scored columns must be equally long",
                        name);
        }
    }
    if (ties == tie_rule::first && values.customer_id.size() != rows) {
        throw error(error_code::unequal_length,
                    "column customer_id has length " + std::to_string(values.customer_id.size()) +
                        " but recency has length " + std::to_string(rows) +
                        "; ties=\"first\" orders equal frequencies by id, ties=\"together\" needs no ids",
                    "customer_id");
    }
    const auto& codes = values.customer_id.codes();
    std::array<bool, 4> good{};
    thread_pool::run(good.size(), threads_for(rows), [&](std::size_t i) {
        good[i] = i < std::size(columns) ? all_finite(*columns[i].second)
                                         : ties == tie_rule::together ||
                                               none_of(
                                                   std::span<const std::uint32_t>(codes),
                                                   [](std::uint32_t code) { return code == id_column::missing; });
    });
    if (std::all_of(good.begin(), good.end(), [](bool each) { return each; })) return;
    for (std::size_t row = 0; row < rows; ++row) {
        for (const auto& [name, column] : columns) {
            if (!std::isfinite((*column)[row])) {
                throw error(error_code::not_finite,
                            std::string("column ") + name + ", row " + std::to_string(row) + ": " +
                                std::to_string((*column)[row]) + " cannot be scored; drop the row or fill it",
                            name, static_cast<std::int64_t>(row), std::to_string((*column)[row]));
            }
        }
        if (ties == tie_rule::first && codes[row] == id_column::missing) {
            throw error(error_code::missing_value,
                        "column customer_id, row " + std::to_string(row) +
                            ": the id is missing; ties=\"first\" orders equal frequencies by id",
                        "customer_id", static_cast<std::int64_t>(row));
        }
    }
}

/// Calls `visit(count)` with the number of cuts, up to nine, as a constant: so the loop over cuts is unrolled, and that
/// over the values becomes vector code.
template <class Visit>
void with_constant(std::size_t cuts, Visit&& visit) {
    const auto choose = [&]<std::size_t... Count>(std::index_sequence<Count...>) {
        static_cast<void>(((Count == cuts && (visit(std::integral_constant<std::size_t, Count>{}), true)) || ...));
    };
    choose(std::make_index_sequence<10>{});
}

/// Scores of so many rows by so many cuts. `score(cuts, first, count, out)` writes some at a time, so that they are in
/// the cache when they are put away; the cuts come as `with_constant` gives them.
template <class Score>
[[nodiscard]] large_vector<std::int64_t> scores_of(std::size_t rows, std::size_t cuts, const Score& score) {
    constexpr std::size_t stretch = 1024;
    std::array<std::int64_t, stretch> some;
    large_vector<std::int64_t> scores;
    scores.reserve(rows);
    with_constant(cuts, [&](auto constant) {
        for (std::size_t first = 0; first < rows; first += stretch) {
            const std::size_t count = std::min(stretch, rows - first);
            score(constant, first, count, some.data());
            scores.insert(scores.end(), some.data(), some.data() + count);
        }
    });
    return scores;
}

/// 1 + the number of cuts below each value, or `reversed_from` less that number.
[[nodiscard]] inline large_vector<std::int64_t> score_values(std::span<const double> values,
                                                             const std::vector<double>& cuts, int reversed_from) {
    return scores_of(
        values.size(), cuts.size(), [&](auto constant, std::size_t first, std::size_t count, std::int64_t* out) {
            run_best(
                [](const double* of, std::size_t rows, const double* limits, std::int64_t reversed, std::int64_t* to)
                    __attribute__((always_inline)) {
                        for (std::size_t i = 0; i < rows; ++i) {
                            std::int64_t below = 0;
                            for (std::size_t k = 0; k < decltype(constant)::value; ++k)
                                below += limits[k] < of[i] ? 1 : 0;
                            to[i] = reversed != 0 ? reversed - below : 1 + below;
                        }
                    },
                values.data() + first, count, cuts.data(), std::int64_t{reversed_from}, out);
        });
}

/// How many values equal one.
[[nodiscard]] inline std::size_t count_equal(double value, std::span<const double> values) {
    return run_best(
        [](const double* of, std::size_t count, double wanted) __attribute__((always_inline)) {
            std::size_t equal = 0;
            for (std::size_t i = 0; i < count; ++i) equal += of[i] == wanted ? 1 : 0;
            return equal;
        },
        values.data(), values.size(), value);
}

/// A value and the `n`-th row, from 0, that has it; there are that many.
struct nth_equal {
    double value = 0;
    std::size_t n = 0;
    std::size_t row = 0;  ///< to be found
};
/// Finds the rows of all, in one pass. O(values x wanted).
inline void find_rows(std::span<nth_equal> wanted, std::span<const double> values) {
    constexpr std::size_t stretch = 1024;  // rows that stay in the first cache
    std::vector<nth_equal*> open;
    for (nth_equal& each : wanted) open.push_back(&each);
    for (std::size_t first = 0; first < values.size() && !open.empty(); first += stretch) {
        const auto near = values.subspan(first, std::min(stretch, values.size() - first));
        std::erase_if(open, [&](nth_equal* each) {
            const std::size_t equal = count_equal(each->value, near);
            if (each->n >= equal) {
                each->n -= equal;
                return false;
            }
            for (each->row = first; values[each->row] != each->value || each->n-- != 0;) ++each->row;
            return true;
        });
    }
}

/// The codes at the cuts of the order (frequency, code): the cuts lie at known places, so only the customers of a cut's
/// frequency are looked at, and put in order where they do not come so. O(n) a cut.
[[nodiscard]] inline std::vector<std::pair<double, std::uint32_t>> pairs_at_cuts(std::span<const double> frequency,
                                                                                 std::span<const std::uint32_t> codes,
                                                                                 int k) {
    std::vector<std::size_t> ranks;
    for (int i = 1; i < k; ++i) {
        ranks.push_back((frequency.size() - 1) * static_cast<std::uint64_t>(i) / static_cast<std::uint64_t>(k));
    }
    std::vector<nth_equal> wanted;  // in the order of codes
    const std::vector<ranked_value> at_rank = values_at(frequency, ranks);
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        wanted.push_back({at_rank[i].value, ranks[i] - at_rank[i].below});
    }
    std::vector<std::pair<double, std::uint32_t>> pairs;
    if (std::ranges::is_sorted(codes)) {
        find_rows(wanted, frequency);
        for (const nth_equal& each : wanted) pairs.emplace_back(each.value, codes[each.row]);
        return pairs;
    }
    std::vector<std::uint32_t> equal;  // the codes of one frequency
    for (const nth_equal& each : wanted) {
        if (pairs.empty() || each.value != pairs.back().first) {
            equal.clear();
            for (std::size_t row = 0; row < frequency.size(); ++row) {
                if (frequency[row] == each.value) equal.push_back(codes[row]);
            }
        }
        const auto at = equal.begin() + static_cast<std::ptrdiff_t>(each.n);
        std::nth_element(equal.begin(), at, equal.end());
        pairs.emplace_back(each.value, *at);
    }
    return pairs;
}

/// 1 + the number of cuts below each pair of frequency and id.
[[nodiscard]] inline large_vector<std::int64_t> score_pairs(std::span<const double> frequency,
                                                            const id_column& customers,
                                                            const std::vector<frequency_cut>& cuts) {
    // An id lies above a cut's id exactly when its code is at or beyond the first code above it: one search a cut.
    const id_list& ids = customers.ids();
    const auto all_codes = std::views::iota(std::size_t{0}, ids.size());
    std::vector<double> frequencies;
    std::vector<std::uint32_t> first_above;
    for (const frequency_cut& cut : cuts) {
        const id_view cut_id(cut.customer_id);
        const auto above =
            std::ranges::partition_point(all_codes, [&](std::size_t code) { return ids[code] <= cut_id; });
        frequencies.push_back(cut.frequency);
        first_above.push_back(static_cast<std::uint32_t>(above - all_codes.begin()));
    }
    return scores_of(
        frequency.size(), cuts.size(), [&](auto constant, std::size_t first, std::size_t count, std::int64_t* out) {
            run_best(
                [](const double* of, const std::uint32_t* codes, std::size_t rows, const double* limits,
                   const std::uint32_t* from, std::int64_t* to) __attribute__((always_inline)) {
                    for (std::size_t i = 0; i < rows; ++i) {
                        std::int64_t below = 0;
                        for (std::size_t k = 0; k < decltype(constant)::value; ++k) {
                            below += (limits[k] < of[i]) | ((limits[k] == of[i]) & (codes[i] >= from[k])) ? 1 : 0;
                        }
                        to[i] = 1 + below;
                    }
                },
                frequency.data() + first, customers.codes().data() + first, count, frequencies.data(),
                first_above.data(), out);
        });
}

/// Calls the three, side by side where there are many customers.
template <class Recency, class Frequency, class Monetary>
void for_each_dimension(std::size_t customers, Recency&& recency, Frequency&& frequency, Monetary&& monetary) {
    thread_pool::run(3, threads_for(customers), [&](std::size_t dimension) {
        if (dimension == 0) {
            frequency();  // the longest first
        } else if (dimension == 1) {
            recency();
        } else {
            monetary();
        }
    });
}

}  // namespace detail

inline rfm_values::rfm_values(const customer_columns& table)
    : recency(table.recency.begin(), table.recency.end()),
      frequency(table.frequency.begin(), table.frequency.end()),
      customer_id(table.customer_id) {
    monetary.reserve(table.monetary.size());
    for (const money amount : table.monetary) monetary.push_back(to_double(amount));
}

inline rfm_scorer rfm_scorer::fit(const rfm_values& values, const scorer_options& options) {
    detail::check_bins(options.bins);
    detail::check_values(values, options.ties);
    if (values.recency.empty()) {
        throw error(error_code::invalid_option, "fit: there are no customers to learn cut points from");
    }
    rfm_scorer scorer;
    scorer.options_ = options;
    detail::for_each_dimension(
        values.recency.size(), [&] { scorer.recency_ = cut_points(values.recency, options.bins.recency); },
        [&] {
            if (options.ties == tie_rule::together) {
                for (const double cut : cut_points(values.frequency, options.bins.frequency)) {
                    scorer.frequency_.push_back({cut, {}});
                }
                return;
            }
            for (const auto& [frequency, code] :
                 detail::pairs_at_cuts(values.frequency, values.customer_id.codes(), options.bins.frequency)) {
                scorer.frequency_.push_back({frequency, to_string(values.customer_id.ids()[code])});
            }
        },
        [&] { scorer.monetary_ = cut_points(values.monetary, options.bins.monetary); });
    return scorer;
}

inline std::pair<rfm_scorer, rfm_scores> rfm_scorer::fit_transform(const rfm_values& values,
                                                                   const scorer_options& options) {
    rfm_scorer scorer = fit(values, options);
    rfm_scores scores = scorer.score(values);
    return {std::move(scorer), std::move(scores)};
}

inline rfm_scorer rfm_scorer::from_cuts(const scorer_options& options, std::vector<double> recency,
                                        std::vector<frequency_cut> frequency, std::vector<double> monetary) {
    detail::check_bins(options.bins);
    const auto rises = [](const auto& a, const auto& b) { return !(a <= b); };
    const bool in_order =
        std::adjacent_find(recency.begin(), recency.end(), rises) == recency.end() &&
        std::adjacent_find(monetary.begin(), monetary.end(), rises) == monetary.end() &&
        std::adjacent_find(frequency.begin(), frequency.end(), [](const frequency_cut& a, const frequency_cut& b) {
            return !(a.frequency < b.frequency ||
                     (a.frequency == b.frequency && id_view(a.customer_id) <= id_view(b.customer_id)));
        }) == frequency.end();
    const auto finite = [](double cut) { return std::isfinite(cut); };
    const bool all_finite = std::all_of(recency.begin(), recency.end(), finite) &&
                            std::all_of(monetary.begin(), monetary.end(), finite) &&
                            std::all_of(frequency.begin(), frequency.end(),
                                        [&](const frequency_cut& cut) { return finite(cut.frequency); });
    const auto fits = [](std::size_t cuts, int k) { return cuts + 1 == static_cast<std::size_t>(k); };
    if (!all_finite || !in_order || !fits(recency.size(), options.bins.recency) ||
        !fits(frequency.size(), options.bins.frequency) || !fits(monetary.size(), options.bins.monetary)) {
        throw error(error_code::invalid_option,
                    "cuts: each dimension needs bins - 1 finite cut points in ascending order");
    }
    rfm_scorer scorer;
    scorer.options_ = options;
    scorer.recency_ = std::move(recency);
    scorer.frequency_ = std::move(frequency);
    scorer.monetary_ = std::move(monetary);
    return scorer;
}

inline rfm_scores rfm_scorer::transform(const rfm_values& values) const {
    detail::check_values(values, options_.ties);
    return score(values);
}

inline rfm_scores rfm_scorer::score(const rfm_values& values) const {
    rfm_scores scores;
    scores.bins = options_.bins;
    detail::for_each_dimension(
        values.recency.size(),
        [&] { scores.r = detail::score_values(values.recency, recency_, options_.bins.recency); },
        [&] {
            if (options_.ties == tie_rule::first) {
                scores.f = detail::score_pairs(values.frequency, values.customer_id, frequency_);
                return;
            }
            std::vector<double> cuts;
            for (const frequency_cut& cut : frequency_) cuts.push_back(cut.frequency);
            scores.f = detail::score_values(values.frequency, cuts, 0);
        },
        [&] { scores.m = detail::score_values(values.monetary, monetary_, 0); });
    return scores;
}

inline std::array<std::vector<int>, 3> rfm_scorer::unused_scores() const {
    // Score s + 1 belongs to values above cut s and up to cut s + 1: none, when the two are equal.
    const auto unused = [](const auto& cuts) {
        std::vector<int> scores;
        for (std::size_t i = 1; i < cuts.size(); ++i) {
            if (cuts[i] == cuts[i - 1]) scores.push_back(static_cast<int>(i) + 1);
        }
        return scores;
    };
    std::array<std::vector<int>, 3> result{unused(recency_), unused(frequency_), unused(monetary_)};
    for (int& score : result[0]) score = options_.bins.recency + 1 - score;
    std::reverse(result[0].begin(), result[0].end());
    return result;
}

}  // namespace lgs_rfm
