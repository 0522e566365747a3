#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/order_statistics.hpp>
#include <lgs_rfm/error.hpp>

namespace lgs_rfm {

/// The q-quantile of values, 0 <= q <= 1, by linear interpolation between neighbours at position (n - 1) q: numpy's
/// default, type 7 of Hyndman and Fan (1996). Reorders `values`. O(n). Throws `invalid_option` for q outside 0..1 and
/// for no values. NaN is not allowed.
[[nodiscard]] inline double quantile(std::span<double> values, double q) {
    if (!(q >= 0 && q <= 1)) {
        throw error(error_code::invalid_option, "quantiles: " + std::to_string(q) + " is outside 0 to 1");
    }
    if (values.empty()) {
        throw error(error_code::invalid_option, "a quantile of no values is not defined");
    }
    const double position = static_cast<double>(values.size() - 1) * q;
    const auto low = static_cast<std::size_t>(position);
    const double fraction = position - static_cast<double>(low);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
    std::nth_element(values.begin(), at, values.end());
    if (fraction == 0 || low + 1 == values.size()) return *at;
    const double high = *std::min_element(at + 1, values.end());
    return *at + (high - *at) * fraction;
}

/// The k - 1 cut points that part values into k bins of equal count. Cut i lies at position (n - 1) i / k of the sorted
/// values, the position taken in integers, so that no rounding moves it; between two values it is
/// low + (high - low) x fraction, or low where that rounds to high: a value equal to a cut belongs to the lower bin.
/// Equal cuts are possible and leave bins empty. O(n). No values, NaN: not allowed.
[[nodiscard]] inline std::vector<double> cut_points(std::span<const double> values, int k) {
    const auto bins = static_cast<std::uint64_t>(k);
    const auto last = static_cast<std::uint64_t>(values.size() - 1);
    std::vector<std::size_t> ranks;  // of each cut's two neighbours
    for (std::uint64_t i = 1; i < bins; ++i) {
        const auto low = static_cast<std::size_t>(last * i / bins);
        ranks.push_back(low);
        ranks.push_back(last * i % bins != 0 ? low + 1 : low);
    }
    const std::vector<detail::ranked_value> neighbours = detail::values_at(values, ranks);
    std::vector<double> cuts;
    for (std::uint64_t i = 1; i < bins; ++i) {
        const double low = neighbours[2 * i - 2].value;
        const double high = neighbours[2 * i - 1].value;
        const double between = low + (high - low) * (static_cast<double>(last * i % bins) / static_cast<double>(bins));
        cuts.push_back(between < high ? between : low);
    }
    return cuts;
}

}  // namespace lgs_rfm
