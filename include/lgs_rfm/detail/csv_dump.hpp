#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/csv_format.hpp>
#include <lgs_rfm/detail/csv_insert.hpp>
#include <lgs_rfm/detail/csv_source.hpp>

/// Tables within a plain dump of PostgreSQL: where their data stand and how their columns are called.
namespace lgs_rfm::detail {

/// True when a text begins as pg_dump's does, and as no header row would.
[[nodiscard]] inline bool looks_like_dump(std::string_view text) noexcept {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
    constexpr std::string_view beginnings[] = {"--", "COPY ", "INSERT INTO ", "CREATE TABLE ", "SET ", "BEGIN;", "\\"};
    return std::any_of(std::begin(beginnings), std::end(beginnings),
                       [&](std::string_view each) { return text.starts_with(each); });
}

/// Reads words of SQL from the front of a text.
class sql_words {
public:
    explicit sql_words(std::string_view text) : text_(text) {}

    [[nodiscard]] std::string_view rest() const noexcept { return text_; }

    bool take(std::string_view word) noexcept {
        skip_blanks();
        if (!text_.starts_with(word)) return false;
        text_.remove_prefix(word.size());
        return true;
    }

    /// A name, out of its quotes; with its schema, if any. Empty when there is none.
    std::string name() {
        std::string result = part();
        while (!result.empty() && take(".")) result += "." + part();
        return result;
    }

    /// `(a, b, "c d")`; empty when there is none.
    std::vector<std::string> names() {
        std::vector<std::string> result;
        if (!take("(")) return result;
        do {
            result.push_back(part());
            if (result.back().empty()) return {};
        } while (take(","));
        return take(")") ? result : std::vector<std::string>();
    }

private:
    void skip_blanks() noexcept { text_.remove_prefix(std::min(text_.size(), text_.find_first_not_of(" \t\r\n"))); }

    std::string part() {
        skip_blanks();
        std::string result;
        if (!text_.starts_with('"')) {
            const auto end = std::min(text_.size(), text_.find_first_of(" \t\r\n,().;\""));
            result = text_.substr(0, end);
            text_.remove_prefix(end);
            return result;
        }
        for (std::size_t i = 1; i < text_.size(); ++i) {
            if (text_[i] == '"' && (i + 1 == text_.size() || text_[i + 1] != '"')) {
                text_.remove_prefix(i + 1);
                return result;
            }
            if (text_[i] == '"') ++i;
            result.push_back(text_[i]);
        }
        return {};
    }

    std::string_view text_;
};

/// A table's data in a dump.
struct dump_table {
    std::string name = {};
    std::vector<std::string> columns = {};  ///< empty: neither its statement nor a CREATE TABLE before it names them
    csv_dialect dialect = csv_dialect::copy;
    std::uint64_t begin = 0;     ///< of its first record or statement
    std::int64_t newlines = 0;   ///< before it
    std::string statement = {};  ///< INSERT: what each statement begins with, up to VALUES

    /// By full name, or without the schema.
    [[nodiscard]] bool is_called(std::string_view wanted) const noexcept {
        const std::string_view full = name;
        return full == wanted ||
               (full.size() > wanted.size() && full.ends_with(wanted) && full[full.size() - wanted.size() - 1] == '.');
    }
};

/// Walks through a dump from table to table. O(bytes).
class dump_walk {
public:
    dump_walk(csv_bytes& source, std::uint64_t from, std::int64_t newlines) : source_(source), newlines_(newlines) {
        window_.open(source, from, from);
    }

