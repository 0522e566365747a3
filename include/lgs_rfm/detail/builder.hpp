#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/check_lines.hpp>
#include <lgs_rfm/detail/copies.hpp>
#include <lgs_rfm/detail/decoder.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/sort_runs.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Reads one input, batch by batch, into sorted entries: decoders -> block -> kernel -> runs -> entries.
/// It stands aside of any ledger, so a failure or an interruption anywhere leaves nothing half done.
class entry_builder {
public:
    /// `since`, `until`: refuse lines outside [since, until).
    explicit entry_builder(ledger_config config, std::optional<moment> since = {}, std::optional<moment> until = {})
        : config_(std::move(config)), since_(since), until_(until) {}

    /// Reads the next batch of the input. Throws `error` for the lowest bad row, then in column order; the builder is
    /// then of no further use.
    void add(const invoice_lines& lines) {
        check_lines(lines);
        const ledger_columns columns(lines);
        std::vector<source> keys;
        std::vector<source> values;
        const auto lines_block = std::make_unique<block>();
        block& to = *lines_block;
        connect(keys, columns.invoice, to.invoice, missing_key);
        connect(keys, columns.date, to.moment, std::int64_t{0});
        connect(keys, columns.customer, to.customer, missing_key);
        connect(values, columns.quantity, to.quantity, std::int64_t{0});
        connect(values, columns.price, to.price, std::int64_t{0});
        to.has_price = !lines.amount.present();
        to.has_quantity = lines.quantity.present();

        const std::int64_t rows = lines.size();
        runs_.reserve(runs_.size() + std::min<std::size_t>(static_cast<std::size_t>(rows) / 16, most_runs));
        for (std::int64_t done = 0; done < rows; done += to.rows) {
            to.rows = std::min(block::capacity, rows - done);
            find_starts(keys, to);
            std::int64_t good = to.rows;
            const source* failed = nullptr;
            const auto check = [&](const source& of, std::int64_t read) {  // the lowest row, then column order
                if (read < good || (read == good && failed != nullptr && of.column.place < failed->column.place)) {
                    good = read;
                    failed = &of;
                }
            };
            for (source& each : keys) {
                check(each, each.decoder.decode_at(std::span(to.start).first(static_cast<std::size_t>(to.starts)),
                                                   to.rows, each.out));
            }
            for (source& each : values) check(each, each.decoder.decode(to.rows, each.out));
            const std::int64_t inside = first_outside(to, good);
            to.rows = inside;
            const std::int64_t summed = sum_runs(to, runs_);
            if (summed < inside) throw overflow_error(to, summed, done);
            if (inside < good) throw period_error(to, done);
            if (failed != nullptr) throw fault_error(failed->column, failed->decoder.found(), report_.lines);
            epochs_.follow(runs_);
            if (runs_.size() >= most_runs && epochs_.hopeless()) flush();
        }
        for (const auto* sources : {&keys, &values}) {
            for (const source& each : *sources) {
                (each.column.as == role::price ? report_.rounded_prices : report_.floored_dates) += each.decoder.noted();
            }
        }
        report_.lines += rows;
    }

    struct result {
        std::shared_ptr<const ledger_entries> entries;
        reading_report report;
    };

    /// Ends the input. `policy` says what becomes of copied invoices; with `error`, finding some throws.
    [[nodiscard]] result finish(copies_policy policy) {
        const bool in_one_piece = flushed_.empty();
        grouped_runs grouped = group_runs(runs_, pool_);
        std::vector<bool> is_copy;
        if (in_one_piece) {
            is_copy = find_copies(grouped, epochs_, report_);
        } else {
            report_.copies_judged = false;
        }
        if (!is_copy.empty() && policy == copies_policy::error) {
            throw error(error_code::copied_invoices,
                        std::to_string(report_.copied_invoices) + " invoices (" + std::to_string(report_.copied_lines) +
                            " lines) are in the input twice; copies=\"drop\" keeps the first, \"keep\" counts all");
        }
        if (policy == copies_policy::drop) {
            report_.dropped_lines = report_.copied_lines;
        } else {
            is_copy.clear();
        }
        push(entries(std::move(grouped), is_copy));
        while (flushed_.size() > 1) merge_last();
        return {std::make_shared<const ledger_entries>(std::move(flushed_.front())), std::move(report_)};
    }

private:
    /// Rows in no order of time make a run of nearly every line; beyond this many, runs are summed up on the way, so
    /// that memory follows the entries. Runs of inputs in order are kept to the end: copies are judged by them.
    static constexpr std::size_t most_runs = std::size_t{1} << 22;

