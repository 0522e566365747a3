#include <lgs_rfm/tables/second_purchase.hpp>

#include "catch.hpp"
#include "reference/returning.hpp"
#include "reference/shop.hpp"

namespace test_second_purchase {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;

TEST_CASE("Kaplan and Meier by hand") {
    // second purchases after 2, 5 and 5 days; two customers seen for 3 and for 9 days
    const auto table = second_purchase_table(ledger_of({{"1", "1", 1, at("2011-01-01"), 1},
                                                        {"2", "1", 1, at("2011-01-03"), 1},
                                                        {"3", "2", 1, at("2011-01-01"), 1},
                                                        {"4", "2", 1, at("2011-01-06"), 1},
                                                        {"5", "3", 1, at("2011-01-05"), 1},
                                                        {"6", "3", 1, at("2011-01-10"), 1},
                                                        {"7", "4", 1, at("2011-01-07"), 1},
                                                        {"8", "5", 1, at("2011-01-01"), 1}}));
    CHECK(table.time == counts{2, 3, 5, 9});
    CHECK(table.at_risk == counts{5, 4, 3, 1});
    CHECK(table.events == counts{1, 0, 2, 0});
    CHECK(table.censored == counts{0, 1, 0, 1});
    CHECK(reference::near(table.survival[1], 0.8));
    CHECK(reference::near(table.survival[3], 0.8 / 3));
    CHECK(reference::near(table.std_error[0], 0.8 * std::sqrt(1.0 / 20)));
    CHECK(reference::near(table.std_error[3], 0.8 / 3 * std::sqrt(1.0 / 20 + 2.0 / 3)));
}

TEST_CASE("times to the second purchase are those of the lines") {
    for (const std::uint64_t seed : {141U, 142U}) {
        for (const std::size_t count : {25U, 60U, 300U}) {
            const auto from = reference::random_lines(seed, count);
            for (const bool by_day : {false, true}) {
                for (const std::optional<moment> until :
                     {std::optional<moment>(), std::optional(at("2010-10-15 03:00")),
                      std::optional(at("2012-01-01"))}) {
                    const auto times = reference::times_to_second(from, reference::observed_until(from, until), by_day);
                    const auto table = second_purchase_table(
                        ledger_of(from), {by_day ? purchase_unit::days : purchase_unit::invoices, until});
                    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> wanted;  // events, censored
                    for (const auto& [time, again] : times) ++(again ? wanted[time].first : wanted[time].second);
                    REQUIRE(table.time.size() == wanted.size());
                    std::size_t i = 0;
                    double survival = 1;
                    for (const auto& [time, numbers] : wanted) {
                        const auto at_risk = std::count_if(times.begin(), times.end(),
                                                           [&](const auto& each) { return each.first >= time; });
                        survival *= 1 - static_cast<double>(numbers.first) / static_cast<double>(at_risk);
                        REQUIRE(table.time[i] == time);
                        REQUIRE(table.at_risk[i] == at_risk);
                        REQUIRE(table.events[i] == numbers.first);
                        REQUIRE(table.censored[i] == numbers.second);
                        REQUIRE(reference::near(table.survival[i], survival));
                        ++i;
                    }
                }
            }
        }
    }
}

TEST_CASE("without censoring the error is that of a share") {
    reference::lines from;
    for (int i = 0; i < 10; ++i) {
        from.push_back({"a" + std::to_string(i), std::to_string(i), 1, at("2011-01-01"), 1});
        from.push_back({"b" + std::to_string(i), std::to_string(i), 1, at("2011-01-02") + i * micros_per_day, 1});
    }
    const auto table = second_purchase_table(ledger_of(from));
    for (std::size_t i = 0; i + 1 < table.time.size(); ++i) {
        const double s = table.survival[i];
        CHECK(reference::near(table.std_error[i], std::sqrt(s * (1 - s) / 10)));
    }
    CHECK(table.survival.back() == 0);
    CHECK(as_table(table).columns[5].valid.back() == 0);
}

TEST_CASE("one invoice at two moments is one purchase, without a number each is one") {
    const reference::lines same = {{"7", "1", 1, at("2011-01-01"), 1}, {"7", "1", 1, at("2011-01-02"), 1}};
    CHECK(second_purchase_table(ledger_of(same)).events == counts{0});
    CHECK(second_purchase_table(ledger_of(same), {purchase_unit::days, {}}).events == counts{1});
    const reference::lines none = {{"", "1", 1, at("2011-01-01 08:00"), 1}, {"", "1", 1, at("2011-01-01 09:00"), 1}};
    const auto table = second_purchase_table(reference::ledger_without_numbers(none));
    CHECK(table.time == counts{0});
    CHECK(table.events == counts{1});
    CHECK(second_purchase_table(ledger()).time.empty());
    CHECK(second_purchase_table(ledger_of(same), {{}, at("2011-01-01")}).time.empty());
}

}  // namespace test_second_purchase
