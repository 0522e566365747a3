#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// Scores from `low` to `high`, both included; 1 <= low <= high.
struct score_range {
    int low = 1;
    int high = 1;
    friend constexpr bool operator==(const score_range&, const score_range&) = default;
};

/// A segment's name and the scores it takes; a dimension without a range takes any score.
struct segment_rule {
    std::string name;
    std::optional<score_range> r = {};
    std::optional<score_range> f = {};
    std::optional<score_range> m = {};
    friend bool operator==(const segment_rule&, const segment_rule&) = default;
};

/// One finding of `segment_rules::check`. Scores are 0 where the finding is about a whole rule, and m is 0 when no rule
/// looks at it.
struct rule_finding {
    enum class kind : std::uint8_t {
        gap,      ///< no rule takes these scores: such customers get no segment
        overlap,  ///< several rules take them: assigning is refused
        dead      ///< the rule asks for scores above the bins: it never matches
    };
    kind problem = kind::gap;
    int r = 0;
    int f = 0;
    int m = 0;
    std::vector<std::string> rules;  ///< the rules meant
};

/// A rule table from scores to segment names, for scores of `bins`.
class segment_rules {
public:
    /// Throws `invalid_option` for an empty name, a range that is not 1 <= low <= high, no rules, bins outside 2..10.
    explicit segment_rules(std::vector<segment_rule> rules, rfm_bins bins = {});

    /// The ten segments over R and F in 5 bins that most analyses use.
    [[nodiscard]] static segment_rules standard();

    /// Gaps and overlaps by scores, then dead rules. Empty when the table is complete and free of conflict. O(cells).
    [[nodiscard]] std::vector<rule_finding> check() const;

    /// One segment a row; missing where no rule matches. Names are in rule order, those without a row included. O(n).
    /// Throws `incompatible` when rules overlap, and for a score outside 1..bins.
    [[nodiscard]] category_column assign(const rfm_scores& scores) const;

    [[nodiscard]] const std::vector<segment_rule>& rules() const noexcept { return rules_; }
    [[nodiscard]] rfm_bins bins() const noexcept { return bins_; }
    /// Distinct names in rule order.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return *names_; }

    friend bool operator==(const segment_rules& a, const segment_rules& b) {
        return a.rules_ == b.rules_ && a.bins_ == b.bins_;
    }

private:
    [[nodiscard]] std::vector<std::size_t> matching(int r, int f, int m) const;

    std::vector<segment_rule> rules_;
    rfm_bins bins_;
    std::shared_ptr<const std::vector<std::string>> names_;
};

/// Compiled: link `lgs_rfm::lgs_rfm`. JSON text, the same bytes for equal rules.
[[nodiscard]] std::string to_json(const segment_rules& rules);
/// Compiled: link `lgs_rfm::lgs_rfm`. Throws `bad_file` when the text is no saved rule table.
[[nodiscard]] segment_rules rules_from_json(std::string_view text);

}  // namespace lgs_rfm

#include <lgs_rfm/detail/segments_impl.hpp>
