#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/check_lines.hpp>
#include <lgs_rfm/detail/decoder.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/key_reader.hpp>
#include <lgs_rfm/detail/line_part.hpp>

namespace lgs_rfm::detail {

/// The lines that a ledger may take: those with a moment in [since, until).
struct period {
    std::optional<moment> since = {};
    std::optional<moment> until = {};

    [[nodiscard]] bool open() const noexcept { return !since && !until; }
    [[nodiscard]] bool holds(moment at) const noexcept { return !(since && at < *since) && !(until && at >= *until); }

    /// Why a line at this moment is refused.
    [[nodiscard]] std::string refusal_of(moment at) const {
        return format_moment(at) + " is outside [" + (since ? format_moment(*since) : "start") + ", " +
               (until ? format_moment(*until) : "end") + "); give only lines of the period";
    }
};

/// An amount beyond int64 as messages show it, and why it is refused.
[[nodiscard]] inline std::string product_text(std::int64_t quantity, std::int64_t price) {
    return std::to_string(quantity) + " x " + to_string(money{price});
}
inline constexpr const char* product_refusal = " is out of range; an amount is held in int64 millionths, up to 9.22e12";

/// Reads stretches of rows into runs: decoders -> block -> kernel. Used by one thread.
class run_reader {
public:
    /// `first_row`: the row of the input at which `lines` begin, for messages. `scatter`: rows are known to come in no
    /// order, and are put away as lines where they can be. `totalled`: takes the lines for totals, too. The first
    /// stretch begins at row `begin`.
    run_reader(const invoice_lines& lines, std::int64_t begin, period allowed, std::int64_t first_row, line_part& to,
               bool scatter, key_reader* totalled = nullptr)
        : next_(begin),
          period_(allowed),
          first_row_(first_row),
          part_(&to),
          scatter_(scatter),
          totalled_(totalled),
          block_(std::make_unique<block>()) {
        const ledger_columns columns(lines);
        connect(keys_, columns.invoice, block_->invoice, missing_key);
        connect(keys_, columns.date, block_->moment, std::int64_t{0});
        connect(keys_, columns.customer, block_->customer, missing_key);
        connect(values_, columns.quantity, block_->quantity, std::int64_t{0});
        connect(values_, columns.price, block_->price, std::int64_t{0});
        block_->has_price = !lines.amount.present();
        block_->has_quantity = lines.quantity.present();
    }

    /// Appends the runs of rows [begin, end), none before those read last. Throws `error` for the lowest bad row, then
    /// in column order; the reader is then of no further use.
    void read(std::int64_t begin, std::int64_t end) {
        for (auto* sources : {&keys_, &values_}) {
            for (source& each : *sources) each.decoder.skip(begin - next_, 0);
        }
        next_ = end;
        for (std::int64_t row = begin; row < end; row += block::capacity) {
            block_->rows = std::min(block::capacity, end - row);
            const std::size_t runs_before = part_->runs.size();
            read_block(row);
            part_->epochs.follow(std::span<const run_keys>(part_->runs.keys).subspan(runs_before));
        }
        for (auto* sources : {&keys_, &values_}) {
            for (source& each : *sources) {
                (each.column.as == role::price ? part_->rounded_prices : part_->floored_dates) +=
                    each.decoder.take_noted();
            }
        }
    }

private:
    struct source {
        ledger_column column;
        column_decoder decoder;
        std::uint64_t* out;
    };

    /// A given column is decoded into its array; for one that is not, the array is filled once.
    template <class Array, class Value>
    void connect(std::vector<source>& sources, const ledger_column& column, Array& out, Value absent) {
        if (column.values->present()) {
            sources.push_back({column, column_decoder(*column.values, column.as, part_->pool, next_),
                               reinterpret_cast<std::uint64_t*>(out.data())});  // signed and unsigned alias
        } else {
            out.fill(absent);
        }
    }

