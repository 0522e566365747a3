#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/check_lines.hpp>
#include <lgs_rfm/detail/csv_columns.hpp>
#include <lgs_rfm/detail/csv_record.hpp>
#include <lgs_rfm/detail/csv_source.hpp>
#include <lgs_rfm/detail/line_batch.hpp>
#include <lgs_rfm/io/column_names.hpp>

/// The front of a text file: its header, its delimiter, the order of its dates.
namespace lgs_rfm::detail {

inline constexpr std::size_t csv_front_bytes = std::size_t{1} << 16;  ///< within which the header must lie

/// A header row: the names, and where it ends.
struct csv_header {
    std::vector<std::string> names;
    std::uint64_t end = 0;      ///< offset of the first record
    std::int64_t newlines = 0;  ///< before it
};

/// The header by a delimiter; empty when the text ends within it. Blank lines before it are passed over.
[[nodiscard]] inline std::optional<csv_header> read_header(std::string_view text, char delimiter) {
    csv_header header;
    csv_record record;
    std::string space;
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    for (;;) {
        const csv_end end = read_quoted_record(text.substr(at), delimiter, record);
        if (end == csv_end::incomplete) return std::nullopt;
        const auto line = text.substr(at, record.size);
        header.newlines += std::count(line.begin(), line.end(), '\n');
        at += record.size;
        if (end == csv_end::record) break;
    }
    for (const std::string_view field : record.fields) header.names.emplace_back(plain_quoted(field, space));
    header.end = at;
    return header;
}

/// Fills in which fields are ours, and those that lines are totalled by. Throws `error` when needed ones are missing.
/// Returns the names that are none of ours.
inline std::vector<std::string> match_fields(const std::vector<std::string>& names, const column_names& mapping,
                                             const totals_plan* totalled, csv_format& format) {
    const column_match match = match_columns(names, mapping);
    const auto position = [&](std::string_view ours) {
        for (std::size_t i = 0; i < line_columns.size(); ++i) {
            if (line_columns[i].name == ours && match.position[i]) return static_cast<std::int32_t>(*match.position[i]);
        }
        return std::int32_t{-1};
    };
    const std::int32_t amount = position("amount");
    format.fields = names.size();
    format.has_price = amount < 0;
    format.position = {position("invoice"), position("quantity"), position("invoice_date"),
                       amount < 0 ? position("unit_price") : amount, position("customer_id")};
    if (!format.has(csv_date)) {
        throw_missing_column("invoice_date", "name yours with columns={\"invoice_date\": ...}");
    }
    for (const csv_column column : {csv_quantity, csv_price}) {
        if (format.has_price && !format.has(column)) {
            const std::string name = format.name(column);
            throw_missing_column(
                name, "give quantity with unit_price, or amount (columns={\"" + name + "\": ...} maps names)");
        }
    }
    if (totalled == nullptr) return match.ignored;
    totalled->check_runs(format.has(csv_invoice), format.has(csv_customer));
    std::vector<std::string> ignored = match.ignored;
    for (const std::string& name : totalled->columns) {
        const bool own = std::none_of(line_columns.begin(), line_columns.end(),
                                      [&](const line_column& column) { return name == column.name; });
        format.keys.push_back(own ? static_cast<std::int32_t>(find_column(names, name)) : position(name));
        if (format.keys.back() < 0) throw_no_key(name);
        if (own) std::erase(ignored, name);
    }
    return ignored;
}

/// How many of the names are ours, by themselves or mapped.
[[nodiscard]] inline std::size_t count_known(const std::vector<std::string>& names, const column_names& mapping) {
    return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
        return known_column(name) ||
               std::any_of(mapping.begin(), mapping.end(), [&](const auto& entry) { return entry.second == name; });
    }));
}

/// The header by the given delimiter, or by the one that makes most of our names of it; `format` gets it.
[[nodiscard]] inline csv_header find_header(std::string_view front, bool whole, const column_names& mapping,
                                            char delimiter, csv_format& format) {
    std::string text(front);
    if (whole && !text.ends_with('\n')) text.push_back('\n');
    if (text.find_first_not_of("\r\n", text.starts_with("\xEF\xBB\xBF") ? 3 : 0) == std::string::npos) {
        throw error(error_code::bad_file, "is empty; give a header row and lines");
    }
    if (text.find('\0') != std::string::npos) {
        throw error(error_code::bad_file, "is not CSV in UTF-8; save it as such");
    }
    std::optional<csv_header> best;
    std::pair<std::size_t, std::size_t> best_score;
    const std::string all = ",;\t|";
    for (const char each : delimiter != '\0' ? std::string(1, delimiter) : all) {
        auto header = read_header(text, each);
        if (!header) continue;
        const std::pair score(count_known(header->names, mapping), header->names.size());
        if (best && score <= best_score) continue;
        best = std::move(header);
        best_score = score;
        format.delimiter = each;
    }
    if (!best) throw error(error_code::bad_file, "has a header row that does not end; is a quote in it not closed?");
    return std::move(*best);
}

/// Looks through the records for a date with slashes that proves their order; unknown when there is none. Stops at the
/// first date of another form, at `limit`, and at a record that cannot be read, which is refused later. O(text) at
/// most.
[[nodiscard]] inline slash_order prove_order(csv_bytes& source, const csv_format& format, std::uint64_t begin,
                                             std::uint64_t limit) {
    const auto fast = std::make_unique<csv_block_reader>(format);
    csv_window window;
    window.open(source, begin, limit);
    csv_record record;
    std::string space;
    slash_order order = slash_order::unknown;
    const auto decided = [&](std::string_view text) {  // true: no need to look on
        text = trimmed(text);
        if (is_missing_text(text)) return false;
        const auto date = slash_date::read(text);
        if (date) order = date->proves();
        return !date || order != slash_order::unknown;
    };
    while (window.offset() < limit) {
        if (window.text().size() < csv_masks::bytes && window.more()) continue;
        if (window.text().empty()) break;
        const auto size = window.text().size();
        if (const auto found = fast->split(window.base(), window.origin(), size, size); found.rows != 0) {
            for (std::size_t row = 0; row < static_cast<std::size_t>(found.rows); ++row) {
                if (decided(fast->text(row, csv_date))) return order;
            }
            window.skip(found.bytes);
            continue;
        }
        const bool copy = format.dialect == csv_dialect::copy;
        const csv_end end = copy ? read_copy_record(window.text(), format.delimiter, record)
                                 : read_quoted_record(window.text(), format.delimiter, record);
        if (end == csv_end::table_end || (end == csv_end::incomplete && !window.more())) break;
        if (end == csv_end::incomplete) continue;
        if (end == csv_end::record && record.fields.size() == format.fields) {
            const auto field = record.fields[static_cast<std::size_t>(format.position[csv_date])];
            if (decided(copy ? plain_copy(field, space) : plain_quoted(field, space))) return order;
        }
        window.skip(record.size);
    }
    return order;
}

}  // namespace lgs_rfm::detail
