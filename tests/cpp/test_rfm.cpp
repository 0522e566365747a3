#include <lgs_rfm/scoring/rfm.hpp>

#include <string>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_rfm {

using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::rfm_scorer;
using lgs_rfm::segment_rules;
using lgs_rfm::tie_rule;

TEST_CASE("all in one call is what the steps give") {
    const auto book = reference::ledger_of(reference::random_lines(181, 3000));
    const lgs_rfm::customer_options options{.as_of = reference::at("2011-01-01"),
                                            .basis = lgs_rfm::customer_basis::net};
    for (const tie_rule ties : {tie_rule::first, tie_rule::together}) {
        const auto all = lgs_rfm::rfm(book, options, {}, ties);
        const auto customers = customer_table(book, options);
        const auto scores = rfm_scorer::fit(customers, {5, ties}).transform(customers);
        CHECK(all.customers.recency == customers.recency);
        CHECK(all.customers.as_of == customers.as_of);
        CHECK(all.scores.r == scores.r);
        CHECK(all.scores.f == scores.f);
        CHECK(all.scores.m == scores.m);
        CHECK(all.segment.codes == segment_rules::standard().assign(scores).codes);
    }
}

TEST_CASE("a given scorer is applied and not fitted again") {
    const auto first = reference::ledger_of(reference::random_lines(182, 3000));
    const auto second = reference::ledger_of(reference::random_lines(183, 60));
    const auto scorer = rfm_scorer::fit(customer_table(first));
    const auto all = lgs_rfm::rfm(second, {}, scorer);
    CHECK(all.scores.m == scorer.transform(customer_table(second)).m);
    CHECK_FALSE(rfm_scorer::fit(customer_table(second)) == scorer);
}

TEST_CASE("cut points are learnt with the bins of the rules") {
    const auto book = reference::ledger_of(reference::random_lines(184, 3000));
    const segment_rules rules(
        {{"late", lgs_rfm::score_range{1, 2}, {}, {}}, {"early", lgs_rfm::score_range{3, 3}, {}, {}}},
        lgs_rfm::rfm_bins(3, 4, 2));
    const auto all = lgs_rfm::rfm(book, {}, {}, tie_rule::first, rules);
    CHECK(all.scores.bins == rules.bins());
    for (std::size_t i = 0; i < all.scores.r.size(); ++i) CHECK(all.segment.codes[i] == (all.scores.r[i] == 3 ? 1 : 0));
}

TEST_CASE("a scorer of other bins than the rules is refused") {
    const auto book = reference::ledger_of(reference::random_lines(185, 300));
    const auto scorer = rfm_scorer::fit(customer_table(book), {.bins = 4});
    try {
        static_cast<void>(lgs_rfm::rfm(book, {}, scorer));
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::incompatible);
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("bins"));
    }
}

TEST_CASE("no customers give no rows") {
    const auto all = lgs_rfm::rfm(lgs_rfm::ledger());
    CHECK(all.scores.r.empty());
    CHECK(all.segment.codes.empty());
    CHECK(all.segment.names->size() == 10);
    std::string names;
    for (const auto& column : as_table(all).columns) names += column.name + " ";
    CHECK(names == "customer_id recency frequency monetary first_date last_date r_score f_score m_score segment ");
}

}  // namespace test_rfm
