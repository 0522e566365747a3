#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <lgs_rfm/detail/ascending_sequences.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/record_array.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice, for a stretch of the invoices: all runs of each. They lie in order in some spans,
/// one after the other, those of an invoice in one of them. Nearly every invoice is one run, so the others are listed.
class invoice_groups {
public:
    /// How many invoices there are, and what they need in a list of ids.
    struct counts {
        std::size_t integers = 0;
        std::size_t texts = 0;
        std::size_t text_bytes = 0;

        [[nodiscard]] std::size_t invoices() const noexcept { return integers + texts; }
        void add(const counts& more) noexcept {
            integers += more.integers;
            texts += more.texts;
            text_bytes += more.text_bytes;
        }
    };

    /// Puts runs that follow all others behind them.
    void append(sorted_runs runs) {
        if (!runs.empty()) spans_.push_back(runs);
    }

    /// Takes up sorted runs, none of which is before the first of those taken up before. Only where they overlap with
    /// others are runs copied.
    void merge(sorted_runs next) {
        if (next.empty()) return;
        const auto first = std::partition_point(spans_.begin(), spans_.end(),
                                                [&](sorted_runs of) { return of.back().key < next.front().key; });
        const std::vector<sorted_runs> overlapping(first, spans_.end());
        spans_.erase(first, spans_.end());
        for (sorted_runs of : overlapping) {
            if (!next.empty()) append(take_below(of, next.front().key));
            if (!next.empty() && !of.empty()) {
                const id_key end = std::min(of.back().key, next.back().key) + 1;
                const sorted_runs a = take_below(of, end);
                const sorted_runs b = take_below(next, end);
                append(a.empty() ? b : merged(a, b));
            }
            append(of);  // when something is left, nothing is of `next`
        }
        append(next);
    }

    /// Lists the invoices of several runs, and counts all; once, when all runs are there. O(runs).
    void look() {
        for (const sorted_runs all : spans_) {
            const auto first_text =
                std::partition_point(all.begin(), all.end(), [](const keyed_run& of) { return of.key < text_tag; });
            counts_.integers += look_at({all.begin(), first_text});
            const sorted_runs texts(first_text, all.end());
            counts_.texts += look_at(texts);
            for (const keyed_run& each : texts) counts_.text_bytes += short_size(each.key);
            several_until_.push_back(several_.size());
        }
        for (const sorted_runs each : several_) {
            if (is_short_text(each.front().key)) counts_.text_bytes -= (each.size() - 1) * short_size(each.front().key);
        }
    }

    [[nodiscard]] const counts& count() const noexcept { return counts_; }
    /// The invoices of several runs, in order.
    [[nodiscard]] const std::vector<sorted_runs>& several() const noexcept { return several_; }

    /// Calls `single(runs)` for stretches of invoices of one run each, and `several(runs)` for each other invoice, in
    /// order.
    template <class Single, class Several>
    void for_each(Single&& single, Several&& several) const {
        std::size_t next = 0;
        for (std::size_t i = 0; i < spans_.size(); ++i) {
            sorted_runs left = spans_[i];
            for (; next < several_until_[i]; ++next) {
                const auto before = static_cast<std::size_t>(several_[next].data() - left.data());
                if (before != 0) single(left.first(before));
                several(several_[next]);
                left = left.subspan(before + several_[next].size());
            }
            if (!left.empty()) single(left);
        }
    }

private:
    [[nodiscard]] static sorted_runs take_below(sorted_runs& from, id_key key) {
        const auto end =
            std::partition_point(from.begin(), from.end(), [&](const keyed_run& of) { return of.key < key; });
        const sorted_runs taken(from.begin(), end);
        from = {end, from.end()};
        return taken;
    }

    [[nodiscard]] sorted_runs merged(sorted_runs a, sorted_runs b) {
        record_array<keyed_run>& both = owned_.emplace_back();
        std::merge(
            a.begin(), a.end(), b.begin(), b.end(), both.extend(a.size() + b.size()),
            [](const keyed_run& x, const keyed_run& y) { return x.key != y.key ? x.key < y.key : x.run < y.run; });
        return both;
    }

    /// How many invoices runs of one kind of key are.
    [[nodiscard]] std::size_t look_at(sorted_runs runs) {
        std::size_t invoices = runs.size();
        for (std::size_t i = 1; i < runs.size(); ++i) {
            if (runs[i].key != runs[i - 1].key) continue;
            const std::size_t begin = i - 1;
            while (i < runs.size() && runs[i].key == runs[begin].key) ++i;
            several_.push_back(runs.subspan(begin, i - begin));
            invoices -= i - begin - 1;
        }
        return invoices;
    }

    std::vector<sorted_runs> spans_;
    std::vector<sorted_runs> several_;
    std::vector<std::size_t> several_until_;     // the end of each span, how many there are
    std::deque<record_array<keyed_run>> owned_;  // runs that were merged
    counts counts_;
};

}  // namespace lgs_rfm::detail
