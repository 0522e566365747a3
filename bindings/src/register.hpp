#pragma once

#include <map>
#include <string>

#include <pybind11/pybind11.h>

#include <lgs_rfm/config.hpp>

namespace lgs_rfm::python {

namespace py = pybind11;

// One function a stage, in the order of the data's way; module.cpp calls them all.
void register_errors(py::module_& module);
void register_columns(py::module_& module);
void register_tables(py::module_& module);
void register_ledger(py::module_& module);
void register_totals(py::module_& module);
void register_products(py::module_& module);
void register_files(py::module_& module);
void register_scoring(py::module_& module);
void register_returning(py::module_& module);
void register_snapshots(py::module_& module);
void register_demo(py::module_& module);
void register_rows(py::module_& module);

/// The configuration that `prefixes=` says; throws `error` for one that is not allowed.
ledger_config config_from(const std::map<std::string, std::string>& prefixes);

}  // namespace lgs_rfm::python
