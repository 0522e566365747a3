#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <lgs_rfm/detail/read_ids.hpp>
#include <lgs_rfm/totals.hpp>

#include "ledger_reader.hpp"
#include "python_column.hpp"
#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

using without_gil = py::call_guard<py::gil_scoped_release>;

/// Totals of one input, not yet in any others.
struct read_totals {
    std::shared_ptr<const detail::totals_data> data;
    reading_report report;
};

std::shared_ptr<const customer_labels> labels_from(std::string name, const python_column& customers,
                                                   const contiguous<std::int32_t>& codes,
                                                   std::vector<std::string> names) {
    auto labels = std::make_shared<customer_labels>();
    labels->name = std::move(name);
    labels->customers = detail::read_ids(customers.values, "customer_id");
    labels->codes.assign(codes.data(), codes.data() + codes.size());
    labels->names = std::move(names);
    return labels;
}

}  // namespace

void register_totals(py::module_& module) {
    py::class_<customer_labels, std::shared_ptr<customer_labels>>(module, "Labels", "What customers are called.")
        .def(py::init([](std::string name, const python_column& customers, const contiguous<std::int32_t>& codes,
                         std::vector<std::string> names) {
                 return std::const_pointer_cast<customer_labels>(
                     labels_from(std::move(name), customers, codes, std::move(names)));
             }),
             py::arg("name"), py::arg("customers"), py::arg("codes"), py::arg("names"));

    py::class_<read_totals>(module, "ReadTotals", "Totals of one input.").def_readonly("report", &read_totals::report);

    py::class_<totals>(module, "Totals", "Immutable totals; changes give new ones and share what is equal.")
        .def(py::init([](const std::vector<std::string>& by, const std::map<std::string, std::string>& prefixes,
                         std::shared_ptr<customer_labels> labels) {
                 return totals(by, config_from(prefixes), std::move(labels));
             }),
             py::arg("by"), py::arg("prefixes"), py::arg("labels"))
        .def_property_readonly("by",
                               [](const totals& self) {
                                   std::vector<std::string> names;
                                   for (const total_key& key : self.keys()) names.push_back(key.name);
                                   return names;
                               })
        .def("__len__", &totals::size)
        .def(
            "added",
            [](const totals& self, const read_totals& made) {
                totals result = self;
                result.add(made.data);
                return result;
            },
            py::arg("made"), without_gil())
        .def(
            "merged", [](const totals& self, const totals& other) { return totals(self).merge(other); },
            py::arg("other"), without_gil())
        .def("folded", &totals::by, py::arg("by"), without_gil())
        .def(
            "table", [](const totals& self) { return python_table(as_table(self)); }, without_gil())
        .def(
            "equals", [](const totals& self, const totals& other) { return self == other; }, py::arg("other"),
            without_gil())
        .def("to_bytes",
             [](const totals& self) {
                 std::string bytes;
                 {
                     const py::gil_scoped_release released;
                     bytes = self.to_bytes();
                 }
                 return py::bytes(bytes);
             })
        .def_static(
            "from_bytes",
            [](const py::bytes& bytes) {
                const std::string_view view = bytes;
                const py::gil_scoped_release released;
                return totals::from_bytes(view);
            },
            py::arg("data"))
        .def("save", &totals::save, py::arg("path"), without_gil())
        .def_static("load", &totals::load, py::arg("path"), without_gil());

    py::class_<totals_reader>(module, "TotalsReader", "Reads one input for totals, batch by batch.")
        .def(py::init<const totals&, copies_policy, std::optional<moment>>(), py::arg("totals"), py::arg("copies"),
             py::arg("until"))
        .def_property_readonly("columns", [](const totals_reader& self) { return py::tuple(py::cast(self.columns())); })
        .def("add_columns", &totals_reader::add_columns, py::arg("columns"))
        .def("add_stream", &totals_reader::add_stream, py::arg("source"), py::arg("mapping"))
        .def(
            "finish",
            [](totals_reader& self) {
                auto made = self.builder.finish();
                self.tell(made.report);
                return read_totals{std::move(made.data), std::move(made.report)};
            },
            without_gil());
}

}  // namespace lgs_rfm::python
