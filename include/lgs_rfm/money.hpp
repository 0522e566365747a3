#pragma once

#include <bit>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace lgs_rfm {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

/// Millionths in one unit of currency.
inline constexpr std::int64_t millionths_per_unit = 1'000'000;

/// An exact amount: whole millionths of the currency unit, 128 bits wide, so sums of int64 amounts cannot overflow.
struct money {
    int128 millionths = 0;

    friend constexpr bool operator==(money, money) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(money a, money b) noexcept {
        return a.millionths <=> b.millionths;
    }
    constexpr money& operator+=(money other) noexcept {
        millionths += other.millionths;
        return *this;
    }
    constexpr money& operator-=(money other) noexcept {
        millionths -= other.millionths;
        return *this;
    }
    friend constexpr money operator+(money a, money b) noexcept { return a += b; }
    friend constexpr money operator-(money a, money b) noexcept { return a -= b; }
};

/// A number read as money: whole millionths, and whether digits beyond the sixth decimal were rounded away.
struct money_reading {
    std::int64_t millionths;
    bool rounded;
};

namespace detail {

/// The double nearest to `n / 10^6`, ties to even: exact operands below 2^53 make the division correctly rounded;
/// beyond, the quotient is taken in integers with a sticky bit, at least 55 bits wide, and rounded once.
[[nodiscard]] inline double ratio_to_double(int128 n) noexcept {
    constexpr int128 exact = int128{1} << 53;
    if (n > -exact && n < exact) {
        return static_cast<double>(static_cast<std::int64_t>(n)) / 1e6;
    }
    const bool negative = n < 0;
    uint128 magnitude = negative ? -static_cast<uint128>(n) : static_cast<uint128>(n);
    const auto width = [](uint128 v) {
        const auto high = static_cast<std::uint64_t>(v >> 64);
        return high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<std::uint64_t>(v));
    };
    const int bits = width(magnitude);
    int exponent = 0;
    if (bits < 76) {  // 76 bits over 20 leave a quotient of at least 56
        exponent = bits - 76;
        magnitude <<= -exponent;
    }
    uint128 quotient = magnitude / 1'000'000U;
    bool sticky = magnitude % 1'000'000U != 0;
    const int surplus = width(quotient) - 62;
    if (surplus > 0) {
        sticky = sticky || (quotient & ((uint128{1} << surplus) - 1)) != 0;
        quotient >>= surplus;
        exponent += surplus;
    }
    const auto mantissa = static_cast<std::uint64_t>(quotient) | static_cast<std::uint64_t>(sticky);
    const double result = std::ldexp(static_cast<double>(mantissa), exponent);
    return negative ? -result : result;
}

/// The same for `count` numbers, `number(i)` each, as vector code where all are below 2^51: such a number, added to the
/// bits of 1.5 * 2^52, makes that double more by just as much.
template <class Number>
void ratios_to_doubles(std::size_t count, Number&& number, double* to) noexcept {
    constexpr double magic = 0x1.8p52;
    std::uint64_t far = 0;
    for (std::size_t i = 0; i < count; ++i) {
        far |= (static_cast<std::uint64_t>(std::int64_t{number(i)}) + (std::uint64_t{1} << 51)) >> 52;
    }
    if (far != 0) {
        for (std::size_t i = 0; i < count; ++i) to[i] = ratio_to_double(std::int64_t{number(i)});
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto bits = std::bit_cast<std::uint64_t>(magic) + static_cast<std::uint64_t>(std::int64_t{number(i)});
        to[i] = (std::bit_cast<double>(bits) - magic) / 1e6;
    }
}

/// nearbyint with ties to even for any double: adding and taking away 1.5 * 2^52 rounds in the current (default) mode
/// without a library call; at 2^51 and above doubles are checked to be whole already, or differ by halves.
[[nodiscard]] inline double round_to_even(double x) noexcept {
    constexpr double magic = 0x1.8p52;
    return std::fabs(x) < 0x1p51 ? (x + magic) - magic : std::nearbyint(x);
}

}  // namespace detail

/// The correctly rounded double, in units of currency.
[[nodiscard]] inline double to_double(money amount) noexcept { return detail::ratio_to_double(amount.millionths); }

/// An amount as money, or as that double.
template <class Amount>
[[nodiscard]] Amount amount_as(money amount) noexcept {
    if constexpr (std::is_same_v<Amount, money>) {
        return amount;
    } else {
        static_assert(std::is_same_v<Amount, double>);
        return to_double(amount);
    }
}

