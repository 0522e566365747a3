#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <lgs_rfm/detail/read_ids.hpp>
#include <lgs_rfm/tables/table.hpp>
#include <lgs_rfm/totals.hpp>

#include "ledger.hpp"

// Totals straight from the lines, by sets and maps, and every table as text, so that two of them compare and print.
namespace reference {

using lgs_rfm::int128;
using lgs_rfm::moment;

/// An invoice line with what is sold, where to, and a column that is none of ours.
struct shop_line : line {
    std::string code;  ///< "" = missing, as the others
    std::string description;
    std::string country;
    std::string own;
};
using shop_lines = std::vector<shop_line>;

/// Which columns an input has.
struct shape {
    bool invoice = true;
    bool customer = true;
    bool quantity = true;
    bool amount = false;  ///< the prices are amounts
};

/// Owns the columns that `view` points to.
struct shop_columns {
    explicit shop_columns(const shop_lines& from, shape with = {}) : plain(lines(from.begin(), from.end())), has(with) {
        for (const shop_line& each : from) {
            code.push_back(each.code);
            description.push_back(each.description);
            country.push_back(each.country);
            own.push_back(each.own);
        }
    }
    [[nodiscard]] lgs_rfm::invoice_lines view() const {
        lgs_rfm::invoice_lines all = plain.view();
        all.stock_code = code;
        all.description = description;
        all.country = country;
        all.others["own"] = own;
        if (has.amount) all.amount = std::exchange(all.unit_price, {});
        if (!has.invoice) all.invoice = {};
        if (!has.customer) all.customer_id = {};
        if (!has.quantity) all.quantity = {};
        return all;
    }
    columns plain;
    shape has;
    std::vector<std::string> code, description, country, own;
};

/// What customers are called, and in the library's form.
struct labels {
    std::string name;
    std::map<std::string, int> of;  ///< a place among the names; -1: none
    std::vector<std::string> names;

