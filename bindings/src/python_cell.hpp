#pragma once

#include <deque>
#include <string>
#include <vector>

#include <lgs_rfm/column.hpp>

#include "register.hpp"

namespace lgs_rfm::python {

/// Reads Python objects of mixed type into cells: None, pandas' NA and NaT, bool, int, float, str, Decimal, date,
/// datetime and numpy scalars. Keeps what the cells view; needs the GIL, also to be destroyed.
class cell_reader {
public:
    cell_reader();
    [[nodiscard]] cell read(PyObject* object);

private:
    [[nodiscard]] cell read_other(PyObject* object);
    [[nodiscard]] cell read_datetime(const py::handle& object);
    [[nodiscard]] cell text_cell(cell::kind what, std::string text);

    std::vector<py::object> kept_;
    std::deque<std::string> texts_;  // a deque: its elements never move
    py::object decimal_type_;
    py::object numpy_scalar_;
};

}  // namespace lgs_rfm::python
