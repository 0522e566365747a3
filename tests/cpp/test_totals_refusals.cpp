#include <lgs_rfm/totals.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_totals_refusals {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::totals;
using reference::random_labels;
using reference::random_shop;
using reference::shop_columns;
using reference::shop_lines;
using reference::text_of;
using reference::totals_of;
using reference::totals_text;
using names = std::vector<std::string>;

namespace {

/// The error that a call raises, by its code and its one line.
template <class Call>
std::pair<error_code, std::string> refusal(Call&& call) {
    try {
        call();
    } catch (const error& bad) {
        return {bad.code(), bad.what()};
    }
    return {error_code::internal, "not refused"};
}

}  // namespace

TEST_CASE("what cannot be totalled is refused") {
    const auto from = random_shop(71, 50);
    const shop_columns memory(from);
    const auto made = [](const names& by) { return refusal([&] { totals unused(by); }); };
    CHECK(made({}).first == error_code::invalid_option);
    CHECK_THAT(made({}).second, ContainsSubstring("by: 0 keys are given; give one to 8"));
    CHECK_THAT(made({"1", "2", "3", "4", "5", "6", "7", "8", "9"}).second, ContainsSubstring("9 keys are given"));
    CHECK_THAT(made({"country", "month", "country"}).second, ContainsSubstring("country is named twice"));
    for (const char* number : {"quantity", "invoice_date", "unit_price", "amount"}) {
        CHECK(made({number}).first == error_code::invalid_option);
        CHECK_THAT(made({number}).second,
                   ContainsSubstring(std::string("not totalled by ") + number) && ContainsSubstring("month"));
    }
    for (const char* sum : {"lines", "net", "last_moment", "customers"}) {
        CHECK_THAT(made({"country", sum}).second,
                   ContainsSubstring(std::string("totals have a column ") + sum + " of their own; rename yours"));
    }
    for (const auto& column : as_table(totals({"country"})).columns) {  // each name of the table's is refused
        if (column.name != "country") CHECK(made({column.name}).first == error_code::invalid_option);
    }

    const auto added = [&](const names& by, const lgs_rfm::invoice_lines& lines) {
        totals to = totals_of(from, by);
        const std::string before = to.to_bytes();
        const auto found = refusal([&] { to.add(lines); });
        CHECK(to.to_bytes() == before);
        CHECK(found.second.find('\n') == std::string::npos);
        return found;
    };
    auto lines = memory.view();
    lines.stock_code = {};
    CHECK(added({"stock_code"}, lines).first == error_code::missing_column);
    CHECK_THAT(added({"stock_code"}, lines).second,
               ContainsSubstring("column stock_code is missing") && ContainsSubstring("columns={\"stock_code\": ...}"));
    CHECK_THAT(added({"own"},
                     [&] {
                         auto without = memory.view();
                         without.others.clear();
                         return without;
                     }())
                   .second,
               ContainsSubstring("column own is missing"));
    lines.invoice = {};
    lines.customer_id = {};
    CHECK_THAT(added({"country", "invoice"}, lines).second, ContainsSubstring("column invoice is missing"));
    CHECK_THAT(added({"customer_id"}, lines).second, ContainsSubstring("column customer_id is missing"));
    const auto called = random_labels();
    totals labelled({"segment"}, {}, called.made());
    CHECK_THAT(refusal([&] { labelled.add(lines); }).second, ContainsSubstring("column customer_id is missing"));

    const std::vector<double> fractional(50, 1.5);
    lines = memory.view();
    lines.stock_code = fractional;
    CHECK(added({"stock_code"}, lines).first == error_code::fractional);
    CHECK_THAT(added({"stock_code"}, lines).second, ContainsSubstring("column stock_code, row 0: 1.5 is fractional"));
    lines = memory.view();
    lines.others["own"] = fractional;
    CHECK_THAT(added({"own"}, lines).second, ContainsSubstring("column own, row 0: 1.5 is fractional"));
    const std::vector<std::string> few(49);
    lines.others["own"] = few;
    CHECK_THAT(added({"own"}, lines).second, ContainsSubstring("column own has length 49"));
    const std::vector<double> nan(50, std::numeric_limits<double>::quiet_NaN());
    lines = memory.view();
    lines.unit_price = nan;
    CHECK_THAT(added({"own"}, lines).second, ContainsSubstring("column unit_price, row 0"));
    lines = memory.view();
    lines.stock_code =
        lgs_rfm::column(lgs_rfm::column_chunk{.type = lgs_rfm::column_type::other, .length = 50, .type_name = "list"});
    CHECK(added({"stock_code"}, lines).first == error_code::wrong_type);
    CHECK_THAT(added({"stock_code"}, lines).second, ContainsSubstring("column stock_code has type list"));
}

