#include <lgs_rfm/tables/returning.hpp>

#include "catch.hpp"
#include "reference/returning.hpp"
#include "reference/shop.hpp"

namespace test_returning {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;

TEST_CASE("a small shop's returning customers") {
    const auto table = returning_table(ledger_of(reference::small_shop()), {{30, 90}, {}});
    CHECK(table.month == std::vector<std::int32_t>{2011 * 12, 2011 * 12 + 1, 2011 * 12 + 2, 2011 * 12 + 3});
    CHECK(table.new_buyers == counts{2, 0, 0, 0});
    CHECK(table.returning_buyers == counts{0, 0, 0, 1});
    CHECK(table.new_gross[0].millionths == 19'250'000);
    CHECK(table.returning_gross[3].millionths == 7'250'000);
    CHECK(table.unknown_gross[1].millionths == 8'000'000);
    CHECK(table.lost[0] == counts{0, 1, 1, 0});  // bought on January 5 and 31, lost on February 5 and March 3
    CHECK(table.won_back[0] == counts{0, 0, 0, 1});
    CHECK(table.lost[1] == counts{0, 0, 0, 0});
    std::string names;
    for (const auto& column : as_table(table).columns) names += column.name + " ";
    CHECK(names ==
          "month new_buyers returning_buyers new_gross returning_gross unknown_gross lost_30 lost_90 won_back_30 "
          "won_back_90 ");
}

TEST_CASE("returning customers are those of the lines") {
    const std::vector<std::int64_t> days{1, 16, 17, 60, 400};  // the lines lie 17 days apart
    for (const std::uint64_t seed : {111U, 112U}) {
        const auto from = reference::random_lines(seed, 250);
        for (const std::optional<moment> until :
             {std::optional<moment>(), std::optional(at("2010-10-15 03:00")), std::optional(at("2012-01-01"))}) {
            const moment end = reference::observed_until(from, until);
            const auto table = returning_table(ledger_of(from), {days, until});
            auto rows = reference::returning_rows(from, end, days);
            REQUIRE(table.month.back() == reference::month_number(end - 1));
            for (std::size_t i = 0; i < table.month.size(); ++i) {
                auto row = rows[table.month[i]];
                REQUIRE(table.new_buyers[i] == static_cast<std::int64_t>(row.new_buyers.size()));
                REQUIRE(table.returning_buyers[i] == static_cast<std::int64_t>(row.returning_buyers.size()));
                REQUIRE(table.new_gross[i].millionths == row.new_gross);
                REQUIRE(table.returning_gross[i].millionths == row.returning_gross);
                REQUIRE(table.unknown_gross[i].millionths == row.unknown_gross);
                for (std::size_t t = 0; t < days.size(); ++t) {
                    REQUIRE(table.lost[t][i] == row.lost[days[t]]);
                    REQUIRE(table.won_back[t][i] == row.won_back[days[t]]);
                }
            }
            REQUIRE(rows.size() == table.month.size());  // each of the reference's months was met
        }
    }
}

TEST_CASE("lost and won back on one day") {
    const auto book = ledger_of({{"1", "10", 1, at("2011-01-01"), 1}, {"2", "10", 1, at("2011-02-01 23:59"), 1}});
    const auto table = returning_table(book, {{30, 31}, {}});
    CHECK(table.lost[0] == counts{0, 1});
    CHECK(table.won_back[0] == counts{0, 1});
    CHECK(table.lost[1] == counts{0, 0});
    CHECK(table.won_back[1] == counts{0, 0});
}

TEST_CASE("thresholds are checked") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THROWS_WITH(returning_table(ledger(), {{0, 30}, {}}), ContainsSubstring("days: 0 is below 1"));
    CHECK_THROWS_WITH(returning_table(ledger(), {{30, 60, 30}, {}}), ContainsSubstring("days: 30 is given twice"));
    CHECK(returning_table(ledger()).month.empty());
    CHECK(as_table(returning_table(ledger())).columns.size() == 12);
    CHECK(returning_table(ledger_of(reference::small_shop()), {{}, at("2010-01-01")}).month.empty());
}

}  // namespace test_returning
