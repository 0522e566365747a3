#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <lgs_rfm/scoring/segments.hpp>

namespace lgs_rfm {

inline segment_rules::segment_rules(std::vector<segment_rule> rules, rfm_bins bins)
    : rules_(std::move(rules)), bins_(bins) {
    detail::check_bins(bins_);
    if (rules_.empty()) throw error(error_code::invalid_option, "rules: there are none; give at least one");
    auto names = std::make_shared<std::vector<std::string>>();
    for (const segment_rule& rule : rules_) {
        if (rule.name.empty()) throw error(error_code::invalid_option, "rules: a rule has no name");
        for (const auto& range : {rule.r, rule.f, rule.m}) {
            if (range && (range->low < 1 || range->low > range->high)) {
                throw error(error_code::invalid_option, "rules: '" + rule.name + "' has the range (" +
                                                            std::to_string(range->low) + ", " +
                                                            std::to_string(range->high) + "); give 1 <= low <= high");
            }
        }
        if (std::find(names->begin(), names->end(), rule.name) == names->end()) names->push_back(rule.name);
    }
    names_ = std::move(names);
}

inline segment_rules segment_rules::standard() {
    return segment_rules({{"Champions", score_range{5, 5}, score_range{4, 5}},
                          {"Loyal Customers", score_range{3, 4}, score_range{4, 5}},
                          {"Potential Loyalists", score_range{4, 5}, score_range{2, 3}},
                          {"New Customers", score_range{5, 5}, score_range{1, 1}},
                          {"Promising", score_range{4, 4}, score_range{1, 1}},
                          {"Need Attention", score_range{3, 3}, score_range{3, 3}},
                          {"About to Sleep", score_range{3, 3}, score_range{1, 2}},
                          {"At Risk", score_range{1, 2}, score_range{3, 4}},
                          {"Can't Lose", score_range{1, 2}, score_range{5, 5}},
                          {"Hibernating", score_range{1, 2}, score_range{1, 2}}});
}

/// The rules that take these scores. m = 0 stands for any score of a dimension that no rule looks at.
inline std::vector<std::size_t> segment_rules::matching(int r, int f, int m) const {
    const auto takes = [](const std::optional<score_range>& range, int score) {
        return !range || (range->low <= score && score <= range->high);
    };
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (takes(rules_[i].r, r) && takes(rules_[i].f, f) && takes(rules_[i].m, m)) found.push_back(i);
    }
    return found;
}

inline std::vector<rule_finding> segment_rules::check() const {
    std::vector<rule_finding> findings;
    const bool uses_m =
        std::any_of(rules_.begin(), rules_.end(), [](const segment_rule& rule) { return rule.m.has_value(); });
    for (int r = 1; r <= bins_.recency; ++r) {
        for (int f = 1; f <= bins_.frequency; ++f) {
            for (int m = uses_m ? 1 : 0; m <= (uses_m ? bins_.monetary : 0); ++m) {
                const auto found = matching(r, f, m);
                if (found.size() == 1) continue;
                rule_finding finding{
                    found.empty() ? rule_finding::kind::gap : rule_finding::kind::overlap, r, f, m, {}};
                for (const std::size_t i : found) finding.rules.push_back(rules_[i].name);
                findings.push_back(std::move(finding));
            }
        }
    }
    for (const segment_rule& rule : rules_) {
        const auto above = [](const std::optional<score_range>& range, int k) { return range && range->low > k; };
        if (above(rule.r, bins_.recency) || above(rule.f, bins_.frequency) || above(rule.m, bins_.monetary)) {
            findings.push_back({rule_finding::kind::dead, 0, 0, 0, {rule.name}});
        }
    }
    return findings;
}

inline category_column segment_rules::assign(const rfm_scores& scores) const {
    for (const rule_finding& finding : check()) {
        if (finding.problem == rule_finding::kind::overlap) {
            throw error(error_code::incompatible, "rules overlap: '" + finding.rules[0] + "' and '" + finding.rules[1] +
                                                      "' both take r=" + std::to_string(finding.r) +
                                                      ", f=" + std::to_string(finding.f) +
                                                      (finding.m == 0 ? "" : ", m=" + std::to_string(finding.m)) +
                                                      "; narrow one of them, check() lists all");
        }
    }
    const auto cell = [&](std::int64_t r, std::int64_t f, std::int64_t m) {
        return static_cast<std::size_t>(((r - 1) * bins_.frequency + f - 1) * bins_.monetary + m - 1);
    };
    std::vector<std::int32_t> names(cell(bins_.recency, bins_.frequency, bins_.monetary) + 1, -1);
    for (int r = 1; r <= bins_.recency; ++r) {
        for (int f = 1; f <= bins_.frequency; ++f) {
            for (int m = 1; m <= bins_.monetary; ++m) {
                const auto found = matching(r, f, m);
                if (found.empty()) continue;
                names[cell(r, f, m)] = static_cast<std::int32_t>(
                    std::find(names_->begin(), names_->end(), rules_[found.front()].name) - names_->begin());
            }
        }
    }
    category_column segments;
    segments.names = names_;
    segments.codes.reserve(scores.r.size());
    const std::pair<const char*, int> limits[] = {
        {"r_score", bins_.recency}, {"f_score", bins_.frequency}, {"m_score", bins_.monetary}};
    for (std::size_t row = 0; row < scores.r.size(); ++row) {
        const std::int64_t of_row[] = {scores.r[row], scores.f[row], scores.m[row]};
        for (int d = 0; d < 3; ++d) {
            if (of_row[d] < 1 || of_row[d] > limits[d].second) {
                throw error(error_code::out_of_range,
                            std::string("column ") + limits[d].first + ", row " + std::to_string(row) + ": score " +
                                std::to_string(of_row[d]) + " is outside the rules' bins, 1 to " +
                                std::to_string(limits[d].second) + "; score with the same bins as the rules",
                            limits[d].first, static_cast<std::int64_t>(row), std::to_string(of_row[d]));
            }
        }
        segments.codes.push_back(names[cell(of_row[0], of_row[1], of_row[2])]);
    }
    return segments;
}

}  // namespace lgs_rfm