TEST_CASE("the lowest bad row is named, then the order of columns") {
    auto from = random_shop(72, 9'000);
    const shop_columns memory(from);
    std::vector<double> codes(from.size(), 5);
    codes[5'000] = 0.5;
    std::vector<double> own(from.size(), 5);
    own[5'000] = 0.25;
    auto lines = memory.view();
    lines.stock_code = codes;
    lines.others["own"] = own;
    totals to({"own", "stock_code"});
    CHECK_THAT(refusal([&] { to.add(lines); }).second, ContainsSubstring("column stock_code, row 5000"));
    codes[5'000] = 5;
    CHECK_THAT(refusal([&] { to.add(lines); }).second, ContainsSubstring("column own, row 5000"));
    own[4'999] = 0.5;
    codes[5'000] = 0.5;
    CHECK_THAT(refusal([&] { to.add(lines); }).second, ContainsSubstring("column own, row 4999"));
    std::vector<double> prices(from.size(), 1);
    prices[4'998] = std::numeric_limits<double>::infinity();
    lines.unit_price = prices;
    CHECK_THAT(refusal([&] { to.add(lines); }).second, ContainsSubstring("column unit_price, row 4998"));
    CHECK(to == totals({"own", "stock_code"}));
}

TEST_CASE("totals that differ do not merge") {
    const auto called = random_labels();
    auto other = called;
    other.names.back() = "Gone";
    const lgs_rfm::ledger_config config({{'S', lgs_rfm::invoice_kind::cancellation}});
    const auto refused = [](totals a, const totals& b) {
        const std::string before = a.to_bytes();
        const auto found = refusal([&] { a.merge(b); });
        CHECK(found.first == error_code::incompatible);
        CHECK_THAT(found.second, ContainsSubstring("differ in keys, labels or prefixes"));
        CHECK(a.to_bytes() == before);
    };
    refused(totals({"country"}), totals({"stock_code"}));
    refused(totals({"country", "month"}), totals({"month", "country"}));
    refused(totals({"country"}), totals({"country"}, config));
    refused(totals({"segment"}, {}, called.made()), totals({"segment"}, {}, other.made()));
    refused(totals({"segment"}, {}, called.made()), totals({"segment"}));  // a column of that name
    totals same({"segment"}, {}, called.made());
    CHECK_NOTHROW(same.merge(totals({"segment"}, {}, called.made())));
    totals unlabelled({"country"}, {}, called.made());  // labels that are no key are none
    CHECK_NOTHROW(unlabelled.merge(totals({"country"})));
}

TEST_CASE("only keys that are there are left") {
    const totals of = totals_of(random_shop(73, 50), {"country", "month"});
    const auto found = refusal([&] { static_cast<void>(of.by({"stock_code"})); });
    CHECK(found.first == error_code::invalid_option);
    CHECK_THAT(found.second, ContainsSubstring("stock_code is none of these totals' keys, which are country, month"));
    CHECK_THAT(refusal([&] { static_cast<void>(of.by({})); }).second, ContainsSubstring("0 keys are given"));
    CHECK_THAT(refusal([&] { static_cast<void>(of.by({"month", "month"})); }).second, ContainsSubstring("named twice"));
}

TEST_CASE("labels are checked") {
    reference::labels wrong{"segment", {{"", 0}, {"13085", 0}}, {"one"}};
    const auto found = refusal([&] { totals unused({"segment"}, {}, wrong.made()); });
    CHECK(found.first == error_code::missing_value);
    CHECK_THAT(found.second, ContainsSubstring("column customer_id, row 0: the value is missing"));
    lgs_rfm::customer_labels twice;
    twice.name = "segment";
    twice.names = {"one"};
    twice.codes = {0, 0};
    const std::vector<std::string> ids{"13085", "13085"};
    twice.customers = lgs_rfm::detail::read_ids(ids, "customer_id");
    const auto made = [&] { totals unused({"segment"}, {}, std::make_shared<const lgs_rfm::customer_labels>(twice)); };
    CHECK(refusal(made).first == error_code::invalid_option);
    CHECK_THAT(refusal(made).second, ContainsSubstring("row 1: 13085 has a label already"));
    const std::vector<std::string> good{"13085", "13086"};
    twice.customers = lgs_rfm::detail::read_ids(good, "customer_id");
    CHECK_NOTHROW(made());
    for (const std::int32_t code : {1, -2}) {
        twice.codes = {0, code};
        CHECK(refusal(made).first == error_code::invalid_option);
        CHECK_THAT(refusal(made).second, ContainsSubstring("labels: " + std::to_string(code)));
    }
    twice.codes = {0};
    CHECK(refusal(made).first == error_code::unequal_length);
    CHECK_THAT(refusal(made).second, ContainsSubstring("length"));
}

TEST_CASE("a label has the name's place, not the customer's") {
    // labels may be called as one of our columns; the labels win then
    reference::labels called{"country", {{"10", 1}, {"20", 0}}, {"south", "north"}};
    const shop_lines from{{{"1", "10", 1, 5, 5}, "", "", "EIRE", ""},
                          {{"2", "20", 1, 5, 5}, "", "", "EIRE", ""},
                          {{"3", "30", 1, 5, 5}, "", "", "EIRE", ""},
                          {{"4", "", 1, 5, 5}, "", "", "EIRE", ""}};
    const auto rows = text_of(as_table(totals_of(from, {"country"}, {}, &called)));
    REQUIRE(rows.size() == 3);
    CHECK_THAT(rows[0], ContainsSubstring("country=south lines=1 "));
    CHECK_THAT(rows[1], ContainsSubstring("country=north lines=1 "));
    CHECK_THAT(rows[2], ContainsSubstring("country=- lines=2 "));
    CHECK(rows == totals_text(from, {"country"}, {}, &called));
}

}  // namespace test_totals_refusals
