#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/error.hpp>
#include <lgs_rfm/io/arrow_abi.hpp>
#include <lgs_rfm/io/column_names.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/lines.hpp>

namespace lgs_rfm {

namespace detail {

[[nodiscard]] inline bool is_utc(std::string_view zone) noexcept {
    return zone.empty() || zone == "UTC" || zone == "Etc/UTC" || zone == "GMT" || zone == "Z" || zone == "+00:00";
}

/// Fills in the chunk's type from an Arrow format string; `other` for what no column of ours may be.
inline void read_arrow_format(std::string_view format, column_chunk& chunk) {
    constexpr std::pair<std::string_view, column_type> plain[] = {
        {"n", column_type::nulls},      {"c", column_type::int8},       {"s", column_type::int16},
        {"i", column_type::int32},      {"l", column_type::int64},      {"C", column_type::uint8},
        {"S", column_type::uint16},     {"I", column_type::uint32},     {"L", column_type::uint64},
        {"f", column_type::float32},    {"g", column_type::float64},    {"u", column_type::utf8},
        {"U", column_type::large_utf8}, {"vu", column_type::utf8_view}, {"tdD", column_type::date32},
        {"tdm", column_type::date64}};
    for (const auto& [text, type] : plain) {
        if (format == text) {
            chunk.type = type;
            return;
        }
    }
    constexpr std::pair<std::string_view, column_type> timestamps[] = {{"tss:", column_type::timestamp_s},
                                                                       {"tsm:", column_type::timestamp_ms},
                                                                       {"tsu:", column_type::timestamp_us},
                                                                       {"tsn:", column_type::timestamp_ns}};
    for (const auto& [text, type] : timestamps) {
        if (format.starts_with(text)) {
            chunk.type = type;
            const std::string_view zone = format.substr(text.size());
            chunk.type_name = is_utc(zone) ? "" : std::string(zone);
            return;
        }
    }
    if (format.starts_with("d:")) {  // d:precision,scale[,bits]
        const std::string rest(format.substr(2));
        const auto first = rest.find(',');
        const auto second = first == std::string::npos ? first : rest.find(',', first + 1);
        if (first != std::string::npos && (second == std::string::npos || rest.substr(second + 1) == "128")) {
            chunk.type = column_type::decimal128;
            chunk.width = std::atoi(rest.c_str() + first + 1);
            return;
        }
    }
    chunk.type = column_type::other;
    chunk.type_name = format == "b" ? "bool" : "Arrow format '" + std::string(format) + "'";
}

}  // namespace detail

/// A view of an Arrow array; `array` must outlive it. `offset` and `length` come from an enclosing struct array.
[[nodiscard]] inline column_chunk view_arrow_array(const ArrowSchema& schema, const ArrowArray& array,
                                                   std::int64_t offset = 0, std::optional<std::int64_t> length = {}) {
    column_chunk chunk;
    detail::read_arrow_format(schema.format, chunk);
    chunk.length = length.value_or(array.length);
    chunk.offset = array.offset + offset;
    if (schema.dictionary != nullptr && array.dictionary != nullptr) {
        chunk.index_type = chunk.type;
        chunk.type = column_type::dictionary;
        chunk.dictionary =
            std::make_shared<const column_chunk>(view_arrow_array(*schema.dictionary, *array.dictionary));
    }
    const auto buffer = [&](std::int64_t i) { return i < array.n_buffers ? array.buffers[i] : nullptr; };
    if (chunk.type != column_type::nulls && array.null_count != 0) {
        chunk.validity = static_cast<const std::uint8_t*>(buffer(0));
    }
    if (chunk.type == column_type::utf8 || chunk.type == column_type::large_utf8) {
        chunk.offsets = buffer(1);
        chunk.data = buffer(2);
        if (chunk.offsets == nullptr) chunk.length = 0;  // allowed for arrays of length 0
    } else {
        chunk.data = buffer(1);
        if (chunk.type == column_type::utf8_view) chunk.offsets = array.buffers + 2;
    }
    return chunk;
}

/// Lines out of a stream of record batches, one batch at a time, read in place.
class arrow_lines {
public:
    /// Takes over the stream. `others`: columns of the caller's own that become `invoice_lines::others`. Throws as
    /// `match_columns` does, `missing_column` for one of the others, and `wrong_type` when the stream is no table.
    explicit arrow_lines(arrow_stream stream, const column_names& names = {},
                         const std::vector<std::string>& others = {})
        : stream_(std::move(stream)) {
        check(stream_.get()->get_schema(stream_.get(), schema_.get()));
        if (std::string_view(schema_->format) != "+s") {
            throw error(error_code::wrong_type, "the Arrow stream holds no table but format '" +
                                                    std::string(schema_->format) + "'; give record batches");
        }
        for (std::int64_t i = 0; i < schema_->n_children; ++i) {
            const char* name = schema_->children[i]->name;
            input_.emplace_back(name == nullptr ? "" : name);
        }
        match_ = match_columns(input_, names);
        for (const std::string& name : others) others_.emplace_back(name, find_column(input_, name));
    }

