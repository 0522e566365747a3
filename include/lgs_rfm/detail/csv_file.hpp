#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <lgs_rfm/detail/csv_source.hpp>
#include <lgs_rfm/error.hpp>

namespace lgs_rfm::detail {

[[noreturn]] inline void throw_unreadable_file(const std::filesystem::path& path) {
    throw error(error_code::file_access, "cannot read " + path.string() + "; is it there and readable?");
}

#if defined(__unix__) || defined(__APPLE__)

/// A file, read by position into the readers' own memory: as fast as mapping it, and a file that is cut short meanwhile
/// ends the reading, not the process. Pipes have no positions: `seekable()` is false and `read_next` reads on.
class csv_file final : public csv_bytes {
public:
    explicit csv_file(std::filesystem::path path) : path_(std::move(path)) {
        descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat facts{};
        if (descriptor_ < 0 || ::fstat(descriptor_, &facts) != 0 || S_ISDIR(facts.st_mode)) {
            close();
            throw_unreadable_file(path_);
        }
        seekable_ = S_ISREG(facts.st_mode);
        size_ = seekable_ ? static_cast<std::uint64_t>(facts.st_size) : 0;
    }
    ~csv_file() override { close(); }

    [[nodiscard]] bool seekable() const noexcept { return seekable_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        std::size_t done = 0;
        while (done < count) {
            const ::ssize_t got = ::pread(descriptor_, to + done, count - done, static_cast<::off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw_unreadable_file(path_);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    std::size_t read_next(char* to, std::size_t count) {
        for (;;) {
            const ::ssize_t got = ::read(descriptor_, to, count);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) throw_unreadable_file(path_);
        }
    }

private:
    void close() noexcept {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

    std::filesystem::path path_;
    int descriptor_ = -1;
    bool seekable_ = false;
    std::uint64_t size_ = 0;
};

#else

/// A file by the standard library: one thread reads at a time.
class csv_file final : public csv_bytes {
public:
    explicit csv_file(std::filesystem::path path) : path_(std::move(path)), file_(path_, std::ios::binary) {
        std::error_code status;
        size_ = std::filesystem::file_size(path_, status);
        seekable_ = !status;
        if (!file_) throw_unreadable_file(path_);
    }

    [[nodiscard]] bool seekable() const noexcept { return seekable_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        const std::lock_guard lock(mutex_);
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(offset));
        return read_next(to, count);
    }

    std::size_t read_next(char* to, std::size_t count) {
        file_.read(to, static_cast<std::streamsize>(count));
        if (file_.bad()) throw_unreadable_file(path_);
        return static_cast<std::size_t>(std::max<std::streamsize>(file_.gcount(), 0));
    }

private:
    std::filesystem::path path_;
    std::ifstream file_;
    std::mutex mutex_;
    bool seekable_ = false;
    std::uint64_t size_ = 0;
};

#endif

}  // namespace lgs_rfm::detail
