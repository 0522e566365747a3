#include <lgs_rfm/io/csv.hpp>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/temp_folder.hpp"

namespace test_csv {

using lgs_rfm::bad_lines;
using lgs_rfm::copies_policy;
using lgs_rfm::csv_options;
using lgs_rfm::csv_source;
using lgs_rfm::date_order;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using lgs_rfm::reading_report;

namespace {

struct outcome {
    ledger book;
    reading_report report;
};

outcome read(std::string_view text, const csv_options& options = {}) {
    outcome result;
    result.report = add_csv(result.book, csv_source::memory(text), options);
    return result;
}

/// The error that reading raises; fails the test when there is none.
error refusal(std::string_view text, const csv_options& options = {}) {
    try {
        read(text, options);
    } catch (const error& bad) {
        return bad;
    }
    FAIL("not refused: " << text);
    return {error_code::internal, ""};
}

bool same(const ledger& book, const reference::lines& lines) { return book == reference::ledger_of(lines); }

const std::string header = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n";
const std::string first = "489434,85048,MUG,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n";
const std::string second = "C489435,22350,CAT,-2,2009-12-01 08:00:00,1.5,,France\n";

const reference::lines both_lines{{"489434", "13085", 12, reference::at("2009-12-01 07:45:00"), 6'950'000},
                                  {"C489435", "", -2, reference::at("2009-12-01 08:00:00"), 1'500'000}};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

using Catch::Matchers::ContainsSubstring;

}  // namespace

TEST_CASE("a CSV file becomes a ledger") {
    const outcome found = read(header + first + second);
    CHECK(same(found.book, both_lines));
    CHECK(found.report.lines == 2);
    CHECK(found.report.rounded_prices == 0);
    CHECK(found.report.ignored_columns.empty());
    CHECK(found.report.skipped_lines == 0);
    CHECK(read(header).book == ledger());
    CHECK(read(header.substr(0, header.size() - 1)).book == ledger());
}

TEST_CASE("ways of writing CSV that mean the same") {
    const std::string text = header + first + second;
    const std::vector<std::string> ways{
        "\xEF\xBB\xBF" + text,
        replaced(text, "\n", "\r\n"),
        replaced(text, "\n", "\r\n\r\n"),
        text.substr(0, text.size() - 1),
        "\n\n" + replaced(text, "\n", "\n\n"),
        "\"" + replaced(replaced(text.substr(0, text.size() - 1), ",", "\",\""), "\n", "\"\n\"") + "\"",
        replaced(text, ",", ";"),
        replaced(text, ",", "\t"),
        replaced(text, ",", "|"),
        replaced(text, "MUG", "\"MUG, 5\"\" and\r\n\n\"\"tea\"\"\""),
        replaced(text, "MUG", "5\" x 5\" MUG"),
        replaced(replaced(text, "C489435", "\"C489435\""), "6.95", "\"6.950\""),
        replaced(replaced(text, "6.95", "695e-2"), ",12,", ", 12.0 ,"),
        replaced(replaced(text, "6.95", "+06.95"), "13085.0", "13085"),
        replaced(replaced(text, ",1.5,,", ",1.5,NULL,"), "2009-12-01 07:45:00", "2009-12-01T07:45"),
        replaced(text, "United Kingdom", "\xFF\xFE"),
    };
    for (const std::string& way : ways) {
        CAPTURE(way);
        CHECK(same(read(way).book, both_lines));
    }
}

TEST_CASE("one file may have both kinds of line ends") {
    const std::string names = "Invoice,Quantity,InvoiceDate,Price,Customer ID";
    std::string text = names + "\n";
    std::string plain = names + "\n";
    for (int i = 0; i < 300; ++i) {
        const std::string record =
            std::to_string(i) + ",1,2010-12-01 08:26:00,1.5," + (i % 5 == 0 ? "NULL" : std::to_string(13'000 + i / 7));
        text += record + (i % 3 == 1 ? "\r\n" : "\n");
        plain += record + "\n";
    }
    const outcome wanted = read(plain);
    CHECK(wanted.book.entries()->customers->all_integers());
    for (const std::size_t chunk : {1, 50, 1000, 1 << 20}) {
        CHECK(read(text, {.threads = 2, .chunk_bytes = chunk}).book == wanted.book);
    }
}

TEST_CASE("a decimal comma, with any delimiter that leaves the numbers whole") {
    csv_options options{.decimal = ','};
    std::string text = replaced(header + first + second, ",", ";");
    text = replaced(replaced(text, "6.95", "6,95"), "1.5;", "1,50;");
    text = replaced(text, "13085.0", "13085");
    CHECK(same(read(text, options).book, both_lines));
    CHECK(same(read(replaced(replaced(text, "6,95", "\"6,95\""), "1,50", "\"1,50\""), options).book, both_lines));
    std::string commas = replaced(replaced(header + first + second, "6.95", "\"6,95\""), "1.5,", "\"1,5\",");
    CHECK(same(read(commas, options).book, both_lines));
    const error bad = refusal(replaced(header + first, "6.95", "6.95"), options);
    CHECK(bad.column() == "unit_price");
    CHECK_THAT(bad.what(), ContainsSubstring("'6.95' is no number; write it such as 1234,50, or say decimal=\".\""));
    CHECK_THAT(refusal(replaced(text, "6,95", "6,95")).what(), ContainsSubstring("or say decimal=\",\""));
    CHECK(refusal(text, {.decimal = 'x'}).code() == error_code::invalid_option);
}

TEST_CASE("columns are found by name, mapped, or missing") {
    const std::string own = "belegnr;menge;InvoiceDate;Price\n1;2;2011-01-05;1.5\n";
    const csv_options mapped{.columns = {{"invoice", "belegnr"}, {"quantity", "menge"}}};
    const outcome found = read(own, mapped);
    CHECK(same(found.book, {{"1", "", 2, reference::at("2011-01-05"), 1'500'000}}));
    CHECK(refusal(own).column() == "quantity");
    CHECK(refusal(own).code() == error_code::missing_column);
    CHECK(refusal("a,b\n1,2\n").column() == "invoice_date");
    CHECK(refusal("Invoice,invoice,InvoiceDate,Quantity,Price\n").code() == error_code::duplicate_column);
    const outcome amounts = read("Invoice,InvoiceDate,amount,Price,colour\n7,2011-01-05,-3.25,x,red\n");
    const std::vector<std::string> invoice{"7"};
    const std::vector<std::int64_t> moment{reference::at("2011-01-05")};
    const std::vector<double> amount{-3.25};
    ledger wanted;
    wanted.add({.invoice = invoice, .invoice_date = moment, .amount = amount});
    CHECK(amounts.book == wanted);
    CHECK(amounts.report.ignored_columns == std::vector<std::string>{"colour"});
}

TEST_CASE("dates with slashes need their order") {
    const std::string text = "Invoice,Quantity,InvoiceDate,Price\n1,1,12/1/2010 8:26,1\n2,1,01/12/2010 08:26:05,1\n";
    const auto at = [](const char* a, const char* b) {
        return reference::lines{{"1", "", 1, reference::at(a), 1'000'000}, {"2", "", 1, reference::at(b), 1'000'000}};
    };
    CHECK(same(read(text, {.dates = date_order::mdy}).book, at("2010-12-01 08:26", "2010-01-12 08:26:05")));
    CHECK(same(read(text, {.dates = date_order::dmy}).book, at("2010-01-12 08:26", "2010-12-01 08:26:05")));
    const error bad = refusal(text);
    CHECK(bad.column() == "invoice_date");
    CHECK_THAT(bad.what(), ContainsSubstring("date_order=\"dmy\""));
    reference::lines lines = at("2010-12-01 08:26", "2010-01-12 08:26:05");
    lines.push_back({"3", "", 1, reference::at("2010-12-13"), 1'000'000});
    CHECK(same(read(text + "3,1,12/13/2010,1\n").book, lines));
    lines = at("2010-01-12 08:26", "2010-12-01 08:26:05");
    lines.push_back({"3", "", 1, reference::at("2010-12-13"), 1'000'000});
    CHECK(same(read(text + "3,1,13/12/2010,1\n").book, lines));
    CHECK(same(read(text + "3,1,\"13/12/2010\",1\n").book, lines));
    const error mixed = refusal(text + "3,1,13/12/2010,1\n4,1,12/13/2010,1\n");
    CHECK(mixed.row() == 3);
    CHECK_THAT(mixed.what(), ContainsSubstring("'12/13/2010' is no moment"));
    for (const char* odd :
         {"0/1/2010", "2/30/2010", "1/1/2010 24:00", "1/1/2010 8:60", "1/1/10", "1/1/2010 8", "1/1/2010x"}) {
        CAPTURE(odd);
        const error e = refusal("InvoiceDate,amount\n" + std::string(odd) + ",1\n", {.dates = date_order::mdy});
        CHECK(e.code() == error_code::unreadable);
    }
    CHECK(refusal("InvoiceDate,amount\n1/1/1399,1\n", {.dates = date_order::mdy}).code() == error_code::out_of_range);
}

TEST_CASE("what cannot be read is refused by row, line, byte, column and value") {
    struct bad_record {
        std::string text;
        error_code code;
        const char* column;
        const char* words;
    };
    const std::vector<bad_record> all{
        {"1,a,b,1.5,2010-01-01,1,,\n", error_code::fractional, "quantity", "'1.5' is fractional"},
        {"1,a,b,,2010-01-01,1,,\n", error_code::missing_value, "quantity", "missing"},
        {"1,a,b,NaN,2010-01-01,1,,\n", error_code::missing_value, "quantity", "missing"},
        {"1,a,b,2147483648,2010-01-01,1,,\n", error_code::out_of_range, "quantity", "at most 2147483647"},
        {"1,a,b,1,yesterday,1,,\n", error_code::unreadable, "invoice_date", "'yesterday' is no moment"},
        {"1,a,b,1,,1,,\n", error_code::missing_value, "invoice_date", "missing"},
        {"1,a,b,1,2010-01-01T00:00:00+01:00,1,,\n", error_code::time_zone, "invoice_date", "time zone"},
        {"1,a,b,1,1399-01-01,1,,\n", error_code::out_of_range, "invoice_date", "1400-01-01"},
        {"1,a,b,1,2010-01-01,cheap,,\n", error_code::unreadable, "unit_price", "'cheap' is no number"},
        {"1,a,b,1,2010-01-01,.,,\n", error_code::unreadable, "unit_price", "'.' is no number"},
        {"1,a,b,1,2010-01-01,-,,\n", error_code::unreadable, "unit_price", "'-' is no number"},
        {"1,a,b,1,2010-01-01,1.2.3,,\n", error_code::unreadable, "unit_price", "'1.2.3' is no number"},
        {"1,a,b,1,2010-01-01,inf,,\n", error_code::not_finite, "unit_price", "'inf' is not finite"},
        {"1,a,b,1,2010-01-01,1e20,,\n", error_code::out_of_range, "unit_price", "9.22e12"},
        {"1,a,b,2000000000,2010-01-01,9000000000,,\n", error_code::overflow, "amount", "2000000000 x 9000000000"},
        {",a,b,1,2010-01-01,1,,\n", error_code::missing_value, "invoice", "missing"},
        {"null,a,b,1.5,2010-01-01,1,,\n", error_code::missing_value, "invoice", "missing"},
        {"1,2\n", error_code::unreadable, "", "2 fields and the header 8"},
        {"1,a,b,1,2010-01-01,1,,,\n", error_code::unreadable, "", "9 fields and the header 8"},
        {"1,a,\"b,1,2010-01-01,1,,\n", error_code::unreadable, "", "a quote is opened and not closed"},
    };
    const std::string before = header + first + replaced(second, "CAT", "\"black\ncat\"");
    for (const bad_record& each : all) {
        for (const std::size_t chunk : {1U, 40U, 1U << 20}) {
            CAPTURE(each.text, chunk);
            const error bad =
                refusal(before + each.text + first + "2,b,c,x,2010-01-01,1,,\n", {.threads = 2, .chunk_bytes = chunk});
            CHECK(bad.code() == each.code);
            CHECK(bad.column() == each.column);
            CHECK(bad.row() == 2);
            CHECK_THAT(bad.what(), ContainsSubstring(each.words));
            CHECK_THAT(bad.what(), ContainsSubstring("row 2") &&
                                       ContainsSubstring("(line 5, byte " + std::to_string(before.size()) + ")"));
            CHECK(std::string(bad.what()).find('\n') == std::string::npos);
        }
    }
}

TEST_CASE("bad lines are skipped on demand, counted, and the first ten kept") {
    std::string text = header;
    reference::lines lines;
    std::int64_t bad = 0;
    for (int i = 0; i < 60; ++i) {
        text += first;
        lines.push_back(both_lines[0]);
        if (i % 3 == 0) {
            text += i % 2 == 0 ? "1,2\n" : "x,a,\"b\nb\",half,2010-01-01,1,,\n";
            ++bad;
        }
    }
    text += "9,\"never closed\n" + second;
    lines.push_back(both_lines[1]);
    for (const std::size_t chunk : {1U, 100U, 1U << 20}) {
        const outcome found = read(text, {.bad = bad_lines::skip, .threads = 2, .chunk_bytes = chunk});
        CAPTURE(chunk);
        CHECK(same(found.book, lines));
        CHECK(found.report.lines == 61);
        CHECK(found.report.skipped_lines == bad + 1);
        REQUIRE(found.report.skipped.size() == 10);
        CHECK(found.report.skipped[0].line == 3);
        CHECK(found.report.skipped[0].offset == header.size() + first.size());
        CHECK(found.report.skipped[0].text == "1,2");
        CHECK_THAT(found.report.skipped[0].reason, ContainsSubstring("2 fields"));
        CHECK(found.report.skipped[1].line == 7);
        CHECK(found.report.skipped[1].text == "x,a,\"b b\",half,2010-01-01,1,,");
        CHECK_THAT(found.report.skipped[1].reason, ContainsSubstring("column quantity: 'half' is no number"));
    }
}

TEST_CASE("replace refuses a line outside of the period") {
    ledger book;
    const auto since = reference::at("2009-12-01");
    const auto until = reference::at("2009-12-02");
    replace_csv(book, csv_source::memory(header + first + second), since, until);
    CHECK(same(book, both_lines));
    const auto saved = book.to_bytes();
    try {
        replace_csv(book, csv_source::memory(header + first + replaced(second, "12-01", "12-02")), since, until);
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::outside_period);
        CHECK(bad.row() == 1);
        CHECK_THAT(bad.what(), ContainsSubstring("(line 3, byte"));
    }
    CHECK((book.to_bytes() == saved));
}

TEST_CASE("rounded prices and floored dates are counted") {
    std::string text = header;
    for (int i = 0; i < 30; ++i) text += "1,a,b,2,2010-01-01 10:00:00.1234567,0.12345600,7,UK\n";
    const outcome found = read(text);
    CHECK(found.report.rounded_prices == 0);
    CHECK(found.report.floored_dates == 30);
    const outcome rounded = read(replaced(text, "0.12345600", "0.1234565"));
    CHECK(rounded.report.rounded_prices == 30);
    const auto sums = reference::entries_of(rounded.book);
    REQUIRE(sums.size() == 1);
    CHECK(sums[0].second.net.millionths == 30 * 2 * 123'456);  // ties to even
}

TEST_CASE("files, memory and streams give the same, and progress ends at the whole") {
    std::string text = header;
    for (int i = 0; i < 20'000; ++i) text += i % 19 == 0 ? replaced(first, "489434", std::to_string(i)) : second;
    const ledger wanted = read(text, {.threads = 1}).book;
    const reference::temp_folder folder;
    const auto path = folder.path / "lines.csv";
    {
        std::ofstream(path, std::ios::binary) << text;
    }
    for (const unsigned threads : {1U, 2U, 5U}) {
        for (const std::size_t chunk : {1'000U, 50'000U, 1U << 20}) {
            CAPTURE(threads, chunk);
            std::uint64_t last = 0;
            std::optional<std::uint64_t> size;
            csv_options options{.threads = threads, .chunk_bytes = chunk};
            options.progress = [&](std::uint64_t done, std::optional<std::uint64_t> all) {
                CHECK(done >= last);
                last = done;
                size = all;
            };
            ledger from_file;
            CHECK(add_csv(from_file, csv_source::file(path), options).lines == 20'000);
            CHECK((from_file == wanted));
            CHECK(last == text.size());
            CHECK(size == text.size());
            last = 0;
            std::size_t at = 0;
            const auto trickle = [&](char* to, std::size_t count) {
                const std::size_t part = std::min({count, text.size() - at, std::size_t{70'001}});
                std::copy_n(text.data() + at, part, to);
                at += part;
                return part;
            };
            ledger from_stream;
            CHECK(add_csv(from_stream, csv_source::stream(trickle), options).lines == 20'000);
            CHECK((from_stream == wanted));
            CHECK(last >= text.size());
            CHECK_FALSE(size.has_value());
        }
    }
    ledger none;
    CHECK_THROWS_AS(add_csv(none, csv_source::file(folder.path / "none.csv")), error);
}

TEST_CASE("a callback may end the reading") {
    std::string text = header;
    for (int i = 0; i < 20'000; ++i) text += first;
    for (const unsigned threads : {1U, 3U}) {
        csv_options options{.threads = threads, .chunk_bytes = 10'000};
        int calls = 0;
        options.progress = [&](std::uint64_t, std::optional<std::uint64_t>) {
            if (++calls == 3) throw std::runtime_error("enough");
        };
        ledger book;
        CHECK_THROWS_WITH(add_csv(book, csv_source::memory(text), options), "enough");
        CHECK(book.empty());
        calls = 0;
        options.progress = {};
        const auto broken = [&](char*, std::size_t) -> std::size_t { throw std::runtime_error("broken pipe"); };
        CHECK_THROWS_WITH(add_csv(book, csv_source::stream(broken), options), "broken pipe");
    }
}

TEST_CASE("empty and foreign files are told") {
    CHECK_THAT(refusal("").what(), ContainsSubstring("is empty"));
    CHECK_THAT(refusal("\xEF\xBB\xBF\r\n\n").what(), ContainsSubstring("is empty"));
    CHECK(refusal(std::string("PK\x03\x04\0\0", 6)).code() == error_code::bad_file);
    CHECK(refusal("\"Invoice").code() == error_code::bad_file);
}

}  // namespace test_csv
