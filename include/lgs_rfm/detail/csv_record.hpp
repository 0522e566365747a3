#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/detail/csv_format.hpp>

/// Records of text, one at a time and to the letter: the reference for the fast scan, and the way of whatever it
/// leaves.
namespace lgs_rfm::detail {

/// How reading a record ended.
enum class csv_end : std::uint8_t {
    record,      ///< a record, its fields found
    blank,       ///< an empty line
    table_end,   ///< the end of a dump's table
    incomplete,  ///< the text ends within the record
    malformed    ///< not a record: `reason` says why
};

/// A record's fields as they stand in the text, quotes and escapes included. Reused from record to record.
struct csv_record {
    std::vector<std::string_view> fields;
    std::size_t size = 0;  ///< bytes up to the next record
    const char* reason = nullptr;
};

/// Reads the record at the front of quoted text. A quote opens a field only at its start; what follows a closing quote,
/// and a quote within an unquoted field, is taken as it stands, as Python's csv does. O(record).
[[nodiscard]] inline csv_end read_quoted_record(std::string_view text, char delimiter, csv_record& out) {
    out.fields.clear();
    std::size_t at = 0;
    for (;;) {
        const std::size_t begin = at;
        if (at < text.size() && text[at] == '"') {
            for (++at;; at += 2) {
                at = text.find('"', at);
                if (at == std::string_view::npos) return csv_end::incomplete;
                if (at + 1 >= text.size() || text[at + 1] != '"') break;
            }
            ++at;
        }
        while (at < text.size() && text[at] != delimiter && text[at] != '\n') ++at;
        if (at == text.size()) return csv_end::incomplete;
        std::size_t end = at;
        const bool last = text[at] == '\n';
        if (last && end > begin && text[end - 1] == '\r') --end;
        out.fields.push_back(text.substr(begin, end - begin));
        ++at;
        if (last) break;
    }
    out.size = at;
    return out.fields.size() == 1 && out.fields[0].empty() ? csv_end::blank : csv_end::record;
}

/// Reads the record at the front of COPY text.
[[nodiscard]] inline csv_end read_copy_record(std::string_view text, char delimiter, csv_record& out) {
    out.fields.clear();
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return csv_end::incomplete;
    std::string_view line = text.substr(0, newline);
    out.size = newline + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line == "\\.") return csv_end::table_end;
    for (;;) {
        const std::size_t end = line.find(delimiter);  // a tab within a value stands as \t
        out.fields.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return csv_end::record;
        line.remove_prefix(end + 1);
    }
}

/// The text that a field of quoted text stands for; `space` holds it when it had to be put together.
[[nodiscard]] inline std::string_view plain_quoted(std::string_view field, std::string& space) {
    if (field.empty() || field.front() != '"') return field;
    const std::size_t close = field.find('"', 1);
    if (close == field.size() - 1) return field.substr(1, close - 1);
    space.clear();
    bool inside = true;
    for (std::size_t i = 1; i < field.size(); ++i) {
        if (!inside || field[i] != '"') {
            space.push_back(field[i]);
        } else if (i + 1 < field.size() && field[i + 1] == '"') {
            space.push_back('"');
            ++i;
        } else {
            inside = false;
        }
    }
    return space;
}

/// The text that a field of COPY text stands for; empty for `\N`. Escapes are those of PostgreSQL's manual.
[[nodiscard]] inline std::string_view plain_copy(std::string_view field, std::string& space) {
    if (field.find('\\') == std::string_view::npos) return field;
    if (field == "\\N") return {};
    const auto digit = [&](std::size_t i, unsigned base) {  // its value, or -1
        if (i >= field.size()) return -1;
        const char c = field[i];
        const int value = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : 99;
        return value < static_cast<int>(base) ? value : -1;
    };
    space.clear();
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\' || i + 1 == field.size()) {
            space.push_back(field[i]);
            continue;
        }
        const char c = field[++i];
        const bool hex = c == 'x' && digit(i + 1, 16) >= 0;
        if (hex || digit(i, 8) >= 0) {
            const unsigned base = hex ? 16 : 8;
            const std::size_t most = hex ? 2 : 3;
            unsigned value = 0;
            std::size_t next = hex ? i + 1 : i;
            for (std::size_t count = 0; count < most && digit(next, base) >= 0; ++count, ++next) {
                value = value * base + static_cast<unsigned>(digit(next, base));
            }
            space.push_back(static_cast<char>(value));
            i = next - 1;
            continue;
        }
        constexpr std::string_view letters = "bfnrtv";
        constexpr std::string_view controls = "\b\f\n\r\t\v";
        const auto known = letters.find(c);
        space.push_back(known == std::string_view::npos ? c : controls[known]);
    }
    return space;
}

}  // namespace lgs_rfm::detail
