#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/csv_number.hpp>
#include <lgs_rfm/detail/csv_record.hpp>
#include <lgs_rfm/detail/csv_scan.hpp>
#include <lgs_rfm/detail/csv_value.hpp>
#include <lgs_rfm/detail/equal_texts.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/line_part.hpp>

namespace lgs_rfm::detail {

/// The fast scan: a stretch of text to a block, column by column over the positions of all separators. It reads only
/// what is beyond doubt; the first thing that is not leaves the stretch to the careful way, which reads the same.
class csv_block_reader {
    static_assert(block::capacity % 4 == 0 && block::spare >= 3);

public:
    explicit csv_block_reader(const csv_format& format) : format_(format) {}

    /// What a stretch held; no rows: it is none for the fast scan.
    struct result {
        std::int64_t rows = 0;
        std::size_t bytes = 0;
        std::int64_t newlines = 0;
        std::int64_t rounded = 0;
        std::int64_t floored = 0;
    };

    void begin(line_part& part) noexcept { part_ = &part; }
    [[nodiscard]] block& lines() noexcept { return lines_; }

    /// Finds the records that lie wholly in the first block of text at `base + origin`, `size` bytes long, and start in
    /// its first `within` bytes. Up to 64 bytes behind the text are looked at and ignored.
    [[nodiscard]] result split(const char* base, std::uint32_t origin, std::size_t size, std::size_t within) {
        text_ = base;
        std::size_t words = std::min(words_, (size + 63) / 64);
        bool inner = false;
        for (;;) {
            if (!find_separators(origin, words, size, inner)) return {};
            if (separators_.newlines <= static_cast<std::size_t>(block::capacity)) break;
            words = words_ = std::max<std::size_t>(1, words / 2);  // short records: fewer bytes a block
        }
        const std::size_t fields = format_.fields;
        const std::uint32_t* const separators = separators_.at.data();
        const char* const text = text_;
        std::size_t rows = separators_.newlines;
        if (rows == 0 || rows * fields > separators_.count) return {};
        std::uint32_t odd = 0;  // each last separator of a record must be a newline: then none is elsewhere
        bool carriage = false;  // one file may have both kinds of line ends
        for (std::size_t r = 1; r <= rows; ++r) {
            const std::uint32_t at = separators[r * fields];
            odd |= static_cast<std::uint32_t>(text[at] ^ '\n');
            carriage |= text[at - 1] == '\r';
        }
        carriage_ = carriage;
        if (odd != 0) return {};
        while (rows > 0 && separators_.at[(rows - 1) * fields] + 1 >= origin + within) --rows;

        result found{.rows = static_cast<std::int64_t>(rows)};
        found.bytes = separators_.at[rows * fields] + 1 - origin;
        const char* const first = base + origin;
        found.newlines = inner ? std::count(first, first + found.bytes, '\n') : found.rows;
        return found;
    }

    /// Reads the records that `split` found into `lines()`. False when the careful way must read them.
    [[nodiscard]] bool read(result& found) {
        lines_.rows = found.rows;
        return read_keys(found) && read_numbers(found);
    }

    /// The plain text of a value of the records that `split` found; a view until the next call.
    [[nodiscard]] std::string_view text(std::size_t row, csv_column column) {
        return plain(field_at(row, static_cast<std::size_t>(format_.position[column])));
    }

    /// Calls `visit(begin, end, text)` for each stretch of equal texts of a field of the records that `split` found; a
    /// text is a view until the next one.
    template <class Visit>
    void for_each_text(std::size_t position, std::int64_t rows, Visit&& visit) {
        field before = field_at(0, position);
        std::int64_t begin = 0;
        for (std::int64_t row = 1; row <= rows; ++row) {
            const field now = row < rows ? field_at(static_cast<std::size_t>(row), position) : field{};
            if (row < rows && now.size() == before.size() && equal_texts(now.begin, before.begin, now.size())) continue;
            visit(begin, row, plain(before));
            before = now;
            begin = row;
        }
    }

    /// Takes over what was read last.
    void commit(const result& found, line_part& part) {
        part.rounded_prices += found.rounded;
        part.floored_dates += found.floored;
        sum(part);
    }

    /// Sums the block's lines. Their amounts are known to fit.
    void sum(line_part& part) {
        part.lines += lines_.rows;
        static_cast<void>(sum_runs(lines_, part.runs));
    }

private:
    struct field {
        const char* begin = nullptr;
        const char* end = nullptr;
        [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end - begin); }
        [[nodiscard]] std::string_view text() const noexcept { return {begin, size()}; }
    };

    bool find_separators(std::uint32_t origin, std::size_t words, std::size_t size, bool& inner) {
        const bool quoted = format_.dialect == csv_dialect::quoted;
        find_masks(text_ + origin, words, format_.delimiter, quoted ? '"' : '\\', masks_);
        if (64 * words > size) {
            const std::uint64_t inside = (std::uint64_t{1} << (size % 64)) - 1;
            for (auto* mask : {&masks_.delimiter, &masks_.newline, &masks_.quote}) (*mask)[words - 1] &= inside;
        }
        if (quoted && masks_.quotes && !hide_quoted(masks_, words, inner)) return false;
        list_separators(masks_, words, origin, separators_);
        return true;
    }

