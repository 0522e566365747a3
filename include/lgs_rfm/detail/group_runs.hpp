#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/ascending_sequences.hpp>
#include <lgs_rfm/detail/code_ids.hpp>
#include <lgs_rfm/detail/customer_codes.hpp>
#include <lgs_rfm/detail/invoice_groups.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// Runs brought together by invoice, in some parts one after the other.
struct grouped_runs {
    const run_pieces* runs = nullptr;
    customer_codes customers;
    std::vector<invoice_groups> parts;
    record_array<keyed_run> missing;          ///< the runs without an invoice, as they came
    std::shared_ptr<const id_list> invoices;  ///< null where the keys tell them: integers, then texts, ascending

    std::vector<ascending_sequences> sequences = {};  ///< what the parts consist of, or
    record_array<keyed_run> sorted = {};
};

/// Groups runs whose invoices nearly ascend, as those of an input in order of time do, and numbers their customers.
/// False, with nothing changed, for any others, which is soon found out. O(runs).
[[nodiscard]] inline bool group_ascending(grouped_runs& to, const key_pool& pool, unsigned threads) {
    const run_pieces& runs = *to.runs;
    const std::size_t stretches = stretches_of(runs.size(), threads);
    const auto bound = [&](std::size_t which) { return runs.size() * which / stretches; };
    std::vector<ascending_sequences> sequences;
    for (std::size_t which = 0; which < stretches; ++which) sequences.emplace_back(bound(which + 1) - bound(which));
    dense_customers customers(stretches, std::max(threads, 1U));
    std::atomic<bool> ascend{true};
    thread_pool::run(stretches, threads, [&](std::size_t which) {
        ascending_sequences& into = sequences[which];
        dense_customers::bounds seen;
        const bool all = runs.for_each_keys(bound(which), bound(which + 1), [&](std::size_t i, const run_keys& keys) {
            seen.add(keys.customer);
            return into.add(keys.invoice, static_cast<std::uint32_t>(i));
        });
        customers.see(which, seen);
        if (!all) ascend = false;
    });
    if (!ascend) return false;

    std::vector<sorted_runs> found;
    for (ascending_sequences& each : sequences) {
        each.for_each([&](sorted_runs of) { found.push_back(of); });
        for (const std::uint32_t run : each.missing()) to.missing.push_back({missing_key, run});
    }
    std::sort(found.begin(), found.end(), [](sorted_runs a, sorted_runs b) { return a.front().key < b.front().key; });
    // Some keys tell where to divide them all into parts of about as many runs each.
    std::vector<id_key> sample;
    constexpr std::size_t some = 256;
    const std::size_t step = std::max<std::size_t>(1, runs.size() / (some * stretches));
    for (const sorted_runs of : found) {
        for (std::size_t i = 0; i < of.size(); i += step) sample.push_back(of[i].key);
    }
    std::sort(sample.begin(), sample.end());
    const auto first_key = [&](std::size_t part) {
        return part == 0 || sample.empty() ? id_key{0}
               : part == stretches         ? missing_key
                                           : sample[sample.size() * part / stretches];
    };
    to.parts.resize(stretches);
    const bool dense = customers.plan(runs.size());
    thread_pool::run(2 * stretches, threads, [&](std::size_t part, std::size_t thread) {
        if (part >= stretches) {
            const std::size_t which = part - stretches;
            if (!dense) return;
            return customers.mark(thread, [&](auto&& mark) {
                runs.for_each_keys(bound(which), bound(which + 1), [&](std::size_t, const run_keys& keys) {
                    mark(keys.customer);
                    return true;
                });
            });
        }
        invoice_groups& groups = to.parts[part];
        const auto place = [](sorted_runs of, id_key key) {
            return std::partition_point(of.begin(), of.end(), [&](const keyed_run& each) { return each.key < key; });
        };
        for (const sorted_runs of : found) groups.merge({place(of, first_key(part)), place(of, first_key(part + 1))});
        groups.look();
    });
    to.sequences = std::move(sequences);
    to.customers = dense ? customers.take()
                         : customer_codes(code_ids(std::array{key_rows(runs, &run_keys::customer)}, pool, threads)[0]);
    return true;
}

