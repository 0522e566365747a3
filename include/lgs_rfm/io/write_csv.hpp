#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/decimal_digits.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// What becomes of text that a spreadsheet would run as a formula: `guarded` puts an apostrophe before it, `as_it_is`
/// is for files that are read again as lines.
enum class csv_formulas : std::uint8_t { guarded, as_it_is };

namespace detail {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether text is a plain number, `[+-]?digits(.digits)?([eE][+-]?digits)?`: shown by a spreadsheet, not run.
[[nodiscard]] inline bool is_plain_number(std::string_view text) {
    std::size_t at = 0;
    const auto one_of = [&](std::string_view any) {
        const bool found = at < text.size() && any.find(text[at]) != std::string_view::npos;
        at += found ? 1 : 0;
        return found;
    };
    const auto digits = [&] {
        const std::size_t before = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at > before;
    };
    one_of("+-");
    if (!digits()) return false;
    if (one_of(".") && !digits()) return false;
    if (one_of("eE")) {
        one_of("+-");
        if (!digits()) return false;
    }
    return at == text.size();
}

/// A text cell: guarded where that is asked for, in quotes where RFC 4180 wants them.
inline void append_csv_text(std::string& out, std::string_view text, csv_formulas formulas) {
    const bool guard = formulas == csv_formulas::guarded && !text.empty() &&
                       std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
                       !is_plain_number(text);
    const bool quoted = text.find_first_of("\",\r\n") != std::string_view::npos;
    if (quoted) out += '"';
    if (guard) out += '\'';
    for (const char c : text) {
        out += c;
        if (c == '"') out += '"';
    }
    if (quoted) out += '"';
}

template <class Integer>
void append_csv_integer(std::string& out, Integer value) {
    std::array<char, longest_integer> text;
    out.append(text.data(), write_integer(std::int64_t{value}, text.data()));
}

/// The shortest decimal that reads back as the same double, with a point and, below 1e-4 and from 1e16 on, an exponent,
/// as Python, pandas and Polars write it. NaN is missing.
inline void append_csv_real(std::string& out, double value) {
    if (std::isnan(value)) return;
    const double size = std::fabs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e16) || std::isinf(value);
    std::array<char, 40> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), value,
                                          plain ? std::chars_format::fixed : std::chars_format::scientific)
                                .ptr;
    const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
    out += written;
    if (plain && std::isfinite(value) && written.find('.') == std::string_view::npos) out += ".0";
}

/// Writes the cells of one column.
struct csv_cell_writer {
    const table_column& column;
    csv_formulas formulas;
    bool with_micros = false;  ///< all moments of a column read alike

    csv_cell_writer(const table_column& from, csv_formulas how) : column(from), formulas(how) {
        const auto* const moments = std::get_if<moment_values>(&column.values);
        if (moments == nullptr) return;
        for (std::size_t row = 0; row < moments->size(); ++row) {
            const bool there = column.valid.empty() || column.valid[row] != 0;
            with_micros = with_micros || (there && moments->micros[row] % micros_per_second != 0);
        }
    }

    void append(std::string& out, std::size_t row) const {
        if (!column.valid.empty() && column.valid[row] == 0) return;
        std::visit([&](const auto& values) { write(out, values, row); }, column.values);
    }

private:
    template <class Integer>
    static void write(std::string& out, const large_vector<Integer>& values, std::size_t row) {
        append_csv_integer(out, values[row]);
    }
    static void write(std::string& out, const large_vector<double>& values, std::size_t row) {
        append_csv_real(out, values[row]);
    }
    static void write(std::string& out, const large_vector<money>& values, std::size_t row) {
        const std::string text = to_string(values[row]);
        out += text;
        if (text.find('.') == std::string::npos) out += ".0";  // whole amounts read as amounts
    }
    void write(std::string& out, const moment_values& values, std::size_t row) const {
        append_moment(out, values.micros[row], with_micros);
    }
    static void write(std::string& out, const date_values& values, std::size_t row) {
        append_date(out, values.days[row]);
    }
    void write(std::string& out, const id_column& ids, std::size_t row) const {
        if (ids.codes()[row] == id_column::missing) return;
        const id_view id = ids[row];
        if (id.is_integer()) {
            append_csv_integer(out, id.integer());
        } else {
            append_csv_text(out, id.text(), formulas);
        }
    }
    void write(std::string& out, const category_column& values, std::size_t row) const {
        const std::int32_t code = values.codes[row];
        if (code >= 0) append_csv_text(out, (*values.names)[static_cast<std::size_t>(code)], formulas);
    }
    void write(std::string& out, const text_values& values, std::size_t row) const {
        append_csv_text(out, values[row], formulas);
    }
};

}  // namespace detail

/// Writes a table, which must outlive it, as CSV: RFC 4180, comma, lines end with a line feed. Missing values are empty
/// cells, amounts exact, reals as Python writes them, moments `2011-12-09 12:50:00`, with six decimals where any of the
/// column needs them. Making it looks at each moment.
class csv_writer {
public:
    explicit csv_writer(const table& from, csv_formulas formulas = csv_formulas::guarded)
        : table_(&from), formulas_(formulas) {
        for (const table_column& column : from.columns) cells_.emplace_back(column, formulas);
    }

    /// Appends the names of the columns.
    void append_header(std::string& out) const {
        for (const table_column& column : table_->columns) {
            if (&column != table_->columns.data()) out += ',';
            detail::append_csv_text(out, column.name, formulas_);
        }
        out += '\n';
    }

    /// Appends rows from row `first` on, at most `count`.
    void append_rows(std::string& out, std::size_t first, std::size_t count) const {
        const std::size_t end = first + std::min(count, table_->rows() - std::min(first, table_->rows()));
        for (std::size_t row = first; row < end; ++row) {
            for (const detail::csv_cell_writer& cells : cells_) {
                if (&cells != cells_.data()) out += ',';
                cells.append(out, row);
            }
            out += '\n';
        }
    }

private:
    const table* table_;
    csv_formulas formulas_;
    std::vector<detail::csv_cell_writer> cells_;
};

/// A whole table as CSV: its header and all rows.
[[nodiscard]] inline std::string to_csv(const table& from, csv_formulas formulas = csv_formulas::guarded) {
    const csv_writer writer(from, formulas);
    std::string out;
    writer.append_header(out);
    writer.append_rows(out, 0, from.rows());
    return out;
}

}  // namespace lgs_rfm
