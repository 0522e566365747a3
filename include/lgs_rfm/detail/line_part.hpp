#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/scattered_lines.hpp>

namespace lgs_rfm::detail {

/// What one thread made of a stretch of an input, with its own runs and pool, so that threads share nothing. Parts are
/// joined in the order of the input.
struct line_part {
    key_pool pool;
    run_list runs;
    scattered_lines scattered;  ///< instead of runs, of rows in no order
    std::int64_t lines = 0;
    std::int64_t rounded_prices = 0;
    std::int64_t floored_dates = 0;
};

/// Appends a part's runs, with their keys in another pool.
inline void append_runs(run_list& runs, key_pool& pool, const line_part& part) {
    const std::size_t before = runs.size();
    runs.append(part.runs);
    if (part.pool.empty()) return;
    std::string space;
    const auto own = [&](id_key& key) {
        if (is_pooled(key)) key = pool.key(part.pool.at(key, space));
    };
    for (std::size_t i = before; i < runs.size(); ++i) {
        own(runs.keys[i].invoice);
        own(runs.keys[i].customer);
    }
}

}  // namespace lgs_rfm::detail
