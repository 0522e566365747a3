#pragma once

#include <cstdint>

#include <lgs_rfm/detail/avx2.hpp>
#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/expect.hpp>
#include <lgs_rfm/detail/instruction_set.hpp>

/// Where values differ from the one before: what starts of runs are found by.
namespace lgs_rfm::detail {

/// Bit k: value `first + k` differs from value `first + k - 1`; for up to 64 values.
template <class T>
[[nodiscard]] std::uint64_t differing(const void* values, std::int64_t first, std::int64_t count) noexcept {
    std::uint64_t bits = 0;
    std::int64_t k = 0;
    expect_next<T>(values, first, count);
#if LGS_RFM_HAS_VECTORS
    constexpr auto width = static_cast<std::int64_t>(sizeof(T));
    if constexpr (width == 4 || width == 8) {
        if (runs_on(instruction_set::avx2)) {
            k = count / (32 / width) * (32 / width);
            bits = avx2::differing<sizeof(T)>(static_cast<const char*>(values) + first * width, static_cast<int>(k));
        }
    }
#endif
    for (; k < count; ++k) {
        const bool differs = load<T>(values, first + k) != load<T>(values, first + k - 1);
        bits |= std::uint64_t{differs} << k;
    }
    return bits;
}

/// Bit k: the text `first + k` is longer or shorter than the one before; for up to 64 texts. `offsets[i]` is where
/// text i starts.
template <class Offset>
[[nodiscard]] std::uint64_t differing_lengths(const void* offsets, std::int64_t first, std::int64_t count) noexcept {
    std::uint64_t bits = 0;
    std::int64_t k = 0;
    expect_next<Offset>(offsets, first, count);
#if LGS_RFM_HAS_VECTORS
    if (runs_on(instruction_set::avx2)) {
        constexpr auto width = static_cast<std::int64_t>(sizeof(Offset));
        k = count / (32 / width) * (32 / width);
        bits = avx2::differing_lengths<sizeof(Offset)>(static_cast<const char*>(offsets) + first * width,
                                                       static_cast<int>(k));
    }
#endif
    const auto length = [&](std::int64_t i) { return load<Offset>(offsets, i + 1) - load<Offset>(offsets, i); };
    for (; k < count; ++k) bits |= std::uint64_t{length(first + k) != length(first + k - 1)} << k;
    return bits;
}

/// Calls `visit(row)`, ascending, for each of `rows` texts of `length` > 0 bytes, laid side by side, that differs from
/// the one before; once or several times for a row. The first row is not asked. O(bytes).
template <class Visit>
void for_each_shifted_difference(const char* bytes, std::int64_t length, std::int64_t rows, Visit&& visit) {
    const std::int64_t size = (rows - 1) * length;
    // Position / length by multiplication, exact for positions below 2^64 / length; they are below rows x length.
    const auto inverse = ~std::uint64_t{0} / static_cast<std::uint64_t>(length) + 1;
    const auto visit_at = [&](std::int64_t position) {
        const auto row =
            1 + (length == 1 ? position
                             : static_cast<std::int64_t>(
                                   static_cast<uint128>(inverse) * static_cast<std::uint64_t>(position) >> 64));
        visit(row);
        return row * length;  // where the next row's bytes are compared
    };
    std::int64_t at = 0;
#if LGS_RFM_HAS_VECTORS
    if (runs_on(instruction_set::avx2)) {
        at = avx2::for_each_difference(bytes, bytes + length, size, visit_at);
    }
#endif
    for (; at + 8 <= size; at += 8) {
        const std::uint64_t different =
            load<std::uint64_t>(bytes + at, 0) ^ load<std::uint64_t>(bytes + at + length, 0);
        if (different == 0) continue;
        for (int byte = 0; byte < 8; ++byte) {
            if (bytes[at + byte] != bytes[at + byte + length]) visit_at(at + byte);
        }
    }
    for (; at < size; ++at) {
        if (bytes[at] != bytes[at + length]) visit_at(at);
    }
}

}  // namespace lgs_rfm::detail
