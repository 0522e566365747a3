#include <lgs_rfm/scoring/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"
#include "reference/quantile.hpp"

namespace test_quantile {

using lgs_rfm::cut_points;
using lgs_rfm::error;
using lgs_rfm::quantile;

namespace {

std::vector<double> random_values(reference::dice& random, std::size_t count, std::int64_t distinct) {
    std::vector<double> values(count);
    for (double& value : values) value = static_cast<double>(random.between(-distinct, distinct)) / 100;
    return values;
}

}  // namespace

TEST_CASE("a quantile interpolates between neighbours") {
    const std::vector<double> values{40, 10, 30, 20};
    const auto at = [&](double q) {
        auto copy = values;
        return quantile(copy, q);
    };
    CHECK(at(0) == 10);
    CHECK(at(1) == 40);
    CHECK(at(0.5) == 25);
    CHECK(at(0.25) == 17.5);
    CHECK(at(1.0 / 3.0) == 20);
    std::vector<double> one{7};
    for (const double q : {0.0, 0.3, 1.0}) CHECK(quantile(one, q) == 7);
}

TEST_CASE("quantiles agree with sorted values at rational positions") {
    reference::dice random(111);
    for (int trial = 0; trial < 300; ++trial) {
        const auto values =
            random_values(random, static_cast<std::size_t>(random.between(1, 60)), random.between(1, 500));
        for (const std::size_t i : {0U, 1U, 3U, 10U, 17U, 20U}) {
            auto copy = values;
            const double wanted = reference::at_position(values, i, 20, false);
            REQUIRE(std::fabs(quantile(copy, static_cast<double>(i) / 20) - wanted) <= 1e-9 * (std::fabs(wanted) + 1));
            std::sort(copy.begin(), copy.end());
            auto sorted = values;
            std::sort(sorted.begin(), sorted.end());
            REQUIRE(copy == sorted);  // reordered, nothing else
        }
    }
}

TEST_CASE("cut points agree with sorted values at exact positions") {
    reference::dice random(112);
    for (int trial = 0; trial < 300; ++trial) {
        const auto values =
            random_values(random, static_cast<std::size_t>(random.between(1, 40)), random.between(1, 300));
        for (int k = 2; k <= 10; ++k) {
            auto copy = values;
            const auto cuts = cut_points(copy, k);
            REQUIRE(cuts.size() == static_cast<std::size_t>(k) - 1);
            for (int i = 1; i < k; ++i) {
                REQUIRE(cuts[static_cast<std::size_t>(i) - 1] ==
                        reference::at_position(values, static_cast<std::size_t>(i), static_cast<std::size_t>(k), true));
            }
            REQUIRE(std::is_sorted(cuts.begin(), cuts.end()));
        }
    }
}

TEST_CASE("cut points of many values agree with sorted ones, whatever their shape") {
    reference::dice random(113);
    const auto fill = [&](auto&& value) {
        std::vector<double> values(20'001);
        for (double& each : values) each = value();
        return values;
    };
    const auto exponential = [&] { return std::exp(static_cast<double>(random.between(-700'000, 700'000)) / 1000); };
    for (const auto& values : {fill([&] { return static_cast<double>(random.between(-1'000'000, 1'000'000)) / 7; }),
                               fill([&] { return static_cast<double>(random.between(1, 3)); }),  // three heavy ties
                               fill([&] { return static_cast<double>(random.between(0, 739)); }),
                               fill([&] { return static_cast<double>(random.between(16'380, 16'390)); }),
                               fill([&] { return static_cast<double>(random.between(0, 300'000)); }),
                               fill([&] { return static_cast<double>(random.between(-2, 9)); }),
                               fill([&] { return random.between(0, 9'999) == 0 ? 3.5 : 3.0; }),
                               fill([&] { return random.between(0, 1) == 0 ? exponential() : -exponential(); }),
                               fill([&] { return random.between(0, 99) == 0 ? 1e300 : 1 + exponential() * 1e-300; }),
                               fill([&] { return random.between(0, 1) == 0 ? 0.0 : -0.0; })}) {
        for (const int k : {2, 5, 10}) {
            const auto cuts = cut_points(values, k);
            for (int i = 1; i < k; ++i) {
                REQUIRE(cuts[static_cast<std::size_t>(i) - 1] ==
                        reference::at_position(values, static_cast<std::size_t>(i), static_cast<std::size_t>(k), true));
            }
        }
    }
}

TEST_CASE("cut points part values into bins of equal count") {
    for (int k = 2; k <= 10; ++k) {
        for (int n = 1; n <= 60; ++n) {
            std::vector<double> values(static_cast<std::size_t>(n));
            std::iota(values.begin(), values.end(), 1.0);
            auto copy = values;
            const auto cuts = cut_points(copy, k);
            std::vector<int> counts(static_cast<std::size_t>(k));
            for (const double value : values) {
                ++counts[static_cast<std::size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin())];
            }
            const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
            CAPTURE(k, n);
            REQUIRE(*most - *least <= 1);
        }
    }
}

TEST_CASE("a cut between neighbours that rounds to the upper one is the lower one") {
    const double low = 1;
    const double high = std::nextafter(low, 2);
    std::vector<double> values{low, high};
    CHECK(cut_points(values, 2) == std::vector<double>{low});
    for (const int k : {3, 7, 10}) {
        auto copy = values;
        for (const double cut : cut_points(copy, k)) CHECK(cut == low);
    }
}

TEST_CASE("values whose difference overflows still have cuts among them") {
    const double most = std::numeric_limits<double>::max();
    std::vector<double> values{-most, most, -most, most};
    for (const double cut : cut_points(values, 3)) CHECK((cut >= -most && cut <= most));
}

TEST_CASE("equal values give equal cuts") {
    std::vector<double> values(7, 3.5);
    CHECK(cut_points(values, 5) == std::vector<double>(4, 3.5));
}

TEST_CASE("quantiles of nothing or outside 0 to 1 are refused") {
    std::vector<double> none;
    std::vector<double> some{1};
    CHECK_THROWS_AS(quantile(none, 0.5), error);
    for (const double q : {-1e-9, 1.000001, std::numeric_limits<double>::quiet_NaN()})
        CHECK_THROWS_AS(quantile(some, q), error);
}

}  // namespace test_quantile
