#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/column.hpp>

namespace lgs_rfm::detail {

/// Reads from any address: foreign buffers promise no alignment.
template <class T>
[[nodiscard]] inline T load(const void* base, std::int64_t index) noexcept {
    T value;
    std::memcpy(&value, static_cast<const char*>(base) + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
}

/// Bytes of the commonest numbers; 0 for any other type.
[[nodiscard]] constexpr std::size_t width_of(column_type type) noexcept {
    switch (type) {
        case column_type::int32: return 4;
        case column_type::int64:
        case column_type::float64: return 8;
        default: return 0;
    }
}

[[nodiscard]] inline bool bit_at(const std::uint8_t* bits, std::int64_t index) noexcept {
    return (bits[index >> 3] >> (index & 7) & 1) != 0;
}

/// The `count` bits from `index` on, 1 to 64 of them, the first lowest; no byte without one of them is read.
[[nodiscard]] inline std::uint64_t bits_at(const std::uint8_t* bits, std::int64_t index, int count) noexcept {
    const int skipped = static_cast<int>(index & 7);
    const int bytes = (skipped + count + 7) / 8;
    std::uint64_t low = 0;
    std::memcpy(&low, bits + (index >> 3), static_cast<std::size_t>(std::min(bytes, 8)));
    low >>= skipped;
    if (bytes > 8) low |= std::uint64_t{bits[(index >> 3) + 8]} << (64 - skipped);
    return count == 64 ? low : low & ((std::uint64_t{1} << count) - 1);
}

/// True when all rows [begin, begin + rows) of the chunk are present.
[[nodiscard]] inline bool all_present(const column_chunk& chunk, std::int64_t begin, std::int64_t rows) noexcept {
    if (chunk.validity == nullptr) {
        return true;
    }
    std::int64_t at = chunk.offset + begin;
    const std::int64_t end = at + rows;
    for (; at < end && (at & 7) != 0; ++at) {
        if (!bit_at(chunk.validity, at)) return false;
    }
    for (; at + 8 <= end; at += 8) {
        if (chunk.validity[at >> 3] != 0xFF) return false;
    }
    for (; at < end; ++at) {
        if (!bit_at(chunk.validity, at)) return false;
    }
    return true;
}

/// Accessors: `raw(i)` is what two rows are compared by, `to_cell(raw)` what the value means.
template <class T>
struct number_access {
    using raw_type = T;
    const column_chunk& chunk;
    [[nodiscard]] T raw(std::int64_t row) const noexcept { return load<T>(chunk.data, chunk.offset + row); }
    [[nodiscard]] static bool same(T a, T b) noexcept {
        if constexpr (std::is_floating_point_v<T>) {
            using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
            return std::bit_cast<bits>(a) == std::bit_cast<bits>(b);
        } else {
            return a == b;
        }
    }
    [[nodiscard]] cell to_cell(T value) const {
        cell result;
        switch (chunk.type) {
            case column_type::timestamp_s: return moment_cell(value, 1, micros_per_second);
            case column_type::timestamp_ms:
            case column_type::date64: return moment_cell(value, 1, 1000);
            case column_type::timestamp_us: return moment_cell(value, 1, 1);
            case column_type::timestamp_ns: return moment_cell(value, 1000, 1);
            case column_type::date32: return moment_cell(value, 1, micros_per_day);
            case column_type::decimal128:
                if constexpr (std::is_same_v<T, int128>) {
                    result.what = cell::kind::decimal;
                    result.integer = value;
                    result.scale = chunk.width;
                }
                return result;
            default: break;
        }
        if constexpr (std::is_floating_point_v<T>) {
            result.what = value == value ? cell::kind::real : cell::kind::missing;
            result.real = static_cast<double>(value);
            result.single = std::is_same_v<T, float>;
        } else {
            result.what = cell::kind::integer;
            result.integer = value;
        }
        return result;
    }

private:
    [[nodiscard]] cell moment_cell(T value, std::int64_t divisor, std::int64_t factor) const {
        cell result;
        if constexpr (std::is_integral_v<T>) {
            if (sizeof(T) == 8 && value == std::numeric_limits<T>::min()) {
                return result;  // numpy's NaT
            }
            const auto wide = static_cast<std::int64_t>(value);
            result.what = chunk.type_name.empty() ? cell::kind::instant : cell::kind::zoned;
            result.text = chunk.type_name;
            result.integer = static_cast<int128>(floor_div(wide, divisor)) * factor;
            result.floored = wide % divisor != 0;
        }
        return result;
    }
};

struct text_access_base {
    using raw_type = std::string_view;
    /// Ids are mostly four to eight bytes: two overlapping words compare them without a call.
    [[nodiscard]] static bool same(std::string_view a, std::string_view b) noexcept {
        if (a.size() != b.size()) return false;
        if (a.size() < 4 || a.size() > 8) return a == b;
        const auto tail = static_cast<std::int64_t>(a.size()) - 4;
        return load<std::uint32_t>(a.data(), 0) == load<std::uint32_t>(b.data(), 0) &&
               load<std::uint32_t>(a.data() + tail, 0) == load<std::uint32_t>(b.data() + tail, 0);
    }
    [[nodiscard]] static cell to_cell(std::string_view text) {
        cell result;
        result.what = cell::kind::text;
        result.text = text;
        return result;
    }
};

template <class Offset>
struct offset_text_access : text_access_base {
    const column_chunk& chunk;
    explicit offset_text_access(const column_chunk& c) : chunk(c) {}
    [[nodiscard]] std::string_view raw(std::int64_t row) const noexcept {
        const auto begin = load<Offset>(chunk.offsets, chunk.offset + row);
        const auto end = load<Offset>(chunk.offsets, chunk.offset + row + 1);
        return {static_cast<const char*>(chunk.data) + begin, static_cast<std::size_t>(end - begin)};
    }
};

/// Arrow's string views: length, then the bytes themselves (up to 12) or prefix, buffer and position.
struct view_text_access : text_access_base {
    const column_chunk& chunk;
    explicit view_text_access(const column_chunk& c) : chunk(c) {}
    [[nodiscard]] std::string_view raw(std::int64_t row) const noexcept {
        const char* const view = static_cast<const char*>(chunk.data) + (chunk.offset + row) * 16;
        const auto length = load<std::int32_t>(view, 0);
        if (length <= 12) {
            return {view + 4, static_cast<std::size_t>(length)};
        }
        const auto* const buffers = static_cast<const char* const*>(chunk.offsets);
        return {buffers[load<std::int32_t>(view, 2)] + load<std::int32_t>(view, 3), static_cast<std::size_t>(length)};
    }
};

template <class String>
struct object_text_access : text_access_base {
    const column_chunk& chunk;
    explicit object_text_access(const column_chunk& c) : chunk(c) {}
    [[nodiscard]] std::string_view raw(std::int64_t row) const noexcept {
        return static_cast<const String*>(chunk.data)[chunk.offset + row];
    }
};

/// Zero-padded text of fixed width; UCS-4 becomes UTF-8 in `space`, for the row that changed only.
struct fixed_text_access : text_access_base {
    const column_chunk& chunk;
    std::string& space;
    fixed_text_access(const column_chunk& c, std::string& s) : chunk(c), space(s) {}
    [[nodiscard]] std::string_view raw(std::int64_t row) const noexcept {
        const auto width = static_cast<std::size_t>(chunk.width);
        return {static_cast<const char*>(chunk.data) + (chunk.offset + row) * chunk.width, width};
    }
    [[nodiscard]] cell to_cell(std::string_view bytes) const {
        space.clear();
        if (chunk.type == column_type::fixed_bytes) {
            space = bytes;
        } else {
            for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
                append_utf8(load<std::uint32_t>(bytes.data() + at, 0));
            }
        }
        while (!space.empty() && space.back() == '\0') {
            space.pop_back();
        }
        return text_access_base::to_cell(space);
    }

private:
    void append_utf8(std::uint32_t code) const {
        const auto put = [this](std::uint32_t byte) { space.push_back(static_cast<char>(byte)); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0U | code >> 6);
            put(0x80U | (code & 0x3FU));
        } else if (code < 0x10000) {
            put(0xE0U | code >> 12);
            put(0x80U | (code >> 6 & 0x3FU));
            put(0x80U | (code & 0x3FU));
        } else {
            put(0xF0U | (code >> 18 & 0x07U));
            put(0x80U | (code >> 12 & 0x3FU));
            put(0x80U | (code >> 6 & 0x3FU));
            put(0x80U | (code & 0x3FU));
        }
    }
};

