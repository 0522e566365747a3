#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/csv_columns.hpp>
#include <lgs_rfm/detail/csv_insert.hpp>
#include <lgs_rfm/detail/csv_part.hpp>
#include <lgs_rfm/detail/csv_record.hpp>
#include <lgs_rfm/detail/csv_source.hpp>
#include <lgs_rfm/detail/csv_value.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/run_reader.hpp>

namespace lgs_rfm::detail {

/// Where the first record may start behind the front byte of `text`, judged by the quotes nearby: a quote between a
/// separator and a letter opens or closes. npos: nowhere in this text. A guess: whoever uses it proves it later.
[[nodiscard]] inline std::size_t guess_record(std::string_view text, const csv_format& format) {
    if (format.dialect == csv_dialect::insert) {
        const auto line = text.find(std::string("\n").append(insert_words));
        return line == std::string_view::npos ? line : line + 1;
    }
    bool inside = false;
    if (format.dialect == csv_dialect::quoted) {
        const auto separates = [&](char c) { return c == format.delimiter || c == '\n' || c == '\r'; };
        bool odd = false;  // quotes before this one
        for (auto i = text.find('"', 1); i != std::string_view::npos && i + 1 < text.size();
             i = text.find('"', i + 1), odd = !odd) {
            const char before = text[i - 1];
            const char after = text[i + 1];
            const bool opens = separates(before) && !separates(after) && after != '"';
            const bool closes = separates(after) && !separates(before) && before != '"';
            if (opens || closes) {
                inside = closes != odd;
                break;
            }
        }
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && i > 0 && format.dialect == csv_dialect::quoted) inside = !inside;
        if (text[i] == '\n' && !inside) return i + 1;
    }
    return std::string_view::npos;
}

/// Reads chunks of a text, each into a part: blocks of records by the fast scan, and record by record what that leaves.
/// Used by one thread; its memory is used again from chunk to chunk.
class csv_chunk_reader {
public:
    /// `totalled`: what the lines are totalled by; null when they are not.
    csv_chunk_reader(const csv_format& format, period allowed, bool skip_bad, const totals_plan* totalled = nullptr)
        : format_(format),
          period_(allowed),
          skip_bad_(skip_bad),
          totalled_(totalled),
          columns_(std::make_unique<csv_block_reader>(format)) {
        block& lines = columns_->lines();
        lines.has_price = format.has_price;
        lines.has_quantity = format.has(csv_quantity);
    }

    /// Reads the records that start in [`from`, `limit`). `proven`: the first starts at `from`; else a start is
    /// guessed.
    std::unique_ptr<csv_part> read(csv_bytes& source, std::uint64_t from, std::uint64_t limit, bool proven) {
        gathering_ = false;  // whatever a reading left that failed
        auto made = std::make_unique<csv_part>();
        csv_part& part = *made;
        part_ = &part;
        part.lines.runs.reserve(usual_runs_);
        if (totalled_ != nullptr) {
            part.totalled = std::make_unique<line_batch>();
            collector_.emplace(*totalled_, part.lines.pool, *part.totalled);
        }
        columns_->begin(part.lines);
        if (proven) {
            window_.open(source, from, limit);
        } else {
            window_.open(source, from - 1, limit);
            window_.more();
            const std::size_t start = guess_record(window_.text(), format_);
            if (start == std::string_view::npos || window_.offset() + start >= limit) {
                part.start = part.end = limit;  // nothing starts here, as it seems
                return made;
            }
            window_.skip(start);
        }
        part.start = window_.offset();
        if (format_.dialect == csv_dialect::insert) {
            read_statements(limit);
        } else {
            read_lines(limit);
        }
        flush();
        part.text_ended = window_.ended() && window_.text().empty();
        part.end = window_.offset();
        part.lines.epochs.follow(part.lines.runs.keys);
        usual_runs_ = std::max(usual_runs_, part.lines.runs.size() + part.lines.runs.size() / 16);
        return made;
    }

private:
    void read_lines(std::uint64_t limit) {
        bool fast = true;
        while (window_.offset() < limit && !part_->refusal && !part_->table_ended) {
            const std::uint64_t useful = std::min<std::uint64_t>(csv_masks::bytes, limit - window_.offset() + 512);
            if (window_.text().size() < useful && window_.more()) continue;
            if (window_.text().empty()) break;
            const auto within =
                static_cast<std::size_t>(std::min<std::uint64_t>(limit - window_.offset(), window_.text().size()));
            if (fast && read_block(within)) continue;
            fast = read_records(std::min(within, careful_bytes));
        }
    }

