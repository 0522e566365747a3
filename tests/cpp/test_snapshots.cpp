#include <lgs_rfm/scoring/snapshots.hpp>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_snapshots {

using lgs_rfm::customer_basis;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::micros_per_day;
using lgs_rfm::moment;
using lgs_rfm::period_step;
using lgs_rfm::rfm_scorer;
using lgs_rfm::segment_rules;
using lgs_rfm::snapshot_options;
using lgs_rfm::snapshot_table;
using lgs_rfm::step_end;
using lgs_rfm::tie_rule;
using reference::at;
using reference::ledger_of;

namespace {

constexpr std::optional<std::int64_t> no_window;

const std::pair<customer_basis, reference::basis> bases[] = {{customer_basis::purchases, reference::basis::purchases},
                                                             {customer_basis::net, reference::basis::net},
                                                             {customer_basis::all, reference::basis::all}};

/// The customers of one snapshot, as the table of customers of the ledger of the lines before it.
lgs_rfm::customer_columns one_by_one(const lgs_rfm::ledger& book, moment t, const snapshot_options& options) {
    return customer_table(book.between(std::nullopt, t),
                          {.as_of = t, .basis = options.basis, .window = options.window});
}

void check_rows(const lgs_rfm::snapshot_columns& table, const reference::lines& from, const snapshot_options& options,
                reference::basis by) {
    std::size_t i = 0;
    moment start = std::numeric_limits<moment>::min();
    for (std::size_t s = 0; s < table.moments.size(); ++s) {
        const moment t = table.moments[s];
        if (s > 0) start = table.moments[s - 1];
        std::map<reference::id, reference::int128> gross;
        for (const reference::line& each : from) {
            if (each.at >= start && each.at < t && reference::is_purchase(each)) {
                gross[reference::make_id(each.customer)] += reference::amount_of(each);
            }
        }
        for (const auto& [customer, row] : reference::customer_rows(before(from, t), t, by, options.window)) {
            CAPTURE(lgs_rfm::format_moment(t), reference::text_of(customer));
            REQUIRE(i < table.snapshot.size());
            REQUIRE(table.snapshot[i] == t);
            REQUIRE(to_string(table.customers.customer_id[i]) == reference::text_of(customer));
            REQUIRE(table.customers.recency[i] == row.recency);
            REQUIRE(table.customers.frequency[i] == static_cast<std::int64_t>(row.invoices.size()));
            REQUIRE(table.customers.monetary[i].millionths == row.monetary);
            REQUIRE(table.customers.first_date[i] == row.first);
            REQUIRE(table.customers.last_date[i] == row.last);
            REQUIRE(table.step_gross[i].millionths == gross[customer]);
            ++i;
        }
        REQUIRE(table.ends[s] == i);
    }
    REQUIRE(i == table.snapshot.size());
}

}  // namespace

TEST_CASE("a period ends with the first instant of the next one") {
    const std::pair<period_step, const char*> ends[] = {{period_step::day, "2011-12-10"},
                                                        {period_step::week, "2011-12-12"},
                                                        {period_step::month, "2012-01-01"},
                                                        {period_step::quarter, "2012-01-01"},
                                                        {period_step::year, "2012-01-01"}};
    for (const auto& [step, end] : ends) CHECK(step_end(at("2011-12-09 12:50"), step) == at(end));
    CHECK(step_end(at("2011-12-12"), period_step::week) == at("2011-12-19"));  // a Monday begins its week
    CHECK(step_end(at("2011-12-12") - 1, period_step::week) == at("2011-12-12"));
    CHECK(step_end(at("1969-12-31"), period_step::week) == at("1970-01-05"));
    CHECK(step_end(at("1969-12-28"), period_step::week) == at("1969-12-29"));
    CHECK(step_end(at("2012-02-29 23:59"), period_step::month) == at("2012-03-01"));
    CHECK(step_end(at("2012-03-31"), period_step::quarter) == at("2012-04-01"));
    CHECK(step_end(at("1969-05-05"), period_step::quarter) == at("1969-07-01"));
    CHECK(step_end(at("2012-01-01"), period_step::year) == at("2013-01-01"));
}

