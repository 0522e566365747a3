#include <lgs_rfm/tables/countries.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_countries {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::country_table;
using reference::cell;
using reference::int128;
using reference::random_shop;
using reference::shape;
using reference::shop_lines;
using reference::text_of;
using reference::text_rows;
using reference::totals_of;

namespace {

text_rows countries_text(const shop_lines& from, const std::vector<std::string>& by, shape has) {
    const auto rows = reference::totals_rows(from, by, has);
    int128 gross = 0;
    for (const auto& [key, row] : rows) gross += row.gross;
    std::vector<std::pair<int128, std::string>> found;
    for (const auto& [key, row] : rows) {
        std::string text;
        for (std::size_t k = 0; k < by.size(); ++k) text += cell(by[k], reference::id_text(key[k]));
        const auto ratio = [](int128 part, double whole) {
            return reference::ratio_text(reference::units_of(part), whole);
        };
        text += reference::sums_text(row) +
                cell("average_invoice", ratio(row.gross, static_cast<double>(row.purchase_invoices.size()))) +
                cell("net_per_customer", ratio(row.known_net, static_cast<double>(row.customers.size()))) +
                cell("return_rate",
                     reference::ratio_text(static_cast<double>(row.returned_units), static_cast<double>(row.bought))) +
                cell("gross_share", ratio(row.gross, reference::units_of(gross)));
        found.emplace_back(row.gross, text);
    }
    if (by.size() == 1) {
        std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    }
    text_rows texts;
    for (const auto& each : found) texts.push_back(each.second);
    return texts;
}

}  // namespace

TEST_CASE("countries are those of the lines") {
    for (const std::size_t count : {0U, 1U, 3U, 800U}) {
        const auto from = random_shop(200 + count, count);
        for (const shape has : {shape{}, shape{.invoice = false}, shape{.customer = false}, shape{.amount = true}}) {
            for (const auto& by : {std::vector<std::string>{"country"}, {"country", "quarter"}, {"country", "own"}}) {
                CAPTURE(count, by);
                REQUIRE(text_of(country_table(totals_of(from, by, has))) == countries_text(from, by, has));
            }
        }
    }
}

TEST_CASE("equal countries keep their order, a missing one has a row of its own") {
    const auto line = [](const char* country, std::int64_t price) {
        return reference::shop_line{{"1", "10", 1, 5, price}, "", "", country, ""};
    };
    const auto rows = text_of(country_table(
        totals_of({line("b", 5), line("", 5), line("a", 5), line("Unspecified", 7), line("c", -5)}, {"country"})));
    REQUIRE(rows.size() == 5);
    CHECK_THAT(rows[0], ContainsSubstring("country=Unspecified "));
    CHECK_THAT(rows[1], ContainsSubstring("country=a "));
    CHECK_THAT(rows[2], ContainsSubstring("country=b "));
    CHECK_THAT(rows[3], ContainsSubstring("country=- "));
    CHECK_THAT(rows[4], ContainsSubstring("country=c "));
    CHECK_THAT(rows[4], ContainsSubstring("average_invoice=- ") && ContainsSubstring("return_rate=- "));
}

TEST_CASE("countries want totals by country first") {
    try {
        static_cast<void>(country_table(lgs_rfm::totals({"month", "country"})));
        FAIL("not refused");
    } catch (const lgs_rfm::error& bad) {
        CHECK(bad.code() == lgs_rfm::error_code::invalid_option);
        CHECK_THAT(bad.what(), ContainsSubstring("countries: the totals are not by country"));
    }
}

}  // namespace test_countries
