#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lgs_rfm/calendar.hpp>

namespace lgs_rfm {

/// The steps of the calendar. Weeks are those of ISO 8601: from Monday, and of the year that their Thursday lies in.
enum class period_step : std::uint8_t { day, week, month, quarter, year };

/// The step's name: "day", "week", "month", "quarter", "year".
[[nodiscard]] constexpr std::string_view to_string(period_step step) noexcept {
    constexpr std::array<std::string_view, 5> names{"day", "week", "month", "quarter", "year"};
    return names[static_cast<std::size_t>(step)];
}

/// The period that a day (since 1970) lies in, as a number: consecutive periods are consecutive numbers. Days are
/// counted from 1970, months as `month_of` does, quarters and years from year 0.
[[nodiscard]] constexpr std::int64_t period_of(std::int64_t day, period_step step) noexcept {
    switch (step) {
        case period_step::day: return day;
        case period_step::week: return floor_div(day + 3, 7);  // 1970 began on a Thursday
        case period_step::month: return month_of(day * micros_per_day);
        case period_step::quarter: return month_of(day * micros_per_day) / 3;
        case period_step::year: break;
    }
    return month_of(day * micros_per_day) / 12;
}

/// The first day (since 1970) of a period as `period_of` numbers it.
[[nodiscard]] constexpr std::int64_t period_start(std::int64_t period, period_step step) noexcept {
    const auto of_month = [](std::int64_t month) { return day_of(month_start(static_cast<std::int32_t>(month))); };
    switch (step) {
        case period_step::day: return period;
        case period_step::week: return period * 7 - 3;
        case period_step::month: return of_month(period);
        case period_step::quarter: return of_month(period * 3);
        case period_step::year: break;
    }
    return of_month(period * 12);
}

namespace detail {

[[nodiscard]] constexpr std::chrono::year_month_day date_of_day(std::int64_t day) noexcept {
    return date_of(day * micros_per_day);
}
[[nodiscard]] constexpr int year_of_day(std::int64_t day) noexcept { return static_cast<int>(date_of_day(day).year()); }

/// The ISO year of a week, and the number of that year's first week: the one with January 4.
[[nodiscard]] constexpr int iso_year(std::int64_t week) noexcept {
    return year_of_day(period_start(week, period_step::week) + 3);
}
[[nodiscard]] constexpr std::int64_t first_week(int iso_year) noexcept {
    return period_of(days_of(iso_year, 1, 4), period_step::week);
}

}  // namespace detail

/// The same period one year before: the same date, ISO week number, month or quarter. Empty where that year has none:
/// February 29, week 53.
[[nodiscard]] constexpr std::optional<std::int64_t> year_before(std::int64_t period, period_step step) noexcept {
    switch (step) {
        case period_step::day: {
            const auto date = detail::date_of_day(period) - std::chrono::years(1);
            if (!date.ok()) return std::nullopt;
            return std::chrono::sys_days(date).time_since_epoch().count();
        }
        case period_step::week: {
            const int year = detail::iso_year(period);
            const std::int64_t this_year = detail::first_week(year);
            const std::int64_t before = detail::first_week(year - 1) + (period - this_year);
            return before < this_year ? std::optional<std::int64_t>(before) : std::nullopt;
        }
        case period_step::month: return period - 12;
        case period_step::quarter: return period - 4;
        case period_step::year: break;
    }
    return period - 1;
}

/// ISO 8601's name of a period: "2011-12-09", "2011-W49", "2011-12", "2011"; of a quarter "2011-Q4".
[[nodiscard]] inline std::string period_label(std::int64_t period, period_step step) {
    const auto date = detail::date_of_day(period_start(period, step));
    const std::string year = detail::padded(static_cast<int>(date.year()), 4);
    const unsigned month = static_cast<unsigned>(date.month());
    switch (step) {
        case period_step::day:
            return year + "-" + detail::padded(month, 2) + "-" + detail::padded(static_cast<unsigned>(date.day()), 2);
        case period_step::week: {
            const int of_year = detail::iso_year(period);
            return detail::padded(of_year, 4) + "-W" + detail::padded(period - detail::first_week(of_year) + 1, 2);
        }
        case period_step::month: return year + "-" + detail::padded(month, 2);
        case period_step::quarter: return year + "-Q" + std::to_string((month - 1) / 3 + 1);
        case period_step::year: break;
    }
    return year;
}

}  // namespace lgs_rfm