    static constexpr std::size_t careful_bytes = 4096;  // after which the fast scan is tried again

    /// Reads records of a stretch by the fast scan. False: nothing was read, the careful way must go.
    bool read_block(std::size_t within) {
        flush();
        csv_block_reader::result found =
            columns_->split(window_.base(), window_.origin(), window_.text().size(), within);
        if (found.rows == 0 || !columns_->read(found) || !inside_period()) return false;
        for (std::size_t key = 0; key < format_.keys.size(); ++key) {
            columns_->for_each_text(static_cast<std::size_t>(format_.keys[key]), found.rows,
                                    [&](std::int64_t begin, std::int64_t end, std::string_view text) {
                                        collector_->set(key, begin, end, key_of(text));
                                    });
        }
        columns_->commit(found, part_->lines);
        if (collector_) collector_->take(columns_->lines());
        part_->records += found.rows;
        part_->newlines += found.newlines;
        window_.skip(found.bytes);
        return true;
    }

    [[nodiscard]] bool inside_period() const {
        if (period_.open()) return true;
        const block& lines = columns_->lines();
        const auto first = lines.moment.begin();
        return std::all_of(first, first + lines.starts, [this](moment at) { return period_.holds(at); });
    }

    /// Reads some records one by one. Returns whether the fast scan may try again.
    bool read_records(std::size_t bytes) {
        const std::uint64_t stop = window_.offset() + bytes;
        while (window_.offset() < stop && !part_->refusal && !part_->table_ended) {
            const std::string_view text = window_.text();
            if (text.empty()) break;
            switch (read_record(text)) {
                case csv_end::incomplete:
                    if (!window_.more()) unclosed(text);
                    continue;
                case csv_end::table_end: part_->table_ended = true; break;
                case csv_end::record: take_record(text); break;
                default: break;
            }
            if (part_->refusal) break;
            pass(text.substr(0, record_.size));
        }
        return true;
    }

    // ---- INSERT statements: a chunk holds whole ones, and starts and ends where a line starts with one

    void read_statements(std::uint64_t limit) {
        while (!part_->refusal && to_statement() && window_.offset() < limit) {
            if (starts_ours()) {
                pass(window_.text().substr(0, format_.statement.size()));
                read_rows();
            } else {
                note_other();
            }
            if (!part_->refusal) pass_statement();
        }
    }

    /// Goes to the next line that starts a statement. False when there is none.
    bool to_statement() {
        for (;;) {
            while (window_.text().size() < insert_words.size() && window_.more()) {
            }
            if (window_.text().starts_with(insert_words)) return true;
            const std::size_t newline = window_.text().find('\n');
            if (newline == std::string_view::npos && window_.text().size() < csv_window::usual && window_.more())
                continue;
            if (window_.text().empty()) return false;
            pass(window_.text().substr(0, newline == std::string_view::npos ? newline : newline + 1));
        }
    }

    bool starts_ours() {
        while (window_.text().size() < format_.statement.size() && window_.more()) {
        }
        return window_.text().starts_with(format_.statement);
    }

