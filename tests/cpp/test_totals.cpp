#include <lgs_rfm/totals.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/memory.hpp"
#include "reference/totals.hpp"

namespace test_totals {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::copies_policy;
using lgs_rfm::totals;
using reference::at;
using reference::random_labels;
using reference::random_shop;
using reference::shape;
using reference::shop_columns;
using reference::shop_lines;
using reference::text_of;
using reference::totals_of;
using reference::totals_text;
using reference::units;
using names = std::vector<std::string>;

namespace {

const std::vector<names> key_sets{
    {"stock_code"},
    {"country"},
    {"description"},
    {"own"},
    {"invoice"},
    {"customer_id"},
    {"day"},
    {"week"},
    {"quarter"},
    {"segment"},
    {"stock_code", "description"},
    {"country", "month"},
    {"customer_id", "stock_code"},
    {"year", "segment", "country"},
    {"own", "country", "month", "segment", "stock_code", "description", "customer_id", "invoice"}};

const std::vector<shape> shapes{{}, {.invoice = false}, {.quantity = false, .amount = true}, {.amount = true}};

bool needs(const names& by, const char* column) { return std::find(by.begin(), by.end(), column) != by.end(); }

/// Whether lines of this shape can be totalled by these keys.
bool fits(const names& by, const shape& has) {
    if (!has.invoice && needs(by, "invoice")) return false;
    return has.customer || (!needs(by, "customer_id") && !needs(by, "segment"));
}

}  // namespace

TEST_CASE("totals are those of the lines") {
    const auto called = random_labels();
    for (const std::size_t count : {0U, 1U, 7U, 900U}) {
        const auto from = random_shop(count, count);
        for (const shape has : shapes) {
            for (const names& by : key_sets) {
                if (!fits(by, has)) continue;
                CAPTURE(count, by, has.invoice, has.quantity, has.amount);
                REQUIRE(text_of(as_table(totals_of(from, by, has, &called))) == totals_text(from, by, has, &called));
            }
        }
        for (const shape has : {shape{.customer = false}, shape{.invoice = false, .customer = false}}) {
            REQUIRE(text_of(as_table(totals_of(from, {"country"}, has))) == totals_text(from, {"country"}, has));
        }
    }
}

TEST_CASE("a small shop's totals") {
    const auto rows = text_of(as_table(totals_of(
        {{{"1", "10", 2, at("2011-01-05"), units(3.5)}, "85048", "MUG", "EIRE", ""},
         {{"C2", "10", -1, at("2011-01-31"), units(3.5)}, "85048", "MUG", "EIRE", ""},
         {{"C2", "10", 1, at("2011-01-31"), units(3.5)}, "85048", "MUG", "EIRE", ""},  // odd, and a purchase line
         {{"C2", "", -4, at("2011-01-31"), 0}, "85048", "MUG", "EIRE", ""},            // returned, not written off
         {{"A3", "", 1, at("2011-02-01"), units(-30)}, "85048", "", "EIRE", ""},       // an adjustment
         {{"A3", "", -3, at("2011-02-01"), 0}, "85048", "", "EIRE", ""},               // written off
         {{"4", "", -5, at("2011-01-01"), 0}, "85048", "?", "EIRE", ""},               // written off
         {{"4", "11", -5, at("2011-01-01"), units(2)}, "85048", "?", "EIRE", ""},      // another deduction
         {{"4", "11", -5, at("2011-01-01"), units(-1)}, "85048", "?", "EIRE", ""},     // and one that adds
         {{"4", "11", 7, at("2011-01-01"), 0}, "85048", "?", "EIRE", ""}},             // a gift
        {"stock_code"})));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0] ==
          "stock_code=85048 lines=10 purchase_lines=2 quantity=-12 invoices=4 purchase_invoices=2 customers=2 buyers=1 "
          "bought=3 returned_units=5 written_off=8 gross=10.5 returned=3.5 adjusted=30 "
          "other_deductions=5 net=-28 known_net=2 price_min=3.5 price_max=3.5 "
          "first_moment=" +
              lgs_rfm::format_moment(at("2011-01-01")) + " last_moment=" + lgs_rfm::format_moment(at("2011-02-01")) +
              " ");
}

