#include <lgs_rfm/total_key.hpp>

#include <cstdint>
#include <string>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_total_key {

using lgs_rfm::micros_per_day;
using lgs_rfm::period_step;
using reference::at;

namespace {

constexpr period_step steps[] = {period_step::day, period_step::week, period_step::month, period_step::quarter,
                                 period_step::year};

/// What a period key makes of a moment.
std::int64_t key_of(lgs_rfm::moment moment, period_step step) {
    return lgs_rfm::period_start(lgs_rfm::period_of(lgs_rfm::day_of(moment), step), step);
}

std::string start_of(const char* moment, period_step step) {
    return lgs_rfm::format_moment(key_of(at(moment), step) * micros_per_day).substr(0, 10);
}

}  // namespace

TEST_CASE("periods start where people expect") {
    using enum period_step;
    CHECK(start_of("2011-12-09 12:50:00", day) == "2011-12-09");
    CHECK(start_of("2011-12-09 12:50:00", week) == "2011-12-05");  // a Friday
    CHECK(start_of("2011-12-09 12:50:00", month) == "2011-12-01");
    CHECK(start_of("2011-12-09 12:50:00", quarter) == "2011-10-01");
    CHECK(start_of("2011-12-09 12:50:00", year) == "2011-01-01");
    CHECK(start_of("2012-01-01", week) == "2011-12-26");  // an ISO week of the year before
    CHECK(start_of("2011-12-05", week) == "2011-12-05");
    CHECK(start_of("2011-12-04 23:59:59.999999", week) == "2011-11-28");
    CHECK(start_of("1969-12-31 23:59:59.999999", day) == "1969-12-31");
    CHECK(start_of("1970-01-01", week) == "1969-12-29");
    CHECK(start_of("2012-02-29", month) == "2012-02-01");
    CHECK(start_of("1400-01-01", quarter) == "1400-01-01");
    CHECK(start_of("9999-12-31 23:59:59.999999", year) == "9999-01-01");
    CHECK(start_of("9999-12-31 23:59:59.999999", quarter) == "9999-10-01");
}

TEST_CASE("periods are those of the standard calendar") {
    const auto agrees = [](lgs_rfm::moment moment) {
        for (const period_step step : steps) {
            CAPTURE(moment, to_string(step));
            REQUIRE(key_of(moment, step) == reference::first_day(moment, to_string(step)));
        }
    };
    reference::dice random(1);
    const auto low = lgs_rfm::day_of(at("1400-01-01"));
    const auto high = lgs_rfm::day_of(at("9999-12-31"));
    for (const auto start : {low, std::int64_t{-800}, lgs_rfm::day_of(at("1899-12-01")), high - 799}) {
        for (auto day = start; day < start + 800; ++day) {
            agrees(day * micros_per_day);
            agrees((day + 1) * micros_per_day - 1);
        }
    }
    for (int i = 0; i < 20'000; ++i) {
        agrees(random.between(low, high) * micros_per_day + random.between(0, micros_per_day - 1));
    }
}

TEST_CASE("a period holds each of its days and no other") {
    // a walk over the days: a new period starts where the calendar says so, and nowhere else
    for (const period_step step : steps) {
        auto before = key_of(-1000 * micros_per_day, step);
        for (std::int64_t day = -999; day < 20'000; ++day) {
            const auto now = key_of(day * micros_per_day, step);
            REQUIRE((now == before || now == day));
            const auto text = lgs_rfm::format_moment(day * micros_per_day);
            const bool first_of_month = text.substr(8, 2) == "01";
            const int month = std::stoi(text.substr(5, 2));
            const bool starts = step == period_step::day       ? true
                                : step == period_step::week    ? (day + 3) % 7 == 0  // 1970-01-05 was a Monday
                                : step == period_step::month   ? first_of_month
                                : step == period_step::quarter ? first_of_month && month % 3 == 1
                                                               : first_of_month && month == 1;
            CAPTURE(text, to_string(step));
            REQUIRE((now == day) == starts);
            before = now;
        }
    }
}

}  // namespace test_total_key
