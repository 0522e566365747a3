#pragma once

#include <pybind11/pybind11.h>

namespace lgs_rfm::python {

namespace py = pybind11;

// One function a stage, in the order of the data's way; module.cpp calls them all.
void register_errors(py::module_& module);
void register_columns(py::module_& module);
void register_tables(py::module_& module);
void register_ledger(py::module_& module);
void register_files(py::module_& module);
void register_scoring(py::module_& module);
void register_snapshots(py::module_& module);
void register_demo(py::module_& module);

}  // namespace lgs_rfm::python