/// Cells of a mixed column: two rows are never taken as the same, their cells are read one by one.
struct cell_access {
    using raw_type = const cell*;
    const column_chunk& chunk;
    [[nodiscard]] const cell* raw(std::int64_t row) const noexcept {
        return static_cast<const cell*>(chunk.data) + chunk.offset + row;
    }
    [[nodiscard]] static bool same(const cell* a, const cell* b) noexcept { return a == b; }
    [[nodiscard]] static cell to_cell(const cell* value) { return *value; }
};

/// Calls `visit(accessor)` with the accessor of the chunk's type. Dictionary, none and other are the caller's.
template <class Visit>
decltype(auto) with_access(const column_chunk& chunk, std::string& space, Visit&& visit) {
    switch (chunk.type) {
        case column_type::int8: return visit(number_access<std::int8_t>{chunk});
        case column_type::int16: return visit(number_access<std::int16_t>{chunk});
        case column_type::int32:
        case column_type::date32: return visit(number_access<std::int32_t>{chunk});
        case column_type::uint8: return visit(number_access<std::uint8_t>{chunk});
        case column_type::uint16: return visit(number_access<std::uint16_t>{chunk});
        case column_type::uint32: return visit(number_access<std::uint32_t>{chunk});
        case column_type::uint64: return visit(number_access<std::uint64_t>{chunk});
        case column_type::float32: return visit(number_access<float>{chunk});
        case column_type::float64: return visit(number_access<double>{chunk});
        case column_type::decimal128: return visit(number_access<int128>{chunk});
        case column_type::utf8: return visit(offset_text_access<std::int32_t>{chunk});
        case column_type::large_utf8: return visit(offset_text_access<std::int64_t>{chunk});
        case column_type::utf8_view: return visit(view_text_access{chunk});
        case column_type::fixed_bytes:
        case column_type::fixed_ucs4: return visit(fixed_text_access{chunk, space});
        case column_type::strings: return visit(object_text_access<std::string>{chunk});
        case column_type::string_views: return visit(object_text_access<std::string_view>{chunk});
        case column_type::cells: return visit(cell_access{chunk});
        default: return visit(number_access<std::int64_t>{chunk});
    }
}

/// The index of a dictionary row, of any integer type; -1 for a negative one (pandas' code of a missing value).
[[nodiscard]] inline std::int64_t dictionary_index(const column_chunk& chunk, std::int64_t row) noexcept {
    const std::int64_t at = chunk.offset + row;
    switch (chunk.index_type) {
        case column_type::int8: return load<std::int8_t>(chunk.data, at);
        case column_type::int16: return load<std::int16_t>(chunk.data, at);
        case column_type::int32: return load<std::int32_t>(chunk.data, at);
        case column_type::uint8: return load<std::uint8_t>(chunk.data, at);
        case column_type::uint16: return load<std::uint16_t>(chunk.data, at);
        case column_type::uint32: return load<std::uint32_t>(chunk.data, at);
        default: return load<std::int64_t>(chunk.data, at);
    }
}

}  // namespace lgs_rfm::detail
