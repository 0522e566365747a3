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
/// invoice as they came. Group g is [starts[g], starts[g + 1]) of `order`, and invoice g but for the last group.
struct grouped_runs {
    const run_pieces* runs = nullptr;
    coded_ids invoices;
    coded_ids customers;
    large_vector<std::uint32_t> starts;
    large_vector<std::uint32_t> order;
    std::vector<std::uint32_t> others;  ///< the groups that are not one run with an invoice, ascending: few, mostly

    [[nodiscard]] std::size_t groups() const noexcept { return starts.size() - 1; }
    [[nodiscard]] std::span<std::uint32_t> group(std::size_t g) noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
    [[nodiscard]] std::span<const std::uint32_t> group(std::size_t g) const noexcept {
        return std::span(order).subspan(starts[g], starts[g + 1] - starts[g]);
    }
    /// Those of `others` that are among the groups [begin, end).
    [[nodiscard]] std::span<const std::uint32_t> others_in(std::size_t begin, std::size_t end) const {
        const auto first = std::lower_bound(others.begin(), others.end(), begin);
        return {first, std::lower_bound(first, others.end(), end)};
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
    std::vector<std::vector<std::uint32_t>> others(parts);
    for_each_part(groups, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
        std::vector<std::uint32_t> found;
        std::uint32_t start = before[part];
        for (std::size_t g = begin; g < end; ++g) {
            result.starts[g] = start;
            for (auto& of_stretch : next) start += std::exchange(of_stretch[g], start);
            if (start - result.starts[g] != 1 || g + 1 == groups) found.push_back(static_cast<std::uint32_t>(g));
        }
        others[part] = std::move(found);
    });
    result.starts.back() = static_cast<std::uint32_t>(runs.size());
    for (const auto& each : others) result.others.insert(result.others.end(), each.begin(), each.end());
    result.order.resize(runs.size());
    for_each_run([&](std::size_t i, std::uint32_t& to) { result.order[to++] = static_cast<std::uint32_t>(i); });
    return result;
}

/// The groups of several runs, read by one thread.
class group_reader {
public:
    /// `skipped` marks runs to leave out; an empty vector none.
    group_reader(grouped_runs& from, const std::vector<bool>& skipped)
        : from_(&from), skipped_(&skipped), runs_(*from.runs) {}

