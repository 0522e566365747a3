#include <lgs_rfm/tables/bought_together.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_bought_together {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::bought_together;
using lgs_rfm::pair_options;
using lgs_rfm::shown_codes;
using reference::cell;
using reference::id;
using reference::make_id;
using reference::random_shop;
using reference::shape;
using reference::shop_lines;
using reference::text_of;
using reference::text_rows;
using reference::totals_of;

namespace {

/// Every pair of every sale invoice, counted in maps.
text_rows pairs_text(const shop_lines& from, const pair_options& options, shape has = {}) {
    std::map<reference::invoice_key, std::set<id>> baskets;
    for (const auto& each : reference::as_told(from, has)) {
        if (!is_purchase(each, has) || reference::kind_of(make_id(each.invoice)) != 'S') continue;
        std::set<id>& codes = baskets[reference::invoice_of(each)];
        const id code = make_id(each.code);
        const std::string digits = reference::id_text(code).substr(0, 5);
        const bool goods = digits.size() == 5 && digits.find_first_not_of("0123456789") == std::string::npos;
        const bool shown = options.show == shown_codes::all || goods == (options.show == shown_codes::goods);
        if (code.kind != 2 && shown) codes.insert(code);
    }
    std::map<id, double> of;
    std::map<std::pair<id, id>, std::int64_t> both;
    for (const auto& [invoice, codes] : baskets) {
        for (auto a = codes.begin(); a != codes.end(); ++a) {
            ++of[*a];
            for (auto b = std::next(a); b != codes.end(); ++b) ++both[{*a, *b}];
        }
    }
    const auto all = static_cast<double>(baskets.size());
    std::vector<std::tuple<std::int64_t, id, id>> order;
    for (const auto& [pair, count] : both) {
        if (count >= options.min_invoices) order.emplace_back(-count, pair.first, pair.second);
    }
    std::sort(order.begin(), order.end());
    text_rows rows;
    for (const auto& [count, a, b] : order) {
        const auto n = static_cast<double>(-count);
        rows.push_back(cell("product_a", reference::id_text(a)) + cell("product_b", reference::id_text(b)) +
                       cell("invoices", std::to_string(-count)) +
                       cell("invoices_a", std::to_string(static_cast<int>(of[a]))) +
                       cell("invoices_b", std::to_string(static_cast<int>(of[b]))) +
                       cell("support", reference::number_text(n / all)) +
                       cell("confidence_ab", reference::number_text(n / of[a])) +
                       cell("confidence_ba", reference::number_text(n / of[b])) +
                       cell("lift", reference::number_text(n * all / (of[a] * of[b]))));
    }
    return rows;
}

std::string refusal(const lgs_rfm::totals& by, const pair_options& options = {}) {
    try {
        static_cast<void>(bought_together(by, options));
    } catch (const lgs_rfm::error& bad) {
        CHECK(bad.code() == lgs_rfm::error_code::invalid_option);
        return bad.what();
    }
    return "not refused";
}

/// Invoices of a few lines each, of many products, some of which are on many.
shop_lines many_baskets(std::uint64_t seed, int invoices) {
    reference::dice random(seed);
    shop_lines made;
    for (int i = 0; i < invoices; ++i) {
        for (auto n = random.between(1, 30); n > 0; --n) {
            const auto code =
                random.between(0, 2) == 0 ? random.between(10'000, 10'009) : random.between(20'000, 20'999);
            made.push_back({{std::to_string(i), std::to_string(i % 7), random.between(-1, 3), i, 5},
                            std::to_string(code),
                            "",
                            "",
                            ""});
        }
    }
    return made;
}

}  // namespace

TEST_CASE("pairs are those of the lines") {
    for (const std::size_t count : {0U, 1U, 2U, 50U, 1000U}) {
        for (const shape has : {shape{}, shape{.invoice = false}, shape{.quantity = false, .amount = true},
                                shape{.invoice = false, .customer = false}}) {
            const auto from = random_shop(400 + count, count);
            const auto by = totals_of(from, {"stock_code"}, has);
            for (const auto show : {shown_codes::goods, shown_codes::services, shown_codes::all}) {
                for (const std::int64_t least : {1, 2, 3, 1000}) {
                    CAPTURE(count, least, static_cast<int>(show), has.invoice);
                    REQUIRE(text_of(as_table(bought_together(by, {least, show, 2}))) ==
                            pairs_text(from, {least, show}, has));
                }
            }
        }
    }
}

TEST_CASE("pairs of many products, whatever the threads") {
    const auto from = many_baskets(7, 600);
    const auto by = totals_of(from, {"stock_code"});
    for (const std::int64_t least : {1, 2, 20}) {
        const auto wanted = pairs_text(from, {.min_invoices = least});
        for (const unsigned threads : {0U, 1U, 3U}) {
            REQUIRE(text_of(as_table(bought_together(by, {.min_invoices = least, .threads = threads}))) == wanted);
        }
    }
    CHECK(bought_together(by).all_invoices > 500);
}

TEST_CASE("a small shop's pairs") {
    const auto line = [](const char* invoice, const char* code, int quantity = 1) {
        return reference::shop_line{{invoice, "10", quantity, 5, 5}, code, "", "", ""};
    };
    const auto found = bought_together(
        totals_of({line("1", "a"), line("1", "b"), line("1", "b"), line("1", ""), line("2", "a"), line("2", "b", -1),
                   line("3", "c"), line("C4", "a"), line("C4", "b"), line("A5", "a"), line("A5", "c"), line("6", "")},
                  {"stock_code"}),
        {.min_invoices = 1});
    CHECK(found.all_invoices == 4);  // 1, 2, 3 and 6, of which nothing but a missing code was bought
    const auto rows = text_of(as_table(found));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0] ==
          "product_a=a product_b=b invoices=1 invoices_a=2 invoices_b=1 support=0.25 confidence_ab=0.5 "
          "confidence_ba=1 lift=2 ");
}

TEST_CASE("pairs want totals by product alone") {
    CHECK_THAT(refusal(lgs_rfm::totals({"country"})), ContainsSubstring("bought_together: the totals are not by"));
    CHECK_THAT(refusal(lgs_rfm::totals({"stock_code", "month"})), ContainsSubstring("have several keys"));
    for (const std::int64_t least : {0, -3}) {
        CHECK_THAT(refusal(lgs_rfm::totals({"stock_code"}), {.min_invoices = least}),
                   ContainsSubstring("min_invoices: " + std::to_string(least) + " is not 1 or more"));
    }
}

}  // namespace test_bought_together
