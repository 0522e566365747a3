#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include <lgs_rfm/detail/avx512_marks.hpp>
#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/differences.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/row_bits.hpp>

namespace lgs_rfm::detail {

/// Marking: a bit is set for each row whose value differs from the row before, the first row's always. Values are
/// compared as they lie in memory; a row marked too many only splits a run, which is summed up again later.

/// Fixed-width values.
template <class T>
void mark_fixed(const void* data, std::int64_t first, std::int64_t rows, std::int64_t at, row_bits& starts) {
    starts.set(at);
    const void* const values = static_cast<const char*>(data) + first * static_cast<std::int64_t>(sizeof(T));
#if LGS_RFM_HAS_VECTORS
    if constexpr (sizeof(T) >= 4) {
        if (runs_on(instruction_set::avx512)) {
            return avx512::mark_fixed<sizeof(T)>(static_cast<const char*>(values), rows, at, starts);
        }
    }
#endif
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

/// Texts of up to eight bytes, which nearly all ids are, as words (`word_of`), marked where they differ. Only where
/// AVX-512 makes words cheaper than comparing bytes. False when a text is longer: `mark_text` is the way then.
template <class Offset>
[[nodiscard]] bool mark_words(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::int64_t at,
                              row_bits& starts, std::uint64_t* words) {
#if LGS_RFM_HAS_VECTORS
    const auto* const bytes = static_cast<const char*>(chunk.data);
    const void* const offsets =
        static_cast<const char*>(chunk.offsets) + (chunk.offset + begin) * static_cast<std::int64_t>(sizeof(Offset));
    std::int64_t row =
        avx512::words_of<Offset>(bytes, offsets, rows, load<Offset>(offsets, chunk.length - begin), words,
                                 [&](std::int64_t first, std::uint64_t bits) { starts.set(at + first, bits); });
    std::int64_t length_before = row > 0 ? load<Offset>(offsets, row) - load<Offset>(offsets, row - 1) : -1;
    for (; row < rows; ++row) {  // close to the end of the bytes
        const std::int64_t from = load<Offset>(offsets, row);
        const std::int64_t length = load<Offset>(offsets, row + 1) - from;
        if (length > 8) return false;
        words[row] = length == 0 ? 0 : word_of({bytes + from, static_cast<std::size_t>(length)});
        if (length != length_before || words[row] != words[row - 1]) starts.set(at + row);
        length_before = length;
    }
    starts.set(at);
    return true;
#else
    static_cast<void>(chunk), static_cast<void>(begin), static_cast<void>(rows), static_cast<void>(at);
    static_cast<void>(starts), static_cast<void>(words);
    return false;
#endif
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
        std::uint64_t before = bit_at(chunk.validity, chunk.offset + begin) ? 1 : 0;
        for (std::int64_t i = 0; i < rows; i += 64) {
            const auto count = static_cast<int>(std::min<std::int64_t>(64, rows - i));
            const std::uint64_t bits = bits_at(chunk.validity, chunk.offset + begin + i, count);
            starts.set(at + i, (bits ^ (bits << 1 | before)) & ~std::uint64_t{0} >> (64 - count));
            before = bits >> 63;
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
