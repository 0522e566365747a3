#include <lgs_rfm/io/arrow.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/arrow_source.hpp"
#include "reference/ledger.hpp"

namespace test_arrow_import {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using reference::arrow_batch;
using reference::arrow_count;
using reference::arrow_data;
using reference::arrow_producer;
using reference::arrow_texts;
using reference::arrow_values;
using reference::sliced;
using reference::with_missing;

namespace {

struct taken {
    ledger book;
    lgs_rfm::reading_report report;
};

/// Adds the batches and checks that everything given away came back once.
taken take(const std::vector<arrow_data>& batches, const lgs_rfm::column_names& names = {}) {
    arrow_count count;
    taken result;
    ArrowArrayStream stream = arrow_producer::stream(batches, count);
    result.report = lgs_rfm::add_arrow(result.book, lgs_rfm::arrow_stream(&stream), names);
    CHECK(stream.release == nullptr);
    CHECK(count.made > 0);
    CHECK(count.released == count.made);
    return result;
}

struct refusal {
    error_code code = error_code::internal;
    std::string words;
    std::int64_t row = -2;
};

refusal refused(const std::vector<arrow_data>& batches, int fails_at = -1) {
    arrow_count count;
    ledger book = reference::ledger_of(reference::random_lines(1, 20));
    const std::string before = book.to_bytes();
    ArrowArrayStream stream = arrow_producer::stream(batches, count, fails_at);
    refusal result;
    try {
        lgs_rfm::add_arrow(book, lgs_rfm::arrow_stream(&stream));
    } catch (const error& bad) {
        result = {bad.code(), bad.what(), bad.row()};
    }
    CHECK(count.released == count.made);
    CHECK(book.to_bytes() == before);
    return result;
}

/// Lines as Arrow columns; `text` is the format of the ids.
std::vector<arrow_data> columns_of(const reference::lines& from, const std::string& text = "u") {
    const reference::columns memory(from);
    std::vector<bool> known;
    for (const auto& each : from) known.push_back(!each.customer.empty());
    return {arrow_texts(text, "Invoice", memory.invoice), arrow_values("l", "Quantity", memory.quantity),
            arrow_values("tsu:", "InvoiceDate", memory.moment), arrow_values("g", "Price", memory.price),
            with_missing(arrow_texts(text, "Customer ID", memory.customer), known)};
}

reference::lines sample() { return reference::random_lines(141, 5000); }

template <class To, class From>
std::vector<To> as(const std::vector<From>& values, std::int64_t factor = 1, std::int64_t divisor = 1) {
    std::vector<To> result;
    for (const From value : values)
        result.push_back(static_cast<To>(value * static_cast<From>(factor) / static_cast<From>(divisor)));
    return result;
}

}  // namespace

TEST_CASE("a stream of one batch becomes a ledger") {
    const auto from = sample();
    for (const char* text : {"u", "U", "vu"}) {
        const auto made = take({arrow_batch(columns_of(from, text))});
        CHECK(made.book == reference::ledger_of(from));
        CHECK(made.report.lines == 5000);
        CHECK(made.report.ignored_columns.empty());
    }
}

TEST_CASE("batches of any size are one input") {
    const auto from = sample();
    std::vector<arrow_data> batches;
    for (std::size_t begin = 0, size = 0; begin <= from.size();
         begin += size, size = size * 3 + 1) {  // the first is empty
        const auto end = std::min(begin + size, from.size());
        batches.push_back(arrow_batch(columns_of(
            {from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end)})));
        if (end == from.size()) break;
    }
    REQUIRE(batches.size() > 5);
    CHECK(take(batches).book == reference::ledger_of(from));
}

TEST_CASE("offsets of columns and of the batch add up") {
    const auto from = reference::random_lines(142, 64);
    for (const std::int64_t of_column : {0, 1, 7, 8, 9}) {
        for (const std::int64_t of_batch : {0, 1, 8, 11}) {
            auto columns = columns_of(from, of_column == 7 ? "vu" : "u");
            for (arrow_data& column : columns) column = sliced(column, of_column, 64 - of_column);
            arrow_data batch = sliced(arrow_batch(columns), of_batch, 64 - of_column - of_batch - 2);
            const auto begin = from.begin() + static_cast<std::ptrdiff_t>(of_column + of_batch);
            CAPTURE(of_column, of_batch);
            REQUIRE(take({batch}).book == reference::ledger_of({begin, from.end() - 2}));
        }
    }
}

