#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/builder.hpp>
#include <lgs_rfm/io/column_names.hpp>
#include <lgs_rfm/ledger.hpp>

#include "python_column.hpp"
#include "register.hpp"

namespace lgs_rfm::python {

/// One input on its way into a ledger. Used by one thread, once.
struct ledger_reader {
    detail::entry_builder builder;
    detail::period allowed;
    reading_report found;  ///< what the door found beside the builder: skipped lines

    ledger_reader(const ledger& book, std::optional<moment> since, std::optional<moment> until)
        : builder(book.config(), {since, until}), allowed{since, until} {}

    void add_columns(const std::map<std::string, const python_column*>& columns);

    /// Names of ignored columns, and those of ours that hold ids as text.
    std::pair<std::vector<std::string>, std::vector<std::string>> add_stream(const py::object& source,
                                                                             const column_names& names);
};

}  // namespace lgs_rfm::python
