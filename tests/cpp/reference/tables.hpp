#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger.hpp"

// Every table straight from the lines, by sets and maps; no ledger in between.
namespace reference {

using lgs_rfm::int128;
using lgs_rfm::moment;

struct invoice_row {
    id invoice;
    char kind = 'S';
    id customer;  ///< missing unless exactly one
    std::set<id> customers;
    moment first = 0;
    moment last = 0;
    std::int64_t lines = 0;
    std::int64_t purchase_lines = 0;
    std::int64_t quantity = 0;
    int128 gross = 0;
    int128 net = 0;
};

inline std::vector<invoice_row> invoice_rows(const lines& from) {
    std::map<invoice_key, invoice_row> rows;
    for (const line& each : from) {
        invoice_row& row = rows[invoice_of(each)];
        row.invoice = make_id(each.invoice);
        row.kind = kind_of(row.invoice);
        if (make_id(each.customer).kind != 2) row.customers.insert(make_id(each.customer));
        row.first = row.lines == 0 ? each.at : std::min(row.first, each.at);
        row.last = row.lines == 0 ? each.at : std::max(row.last, each.at);
        ++row.lines;
        row.purchase_lines += is_purchase(each) ? 1 : 0;
        row.quantity += each.quantity;
        row.gross += is_purchase(each) ? amount_of(each) : 0;
        row.net += amount_of(each);
    }
    std::vector<invoice_row> result;
    for (auto& [key, row] : rows) {
        if (row.customers.size() == 1) row.customer = *row.customers.begin();
        result.push_back(row);
    }
    return result;
}

inline std::string month_of(moment at) { return lgs_rfm::format_moment(at).substr(0, 7); }

struct month_row {
    std::set<invoice_key> orders, cancelled, adjustments;
    std::set<id> active, fresh;
    int128 sales = 0;
};

/// By "2011-12"; months without a line are not there.
inline std::map<std::string, month_row> month_rows(const lines& from) {
    std::map<id, std::string> first_month;
    for (const line& each : from) {
        std::string& first = first_month.try_emplace(make_id(each.customer), month_of(each.at)).first->second;
        first = std::min(first, month_of(each.at));
    }
    std::map<std::string, month_row> rows;
    for (const line& each : from) {
        const std::string month = month_of(each.at);
        month_row& row = rows[month];
        const char kind = kind_of(make_id(each.invoice));
        row.orders.insert(invoice_of(each));
        if (kind == 'C') row.cancelled.insert(invoice_of(each));
        if (kind == 'A') row.adjustments.insert(invoice_of(each));
        row.sales += amount_of(each);
        const id customer = make_id(each.customer);
        if (customer.kind == 2) continue;
        row.active.insert(customer);
        if (first_month[customer] == month) row.fresh.insert(customer);
    }
    return rows;
}

struct customer_row {
    std::int64_t recency = 0;
    std::set<invoice_key> invoices;
    int128 monetary = 0;
    moment first = 0;
    moment last = 0;
};

enum class basis { purchases, net, all };

inline std::map<id, customer_row> customer_rows(const lines& from, moment as_of, basis by,
                                                std::optional<std::int64_t> window = {}) {
    std::map<id, customer_row> rows;
    for (const line& each : from) {
        const id customer = make_id(each.customer);
        if (customer.kind == 2 || each.at > as_of || (window && each.at <= as_of - *window)) continue;
        customer_row& row = rows[customer];
        if (by != basis::purchases || is_purchase(each)) row.monetary += amount_of(each);
        if (by != basis::all && !is_purchase(each)) continue;
        row.first = row.invoices.empty() ? each.at : std::min(row.first, each.at);
        row.last = row.invoices.empty() ? each.at : std::max(row.last, each.at);
        row.invoices.insert(invoice_of(each));
        row.recency = (as_of - row.last) / lgs_rfm::micros_per_day;  // as_of is not before the line
    }
    std::erase_if(rows, [](const auto& row) { return row.second.invoices.empty(); });
    return rows;
}

}  // namespace reference
