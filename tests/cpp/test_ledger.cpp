#include <lgs_rfm/ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/memory.hpp"

namespace test_ledger {

using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using lgs_rfm::ledger_config;
using lgs_rfm::moment;
using reference::at;
using reference::ledger_of;
using reference::lines;

namespace {

void check_entries(const ledger& book, const lines& from) {
    const auto wanted = reference::entries_of(from);
    const auto found = reference::entries_of(book);
    REQUIRE(found.size() == wanted.size());
    std::size_t i = 0;
    for (const auto& [key, sums] : wanted) {  // a map, so in the ledger's order
        REQUIRE(found[i].first == key);
        REQUIRE(found[i].second == sums);
        ++i;
    }
}

ledger in_batches(const lines& from, const std::vector<std::size_t>& cuts) {
    ledger book;
    std::size_t begin = 0;
    for (std::size_t part = 0; part <= cuts.size(); ++part) {
        const std::size_t end = part < cuts.size() ? cuts[part] : from.size();
        const lines batch(from.begin() + static_cast<std::ptrdiff_t>(begin),
                          from.begin() + static_cast<std::ptrdiff_t>(end));
        const reference::columns memory(batch);
        book.add(memory.view());
        begin = end;
    }
    return book;
}

lines where(const lines& from, std::optional<moment> since, std::optional<moment> until) {
    lines kept;
    for (const auto& each : from) {
        if ((!since || each.at >= *since) && (!until || each.at < *until)) kept.push_back(each);
    }
    return kept;
}

}  // namespace

TEST_CASE("a ledger holds the sums of each invoice and customer and moment") {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const lines from = reference::random_lines(seed, 3000);
        check_entries(ledger_of(from), from);
    }
}

TEST_CASE("lines split at every place make the same ledger") {
    const lines from = reference::random_lines(4, 120);
    const std::string whole = ledger_of(from).to_bytes();
    for (std::size_t cut = 0; cut <= from.size(); ++cut) {
        CAPTURE(cut);
        REQUIRE(in_batches(from, {cut}).to_bytes() == whole);
    }
    std::vector<std::size_t> every;
    for (std::size_t i = 1; i < from.size(); ++i) every.push_back(i);
    CHECK(in_batches(from, every).to_bytes() == whole);
}

TEST_CASE("shuffled lines make the same ledger") {
    lines from = reference::random_lines(5, 5000);
    const std::string whole = ledger_of(from).to_bytes();
    reference::dice random(5);
    for (int i = 0; i < 3; ++i) {
        random.shuffle(from);
        CHECK(ledger_of(from).to_bytes() == whole);
    }
}