TEST_CASE("sums beyond 64 bits are exact") {
    shop_lines from(4000, {{"1", "10", 1, at("2011-01-05"), 9'000'000'000'000'000'000}, "85048", "", "EIRE", ""});
    for (std::size_t i = 0; i < from.size(); i += 4) {
        from[i].price = -from[i].price;
        from[i].invoice = i % 8 == 0 ? "C2" : "A2";
    }
    from.push_back({{"1", "10", 1, at("2011-01-05"), 1}, "85048", "", "EIRE", ""});
    const auto made = totals_of(from, {"stock_code"});
    CHECK(text_of(as_table(made)) == totals_text(from, {"stock_code"}));
    CHECK_THAT(text_of(as_table(made))[0], ContainsSubstring("gross=27000000000000000.000001 "));
    totals twice = made;
    twice.merge(made);
    CHECK(text_of(as_table(twice)) == totals_text(reference::joined(from, from), {"stock_code"}));
    CHECK(totals::from_bytes(twice.to_bytes()) == twice);
}

TEST_CASE("invoices of several customers, moments and rows count once each") {
    const shop_lines from{{{"1", "10", 1, at("2011-01-31"), 5}, "a1", "", "EIRE", ""},
                          {{"1", "11", 1, at("2011-02-01"), 5}, "a1", "", "EIRE", ""},
                          {{"1", "", 1, at("2011-02-01"), 5}, "b2", "", "EIRE", ""},
                          {{"2", "10", 1, at("2011-02-02"), 5}, "a1", "", "France", ""}};
    for (const names& by : {names{"stock_code"}, {"country"}, {"month"}, {"customer_id"}, {"stock_code", "month"}}) {
        CHECK(text_of(as_table(totals_of(from, by))) == totals_text(from, by));
    }
    const auto rows = text_of(as_table(totals_of(from, {"country"})));
    CHECK_THAT(rows[0], ContainsSubstring("country=EIRE lines=3 purchase_lines=3 quantity=3 invoices=1 "
                                          "purchase_invoices=1 customers=2 "));
}

TEST_CASE("lines without a number are invoices of a customer and a moment") {
    shop_lines from{{{"", "10", 1, at("2011-01-31"), 5}, "a1", "", "EIRE", ""},
                    {{"", "10", -1, at("2011-01-31"), 5}, "a1", "", "EIRE", ""},
                    {{"", "10", 1, at("2011-02-01"), 5}, "a1", "", "EIRE", ""},
                    {{"", "", -1, at("2011-02-01"), 5}, "a1", "", "EIRE", ""},
                    {{"", "", 1, at("2011-02-01"), 5}, "b2", "", "EIRE", ""}};
    const shape has{.invoice = false};
    for (const names& by : {names{"stock_code"}, {"country"}, {"month"}, {"customer_id"}}) {
        const auto made = totals_of(from, by, has);
        CHECK(text_of(as_table(made)) == totals_text(from, by, has));
        CHECK(totals::from_bytes(made.to_bytes()) == made);
    }
    CHECK_THAT(text_of(as_table(totals_of(from, {"country"}, has)))[0],
               ContainsSubstring("invoices=3 purchase_invoices=3 "));
}

TEST_CASE("the order of lines changes no byte, nor does how they are cut") {
    const auto called = random_labels();
    const auto made_labels = called.made();
    reference::dice random(5);
    for (const shape has : {shape{}, shape{.invoice = false}}) {
        const auto from = random_shop(21, 400);
        for (const names& by : key_sets) {
            if (!fits(by, has)) continue;
            const std::string whole = totals_of(from, by, has, &called).to_bytes();
            auto shuffled = from;
            random.shuffle(shuffled);
            CAPTURE(by);
            REQUIRE(totals_of(shuffled, by, has, &called).to_bytes() == whole);

            std::vector<totals> parts;
            totals added(by, {}, made_labels);
            for (std::size_t begin = 0; begin < from.size();) {
                const auto end = std::min(from.size(), begin + static_cast<std::size_t>(random.between(0, 150)));
                const shop_lines part(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                      from.begin() + static_cast<std::ptrdiff_t>(end));
                parts.push_back(totals_of(part, by, has, &called));
                const shop_columns memory(part, has);
                added.add(memory.view());
                begin = end;
            }
            REQUIRE(added.to_bytes() == whole);
            random.shuffle(parts);
            totals merged(by, {}, made_labels);
            for (const totals& part : parts) merged.merge(part);
            REQUIRE(merged.to_bytes() == whole);
            totals other_way = parts.front();
            for (std::size_t i = 1; i < parts.size(); ++i) {
                totals next = parts[i];
                other_way = next.merge(other_way);
            }
            REQUIRE(other_way == merged);
            REQUIRE(text_of(as_table(merged)) == totals_text(from, by, has, &called));
        }
    }
}

