#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace lgs_rfm::detail {

/// Bytes that can be asked for by position, by several threads at a time.
class csv_bytes {
public:
    csv_bytes() = default;
    csv_bytes(const csv_bytes&) = delete;
    csv_bytes& operator=(const csv_bytes&) = delete;
    virtual ~csv_bytes() = default;

    /// Copies up to `count` bytes at `offset`; fewer only where the bytes end. Throws `file_access`.
    virtual std::size_t read(std::uint64_t offset, char* to, std::size_t count) = 0;

    // What follows is for streams alone, whose bytes only the calling thread may fetch.

    /// Fetches bytes if some are wanted. Returns whether it did.
    virtual bool pump() { return false; }
    /// Bytes before `offset` are not asked for again.
    virtual void release(std::uint64_t) {}
    /// Sets what another thread calls when it must wait for bytes.
    virtual void on_demand(std::function<void()>) {}
    /// Other threads no longer wait.
    virtual void stop() {}
};

/// A stretch of a source in memory that moves forward. Bytes around it may be read, so that words can be loaded whole:
/// 64 before and 64 behind. Where the source ends without a newline, one is added.
class csv_window {
public:
    static constexpr std::size_t margin = 64;
    static constexpr std::size_t usual = std::size_t{1} << 18;  // fits the second-level cache
    static constexpr std::size_t most = std::size_t{1} << 24;   // a longer record is none

    /// Starts at `offset`; reads little beyond `limit` unless it must.
    void open(csv_bytes& source, std::uint64_t offset, std::uint64_t limit) {
        source_ = &source;
        offset_ = offset;
        limit_ = limit;
        begin_ = end_ = margin;
        ended_ = false;
        if (buffer_.empty()) buffer_.resize(usual + 2 * margin);
    }

    [[nodiscard]] std::string_view text() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
    /// The position in the source of the text's front.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    /// True when the source has no bytes behind the text.
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    /// The first byte of the buffer and where the text starts in it.
    [[nodiscard]] const char* base() const noexcept { return buffer_.data(); }
    [[nodiscard]] std::uint32_t origin() const noexcept { return static_cast<std::uint32_t>(begin_); }

    void skip(std::size_t count) noexcept {
        begin_ += count;
        offset_ += count;
    }

    /// Reads on behind the text. False when there is nothing more, or the text is as long as a record may be.
    bool more() {
        const std::size_t kept = end_ - begin_;
        if (ended_ || kept >= most) return false;
        if (begin_ > margin) {
            std::memmove(buffer_.data() + margin, buffer_.data() + begin_, kept);
            begin_ = margin;
            end_ = margin + kept;
        }
        if (2 * kept > buffer_.size()) buffer_.resize(2 * buffer_.size());
        const std::uint64_t next = offset_ + kept;
        const std::size_t slack = std::max<std::size_t>(slack_bytes, kept);
        const std::uint64_t wanted = next < limit_ ? std::min(limit_ - next, most_wanted) + slack : slack;
        const std::size_t room = buffer_.size() - margin - end_ - 1;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({wanted, room, most - kept}));
        const std::size_t got = source_->read(next, buffer_.data() + end_, count);
        end_ += got;
        if (got < count) {
            ended_ = true;
            if (end_ > margin && (end_ > begin_ ? buffer_[end_ - 1] != '\n' : false)) buffer_[end_++] = '\n';
        }
        return true;
    }

private:
    static constexpr std::size_t slack_bytes = 2048;
    static constexpr std::uint64_t most_wanted = std::uint64_t{1} << 30;

    csv_bytes* source_ = nullptr;
    std::vector<char> buffer_;
    std::size_t begin_ = margin;
    std::size_t end_ = margin;
    std::uint64_t offset_ = 0;
    std::uint64_t limit_ = 0;
    bool ended_ = false;
};

/// Bytes in memory, as a view.
class csv_memory final : public csv_bytes {
public:
    explicit csv_memory(std::string_view bytes) : bytes_(bytes) {}

    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        if (offset >= bytes_.size()) return 0;
        const std::size_t got = std::min<std::size_t>(count, bytes_.size() - static_cast<std::size_t>(offset));
        std::memcpy(to, bytes_.data() + offset, got);
        return got;
    }

private:
    std::string_view bytes_;
};

}  // namespace lgs_rfm::detail
