#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lgs_rfm/money.hpp>

namespace lgs_rfm {

/// How a column's values lie in memory.
enum class column_type : std::uint8_t {
    none,   ///< no column
    nulls,  ///< every value is missing; no memory behind it
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float32,
    float64,
    decimal128,   ///< little-endian int128; `width` is the scale
    timestamp_s,  ///< int64; the lowest int64 is missing (numpy's NaT)
    timestamp_ms,
    timestamp_us,
    timestamp_ns,
    date32,        ///< int32 days since 1970
    date64,        ///< int64 milliseconds since 1970
    utf8,          ///< int32 offsets into bytes
    large_utf8,    ///< int64 offsets into bytes
    utf8_view,     ///< Arrow's 16-byte views; `offsets` points to the array of data buffers
    fixed_bytes,   ///< `width` bytes a value, zero-padded (numpy S)
    fixed_ucs4,    ///< `width` bytes a value, UCS-4, zero-padded (numpy U)
    strings,       ///< std::string objects
    string_views,  ///< std::string_view objects
    cells,         ///< `cell` objects: values of mixed type
    dictionary,    ///< indices of type `index_type` into `dictionary`
    other          ///< a type that no column of ours may have; `type_name` says which
};

/// The type's name, as error messages give it.
[[nodiscard]] constexpr const char* to_string(column_type type) noexcept {
    constexpr const char* names[] = {"none",          "null",          "int8",       "int16",        "int32",
                                     "int64",         "uint8",         "uint16",     "uint32",       "uint64",
                                     "float32",       "float64",       "decimal128", "timestamp[s]", "timestamp[ms]",
                                     "timestamp[us]", "timestamp[ns]", "date32",     "date64",       "string",
                                     "large_string",  "string_view",   "bytes",      "str",          "string",
                                     "string_view",   "object",        "dictionary", "other"};
    return names[static_cast<std::size_t>(type)];
}

/// One value of any type: what a cell of a mixed column holds, and what every value is turned into off the fast path.
struct cell {
    enum class kind : std::uint8_t {
        missing,
        integer,
        real,
        text,
        decimal,       ///< `integer` = mantissa, `scale` = decimal places
        decimal_text,  ///< a decimal number as text
        instant,       ///< `integer` = microseconds since 1970
        zoned,         ///< a moment in a time zone other than UTC; `text` names it
        unsupported    ///< `text` names the type
    };
    kind what = kind::missing;
    bool floored = false;  ///< moment: digits beyond microseconds were cut off
    bool single = false;   ///< real: was a float32, whose decimal text is the shortest that names it
    std::int32_t scale = 0;
    double real = 0;
    int128 integer = 0;
    std::string_view text = {};  ///< must outlive the cell
};

/// A contiguous piece of a column, as a view: whoever made it keeps the memory alive while it is used.
struct column_chunk {
    column_type type = column_type::none;
    column_type index_type = column_type::none;  ///< dictionary: type of the indices
    std::int32_t width = 0;                      ///< fixed text: bytes a value; decimal128: scale
    std::int64_t length = 0;                     ///< rows
    std::int64_t offset = 0;                     ///< rows to skip at the front of data, offsets and validity
    const void* data = nullptr;                  ///< values, or the bytes of text
    const void* offsets = nullptr;               ///< utf8, large_utf8: offsets; utf8_view: data buffers
    const std::uint8_t* validity = nullptr;      ///< bitmap, least significant bit first, 1 = present; null: all are
    std::shared_ptr<const column_chunk> dictionary = {};
    std::string type_name = {};  ///< `other`: what to call it; timestamps: a time zone, if not UTC
};

namespace detail {

template <class T>
consteval column_type column_type_of() {
    using V = std::remove_cv_t<T>;
    if constexpr (std::same_as<V, std::string>)
        return column_type::strings;
    else if constexpr (std::same_as<V, std::string_view>)
        return column_type::string_views;
    else if constexpr (std::same_as<V, cell>)
        return column_type::cells;
    else if constexpr (std::same_as<V, std::chrono::sys_time<std::chrono::microseconds>>)
        return column_type::timestamp_us;
    else if constexpr (std::same_as<V, std::chrono::sys_seconds>)
        return column_type::timestamp_s;
    else if constexpr (std::same_as<V, float>)
        return column_type::float32;
    else if constexpr (std::same_as<V, double>)
        return column_type::float64;
    else if constexpr (std::integral<V> && !std::same_as<V, bool> && !std::same_as<V, char>) {
        constexpr column_type with_sign[] = {column_type::int8, column_type::int16, column_type::int32,
                                             column_type::int64};
        constexpr column_type without[] = {column_type::uint8, column_type::uint16, column_type::uint32,
                                           column_type::uint64};
        constexpr std::size_t size = sizeof(V) == 1 ? 0 : sizeof(V) == 2 ? 1 : sizeof(V) == 4 ? 2 : 3;
        return std::is_signed_v<V> ? with_sign[size] : without[size];
    } else
        return column_type::none;
}

}  // namespace detail

/// A type whose contiguous arrays can be a column: integers, float, double, strings, string views, time points, cells.
template <class T>
concept column_value = detail::column_type_of<T>() != column_type::none;

/// A range that lends its memory: an array that outlives the expression, or a borrowed view such as std::span.
template <class R>
concept column_range =
    std::ranges::contiguous_range<R> && std::ranges::sized_range<R> && column_value<std::ranges::range_value_t<R>> &&
    (std::is_lvalue_reference_v<R> || std::ranges::borrowed_range<R>);

/// A typed view of one column: values, and a validity bitmap (least significant bit first, 1 = present; empty: all
/// are present) that starts at bit `validity_offset`.
template <column_value T>
struct column_view {
    std::span<const T> values;
    std::span<const std::uint8_t> validity = {};
    std::int64_t validity_offset = 0;
};

/// A column of any accepted type, in one or more chunks, read in place. An empty one stands for "not given".
class column {
public:
    column() = default;

