#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>
#include <lgs_rfm/tables/customers.hpp>

namespace lgs_rfm::detail {

/// Counts the cuts below whole numbers: a cut lies below one exactly when its floor does.
struct whole_cuts {
    std::vector<std::int64_t> floors;

    explicit whole_cuts(const std::vector<double>& cuts) {
        for (const double cut : cuts) {
            // Recency and frequency are below 2^53, where doubles and whole numbers are one.
            floors.push_back(static_cast<std::int64_t>(std::clamp(std::floor(cut), -0x1p53, 0x1p53)));
        }
    }
    [[nodiscard]] std::int64_t below(std::int64_t value) const noexcept {
        std::int64_t count = 0;
        for (const std::int64_t floor : floors) count += floor < value ? 1 : 0;
        return count;
    }
};

/// Counts the cuts below amounts: those whose doubles are above the cut are all above one exact amount.
struct money_cuts {
    std::vector<int128> floors;  ///< the largest amounts whose doubles are not above the cuts

    explicit money_cuts(const std::vector<double>& cuts) {
        for (const double cut : cuts) {
            int128 low = -(int128{1} << 120);  // no sum of fewer than 2^32 lines of 2^63 goes as far
            int128 high = int128{1} << 120;
            while (low + 1 < high) {
                const int128 middle = low + (high - low) / 2;
                (to_double(money{middle}) <= cut ? low : high) = middle;
            }
            floors.push_back(low);
        }
    }
    [[nodiscard]] std::int64_t below(int128 value) const noexcept {
        std::int64_t count = 0;
        for (const int128 floor : floors) count += floor < value ? 1 : 0;
        return count;
    }
};

/// The segment of each cell of scores, m the fastest.
[[nodiscard]] inline category_column segments_of_cells(const segment_rules& rules) {
    rfm_scores cells;
    cells.bins = rules.bins();
    for (std::int64_t r = 1; r <= rules.bins().recency; ++r) {
        for (std::int64_t f = 1; f <= rules.bins().frequency; ++f) {
            for (std::int64_t m = 1; m <= rules.bins().monetary; ++m) {
                cells.r.push_back(r);
                cells.f.push_back(f);
                cells.m.push_back(m);
            }
        }
    }
    return rules.assign(cells);
}

/// Scores and segments of all rows by one scorer: what `transform` and `assign` give, without the doubles in between.
inline void score_snapshots(const customer_columns& customers, const rfm_scorer& scorer, const segment_rules& rules,
                            rfm_scores& scores, category_column& segment) {
    if (scorer.options().ties == tie_rule::first) {  // pairs of frequency and id
        scores = scorer.transform(customers);
        segment = rules.assign(scores);
        return;
    }
    std::vector<double> frequencies;
    for (const frequency_cut& cut : scorer.frequency_cuts()) frequencies.push_back(cut.frequency);
    const whole_cuts recency(scorer.recency_cuts());
    const whole_cuts frequency(frequencies);
    const money_cuts monetary(scorer.monetary_cuts());
    const category_column segments = segments_of_cells(rules);
    const rfm_bins& bins = rules.bins();
    const std::size_t rows = customers.recency.size();
    scores.r.resize(rows);
    scores.f.resize(rows);
    scores.m.resize(rows);
    segment.codes.resize(rows);
    for_each_stretch(rows, threads_for(rows / 2), [&](std::size_t, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::int64_t r = bins.recency - recency.below(customers.recency[i]);
            const std::int64_t f = 1 + frequency.below(customers.frequency[i]);
            const std::int64_t m = 1 + monetary.below(customers.monetary[i].millionths);
            scores.r[i] = r;
            scores.f[i] = f;
            scores.m[i] = m;
            segment.codes[i] =
                segments.codes[static_cast<std::size_t>(((r - 1) * bins.frequency + f - 1) * bins.monetary + m - 1)];
        }
    });
}

}  // namespace lgs_rfm::detail
