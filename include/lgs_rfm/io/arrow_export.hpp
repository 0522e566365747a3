#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <lgs_rfm/detail/decimal_digits.hpp>
#include <lgs_rfm/detail/id_texts.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/io/arrow_abi.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// How money leaves: as the nearest double, or exactly as decimal128(38, 6).
enum class money_format : std::uint8_t { real, decimal };

namespace detail {

/// An Arrow column with all that its pointers point to. Children and dictionary are nodes of their own.
struct arrow_node {
    std::string format;
    std::string name;
    std::int64_t flags = 0;
    std::int64_t length = 0;
    std::int64_t null_count = 0;
    std::vector<std::shared_ptr<const void>> buffers;  ///< an empty pointer is a buffer that is not there
    std::vector<std::shared_ptr<const arrow_node>> children;
    std::shared_ptr<const arrow_node> dictionary;
};

/// The elements of an array, as memory that lives as long as `owner`. An empty array may have no address, but Arrow
/// wants one.
template <class Array>
[[nodiscard]] std::shared_ptr<const void> buffer_within(const std::shared_ptr<const void>& owner, const Array& values) {
    static constexpr std::int64_t nothing = 0;
    return {owner, values.empty() ? static_cast<const void*>(&nothing) : static_cast<const void*>(values.data())};
}
/// The same for an array of its own.
template <class Array>
[[nodiscard]] std::shared_ptr<const void> buffer_of(Array values) {
    const auto held = std::make_shared<const Array>(std::move(values));
    return buffer_within(held, *held);
}

/// One of Arrow's two structs, made from a node. `private_data` holds the node and the arrays of pointers.
template <class Struct>
struct exported {
    std::shared_ptr<const arrow_node> node;
    std::vector<const void*> buffers;
    std::vector<Struct> children;
    std::vector<Struct*> child_pointers;
    Struct dictionary{};

    static void release(Struct* held) {
        auto* const self = static_cast<exported*>(held->private_data);
        for (Struct& child : self->children) {
            if (child.release != nullptr) child.release(&child);
        }
        if (self->dictionary.release != nullptr) self->dictionary.release(&self->dictionary);
        held->release = nullptr;
        delete self;
    }

    static void make(std::shared_ptr<const arrow_node> node, Struct* out) {
        auto self = std::make_unique<exported>();
        self->node = std::move(node);
        const arrow_node& from = *self->node;
        self->children.resize(from.children.size());
        for (std::size_t i = 0; i < from.children.size(); ++i) {
            make(from.children[i], &self->children[i]);
            self->child_pointers.push_back(&self->children[i]);
        }
        *out = {};
        if (from.dictionary) {
            make(from.dictionary, &self->dictionary);
            out->dictionary = &self->dictionary;
        }
        out->n_children = static_cast<std::int64_t>(from.children.size());
        out->children = self->child_pointers.data();
        if constexpr (std::is_same_v<Struct, ArrowSchema>) {
            out->format = from.format.c_str();
            out->name = from.name.c_str();
            out->flags = from.flags;
        } else {
            for (const auto& buffer : from.buffers) self->buffers.push_back(buffer.get());
            out->length = from.length;
            out->null_count = from.null_count;
            out->n_buffers = static_cast<std::int64_t>(self->buffers.size());
            out->buffers = self->buffers.data();
        }
        out->release = &exported::release;
        out->private_data = self.release();
    }
};

/// Says which of a node's rows are there, as `present(i)` tells; where all are, Arrow needs no bits.
template <class Present>
void mark_missing(arrow_node& node, std::size_t rows, Present&& present) {
    std::vector<std::uint8_t> bits((rows + 7) / 8);
    std::size_t there = 0;
    std::array<std::uint8_t, 64> flags;  // in two steps, of which the compiler makes vector code
    for (std::size_t row = 0; row < rows; row += flags.size()) {
        const std::size_t count = std::min(flags.size(), rows - row);
        if (count < flags.size()) flags = {};
        for (std::size_t k = 0; k < count; ++k) flags[k] = present(row + k) ? 1 : 0;
        for (std::size_t k = 0; k < count; k += 8) {
            std::uint64_t eight = 0;
            for (std::size_t byte = 0; byte < 8; ++byte) eight |= std::uint64_t{flags[k + byte]} << (8 * byte);
            // The highest byte of a product: a bit for each byte, or the sum of them.
            bits[(row + k) / 8] = static_cast<std::uint8_t>(eight * 0x0102'0408'1020'4080 >> 56);
            there += eight * 0x0101'0101'0101'0101 >> 56;
        }
    }
    node.null_count = static_cast<std::int64_t>(rows - there);
    node.buffers[0] = there == rows ? nullptr : buffer_of(std::move(bits));
}

/// Texts with offsets of this type: `write(begin, end, place)` writes texts [begin, end), of no more than `longest`
/// bytes each, and returns the place behind them.
template <class Offset, class Write>
[[nodiscard]] arrow_node text_node(std::size_t rows, std::size_t longest, Write&& write) {
    const std::size_t at_once =
        std::clamp<std::size_t>((std::size_t{1} << 16) / std::max<std::size_t>(longest, 1), 1, 1024);
    record_array<Offset> ends;
    record_array<char> bytes;
    bytes.reserve(8 * rows);  // as ids have
    Offset* end = ends.extend(rows + 1);
    *end++ = 0;
    for (std::size_t i = 0; i < rows;) {
        const std::size_t stop = std::min(rows, i + at_once);
        char* const to = bytes.extend((stop - i) * longest);
        const text_place<Offset> behind = write(i, stop, text_place<Offset>{bytes.data(), to, end});
        bytes.truncate(static_cast<std::size_t>(behind.to - behind.first));
        end = behind.ends;
        i = stop;
    }
    arrow_node node;
    node.format = sizeof(Offset) == 4 ? "u" : "U";
    node.buffers = {nullptr, buffer_of(std::move(ends)), buffer_of(std::move(bytes))};
    return node;
}

/// The same of texts that are there, `text(i)` each.
template <class Text>
[[nodiscard]] arrow_node node_of_texts(std::size_t rows, Text&& text) {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < rows; ++i) longest = std::max(longest, text(i).size());
    return text_node<std::int64_t>(rows, longest, [&](std::size_t i, std::size_t end, auto place) {
        for (; i < end; ++i) {
            const std::string_view each = text(i);
            place.end_text(std::copy(each.begin(), each.end(), place.to));
        }
        return place;
    });
}

/// Turns each kind of column into a node. Numbers are not copied: they stay in the table, which the node keeps.
struct make_node {
    std::shared_ptr<const table> from;
    money_format money_as;
    bool text_ids;
    std::string_view wanted;  ///< the format that was asked for, or none

