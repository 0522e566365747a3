#pragma once

// The inner parts of the demo shop: random numbers, the catalogue, the calendar, the plan of events.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/demo.hpp>

namespace lgs_rfm::demo {

inline constexpr std::int32_t first_day = static_cast<std::int32_t>(days_of(2009, 12, 1));
inline constexpr std::int32_t last_day = static_cast<std::int32_t>(days_of(2011, 12, 9));

// ---- random numbers ----

// The mixing function of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA
// 2014).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
}

// 2^64 divided by the golden ratio: the step of SplitMix64 and of every other even spread over 64 bits.
inline constexpr std::uint64_t golden = 0x9E37'79B9'7F4A'7C15;

// Chances for curves are whole numbers below `one`.
inline constexpr std::uint32_t one = 1U << 20;

class random_source {
public:
    // Each part of the shop has a stream of its own, so a change to one leaves the draws of the others alone.
    constexpr random_source(std::uint64_t seed, std::uint64_t stream) noexcept
        : state_(mix(mix(seed + golden) + stream * golden)) {}

    constexpr std::uint64_t next() noexcept { return mix(state_ += golden); }

    // 0 to n - 1; the bias of taking the high half of a product is below n / 2^32.
    constexpr std::uint32_t below(std::uint32_t n) noexcept {
        return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
    }

    constexpr std::int32_t between(std::int32_t low, std::int32_t high) noexcept {
        return low + static_cast<std::int32_t>(below(static_cast<std::uint32_t>(high - low + 1)));
    }

    constexpr bool chance(std::uint32_t times, std::uint32_t of) noexcept { return below(of) < times; }

    constexpr std::uint32_t fraction() noexcept { return static_cast<std::uint32_t>(next() >> 44); }

    // count * times / of, rounded up or down by chance: the mean is exact, and so is a whole result.
    constexpr std::int64_t rate(std::int64_t count, std::int64_t times, std::uint32_t of) noexcept {
        return (count * times + below(of)) / of;
    }

private:
    std::uint64_t state_;
};

// A distribution given by its quantiles: `share` in ten-thousandths, from 0 to 10,000; straight lines between the
// points.
struct quantile_point {
    std::int32_t share;
    std::int32_t value;
};
using curve = std::span<const quantile_point>;

// The quantile at `u`, which is below `one`.
[[nodiscard]] constexpr std::int64_t value_at(curve points, std::uint32_t u) noexcept {
    const std::int64_t at = std::int64_t{u} * 10'000;
    std::size_t k = 1;
    while (at >= std::int64_t{points[k].share} * one) ++k;
    const std::int64_t from = std::int64_t{points[k - 1].share} * one;
    const std::int64_t to = std::int64_t{points[k].share} * one;
    const std::int64_t low = points[k - 1].value;
    return low + (points[k].value - low) * (at - from) / (to - from);
}

// ---- catalogue ----

struct product {
    std::uint32_t family;       // the first product of the same design; siblings follow it
    std::uint32_t siblings;     // products in the family
    std::uint32_t description;  // code of the usual spelling
    std::uint32_t spelling;     // code of another one, mostly the same
    std::int32_t from_day;      // on sale from this day to the last one, both included
    std::int32_t to_day;
    std::int32_t price_day;  // new_price from this day on
    std::int32_t price;      // list prices in pence
    std::int32_t new_price;
    std::int32_t carton;  // units in a carton
    std::uint32_t theme;
    bool christmas;
};

inline constexpr std::uint32_t theme_count = 10;

// Codes that are no goods. Their stock codes and descriptions stand in this order.
enum class service : std::uint32_t { postage, web_postage, manual, discount, carriage, bank_charges, fees, bad_debt };
inline constexpr std::uint32_t service_count = 8;

struct catalogue {
    std::vector<product> products;             // product i has stock code i
    std::vector<std::string> stock_codes;      // of the products, then of the services
    std::vector<std::string> descriptions;     // of the services, then notes of the stock keepers, then of the products
    std::vector<std::uint16_t> by_popularity;  // an even draw from it is a draw of a product by popularity
    std::uint32_t notes = 0;                   // number of notes

    [[nodiscard]] std::uint32_t code_of(service s) const noexcept {
        return static_cast<std::uint32_t>(products.size()) + static_cast<std::uint32_t>(s);
    }
};

[[nodiscard]] catalogue make_catalogue(std::uint64_t seed);

inline constexpr std::uint32_t home = 0;     // United Kingdom
inline constexpr std::uint32_t ireland = 1;  // pays carriage instead of postage
[[nodiscard]] std::vector<std::string> country_names();
inline constexpr std::uint32_t unspecified = 39;  // the last one
[[nodiscard]] std::uint32_t draw_country(random_source& random);

// ---- calendar ----

// The shop's trade as ticks: a busy day has many, a closed one none, so what is even in ticks follows season and week.
class trade_calendar {
public:
    trade_calendar();
    [[nodiscard]] std::int64_t ticks() const noexcept { return until_.back(); }
    // The open day that a tick from 0 to ticks() - 1 belongs to, as days since 1970.
    [[nodiscard]] std::int32_t day_at(std::int64_t tick) const;
    // The first open day not before `day`; the day after the last one when there is none.
    [[nodiscard]] std::int32_t open_from(std::int32_t day) const;

private:
    std::vector<std::int32_t> days_;   // the open ones
    std::vector<std::int64_t> until_;  // ticks up to the end of each
};

// ---- plan ----

enum class event_kind : std::uint8_t {
    rest_of_sale,   // more lines of a sale, a minute later
    sale,           // by a known customer
    giant_sale,     // one line of very many units, taken back minutes later
    web_sale,       // no customer: many single pieces at retail prices
    desk_sale,      // no customer: a few lines
    cancel_some,    // a few lines of a sale
    cancel_all,     // all of them
    early_return,   // of goods bought before the first day
    credit,         // a discount given afterwards
    positive_slip,  // a cancellation of positive quantity
    bank_charge,
    fee,
    bad_debt,
    written_off,  // stock at price 0, negative
    found         // stock at price 0, positive
};

inline constexpr std::uint32_t nobody = 0xFFFF'FFFF;

struct event {
    std::int64_t minute = 0;          // since 1970
    std::uint32_t id = 0;             // position in the order of making
    std::uint32_t customer = nobody;  // index from 0
    std::uint32_t about = 0;          // id of the sale that is continued or cancelled
    std::uint32_t lines = 1;          // of goods
    event_kind kind = event_kind::sale;
};

struct buyer {
    std::uint32_t country = home;
    std::uint32_t theme = 0;      // favourite theme
    std::uint32_t by_carton = 0;  // chance of buying a line by the carton, of 1,000; by the piece otherwise
    std::uint32_t bulk = 1;       // usual number of cartons
};

struct plan {
    std::vector<buyer> buyers;
    std::vector<event> events;  // by minute
};

[[nodiscard]] plan make_plan(const demo_options& options);

// ---- till ----

// The lines of the plan's events; `copied_days` is not looked at.
[[nodiscard]] demo_shop ring_up(const demo_options& options);

}  // namespace lgs_rfm::demo
