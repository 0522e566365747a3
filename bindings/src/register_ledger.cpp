#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <lgs_rfm/io/arrow_import.hpp>
#include <lgs_rfm/lgs_rfm.hpp>

#include "arrow_capsule.hpp"
#include "ledger_reader.hpp"
#include "python_column.hpp"
#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

using optional_moment = std::optional<moment>;
using reader = ledger_reader;
using without_gil = py::call_guard<py::gil_scoped_release>;

/// Entries read and not yet in a ledger, with what reading found.
struct read_entries {
    std::shared_ptr<const ledger_entries> entries;
    reading_report report;
};

std::map<std::string, std::string> prefixes_of(const ledger& self) {
    std::map<std::string, std::string> result;
    for (const auto& [prefix, kind] : self.config().prefixes()) result[std::string(1, prefix)] = to_string(kind);
    return result;
}

}  // namespace

ledger_config config_from(const std::map<std::string, std::string>& prefixes) {
    std::vector<std::pair<char, invoice_kind>> kinds;
    for (const auto& [prefix, name] : prefixes) {
        std::optional<invoice_kind> kind;
        for (const invoice_kind each : {invoice_kind::sale, invoice_kind::cancellation, invoice_kind::adjustment}) {
            if (name == to_string(each)) kind = each;
        }
        if (!kind) {
            throw error(error_code::invalid_option,
                        "prefixes: '" + name + "' is not allowed; give sale, cancellation or adjustment");
        }
        if (prefix.size() != 1) {
            throw error(error_code::invalid_option, "prefixes: '" + prefix + "' is not one printable ASCII character");
        }
        if (*kind != invoice_kind::sale) kinds.emplace_back(prefix.front(), *kind);
    }
    return ledger_config(kinds);
}

void register_ledger(py::module_& module) {
    py::native_enum<copies_policy>(module, "Copies", "enum.Enum")
        .value("keep", copies_policy::keep)
        .value("drop", copies_policy::drop)
        .value("error", copies_policy::error)
        .finalize();
    py::native_enum<customer_basis>(module, "Basis", "enum.Enum")
        .value("purchases", customer_basis::purchases)
        .value("net", customer_basis::net)
        .value("all", customer_basis::all)
        .finalize();

    py::class_<reading_report>(module, "Report")
        .def_readonly("lines", &reading_report::lines)
        .def_readonly("copies_judged", &reading_report::copies_judged)
        .def_readonly("copied_invoices", &reading_report::copied_invoices)
        .def_readonly("copied_lines", &reading_report::copied_lines)
        .def_readonly("dropped_lines", &reading_report::dropped_lines)
        .def_readonly("rounded_prices", &reading_report::rounded_prices)
        .def_readonly("floored_dates", &reading_report::floored_dates)
        .def_readonly("skipped_lines", &reading_report::skipped_lines)
        .def_property_readonly("skipped", [](const reading_report& report) {
            std::vector<std::tuple<std::int64_t, std::uint64_t, std::string, std::string>> lines;
            for (const skipped_line& each : report.skipped) {
                lines.emplace_back(each.line, each.offset, each.text, each.reason);
            }
            return lines;
        });

    py::class_<read_entries>(module, "Entries", "Entries of one input, not yet in a ledger.")
        .def_readonly("report", &read_entries::report);

    py::class_<ledger>(module, "Ledger", "An immutable ledger; changes give a new one and share what is equal.")
        .def(py::init([](const std::map<std::string, std::string>& prefixes) { return ledger(config_from(prefixes)); }),
             py::arg("prefixes"))
        .def_property_readonly("prefixes", &prefixes_of)
        .def(
            "added",
            [](const ledger& self, const read_entries& made) {
                ledger result = self;
                result.add(made.entries);
                return result;
            },
            py::arg("entries"), without_gil())
        .def(
            "replaced",
            [](const ledger& self, const read_entries& made, optional_moment since, optional_moment until) {
                ledger result = self;
                result.replace(made.entries, since, until);
                return result;
            },
            py::arg("entries"), py::arg("since"), py::arg("until"), without_gil())
        .def(
            "merged", [](const ledger& self, const ledger& other) { return ledger(self).merge(other); },
            py::arg("other"), without_gil())
        .def("between", &ledger::between, py::arg("since"), py::arg("until"), without_gil())
        .def(
            "entry_count", [](const ledger& self) { return self.entries()->size(); }, without_gil())
        .def("is_empty", &ledger::empty)
        .def("moment_bounds", &ledger::moment_bounds, without_gil())
        .def(
            "default_as_of", [](const ledger& self) { return default_as_of(self); }, without_gil())
        .def(
            "equals", [](const ledger& self, const ledger& other) { return self == other; }, py::arg("other"),
            without_gil())
        .def("to_bytes",
             [](const ledger& self) {
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
                return ledger::from_bytes(view);
            },
            py::arg("data"))
        .def("save", &ledger::save, py::arg("path"), without_gil())
        .def_static("load", &ledger::load, py::arg("path"), without_gil())
        .def(
            "invoices",
            [](const ledger& self, const std::optional<std::string>& customer, bool exact) {
                const auto wanted = customer ? std::optional<id_view>(*customer) : std::nullopt;
                return python_table(exact ? as_table(invoice_table(self, wanted))
                                          : as_table(invoice_table<double>(self, wanted)));
            },
            py::arg("customer"), py::arg("exact"), without_gil())
        .def(
            "amount_summary",
            [](const ledger& self, const std::vector<double>& quantiles) {
                return python_table(as_table(amount_summary(self, quantiles)));
            },
            py::arg("quantiles"), without_gil())
        .def(
            "monthly", [](const ledger& self) { return python_table(as_table(monthly_table(self))); }, without_gil())
        .def(
            "quality", [](const ledger& self) { return python_table(as_table(quality_table(self))); }, without_gil())
        .def(
            "customers",
            [](const ledger& self, optional_moment as_of, customer_basis basis, std::optional<std::int64_t> window) {
                return python_table(as_table(customer_table(self, {as_of, basis, window})));
            },
            py::arg("as_of"), py::arg("basis"), py::arg("window"), without_gil());

    py::class_<reader>(module, "Reader", "Reads one input, batch by batch.")
        .def(py::init<const ledger&, optional_moment, optional_moment, copies_policy>(), py::arg("book"),
             py::arg("since"), py::arg("until"), py::arg("copies"))
        .def_property_readonly(
            "columns", [](const reader&) { return py::module_::import("lgs_rfm._core").attr("LEDGER_COLUMNS"); })
        .def("add_columns", &reader::add_columns, py::arg("columns"))
        .def("add_stream", &reader::add_stream, py::arg("source"), py::arg("mapping"))
        .def(
            "finish",
            [](reader& self) {
                auto made = self.builder.finish(self.copies);
                self.tell(made.report);
                return read_entries{std::move(made.entries), std::move(made.report)};
            },
            without_gil());
}

}  // namespace lgs_rfm::python