    /// Fixed-width values of the table.
    template <class Array>
    [[nodiscard]] arrow_node shared(const char* format, const Array& values) const {
        arrow_node node;
        node.format = format;
        node.buffers = {nullptr, buffer_within(from, values)};
        return node;
    }
    /// Fixed-width values made here.
    template <class Array>
    [[nodiscard]] static arrow_node made(const char* format, Array values) {
        arrow_node node;
        node.format = format;
        node.buffers = {nullptr, buffer_of(std::move(values))};
        return node;
    }

    arrow_node operator()(const large_vector<std::int32_t>& values) const { return shared("i", values); }
    arrow_node operator()(const large_vector<std::int64_t>& values) const { return shared("l", values); }
    arrow_node operator()(const large_vector<double>& values) const { return shared("g", values); }
    arrow_node operator()(const moment_values& values) const { return shared("tsu:", values.micros); }
    arrow_node operator()(const date_values& values) const { return shared("tdD", values.days); }
    arrow_node operator()(const large_vector<money>& values) const {
        if (money_as == money_format::decimal) return shared("d:38,6", values);
        auto reals = unwritten<double>(values.size());
        std::transform(values.begin(), values.end(), reals.begin(), [](money value) { return to_double(value); });
        return made("g", std::move(reals));
    }
    arrow_node operator()(const text_values& values) const {
        return node_of_texts(values.size(), [&](std::size_t i) { return std::string_view(values[i]); });
    }
    arrow_node operator()(const id_column& ids) const {
        arrow_node node = ids.ids().all_integers() && !text_ids ? node_of_integers(ids) : node_of_id_texts(ids);
        mark_missing(node, ids.size(),
                     [codes = ids.codes().data()](std::size_t i) { return codes[i] != id_column::missing; });
        return node;
    }
    arrow_node operator()(const category_column& values) const {
        arrow_node node = shared("i", values.codes);
        mark_missing(node, values.size(), [codes = values.codes.data()](std::size_t i) { return codes[i] >= 0; });
        node.flags = ARROW_FLAG_DICTIONARY_ORDERED;
        const std::vector<std::string>& texts = *values.names;
        auto names = node_of_texts(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); });
        names.length = static_cast<std::int64_t>(texts.size());
        node.dictionary = std::make_shared<const arrow_node>(std::move(names));
        return node;
    }

private:
    [[nodiscard]] arrow_node node_of_integers(const id_column& ids) const {
        const auto& integers = ids.ids().integers();  // ascending
        using narrow = std::numeric_limits<std::int32_t>;
        const bool fit = integers.empty() || (integers.front() >= narrow::min() && integers.back() <= narrow::max());
        return wanted == "i" && fit ? made("i", ids.integers<std::int32_t>()) : made("l", ids.integers());
    }
    [[nodiscard]] arrow_node node_of_id_texts(const id_column& ids) const {
        const id_list& list = ids.ids();
        std::size_t longest = longest_integer;
        for (std::size_t i = 0; i < list.text_ends().size(); ++i) longest = std::max(longest, list.text_at(i).size());
        const auto write = [&](std::size_t begin, std::size_t end, auto place) {
            return write_id_texts(list, std::span(ids.codes()).subspan(begin, end - begin), place);
        };
        constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();  // bytes with offsets of 32 bits
        return wanted == "u" && ids.size() <= most / longest ? text_node<std::int32_t>(ids.size(), longest, write)
                                                             : text_node<std::int64_t>(ids.size(), longest, write);
    }
};