namespace {

/// So many rows that, in no order, they are dealt out and not kept as runs; some customers are missing.
lines many_shuffled_lines() {
    reference::dice random(12);
    lines made;
    for (int i = 0; i < 50'000; ++i) {
        const int invoice = i / 5;
        made.push_back({.invoice = (invoice % 11 == 0 ? "C" : "") + std::to_string(489'434 + invoice),
                        .customer = invoice % 7 == 0 ? "" : std::to_string(12'346 + invoice * 31 % 900),
                        .quantity = random.between(-1, 12),
                        .at = at("2009-12-01") + invoice * 60'000'000LL,
                        .price = random.between(0, 500) * 10'000});
    }
    random.shuffle(made);
    return made;
}

}  // namespace

TEST_CASE("many lines in no order make the ledger of their definition, whatever their columns are") {
    const lines from = many_shuffled_lines();
    const reference::columns memory(from);
    ledger book;
    book.add(memory.view());
    check_entries(book, from);

    const reference::offset_texts<std::int32_t> invoices(memory.invoice);
    std::vector<std::int32_t> quantities(memory.quantity.begin(), memory.quantity.end());
    std::vector<std::int64_t> customers;
    std::vector<std::uint8_t> present(from.size() / 8 + 1);
    for (std::size_t i = 0; i < from.size(); ++i) {
        customers.push_back(from[i].customer.empty() ? -5 : std::stoll(from[i].customer));
        if (!from[i].customer.empty()) present[i / 8] = static_cast<std::uint8_t>(present[i / 8] | 1U << i % 8);
    }
    auto moments = memory.moment;
    const auto view = [&] {
        return lgs_rfm::invoice_lines{
            .invoice = lgs_rfm::column(invoices.chunk()),
            .quantity = quantities,
            .invoice_date = moments,
            .unit_price = memory.price,
            .customer_id = lgs_rfm::column_view<std::int64_t>{.values = customers, .validity = present}};
    };
    ledger typed;
    typed.add(view());
    CHECK(typed == book);

    // What cannot be read is refused by its row, as in any other input; quantities this large take another road.
    quantities[40'003] = 2'147'483'647;
    moments[45'000] = lgs_rfm::max_moment + 1;
    try {
        typed.add(view());
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.column() == "invoice_date");
        CHECK(bad.row() == 45'000);
    }
    CHECK(typed == book);
}

TEST_CASE("ledgers merge in any order and grouping") {
    const lines from = reference::random_lines(6, 2000);
    const std::string whole = ledger_of(from).to_bytes();
    reference::dice random(6);
    for (int trial = 0; trial < 5; ++trial) {
        std::vector<lines> pieces(7);
        for (const auto& each : from) pieces[static_cast<std::size_t>(random.between(0, 6))].push_back(each);
        std::vector<ledger> parts;
        for (const lines& piece : pieces) parts.push_back(ledger_of(piece));
        while (parts.size() > 1) {
            const auto into = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(parts.size()) - 2));
            parts[into].merge(parts.back());
            parts.pop_back();
        }
        REQUIRE(parts.front().to_bytes() == whole);
    }
}

TEST_CASE("a ledger merges with itself and with an empty one") {
    const lines from = reference::random_lines(7, 300);
    lines twice = from;
    twice.insert(twice.end(), from.begin(), from.end());
    ledger book = ledger_of(from);
    book.merge(book);
    CHECK(book == ledger_of(twice));
    check_entries(book, twice);
    ledger empty;
    CHECK(empty.merge(book) == book);
    CHECK(book.merge(ledger()) == ledger_of(twice));
}

TEST_CASE("ledgers of different prefixes do not merge") {
    ledger german(ledger_config({{'S', lgs_rfm::invoice_kind::cancellation}}));
    const ledger usual;
    try {
        german.merge(usual);
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::incompatible);
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("prefixes"));
    }
    CHECK_FALSE(german == usual);
}

TEST_CASE("prefixes tell the kind and may be others") {
    const ledger_config usual;
    CHECK(usual.prefixes() ==
          std::vector<std::pair<char, lgs_rfm::invoice_kind>>{{'A', lgs_rfm::invoice_kind::adjustment},
                                                              {'C', lgs_rfm::invoice_kind::cancellation}});
    const ledger_config other({{'x', lgs_rfm::invoice_kind::cancellation}});
    CHECK(other.kind_of(lgs_rfm::id_view(std::string_view("x1"))) == lgs_rfm::invoice_kind::cancellation);
    CHECK(other.kind_of(lgs_rfm::id_view(std::string_view("C1"))) == lgs_rfm::invoice_kind::sale);
    CHECK(other.kind_of(lgs_rfm::id_view(7)) == lgs_rfm::invoice_kind::sale);
    using pairs = std::vector<std::pair<char, lgs_rfm::invoice_kind>>;
    CHECK(ledger_config(pairs{}).prefixes().empty());
    for (const pairs& bad :
         {pairs{{' ', lgs_rfm::invoice_kind::adjustment}}, pairs{{'\n', lgs_rfm::invoice_kind::adjustment}},
          pairs{{'\xC3', lgs_rfm::invoice_kind::adjustment}},
          pairs{{'C', lgs_rfm::invoice_kind::adjustment}, {'C', lgs_rfm::invoice_kind::cancellation}}}) {
        CHECK_THROWS_AS(ledger_config(bad), error);
    }
}

TEST_CASE("between keeps the lines of a period") {
    const lines from = reference::random_lines(8, 2000);
    const ledger book = ledger_of(from);
    const std::pair<std::optional<moment>, std::optional<moment>> periods[] = {{at("2010-03-01"), at("2010-09-01")},
                                                                               {{}, at("2010-09-01")},
                                                                               {at("2010-09-01"), {}},
                                                                               {{}, {}},
                                                                               {from[0].at, from[0].at + 1},
                                                                               {from[0].at, from[0].at},
                                                                               {at("2020-01-01"), {}},
                                                                               {at("2011-01-01"), at("2010-01-01")}};
    for (const auto& [since, until] : periods) {
        CHECK(book.between(since, until) == ledger_of(where(from, since, until)));
    }
}

TEST_CASE("replacing a period by its own lines changes no byte") {
    const lines from = reference::random_lines(9, 2000);
    ledger book = ledger_of(from);
    const std::string before = book.to_bytes();
    const moment since = at("2010-03-01");
    const moment until = at("2010-09-01");
    const reference::columns own(where(from, since, until));
    book.replace(own.view(), since, until);
    CHECK(book.to_bytes() == before);
    const reference::columns all(from);
    book.replace(all.view(), {}, {});
    CHECK(book.to_bytes() == before);
}

TEST_CASE("replacing a period forgets what was there") {
    const lines from = reference::random_lines(10, 500);
    const lines other = where(reference::random_lines(11, 500), at("2010-03-01"), at("2010-09-01"));
    ledger book = ledger_of(from);
    const reference::columns memory(other);
    book.replace(memory.view(), at("2010-03-01"), at("2010-09-01"));
    lines wanted = where(from, {}, at("2010-03-01"));
    const lines after = where(from, at("2010-09-01"), {});
    wanted.insert(wanted.end(), after.begin(), after.end());
    wanted.insert(wanted.end(), other.begin(), other.end());
    CHECK(book == ledger_of(wanted));
    const reference::columns none(lines{});
    book.replace(none.view(), {}, {});
    CHECK(book == ledger());
    CHECK(book.empty());
}

TEST_CASE("replacing refuses lines outside the period") {
    lines from{
        {"1", "2", 1, at("2010-05-01"), 1}, {"1", "2", 1, at("2010-09-01"), 1}, {"1", "2", 1, at("2010-01-01"), 1}};
    ledger book = ledger_of(from);
    const std::string before = book.to_bytes();
    const reference::columns memory(from);
    try {
        book.replace(memory.view(), at("2010-03-01"), at("2010-09-01"));
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::outside_period);
        CHECK(bad.row() == 1);
        CHECK(bad.column() == "invoice_date");
        CHECK(bad.value() == "2010-09-01 00:00:00");
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("[2010-03-01 00:00:00, 2010-09-01 00:00:00)"));
    }
    CHECK(book.to_bytes() == before);
    CHECK_THROWS_AS(book.replace(memory.view(), at("2010-03-01"), std::nullopt), error);
    CHECK_THROWS_AS(book.replace(memory.view(), std::nullopt, at("2010-06-01")), error);
}