    struct source {
        ledger_column column;
        column_decoder decoder;
        std::uint64_t* out;
    };

    /// A given column is decoded into its array; for one that is not, the array is filled once.
    template <class Array, class Value>
    void connect(std::vector<source>& sources, const ledger_column& column, Array& out, Value absent) {
        if (column.values->present()) {
            sources.push_back({column, column_decoder(*column.values, column.as, pool_),
                               reinterpret_cast<std::uint64_t*>(out.data())});  // signed and unsigned alias
        } else {
            out.fill(absent);
        }
    }

    /// Lists the rows at which a key differs from the row before.
    static void find_starts(std::vector<source>& keys, block& lines) {
        std::array<std::uint8_t, block::capacity> starts{};
        starts[0] = 1;
        for (source& each : keys) each.decoder.mark(lines.rows, starts.data());
        std::fill(starts.begin() + lines.rows, starts.end(), std::uint8_t{0});
        lines.starts = 0;
        for (std::int64_t row = 0; row < lines.rows; row += 8) {
            auto marks = load<std::uint64_t>(starts.data() + row, 0);
            for (; marks != 0; marks &= marks - 1) {  // each mark is one bit of its byte
                lines.start[static_cast<std::size_t>(lines.starts++)] =
                    static_cast<std::int32_t>(row + std::countr_zero(marks) / 8);
            }
        }
    }

    /// The first row of the block whose moment is outside the period, else `rows`.
    [[nodiscard]] std::int64_t first_outside(const block& lines, std::int64_t rows) const {
        if (!since_ && !until_) return rows;
        for (std::size_t k = 0; k < static_cast<std::size_t>(lines.starts) && lines.start[k] < rows; ++k) {
            const moment at = lines.moment[k];
            if ((since_ && at < *since_) || (until_ && at >= *until_)) return lines.start[k];
        }
        return rows;
    }

    /// For the line after the block's rows.
    [[nodiscard]] error period_error(const block& lines, std::int64_t done) const {
        const std::int64_t row = report_.lines + done + lines.rows;
        const auto start = std::find(lines.start.begin(), lines.start.end(), lines.rows) - lines.start.begin();
        const std::string at = format_moment(lines.moment[static_cast<std::size_t>(start)]);
        return {error_code::outside_period,
                "column invoice_date, row " + std::to_string(row) + ": " + at + " is outside [" +
                    (since_ ? format_moment(*since_) : "start") + ", " + (until_ ? format_moment(*until_) : "end") +
                    "); give only lines of the period",
                "invoice_date", row, at};
    }

    [[nodiscard]] error overflow_error(const block& lines, std::int64_t at, std::int64_t done) const {
        const auto i = static_cast<std::size_t>(at);
        const std::int64_t row = report_.lines + done + at;
        const std::string value =
            std::to_string(lines.quantity[i]) + " x " + to_string(money{lines.price[i]});
        return {error_code::overflow,
                "column amount, row " + std::to_string(row) + ": " + value +
                    " is out of range; an amount is held in int64 millionths, up to 9.22e12",
                "amount", row, value};
    }

    /// A run's sums with what only the invoice's kind tells.
    [[nodiscard]] line_sums settled(const run& r) const {
        line_sums sums = r.sums;
        switch (config_.kind_of(r.invoice, pool_)) {
            case invoice_kind::cancellation: sums.odd_quantity = r.positive_quantity; break;
            case invoice_kind::sale: sums.odd_quantity = r.negative_quantity; break;
            case invoice_kind::adjustment: break;
        }
        return sums;
    }

    [[nodiscard]] ledger_entries entries(grouped_runs grouped, const std::vector<bool>& skipped) const {
        return entries_of(std::move(grouped), skipped, [this](const run& r) { return settled(r); });
    }

    void flush() {
        push(entries(group_runs(runs_, pool_), {}));
        runs_.clear();
    }

    /// Keeps sizes falling by half, so that n flushes cost n log n.
    void push(ledger_entries made) {
        flushed_.push_back(std::move(made));
        while (flushed_.size() > 1 && flushed_[flushed_.size() - 2].size() < 2 * flushed_.back().size()) merge_last();
    }

    void merge_last() {
        flushed_[flushed_.size() - 2] = merge_entries(flushed_[flushed_.size() - 2], flushed_.back());
        flushed_.pop_back();
    }

    ledger_config config_;
    std::optional<moment> since_;
    std::optional<moment> until_;
    key_pool pool_;
    std::vector<run> runs_;
    epoch_tracker epochs_;
    std::vector<ledger_entries> flushed_;
    reading_report report_;
};

}  // namespace lgs_rfm::detail