    /// The next rows of the block, from `row` on.
    void read_block(std::int64_t row) {
        block& to = *block_;
        find_starts(to);
        std::int64_t good = to.rows;
        const ledger_column* failed = nullptr;
        const column_decoder* found = nullptr;
        // the lowest row, then column order
        const auto check = [&](const ledger_column& column, const column_decoder& decoder, std::int64_t read) {
            if (read < good || (read == good && failed != nullptr && column.place < failed->place)) {
                good = read;
                failed = &column;
                found = &decoder;
            }
        };
        const auto starts = std::span(to.start).first(static_cast<std::size_t>(to.starts));
        for (source& each : keys_) check(each.column, each.decoder, each.decoder.decode_at(starts, to.rows, each.out));
        if (failed == nullptr && first_outside(to, good) == good && read_in_place(to)) return;
        for (source& each : values_) check(each.column, each.decoder, each.decoder.decode(to.rows, each.out));
        if (totalled_ != nullptr) totalled_->read(to.rows, check);
        const std::int64_t inside = first_outside(to, good);
        to.rows = inside;
        if (scatter_ && inside == good && failed == nullptr && part_->scattered.add(to, !part_->pool.empty())) return;
        const std::int64_t summed = sum_runs(to, part_->runs);
        if (summed < inside) throw overflow_error(to, summed, row);
        if (inside < good) throw period_error(to, row);
        if (failed != nullptr) throw fault_error(*failed, found->found(), first_row_);
        if (totalled_ != nullptr) totalled_->take(to);
    }

    /// Sums the block's runs from the columns themselves, when they are of the commonest types.
    bool read_in_place(const block& to) {
        if (scatter_ || totalled_ != nullptr || values_.size() != 2 || !to.has_price || !to.has_quantity) return false;
        std::int64_t rounded = 0;
        column_decoder& quantity = values_[0].decoder;
        column_decoder& price = values_[1].decoder;
        if (!sum_in_place(to, quantity.in_place(to.rows), price.in_place(to.rows), part_->runs, rounded)) return false;
        quantity.skip(to.rows, 0);
        price.skip(to.rows, rounded);
        return true;
    }

    /// Lists the rows at which a key differs from the row before; all of them where rows come in no order.
    void find_starts(block& lines) {
        if (scatter_) {
            for (source& each : keys_) each.decoder.look_at(lines.rows);
            lines.starts = lines.rows;
            std::iota(lines.start.begin(), lines.start.begin() + lines.rows, 0);
            return;
        }
        row_bits marks;
        marks.set(0);
        for (source& each : keys_) each.decoder.mark(lines.rows, marks);
        lines.starts = 0;
        marks.for_each(lines.rows, [&](std::int64_t row) {
            lines.start[static_cast<std::size_t>(lines.starts++)] = static_cast<std::int32_t>(row);
        });
    }

    /// The first row of the block whose moment is outside the period, else `rows`.
    [[nodiscard]] std::int64_t first_outside(const block& lines, std::int64_t rows) const {
        if (period_.open()) return rows;
        for (std::size_t k = 0; k < static_cast<std::size_t>(lines.starts) && lines.start[k] < rows; ++k) {
            if (!period_.holds(lines.moment[k])) return lines.start[k];
        }
        return rows;
    }

    /// For the line after the block's rows.
    [[nodiscard]] error period_error(const block& lines, std::int64_t before) const {
        const std::int64_t row = first_row_ + before + lines.rows;
        const auto start = std::find(lines.start.begin(), lines.start.end(), lines.rows) - lines.start.begin();
        const moment at = lines.moment[static_cast<std::size_t>(start)];
        return {error_code::outside_period,
                "column invoice_date, row " + std::to_string(row) + ": " + period_.refusal_of(at), "invoice_date", row,
                format_moment(at)};
    }

    [[nodiscard]] error overflow_error(const block& lines, std::int64_t at, std::int64_t before) const {
        const auto i = static_cast<std::size_t>(at);
        const std::int64_t row = first_row_ + before + at;
        const std::string value = product_text(lines.quantity[i], lines.price[i]);
        return {error_code::overflow, "column amount, row " + std::to_string(row) + ": " + value + product_refusal,
                "amount", row, value};
    }

    std::int64_t next_;  ///< the row after those read
    period period_;
    std::int64_t first_row_;
    line_part* part_;
    bool scatter_;
    key_reader* totalled_;
    std::unique_ptr<block> block_;
    std::vector<source> keys_;
    std::vector<source> values_;
};

}  // namespace lgs_rfm::detail
