#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <lgs_rfm/io/arrow.hpp>
#include <lgs_rfm/io/write_csv.hpp>

#include "arrow_capsule.hpp"
#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

const table_column& find(const python_table& self, const std::string& name) {
    for (const table_column& column : self.held->columns) {
        if (column.name == name) return column;
    }
    throw py::key_error(name);
}

/// The table with one column more, or with the column of that name replaced.
python_table with_column(const python_table& self, table_column added) {
    table result = *self.held;
    const auto same = std::find_if(result.columns.begin(), result.columns.end(),
                                   [&](const table_column& column) { return column.name == added.name; });
    if (!result.columns.empty() && added.size() != result.rows()) {
        throw py::value_error("column " + added.name + " has " + std::to_string(added.size()) +
                              " rows, the table has " + std::to_string(result.rows()));
    }
    if (same != result.columns.end()) {
        *same = std::move(added);
    } else {
        result.columns.push_back(std::move(added));
    }
    return python_table(std::move(result));
}

/// Whether a column leaves as text without a byte that needs decoding.
bool is_ascii_text(const table_column& column) {
    const auto is_ascii = [](const std::string& text) {
        return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
    };
    if (const auto* const texts = std::get_if<text_values>(&column.values)) {
        return std::all_of(texts->begin(), texts->end(), is_ascii);
    }
    const auto* const ids = std::get_if<id_column>(&column.values);
    return ids != nullptr && (column.text_ids || !ids->ids().all_integers()) && is_ascii(ids->ids().text_bytes());
}

}  // namespace

void register_tables(py::module_& module) {
    py::class_<python_table>(module, "Table", "Named columns of a result.")
        .def(py::init([] { return python_table(table{}); }))
        .def("__len__", [](const python_table& self) { return self.held->rows(); })
        .def_property_readonly("names",
                               [](const python_table& self) {
                                   std::vector<std::string> names;
                                   for (const table_column& column : self.held->columns) names.push_back(column.name);
                                   return names;
                               })
        .def(
            "column",
            [](const python_table& self, const std::string& name, bool exact, bool mixed_ids, bool writable) {
                return column_to_python(self, find(self, name), exact, mixed_ids, writable);
            },
            py::arg("name"), py::arg("exact") = false, py::arg("mixed_ids") = false, py::arg("writable") = false)
        .def(
            "with_integers",
            [](const python_table& self, const std::string& name, const contiguous<std::int64_t>& values) {
                return with_column(self, {name, copied<std::int64_t>(values)});
            },
            py::arg("name"), py::arg("values"))
        .def(
            "with_reals",
            [](const python_table& self, const std::string& name, const contiguous<double>& values) {
                return with_column(self, {name, copied<double>(values)});
            },
            py::arg("name"), py::arg("values"))
        .def(
            "with_texts",
            [](const python_table& self, const std::string& name, const py::sequence& texts) {
                text_values values;
                values.reserve(texts.size());
                for (const py::handle text : texts) values.push_back(text_bytes(text));
                return with_column(self, {name, std::move(values)});
            },
            py::arg("name"), py::arg("values"))
        .def(
            "with_categories",
            [](const python_table& self, const std::string& name, const contiguous<std::int32_t>& codes,
               std::vector<std::string> names) {
                for (const std::int32_t code : copied<std::int32_t>(codes)) {
                    if (code < -1 || code >= static_cast<std::int32_t>(names.size())) {
                        throw py::value_error("column " + name + " has a code outside its categories");
                    }
                }
                return with_column(
                    self, {name, category_column{copied<std::int32_t>(codes),
                                                 std::make_shared<const std::vector<std::string>>(std::move(names))}});
            },
            py::arg("name"), py::arg("codes"), py::arg("names"))
        .def(
            "give_ids_as_text",
            [](python_table& self, const std::vector<std::string>& names) {
                for (table_column& column : self.held->columns) {
                    if (std::find(names.begin(), names.end(), column.name) != names.end()) column.text_ids = true;
                }
            },
            py::arg("names"), "Lets the ids of these columns leave as text; for a table that nobody else holds yet.")
        .def(
            "arrow_text",
            [](const python_table& self, const std::string& name) -> py::object {
                const table_column& column = find(self, name);
                if (!is_ascii_text(column)) return py::none();
                ArrowSchema schema;
                ArrowArray array;
                export_arrow_column(self.held, static_cast<std::size_t>(&column - self.held->columns.data()), &schema,
                                    &array);
                return py::make_tuple(make_capsule(arrow_schema(&schema), "arrow_schema"),
                                      make_capsule(arrow_array(&array), "arrow_array"));
            },
            py::arg("name"), "A column of texts that are all ASCII as Arrow's two capsules; None for any other column.")
        .def(
            "write_csv",
            [](const python_table& self, const py::function& write, bool guard) {
                constexpr std::size_t at_once = 65'536;  // rows: bounds memory, large enough to cost nothing
                const csv_writer writer(*self.held, guard ? csv_formulas::guarded : csv_formulas::as_it_is);
                std::string text;
                writer.append_header(text);
                for (std::size_t row = 0; row < self.held->rows() || row == 0; row += at_once) {
                    {
                        const py::gil_scoped_release released;
                        writer.append_rows(text, row, at_once);
                    }
                    write(text_object(text));
                    text.clear();
                }
            },
            py::arg("write"), py::arg("guard"), "Calls `write` with one piece after another of the table as CSV text.")
        .def(
            "arrow_stream",
            [](const python_table& self, bool exact, const py::object& requested) {
                const ArrowSchema* const wanted =
                    requested.is_none() ? nullptr : borrow_capsule<ArrowSchema>(requested, "arrow_schema");
                ArrowArrayStream stream;
                export_arrow_stream(self.held, &stream, exact ? money_format::decimal : money_format::real, wanted);
                return make_capsule(arrow_stream(&stream), "arrow_array_stream");
            },
            py::arg("exact") = false, py::arg("requested") = py::none())
        .def(
            "arrow_schema",
            [](const python_table& self, bool exact) {
                ArrowSchema schema;
                ArrowArray array;
                export_arrow(self.held, &schema, &array, exact ? money_format::decimal : money_format::real);
                const arrow_array unused(&array);
                return make_capsule(arrow_schema(&schema), "arrow_schema");
            },
            py::arg("exact") = false);
}

}  // namespace lgs_rfm::python
