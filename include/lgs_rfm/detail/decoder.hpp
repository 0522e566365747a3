#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/cell_access.hpp>
#include <lgs_rfm/detail/expect.hpp>
#include <lgs_rfm/detail/loops.hpp>
#include <lgs_rfm/detail/mark.hpp>
#include <lgs_rfm/detail/resolve.hpp>
#include <lgs_rfm/detail/sum_in_place.hpp>

namespace lgs_rfm::detail {

/// The first value of a column that cannot be read: where, why, and what it was.
struct fault {
    std::int64_t row = 0;
    error_code problem = error_code::internal;
    cell value;
    std::string text;  ///< keeps `value.text` alive
};

/// Turns one column, whatever its type and chunks, into canonical 64-bit values, some rows at a time and in order.
///
/// Quantities and prices are decoded row by row (`decode`). Ids and moments repeat from row to row, so for them rows
/// that differ from the one before are marked first (`mark`), and values are decoded at these only (`decode_at`).
class column_decoder {
public:
    /// Starts at row `first` of the column.
    column_decoder(const column& source, role as, key_pool& pool, std::int64_t first = 0)
        : source_(&source), role_(as), pool_(&pool) {
        advance(first);
    }

    /// Decodes the next `rows` values into `out` and moves on. Returns how many were good: fewer than `rows` means that
    /// `found()` tells the fault of the row that follows them. Amortised O(rows).
    std::int64_t decode(std::int64_t rows, std::uint64_t* out) {
        const std::int64_t good = for_each_slice(
            rows, [&](const column_chunk& chunk, std::int64_t begin, std::int64_t length, std::int64_t done) {
                return decode_slice(chunk, begin, length, done, out + done);
            });
        advance(rows);
        return good;
    }

    /// Marks in `starts` which of the next `rows` rows (at most `block::capacity`) differ from the row before. Does not
    /// move.
    void mark(std::int64_t rows, row_bits& starts) {
        has_words_ = marks_words(rows, starts);
        if (has_words_) return;
        for_each_slice(rows,
                       [&](const column_chunk& chunk, std::int64_t begin, std::int64_t length, std::int64_t done) {
                           mark_starts(chunk, begin, length, done, starts, space_);
                           return length;
                       });
    }

    /// Instead of `mark`, where all rows will be decoded.
    void look_at(std::int64_t rows) {
        row_bits unused;
        has_words_ = marks_words(rows, unused);
    }

    /// The next `rows` values as they lie in memory; null unless they lie side by side and none is missing.
    [[nodiscard]] values_in_place in_place(std::int64_t rows) const noexcept {
        if (chunk_ >= source_->chunks().size()) return {};
        const column_chunk& chunk = source_->chunks()[chunk_];
        const auto size = static_cast<std::int64_t>(width_of(chunk.type));
        if (size == 0 || rows > chunk.length - within_ || !all_present(chunk, within_, rows)) return {};
        return {chunk.type, static_cast<const char*>(chunk.data) + (chunk.offset + within_) * size};
    }

    /// Moves on by rows that were taken as they lie.
    void skip(std::int64_t rows, std::int64_t noted) {
        advance(rows);
        noted_ += noted;
    }

    /// Decodes, of the next `rows` rows, those that `starts` lists (ascending, the first row among them), and moves on.
    /// Returns the number of rows before the first bad one, or `rows`.
    std::int64_t decode_at(std::span<const std::int32_t> starts, std::int64_t rows, std::uint64_t* out) {
        std::size_t k = 0;
        const std::int64_t good = for_each_slice(
            rows, [&](const column_chunk& chunk, std::int64_t begin, std::int64_t length, std::int64_t done) {
                if (k < starts.size())
                    k += decode_usual(chunk, begin - done, starts.subspan(k), done + length, out + k);
                if (k == starts.size() || starts[k] >= done + length) return length;
                return with_reader(chunk, [&](auto&& read) {
                    for (; k < starts.size() && starts[k] < done + length; ++k) {
                        const std::int64_t next = k + 1 < starts.size() ? starts[k + 1] : rows;
                        if (!read(begin + starts[k] - done, starts[k], next - starts[k], out[k]))
                            return starts[k] - done;
                    }
                    return length;
                });
            });
        advance(rows);
        return good;
    }

