#include <lgs_rfm/scoring/segments.hpp>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "catch.hpp"

namespace test_segments {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::rfm_bins;
using lgs_rfm::rfm_scores;
using lgs_rfm::rule_finding;
using lgs_rfm::score_range;
using lgs_rfm::segment_rule;
using lgs_rfm::segment_rules;

namespace {

rfm_scores every_score(const rfm_bins& bins) {
    rfm_scores scores;
    scores.bins = bins;
    for (int r = 1; r <= bins.recency; ++r) {
        for (int f = 1; f <= bins.frequency; ++f) {
            for (int m = 1; m <= bins.monetary; ++m) {
                scores.r.push_back(r);
                scores.f.push_back(f);
                scores.m.push_back(m);
            }
        }
    }
    return scores;
}

error_code refusal(auto&& act, std::string* words = nullptr) {
    try {
        act();
    } catch (const error& bad) {
        if (words != nullptr) *words = bad.what();
        return bad.code();
    }
    return error_code::internal;
}

rfm_scores one(std::int64_t r, std::int64_t f, std::int64_t m) {
    rfm_scores scores;
    scores.r = {r};
    scores.f = {f};
    scores.m = {m};
    return scores;
}

}  // namespace

TEST_CASE("the standard rules cell by cell") {
    // rows: R 1 to 5; columns: F 1 to 5
    const std::array<std::array<const char*, 5>, 5> grid{{
        {"Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose"},
        {"Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose"},
        {"About to Sleep", "About to Sleep", "Need Attention", "Loyal Customers", "Loyal Customers"},
        {"Promising", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Loyal Customers"},
        {"New Customers", "Potential Loyalists", "Potential Loyalists", "Champions", "Champions"},
    }};
    const auto rules = segment_rules::standard();
    const auto scores = every_score(5);
    const auto segments = rules.assign(scores);
    REQUIRE(segments.size() == 125);
    for (std::size_t i = 0; i < 125; ++i) {
        CAPTURE(scores.r[i], scores.f[i], scores.m[i]);
        REQUIRE(segments.codes[i] >= 0);
        CHECK((*segments.names)[static_cast<std::size_t>(segments.codes[i])] ==
              grid[static_cast<std::size_t>(scores.r[i] - 1)][static_cast<std::size_t>(scores.f[i] - 1)]);
    }
    CHECK(rules.check().empty());
    CHECK(rules.names().size() == 10);
    CHECK(rules.bins() == rfm_bins(5));
}

TEST_CASE("check tells gaps and overlaps and dead rules") {
    const segment_rules rules({{"low", score_range{1, 1}, score_range{1, 2}},
                               {"also low", score_range{1, 1}, score_range{2, 2}},
                               {"dead", score_range{3, 3}, {}}},
                              2);
    const auto findings = rules.check();
    REQUIRE(findings.size() == 4);
    CHECK(findings[0].problem == rule_finding::kind::overlap);
    CHECK(std::array{findings[0].r, findings[0].f, findings[0].m} == std::array{1, 2, 0});
    CHECK(findings[0].rules == std::vector<std::string>{"low", "also low"});
    for (const std::size_t i : {1U, 2U}) {
        CHECK(findings[i].problem == rule_finding::kind::gap);
        CHECK(std::array{findings[i].r, findings[i].f, findings[i].m} == std::array{2, static_cast<int>(i), 0});
        CHECK(findings[i].rules.empty());
    }
    CHECK(findings[3].problem == rule_finding::kind::dead);
    CHECK(findings[3].rules == std::vector<std::string>{"dead"});
    CHECK(findings[3].r == 0);
}

TEST_CASE("check looks at M where a rule does") {
    const segment_rules rules({{"rich", {}, {}, score_range{2, 3}}, {"poor", score_range{1, 1}, {}, score_range{1, 1}}},
                              rfm_bins(2, 2, 3));
    const auto findings = rules.check();
    REQUIRE(findings.size() == 2);  // r = 2, m = 1, for both f
    for (const auto& finding : findings) {
        CHECK(finding.problem == rule_finding::kind::gap);
        CHECK(finding.r == 2);
        CHECK(finding.m == 1);
    }
}

TEST_CASE("an uncovered score has no segment") {
    const segment_rules rules(
        {{"best", score_range{5, 5}, score_range{5, 5}, score_range{5, 5}}, {"worst", score_range{1, 1}, {}, {}}});
    rfm_scores scores = one(5, 5, 5);
    scores.r = {5, 5, 1, 3};
    scores.f = {5, 4, 2, 3};
    scores.m = {5, 5, 4, 3};
    const auto segments = rules.assign(scores);
    CHECK(segments.codes == std::vector<std::int32_t>{0, -1, 1, -1});
}

TEST_CASE("a name may have several rules and names keep rule order") {
    const segment_rules rules({{"b", score_range{1, 1}, {}},
                               {"a", score_range{2, 2}, score_range{1, 1}},
                               {"b", score_range{2, 2}, score_range{2, 2}},
                               {"never", score_range{9, 9}, {}}},
                              2);
    CHECK(rules.names() == std::vector<std::string>{"b", "a", "never"});
    const auto segments = rules.assign(every_score(2));
    CHECK(segments.codes == std::vector<std::int32_t>{0, 0, 0, 0, 1, 1, 0, 0});
    CHECK(segments.names->size() == 3);
}

TEST_CASE("bins may differ by dimension") {
    const segment_rules rules({{"early", score_range{1, 2}, {}, {}}, {"late", score_range{3, 3}, {}, {}}},
                              rfm_bins(3, 4, 2));
    const auto scores = every_score(rfm_bins(3, 4, 2));
    const auto segments = rules.assign(scores);
    for (std::size_t i = 0; i < scores.r.size(); ++i) CHECK(segments.codes[i] == (scores.r[i] == 3 ? 1 : 0));
}

TEST_CASE("overlaps are refused when assigning") {
    const segment_rules rules({{"one", score_range{1, 3}, {}}, {"two", score_range{3, 5}, score_range{4, 5}}});
    std::string words;
    CHECK(refusal([&] { static_cast<void>(rules.assign(one(1, 1, 1))); }, &words) == error_code::incompatible);
    CHECK_THAT(words, ContainsSubstring("'one' and 'two'"));
    CHECK_THAT(words, ContainsSubstring("r=3, f=4"));
    CHECK_THAT(words, ContainsSubstring("check()"));
}

TEST_CASE("a score outside the bins is refused") {
    const auto rules = segment_rules::standard();
    std::string words;
    CHECK(refusal([&] { static_cast<void>(rules.assign(one(6, 1, 1))); }, &words) != error_code::internal);
    CHECK_THAT(words, ContainsSubstring("r_score"));
    CHECK_THAT(words, ContainsSubstring("bins"));
    for (const auto& bad : {one(1, 6, 1), one(1, 1, 6), one(0, 1, 1), one(1, -1, 1)}) {
        CHECK_THROWS_AS(rules.assign(bad), error);
    }
    CHECK_NOTHROW(rules.assign(one(5, 5, 5)));
}

TEST_CASE("rules that make no sense are refused") {
    const auto code = [](std::vector<segment_rule> rules, rfm_bins bins = {}) {
        return refusal([&] { static_cast<void>(segment_rules(rules, bins)); });
    };
    CHECK(code({}) == error_code::invalid_option);
    CHECK(code({{"", score_range{1, 1}}}) == error_code::invalid_option);
    CHECK(code({{"x", score_range{3, 2}}}) == error_code::invalid_option);
    CHECK(code({{"x", {}, score_range{0, 2}}}) == error_code::invalid_option);
    CHECK(code({{"x", {}, {}, score_range{-1, 2}}}) == error_code::invalid_option);
    CHECK(code({{"x"}}, 1) == error_code::invalid_option);
    CHECK(code({{"x"}}, rfm_bins(5, 5, 11)) == error_code::invalid_option);
    CHECK(code({{"x"}}) == error_code::internal);  // one rule for all is allowed
}

TEST_CASE("rules come back from JSON") {
    const segment_rules odd(
        {{"Größe \"€\" \\ \t", score_range{1, 2}, {}, score_range{3, 3}}, {"rest", {}, score_range{4, 4}, {}}},
        rfm_bins(2, 4, 3));
    for (const auto& rules : {segment_rules::standard(), odd}) {
        const std::string text = to_json(rules);
        const auto back = lgs_rfm::rules_from_json(text);
        CHECK(back == rules);
        CHECK(to_json(back) == text);
    }
    CHECK_FALSE(odd == segment_rules::standard());
}

TEST_CASE("text that is no rule table is refused") {
    const std::string good = to_json(segment_rules::standard());
    const auto damaged = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("{\"format\": \"other\"}"), good + "}", good.substr(0, 200),
          damaged("\"version\": 1", "\"version\": 3"), damaged("\"name\"", "\"title\""), damaged("[5, 5]", "[5]"),
          damaged("[5, 5]", "[5, 4]"), damaged("[5, 5]", "[\"a\", 5]"), damaged("\"rules\"", "\"ruled\""),
          damaged("\"monetary\": 5", "\"monetary\": 50")}) {
        CAPTURE(text);
        CHECK(refusal([&] { static_cast<void>(lgs_rfm::rules_from_json(text)); }) == error_code::bad_file);
    }
}

}  // namespace test_segments
