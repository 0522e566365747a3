#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice: `order` lists them invoice by invoice, those without one last, and within an
/// invoice as they came. Group g is [starts[g], starts[g + 1]) of `order`.
struct grouped_runs {
    const run_list* runs = nullptr;
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
[[nodiscard]] inline grouped_runs group_runs(const run_list& runs, const key_pool& pool, unsigned threads = 1) {
    grouped_runs result;
    result.runs = &runs;
    const std::span<const run_keys> keys(runs.keys);
    thread_pool::run(2, runs.size() < rows_worth_a_thread ? 1 : threads, [&](std::size_t part) {
        if (part == 0) {
            result.invoices = code_ids({keys, &run_keys::invoice}, pool);
        } else {
            result.customers = code_ids({keys, &run_keys::customer}, pool);
        }
    });
    const std::size_t invoices = result.invoices.ids->size();
    const auto group_of = [&](std::uint32_t code) { return std::min<std::size_t>(code, invoices); };  // missing: last
    result.starts.resize(invoices + 2);
    for (const std::uint32_t code : result.invoices.codes) ++result.starts[group_of(code) + 1];
    std::partial_sum(result.starts.begin(), result.starts.end(), result.starts.begin());
    large_vector<std::uint32_t> next(result.starts.begin(), result.starts.end() - 1);
    result.order.resize(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        result.order[next[group_of(result.invoices.codes[i])]++] = static_cast<std::uint32_t>(i);
    }
    return result;
}

/// Grouped runs as entries: equal keys summed, in ledger order. `kind_of(key)` tells an invoice's kind; runs that
/// `skipped` marks are left out (an empty vector skips none). Each thread has a stretch of the invoices. O(runs), plus
/// sorting the few runs of each invoice.
template <class KindOf>
[[nodiscard]] ledger_entries entries_of(grouped_runs grouped, const std::vector<bool>& skipped, unsigned threads,
                                        KindOf&& kind_of) {
    const run_list& runs = *grouped.runs;
    const auto place = [&](std::uint32_t i) { return std::pair(grouped.customers.codes[i], runs.keys[i].moment); };
    const auto is_one = [&](std::span<const std::uint32_t> group) { return group.size() == 1 && skipped.empty(); };
    // The runs of a group that are kept, in order; the others go behind them, so that asking again gives the same.
    const auto arranged = [&](std::size_t g) -> std::span<const std::uint32_t> {
        const auto group = grouped.group(g);
        if (is_one(group)) return group;  // nearly every invoice is one run
        auto end = group.end();
        if (!skipped.empty()) end = std::partition(group.begin(), end, [&](std::uint32_t i) { return !skipped[i]; });
        std::sort(group.begin(), end, [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
        return {group.begin(), end};
    };
    // Calls `visit(first, last)` for the positions in `group` of each entry's runs.
    const auto for_each_entry = [&](std::span<const std::uint32_t> group, auto&& visit) {
        for (std::size_t k = 0; k < group.size();) {
            const std::size_t first = k++;
            while (k < group.size() && place(group[k]) == place(group[first])) ++k;
            visit(first, k);
        }
    };
    const std::size_t parts = runs.size() < rows_worth_a_thread ? 1 : threads;
    const auto bound = [&](std::size_t part) { return grouped.groups() * part / parts; };
    std::vector<std::size_t> starts(parts + 1);  // of each part's entries
    thread_pool::run(parts, threads, [&](std::size_t part) {
        std::size_t count = 0;
        for (std::size_t g = bound(part); g < bound(part + 1); ++g) {
            const auto group = arranged(g);
            if (is_one(group)) {
                ++count;
            } else {
                for_each_entry(group, [&](std::size_t, std::size_t) { ++count; });
            }
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
        std::size_t next = starts[part];
        for (std::size_t g = bound(part); g < bound(part + 1); ++g) {
            const auto group = arranged(g);
            for_each_entry(group, [&](std::size_t first, std::size_t last) {
                const std::uint32_t i = group[first];
                const run_sums& sums = runs.sums[i];
                const invoice_kind kind = kind_of(runs.keys[i].invoice);
                entries.invoice[next] = grouped.invoices.codes[i];
                entries.customer[next] = grouped.customers.codes[i];
                entries.moment[next] = runs.keys[i].moment;
                if (last - first == 1 && sums.lines == sums.purchase_lines && kind != invoice_kind::cancellation) {
                    entries.sums.usual_at(next) = {sums.quantity, sums.gross, sums.net, sums.lines,
                                                   sums.purchase_lines};
                } else {
                    line_sums all = sums.as_line_sums(kind);
                    for (std::size_t k = first + 1; k < last; ++k) {
                        add_sums(all, runs.sums[group[k]].as_line_sums(kind));
                    }
                    entries.sums.usual_at(next) = packed_sums::usual_of(all);
                    const auto rest = packed_sums::rest_of(next, all);
                    if (!rest.empty()) rests[part].push_back(rest);
                }
                ++next;
            });
        }
    });
    for (const auto& each : rests) entries.sums.append_rests(each);
    return entries;
}

}  // namespace lgs_rfm::detail
