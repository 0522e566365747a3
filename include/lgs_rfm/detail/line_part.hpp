#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <lgs_rfm/detail/epochs.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/scattered_lines.hpp>

namespace lgs_rfm::detail {

/// What one thread made of a stretch of an input, with its own runs and pool, so that threads share nothing. Parts are
/// joined in the order of the input.
struct line_part {
    key_pool pool;
    run_list runs;
    epoch_tracker epochs;       ///< of the runs
    scattered_lines scattered;  ///< instead of runs, of rows in no order
    std::int64_t lines = 0;
    std::int64_t rounded_prices = 0;
    std::int64_t floored_dates = 0;

    /// Room for about so many lines, which come in no order or not.
    void reserve(std::size_t count, bool scatter) {
        if (scatter) {
            scattered.reserve(count);
        } else {
            runs.reserve(count / run_list::usual_lines);
        }
    }
};

/// Takes a part's runs out of it, with their keys in another pool.
[[nodiscard]] inline run_list take_runs(line_part& part, key_pool& pool) {
    run_list runs = std::move(part.runs);
    part.runs = {};
    if (part.pool.empty()) return runs;
    std::string space;
    const auto own = [&](id_key& key) {
        if (is_pooled(key)) key = pool.key(part.pool.at(key, space));
    };
    for (run_keys& keys : runs.keys) {
        own(keys.invoice);
        own(keys.customer);
    }
    return runs;
}

}  // namespace lgs_rfm::detail
