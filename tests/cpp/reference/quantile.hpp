#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace reference {

/// The value at the rational position (n - 1) i / k of the sorted values, by linear interpolation; long double holds
/// what the fraction costs. `below_high` is the scorer's rule: low when the interpolated double is that of high.
inline double at_position(std::vector<double> values, std::size_t i, std::size_t k, bool below_high) {
    std::sort(values.begin(), values.end());
    const std::size_t scaled = (values.size() - 1) * i;
    const std::size_t low = scaled / k;
    const std::size_t rest = scaled % k;
    if (rest == 0) return values[low];
    const double high = values[low + 1];
    const double cut = values[low] + (high - values[low]) * (static_cast<double>(rest) / static_cast<double>(k));
    return below_high && cut >= high ? values[low] : cut;
}

}  // namespace reference
