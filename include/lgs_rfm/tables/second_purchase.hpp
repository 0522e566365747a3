#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/repeat.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

struct second_purchase_options {
    purchase_unit count = purchase_unit::invoices;  ///< what a second purchase is
    /// The end of what is observed: lines from this moment on are left out. Default: midnight after the day of the
    /// ledger's last line.
    std::optional<moment> until = {};
};

/// The time from the first to the second purchase: one row per number of days at which some customer bought again or
/// ceased to be observed, ascending.
struct second_purchase_columns {
    detail::large_vector<std::int64_t> time;      ///< whole days from the day of the first purchase
    detail::large_vector<std::int64_t> at_risk;   ///< customers with one purchase so far who are still observed
    detail::large_vector<std::int64_t> events;    ///< second purchases
    detail::large_vector<std::int64_t> censored;  ///< one-time buyers whose observation ends
    detail::large_vector<double> survival;        ///< estimated share that has not bought again after this day
    detail::large_vector<double> std_error;       ///< of survival; meaningless where that is 0
};

namespace detail {

/// The days of a customer's first purchase and of the second; `none` where there is none.
struct two_purchases {
    static constexpr moment none = std::numeric_limits<moment>::max();
    moment first = none;
    moment second = none;

    void add(moment at) noexcept {
        second = std::min(second, std::max(at, first));
        first = std::min(first, at);
    }
};

/// By invoices: each counts at the first purchase line that the customer has on it. O(entries + customers).
[[nodiscard]] inline large_vector<two_purchases> two_invoices(const ledger_entries& entries, moment end) {
    large_vector<two_purchases> result(entries.customers->size());
    std::uint32_t invoice = id_column::missing;  // counted last, with its customer
    std::uint32_t customer = id_column::missing;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::uint32_t code = entries.customer[i];
        if (code == id_column::missing || entries.sums.purchase_lines(i) == 0 || entries.moment[i] >= end) continue;
        // The entries of one invoice and customer are neighbours, in the order of their moments.
        const bool again = entries.invoice[i] == invoice && code == customer && invoice != id_column::missing;
        if (!again) result[code].add(entries.moment[i]);
        invoice = entries.invoice[i];
        customer = code;
    }
    return result;
}

[[nodiscard]] inline large_vector<two_purchases> two_days(const ledger_entries& entries, moment end) {
    auto bought = purchase_days(entries, end);
    large_vector<two_purchases> result(bought.size());
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        const std::span<const std::int32_t> days = bought[customer];
        for (std::size_t i = 0; i < std::min<std::size_t>(days.size(), 2); ++i) {
            result[customer].add(days[i] * micros_per_day);
        }
    }
    return result;
}

}  // namespace detail

/// Kaplan and Meier's estimate of the share that has not bought a second time (J. Amer. Statist. Assoc. 53, 1958), with
/// Greenwood's standard error (Reports on Public Health and Medical Subjects 33, 1926): survival x the root of the sum
/// of events / (at_risk (at_risk - events)) so far. One-time buyers are censored on the last observed day; who is
/// censored on a day was at risk on it. O(entries + days). No buyer: no rows.
[[nodiscard]] inline second_purchase_columns second_purchase_table(const ledger& book,
                                                                   const second_purchase_options& options = {}) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    second_purchase_columns table;
    if (entries.empty()) return table;
    const auto [first, last] = detail::moment_bounds(entries);
    const moment end = detail::observed_until(last, options.until);
    if (end <= first) return table;
    const std::int64_t last_day = day_of(end - 1);

    const auto bought =
        options.count == purchase_unit::invoices ? detail::two_invoices(entries, end) : detail::two_days(entries, end);
    const auto days = static_cast<std::size_t>(last_day - day_of(first)) + 1;
    detail::large_vector<std::int64_t> events(days);
    detail::large_vector<std::int64_t> censored(days);
    std::int64_t at_risk = 0;
    for (const detail::two_purchases& of : bought) {
        if (of.first == detail::two_purchases::none) continue;
        const bool again = of.second != detail::two_purchases::none;
        const std::int64_t time = (again ? day_of(of.second) : last_day) - day_of(of.first);
        ++(again ? events : censored)[static_cast<std::size_t>(time)];
        ++at_risk;
    }
    double survival = 1;
    double greenwood = 0;
    for (std::size_t time = 0; time < days; ++time) {
        if (events[time] == 0 && censored[time] == 0) continue;
        const auto risk = static_cast<double>(at_risk);
        const auto left = static_cast<double>(at_risk - events[time]);
        survival *= left / risk;
        if (left > 0) greenwood += static_cast<double>(events[time]) / (risk * left);
        table.time.push_back(static_cast<std::int64_t>(time));
        table.at_risk.push_back(at_risk);
        table.events.push_back(events[time]);
        table.censored.push_back(censored[time]);
        table.survival.push_back(survival);
        table.std_error.push_back(survival * std::sqrt(greenwood));
        at_risk -= events[time] + censored[time];
    }
    return table;
}

[[nodiscard]] inline table as_table(second_purchase_columns from) {
    detail::large_vector<std::uint8_t> has_error;
    for (const double survival : from.survival) has_error.push_back(survival > 0 ? 1 : 0);
    return {{{"time", std::move(from.time)},
             {"at_risk", std::move(from.at_risk)},
             {"events", std::move(from.events)},
             {"censored", std::move(from.censored)},
             {"survival", std::move(from.survival)},
             {"std_error", std::move(from.std_error), std::move(has_error)}}};
}

}  // namespace lgs_rfm
