#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <lgs_rfm/detail/builder.hpp>
#include <lgs_rfm/detail/csv_dump.hpp>
#include <lgs_rfm/detail/csv_file.hpp>
#include <lgs_rfm/detail/csv_front.hpp>
#include <lgs_rfm/detail/csv_join.hpp>
#include <lgs_rfm/detail/csv_stream.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/detail/totals_builder.hpp>
#include <lgs_rfm/io/csv.hpp>

namespace lgs_rfm {

namespace detail {

/// What reading a text found beside its lines.
struct csv_found {
    std::vector<std::string> ignored_columns;
    std::int64_t skipped_lines = 0;
    std::vector<skipped_line> skipped;

    void put_into(reading_report& report) && {
        report.ignored_columns = std::move(ignored_columns);
        report.skipped_lines = skipped_lines;
        report.skipped = std::move(skipped);
    }
};

inline void check_options(const csv_options& options) {
    if (options.decimal != '.' && options.decimal != ',') {
        throw error(error_code::invalid_option, std::string("decimal: '") + options.decimal + "' is not '.' or ','");
    }
    if (options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r') {
        throw error(error_code::invalid_option, "delimiter: quotes and newlines cannot be one");
    }
}

/// Where the lines of a text go.
struct csv_sink {
    std::function<void(const std::shared_ptr<csv_part>&)> join;  ///< takes the parts in order
    const totals_plan* totalled = nullptr;                       ///< what lines are totalled by, if they are

    explicit csv_sink(entry_builder& builder)
        : join([&builder](const std::shared_ptr<csv_part>& part) { builder.join(std::move(part->lines)); }) {}
    explicit csv_sink(totals_builder& builder)
        : join([&builder](const std::shared_ptr<csv_part>& part) {
              auto made = std::make_unique<totals_part>();
              made->read = std::shared_ptr<line_part>(part, &part->lines);
              made->batch = std::move(*part->totalled);
              builder.join(std::move(made));
          }),
          totalled(&builder.plan()) {}
};

/// One text on its way into a sink.
class csv_reading {
public:
    csv_reading(csv_sink sink, const csv_source& source, const csv_options& options, period allowed)
        : sink_(std::move(sink)), options_(options) {
        check_options(options);
        task_.totalled = sink_.totalled;
        task_.allowed = allowed;
        task_.skip_bad = options.bad == bad_lines::skip;
        task_.threads = options.threads != 0 ? options.threads : available_threads();
        task_.chunk = std::max<std::size_t>(1, options.chunk_bytes);
        task_.format.point = options.decimal;
        task_.format.order = options.dates == date_order::mdy   ? slash_order::month_first
                             : options.dates == date_order::dmy ? slash_order::day_first
                                                                : slash_order::unknown;
        open(source);
    }

    csv_found read() {
        std::string front(csv_front_bytes, '\0');
        front.resize(bytes_->read(0, front.data(), front.size()));
        if (looks_like_dump(front)) {
            read_dump();
            return std::move(found_);
        }
        const bool whole = front.size() < csv_front_bytes;
        const csv_header header = find_header(front, whole, options_.columns, options_.delimiter, task_.format);
        found_.ignored_columns = match_fields(header.names, options_.columns, sink_.totalled, task_.format);
        task_.begin = header.end;
        task_.lines_before = header.newlines;
        read_records();
        return std::move(found_);
    }

private:
    void open(const csv_source& source) {
        csv_source::byte_source next = source.function();
        if (!source.path().empty()) {
            auto file = std::make_unique<csv_file>(source.path());
            if (!file->seekable()) {
                next = [kept = std::shared_ptr<csv_file>(std::move(file))](char* to, std::size_t count) {
                    return kept->read_next(to, count);
                };
            } else {
                task_.size = file->size();
                bytes_ = std::move(file);
            }
        } else if (!next) {
            task_.size = source.bytes().size();
            bytes_ = std::make_unique<csv_memory>(source.bytes());
        }
        if (!bytes_) bytes_ = std::make_unique<csv_stream>(std::move(next), (task_.threads + 2) * task_.chunk);
    }

    /// Reads the one table of a dump whose columns are ours, or the one that is asked for.
    void read_dump() {
        std::optional<dump_table> ours = find_table(0, 0, {});
        if (!ours) throw no_table();
        task_.format.table = ours->name;
        task_.format.dialect = ours->dialect;
        task_.format.delimiter = '\t';
        task_.format.point = '.';
        task_.format.statement = ours->statement;
        found_.ignored_columns = match_fields(ours->columns, options_.columns, sink_.totalled, task_.format);
        task_.begin = ours->begin;
        task_.lines_before = ours->newlines;
        const csv_totals totals = read_records();
        if (ours->dialect == csv_dialect::copy && !totals.table_ended) {
            throw error(error_code::bad_file,
                        "table " + ours->name + " has no end (\\.): the dump is cut short; make it again");
        }
        for (const std::string& statement : totals.others) check_other(*ours, statement);
        if (options_.table.empty()) find_table(totals.end, totals.newlines, ours);
    }

