#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/copies.hpp>
#include <lgs_rfm/detail/line_batch.hpp>
#include <lgs_rfm/detail/merge_totals.hpp>
#include <lgs_rfm/detail/read_stretches.hpp>
#include <lgs_rfm/detail/run_reader.hpp>
#include <lgs_rfm/detail/sum_batches.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Reads one input, batch by batch, into totals. It stands aside of any totals, so a failure leaves nothing half done.
///
/// Lines are held until there are enough for a sum, so memory is bounded; with `copies_policy::drop` to the end of the
/// input, as only that tells which are copies.
class totals_builder {
public:
    /// `until`: lines after it are checked and left out. `threads`: how many to use; 0: as many as the process may.
    explicit totals_builder(totals_plan plan, copies_policy copies = copies_policy::keep,
                            std::optional<moment> until = {}, unsigned threads = 0)
        : plan_(std::move(plan)), copies_(copies), threads_(threads != 0 ? threads : available_threads()) {
        plan_.until = until;
        plan_.hold = copies == copies_policy::drop;
    }

    [[nodiscard]] const totals_plan& plan() const noexcept { return plan_; }
    [[nodiscard]] unsigned threads() const noexcept { return threads_; }

    /// Reads the next batch of the input. Throws `error` for the lowest bad row, then in column order; the builder is
    /// then of no further use.
    void add(const invoice_lines& lines) {
        check_lines(lines);
        const key_columns columns(lines, plan_);
        const std::int64_t rows = lines.size();
        for (std::int64_t begin = 0; begin < rows;) {
            const std::int64_t end = std::min(rows, begin + rows_at_once);
            read(lines, columns, begin, end);
            begin = end;
        }
        report_.lines += rows;
    }

    /// Takes the next part of the input.
    void join(std::unique_ptr<totals_part> part) {
        report_.lines += static_cast<std::int64_t>(part->batch.lines);
        append(std::move(part));
    }

    struct result {
        std::shared_ptr<const totals_data> data;
        reading_report report;
    };

    /// Ends the input; with `copies_policy::error`, finding copied invoices throws.
    [[nodiscard]] result finish() {
        std::vector<bool> is_copy;
        if (!epochs_.judged() || !epochs_.starts().empty()) {
            run_pieces whole;
            whole.append(std::move(runs_));
            is_copy = find_copies(group_runs(whole, pool_, threads_), epochs_, report_, threads_);
            runs_ = whole.take_one();
        }
        if (!is_copy.empty() && copies_ == copies_policy::error) throw copies_error(report_);
        if (copies_ == copies_policy::drop) {
            report_.dropped_lines = report_.copied_lines;
        }
        settle(copies_ == copies_policy::drop && !is_copy.empty() ? &is_copy : nullptr);
        return {std::make_shared<const totals_data>(std::move(sum_)), std::move(report_)};
    }

private:
    static constexpr std::int64_t rows_at_once = std::int64_t{1} << 22;
    static constexpr std::size_t lines_worth_summing = std::size_t{1} << 24;
    static constexpr std::size_t combinations_worth_summing = std::size_t{1} << 22;

    /// Reads rows [begin, end), in stretches side by side.
    void read(const invoice_lines& lines, const key_columns& columns, std::int64_t begin, std::int64_t end) {
        const auto rows = static_cast<std::size_t>(end - begin);
        const unsigned threads = threads_for_lines(end - begin, threads_);
        std::vector<std::unique_ptr<totals_part>> parts(stretches_of(rows, threads));
        for_each_stretch(rows, threads, [&](std::size_t p, std::size_t from, std::size_t to) {
            const std::int64_t first = begin + static_cast<std::int64_t>(from);
            parts[p] = std::make_unique<totals_part>();
            parts[p]->read = std::make_shared<line_part>();
            line_part& part = *parts[p]->read;
            line_collector collector(plan_, part.pool, parts[p]->batch);
            key_reader keys(columns, collector, part.pool, first);
            part.reserve(to - from, false);
            run_reader(lines, first, {}, report_.lines, part, false, &keys)
                .read(first, begin + static_cast<std::int64_t>(to));
        });
        for (auto& part : parts) append(std::move(part));
    }

    void append(std::unique_ptr<totals_part> part) {
        line_part& of = *part->read;
        report_.rounded_prices += of.rounded_prices;
        report_.floored_dates += of.floored_dates;
        runs_.append(take_runs(of, pool_));
        epochs_.follow(of.epochs);
        waiting_lines_ += part->batch.lines;
        waiting_combinations_ += part->batch.combinations();
        if (part->batch.lines != 0) waiting_.push_back(std::move(part));
        const bool many = waiting_lines_ >= lines_worth_summing || waiting_combinations_ >= combinations_worth_summing;
        if (many && copies_ != copies_policy::drop) settle();
    }

    /// Puts what waits into the sum. `is_copy`: runs whose lines, which were held, are left out.
    void settle(const std::vector<bool>* is_copy = nullptr) {
        if (waiting_.empty()) {
            if (sum_.ids.empty()) sum_ = totals_data(plan_.keys.size());
            return;
        }
        const batches all{.parts = waiting_,
                          .keys = std::span<const run_keys>(runs_.keys).subspan(settled_runs_),
                          .sums = std::span<const run_sums>(runs_.sums).subspan(settled_runs_),
                          .pool = &pool_,
                          .is_copy = is_copy};
        totals_data more = batch_summer(all, plan_, threads_).sum();
        if (plan_.until || is_copy != nullptr) more = without_unused(std::move(more));
        sum_ = sum_.empty() ? std::move(more) : merge_totals(sum_, more);
        waiting_.clear();
        waiting_lines_ = waiting_combinations_ = 0;
        if (epochs_.hopeless()) runs_.clear();  // nothing will be judged by them
        settled_runs_ = runs_.size();
    }

    totals_plan plan_;
    copies_policy copies_;
    unsigned threads_;
    key_pool pool_;
    run_list runs_;  // of the whole input
    epoch_tracker epochs_;
    std::vector<std::unique_ptr<totals_part>> waiting_;
    std::size_t waiting_lines_ = 0;
    std::size_t waiting_combinations_ = 0;
    std::size_t settled_runs_ = 0;
    totals_data sum_;
    reading_report report_;
};

}  // namespace lgs_rfm::detail