TEST_CASE("snapshots of random lines are those of the lines before each moment") {
    for (const std::uint64_t seed : {301U, 302U}) {
        const auto from = reference::random_lines(seed, 900);
        const auto book = ledger_of(from);
        for (const period_step step :
             {period_step::week, period_step::month, period_step::quarter, period_step::year}) {
            for (const auto& window : {no_window, std::optional(3 * micros_per_day), std::optional(18 * micros_per_day),
                                       std::optional(100 * micros_per_day + 1), std::optional(365 * micros_per_day)}) {
                for (const auto& [basis, by] : bases) {
                    const snapshot_options options{.every = step, .basis = basis, .window = window};
                    check_rows(snapshot_table(book, options), from, options, by);
                }
            }
        }
    }
}

TEST_CASE("one customer with thousands of entries") {
    reference::dice random(310);
    reference::lines from;
    for (int i = 0; i < 3000; ++i) {
        from.push_back({std::to_string(random.between(1, 900)), "7", random.between(-1, 3),
                        at("2010-01-01") + random.between(0, 400) * micros_per_day + random.between(0, 3),
                        random.between(0, 5) * 1'000'000});
    }
    for (const auto& window : {no_window, std::optional(40 * micros_per_day)}) {
        for (const auto& [basis, by] : bases) {
            const snapshot_options options{.every = period_step::month, .basis = basis, .window = window};
            check_rows(snapshot_table(ledger_of(from), options), from, options, by);
        }
    }
}

TEST_CASE("amounts beyond 64 bits are summed exactly") {
    reference::lines from;
    for (int i = 0; i < 6; ++i) {
        for (int j = 0; j < 4; ++j) {
            from.push_back({"1", "7", 2'000'000'000, at("2011-01-10") + i * 20 * micros_per_day, 2'000'000'000});
        }
    }
    for (const auto& window : {no_window, std::optional(45 * micros_per_day)}) {
        const snapshot_options options{.window = window};
        check_rows(snapshot_table(ledger_of(from), options), from, options, reference::basis::purchases);
    }
}

TEST_CASE("an invoice of several moments is one while any of them is inside the window") {
    const reference::lines from{{"1", "10", 1, at("2011-01-10"), 5}, {"1", "10", 1, at("2011-02-10"), 5},
                                {"1", "10", 1, at("2011-03-10"), 5}, {"2", "10", 1, at("2011-02-10"), 5},
                                {"1", "20", 1, at("2011-02-11"), 7}, {"3", "20", 1, at("2011-06-11"), 7}};
    const auto table = snapshot_table(ledger_of(from), {.window = 40 * micros_per_day});
    check_rows(table, from, {.window = 40 * micros_per_day}, reference::basis::purchases);
    CHECK(table.customers.frequency == std::vector<std::int64_t>{1, 2, 1, 1, 1});
    CHECK(table.ends == std::vector<std::size_t>{1, 3, 4, 4, 4, 5});
}

TEST_CASE("scores and segments are those of one scorer at all snapshots") {
    const auto from = reference::random_lines(303, 2500);
    const auto book = ledger_of(from);
    const auto rules = segment_rules::standard();
    for (const tie_rule ties : {tie_rule::together, tie_rule::first}) {
        for (const auto& window : {no_window, std::optional(200 * micros_per_day)}) {
            const snapshot_options options{.basis = customer_basis::net, .window = window};
            const auto table = snapshot_table(book, options, {}, ties);
            REQUIRE(table.scorers.size() == 1);
            std::optional<moment> learnt;  // the first whole window
            const moment midnight = lgs_rfm::day_of(book.moment_bounds()->first) * micros_per_day;
            for (const moment t : table.moments) {
                const bool whole = t - window.value_or(365 * micros_per_day) >= midnight;
                if (!learnt && whole) learnt = t;
            }
            REQUIRE(learnt);
            CHECK(table.scorers[0] == rfm_scorer::fit(one_by_one(book, *learnt, options), {5, ties}));
            CHECK(snapshot_scorer(book, options, {5, ties}) == table.scorers[0]);
            std::size_t i = 0;
            for (const moment t : table.moments) {
                const auto customers = one_by_one(book, t, options);
                const auto scores = table.scorers[0].transform(customers);
                const auto segments = rules.assign(scores);
                for (std::size_t row = 0; row < scores.r.size(); ++row, ++i) {
                    REQUIRE(table.scores.r[i] == scores.r[row]);
                    REQUIRE(table.scores.f[i] == scores.f[row]);
                    REQUIRE(table.scores.m[i] == scores.m[row]);
                    REQUIRE(table.segment.codes[i] == segments.codes[row]);
                }
            }
            CHECK(i == table.scores.r.size());
        }
    }
}

