#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// Finds the epochs of an input while its runs arrive, for both directions of time at once: which one the input mostly
/// follows is only known at its end. A direction is given up after 100 epochs, which is soon for the wrong one.
class epoch_tracker {
public:
    static constexpr std::size_t most_epochs = 100;

    /// Looks at the runs that come next.
    void follow(std::span<const run_keys> runs) {
        if (runs.empty()) return;
        step_to(runs.front().moment);
        for (std::size_t i = 1; i < runs.size(); ++i) step_to(runs[i].moment);
    }

    /// Takes over what another one found in the runs that come next. `cut`: the first of them belongs to the last one
    /// seen here.
    void follow(const epoch_tracker& next, bool cut = false) {
        if (next.seen_ == 0) return;
        const std::size_t before = seen_ - (cut ? 1 : 0);
        step_to(next.first_);
        rising_.append(next.rising_, before);
        falling_.append(next.falling_, before);
        last_ = next.last_;
        seen_ = before + next.seen_;
    }

    /// How many runs there were.
    [[nodiscard]] std::size_t runs() const noexcept { return seen_; }

    /// True once neither direction can be judged any more.
    [[nodiscard]] bool hopeless() const noexcept {
        return rising_.starts.size() >= most_epochs && falling_.starts.size() >= most_epochs;
    }

    /// The runs that start a new epoch, the first epoch's not among them.
    [[nodiscard]] const std::vector<std::size_t>& starts() const noexcept {
        return rising_.breaks > falling_.breaks ? falling_.starts : rising_.starts;
    }

    [[nodiscard]] bool judged() const noexcept { return starts().size() < most_epochs; }

private:
    /// Where one direction breaks off.
    struct direction {
        std::size_t breaks = 0;
        std::vector<std::size_t> starts;  ///< the runs after the first breaks

        void add(std::size_t run) {
            ++breaks;
            if (starts.size() < most_epochs) starts.push_back(run);
        }
        void append(const direction& next, std::size_t runs_before) {
            breaks += next.breaks;
            for (const std::size_t run : next.starts) {
                if (starts.size() < most_epochs) starts.push_back(runs_before + run);
            }
        }
    };

    void step_to(std::int64_t moment) {
        if (seen_ == 0) {
            first_ = moment;
        } else if (moment < last_) {
            rising_.add(seen_);
        } else if (moment > last_) {
            falling_.add(seen_);
        }
        last_ = moment;
        ++seen_;
    }

    std::size_t seen_ = 0;
    std::int64_t first_ = 0;
    std::int64_t last_ = 0;
    direction rising_;
    direction falling_;
};

}  // namespace lgs_rfm::detail
