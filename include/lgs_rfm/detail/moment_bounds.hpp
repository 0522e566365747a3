#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// The moments of the first and of the last entry, of which there is one at least. O(entries).
[[nodiscard]] inline std::pair<moment, moment> moment_bounds(const ledger_entries& entries) {
    const unsigned threads = threads_for(entries.size());
    std::vector<std::pair<moment, moment>> bounds(stretches_of(entries.size(), threads));
    for_each_stretch(entries.size(), threads, [&](std::size_t which, std::size_t begin, std::size_t end) {
        auto [first, last] = std::pair(entries.moment[begin], entries.moment[begin]);
        for (std::size_t i = begin; i < end; ++i) {
            first = std::min(first, entries.moment[i]);
            last = std::max(last, entries.moment[i]);
        }
        bounds[which] = {first, last};
    });
    for (const auto& each : bounds) {
        bounds.front().first = std::min(bounds.front().first, each.first);
        bounds.front().second = std::max(bounds.front().second, each.second);
    }
    return bounds.front();
}

}  // namespace lgs_rfm::detail