    [[nodiscard]] std::shared_ptr<const lgs_rfm::customer_labels> made() const {
        std::vector<std::string> customers;
        auto result = std::make_shared<lgs_rfm::customer_labels>();
        for (const auto& [customer, place] : of) {
            customers.push_back(customer);
            result->codes.push_back(place);
        }
        result->name = name;
        result->names = names;
        result->customers = lgs_rfm::detail::read_ids(customers, "customer_id");
        return result;
    }
};

/// The lines as an input of this shape tells them.
inline shop_lines as_told(shop_lines from, shape has) {
    for (shop_line& each : from) {
        if (!has.invoice) each.invoice.clear();
        if (!has.customer) each.customer.clear();
        if (!has.quantity) each.quantity = 0;
    }
    return from;
}
inline int128 amount_of(const shop_line& of, shape has) { return has.amount ? int128{of.price} : amount_of(of); }
inline bool is_purchase(const shop_line& of, shape has) {
    return amount_of(of, has) > 0 && (of.quantity > 0 || !has.quantity);
}

/// The first day of a period by the calendar of the standard library, as days since 1970.
inline std::int64_t first_day(moment at, std::string_view step) {
    using namespace std::chrono;
    const auto day = floor<days>(sys_time<microseconds>(microseconds(at)));
    const year_month_day date(day);
    const auto first = [&](unsigned of) {
        return std::int64_t{sys_days(date.year() / month(of) / 1).time_since_epoch().count()};
    };
    if (step == "week") return (day - (weekday(day) - Monday)).time_since_epoch().count();
    if (step == "month") return first(unsigned(date.month()));
    if (step == "quarter") return first((unsigned(date.month()) - 1) / 3 * 3 + 1);
    if (step == "year") return first(1);
    return day.time_since_epoch().count();
}

inline id key_of(const shop_line& of, const std::string& by, const labels* called) {
    if (called != nullptr && called->name == by) {
        const auto found = called->of.find(of.customer);
        return found == called->of.end() || found->second < 0 ? id{} : id{0, found->second, ""};
    }
    if (by == "invoice") return make_id(of.invoice);
    if (by == "customer_id") return make_id(of.customer);
    if (by == "stock_code") return make_id(of.code);
    if (by == "description") return make_id(of.description);
    if (by == "country") return make_id(of.country);
    if (by == "own") return make_id(of.own);
    return {0, first_day(of.at, by), ""};
}

struct totals_row {
    std::int64_t lines = 0, purchase_lines = 0, quantity = 0, bought = 0, returned_units = 0, written_off = 0;
    std::set<invoice_key> invoices, purchase_invoices;
    std::set<id> customers, buyers;
    int128 gross = 0, returned = 0, adjusted = 0, other_deductions = 0, net = 0, known_net = 0;
    std::optional<std::int64_t> price_min, price_max;
    moment first = std::numeric_limits<moment>::max();
    moment last = std::numeric_limits<moment>::min();
};

/// By the keys' values in their order, missing ones last.
inline std::map<std::vector<id>, totals_row> totals_rows(const shop_lines& from, const std::vector<std::string>& by,
                                                         shape has = {}, const labels* called = nullptr) {
    std::map<std::vector<id>, totals_row> rows;
    for (const shop_line& each : as_told(from, has)) {
        std::vector<id> key;
        for (const std::string& name : by) key.push_back(key_of(each, name, called));
        totals_row& row = rows[key];
        const char kind = kind_of(make_id(each.invoice));
        const int128 amount = amount_of(each, has);
        const id customer = make_id(each.customer);
        row.lines += 1;
        row.quantity += each.quantity;
        row.net += amount;
        row.invoices.insert(invoice_of(each));
        if (customer.kind != 2) {
            row.customers.insert(customer);
            row.known_net += amount;
        }
        row.first = std::min(row.first, each.at);
        row.last = std::max(row.last, each.at);
        if (kind == 'C' && each.quantity < 0) row.returned_units -= each.quantity;
        if (kind != 'C' && each.quantity < 0 && amount == 0) row.written_off -= each.quantity;
        if (!is_purchase(each, has)) {
            (kind == 'C' ? row.returned : kind == 'A' ? row.adjusted : row.other_deductions) -= amount;
            continue;
        }
        row.purchase_lines += 1;
        row.bought += each.quantity;
        row.gross += amount;
        row.purchase_invoices.insert(invoice_of(each));
        if (customer.kind != 2) row.buyers.insert(customer);
        if (!has.amount) {
            row.price_min = std::min(each.price, row.price_min.value_or(each.price));
            row.price_max = std::max(each.price, row.price_max.value_or(each.price));
        }
    }
    return rows;
}

// ---- tables as text, a line a row: "name=value name=value ..."; a missing value is "-"

inline std::string cell(const std::string& name, const std::string& value) { return name + "=" + value + " "; }
inline std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.17g", value);
    return text;
}
inline std::string money_text(int128 millionths) { return lgs_rfm::to_string(lgs_rfm::money{millionths}); }
inline std::string id_text(const id& of) { return of.kind == 2 ? "-" : text_of(of); }
inline std::string ratio_text(double part, double whole) { return whole == 0 ? "-" : number_text(part / whole); }
inline double units_of(int128 millionths) { return lgs_rfm::to_double(lgs_rfm::money{millionths}); }

inline std::string cell_text(const lgs_rfm::table_column& column, std::size_t row) {
    if (!column.valid.empty() && column.valid[row] == 0) return "-";
    return std::visit(
        [&](const auto& values) -> std::string {
            using type = std::remove_cvref_t<decltype(values)>;
            if constexpr (std::is_same_v<type, lgs_rfm::moment_values>) {
                return lgs_rfm::format_moment(values.micros[row]);
            } else if constexpr (std::is_same_v<type, lgs_rfm::date_values>) {
                return std::to_string(values.days[row]);
            } else if constexpr (std::is_same_v<type, lgs_rfm::category_column>) {
                return values.codes[row] < 0 ? "-" : (*values.names)[static_cast<std::size_t>(values.codes[row])];
            } else if constexpr (std::is_same_v<type, lgs_rfm::id_column>) {
                const auto value = values[row];
                return value.is_integer() || value.is_text() ? to_string(value) : "-";
            } else if constexpr (std::is_same_v<type, lgs_rfm::text_values>) {
                return values[row];
            } else if constexpr (std::is_same_v<type, lgs_rfm::detail::large_vector<lgs_rfm::money>>) {
                return lgs_rfm::to_string(values[row]);
            } else if constexpr (std::is_same_v<type, lgs_rfm::detail::large_vector<double>>) {
                return number_text(values[row]);
            } else {
                return std::to_string(values[row]);
            }
        },
        column.values);
}

