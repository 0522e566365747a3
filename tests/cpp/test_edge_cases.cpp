#include <lgs_rfm/lgs_rfm.hpp>

#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_edge_cases {

// Inputs at the rim: all are answered, none is an error.
using lgs_rfm::ledger;
using lgs_rfm::rfm_scorer;
using lgs_rfm::tie_rule;
using reference::at;
using reference::ledger_of;
using reference::lines;
using counts = std::vector<std::int64_t>;

namespace {

constexpr std::int64_t pound = 1'000'000;

/// All segments' codes by one way through the library.
lgs_rfm::category_column segments_of(const ledger& book, lgs_rfm::scorer_options options = {}) {
    const auto customers = customer_table(book);
    const auto scores = rfm_scorer::fit(customers, options).transform(customers);
    return lgs_rfm::segment_rules::standard().assign(scores);
}

}  // namespace

TEST_CASE("zero lines give empty tables") {
    ledger book;
    const auto report = book.add(reference::columns(lines{}).view());
    CHECK(report.lines == 0);
    CHECK(report.copies_judged);
    CHECK(book.empty());
    CHECK(book == ledger());
    CHECK(invoice_table(book).invoice.size() == 0);
    CHECK(amount_summary(book).count.empty());
    CHECK(monthly_table(book).month.empty());
    CHECK(customer_table(book).recency.empty());
    CHECK(customer_table(book, {.as_of = at("2012-01-01")}).as_of == at("2012-01-01"));
    CHECK(quality_table(book).lines == counts(11, 0));
    CHECK(book.between({}, {}) == book);
    CHECK_THROWS_AS(rfm_scorer::fit(customer_table(book)), lgs_rfm::error);
    // a fitted scorer takes no rows, as every table does
    const auto scorer = rfm_scorer::fit(customer_table(ledger_of({{"1", "10", 1, 5, pound}})));
    CHECK(scorer.transform(customer_table(book)).r.empty());
    CHECK(lgs_rfm::segment_rules::standard().assign(scorer.transform(customer_table(book))).codes.empty());
}

TEST_CASE("one invoice of one customer") {
    const auto book = ledger_of({{"1", "10", 2, at("2011-05-01 10:00"), 3 * pound}});
    const auto customers = customer_table(book);
    CHECK(customers.recency == counts{0});
    CHECK(customers.frequency == counts{1});
    CHECK(customers.monetary[0].millionths == 6 * pound);
    const auto months = monthly_table(book);
    CHECK(months.yyyymm == std::vector<std::int32_t>{201105});
    CHECK(months.has_growth == std::vector<std::uint8_t>{0});
    const auto amounts = amount_summary(book);
    CHECK(amounts.count == counts{1, 1});
    CHECK(amounts.cutoff == std::vector<double>{6, 6});
    // a value equal to every cut belongs to the lowest bin: recent, seldom, little
    for (const auto ties : {tie_rule::first, tie_rule::together}) {
        const auto scorer = rfm_scorer::fit(customers, {5, ties});
        const auto scores = scorer.transform(customers);
        CHECK(scores.r == counts{5});
        CHECK(scores.f == counts{1});
        CHECK(scores.m == counts{1});
        for (const auto& unused : scorer.unused_scores()) CHECK(unused.size() == 3);
        const auto segments = segments_of(book, {5, ties});
        CHECK((*segments.names)[static_cast<std::size_t>(segments.codes[0])] == "New Customers");
    }
}

TEST_CASE("all lines cancelled") {
    const auto book = ledger_of({{"C1", "10", -1, at("2011-05-01"), pound}, {"C2", "20", -2, at("2011-05-02"), pound}});
    CHECK(customer_table(book).recency.empty());
    CHECK(customer_table(book, {.basis = lgs_rfm::customer_basis::net}).recency.empty());
    const auto all = customer_table(book, {.basis = lgs_rfm::customer_basis::all});
    CHECK(all.frequency == counts{1, 1});
    CHECK(all.monetary[1].millionths == -2 * pound);
    CHECK(amount_summary(book).count.empty());
    const auto months = monthly_table(book);
    CHECK(months.orders == counts{2});
    CHECK(months.cancelled == counts{2});
    CHECK(months.placed == counts{-2});
    CHECK(months.sales[0].millionths == -3 * pound);
    CHECK(months.active_users == counts{2});
}

