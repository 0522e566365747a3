#pragma once

#include <boost/date_time/posix_time/posix_time_types.hpp>

#include <lgs_rfm/calendar.hpp>

namespace lgs_rfm {

/// The first instant of a Boost date. Throws `out_of_range` for not_a_date_time and the infinities.
[[nodiscard]] inline moment to_moment(const boost::gregorian::date& date) {
    if (date.is_special()) {
        throw error(error_code::out_of_range, "a special date (not_a_date_time or infinity) is no moment");
    }
    return days_of(date.year(), date.month(), date.day()) * micros_per_day;
}

/// A Boost ptime, floored to microseconds. Throws `out_of_range` for not_a_date_time and the infinities.
[[nodiscard]] inline moment to_moment(const boost::posix_time::ptime& time) {
    if (time.is_special()) {
        throw error(error_code::out_of_range, "a special time (not_a_date_time or infinity) is no moment");
    }
    return to_moment(time.date()) + time.time_of_day().total_microseconds();
}

/// The moment as a Boost ptime; every moment has one, as the ranges are the same.
[[nodiscard]] inline boost::posix_time::ptime to_ptime(moment at) {
    const auto date = date_of(at);
    return {boost::gregorian::date(static_cast<unsigned short>(static_cast<int>(date.year())),
                                   static_cast<unsigned short>(static_cast<unsigned>(date.month())),
                                   static_cast<unsigned short>(static_cast<unsigned>(date.day()))),
            boost::posix_time::microseconds(at - day_of(at) * micros_per_day)};
}

}  // namespace lgs_rfm