TEST_CASE("an add that fails changes nothing") {
    const lines from = reference::random_lines(12, 5000);
    ledger book = ledger_of(from);
    const std::string before = book.to_bytes();
    reference::columns memory(from);
    memory.quantity[4321] = std::int64_t{1} << 40;
    CHECK_THROWS_AS(book.add(memory.view()), error);
    CHECK(book.to_bytes() == before);
    ledger empty;
    CHECK_THROWS_AS(empty.add(memory.view()), error);
    CHECK(empty == ledger());
}

TEST_CASE("a copy goes its own way") {
    const lines from = reference::random_lines(13, 400);
    ledger book = ledger_of(from);
    const ledger copy = book;
    const std::string before = copy.to_bytes();
    const auto held = copy.entries();
    CHECK(held == book.entries());  // shared, not copied
    const reference::columns memory(from);
    book.add(memory.view());
    book.replace(reference::columns(lines{}).view(), {}, at("2010-09-01"));
    CHECK(copy.to_bytes() == before);
    CHECK(copy.entries() == held);
    CHECK_FALSE(book == copy);
}

TEST_CASE("ledgers compare by what they hold") {
    const lines from = reference::random_lines(14, 400);
    const ledger book = ledger_of(from);
    CHECK(book == ledger_of(from));
    lines other = from;
    other[7].price += 1;
    if (other[7].quantity == 0) other[7].quantity = 1;
    CHECK_FALSE(book == ledger_of(other));
    CHECK_FALSE(book == ledger());
    CHECK(ledger() == ledger());
}

TEST_CASE("the first and the last moment") {
    CHECK_FALSE(ledger().moment_bounds());
    const lines from = reference::random_lines(15, 400);
    const ledger book = in_batches(from, {10, 20, 350});
    const auto [first, last] =
        std::minmax_element(from.begin(), from.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    CHECK(book.moment_bounds() == std::pair(first->at, last->at));
}

}  // namespace test_ledger
