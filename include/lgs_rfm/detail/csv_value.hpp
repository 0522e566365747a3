#pragma once

#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/csv_format.hpp>
#include <lgs_rfm/detail/resolve.hpp>
#include <lgs_rfm/money.hpp>

/// One value of a record, exactly: whatever form is allowed, and which refusal it earns otherwise.
namespace lgs_rfm::detail {

/// Missing as databases and pandas write it. "NA" may be an id.
[[nodiscard]] inline bool is_missing_text(std::string_view text) noexcept {
    return text.empty() || text == "NULL" || text == "null" || text == "NaN" || text == "nan";
}

[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\n\r\v\f";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// An id. `whole_floats`: 13085.0, as pandas writes ids that have gaps, is 13085.
[[nodiscard]] inline reading csv_id(std::string_view text, bool required, bool whole_floats, key_pool& pool) {
    if (is_missing_text(text)) {
        return required ? reading::failure(error_code::missing_value) : reading::of(missing_key);
    }
    if (whole_floats && text.back() == '0') {
        const auto zeros = text.find_last_not_of('0');
        if (zeros != std::string_view::npos && zeros > 0 && text[zeros] == '.' && zeros + 1 < text.size()) {
            const std::size_t sign = text.front() == '-' ? 1 : 0;
            const std::string_view digits = text.substr(sign, zeros - sign);
            if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) {
                text = text.substr(0, zeros);
            }
        }
    }
    const id_key key = pool.key(text);
    return key == missing_key && required ? reading::failure(error_code::missing_value) : reading::of(key);
}

/// Decimal text with a point, such as 1234.50 or 1.5e3, out of blanks and of whatever stands for the point.
class csv_decimal {
public:
    csv_decimal(std::string_view text, char point) : text_(trimmed(text)) {
        if (point == '.' || text_.find_first_of(".,") == std::string_view::npos) return;
        own_ = text_;
        for (char& c : own_) c = c == point ? '.' : c == '.' ? ' ' : c;  // a blank within makes it no number
        text_ = own_;
    }
    csv_decimal(const csv_decimal&) = delete;
    csv_decimal& operator=(const csv_decimal&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// Why it cannot be read as money, though not missing.
    [[nodiscard]] error_code problem() const {
        std::string_view rest = text_;
        if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
        std::string lower;
        for (const char c : rest.substr(0, 9)) {
            lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        }
        if (lower == "inf" || lower == "infinity" || lower == "nan") return error_code::not_finite;
        const auto digits = [&rest] {
            std::size_t count = 0;
            for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; ++count) rest.remove_prefix(1);
            return count;
        };
        std::size_t count = digits();
        if (take(rest, '.')) count += digits();
        if (count == 0) return error_code::unreadable;
        if (take(rest, 'e') || take(rest, 'E')) {
            if (!take(rest, '-')) static_cast<void>(take(rest, '+'));
            if (digits() == 0) return error_code::unreadable;
        }
        return rest.empty() ? error_code::out_of_range : error_code::unreadable;
    }

private:
    std::string_view text_;
    std::string own_;
};

[[nodiscard]] inline reading csv_price_of(std::string_view text, char point) {
    if (is_missing_text(text)) return reading::failure(error_code::missing_value);
    const csv_decimal decimal(text, point);
    if (decimal.text().empty()) return reading::failure(error_code::missing_value);
    if (const auto amount = read_money(decimal.text())) return reading::of(amount->millionths, amount->rounded);
    return reading::failure(decimal.problem());
}

[[nodiscard]] inline reading csv_quantity_of(std::string_view text, char point) {
    if (is_missing_text(text)) return reading::failure(error_code::missing_value);
    const csv_decimal decimal(text, point);
    if (decimal.text().empty()) return reading::failure(error_code::missing_value);
    const auto units = read_money(decimal.text());
    if (!units) return reading::failure(decimal.problem());
    constexpr std::int64_t unit = 1'000'000;
    if (units->rounded || units->millionths % unit != 0) return reading::failure(error_code::fractional);
    const std::int64_t quantity = units->millionths / unit;
    if (quantity > max_quantity || quantity < -max_quantity) return reading::failure(error_code::out_of_range);
    return reading::of(quantity);
}

/// `12/1/2010 8:26[:ss]`, day and month in the order found; the time may be left out.
struct slash_date {
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int64_t year = 0;
    std::int64_t seconds = 0;  ///< of the day