/// Decimal text without loss: "12.5", "-0.000001", "3". No exponent, no trailing zeros.
[[nodiscard]] inline std::string to_string(money amount) {
    const bool negative = amount.millionths < 0;
    uint128 rest = negative ? -static_cast<uint128>(amount.millionths) : static_cast<uint128>(amount.millionths);
    std::string text;
    auto fraction = static_cast<std::uint32_t>(rest % 1'000'000U);
    rest /= 1'000'000U;
    if (fraction != 0) {
        for (int place = 0; place < 6; ++place, fraction /= 10) {
            if (!text.empty() || fraction % 10 != 0) {
                text.insert(text.begin(), static_cast<char>('0' + fraction % 10));
            }
        }
        text.insert(text.begin(), '.');
    }
    do {
        text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10U)));
        rest /= 10U;
    } while (rest != 0);
    return negative ? "-" + text : text;
}

/// A double as money: `nearbyint(x * 1e6)`, ties to even. Counted as rounded when the product misses the whole number
/// by more than 2^-51 of it, which a decimal of up to six places, stored as the nearest double, never does.
/// Empty for NaN, infinities and what int64 millionths cannot hold (beyond 9.22e12 units).
[[nodiscard]] inline std::optional<money_reading> read_money(double x) noexcept {
    const double scaled = x * 1e6;
    if (!(std::fabs(scaled) < 0x1p63)) {
        return std::nullopt;
    }
    const double whole = detail::round_to_even(scaled);
    if (!(std::fabs(whole) < 0x1p63)) {
        return std::nullopt;
    }
    return money_reading{static_cast<std::int64_t>(whole), std::fabs(scaled - whole) > std::fabs(whole) * 0x1p-51};
}

/// Decimal text as money, exact to six places, further digits rounded to even: "12.75", "-0.5", ".5", "1e3".
/// Empty when the text is no finite decimal number or leaves int64 millionths. O(length).
[[nodiscard]] inline std::optional<money_reading> read_money(std::string_view text) noexcept {
    const char* at = text.data();
    const char* const end = at + text.size();
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) {
        ++at;
    }
    const char* const digits = at;
    std::int64_t point_places = 0;  // digits after the point
    std::int64_t count = 0;
    bool point = false;
    for (; at != end; ++at) {
        if (*at == '.' && !point) {
            point = true;
        } else if (*at >= '0' && *at <= '9') {
            ++count;
            point_places += point ? 1 : 0;
        } else {
            break;
        }
    }
    const char* const digits_end = at;
    if (count == 0) {
        return std::nullopt;
    }
    std::int64_t exponent = 0;
    if (at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        const bool minus = at != end && *at == '-';
        if (at != end && (*at == '-' || *at == '+')) {
            ++at;
        }
        if (at == end) {
            return std::nullopt;
        }
        for (; at != end && *at >= '0' && *at <= '9'; ++at) {
            exponent = exponent < 1'000'000 ? exponent * 10 + (*at - '0') : exponent;
        }
        exponent = minus ? -exponent : exponent;
    }
    if (at != end) {
        return std::nullopt;
    }
    // value = digits * 10^(exponent - places); shift is the power of ten that makes millionths of it.
    std::int64_t shift = exponent - point_places + 6;
    std::int64_t kept = shift < 0 ? count + shift : count;  // leading digits that stay whole
    uint128 magnitude = 0;
    int tie = -1;                    // the dropped part against one half: -1 below, 0 equal, 1 above
    bool first_dropped = kept >= 0;  // otherwise a zero stands before the first digit: below one half
    bool inexact = false;
    constexpr uint128 limit = uint128{1} << 63;
    for (const char* digit = digits; digit != digits_end; ++digit) {
        if (*digit == '.') {
            continue;
        }
        const auto value = static_cast<unsigned>(*digit - '0');
        if (kept > 0) {
            magnitude = magnitude * 10U + value;
            --kept;
            if (magnitude > limit) {
                return std::nullopt;
            }
            continue;
        }
        inexact = inexact || value != 0;
        if (first_dropped) {
            tie = value > 5 ? 1 : value == 5 ? 0 : -1;
            first_dropped = false;
        } else if (tie == 0 && value != 0) {
            tie = 1;
        }
    }
    for (; shift > 0 && magnitude != 0; --shift) {
        magnitude *= 10U;
        if (magnitude > limit) {
            return std::nullopt;
        }
    }
    if (inexact && (tie > 0 || (tie == 0 && (magnitude & 1U) != 0))) {
        ++magnitude;
    }
    if (magnitude >= limit) {
        return std::nullopt;
    }
    const auto whole = static_cast<std::int64_t>(magnitude);
    return money_reading{negative ? -whole : whole, inexact};
}

}  // namespace lgs_rfm
