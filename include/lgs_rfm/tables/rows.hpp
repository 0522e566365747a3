#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

namespace detail {

/// Values picked by position; where the position is -1, the value that stands for a missing one.
template <class Vector>
[[nodiscard]] Vector picked(const Vector& from, std::span<const std::int64_t> positions,
                            const typename Vector::value_type& missing) {
    Vector result;
    result.reserve(positions.size());
    for (const std::int64_t at : positions) result.push_back(at < 0 ? missing : from[static_cast<std::size_t>(at)]);
    return result;
}

struct row_picker {
    std::span<const std::int64_t> positions;

    template <class Vector>
    column_values operator()(const Vector& values) const {
        return picked(values, positions, typename Vector::value_type{});
    }
    column_values operator()(const moment_values& values) const {
        return moment_values{picked(values.micros, positions, 0)};
    }
    column_values operator()(const date_values& values) const { return date_values{picked(values.days, positions, 0)}; }
    column_values operator()(const category_column& values) const {
        return category_column{picked(values.codes, positions, -1), values.names};
    }
    column_values operator()(const id_column& ids) const {
        // The distinct ids are shared, also those that no row has any more.
        return id_column(ids.shared_ids(), picked(ids.codes(), positions, id_column::missing));
    }
};

}  // namespace detail

/// The rows of a table at `positions`: 0-based, in any order, each as often as it is named. A position of -1 gives a
/// row of missing values. Columns keep their names, types and, where they have a fixed set of names, all of them.
/// Throws `error` (out_of_range) for a position below -1 or beyond the rows. O(positions x columns).
[[nodiscard]] inline table rows_of(const table& from, std::span<const std::int64_t> positions) {
    const auto rows = static_cast<std::int64_t>(from.rows());
    bool gaps = false;
    for (const std::int64_t at : positions) {
        if (at < -1 || at >= rows) {
            throw error(error_code::out_of_range, "row " + std::to_string(at) + " is not in a table of " +
                                                      std::to_string(rows) + " rows; give 0 to rows - 1, or -1");
        }
        gaps = gaps || at < 0;
    }
    table result;
    result.columns.reserve(from.columns.size());
    for (const table_column& column : from.columns) {
        table_column made{column.name, std::visit(detail::row_picker{positions}, column.values), {}, column.text_ids};
        if (!column.valid.empty()) {
            made.valid = detail::picked(column.valid, positions, std::uint8_t{0});
        } else if (gaps) {
            for (const std::int64_t at : positions) made.valid.push_back(at < 0 ? 0 : 1);
        }
        result.columns.push_back(std::move(made));
    }
    return result;
}

}  // namespace lgs_rfm
