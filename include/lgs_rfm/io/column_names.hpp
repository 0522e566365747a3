#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/error.hpp>
#include <lgs_rfm/lines.hpp>

namespace lgs_rfm {

/// Our column names to the input's, for inputs that name them otherwise.
using column_names = std::map<std::string, std::string>;

/// Which of the input's columns serve ours.
struct column_match {
    std::array<std::optional<std::size_t>, line_columns.size()> position;  ///< in the order of `line_columns`
    std::vector<std::string> ignored;                                      ///< columns that are none of ours
};

namespace detail {

/// Lower case without blanks and underscores, so that "Customer ID", "CustomerID" and "customer_id" are one.
[[nodiscard]] inline std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        if (c != ' ' && c != '_') plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    return plain;
}

/// The column of ours that a name stands for by itself: both UCI editions' spellings, the SQL dump's, and our own.
[[nodiscard]] inline std::optional<std::size_t> known_column(std::string_view name) {
    const std::string plain = plain_name(name);
    const std::string_view ours = plain == "invoiceno" ? "invoice"
                                  : plain == "price"   ? "unitprice"
                                                       : std::string_view(plain);
    for (std::size_t i = 0; i < line_columns.size(); ++i) {
        if (plain_name(line_columns[i].name) == ours) return i;
    }
    return std::nullopt;
}

}  // namespace detail

/// Where a column of the caller's own stands. Throws `missing_column`, `duplicate_column`.
[[nodiscard]] inline std::size_t find_column(std::span<const std::string> input, const std::string& name) {
    const auto found = std::find(input.begin(), input.end(), name);
    if (found == input.end()) {
        throw error(error_code::missing_column,
                    "column " + name + " is missing: the input has no column of this name; correct by=", name);
    }
    if (std::find(found + 1, input.end(), name) != input.end()) {
        throw error(error_code::duplicate_column, "column " + name + ": the input has two of this name; rename one",
                    name);
    }
    return static_cast<std::size_t>(found - input.begin());
}

/// Finds our columns among the input's: those of `names` by exact name, the others by their known spellings. Throws
/// `missing_column` for a mapped column that is not there, `duplicate_column` when two columns answer to one name,
/// `invalid_option` for a key that is none of ours. Whether enough columns are there is checked when lines are read.
[[nodiscard]] inline column_match match_columns(std::span<const std::string> input, const column_names& names = {}) {
    column_match match;
    std::vector<bool> used(input.size());
    for (const auto& [ours, theirs] : names) {
        const auto entry = std::find_if(line_columns.begin(), line_columns.end(),
                                        [&](const line_column& column) { return ours == column.name; });
        if (entry == line_columns.end()) {
            std::string allowed;
            for (const line_column& column : line_columns)
                allowed += (allowed.empty() ? "" : ", ") + std::string(column.name);
            throw error(error_code::invalid_option,
                        "columns: '" + ours + "' is none of our columns, which are " + allowed);
        }
        const auto found = std::find(input.begin(), input.end(), theirs);
        if (found == input.end()) {
            throw error(error_code::missing_column,
                        "column " + ours + " is missing: the input has no column '" + theirs +
                            "'; correct columns={\"" + ours + "\": ...}",
                        ours);
        }
        if (std::find(found + 1, input.end(), theirs) != input.end()) {
            throw error(error_code::duplicate_column,
                        "column " + ours + ": the input has two columns '" + theirs + "'; rename one", ours);
        }
        const auto at = static_cast<std::size_t>(found - input.begin());
        match.position[static_cast<std::size_t>(entry - line_columns.begin())] = at;
        used[at] = true;
    }
    for (std::size_t i = 0; i < input.size(); ++i) {
        if (used[i]) continue;
        const auto known = detail::known_column(input[i]);
        if (!known || names.contains(line_columns[*known].name)) {
            match.ignored.push_back(input[i]);
            continue;
        }
        auto& position = match.position[*known];
        if (position) {
            const std::string ours = line_columns[*known].name;
            throw error(error_code::duplicate_column,
                        "column " + ours + ": '" + input[*position] + "' and '" + input[i] +
                            "' both answer to it; say which with columns={\"" + ours + "\": ...}",
                        ours);
        }
        position = i;
    }
    return match;
}

}  // namespace lgs_rfm
