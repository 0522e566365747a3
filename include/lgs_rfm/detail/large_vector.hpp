#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace lgs_rfm::detail {

/// The memory that the process's control group (version 2) may use; the largest number where there is no limit, or
/// none is known.
[[nodiscard]] inline std::size_t group_memory(const char* limit = "/sys/fs/cgroup/memory.max") noexcept {
    std::size_t bytes = std::numeric_limits<std::size_t>::max();
    if (std::FILE* const file = std::fopen(limit, "r")) {
        std::array<char, 32> text{};
        const std::size_t size = std::fread(text.data(), 1, text.size(), file);
        static_cast<void>(std::fclose(file));
        std::from_chars(text.data(), text.data() + size, bytes);  // the word "max" is no number, and changes nothing
    }
    return bytes;
}

/// Memory for arrays that a call fills once and gives back. The first write to each fresh page costs a fault of some
/// microseconds, more than what is computed on that page; so blocks given back are kept, up to a limit, for the next
/// one who asks for that size, and large ones ask the system for large pages. The system is told that it may take the
/// pages of kept blocks, which it does when memory gets short, and only then.
class large_memory {
public:
    static constexpr std::size_t smallest = std::size_t{1} << 16;

    static constexpr std::size_t least_limit = std::size_t{1} << 28;

    /// How many bytes are kept at most: a 16th of the memory of the machine, or of the control group where that is
    /// less, from 256 MB to 2 GB.
    [[nodiscard]] static std::size_t limit() noexcept {
#if defined(__linux__)
        static const std::size_t bytes = [] {
            const long pages = ::sysconf(_SC_PHYS_PAGES);
            const long page = ::sysconf(_SC_PAGESIZE);
            if (pages <= 0 || page <= 0) return least_limit;
            const std::size_t all = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
            return std::clamp(std::min(all, group_memory()) / 16, least_limit, 8 * least_limit);
        }();
        return bytes;
#else
        return least_limit;
#endif
    }

    [[nodiscard]] static void* take(std::size_t size) {
        size = rounded(size);
        void* const kept = cache().take(size);
        if (kept != nullptr) return kept;
        void* const fresh = ::operator new(size, alignment(size));
#if defined(__linux__)
        // Only advice: whether it is taken does not matter.
        if (size >= large_page) static_cast<void>(::madvise(fresh, size, MADV_HUGEPAGE));
#endif
        return fresh;
    }

    static void give(void* memory, std::size_t size) noexcept {
        size = rounded(size);
#if defined(__linux__) && defined(MADV_FREE)
        // Before the block is offered to others, who should not have to wait for this.
        if (size >= large_page) static_cast<void>(::madvise(memory, size, MADV_FREE));
#endif
        if (!cache().give(memory, size)) ::operator delete(memory, alignment(size));
    }

private:
    static constexpr std::size_t large_page = std::size_t{1} << 21;

    /// Few sizes, so that blocks fit again; above the limit nothing is kept, and nothing wasted.
    [[nodiscard]] static std::size_t rounded(std::size_t size) noexcept {
        return size > limit() ? size : std::bit_ceil(size);
    }
    [[nodiscard]] static std::align_val_t alignment(std::size_t size) noexcept {
        return std::align_val_t{size >= large_page ? large_page : 64};
    }

    /// Who finds it locked goes to the system: no one waits, and a fork in between does no harm.
    class kept_blocks {
    public:
        [[nodiscard]] void* take(std::size_t size) noexcept {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            if (!lock) return nullptr;
            for (std::size_t i = 0; i < count_; ++i) {
                if (blocks_[i].size != size) continue;
                void* const memory = blocks_[i].memory;
                blocks_[i] = blocks_[--count_];
                kept_ -= size;
                return memory;
            }
            return nullptr;
        }
        [[nodiscard]] bool give(void* memory, std::size_t size) noexcept {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            if (!lock || count_ == blocks_.size() || size > limit() - kept_) return false;
            blocks_[count_++] = {memory, size};
            kept_ += size;
            return true;
        }

    private:
        struct block_of_memory {
            void* memory;
            std::size_t size;
        };
        std::mutex mutex_;
        std::array<block_of_memory, 512> blocks_{};
        std::size_t count_ = 0;
        std::size_t kept_ = 0;
    };

    [[nodiscard]] static kept_blocks& cache() {
        static auto* const kept = new kept_blocks;  // never destroyed: arrays may live as long as the process
        return *kept;
    }
};

/// Numbers the elements of an array that are made without a value: see `unwritten`.
struct unwritten_elements {
    struct element {};
    using iterator_category = std::random_access_iterator_tag;
    using value_type = element;
    using difference_type = std::ptrdiff_t;
    using pointer = const element*;
    using reference = element;

    difference_type at;

    element operator*() const noexcept { return {}; }
    unwritten_elements& operator++() noexcept {
        ++at;
        return *this;
    }
    difference_type operator-(unwritten_elements other) const noexcept { return at - other.at; }
    bool operator==(const unwritten_elements&) const noexcept = default;
};

/// `std::allocator`, but for arrays of 64 KB and more.
template <class T>
struct large_allocator {
    using value_type = T;

    large_allocator() = default;
    template <class U>
    large_allocator(const large_allocator<U>&) noexcept {}  // NOLINT: allocators convert

    [[nodiscard]] T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
        const std::size_t size = count * sizeof(T);
        if (size < large_memory::smallest) return std::allocator<T>().allocate(count);
        return static_cast<T*>(large_memory::take(size));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        const std::size_t size = count * sizeof(T);
        if (size < large_memory::smallest) {
            std::allocator<T>().deallocate(memory, count);
        } else {
            large_memory::give(memory, size);
        }
    }

    /// Any other element is made as usual.
    template <class U>
    void construct(U*, unwritten_elements::element) noexcept {}

    friend bool operator==(const large_allocator&, const large_allocator&) noexcept { return true; }
};

template <class T>
using large_vector = std::vector<T, large_allocator<T>>;

/// An array of so many elements, which the caller writes before any is read: nothing is written here, so that the first
/// to touch a page is the thread that has something for it.
template <class T>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] large_vector<T> unwritten(std::size_t size) {
    return large_vector<T>(unwritten_elements{0}, unwritten_elements{static_cast<std::ptrdiff_t>(size)});
}

/// Where the memory comes from makes no difference to the values.
template <class T>
[[nodiscard]] bool operator==(const large_vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace lgs_rfm::detail
