#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "demo_parts.hpp"

// When something happens in the demo shop, and to whom. The figures are chosen so that the shop resembles a real
// gift-ware wholesaler in its seasons, in how often and how long customers buy, and in the size of baskets.

namespace lgs_rfm::demo {
namespace {

// Invoices on an ordinary day, by month; the trade peaks before Christmas.
constexpr std::array<std::int32_t, 12> daily_trade = {62, 74, 82, 72, 88, 78, 70, 68, 87, 105, 136, 112};
// Per cent of it, Sunday to Saturday; the shop is closed on Saturdays.
constexpr std::array<std::int32_t, 7> weekday_trade = {48, 99, 106, 101, 116, 94, 0};

std::int64_t trade_on(std::int32_t day) {
    const std::chrono::sys_days at{std::chrono::days(day)};
    const std::chrono::year_month_day date(at);
    const int year = static_cast<int>(date.year());
    const unsigned month = static_cast<unsigned>(date.month());
    const unsigned of_month = static_cast<unsigned>(date.day());
    const unsigned weekday = std::chrono::weekday(at).c_encoding();
    const auto is = [&](int y, unsigned m, unsigned d) { return year == y && month == m && of_month == d; };

    if (is(2009, 12, 5)) return 50 * 100;  // one Saturday with the doors open
    const bool christmas = (month == 12 && of_month >= 24) || (month == 1 && of_month <= 3);
    // Public holidays in England: Easter, May Day, spring and summer bank holidays, the royal wedding of 2011.
    const bool easter = (year == 2010 && month == 4 && of_month >= 2 && of_month <= 5) ||
                        (year == 2011 && month == 4 && of_month >= 22 && of_month <= 25);
    const bool monday_off =
        weekday == 1 && ((month == 5 && (of_month <= 7 || of_month >= 25)) || (month == 8 && of_month >= 25));
    if (christmas || easter || monday_off || is(2011, 4, 29)) return 0;
    std::int64_t trade = daily_trade[month - 1] * weekday_trade[weekday];
    // Late in December it is too late for resale.
    if (month == 12 && of_month > 9) trade = trade * (of_month > 16 ? 40 : 70) / 100;
    return trade;
}

// Minutes of the day; Sundays are shorter.
constexpr std::array<quantile_point, 14> weekday_hours = {{{0, 440},
                                                           {25, 480},
                                                           {240, 540},
                                                           {900, 600},
                                                           {2'020, 660},
                                                           {3'260, 720},
                                                           {4'770, 780},
                                                           {6'100, 840},
                                                           {7'320, 900},
                                                           {8'470, 960},
                                                           {9'250, 1'020},
                                                           {9'720, 1'080},
                                                           {9'950, 1'190},
                                                           {10'000, 1'230}}};
constexpr std::array<quantile_point, 5> sunday_hours = {
    {{0, 590}, {500, 630}, {5'000, 780}, {9'500, 950}, {10'000, 990}}};

std::int64_t minute_on(std::int32_t day, random_source& random) {
    const bool sunday = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day))) == std::chrono::Sunday;
    const std::int64_t minute = value_at(sunday ? curve(sunday_hours) : curve(weekday_hours), random.fraction());
    return std::int64_t{day} * 1'440 + minute;
}

// Exponential with a mean of about 1,000; the far tail is cut off.
constexpr std::array<quantile_point, 9> exponential = {{{0, 0},
                                                        {1'000, 105},
                                                        {2'500, 288},
                                                        {5'000, 693},
                                                        {7'500, 1'386},
                                                        {9'000, 2'303},
                                                        {9'700, 3'507},
                                                        {9'950, 5'298},
                                                        {10'000, 7'600}}};

// Purchases in two years, in tenths, of a customer who comes before the first day and never leaves.
constexpr std::array<quantile_point, 9> purchase_rate = {{{0, 6},
                                                          {2'000, 16},
                                                          {5'000, 55},
                                                          {7'500, 117},
                                                          {9'000, 220},
                                                          {9'700, 440},
                                                          {9'900, 900},
                                                          {9'980, 1'700},
                                                          {10'000, 4'000}}};

// Chance to leave for good after a purchase, in ten-thousandths.
constexpr std::array<quantile_point, 5> leaving = {
    {{0, 10}, {3'000, 250}, {6'000, 1'000}, {8'500, 3'200}, {10'000, 7'500}}};

// When a customer who is new after the first day comes, in ten-thousandths of all ticks.
constexpr std::array<quantile_point, 4> coming = {{{0, 0}, {5'000, 4'000}, {8'000, 7'600}, {10'000, 10'000}}};

// Usual lines of a customer's invoice, in tenths, and one invoice's share of that, in per cent.
constexpr std::array<quantile_point, 8> usual_lines = {
    {{0, 12}, {500, 40}, {2'500, 115}, {5'000, 178}, {7'500, 262}, {9'000, 385}, {9'900, 760}, {10'000, 1'500}}};
constexpr std::array<quantile_point, 7> basket = {
    {{0, 5}, {700, 20}, {2'500, 55}, {5'000, 90}, {7'500, 130}, {9'500, 210}, {10'000, 450}}};
constexpr std::array<std::int32_t, 12> season_basket = {92, 92, 96, 94, 94, 98, 100, 100, 106, 108, 112, 104};

constexpr std::array<quantile_point, 4> carton_habit = {{{0, 150}, {3'000, 480}, {7'000, 760}, {10'000, 970}}};
constexpr std::array<quantile_point, 7> bulk_habit = {
    {{0, 1}, {7'400, 2}, {9'200, 3}, {9'800, 5}, {9'940, 10}, {9'985, 19}, {10'000, 40}}};

// Lines of an invoice without a customer. The short half is written at the desk, the long one gathers the web shop's
// orders of some hours.
constexpr std::array<quantile_point, 11> unknown_lines = {{{0, 1},
                                                           {1'500, 2},
                                                           {3'000, 3},
                                                           {4'000, 7},
                                                           {5'000, 17},
                                                           {6'000, 32},
                                                           {7'000, 60},
                                                           {8'000, 150},
                                                           {9'000, 218},
                                                           {9'900, 570},
                                                           {10'000, 1'200}}};
constexpr std::int64_t web_from = 20;

constexpr std::array<quantile_point, 6> cancelled_lines = {
    {{0, 1}, {6'400, 2}, {8'000, 4}, {9'500, 9}, {9'900, 20}, {10'000, 60}}};
constexpr std::array<quantile_point, 7> cancel_days = {
    {{0, 1}, {2'000, 5}, {4'500, 10}, {7'200, 30}, {8'900, 85}, {9'700, 200}, {10'000, 400}}};

constexpr std::uint32_t sales_cancelled = 205;  // of 1,000 sales, in part or as a whole

class planner {
public:
    explicit planner(const demo_options& options)
        : customers_(static_cast<std::uint32_t>(options.customers)), seed_(options.seed), random_(options.seed, 2) {}

    plan make() {
        made_.buyers.reserve(customers_);
        for (std::uint32_t k = 0; k < customers_; ++k) add_customer(k);
        add_giants();
        add_unknown();
        std::sort(made_.events.begin(), made_.events.end(), [](const event& a, const event& b) {
            const bool a_rest = a.kind == event_kind::rest_of_sale;
            const bool b_rest = b.kind == event_kind::rest_of_sale;
            if (a.minute != b.minute) return a.minute < b.minute;
            return a_rest != b_rest ? a_rest : a.id < b.id;
        });
        return std::move(made_);
    }

private:
    event& add(event_kind kind, std::int64_t minute, std::uint32_t customer = nobody) {
        event& made = made_.events.emplace_back();
        made.id = static_cast<std::uint32_t>(made_.events.size() - 1);
        made.kind = kind;
        made.minute = minute;
        made.customer = customer;
        return made;
    }

    std::int64_t minute_at(std::int64_t tick) { return minute_on(calendar_.day_at(tick), random_); }

    std::int64_t any_tick() { return random_.below(static_cast<std::uint32_t>(calendar_.ticks())); }

    void add_customer(std::uint32_t k) {
        // Rates are spread evenly over their curve (multiples of the golden ratio, shifted by the seed), not drawn: so
        // a small shop has its share of big customers too, and the lines grow in step with the customers.
        const auto rank = static_cast<std::uint32_t>((mix(seed_ + 2 * golden) + (k + 1) * golden) >> 44);
        const std::int64_t rate = value_at(purchase_rate, rank);
        const std::int64_t mean_gap = calendar_.ticks() * 10 / rate;

        buyer who;
        who.country = draw_country(random_);
        who.theme = random_.below(theme_count);
        const std::uint32_t length = random_.fraction();
        const std::int64_t lines = value_at(usual_lines, length);
        // Who buys few products buys more of each: most invoices then come out at a few hundred pounds.
        const std::uint32_t habit = random_.chance(2, 3) ? one - 1 - length : random_.fraction();
        who.by_carton = static_cast<std::uint32_t>(value_at(carton_habit, habit));
        who.bulk = static_cast<std::uint32_t>(value_at(bulk_habit, random_.chance(2, 5) ? rank : random_.fraction()));
        made_.buyers.push_back(who);
        // The biggest customers stay: a shop does not lose them as easily.
        const std::int64_t leave = value_at(leaving, random_.fraction()) * 100 / (100 + rate);

        std::int64_t tick = 0;
        if (random_.chance(11, 20)) {
            if (random_.chance(1, 40)) add_early_return(k);
            tick = gap(mean_gap);
            if (tick >= calendar_.ticks()) tick = any_tick();
        } else {
            tick = calendar_.ticks() * value_at(coming, random_.fraction()) / 10'000;
            if (random_.chance(1, 50)) return add_early_return(k);  // never buys anything more
        }
        for (;;) {
            add_sale(k, tick, lines);
            if (random_.chance(static_cast<std::uint32_t>(leave), 10'000)) break;
            tick += gap(mean_gap);
            if (tick >= calendar_.ticks()) break;
        }
    }

    std::int64_t gap(std::int64_t mean) { return mean * value_at(exponential, random_.fraction()) / 1'000; }

    void add_sale(std::uint32_t customer, std::int64_t tick, std::int64_t usual) {
        const std::int64_t minute = minute_at(tick);
        const std::uint32_t lines = lines_of(usual, minute);
        event& sale = add(event_kind::sale, minute, customer);
        const std::uint32_t id = sale.id;
        sale.lines = lines;
        if (lines >= 4 && random_.chance(1, 400)) {
            sale.lines = lines / 2;
            event& rest = add(event_kind::rest_of_sale, minute + 1, customer);
            rest.about = id;
            rest.lines = lines - lines / 2;
        }
        if (random_.chance(sales_cancelled, 1'000)) add_cancellation(id);
        if (random_.chance(1, 120)) {
            const std::int32_t day = calendar_.open_from(day_of_minute(minute) + random_.between(1, 40));
            if (day <= last_day) add(event_kind::credit, minute_on(day, random_), customer);
        }
    }

    std::uint32_t lines_of(std::int64_t usual, std::int64_t minute) {
        const auto month = static_cast<std::size_t>(month_of(minute * 60 * micros_per_second) % 12);
        const std::int64_t lines = usual * value_at(basket, random_.fraction()) * season_basket[month] / 100'000;
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(lines, 1, 600));
    }

    static std::int32_t day_of_minute(std::int64_t minute) { return static_cast<std::int32_t>(minute / 1'440); }

    void add_cancellation(std::uint32_t sale_id) {
        const event sale = made_.events[sale_id];
        std::int64_t minute = sale.minute + random_.between(5, 90);
        const bool same_day = random_.chance(1, 12);
        if (!same_day) {
            const auto days = static_cast<std::int32_t>(value_at(cancel_days, random_.fraction()));
            const std::int32_t day = calendar_.open_from(day_of_minute(sale.minute) + days);
            if (day > last_day) return;
            minute = minute_on(day, random_);
        }
        const bool all = random_.chance(same_day ? 300 : 15, 1'000);
        event& back = add(all ? event_kind::cancel_all : event_kind::cancel_some, minute, sale.customer);
        back.about = sale_id;
        back.lines = static_cast<std::uint32_t>(value_at(cancelled_lines, random_.fraction()));
        cancelled_.push_back(sale_id);
    }

    void add_early_return(std::uint32_t customer) {
        event& back = add(event_kind::early_return, minute_at(any_tick() / 12), customer);
        back.lines = static_cast<std::uint32_t>(value_at(cancelled_lines, random_.fraction()));
    }

    // Typing errors of the kind "some zeros too many": a customer's sale becomes huge and is taken back at once.
    void add_giants() {
        std::sort(cancelled_.begin(), cancelled_.end());
        const std::int64_t giants = random_.rate(customers_, 3, 5'000);
        // A tiny shop may have no sale to choose, so tries are limited.
        for (std::int64_t made = 0, tries = 0; made < giants && tries < 100 * giants; ++tries) {
            const std::uint32_t id = random_.below(static_cast<std::uint32_t>(made_.events.size()));
            event& sale = made_.events[id];
            if (sale.kind != event_kind::sale || std::binary_search(cancelled_.begin(), cancelled_.end(), id)) continue;
            sale.kind = event_kind::giant_sale;
            sale.lines = 1;
            const std::uint32_t customer = sale.customer;
            add(event_kind::cancel_all, sale.minute + random_.between(6, 20), customer).about = id;
            ++made;
        }
    }

    // What happens without a known customer, in step with the number of customers.
    void add_unknown() {
        for (std::int64_t n = random_.rate(customers_, 52, 100); n > 0; --n) {
            const std::int64_t lines = value_at(unknown_lines, random_.fraction());
            event& sale = add(lines < web_from ? event_kind::desk_sale : event_kind::web_sale, minute_at(any_tick()));
            const std::uint32_t id = sale.id;
            sale.lines = static_cast<std::uint32_t>(lines);
            if (random_.chance(1, 10)) add_cancellation(id);
        }
        add_times(event_kind::written_off, 2'950);
        add_times(event_kind::found, 2'250);
        add_times(event_kind::bank_charge, 85);
        add_times(event_kind::fee, 40);
        add_times(event_kind::bad_debt, 6);
        add_times(event_kind::positive_slip, 2);
    }

    // `times` is per 5,000 customers.
    void add_times(event_kind kind, std::int64_t times) {
        for (std::int64_t n = random_.rate(customers_, times, 5'000); n > 0; --n) add(kind, minute_at(any_tick()));
    }

    std::uint32_t customers_;
    std::uint64_t seed_;
    random_source random_;
    trade_calendar calendar_;
    plan made_;
    std::vector<std::uint32_t> cancelled_;  // ids of sales
};

}  // namespace

trade_calendar::trade_calendar() {
    std::int64_t sum = 0;
    for (std::int32_t day = first_day; day <= last_day; ++day) {
        const std::int64_t trade = trade_on(day);
        if (trade == 0) continue;
        days_.push_back(day);
        until_.push_back(sum += trade);
    }
}

std::int32_t trade_calendar::day_at(std::int64_t tick) const {
    return days_[static_cast<std::size_t>(std::upper_bound(until_.begin(), until_.end(), tick) - until_.begin())];
}

std::int32_t trade_calendar::open_from(std::int32_t day) const {
    const auto found = std::lower_bound(days_.begin(), days_.end(), day);
    return found == days_.end() ? last_day + 1 : *found;
}

plan make_plan(const demo_options& options) { return planner(options).make(); }

}  // namespace lgs_rfm::demo
