#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <lgs_rfm/detail/read_ids.hpp>
#include <lgs_rfm/tables/rows.hpp>

#include "python_column.hpp"
#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

python_table with_added(const python_table& self, std::vector<table_column> added) {
    table result = *self.held;
    for (table_column& column : added) {
        if (!result.columns.empty() && column.size() != result.rows()) {
            throw py::value_error("column " + column.name + " has " + std::to_string(column.size()) +
                                  " rows, the table has " + std::to_string(result.rows()));
        }
        result.columns.push_back(std::move(column));
    }
    return python_table(std::move(result));
}

}  // namespace

void register_rows(py::module_& module) {
    module.def(
        "rows",
        [](const python_table& from, const contiguous<std::int64_t>& positions) {
            const std::span<const std::int64_t> wanted(positions.data(), static_cast<std::size_t>(positions.size()));
            const py::gil_scoped_release released;
            return python_table(rows_of(*from.held, wanted));
        },
        py::arg("table"), py::arg("positions"), "The rows at these positions; -1 gives a row of missing values.");
    module.def(
        "columns",
        [](const python_table& from, const std::vector<std::string>& names) {
            table result;
            for (const std::string& name : names) {
                const auto& held = from.held->columns;
                const auto found = std::find_if(held.begin(), held.end(),
                                                [&](const table_column& column) { return column.name == name; });
                if (found == held.end()) throw py::key_error(name);
                result.columns.push_back(*found);
            }
            return python_table(std::move(result));
        },
        py::arg("table"), py::arg("names"), "These columns, in this order.");
    module.def(
        "beside",
        [](const python_table& self, const python_table& other) { return with_added(self, other.held->columns); },
        py::arg("table"), py::arg("other"), "The columns of both.");
    module.def(
        "with_ids",
        [](const python_table& self, const std::string& name, const python_column& ids) {
            const py::gil_scoped_release released;
            return with_added(self, {{name, detail::read_ids(ids.values, name.c_str()), {}, false}});
        },
        py::arg("table"), py::arg("name"), py::arg("ids"), "The table with a column of ids more, in canonical form.");
    module.def(
        "with_moments",
        [](const python_table& self, const std::string& name, const contiguous<std::int64_t>& micros) {
            constexpr std::int64_t missing = std::numeric_limits<std::int64_t>::min();
            table_column column{name, moment_values{copied<std::int64_t>(micros)}};
            for (const std::int64_t each : copied<std::int64_t>(micros)) column.valid.push_back(each != missing);
            if (std::find(column.valid.begin(), column.valid.end(), 0) == column.valid.end()) column.valid.clear();
            return with_added(self, {std::move(column)});
        },
        py::arg("table"), py::arg("name"), py::arg("micros"),
        "The table with a column of moments more; numpy's NaT is missing.");
    module.def(
        "with_missing",
        [](const python_table& self, const std::string& name, const contiguous<bool>& mask) {
            table result = *self.held;
            for (table_column& column : result.columns) {
                if (column.name != name) continue;
                if (static_cast<std::size_t>(mask.size()) != column.size()) {
                    throw py::value_error("the mask of column " + name + " has " + std::to_string(mask.size()) +
                                          " rows, the table has " + std::to_string(column.size()));
                }
                column.valid.resize(column.size());
                std::transform(mask.data(), mask.data() + mask.size(), column.valid.begin(),
                               [](bool missing) { return static_cast<std::uint8_t>(missing ? 0 : 1); });
            }
            return python_table(std::move(result));
        },
        py::arg("table"), py::arg("name"), py::arg("mask"), "The table with values of one column missing.");
}

}  // namespace lgs_rfm::python
