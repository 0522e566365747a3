#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tables.hpp"

// Who comes back, straight from the lines, by sets and maps; no ledger in between.
namespace reference {

using day_number = std::int64_t;

/// Equal but for the last few bits.
inline bool near(double a, double b) { return std::fabs(a - b) <= 1e-12 * (1 + std::fabs(b)); }

inline day_number day_of(moment at) { return lgs_rfm::floor_div(at, lgs_rfm::micros_per_day); }
inline bool is_known(const line& of) { return make_id(of.customer).kind != 2; }

/// The end of what is observed: given, or midnight after the last line's day.
inline moment observed_until(const lines& from, std::optional<moment> until) {
    moment last = from.front().at;
    for (const line& each : from) last = std::max(last, each.at);
    return until ? *until : (day_of(last) + 1) * lgs_rfm::micros_per_day;
}

/// Months counted from January of year 0, by the text of a moment.
inline int month_number(moment at) {
    const std::string text = lgs_rfm::format_moment(at);
    return std::stoi(text.substr(0, 4)) * 12 + std::stoi(text.substr(5, 2)) - 1;
}

inline std::map<id, std::set<day_number>> purchase_days(const lines& from) {
    std::map<id, std::set<day_number>> days;
    for (const line& each : from) {
        if (is_known(each) && is_purchase(each)) days[make_id(each.customer)].insert(day_of(each.at));
    }
    return days;
}

struct cohort_cell {
    std::set<id> customers;
    std::set<invoice_key> invoices;
    int128 gross = 0;
    int128 net = 0;
};
struct cohort_row {
    std::set<id> members;
    std::map<int, cohort_cell> cells;  ///< by month number; those without anything are not there
};

inline std::map<int, cohort_row> cohort_rows(const lines& from, moment end) {
    std::map<id, int> first;
    for (const line& each : before(from, end)) {
        if (!is_known(each) || !is_purchase(each)) continue;
        int& month = first.try_emplace(make_id(each.customer), month_number(each.at)).first->second;
        month = std::min(month, month_number(each.at));
    }
    std::map<int, cohort_row> rows;
    for (const auto& [customer, month] : first) rows[month].members.insert(customer);
    for (const line& each : before(from, end)) {
        const auto found = first.find(make_id(each.customer));
        if (found == first.end() || month_number(each.at) < found->second) continue;
        cohort_cell& cell = rows[found->second].cells[month_number(each.at) - found->second];
        cell.net += amount_of(each);
        if (!is_purchase(each)) continue;
        cell.gross += amount_of(each);
        cell.customers.insert(make_id(each.customer));
        cell.invoices.insert(invoice_of(each));
    }
    return rows;
}

struct returning_row {
    std::set<id> new_buyers, returning_buyers;
    int128 new_gross = 0, returning_gross = 0, unknown_gross = 0;
    std::map<std::int64_t, std::int64_t> lost, won_back;  ///< by threshold
};

/// By month; months without anything are not there.
inline std::map<int, returning_row> returning_rows(const lines& from, moment end,
                                                   const std::vector<std::int64_t>& thresholds) {
    const lines kept = before(from, end);
    const auto days = purchase_days(kept);
    const auto month_of_day = [](day_number day) { return month_number(day * lgs_rfm::micros_per_day); };
    std::map<int, returning_row> rows;
    for (const line& each : kept) {
        if (!is_purchase(each)) continue;
        returning_row& row = rows[month_number(each.at)];
        if (!is_known(each)) {
            row.unknown_gross += amount_of(each);
            continue;
        }
        const id customer = make_id(each.customer);
        const bool is_new = month_of_day(*days.at(customer).begin()) == month_number(each.at);
        (is_new ? row.new_buyers : row.returning_buyers).insert(customer);
        (is_new ? row.new_gross : row.returning_gross) += amount_of(each);
    }
    for (const auto& [customer, own] : days) {
        for (const std::int64_t d : thresholds) {
            for (const day_number day : own) {
                // walk on, day by day, until the customer buys or the threshold is passed or nobody looks any more
                std::int64_t quiet = 0;
                while (quiet < d && !own.contains(day + quiet + 1)) ++quiet;
                if (quiet < d) continue;
                if (day + d + 1 <= day_of(end - 1)) ++rows[month_of_day(day + d + 1)].lost[d];
                const auto next = own.upper_bound(day);
                if (next != own.end()) ++rows[month_of_day(*next)].won_back[d];
            }
        }
    }
    return rows;
}

/// How many purchases each buyer has.
inline std::map<id, std::int64_t> purchases(const lines& from, bool by_day) {
    std::map<id, std::set<invoice_key>> invoices;
    for (const line& each : from) {
        if (is_known(each) && is_purchase(each)) invoices[make_id(each.customer)].insert(invoice_of(each));
    }
    std::map<id, std::int64_t> counts;
    for (const auto& [customer, own] : invoices) counts[customer] = static_cast<std::int64_t>(own.size());
    if (!by_day) return counts;
    for (const auto& [customer, own] : purchase_days(from)) counts[customer] = static_cast<std::int64_t>(own.size());
    return counts;
}

/// Of each buyer: days to the second purchase, or to the last observed day, and whether there was one.
inline std::vector<std::pair<std::int64_t, bool>> times_to_second(const lines& from, moment end, bool by_day) {
    std::map<id, std::map<invoice_key, moment>> firsts;  // of each purchase of each customer
    for (const line& each : before(from, end)) {
        if (!is_known(each) || !is_purchase(each)) continue;
        const invoice_key key = by_day ? invoice_key(id{}, id{}, day_of(each.at)) : invoice_of(each);
        moment& first = firsts[make_id(each.customer)].try_emplace(key, each.at).first->second;
        first = std::min(first, each.at);
    }
    std::vector<std::pair<std::int64_t, bool>> times;
    for (const auto& [customer, own] : firsts) {
        std::vector<moment> moments;
        for (const auto& [key, at] : own) moments.push_back(at);
        std::sort(moments.begin(), moments.end());
        const bool again = moments.size() > 1;
        times.emplace_back(day_of(again ? moments[1] : end - 1) - day_of(moments[0]), again);
    }
    return times;
}

}  // namespace reference
