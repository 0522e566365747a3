#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lgs_rfm/error.hpp>

namespace lgs_rfm {

/// A moment: microseconds since 1970-01-01 00:00, no time zone, from `min_moment` to `max_moment`.
using moment = std::int64_t;

inline constexpr std::int64_t micros_per_second = 1'000'000;
inline constexpr std::int64_t micros_per_day = 86'400 * micros_per_second;

/// Floor division, for a positive divisor: moments before 1970 belong to the day they lie in.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) noexcept {
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

/// Days since 1970 of a calendar date (month 1..12, day 1..31).
[[nodiscard]] constexpr std::int64_t days_of(int year, unsigned month, unsigned day) noexcept {
    return std::chrono::sys_days(
               std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)))
        .time_since_epoch()
        .count();
}

/// The range of moments: that of Boost.Date_Time's Gregorian calendar.
inline constexpr moment min_moment = days_of(1400, 1, 1) * micros_per_day;
inline constexpr moment max_moment = days_of(10000, 1, 1) * micros_per_day - 1;

/// The day a moment lies in, as days since 1970.
[[nodiscard]] constexpr std::int64_t day_of(moment at) noexcept { return floor_div(at, micros_per_day); }

/// The date a moment lies in.
[[nodiscard]] constexpr std::chrono::year_month_day date_of(moment at) noexcept {
    return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day_of(at))));
}

