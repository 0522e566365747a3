#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm::detail {

/// Some rows of a table, in the given order. O(rows x columns).
[[nodiscard]] inline table take_rows(const table& from, std::span<const std::uint32_t> rows) {
    const auto taken = [&](const auto& values) {
        std::remove_cvref_t<decltype(values)> result;
        result.reserve(rows.size());
        for (const std::uint32_t row : rows) result.push_back(values[row]);
        return result;
    };
    table result;
    for (const table_column& column : from.columns) {
        table_column to{column.name, std::visit(
                                         [&](const auto& values) -> column_values {
                                             using type = std::remove_cvref_t<decltype(values)>;
                                             if constexpr (std::is_same_v<type, moment_values>) {
                                                 return moment_values{taken(values.micros)};
                                             } else if constexpr (std::is_same_v<type, date_values>) {
                                                 return date_values{taken(values.days)};
                                             } else if constexpr (std::is_same_v<type, category_column>) {
                                                 return category_column{taken(values.codes), values.names};
                                             } else if constexpr (std::is_same_v<type, id_column>) {
                                                 id_column ids = values.empty_copy();
                                                 ids.reserve(rows.size());
                                                 for (const std::uint32_t row : rows)
                                                     ids.push_back(values.codes()[row]);
                                                 return ids;
                                             } else {
                                                 return taken(values);
                                             }
                                         },
                                         column.values)};
        if (!column.valid.empty()) to.valid = taken(column.valid);
        to.text_ids = column.text_ids;
        result.columns.push_back(std::move(to));
    }
    return result;
}

/// A ratio of amounts or counts: 0 where the divisor is 0, which `valid` then tells as missing.
struct ratio_column {
    large_vector<double> values;
    large_vector<std::uint8_t> valid;

    explicit ratio_column(std::size_t rows) { values.reserve(rows), valid.reserve(rows); }
    void push_back(double part, double whole) {
        values.push_back(whole != 0 ? part / whole : 0);
        valid.push_back(whole != 0 ? 1 : 0);
    }
    [[nodiscard]] table_column named(const char* name) && { return {name, std::move(values), std::move(valid)}; }
};

}  // namespace lgs_rfm::detail
