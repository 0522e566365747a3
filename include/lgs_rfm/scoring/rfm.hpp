#pragma once

#include <optional>
#include <utility>

#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>
#include <lgs_rfm/tables/customers.hpp>

namespace lgs_rfm {

/// Customers with their scores and segments, parallel.
struct segment_columns {
    customer_columns customers;
    rfm_scores scores;
    category_column segment;
};

/// Customers as of a moment, scored and named, in one call. A given scorer is applied, not fitted again; without one,
/// cut points are learnt from these customers with the rules' bins. No customers give no rows. O(entries + n k).
/// Throws `incompatible` when scorer and rules differ in bins, and what `customer_table` and `assign` throw.
[[nodiscard]] inline segment_columns rfm(const ledger& book, const customer_options& options = {},
                                         const std::optional<rfm_scorer>& scorer = {}, tie_rule ties = tie_rule::first,
                                         const segment_rules& rules = segment_rules::standard()) {
    if (scorer && !(scorer->options().bins == rules.bins())) {
        throw error(error_code::incompatible, "scorer and rules differ in bins; make both for the same bins");
    }
    segment_columns result{customer_table(book, options), {}, {}};
    const rfm_values values(result.customers);
    if (values.recency.empty()) {
        result.scores.bins = rules.bins();
    } else {
        result.scores =
            scorer ? scorer->transform(values) : rfm_scorer::fit_transform(values, {rules.bins(), ties}).second;
    }
    result.segment = rules.assign(result.scores);
    return result;
}

[[nodiscard]] inline table as_table(segment_columns from) {
    table result = as_table(std::move(from.customers));
    result.columns.push_back({"r_score", std::move(from.scores.r)});
    result.columns.push_back({"f_score", std::move(from.scores.f)});
    result.columns.push_back({"m_score", std::move(from.scores.m)});
    result.columns.push_back({"segment", std::move(from.segment)});
    return result;
}

}  // namespace lgs_rfm