    /// The next table with data that was not met before. Its data are skipped by the following call.
    std::optional<dump_table> next() {
        for (;;) {
            if (within_copy_) {
                const std::string_view line = whole_line();
                if (line.empty()) return std::nullopt;
                within_copy_ = !(line == "\\.\n" || line == "\\.\r\n");
                pass(line.size());
                source_.release(window_.offset());
                continue;
            }
            while (window_.text().size() < csv_front && window_.more()) {
            }
            const std::string_view text = window_.text();
            if (text.empty()) return std::nullopt;
            if (text.starts_with("CREATE TABLE ")) note_columns(text);
            if (text.starts_with(insert_words)) {
                auto table = insert_statement(text);
                skip_statement();
                if (table) return table;
                continue;
            }
            if (auto table = text.starts_with("COPY ") ? copy_statement(text) : std::optional<dump_table>()) {
                pass(text.find('\n') + 1);
                table->begin = window_.offset();
                table->newlines = newlines_;
                within_copy_ = true;
                return table;
            }
            skip_line();
        }
    }

    /// The columns of each table that a CREATE TABLE named so far.
    [[nodiscard]] const std::map<std::string, std::vector<std::string>>& created() const noexcept { return created_; }

private:
    static constexpr std::size_t csv_front = std::size_t{1} << 16;  // a statement's head lies within

    void pass(std::size_t count) {
        const std::string_view text = window_.text().substr(0, count);
        newlines_ += std::count(text.begin(), text.end(), '\n');
        window_.skip(count);
    }

    /// The line at the front with its newline; empty at the end of the text.
    std::string_view whole_line() {
        for (;;) {
            const std::size_t newline = window_.text().find('\n');
            if (newline != std::string_view::npos) return window_.text().substr(0, newline + 1);
            if (!window_.more()) return window_.text();
        }
    }

    void skip_line() {
        for (;;) {
            const std::size_t newline = window_.text().find('\n');
            pass(newline == std::string_view::npos ? window_.text().size() : newline + 1);
            if (newline != std::string_view::npos || !window_.more()) return;
        }
    }

    /// To behind the semicolon of the statement at the front.
    void skip_statement() {
        for (;;) {
            const std::size_t end = find_outside(window_.text(), 0, ";");
            if (end != std::string_view::npos) return pass(end + 1);
            if (!window_.more()) return pass(window_.text().size());
        }
    }

    /// pg_dump writes a column a line, its name first.
    void note_columns(std::string_view text) {
        sql_words words(text);
        words.take("CREATE TABLE ");
        const std::string name = words.name();
        if (!words.take("(")) return;
        std::vector<std::string> columns;
        while (!words.take(")")) {
            const bool constraint = words.take("CONSTRAINT ") || words.take("CHECK ");
            std::string column = words.name();
            if (column.empty()) return;
            if (!constraint) columns.push_back(std::move(column));
            const auto line = words.rest().find('\n');
            if (line == std::string_view::npos) return;
            words = sql_words(words.rest().substr(line + 1));
        }
        created_[name] = std::move(columns);
    }

    std::optional<dump_table> copy_statement(std::string_view text) {
        sql_words words(text.substr(0, text.find('\n')));
        words.take("COPY ");
        dump_table table{.name = words.name()};
        table.columns = words.names();
        if (!words.take("FROM stdin;")) return std::nullopt;
        if (table.columns.empty()) table.columns = created_[table.name];
        return table;
    }

    /// Empty for a table that was met before.
    std::optional<dump_table> insert_statement(std::string_view text) {
        sql_words words(text);
        words.take(insert_words);
        dump_table table{.name = words.name(), .dialect = csv_dialect::insert};
        table.columns = words.names();
        if (table.columns.empty()) table.columns = created_[table.name];
        static_cast<void>(words.take("OVERRIDING SYSTEM VALUE"));
        if (!words.take("VALUES")) return std::nullopt;
        table.statement = text.substr(0, text.size() - words.rest().size());
        table.begin = window_.offset();
        table.newlines = newlines_;
        if (std::find(inserted_.begin(), inserted_.end(), table.statement) != inserted_.end()) return std::nullopt;
        inserted_.push_back(table.statement);
        return table;
    }

    csv_bytes& source_;
    csv_window window_;
    std::int64_t newlines_;
    bool within_copy_ = false;
    std::map<std::string, std::vector<std::string>> created_;
    std::vector<std::string> inserted_;  // statements
};

}  // namespace lgs_rfm::detail
