#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/differences.hpp>
#include <lgs_rfm/detail/row_bits.hpp>

namespace lgs_rfm::detail {

/// Marking: a bit is set for each row whose value differs from the row before, the first row's always. Values are
/// compared as they lie in memory; a row marked too many only splits a run, which is summed up again later.

/// Fixed-width values.
template <class T>
void mark_fixed(const void* data, std::int64_t first, std::int64_t rows, std::int64_t at, row_bits& starts) {
    starts.set(at);
    const void* const values = static_cast<const char*>(data) + first * static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t row = 1; row < rows; row += 64) {
        starts.set(at + row, differing<T>(values, row, std::min<std::int64_t>(64, rows - row)));
    }
}

/// Text by offsets. Rows of equal length lie side by side, so among them a row differs from the one before exactly when
/// its bytes differ from those one length further ahead: the bytes are compared with themselves, shifted, whatever the
/// length is. Rows whose length differs are marked by their offsets alone.
template <class Offset>
void mark_text(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::int64_t at, row_bits& starts) {
    const auto* const bytes = static_cast<const char*>(chunk.data);
    const void* const offsets =
        static_cast<const char*>(chunk.offsets) + (chunk.offset + begin) * static_cast<std::int64_t>(sizeof(Offset));
    std::int64_t from = 0;  // the rows from here on are of one length
    const auto compare = [&](std::int64_t to) {
        const std::int64_t position = load<Offset>(offsets, from);
        const std::int64_t length = load<Offset>(offsets, from + 1) - position;
        if (length > 0) {
            for_each_shifted_difference(bytes + position, length, to - from,
                                        [&](std::int64_t row) { starts.set(at + from + row); });
        }
    };
    starts.set(at);
    for (std::int64_t row = 1; row < rows; row += 64) {
        std::uint64_t changes = differing_lengths<Offset>(offsets, row, std::min<std::int64_t>(64, rows - row));
        starts.set(at + row, changes);
        for (; changes != 0; changes &= changes - 1) {
            const std::int64_t next = row + std::countr_zero(changes);
            compare(next);
            from = next;
        }
    }
    compare(rows);
}

/// Any other type, by its accessor.
template <class Access>
void mark_others(const Access& access, std::int64_t begin, std::int64_t rows, std::int64_t at, row_bits& starts) {
    starts.set(at);
    for (std::int64_t i = 1; i < rows; ++i) {
        if (!Access::same(access.raw(begin + i), access.raw(begin + i - 1))) starts.set(at + i);
    }
}

/// Marks rows [begin, begin + rows) of a chunk as rows `at` and following of the block.
inline void mark_starts(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::int64_t at,
                        row_bits& starts, std::string& space) {
    if (!all_present(chunk, begin, rows)) {
        for (std::int64_t i = 1; i < rows; ++i) {
            const std::int64_t row = chunk.offset + begin + i;
            if (bit_at(chunk.validity, row) != bit_at(chunk.validity, row - 1)) starts.set(at + i);
        }
    }
    const column_type type = chunk.type == column_type::dictionary ? chunk.index_type : chunk.type;
    const auto fixed = [&]<class T>(T) { mark_fixed<T>(chunk.data, chunk.offset + begin, rows, at, starts); };
    switch (type) {
        case column_type::nulls: starts.set(at); return;
        case column_type::int8:
        case column_type::uint8: return fixed(std::uint8_t{});
        case column_type::int16:
        case column_type::uint16: return fixed(std::uint16_t{});
        case column_type::int32:
        case column_type::uint32:
        case column_type::float32:
        case column_type::date32: return fixed(std::uint32_t{});
        case column_type::int64:
        case column_type::uint64:
        case column_type::float64:
        case column_type::timestamp_s:
        case column_type::timestamp_ms:
        case column_type::timestamp_us:
        case column_type::timestamp_ns:
        case column_type::date64: return fixed(std::uint64_t{});
        case column_type::utf8_view: return fixed(uint128{});
        case column_type::utf8: return mark_text<std::int32_t>(chunk, begin, rows, at, starts);
        case column_type::large_utf8: return mark_text<std::int64_t>(chunk, begin, rows, at, starts);
        default: with_access(chunk, space, [&](auto access) { mark_others(access, begin, rows, at, starts); });
    }
}

}  // namespace lgs_rfm::detail
