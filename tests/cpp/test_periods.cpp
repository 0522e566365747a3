#include <lgs_rfm/tables/periods.hpp>

#include <map>
#include <set>
#include <string>

#include <lgs_rfm/tables/months.hpp>

#include "catch.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_periods {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;

namespace {

constexpr period_step steps[] = {period_step::day, period_step::week, period_step::month, period_step::quarter,
                                 period_step::year};

std::string label_of(moment at, period_step step) { return period_label(period_of(day_of(at), step), step); }

struct row {
    std::set<reference::invoice_key> orders, cancelled, sales, purchases, known;
    std::set<reference::id> active, fresh;
    int128 net = 0, gross = 0, known_net = 0;
};

std::map<std::string, row> rows_of(const reference::lines& from, period_step step) {
    std::map<reference::id, moment> first;
    for (const auto& each : from) {
        moment& own = first.try_emplace(reference::make_id(each.customer), each.at).first->second;
        own = std::min(own, each.at);
    }
    std::map<std::string, row> rows;
    for (const auto& each : from) {
        row& of = rows[label_of(each.at, step)];
        const char kind = reference::kind_of(reference::make_id(each.invoice));
        const auto invoice = reference::invoice_of(each);
        of.orders.insert(invoice);
        if (kind == 'C') of.cancelled.insert(invoice);
        if (kind == 'S') of.sales.insert(invoice);
        if (reference::is_purchase(each)) {
            of.purchases.insert(invoice);
            of.gross += reference::amount_of(each);
        }
        of.net += reference::amount_of(each);
        const auto customer = reference::make_id(each.customer);
        if (customer.kind == 2) continue;
        of.known.insert(invoice);
        of.known_net += reference::amount_of(each);
        of.active.insert(customer);
        if (label_of(first[customer], step) == label_of(each.at, step)) of.fresh.insert(customer);
    }
    return rows;
}

std::int64_t size_of(const auto& set) { return static_cast<std::int64_t>(set.size()); }

}  // namespace

TEST_CASE("a small shop's quarters and weeks") {
    const auto quarters = period_table(ledger_of(reference::small_shop()), period_step::quarter);
    CHECK(quarters.orders == counts{5, 1});
    CHECK(quarters.purchase_invoices == counts{3, 1});
    CHECK(quarters.average_invoice == std::vector<double>{27.25 / 3, 7.25});
    CHECK(quarters.known_orders == counts{3, 1});
    CHECK(quarters.unknown_orders == counts{2, 0});
    CHECK(quarters.known_sales[0].millionths == 15'750'000);
    CHECK(quarters.unknown_sales[0].millionths == -22'000'000);
    const auto weeks = as_table(period_table(ledger_of(reference::small_shop()), period_step::week));
    const auto labels = std::get<text_values>(weeks.columns[1].values);
    CHECK(labels.size() == 13);
    CHECK(labels.front() == "2011-W01");
    CHECK(labels.back() == "2011-W13");
}

TEST_CASE("periods are those of the lines") {
    for (const std::uint64_t seed : {91U, 92U}) {
        for (const period_step step : steps) {
            const auto from = reference::random_lines(seed, 600);
            const auto table = period_table(ledger_of(from), step);
            auto rows = rows_of(from, step);
            std::map<std::string, int128> sales;
            for (std::size_t i = 0; i < table.period.size(); ++i) {
                const std::string name = period_label(table.period[i], step);
                const row of = rows[name];
                CAPTURE(name);
                REQUIRE(table.orders[i] == size_of(of.orders));
                REQUIRE(table.cancelled[i] == size_of(of.cancelled));
                REQUIRE(table.placed[i] == table.orders[i] - 2 * table.cancelled[i]);
                REQUIRE(table.sale_invoices[i] == size_of(of.sales));
                REQUIRE(table.orders[i] == table.sale_invoices[i] + table.cancelled[i] + table.adjustments[i]);
                REQUIRE(table.sales[i].millionths == of.net);
                REQUIRE(table.active_users[i] == size_of(of.active));
                REQUIRE(table.new_users[i] == size_of(of.fresh));
                REQUIRE(table.existing_users[i] == table.active_users[i] - table.new_users[i]);
                REQUIRE(table.known_orders[i] == size_of(of.known));
                REQUIRE(table.unknown_orders[i] == table.orders[i] - table.known_orders[i]);
                REQUIRE(table.known_sales[i].millionths == of.known_net);
                REQUIRE(table.known_sales[i] + table.unknown_sales[i] == table.sales[i]);
                REQUIRE(table.purchase_invoices[i] == size_of(of.purchases));
                if (!of.purchases.empty()) {
                    const double average = to_double(money{of.gross}) / static_cast<double>(of.purchases.size());
                    REQUIRE(table.average_invoice[i] == average);
                }
                // the label of the year before, whether there is such a period or not
                const auto base = sales.find(std::to_string(std::stoi(name.substr(0, 4)) - 1) + name.substr(4));
                REQUIRE((table.has_growth_year[i] != 0) == (base != sales.end() && base->second > 0));
                if (table.has_growth_year[i] != 0) {
                    REQUIRE(table.growth_year[i] == to_double(money{of.net}) / to_double(money{base->second}) - 1);
                }
                sales[name] = of.net;
            }
            REQUIRE(rows.size() == table.period.size());  // each of the reference's periods was met
        }
    }
}

TEST_CASE("the monthly table is the one of months") {
    const auto book = ledger_of(reference::random_lines(93, 600));
    const auto months = as_table(monthly_table(book));
    const auto periods = as_table(period_table(book, period_step::month));
    std::size_t common = 0;
    for (const auto& column : months.columns) {
        for (const auto& other : periods.columns) {
            if (column.name != other.name) continue;
            ++common;
            CHECK(column.valid == other.valid);
            if (const auto* values = std::get_if<detail::large_vector<std::int64_t>>(&column.values)) {
                CHECK(*values == std::get<detail::large_vector<std::int64_t>>(other.values));
            }
        }
    }
    CHECK(common == 10);
}

TEST_CASE("customers of very long ledgers are counted alike") {
    // so many days that the few visits of each customer are sorted instead of marked as bits
    reference::lines from;
    for (int i = 0; i < 40; ++i) {
        from.push_back({std::to_string(i), std::to_string(i % 7), 1,
                        at("1990-01-01") + (i * 37 % 40) * 200 * micros_per_day, 1'000'000});
    }
    auto rows = rows_of(from, period_step::day);
    const auto table = period_table(ledger_of(from), period_step::day);
    for (std::size_t i = 0; i < table.period.size(); ++i) {
        const row of = rows[period_label(table.period[i], period_step::day)];
        REQUIRE(table.active_users[i] == size_of(of.active));
        REQUIRE(table.new_users[i] == size_of(of.fresh));
    }
}

TEST_CASE("an invoice without a number and an empty ledger have periods") {
    CHECK(period_table(ledger(), period_step::week).period.empty());
    CHECK(as_table(period_table(ledger(), period_step::week)).columns.size() == 19);
    const auto table = period_table(
        reference::ledger_without_numbers({{"", "10", 1, at("2011-01-31"), 3}, {"", "", 1, at("2011-01-31"), 4}}),
        period_step::year);
    CHECK(table.orders == counts{2});
    CHECK(table.known_orders == counts{1});
}

}  // namespace test_periods