using text_rows = std::vector<std::string>;

inline text_rows text_of(const lgs_rfm::table& from) {
    text_rows rows(from.rows());
    for (const auto& column : from.columns) {
        for (std::size_t row = 0; row < rows.size(); ++row) rows[row] += cell(column.name, cell_text(column, row));
    }
    return rows;
}

/// The columns of totals behind the keys.
inline std::string sums_text(const totals_row& of) {
    const auto count = [](const auto& set) { return std::to_string(set.size()); };
    const auto price = [](const auto& value) { return value ? money_text(*value) : "-"; };
    return cell("lines", std::to_string(of.lines)) + cell("purchase_lines", std::to_string(of.purchase_lines)) +
           cell("quantity", std::to_string(of.quantity)) + cell("invoices", count(of.invoices)) +
           cell("purchase_invoices", count(of.purchase_invoices)) + cell("customers", count(of.customers)) +
           cell("buyers", count(of.buyers)) + cell("bought", std::to_string(of.bought)) +
           cell("returned_units", std::to_string(of.returned_units)) +
           cell("written_off", std::to_string(of.written_off)) + cell("gross", money_text(of.gross)) +
           cell("returned", money_text(of.returned)) + cell("adjusted", money_text(of.adjusted)) +
           cell("other_deductions", money_text(of.other_deductions)) + cell("net", money_text(of.net)) +
           cell("known_net", money_text(of.known_net)) + cell("price_min", price(of.price_min)) +
           cell("price_max", price(of.price_max)) + cell("first_moment", lgs_rfm::format_moment(of.first)) +
           cell("last_moment", lgs_rfm::format_moment(of.last));
}

inline text_rows totals_text(const shop_lines& from, const std::vector<std::string>& by, shape has = {},
                             const labels* called = nullptr) {
    text_rows rows;
    for (const auto& [key, row] : totals_rows(from, by, has, called)) {
        std::string text;
        for (std::size_t k = 0; k < by.size(); ++k) {
            const bool label = called != nullptr && by[k] == called->name;
            const bool known = key[k].kind != 2;
            text +=
                cell(by[k], label && known ? called->names[static_cast<std::size_t>(key[k].value)] : id_text(key[k]));
        }
        rows.push_back(text + sums_text(row));
    }
    return rows;
}

/// The totals of lines in one add.
inline lgs_rfm::totals totals_of(const shop_lines& from, const std::vector<std::string>& by, shape has = {},
                                 const labels* called = nullptr) {
    const shop_columns memory(from, has);
    lgs_rfm::totals made(by, {}, called != nullptr ? called->made() : nullptr);
    made.add(memory.view());
    return made;
}

/// Lines in no order of a shop with few products, so that everything meets again and again.
inline shop_lines random_shop(std::uint64_t seed, std::size_t count) {
    static const char* const codes[] = {"85048", "22423", "85099B", "POST",  "M",
                                        "",      "00123", "84077",  "12345", "A-STOCK-CODE-OF-MANY-LETTERS"};
    static const char* const descriptions[] = {"", "MUG", "CAT", "  ", "42", "a description of some length", "Tasse ß"};
    static const char* const countries[] = {"United Kingdom", "United Kingdom", "EIRE", "", "Unspecified"};
    static const char* const own[] = {"web", "7", "", "a channel with a long name", "-7"};
    dice random(seed + 1000);
    shop_lines made;
    for (const line& each : random_lines(seed, count)) {
        made.push_back({each, random.pick(codes), random.pick(descriptions), random.pick(countries), random.pick(own)});
    }
    return made;
}

/// Labels for some of the customers of random lines: some have none, some are not there.
inline labels random_labels() {
    return {"segment",
            {{"13085", 0},
             {"13086", 2},
             {"-2", 2},
             {"007", -1},
             {"99999999999999999999", 1},
             {"a long customer", 0},
             {"9223372036854775806", 2},
             {"nobody", 1}},
            {"Champions", "Hibernating", "At Risk", "Lost"}};
}

template <class T>
std::vector<T> joined(std::vector<T> a, const std::vector<T>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace reference