    /// What another statement begins with: another table, or ours with other columns.
    void note_other() {
        while (window_.text().size() < csv_masks::bytes && window_.more()) {
        }
        const auto values = window_.text().substr(0, csv_masks::bytes).find("VALUES");
        std::string head(window_.text().substr(0, values == std::string_view::npos ? 0 : values + 6));
        if (std::find(part_->others.begin(), part_->others.end(), head) == part_->others.end()) {
            part_->others.push_back(std::move(head));
        }
    }

    /// The rows behind VALUES, up to what ends the list.
    void read_rows() {
        for (;;) {
            const std::size_t first = window_.text().find_first_not_of(" \t\r\n,");
            pass(window_.text().substr(0, first));
            if (window_.text().empty()) {
                if (!window_.more()) return unclosed(window_.text());
                continue;
            }
            if (window_.text().front() != '(') return;
            const std::string_view text = window_.text();
            if (read_insert_record(text, record_) == csv_end::incomplete) {
                if (!window_.more()) return unclosed(text);
                continue;
            }
            take_record(text);
            if (part_->refusal) return;
            pass(text.substr(0, record_.size));
        }
    }

    /// To behind the statement's semicolon.
    void pass_statement() {
        for (;;) {
            const std::string_view text = window_.text();
            const std::size_t end = find_outside(text, 0, ";");
            if (end != std::string_view::npos) return pass(text.substr(0, end + 1));
            if (!window_.more()) return unclosed(text);
        }
    }

    csv_end read_record(std::string_view text) {
        return format_.dialect == csv_dialect::copy ? read_copy_record(text, format_.delimiter, record_)
                                                    : read_quoted_record(text, format_.delimiter, record_);
    }

    /// The text goes on to a next record.
    void pass(std::string_view text) {
        part_->newlines += std::count(text.begin(), text.end(), '\n');
        window_.skip(text.size());
    }

    /// A record that does not end: a quote that is never closed, or a dump that is cut short.
    void unclosed(std::string_view text) {
        const std::size_t newline = text.find('\n');
        const std::size_t line = newline == std::string_view::npos ? text.size() : newline + 1;
        const bool quotes = format_.dialect == csv_dialect::quoted;
        refuse({.code = error_code::unreadable,
                .reason =
                    quotes ? "a quote is opened and not closed; correct the record, or skip it with bad_lines=\"skip\""
                           : "the record does not end: the dump is cut short; make it again",
                .always = !quotes},
               text.substr(0, line));
        if (!part_->refusal) pass(text.substr(0, line));  // skipped: go on behind its first line
    }

    void take_record(std::string_view text) {
        const std::string_view record = text.substr(0, record_.size);
        if (record_.fields.size() != format_.fields) {
            const std::size_t found = record_.fields.size();
            return refuse(
                {.code = error_code::unreadable,
                 .reason = "the record has " + std::to_string(found) + (found == 1 ? " field" : " fields") +
                           (format_.dialect == csv_dialect::quoted ? " and the header " : " and the table ") +
                           std::to_string(format_.fields) + "; correct it, or skip it with bad_lines=\"skip\""},
                record);
        }
        std::array<std::uint64_t, csv_columns> values{missing_key, 0, 0, 0, missing_key};
        std::array<bool, csv_columns> noted{};
        for (std::size_t i = 0; i < csv_columns; ++i) {
            const auto column = static_cast<csv_column>(i);
            if (!format_.has(column)) continue;
            const std::string_view plain = plain_text(record_.fields[static_cast<std::size_t>(format_.position[i])]);
            const reading found = csv_value(column, plain, format_, part_->lines.pool);
            if (found.failed) return refuse(value_refusal(column, found.problem, plain, format_), record);
            values[i] = found.value;
            noted[i] = found.noted;
        }
        const auto signed_value = [&](csv_column column) { return static_cast<std::int64_t>(values[column]); };
        const moment at = signed_value(csv_date);
        if (!period_.holds(at)) return refuse(outside(at), record);
        if (std::int64_t amount = 0;
            format_.has_price && __builtin_mul_overflow(signed_value(csv_quantity), signed_value(csv_price), &amount)) {
            return refuse(too_large(signed_value(csv_quantity), signed_value(csv_price)), record);
        }
        append(values);
        part_->lines.rounded_prices += noted[csv_price] ? 1 : 0;
        part_->lines.floored_dates += noted[csv_date] ? 1 : 0;
        ++part_->records;
    }

