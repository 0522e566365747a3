#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/csv_source.hpp>

namespace lgs_rfm::detail {

/// Bytes that come one after the other from a function, which only the thread that made this object calls. A window of
/// them is kept: from what was released to a few blocks ahead, or as far as a thread waits for.
class csv_stream final : public csv_bytes {
public:
    /// Fills up to `count` bytes and returns how many; 0 at the end.
    using byte_source = std::function<std::size_t(char* to, std::size_t count)>;

    csv_stream(byte_source source, std::uint64_t ahead)
        : source_(std::move(source)), ahead_(ahead), owner_(std::this_thread::get_id()) {}

    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        std::unique_lock lock(mutex_);
        const std::uint64_t wanted = offset + count;
        demand_ = std::max(demand_, wanted);
        const bool owner = std::this_thread::get_id() == owner_;
        while (!ended_ && end_ < wanted && !stopped_) {
            if (owner) {
                lock.unlock();
                pump();
                lock.lock();
            } else {
                const auto tell = on_demand_;
                lock.unlock();
                if (tell) tell();
                lock.lock();
                arrived_.wait(lock, [&] { return ended_ || end_ >= wanted || stopped_; });
            }
        }
        std::size_t done = 0;
        for (const block& each : blocks_) {
            const std::uint64_t at = offset + done;
            if (done == count || each.offset > at) break;
            if (each.offset + each.bytes.size() <= at) continue;
            const auto skip = static_cast<std::size_t>(at - each.offset);
            const std::size_t part = std::min(count - done, each.bytes.size() - skip);
            std::memcpy(to + done, each.bytes.data() + skip, part);
            done += part;
        }
        return done;
    }

    bool pump() override {
        {
            const std::lock_guard lock(mutex_);
            if (ended_ || (end_ >= demand_ && end_ >= released_ + ahead_)) return false;
        }
        std::vector<char> bytes(block_bytes);
        std::size_t size = 0;
        while (size < bytes.size()) {
            const std::size_t got = source_(bytes.data() + size, bytes.size() - size);
            if (got == 0) break;
            size += std::min(got, bytes.size() - size);
        }
        const bool last = size < bytes.size();
        bytes.resize(size);
        {
            const std::lock_guard lock(mutex_);
            blocks_.push_back({end_, std::move(bytes)});
            end_ += size;
            ended_ = last;
        }
        arrived_.notify_all();
        return true;
    }

    void release(std::uint64_t offset) override {
        const std::lock_guard lock(mutex_);
        released_ = offset;
        while (!blocks_.empty() && blocks_.front().offset + blocks_.front().bytes.size() <= offset) blocks_.pop_front();
    }

    void on_demand(std::function<void()> tell) override {
        const std::lock_guard lock(mutex_);
        on_demand_ = std::move(tell);
    }

    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        arrived_.notify_all();
    }

private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 18;

    struct block {
        std::uint64_t offset;
        std::vector<char> bytes;
    };

    byte_source source_;
    std::uint64_t ahead_;
    std::thread::id owner_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable arrived_;
    std::deque<block> blocks_;
    std::uint64_t end_ = 0;     ///< of the bytes that came
    std::uint64_t demand_ = 0;  ///< of the bytes that are asked for
    std::uint64_t released_ = 0;
    bool ended_ = false;
    bool stopped_ = false;
    std::function<void()> on_demand_;
};

}  // namespace lgs_rfm::detail
