#include <cstdint>
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
}

}  // namespace lgs_rfm::python
