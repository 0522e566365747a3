#include <lgs_rfm/period.hpp>

#include "catch.hpp"

namespace test_period {

using namespace lgs_rfm;

namespace {

std::string label(const char* day, period_step step) {
    return period_label(period_of(day_of(parse_moment(day)), step), step);
}
std::string start(const char* day, period_step step) {
    const auto from = period_start(period_of(day_of(parse_moment(day)), step), step);
    return format_moment(from * micros_per_day).substr(0, 10);
}
std::string before(const char* day, period_step step) {
    const auto found = year_before(period_of(day_of(parse_moment(day)), step), step);
    return found ? period_label(*found, step) : "none";
}

}  // namespace

TEST_CASE("periods have names") {
    CHECK(label("2011-12-09", period_step::day) == "2011-12-09");
    CHECK(label("2011-12-09", period_step::week) == "2011-W49");
    CHECK(label("2011-12-09", period_step::month) == "2011-12");
    CHECK(label("2011-12-09", period_step::quarter) == "2011-Q4");
    CHECK(label("2011-12-09", period_step::year) == "2011");
    CHECK(to_string(period_step::quarter) == "quarter");
}

TEST_CASE("weeks are those of ISO 8601") {
    // the standard's own examples, at the turns of years
    CHECK(label("2004-12-31", period_step::week) == "2004-W53");
    CHECK(label("2005-01-01", period_step::week) == "2004-W53");
    CHECK(label("2005-12-31", period_step::week) == "2005-W52");
    CHECK(label("2007-01-01", period_step::week) == "2007-W01");
    CHECK(label("2008-12-28", period_step::week) == "2008-W52");
    CHECK(label("2008-12-29", period_step::week) == "2009-W01");
    CHECK(label("2010-01-03", period_step::week) == "2009-W53");
    CHECK(label("1969-12-31", period_step::week) == "1970-W01");
    CHECK(start("2010-01-03", period_step::week) == "2009-12-28");
    CHECK(start("1969-12-28", period_step::week) == "1969-12-22");
}

TEST_CASE("periods begin on their first day and follow each other without a gap") {
    for (const period_step step :
         {period_step::day, period_step::week, period_step::month, period_step::quarter, period_step::year}) {
        std::int64_t last = period_of(day_of(min_moment), step);
        for (std::int64_t day = day_of(min_moment); day < day_of(min_moment) + 150'000; ++day) {
            const std::int64_t period = period_of(day, step);
            if (period != last) REQUIRE((period == last + 1 && period_start(period, step) == day));
            last = period;
        }
        const std::int64_t end = period_of(day_of(max_moment), step);
        REQUIRE(period_start(end, step) <= day_of(max_moment));
        REQUIRE(period_start(end + 1, step) > day_of(max_moment));
    }
    CHECK(start("2011-12-09", period_step::quarter) == "2011-10-01");
    CHECK(start("2011-12-09", period_step::year) == "2011-01-01");
}

TEST_CASE("the same period one year before") {
    CHECK(before("2011-12-09", period_step::day) == "2010-12-09");
    CHECK(before("2012-02-29", period_step::day) == "none");
    CHECK(before("2013-02-28", period_step::day) == "2012-02-28");
    CHECK(before("2011-12-09", period_step::week) == "2010-W49");
    CHECK(before("2009-12-31", period_step::week) == "none");  // week 53
    CHECK(before("2021-01-01", period_step::week) == "none");  // 2020-W53
    CHECK(before("2011-01-03", period_step::week) == "2010-W01");
    CHECK(before("2011-12-09", period_step::month) == "2010-12");
    CHECK(before("2011-12-09", period_step::quarter) == "2010-Q4");
    CHECK(before("2011-12-09", period_step::year) == "2010");
}

}  // namespace test_period
