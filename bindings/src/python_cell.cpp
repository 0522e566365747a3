#include "python_cell.hpp"

#include <datetime.h>

#include <cmath>
#include <limits>
#include <utility>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/io/arrow_import.hpp>

namespace lgs_rfm::python {

cell_reader::cell_reader()
    : decimal_type_(py::module_::import("decimal").attr("Decimal")),
      numpy_scalar_(py::module_::import("numpy").attr("generic")) {
    if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
}

cell cell_reader::text_cell(cell::kind what, std::string text) {
    cell result;
    result.what = what;
    result.text = texts_.emplace_back(std::move(text));
    return result;
}

cell cell_reader::read(PyObject* object) {
    cell result;
    if (object == nullptr || object == Py_None) return result;
    if (PyUnicode_Check(object)) {
        Py_ssize_t size = 0;
        const char* const bytes = PyUnicode_AsUTF8AndSize(object, &size);
        if (bytes == nullptr) {  // a lone surrogate: no UTF-8, so no id and no date either
            PyErr_Clear();
            return text_cell(cell::kind::unsupported, "str that is not valid Unicode");
        }
        result.what = cell::kind::text;
        result.text = {bytes, static_cast<std::size_t>(size)};
        kept_.push_back(py::reinterpret_borrow<py::object>(object));
        return result;
    }
    if (PyFloat_Check(object)) {
        result.real = PyFloat_AS_DOUBLE(object);
        result.what = result.real == result.real ? cell::kind::real : cell::kind::missing;
        return result;
    }
    if (PyBool_Check(object)) return text_cell(cell::kind::unsupported, "bool");
    if (PyLong_Check(object)) {
        int overflow = 0;
        const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
        result.what = cell::kind::integer;
        result.integer = value;
        if (overflow != 0) {
            const std::string digits = py::str(py::handle(object));
            const bool fits =
                overflow > 0 && (digits.size() < 20 || (digits.size() == 20 && digits <= "18446744073709551615"));
            if (!fits) return text_cell(cell::kind::unsupported, "int beyond 64 bits");
            result.integer = static_cast<int128>(PyLong_AsUnsignedLongLong(object));
        }
        return result;
    }
    return read_other(object);
}

cell cell_reader::read_other(PyObject* object) {
    const py::handle handle(object);
    const std::string type = py::str(py::type::handle_of(handle).attr("__name__"));
    if (type == "NAType" || type == "NaTType") return {};
    if (PyDate_Check(object)) return read_datetime(handle);
    if (py::isinstance(handle, decimal_type_)) {
        if (py::cast<bool>(handle.attr("is_nan")())) return {};
        if (py::cast<bool>(handle.attr("is_infinite")())) {
            cell result;
            result.what = cell::kind::real;
            result.real = HUGE_VAL;
            return result;
        }
        return text_cell(cell::kind::decimal_text, py::str(handle));
    }
    if (py::isinstance(handle, numpy_scalar_)) {
        if (type == "datetime64") {
            py::object micros = handle.attr("astype")("datetime64[us]");
            const auto value = py::cast<std::int64_t>(micros.attr("view")("int64"));
            cell result;
            if (value == std::numeric_limits<std::int64_t>::min()) return result;
            result.what = cell::kind::instant;
            result.integer = value;
            result.floored = !py::cast<bool>(micros.attr("__eq__")(handle));
            return result;
        }
        const py::object plain = handle.attr("item")();
        if (!py::isinstance(plain, numpy_scalar_)) {
            cell result = read(plain.ptr());
            result.single = type == "float32";
            return result;
        }
    }
    return text_cell(cell::kind::unsupported, type);
}

cell cell_reader::read_datetime(const py::handle& object) {
    PyObject* const raw = object.ptr();
    cell result;
    result.what = cell::kind::instant;
    result.integer = int128{days_of(PyDateTime_GET_YEAR(raw), static_cast<unsigned>(PyDateTime_GET_MONTH(raw)),
                                    static_cast<unsigned>(PyDateTime_GET_DAY(raw)))} *
                     micros_per_day;
    if (!PyDateTime_Check(raw)) return result;
    const std::int64_t seconds =
        PyDateTime_DATE_GET_HOUR(raw) * 3600 + PyDateTime_DATE_GET_MINUTE(raw) * 60 + PyDateTime_DATE_GET_SECOND(raw);
    result.integer += seconds * micros_per_second + PyDateTime_DATE_GET_MICROSECOND(raw);
    if (!object.attr("tzinfo").is_none()) {
        const std::string zone = py::str(object.attr("tzinfo"));
        if (!detail::is_utc(zone)) return text_cell(cell::kind::zoned, zone);
    }
    result.floored = py::hasattr(object, "nanosecond") && py::cast<int>(object.attr("nanosecond")) != 0;
    return result;
}

}  // namespace lgs_rfm::python