TEST_CASE("a merge of inputs of several shapes is the sum of both") {
    const auto one = random_shop(31, 200);
    const auto other = random_shop(32, 200);
    auto numbered = totals_of(one, {"country", "month"});
    const auto unnumbered = totals_of(other, {"country", "month"}, {.invoice = false});
    auto back = unnumbered;
    numbered.merge(unnumbered);
    back.merge(totals_of(one, {"country", "month"}));
    CHECK(numbered == back);
    auto all = one;
    for (auto each : other) {
        each.invoice.clear();
        all.push_back(each);
    }
    CHECK(text_of(as_table(numbered)) == totals_text(all, {"country", "month"}));
}

TEST_CASE("totals by some of the keys are those made by them") {
    const auto called = random_labels();
    const auto from = random_shop(41, 700);
    const names all{"stock_code", "customer_id", "month", "segment", "description", "country"};
    for (const shape has : {shape{}, shape{.invoice = false}}) {
        const totals fine = totals_of(from, all, has, &called);
        for (const names& by : {names{"stock_code"},
                                {"segment"},
                                {"month"},
                                {"country", "month"},
                                {"description", "stock_code"},
                                {"customer_id", "country", "segment"},
                                {"country", "description", "segment", "month", "customer_id"},
                                {"month", "country", "stock_code", "description", "customer_id", "segment"}}) {
            CAPTURE(by);
            REQUIRE(fine.by(by).to_bytes() == totals_of(from, by, has, &called).to_bytes());
        }
        REQUIRE(fine.by(all) == fine);
        REQUIRE(fine.by({"stock_code", "segment"}).by({"segment"}) == fine.by({"segment"}));
        REQUIRE(totals_of({}, all, has, &called).by({"month"}) == totals_of({}, {"month"}, has));
    }
}

