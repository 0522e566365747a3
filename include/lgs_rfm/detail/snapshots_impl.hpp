#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <lgs_rfm/detail/customer_sweep.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/detail/snapshot_scores.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/scoring/snapshots.hpp>

namespace lgs_rfm {

constexpr moment step_end(moment at, period_step step) noexcept {
    return period_start(period_of(day_of(at), step) + 1, step) * micros_per_day;
}

namespace detail {

/// The moments of snapshots from the first line on; the first `natural` of them lie not after the last line's period.
struct snapshot_grid {
    std::vector<moment> moments;
    std::size_t natural = 0;
    moment fit_from = 0;  ///< where learning once is best: the first moment that sees a whole window

    snapshot_grid(moment first, moment last, const snapshot_options& options) {
        constexpr std::int64_t longest = std::int64_t{1} << 59;
        const std::int64_t length = std::min(options.window.value_or(365 * micros_per_day), longest);
        fit_from = day_of(first) * micros_per_day + length;
        const moment end = step_end(last, options.every);
        for (moment at = step_end(first, options.every); at <= end; at = step_end(at, options.every)) {
            moments.push_back(at);
        }
        natural = moments.size();
        if (!options.until) return;
        for (moment at = step_end(end, options.every); at <= *options.until; at = step_end(at, options.every)) {
            moments.push_back(at);
        }
    }
};

/// Rows of a table of customers, and where they come from.
struct snapshot_rows {
    customer_columns held;
    std::size_t begin = 0;
    std::size_t end = 0;
    const customer_columns* of = nullptr;  ///< `held`, or the table of all snapshots
    moment at = 0;

    [[nodiscard]] bool empty() const noexcept { return begin == end; }
};

[[nodiscard]] inline rfm_values values_between(const customer_columns& table, std::size_t begin, std::size_t end) {
    const auto part = [&](const auto& column) { return std::span(column).subspan(begin, end - begin); };
    rfm_values values;
    const auto recency = part(table.recency);
    const auto frequency = part(table.frequency);
    values.recency.assign(recency.begin(), recency.end());
    values.frequency.assign(frequency.begin(), frequency.end());
    values.monetary.reserve(end - begin);
    for (const money amount : part(table.monetary)) values.monetary.push_back(to_double(amount));
    // The list of ids is the table's own, which outlives the values.
    values.customer_id =
        id_column(std::shared_ptr<const id_list>(std::shared_ptr<void>(), &table.customer_id.ids()),
                  std::span<const std::uint32_t>(table.customer_id.codes()).subspan(begin, end - begin));
    return values;
}

inline void append(rfm_scores& to, const rfm_scores& more) {
    to.r.insert(to.r.end(), more.r.begin(), more.r.end());
    to.f.insert(to.f.end(), more.f.begin(), more.f.end());
    to.m.insert(to.m.end(), more.m.begin(), more.m.end());
}

/// Rows on their way into a table: written side by side into arrays that stay in the cache, then appended together.
class row_block {
public:
    explicit row_block(snapshot_columns& to) : to_(&to) {}

