#include "python_column.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include "arrow_capsule.hpp"
#include "python_objects.hpp"

namespace lgs_rfm::python {

std::shared_ptr<void> keep_alive(py::object object) {
    return {object.release().ptr(), [](void* held) {
                if (Py_IsInitialized() == 0) return;  // at the end of the process there is nobody to give it back to
                const py::gil_scoped_acquire gil;
                Py_DECREF(static_cast<PyObject*>(held));
            }};
}

arrow_stream stream_from(const py::object& source) {
    if (py::hasattr(source, "__arrow_c_stream__")) {
        return take_capsule<ArrowArrayStream>(source.attr("__arrow_c_stream__")(), "arrow_array_stream");
    }
    // One array as a stream: schema and array are handed out once each.
    struct single {
        arrow_schema schema;
        arrow_array array;
    };
    const py::tuple pair = source.attr("__arrow_c_array__")();
    auto held = std::make_unique<single>(
        single{take_capsule<ArrowSchema>(pair[0], "arrow_schema"), take_capsule<ArrowArray>(pair[1], "arrow_array")});
    ArrowArrayStream stream{};
    stream.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
        auto& schema = static_cast<single*>(self->private_data)->schema;
        *out = *schema;
        schema.get()->release = nullptr;
        return 0;
    };
    stream.get_next = [](ArrowArrayStream* self, ArrowArray* out) {
        auto& array = static_cast<single*>(self->private_data)->array;
        *out = *array;
        *array.get() = {};
        return 0;
    };
    stream.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    stream.release = [](ArrowArrayStream* self) {
        delete static_cast<single*>(self->private_data);
        self->release = nullptr;
    };
    stream.private_data = held.release();
    return arrow_stream(&stream);
}

namespace {

/// Bits, 1 = present, from numpy's mask, True = missing.
std::vector<std::uint8_t> validity_of(const py::array& mask, std::int64_t rows) {
    const auto missing = py::array_t<bool, py::array::c_style | py::array::forcecast>(mask);
    if (missing.size() != rows) throw py::value_error("the mask's length differs from the array's");
    std::vector<std::uint8_t> bits((static_cast<std::size_t>(rows) + 7) / 8, 0);
    for (std::int64_t i = 0; i < rows; ++i) {
        if (!missing.data()[i]) bits[static_cast<std::size_t>(i / 8)] |= static_cast<std::uint8_t>(1U << (i % 8));
    }
    return bits;
}

/// The column type of a numpy dtype; `other` for what no column may be.
column_type type_of(const py::dtype& dtype) {
    const auto size = dtype.itemsize();
    const std::size_t step = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
    constexpr column_type signed_types[] = {column_type::int8, column_type::int16, column_type::int32,
                                            column_type::int64};
    constexpr column_type unsigned_types[] = {column_type::uint8, column_type::uint16, column_type::uint32,
                                              column_type::uint64};
    switch (dtype.kind()) {
        case 'i': return signed_types[step];
        case 'u': return unsigned_types[step];
        case 'f': return size == 8 ? column_type::float64 : size == 4 ? column_type::float32 : column_type::other;
        case 'U': return column_type::fixed_ucs4;
        case 'S': return column_type::fixed_bytes;
        case 'O': return column_type::cells;
        case 'M': {
            const std::string text = py::str(static_cast<const py::object&>(dtype));
            if (text.ends_with("[s]")) return column_type::timestamp_s;
            if (text.ends_with("[ms]")) return column_type::timestamp_ms;
            if (text.ends_with("[us]")) return column_type::timestamp_us;
            if (text.ends_with("[ns]")) return column_type::timestamp_ns;
            return column_type::other;
        }
        default: return column_type::other;
    }
}

}  // namespace

python_column column_from_numpy(const py::object& object, const py::object& mask) {
    if (py::cast<py::array>(object).ndim() != 1) {
        throw py::value_error("a column must be one-dimensional, not of " +
                              std::to_string(py::cast<py::array>(object).ndim()) + " dimensions");
    }
    // The same object when it is contiguous and native already, which is the rule; otherwise a copy.
    const auto array = py::cast<py::array>(
        py::module_::import("numpy").attr("ascontiguousarray")(object, object.attr("dtype").attr("newbyteorder")("=")));
    const column_type type = type_of(array.dtype());
    if (type == column_type::cells && mask.is_none()) {
        if (array.size() > std::numeric_limits<std::int32_t>::max()) {
            throw py::value_error("an object column is read up to 2^31 - 1 rows a call; add it in parts");
        }
        return column_from_objects(array);
    }
    python_column result;
    const bool text = type == column_type::fixed_bytes || type == column_type::fixed_ucs4;
    result.holds_text = text;
    result.holds_numbers = !text;
    column_chunk chunk{.type = type,
                       .width = text ? static_cast<std::int32_t>(array.dtype().itemsize()) : 0,
                       .length = static_cast<std::int64_t>(array.size()),
                       .data = array.data()};
    if (type == column_type::other) chunk.type_name = py::str(static_cast<const py::object&>(array.dtype()));
    if (mask.is_none()) {
        result.owner = keep_alive(array);
    } else {
        auto bits = std::make_shared<std::vector<std::uint8_t>>(validity_of(mask, chunk.length));
        chunk.validity = bits->data();
        result.owner =
            std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(keep_alive(array), bits);
    }
    result.values.add(std::move(chunk));
    return result;
}

python_column column_from_arrow(const py::object& source) {
    struct memory {
        arrow_schema schema;
        std::vector<arrow_array> chunks;
    };
    auto held = std::make_shared<memory>();
    python_column result;
    arrow_stream stream = stream_from(source);
    const auto check = [&](int status) {
        if (status == 0) return;
        const char* words = stream.get()->get_last_error(stream.get());
        throw error(error_code::file_access,
                    std::string("the Arrow stream failed: ") + (words == nullptr ? "no reason given" : words));
    };
    check(stream.get()->get_schema(stream.get(), held->schema.get()));
    result.values.mark_present();
    while (true) {
        arrow_array next;
        check(stream.get()->get_next(stream.get(), next.get()));
        if (!next) break;
        held->chunks.push_back(std::move(next));
    }
    for (const arrow_array& chunk : held->chunks) result.values.add(view_arrow_array(*held->schema, *chunk));
    const ArrowSchema& schema = *held->schema;
    column_chunk shape;
    detail::read_arrow_format((schema.dictionary != nullptr ? schema.dictionary : &schema)->format, shape);
    const column_type type = shape.type;
    result.holds_text = type >= column_type::utf8 && type <= column_type::utf8_view;
    result.holds_numbers = !result.holds_text;
    result.owner = held;
    return result;
}

python_column column_from_codes(const py::object& codes, const python_column& categories) {
    python_column indices = column_from_numpy(codes, py::none());
    const column_chunk& from = indices.values.chunks().front();
    python_column result;
    column_chunk entries{.type = column_type::nulls};
    if (categories.values.chunks().size() > 1) throw py::value_error("categories must lie in one chunk");
    if (!categories.values.chunks().empty()) entries = categories.values.chunks().front();
    if (entries.type == column_type::dictionary) {  // object categories: one run an entry, all distinct
        entries = *entries.dictionary;
    }
    result.values.add({.type = column_type::dictionary,
                       .index_type = from.type,
                       .length = from.length,
                       .data = from.data,
                       .dictionary = std::make_shared<const column_chunk>(std::move(entries))});
    result.holds_text = categories.holds_text;
    result.holds_numbers = categories.holds_numbers;
    result.owner =
        std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(indices.owner, categories.owner);
    return result;
}

}  // namespace lgs_rfm::python