TEST_CASE("many lines on several threads are the same totals") {
    // more than a thread takes at once, and more blocks than one
    shop_lines from;
    const auto some = random_shop(51, 3'000);
    for (int i = 0; i < 50; ++i) from.insert(from.end(), some.begin(), some.end());
    const auto made = totals_of(from, {"stock_code", "month"});
    CHECK(text_of(as_table(made)) == totals_text(from, {"stock_code", "month"}));
    const shop_columns memory(from);
    std::string bytes;
    for (const unsigned threads : {1U, 2U, 5U}) {
        lgs_rfm::detail::totals_builder builder(lgs_rfm::detail::plan_of(made), copies_policy::keep, {}, threads);
        builder.add(memory.view());
        totals same({"stock_code", "month"});
        same.add(builder.finish().data);
        CHECK(same == made);
    }
}

TEST_CASE("a run longer than its counters go on in another") {
    shop_lines from(150'000, {{"1", "10", 1, at("2011-01-05"), 5}, "85048", "", "EIRE", ""});
    for (std::size_t i = 0; i < from.size(); i += 3) from[i].code = "22423";
    CHECK(text_of(as_table(totals_of(from, {"stock_code"}))) == totals_text(from, {"stock_code"}));
}

TEST_CASE("lines after a moment are left out") {
    const auto from = random_shop(61, 500);
    const auto called = random_labels();
    for (const char* text :
         {"1999-01-01", "2009-11-20", "2010-07-05 07:00:00", "2010-07-04 23:59:59.999999", "2020-01-01"}) {
        const auto until = at(text);
        shop_lines kept = from;
        std::erase_if(kept, [&](const auto& each) { return each.at > until; });
        for (const shape has : {shape{}, shape{.invoice = false}}) {
            for (const names& by : {names{"stock_code"}, {"customer_id", "segment"}, {"own", "month"}}) {
                const shop_columns memory(from, has);
                totals made(by, {}, called.made());
                made.add(memory.view(), copies_policy::keep, until);
                CAPTURE(text, by);
                REQUIRE(made.to_bytes() == totals_of(kept, by, has, &called).to_bytes());
                REQUIRE(text_of(as_table(made)) == totals_text(kept, by, has, &called));
            }
        }
    }
}

namespace {

/// Two sheets in the order of time; the second begins with a copy of the last invoices of the first, under other codes,
/// descriptions and countries, some of which occur nowhere else.
struct overlapping {
    shop_lines all, once;

    overlapping() {
        const auto sheet = [](int first, int days, const char* code, const char* country) {
            shop_lines made;
            for (int day = first; day < first + days; ++day) {
                for (int number = 0; number < 3; ++number) {
                    for (int item = 0; item < 3; ++item) {
                        made.push_back({{std::to_string(1000 + day * 3 + number), std::to_string(50 + number), 1 + item,
                                         day * lgs_rfm::micros_per_day + number, (item + 1) * 1'000'000},
                                        code + std::to_string(item),
                                        "",
                                        country,
                                        ""});
                    }
                }
            }
            return made;
        };
        const auto first = sheet(0, 20, "1234", "EIRE");
        const auto copy = sheet(15, 5, "a code of copies alone ", "France");
        const auto rest = sheet(20, 10, "5678", "EIRE");
        all = reference::joined(reference::joined(first, copy), rest);
        once = reference::joined(first, rest);
    }
};

}  // namespace

TEST_CASE("copies are kept, dropped or refused") {
    const overlapping sheets;
    const shop_columns memory(sheets.all);
    for (const names& by : {names{"stock_code"}, {"country", "month"}, {"customer_id"}, {"invoice", "stock_code"}}) {
        totals kept(by);
        auto report = kept.add(memory.view());
        CHECK(report.copied_invoices == 15);
        CHECK(report.copied_lines == 45);
        CHECK(report.dropped_lines == 0);
        CHECK(report.lines == static_cast<std::int64_t>(sheets.all.size()));
        CHECK(kept == totals_of(sheets.all, by));

        totals dropped(by);
        report = dropped.add(memory.view(), copies_policy::drop);
        CHECK(report.dropped_lines == 45);
        CHECK(dropped.to_bytes() == totals_of(sheets.once, by).to_bytes());
        CHECK(text_of(as_table(dropped)) == totals_text(sheets.once, by));

        totals until(by);
        until.add(memory.view(), copies_policy::drop, 18 * lgs_rfm::micros_per_day);
        shop_lines early = sheets.once;
        std::erase_if(early, [](const auto& each) { return each.at > 18 * lgs_rfm::micros_per_day; });
        CHECK(until.to_bytes() == totals_of(early, by).to_bytes());

        totals refused = dropped;
        CHECK_THROWS_WITH(refused.add(memory.view(), copies_policy::error),
                          ContainsSubstring("15 invoices (45 lines)") && ContainsSubstring("copies=\"drop\""));
        CHECK(refused == dropped);
    }
    totals none({"country"});
    CHECK(none.add(shop_columns(sheets.once).view(), copies_policy::error).copied_invoices == 0);
}

TEST_CASE("ids are what they are in any type") {
    const std::vector<std::int64_t> integers{7, 13085, -2, 7};
    const std::vector<double> whole{7, 13085, -2, 7};
    const std::vector<std::string> texts{"7", "13085", "-2", "7"};
    const std::vector<std::int64_t> quantity{1, 2, 3, 4};
    const std::vector<std::int64_t> moment{5, 6, 7, 8};
    const std::vector<double> price{1, 2, 3, 4};
    const auto made = [&](const auto& ids) {
        lgs_rfm::invoice_lines lines{.invoice = ids,
                                     .stock_code = ids,
                                     .quantity = quantity,
                                     .invoice_date = moment,
                                     .unit_price = price,
                                     .customer_id = ids};
        lines.others["own"] = ids;
        totals result({"stock_code", "customer_id", "own", "invoice"});
        result.add(lines);
        return result;
    };
    CHECK(made(integers) == made(texts));
    CHECK(made(integers) == made(whole));
    const reference::offset_texts<std::int32_t> distinct({"-2", "13085", "7"});
    const std::vector<std::int8_t> places{2, 1, 0, 2};
    const lgs_rfm::column chosen(reference::dictionary_of(lgs_rfm::column_type::int8, places, distinct.chunk()));
    CHECK(made(integers) == made(chosen));
}

TEST_CASE("totals copy as values") {
    const auto from = random_shop(81, 100);
    totals made = totals_of(from, {"country"});
    const totals before = made;
    const std::string bytes = made.to_bytes();
    made.merge(made);
    CHECK(before.to_bytes() == bytes);
    CHECK(made != before);
    CHECK(text_of(as_table(made)) == totals_text(reference::joined(from, from), {"country"}));
}

TEST_CASE("prefixes tell the kinds") {
    auto from = random_shop(82, 300);
    totals made({"country"}, lgs_rfm::ledger_config({{'x', lgs_rfm::invoice_kind::cancellation}}));
    made.add(shop_columns(from).view());
    for (auto& each : from) {
        if (each.invoice[0] == 'C' || each.invoice[0] == 'A') each.invoice = "s" + each.invoice;
        if (each.invoice == "x") each.invoice = "Cx";
    }
    CHECK(text_of(as_table(made)) == totals_text(from, {"country"}));
}

}  // namespace test_totals