    void push(std::uint32_t code, const customer_sweep::state& of, int128 gross, moment as_of) {
        code_[rows_] = code;
        recency_[rows_] = floor_div(as_of - of.last_date, micros_per_day);
        frequency_[rows_] = of.invoices;
        monetary_[rows_] = money{of.monetary};
        first_date_[rows_] = of.first_date;
        last_date_[rows_] = of.last_date;
        gross_[rows_] = money{gross};
        if (++rows_ == capacity) flush(as_of);
    }
    /// Appends what is left; all rows of a block are of one snapshot.
    void flush(moment as_of) {
        const auto append = [&](auto& column, const auto& values) {
            column.insert(column.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rows_));
        };
        to_->snapshot.insert(to_->snapshot.end(), rows_, as_of);
        for (std::size_t i = 0; i < rows_; ++i) to_->customers.customer_id.push_back(code_[i]);
        append(to_->customers.recency, recency_);
        append(to_->customers.frequency, frequency_);
        append(to_->customers.monetary, monetary_);
        append(to_->customers.first_date, first_date_);
        append(to_->customers.last_date, last_date_);
        append(to_->step_gross, gross_);
        rows_ = 0;
    }

private:
    static constexpr std::size_t capacity = 512;
    snapshot_columns* to_;
    std::size_t rows_ = 0;
    std::array<std::uint32_t, capacity> code_;
    std::array<std::int64_t, capacity> recency_;
    std::array<std::int64_t, capacity> frequency_;
    std::array<money, capacity> monetary_;
    std::array<moment, capacity> first_date_;
    std::array<moment, capacity> last_date_;
    std::array<money, capacity> gross_;
};

/// No fewer days than the shortest period has.
[[nodiscard]] constexpr std::int64_t shortest_days(period_step step) noexcept {
    constexpr std::array<std::int64_t, 5> days{1, 7, 28, 90, 365};
    return days[static_cast<std::size_t>(step)];
}

inline void check_snapshots(const snapshot_options& options) {
    if (options.window && *options.window <= 0) {
        throw error(error_code::invalid_option,
                    "window: " + std::to_string(*options.window) +
                        " microseconds is not allowed; give a positive length such as 365d");
    }
}

/// The rows of all wanted snapshots, without scores, and in `learn` the rows to learn from: with refit those of the
/// last snapshot before the wanted ones, else those of the one snapshot that serves all.
inline void sweep_snapshots(const ledger& book, const snapshot_options& options, bool learns, snapshot_columns& table,
                            snapshot_rows& learn) {
    check_snapshots(options);
    const auto entries = book.entries();
    table.customers.customer_id = id_column(entries->customers);
    if (entries->empty()) return;
    const auto [first, last] = moment_bounds(*entries);
    const snapshot_grid grid(first, last, options);
    const auto wanted = [&](moment at) {
        return !(options.since && at < *options.since) && !(options.until && at > *options.until);
    };

    customer_sweep sweep(*entries, options.basis);
    std::vector<moment> emitted;
    std::copy_if(grid.moments.begin(), grid.moments.end(), std::back_inserter(emitted), wanted);
    std::size_t most = 0;  // rows, when no window takes some away
    for (std::size_t code = 0; code < entries->customers->size(); ++code) {
        const moment begins = sweep.first_counted(code);
        most += static_cast<std::size_t>(emitted.end() - std::upper_bound(emitted.begin(), emitted.end(), begins));
    }
    constexpr std::int64_t longest = std::int64_t{1} << 59;
    if (options.window) {  // an entry is seen by few snapshots when the window is short
        const std::int64_t periods =
            std::min(*options.window, longest) / (shortest_days(options.every) * micros_per_day) + 2;
        most = std::min(most, sweep.size() * static_cast<std::size_t>(periods));
    }
    constexpr std::size_t limit = std::numeric_limits<std::int32_t>::max();
    if (most > limit) {
        throw error(error_code::invalid_option, "snapshots: " + std::to_string(emitted.size()) +
                                                    " snapshots may have " + std::to_string(most) +
                                                    " rows; take longer steps, or a shorter period by since and until");
    }
    table.snapshot.reserve(most);
    table.step_gross.reserve(most);
    table.customers.customer_id.reserve(most);
    table.customers.recency.reserve(most);
    table.customers.frequency.reserve(most);
    table.customers.monetary.reserve(most);
    table.customers.first_date.reserve(most);
    table.customers.last_date.reserve(most);

    row_block block(table);
    bool found = !learns;  // the rows to learn from
    for (std::size_t i = 0; i < grid.moments.size(); ++i) {
        const moment at = grid.moments[i];
        const bool emits = wanted(at);
        if (found && emitted.empty()) break;
        if (!emits && options.until && at > *options.until && (found || options.refit || i >= grid.natural)) break;
        const moment after = options.window ? at - std::min(*options.window, longest) : min_moment - 1;
        if (emits) {
            const std::size_t begin = table.snapshot.size();
            sweep.advance(at, after, [&](std::uint32_t code, const customer_sweep::state& of, int128 gross) {
                block.push(code, of, gross, at);
            });
            block.flush(at);
            table.moments.push_back(at);
            table.ends.push_back(table.snapshot.size());
            if (!found && !options.refit && i < grid.natural && begin < table.snapshot.size()) {
                learn.at = at;
                learn.of = &table.customers;
                learn.begin = begin;
                learn.end = table.snapshot.size();
                found = at >= grid.fit_from;
            }
            continue;
        }
        snapshot_columns apart;
        row_block rows_apart(apart);
        const bool keeps = !found && (options.refit || i < grid.natural);
        sweep.advance(at, after, [&](std::uint32_t code, const customer_sweep::state& of, int128 gross) {
            if (keeps) rows_apart.push(code, of, gross, at);
        });
        rows_apart.flush(at);
        customer_columns& rows = apart.customers;
        if (rows.recency.empty()) continue;
        rows.customer_id = id_column(entries->customers, std::span<const std::uint32_t>(rows.customer_id.codes()));
        learn.held = std::move(rows);
        learn.of = &learn.held;
        learn.at = at;
        learn.begin = 0;
        learn.end = learn.held.recency.size();
        found = !options.refit && at >= grid.fit_from;
    }
}

/// Learns at each snapshot, and scores its rows also by what was learnt at the one before.
inline void refit_snapshots(snapshot_columns& table, const snapshot_rows& before, tie_rule ties,
                            const segment_rules& rules) {
    const scorer_options learn{rules.bins(), ties};
    std::optional<rfm_scorer> old;
    if (!before.empty()) old = rfm_scorer::fit(values_between(*before.of, before.begin, before.end), learn);
    moment old_at = before.at;
    rfm_scores by_old;
    by_old.bins = rules.bins();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < table.moments.size(); begin = table.ends[i++]) {
        const std::size_t rows = table.ends[i] - begin;
        if (rows == 0) continue;
        const rfm_values values = values_between(table.customers, begin, table.ends[i]);
        auto [scorer, own] = rfm_scorer::fit_transform(values, learn);
        table.scorers.push_back(std::move(scorer));
        append(table.scores, own);
        append(by_old, old ? old->transform(values) : own);
        table.previous.insert(table.previous.end(), rows, old_at);
        table.has_previous.insert(table.has_previous.end(), rows, old ? 1 : 0);
        old = table.scorers.back();
        old_at = table.moments[i];
    }
    table.segment = rules.assign(table.scores);
    table.old_cuts_segment = rules.assign(by_old);
}

}  // namespace detail

