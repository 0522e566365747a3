#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <type_traits>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace lgs_rfm::detail {

/// The processors that the process's control group (version 2) may use at once, rounded up; 0: no limit, or unknown.
[[nodiscard]] inline unsigned group_limit() {
    std::ifstream file("/sys/fs/cgroup/cpu.max");
    double quota = 0;  // the word "max" is no number
    double period = 0;
    if (!(file >> quota >> period) || !(quota > 0) || !(period > 0)) return 0;
    return static_cast<unsigned>(std::clamp(std::ceil(quota / period), 1.0, 65536.0));
}

/// How many threads the process may use at once: its affinity now, and its control group's share when first asked,
/// where that is less. At least 1.
[[nodiscard]] inline unsigned available_threads() {
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
        threads = std::max(1U, static_cast<unsigned>(CPU_COUNT(&allowed)));
    }
    static const unsigned limit = group_limit();
    if (limit != 0) threads = std::min(threads, limit);
#endif
    return threads;
}

/// Rows of a table for which another thread is worth its wake-up.
inline constexpr std::size_t rows_worth_a_thread = std::size_t{1} << 14;

/// Into how many stretches rows are divided: more than there are threads, as one can be a third slower than the other,
/// on a processor that others use, too.
[[nodiscard]] inline std::size_t stretches_of(std::size_t rows, unsigned threads) noexcept {
    if (rows < rows_worth_a_thread || threads <= 1) return 1;
    return std::clamp<std::size_t>(rows / rows_worth_a_thread, 2 * threads, 8 * threads);
}

/// For a table of so many rows: one, or all that the process may use.
[[nodiscard]] inline unsigned threads_for(std::size_t rows) {
    return rows < rows_worth_a_thread ? 1 : available_threads();
}

/// Threads that wait for work. Made when first needed, never ended; a forked child, which inherits none of them, makes
/// its own. Any thread may call `run`, also from within a part.
class thread_pool {
public:
    /// Calls `part(0)` ... `part(parts - 1)`, each once, on the calling thread and on up to `threads - 1` others, and
    /// returns when all are done. The calling thread takes parts too, so no call waits for another one's. Where it is
    /// `part(i, thread)`, it is also told which of the threads, below `threads` and `parts`, calls it. Once a part has
    /// thrown, no more are begun, and when those that were are done, the exception of the lowest is thrown again.
    template <class Part>
    static void run(std::size_t parts, unsigned threads, Part&& part) {
        if (parts == 0) return;
        const auto call = [](void* what, std::size_t i, [[maybe_unused]] std::size_t thread) {
            auto& one = *static_cast<std::remove_reference_t<Part>*>(what);
            if constexpr (std::is_invocable_v<Part&, std::size_t, std::size_t>) {
                one(i, thread);
            } else {
                one(i);
            }
        };
        job work{call, const_cast<void*>(static_cast<const void*>(&part)), parts};
        const std::size_t helpers = std::min<std::size_t>(parts, std::max(threads, 1U)) - 1;
        if (helpers > 0) instance().offer(work, helpers);
        work.take_parts();
        if (helpers > 0) instance().withdraw(work);
        if (work.failure) std::rethrow_exception(work.failure);
    }

    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;

private:
    struct job {
        void (*call)(void*, std::size_t, std::size_t);
        void* what;
        std::size_t parts;
        std::atomic<std::size_t> next{0};
        std::atomic<std::size_t> threads{0};
        std::mutex mutex = {};
        std::size_t failed_part = 0;
        std::exception_ptr failure = {};
        std::size_t inside = 0;  ///< workers in `take_parts`; guarded by the pool's mutex

        void take_parts() {
            const std::size_t thread = threads.fetch_add(1);
            for (std::size_t i = next.fetch_add(1); i < parts; i = next.fetch_add(1)) {
                try {
                    call(what, i, thread);
                } catch (...) {
                    next.store(parts);  // all below this one have begun
                    const std::lock_guard lock(mutex);
                    if (!failure || i < failed_part) {
                        failure = std::current_exception();
                        failed_part = i;
                    }
                }
            }
        }
    };

    thread_pool() = default;

    [[nodiscard]] static thread_pool& instance() {
        thread_pool* pool = current().load();
        if (pool == nullptr) {
            static const bool watched = watch_forks();
            static_cast<void>(watched);
            auto* const made = new thread_pool;  // never destroyed: its threads wait on it
            if (current().compare_exchange_strong(pool, made)) return *made;
            delete made;
        }
        return *pool;
    }
    [[nodiscard]] static std::atomic<thread_pool*>& current() {
        static std::atomic<thread_pool*> pool{nullptr};
        return pool;
    }
    /// In a child, the parent's pool is a memory without threads, its locks in an unknown state: it is left alone.
    static bool watch_forks() {
#if defined(__linux__)
        return pthread_atfork(nullptr, nullptr, [] { current().store(nullptr); }) == 0;
#else
        return false;
#endif
    }

    /// Help is welcome, not needed: where there is no room for more threads or offers, fewer do as well.
    void offer(job& work, std::size_t helpers) noexcept {
        const std::lock_guard lock(mutex_);
        try {
            while (workers_ < helpers && workers_ < most_workers) {
                std::thread([this] { serve(); }).detach();
                ++workers_;
            }
            for (std::size_t i = 0; i < helpers; ++i) offers_.push_back(&work);
        } catch (...) {
            if (workers_ == 0) std::erase(offers_, &work);
        }
        if (helpers == 1) {
            wake_.notify_one();
        } else {
            wake_.notify_all();
        }
    }

    /// Takes back offers that nobody took up, and waits for those who did.
    void withdraw(job& work) {
        std::unique_lock lock(mutex_);
        std::erase(offers_, &work);
        left_.wait(lock, [&] { return work.inside == 0; });
    }

    void serve() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [&] { return !offers_.empty(); });
            job& work = *offers_.front();
            offers_.pop_front();
            ++work.inside;
            lock.unlock();
            work.take_parts();
            lock.lock();
            --work.inside;
            left_.notify_all();
        }
    }

    static constexpr std::size_t most_workers = 256;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable left_;
    std::deque<job*> offers_;
    std::size_t workers_ = 0;
};

/// Calls `work(stretch, begin, end)` for the stretches of so many rows.
template <class Work>
void for_each_stretch(std::size_t rows, unsigned threads, Work&& work) {
    const std::size_t count = stretches_of(rows, threads);
    thread_pool::run(count, threads,
                     [&](std::size_t which) { work(which, rows * which / count, rows * (which + 1) / count); });
}

}  // namespace lgs_rfm::detail
