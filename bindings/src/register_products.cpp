#include <optional>
#include <string>

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <lgs_rfm/tables/bought_together.hpp>
#include <lgs_rfm/tables/countries.hpp>
#include <lgs_rfm/tables/features.hpp>
#include <lgs_rfm/tables/products.hpp>
#include <lgs_rfm/tables/segment_products.hpp>
#include <lgs_rfm/tables/suggestions.hpp>

#include "python_table.hpp"

namespace lgs_rfm::python {

void register_products(py::module_& module) {
    using without_gil = py::call_guard<py::gil_scoped_release>;

    py::native_enum<shown_codes>(module, "ShownCodes", "enum.Enum")
        .value("goods", shown_codes::goods)
        .value("services", shown_codes::services)
        .value("all", shown_codes::all)
        .finalize();

    module.def(
        "products",
        [](const totals& by, std::optional<std::size_t> top, shown_codes show) {
            return python_table(product_table(by, {top, show}));
        },
        py::arg("totals"), py::arg("top"), py::arg("show"), without_gil());
    module.def(
        "countries", [](const totals& by) { return python_table(country_table(by)); }, py::arg("totals"),
        without_gil());
    module.def(
        "segment_products",
        [](const totals& by, std::int64_t min_customers, std::optional<std::size_t> top, shown_codes show) {
            return python_table(as_table(segment_product_table(by, {min_customers, top, show})));
        },
        py::arg("totals"), py::arg("min_customers"), py::arg("top"), py::arg("show"), without_gil());
    module.def(
        "bought_together",
        [](const totals& by, std::int64_t min_invoices, shown_codes show) {
            return python_table(as_table(bought_together(by, {min_invoices, show})));
        },
        py::arg("totals"), py::arg("min_invoices"), py::arg("show"), without_gil());
    module.def(
        "suggestions",
        [](const totals& by, std::int64_t min_invoices) {
            return python_table(as_table(suggestion_table(by, min_invoices)));
        },
        py::arg("totals"), py::arg("min_invoices"), without_gil());
    module.def(
        "features",
        [](const ledger& book, const totals& by, const totals& by_country, std::optional<moment> as_of) {
            return python_table(as_table(feature_table(book, by, by_country, as_of)));
        },
        py::arg("book"), py::arg("totals"), py::arg("by_country"), py::arg("as_of"), without_gil());
}

}  // namespace lgs_rfm::python
