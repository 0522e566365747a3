#include <lgs_rfm/tables/customers.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_customers {

using lgs_rfm::customer_basis;
using lgs_rfm::customer_table;
using lgs_rfm::error;
using lgs_rfm::micros_per_day;
using lgs_rfm::moment;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;

namespace {

const std::pair<customer_basis, reference::basis> bases[] = {{customer_basis::purchases, reference::basis::purchases},
                                                             {customer_basis::net, reference::basis::net},
                                                             {customer_basis::all, reference::basis::all}};

}  // namespace

TEST_CASE("a small shop's customers by each basis") {
    const auto book = ledger_of(reference::small_shop());
    const auto purchases = customer_table(book, {.as_of = at("2012-01-01")});
    REQUIRE(purchases.customer_id.size() == 2);
    CHECK(to_string(purchases.customer_id[0]) == "10");
    CHECK(purchases.recency == counts{274, 334});  // from April 1st 08:00 and January 31st 23:59
    CHECK(purchases.frequency == counts{2, 1});
    CHECK(purchases.monetary[0].millionths == 14'500'000);
    CHECK(purchases.monetary[1].millionths == 12'000'000);
    CHECK(purchases.first_date == counts{at("2011-01-05 10:00"), at("2011-01-31 23:59")});
    CHECK(purchases.last_date == counts{at("2011-04-01 08:00"), at("2011-01-31 23:59")});

    const auto net = customer_table(book, {.as_of = at("2012-01-01"), .basis = customer_basis::net});
    CHECK(net.recency == purchases.recency);
    CHECK(net.frequency == purchases.frequency);
    CHECK(net.monetary[0].millionths == 11'000'000);
    const auto all = customer_table(book, {.as_of = at("2012-01-01"), .basis = customer_basis::all});
    CHECK(all.frequency == counts{3, 1});
    CHECK(all.monetary[0].millionths == 11'000'000);
}

TEST_CASE("customers are those of the lines as of any moment and window and basis") {
    for (const std::uint64_t seed : {91U, 92U}) {
        const auto from = reference::random_lines(seed, 1500);
        const auto book = ledger_of(from);
        for (const moment as_of : {at("2012-01-01"), at("2010-06-01"), from[3].at, from[5].at - 1, at("2009-01-01")}) {
            for (const auto& window :
                 {std::optional<std::int64_t>{}, std::optional(30 * micros_per_day),
                  std::optional(as_of - from[9].at + 1), std::optional(std::numeric_limits<std::int64_t>::max())}) {
                if (window && *window <= 0) continue;
                for (const auto& [basis, by] : bases) {
                    const auto table = customer_table(book, {.as_of = as_of, .basis = basis, .window = window});
                    // a window longer than time itself is no window
                    const auto kept =
                        window && *window > (std::int64_t{1} << 60) ? std::optional<std::int64_t>{} : window;
                    const auto rows = reference::customer_rows(from, as_of, by, kept);
                    REQUIRE(table.customer_id.size() == rows.size());
                    REQUIRE(table.as_of == as_of);
                    std::size_t i = 0;
                    for (const auto& [customer, row] : rows) {
                        CAPTURE(reference::text_of(customer));
                        REQUIRE(to_string(table.customer_id[i]) == reference::text_of(customer));
                        REQUIRE(table.recency[i] == row.recency);
                        REQUIRE(table.frequency[i] == static_cast<std::int64_t>(row.invoices.size()));
                        REQUIRE(table.monetary[i].millionths == row.monetary);
                        REQUIRE(table.first_date[i] == row.first);
                        REQUIRE(table.last_date[i] == row.last);
                        ++i;
                    }
                }
            }
        }
    }
}

TEST_CASE("a line at as_of counts and one after it does not") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-05-01 12:00"), 5}});
    CHECK(customer_table(book, {.as_of = at("2011-05-01 12:00")}).recency == counts{0});
    CHECK(customer_table(book, {.as_of = at("2011-05-01 12:00") - 1}).recency.empty());
    CHECK(customer_table(book, {.as_of = at("2011-05-02 12:00") - 1}).recency == counts{0});
    CHECK(customer_table(book, {.as_of = at("2011-05-02 12:00")}).recency == counts{1});
}

