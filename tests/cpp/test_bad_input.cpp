#include <lgs_rfm/ledger.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/memory.hpp"

namespace test_bad_input {

// Every refusal of lines: its code, and a message of one line that names column, row, value and remedy.
using Catch::Matchers::ContainsSubstring;
using lgs_rfm::cell;
using lgs_rfm::column;
using lgs_rfm::column_chunk;
using lgs_rfm::column_type;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::invoice_lines;
using lgs_rfm::ledger;

namespace {

constexpr std::size_t rows = 5000;  // more than two blocks, so that a bad row may lie in any
const double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Good lines whose columns a test may spoil.
struct shop {
    shop() : memory(made()) {}
    static reference::lines made() { return reference::random_lines(161, rows); }
    reference::columns memory;
};

struct refusal {
    error_code code;
    const char* column;
    std::int64_t row;
    std::vector<std::string> fragments;
};

void check_refused(const invoice_lines& lines, const refusal& wanted) {
    ledger book = reference::ledger_of({{"1", "10", 1, 5, 1}});
    const std::string before = book.to_bytes();
    try {
        book.add(lines);
        FAIL("not refused");
    } catch (const error& bad) {
        const std::string words = bad.what();
        CAPTURE(words);
        CHECK(bad.code() == wanted.code);
        CHECK(bad.column() == wanted.column);
        CHECK(bad.row() == wanted.row);
        CHECK_THAT(words, ContainsSubstring(wanted.column));
        if (wanted.row >= 0) CHECK_THAT(words, ContainsSubstring("row " + std::to_string(wanted.row) + ":"));
        for (const std::string& fragment : wanted.fragments) CHECK_THAT(words, ContainsSubstring(fragment));
        CHECK(words.find('\n') == std::string::npos);
    }
    CHECK(book.to_bytes() == before);
}

}  // namespace

TEST_CASE("missing columns are refused") {
    const shop good;
    auto lines = good.memory.view();
    lines.invoice_date = {};
    check_refused(lines,
                  {error_code::missing_column, "invoice_date", -1, {"is missing", "columns={\"invoice_date\": ...}"}});
    lines = good.memory.view();
    lines.quantity = {};
    check_refused(lines, {error_code::missing_column, "quantity", -1, {"is missing", "unit_price, or amount"}});
    lines = good.memory.view();
    lines.unit_price = {};
    check_refused(lines, {error_code::missing_column, "unit_price", -1, {"is missing", "or amount"}});
    check_refused({}, {error_code::missing_column, "invoice_date", -1, {"is missing"}});
}

TEST_CASE("columns of unequal length are refused with both numbers") {
    const shop good;
    const std::vector<double> shorter(rows - 1, 1.0);
    auto lines = good.memory.view();
    lines.unit_price = shorter;
    check_refused(lines, {error_code::unequal_length, "unit_price", -1, {"length 4999", "length 5000"}});
    lines = good.memory.view();
    lines.country = shorter;  // not read for a ledger, but wrong all the same
    check_refused(lines, {error_code::unequal_length, "country", -1, {"length"}});
    lines = good.memory.view();
    const std::vector<std::string> none;
    lines.customer_id = none;
    check_refused(lines, {error_code::unequal_length, "customer_id", -1, {"length 0", "length 5000"}});
}

TEST_CASE("columns of a wrong type are refused by its name") {
    const shop good;
    const std::vector<std::string> texts(rows, "1");
    const std::vector<std::int64_t> integers(rows, 1);
    auto lines = good.memory.view();
    lines.quantity = texts;
    check_refused(lines,
                  {error_code::wrong_type, "quantity", -1, {"has type string", "integers or whole floats", "convert"}});
    lines = good.memory.view();
    lines.unit_price = texts;
    check_refused(lines,
                  {error_code::wrong_type, "unit_price", -1, {"has type string", "floats, integers or decimals"}});
    lines = good.memory.view();
    lines.invoice_date = column(integers);
    check_refused(
        lines, {error_code::wrong_type, "invoice_date", -1, {"has type int64", "timestamps, dates or ISO 8601 text"}});
    lines = good.memory.view();
    lines.customer_id = column(column_chunk{.type = column_type::other, .length = rows, .type_name = "bool"});
    check_refused(lines,
                  {error_code::wrong_type, "customer_id", -1, {"has type bool", "text, integers or whole floats"}});
    lines = good.memory.view();
    lines.invoice = column(reference::chunk_of(column_type::timestamp_us, integers));
    check_refused(lines, {error_code::wrong_type, "invoice", -1, {"has type timestamp[us]"}});
    lines = good.memory.view();
    const std::vector<std::int8_t> codes(rows);
    lines.quantity = column(reference::dictionary_of(column_type::int8, codes, column(texts).chunks()[0]));
    check_refused(lines, {error_code::wrong_type, "quantity", -1, {"has type string"}});
}

TEST_CASE("missing values are refused but for the customer") {
    shop bad;
    bad.memory.invoice[4100] = " ";
    check_refused(bad.memory.view(),
                  {error_code::missing_value, "invoice", 4100, {"missing", "drop the line or fill it"}});
    const shop good;
    const auto bits = reference::bitmap([] {
        std::vector<bool> present(rows, true);
        present[2050] = false;
        return present;
    }());
    auto lines = good.memory.view();
    lines.quantity = lgs_rfm::column_view<std::int64_t>{good.memory.quantity, bits, 0};
    check_refused(lines, {error_code::missing_value, "quantity", 2050, {"missing"}});
    lines = good.memory.view();
    auto chunk = reference::chunk_of(column_type::timestamp_us, good.memory.moment);
    chunk.validity = bits.data();
    lines.invoice_date = column(chunk);
    check_refused(lines, {error_code::missing_value, "invoice_date", 2050, {"missing"}});
    lines = good.memory.view();
    lines.unit_price = lgs_rfm::column_view<double>{good.memory.price, bits, 0};
    check_refused(lines, {error_code::missing_value, "unit_price", 2050, {"missing"}});
    lines = good.memory.view();
    lines.customer_id = lgs_rfm::column_view<std::string>{good.memory.customer, bits, 0};
    CHECK_NOTHROW(ledger().add(lines));
}

TEST_CASE("prices that are no amount are refused") {
    shop bad;
    bad.memory.price[7] = nan_value;
    check_refused(bad.memory.view(), {error_code::missing_value, "unit_price", 7, {"missing"}});
    bad.memory.price[7] = HUGE_VAL;
    check_refused(bad.memory.view(),
                  {error_code::not_finite, "unit_price", 7, {"inf is not finite", "drop the line or correct it"}});
    bad.memory.price[7] = -1e13;
    check_refused(bad.memory.view(),
                  {error_code::out_of_range, "unit_price", 7, {"-1e+13 is out of range", "9.22e12"}});
    const std::vector<double> amounts{1, 1e300};
    const std::vector<std::int64_t> moments{1, 2};
    check_refused({.invoice_date = moments, .amount = amounts},
                  {error_code::out_of_range, "amount", 1, {"1e+300 is out of range"}});
}

TEST_CASE("a product beyond int64 names the amount") {
    shop bad;
    bad.memory.quantity[3000] = 2'000'000;
    bad.memory.price[3000] = 5e6 + 0.25;
    check_refused(bad.memory.view(),
                  {error_code::overflow, "amount", 3000, {"2000000 x 5000000.25", "out of range", "9.22e12"}});
    bad.memory.quantity[3000] = -2'000'000;
    check_refused(bad.memory.view(), {error_code::overflow, "amount", 3000, {"-2000000 x 5000000.25"}});
    bad.memory.quantity[3000] = 1'000'000;
    CHECK_NOTHROW(ledger().add(bad.memory.view()));
}

TEST_CASE("quantities that are no units are refused") {
    const shop good;
    std::vector<double> quantity(rows, 1.0);
    auto lines = good.memory.view();
    lines.quantity = quantity;
    quantity[4999] = 2.5;
    check_refused(lines, {error_code::fractional, "quantity", 4999, {"2.5 is fractional", "whole units"}});
    quantity[4999] = nan_value;
    check_refused(lines, {error_code::missing_value, "quantity", 4999, {"missing"}});
    quantity[4999] = HUGE_VAL;
    check_refused(lines, {error_code::not_finite, "quantity", 4999, {"inf"}});
    quantity[4999] = 2147483648.0;
    check_refused(lines, {error_code::out_of_range, "quantity", 4999, {"2147483648 is out of range", "2147483647"}});
    shop bad;
    bad.memory.quantity[0] = -2147483648;
    check_refused(bad.memory.view(), {error_code::out_of_range, "quantity", 0, {"-2147483648 is out of range"}});
}

TEST_CASE("float ids that are no ids are refused") {
    const shop good;
    std::vector<double> ids(rows, 13085.0);
    auto lines = good.memory.view();
    lines.customer_id = ids;
    ids[12] = 13085.5;
    check_refused(lines, {error_code::fractional, "customer_id", 12, {"13085.5 is fractional", "integers or texts"}});
    ids[12] = 9007199254740993.0;
    check_refused(lines, {error_code::out_of_range,
                          "customer_id",
                          12,
                          {"9007199254740992 is out of range", "2^53", "integers or text"}});
    ids[12] = -HUGE_VAL;
    check_refused(lines, {error_code::not_finite, "customer_id", 12, {"-inf"}});
}

TEST_CASE("dates that are no moments are refused") {
    const shop good;
    std::vector<std::string> dates(rows, "2011-12-09 12:50:00");
    auto lines = good.memory.view();
    lines.invoice_date = dates;
    CHECK_NOTHROW(ledger().add(lines));
    const auto with = [&](const char* text, const refusal& wanted) {
        dates[2047] = text;
        check_refused(lines, wanted);
    };
    with("12/9/2011 08:26",
         {error_code::unreadable, "invoice_date", 2047, {"'12/9/2011 08:26'", "ISO 8601", "convert the column"}});
    with("2011-02-30", {error_code::unreadable, "invoice_date", 2047, {"'2011-02-30'"}});
    with("1399-12-31", {error_code::out_of_range, "invoice_date", 2047, {"'1399-12-31'", "1400-01-01 to 9999-12-31"}});
    with("2011-12-09 12:50:00+01:00", {error_code::time_zone, "invoice_date", 2047, {"+01:00", "remove the offset"}});
    with("", {error_code::missing_value, "invoice_date", 2047, {"missing"}});
    with("a\nb", {error_code::unreadable, "invoice_date", 2047, {"'a b'"}});
    shop bad;
    bad.memory.moment[2] = std::numeric_limits<std::int64_t>::max();
    check_refused(bad.memory.view(),
                  {error_code::out_of_range, "invoice_date", 2, {"9223372036854775807 microseconds", "9999-12-31"}});
    bad.memory.moment[2] = std::numeric_limits<std::int64_t>::min();
    check_refused(bad.memory.view(), {error_code::missing_value, "invoice_date", 2, {"missing"}});
    lines = good.memory.view();
    auto chunk = reference::chunk_of(column_type::timestamp_us, good.memory.moment);
    chunk.type_name = "Europe/London";
    lines.invoice_date = column(chunk);
    check_refused(lines, {error_code::time_zone, "invoice_date", 0, {"Europe/London is not UTC", "tz_localize(None)"}});
}

TEST_CASE("cells of a mixed column are refused one by one") {
    const shop good;
    std::vector<cell> cells(rows, {.what = cell::kind::integer, .integer = 7});
    auto lines = good.memory.view();
    lines.invoice = cells;
    cells[11] = {.what = cell::kind::unsupported, .text = "list"};
    check_refused(lines,
                  {error_code::wrong_type, "invoice", 11, {"a value of type list", "text, integers or whole floats"}});
    lines = good.memory.view();
    lines.unit_price = cells;
    cells[11] = {.what = cell::kind::text, .text = "2.55"};
    check_refused(lines, {error_code::wrong_type, "unit_price", 11, {"'2.55' has a wrong type", "decimals"}});
}

TEST_CASE("long values are cut in messages") {
    const std::vector<std::string> dates{std::string(500, 'x')};
    const std::vector<double> amounts{1};
    try {
        ledger().add({.invoice_date = dates, .amount = amounts});
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK_THAT(bad.what(), ContainsSubstring(std::string(60, 'x') + "..."));
        CHECK(std::string(bad.what()).size() < 250);
    }
}

TEST_CASE("the lowest row is named and then the first column") {
    shop bad;
    bad.memory.price[100] = HUGE_VAL;
    bad.memory.quantity[99] = std::int64_t{1} << 40;
    check_refused(bad.memory.view(), {error_code::out_of_range, "quantity", 99, {}});
    bad.memory.invoice[99] = "";
    check_refused(bad.memory.view(), {error_code::missing_value, "invoice", 99, {}});
    bad.memory.price[98] = HUGE_VAL;
    check_refused(bad.memory.view(), {error_code::not_finite, "unit_price", 98, {}});
    bad.memory.moment[98] = std::numeric_limits<std::int64_t>::max();
    check_refused(bad.memory.view(), {error_code::out_of_range, "invoice_date", 98, {}});
    bad.memory.quantity[97] = 2'000'000'000;  // an amount that overflows in an earlier row comes first
    bad.memory.price[97] = 1e6;
    check_refused(bad.memory.view(), {error_code::overflow, "amount", 97, {}});
}

TEST_CASE("a damaged dictionary is refused") {
    const shop good;
    const std::vector<std::int64_t> entries{1, 2};
    std::vector<std::int32_t> codes(rows, 1);
    codes[77] = 2;
    auto lines = good.memory.view();
    lines.quantity =
        column(reference::dictionary_of(column_type::int32, codes, reference::chunk_of(column_type::int64, entries)));
    CHECK_THROWS_AS(ledger().add(lines), error);
}

}  // namespace test_bad_input
