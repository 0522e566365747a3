#include <lgs_rfm/tables/months.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_months {

using lgs_rfm::monthly_table;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;

namespace {

/// A ledger's monthly table against the lines.
void check_months(const lgs_rfm::ledger& book, const reference::lines& from) {
    const auto table = monthly_table(book);
    auto rows = reference::month_rows(from);
    REQUIRE(table.month.size() >= rows.size());
    long double previous = 0;
    for (std::size_t i = 0; i < table.month.size(); ++i) {
        const std::string name = lgs_rfm::format_moment(lgs_rfm::month_start(table.month[i])).substr(0, 7);
        const reference::month_row row = rows[name];  // an empty one for a month without a line
        CAPTURE(name);
        REQUIRE(std::to_string(table.yyyymm[i]) == name.substr(0, 4) + name.substr(5));
        REQUIRE(table.orders[i] == static_cast<std::int64_t>(row.orders.size()));
        REQUIRE(table.cancelled[i] == static_cast<std::int64_t>(row.cancelled.size()));
        REQUIRE(table.adjustments[i] == static_cast<std::int64_t>(row.adjustments.size()));
        REQUIRE(table.placed[i] == table.orders[i] - 2 * table.cancelled[i]);
        REQUIRE(table.orders[i] == table.sale_invoices[i] + table.cancelled[i] + table.adjustments[i]);
        REQUIRE(table.sales[i].millionths == row.sales);
        REQUIRE(table.active_users[i] == static_cast<std::int64_t>(row.active.size()));
        REQUIRE(table.new_users[i] == static_cast<std::int64_t>(row.fresh.size()));
        REQUIRE(table.existing_users[i] == table.active_users[i] - table.new_users[i]);
        REQUIRE((table.has_growth[i] != 0) == (i > 0 && previous > 0));
        const auto sales = static_cast<long double>(row.sales);
        if (table.has_growth[i] != 0) {
            const auto growth = static_cast<double>(sales / previous - 1);
            REQUIRE(std::fabs(table.growth[i] - growth) <= 1e-12 * (std::fabs(growth) + 1));
        }
        previous = sales;
    }
    REQUIRE(rows.size() == table.month.size());  // each of the reference's months was met
}

}  // namespace

TEST_CASE("a small shop's months") {
    const auto table = monthly_table(ledger_of(reference::small_shop()));
    CHECK(table.yyyymm == std::vector<std::int32_t>{201101, 201102, 201103, 201104});
    CHECK(table.orders == counts{2, 3, 0, 1});
    CHECK(table.cancelled == counts{0, 1, 0, 0});
    CHECK(table.placed == counts{2, 1, 0, 1});
    CHECK(table.sale_invoices == counts{2, 1, 0, 1});
    CHECK(table.adjustments == counts{0, 1, 0, 0});
    const std::int64_t sales[] = {19'250'000, -25'500'000, 0, 7'250'000};
    for (std::size_t i = 0; i < 4; ++i) CHECK(table.sales[i].millionths == sales[i]);
    CHECK(table.active_users == counts{2, 1, 0, 1});
    CHECK(table.new_users == counts{2, 0, 0, 0});
    CHECK(table.existing_users == counts{0, 1, 0, 1});
    // growth is missing in the first month and after months whose sales are not above zero
    CHECK(table.has_growth == std::vector<std::uint8_t>{0, 1, 0, 0});
    CHECK(table.growth[1] == -25.5 / 19.25 - 1);
}

TEST_CASE("months are those of the lines") {
    for (const auto& [seed, lines] : {std::pair(81U, 600U), {82U, 600U}, {83U, 60'000U}}) {  // the last in threads
        const auto from = reference::random_lines(seed, lines);
        const auto book = ledger_of(from);
        REQUIRE((book.entries()->size() > lgs_rfm::detail::rows_worth_a_thread) == (lines > 600));
        check_months(book, from);
    }
}

TEST_CASE("months of long stretches of invoices of one entry are those of the lines") {
    for (const bool wide : {false, true}) {
        const auto from = reference::invoices_in_order(wide);
        check_months(ledger_of(from), from);
    }
}

TEST_CASE("an invoice that spans two months counts in both") {
    const auto table = monthly_table(
        ledger_of({{"1", "10", 1, at("2011-01-31 23:59:59.999999"), 3}, {"1", "10", 1, at("2011-02-01"), 4}}));
    CHECK(table.orders == counts{1, 1});
    CHECK(table.sales[0].millionths == 3);
    CHECK(table.sales[1].millionths == 4);
    CHECK(table.new_users == counts{1, 0});
    CHECK(table.existing_users == counts{0, 1});
}

TEST_CASE("months run over the turn of the year and before 1970") {
    const auto table =
        monthly_table(ledger_of({{"1", "10", 1, at("1969-11-30"), 1}, {"2", "10", 1, at("1970-01-01"), 1}}));
    CHECK(table.yyyymm == std::vector<std::int32_t>{196911, 196912, 197001});
    CHECK(table.orders == counts{1, 0, 1});
    const auto days = std::get<lgs_rfm::date_values>(as_table(table).columns[0].values).days;
    CHECK(days == std::vector<std::int32_t>{-61, -31, 0});
}

TEST_CASE("a customer is new by any line") {
    // a cancellation in January makes February's first purchase that of an existing user
    const auto table =
        monthly_table(ledger_of({{"C1", "10", -1, at("2011-01-05"), 5}, {"2", "10", 1, at("2011-02-05"), 5}}));
    CHECK(table.new_users == counts{1, 0});
    CHECK(table.existing_users == counts{0, 1});
}

TEST_CASE("the monthly table names its columns") {
    const auto table = as_table(monthly_table(ledger_of(reference::small_shop())));
    std::string names;
    for (const auto& column : table.columns) names += column.name + " ";
    CHECK(names ==
          "month yyyymm orders cancelled placed sale_invoices adjustments sales growth active_users new_users "
          "existing_users ");
    CHECK(table.columns[8].valid == std::vector<std::uint8_t>{0, 1, 0, 0});
}

}  // namespace test_months