    [[nodiscard]] std::string_view plain_text(std::string_view field) {
        switch (format_.dialect) {
            case csv_dialect::quoted: return plain_quoted(field, space_);
            case csv_dialect::copy: return plain_copy(field, space_);
            case csv_dialect::insert: return plain_insert(field, space_);
        }
        return field;
    }

    void append(const std::array<std::uint64_t, csv_columns>& values) {
        block& lines = columns_->lines();
        if (!gathering_) {
            lines.rows = lines.starts = 0;
            gathering_ = true;
        }
        const auto last = static_cast<std::size_t>(lines.starts - 1);
        const auto at = static_cast<std::int64_t>(values[csv_date]);
        if (lines.starts == 0 || lines.invoice[last] != values[csv_invoice] ||
            lines.customer[last] != values[csv_customer] || lines.moment[last] != at) {
            const auto next = static_cast<std::size_t>(lines.starts++);
            lines.start[next] = static_cast<std::int32_t>(lines.rows);
            lines.invoice[next] = values[csv_invoice];
            lines.customer[next] = values[csv_customer];
            lines.moment[next] = at;
        }
        for (std::size_t key = 0; key < format_.keys.size(); ++key) {
            const std::string_view field = record_.fields[static_cast<std::size_t>(format_.keys[key])];
            collector_->set(key, lines.rows, lines.rows + 1, key_of(plain_text(field)));
        }
        const auto row = static_cast<std::size_t>(lines.rows++);
        lines.quantity[row] = static_cast<std::int64_t>(values[csv_quantity]);
        lines.price[row] = static_cast<std::int64_t>(values[csv_price]);
        if (lines.rows == block::capacity) flush();
    }

    /// Sums what was read record by record.
    void flush() {
        if (!gathering_) return;
        gathering_ = false;
        columns_->sum(part_->lines);
        if (collector_) collector_->take(columns_->lines());
    }

    [[nodiscard]] id_key key_of(std::string_view text) { return csv_id(text, false, false, part_->lines.pool).value; }

    void refuse(csv_refusal refusal, std::string_view record) {
        record = record.substr(0, record.find_last_not_of("\r\n") + 1);
        refusal.record = shown_text(record);
        refusal.row = part_->records;
        refusal.line = part_->newlines;
        refusal.offset = window_.offset();
        if (!skip_bad_ || refusal.always) {
            part_->refusal = std::move(refusal);
            return;
        }
        ++part_->records;
        ++part_->skipped_lines;
        if (part_->skipped.size() < skipped_shown) part_->skipped.push_back(std::move(refusal));
    }

    [[nodiscard]] csv_refusal outside(moment at) const {
        return {.code = error_code::outside_period,
                .column = "invoice_date",
                .value = format_moment(at),
                .reason = period_.refusal_of(at),
                .always = true};
    }

    [[nodiscard]] static csv_refusal too_large(std::int64_t quantity, std::int64_t price) {
        const std::string value = product_text(quantity, price);
        return {.code = error_code::overflow, .column = "amount", .value = value, .reason = value + product_refusal};
    }

    csv_format format_;
    period period_;
    bool skip_bad_;
    const totals_plan* totalled_;
    std::optional<line_collector> collector_;  // of the chunk
    std::size_t usual_runs_ = 0;               // of a chunk
    bool gathering_ = false;                   // the block holds records read one by one
    std::unique_ptr<csv_block_reader> columns_;
    csv_window window_;
    csv_record record_;
    csv_part* part_ = nullptr;
    std::string space_;
};

}  // namespace lgs_rfm::detail
