#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/money.hpp>

namespace lgs_rfm {

/// Moments as a column: microseconds since 1970.
struct moment_values {
    detail::large_vector<moment> micros;
    [[nodiscard]] std::size_t size() const noexcept { return micros.size(); }
};

/// Dates as a column: days since 1970.
struct date_values {
    detail::large_vector<std::int32_t> days;
    [[nodiscard]] std::size_t size() const noexcept { return days.size(); }
};

/// Names of a fixed set as a column: codes into `names`, -1 for missing. Names without a row stay in the set.
struct category_column {
    detail::large_vector<std::int32_t> codes;
    std::shared_ptr<const std::vector<std::string>> names;
    [[nodiscard]] std::size_t size() const noexcept { return codes.size(); }
};

/// Texts as a column; `valid` of the table column tells missing ones.
using text_values = std::vector<std::string>;

using column_values =
    std::variant<detail::large_vector<std::int32_t>, detail::large_vector<std::int64_t>, detail::large_vector<double>,
                 detail::large_vector<money>, moment_values, date_values, id_column, category_column, text_values>;

/// A named column of a result. `valid` is empty when no value is missing, else one byte a row, 0 = missing.
struct table_column {
    std::string name;
    column_values values;
    detail::large_vector<std::uint8_t> valid = {};
    bool text_ids = false;  ///< ids leave as text even where all are integers

    [[nodiscard]] std::size_t size() const {
        return std::visit([](const auto& v) { return v.size(); }, values);
    }
};

/// A result of any shape, for doors that carry tables away (Arrow, numpy, CSV). The typed structs of `tables/` are what
/// C++ code reads; `as_table` turns each into this form.
struct table {
    std::vector<table_column> columns;

    table() = default;
    /// From a list in braces, whose columns are moved; a vector would copy what such a list holds.
    template <std::size_t Size>
    table(table_column (&&list)[Size])  // NOLINT: a list of its columns
        : columns(std::make_move_iterator(std::begin(list)), std::make_move_iterator(std::end(list))) {}

    [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

}  // namespace lgs_rfm
