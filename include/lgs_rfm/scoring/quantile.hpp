#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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
/// Equal cuts are possible and leave bins empty. Reorders `values`. O(n log k). No values, NaN: not allowed.
[[nodiscard]] inline std::vector<double> cut_points(std::span<double> values, int k) {
    std::vector<double> cuts;
    auto from = values.begin();  // everything before is no larger than what follows
    const auto last = static_cast<std::uint64_t>(values.size() - 1);
    for (int i = 1; i < k; ++i) {
        const std::uint64_t scaled = last * static_cast<std::uint64_t>(i);
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(scaled / static_cast<std::uint64_t>(k));
        const std::uint64_t rest = scaled % static_cast<std::uint64_t>(k);
        std::nth_element(from, at, values.end());
        from = at;
        double cut = *at;
        if (rest != 0) {
            const double high = *std::min_element(at + 1, values.end());
            const double between = *at + (high - *at) * (static_cast<double>(rest) / static_cast<double>(k));
            cut = between < high ? between : *at;
        }
        cuts.push_back(cut);
    }
    return cuts;
}

}  // namespace lgs_rfm