    /// Calls `visit(runs)` for each entry that a group makes, in their order: the runs of one customer and moment. Runs
    /// to leave out go behind the others, so that asking again gives the same.
    template <class Visit>
    void for_each_entry(std::size_t g, Visit&& visit) {
        const auto all = from_->group(g);
        auto end = all.end();
        if (!skipped_->empty()) {
            end = std::partition(all.begin(), end, [&](std::uint32_t i) { return !(*skipped_)[i]; });
        }
        std::sort(all.begin(), end, [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
        std::span<const std::uint32_t> left(all.begin(), end);
        while (!left.empty()) {
            std::size_t same = 1;
            while (same < left.size() && place(left[same]) == place(left[0])) ++same;
            visit(left.first(same));
            left = left.subspan(same);
        }
    }

private:
    [[nodiscard]] std::pair<std::uint32_t, std::int64_t> place(std::uint32_t i) {
        return {from_->customers.codes[i], runs_.keys(i).moment};
    }

    grouped_runs* from_;
    const std::vector<bool>* skipped_;
    run_pieces::cursor runs_;
};

/// Writes entries one after the other, on one thread.
template <class KindOf>
class entry_writer {
public:
    /// From entry `next` on. `rests` takes what the usual part of the sums does not hold.
    entry_writer(const grouped_runs& from, const KindOf& kind_of, ledger_entries& to, std::size_t next,
                 record_array<packed_sums::rest>& rests)
        : from_(&from), kind_of_(&kind_of), to_(&to), next_(next), rests_(&rests), runs_(*from.runs) {}

    /// The runs at positions [begin, end) of `order`: one each of the invoices from `invoice` on, as nearly all are.
    void write_single(std::size_t begin, std::size_t end, std::uint32_t invoice) {
        constexpr std::size_t ahead = 32;
        const auto& order = from_->order;
        for (std::size_t at = begin; at < end; ++at) {
            if (at + ahead < order.size()) runs_.expect(order[at + ahead]);
            const std::uint32_t i = order[at];
            const run_keys& keys = runs_.keys(i);
            const run_sums& sums = runs_.sums(i);
            const invoice_kind kind = (*kind_of_)(keys.invoice);
            write_keys(invoice++, i, keys.moment);
            to_->sums.usual_at(next_) = {sums.quantity, sums.gross, sums.net, sums.lines, sums.purchase_lines};
            if (sums.has_oddities(kind)) rests_->push_back(packed_sums::rest_of(next_, sums.as_line_sums(kind)));
            ++next_;
        }
    }

    /// One entry, of some runs of equal keys.
    void write(std::span<const std::uint32_t> runs) {
        const std::uint32_t i = runs.front();
        const invoice_kind kind = (*kind_of_)(runs_.keys(i).invoice);
        line_sums all;
        for (const std::uint32_t each : runs) add_sums(all, runs_.sums(each).as_line_sums(kind));
        write_keys(from_->invoices.codes[i], i, runs_.keys(i).moment);
        to_->sums.usual_at(next_) = packed_sums::usual_of(all);
        const auto rest = packed_sums::rest_of(next_, all);
        if (!rest.empty()) rests_->push_back(rest);
        ++next_;
    }

private:
    void write_keys(std::uint32_t invoice, std::uint32_t run, moment at) noexcept {
        to_->invoice[next_] = invoice;
        to_->customer[next_] = from_->customers.codes[run];
        to_->moment[next_] = at;
    }

    const grouped_runs* from_;
    const KindOf* kind_of_;
    ledger_entries* to_;
    std::size_t next_;
    record_array<packed_sums::rest>* rests_;
    run_pieces::cursor runs_;
};

/// Grouped runs as entries: equal keys summed, in ledger order. `kind_of(key)` tells an invoice's kind; runs that
/// `skipped` marks are left out (an empty vector skips none), but never all of an invoice. Each thread has a stretch of
/// the invoices. O(runs), plus sorting the few runs of each invoice.
template <class KindOf>
[[nodiscard]] ledger_entries entries_of(grouped_runs grouped, const std::vector<bool>& skipped, unsigned threads,
                                        const KindOf& kind_of) {
    const std::size_t parts = grouped.order.size() < rows_worth_a_thread ? 1 : threads;
    const auto bound = [&](std::size_t part) { return grouped.groups() * part / parts; };
    std::vector<std::size_t> starts(parts + 1);  // of each part's entries
    thread_pool::run(parts, threads, [&](std::size_t part) {
        group_reader reader(grouped, skipped);
        std::size_t count = grouped.starts[bound(part + 1)] - grouped.starts[bound(part)];
        for (const std::uint32_t g : grouped.others_in(bound(part), bound(part + 1))) {
            count -= grouped.group(g).size();
            reader.for_each_entry(g, [&](std::span<const std::uint32_t>) { ++count; });
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
        entry_writer writer(grouped, kind_of, entries, starts[part], rests[part]);
        std::size_t g = bound(part);
        const auto write_single = [&](std::size_t end) {
            writer.write_single(grouped.starts[g], grouped.starts[end], static_cast<std::uint32_t>(g));
        };
        for (const std::uint32_t other : grouped.others_in(g, bound(part + 1))) {
            write_single(other);
            reader.for_each_entry(other, [&](std::span<const std::uint32_t> runs) { writer.write(runs); });
            g = other + 1;
        }
        write_single(bound(part + 1));
    });
    for (const auto& each : rests) entries.sums.append_rests(each);
    return entries;
}

}  // namespace lgs_rfm::detail
