#include <lgs_rfm/scoring/scorer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/quantile.hpp"

namespace test_scorer {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::id_column;
using lgs_rfm::rfm_bins;
using lgs_rfm::rfm_scorer;
using lgs_rfm::rfm_values;
using lgs_rfm::scorer_options;
using lgs_rfm::tie_rule;
using scores = std::vector<std::int64_t>;

namespace {

/// Customers with ids of both kinds, many equal frequencies, in an order that is not the ids'.
rfm_values random_customers(std::uint64_t seed, std::size_t count) {
    reference::dice random(seed);
    auto ids = std::make_shared<lgs_rfm::id_list>();
    for (std::size_t i = 0; i < count; ++i) {
        if (i < count / 2) {
            ids->push_back(static_cast<std::int64_t>(i * 3) - 40);
        } else {
            const std::string text = "K" + std::to_string(10'000 + i);
            ids->push_back(std::string_view(text));
        }
    }
    std::vector<std::uint32_t> codes(count);
    for (std::size_t i = 0; i < count; ++i) codes[i] = static_cast<std::uint32_t>(i);
    random.shuffle(codes);
    rfm_values values;
    values.customer_id = id_column(ids, codes);
    for (std::size_t i = 0; i < count; ++i) {
        values.recency.push_back(static_cast<double>(random.between(0, 700)));
        values.frequency.push_back(static_cast<double>(random.between(1, 6)));
        values.monetary.push_back(static_cast<double>(random.between(1, 1'000'000)) / 100);
    }
    return values;
}

rfm_values row_of(const rfm_values& from, std::size_t row) {
    auto ids = std::make_shared<lgs_rfm::id_list>();  // a list of its own: codes mean something else there
    ids->push_back(from.customer_id[row]);
    rfm_values one;
    one.recency = {from.recency[row]};
    one.frequency = {from.frequency[row]};
    one.monetary = {from.monetary[row]};
    one.customer_id = id_column(ids, {0});
    return one;
}

/// Score by the definition: 1 + cuts strictly below the value; reversed for recency.
scores plain_scores(std::span<const double> given, std::size_t k, bool reversed) {
    const std::vector<double> values(given.begin(), given.end());
    std::vector<double> cuts;
    for (std::size_t i = 1; i < k; ++i) cuts.push_back(reference::at_position(values, i, k, true));
    scores result;
    for (const double value : values) {
        std::int64_t score = 1;
        for (const double cut : cuts) score += cut < value ? 1 : 0;
        result.push_back(reversed ? static_cast<std::int64_t>(k) + 1 - score : score);
    }
    return result;
}

/// ties = first: the rank among (frequency, id) pairs, cut at rank floor((n - 1) i / k).
scores first_scores(const rfm_values& from, std::size_t k) {
    std::vector<std::pair<double, reference::id>> pairs;
    for (std::size_t i = 0; i < from.frequency.size(); ++i) {
        pairs.emplace_back(from.frequency[i], reference::make_id(to_string(from.customer_id[i])));
    }
    auto sorted = pairs;
    std::sort(sorted.begin(), sorted.end());
    scores result;
    for (const auto& pair : pairs) {
        std::int64_t score = 1;
        for (std::size_t i = 1; i < k; ++i) score += sorted[(sorted.size() - 1) * i / k] < pair ? 1 : 0;
        result.push_back(score);
    }
    return result;
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

}  // namespace

TEST_CASE("scores follow their definition for any bins and both tie rules") {
    for (const std::size_t count : {1U, 2U, 7U, 101U, 400U, 20'000U}) {  // the last with several threads
        const auto values = random_customers(count, count);
        for (int k = count > 1000 ? 9 : 2; k <= 10; ++k) {
            const rfm_bins bins(k, 12 - k, (k + 3) % 9 + 2);
            for (const tie_rule ties : {tie_rule::first, tie_rule::together}) {
                const auto [scorer, made] = rfm_scorer::fit_transform(values, {bins, ties});
                CAPTURE(count, k);
                REQUIRE(scorer == rfm_scorer::fit(values, {bins, ties}));
                REQUIRE(made.bins == bins);
                REQUIRE(made.r == plain_scores(values.recency, static_cast<std::size_t>(bins.recency), true));
                REQUIRE(made.m == plain_scores(values.monetary, static_cast<std::size_t>(bins.monetary), false));
                REQUIRE(made.f ==
                        (ties == tie_rule::first
                             ? first_scores(values, static_cast<std::size_t>(bins.frequency))
                             : plain_scores(values.frequency, static_cast<std::size_t>(bins.frequency), false)));
            }
        }
    }
}

TEST_CASE("frequencies of any kind are scored by rank, in id order or not") {
    const auto made = random_customers(131, 17'000);
    for (const bool in_order : {false, true}) {
        for (const auto& [factor, shift] : {std::pair(1.0, 0.0), {1.0, -1.0}, {1.0, -3.0}, {1.0, 0.5}, {5000.0, 0.0}}) {
            rfm_values values = made;
            if (in_order) {
                std::vector<std::uint32_t> codes(made.customer_id.codes().begin(), made.customer_id.codes().end());
                std::sort(codes.begin(), codes.end());
                values.customer_id = id_column(std::make_shared<lgs_rfm::id_list>(made.customer_id.ids()), codes);
            }
            for (double& each : values.frequency) each = each * factor + shift;
            CAPTURE(in_order, factor, shift);
            for (const int k : {3, 10}) {
                const auto scored = rfm_scorer::fit_transform(values, {k}).second;
                REQUIRE(scored.f == first_scores(values, static_cast<std::size_t>(k)));
                REQUIRE(scored.r == rfm_scorer::fit(values, {k}).transform(values).r);
            }
        }
    }
}

TEST_CASE("a row alone scores as it does among the others") {
    const auto values = random_customers(121, 150);
    for (const tie_rule ties : {tie_rule::first, tie_rule::together}) {
        const auto scorer = rfm_scorer::fit(values, {5, ties});
        const auto all = scorer.transform(values);
        for (std::size_t row = 0; row < values.recency.size(); ++row) {
            const auto one = scorer.transform(row_of(values, row));
            REQUIRE(one.r == scores{all.r[row]});
            REQUIRE(one.f == scores{all.f[row]});
            REQUIRE(one.m == scores{all.m[row]});
        }
    }
}

TEST_CASE("ties first fills bins equally and ties together keeps equals together") {
    auto values = random_customers(122, 500);
    values.frequency.assign(500, 1.0);
    const auto first = rfm_scorer::fit(values, {5, tie_rule::first}).transform(values);
    for (std::int64_t score = 1; score <= 5; ++score) CHECK(std::count(first.f.begin(), first.f.end(), score) == 100);
    const auto together = rfm_scorer::fit(values, {5, tie_rule::together}).transform(values);
    CHECK(together.f == scores(500, 1));
}

TEST_CASE("rows in another order score the same") {
    const auto values = random_customers(123, 200);
    std::vector<std::size_t> order(200);
    for (std::size_t i = 0; i < 200; ++i) order[i] = (i * 77) % 200;
    rfm_values moved;
    std::vector<std::uint32_t> codes;
    for (const std::size_t i : order) {
        moved.recency.push_back(values.recency[i]);
        moved.frequency.push_back(values.frequency[i]);
        moved.monetary.push_back(values.monetary[i]);
        codes.push_back(values.customer_id.codes()[i]);
    }
    moved.customer_id = id_column(std::make_shared<lgs_rfm::id_list>(values.customer_id.ids()), codes);
    CHECK(rfm_scorer::fit(moved) == rfm_scorer::fit(values));
}

TEST_CASE("scorers come back from their cuts and from JSON") {
    for (const tie_rule ties : {tie_rule::first, tie_rule::together}) {
        const auto values = random_customers(124, 60);
        const auto scorer = rfm_scorer::fit(values, {rfm_bins(3, 5, 10), ties});
        CHECK(rfm_scorer::from_cuts(scorer.options(), scorer.recency_cuts(), scorer.frequency_cuts(),
                                    scorer.monetary_cuts()) == scorer);
        const std::string text = to_json(scorer);
        const auto back = lgs_rfm::scorer_from_json(text);
        CHECK(back == scorer);
        CHECK(to_json(back) == text);
        CHECK(back.transform(values).f == scorer.transform(values).f);
    }
}

TEST_CASE("customer ids of any kind survive JSON") {
    const std::vector<std::string> ids{"-5",        "007", "9223372036854775808", "Größe €", "a \"quoted\\\" id",
                                       "tab\there", "z\n"};
    std::vector<lgs_rfm::frequency_cut> cuts;
    for (const std::string& id : ids) cuts.push_back({1.0 / 3.0, id});
    std::sort(cuts.begin(), cuts.end(), [](const auto& a, const auto& b) {
        return reference::make_id(a.customer_id) < reference::make_id(b.customer_id);
    });
    const auto scorer = rfm_scorer::from_cuts({rfm_bins(2, 8, 2), tie_rule::first}, {0.1}, cuts, {1e-300});
    const auto back = lgs_rfm::scorer_from_json(to_json(scorer));
    CHECK(back == scorer);
}

TEST_CASE("text that is no scorer is refused") {
    const std::string good = to_json(rfm_scorer::fit(random_customers(125, 30)));
    const auto damaged = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[1, 2]"), good + "x", good.substr(0, good.size() / 2),
          damaged("lgs_rfm.scorer", "lgs_rfm.segment_rules"), damaged("\"version\": 1", "\"version\": 2"),
          damaged("\"recency\": 5", "\"recency\": 11"), damaged("\"recency\": 5", "\"recency\": 4"),
          damaged("\"recency\": 5", "\"recency\": \"five\""), damaged("\"first\"", "\"last\""),
          damaged("\"monetary\": [", "\"monetary\": [1, "), damaged("\"monetary\": [", "\"money\": ["),
          damaged("\"frequency_customer_id\": [", "\"frequency_customer_id\": [1, ")}) {
        CAPTURE(text);
        CHECK(refusal([&] { static_cast<void>(lgs_rfm::scorer_from_json(text)); }) == error_code::bad_file);
    }
}

TEST_CASE("scores that nobody can get are told") {
    rfm_values values = random_customers(126, 10);
    CHECK(rfm_scorer::fit(values, {2, tie_rule::first}).unused_scores() == std::array<std::vector<int>, 3>{});
    values.recency.assign(10, 4.0);
    values.frequency = {1, 1, 1, 1, 1, 1, 1, 1, 1, 9};
    const auto scorer = rfm_scorer::fit(values, {5, tie_rule::together});
    const auto unused = scorer.unused_scores();
    CHECK(unused[0] == std::vector<int>{2, 3, 4});  // reversed: 1 is for older than all, 5 for the rest
    CHECK(unused[1] == std::vector<int>{2, 3, 4});
    CHECK(unused[2].empty());
    const auto made = scorer.transform(values);
    CHECK(made.r == scores(10, 5));
    CHECK(made.f == scores{1, 1, 1, 1, 1, 1, 1, 1, 1, 5});
}

TEST_CASE("bins and values that cannot be scored are refused") {
    const auto values = random_customers(127, 20);
    std::string words;
    for (const int k : {1, 11, 0, -3}) {
        CHECK(refusal([&] { static_cast<void>(rfm_scorer::fit(values, {k})); }, &words) == error_code::invalid_option);
        CHECK_THAT(words, ContainsSubstring("bins: " + std::to_string(k)));
        CHECK_THAT(words, ContainsSubstring("2 to 10"));
    }
    CHECK(refusal([] { static_cast<void>(rfm_scorer::fit(rfm_values{})); }) == error_code::invalid_option);

    const auto scorer = rfm_scorer::fit(values);
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}) {
        auto other = values;
        other.monetary[7] = bad;
        CHECK(refusal([&] { static_cast<void>(rfm_scorer::fit(other)); }, &words) == error_code::not_finite);
        CHECK_THAT(words, ContainsSubstring("column monetary, row 7"));
        CHECK(refusal([&] { static_cast<void>(scorer.transform(other)); }) == error_code::not_finite);
    }
    auto shorter = values;
    shorter.frequency.pop_back();
    CHECK(refusal([&] { static_cast<void>(scorer.transform(shorter)); }, &words) == error_code::unequal_length);
    CHECK_THAT(words, ContainsSubstring("length 19"));
    CHECK_THAT(words, ContainsSubstring("length 20"));
    auto nameless = values;
    nameless.customer_id = {};
    CHECK(refusal([&] { static_cast<void>(rfm_scorer::fit(nameless)); }, &words) == error_code::unequal_length);
    CHECK_THAT(words, ContainsSubstring("customer_id"));
    CHECK_NOTHROW(rfm_scorer::fit(nameless, {5, tie_rule::together}));
    auto unknown = values;
    auto codes = values.customer_id.codes();
    codes[3] = id_column::missing;
    unknown.customer_id = id_column(std::make_shared<lgs_rfm::id_list>(values.customer_id.ids()), codes);
    CHECK(refusal([&] { static_cast<void>(scorer.transform(unknown)); }, &words) == error_code::missing_value);
    CHECK_THAT(words, ContainsSubstring("row 3"));
}

TEST_CASE("cuts that do not fit are refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const scorer_options two{2, tie_rule::together};
    CHECK_NOTHROW(rfm_scorer::from_cuts(two, {1}, {{1, ""}}, {1}));
    const auto code = [](const scorer_options& options, std::vector<double> r, std::vector<lgs_rfm::frequency_cut> f,
                         std::vector<double> m) {
        return refusal([&] { static_cast<void>(rfm_scorer::from_cuts(options, r, f, m)); });
    };
    CHECK(code(two, {1, 2}, {{1, ""}}, {1}) == error_code::invalid_option);
    CHECK(code(two, {1}, {}, {1}) == error_code::invalid_option);
    CHECK(code({3, tie_rule::together}, {2, 1}, {{1, ""}, {2, ""}}, {1, 2}) == error_code::invalid_option);
    CHECK(code({3, tie_rule::together}, {1, 2}, {{2, ""}, {1, ""}}, {1, 2}) == error_code::invalid_option);
    CHECK(code({3, tie_rule::first}, {1, 2}, {{1, "9"}, {1, "10"}}, {1, 2}) ==
          error_code::internal);  // ids in id order
    CHECK(code({3, tie_rule::first}, {1, 2}, {{1, "10"}, {1, "9"}}, {1, 2}) == error_code::invalid_option);
    CHECK(code(two, {nan}, {{1, ""}}, {1}) == error_code::invalid_option);
    CHECK(code(two, {1}, {{nan, ""}}, {1}) == error_code::invalid_option);
    CHECK(code(two, {1}, {{1, ""}}, {HUGE_VAL}) == error_code::invalid_option);
}

TEST_CASE("a customer table is scored as it is") {
    const auto book = reference::ledger_of(reference::random_lines(128, 3000));
    const auto table = customer_table(book);
    const rfm_values values(table);
    REQUIRE(values.recency.size() == table.recency.size());
    for (std::size_t i = 0; i < values.recency.size(); ++i) {
        CHECK(values.recency[i] == static_cast<double>(table.recency[i]));
        CHECK(values.frequency[i] == static_cast<double>(table.frequency[i]));
        CHECK(values.monetary[i] == to_double(table.monetary[i]));
        CHECK(values.customer_id[i] == table.customer_id[i]);
    }
    CHECK(rfm_scorer::fit(table, {.bins = 3}).transform(table).r == plain_scores(values.recency, 3, true));
}

}  // namespace test_scorer