inline snapshot_columns snapshot_table(const ledger& book, const snapshot_options& options,
                                       const std::optional<rfm_scorer>& scorer, tie_rule ties,
                                       const segment_rules& rules) {
    if (scorer && options.refit) {
        throw error(error_code::invalid_option, "refit: cut points are learnt at each snapshot; give no fitted scorer");
    }
    if (scorer && !(scorer->options().bins == rules.bins())) {
        throw error(error_code::incompatible, "scorer and rules differ in bins; make both for the same bins");
    }
    snapshot_columns table;
    detail::snapshot_rows learn;
    detail::sweep_snapshots(book, options, !scorer, table, learn);
    table.scores.bins = rules.bins();
    if (options.refit) {
        detail::refit_snapshots(table, learn, ties, rules);
        return table;
    }
    table.segment = rules.assign(table.scores);  // of no rows: its names, and a refusal of rules that overlap
    if (!scorer && learn.empty()) return table;
    table.scorers.push_back(
        scorer ? *scorer
               : rfm_scorer::fit(detail::values_between(*learn.of, learn.begin, learn.end), {rules.bins(), ties}));
    detail::score_snapshots(table.customers, table.scorers.front(), rules, table.scores, table.segment);
    return table;
}

inline std::optional<rfm_scorer> snapshot_scorer(const ledger& book, const snapshot_options& options,
                                                 const scorer_options& learn) {
    snapshot_options none = options;  // no rows are wanted, but those to learn from
    none.refit = false;
    none.since = std::numeric_limits<moment>::max();
    none.until = std::nullopt;
    snapshot_columns table;
    detail::snapshot_rows rows;
    detail::sweep_snapshots(book, none, true, table, rows);
    detail::check_bins(learn.bins);
    if (rows.empty()) return std::nullopt;
    return rfm_scorer::fit(rfm_values(rows.held), learn);
}

[[nodiscard]] inline table as_table(snapshot_columns from) {
    const bool refit = from.old_cuts_segment.names != nullptr;
    table customers = as_table(std::move(from.customers));
    table result;
    result.columns.push_back({"snapshot", moment_values{std::move(from.snapshot)}});
    for (table_column& column : customers.columns) result.columns.push_back(std::move(column));
    result.columns.push_back({"r_score", std::move(from.scores.r)});
    result.columns.push_back({"f_score", std::move(from.scores.f)});
    result.columns.push_back({"m_score", std::move(from.scores.m)});
    result.columns.push_back({"segment", std::move(from.segment)});
    result.columns.push_back({"step_gross", std::move(from.step_gross)});
    if (refit) {
        result.columns.push_back({"previous", moment_values{std::move(from.previous)}, std::move(from.has_previous)});
        result.columns.push_back({"old_cuts_segment", std::move(from.old_cuts_segment)});
    }
    return result;
}

}  // namespace lgs_rfm
