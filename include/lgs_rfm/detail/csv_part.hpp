#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/detail/csv_format.hpp>
#include <lgs_rfm/detail/line_batch.hpp>
#include <lgs_rfm/detail/line_part.hpp>
#include <lgs_rfm/detail/resolve.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Text of a file as a message shows it: one line of printable UTF-8, cut to 60 bytes.
[[nodiscard]] inline std::string shown_text(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string shown;
    std::size_t i = 0;
    while (i < text.size() && i < most) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80                   ? 1
                                 : lead >= 0xC2 && lead < 0xE0 ? 2
                                 : (lead & 0xF0) == 0xE0       ? 3
                                 : lead >= 0xF0 && lead < 0xF5 ? 4
                                                               : 0;
        bool good = size != 0 && i + size <= text.size();
        for (std::size_t k = 1; good && k < size; ++k) good = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
        if (good && size == 3) {  // no surrogates, no overlong forms: they are no UTF-8
            const auto second = static_cast<unsigned char>(text[i + 1]);
            good = (lead != 0xE0 || second >= 0xA0) && (lead != 0xED || second < 0xA0);
        } else if (good && size == 4) {
            const auto second = static_cast<unsigned char>(text[i + 1]);
            good = (lead != 0xF0 || second >= 0x90) && (lead != 0xF4 || second < 0x90);
        }
        if (!good) {
            shown.push_back('?');
            ++i;
        } else if (lead < 0x20 || lead == 0x7F) {
            shown.push_back(' ');
            ++i;
        } else {
            shown.append(text.substr(i, size));
            i += size;
        }
    }
    return i < text.size() ? shown + "..." : shown;
}

/// A record that cannot be read. Positions count from the start of the part until the part is joined.
struct csv_refusal {
    error_code code = error_code::unreadable;
    std::string column = {};   ///< empty: the record as such
    std::string value = {};    ///< the offending text
    std::string reason = {};   ///< what is wrong and what to do about it
    std::string record = {};   ///< its text, cut short
    std::int64_t row = 0;      ///< 0-based among the records
    std::int64_t line = 0;     ///< newlines before it
    std::uint64_t offset = 0;  ///< in the file
    bool always = false;       ///< not to be skipped: the whole column needs an option
};

/// What one chunk of the text gave.
struct csv_part {
    line_part lines;
    std::unique_ptr<line_batch> totalled;  ///< the lines once more, for totals
    std::uint64_t start = 0;               ///< of its first record; equal to `end` when it has none
    std::uint64_t end = 0;                 ///< behind its last record
    std::int64_t records = 0;              ///< skipped ones included
    std::int64_t newlines = 0;             ///< in [start, end)
    bool table_ended = false;              ///< the dump's table ends at `end`
    bool text_ended = false;               ///< the text ended
    std::int64_t skipped_lines = 0;
    std::vector<csv_refusal> skipped;  ///< the first ten
    std::optional<csv_refusal> refusal;
    std::vector<std::string> others;  ///< of a dump: what statements of others begin with, each once
};

inline constexpr std::size_t skipped_shown = 10;

/// Why a value is refused, in words.
[[nodiscard]] inline csv_refusal value_refusal(csv_column column, error_code code, std::string_view text,
                                               const csv_format& format) {
    const std::string shown = "'" + shown_text(text) + "'";
    csv_refusal refusal{.code = code, .column = format.name(column), .value = shown_text(text)};
    const bool number = column == csv_quantity || column == csv_price;
    switch (code) {
        case error_code::missing_value: refusal.reason = "the value is missing; drop the line or fill it"; break;
        case error_code::not_finite: refusal.reason = shown + " is not finite; drop the line or correct it"; break;
        case error_code::fractional: refusal.reason = shown + " is fractional; quantities are whole units"; break;
        case error_code::time_zone:
            refusal.reason = shown + " has a time zone other than UTC; remove the offset";
            break;
        case error_code::invalid_option:
            refusal.code = error_code::unreadable;
            refusal.always = true;
            refusal.reason = shown + " may be day/month or month/day; say date_order=\"dmy\" or date_order=\"mdy\"";
            break;
        case error_code::unreadable:
            if (!number) {
                refusal.reason = shown + " is no moment such as 2011-12-09 12:50:00" +
                                 (format.order == slash_order::month_first ? " or 12/9/2011 12:50 (date_order=\"mdy\")"
                                  : format.order == slash_order::day_first ? " or 9/12/2011 12:50 (date_order=\"dmy\")"
                                                                           : "") +
                                 "; correct it";
            } else if (format.point == '.') {
                refusal.reason = shown + " is no number; write it such as 1234.50" +
                                 (text.find(',') != std::string_view::npos ? ", or say decimal=\",\"" : "");
            } else {
                refusal.reason = shown + " is no number; write it such as 1234,50, or say decimal=\".\"";
            }
            break;
        default:
            refusal.reason = shown + " is out of range; " +
                             (column == csv_quantity ? "|quantity| is at most 2147483647"
                              : column == csv_date   ? "dates run from 1400-01-01 to 9999-12-31"
                                                     : "money is held in int64 millionths, up to 9.22e12");
    }
    return refusal;
}

/// The exception for a refusal whose positions count from the start of the file.
[[nodiscard]] inline error refusal_error(const csv_refusal& refusal) {
    std::string message = refusal.column.empty() ? "" : "column " + refusal.column + ", ";
    message += "row " + std::to_string(refusal.row) + ": " + refusal.reason + " (line " +
               std::to_string(refusal.line + 1) + ", byte " + std::to_string(refusal.offset) + ")";
    return {refusal.code, message, refusal.column, refusal.row, refusal.value.empty() ? refusal.record : refusal.value};
}

}  // namespace lgs_rfm::detail
