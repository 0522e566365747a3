#include <lgs_rfm/calendar.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/date_time/gregorian/gregorian.hpp>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_calendar {

using lgs_rfm::days_of;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::format_moment;
using lgs_rfm::micros_per_day;
using lgs_rfm::micros_per_second;
using lgs_rfm::moment;
using lgs_rfm::parse_moment;

namespace {

error_code refusal(const std::string& text) {
    try {
        static_cast<void>(parse_moment(text));
    } catch (const error& bad) {
        CHECK(std::string(bad.what()).find("'" + text + "'") != std::string::npos);
        CHECK(bad.value() == text);
        return bad.code();
    }
    return error_code::internal;
}

}  // namespace

TEST_CASE("moments in ISO 8601 are read") {
    const moment day = days_of(2011, 12, 9) * micros_per_day;
    const moment noon = day + (12 * 3600 + 50 * 60) * micros_per_second;
    const std::pair<const char*, moment> cases[] = {{"2011-12-09", day},
                                                    {"2011-12-09 12:50", noon},
                                                    {"2011-12-09T12:50", noon},
                                                    {"2011-12-09 12:50:00", noon},
                                                    {"2011-12-09T12:50:07", noon + 7 * micros_per_second},
                                                    {"2011-12-09T12:50:07.5", noon + 7'500'000},
                                                    {"2011-12-09 12:50:07,25", noon + 7'250'000},
                                                    {"2011-12-09 12:50:00.000001", noon + 1},
                                                    {"2011-12-09 12:50:00.0000019", noon + 1},
                                                    {"2011-12-09 12:50:00.999999999", noon + 999'999},
                                                    {"2011-12-09T12:50:00Z", noon},
                                                    {"2011-12-09T12:50Z", noon},
                                                    {"2011-12-09 12:50:00+00:00", noon},
                                                    {"2011-12-09 12:50:00-00:00", noon},
                                                    {"2011-12-09 12:50:00+0000", noon},
                                                    {"2011-12-09 12:50:00+00", noon},
                                                    {"2011-12-09 00:00:00", day},
                                                    {"2011-12-09 23:59:59.999999", day + micros_per_day - 1},
                                                    {"1969-12-31 23:59:59.999999", -1},
                                                    {"1969-12-31 23:59:59.9999999", -1},
                                                    {"2012-02-29", days_of(2012, 2, 29) * micros_per_day},
                                                    {"2000-02-29", days_of(2000, 2, 29) * micros_per_day}};
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(parse_moment(text) == expected);
    }
}

TEST_CASE("digits beyond microseconds are told as floored") {
    CHECK(lgs_rfm::detail::read_moment("2011-12-09 12:50:00.0000001").floored);
    CHECK_FALSE(lgs_rfm::detail::read_moment("2011-12-09 12:50:00.000001000").floored);
    CHECK_FALSE(lgs_rfm::detail::read_moment("2011-12-09").floored);
}

TEST_CASE("text that is no moment is refused") {
    for (const char* text : {"",
                             "2011",
                             "2011-12",
                             "2011-12-9",
                             "11-12-09",
                             "2011/12/09",
                             "12/9/2011 08:26",
                             "2011-13-01",
                             "2011-00-01",
                             "2011-02-29",
                             "1900-02-29",
                             "2011-04-31",
                             "2011-12-00",
                             "2011-12-09T",
                             "2011-12-09 ",
                             "2011-12-09 12",
                             "2011-12-09 12:",
                             "2011-12-09 24:00",
                             "2011-12-09 12:60",
                             "2011-12-09 12:50:60",
                             "2011-12-09 12:50:",
                             "2011-12-09 12:50:00.",
                             "2011-12-09 12:50:00 ",
                             " 2011-12-09",
                             "2011-12-09 12:50:00x",
                             "2011-12-09Z",
                             "2011-12-09 12:50:00ZZ",
                             "2011-12-09 12:50:00+0",
                             "2011-12-09 12:50:00+",
                             "2011-12-09 12:50.5",
                             "2011-12-09  12:50",
                             "2011-12-09t12:50",
                             "20111209",
                             "-2011-12-09",
                             "+2011-12-09",
                             "10000-01-01",
                             "today"}) {
        CAPTURE(text);
        CHECK(refusal(text) == error_code::unreadable);
    }
}

