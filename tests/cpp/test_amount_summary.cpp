#include <lgs_rfm/tables/amount_summary.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "catch.hpp"
#include "reference/quantile.hpp"
#include "reference/shop.hpp"
#include "reference/tables.hpp"

namespace test_amount_summary {

using lgs_rfm::amount_summary;
using lgs_rfm::error;
using lgs_rfm::error_code;
using reference::int128;
using reference::ledger_of;
using reference::lines;

namespace {

/// One sale invoice for each amount in millionths.
lines invoices_of(const std::vector<std::int64_t>& amounts) {
    lines made;
    for (std::size_t i = 0; i < amounts.size(); ++i) made.push_back({std::to_string(i + 1), "10", 1, 1000, amounts[i]});
    return made;
}

}  // namespace

TEST_CASE("a small shop's amounts") {
    // positive nets: 7.25 (1001), 12 (1002), 8 (1004), 7.25 (1006)
    const auto table = amount_summary(ledger_of(reference::small_shop()), {1.0, 0.5, 0.0});
    REQUIRE(table.quantile == std::vector<double>{1.0, 0.5, 0.0});
    CHECK(table.cutoff == std::vector<double>{12, 7.625, 7.25});
    CHECK(table.count == std::vector<std::int64_t>{4, 2, 2});
    CHECK(table.min[0].millionths == 7'250'000);
    CHECK(table.max[0].millionths == 12'000'000);
    CHECK(table.max[1].millionths == 7'250'000);
    CHECK(table.mean == std::vector<double>{8.625, 7.25, 7.25});
    CHECK(table.median == std::vector<double>{7.625, 7.25, 7.25});
    CHECK(table.mode[0].millionths == 7'250'000);
    CHECK(table.mode_count == std::vector<std::int64_t>{2, 2, 2});
}

TEST_CASE("amounts are summed up as the lines say") {
    for (const std::uint64_t seed : {71U, 72U, 73U}) {
        // many invoices of few amounts, so that there is a mode
        lines from = reference::random_lines(seed, 1500);
        reference::dice random(seed);
        for (auto& each : from) each.invoice = std::to_string(random.between(1, 600));
        std::vector<int128> nets;
        for (const auto& row : reference::invoice_rows(from)) {
            if (row.net > 0) nets.push_back(row.net);
        }
        std::sort(nets.begin(), nets.end());
        std::vector<double> values;
        for (const int128 net : nets) values.push_back(lgs_rfm::to_double({net}));
        const auto table = amount_summary(ledger_of(from));
        REQUIRE(table.quantile == std::vector<double>{1.0, 0.85});
        for (std::size_t row = 0; row < 2; ++row) {
            const double cutoff = reference::at_position(values, row == 0 ? 100 : 85, 100, false);
            CHECK(std::fabs(table.cutoff[row] - cutoff) <= 1e-9 * cutoff);
            const auto count = static_cast<std::size_t>(
                std::count_if(values.begin(), values.end(), [&](double v) { return v <= table.cutoff[row]; }));
            const std::vector<int128> kept(nets.begin(), nets.begin() + static_cast<std::ptrdiff_t>(count));
            REQUIRE(table.count[row] == static_cast<std::int64_t>(count));
            std::map<int128, std::int64_t> times;
            long double sum = 0;
            for (const int128 net : kept) {
                ++times[net];
                sum += static_cast<long double>(net);
            }
            auto mode = times.begin();
            for (auto each = times.begin(); each != times.end(); ++each) {
                if (each->second > mode->second) mode = each;  // the smallest of the most frequent comes first
            }
            CHECK(table.min[row].millionths == kept.front());
            CHECK(table.max[row].millionths == kept.back());
            CHECK(table.mode[row].millionths == mode->first);
            CHECK(table.mode_count[row] == mode->second);
            CHECK(std::fabs(table.mean[row] - static_cast<double>(sum / 1e6L / static_cast<long double>(count))) <=
                  1e-12 * table.mean[row]);
            const long double middle = static_cast<long double>(kept[(count - 1) / 2] + kept[count / 2]) / 2e6L;
            CHECK(std::fabs(table.median[row] - static_cast<double>(middle)) <= 1e-15 * table.median[row]);
        }
    }
}

TEST_CASE("the mode is the smallest of the most frequent exact amounts") {
    const auto table = amount_summary(ledger_of(invoices_of({5, 9, 5, 9, 9, 5, 1, 20})), {1.0});
    CHECK(table.mode[0].millionths == 5);
    CHECK(table.mode_count[0] == 3);
    const auto all_differ = amount_summary(ledger_of(invoices_of({3, 2, 1})), {1.0});
    CHECK(all_differ.mode[0].millionths == 1);
    CHECK(all_differ.mode_count[0] == 1);
}

TEST_CASE("an amount equal to the cut-off belongs to it") {
    const auto table =
        amount_summary(ledger_of(invoices_of({1'000'000, 2'000'000, 3'000'000, 4'000'000, 5'000'000})), {0.5});
    CHECK(table.cutoff[0] == 3.0);
    CHECK(table.count[0] == 3);
}

TEST_CASE("without a positive invoice there is no row") {
    CHECK(amount_summary(lgs_rfm::ledger()).quantile.empty());
    CHECK(amount_summary(ledger_of(invoices_of({0, -5}))).count.empty());
    CHECK(amount_summary(ledger_of(invoices_of({5})), {}).count.empty());
}

TEST_CASE("quantiles outside 0 to 1 are refused") {
    for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
        for (const auto& book : {lgs_rfm::ledger(), ledger_of(invoices_of({5}))}) {
            try {
                static_cast<void>(amount_summary(book, {1.0, bad}));
                FAIL("not refused");
            } catch (const error& e) {
                CHECK(e.code() == error_code::invalid_option);
                CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("quantiles"));
            }
        }
    }
}

TEST_CASE("the amount summary names its columns") {
    const auto table = as_table(amount_summary(ledger_of(reference::small_shop())));
    std::string names;
    for (const auto& column : table.columns) names += column.name + " ";
    CHECK(names == "quantile cutoff count min max mean median mode mode_count ");
    CHECK(table.rows() == 2);
}

}  // namespace test_amount_summary
