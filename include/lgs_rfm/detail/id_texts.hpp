#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lgs_rfm/detail/decimal_digits.hpp>
#include <lgs_rfm/id.hpp>

namespace lgs_rfm::detail {

/// Where texts are written, end to end, and where each one ends. A value, so that it stays in registers.
template <class Offset>
struct text_place {
    const char* first;
    char* to;
    Offset* ends;

    /// The next text has been written, up to here.
    void end_text(char* at) noexcept {
        to = at;
        *ends++ = static_cast<Offset>(at - first);
    }
};

/// Copies texts [first, first + count) of a list, counted without its integers. There, too, they lie end to end.
template <class Offset>
[[nodiscard]] text_place<Offset> copy_id_texts(const id_list& ids, std::size_t first, std::size_t count,
                                               text_place<Offset> place) noexcept {
    const std::uint64_t* const ends = ids.text_ends().data() + first;
    const std::uint64_t begin = first == 0 ? 0 : ends[-1];
    const std::uint64_t moved = static_cast<std::uint64_t>(place.to - place.first) - begin;  // modulo 2^64
    for (std::size_t i = 0; i < count; ++i) place.ends[i] = static_cast<Offset>(ends[i] + moved);
    const char* const bytes = ids.text_bytes().data();
    return {place.first, std::copy(bytes + begin, bytes + ends[count - 1], place.to), place.ends + count};
}

/// Writes the ids of codes as texts, nothing where one is missing, and returns the place behind them. There is room
/// for `longest_integer` bytes and for the longest text a code. Quick where codes ascend by little, as in a table by
/// id.
template <class Offset>
[[nodiscard]] text_place<Offset> write_id_texts(const id_list& ids, std::span<const std::uint32_t> codes,
                                                text_place<Offset> place) noexcept {
    const std::int64_t* const integers = ids.integers().data();
    const std::size_t count = ids.integers().size();
    integer_writer writer;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::uint32_t code = codes[i];
        if (code < count) {
            place.end_text(writer.write(integers[code], place.to));
        } else if (code == id_column::missing) {
            place.end_text(place.to);
        } else {
            const std::size_t first = i;
            while (i + 1 < codes.size() && codes[i + 1] == codes[i] + 1) ++i;
            place = copy_id_texts(ids, code - count, i + 1 - first, place);
        }
    }
    return place;
}

}  // namespace lgs_rfm::detail
