#pragma once

#include <cstdint>

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

}  // namespace lgs_rfm::detail