    [[nodiscard]] static std::optional<slash_date> read(std::string_view text) noexcept {
        slash_date date;
        date.first = take_digits(text, 1, 2);
        if (date.first < 0 || !take(text, '/')) return std::nullopt;
        date.second = take_digits(text, 1, 2);
        if (date.second < 0 || !take(text, '/')) return std::nullopt;
        date.year = take_digits(text, 4, 4);
        if (date.year < 0) return std::nullopt;
        if (text.empty()) return date;
        if (!take(text, ' ')) return std::nullopt;
        const auto hour = take_digits(text, 1, 2);
        if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
        const auto minute = take_digits(text, 2, 2);
        if (minute < 0 || minute > 59) return std::nullopt;
        const std::int64_t second = take(text, ':') ? take_digits(text, 2, 2) : 0;
        if (second < 0 || second > 59 || !text.empty()) return std::nullopt;
        date.seconds = hour * 3600 + minute * 60 + second;
        return date;
    }

    /// The order that this value alone proves.
    [[nodiscard]] slash_order proves() const noexcept {
        if (first > 12 && first <= 31 && second <= 12) return slash_order::day_first;
        return second > 12 && second <= 31 && first <= 12 ? slash_order::month_first : slash_order::unknown;
    }
};

/// The moment of exactly `2010-12-01 08:26:00`; empty for whatever is written otherwise, or no moment.
[[nodiscard]] inline std::optional<moment> second_of(const char* text, std::size_t size) noexcept {
    if (size != 19) return std::nullopt;
    unsigned odd = 0;  // above 9 once a letter was no digit
    const auto two = [&](std::size_t at) {
        const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
        const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
        odd |= (tens > 9 ? 16U : 0U) | (ones > 9 ? 16U : 0U);
        return 10 * tens + ones;
    };
    const unsigned year = 100 * two(0) + two(2);
    const unsigned month = two(5);
    const unsigned day = two(8);
    const unsigned hour = two(11);
    const unsigned minute = two(14);
    const unsigned second = two(17);
    const bool marks = text[4] == '-' && text[7] == '-' && text[10] == ' ' && text[13] == ':' && text[16] == ':';
    if (odd != 0 || !marks || year < 1400 || month - 1 > 11 || hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    const bool long_month = (0x15AAU >> month & 1U) != 0;         // bits 1, 3, 5, 7, 8, 10 and 12
    if (day - 1 > (long_month ? 30U : 27U)) return std::nullopt;  // the careful way knows the ends of the others
    const std::int64_t seconds = std::int64_t{3600} * hour + 60 * minute + second;
    return days_of(static_cast<int>(year), month, day) * micros_per_day + seconds * micros_per_second;
}

/// A moment. Fails as `invalid_option` for a date with slashes while their order is not known.
[[nodiscard]] inline reading csv_moment(std::string_view text, slash_order order) {
    text = trimmed(text);
    if (is_missing_text(text)) return reading::failure(error_code::missing_value);
    const auto slashed = slash_date::read(text);
    if (!slashed) return resolve_moment({.what = cell::kind::text, .text = text});
    if (order == slash_order::unknown) return reading::failure(error_code::invalid_option);
    const bool month_first = order == slash_order::month_first;
    const std::chrono::year_month_day date(
        std::chrono::year(static_cast<int>(slashed->year)),
        std::chrono::month(static_cast<unsigned>(month_first ? slashed->first : slashed->second)),
        std::chrono::day(static_cast<unsigned>(month_first ? slashed->second : slashed->first)));
    if (!date.ok()) return reading::failure(error_code::unreadable);
    const moment at =
        std::chrono::sys_days(date).time_since_epoch().count() * micros_per_day + slashed->seconds * micros_per_second;
    return at < min_moment || at > max_moment ? reading::failure(error_code::out_of_range) : reading::of(at);
}

/// A value of any of our columns, out of its plain text.
[[nodiscard]] inline reading csv_value(csv_column column, std::string_view text, const csv_format& format,
                                       key_pool& pool) {
    switch (column) {
        case csv_invoice: return csv_id(text, true, false, pool);
        case csv_customer: return csv_id(text, false, true, pool);
        case csv_quantity: return csv_quantity_of(text, format.point);
        case csv_price: return csv_price_of(text, format.point);
        case csv_date: return csv_moment(text, format.order);
    }
    return reading::failure(error_code::internal);
}

}  // namespace lgs_rfm::detail
