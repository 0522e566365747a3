#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm::detail {

/// An array of plain records that grows at its end. As `large_vector`, but room for many can be taken at once without
/// writing anything to it first, which matters where the records are written a moment later anyway.
template <class T>
    requires std::is_trivially_copyable_v<T>
class record_array {
public:
    using value_type = T;

    record_array() = default;
    record_array(const record_array& other) { append(other); }
    record_array(record_array&& other) noexcept { swap(other); }
    record_array& operator=(record_array other) noexcept {
        swap(other);
        return *this;
    }
    ~record_array() {
        if (data_ != nullptr) large_allocator<T>().deallocate(data_, capacity_);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] T* begin() noexcept { return data_; }
    [[nodiscard]] T* end() noexcept { return data_ + size_; }
    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] T& front() noexcept { return data_[0]; }
    [[nodiscard]] const T& front() const noexcept { return data_[0]; }
    [[nodiscard]] T& back() noexcept { return data_[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return data_[size_ - 1]; }

    /// Room for so many; grows by half at least, so that asking batch by batch copies little.
    void reserve(std::size_t records) {
        if (records <= capacity_) return;
        records = std::max(records, capacity_ + capacity_ / 2);
        T* const moved = large_allocator<T>().allocate(records);
        if (size_ != 0) std::memcpy(static_cast<void*>(moved), data_, size_ * sizeof(T));
        if (data_ != nullptr) large_allocator<T>().deallocate(data_, capacity_);
        data_ = moved;
        capacity_ = records;
    }
    /// Appends `records` of them, which the caller writes, and returns the first.
    [[nodiscard]] T* extend(std::size_t records) {
        reserve(size_ + records);
        size_ += records;
        return data_ + (size_ - records);
    }
    void push_back(const T& record) {
        const T value = record;  // it may lie in this array
        *extend(1) = value;
    }
    void append(std::span<const T> records) {
        if (!records.empty())
            std::memcpy(static_cast<void*>(extend(records.size())), records.data(), records.size_bytes());
    }
    /// Drops all but the first `records`.
    void truncate(std::size_t records) noexcept { size_ = std::min(size_, records); }
    void clear() noexcept { size_ = 0; }

    void swap(record_array& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace lgs_rfm::detail
