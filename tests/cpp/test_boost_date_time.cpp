#include <lgs_rfm/boost_date_time.hpp>

#include <boost/date_time/gregorian/gregorian.hpp>
#include <boost/date_time/posix_time/posix_time.hpp>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_boost_date_time {

namespace gregorian = boost::gregorian;
namespace posix_time = boost::posix_time;
using lgs_rfm::error;
using lgs_rfm::parse_moment;
using lgs_rfm::to_moment;
using lgs_rfm::to_ptime;

TEST_CASE("Boost dates and times become moments") {
    CHECK(to_moment(gregorian::date(2011, 12, 9)) == parse_moment("2011-12-09"));
    CHECK(to_moment(posix_time::time_from_string("2011-12-09 12:50:00.25")) == parse_moment("2011-12-09 12:50:00.25"));
    CHECK(to_moment(gregorian::date(1400, 1, 1)) == lgs_rfm::min_moment);
    CHECK(to_moment(gregorian::date(9999, 12, 31)) == parse_moment("9999-12-31"));
    CHECK(to_moment(posix_time::time_from_string("1969-12-31 23:59:59.999999")) == -1);
}

TEST_CASE("moments become Boost times and come back") {
    CHECK(to_ptime(0) == posix_time::ptime(gregorian::date(1970, 1, 1)));
    CHECK(to_ptime(-1) == posix_time::time_from_string("1969-12-31 23:59:59.999999"));
    reference::dice random(5);
    for (int i = 0; i < 10'000; ++i) {
        const auto at = random.between(lgs_rfm::min_moment, lgs_rfm::max_moment);
        REQUIRE(to_moment(to_ptime(at)) == at);
    }
    for (const auto at : {lgs_rfm::min_moment, lgs_rfm::max_moment}) CHECK(to_moment(to_ptime(at)) == at);
}

TEST_CASE("special Boost dates and times are refused") {
    for (const auto special :
         {boost::date_time::not_a_date_time, boost::date_time::pos_infin, boost::date_time::neg_infin}) {
        CHECK_THROWS_AS(to_moment(gregorian::date(special)), error);
        CHECK_THROWS_AS(to_moment(posix_time::ptime(special)), error);
    }
}

}  // namespace test_boost_date_time
