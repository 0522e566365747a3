#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/epochs.hpp>
#include <lgs_rfm/detail/line_part.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/run_reader.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

namespace lgs_rfm::detail {

/// What several threads made of some rows, which they read stretch by stretch.
struct read_stretches {
    std::vector<line_part> parts;                ///< by thread; `epochs` are in none of them
    std::vector<run_pieces::stretch> stretches;  ///< in the order of the rows; `list` is the thread
    std::vector<epoch_tracker> epochs;           ///< of each stretch

    read_stretches(std::size_t threads, std::size_t count) : parts(threads), stretches(count), epochs(count) {}

    /// Moves the runs, in the order of the rows, behind others and their epochs. A run that was cut where a stretch
    /// ends is one again, if its sums fit.
    void append_to(run_pieces& runs, epoch_tracker& their_epochs, key_pool& their_pool) {
        std::vector<run_list> lists;
        for (line_part& part : parts) lists.push_back(take_runs(part, their_pool));
        run_pieces::stretch before;
        for (std::size_t i = 0; i < stretches.size(); ++i) {
            run_pieces::stretch& each = stretches[i];
            const bool cut = before.size() != 0 && each.size() != 0 &&
                             lists[before.list].take_up(before.end - 1, lists[each.list], each.begin);
            their_epochs.follow(epochs[i], cut);
            if (cut) ++each.begin;
            if (each.size() != 0) before = each;
        }
        runs.append(std::move(lists), stretches);
    }
};

/// With how many threads to read so many lines: of those there are, as many as are worth their wake-up.
[[nodiscard]] inline unsigned threads_for_lines(std::int64_t lines, unsigned most) noexcept {
    constexpr std::int64_t worth_a_thread = std::int64_t{1} << 15;
    return static_cast<unsigned>(std::clamp<std::int64_t>(lines / worth_a_thread, 1, most));
}

/// Reads rows [begin, end) of some lines, of which `first_row` rows of the input come before. Each thread takes the
/// next stretch when it is done with one: on a processor that others use, too, it may be a third slower than its
/// neighbour. Throws `error` for the lowest bad row, then in column order.
[[nodiscard]] inline read_stretches read_by_threads(const invoice_lines& lines, std::int64_t begin, std::int64_t end,
                                                    period allowed, std::int64_t first_row, bool scatter,
                                                    unsigned most_threads) {
    constexpr std::int64_t lines_at_once = std::int64_t{1} << 16;
    const std::int64_t rows = end - begin;
    const unsigned threads = threads_for_lines(rows, most_threads);
    const std::int64_t count = std::max<std::int64_t>(threads, rows / lines_at_once);
    read_stretches result(threads, static_cast<std::size_t>(count));
    std::vector<std::optional<run_reader>> readers(result.parts.size());
    thread_pool::run(result.stretches.size(), threads, [&](std::size_t i, std::size_t thread) {
        const auto bound = [&](std::size_t of) { return begin + rows * static_cast<std::int64_t>(of) / count; };
        line_part& part = result.parts[thread];
        if (!readers[thread]) {
            part.reserve(static_cast<std::size_t>(rows / threads), scatter);
            readers[thread].emplace(lines, bound(i), allowed, first_row, part, scatter);
        }
        const std::size_t before = part.runs.size();
        readers[thread]->read(bound(i), bound(i + 1));
        result.stretches[i] = {thread, before, part.runs.size()};
        result.epochs[i] = std::exchange(part.epochs, {});
    });
    return result;
}

}  // namespace lgs_rfm::detail
