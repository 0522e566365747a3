#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <pybind11/stl.h>

#include <lgs_rfm/scoring/snapshots.hpp>

#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

using without_gil = py::call_guard<py::gil_scoped_release>;
using optional_moment = std::optional<moment>;

}  // namespace

void register_snapshots(py::module_& module) {
    module.def(
        "snapshots",
        [](const ledger& book, period_step every, std::optional<std::int64_t> window, customer_basis basis,
           optional_moment since, optional_moment until, bool refit, const std::optional<rfm_scorer>& scorer,
           tie_rule ties, const segment_rules& rules) {
            return python_table(
                as_table(snapshot_table(book, {every, basis, window, since, until, refit}, scorer, ties, rules)));
        },
        py::arg("book"), py::arg("every"), py::arg("window"), py::arg("basis"), py::arg("since"), py::arg("until"),
        py::arg("refit"), py::arg("scorer"), py::arg("ties"), py::arg("rules"), without_gil());

    module.def(
        "snapshot_scorer",
        [](const ledger& book, period_step every, std::optional<std::int64_t> window, customer_basis basis,
           const std::tuple<int, int, int>& bins, tie_rule ties) {
            return snapshot_scorer(book, {.every = every, .basis = basis, .window = window},
                                   {std::apply([](int r, int f, int m) { return rfm_bins(r, f, m); }, bins), ties});
        },
        py::arg("book"), py::arg("every"), py::arg("window"), py::arg("basis"), py::arg("bins"), py::arg("ties"),
        without_gil());

    module.def(
        "with_moments",
        [](const python_table& self, const std::string& name, const contiguous<std::int64_t>& micros) {
            constexpr std::int64_t missing = std::numeric_limits<std::int64_t>::min();  // numpy's NaT
            table result = *self.held;
            table_column column{name, moment_values{copied<std::int64_t>(micros)}};
            for (const std::int64_t each : copied<std::int64_t>(micros)) column.valid.push_back(each != missing);
            result.columns.push_back(std::move(column));
            return python_table(std::move(result));
        },
        py::arg("table"), py::arg("name"), py::arg("micros"));
}

}  // namespace lgs_rfm::python