    /// A field as it stands, but for the carriage return before the newline.
    [[nodiscard]] field field_at(std::size_t row, std::size_t position) const noexcept {
        const std::size_t i = row * format_.fields + position;
        field found{text_ + separators_.at[i] + 1, text_ + separators_.at[i + 1]};
        if (carriage_ && position + 1 == format_.fields && found.end > found.begin && found.end[-1] == '\r')
            --found.end;
        return found;
    }

    [[nodiscard]] std::string_view plain(const field& of) {
        return format_.dialect == csv_dialect::copy ? plain_copy(of.text(), space_) : plain_quoted(of.text(), space_);
    }

    // ---- keys: compared as bytes with the row before, read only where they change

    bool read_keys(result& found) {
        const auto rows = static_cast<std::size_t>(found.rows);
        std::fill_n(marks_.begin(), rows, std::uint8_t{0});
        marks_[0] = 1;
        for (const csv_column column : {csv_invoice, csv_date, csv_customer}) {
            if (format_.has(column)) mark_changes(static_cast<std::size_t>(format_.position[column]), rows);
        }
        std::size_t starts = 0;
        for (std::size_t r = 0; r < rows; ++r) {
            lines_.start[starts] = static_cast<std::int32_t>(r);
            starts += marks_[r];
        }
        lines_.starts = static_cast<std::int64_t>(starts);
        return read_key(csv_invoice, lines_.invoice.data(), found) && read_key(csv_date, lines_.moment.data(), found) &&
               read_key(csv_customer, lines_.customer.data(), found);
    }

    void mark_changes(std::size_t position, std::size_t rows) noexcept {
        const std::size_t fields = format_.fields;
        const std::uint32_t* at = separators_.at.data() + position;
        if (mark_short_changes(at, rows)) return;
#if LGS_RFM_HAS_VECTORS
        if (runs_on(instruction_set::avx2) && avx2::mark_changes(text_, at, fields, rows, marks_.data())) {
            return;
        }
#endif
        const char* before = text_ + at[0] + 1;
        std::uint32_t before_size = at[1] - at[0];
        for (std::size_t r = 1; r < rows; ++r) {
            at += fields;
            const char* const now = text_ + at[0] + 1;
            const std::uint32_t size = at[1] - at[0];
            const bool same = size == before_size && equal_texts(now, before, size - 1);
            marks_[r] = static_cast<std::uint8_t>(marks_[r] | (same ? 0 : 1));
            before = now;
            before_size = size;
        }
    }

    /// For texts of up to eight bytes, as one word each. False at a longer one.
    bool mark_short_changes(const std::uint32_t* at, std::size_t rows) noexcept {
        const std::size_t fields = format_.fields;
        const char* const text = text_;
        std::uint8_t* const marks = marks_.data();
        std::uint64_t before = 0;
        std::uint32_t before_size = 0;
        std::size_t r = 0;
        for (; r < rows; ++r, at += fields) {
            const std::uint32_t size = at[1] - at[0] - 1;
            if (size > 8) break;
            const std::uint64_t word = size == 0 ? 0 : eight_bytes(text + at[1] - 8) >> (64 - 8 * size);
            marks[r] = static_cast<std::uint8_t>(marks[r] | (((word ^ before) | (size ^ before_size)) != 0 ? 1 : 0));
            before = word;
            before_size = size;
        }
        return r == rows;
    }

    /// Reads a key column at the starts, each text once in a row.
    template <class Value>
    bool read_key(csv_column column, Value* out, result& found) {
        const auto starts = static_cast<std::size_t>(lines_.starts);
        if (!format_.has(column)) {
            std::fill_n(out, starts, static_cast<Value>(missing_key));
            return true;
        }
        const auto position = static_cast<std::size_t>(format_.position[column]);
        field before{text_, text_};
        reading last;
        for (std::size_t k = 0; k < starts; ++k) {
            const field now = field_at(static_cast<std::size_t>(lines_.start[k]), position);
            if (k == 0 || now.size() != before.size() || !equal_texts(now.begin, before.begin, now.size())) {
                const auto quick = read_quickly(column, now);
                last = quick ? reading::of(*quick) : csv_value(column, plain(now), format_, part_->pool);
                if (last.failed) return false;
            }
            if (last.noted) {
                const std::int64_t next = k + 1 < starts ? lines_.start[k + 1] : found.rows;
                found.floored += next - lines_.start[k];
            }
            out[k] = static_cast<Value>(last.value);
            before = now;
        }
        return true;
    }

