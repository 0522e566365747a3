#pragma once

#include <memory>

#include <lgs_rfm/column.hpp>

#include "register.hpp"

namespace lgs_rfm::python {

/// A column of a Python frame: a view, and what keeps its memory alive. Immutable; safe to read without the GIL.
struct python_column {
    column values;
    std::shared_ptr<void> owner;  ///< released with the GIL held, whoever lets go last
    bool holds_text = false;      ///< ids: some value is text
    bool holds_numbers = false;   ///< ids: some value is a number
};

/// From a one-dimensional, contiguous, native-endian numpy array; of an object array, each run of one value is
/// read once. `mask` (bool array or None): True where a value is missing.
[[nodiscard]] python_column column_from_numpy(const py::object& array, const py::object& mask);

/// From an object with `__arrow_c_stream__` or `__arrow_c_array__` that stands for one column.
[[nodiscard]] python_column column_from_arrow(const py::object& source);

/// From codes (numpy integers, -1 for missing) into categories.
[[nodiscard]] python_column column_from_codes(const py::object& codes, const python_column& categories);

/// Keeps Python objects alive from C++ code that may let go without the GIL.
[[nodiscard]] std::shared_ptr<void> keep_alive(py::object object);

}  // namespace lgs_rfm::python