TEST_CASE("a window takes only lines after as_of minus window") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-05-01"), 5}, {"2", "10", 1, at("2011-05-02"), 7}});
    const moment as_of = at("2011-05-31");
    CHECK(customer_table(book, {.as_of = as_of, .window = 30 * micros_per_day}).frequency ==
          counts{1});  // May 1st is the edge
    CHECK(customer_table(book, {.as_of = as_of, .window = 30 * micros_per_day + 1}).frequency == counts{2});
    CHECK(customer_table(book, {.as_of = as_of, .window = 1}).frequency.empty());
    for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}}) {
        CHECK_THROWS_AS(customer_table(book, {.as_of = as_of, .window = bad}), error);
        CHECK_THROWS_WITH(customer_table(book, {.window = bad}),
                          Catch::Matchers::ContainsSubstring("window: " + std::to_string(bad)));
    }
}

TEST_CASE("by default as_of is midnight after the day of the last line") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-12-08 23:59"), 5}, {"2", "", 1, at("2011-12-09 12:50"), 7}});
    const auto table = customer_table(book);
    CHECK(table.as_of == at("2011-12-10"));
    CHECK(table.recency == counts{1});
    CHECK(default_as_of(ledger_of({{"1", "", 1, at("2011-12-09"), 5}})) ==
          at("2011-12-10"));  // midnight's own day counts
    CHECK_FALSE(lgs_rfm::default_as_of(lgs_rfm::ledger()));
    CHECK_FALSE(customer_table(lgs_rfm::ledger()).as_of);
}

TEST_CASE("an invoice of several moments is one and its dates are the counted lines'") {
    // the same invoice on three days, only the middle one bought something
    const auto book = ledger_of({{"1", "10", -1, at("2011-05-01"), 5},
                                 {"1", "10", 2, at("2011-05-02"), 5},
                                 {"1", "10", 1, at("2011-05-03"), 0}});
    const auto purchases = customer_table(book, {.as_of = at("2011-05-10")});
    CHECK(purchases.frequency == counts{1});
    CHECK(purchases.recency == counts{8});
    CHECK(purchases.first_date == counts{at("2011-05-02")});
    CHECK(purchases.last_date == counts{at("2011-05-02")});
    const auto all = customer_table(book, {.as_of = at("2011-05-10"), .basis = customer_basis::all});
    CHECK(all.frequency == counts{1});
    CHECK(all.recency == counts{7});
    CHECK(all.first_date == counts{at("2011-05-01")});
}

TEST_CASE("net can leave a customer with nothing and purchases decide who is one") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-05-01"), 5},
                                 {"C2", "10", -1, at("2011-05-02"), 5},
                                 {"C3", "20", -1, at("2011-05-02"), 5}});
    const auto net = customer_table(book, {.basis = customer_basis::net});
    REQUIRE(net.customer_id.size() == 1);
    CHECK(net.monetary[0].millionths == 0);
    CHECK(customer_table(book, {.basis = customer_basis::all}).customer_id.size() == 2);
}

TEST_CASE("purchases without an invoice number count by moment") {
    const std::vector<std::int64_t> moments{at("2011-05-01"), at("2011-05-01"), at("2011-05-02")};
    const std::vector<std::int64_t> customers{10, 10, 10};
    const std::vector<double> amounts{1, 2, 3};
    lgs_rfm::ledger book;
    book.add({.invoice_date = moments, .customer_id = customers, .amount = amounts});
    CHECK(customer_table(book).frequency == counts{2});
}

TEST_CASE("the customer table names its columns") {
    const auto table = as_table(customer_table(ledger_of(reference::small_shop())));
    std::string names;
    for (const auto& column : table.columns) names += column.name + " ";
    CHECK(names == "customer_id recency frequency monetary first_date last_date ");
    CHECK(table.rows() == 2);
}

}  // namespace test_customers
