#include "python_table.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <pybind11/numpy.h>

namespace lgs_rfm::python {

namespace {

/// A numpy array over memory that `owner` keeps.
template <class T>
py::array view(const detail::large_vector<T>& values, const char* dtype, const py::object& owner, bool writable) {
    py::array array(py::dtype(dtype), {static_cast<py::ssize_t>(values.size())}, {}, values.data(), owner);
    if (!writable) array.attr("setflags")(py::arg("write") = false);
    return array;
}

/// True where a value is missing, or None.
template <class Missing>
py::object mask_of(std::size_t rows, Missing&& missing) {
    std::size_t first = 0;
    while (first < rows && !missing(first)) ++first;
    if (first == rows) return py::none();
    py::array_t<bool> mask(static_cast<py::ssize_t>(rows));
    bool* const to = mask.mutable_data();
    for (std::size_t i = 0; i < rows; ++i) to[i] = missing(i);
    return mask;
}

struct to_python {
    const python_table& from;
    const table_column& column;
    bool exact;
    bool mixed_ids;
    bool writable;
    py::object owner;

    [[nodiscard]] py::object mask() const {
        if (column.valid.empty()) return py::none();
        return mask_of(column.valid.size(), [&](std::size_t i) { return column.valid[i] == 0; });
    }
    [[nodiscard]] py::tuple give(const char* kind, const py::object& data) const {
        return py::make_tuple(kind, data, mask(), py::none());
    }

    py::tuple operator()(const detail::large_vector<std::int32_t>& values) const {
        return give("int", view(values, "int32", owner, writable));
    }
    py::tuple operator()(const detail::large_vector<std::int64_t>& values) const {
        return give("int", view(values, "int64", owner, writable));
    }
    py::tuple operator()(const detail::large_vector<double>& values) const {
        return give("float", view(values, "float64", owner, writable));
    }
    py::tuple operator()(const moment_values& values) const {
        return give("moment", view(values.micros, "datetime64[us]", owner, writable));
    }
    py::tuple operator()(const date_values& values) const {
        const py::array days = view(values.days, "int32", owner, writable);
        return give("date", days.attr("astype")("datetime64[D]"));
    }
    py::tuple operator()(const detail::large_vector<money>& values) const {
        if (exact) {
            const py::object decimal = py::module_::import("decimal").attr("Decimal");
            py::list list;
            for (const money value : values) list.append(decimal(to_string(value)));
            return give("decimal", list);
        }
        py::array_t<double> array(static_cast<py::ssize_t>(values.size()));
        std::transform(values.begin(), values.end(), array.mutable_data(),
                       [](money value) { return to_double(value); });
        return give("float", array);
    }
    py::tuple operator()(const text_values& values) const {
        py::list list;
        for (const std::string& value : values) list.append(text_object(value));
        return give("text", list);
    }
    py::tuple operator()(const id_column& ids) const {
        const py::object mask =
            mask_of(ids.size(), [&](std::size_t i) { return ids.codes()[i] == id_column::missing; });
        if (ids.ids().all_integers() && !column.text_ids) {
            return py::make_tuple("id", given(ids.integers()), mask, py::none());
        }
        // Each distinct id becomes one Python object, however many rows it has.
        std::vector<py::object> objects(ids.ids().size());
        py::list list(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const std::uint32_t code = ids.codes()[i];
            if (code == id_column::missing) {
                list[i] = py::none();
                continue;
            }
            if (!objects[code]) {
                const id_view id = ids[i];
                objects[code] = id.is_integer() && mixed_ids && !column.text_ids ? py::object(py::int_(id.integer()))
                                                                                 : text_object(to_string(id));
            }
            list[i] = objects[code];
        }
        return py::make_tuple("id", list, mask, py::none());
    }
    py::tuple operator()(const category_column& values) const {
        py::list names;
        for (const std::string& name : *values.names) names.append(text_object(name));
        const py::object mask = mask_of(values.size(), [&](std::size_t i) { return values.codes[i] < 0; });
        return py::make_tuple("category", view(values.codes, "int32", owner, writable), mask, py::tuple(names));
    }
};

}  // namespace

py::object text_object(std::string_view text) {
    PyObject* const made = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape");
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

std::string text_bytes(const py::handle& text) {
    Py_ssize_t size = 0;
    if (PyUnicode_Check(text.ptr())) {
        if (const char* const plain = PyUnicode_AsUTF8AndSize(text.ptr(), &size)) {
            return {plain, static_cast<std::size_t>(size)};
        }
        PyErr_Clear();  // a lone surrogate
    }
    PyObject* const encoded = PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape");
    if (encoded == nullptr) throw py::error_already_set();
    return py::cast<std::string>(py::reinterpret_steal<py::bytes>(encoded));
}

py::tuple column_to_python(const python_table& from, const table_column& column, bool exact, bool mixed_ids,
                           bool writable) {
    auto* const kept = new std::shared_ptr<const table>(from.held);
    const py::capsule owner(kept, [](void* held) { delete static_cast<std::shared_ptr<const table>*>(held); });
    return std::visit(to_python{from, column, exact, mixed_ids, writable, owner}, column.values);
}

}  // namespace lgs_rfm::python
