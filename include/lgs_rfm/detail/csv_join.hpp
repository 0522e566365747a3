#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/csv_chunk.hpp>
#include <lgs_rfm/detail/csv_part.hpp>
#include <lgs_rfm/detail/csv_source.hpp>

/// A whole text from its chunks, read side by side and joined in order.
namespace lgs_rfm::detail {

/// What to read of a source, and how.
struct csv_task {
    csv_format format = {};
    period allowed = {};
    bool skip_bad = false;
    const totals_plan* totalled = nullptr;  ///< what the lines are totalled by, if they are
    unsigned threads = 1;
    std::uint64_t begin = 0;                 ///< of the first record
    std::int64_t lines_before = 0;           ///< newlines before it
    std::optional<std::uint64_t> size = {};  ///< of the source, where it is known
    std::uint64_t chunk = std::uint64_t{1} << 20;
};

/// Counts the parts that were joined, and turns their positions into those of the file.
struct csv_totals {
    std::uint64_t end = 0;  ///< behind the last record
    std::int64_t records = 0;
    std::int64_t newlines = 0;
    bool table_ended = false;
    bool text_ended = false;
    std::int64_t skipped_lines = 0;
    std::vector<csv_refusal> skipped;
    std::vector<std::string> others;

    /// Throws when the part was refused.
    void add(csv_part& part) {
        const auto settle = [this](csv_refusal& refusal) {
            refusal.row += records;
            refusal.line += newlines;
        };
        for (csv_refusal& each : part.skipped) {
            if (skipped.size() == skipped_shown) break;
            settle(each);
            skipped.push_back(std::move(each));
        }
        if (part.refusal) {
            settle(*part.refusal);
            throw refusal_error(*part.refusal);
        }
        for (std::string& each : part.others) {
            if (std::find(others.begin(), others.end(), each) == others.end()) others.push_back(std::move(each));
        }
        end = part.end;
        records += part.records;
        newlines += part.newlines;
        skipped_lines += part.skipped_lines;
        table_ended = part.table_ended;
        text_ended = part.text_ended;
    }
};

/// Reads all records of a task. `join` takes the parts in order; `advance` hears of the bytes done so far. Both
/// are called from this thread, and what they throw ends the reading.
class csv_joiner {
public:
    using join_function = std::function<void(const std::shared_ptr<csv_part>&)>;
    using advance_function = std::function<void(std::uint64_t)>;

    csv_joiner(csv_bytes& source, const csv_task& task, join_function join, advance_function advance)
        : source_(source),
          task_(task),
          join_(std::move(join)),
          advance_(std::move(advance)),
          own_(task.format, task.allowed, task.skip_bad, task.totalled) {
        totals_.end = task.begin;
        totals_.newlines = task.lines_before;
    }

    csv_totals read() {
        const bool small = task_.size && *task_.size < task_.begin + 2 * task_.chunk;
        if (task_.threads <= 1 || small) {
            for (std::uint64_t k = 0; !done(); ++k) {
                if (totals_.end < limit_of(k)) take(own_.read(source_, totals_.end, limit_of(k), true));
            }
        } else {
            read_together();
        }
        return std::move(totals_);
    }

private:
    struct slot {
        bool ready = false;
        std::unique_ptr<csv_part> part;  ///< empty: reading it failed, which only counts when it fails again
    };

    [[nodiscard]] std::uint64_t limit_of(std::uint64_t k) const noexcept { return task_.begin + (k + 1) * task_.chunk; }
    [[nodiscard]] bool done() const noexcept { return totals_.table_ended || totals_.text_ended; }

    void take(const std::shared_ptr<csv_part>& part) {
        totals_.add(*part);
        join_(part);
        source_.release(totals_.end);
        if (advance_) advance_(totals_.end);
    }

    void read_together() {
        slots_.resize(2 * task_.threads + 2);
        struct finally {  // before the threads are waited for, whatever happens
            csv_joiner& self;
            std::vector<std::jthread> threads = {};
            ~finally() {
                {
                    const std::lock_guard lock(self.mutex_);
                    self.stopped_ = true;
                }
                self.room_.notify_all();
                self.source_.on_demand({});
                self.source_.stop();
            }
        } running{*this};
        start(running.threads);
        for (std::uint64_t k = 0; !done(); ++k) {
            std::unique_ptr<csv_part> part = wait_for(k);
            if (totals_.end >= limit_of(k)) continue;  // a record of an earlier chunk covers this one
            if (!part || part->start != totals_.end) {
                part = own_.read(source_, totals_.end, limit_of(k), true);  // the guess was wrong
            }
            take(std::move(part));
        }
    }

    void start(std::vector<std::jthread>& threads) {
        source_.on_demand([this] {
            {
                const std::lock_guard lock(mutex_);
                demanded_ = true;
            }
            ready_.notify_one();
        });
        try {
            threads.reserve(task_.threads);
            for (unsigned i = 0; i < task_.threads; ++i) threads.emplace_back([this] { work(); });
        } catch (...) {
            if (threads.empty()) throw;  // fewer threads do as well
        }
    }

    /// A thread's life: chunk after chunk.
    void work() {
        std::optional<csv_chunk_reader> reader;
        for (;;) {
            std::uint64_t k = 0;
            {
                std::unique_lock lock(mutex_);
                room_.wait(lock, [this] { return stopped_ || next_ < joined_ + slots_.size(); });
                if (stopped_ || beyond(next_)) return;
                k = next_++;
            }
            const std::uint64_t from = task_.begin + k * task_.chunk;
            std::unique_ptr<csv_part> part;
            try {
                if (!reader) reader.emplace(task_.format, task_.allowed, task_.skip_bad, task_.totalled);
                part = reader->read(source_, from, limit_of(k), k == 0);
            } catch (...) {
                part.reset();
            }
            {
                const std::lock_guard lock(mutex_);
                exhausted_ = exhausted_ || (!task_.size && part && part->text_ended);
                slot& to = slots_[k % slots_.size()];
                to.part = std::move(part);
                to.ready = true;
            }
            ready_.notify_one();
        }
    }

    /// No chunk from `k` on holds text. Called with the lock held.
    [[nodiscard]] bool beyond(std::uint64_t k) const noexcept {
        return exhausted_ || (task_.size && task_.begin + k * task_.chunk >= *task_.size);
    }

    /// The part of chunk `k`, once it is read; empty when nobody reads it.
    std::unique_ptr<csv_part> wait_for(std::uint64_t k) {
        std::unique_lock lock(mutex_);
        slot& of = slots_[k % slots_.size()];
        const auto settled = [&] { return of.ready || (k >= next_ && beyond(k)); };
        while (!settled()) {
            demanded_ = false;
            lock.unlock();
            const bool read = source_.pump();
            lock.lock();
            if (!read) ready_.wait(lock, [&] { return demanded_ || settled(); });
        }
        std::unique_ptr<csv_part> part = std::move(of.part);
        of.ready = false;
        joined_ = k + 1;
        lock.unlock();
        room_.notify_one();
        return part;
    }

    csv_bytes& source_;
    const csv_task& task_;
    join_function join_;
    advance_function advance_;
    csv_chunk_reader own_;
    csv_totals totals_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable ready_;
    std::condition_variable room_;
    std::vector<slot> slots_;
    std::uint64_t next_ = 0;    ///< chunk to be read next
    std::uint64_t joined_ = 0;  ///< chunks taken
    bool exhausted_ = false;    ///< a chunk reached the end of the text
    bool stopped_ = false;
    bool demanded_ = false;  ///< a thread waits for bytes of a stream
};

}  // namespace lgs_rfm::detail