TEST_CASE("refit learns at each snapshot and keeps the segment by the cut points before") {
    const auto book = ledger_of(reference::random_lines(304, 2500));
    const auto rules = segment_rules::standard();
    for (const auto& window : {no_window, std::optional(10 * micros_per_day)}) {
        const snapshot_options options{.every = period_step::week, .window = window, .refit = true};
        const auto table = snapshot_table(book, options);
        std::optional<rfm_scorer> old;
        moment old_at = 0;
        std::size_t i = 0;
        std::size_t learnt = 0;
        for (const moment t : table.moments) {
            const auto customers = one_by_one(book, t, options);
            if (customers.recency.empty()) continue;
            const auto scorer = rfm_scorer::fit(customers, {5, tie_rule::together});
            REQUIRE(table.scorers[learnt++] == scorer);
            const auto scores = scorer.transform(customers);
            const auto segments = rules.assign(scores);
            const auto by_old = old ? rules.assign(old->transform(customers)) : segments;
            for (std::size_t row = 0; row < scores.r.size(); ++row, ++i) {
                REQUIRE(table.scores.m[i] == scores.m[row]);
                REQUIRE(table.segment.codes[i] == segments.codes[row]);
                REQUIRE(table.old_cuts_segment.codes[i] == by_old.codes[row]);
                REQUIRE(table.has_previous[i] == (old ? 1 : 0));
                REQUIRE((!old || table.previous[i] == old_at));
            }
            old = scorer;
            old_at = t;
        }
        CHECK(learnt == table.scorers.size());
        CHECK(i == table.snapshot.size());
    }
}

TEST_CASE("since and until choose snapshots and change none of them") {
    const auto book = ledger_of(reference::random_lines(305, 1500));
    for (const bool refit : {false, true}) {
        const auto all = snapshot_table(book, {.refit = refit});
        for (const auto& [since, until] :
             {std::pair(at("2009-01-01"), at("2010-03-01")), std::pair(at("2010-05-01"), at("2010-08-01")),
              std::pair(at("2010-12-01"), at("2010-12-01")), std::pair(at("2011-01-02"), at("2011-01-31"))}) {
            const auto some = snapshot_table(book, {.since = since, .until = until, .refit = refit});
            std::size_t row = 0;
            for (std::size_t i = 0; i < all.snapshot.size(); ++i) {
                if (all.snapshot[i] < since || all.snapshot[i] > until) continue;
                REQUIRE(row < some.snapshot.size());
                REQUIRE(some.snapshot[row] == all.snapshot[i]);
                REQUIRE(some.customers.monetary[row] == all.customers.monetary[i]);
                REQUIRE(some.step_gross[row] == all.step_gross[i]);
                REQUIRE(some.segment.codes[row] == all.segment.codes[i]);
                if (refit) {
                    REQUIRE(some.has_previous[row] == all.has_previous[i]);
                    REQUIRE((all.has_previous[i] == 0 || some.previous[row] == all.previous[i]));
                    REQUIRE(some.old_cuts_segment.codes[row] == all.old_cuts_segment.codes[i]);
                }
                ++row;
            }
            CHECK(row == some.snapshot.size());
        }
        const auto later = snapshot_table(book, {.until = all.moments.back() + 70 * micros_per_day, .refit = refit});
        CHECK(later.moments.size() == all.moments.size() + 2);
        CHECK((refit || later.scorers == all.scorers));
    }
}