TEST_CASE("all customers missing") {
    const auto book = ledger_of({{"1", "", 1, at("2011-05-01"), pound}, {"2", " ", 2, at("2011-06-02"), pound}});
    CHECK(customer_table(book).recency.empty());
    const auto months = monthly_table(book);
    CHECK(months.orders == counts{1, 1});
    CHECK(months.active_users == counts{0, 0});
    CHECK(months.growth[1] == 1.0);
    CHECK(invoice_table(book).customers == counts{0, 0});
    CHECK(amount_summary(book).count == counts{2, 1});

    // the column not given at all is the same
    const reference::columns memory(
        lines{{"1", "", 1, at("2011-05-01"), pound}, {"2", "", 2, at("2011-06-02"), pound}});
    auto view = memory.view();
    view.customer_id = {};
    ledger nameless;
    nameless.add(view);
    CHECK(nameless == book);
}

TEST_CASE("one line and no column of invoices") {
    const auto book = reference::ledger_without_numbers({{"", "10", 1, at("2011-05-01 10:00"), pound}});
    REQUIRE(book.entries()->size() == 1);
    CHECK(book.entries()->invoice[0] == lgs_rfm::id_column::missing);
    CHECK(customer_table(book).frequency == counts{1});
}

TEST_CASE("more bins than customers") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-05-01"), pound},
                                 {"2", "20", 2, at("2011-05-20"), pound},
                                 {"3", "20", 2, at("2011-05-20"), pound},
                                 {"4", "30", 9, at("2011-03-20"), pound}});
    const auto customers = customer_table(book);
    for (int k = 2; k <= 10; ++k) {
        for (const auto ties : {tie_rule::first, tie_rule::together}) {
            const auto scores = rfm_scorer::fit(customers, {k, ties}).transform(customers);
            for (const auto* dimension : {&scores.r, &scores.f, &scores.m}) {
                for (const auto score : *dimension) CHECK((score >= 1 && score <= k));
            }
            // the best and the worst value are at the ends
            CHECK(scores.r[1] == k);
            CHECK(scores.r[2] == 1);
            CHECK(scores.m[2] == k);
            CHECK(scores.m[0] == 1);
        }
    }
}

TEST_CASE("constant columns score everybody the same but for ties by id") {
    lines from;
    for (int i = 0; i < 10; ++i)
        from.push_back({std::to_string(i + 1), std::to_string(100 + i), 1, at("2011-05-01"), pound});
    const auto customers = customer_table(ledger_of(from));
    const auto together = rfm_scorer::fit(customers, {5, tie_rule::together}).transform(customers);
    CHECK(together.r == counts(10, 5));
    CHECK(together.f == counts(10, 1));
    CHECK(together.m == counts(10, 1));
    const auto first = rfm_scorer::fit(customers).transform(customers);
    CHECK(first.f == counts{1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
}

TEST_CASE("a single month") {
    const auto book =
        ledger_of({{"1", "10", 1, at("2011-05-01"), pound}, {"2", "10", 1, at("2011-05-31 23:59:59.999999"), pound}});
    const auto months = monthly_table(book);
    CHECK(months.yyyymm == std::vector<std::int32_t>{201105});
    CHECK(months.orders == counts{2});
    CHECK(months.new_users == counts{1});
    CHECK(months.existing_users == counts{0});
    CHECK(customer_table(book).as_of == at("2011-06-01"));
}

TEST_CASE("lines of no worth") {
    const auto book = ledger_of({{"1", "10", 0, at("2011-05-01"), pound}, {"2", "10", 5, at("2011-05-01"), 0}});
    CHECK(customer_table(book).recency.empty());
    CHECK(amount_summary(book).count.empty());
    CHECK(monthly_table(book).orders == counts{2});
    CHECK(monthly_table(book).sales[0].millionths == 0);
}

TEST_CASE("the first and the last moment of the calendar") {
    const auto book =
        ledger_of({{"1", "10", 1, lgs_rfm::min_moment, pound}, {"2", "20", 1, lgs_rfm::max_moment, pound}});
    const auto months = monthly_table(book);
    CHECK(months.month.size() == 8600 * 12);
    CHECK(months.yyyymm.front() == 140001);
    CHECK(months.yyyymm.back() == 999912);
    const auto customers = customer_table(book);
    CHECK(customers.recency == counts{lgs_rfm::days_of(10000, 1, 1) - lgs_rfm::days_of(1400, 1, 1), 0});
    CHECK(ledger::from_bytes(book.to_bytes()) == book);
}

}  // namespace test_edge_cases