    /// Refuses INSERT statements of another table with our columns, and of ours with other columns.
    void check_other(const dump_table& ours, const std::string& statement) {
        csv_memory memory(statement);
        auto other = dump_walk(memory, 0, 0).next();
        if (!other) return;
        if (other->columns.empty() && created_.contains(other->name)) other->columns = created_.at(other->name);
        if (other->name == ours.name) {
            throw error(error_code::bad_file, "table " + ours.name + ": INSERT statements with different columns (" +
                                                  shown_text(statement) + "); make the dump with pg_dump");
        }
        if (options_.table.empty() && !other->columns.empty() && is_ours(*other)) throw two_tables(ours, *other);
    }

    /// The first table from here on that is ours. With one found before, another is refused.
    std::optional<dump_table> find_table(std::uint64_t from, std::int64_t newlines,
                                         const std::optional<dump_table>& before) {
        dump_walk walk(*bytes_, from, newlines);
        while (const auto table = walk.next()) {
            if (before && before->name == table->name) continue;
            const bool ours = options_.table.empty() ? is_ours(*table) : table->is_called(options_.table);
            if (ours && before) throw two_tables(*before, *table);
            if (ours) {
                created_ = walk.created();
                return table;
            }
            if (!before) others_ += (others_.empty() ? "" : ", ") + table->name;
        }
        return std::nullopt;
    }

    [[nodiscard]] bool is_ours(const dump_table& table) {
        try {
            csv_format format;
            match_fields(table.columns, options_.columns, sink_.totalled, format);
            return true;
        } catch (const error& bad) {
            reasons_ += (reasons_.empty() ? "" : "; ") + table.name + ": " + bad.what();
            return false;
        }
    }

    [[nodiscard]] static error two_tables(const dump_table& a, const dump_table& b) {
        return {error_code::invalid_option, "tables " + a.name + " and " + b.name +
                                                " of the dump both have our columns; say which with table=\"" + a.name +
                                                "\" or table=\"" + b.name + "\""};
    }

    [[nodiscard]] error no_table() const {
        if (others_.empty()) return {error_code::bad_file, "is a dump without data of a table; dump them too"};
        if (!options_.table.empty()) {
            return {error_code::invalid_option,
                    "table: the dump has no table \"" + options_.table + "\"; it has " + others_};
        }
        return {error_code::missing_column, "no table of the dump has our columns (" + reasons_ + ")"};
    }

    csv_totals read_records() {
        if (task_.format.order == slash_order::unknown && task_.format.dialect != csv_dialect::insert) {
            constexpr std::uint64_t most_of_a_stream = std::uint64_t{1} << 24;  // it must be held until it is decided
            task_.format.order =
                prove_order(*bytes_, task_.format, task_.begin, task_.size.value_or(task_.begin + most_of_a_stream));
        }
        csv_joiner joiner(*bytes_, task_, sink_.join, [this](std::uint64_t done) {
            if (options_.progress) options_.progress(task_.size ? std::min(done, *task_.size) : done, task_.size);
        });
        csv_totals totals = joiner.read();
        found_.skipped_lines = totals.skipped_lines;
        for (csv_refusal& each : totals.skipped) {
            found_.skipped.push_back({each.line + 1, each.offset, std::move(each.record),
                                      (each.column.empty() ? "" : "column " + each.column + ": ") + each.reason});
        }
        return totals;
    }

    csv_sink sink_;
    const csv_options& options_;
    csv_task task_;
    std::unique_ptr<csv_bytes> bytes_;
    csv_found found_;
    std::map<std::string, std::vector<std::string>> created_;  // of a dump: columns by CREATE TABLE
    std::string others_;                                       // of a dump: tables that are not ours
    std::string reasons_;                                      // and why
};

inline reading_report finish_csv(entry_builder& builder, csv_found found, copies_policy copies,
                                 std::shared_ptr<const ledger_entries>& entries) {
    auto made = builder.finish(copies);
    entries = std::move(made.entries);
    std::move(found).put_into(made.report);
    return std::move(made.report);
}

}  // namespace detail

inline reading_report add_csv(ledger& book, const csv_source& source, const csv_options& options,
                              copies_policy copies) {
    detail::entry_builder builder(book.config());
    std::shared_ptr<const ledger_entries> entries;
    auto report = detail::finish_csv(
        builder, detail::csv_reading(detail::csv_sink(builder), source, options, {}).read(), copies, entries);
    book.add(std::move(entries));
    return report;
}

inline reading_report add_csv(totals& to, const csv_source& source, const csv_options& options, copies_policy copies) {
    detail::totals_builder builder(detail::plan_of(to), copies, {}, options.threads);
    detail::csv_found found = detail::csv_reading(detail::csv_sink(builder), source, options, {}).read();
    auto made = builder.finish();
    to.add(std::move(made.data));
    std::move(found).put_into(made.report);
    return std::move(made.report);
}

inline reading_report replace_csv(ledger& book, const csv_source& source, std::optional<moment> since,
                                  std::optional<moment> until, const csv_options& options, copies_policy copies) {
    const detail::period allowed{since, until};
    detail::entry_builder builder(book.config(), allowed);
    std::shared_ptr<const ledger_entries> entries;
    auto report = detail::finish_csv(
        builder, detail::csv_reading(detail::csv_sink(builder), source, options, allowed).read(), copies, entries);
    book.replace(std::move(entries), since, until);
    return report;
}

}  // namespace lgs_rfm
