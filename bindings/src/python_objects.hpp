#pragma once

#include <pybind11/numpy.h>

#include "python_column.hpp"

namespace lgs_rfm::python {

/// A column of Python objects: a dictionary of its runs of one value. Objects that are the same one are not looked at,
/// so rows that share theirs cost a comparison of pointers. Up to 2^31 - 1 rows. O(rows), by all threads that the
/// process may use; with the GIL held, which keeps the objects as they are.
[[nodiscard]] python_column column_from_objects(const py::array& array);

}  // namespace lgs_rfm::python
