#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lgs_rfm/detail/epochs.hpp>
#include <lgs_rfm/detail/group_runs.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Copied invoices among some, and the runs of every copy but the first.
struct found_copies {
    std::int64_t invoices = 0;
    std::int64_t lines = 0;
    std::vector<std::uint32_t> runs;
};

/// Finds the copies among some invoices of several runs, on one thread. O(runs).
[[nodiscard]] inline found_copies find_copies(const run_pieces& input, const epoch_tracker& epochs,
                                              std::span<const sorted_runs> invoices) {
    /// An invoice's lines within one epoch.
    struct appearance {
        line_sums sums = {};
        std::uint64_t digest = 0;
        std::size_t begin = 0;  ///< its runs: [begin, end) of the invoice's group
        std::size_t end = 0;
    };
    found_copies result;
    std::vector<appearance> found;
    run_pieces::cursor runs(input);
    const auto epoch_of = [&](std::uint32_t i) {
        return std::upper_bound(epochs.starts().begin(), epochs.starts().end(), i) - epochs.starts().begin();
    };
    for (const sorted_runs group : invoices) {  // in the order of the input, so epoch by epoch
        if (epoch_of(group.front().run) == epoch_of(group.back().run)) continue;
        found.clear();
        auto epoch = epoch_of(group.front().run) - 1;
        for (std::size_t k = 0; k < group.size(); ++k) {
            if (epoch_of(group[k].run) != epoch) {
                epoch = epoch_of(group[k].run);
                found.push_back({.begin = k, .end = k});
            }
            const run_sums& sums = runs[group[k].run].sums;
            static_cast<void>(found.back().sums.add(sums.as_line_sums(invoice_kind::sale)));
            // Customer and moment are factors: however an invoice's lines were cut into runs, their sum is the same.
            const run_keys& keys = runs[group[k].run].keys;
            found.back().digest +=
                sums.digest * (mix(mix(static_cast<std::uint64_t>(keys.moment)) ^ keys.customer) | 1U);
            found.back().end = k + 1;
        }
        bool copied = false;
        for (std::size_t later = 1; later < found.size(); ++later) {
            const bool seen = std::any_of(
                found.begin(), found.begin() + static_cast<std::ptrdiff_t>(later),
                [&](const appearance& o) { return o.sums == found[later].sums && o.digest == found[later].digest; });
            if (!seen) continue;
            copied = true;
            result.lines += static_cast<std::int64_t>(found[later].sums.lines);
            for (std::size_t k = found[later].begin; k < found[later].end; ++k) result.runs.push_back(group[k].run);
        }
        result.invoices += copied ? 1 : 0;
    }
    return result;
}

/// Counts the copied invoices into `report` and marks the runs of every copy but the first; an empty result when there
/// is none. O(runs) when the input has two epochs or more, O(1) otherwise.
[[nodiscard]] inline std::vector<bool> find_copies(const grouped_runs& grouped, const epoch_tracker& epochs,
                                                   reading_report& report, unsigned threads) {
    report.copies_judged = epochs.judged();
    if (!report.copies_judged || epochs.starts().empty()) return {};
    std::vector<found_copies> found(grouped.parts.size());
    thread_pool::run(found.size(), threads, [&](std::size_t part) {
        found[part] = find_copies(*grouped.runs, epochs, grouped.parts[part].several());
    });
    std::vector<bool> is_copy;
    for (const found_copies& each : found) {
        report.copied_invoices += each.invoices;
        report.copied_lines += each.lines;
        if (!each.runs.empty()) is_copy.resize(grouped.runs->size());
        for (const std::uint32_t run : each.runs) is_copy[run] = true;
    }
    return is_copy;
}

/// The exception for an input that may hold no copies.
[[nodiscard]] inline error copies_error(const reading_report& found) {
    return {error_code::copied_invoices,
            std::to_string(found.copied_invoices) + " invoices (" + std::to_string(found.copied_lines) +
                " lines) are in the input twice; copies=\"drop\" keeps the first, \"keep\" counts all"};
}

}  // namespace lgs_rfm::detail