    /// Moves to the next batch, releasing the one before. False at the end. Throws `file_access` with the producer's
    /// words when it fails.
    [[nodiscard]] bool next() {
        lines_ = {};
        batch_.reset();
        check(stream_.get()->get_next(stream_.get(), batch_.get()));
        if (batch_ && batch_->null_count != 0 && batch_->n_buffers > 0 && !all_rows_there()) {
            throw error(error_code::missing_value,
                        "the Arrow stream has rows that are missing as a whole; drop them before");
        }
        connect();
        return static_cast<bool>(batch_);
    }

    /// The batch's lines: views, valid until `next` is called or the reader goes. Without a batch: columns of no rows.
    [[nodiscard]] const invoice_lines& lines() const noexcept { return lines_; }
    [[nodiscard]] const std::vector<std::string>& ignored_columns() const noexcept { return match_.ignored; }

    /// Our names of the columns that hold text, dictionaries of text included.
    [[nodiscard]] std::vector<std::string> text_columns() const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < line_columns.size(); ++i) {
            if (!match_.position[i]) continue;
            const ArrowSchema* schema = schema_->children[*match_.position[i]];
            column_chunk shape;
            detail::read_arrow_format((schema->dictionary != nullptr ? schema->dictionary : schema)->format, shape);
            if (shape.type >= column_type::utf8 && shape.type <= column_type::utf8_view) {
                names.emplace_back(line_columns[i].name);
            }
        }
        return names;
    }

private:
    /// A struct array may hide rows behind a bitmap of its own, which the columns do not know.
    [[nodiscard]] bool all_rows_there() const noexcept {
        column_chunk rows;
        rows.offset = batch_->offset;
        rows.validity = static_cast<const std::uint8_t*>(batch_->buffers[0]);
        return detail::all_present(rows, 0, batch_->length);
    }

    void connect() {
        const auto fill = [this](column& to, std::size_t position) {
            to.mark_present();
            if (batch_) {
                const auto child = static_cast<std::int64_t>(position);
                to.add(view_arrow_array(*schema_->children[child], *batch_->children[child], batch_->offset,
                                        batch_->length));
            }
        };
        for (std::size_t i = 0; i < line_columns.size(); ++i) {
            if (match_.position[i]) fill(line_columns[i].of(lines_), *match_.position[i]);
        }
        for (const auto& [name, position] : others_) fill(lines_.others[name], position);
    }

    void check(int status) {
        if (status == 0) return;
        const char* words = stream_.get()->get_last_error(stream_.get());
        throw error(error_code::file_access,
                    std::string("the Arrow stream failed: ") + (words == nullptr ? "no reason given" : words));
    }

    arrow_stream stream_;
    arrow_schema schema_;
    arrow_array batch_;
    std::vector<std::string> input_;
    column_match match_;
    std::vector<std::pair<std::string, std::size_t>> others_;
    invoice_lines lines_;
};

/// Adds all batches of a stream as one input. Nothing is added when one of them cannot be read.
inline reading_report add_arrow(ledger& book, arrow_stream stream, const column_names& names = {},
                                copies_policy copies = copies_policy::keep) {
    arrow_lines reader(std::move(stream), names);
    detail::entry_builder builder(book.config());
    while (reader.next()) builder.add(reader.lines());
    builder.add(reader.lines());  // no rows, but the columns are checked even when there was no batch
    auto made = builder.finish(copies);
    book.add(std::move(made.entries));
    made.report.ignored_columns = reader.ignored_columns();
    return std::move(made.report);
}

}  // namespace lgs_rfm
