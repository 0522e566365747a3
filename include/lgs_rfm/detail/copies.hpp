#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/sort_runs.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Finds the epochs of an input while its runs arrive, for both directions of time at once: which one the input mostly
/// follows is only known at its end. A direction is given up after 100 epochs, which is soon for the wrong one.
class epoch_tracker {
public:
    static constexpr std::size_t most_epochs = 100;

    /// Looks at the runs that came since the last call.
    void follow(std::span<const run_keys> runs) {
        for (; seen_ < runs.size(); ++seen_) {
            if (seen_ == 0) continue;
            const std::int64_t before = runs[seen_ - 1].moment;
            const std::int64_t now = runs[seen_].moment;
            note(now < before, falls_, rising_starts_);
            note(now > before, rises_, falling_starts_);
        }
    }

    /// True once neither direction can be judged any more.
    [[nodiscard]] bool hopeless() const noexcept {
        return rising_starts_.size() >= most_epochs && falling_starts_.size() >= most_epochs;
    }

    /// The runs that start a new epoch, the first epoch's not among them.
    [[nodiscard]] const std::vector<std::size_t>& starts() const noexcept {
        return falls_ > rises_ ? falling_starts_ : rising_starts_;
    }

    [[nodiscard]] bool judged() const noexcept { return starts().size() < most_epochs; }

private:
    void note(bool breaks, std::size_t& count, std::vector<std::size_t>& starts) {
        if (!breaks) return;
        ++count;
        if (starts.size() < most_epochs) starts.push_back(seen_);
    }

    std::size_t seen_ = 0;
    std::size_t falls_ = 0;
    std::size_t rises_ = 0;
    std::vector<std::size_t> rising_starts_;   // where dates fall
    std::vector<std::size_t> falling_starts_;  // where dates rise
};

/// Counts the copied invoices into `report` and marks the runs of every copy but the first; an empty result when there
/// is none. O(runs) when the input has two epochs or more, O(1) otherwise.
[[nodiscard]] inline std::vector<bool> find_copies(const grouped_runs& grouped, const epoch_tracker& epochs,
                                                   reading_report& report) {
    report.copies_judged = epochs.judged();
    if (!report.copies_judged || epochs.starts().empty()) return {};
    std::vector<bool> is_copy;

    /// An invoice's lines within one epoch.
    struct appearance {
        line_sums sums = {};
        std::uint64_t digest = 0;
        std::size_t begin = 0;  ///< its runs: [begin, end) of the invoice's group
        std::size_t end = 0;
    };
    std::vector<appearance> found;
    for (std::size_t g = 0; g < grouped.invoices.ids->size(); ++g) {
        const auto group = grouped.group(g);  // in the order of the input, so epoch by epoch
        const auto epoch_of = [&](std::uint32_t i) {
            return std::upper_bound(epochs.starts().begin(), epochs.starts().end(), i) - epochs.starts().begin();
        };
        if (group.size() < 2 || epoch_of(group.front()) == epoch_of(group.back())) continue;
        found.clear();
        auto epoch = epoch_of(group.front()) - 1;
        for (std::size_t k = 0; k < group.size(); ++k) {
            if (epoch_of(group[k]) != epoch) {
                epoch = epoch_of(group[k]);
                found.push_back({.begin = k, .end = k});
            }
            static_cast<void>(found.back().sums.add(grouped.runs->sums[group[k]].as_line_sums(invoice_kind::sale)));
            // Customer and moment are factors: however an invoice's lines were cut into runs, their sum is the same.
            const auto moment = static_cast<std::uint64_t>(grouped.runs->keys[group[k]].moment);
            found.back().digest +=
                grouped.runs->sums[group[k]].digest * (mix(mix(moment) ^ grouped.customers.codes[group[k]]) | 1U);
            found.back().end = k + 1;
        }
        bool copied = false;
        for (std::size_t later = 1; later < found.size(); ++later) {
            const bool seen = std::any_of(
                found.begin(), found.begin() + static_cast<std::ptrdiff_t>(later),
                [&](const appearance& o) { return o.sums == found[later].sums && o.digest == found[later].digest; });
            if (!seen) continue;
            copied = true;
            report.copied_lines += static_cast<std::int64_t>(found[later].sums.lines);
            is_copy.resize(grouped.runs->size());
            for (std::size_t k = found[later].begin; k < found[later].end; ++k) is_copy[group[k]] = true;
        }
        report.copied_invoices += copied ? 1 : 0;
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
