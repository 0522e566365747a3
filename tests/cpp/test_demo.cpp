#include <lgs_rfm/demo.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/error.hpp>

#include "catch.hpp"
#include "demo_parts.hpp"

namespace test_demo {

namespace {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::demo_lines;
using lgs_rfm::demo_options;
using lgs_rfm::demo_shop;
using lgs_rfm::demo_text;

// FNV-1a over 64-bit values.
class digest {
public:
    void add(std::uint64_t value) {
        for (int byte = 0; byte < 8; ++byte) state_ = (state_ ^ (value >> (8 * byte) & 0xFF)) * 0x100'0000'01B3;
    }
    void add(const demo_text& column) {
        for (const auto code : column.codes) {
            add(code);
            if (code == demo_text::missing) continue;
            for (const char c : column.values[code]) add(static_cast<unsigned char>(c));
        }
    }
    [[nodiscard]] std::uint64_t value() const { return state_; }

private:
    std::uint64_t state_ = 0xCBF2'9CE4'8422'2325;
};

std::uint64_t digest_of(const demo_shop& shop) {
    digest d;
    d.add(shop.invoice);
    d.add(shop.stock_code);
    d.add(shop.description);
    d.add(shop.country);
    for (std::size_t i = 0; i < shop.rows(); ++i) {
        d.add(static_cast<std::uint64_t>(shop.quantity[i]));
        d.add(static_cast<std::uint64_t>(shop.invoice_date[i]));
        d.add(std::bit_cast<std::uint64_t>(shop.unit_price[i]));
        d.add(static_cast<std::uint64_t>(shop.customer_id[i]));
        d.add(shop.has_customer[i]);
    }
    return d.value();
}

const std::string& text(const demo_text& column, std::size_t row) { return column.values[column.codes[row]]; }
const std::string& invoice(const demo_shop& shop, std::size_t row) { return text(shop.invoice, row); }

// Read by several tests; made once.
const demo_shop& shop_of_2000() {
    static const demo_shop shop = demo_lines({.customers = 2'000});
    return shop;
}

bool is_purchase(const demo_shop& shop, std::size_t i) { return shop.quantity[i] > 0 && shop.unit_price[i] > 0; }

bool goods_code(const std::string& code) {
    return code.size() >= 5 && std::all_of(code.begin(), code.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
}

double ratio(std::size_t part, std::size_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

TEST_CASE("the demo's random numbers are SplitMix64", "[demo]") {
    // The published first outputs of SplitMix64 for the seed 1234567.
    using namespace lgs_rfm::demo;
    CHECK(mix(1'234'567 + golden) == 6'457'827'717'110'365'317U);
    CHECK(mix(1'234'567 + 2 * golden) == 3'203'168'211'198'807'973U);
    CHECK(mix(1'234'567 + 3 * golden) == 9'817'491'932'198'370'423U);
}

TEST_CASE("a curve gives its quantiles", "[demo]") {
    using namespace lgs_rfm::demo;
    constexpr std::array<quantile_point, 3> points = {{{0, 10}, {2'500, 20}, {10'000, 320}}};
    CHECK(value_at(points, 0) == 10);
    CHECK(value_at(points, one / 8) == 15);
    CHECK(value_at(points, one / 4) == 20);
    CHECK(value_at(points, one / 2) == 120);
    CHECK(value_at(points, one - 1) == 319);
}

TEST_CASE("the demo shop is the same everywhere", "[demo]") {
    // What the options alone decide. A new value means that every demo shop changes: say so in the changelog.
    CHECK(digest_of(demo_lines({.customers = 60, .seed = 1})) == 0x82E9'D973'5AD7'9C28);
    CHECK(digest_of(demo_lines({.customers = 60, .seed = 1, .copied_days = 9})) == 0x8450'6187'9AB4'8E0A);
    CHECK(digest_of(demo_lines({.customers = 60, .seed = 2})) == 0xC26A'FECE'0AA8'D6DA);
}

TEST_CASE("the demo shop's columns keep their promises", "[demo]") {
    const demo_shop& shop = shop_of_2000();
    const std::size_t rows = shop.rows();
    REQUIRE(rows > 0);
    for (const auto* column : {&shop.invoice, &shop.stock_code, &shop.description, &shop.country}) {
        CHECK(column->codes.size() == rows);
        CHECK(std::set<std::string>(column->values.begin(), column->values.end()).size() == column->values.size());
        CHECK(std::all_of(column->codes.begin(), column->codes.end(), [&](std::uint32_t code) {
            return code < column->values.size() || (code == demo_text::missing && column == &shop.description);
        }));
    }
    CHECK(shop.invoice_date.size() == rows);
    CHECK(shop.unit_price.size() == rows);
    CHECK(shop.customer_id.size() == rows);
    CHECK(shop.has_customer.size() == rows);

    CHECK(std::is_sorted(shop.invoice_date.begin(), shop.invoice_date.end()));
    CHECK(shop.invoice_date.front() >= lgs_rfm::parse_moment("2009-12-01"));
    CHECK(shop.invoice_date.back() < lgs_rfm::parse_moment("2011-12-10"));
    CHECK(std::all_of(shop.invoice_date.begin(), shop.invoice_date.end(),
                      [](std::int64_t t) { return t % (60 * lgs_rfm::micros_per_second) == 0; }));
    CHECK(std::count(shop.quantity.begin(), shop.quantity.end(), 0) == 0);

    std::set<std::int64_t> customers;
    std::size_t bad_customers = 0;
    std::size_t bad_prices = 0;
    std::size_t bad_codes = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        if (shop.has_customer[i] == 1) customers.insert(shop.customer_id[i]);
        if (shop.has_customer[i] > 1 || (shop.has_customer[i] == 0 && shop.customer_id[i] != 0)) ++bad_customers;
        // The double nearest to a number of three decimals.
        if (shop.unit_price[i] != static_cast<double>(std::llround(shop.unit_price[i] * 1'000)) / 1'000) ++bad_prices;
        const std::string& code = text(shop.stock_code, i);
        const bool lettered = code.size() == 6 && code[5] >= 'A' && code[5] <= 'Z';
        if (goods_code(code) ? code.size() != 5 && !lettered : code[0] < 'A' || code[0] > 'Z') ++bad_codes;
    }
    CHECK(bad_customers == 0);
    CHECK(bad_prices == 0);
    CHECK(bad_codes == 0);
    CHECK(customers.size() == 2'000);
    CHECK(*customers.begin() == 12'346);
    CHECK(*customers.rbegin() == 12'346 + 1'999);
}

TEST_CASE("the demo shop numbers its invoices in one sequence", "[demo]") {
    const demo_shop& shop = shop_of_2000();
    std::int64_t last = 489'433;
    std::size_t falling = 0;
    for (const auto& number : shop.invoice.values) {
        const bool prefixed = number[0] == 'C' || number[0] == 'A';
        const std::int64_t value = std::stoll(prefixed ? number.substr(1) : number);
        if (value <= last) ++falling;
        last = value;
    }
    CHECK(falling == 0);
    CHECK(shop.invoice.values.front() == "489434");

    // One customer and one moment an invoice, but for a few that were stamped twice, a minute apart.
    std::map<std::uint32_t, std::pair<std::set<std::int64_t>, std::set<std::int64_t>>> seen;
    for (std::size_t i = 0; i < shop.rows(); ++i) {
        auto& [customers, moments] = seen[shop.invoice.codes[i]];
        customers.insert(shop.customer_id[i]);
        moments.insert(shop.invoice_date[i]);
    }
    std::size_t twice = 0;
    for (const auto& [code, sets] : seen) {
        CHECK(sets.first.size() == 1);
        if (sets.second.size() == 1) continue;
        REQUIRE(sets.second.size() == 2);
        CHECK(*sets.second.rbegin() - *sets.second.begin() == 60 * lgs_rfm::micros_per_second);
        ++twice;
    }
    CHECK(twice > 5);
    CHECK(twice < 80);
    CHECK(seen.size() == shop.invoice.values.size());
}

TEST_CASE("a cancellation in the demo shop takes back what was bought", "[demo]") {
    const demo_shop& shop = shop_of_2000();
    const std::int64_t early = lgs_rfm::parse_moment("2010-03-01");
    std::map<std::tuple<std::int64_t, std::string, double>, std::int64_t> bought;
    std::size_t matched = 0;
    std::size_t early_returns = 0;
    std::size_t unexplained = 0;
    for (std::size_t i = 0; i < shop.rows(); ++i) {
        const std::string& code = text(shop.stock_code, i);
        if (shop.has_customer[i] == 0 || !goods_code(code)) continue;
        std::int64_t& units = bought[{shop.customer_id[i], code, shop.unit_price[i]}];
        if (shop.quantity[i] < 0 && units + shop.quantity[i] < 0) {
            // Goods bought before the first day.
            shop.invoice_date[i] < early ? ++early_returns : ++unexplained;
            continue;
        }
        if (shop.quantity[i] < 0) {
            CHECK(invoice(shop, i)[0] == 'C');
            ++matched;
        }
        units += shop.quantity[i];
    }
    CHECK(unexplained == 0);
    CHECK(matched > 2'000);
    CHECK(early_returns > 10);
    CHECK(early_returns < matched / 20);
}

TEST_CASE("the demo shop has the faults of a real export", "[demo]") {
    // The rare kinds are certain from 5,000 customers on.
    const demo_shop shop = demo_lines({.customers = 5'000, .seed = 3});
    const std::size_t rows = shop.rows();
    CHECK(rows > 800'000);
    CHECK(rows < 1'200'000);
    std::size_t unknown = 0, cancelled_up = 0, adjusted = 0, negative_prices = 0, written_off = 0, found = 0, free = 0;
    std::size_t described = 0;
    std::map<std::string, std::size_t> services;
    std::set<std::uint32_t> countries;
    std::size_t home_rows = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        const char prefix = invoice(shop, i)[0];
        const bool known = shop.has_customer[i] == 1;
        const double price = shop.unit_price[i];
        if (!known) ++unknown;
        if (prefix == 'C' && shop.quantity[i] > 0) ++cancelled_up;
        if (price < 0) ++negative_prices;
        if (prefix == 'A') {
            ++adjusted;
            CHECK(!known);
            CHECK(text(shop.description, i) == "Adjust bad debt");
        }
        if (prefix != 'C' && shop.quantity[i] < 0) {
            ++written_off;
            CHECK(price == 0);
            CHECK(!known);
            if (shop.description.codes[i] != demo_text::missing) ++described;
        }
        if (price == 0 && shop.quantity[i] > 0) ++(known ? free : found);
        if (!goods_code(text(shop.stock_code, i))) ++services[text(shop.stock_code, i)];
        countries.insert(shop.country.codes[i]);
        if (text(shop.country, i) == "United Kingdom") ++home_rows;
    }
    CHECK(ratio(unknown, rows) > 0.17);
    CHECK(ratio(unknown, rows) < 0.26);
    CHECK(cancelled_up == 2);
    CHECK(adjusted == 6);
    CHECK(negative_prices >= 1);
    CHECK(negative_prices <= adjusted);
    CHECK(written_off == 2'950);
    CHECK(described > written_off / 10);
    CHECK(described < written_off / 2);
    CHECK(found > 1'500);
    CHECK(free > 20);
    for (const char* code : {"POST", "DOT", "M", "D", "C2", "BANK CHARGES", "FEES", "B"}) CHECK(services[code] > 0);
    CHECK(services.size() == 8);
    CHECK(countries.size() >= 30);
    CHECK(ratio(home_rows, rows) > 0.85);
    CHECK(ratio(home_rows, rows) < 0.97);

    std::size_t cancellations = 0;
    for (const auto& number : shop.invoice.values) cancellations += number[0] == 'C' ? 1 : 0;
    CHECK(ratio(cancellations, shop.invoice.values.size()) > 0.12);
    CHECK(ratio(cancellations, shop.invoice.values.size()) < 0.18);
    CHECK(ratio(rows, shop.invoice.values.size()) > 17);
    CHECK(ratio(rows, shop.invoice.values.size()) < 23);
}

TEST_CASE("the demo shop has seasons, weeks and opening hours", "[demo]") {
    const demo_shop& shop = shop_of_2000();
    std::map<std::int32_t, std::size_t> by_month;
    std::set<std::int64_t> saturdays;
    std::int64_t first_minute = 1'440;
    std::int64_t last_minute = 0;
    for (std::size_t i = 0; i < shop.rows(); ++i) {
        const std::int64_t t = shop.invoice_date[i];
        const std::int64_t day = lgs_rfm::day_of(t);
        ++by_month[lgs_rfm::yyyymm_of(lgs_rfm::month_of(t))];
        if (std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day))) == std::chrono::Saturday) {
            saturdays.insert(day);
        }
        const std::int64_t minute = (t - day * lgs_rfm::micros_per_day) / (60 * lgs_rfm::micros_per_second);
        first_minute = std::min(first_minute, minute);
        last_minute = std::max(last_minute, minute);
    }
    CHECK(by_month.size() == 25);
    for (const int year : {2010, 2011}) {
        const std::size_t november = by_month[year * 100 + 11];
        for (const int month : {1, 2, 4, 6, 7, 8}) CHECK(november > by_month[year * 100 + month] * 3 / 2);
    }
    std::size_t first_year = 0;
    std::size_t second_year = 0;
    for (const auto& [month, rows] : by_month) {
        if (month < 201'012) first_year += rows;
        if (month >= 201'012 && month < 201'112) second_year += rows;
    }
    // No growth, no collapse.
    CHECK(ratio(second_year, first_year) > 0.8);
    CHECK(ratio(second_year, first_year) < 1.25);
    CHECK(saturdays == std::set<std::int64_t>{lgs_rfm::days_of(2009, 12, 5)});
    CHECK(first_minute >= 7 * 60);
    CHECK(last_minute < 22 * 60 + 30);
}

TEST_CASE("the demo shop's customers come, stay and leave", "[demo]") {
    struct history {
        std::set<std::uint32_t> invoices;
        std::int64_t first = 0;
        std::int64_t last = 0;
        double spent = 0;
    };
    const demo_shop& shop = shop_of_2000();
    std::map<std::int64_t, history> customers;
    for (std::size_t i = 0; i < shop.rows(); ++i) {
        if (shop.has_customer[i] == 0 || !is_purchase(shop, i)) continue;
        history& h = customers[shop.customer_id[i]];
        if (h.invoices.empty()) h.first = shop.invoice_date[i];
        h.invoices.insert(shop.invoice.codes[i]);
        h.last = shop.invoice_date[i];
        h.spent += static_cast<double>(shop.quantity[i]) * shop.unit_price[i];
    }
    std::size_t once = 0, often = 0, late_comers = 0, lost = 0;
    double total = 0;
    std::vector<double> spent;
    for (const auto& [id, h] : customers) {
        if (h.invoices.size() == 1) ++once;
        if (h.invoices.size() > 10) ++often;
        if (h.first >= lgs_rfm::parse_moment("2011-01-01")) ++late_comers;
        if (h.last < lgs_rfm::parse_moment("2010-12-09")) ++lost;
        spent.push_back(h.spent);
        total += h.spent;
    }
    const std::size_t n = customers.size();
    CHECK(n > 1'950);  // a few only bring back what they bought before the first day
    CHECK(n < 2'000);
    CHECK(ratio(once, n) > 0.22);
    CHECK(ratio(once, n) < 0.33);
    CHECK(ratio(often, n) > 0.10);
    CHECK(ratio(often, n) < 0.22);
    CHECK(ratio(late_comers, n) > 0.10);
    CHECK(ratio(late_comers, n) < 0.40);
    CHECK(ratio(lost, n) > 0.15);
    CHECK(ratio(lost, n) < 0.40);

    std::sort(spent.rbegin(), spent.rend());
    double top = 0;
    for (std::size_t k = 0; k < n / 5; ++k) top += spent[k];
    CHECK(top / total > 0.65);
    CHECK(top / total < 0.90);
    CHECK(spent.front() / total < 0.25);
}

TEST_CASE("the demo shop grows in step with its customers", "[demo]") {
    for (const std::uint64_t seed : {1U, 7U}) {
        const double thousand = static_cast<double>(demo_lines({.customers = 1'000, .seed = seed}).rows());
        const double four = static_cast<double>(demo_lines({.customers = 4'000, .seed = seed}).rows());
        CHECK(four / thousand > 3.4);
        CHECK(four / thousand < 4.6);
    }
}

TEST_CASE("the smallest demo shop has one customer", "[demo]") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const demo_shop shop = demo_lines({.customers = 1, .seed = seed});
        std::set<std::int64_t> customers;
        for (std::size_t i = 0; i < shop.rows(); ++i) {
            if (shop.has_customer[i] == 1) customers.insert(shop.customer_id[i]);
        }
        REQUIRE(customers == std::set<std::int64_t>{12'346});
    }
}

TEST_CASE("the demo shop repeats the first days of its second December", "[demo]") {
    const demo_shop plain = demo_lines({.customers = 300});
    const demo_shop copied = demo_lines({.customers = 300, .copied_days = 9});
    const std::int64_t from = lgs_rfm::parse_moment("2010-12-01");
    const std::int64_t to = lgs_rfm::parse_moment("2010-12-10");
    const auto& dates = plain.invoice_date;
    const auto first = static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), from) - dates.begin());
    const auto last = static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), to) - dates.begin());
    REQUIRE(first < last);
    REQUIRE(copied.rows() == plain.rows() + (last - first));

    std::size_t different = 0;
    std::size_t steps_back = 0;
    for (std::size_t i = 0; i < copied.rows(); ++i) {
        const std::size_t k = i < last ? i : i - (last - first);
        const bool same =
            copied.invoice.codes[i] == plain.invoice.codes[k] &&
            copied.stock_code.codes[i] == plain.stock_code.codes[k] &&
            copied.description.codes[i] == plain.description.codes[k] &&
            copied.country.codes[i] == plain.country.codes[k] && copied.quantity[i] == plain.quantity[k] &&
            copied.invoice_date[i] == plain.invoice_date[k] && copied.unit_price[i] == plain.unit_price[k] &&
            copied.customer_id[i] == plain.customer_id[k] && copied.has_customer[i] == plain.has_customer[k];
        if (!same) ++different;
        if (i > 0 && copied.invoice_date[i] < copied.invoice_date[i - 1]) ++steps_back;
    }
    CHECK(different == 0);
    CHECK(steps_back == 1);
}

TEST_CASE("the demo shop refuses wrong options", "[demo]") {
    const auto refused = [](const demo_options& options, const std::string& message) {
        try {
            (void)demo_lines(options);
            FAIL("not refused: " << message);
        } catch (const lgs_rfm::error& e) {
            CHECK(e.code() == lgs_rfm::error_code::invalid_option);
            CHECK_THAT(e.what(), ContainsSubstring(message));
        }
    };
    refused({.customers = 0}, "customers: 0 is not allowed; give 1 to 10000000");
    refused({.customers = -5}, "customers: -5 is not allowed");
    refused({.customers = 10'000'001}, "customers: 10000001 is not allowed");
    refused({.customers = 1, .copied_days = -1}, "copied_days: -1 is not allowed; give 0 to 31");
    refused({.customers = 1, .copied_days = 32}, "copied_days: 32 is not allowed");
}

}  // namespace test_demo
