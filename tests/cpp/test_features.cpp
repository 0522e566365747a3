#include <lgs_rfm/tables/features.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "reference/tables.hpp"
#include "reference/totals.hpp"

namespace test_features {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::copies_policy;
using lgs_rfm::feature_table;
using lgs_rfm::micros_per_day;
using lgs_rfm::totals;
using reference::at;
using reference::cell;
using reference::id;
using reference::int128;
using reference::make_id;
using reference::random_shop;
using reference::shape;
using reference::shop_columns;
using reference::shop_lines;
using reference::text_of;
using reference::text_rows;

namespace {

lgs_rfm::table features_of(const shop_lines& from, std::optional<lgs_rfm::moment> as_of, shape has = {}) {
    const shop_columns memory(from, has);
    lgs_rfm::ledger book;
    book.add(memory.view());
    totals products({"customer_id", "stock_code"});
    products.add(memory.view(), copies_policy::keep, as_of);
    totals countries({"customer_id", "country"});
    countries.add(memory.view(), copies_policy::keep, as_of);
    return as_table(feature_table(book, products, countries, as_of));
}

/// The value on most purchase invoices; the higher gross, then the first wins.
id favourite(const std::map<id, std::pair<std::set<reference::invoice_key>, int128>>& values) {
    id best;
    std::pair<std::size_t, int128> most(0, 0);
    for (const auto& [value, of] : values) {
        const std::pair here(of.first.size(), of.second);
        if (here > most) {
            best = value;
            most = here;
        }
    }
    return best;
}

text_rows features_text(const shop_lines& all, lgs_rfm::moment as_of, shape has = {}) {
    std::map<id, shop_lines> by_customer;
    for (const auto& each : reference::as_told(all, has)) {
        if (each.at <= as_of && make_id(each.customer).kind != 2) by_customer[make_id(each.customer)].push_back(each);
    }
    text_rows rows;
    for (const auto& [customer, lines] : by_customer) {
        std::set<reference::invoice_key> invoices;
        std::set<lgs_rfm::moment> moments;
        std::set<std::int64_t> days;
        int128 monetary = 0;
        std::int64_t bought = 0, returned = 0;
        std::set<id> goods;
        std::map<id, std::pair<std::set<reference::invoice_key>, int128>> products, countries;
        std::map<int, std::pair<std::set<reference::invoice_key>, int128>> recent;
        for (const auto& each : lines) {
            const char kind = reference::kind_of(make_id(each.invoice));
            if (kind == 'C' && each.quantity < 0) returned -= each.quantity;
            if (!is_purchase(each, has)) continue;
            const auto invoice = reference::invoice_of(each);
            const int128 amount = amount_of(each, has);
            invoices.insert(invoice);
            moments.insert(each.at);
            days.insert(lgs_rfm::day_of(each.at));
            monetary += amount;
            bought += each.quantity;
            const id code = make_id(each.code);
            const std::string digits = reference::id_text(code).substr(0, 5);
            if (digits.size() == 5 && digits.find_first_not_of("0123456789") == std::string::npos) {
                goods.insert(code);
                products[code].first.insert(invoice);
                products[code].second += amount;
            }
            const id country = make_id(each.country);
            if (country.kind != 2) {
                countries[country].first.insert(invoice);
                countries[country].second += amount;
            }
            for (const int window : {30, 90, 365}) {
                if (each.at <= as_of - window * micros_per_day) continue;
                recent[window].first.insert(invoice);
                recent[window].second += amount;
            }
        }
        if (invoices.empty()) continue;
        std::vector<long double> gaps;
        for (auto day = std::next(days.begin()); day != days.end(); ++day) {
            gaps.push_back(static_cast<long double>(*day - *std::prev(day)));
        }
        const auto n = static_cast<long double>(gaps.size());
        long double sum = 0, spread = 0;
        for (const auto gap : gaps) sum += gap;
        for (const auto gap : gaps) spread += (gap - sum / n) * (gap - sum / n);
        const auto whole_days = [&](lgs_rfm::moment from) { return std::to_string((as_of - from) / micros_per_day); };
        std::string text =
            cell("customer_id", reference::id_text(customer)) + cell("recency", whole_days(*moments.rbegin())) +
            cell("frequency", std::to_string(invoices.size())) + cell("monetary", reference::money_text(monetary)) +
            cell("first_date", lgs_rfm::format_moment(*moments.begin())) +
            cell("last_date", lgs_rfm::format_moment(*moments.rbegin())) + cell("age", whole_days(*moments.begin()));
        const auto rounded = [](long double value) {
            char space[64];
            std::snprintf(space, sizeof(space), "%.9Lg", value);
            return std::string(space);
        };
        text += cell("gap_mean", gaps.empty() ? "-" : rounded(sum / n));
        text += cell("gap_std", gaps.size() < 2 ? "-" : rounded(std::sqrt(spread / (n - 1))));
        for (const int window : {30, 90, 365}) {
            text += cell("invoices_" + std::to_string(window) + "d", std::to_string(recent[window].first.size())) +
                    cell("gross_" + std::to_string(window) + "d", reference::money_text(recent[window].second));
        }
        text += cell("average_invoice",
                     reference::number_text(reference::units_of(monetary) / static_cast<double>(invoices.size()))) +
                cell("return_rate", reference::ratio_text(static_cast<double>(returned), static_cast<double>(bought))) +
                cell("products", std::to_string(goods.size())) +
                cell("favourite_product", reference::id_text(favourite(products))) +
                cell("country", reference::id_text(favourite(countries)));
        rows.push_back(text);
    }
    return rows;
}

/// With gaps to nine digits, as the reference has them.
text_rows shown(lgs_rfm::table found) {
    for (auto& column : found.columns) {
        if (column.name != "gap_mean" && column.name != "gap_std") continue;
        lgs_rfm::text_values texts;
        for (const double value : std::get<lgs_rfm::detail::large_vector<double>>(column.values)) {
            char space[64];
            std::snprintf(space, sizeof(space), "%.9g", value);
            texts.emplace_back(space);
        }
        column.values = texts;
    }
    return text_of(found);
}

}  // namespace

TEST_CASE("features are those of the lines") {
    for (const std::size_t count : {1U, 30U, 900U}) {
        const auto from = random_shop(500 + count, count);
        for (const shape has : {shape{}, shape{.invoice = false}, shape{.quantity = false, .amount = true}}) {
            for (const char* text : {"2009-11-20", "2010-07-05 07:00:00", "2011-01-01", "2012-01-01"}) {
                CAPTURE(count, text, has.invoice);
                REQUIRE(shown(features_of(from, at(text), has)) == features_text(from, at(text), has));
            }
        }
    }
}

TEST_CASE("features of no lines have no rows") {
    const auto table = features_of({}, {});
    CHECK(table.rows() == 0);
    CHECK(table.columns.size() == features_of(random_shop(1, 50), at("2012-01-01")).columns.size());
    CHECK(features_of(random_shop(1, 50), at("1999-01-01")).rows() == 0);
}

TEST_CASE("what comes later changes no feature") {
    const auto from = random_shop(600, 800);
    const auto as_of = at("2010-09-30");
    auto past = from;
    std::erase_if(past, [&](const auto& each) { return each.at > as_of; });
    REQUIRE(past.size() < from.size());
    CHECK(text_of(features_of(from, as_of)) == text_of(features_of(past, as_of)));
}

TEST_CASE("as of the default, midnight after the last line") {
    const auto from = random_shop(601, 100);
    lgs_rfm::moment last = 0;
    for (const auto& each : from) last = std::max(last, each.at);
    const auto midnight = (lgs_rfm::day_of(last) + 1) * micros_per_day;
    CHECK(shown(features_of(from, {})) == features_text(from, midnight));
}

TEST_CASE("ties between favourites go to the higher gross, then the lower code") {
    const auto line = [](const char* invoice, const char* code, const char* country, std::int64_t price) {
        return reference::shop_line{{invoice, "10", 1, at("2011-01-05"), price}, code, "", country, ""};
    };
    const auto one = text_of(features_of({line("1", "22222", "b", 5), line("1", "11111", "a", 5),
                                          line("1", "33333", "c", 4), line("1", "POST", "", 900)},
                                         at("2011-02-01")));
    REQUIRE(one.size() == 1);
    CHECK_THAT(one[0], ContainsSubstring("products=3 favourite_product=11111 country=a "));
    CHECK_THAT(one[0], ContainsSubstring("gap_mean=- gap_std=- "));
    const auto other = text_of(features_of({line("1", "22222", "b", 6), line("1", "11111", "a", 5),
                                            line("2", "33333", "c", 1), line("3", "33333", "c", 1)},
                                           at("2011-02-01")));
    CHECK_THAT(other[0], ContainsSubstring("favourite_product=33333 country=c "));
    const auto third = text_of(features_of({line("1", "22222", "b", 6), line("1", "11111", "a", 5)}, at("2011-02-01")));
    CHECK_THAT(third[0], ContainsSubstring("favourite_product=22222 country=b "));
    const auto none = text_of(features_of({line("1", "POST", "", 6)}, at("2011-02-01")));
    CHECK_THAT(none[0], ContainsSubstring("products=0 favourite_product=- country=- "));
}

TEST_CASE("features want totals by customer and product, and by customer and country") {
    const auto refused = [](const std::vector<std::string>& by, const std::vector<std::string>& by_country) {
        try {
            static_cast<void>(feature_table({}, totals(by), totals(by_country)));
        } catch (const lgs_rfm::error& bad) {
            CHECK(bad.code() == lgs_rfm::error_code::invalid_option);
            return std::string(bad.what());
        }
        return std::string("not refused");
    };
    CHECK_THAT(refused({"stock_code", "customer_id"}, {"customer_id", "country"}),
               ContainsSubstring("features: the totals are not by customer_id"));
    CHECK_THAT(refused({"customer_id", "stock_code"}, {"customer_id"}),
               ContainsSubstring("features: the totals are not by country"));
    // by more keys a product would be in several rows
    CHECK_THAT(refused({"customer_id", "stock_code", "country"}, {"customer_id", "country"}),
               ContainsSubstring("features: the totals have more"));
}

}  // namespace test_features