TEST_CASE("another time zone than UTC is refused") {
    for (const char* text : {"2011-12-09 12:50:00+01:00", "2011-12-09 12:50:00-0530", "2011-12-09T12:50+02"}) {
        CAPTURE(text);
        CHECK(refusal(text) == error_code::time_zone);
    }
}

TEST_CASE("moments run from 1400 to 9999") {
    CHECK(parse_moment("1400-01-01") == lgs_rfm::min_moment);
    CHECK(parse_moment("9999-12-31 23:59:59.999999") == lgs_rfm::max_moment);
    CHECK(refusal("1399-12-31 23:59:59.999999") == error_code::out_of_range);
    CHECK(refusal("0000-01-01") == error_code::out_of_range);
    CHECK(lgs_rfm::min_moment == days_of(1400, 1, 1) * micros_per_day);
    CHECK(lgs_rfm::max_moment + 1 == days_of(9999, 12, 31) * micros_per_day + micros_per_day);
}

TEST_CASE("days and months agree with chrono and with Boost") {
    const boost::gregorian::date epoch(1970, 1, 1);
    reference::dice random(3);
    const auto first = days_of(1400, 1, 1);
    const auto last = days_of(9999, 12, 31);
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t day = i == 0 ? first : i == 1 ? last : random.between(first, last);
        const moment at = day * micros_per_day + random.between(0, micros_per_day - 1);
        REQUIRE(lgs_rfm::day_of(at) == day);
        const boost::gregorian::date theirs = epoch + boost::gregorian::days(day);
        const auto ours = lgs_rfm::date_of(at);
        REQUIRE(static_cast<int>(ours.year()) == static_cast<int>(theirs.year()));
        REQUIRE(static_cast<unsigned>(ours.month()) == static_cast<unsigned>(theirs.month()));
        REQUIRE(static_cast<unsigned>(ours.day()) == static_cast<unsigned>(theirs.day()));
        const std::chrono::sys_days chrono_day{std::chrono::days(day)};
        REQUIRE(ours == std::chrono::year_month_day(chrono_day));
        REQUIRE(days_of(theirs.year(), theirs.month(), theirs.day()) == day);

        const std::int32_t month = lgs_rfm::month_of(at);
        REQUIRE(month == theirs.year() * 12 + theirs.month() - 1);
        REQUIRE(lgs_rfm::yyyymm_of(month) == theirs.year() * 100 + theirs.month());
        const moment start = lgs_rfm::month_start(month);
        REQUIRE(start <= at);
        REQUIRE(lgs_rfm::month_of(start) == month);
        REQUIRE(lgs_rfm::month_of(start - 1) == month - 1);
        REQUIRE(start == days_of(theirs.year(), theirs.month(), 1) * micros_per_day);
    }
}

TEST_CASE("moments are written as they are read") {
    CHECK(format_moment(0) == "1970-01-01 00:00:00");
    CHECK(format_moment(-1) == "1969-12-31 23:59:59.999999");
    CHECK(format_moment(lgs_rfm::min_moment) == "1400-01-01 00:00:00");
    CHECK(format_moment(parse_moment("2011-12-09 12:50:00.000050")) == "2011-12-09 12:50:00.000050");
    reference::dice random(4);
    for (int i = 0; i < 20'000; ++i) {
        const moment at = random.between(lgs_rfm::min_moment, lgs_rfm::max_moment);
        REQUIRE(parse_moment(format_moment(at)) == at);
    }
}

TEST_CASE("division floors below zero") {
    CHECK(lgs_rfm::floor_div(7, 3) == 2);
    CHECK(lgs_rfm::floor_div(-7, 3) == -3);
    CHECK(lgs_rfm::floor_div(-6, 3) == -2);
    CHECK(lgs_rfm::floor_div(-1, micros_per_day) == -1);
    CHECK(lgs_rfm::floor_div(0, 3) == 0);
}

}  // namespace test_calendar