    /// From vector, array, span, ... of a `column_value`. The memory is not copied and must outlive the column.
    template <column_range R>
        requires(!std::same_as<std::remove_cvref_t<R>, column>)
    column(R&& values) {  // NOLINT: a column is what its values are
        using T = std::ranges::range_value_t<R>;
        add({.type = detail::column_type_of<T>(),
             .length = static_cast<std::int64_t>(std::ranges::size(values)),
             .data = std::ranges::data(values)});
    }

    template <column_value T>
    column(const column_view<T>& view) {  // NOLINT: likewise
        // values are moved back so that one row offset serves both arrays
        add({.type = detail::column_type_of<T>(),
             .length = static_cast<std::int64_t>(view.values.size()),
             .offset = view.validity.empty() ? 0 : view.validity_offset,
             .data = view.validity.empty() ? view.values.data() : view.values.data() - view.validity_offset,
             .validity = view.validity.empty() ? nullptr : view.validity.data()});
    }

    explicit column(column_chunk chunk) { add(std::move(chunk)); }

    /// Appends a chunk; its type may differ from the others'.
    void add(column_chunk chunk) {
        present_ = true;
        length_ += chunk.length;
        chunks_.push_back(std::move(chunk));
    }

    /// Marks the column as given though it holds no row yet.
    void mark_present() noexcept { present_ = true; }

    [[nodiscard]] bool present() const noexcept { return present_; }
    [[nodiscard]] std::int64_t size() const noexcept { return length_; }
    [[nodiscard]] std::span<const column_chunk> chunks() const noexcept { return chunks_; }

private:
    std::vector<column_chunk> chunks_;
    std::int64_t length_ = 0;
    bool present_ = false;
};

/// The column of moments: as `column`, but an array of plain int64 is read as microseconds since 1970.
class moment_column : public column {
public:
    moment_column() = default;
    moment_column(column other) : column(std::move(other)) {}  // NOLINT: a moment column is a column

    template <column_range R>
        requires(!std::derived_from<std::remove_cvref_t<R>, column>)
    moment_column(R&& values) {  // NOLINT: likewise
        using T = std::ranges::range_value_t<R>;
        constexpr bool plain = std::same_as<std::remove_cv_t<T>, std::int64_t>;
        add({.type = plain ? column_type::timestamp_us : detail::column_type_of<T>(),
             .length = static_cast<std::int64_t>(std::ranges::size(values)),
             .data = std::ranges::data(values)});
    }
};

}  // namespace lgs_rfm
