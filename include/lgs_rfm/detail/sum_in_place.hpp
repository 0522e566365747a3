#pragma once

#include <cstdint>

#include <lgs_rfm/column.hpp>
#include <lgs_rfm/detail/avx512.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// The values of a block's rows as they lie in memory, none missing, for the commonest types; null: not so.
struct values_in_place {
    column_type type = column_type::none;
    const void* data = nullptr;
};

/// Sums the runs of a block, whose keys stand in it, from the columns themselves: decoder and kernel in one. Only for
/// AVX-512: of one thread's time for the real lines, decoding into the block and summing from there took 5.3 ms,
/// this 2.4 (shares of a profile). Does what `decode` and `sum_runs` do, and adds the prices that were rounded to
/// `rounded`. Returns false, with nothing changed, when types or values need that road.
inline bool sum_in_place(const block& lines, const values_in_place& quantity, const values_in_place& price,
                         run_list& runs, std::int64_t& rounded) {
#if LGS_RFM_HAS_VECTORS
    if (!runs_on(instruction_set::avx512) || price.data == nullptr || price.type != column_type::float64) return false;
    const auto* const prices = static_cast<const double*>(price.data);
    switch (quantity.data != nullptr ? quantity.type : column_type::none) {
        case column_type::int32:
            return avx512::sum_runs(lines, static_cast<const std::int32_t*>(quantity.data), prices, runs, rounded);
        case column_type::int64:
            return avx512::sum_runs(lines, static_cast<const std::int64_t*>(quantity.data), prices, runs, rounded);
        default: return false;
    }
#else
    static_cast<void>(lines), static_cast<void>(quantity), static_cast<void>(price), static_cast<void>(runs);
    static_cast<void>(rounded);
    return false;
#endif
}

}  // namespace lgs_rfm::detail