    /// The commonest keys: whole numbers of up to eight characters (for a customer with zeros behind a point, too), and
    /// moments to the second.
    [[nodiscard]] std::optional<std::uint64_t> read_quickly(csv_column column, field of) const noexcept {
        if (of.size() > 1 && *of.begin == '"' && format_.dialect == csv_dialect::quoted) {
            ++of.begin;
            --of.end;
        }
        if (column == csv_date) {
            const auto at = second_of(of.begin, of.size());
            return at ? std::optional(static_cast<std::uint64_t>(*at)) : std::nullopt;
        }
        // "007", "-7" and "7." are other ids than 7, or rare
        if (of.size() - 1 > 7 || *of.begin < '1' || *of.begin > '9' || of.end[-1] == '.') return std::nullopt;
        const csv_digits number = short_number(eight_bytes(of.end - 8), of.size(), '.');
        if (!number.good || (number.places != 0 && column != csv_customer)) return std::nullopt;
        const std::int64_t whole = number.places == 0 ? number.digits : number.digits / powers_of_ten[number.places];
        if (whole * powers_of_ten[number.places] != number.digits) return std::nullopt;
        return key_of_integer(whole);
    }

    // ---- numbers

    bool read_numbers(result& found) {
        if (format_.has(csv_quantity)) {
            if (!read_column(csv_quantity, lines_.quantity.data(), found)) return false;
        } else {
            std::fill_n(lines_.quantity.begin(), lines_.rows, 0);
        }
        if (!read_column(csv_price, lines_.price.data(), found)) return false;
        const block_widths widths(lines_);
        return !format_.has_price || widths.quantity + widths.price <= 62;  // no amount can leave int64
    }

    /// All of a column at once, then one by one what is written in another way. `out` has room for a whole group of
    /// four.
    bool read_column(csv_column column, std::int64_t* out, result& found) {
        const auto position = static_cast<std::size_t>(format_.position[column]);
        const auto rows = static_cast<std::size_t>(found.rows);
        gather_numbers(position, rows);
        const auto read_all = column == csv_price ? short_numbers<true> : short_numbers<false>;
        if (!read_all(words_at_.data(), lengths_.data(), rows, format_.point, out, bad_.data())) {
            for (std::size_t group = 0; 4 * group < rows; ++group) {
                for (unsigned wrong = bad_[group]; wrong != 0; wrong &= wrong - 1) {
                    const std::size_t r = 4 * group + static_cast<std::size_t>(std::countr_zero(wrong));
                    const reading careful = csv_value(column, plain(field_at(r, position)), format_, part_->pool);
                    if (careful.failed) return false;
                    out[r] = static_cast<std::int64_t>(careful.value);
                    found.rounded += careful.noted ? 1 : 0;
                }
            }
        }
        return true;
    }

    /// The last eight bytes and the length of each field, without quotes around it. Rows up to a whole group are "0".
    void gather_numbers(std::size_t position, std::size_t rows) noexcept {
        const std::size_t fields = format_.fields;
        const std::uint32_t* at = separators_.at.data() + position;
        const char* const text = text_;
        const bool quotes = format_.dialect == csv_dialect::quoted && masks_.quotes;
        const bool carriage = carriage_ && position + 1 == fields;
        if (!carriage && !quotes) {
            for (std::size_t r = 0; r < rows; ++r, at += fields) {
                words_at_[r] = eight_bytes(text + at[1] - 8);
                lengths_[r] = at[1] - at[0] - 1;
            }
        } else if (!carriage) {
            for (std::size_t r = 0; r < rows; ++r, at += fields) {
                const std::uint32_t size = at[1] - at[0] - 1;
                const auto quote = static_cast<std::uint32_t>(quotes & (text[at[0] + 1] == '"') & (size > 1));
                words_at_[r] = eight_bytes(text + at[1] - quote - 8);
                lengths_[r] = size - 2 * quote;
            }
        } else {
            for (std::size_t r = 0; r < rows; ++r, at += fields) {
                const char* begin = text + at[0] + 1;
                const char* end = text + at[1];
                end -= carriage && end > begin && end[-1] == '\r' ? 1 : 0;
                const std::ptrdiff_t quote = quotes && *begin == '"' && end > begin + 1 ? 1 : 0;
                words_at_[r] = eight_bytes(end - quote - 8);
                lengths_[r] = static_cast<std::uint64_t>(end - begin - 2 * quote);
            }
        }
        for (std::size_t r = rows; r % 4 != 0; ++r) {
            words_at_[r] = std::uint64_t{'0'} << 56;
            lengths_[r] = 1;
        }
    }

    csv_format format_;
    line_part* part_ = nullptr;
    const char* text_ = nullptr;
    std::size_t words_ = csv_masks::words;
    bool carriage_ = false;
    std::string space_;
    block lines_;
    csv_masks masks_;
    csv_separators separators_;
    std::array<std::uint8_t, block::capacity> marks_;
    std::array<std::uint64_t, block::capacity> words_at_;  // numbers: the last eight bytes of each
    std::array<std::uint64_t, block::capacity> lengths_;
    std::array<std::uint8_t, block::capacity / 4> bad_;
};

}  // namespace lgs_rfm::detail