TEST_CASE("a ledger shorter than a year learns from its last snapshot with customers") {
    const auto book = ledger_of(reference::small_shop());
    const auto table = snapshot_table(book);
    CHECK(table.moments == std::vector<moment>{at("2011-02-01"), at("2011-03-01"), at("2011-04-01"), at("2011-05-01")});
    CHECK(table.ends == std::vector<std::size_t>{2, 4, 6, 8});
    CHECK(table.scorers[0] == rfm_scorer::fit(one_by_one(book, at("2011-05-01"), {}), {5, tie_rule::together}));
    // with a short window April is the last that has any; March has none
    const snapshot_options window{.window = 20 * micros_per_day};
    const auto shorter =
        snapshot_table(ledger_of({{"1", "10", 1, at("2011-01-20"), 5}, {"C2", "10", -1, at("2011-04-02"), 5}}), window);
    CHECK(shorter.ends == std::vector<std::size_t>{1, 1, 1, 1});
    CHECK(shorter.scorers.size() == 1);
}

TEST_CASE("a year that is whole to the day is whole") {
    const auto book = ledger_of({{"1", "10", 1, at("2010-01-01 09:00"), 5},
                                 {"2", "20", 3, at("2010-06-01"), 5},
                                 {"3", "10", 1, at("2011-01-20"), 50}});
    const auto learnt = rfm_scorer::fit(one_by_one(book, at("2011-01-01"), {}), {5, tie_rule::together});
    CHECK(snapshot_scorer(book) == learnt);
    CHECK(snapshot_table(book).scorers.front() == learnt);
}

TEST_CASE("a given scorer is applied to all snapshots") {
    const auto book = ledger_of(reference::random_lines(306, 1000));
    const auto scorer = rfm_scorer::fit(customer_table(book));
    const auto table = snapshot_table(book, {}, scorer);
    CHECK(table.scorers == std::vector<rfm_scorer>{scorer});
    CHECK(table.scores.f == scorer.transform(table.customers).f);
}

TEST_CASE("no customers, no rows") {
    for (const bool refit : {false, true}) {
        const auto nobody = snapshot_table(ledger_of({{"1", "", 1, at("2011-05-01"), 5}}), {.refit = refit});
        CHECK(nobody.moments == std::vector<moment>{at("2011-06-01")});
        CHECK(nobody.snapshot.empty());
        CHECK(nobody.scorers.empty());
        CHECK(snapshot_table(lgs_rfm::ledger(), {.refit = refit}).moments.empty());
        std::string names;
        for (const auto& column : as_table(nobody).columns) names += column.name + " ";
        CHECK(names ==
              std::string("snapshot customer_id recency frequency monetary first_date last_date r_score f_score "
                          "m_score segment step_gross ") +
                  (refit ? "previous old_cuts_segment " : ""));
    }
    CHECK_FALSE(snapshot_scorer(lgs_rfm::ledger()));
}

TEST_CASE("wrong options of snapshots are refused") {
    const auto book = ledger_of(reference::random_lines(307, 300));
    const auto scorer = rfm_scorer::fit(customer_table(book));
    const auto code = [&](const snapshot_options& options, const std::optional<rfm_scorer>& given,
                          const segment_rules& rules = segment_rules::standard()) {
        try {
            static_cast<void>(snapshot_table(book, options, given, tie_rule::together, rules));
        } catch (const error& bad) {
            return std::pair(bad.code(), std::string(bad.what()));
        }
        return std::pair(error_code::internal, std::string());
    };
    using Catch::Matchers::ContainsSubstring;
    CHECK_THAT(code({.window = 0}, {}).second, ContainsSubstring("window: 0"));
    CHECK_THAT(code({.refit = true}, scorer).second, ContainsSubstring("refit"));
    CHECK(code({}, scorer, segment_rules({{"all", {}, {}, {}}}, 3)).first == error_code::incompatible);

    reference::lines many;
    for (int i = 0; i < 800; ++i) many.push_back({"1", std::to_string(i), 1, at("2011-05-01"), 5});
    CHECK_THROWS_WITH(snapshot_table(ledger_of(many), {.every = period_step::day, .until = lgs_rfm::max_moment}),
                      ContainsSubstring("rows; take longer steps"));
}

}  // namespace test_snapshots
