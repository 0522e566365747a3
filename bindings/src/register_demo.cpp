#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <lgs_rfm/demo.hpp>

#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

category_column category_of(demo_text text) {
    category_column column;
    column.codes.reserve(text.codes.size());
    for (const std::uint32_t code : text.codes) {
        column.codes.push_back(code == demo_text::missing ? -1 : static_cast<std::int32_t>(code));
    }
    column.names = std::make_shared<const std::vector<std::string>>(std::move(text.values));
    return column;
}

}  // namespace

void register_demo(py::module_& module) {
    module.def(
        "demo_lines",
        [](std::int64_t customers, std::uint64_t seed, std::int64_t copied_days) {
            demo_shop shop = demo_lines({customers, seed, copied_days});
            return python_table({{{"invoice", category_of(std::move(shop.invoice))},
                                  {"stock_code", category_of(std::move(shop.stock_code))},
                                  {"description", category_of(std::move(shop.description))},
                                  {"quantity", std::move(shop.quantity)},
                                  {"invoice_date", moment_values{std::move(shop.invoice_date)}},
                                  {"unit_price", std::move(shop.unit_price)},
                                  {"customer_id", std::move(shop.customer_id), std::move(shop.has_customer)},
                                  {"country", category_of(std::move(shop.country))}}});
        },
        py::arg("customers"), py::arg("seed"), py::arg("copied_days"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace lgs_rfm::python
