#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/code_ids.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice: `order` lists them invoice by invoice, those without one last, and within an
/// invoice as they came. Group g is [starts[g], starts[g + 1]) of `order`.
struct grouped_runs {
    const run_pieces* runs = nullptr;
    coded_ids invoices;
    coded_ids customers;
    large_vector<std::uint32_t> starts;
    large_vector<std::uint32_t> order;

    [[nodiscard]] std::size_t groups() const noexcept { return starts.size() - 1; }
    [[nodiscard]] std::span<std::uint32_t> group(std::size_t g) noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
    [[nodiscard]] std::span<const std::uint32_t> group(std::size_t g) const noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
};

/// Groups fewer than 2^32 runs, by counting: their invoices are numbered already. O(runs + ids); ids that do not pack
/// make it O(ids log ids).
[[nodiscard]] inline grouped_runs group_runs(const run_pieces& runs, const key_pool& pool, unsigned threads = 1) {
    grouped_runs result;
    result.runs = &runs;
    auto coded = code_ids({runs, &run_keys::invoice}, {runs, &run_keys::customer}, pool, threads);
    result.invoices = std::move(coded[0]);
    result.customers = std::move(coded[1]);

    // Each stretch has a number for every invoice, so there are only a few, however many threads there are.
    constexpr unsigned most_stretches = 4;
    const std::size_t stretches = runs.size() < rows_worth_a_thread ? 1 : std::clamp(threads, 1U, most_stretches);
    const std::size_t groups = result.invoices.ids->size() + 1;
    std::vector<large_vector<std::uint32_t>> next(stretches);  // by group: a stretch's runs, then where they go
    const auto for_each_run = [&](auto&& visit) {              // visit(i, the stretch's number of its group)
        thread_pool::run(stretches, threads, [&](std::size_t which) {
            next[which].resize(groups);
            const std::size_t end = runs.size() * (which + 1) / stretches;
            for (std::size_t i = runs.size() * which / stretches; i < end; ++i) {
                // those without an invoice go last
                visit(i, next[which][std::min<std::size_t>(result.invoices.codes[i], groups - 1)]);
            }
        });
    };
    for_each_run([](std::size_t, std::uint32_t& count) { ++count; });
    // Counts become positions, each part of the groups behind the runs of the parts before.
    const unsigned parts = groups < rows_worth_a_thread ? 1 : std::max(1U, threads);
    std::vector<std::uint32_t> before(parts + 1);
    for_each_part(groups, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
        if (part + 1 == parts) return;
        for (const auto& of_stretch : next) {
            before[part + 1] += std::accumulate(&of_stretch[begin], &of_stretch[begin] + (end - begin), 0U);
        }
    });
    std::partial_sum(before.begin(), before.end(), before.begin());
    result.starts.resize(groups + 1);
    for_each_part(groups, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
        std::uint32_t start = before[part];
        for (std::size_t g = begin; g < end; ++g) {
            result.starts[g] = start;
            for (auto& of_stretch : next) start += std::exchange(of_stretch[g], start);
        }
    });
    result.starts.back() = static_cast<std::uint32_t>(runs.size());
    result.order.resize(runs.size());
    for_each_run([&](std::size_t i, std::uint32_t& to) { result.order[to++] = static_cast<std::uint32_t>(i); });
    return result;
}

/// The groups of grouped runs, read by one thread.
class group_reader {
public:
    /// `skipped` marks runs to leave out; an empty vector none.
    group_reader(grouped_runs& from, const std::vector<bool>& skipped)
        : from_(&from), skipped_(&skipped), runs_(*from.runs) {}

