#include <exception>

#include <lgs_rfm/error.hpp>

#include "register.hpp"

namespace lgs_rfm::python {

namespace {

/// The Python exception of a code. Classes with a dot live in `lgs_rfm.errors`, the others are built in.
struct python_type {
    error_code code;
    const char* name;
    bool ours;
};

constexpr python_type types[] = {
    {error_code::missing_column, "ColumnError", true}, {error_code::duplicate_column, "ColumnError", true},
    {error_code::unequal_length, "LinesError", true},  {error_code::wrong_type, "TypeError", false},
    {error_code::missing_value, "LinesError", true},   {error_code::not_finite, "LinesError", true},
    {error_code::fractional, "LinesError", true},      {error_code::out_of_range, "LinesError", true},
    {error_code::unreadable, "LinesError", true},      {error_code::time_zone, "LinesError", true},
    {error_code::overflow, "LinesError", true},        {error_code::outside_period, "LinesError", true},
    {error_code::copied_invoices, "LinesError", true}, {error_code::invalid_option, "ValueError", false},
    {error_code::not_fitted, "NotFittedError", true},  {error_code::incompatible, "ValueError", false},
    {error_code::bad_file, "ValueError", false},       {error_code::file_access, "OSError", false},
    {error_code::internal, "RuntimeError", false},
};

void raise(const error& failure) {
    const python_type* found = &types[std::size(types) - 1];
    for (const python_type& type : types) {
        if (type.code == failure.code()) found = &type;
    }
    const py::object type = py::module_::import(found->ours ? "lgs_rfm.errors" : "builtins").attr(found->name);
    py::object exception = type(failure.what());
    if (found->ours) {
        exception.attr("column") =
            failure.column().empty() ? py::object(py::none()) : py::object(py::str(failure.column()));
        exception.attr("row") = failure.row() < 0 ? py::object(py::none()) : py::object(py::int_(failure.row()));
        exception.attr("value") =
            failure.value().empty() ? py::object(py::none()) : py::object(py::str(failure.value()));
    }
    PyErr_SetObject(type.ptr(), exception.ptr());
}

}  // namespace

void register_errors(py::module_&) {
    py::register_exception_translator([](std::exception_ptr thrown) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const error& failure) {
            raise(failure);
        }
    });
}

}  // namespace lgs_rfm::python
