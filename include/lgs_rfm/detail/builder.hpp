#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/copies.hpp>
#include <lgs_rfm/detail/line_part.hpp>
#include <lgs_rfm/detail/make_entries.hpp>
#include <lgs_rfm/detail/read_stretches.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/run_table.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Reads one input, batch by batch, into sorted entries. It stands aside of any ledger, so a failure or an interruption
/// anywhere leaves nothing half done.
class entry_builder {
public:
    /// `allowed`: refuse lines outside. `threads`: how many to read with; 0: as many as the process may use.
    explicit entry_builder(ledger_config config, period allowed = {}, unsigned threads = 0)
        : config_(std::move(config)), period_(allowed), threads_(threads != 0 ? threads : available_threads()) {}

    /// Reads the next batch of the input. Throws `error` for the lowest bad row, then in column order; the builder is
    /// then of no further use.
    void add(const invoice_lines& lines) {
        check_lines(lines);
        const std::int64_t rows = lines.size();
        for (std::int64_t begin = 0; begin < rows;) {
            const std::int64_t end = std::min(rows, begin + rows_at_once());
            read(lines, begin, end);
            begin = end;
        }
        report_.lines += rows;
    }

    /// Takes the next part of the input, read elsewhere.
    void join(line_part&& part) {
        count(part);
        epochs_.follow(part.epochs);
        runs_.append(take_runs(part, pool_));
        report_.lines += part.lines;
        lines_in_runs_ += part.lines;
        sum_scattered();
    }

    struct result {
        std::shared_ptr<const ledger_entries> entries;
        reading_report report;
    };

    /// Ends the input. `policy` says what becomes of copied invoices; with `error`, finding some throws.
    [[nodiscard]] result finish(copies_policy policy) {
        if (!table_.empty()) {
            sum_up_runs();
            runs_.append(table_.take(threads_));
        }
        grouped_runs grouped = group_runs(runs_, pool_, threads_);
        std::vector<bool> is_copy = find_copies(grouped, epochs_, report_, threads_);
        if (!is_copy.empty() && policy == copies_policy::error) throw copies_error(report_);
        if (policy == copies_policy::drop) {
            report_.dropped_lines = report_.copied_lines;
        } else {
            is_copy.clear();
        }
        auto made = make_entries(std::move(grouped), is_copy, threads_,
                                 [this](const id_key invoice) { return config_.kind_of(invoice, pool_); });
        return {std::make_shared<const ledger_entries>(std::move(made)), std::move(report_)};
    }

private:
    /// Rows in no order of time make a run of nearly every line. So lines are dealt out as they are read, or, where
    /// they come as runs, these are summed up by a table before they have gone from the cache. Runs of inputs in order
    /// are kept to the end: copies are judged by them.
    static constexpr std::size_t runs_worth_summing = std::size_t{1} << 17;

    /// How many rows to read before looking at their runs. The first few tell rows in no order from others, which take
    /// more memory until they are summed up.
    [[nodiscard]] std::int64_t rows_at_once() const noexcept {
        if (lines_in_runs_ == 0) return std::int64_t{1} << 14;
        if (!scattered()) return threads_ * (std::int64_t{1} << 20);
        // Each time, the tables have to come back into the caches: that should be worth it. 64 bytes a line.
        constexpr std::int64_t worth_summing = std::int64_t{3} << 20;
        return std::max(worth_summing, threads_ * (std::int64_t{1} << 19));
    }

    /// Whether rows come in no order, so that they make a run of nearly every line. Many inputs put end to end are
    /// each in order, and their runs are as long as ever.
    [[nodiscard]] bool scattered() const noexcept {
        constexpr std::int64_t short_run = 4;  // lines
        return epochs_.hopeless() && lines_in_runs_ < short_run * static_cast<std::int64_t>(epochs_.runs());
    }

    void read(const invoice_lines& lines, std::int64_t begin, std::int64_t end) {
        const bool scatter = scattered();
        read_stretches made = read_by_threads(lines, begin, end, period_, report_.lines, scatter, threads_);
        made.append_to(runs_, epochs_, pool_);
        std::vector<const scattered_lines*> dealt;
        for (const line_part& part : made.parts) {
            count(part);
            if (!part.scattered.empty()) dealt.push_back(&part.scattered);
        }
        if (!scatter) lines_in_runs_ += end - begin;
        if (!dealt.empty()) table_.add(dealt, threads_);
        sum_scattered();
    }

    void count(const line_part& part) {
        report_.rounded_prices += part.rounded_prices;
        report_.floored_dates += part.floored_dates;
    }

    /// Sums up runs of rows in no order, once they are many.
    void sum_scattered() {
        if (runs_.size() >= runs_worth_summing && scattered()) sum_up_runs();
    }
    void sum_up_runs() {
        for (const run_pieces::piece& each : runs_) table_.add(each.runs, threads_);
        runs_.clear();
    }

    ledger_config config_;
    period period_;
    unsigned threads_;
    key_pool pool_;
    run_pieces runs_;
    epoch_tracker epochs_;
    std::int64_t lines_in_runs_ = 0;  // lines of the runs that `epochs_` saw
    run_table table_;
    reading_report report_;
};

}  // namespace lgs_rfm::detail
