#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

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

/// Memory that lives as long as the shared pointer to it: the vector's elements.
template <class T>
[[nodiscard]] std::shared_ptr<const void> buffer_of(std::vector<T> values) {
    auto held = std::make_shared<const std::vector<T>>(std::move(values));
    static constexpr std::int64_t nothing = 0;  // an empty vector may have no address, but Arrow wants one
    return {held, held->empty() ? static_cast<const void*>(&nothing) : static_cast<const void*>(held->data())};
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

/// Texts from any source that `text(i)` gives, as Arrow's large_string.
template <class Text>
[[nodiscard]] arrow_node text_node(std::size_t rows, Text&& text) {
    std::vector<std::int64_t> ends{0};
    std::vector<char> bytes;
    ends.reserve(rows + 1);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto value = text(i);
        bytes.insert(bytes.end(), value.begin(), value.end());
        ends.push_back(static_cast<std::int64_t>(bytes.size()));
    }
    arrow_node node;
    node.format = "U";
    node.buffers = {nullptr, buffer_of(std::move(ends)), buffer_of(std::move(bytes))};
    return node;
}

/// Fixed-width values as a node.
template <class T>
[[nodiscard]] arrow_node fixed_node(const char* format, std::vector<T> values) {
    arrow_node node;
    node.format = format;
    node.buffers = {nullptr, buffer_of(std::move(values))};
    return node;
}

/// Turns each kind of column into a node; `valid` comes out as the rows that are missing by themselves.
struct make_node {
    money_format money_as;
    bool text_ids;
    std::vector<std::uint8_t>& valid;

    arrow_node operator()(const std::vector<std::int32_t>& values) const { return fixed_node("i", values); }
    arrow_node operator()(const std::vector<std::int64_t>& values) const { return fixed_node("l", values); }
    arrow_node operator()(const std::vector<double>& values) const { return fixed_node("g", values); }
    arrow_node operator()(const moment_values& values) const { return fixed_node("tsu:", values.micros); }
    arrow_node operator()(const date_values& values) const { return fixed_node("tdD", values.days); }
    arrow_node operator()(const std::vector<money>& values) const {
        if (money_as == money_format::decimal) return fixed_node("d:38,6", values);
        std::vector<double> reals;
        reals.reserve(values.size());
        for (const money value : values) reals.push_back(to_double(value));
        return fixed_node("g", std::move(reals));
    }
    arrow_node operator()(const text_values& values) const {
        return text_node(values.size(), [&](std::size_t i) -> const std::string& { return values[i]; });
    }
    arrow_node operator()(const id_column& ids) const {
        valid.assign(ids.size(), 1);
        for (std::size_t i = 0; i < ids.size(); ++i) valid[i] = ids.codes()[i] == id_column::missing ? 0 : 1;
        if (ids.ids().all_integers() && !text_ids) {
            std::vector<std::int64_t> integers;
            integers.reserve(ids.size());
            for (std::size_t i = 0; i < ids.size(); ++i) integers.push_back(ids[i].integer());
            return fixed_node("l", std::move(integers));
        }
        return text_node(ids.size(), [&](std::size_t i) { return to_string(ids[i]); });
    }
    arrow_node operator()(const category_column& values) const {
        valid.assign(values.size(), 1);
        for (std::size_t i = 0; i < values.size(); ++i) valid[i] = values.codes[i] < 0 ? 0 : 1;
        arrow_node node = fixed_node("i", values.codes);
        node.flags = ARROW_FLAG_DICTIONARY_ORDERED;
        auto names =
            text_node(values.names->size(), [&](std::size_t i) -> const std::string& { return (*values.names)[i]; });
        names.length = static_cast<std::int64_t>(values.names->size());
        node.dictionary = std::make_shared<const arrow_node>(std::move(names));
        return node;
    }
};

[[nodiscard]] inline std::shared_ptr<const arrow_node> node_of(const table& from, money_format money_as) {
    auto root = std::make_shared<arrow_node>();
    root->format = "+s";
    root->length = static_cast<std::int64_t>(from.rows());
    root->buffers = {nullptr};
    for (const table_column& column : from.columns) {
        std::vector<std::uint8_t> valid = column.valid;
        auto child =
            std::make_shared<arrow_node>(std::visit(make_node{money_as, column.text_ids, valid}, column.values));
        child->name = column.name;
        child->length = root->length;
        child->flags |= ARROW_FLAG_NULLABLE;
        std::vector<std::uint8_t> bits((valid.size() + 7) / 8);
        for (std::size_t i = 0; i < valid.size(); ++i) {
            bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | ((valid[i] != 0 ? 1U : 0U) << (i % 8)));
            child->null_count += valid[i] != 0 ? 0 : 1;
        }
        if (child->null_count > 0) child->buffers[0] = buffer_of(std::move(bits));
        root->children.push_back(std::move(child));
    }
    return root;
}

}  // namespace detail

/// Gives a table away as an Arrow struct array (a record batch) and its schema. The consumer releases both, in any
/// order and from any thread. O(cells).
inline void export_arrow(const table& from, ArrowSchema* schema, ArrowArray* array,
                         money_format money_as = money_format::real) {
    const auto root = detail::node_of(from, money_as);
    arrow_schema held;
    detail::exported<ArrowSchema>::make(root, held.get());
    detail::exported<ArrowArray>::make(root, array);
    *schema = *held;
    held.get()->release = nullptr;
}

/// Gives a table away as a stream of one record batch.
inline void export_arrow_stream(const table& from, ArrowArrayStream* out, money_format money_as = money_format::real) {
    struct source {
        std::shared_ptr<const detail::arrow_node> root;
        bool done = false;
    };
    auto held = std::make_unique<source>(source{detail::node_of(from, money_as)});
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

}  // namespace lgs_rfm
