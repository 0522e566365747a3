#include <lgs_rfm/tables/suggestions.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_suggestions {

using lgs_rfm::suggestion_table;
using reference::id;
using reference::id_text;
using reference::int128;
using reference::invoice_key;
using reference::make_id;
using reference::random_shop;
using reference::shop_lines;
using reference::totals_of;

namespace {

bool is_good(const id& code) {
    return code.kind != 2 && !lgs_rfm::is_service(std::string_view(reference::text_of(code)));
}

/// customer, favourite, suggestion: straight from the lines.
std::vector<std::string> suggestions_text(const shop_lines& from, std::size_t min_invoices) {
    std::map<id, std::map<id, std::pair<std::set<invoice_key>, int128>>> bought;  // customer, product: invoices, gross
    std::map<id, std::set<invoice_key>> baskets;                                  // product: sale invoices
    for (const auto& each : from) {
        const id code = make_id(each.code);
        if (!reference::is_purchase(each) || !is_good(code)) continue;
        if (reference::kind_of(make_id(each.invoice)) == 'S') baskets[code].insert(reference::invoice_of(each));
        const id customer = make_id(each.customer);
        if (customer.kind == 2) continue;
        auto& [invoices, gross] = bought[customer][code];
        invoices.insert(reference::invoice_of(each));
        gross += reference::amount_of(each);
    }
    std::vector<std::string> rows;
    for (const auto& [customer, products] : bought) {
        id favourite;
        std::pair<std::size_t, int128> most(0, 0);
        for (const auto& [code, of] : products) {
            const std::pair here(of.first.size(), of.second);
            if (here > most) favourite = code, most = here;
        }
        id suggested;
        double best = 0;
        for (const auto& [code, invoices] : baskets) {
            std::size_t both = 0;
            for (const auto& invoice : invoices) both += baskets[favourite].contains(invoice) ? 1 : 0;
            const double confidence = static_cast<double>(both) / static_cast<double>(baskets[favourite].size());
            if (code == favourite || both < min_invoices || products.contains(code) || confidence <= best) continue;
            suggested = code;
            best = confidence;
        }
        rows.push_back(id_text(customer) + " " + id_text(favourite) + " " + id_text(suggested));
    }
    return rows;
}

std::vector<std::string> text_of(const lgs_rfm::suggestion_columns& table) {
    std::vector<std::string> rows;
    const auto text = [](const lgs_rfm::id_view& of) { return of.is_missing() ? "-" : to_string(of); };
    for (std::size_t i = 0; i < table.customer_id.size(); ++i) {
        rows.push_back(text(table.customer_id[i]) + " " + text(table.favourite_product[i]) + " " +
                       text(table.suggested_product[i]));
    }
    return rows;
}

}  // namespace

TEST_CASE("suggestions are those of the lines") {
    std::size_t suggested = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        auto from = random_shop(seed, 600);
        for (auto& each : from) {
            if (!each.code.empty() && each.code[0] != 'P') each.code = "1000" + each.code;  // most are goods
        }
        for (const std::size_t least : {std::size_t{1}, std::size_t{3}}) {
            const auto expected = suggestions_text(from, least);
            CHECK(text_of(suggestion_table(totals_of(from, {"customer_id", "stock_code"}),
                                           static_cast<std::int64_t>(least))) == expected);
            for (const std::string& row : expected) suggested += row.ends_with("-") ? 0 : 1;
        }
    }
    CHECK(suggested > 20);
}

TEST_CASE("no lines give no suggestions, other totals are refused") {
    CHECK(text_of(suggestion_table(lgs_rfm::totals({"customer_id", "stock_code"}))).empty());
    CHECK_THROWS_WITH(suggestion_table(lgs_rfm::totals({"stock_code"})),
                      Catch::Matchers::ContainsSubstring("the totals are not by customer_id"));
    CHECK_THROWS_WITH(suggestion_table(lgs_rfm::totals({"customer_id", "stock_code"}), 0),
                      Catch::Matchers::ContainsSubstring("min_invoices: 0 is not 1 or more"));
}

}  // namespace test_suggestions
