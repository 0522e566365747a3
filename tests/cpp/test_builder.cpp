#include <lgs_rfm/detail/builder.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/ledger.hpp>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_builder {

// An input long enough to be read by several threads: what comes out must be what one thread finds.
using lgs_rfm::copies_policy;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using lgs_rfm::reading_report;
using lgs_rfm::detail::entry_builder;
using lgs_rfm::detail::period;

namespace {

constexpr std::size_t rows = 420'000;  // six stretches

/// Two sheets in the order of time, the second from two thirds of the first on: 84,000 lines, whole invoices of seven,
/// are there twice, in several parts.
/// Some ids do not pack into a key and are met in another order in each part.
struct shop {
    shop() {
        reference::dice random(171);
        for (std::size_t i = 0; i < rows; ++i) {
            const std::size_t line = i < 252'000 ? i : i - 84'000;
            const std::size_t number = line / 7;
            invoice.push_back(number % 5 == 0 ? "C-LONG-NUMBER-" + std::to_string(number) : std::to_string(number));
            customer.push_back(number % 3 == 0   ? std::string()
                               : number % 3 == 1 ? std::to_string(number * 7919 % 997)
                                                 : "customer " + std::to_string(number * 7919 % 991));
            quantity.push_back(static_cast<std::int64_t>(line % 11) - 2);
            moment.push_back(reference::at("2010-01-01") + static_cast<std::int64_t>(number) * 60'000'000);
            price.push_back(line % 1000 == 0 ? 1.0 / 3.0 : static_cast<double>(line % 97) / 4);
        }
    }
    [[nodiscard]] lgs_rfm::invoice_lines view() const {
        return {.invoice = invoice,
                .quantity = quantity,
                .invoice_date = moment,
                .unit_price = price,
                .customer_id = customer};
    }
    std::vector<std::string> invoice;
    std::vector<std::string> customer;
    std::vector<std::int64_t> quantity;
    std::vector<std::int64_t> moment;
    std::vector<double> price;
};

shop& long_shop() {
    static shop made;
    return made;
}

struct outcome {
    std::string bytes;
    reading_report report;
};

outcome read(const lgs_rfm::invoice_lines& lines, unsigned threads, copies_policy policy) {
    entry_builder builder(lgs_rfm::ledger_config(), {}, threads);
    builder.add(lines);
    auto made = builder.finish(policy);
    ledger book;
    book.add(std::move(made.entries));
    return {book.to_bytes(), made.report};
}

std::pair<error_code, std::int64_t> refusal(const lgs_rfm::invoice_lines& lines, unsigned threads,
                                            period allowed = {}) {
    entry_builder builder(lgs_rfm::ledger_config(), allowed, threads);
    try {
        builder.add(lines);
    } catch (const error& bad) {
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("row " + std::to_string(bad.row())));
        return {bad.code(), bad.row()};
    }
    return {error_code::internal, -1};
}

}  // namespace

TEST_CASE("several threads find what one finds") {
    const auto lines = long_shop().view();
    for (const copies_policy policy : {copies_policy::keep, copies_policy::drop}) {
        const outcome one = read(lines, 1, policy);
        CHECK(one.report.copies_judged);
        CHECK(one.report.copied_invoices == 12'000);
        CHECK(one.report.copied_lines == 84'000);
        CHECK(one.report.rounded_prices == 252 + 168);
        for (const unsigned threads : {2U, 3U, 8U}) {
            const outcome several = read(lines, threads, policy);
            CAPTURE(threads);
            CHECK((several.bytes == one.bytes));
            CHECK(several.report.lines == one.report.lines);
            CHECK(several.report.copies_judged);
            CHECK(several.report.copied_invoices == one.report.copied_invoices);
            CHECK(several.report.copied_lines == one.report.copied_lines);
            CHECK(several.report.dropped_lines == one.report.dropped_lines);
            CHECK(several.report.rounded_prices == one.report.rounded_prices);
        }
    }
}

TEST_CASE("several threads add up what the reference does") {
    // the reference's map would take long for all rows, so a slice that two threads share
    const shop& all = long_shop();
    reference::lines from;
    for (std::size_t i = 0; i < 270'000; ++i) {
        if (i % 1000 == 0) continue;  // prices that are no millionths
        from.push_back(
            {all.invoice[i], all.customer[i], all.quantity[i], all.moment[i], reference::units(all.price[i])});
    }
    const reference::columns memory(from);
    const auto wanted = reference::entries_of(from);
    entry_builder builder(lgs_rfm::ledger_config(), {}, 2);
    builder.add(memory.view());
    ledger book;
    book.add(builder.finish(copies_policy::keep).entries);
    const auto found = reference::entries_of(book);
    REQUIRE(found.size() == wanted.size());
    std::size_t i = 0;
    bool same = true;
    for (const auto& [key, sums] : wanted) {
        same = same && found[i].first == key && found[i].second == sums;
        ++i;
    }
    CHECK(same);
}

TEST_CASE("many inputs end to end, each in order, add up as one") {
    // time goes back too often to judge copies, though runs are long
    reference::lines from;
    for (int input = 0; input < 250; ++input) {
        for (int i = 0; i < 400; ++i) {
            from.push_back({std::to_string(1000 + input % 3 * 40 + i / 10), std::to_string(i / 20), i % 5 - 1,
                            reference::at("2011-01-01") + i / 10 * 1'000'000, reference::units(2.5)});
        }
    }
    const reference::columns memory(from);
    const auto wanted = reference::entries_of(from);
    for (const unsigned threads : {1U, 3U}) {
        entry_builder builder(lgs_rfm::ledger_config(), {}, threads);
        builder.add(memory.view());
        auto made = builder.finish(copies_policy::drop);
        CHECK_FALSE(made.report.copies_judged);
        CHECK(made.report.dropped_lines == 0);
        ledger book;
        book.add(std::move(made.entries));
        const auto found = reference::entries_of(book);
        REQUIRE(found.size() == wanted.size());
        std::size_t i = 0;
        for (const auto& [key, sums] : wanted) {
            CHECK(found[i].first == key);
            CHECK(found[i++].second == sums);
        }
    }
}

TEST_CASE("the lowest bad row is named whoever reads it") {
    shop bad = long_shop();
    for (const std::size_t row : {400'000U, 200'000U, 139'999U, 5U}) {
        bad.quantity[row] = std::int64_t{1} << 40;
        for (const unsigned threads : {1U, 2U, 3U}) {
            CAPTURE(row, threads);
            CHECK(refusal(bad.view(), threads) == std::pair(error_code::out_of_range, static_cast<std::int64_t>(row)));
        }
    }
    const auto until = long_shop().moment[200'000];
    for (const unsigned threads : {1U, 3U}) {
        const auto [code, row] = refusal(long_shop().view(), threads, {{}, until});
        CHECK(code == error_code::outside_period);
        CHECK(row == 200'000 / 7 * 7);
    }
}

TEST_CASE("rows are counted over the batches of an input") {
    const auto lines = long_shop().view();
    entry_builder builder(lgs_rfm::ledger_config(), {}, 3);
    builder.add(lines);
    shop bad = long_shop();
    bad.price[300'000] = HUGE_VAL;
    try {
        builder.add(bad.view());
        FAIL("not refused");
    } catch (const error& found) {
        CHECK(found.row() == 720'000);
        CHECK(found.column() == "unit_price");
    }
}

}  // namespace test_builder