    /// The runs of a group that are kept, in the order of ledger entries; the others go behind them, so that asking
    /// again gives the same.
    [[nodiscard]] std::span<const std::uint32_t> arrange(std::size_t g) {
        const auto group = from_->group(g);
        if (is_one(group)) return group;
        auto end = group.end();
        if (!skipped_->empty()) {
            end = std::partition(group.begin(), end, [&](std::uint32_t i) { return !(*skipped_)[i]; });
        }
        std::sort(group.begin(), end, [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
        return {group.begin(), end};
    }

    /// Calls `visit(runs)` for each entry that an arranged group makes: the runs of one customer and moment.
    template <class Visit>
    void for_each_entry(std::span<const std::uint32_t> group, Visit&& visit) {
        if (is_one(group)) return visit(group);  // nearly every invoice
        while (!group.empty()) {
            std::size_t same = 1;
            while (same < group.size() && place(group[same]) == place(group[0])) ++same;
            visit(group.first(same));
            group = group.subspan(same);
        }
    }

    /// Asks for the memory of the runs that follow those of a group by some.
    void expect_after(std::size_t g) const noexcept {
        constexpr std::size_t ahead = 16;
        const std::size_t at = from_->starts[g] + ahead;
        if (at < from_->order.size()) runs_.expect(from_->order[at]);
    }

    [[nodiscard]] run_pieces::cursor& runs() noexcept { return runs_; }

private:
    [[nodiscard]] bool is_one(std::span<const std::uint32_t> group) const noexcept {
        return group.size() == 1 && skipped_->empty();
    }
    [[nodiscard]] std::pair<std::uint32_t, std::int64_t> place(std::uint32_t i) {
        return {from_->customers.codes[i], runs_.keys(i).moment};
    }

    grouped_runs* from_;
    const std::vector<bool>* skipped_;
    run_pieces::cursor runs_;
};

/// Grouped runs as entries: equal keys summed, in ledger order. `kind_of(key)` tells an invoice's kind; runs that
/// `skipped` marks are left out (an empty vector skips none). Each thread has a stretch of the invoices. O(runs), plus
/// sorting the few runs of each invoice.
template <class KindOf>
[[nodiscard]] ledger_entries entries_of(grouped_runs grouped, const std::vector<bool>& skipped, unsigned threads,
                                        KindOf&& kind_of) {
    const std::size_t parts = grouped.order.size() < rows_worth_a_thread ? 1 : threads;
    const auto bound = [&](std::size_t part) { return grouped.groups() * part / parts; };
    std::vector<std::size_t> starts(parts + 1);  // of each part's entries
    thread_pool::run(parts, threads, [&](std::size_t part) {
        group_reader reader(grouped, skipped);
        std::size_t count = 0;
        for (std::size_t g = bound(part); g < bound(part + 1); ++g) {
            reader.for_each_entry(reader.arrange(g), [&](std::span<const std::uint32_t>) { ++count; });
        }
        starts[part + 1] = count;
    });
    std::partial_sum(starts.begin(), starts.end(), starts.begin());

    ledger_entries entries;
    entries.invoices = grouped.invoices.ids;
    entries.customers = grouped.customers.ids;
    entries.extend(starts.back());
    std::vector<record_array<packed_sums::rest>> rests(parts);
    thread_pool::run(parts, threads, [&](std::size_t part) {
        group_reader reader(grouped, skipped);
        std::size_t next = starts[part];
        const auto write = [&](std::span<const std::uint32_t> group) {
            const std::uint32_t i = group.front();
            const run_keys& keys = reader.runs().keys(i);
            const run_sums& sums = reader.runs().sums(i);
            const invoice_kind kind = kind_of(keys.invoice);
            entries.invoice[next] = grouped.invoices.codes[i];
            entries.customer[next] = grouped.customers.codes[i];
            entries.moment[next] = keys.moment;
            if (group.size() == 1 && sums.lines == sums.purchase_lines && kind != invoice_kind::cancellation) {
                entries.sums.usual_at(next) = {sums.quantity, sums.gross, sums.net, sums.lines, sums.purchase_lines};
            } else {
                line_sums all = sums.as_line_sums(kind);
                for (const std::uint32_t more : group.subspan(1)) {
                    add_sums(all, reader.runs().sums(more).as_line_sums(kind));
                }
                entries.sums.usual_at(next) = packed_sums::usual_of(all);
                const auto rest = packed_sums::rest_of(next, all);
                if (!rest.empty()) rests[part].push_back(rest);
            }
            ++next;
        };
        for (std::size_t g = bound(part); g < bound(part + 1); ++g) {
            reader.expect_after(g);
            reader.for_each_entry(reader.arrange(g), write);
        }
    });
    for (const auto& each : rests) entries.sums.append_rests(each);
    return entries;
}

}  // namespace lgs_rfm::detail
