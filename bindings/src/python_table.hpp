#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <pybind11/numpy.h>

#include <lgs_rfm/tables/table.hpp>

#include "register.hpp"

namespace lgs_rfm::python {

/// A result as Python holds it: immutable, shared with the numpy arrays that view its memory.
struct python_table {
    std::shared_ptr<table> held;  ///< changed only before anybody else holds it

    explicit python_table(table from) : held(std::make_shared<table>(std::move(from))) {}
};

/// A column as (kind, data, mask, names): `data` is a numpy array (read-only unless `writable`) or a list, `mask` a
/// bool array, True where a value is missing, or None; `names` belong to categories. Kinds: int, float, decimal,
/// moment, date, id, text, category. Integers, reals and moments are views of the table's memory. `exact`: money as a
/// list of Decimal. Ids are int64 when all are integers, else text; `mixed_ids`: each as it is, integer or text.
/// `writable`: only for a table that nobody else holds or will ask again, whose memory is given away with this.
[[nodiscard]] py::tuple column_to_python(const python_table& from, const table_column& column, bool exact,
                                         bool mixed_ids, bool writable);

/// UTF-8 as a str; bytes that are no UTF-8 become lone surrogates.
[[nodiscard]] py::object text_object(std::string_view text);

/// A str as UTF-8; lone surrogates that stand for bytes become these bytes again, others are a UnicodeEncodeError.
[[nodiscard]] std::string text_bytes(const py::handle& text);

/// A numpy array of one type, side by side; any other is made one.
template <class T>
using contiguous = py::array_t<T, py::array::c_style | py::array::forcecast>;

/// A copy of a numpy array's values.
template <class T>
[[nodiscard]] detail::large_vector<T> copied(const contiguous<T>& array) {
    return {array.data(), array.data() + array.size()};
}

/// A numpy array that takes over the values.
template <class T>
[[nodiscard]] py::array_t<T> given(detail::large_vector<T> values) {
    auto* const kept = new detail::large_vector<T>(std::move(values));
    const py::capsule owner(kept, [](void* held) { delete static_cast<detail::large_vector<T>*>(held); });
    return py::array_t<T>(static_cast<py::ssize_t>(kept->size()), kept->data(), owner);
}

}  // namespace lgs_rfm::python
