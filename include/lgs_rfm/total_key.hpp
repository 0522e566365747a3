#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/id.hpp>

namespace lgs_rfm {

/// A step of the calendar, by which lines are totalled.
enum class calendar_step : std::uint8_t { day, week, month, quarter, year };

/// The names of the steps, in their order.
inline constexpr std::array<std::string_view, 5> calendar_steps{"day", "week", "month", "quarter", "year"};

/// The first day of the period that a moment lies in, as days since 1970. Weeks are ISO weeks, from Monday.
[[nodiscard]] constexpr std::int64_t period_start(moment at, calendar_step step) noexcept {
    const std::int64_t day = day_of(at);
    const std::int32_t month = step >= calendar_step::month ? month_of(at) : 0;
    switch (step) {
        case calendar_step::week: return day - (day + 3 - floor_div(day + 3, 7) * 7);  // 1970-01-01 was a Thursday
        case calendar_step::month: return day_of(month_start(month));
        case calendar_step::quarter: return day_of(month_start(month - month % 3));
        case calendar_step::year: return day_of(month_start(month - month % 12));
        case calendar_step::day: break;
    }
    return day;
}

/// What customers are called, such as their segments: a label a customer.
struct customer_labels {
    std::string name;                 ///< of the key
    id_column customers;              ///< each once, none missing
    std::vector<std::int32_t> codes;  ///< into `names`; -1: no label
    std::vector<std::string> names;   ///< in the order of rows
    bool complete = true;             ///< false: the names alone, as saved totals keep them
};

/// One of the things that lines are totalled by.
struct total_key {
    enum class source : std::uint8_t {
        column,  ///< one of ours, or the caller's own (`invoice_lines::others`)
        period,  ///< the calendar step of the line's moment
        label    ///< the label of the line's customer
    };
    std::string name;
    source from = source::column;
    calendar_step step = calendar_step::day;  ///< of a period

    friend bool operator==(const total_key&, const total_key&) = default;
};

}  // namespace lgs_rfm
