#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

#include <lgs_rfm/detail/csv_record.hpp>

/// INSERT statements as pg_dump writes them: rows of values in parentheses.
namespace lgs_rfm::detail {

inline constexpr std::string_view insert_words = "INSERT INTO ";

/// The position behind the text literal whose opening quote is at `at`; npos when it does not end. `escapes`: E'...'.
[[nodiscard]] inline std::size_t behind_literal(std::string_view text, std::size_t at, bool escapes) noexcept {
    for (++at; at < text.size(); ++at) {
        if (escapes && text[at] == '\\') {
            ++at;
        } else if (text[at] == '\'') {
            if (at + 1 == text.size()) return std::string_view::npos;  // it may be a doubled one
            if (text[at + 1] != '\'') return at + 1;
            ++at;
        }
    }
    return std::string_view::npos;
}

/// The first of `stops` outside of literals and of parentheses opened here; npos when the text ends before.
[[nodiscard]] inline std::size_t find_outside(std::string_view text, std::size_t at, std::string_view stops) noexcept {
    int depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (depth == 0 && stops.find(c) != std::string_view::npos) return at;
        if (c == '\'') {
            at = behind_literal(text, at, at > 0 && (text[at - 1] == 'E' || text[at - 1] == 'e'));
            continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        ++at;
    }
    return std::string_view::npos;
}

/// Reads a row, `(1, 'it''s', NULL)`, at the front of the text.
[[nodiscard]] inline csv_end read_insert_record(std::string_view text, csv_record& out) {
    out.fields.clear();
    for (std::size_t at = 1;; ++at) {
        const std::size_t end = find_outside(text, at, ",)");
        if (end == std::string_view::npos) return csv_end::incomplete;
        std::string_view field = text.substr(at, end - at);
        const auto first = field.find_first_not_of(" \t\r\n");
        field.remove_prefix(first == std::string_view::npos ? field.size() : first);
        field = field.substr(0, field.find_last_not_of(" \t\r\n") + 1);
        out.fields.push_back(field);
        at = end;
        if (text[end] == ')') break;
    }
    const char* const last = out.fields.back().data() + out.fields.back().size();
    out.size = text.find(')', static_cast<std::size_t>(last - text.data())) + 1;
    return csv_end::record;
}

/// The text that a value stands for: of a literal its content, of NULL nothing, of others what stands before a cast.
[[nodiscard]] inline std::string_view plain_insert(std::string_view field, std::string& space) {
    const bool escapes = field.starts_with("E'") || field.starts_with("e'");
    if (escapes) field.remove_prefix(1);
    if (!field.starts_with('\'')) {
        field = field.substr(0, field.find("::"));
        return field == "NULL" || field == "null" ? std::string_view() : field;
    }
    const std::size_t end = behind_literal(field, 0, escapes);
    field = field.substr(1, (end == std::string_view::npos ? field.size() : end) - 2);
    if (field.find_first_of(escapes ? "'\\" : "'") == std::string_view::npos) return field;
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        text.push_back(field[i]);
        if (escapes && field[i] == '\\' && i + 1 < field.size()) {
            text.push_back(field[++i]);
        } else if (field[i] == '\'') {
            ++i;  // the second of a doubled one
        }
    }
    if (escapes) {
        std::string plain(plain_copy(text, space));
        space = std::move(plain);
    } else {
        space = std::move(text);
    }
    return space;
}

}  // namespace lgs_rfm::detail
