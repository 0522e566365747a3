#pragma once

#include <cstdint>
#include <string>

#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/loops.hpp>

namespace lgs_rfm::detail {

/// Marking: `starts` (one byte a row) gets 1 in each row whose value differs from the row before, the first row always.
/// Values are compared as they lie in memory; a row marked too many only splits a run, which is summed up again later.

/// Text by offsets: up to eight bytes are compared as one masked word, read only where eight bytes lie before the end.
template <class Offset>
void mark_text(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint8_t* starts) {
    const auto* const bytes = static_cast<const char*>(chunk.data);
    const std::int64_t first = chunk.offset + begin;
    const auto readable = static_cast<std::int64_t>(load<Offset>(chunk.offsets, chunk.offset + chunk.length)) - 8;
    std::int64_t at = load<Offset>(chunk.offsets, first);
    std::int64_t previous_at = at;
    std::int64_t previous_size = -1;
    std::uint64_t previous_word = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t end = load<Offset>(chunk.offsets, first + i + 1);
        const std::int64_t size = end - at;
        bool differs = size != previous_size;
        if (size > 0 && size <= 8 && at <= readable) {
            const std::uint64_t word = load<std::uint64_t>(bytes + at, 0) << (64 - 8 * size);
            differs = differs || word != previous_word;
            previous_word = word;
        } else {
            differs = differs || std::string_view(bytes + at, static_cast<std::size_t>(size)) !=
                                     std::string_view(bytes + previous_at, static_cast<std::size_t>(size));
            previous_word = 0;  // the next short text counts as different, which is allowed
        }
        starts[i] = static_cast<std::uint8_t>(starts[i] | differs);
        previous_at = at;
        previous_size = size;
        at = end;
    }
}

/// Any other type, by its accessor.
template <class Access>
void mark_others(const Access& access, std::int64_t begin, std::int64_t rows, std::uint8_t* starts) {
    starts[0] = 1;
    for (std::int64_t i = 1; i < rows; ++i) {
        starts[i] =
            static_cast<std::uint8_t>(starts[i] | !Access::same(access.raw(begin + i), access.raw(begin + i - 1)));
    }
}

inline void mark_starts(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint8_t* starts,
                        std::string& space) {
    if (!all_present(chunk, begin, rows)) {
        for (std::int64_t i = 1; i < rows; ++i) {
            const bool differs = bit_at(chunk.validity, chunk.offset + begin + i) !=
                                 bit_at(chunk.validity, chunk.offset + begin + i - 1);
            starts[i] = static_cast<std::uint8_t>(starts[i] | differs);
        }
    }
    const column_type type = chunk.type == column_type::dictionary ? chunk.index_type : chunk.type;
    switch (type) {
        case column_type::nulls: starts[0] = 1; return;
        case column_type::int8:
        case column_type::uint8: return mark_fixed<std::uint8_t>(chunk.data, chunk.offset + begin, rows, starts);
        case column_type::int16:
        case column_type::uint16: return mark_fixed<std::uint16_t>(chunk.data, chunk.offset + begin, rows, starts);
        case column_type::int32:
        case column_type::uint32:
        case column_type::float32:
        case column_type::date32: return mark_fixed<std::uint32_t>(chunk.data, chunk.offset + begin, rows, starts);
        case column_type::int64:
        case column_type::uint64:
        case column_type::float64:
        case column_type::timestamp_s:
        case column_type::timestamp_ms:
        case column_type::timestamp_us:
        case column_type::timestamp_ns:
        case column_type::date64: return mark_fixed<std::uint64_t>(chunk.data, chunk.offset + begin, rows, starts);
        case column_type::utf8_view: return mark_fixed<uint128>(chunk.data, chunk.offset + begin, rows, starts);
        case column_type::utf8: return mark_text<std::int32_t>(chunk, begin, rows, starts);
        case column_type::large_utf8: return mark_text<std::int64_t>(chunk, begin, rows, starts);
        default: with_access(chunk, space, [&](auto access) { mark_others(access, begin, rows, starts); });
    }
}

}  // namespace lgs_rfm::detail
