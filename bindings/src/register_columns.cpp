#include <string>
#include <vector>

#include <pybind11/stl.h>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/io/column_names.hpp>

#include "python_column.hpp"

namespace lgs_rfm::python {

void register_columns(py::module_& module) {
    py::class_<python_column>(module, "Column", "One column of a frame, viewed where it lies.")
        .def_static("from_numpy", &column_from_numpy, py::arg("array"), py::arg("mask") = py::none())
        .def_static("from_arrow", &column_from_arrow, py::arg("source"))
        .def_static("from_codes", &column_from_codes, py::arg("codes"), py::arg("categories"))
        .def_readonly("holds_text", &python_column::holds_text)
        .def_readonly("holds_numbers", &python_column::holds_numbers)
        .def_property_readonly(
            "addresses",
            [](const python_column& self) {
                std::vector<std::size_t> result;
                for (const column_chunk& chunk : self.values.chunks()) {
                    result.push_back(reinterpret_cast<std::size_t>(chunk.data));
                }
                return result;
            },
            "Where the values of each chunk lie, to tell a view from a copy.")
        .def("__len__", [](const python_column& self) { return self.values.size(); });

    std::vector<std::string> names;
    std::vector<std::string> for_ledger;
    for (const line_column& column : line_columns) {
        names.emplace_back(column.name);
        if (column.for_ledger) for_ledger.emplace_back(column.name);
    }
    module.attr("LINE_COLUMNS") = py::tuple(py::cast(names));
    module.attr("LEDGER_COLUMNS") = py::tuple(py::cast(for_ledger));

    module.def(
        "match_columns",
        [](const std::vector<std::string>& input, const column_names& mapping) {
            const column_match match = match_columns(input, mapping);
            py::dict position;
            for (std::size_t i = 0; i < line_columns.size(); ++i) {
                if (match.position[i]) position[line_columns[i].name] = *match.position[i];
            }
            return std::pair(position, match.ignored);
        },
        py::arg("names"), py::arg("mapping"),
        "Positions of our columns among the input's, and the names of the others.");
    module.def("parse_moment", &parse_moment, py::arg("text"), "ISO 8601 text as microseconds since 1970.");
    module.def("format_moment", &format_moment, py::arg("micros"), "Microseconds since 1970 as ISO 8601 text.");
    module.attr("MIN_MOMENT") = min_moment;
    module.attr("MAX_MOMENT") = max_moment;
}

}  // namespace lgs_rfm::python
