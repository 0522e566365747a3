#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/column.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/money.hpp>

namespace lgs_rfm::detail {

/// What a column is read as. Decides the canonical 64-bit value that a row becomes.
enum class role : std::uint8_t { required_id, optional_id, quantity, moment, price };

/// |quantity| stays below 2^31 so that no product and no sum of products can leave 128 bits.
inline constexpr std::int64_t max_quantity = std::numeric_limits<std::int32_t>::max();
/// Doubles at and above 2^53 may stand for several integers, so they cannot be ids.
inline constexpr double max_float_id = 0x1p53;

/// A value read: the canonical 64 bits (an id key, or an int64), or why there are none.
struct reading {
    std::uint64_t value = 0;
    bool noted = false;  ///< price: rounded to millionths; moment: floored to microseconds
    bool failed = false;
    error_code problem = error_code::internal;

    static reading of(std::uint64_t value, bool noted = false) { return {value, noted, false, error_code::internal}; }
    static reading of(std::int64_t value, bool noted = false) { return of(static_cast<std::uint64_t>(value), noted); }
    static reading failure(error_code problem) { return {0, false, true, problem}; }
};

[[nodiscard]] inline std::string digits_of(int128 value) {
    uint128 magnitude = value < 0 ? -static_cast<uint128>(value) : static_cast<uint128>(value);
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(magnitude % 10U)));
        magnitude /= 10U;
    } while (magnitude != 0);
    return value < 0 ? "-" + digits : digits;
}

[[nodiscard]] inline reading resolve_id(const cell& value, bool required, key_pool& pool) {
    id_key key = missing_key;
    switch (value.what) {
        case cell::kind::missing: break;
        case cell::kind::integer:
            key = value.integer == static_cast<std::int64_t>(value.integer)
                      ? pool.key(static_cast<std::int64_t>(value.integer))
                      : pool.key(digits_of(value.integer));  // beyond int64: the text of its digits
            break;
        case cell::kind::real:
            if (!(std::fabs(value.real) < max_float_id)) {
                return reading::failure(std::isfinite(value.real) ? error_code::out_of_range : error_code::not_finite);
            }
            if (value.real != std::trunc(value.real)) return reading::failure(error_code::fractional);
            key = pool.key(static_cast<std::int64_t>(value.real));
            break;
        case cell::kind::text: key = pool.key(value.text); break;
        default: return reading::failure(error_code::wrong_type);
    }
    return key == missing_key && required ? reading::failure(error_code::missing_value) : reading::of(key);
}

[[nodiscard]] inline reading resolve_quantity(const cell& value) {
    switch (value.what) {
        case cell::kind::missing: return reading::failure(error_code::missing_value);
        case cell::kind::integer:
            if (value.integer > max_quantity || value.integer < -max_quantity) {
                return reading::failure(error_code::out_of_range);
            }
            return reading::of(static_cast<std::int64_t>(value.integer));
        case cell::kind::real:
            if (!std::isfinite(value.real)) return reading::failure(error_code::not_finite);
            if (value.real != std::trunc(value.real)) return reading::failure(error_code::fractional);
            if (std::fabs(value.real) > static_cast<double>(max_quantity)) {
                return reading::failure(error_code::out_of_range);
            }
            return reading::of(static_cast<std::int64_t>(value.real));
        default: return reading::failure(error_code::wrong_type);
    }
}

[[nodiscard]] inline reading resolve_moment(const cell& value) {
    switch (value.what) {
        case cell::kind::missing: return reading::failure(error_code::missing_value);
        case cell::kind::instant:
            if (value.integer < min_moment || value.integer > max_moment) {
                return reading::failure(error_code::out_of_range);
            }
            return reading::of(static_cast<std::int64_t>(value.integer), value.floored);
        case cell::kind::zoned: return reading::failure(error_code::time_zone);
        case cell::kind::text: {
            if (is_blank(value.text)) return reading::failure(error_code::missing_value);
            const auto text = read_moment(value.text);
            switch (text.status) {
                case moment_status::good: return reading::of(text.at, text.floored);
                case moment_status::time_zone: return reading::failure(error_code::time_zone);
                case moment_status::out_of_range: return reading::failure(error_code::out_of_range);
                case moment_status::unreadable: break;
            }
            return reading::failure(error_code::unreadable);
        }
        default: return reading::failure(error_code::wrong_type);
    }
}

