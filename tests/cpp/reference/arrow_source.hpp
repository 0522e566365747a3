#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/io/arrow.hpp>

#include "memory.hpp"

// A producer of Arrow arrays that is independent of the library's own export and counts what it gave away.
namespace reference {

/// How many structs were given away and how many came back.
struct arrow_count {
    int made = 0;
    int released = 0;
};

/// An array with its type. A buffer is bytes, or nothing (a null pointer).
struct arrow_data {
    std::string format;
    std::string name = {};
    std::int64_t length = 0;
    std::int64_t offset = 0;
    std::int64_t null_count = 0;
    std::vector<std::shared_ptr<std::vector<std::uint8_t>>> buffers = {};
    std::vector<arrow_data> children = {};
    std::shared_ptr<arrow_data> dictionary = {};
};

template <class T>
std::shared_ptr<std::vector<std::uint8_t>> bytes_of(const T& values) {
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(values.size() * sizeof(values[0]));
    if (!bytes->empty()) std::memcpy(bytes->data(), values.data(), bytes->size());
    return bytes;
}

/// Fixed-width values without a missing one.
template <class T>
arrow_data arrow_values(std::string format, std::string name, const std::vector<T>& values) {
    return {.format = std::move(format),
            .name = std::move(name),
            .length = static_cast<std::int64_t>(values.size()),
            .buffers = {nullptr, bytes_of(values)}};
}

/// string ("u"), large_string ("U") or string_view ("vu").
inline arrow_data arrow_texts(const std::string& format, std::string name, const std::vector<std::string>& texts) {
    arrow_data data{.format = format, .name = std::move(name), .length = static_cast<std::int64_t>(texts.size())};
    if (format == "vu") {
        const view_texts memory(texts);
        const std::vector<std::int64_t> sizes{static_cast<std::int64_t>(memory.buffers[0].size()),
                                              static_cast<std::int64_t>(memory.buffers[1].size())};
        data.buffers = {nullptr, bytes_of(memory.views), bytes_of(memory.buffers[0]), bytes_of(memory.buffers[1]),
                        bytes_of(sizes)};
    } else if (format == "u") {
        const offset_texts<std::int32_t> memory(texts);
        data.buffers = {nullptr, bytes_of(memory.offsets), bytes_of(memory.bytes)};
    } else {
        const offset_texts<std::int64_t> memory(texts);
        data.buffers = {nullptr, bytes_of(memory.offsets), bytes_of(memory.bytes)};
    }
    return data;
}

/// Marks missing rows; `null_count` -1 leaves them uncounted, as producers may.
inline arrow_data with_missing(arrow_data data, const std::vector<bool>& present, std::int64_t null_count = -1) {
    data.null_count = null_count;
    data.buffers[0] = std::make_shared<std::vector<std::uint8_t>>(bitmap(present));
    return data;
}

/// The rows from `skip` on, as a slice of a larger array gives them.
inline arrow_data sliced(arrow_data data, std::int64_t skip, std::int64_t length) {
    data.offset += skip;
    data.length = length;
    return data;
}

inline arrow_data arrow_batch(std::vector<arrow_data> columns) {
    const std::int64_t length = columns.empty() ? 0 : columns.front().length;
    return {.format = "+s", .length = length, .buffers = {nullptr}, .children = std::move(columns)};
}

template <class Struct>
struct arrow_held {
    std::shared_ptr<arrow_data> data;
    arrow_count* count;
    std::vector<const void*> buffers;
    std::vector<std::unique_ptr<Struct>> children;
    std::vector<Struct*> pointers;
    std::unique_ptr<Struct> dictionary;

    static void release(Struct* from) {
        std::unique_ptr<arrow_held> self(static_cast<arrow_held*>(from->private_data));
        ++self->count->released;
        for (auto& child : self->children) {
            if (child->release != nullptr) child->release(child.get());
        }
        if (self->dictionary && self->dictionary->release != nullptr) self->dictionary->release(self->dictionary.get());
        // whoever looks at released memory again shall notice
        std::memset(static_cast<void*>(from), 0xAB, sizeof(Struct));
        from->release = nullptr;
    }

    static void give(const arrow_data& source, arrow_count& count, Struct* out) {
        auto self = std::make_unique<arrow_held>();
        self->data = std::make_shared<arrow_data>(source);
        self->count = &count;
        ++count.made;
        for (const arrow_data& child : self->data->children) {
            self->children.push_back(std::make_unique<Struct>());
            give(child, count, self->children.back().get());
            self->pointers.push_back(self->children.back().get());
        }
        *out = {};
        if (self->data->dictionary) {
            self->dictionary = std::make_unique<Struct>();
            give(*self->data->dictionary, count, self->dictionary.get());
            out->dictionary = self->dictionary.get();
        }
        out->n_children = static_cast<std::int64_t>(self->children.size());
        out->children = self->pointers.data();
        if constexpr (std::is_same_v<Struct, ArrowSchema>) {
            out->format = self->data->format.c_str();
            out->name = self->data->name.c_str();
            out->flags = ARROW_FLAG_NULLABLE;
        } else {
            for (const auto& buffer : self->data->buffers) {
                self->buffers.push_back(buffer ? static_cast<const void*>(buffer->data()) : nullptr);
            }
            out->length = self->data->length;
            out->offset = self->data->offset;
            out->null_count = self->data->null_count;
            out->n_buffers = static_cast<std::int64_t>(self->buffers.size());
            out->buffers = self->buffers.data();
        }
        out->release = &arrow_held::release;
        out->private_data = self.release();
    }
};

/// A stream of batches; `fails_at` is the batch that cannot be made, with the words for it.
struct arrow_producer {
    std::vector<arrow_data> batches;
    arrow_count* count;
    int fails_at = -1;
    std::size_t next = 0;
    arrow_data schema = {};

    static ArrowArrayStream stream(std::vector<arrow_data> batches, arrow_count& count, int fails_at = -1) {
        auto* const self = new arrow_producer{std::move(batches), &count, fails_at};
        if (!self->batches.empty()) self->schema = self->batches.front();
        ++count.made;
        ArrowArrayStream out{};
        out.get_schema = [](ArrowArrayStream* from, ArrowSchema* to) {
            auto* const held = static_cast<arrow_producer*>(from->private_data);
            arrow_held<ArrowSchema>::give(held->schema, *held->count, to);
            return 0;
        };
        out.get_next = [](ArrowArrayStream* from, ArrowArray* to) {
            auto* const held = static_cast<arrow_producer*>(from->private_data);
            if (static_cast<int>(held->next) == held->fails_at) return 5;
            if (held->next == held->batches.size()) {
                *to = {};
                return 0;
            }
            arrow_held<ArrowArray>::give(held->batches[held->next++], *held->count, to);
            return 0;
        };
        out.get_last_error = [](ArrowArrayStream*) -> const char* { return "the disk is on fire"; };
        out.release = [](ArrowArrayStream* from) {
            auto* const held = static_cast<arrow_producer*>(from->private_data);
            ++held->count->released;
            delete held;
            from->release = nullptr;
        };
        out.private_data = self;
        return out;
    }
};

}  // namespace reference
