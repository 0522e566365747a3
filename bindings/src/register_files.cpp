#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <lgs_rfm/io/csv.hpp>

#include "ledger_reader.hpp"
#include "register.hpp"

namespace lgs_rfm::python {

namespace {

/// One of some words, or the error that names them.
template <class Value>
Value word(const char* option, const std::string& given, std::initializer_list<std::pair<const char*, Value>> allowed) {
    std::string names;
    for (const auto& [name, value] : allowed) {
        if (given == name) return value;
        names += (names.empty() ? "'" : ", '") + std::string(name) + "'";
    }
    throw error(error_code::invalid_option, std::string(option) + "='" + given + "' is not one of " + names);
}

char one_character(const char* option, const std::string& given) {
    if (given.size() != 1) {
        throw error(error_code::invalid_option, std::string(option) + "='" + given + "' is not one ASCII character");
    }
    return given.front();
}

/// The bytes of a Python function `read(count) -> bytes`, which the caller keeps: copies are made without the GIL.
csv_source::byte_source from_python(const py::object& read) {
    return [&read](char* to, std::size_t count) {
        const py::gil_scoped_acquire held;
        const py::object given = read(count);
        const auto bytes = py::cast<std::string_view>(given);
        if (bytes.size() > count) throw py::value_error("read gave more bytes than it was asked for");
        std::copy(bytes.begin(), bytes.end(), to);
        return bytes.size();
    };
}

/// Lets Ctrl-C through, then tells the caller.
std::function<void(std::uint64_t, std::optional<std::uint64_t>)> progress_to(const py::object& heard) {
    return [&heard](std::uint64_t done, std::optional<std::uint64_t> all) {
        const py::gil_scoped_acquire held;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (!heard.is_none()) heard(done, all);
    };
}

template <class Reader>
std::vector<std::string> add_text(Reader& self, const detail::period& allowed, const py::object& source,
                                  const column_names& columns, const std::optional<std::string>& delimiter,
                                  const std::string& decimal, const std::optional<std::string>& order,
                                  const std::string& bad, const std::optional<std::string>& table,
                                  std::optional<unsigned> threads, const py::object& progress,
                                  std::size_t chunk_bytes) {
    csv_options options{.columns = columns};
    if (delimiter) options.delimiter = one_character("delimiter", *delimiter);
    options.decimal = one_character("decimal", decimal);
    if (order)
        options.dates = word<date_order>("date_order", *order, {{"mdy", date_order::mdy}, {"dmy", date_order::dmy}});
    options.bad = word<bad_lines>("bad_lines", bad, {{"error", bad_lines::refuse}, {"skip", bad_lines::skip}});
    options.table = table.value_or("");
    options.threads = threads.value_or(0);
    options.chunk_bytes = chunk_bytes;
    options.progress = progress_to(progress);
    std::optional<csv_source> from;
    if (py::isinstance<py::bytes>(source)) {
        from = csv_source::memory(py::cast<std::string_view>(source));
    } else if (py::isinstance<py::function>(source)) {
        from = csv_source::stream(from_python(source));
    } else {
        from = csv_source::file(py::cast<std::filesystem::path>(source));
    }
    const py::gil_scoped_release released;
    detail::csv_found found = detail::csv_reading(detail::csv_sink(self.builder), *from, options, allowed).read();
    std::vector<std::string> ignored = std::move(found.ignored_columns);
    std::move(found).put_into(self.found);
    return ignored;
}

/// Registers the door for one kind of reader.
template <class Reader>
void register_csv(py::module_& module, detail::period (*allowed)(const Reader&)) {
    module.def(
        "add_csv",
        [allowed](Reader& self, const py::object& source, const column_names& columns,
                  const std::optional<std::string>& delimiter, const std::string& decimal,
                  const std::optional<std::string>& order, const std::string& bad,
                  const std::optional<std::string>& table, std::optional<unsigned> threads, const py::object& progress,
                  std::size_t chunk_bytes) {
            py::list names;  // a header may hold bytes that are no text
            for (const std::string& name : add_text(self, allowed(self), source, columns, delimiter, decimal, order,
                                                    bad, table, threads, progress, chunk_bytes)) {
                names.append(py::bytes(name).attr("decode")("utf-8", "replace"));
            }
            return names;
        },
        py::arg("reader"), py::arg("source"), py::arg("columns"), py::arg("delimiter"), py::arg("decimal"),
        py::arg("date_order"), py::arg("bad_lines"), py::arg("table"), py::arg("threads"), py::arg("progress"),
        py::arg("chunk_bytes") = std::size_t{1} << 20);
}

}  // namespace

void register_files(py::module_& module) {
    register_csv<ledger_reader>(module, [](const ledger_reader& reader) { return reader.allowed; });
    register_csv<totals_reader>(module, [](const totals_reader&) { return detail::period(); });
}

}  // namespace lgs_rfm::python