/// A column of a table.
[[nodiscard]] inline std::shared_ptr<const arrow_node> node_of(const std::shared_ptr<const table>& from,
                                                               const table_column& column, money_format money_as,
                                                               std::string_view wanted = {}) {
    auto node =
        std::make_shared<arrow_node>(std::visit(make_node{from, money_as, column.text_ids, wanted}, column.values));
    node->name = column.name;
    node->length = static_cast<std::int64_t>(column.size());
    node->flags |= ARROW_FLAG_NULLABLE;
    // Ids and categories tell by themselves which rows are missing, and know of more than `valid` does.
    const bool told =
        std::holds_alternative<id_column>(column.values) || std::holds_alternative<category_column>(column.values);
    if (!told && !column.valid.empty()) {
        mark_missing(*node, column.size(), [valid = column.valid.data()](std::size_t i) { return valid[i] != 0; });
    }
    return node;
}

/// The format that a schema asks for a column of this name, or none.
[[nodiscard]] inline std::string_view format_in(const ArrowSchema* requested, const std::string& name) {
    for (std::int64_t i = 0; requested != nullptr && i < requested->n_children; ++i) {
        const ArrowSchema& field = *requested->children[i];
        if (field.name != nullptr && field.name == name && field.dictionary == nullptr) return field.format;
    }
    return {};
}

[[nodiscard]] inline std::shared_ptr<const arrow_node> node_of(const std::shared_ptr<const table>& from,
                                                               money_format money_as,
                                                               const ArrowSchema* requested = nullptr) {
    auto root = std::make_shared<arrow_node>();
    root->format = "+s";
    root->length = static_cast<std::int64_t>(from->rows());
    root->buffers = {nullptr};
    root->children.resize(from->columns.size());
    thread_pool::run(root->children.size(), threads_for(from->rows()), [&](std::size_t i) {
        const table_column& column = from->columns[i];
        root->children[i] = node_of(from, column, money_as, format_in(requested, column.name));
    });
    return root;
}

inline void export_node(const std::shared_ptr<const arrow_node>& root, ArrowSchema* schema, ArrowArray* array) {
    arrow_schema held;
    exported<ArrowSchema>::make(root, held.get());
    exported<ArrowArray>::make(root, array);
    *schema = *held;
    held.get()->release = nullptr;
}

}  // namespace detail

/// Gives a table away as an Arrow struct array (a record batch) and its schema. Numbers are not copied; the table lives
/// until the consumer has released both, in any order and from any thread. O(cells).
inline void export_arrow(std::shared_ptr<const table> from, ArrowSchema* schema, ArrowArray* array,
                         money_format money_as = money_format::real) {
    detail::export_node(detail::node_of(from, money_as), schema, array);
}

/// Gives one column of a table away, `from->columns[which]`, as an Arrow array, likewise. O(rows).
inline void export_arrow_column(std::shared_ptr<const table> from, std::size_t which, ArrowSchema* schema,
                                ArrowArray* array, money_format money_as = money_format::real) {
    detail::export_node(detail::node_of(from, from->columns[which], money_as), schema, array);
}

inline void export_arrow(table from, ArrowSchema* schema, ArrowArray* array,
                         money_format money_as = money_format::real) {
    export_arrow(std::make_shared<const table>(std::move(from)), schema, array, money_as);
}

/// Gives a table away as a stream of one record batch. `requested`: a schema that the consumer would like, borrowed for
/// the call. Where it has a column of the same name, ids leave as string instead of large_string, or as int32 instead
/// of int64, if they fit; all else stays as it is.
inline void export_arrow_stream(std::shared_ptr<const table> from, ArrowArrayStream* out,
                                money_format money_as = money_format::real, const ArrowSchema* requested = nullptr) {
    struct source {
        std::shared_ptr<const detail::arrow_node> root;
        bool done = false;
    };
    auto held = std::make_unique<source>(source{detail::node_of(from, money_as, requested)});
    *out = {};
    out->get_schema = [](ArrowArrayStream* stream, ArrowSchema* schema) {
        detail::exported<ArrowSchema>::make(static_cast<source*>(stream->private_data)->root, schema);
        return 0;
    };
    out->get_next = [](ArrowArrayStream* stream, ArrowArray* array) {
        auto* const self = static_cast<source*>(stream->private_data);
        *array = {};
        if (!self->done) detail::exported<ArrowArray>::make(self->root, array);
        self->done = true;
        return 0;
    };
    out->get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    out->release = [](ArrowArrayStream* stream) {
        delete static_cast<source*>(stream->private_data);
        stream->release = nullptr;
    };
    out->private_data = held.release();
}

inline void export_arrow_stream(table from, ArrowArrayStream* out, money_format money_as = money_format::real,
                                const ArrowSchema* requested = nullptr) {
    export_arrow_stream(std::make_shared<const table>(std::move(from)), out, money_as, requested);
}

}  // namespace lgs_rfm
