#include <lgs_rfm/tables/days_between.hpp>

#include <numeric>

#include "catch.hpp"
#include "reference/returning.hpp"
#include "reference/shop.hpp"

namespace test_days_between {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;

namespace {

std::vector<double> gaps_of(const std::set<reference::day_number>& days) {
    std::vector<double> gaps;
    for (auto day = days.begin(); day != days.end(); ++day) {
        if (day != days.begin()) gaps.push_back(static_cast<double>(*day - *std::prev(day)));
    }
    return gaps;
}
double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double deviation_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += (value - mean_of(values)) * (value - mean_of(values));
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

}  // namespace

TEST_CASE("a small shop's days between purchases") {
    const auto table = days_between(ledger_of(reference::small_shop()), {0.5});
    CHECK(table.gaps == 1);
    CHECK(table.customers == 1);
    CHECK(table.days == std::vector<double>{86});  // January 5 to April 1
    CHECK(table.mean == 86);
    CHECK_FALSE(table.deviation);
    const auto each = days_between_by_customer(ledger_of(reference::small_shop()));
    CHECK(each.purchase_days == std::vector<std::int64_t>{2, 1});
    CHECK(each.shortest == std::vector<std::int64_t>{86, 0});
    const auto columns = as_table(each).columns;
    CHECK(columns[3].valid == std::vector<std::uint8_t>{1, 0});
    CHECK(columns[4].valid == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("days between purchases are those of the lines") {
    for (const std::uint64_t seed : {131U, 132U}) {
        const auto from = reference::random_lines(seed, 300);
        const auto book = ledger_of(from);
        const auto each = days_between_by_customer(book);
        std::vector<double> all;
        std::int64_t customers = 0;
        std::size_t i = 0;
        for (const auto& [customer, days] : reference::purchase_days(from)) {
            const auto gaps = gaps_of(days);
            all.insert(all.end(), gaps.begin(), gaps.end());
            customers += gaps.empty() ? 0 : 1;
            REQUIRE(reference::make_id(to_string(each.customer_id[i])) == customer);
            REQUIRE(each.purchase_days[i] == static_cast<std::int64_t>(days.size()));
            REQUIRE(each.gaps[i] == static_cast<std::int64_t>(gaps.size()));
            if (!gaps.empty()) {
                REQUIRE(reference::near(each.mean[i], mean_of(gaps)));
                REQUIRE(static_cast<double>(each.shortest[i]) == *std::min_element(gaps.begin(), gaps.end()));
                REQUIRE(static_cast<double>(each.longest[i]) == *std::max_element(gaps.begin(), gaps.end()));
            }
            if (gaps.size() > 1) REQUIRE(reference::near(each.deviation[i], deviation_of(gaps)));
            ++i;
        }
        REQUIRE(each.customer_id.size() == i);
        const auto table = days_between(book, {0.0, 0.3, 0.5, 1.0});
        CHECK(table.gaps == static_cast<std::int64_t>(all.size()));
        CHECK(table.customers == customers);
        CHECK(reference::near(table.mean, mean_of(all)));
        REQUIRE(table.deviation);
        CHECK(reference::near(*table.deviation, deviation_of(all)));
        std::sort(all.begin(), all.end());
        CHECK(table.days[0] == all.front());
        CHECK(table.days[3] == all.back());
    }
}

TEST_CASE("no gaps") {
    CHECK(days_between(ledger()).quantile.empty());
    CHECK(as_table(days_between(ledger())).rows() == 0);
    CHECK(as_table(days_between_by_customer(ledger())).rows() == 0);
    CHECK_THROWS_WITH(days_between(ledger(), {1.5}), Catch::Matchers::ContainsSubstring("outside 0 to 1"));
    // twice on one day is one day
    const auto book = ledger_of({{"1", "10", 1, at("2011-01-05 08:00"), 1}, {"2", "10", 1, at("2011-01-05 20:00"), 1}});
    CHECK(days_between(book).gaps == 0);
}

}  // namespace test_days_between
