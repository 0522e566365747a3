#pragma once

#include <string>

#include <lgs_rfm/detail/decoder.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/lines.hpp>

namespace lgs_rfm::detail {

/// A column that a ledger is made from, and how it is read. In the order in which errors of one row are looked for.
struct ledger_column {
    const char* name;
    const column* values;
    role as;
    int place;  ///< in the order of columns
};

/// Which of the columns make the ledger; `price` is the amount when that is given.
struct ledger_columns {
    ledger_column invoice, quantity, date, price, customer;

    explicit ledger_columns(const invoice_lines& lines)
        : invoice{"invoice", &lines.invoice, role::required_id, 0},
          quantity{"quantity", &lines.quantity, role::quantity, 3},
          date{"invoice_date", &lines.invoice_date, role::moment, 4},
          price{lines.amount.present() ? "amount" : "unit_price",
                lines.amount.present() ? &lines.amount : &lines.unit_price, role::price, 5},
          customer{"customer_id", &lines.customer_id, role::optional_id, 6} {}
};

[[noreturn]] inline void throw_missing_column(const std::string& name, const std::string& remedy) {
    throw error(error_code::missing_column, "column " + name + " is missing; " + remedy, name);
}

[[noreturn]] inline void throw_unequal(const std::string& name, std::int64_t rows, std::int64_t expected) {
    throw error(error_code::unequal_length,
                "column " + name + " has length " + std::to_string(rows) + " but invoice_date has length " +
                    std::to_string(expected) + "; all columns of one input must be equally long",
                name);
}

/// Refuses a column whose type its role cannot read.
inline void check_type(const ledger_column& entry) {
    for (const column_chunk& chunk : entry.values->chunks()) {
        const column_chunk& holder = chunk.dictionary ? *chunk.dictionary : chunk;
        if (accepts(entry.as, holder.type)) continue;
        const bool named = holder.type == column_type::other;
        const std::string type = named ? holder.type_name : to_string(holder.type);
        throw error(error_code::wrong_type,
                    std::string("column ") + entry.name + " has type " + type + "; it takes " +
                        accepted_types(entry.as) + ": convert it first",
                    entry.name, -1, type);
    }
}

/// Refuses missing columns, unequal lengths and types that cannot be read, before a row is looked at.
inline void check_lines(const invoice_lines& lines) {
    const ledger_columns needed(lines);
    if (!lines.invoice_date.present()) {
        throw_missing_column("invoice_date", "name yours with columns={\"invoice_date\": ...}");
    }
    if (!lines.amount.present()) {
        if (!lines.quantity.present()) {
            throw_missing_column("quantity",
                                 "give quantity with unit_price, or amount (columns={\"quantity\": ...} maps names)");
        }
        if (!lines.unit_price.present()) {
            throw_missing_column("unit_price",
                                 "give quantity with unit_price, or amount (columns={\"unit_price\": ...} maps names)");
        }
    }
    for (const line_column& entry : line_columns) {
        const column& values = entry.get(lines);
        if (values.present() && values.size() != lines.size()) {
            throw_unequal(entry.name, values.size(), lines.size());
        }
    }
    for (const auto& [name, values] : lines.others) {
        if (values.size() != lines.size()) throw_unequal(name, values.size(), lines.size());
    }
    for (const ledger_column& entry : {needed.invoice, needed.quantity, needed.date, needed.price, needed.customer}) {
        check_type(entry);
    }
}

/// The exception for a value that cannot be read. `first_row` is the row of the input at which the columns begin.
[[nodiscard]] inline error fault_error(const ledger_column& in, const fault& found, std::int64_t first_row) {
    cell value = found.value;
    value.text = found.text;
    const std::string shown = show(value);
    const std::string name = in.name;
    const std::int64_t row = first_row + found.row;
    std::string what;
    switch (found.problem) {
        case error_code::missing_value: what = "the value is missing; drop the line or fill it"; break;
        case error_code::not_finite: what = shown + " is not finite; drop the line or correct it"; break;
        case error_code::fractional:
            what = shown + (in.as == role::quantity ? " is fractional; quantities are whole units"
                                                    : " is fractional; ids are integers or texts");
            break;
        case error_code::wrong_type:
            what = (value.what == cell::kind::unsupported ? "a value of type " + shown : shown + " has a wrong type") +
                   "; the column takes " + accepted_types(in.as);
            break;
        case error_code::unreadable:
            what = shown + " is no moment in ISO 8601, such as 2011-12-09 12:50:00; convert the column to timestamps";
            break;
        case error_code::time_zone:
            what = value.what == cell::kind::text
                       ? shown + " has a time zone other than UTC; remove the offset"
                       : "time zone " + shown +
                             " is not UTC; remove it, as with .dt.tz_localize(None), which keeps local months";
            break;
        default:
            what = shown + " is out of range; " +
                   (in.as == role::quantity ? "|quantity| is at most 2147483647"
                    : in.as == role::moment ? "dates run from 1400-01-01 to 9999-12-31"
                    : in.as == role::price  ? "money is held in int64 millionths, up to 9.22e12"
                                            : "float ids are below 2^53: convert the column to integers or text");
    }
    return {found.problem, "column " + name + ", row " + std::to_string(row) + ": " + what, name, row, shown};
}

}  // namespace lgs_rfm::detail
