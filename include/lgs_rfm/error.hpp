#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace lgs_rfm {

/// What was wrong. One code per kind of refusal; `to_string` gives its name.
enum class error_code : std::uint8_t {
    missing_column,    ///< a required column is not there
    duplicate_column,  ///< two columns answer to one of our names
    unequal_length,    ///< columns of one input differ in length
    wrong_type,        ///< a column's type, or a cell's, cannot hold what is asked
    missing_value,     ///< a missing invoice, date, quantity or price
    not_finite,        ///< NaN or infinity
    fractional,        ///< a fractional quantity or id
    out_of_range,      ///< a value beyond what its column may hold
    unreadable,        ///< text that is no number or moment
    time_zone,         ///< a time zone other than UTC
    overflow,          ///< an amount beyond the range of int64 millionths
    outside_period,    ///< replace(): a line outside [since, until)
    copied_invoices,   ///< copies="error" and the input holds copied invoices
    invalid_option,    ///< an option's value is not one of the allowed ones
    not_fitted,        ///< a scorer is used before fit
    incompatible,      ///< ledgers of different configuration, rules and scorer of different bins
    bad_file,          ///< not a file of ours, or a damaged one
    file_access,       ///< a file that cannot be opened, read or written
    internal           ///< a broken promise inside the library
};

/// The code's name as it stands in the enum.
[[nodiscard]] constexpr const char* to_string(error_code code) noexcept {
    switch (code) {
        case error_code::missing_column: return "missing_column";
        case error_code::duplicate_column: return "duplicate_column";
        case error_code::unequal_length: return "unequal_length";
        case error_code::wrong_type: return "wrong_type";
        case error_code::missing_value: return "missing_value";
        case error_code::not_finite: return "not_finite";
        case error_code::fractional: return "fractional";
        case error_code::out_of_range: return "out_of_range";
        case error_code::unreadable: return "unreadable";
        case error_code::time_zone: return "time_zone";
        case error_code::overflow: return "overflow";
        case error_code::outside_period: return "outside_period";
        case error_code::copied_invoices: return "copied_invoices";
        case error_code::invalid_option: return "invalid_option";
        case error_code::not_fitted: return "not_fitted";
        case error_code::incompatible: return "incompatible";
        case error_code::bad_file: return "bad_file";
        case error_code::file_access: return "file_access";
        case error_code::internal: return "internal";
    }
    return "unknown";
}

/// The library's one exception. `what()` is one line that names column, row, value and remedy where there are any.
class error : public std::runtime_error {
public:
    error(error_code code, const std::string& message, std::string column = {}, std::int64_t row = -1,
          std::string value = {})
        : std::runtime_error(message), code_(code), row_(row), column_(std::move(column)), value_(std::move(value)) {}

    [[nodiscard]] error_code code() const noexcept { return code_; }
    /// The column's name among ours (`invoice`, `quantity`, ...); empty when no column is to blame.
    [[nodiscard]] const std::string& column() const noexcept { return column_; }
    /// 0-based row from the start of the call; -1 when no row is to blame.
    [[nodiscard]] std::int64_t row() const noexcept { return row_; }
    /// The offending value as text; empty when there is none.
    [[nodiscard]] const std::string& value() const noexcept { return value_; }

private:
    error_code code_;
    std::int64_t row_;
    std::string column_;
    std::string value_;
};

}  // namespace lgs_rfm
