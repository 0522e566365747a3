#include <lgs_rfm/ledger.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/memory.hpp"

namespace test_ledger_columns {

// One shop told in other accepted column types must be the same ledger, byte for byte.
using lgs_rfm::cell;
using lgs_rfm::column;
using lgs_rfm::column_type;
using lgs_rfm::invoice_lines;
using lgs_rfm::ledger;
using reference::lines;

namespace {

std::string bytes_of(const invoice_lines& of) {
    ledger book;
    book.add(of);
    return book.to_bytes();
}

}  // namespace

TEST_CASE("columns of other types make the same bytes") {
    const lines from = reference::random_lines(41, 6000);  // more than two blocks
    const reference::columns memory(from);
    const std::string wanted = bytes_of(memory.view());
    invoice_lines view = memory.view();

    SECTION("string columns of Arrow") {
        const reference::offset_texts<std::int32_t> invoices(memory.invoice);
        reference::view_texts customers(memory.customer);
        view.invoice = column(invoices.chunk());
        view.customer_id = column(customers.chunk());
        CHECK(bytes_of(view) == wanted);
    }
    SECTION("dictionaries") {
        std::vector<std::string> entries{"never used"};
        std::vector<std::int32_t> codes;
        for (const std::string& text : memory.customer) {
            auto found = std::find(entries.begin(), entries.end(), text);
            if (found == entries.end()) found = entries.insert(entries.end(), text);
            codes.push_back(static_cast<std::int32_t>(found - entries.begin()));
        }
        view.customer_id = column(reference::dictionary_of(column_type::int32, codes, column(entries).chunks()[0]));
        CHECK(bytes_of(view) == wanted);
    }
    SECTION("narrow quantities and other units of time") {
        std::vector<std::int32_t> quantity(memory.quantity.begin(), memory.quantity.end());
        std::vector<double> doubles(memory.quantity.begin(), memory.quantity.end());
        std::vector<std::int64_t> nanoseconds;
        std::vector<std::string> texts;
        for (const auto at : memory.moment) {
            nanoseconds.push_back(at * 1000);
            texts.push_back(lgs_rfm::format_moment(at));
        }
        view.quantity = quantity;
        view.invoice_date = column(reference::chunk_of(column_type::timestamp_ns, nanoseconds));
        CHECK(bytes_of(view) == wanted);
        view.quantity = doubles;
        view.invoice_date = texts;
        CHECK(bytes_of(view) == wanted);
    }
    SECTION("decimal prices") {
        std::vector<lgs_rfm::int128> mantissas;
        std::vector<cell> cells;
        for (const auto& each : from) {
            mantissas.push_back(each.price);
            cells.push_back({.what = cell::kind::decimal, .scale = 6, .integer = each.price});
        }
        auto chunk = reference::chunk_of(column_type::decimal128, mantissas);
        chunk.width = 6;
        view.unit_price = column(chunk);
        CHECK(bytes_of(view) == wanted);
        view.unit_price = cells;
        CHECK(bytes_of(view) == wanted);
    }
    SECTION("chunks that do not meet and hidden values behind a bitmap") {
        const auto chunk = column(memory.quantity).chunks()[0];
        column quantity(reference::slice(chunk, 0, 2047));
        quantity.add(reference::slice(chunk, 2047, 2));
        quantity.add(reference::slice(chunk, 2049, 3951));
        std::vector<std::string> customers = memory.customer;
        std::vector<bool> present;
        for (std::string& text : customers) {
            present.push_back(!text.empty());
            if (text.empty()) text = "must not be read";
        }
        const auto bits = reference::bitmap(present, 3);
        view.quantity = quantity;
        view.customer_id = lgs_rfm::column_view<std::string>{customers, bits, 3};
        CHECK(bytes_of(view) == wanted);
    }
}

TEST_CASE("integer ids as integers and floats and texts are one") {
    const std::vector<std::int64_t> moments{1, 2, 3, 4};
    const std::vector<std::int64_t> quantity{1, 2, 3, 4};
    const std::vector<double> price{1, 2, 3, 4};
    const std::vector<std::int64_t> integers{13085, 7, 13085, 13086};
    const std::vector<double> floats{13085, 7, 13085, 13086};
    const std::vector<std::string> texts{"13085", "7", "13085", "13086"};
    const auto with = [&](const column& ids) {
        return bytes_of(
            {.invoice = ids, .quantity = quantity, .invoice_date = moments, .unit_price = price, .customer_id = ids});
    };
    CHECK(with(integers) == with(floats));
    CHECK(with(integers) == with(texts));
}

TEST_CASE("an amount serves in place of quantity and price and wins over the price") {
    const std::vector<std::int64_t> moments{1, 1, 1, 1};
    const std::vector<double> amount{5.25, -2, 0, 3};
    const std::vector<std::int64_t> quantity{2, -1, 4, -1};
    const std::vector<double> price{9, 9, 9, std::numeric_limits<double>::quiet_NaN()};
    ledger alone;
    alone.add({.invoice_date = moments, .amount = amount});
    REQUIRE(alone.entries()->size() == 1);
    const auto sums = alone.entries()->sums[0];
    CHECK(sums.lines == 4);
    CHECK(sums.purchase_lines == 2);  // amount > 0 is enough
    CHECK(sums.quantity == 0);
    CHECK(sums.zero_quantity == 0);
    CHECK(sums.zero_price == 1);
    CHECK(sums.gross.millionths == 8'250'000);
    CHECK(sums.net.millionths == 6'250'000);

    ledger both;
    both.add({.quantity = quantity, .invoice_date = moments, .unit_price = price, .amount = amount});
    const auto with_quantity = both.entries()->sums[0];
    CHECK(with_quantity.purchase_lines == 1);  // the last line has quantity < 0
    CHECK(with_quantity.quantity == 4);
    CHECK(with_quantity.negative_price == 1);
    CHECK(with_quantity.gross.millionths == 5'250'000);
    CHECK(with_quantity.net.millionths == 6'250'000);
}

TEST_CASE("without an invoice column a customer at a moment is an invoice") {
    const std::vector<std::int64_t> moments{10, 10, 10, 20};
    const std::vector<std::int64_t> quantity{1, 1, 1, 1};
    const std::vector<double> price{1, 2, 3, 4};
    const std::vector<std::string> customers{"a", "a", "", "a"};
    ledger book;
    book.add({.quantity = quantity, .invoice_date = moments, .unit_price = price, .customer_id = customers});
    std::size_t invoices = 0;
    lgs_rfm::for_each_invoice(*book.entries(), [&](std::size_t begin, std::size_t end) {
        CHECK(end - begin == 1);
        CHECK(book.entries()->invoice[begin] == lgs_rfm::id_column::missing);
        ++invoices;
    });
    CHECK(invoices == 3);
}

TEST_CASE("prices rounded and dates floored are reported by lines") {
    const std::vector<std::int64_t> nanoseconds{1000, 1001, 1001};
    const std::vector<std::int64_t> quantity{1, 1, 1};
    const std::vector<double> price{1.0 / 3.0, 1.0 / 3.0, 2.55};
    ledger book;
    const auto report = book.add({.quantity = quantity,
                                  .invoice_date = column(reference::chunk_of(column_type::timestamp_ns, nanoseconds)),
                                  .unit_price = price});
    CHECK(report.lines == 3);
    CHECK(report.rounded_prices == 2);
    CHECK(report.floored_dates == 2);
    CHECK(book.entries()->sums[0].net.millionths == 333'333 + 333'333 + 2'550'000);
}

}  // namespace test_ledger_columns
