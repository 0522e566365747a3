#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lgs_rfm::detail {

/// How records of a text file are written.
enum class csv_dialect : std::uint8_t {
    quoted,  ///< RFC 4180: quotes hold delimiters, newlines and doubled quotes
    copy,    ///< PostgreSQL's COPY text: one record a line, tabs, `\N`, backslash escapes; `\.` ends the table
    insert   ///< INSERT statements of one table
};

/// The two ways of writing dates with slashes.
enum class slash_order : std::uint8_t { unknown, month_first, day_first };

/// Our columns that are read from text, in the order in which errors of one record are looked for.
enum csv_column : std::uint8_t { csv_invoice, csv_quantity, csv_date, csv_price, csv_customer };
inline constexpr std::size_t csv_columns = 5;

/// What the front of a file told: all that reading a record needs.
struct csv_format {
    csv_dialect dialect = csv_dialect::quoted;
    char delimiter = ',';
    char point = '.';  ///< between units and decimals
    slash_order order = slash_order::unknown;
    bool has_price = true;  ///< false: the price column holds amounts
    std::size_t fields = 0;
    std::array<std::int32_t, csv_columns> position{-1, -1, -1, -1, -1};  ///< the field of each column; -1: not there
    std::vector<std::int32_t> keys = {};                                 ///< the fields of columns that totals are by
    std::string table = {};                                              ///< of a dump: its name
    std::string statement = {};                                          ///< INSERT: what each begins with

    [[nodiscard]] bool has(csv_column column) const noexcept { return position[column] >= 0; }
    [[nodiscard]] const char* name(csv_column column) const noexcept {
        constexpr std::array<const char*, csv_columns> names{"invoice", "quantity", "invoice_date", "unit_price",
                                                             "customer_id"};
        return column == csv_price && !has_price ? "amount" : names[column];
    }
};

}  // namespace lgs_rfm::detail
