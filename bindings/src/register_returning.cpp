#include <optional>
#include <utility>
#include <vector>

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <lgs_rfm/tables/cohorts.hpp>
#include <lgs_rfm/tables/days_between.hpp>
#include <lgs_rfm/tables/periods.hpp>
#include <lgs_rfm/tables/repeat.hpp>
#include <lgs_rfm/tables/returning.hpp>
#include <lgs_rfm/tables/second_purchase.hpp>

#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

using optional_moment = std::optional<moment>;
using without_gil = py::call_guard<py::gil_scoped_release>;

}  // namespace

void register_returning(py::module_& module) {
    py::native_enum<period_step>(module, "Step", "enum.Enum")
        .value("day", period_step::day)
        .value("week", period_step::week)
        .value("month", period_step::month)
        .value("quarter", period_step::quarter)
        .value("year", period_step::year)
        .finalize();
    py::native_enum<cohort_measure>(module, "Measure", "enum.Enum")
        .value("customers", cohort_measure::customers)
        .value("invoices", cohort_measure::invoices)
        .value("gross", cohort_measure::gross)
        .value("net", cohort_measure::net)
        .finalize();
    py::native_enum<purchase_unit>(module, "Unit", "enum.Enum")
        .value("invoices", purchase_unit::invoices)
        .value("days", purchase_unit::days)
        .finalize();

    module.def(
        "periods",
        [](const ledger& book, period_step step) { return python_table(as_table(period_table(book, step))); },
        py::arg("book"), py::arg("step"), without_gil());
    module.def(
        "cohorts",
        [](const ledger& book, cohort_measure measure, optional_moment until, bool wide, bool values, bool average) {
            const cohort_columns cohorts = cohort_table(book, {until});
            return python_table(wide ? as_wide_table(cohorts, measure, values, average)
                                     : as_table(cohorts, measure, average));
        },
        py::arg("book"), py::arg("measure"), py::arg("until"), py::arg("wide"), py::arg("values"), py::arg("average"),
        without_gil());
    module.def(
        "returning",
        [](const ledger& book, std::vector<std::int64_t> days, optional_moment until) {
            return python_table(as_table(returning_table(book, {std::move(days), until})));
        },
        py::arg("book"), py::arg("days"), py::arg("until"), without_gil());
    module.def(
        "repeat_rate",
        [](const ledger& book, purchase_unit count) { return python_table(as_table(repeat_rate_of(book, count))); },
        py::arg("book"), py::arg("count"), without_gil());
    module.def(
        "days_between",
        [](const ledger& book, const std::vector<double>& quantiles) {
            return python_table(as_table(days_between(book, quantiles)));
        },
        py::arg("book"), py::arg("quantiles"), without_gil());
    module.def(
        "days_between_by_customer",
        [](const ledger& book) { return python_table(as_table(days_between_by_customer(book))); }, py::arg("book"),
        without_gil());
    module.def(
        "second_purchase",
        [](const ledger& book, purchase_unit count, optional_moment until) {
            return python_table(as_table(second_purchase_table(book, {count, until})));
        },
        py::arg("book"), py::arg("count"), py::arg("until"), without_gil());
}

}  // namespace lgs_rfm::python