    [[nodiscard]] const fault& found() const noexcept { return fault_; }
    /// Values since asked last that lost digits: prices rounded to millionths, moments floored to microseconds.
    [[nodiscard]] std::int64_t take_noted() noexcept { return std::exchange(noted_, 0); }

private:
    /// Calls `visit(chunk, first row in it, rows, rows done before)` for the pieces of the next `rows` rows; `visit`
    /// returns how many rows were good, and stops the walk when they are fewer. Returns the rows that were good.
    template <class Visit>
    std::int64_t for_each_slice(std::int64_t rows, Visit&& visit) {
        std::size_t chunk = chunk_;
        std::int64_t within = within_;
        std::int64_t done = 0;
        while (done < rows) {
            const column_chunk& of = source_->chunks()[chunk];
            const std::int64_t slice = std::min(rows - done, of.length - within);
            if (slice > 0) {
                const std::int64_t good = visit(of, within, slice, done);
                done += good;
                if (good < slice) return done;
            }
            ++chunk;
            within = 0;
        }
        return done;
    }

    /// Takes short texts as words, where they lie in one chunk.
    [[nodiscard]] bool marks_words(std::int64_t rows, row_bits& starts) {
        if (!is_id() || !runs_on(instruction_set::avx512) || chunk_ >= source_->chunks().size()) return false;
        const column_chunk& chunk = source_->chunks()[chunk_];
        if (rows > chunk.length - within_ || !all_present(chunk, within_, rows)) return false;
        if (chunk.type != column_type::utf8 && chunk.type != column_type::large_utf8) return false;
        if (!words_) words_ = std::make_unique_for_overwrite<std::uint64_t[]>(block::capacity);
        return chunk.type == column_type::utf8
                   ? mark_words<std::int32_t>(chunk, within_, rows, 0, starts, words_.get())
                   : mark_words<std::int64_t>(chunk, within_, rows, 0, starts, words_.get());
    }

    [[nodiscard]] bool is_id() const noexcept { return role_ == role::required_id || role_ == role::optional_id; }

    void advance(std::int64_t rows) {
        row_ += rows;
        within_ += rows;
        while (chunk_ < source_->chunks().size() && within_ >= source_->chunks()[chunk_].length) {
            within_ -= source_->chunks()[chunk_].length;
            ++chunk_;
        }
    }

    std::int64_t decode_slice(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::int64_t done,
                              std::uint64_t* out) {
        if (decode_whole(chunk, begin, rows, out)) return rows;
        return with_reader(chunk, [&](auto&& read) {
            for (std::int64_t i = 0; i < rows; ++i) {
                if (!read(begin + i, done + i, std::int64_t{1}, out[i])) return i;
            }
            return rows;
        });
    }

    /// Calls `use(read)`, where `read(row of the chunk, row from here, equal rows, out)` decodes one value, or notes
    /// the fault and returns false.
    template <class Use>
    std::int64_t with_reader(const column_chunk& chunk, Use&& use) {
        const auto settle = [this](const reading& found, const cell& value, std::int64_t row, std::int64_t rows,
                                   std::uint64_t& out) {
            if (found.failed) {
                fault_ = {row_ + row, found.problem, value, std::string(value.text)};
                return false;
            }
            out = found.value;
            noted_ += found.noted ? rows : 0;
            return true;
        };
        const auto missing = [&](const column_chunk& of, std::int64_t i) {
            return of.type == column_type::nulls || (of.validity != nullptr && !bit_at(of.validity, of.offset + i));
        };
        if (chunk.type == column_type::dictionary) {
            begin_dictionary(*chunk.dictionary);
            return use([&](std::int64_t i, std::int64_t row, std::int64_t rows, std::uint64_t& out) {
                const std::int64_t index = missing(chunk, i) ? -1 : dictionary_index(chunk, i);
                if (index >= chunk.dictionary->length) {
                    throw error(error_code::out_of_range,
                                "a dictionary index points past its dictionary; the column is damaged");
                }
                if (index < 0) return settle(resolve(role_, cell{}, *pool_), cell{}, row, rows, out);
                const reading& found = dictionary_value(*chunk.dictionary, index);
                return settle(found, found.failed ? entry(*chunk.dictionary, index) : cell{}, row, rows, out);
            });
        }
        return with_access(chunk, space_, [&](auto access) {
            return use([&](std::int64_t i, std::int64_t row, std::int64_t rows, std::uint64_t& out) {
                if (missing(chunk, i)) return settle(resolve(role_, cell{}, *pool_), cell{}, row, rows, out);
                const cell value = access.to_cell(access.raw(i));
                return settle(resolve(role_, value, *pool_), value, row, rows, out);
            });
        });
    }

