#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/resolve.hpp>

namespace lgs_rfm::detail {

/// The first value of a column that cannot be read: where, why, and what it was.
struct fault {
    std::int64_t row = 0;
    error_code problem = error_code::internal;
    cell value;
    std::string text;  ///< keeps `value.text` alive
};

/// Turns one column, whatever its type and chunks, into canonical 64-bit values, some rows at a time and in order.
/// A value is decoded only where it differs from the row before; equal neighbours are compared raw.
class column_decoder {
public:
    column_decoder(const column& source, role as, key_pool& pool) : source_(&source), role_(as), pool_(&pool) {}

    /// Decodes the next `rows` values into `out`. Returns how many were good: fewer than `rows` means that `found()`
    /// tells the fault of the row that follows them. Amortised O(rows).
    std::int64_t decode(std::int64_t rows, std::uint64_t* out) {
        std::int64_t done = 0;
        while (done < rows) {
            const column_chunk& chunk = source_->chunks()[chunk_];
            if (within_ == chunk.length) {
                ++chunk_;
                within_ = 0;
                continue;
            }
            const std::int64_t slice = std::min(rows - done, chunk.length - within_);
            const std::int64_t good = decode_slice(chunk, within_, slice, out + done);
            done += good;
            within_ += good;
            row_ += good;
            if (good < slice) break;
        }
        return done;
    }

    [[nodiscard]] const fault& found() const noexcept { return fault_; }
    /// Values so far that lost digits: prices rounded to millionths, moments floored to microseconds.
    [[nodiscard]] std::int64_t noted() const noexcept { return noted_; }

private:
    std::int64_t decode_slice(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
        if (chunk.type == column_type::dictionary) {
            return decode_dictionary(chunk, begin, rows, out);
        }
        if (chunk.type == column_type::nulls) {
            const reading missing = resolve(role_, cell{}, *pool_);
            if (missing.failed) return stop(0, missing, cell{});
            std::fill_n(out, rows, missing.value);
            return rows;
        }
        const bool whole = all_present(chunk, begin, rows);
        if (whole && decode_whole(chunk, begin, rows, out)) return rows;
        return with_access(chunk, space_, [&](auto access) { return decode_runs(chunk, access, whole, begin, rows, out); });
    }

    /// Reads a value once for each stretch of equal neighbours; a missing value ends a stretch.
    template <class Access>
    std::int64_t decode_runs(const column_chunk& chunk, const Access& access, bool whole, std::int64_t begin,
                             std::int64_t rows, std::uint64_t* out) {
        const auto present = [&](std::int64_t i) {
            return whole || bit_at(chunk.validity, chunk.offset + begin + i);
        };
        std::int64_t end = 0;
        for (std::int64_t i = 0; i < rows; i = end) {
            end = i + 1;
            cell value;
            if (present(i)) {
                const auto raw = access.raw(begin + i);
                while (end < rows && present(end) && Access::same(access.raw(begin + end), raw)) ++end;
                value = access.to_cell(raw);
            }
            const reading read = resolve(role_, value, *pool_);
            if (read.failed) return stop(i, read, value);
            std::fill(out + i, out + end, read.value);
            noted_ += read.noted ? end - i : 0;
        }
        return rows;
    }

    /// The columns in which every row differs, without a branch a row. False when a value needs the careful path.
    bool decode_whole(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
        if (role_ == role::quantity) {
            switch (chunk.type) {
                case column_type::int64: return decode_quantities<std::int64_t>(chunk, begin, rows, out);
                case column_type::int32: return decode_quantities<std::int32_t>(chunk, begin, rows, out);
                case column_type::int16: return decode_quantities<std::int16_t>(chunk, begin, rows, out);
                default: return false;
            }
        }
        return role_ == role::price && chunk.type == column_type::float64 && decode_prices(chunk, begin, rows, out);
    }

    /// Whole numbers in place: the check is one OR per row, so the loop vectorises.
    template <class T>
    static bool decode_quantities(const column_chunk& chunk, std::int64_t begin, std::int64_t rows,
                                  std::uint64_t* out) {
        bool bad = false;
        for (std::int64_t i = 0; i < rows; ++i) {
            const std::int64_t value = load<T>(chunk.data, chunk.offset + begin + i);
            bad |= value > max_quantity || value < -max_quantity;
            out[i] = static_cast<std::uint64_t>(value);
        }
        return !bad;
    }

    /// Doubles to millionths for the usual range |p * 1e6| < 2^51, where adding 1.5 * 2^52 leaves the rounded whole
    /// number in the low bits: `read_money` without a branch. False when a value is outside; nothing is counted then.
    bool decode_prices(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
        bool bad = false;
        std::int64_t rounded = 0;
        for (std::int64_t i = 0; i < rows; ++i) {
            const double scaled = load<double>(chunk.data, chunk.offset + begin + i) * 1e6;
            constexpr double magic = 0x1.8p52;
            const double shifted = scaled + magic;
            const double whole = shifted - magic;
            bad |= !(std::fabs(scaled) < 0x1p51);
            rounded += std::fabs(scaled - whole) > std::fabs(whole) * 0x1p-51 ? 1 : 0;
            out[i] = std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(magic);
        }
        noted_ += bad ? 0 : rounded;
        return !bad;
    }

    /// Reads the dictionary's entries once, then rows are look-ups. An entry that cannot be read only matters to a row
    /// that uses it.
    std::int64_t decode_dictionary(const column_chunk& chunk, std::int64_t begin, std::int64_t rows,
                                   std::uint64_t* out) {
        const column_chunk& entries = *chunk.dictionary;
        if (dictionary_ != &entries) {
            dictionary_values_.clear();
            dictionary_values_.reserve(static_cast<std::size_t>(entries.length));
            for (std::int64_t i = 0; i < entries.length; ++i) {
                dictionary_values_.push_back(resolve(role_, entry(entries, i), *pool_));
            }
            dictionary_ = &entries;
        }
        for (std::int64_t i = 0; i < rows; ++i) {
            const bool present = chunk.validity == nullptr || bit_at(chunk.validity, chunk.offset + begin + i);
            const std::int64_t index = present ? dictionary_index(chunk, begin + i) : -1;
            if (index >= entries.length) {
                throw error(error_code::out_of_range, "a dictionary index points past its dictionary; the column is damaged");
            }
            const reading value = index < 0 ? resolve(role_, cell{}, *pool_) : dictionary_values_[static_cast<std::size_t>(index)];
            if (value.failed) return stop(i, value, index < 0 ? cell{} : entry(entries, index));
            out[i] = value.value;
            noted_ += value.noted ? 1 : 0;
        }
        return rows;
    }

    cell entry(const column_chunk& entries, std::int64_t index) {
        if (entries.type == column_type::nulls || !all_present(entries, index, 1)) return {};
        return with_access(entries, space_, [&](auto access) { return access.to_cell(access.raw(index)); });
    }

    std::int64_t stop(std::int64_t good, const reading& bad, const cell& value) {
        fault_ = {row_ + good, bad.problem, value, std::string(value.text)};
        return good;
    }

    const column* source_;
    role role_;
    key_pool* pool_;
    std::size_t chunk_ = 0;
    std::int64_t within_ = 0;
    std::int64_t row_ = 0;
    std::int64_t noted_ = 0;
    fault fault_;
    std::string space_;
    const column_chunk* dictionary_ = nullptr;
    std::vector<reading> dictionary_values_;
};

}  // namespace lgs_rfm::detail
