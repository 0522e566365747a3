#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm::detail {

/// Finds the epochs of an input while its runs arrive, for both directions of time at once: which one the input mostly
/// follows is only known at its end. A direction is given up after 100 epochs, which is soon for the wrong one.
class epoch_tracker {
public:
    static constexpr std::size_t most_epochs = 100;

    /// Looks at the runs that came since the last call.
    void follow(std::span<const run> runs) {
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
/// is none. O(runs log runs) when the input has two epochs or more, O(1) otherwise.
[[nodiscard]] inline std::vector<bool> find_copies(std::span<const run> runs, const epoch_tracker& epochs,
                                                   reading_report& report) {
    report.copies_judged = epochs.judged();
    if (!report.copies_judged || epochs.starts().empty()) return {};

    /// An invoice's lines within one epoch.
    struct occurrence {
        id_key invoice;
        std::uint64_t lines;
        std::uint64_t digest;
        std::uint32_t epoch;
    };
    std::vector<occurrence> found;
    std::vector<std::uint32_t> epoch_of(runs.size());
    std::uint32_t epoch = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        while (epoch < epochs.starts().size() && i >= epochs.starts()[epoch]) ++epoch;
        epoch_of[i] = epoch;
        const run& r = runs[i];
        if (r.invoice == missing_key) continue;
        if (!found.empty() && found.back().invoice == r.invoice && found.back().epoch == epoch) {
            found.back().lines += r.sums.lines;
            found.back().digest += r.digest;
        } else {
            found.push_back({r.invoice, r.sums.lines, r.digest, epoch});
        }
    }
    std::sort(found.begin(), found.end(), [](const occurrence& a, const occurrence& b) {
        return std::tie(a.invoice, a.epoch) < std::tie(b.invoice, b.epoch);
    });
    std::size_t kept = 0;
    for (std::size_t i = 1; i < found.size(); ++i) {  // an invoice may return within its epoch
        if (found[kept].invoice == found[i].invoice && found[kept].epoch == found[i].epoch) {
            found[kept].lines += found[i].lines;
            found[kept].digest += found[i].digest;
        } else {
            found[++kept] = found[i];
        }
    }
    found.resize(found.empty() ? 0 : kept + 1);

    std::vector<std::pair<id_key, std::uint32_t>> copies;  // (invoice, epoch), in order
    for (std::size_t begin = 0, end = 0; begin < found.size(); begin = end) {
        const std::size_t copies_before = copies.size();
        for (end = begin + 1; end < found.size() && found[end].invoice == found[begin].invoice; ++end) {
            const auto same = [&](const occurrence& o) {
                return o.lines == found[end].lines && o.digest == found[end].digest;
            };
            const auto earlier = std::span(found).subspan(begin, end - begin);
            if (std::any_of(earlier.begin(), earlier.end(), same)) {
                copies.emplace_back(found[end].invoice, found[end].epoch);
                report.copied_lines += static_cast<std::int64_t>(found[end].lines);
            }
        }
        report.copied_invoices += copies.size() > copies_before ? 1 : 0;
    }
    if (copies.empty()) return {};
    std::vector<bool> is_copy(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        is_copy[i] = epoch_of[i] != 0 &&
                     std::binary_search(copies.begin(), copies.end(), std::pair(runs[i].invoice, epoch_of[i]));
    }
    return is_copy;
}

}  // namespace lgs_rfm::detail
