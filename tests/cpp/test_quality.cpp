#include <lgs_rfm/tables/quality.hpp>

#include <map>
#include <set>
#include <string>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_quality {

using lgs_rfm::quality_table;
using reference::ledger_of;

namespace {

struct fact {
    std::int64_t lines = 0;
    std::set<reference::invoice_key> invoices;
    lgs_rfm::int128 amount = 0;
};

/// Each fact's lines, by what the fact says of a line.
std::map<std::string, fact> facts_of(const reference::lines& from) {
    std::map<std::string, fact> facts;
    for (const char* name : {"all", "sales", "cancellations", "adjustments", "no_prefix", "purchases",
                             "unknown_customer", "zero_price", "negative_price", "odd_quantity", "zero_quantity"}) {
        facts[name];
    }
    for (const auto& each : from) {
        const auto invoice = reference::make_id(each.invoice);
        const char kind = reference::kind_of(invoice);
        const std::pair<const char*, bool> said[] = {
            {"all", true},
            {"sales", kind == 'S'},
            {"cancellations", kind == 'C'},
            {"adjustments", kind == 'A'},
            {"no_prefix", invoice.kind == 0},
            {"purchases", reference::is_purchase(each)},
            {"unknown_customer", reference::make_id(each.customer).kind == 2},
            {"zero_price", each.price == 0},
            {"negative_price", each.price < 0},
            {"odd_quantity", (kind == 'C' && each.quantity > 0) || (kind == 'S' && each.quantity < 0)},
            {"zero_quantity", each.quantity == 0}};
        for (const auto& [name, holds] : said) {
            if (!holds) continue;
            fact& of = facts[name];
            ++of.lines;
            of.invoices.insert(reference::invoice_of(each));
            of.amount += reference::amount_of(each);
        }
    }
    return facts;
}

void check_facts(const lgs_rfm::ledger& book, const reference::lines& from) {
    const auto table = quality_table(book);
    const auto wanted = facts_of(from);
    REQUIRE(table.name.size() == wanted.size());
    for (std::size_t i = 0; i < table.name.size(); ++i) {
        CAPTURE(table.name[i]);
        const fact& of = wanted.at(table.name[i]);
        CHECK(table.lines[i] == of.lines);
        CHECK(table.invoices[i] == static_cast<std::int64_t>(of.invoices.size()));
        const bool held = table.name[i] != "negative_price" && table.name[i] != "odd_quantity";
        CHECK((table.has_amount[i] != 0) == held);
        if (held) CHECK(table.amount[i].millionths == of.amount);
    }
}

}  // namespace

TEST_CASE("quality counts lines and invoices and amounts by name") {
    check_facts(ledger_of(reference::small_shop()), reference::small_shop());
    for (const std::uint64_t seed : {101U, 102U}) {
        const auto from = reference::random_lines(seed, 2000);
        check_facts(ledger_of(from), from);
    }
}

TEST_CASE("lines and amounts add up over batches") {
    const auto from = reference::random_lines(103, 1000);
    const reference::lines first(from.begin(), from.begin() + 400);
    const reference::lines second(from.begin() + 400, from.end());
    const auto a = quality_table(ledger_of(first));
    const auto b = quality_table(ledger_of(second));
    const auto both = quality_table(ledger_of(first).merge(ledger_of(second)));
    for (std::size_t i = 0; i < both.name.size(); ++i) {
        CHECK(both.lines[i] == a.lines[i] + b.lines[i]);
        CHECK(both.amount[i] == a.amount[i] + b.amount[i]);
    }
}

TEST_CASE("invoices that are all integers have no prefix to tell a kind") {
    const auto table = quality_table(ledger_of({{"1", "10", 1, 5, 1}, {"2", "10", -1, 5, 1}}));
    for (std::size_t i = 0; i < table.name.size(); ++i) {
        if (table.name[i] == "no_prefix") CHECK(table.lines[i] == table.lines[0]);
        if (table.name[i] == "cancellations") CHECK(table.lines[i] == 0);
    }
}

TEST_CASE("the quality table of an empty ledger has every row") {
    const auto table = quality_table(lgs_rfm::ledger());
    CHECK(table.name.size() == 11);
    for (const std::int64_t lines : table.lines) CHECK(lines == 0);
    const auto named = as_table(table);
    std::string names;
    for (const auto& column : named.columns) names += column.name + " ";
    CHECK(names == "name lines invoices amount ");
}

}  // namespace test_quality
