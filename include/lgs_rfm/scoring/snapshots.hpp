#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/period.hpp>
#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>
#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// The end of the period that a moment lies in: the first instant of the next one.
[[nodiscard]] constexpr moment step_end(moment at, period_step step) noexcept;

struct snapshot_options {
    period_step every = period_step::month;
    customer_basis basis = customer_basis::purchases;
    std::optional<std::int64_t> window = {};  ///< microseconds > 0: only lines after t - window
    /// Only snapshots with since <= t <= until; which scorer is learnt does not depend on them. By default the
    /// snapshots go from the end of the first line's period to the end of the last line's; a later `until` adds some
    /// after that.
    std::optional<moment> since = {};
    std::optional<moment> until = {};
    bool refit = false;  ///< learn cut points at each snapshot
};

/// Customers, scores and segments at several moments, one row a moment t and customer with a counted line before t; by
/// moment, then in id order. All columns are parallel.
struct snapshot_columns {
    detail::large_vector<moment> snapshot;  ///< t: the first instant after the lines that count
    customer_columns customers;             ///< as of t, of the lines before t; its own `as_of` is empty
    rfm_scores scores;
    category_column segment;
    detail::large_vector<money> step_gross;  ///< of the purchase lines in the period that t ends, any basis and window
    // With refit only, else empty:
    detail::large_vector<moment> previous;            ///< the snapshot before, among those with customers
    detail::large_vector<std::uint8_t> has_previous;  ///< 0 at the first one
    category_column old_cuts_segment;                 ///< by the cut points of that one; the first: as `segment`

    std::vector<moment> moments;      ///< the snapshots' moments, also those without a customer
    std::vector<std::size_t> ends;    ///< the rows of `moments[i]` end before `ends[i]`
    std::vector<rfm_scorer> scorers;  ///< the one used; with refit one a moment with customers; without customers none
};

/// Customers as of the end of each period, scored and named, in one pass. At t the lines before t count, those at t do
/// not. A given scorer is applied. Else cut points are learnt once, with the rules' bins, and serve all snapshots: from
/// the first snapshot with customers whose t - window (365 days without one) is not before the midnight of the first
/// line's day, or from the last with customers where there is no such one. With refit each snapshot learns its own.
/// O(entries + customers x snapshots). An empty ledger gives no rows.
/// Throws `invalid_option` for a window that is not positive, for a scorer with refit, and for more than 2^31 - 1 rows;
/// `incompatible` when scorer and rules differ in bins or rules overlap.
[[nodiscard]] snapshot_columns snapshot_table(const ledger& book, const snapshot_options& options = {},
                                              const std::optional<rfm_scorer>& scorer = {},
                                              tie_rule ties = tie_rule::together,
                                              const segment_rules& rules = segment_rules::standard());

/// The scorer that `snapshot_table` learns once with these options; empty when no snapshot has a customer. The same
/// cost; throws `invalid_option` for a window that is not positive, and for bins.
[[nodiscard]] std::optional<rfm_scorer> snapshot_scorer(const ledger& book, const snapshot_options& options = {},
                                                        const scorer_options& learn = {{}, tie_rule::together});

[[nodiscard]] table as_table(snapshot_columns from);

}  // namespace lgs_rfm

#include <lgs_rfm/detail/snapshots_impl.hpp>