/// Groups any runs by counting, as their invoices are numbered. O(runs + invoices).
inline void group_by_counting(grouped_runs& to, coded_ids invoices, unsigned threads) {
    const run_pieces& runs = *to.runs;
    // Each stretch has a number for every invoice, so there are only a few, however many threads there are.
    constexpr unsigned most_stretches = 4;
    const std::size_t stretches = runs.size() < rows_worth_a_thread ? 1 : std::clamp(threads, 1U, most_stretches);
    const std::size_t groups = invoices.ids->size() + 1;       // the runs without an invoice are the last one
    std::vector<large_vector<std::uint32_t>> next(stretches);  // by group: a stretch's runs, then where they go
    const auto for_each_run = [&](auto&& visit) {              // visit(i, the stretch's number of its group, keys)
        thread_pool::run(stretches, threads, [&](std::size_t which) {
            next[which].resize(groups);
            const auto bound = [&](std::size_t of) { return runs.size() * of / stretches; };
            runs.for_each_keys(bound(which), bound(which + 1), [&](std::size_t i, const run_keys& keys) {
                visit(i, next[which][std::min<std::size_t>(invoices.codes[i], groups - 1)], keys.invoice);
                return true;
            });
        });
    };
    for_each_run([](std::size_t, std::uint32_t& count, id_key) { ++count; });
    // Counts become positions, each part of the groups behind the runs of the parts before.
    const std::size_t parts = stretches_of(groups, threads);
    std::vector<std::uint32_t> starts(parts + 1);
    const auto bound = [&](std::size_t part) { return groups * part / parts; };
    thread_pool::run(parts, threads, [&](std::size_t part) {
        for (const auto& of_stretch : next) {
            starts[part + 1] += std::accumulate(&of_stretch[bound(part)],
                                                &of_stretch[bound(part)] + (bound(part + 1) - bound(part)), 0U);
        }
    });
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    thread_pool::run(parts, threads, [&](std::size_t part) {
        std::uint32_t start = starts[part];
        for (std::size_t g = bound(part); g < bound(part + 1); ++g) {
            for (auto& of_stretch : next) start += std::exchange(of_stretch[g], start);
        }
    });
    const std::uint32_t known = next[0].back();  // runs with an invoice
    static_cast<void>(to.sorted.extend(runs.size()));
    for_each_run(
        [&](std::size_t i, std::uint32_t& at, id_key key) { to.sorted[at++] = {key, static_cast<std::uint32_t>(i)}; });
    to.missing.append(std::span(to.sorted).subspan(known));
    to.sorted.truncate(known);
    to.parts.resize(parts);
    thread_pool::run(parts, threads, [&](std::size_t part) {
        const std::size_t end = part + 1 == parts ? known : starts[part + 1];
        to.parts[part].append(sorted_runs(to.sorted).subspan(starts[part], end - starts[part]));
        to.parts[part].look();
    });
    to.invoices = std::move(invoices.ids);
}

/// Groups fewer than 2^32 runs by invoice. O(runs + ids); ids that do not pack make it O(ids log ids).
[[nodiscard]] inline grouped_runs group_runs(const run_pieces& runs, const key_pool& pool, unsigned threads = 1) {
    grouped_runs result;
    result.runs = &runs;
    if (!group_ascending(result, pool, threads)) {
        auto coded = code_ids(std::array{key_rows(runs, &run_keys::invoice), key_rows(runs, &run_keys::customer)}, pool,
                              threads);
        result.customers = customer_codes(std::move(coded[1]));
        group_by_counting(result, std::move(coded[0]), threads);
    }
    return result;
}

}  // namespace lgs_rfm::detail
