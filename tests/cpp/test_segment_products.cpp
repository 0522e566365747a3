#include <lgs_rfm/tables/segment_products.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_segment_products {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::segment_product_options;
using lgs_rfm::segment_product_table;
using lgs_rfm::shown_codes;
using reference::cell;
using reference::id;
using reference::labels;
using reference::make_id;
using reference::random_shop;
using reference::shop_lines;
using reference::text_of;
using reference::text_rows;
using reference::totals_of;

namespace {

text_rows segment_products_text(const shop_lines& from, const labels& called, const segment_product_options& options,
                                bool described = true) {
    std::map<int, std::set<id>> in_label;
    std::map<id, std::set<id>> of_product;
    std::map<std::pair<int, id>, std::set<id>> of_pair;
    std::set<id> all;
    std::map<id, std::map<id, int>> descriptions;
    for (const auto& each : from) {
        const id code = make_id(each.code);
        const id text = make_id(each.description);
        if (described && text.kind != 2) ++descriptions[code][text];
        const id customer = make_id(each.customer);
        if (!is_purchase(each) || customer.kind == 2) continue;
        const auto found = called.of.find(each.customer);
        const int label = found == called.of.end() ? -1 : found->second;
        in_label[label].insert(customer);
        of_product[code].insert(customer);
        of_pair[{label, code}].insert(customer);
        all.insert(customer);
    }
    const auto size = [](const auto& set) { return static_cast<double>(set.size()); };
    std::vector<std::tuple<int, double, double, id, std::string>> rows;
    for (const auto& [key, customers] : of_pair) {
        const auto& [label, code] = key;
        const std::string digits = reference::id_text(code).substr(0, 5);
        const bool goods = digits.size() == 5 && digits.find_first_not_of("0123456789") == std::string::npos;
        if (label < 0 || static_cast<std::int64_t>(customers.size()) < options.min_customers) continue;
        if (options.show != shown_codes::all && goods != (options.show == shown_codes::goods)) continue;
        id description;
        int most = 0;
        for (const auto& [text, count] : descriptions[code]) {
            if (count > most) {
                description = text;
                most = count;
            }
        }
        const double share = size(customers) / size(in_label[label]);
        const double of_all = size(of_product[code]) / size(all);
        rows.emplace_back(
            label, -(share / of_all), -size(customers), code,
            cell(called.name, called.names[static_cast<std::size_t>(label)]) +
                cell("stock_code", reference::id_text(code)) + cell("description", reference::id_text(description)) +
                cell("customers", std::to_string(customers.size())) + cell("share", reference::number_text(share)) +
                cell("share_of_all", reference::number_text(of_all)) +
                cell("lift", reference::number_text(share / of_all)));
    }
    std::sort(rows.begin(), rows.end());
    std::map<int, std::size_t> shown;
    text_rows texts;
    for (const auto& row : rows) {
        if (!options.top || shown[std::get<0>(row)]++ < *options.top) texts.push_back(std::get<4>(row));
    }
    return texts;
}

std::string refusal(const lgs_rfm::totals& by) {
    try {
        static_cast<void>(segment_product_table(by));
    } catch (const lgs_rfm::error& bad) {
        CHECK(bad.code() == lgs_rfm::error_code::invalid_option);
        return bad.what();
    }
    return "not refused";
}

}  // namespace

TEST_CASE("segment products are those of the lines") {
    const auto called = reference::random_labels();
    for (const std::size_t count : {0U, 1U, 60U, 1500U}) {
        const auto from = random_shop(300 + count, count);
        const auto by = totals_of(from, {"segment", "stock_code", "description"}, {}, &called);
        const auto plain = totals_of(from, {"segment", "stock_code"}, {}, &called);
        for (const auto show : {shown_codes::goods, shown_codes::services, shown_codes::all}) {
            for (const std::int64_t least : {-1, 0, 1, 2, 3, 100}) {
                for (const auto top : {std::optional<std::size_t>(), std::optional<std::size_t>(0),
                                       std::optional<std::size_t>(1), std::optional<std::size_t>(3)}) {
                    const segment_product_options options{least, top, show};
                    CAPTURE(count, least, static_cast<int>(show));
                    REQUIRE(text_of(as_table(segment_product_table(by, options))) ==
                            segment_products_text(from, called, options));
                    REQUIRE(text_of(as_table(segment_product_table(plain, options))) ==
                            segment_products_text(from, called, options, false));
                }
            }
        }
        // also from a file, which keeps the names alone
        const auto back = lgs_rfm::totals::from_bytes(by.to_bytes());
        REQUIRE(text_of(as_table(segment_product_table(back, {1, {}, shown_codes::all}))) ==
                segment_products_text(from, called, {1, {}, shown_codes::all}));
    }
}

TEST_CASE("a small shop's segments") {
    const labels called{"segment", {{"1", 0}, {"2", 0}, {"3", 1}}, {"Champions", "Lost", "Empty"}};
    const auto line = [](const char* customer, const char* code, int quantity = 1) {
        return reference::shop_line{{"9", customer, quantity, 5, 5}, code, "", "", ""};
    };
    // customer 4 has no label and counts among all; customer 5 bought nothing
    const auto found = text_of(as_table(
        segment_product_table(totals_of({line("1", "11111"), line("1", "11111"), line("2", "22222"), line("3", "11111"),
                                         line("4", "22222"), line("5", "11111", -1), line("", "11111")},
                                        {"segment", "stock_code"}, {}, &called),
                              {.min_customers = 1})));
    REQUIRE(found.size() == 3);
    CHECK(found[0] ==
          "segment=Champions stock_code=11111 description=- customers=1 share=0.5 share_of_all=0.5 lift=1 ");
    CHECK(found[1] ==
          "segment=Champions stock_code=22222 description=- customers=1 share=0.5 share_of_all=0.5 lift=1 ");
    CHECK(found[2] == "segment=Lost stock_code=11111 description=- customers=1 share=1 share_of_all=0.5 lift=2 ");
}

TEST_CASE("segment products want totals by a label and product") {
    const auto called = reference::random_labels();
    CHECK_THAT(refusal(lgs_rfm::totals({"stock_code"})), ContainsSubstring("the totals' first key is no label"));
    CHECK_THAT(refusal(lgs_rfm::totals({"stock_code", "segment"}, {}, called.made())),
               ContainsSubstring("the totals' first key is no label"));
    CHECK_THAT(refusal(lgs_rfm::totals({"segment"}, {}, called.made())), ContainsSubstring("are not by stock_code"));
    CHECK_THAT(refusal(lgs_rfm::totals({"segment", "stock_code", "month"}, {}, called.made())),
               ContainsSubstring("are not by description"));
    CHECK_THAT(refusal(lgs_rfm::totals({"segment", "stock_code", "description", "month"}, {}, called.made())),
               ContainsSubstring("segment_products: the totals have more"));
}

}  // namespace test_segment_products