TEST_CASE("every column type that is listed is read") {
    auto from = reference::random_lines(143, 400);
    for (auto& each : from) {
        each.invoice = std::to_string(each.quantity & 31);
        each.customer = std::to_string((each.quantity + 40) & 15);
        each.quantity = each.quantity % 100;
        each.price = (each.price % 50) * 1'000'000;
        each.at = lgs_rfm::day_of(each.at) * lgs_rfm::micros_per_day;
    }
    const std::string wanted = reference::ledger_of(from).to_bytes();
    const reference::columns memory(from);
    std::vector<std::int64_t> invoices;
    for (const auto& text : memory.invoice) invoices.push_back(std::stoll(text));
    const auto price = as<std::int64_t>(memory.price);
    std::vector<lgs_rfm::int128> cents;
    for (const auto value : price) cents.push_back(lgs_rfm::int128{value} * 100);
    std::vector<std::string> dates;
    for (const auto at : memory.moment) dates.push_back(lgs_rfm::format_moment(at));

    const auto day = lgs_rfm::micros_per_day;
    const std::pair<std::size_t, arrow_data> forms[] = {
        {0, arrow_values("c", "Invoice", as<std::int8_t>(invoices))},
        {0, arrow_values("s", "Invoice", as<std::int16_t>(invoices))},
        {0, arrow_values("i", "Invoice", as<std::int32_t>(invoices))},
        {0, arrow_values("l", "Invoice", invoices)},
        {0, arrow_values("C", "Invoice", as<std::uint8_t>(invoices))},
        {0, arrow_values("S", "Invoice", as<std::uint16_t>(invoices))},
        {0, arrow_values("I", "Invoice", as<std::uint32_t>(invoices))},
        {0, arrow_values("L", "Invoice", as<std::uint64_t>(invoices))},
        {0, arrow_values("f", "Invoice", as<float>(invoices))},
        {0, arrow_values("g", "Invoice", as<double>(invoices))},
        {0, arrow_texts("u", "Invoice", memory.invoice)},
        {0, arrow_texts("U", "Invoice", memory.invoice)},
        {0, arrow_texts("vu", "Invoice", memory.invoice)},
        {1, arrow_values("c", "Quantity", as<std::int8_t>(memory.quantity))},
        {1, arrow_values("s", "Quantity", as<std::int16_t>(memory.quantity))},
        {1, arrow_values("i", "Quantity", as<std::int32_t>(memory.quantity))},
        {1, arrow_values("f", "Quantity", as<float>(memory.quantity))},
        {1, arrow_values("g", "Quantity", as<double>(memory.quantity))},
        {2, arrow_values("tss:", "InvoiceDate", as<std::int64_t>(memory.moment, 1, 1'000'000))},
        {2, arrow_values("tsm:", "InvoiceDate", as<std::int64_t>(memory.moment, 1, 1'000))},
        {2, arrow_values("tsn:", "InvoiceDate", as<std::int64_t>(memory.moment, 1'000))},
        {2, arrow_values("tsu:UTC", "InvoiceDate", memory.moment)},
        {2, arrow_values("tdD", "InvoiceDate", as<std::int32_t>(memory.moment, 1, day))},
        {2, arrow_values("tdm", "InvoiceDate", as<std::int64_t>(memory.moment, 1, 1'000))},
        {2, arrow_texts("vu", "InvoiceDate", dates)},
        {3, arrow_values("i", "Price", as<std::int32_t>(price))},
        {3, arrow_values("f", "Price", as<float>(price))},
        {3, arrow_values("d:12,2", "Price", cents)},
        {3, arrow_values("d:12,2,128", "Price", cents)}};
    for (const auto& [position, column] : forms) {
        auto columns = columns_of(from);
        columns[position] = column;
        CAPTURE(column.format, column.name);
        CHECK(take({arrow_batch(columns)}).book.to_bytes() == wanted);
    }
}

TEST_CASE("dictionaries are read and may change from batch to batch") {
    const reference::lines from{{"1", "a", 1, 5, 1'000'000},
                                {"1", "b", 1, 6, 1'000'000},
                                {"2", "", 1, 7, 1'000'000},
                                {"3", "a", 1, 8, 1'000'000}};
    const auto with_codes = [&](std::size_t begin, const std::vector<std::int8_t>& codes,
                                const std::vector<std::string>& entries) {
        auto columns = columns_of({from.begin() + static_cast<std::ptrdiff_t>(begin),
                                   from.begin() + static_cast<std::ptrdiff_t>(begin + codes.size())});
        columns[4] = arrow_values("c", "Customer ID", codes);
        columns[4].dictionary = std::make_shared<arrow_data>(arrow_texts("u", "", entries));
        return arrow_batch(columns);
    };
    CHECK(take({with_codes(0, {1, 0}, {"b", "a"}), with_codes(2, {0, 1}, {"", "a", "unused"})}).book ==
          reference::ledger_of(from));
    auto batch = with_codes(0, {1, 0, 1, 1}, {"b", "a"});
    batch.children[4] = with_missing(batch.children[4], {true, true, false, true}, 1);
    CHECK(take({batch}).book == reference::ledger_of(from));
}

TEST_CASE("a validity bitmap counts only where there are missing values") {
    const reference::lines from{{"1", "10", 1, 5, 1'000'000}, {"1", "20", 1, 6, 1'000'000}};
    auto columns = columns_of(from);
    columns[4] =
        with_missing(arrow_texts("u", "Customer ID", {"10", "20"}), {false, false}, 0);  // stale bits, none missing
    CHECK(take({arrow_batch(columns)}).book == reference::ledger_of(from));
    columns[4] = {.format = "n", .name = "Customer ID", .length = 2, .null_count = 2};
    CHECK(take({arrow_batch(columns)}).book ==
          reference::ledger_of({{"1", "", 1, 5, 1'000'000}, {"1", "", 1, 6, 1'000'000}}));
    columns = columns_of(from);
    columns[1] = with_missing(columns[1], {true, false});
    const auto bad = refused({arrow_batch(columns)});
    CHECK(bad.code == error_code::missing_value);
    CHECK_THAT(bad.words, ContainsSubstring("column quantity, row 1"));
}

TEST_CASE("rows that are missing as a whole are refused") {
    const auto from = reference::random_lines(149, 10);
    auto batch = arrow_batch(columns_of(from));
    batch = with_missing(batch, std::vector<bool>(10, true));
    CHECK(take({batch}).book == reference::ledger_of(from));
    std::vector<bool> present(10, true);
    present[9] = false;
    batch = with_missing(batch, present);
    CHECK(refused({batch}).code == error_code::missing_value);
    batch = sliced(batch, 0, 9);  // the slice ends before it
    CHECK(take({batch}).book == reference::ledger_of({from.begin(), from.end() - 1}));
}

TEST_CASE("a stream without rows or batches adds nothing") {
    const auto empty = take({arrow_batch(columns_of({}))});
    CHECK(empty.book == ledger());
    CHECK(empty.report.lines == 0);
    arrow_count count;
    ArrowArrayStream stream = arrow_producer::stream({arrow_batch(columns_of({}))}, count);
    static_cast<arrow_producer*>(stream.private_data)->batches.clear();
    ledger book;
    lgs_rfm::add_arrow(book, lgs_rfm::arrow_stream(&stream));
    CHECK(book.empty());
    CHECK(count.released == count.made);
    // the columns are looked at all the same
    CHECK(refused({arrow_batch({arrow_values("l", "Quantity", std::vector<std::int64_t>{})})}).code ==
          error_code::missing_column);
}

TEST_CASE("columns that are none of ours are ignored and told") {
    const auto from = reference::random_lines(144, 10);
    auto columns = columns_of(from);
    columns.push_back({.format = "+l", .name = "tags", .length = 10});  // of a type that cannot be read
    columns.push_back(arrow_values("l", "__index_level_0__", std::vector<std::int64_t>(10)));
    const auto made = take({arrow_batch(columns)});
    CHECK(made.report.ignored_columns == std::vector<std::string>{"tags", "__index_level_0__"});
    CHECK(made.book == reference::ledger_of(from));
    columns = columns_of(from);
    columns[0].name = "belegnr";
    CHECK(take({arrow_batch(columns)}, {{"invoice", "belegnr"}}).book == reference::ledger_of(from));
}

TEST_CASE("a producer that fails is quoted and nothing is added") {
    const auto batch = arrow_batch(columns_of(reference::random_lines(145, 10)));
    for (const int fails_at : {0, 1, 2}) {
        const auto bad = refused({batch, batch, batch}, fails_at);
        CHECK(bad.code == error_code::file_access);
        CHECK_THAT(bad.words, ContainsSubstring("the disk is on fire"));
    }
}

TEST_CASE("rows are counted from the start of the stream") {
    const auto good = arrow_batch(columns_of(reference::random_lines(146, 10)));
    auto columns = columns_of(reference::random_lines(147, 10));
    std::vector<double> price(10, 1.0);
    price[3] = std::numeric_limits<double>::infinity();
    columns[3] = arrow_values("g", "Price", price);
    const auto bad = refused({good, good, arrow_batch(columns)});
    CHECK(bad.code == error_code::not_finite);
    CHECK(bad.row == 23);
    CHECK_THAT(bad.words, ContainsSubstring("column unit_price, row 23"));
}

TEST_CASE("what Arrow holds and we do not read is refused by name") {
    const auto from = reference::random_lines(148, 4);
    const auto with = [&](std::size_t position, arrow_data column) {
        auto columns = columns_of(from);
        column.name = columns[position].name;
        column.length = 4;
        columns[position] = std::move(column);
        return refused({arrow_batch(columns)});
    };
    const std::vector<std::int64_t> four(4);
    for (const char* format : {"b", "z", "w:4", "e", "tts", "+l", "d:38,2,256"}) {
        for (const std::size_t position : {0U, 1U, 3U}) {
            const auto bad = with(position, arrow_values(format, "", std::vector<std::int64_t>(16)));
            CAPTURE(format, position);
            CHECK(bad.code == error_code::wrong_type);
            CHECK_THAT(bad.words, ContainsSubstring("has type") &&
                                      ContainsSubstring(std::string(format) == "b" ? "bool" : format));
        }
    }
    const auto zoned = with(2, arrow_values("tsu:Europe/London", "", four));
    CHECK(zoned.code == error_code::time_zone);
    CHECK_THAT(zoned.words, ContainsSubstring("Europe/London") && ContainsSubstring("tz_localize(None)"));
    CHECK(with(1, arrow_texts("u", "", {"1", "2", "3", "4"})).code == error_code::wrong_type);
    CHECK(with(3, arrow_texts("u", "", {"1", "2", "3", "4"})).code == error_code::wrong_type);
    CHECK(with(2, arrow_values("l", "", four)).code == error_code::wrong_type);  // integers name no unit of time
    const auto no_table = refused({arrow_values("l", "x", four)});
    CHECK(no_table.code == error_code::wrong_type);
    CHECK_THAT(no_table.words, ContainsSubstring("no table"));
}

TEST_CASE("a borrowed array is read in place and stays its owner's") {
    const std::vector<std::int64_t> moments{5, 6, 7, 8};
    const std::vector<double> amounts{1, 2, 3, 4};
    const auto dates = sliced(arrow_values("tsu:", "", moments), 1, 3);
    const auto prices = sliced(arrow_values("g", "", amounts), 1, 3);
    arrow_count count;
    ArrowSchema schemas[2];
    ArrowArray arrays[2];
    for (const int i : {0, 1}) {
        reference::arrow_held<ArrowSchema>::give(i == 0 ? dates : prices, count, &schemas[i]);
        reference::arrow_held<ArrowArray>::give(i == 0 ? dates : prices, count, &arrays[i]);
    }
    const auto chunk = lgs_rfm::view_arrow_array(schemas[1], arrays[1]);
    CHECK(chunk.data == arrays[1].buffers[1]);
    ledger book;
    book.add({.invoice_date = lgs_rfm::column(lgs_rfm::view_arrow_array(schemas[0], arrays[0])),
              .amount = lgs_rfm::column(chunk)});
    const auto& of_entries = book.entries()->moment;
    CHECK(std::vector<lgs_rfm::moment>(of_entries.begin(), of_entries.end()) == std::vector<lgs_rfm::moment>{6, 7, 8});
    CHECK(book.entries()->sums[2].net.millionths == 4'000'000);
    CHECK(count.released == 0);
    for (const int i : {0, 1}) {
        schemas[i].release(&schemas[i]);
        arrays[i].release(&arrays[i]);
    }
    CHECK(count.released == 4);
}

}  // namespace test_arrow_import
