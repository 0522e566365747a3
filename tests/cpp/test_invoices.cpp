#include <lgs_rfm/tables/invoices.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_invoices {

using lgs_rfm::id_view;
using lgs_rfm::invoice_kind;
using lgs_rfm::invoice_table;
using reference::at;
using reference::ledger_of;

namespace {

char letter(invoice_kind kind) {
    return kind == invoice_kind::cancellation ? 'C' : kind == invoice_kind::adjustment ? 'A' : 'S';
}

template <class Amount>
void check_rows(const lgs_rfm::basic_invoice_columns<Amount>& table, const std::vector<reference::invoice_row>& rows) {
    REQUIRE(table.invoice.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        CAPTURE(i, reference::text_of(row.invoice));
        REQUIRE(to_string(table.invoice[i]) == reference::text_of(row.invoice));
        REQUIRE(letter(table.kind[i]) == row.kind);
        REQUIRE(to_string(table.customer_id[i]) == reference::text_of(row.customer));
        REQUIRE(table.customers[i] == static_cast<std::int64_t>(row.customers.size()));
        REQUIRE(table.first_moment[i] == row.first);
        REQUIRE(table.last_moment[i] == row.last);
        REQUIRE(table.lines[i] == row.lines);
        REQUIRE(table.purchase_lines[i] == row.purchase_lines);
        REQUIRE(table.quantity[i] == row.quantity);
        REQUIRE(table.gross[i] == lgs_rfm::amount_as<Amount>({row.gross}));
        REQUIRE(table.net[i] == lgs_rfm::amount_as<Amount>({row.net}));
    }
}

/// The table of a book, exact and as doubles.
void check_table(const lgs_rfm::ledger& book, const std::vector<reference::invoice_row>& rows,
                 std::optional<id_view> customer = {}) {
    check_rows(invoice_table(book, customer), rows);
    check_rows(invoice_table<double>(book, customer), rows);
}

}  // namespace

TEST_CASE("a small shop's invoices") {
    const auto table = invoice_table(ledger_of(reference::small_shop()));
    REQUIRE(table.invoice.size() == 6);  // integers first, then texts
    CHECK(to_string(table.invoice[0]) == "1001");
    CHECK(table.kind[0] == invoice_kind::sale);
    CHECK(to_string(table.customer_id[0]) == "10");
    CHECK(table.lines[0] == 2);
    CHECK(table.quantity[0] == 3);
    CHECK(table.gross[0].millionths == 7'250'000);
    CHECK(table.net[0].millionths == 7'250'000);
    CHECK(to_string(table.invoice[2]) == "1004");
    CHECK(table.customer_id[2].is_missing());
    CHECK(table.customers[2] == 0);
    CHECK(table.lines[2] == 2);
    CHECK(table.purchase_lines[2] == 1);
    CHECK(table.quantity[2] == -1);
    CHECK(to_string(table.invoice[4]) == "A1005");
    CHECK(table.kind[4] == invoice_kind::adjustment);
    CHECK(table.gross[4].millionths == 0);
    CHECK(table.net[4].millionths == -30'000'000);
    CHECK(to_string(table.invoice[5]) == "C1003");
    CHECK(table.kind[5] == invoice_kind::cancellation);
    CHECK(table.first_moment[5] == at("2011-02-01"));
}

TEST_CASE("invoices are those of the lines") {
    for (const std::uint64_t seed : {61U, 62U}) {
        const auto from = reference::random_lines(seed, 3000);
        check_table(ledger_of(from), reference::invoice_rows(from));
    }
}

TEST_CASE("long stretches of invoices of one entry are those of the lines, wide amounts too") {
    for (const bool wide : {false, true}) {
        const auto from = reference::invoices_in_order(wide);
        const auto book = ledger_of(from);
        CHECK(book.entries()->sums.has_wide_amounts() == wide);
        const auto rows = reference::invoice_rows(from);
        check_table(book, rows);
        for (const char* name : {"99", "103"}) {
            auto own = rows;
            std::erase_if(own, [&](const auto& row) { return !row.customers.contains(reference::make_id(name)); });
            check_table(book, own, id_view(std::string_view(name)));
        }
    }
}

TEST_CASE("invoices of one customer are whole") {
    const auto from = reference::random_lines(63, 200);
    const auto book = ledger_of(from);
    for (const char* name : {"13085", "007", "a long customer", "never seen"}) {
        auto rows = reference::invoice_rows(from);
        std::erase_if(rows, [&](const auto& row) { return !row.customers.contains(reference::make_id(name)); });
        check_table(book, rows, id_view(std::string_view(name)));
    }
}

TEST_CASE("invoices without a number are one a customer and moment") {
    auto from = reference::random_lines(64, 300);
    for (auto& each : from) each.invoice = "";
    const reference::columns memory(from);
    auto view = memory.view();
    view.invoice = {};
    lgs_rfm::ledger book;
    book.add(view);
    check_table(book, reference::invoice_rows(from));
}

TEST_CASE("an invoice of several customers has no customer of its own") {
    const auto table = invoice_table(ledger_of(
        {{"1", "10", 1, 5, 1}, {"1", "", 1, 6, 1}, {"1", "20", 1, 7, 1}, {"2", "10", 1, 5, 1}, {"2", "", 1, 9, 1}}));
    REQUIRE(table.invoice.size() == 2);
    CHECK(table.customers[0] == 2);
    CHECK(table.customer_id[0].is_missing());
    CHECK(table.first_moment[0] == 5);
    CHECK(table.last_moment[0] == 7);
    CHECK(table.customers[1] == 1);
    CHECK(to_string(table.customer_id[1]) == "10");
}

TEST_CASE("the invoice table names its columns") {
    const auto table = as_table(invoice_table(ledger_of(reference::small_shop())));
    std::string names;
    for (const auto& column : table.columns) names += column.name + " ";
    CHECK(names ==
          "invoice kind customer_id customers first_moment last_moment lines purchase_lines quantity gross net ");
    CHECK(table.rows() == 6);
    const auto& kind = std::get<lgs_rfm::category_column>(table.columns[1].values);
    CHECK(*kind.names == std::vector<std::string>{"sale", "cancellation", "adjustment"});
    CHECK(kind.codes == std::vector<std::int32_t>{0, 0, 0, 0, 2, 1});
}

}  // namespace test_invoices
