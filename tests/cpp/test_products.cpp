#include <lgs_rfm/tables/products.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_products {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::product_options;
using lgs_rfm::product_table;
using lgs_rfm::shown_codes;
using reference::cell;
using reference::id;
using reference::int128;
using reference::random_shop;
using reference::shop_lines;
using reference::text_of;
using reference::text_rows;
using reference::totals_of;

namespace {

bool starts_with_five_digits(const id& code) {
    const std::string text = code.kind == 2 ? "" : reference::text_of(code);
    return text.size() >= 5 && text.find_first_not_of("0123456789") >= 5;
}

text_rows products_text(const shop_lines& from, const product_options& options, bool described,
                        reference::shape has = {}) {
    struct product {
        id code;
        reference::totals_row sums;
    };
    std::map<id, std::map<id, int>> descriptions;
    for (const auto& each : from) {
        const id text = reference::make_id(each.description);
        if (text.kind != 2) ++descriptions[reference::make_id(each.code)][text];
    }
    std::vector<product> all;
    int128 gross = 0;
    for (const auto& [key, sums] : reference::totals_rows(from, {"stock_code"}, has)) {
        const bool goods = starts_with_five_digits(key[0]);
        if (options.show != shown_codes::all && goods != (options.show == shown_codes::goods)) continue;
        all.push_back({key[0], sums});
        gross += sums.gross;
    }
    std::sort(all.begin(), all.end(), [](const product& a, const product& b) {
        return a.sums.gross != b.sums.gross ? a.sums.gross > b.sums.gross : a.code < b.code;
    });
    text_rows rows;
    int128 so_far = 0;
    for (const product& each : all) {
        if (options.top && rows.size() == *options.top) break;
        id description;
        int most = 0;
        for (const auto& [text, count] : descriptions[each.code]) {
            if (described && count > most) {
                description = text;
                most = count;
            }
        }
        so_far += each.sums.gross;
        const auto share = [&](int128 part) {
            return reference::ratio_text(reference::units_of(part), reference::units_of(gross));
        };
        rows.push_back(
            cell("stock_code", reference::id_text(each.code)) + cell("description", reference::id_text(description)) +
            cell("service", starts_with_five_digits(each.code) ? "0" : "1") + reference::sums_text(each.sums) +
            cell("return_rate", reference::ratio_text(static_cast<double>(each.sums.returned_units),
                                                      static_cast<double>(each.sums.bought))) +
            cell("gross_share", share(each.sums.gross)) + cell("running_share", share(so_far)));
    }
    return rows;
}

std::string refusal(const std::vector<std::string>& by) {
    try {
        static_cast<void>(product_table(lgs_rfm::totals(by)));
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::invalid_option);
        return bad.what();
    }
    return "not refused";
}

}  // namespace

TEST_CASE("products are those of the lines") {
    for (const std::size_t count : {0U, 1U, 40U, 1200U}) {
        const auto from = random_shop(100 + count, count);
        for (const auto show : {shown_codes::goods, shown_codes::services, shown_codes::all}) {
            for (const auto top : {std::optional<std::size_t>(), std::optional<std::size_t>(0),
                                   std::optional<std::size_t>(2), std::optional<std::size_t>(1000)}) {
                CAPTURE(count, static_cast<int>(show));
                REQUIRE(text_of(product_table(totals_of(from, {"stock_code", "description"}), {top, show})) ==
                        products_text(from, {top, show}, true));
                REQUIRE(text_of(product_table(totals_of(from, {"stock_code"}), {top, show})) ==
                        products_text(from, {top, show}, false));
            }
        }
        const reference::shape has{.invoice = false, .quantity = false, .amount = true};
        REQUIRE(text_of(product_table(totals_of(from, {"stock_code", "description"}, has))) ==
                products_text(from, {}, true, has));
    }
}

TEST_CASE("the most frequent description names a product") {
    const auto line = [](const char* code, const char* description, int quantity = 1) {
        return reference::shop_line{{"1", "10", quantity, 5, 5}, code, description, "", ""};
    };
    const auto found = text_of(
        product_table(totals_of({line("11111", "B"), line("11111", "A", 50), line("11111", "B"), line("22222", "b"),
                                 line("22222", "B"), line("22222", ""), line("22222", ""), line("33333", ""),
                                 line("44444", "9"), line("44444", "10"), line("44444", "x")},
                                {"stock_code", "description"})));
    REQUIRE(found.size() == 4);
    CHECK_THAT(found[0], ContainsSubstring("stock_code=11111 description=B "));
    CHECK_THAT(found[1], ContainsSubstring("stock_code=22222 description=B "));  // of equals the first by its bytes
    CHECK_THAT(found[2], ContainsSubstring("stock_code=44444 description=9 "));  // integers by value, before texts
    CHECK_THAT(found[3], ContainsSubstring("stock_code=33333 description=- "));
}

TEST_CASE("services are codes that do not start with five digits") {
    for (const char* code : {"85048", "85099B", "00123", "84077 ", "123456789012345678901234567890"}) {
        CHECK_FALSE(lgs_rfm::is_service(lgs_rfm::id_view(code)));
    }
    for (const char* code : {"POST", "M", "1234", "1234A", "-85048", "D85048", "8504 8", "", " 85048", "\xD9\xA1"}) {
        CAPTURE(code);
        CHECK(lgs_rfm::is_service(lgs_rfm::id_view(code)));
    }
    CHECK(lgs_rfm::is_service(lgs_rfm::id_view()));
}

TEST_CASE("products want totals by product") {
    CHECK_THAT(refusal({"country"}), ContainsSubstring("products: the totals are not by stock_code"));
    CHECK_THAT(refusal({"stock_code", "country"}), ContainsSubstring("products: the totals are not by description"));
    CHECK_THAT(refusal({"description", "stock_code"}), ContainsSubstring("not by stock_code"));
    // by more keys a description's lines would be in several rows
    CHECK_THAT(refusal({"stock_code", "description", "country"}), ContainsSubstring("products: the totals have more"));
}

}  // namespace test_products