/// mantissa * 10^-scale as millionths, ties to even; empty beyond int64.
[[nodiscard]] inline std::optional<money_reading> decimal_to_money(int128 mantissa, std::int32_t scale) {
    bool rounded = false;
    if (mantissa == 0) return money_reading{0, false};
    for (; scale < 6; ++scale) {
        if (mantissa > (int128{1} << 66) || mantissa < -(int128{1} << 66)) return std::nullopt;
        mantissa *= 10;
    }
    if (scale > 6) {
        int128 unit = 1;
        for (; scale > 6 && unit < (int128{1} << 123); --scale) unit *= 10;
        if (scale > 6) {  // a unit of 10^39 or more is over twice any mantissa: nothing of it is left
            return money_reading{0, mantissa != 0};
        }
        int128 whole = mantissa / unit;
        const int128 rest = mantissa % unit;
        const int128 dropped = rest < 0 ? -rest : rest;
        const int128 half = unit / 2;  // unit is a power of ten, hence even
        if (dropped > half || (dropped == half && whole % 2 != 0)) whole += mantissa < 0 ? -1 : 1;
        rounded = rest != 0;
        mantissa = whole;
    }
    constexpr int128 limit = int128{1} << 63;
    if (mantissa >= limit || mantissa <= -limit) return std::nullopt;
    return money_reading{static_cast<std::int64_t>(mantissa), rounded};
}

[[nodiscard]] inline reading resolve_price(const cell& value) {
    std::optional<money_reading> amount;
    switch (value.what) {
        case cell::kind::missing: return reading::failure(error_code::missing_value);
        case cell::kind::integer: amount = decimal_to_money(value.integer, 0); break;
        case cell::kind::decimal: amount = decimal_to_money(value.integer, value.scale); break;
        case cell::kind::decimal_text: amount = read_money(value.text); break;
        case cell::kind::real:
            if (!std::isfinite(value.real)) return reading::failure(error_code::not_finite);
            if (value.single) {
                std::array<char, 64> text{};
                const auto end =
                    std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(value.real)).ptr;
                amount = read_money(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
            } else {
                amount = read_money(value.real);
            }
            break;
        default: return reading::failure(error_code::wrong_type);
    }
    return amount ? reading::of(amount->millionths, amount->rounded) : reading::failure(error_code::out_of_range);
}

[[nodiscard]] inline reading resolve(role as, const cell& value, key_pool& pool) {
    switch (as) {
        case role::required_id: return resolve_id(value, true, pool);
        case role::optional_id: return resolve_id(value, false, pool);
        case role::quantity: return resolve_quantity(value);
        case role::moment: return resolve_moment(value);
        case role::price: return resolve_price(value);
    }
    return reading::failure(error_code::internal);
}

/// True when a column of this type can be read in this role at all; a cell of a mixed column is judged on its own.
[[nodiscard]] constexpr bool accepts(role as, column_type type) noexcept {
    using t = column_type;
    const bool integer = type >= t::int8 && type <= t::uint64;
    const bool real = type == t::float32 || type == t::float64;
    const bool text = type >= t::utf8 && type <= t::string_views;
    if (type == t::cells || type == t::nulls) return true;
    switch (as) {
        case role::required_id:
        case role::optional_id: return integer || real || text;
        case role::quantity: return integer || real;
        case role::moment: return (type >= t::timestamp_s && type <= t::date64) || text;
        case role::price: return integer || real || type == t::decimal128;
    }
    return false;
}

/// What a column of this role takes, for messages.
[[nodiscard]] constexpr const char* accepted_types(role as) noexcept {
    switch (as) {
        case role::required_id:
        case role::optional_id: return "text, integers or whole floats";
        case role::quantity: return "integers or whole floats";
        case role::moment: return "timestamps, dates or ISO 8601 text";
        case role::price: return "floats, integers or decimals";
    }
    return "";
}

/// A cell as a message shows it, cut to 60 bytes.
[[nodiscard]] inline std::string show(const cell& value) {
    switch (value.what) {
        case cell::kind::missing: return "missing";
        case cell::kind::integer:
        case cell::kind::decimal: {
            const std::string digits = digits_of(value.integer);
            return value.what == cell::kind::decimal && value.scale != 0 ? digits + "e-" + std::to_string(value.scale)
                                                                         : digits;
        }
        case cell::kind::real: {
            std::array<char, 64> text{};
            const auto end =
                value.single ? std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(value.real)).ptr
                             : std::to_chars(text.data(), text.data() + text.size(), value.real).ptr;
            return {text.data(), end};
        }
        case cell::kind::instant:
            // Boundaries of std::chrono's years; beyond, a date would be a riddle anyway.
            return value.integer < days_of(-9999, 1, 1) * int128{micros_per_day} ||
                           value.integer > days_of(32000, 1, 1) * int128{micros_per_day}
                       ? show({.what = cell::kind::integer, .integer = value.integer}) + " microseconds since 1970"
                       : format_moment(static_cast<std::int64_t>(value.integer));
        default: break;
    }
    std::string text(value.text.substr(0, 60));
    if (text.size() < value.text.size()) text += "...";
    for (char& c : text) c = c == '\n' || c == '\r' ? ' ' : c;
    return value.what == cell::kind::text ? "'" + text + "'" : text;
}

}  // namespace lgs_rfm::detail