    /// The commonest keys without the detour over a cell: text that packs, whole doubles, moments in microseconds.
    /// Decodes the first of `rows` (of the chunk, less `shift`) below `end` and returns how many; it stops at the first
    /// that needs a closer look. Where these are neighbours, as in an input of one line an invoice, all together.
    std::size_t decode_usual(const column_chunk& chunk, std::int64_t shift, std::span<const std::int32_t> rows,
                             std::int64_t end, std::uint64_t* out) {
        const bool id = is_id();
        const auto wanted = static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), end) - rows.begin());
        const auto count = static_cast<std::int64_t>(wanted);
        if (count > 1 && rows[wanted - 1] - rows[0] == count - 1 && decode_whole(chunk, shift + rows[0], count, out)) {
            return wanted;
        }
        const auto decode = [&](auto&& one) {
            std::size_t k = 0;
            while (k < wanted && one(shift + rows[k], out[k])) ++k;
            return k;
        };
        const auto decode_text = [&](const auto& access) {
            for (std::size_t k = 0; k < wanted; k += 8) {
                const auto eight = rows.subspan(k, std::min<std::size_t>(8, wanted - k));
                unsigned left = ((1U << eight.size()) - 1) & ~keys_at_once(chunk, shift, eight, out + k);
                for (; left != 0; left &= left - 1) {
                    const std::size_t one = k + static_cast<std::size_t>(std::countr_zero(left));
                    out[one] = short_key(access.raw(shift + rows[one]));
                    if (out[one] == missing_key) return one;
                }
            }
            return wanted;
        };
        const auto decode_number = [&]<class Number>(Number) {
            return decode([&](std::int64_t row, std::uint64_t& key) {
                const bool present = chunk.validity == nullptr || bit_at(chunk.validity, chunk.offset + row);
                const auto value = std::int64_t{load<Number>(chunk.data, chunk.offset + row)};
                key = key_of_integer(value) | (std::uint64_t{present} - 1);
                return (present & packs(value)) | (!present & (role_ == role::optional_id));
            });
        };
        if (id && chunk.type == column_type::int32) return decode_number(std::int32_t{});
        if (id && chunk.type == column_type::int64) return decode_number(std::int64_t{});
        if (id && chunk.type == column_type::dictionary && chunk.dictionary->validity == nullptr) {
            const column_chunk& entries = *chunk.dictionary;
            const auto decode_entry = [&](const auto& access) {
                return decode([&](std::int64_t row, std::uint64_t& key) {
                    const bool present = chunk.validity == nullptr || bit_at(chunk.validity, chunk.offset + row);
                    const std::int64_t index = present ? dictionary_index(chunk, row) : -1;
                    key = index >= 0 && index < entries.length ? short_key(access.raw(index)) : missing_key;
                    return key != missing_key || (index < 0 && role_ == role::optional_id);
                });
            };
            if (entries.type == column_type::utf8) return decode_entry(offset_text_access<std::int32_t>(entries));
            if (entries.type == column_type::large_utf8) return decode_entry(offset_text_access<std::int64_t>(entries));
        }
        if (chunk.validity != nullptr) return 0;
        if (id && chunk.type == column_type::utf8) return decode_text(offset_text_access<std::int32_t>(chunk));
        if (id && chunk.type == column_type::large_utf8) return decode_text(offset_text_access<std::int64_t>(chunk));
        if (id && chunk.type == column_type::utf8_view) return decode_text(view_text_access(chunk));
        if (id && chunk.type == column_type::float64) {
            return decode([&](std::int64_t row, std::uint64_t& key) {
                const auto value = load<double>(chunk.data, chunk.offset + row);
                if (value != value) {
                    key = missing_key;
                    return role_ == role::optional_id;
                }
                if (!(std::fabs(value) < max_float_id)) return false;
                const auto whole = static_cast<std::int64_t>(value);
                key = key_of_integer(whole);
                return static_cast<double>(whole) == value;
            });
        }
        if (role_ == role::moment && chunk.type == column_type::timestamp_us && chunk.type_name.empty()) {
            return decode([&](std::int64_t row, std::uint64_t& at) {
                const auto value = load<std::int64_t>(chunk.data, chunk.offset + row);
                at = static_cast<std::uint64_t>(value);
                return value >= min_moment && value <= max_moment;
            });
        }
        return 0;
    }

    /// The keys of up to eight texts together, where they are there as words or views. Returns a bit for each that is
    /// done.
    [[nodiscard]] unsigned keys_at_once([[maybe_unused]] const column_chunk& chunk, [[maybe_unused]] std::int64_t shift,
                                        [[maybe_unused]] std::span<const std::int32_t> rows,
                                        [[maybe_unused]] std::uint64_t* out) const noexcept {
#if LGS_RFM_HAS_VECTORS
        const auto count = static_cast<std::int64_t>(rows.size());
        const auto first = [&](const void* values, std::size_t width) {
            return static_cast<const char*>(values) + (chunk.offset + shift) * static_cast<std::int64_t>(width);
        };
        if (has_words_ && chunk.type == column_type::utf8) {
            return avx512::keys_of_words<std::int32_t>(words_.get(), first(chunk.offsets, 4), rows.data(), count, out);
        }
        if (has_words_) {
            return avx512::keys_of_words<std::int64_t>(words_.get(), first(chunk.offsets, 8), rows.data(), count, out);
        }
        if (chunk.type == column_type::utf8_view && runs_on(instruction_set::avx512)) {
            return avx512::keys_of_views(first(chunk.data, 16), rows.data(), count, out);
        }
#endif
        return 0;
    }

    /// The usual types of quantities, prices, moments and numeric ids, without a branch a row. False when a value needs
    /// the careful path.
    bool decode_whole(const column_chunk& chunk, std::int64_t begin, std::int64_t rows, std::uint64_t* out) {
        const std::int64_t first = chunk.offset + begin;
        const column_type type = chunk.type;
        const bool present = all_present(chunk, begin, rows);
        if (is_id() && (present || role_ == role::optional_id)) {
            if (type != column_type::int32 && type != column_type::int64) return false;
            const bool packed = type == column_type::int32
                                    ? keys_of_integers<std::int32_t>(chunk.data, first, rows, out)
                                    : keys_of_integers<std::int64_t>(chunk.data, first, rows, out);
            if (packed && !present) set_missing(chunk.validity, first, rows, out);
            return packed;
        }
        if (!present) return false;
        if (width_of(type) == 8 || type == column_type::timestamp_us)
            expect_next<std::int64_t>(chunk.data, first, rows);
        if (role_ == role::quantity && type == column_type::int64) {
            return copy_quantities<std::int64_t>(chunk.data, first, rows, out);
        }
        if (role_ == role::quantity && type == column_type::int32) {
            return copy_quantities<std::int32_t>(chunk.data, first, rows, out);
        }
        if (role_ == role::moment && type == column_type::timestamp_us && chunk.type_name.empty()) {
            return copy_moments(chunk.data, first, rows, out);
        }
        if (role_ != role::price || type != column_type::float64) return false;
        const std::int64_t rounded = scale_prices(chunk.data, first, rows, out);
        noted_ += std::max<std::int64_t>(rounded, 0);
        return rounded >= 0;
    }

    /// Rows whose bit is not set get the key of a missing id.
    static void set_missing(const std::uint8_t* bits, std::int64_t first, std::int64_t rows, std::uint64_t* out) {
        for (std::int64_t row = 0; row < rows; row += 64) {
            const auto count = static_cast<int>(std::min<std::int64_t>(64, rows - row));
            std::uint64_t missing = ~bits_at(bits, first + row, count) & ~std::uint64_t{0} >> (64 - count);
            for (; missing != 0; missing &= missing - 1) out[row + std::countr_zero(missing)] = missing_key;
        }
    }

    /// Makes room for a dictionary's entries, which are read when a row first uses them: a part of the rows may use
    /// few.
    void begin_dictionary(const column_chunk& entries) {
        if (dictionary_ == &entries) return;
        dictionary_ = nullptr;
        const auto count = static_cast<std::size_t>(std::max<std::int64_t>(entries.length, 1));
        dictionary_values_.reset(static_cast<known_reading*>(std::calloc(count, sizeof(known_reading))));
        if (!dictionary_values_) throw std::bad_alloc();
        dictionary_ = &entries;
    }

    const reading& dictionary_value(const column_chunk& entries, std::int64_t index) {
        known_reading& found = dictionary_values_[static_cast<std::size_t>(index)];
        if (!found.known) found = {resolve(role_, entry(entries, index), *pool_), true};
        return found.value;
    }

    cell entry(const column_chunk& entries, std::int64_t index) {
        if (entries.type == column_type::nulls || !all_present(entries, index, 1)) return {};
        return with_access(entries, space_, [&](auto access) { return access.to_cell(access.raw(index)); });
    }

    /// All zeros: not read yet. Such memory costs nothing where nobody looks.
    struct known_reading {
        reading value;
        bool known;
    };
    struct free_memory {
        void operator()(void* memory) const noexcept { std::free(memory); }
    };

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
    std::unique_ptr<known_reading[], free_memory> dictionary_values_;
    std::unique_ptr<std::uint64_t[]> words_;  ///< the next rows' texts, when `has_words_`
    bool has_words_ = false;
};

}  // namespace lgs_rfm::detail