/// The month a moment lies in, counted from January of year 0: consecutive months are consecutive numbers.
[[nodiscard]] constexpr std::int32_t month_of(moment at) noexcept {
    const auto date = date_of(at);
    return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

/// The first instant of a month as numbered by `month_of`.
[[nodiscard]] constexpr moment month_start(std::int32_t month) noexcept {
    return days_of(month / 12, static_cast<unsigned>(month % 12) + 1, 1) * micros_per_day;
}

/// 201112 for December 2011.
[[nodiscard]] constexpr std::int32_t yyyymm_of(std::int32_t month) noexcept {
    return (month / 12) * 100 + month % 12 + 1;
}

namespace detail {

/// Up to `most` digits from the front of `text`; moves past them. -1 when there are fewer than `least`.
[[nodiscard]] constexpr std::int64_t take_digits(std::string_view& text, std::size_t least, std::size_t most) noexcept {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (count < most && count < text.size() && text[count] >= '0' && text[count] <= '9') {
        value = value * 10 + (text[count] - '0');
        ++count;
    }
    if (count < least) {
        return -1;
    }
    text.remove_prefix(count);
    return value;
}

[[nodiscard]] constexpr bool take(std::string_view& text, char wanted) noexcept {
    if (text.empty() || text.front() != wanted) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// What reading a moment from text found.
enum class moment_status : std::uint8_t { good, unreadable, out_of_range, time_zone };

struct moment_reading {
    moment at = 0;
    bool floored = false;  ///< digits beyond microseconds were cut off
    moment_status status = moment_status::unreadable;
};

/// ISO 8601: `YYYY-MM-DD`, then optionally `T` or a blank and `hh:mm[:ss[.fraction]]`, then optionally `Z`, `+00:00`.
/// Fractions of any length are floored to microseconds. Another offset than zero: status time_zone.
[[nodiscard]] constexpr moment_reading read_moment(std::string_view text) noexcept {
    moment_reading result;
    const auto year = take_digits(text, 4, 4);
    if (year < 0 || !take(text, '-')) return result;
    const auto month = take_digits(text, 2, 2);
    if (month < 0 || !take(text, '-')) return result;
    const auto day = take_digits(text, 2, 2);
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(static_cast<unsigned>(month < 0 ? 0 : month)),
                                           std::chrono::day(static_cast<unsigned>(day < 0 ? 0 : day)));
    if (day < 0 || !date.ok()) return result;
    result.at = std::chrono::sys_days(date).time_since_epoch().count() * micros_per_day;
    if (take(text, 'T') || take(text, ' ')) {
        const auto hour = take_digits(text, 2, 2);
        if (hour < 0 || hour > 23 || !take(text, ':')) return result;
        const auto minute = take_digits(text, 2, 2);
        if (minute < 0 || minute > 59) return result;
        std::int64_t second = 0;
        const bool seconds = take(text, ':');
        if (seconds) {
            second = take_digits(text, 2, 2);
            if (second < 0 || second > 59) return result;
        }
        result.at += (hour * 3600 + minute * 60 + second) * micros_per_second;
        if (seconds && (take(text, '.') || take(text, ','))) {  // ISO's fractions of a minute are not read
            std::int64_t unit = micros_per_second / 10;
            std::size_t digits = 0;
            for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
                result.floored = result.floored || (unit == 0 && text.front() != '0');
                result.at += (text.front() - '0') * unit;
                unit /= 10;
            }
            if (digits == 0) return result;
        }
        if (!take(text, 'Z') && !text.empty() && (text.front() == '+' || text.front() == '-')) {
            text.remove_prefix(1);
            const auto hours = take_digits(text, 2, 2);
            static_cast<void>(take(text, ':'));
            const auto minutes = text.empty() ? 0 : take_digits(text, 2, 2);
            if (hours < 0 || minutes < 0 || !text.empty()) return result;
            if (hours != 0 || minutes != 0) {
                result.status = moment_status::time_zone;
                return result;
            }
        }
    }
    if (text.empty()) {
        result.status =
            result.at < min_moment || result.at > max_moment ? moment_status::out_of_range : moment_status::good;
    }
    return result;
}

[[nodiscard]] inline std::string padded(std::int64_t value, std::size_t width) {
    std::string digits = std::to_string(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

/// Appends a number of at most `width` digits, with zeros before it.
inline void append_digits(std::string& out, std::int64_t value, std::size_t width) {
    const std::size_t before = out.size();
    out.resize(before + width);
    for (std::size_t place = width; place-- > 0; value /= 10) out[before + place] = static_cast<char>('0' + value % 10);
}

/// Appends a day since 1970 as `2011-12-09`.
inline void append_date(std::string& out, std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    append_digits(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
}

/// Appends a moment as `2011-12-09 12:50:00`, with six decimals or without.
inline void append_moment(std::string& out, moment at, bool with_micros) {
    append_date(out, day_of(at));
    const std::int64_t rest = at - day_of(at) * micros_per_day;
    const std::int64_t seconds = rest / micros_per_second;
    out += ' ';
    append_digits(out, seconds / 3600, 2);
    out += ':';
    append_digits(out, seconds / 60 % 60, 2);
    out += ':';
    append_digits(out, seconds % 60, 2);
    if (!with_micros) return;
    out += '.';
    append_digits(out, rest % micros_per_second, 6);
}

}  // namespace detail

/// A moment from ISO 8601 text; a date means its first instant. Digits beyond microseconds are floored.
/// Throws `error` (unreadable, out_of_range, time_zone) that quotes the text.
[[nodiscard]] inline moment parse_moment(std::string_view text) {
    const auto reading = detail::read_moment(text);
    const std::string quoted = std::string(1, '\'').append(text).append(1, '\'');
    switch (reading.status) {
        case detail::moment_status::good: return reading.at;
        case detail::moment_status::out_of_range:
            throw error(error_code::out_of_range, "moment " + quoted + " is outside 1400-01-01 to 9999-12-31", {}, -1,
                        std::string(text));
        case detail::moment_status::time_zone:
            throw error(error_code::time_zone,
                        "moment " + quoted + " has a time zone other than UTC; give local time without an offset", {},
                        -1, std::string(text));
        case detail::moment_status::unreadable: break;
    }
    throw error(error_code::unreadable, "moment " + quoted + " is not ISO 8601, such as 2012-01-01 or 2012-01-01 08:26",
                {}, -1, std::string(text));
}

/// ISO 8601 text of a moment: `2011-12-09 12:50:00`, with six decimals only when they are not zero.
[[nodiscard]] inline std::string format_moment(moment at) {
    std::string text;
    detail::append_moment(text, at, at % micros_per_second != 0);
    return text;
}

}  // namespace lgs_rfm
