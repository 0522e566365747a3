#pragma once

#include <cstdint>
#include <utility>

// The Arrow C data and stream interfaces as the Arrow specification lays them down ("The Arrow C data interface",
// "The Arrow C stream interface"). The guards let other libraries' copies of the same structs stand beside these.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {
struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema** children;
    struct ArrowSchema* dictionary;
    void (*release)(struct ArrowSchema*);
    void* private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void** buffers;
    struct ArrowArray** children;
    struct ArrowArray* dictionary;
    void (*release)(struct ArrowArray*);
    void* private_data;
};
}
#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

extern "C" {
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
    int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
    const char* (*get_last_error)(struct ArrowArrayStream*);
    void (*release)(struct ArrowArrayStream*);
    void* private_data;
};
}
#endif  // ARROW_C_STREAM_INTERFACE

namespace lgs_rfm {

/// Owns one Arrow struct: releases it exactly once, or passes it on by a move, which empties the source.
template <class T>
class arrow_owner {
public:
    arrow_owner() noexcept = default;
    /// Takes over `*source` and marks it released, as the interface asks of a consumer.
    explicit arrow_owner(T* source) noexcept : held_(*source) { source->release = nullptr; }
    arrow_owner(arrow_owner&& other) noexcept : held_(std::exchange(other.held_, T{})) {}
    arrow_owner& operator=(arrow_owner&& other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    arrow_owner(const arrow_owner&) = delete;
    arrow_owner& operator=(const arrow_owner&) = delete;
    ~arrow_owner() { reset(); }

    void reset() noexcept {
        if (held_.release != nullptr) held_.release(&held_);
        held_ = T{};
    }
    [[nodiscard]] explicit operator bool() const noexcept { return held_.release != nullptr; }
    [[nodiscard]] T* get() noexcept { return &held_; }
    [[nodiscard]] const T& operator*() const noexcept { return held_; }
    [[nodiscard]] const T* operator->() const noexcept { return &held_; }

private:
    T held_{};
};

using arrow_schema = arrow_owner<ArrowSchema>;
using arrow_array = arrow_owner<ArrowArray>;
using arrow_stream = arrow_owner<ArrowArrayStream>;

}  // namespace lgs_rfm
