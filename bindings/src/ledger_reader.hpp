#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/builder.hpp>
#include <lgs_rfm/io/arrow_import.hpp>
#include <lgs_rfm/io/column_names.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/totals.hpp>

#include "arrow_capsule.hpp"
#include "python_column.hpp"
#include "register.hpp"

namespace lgs_rfm::python {

/// One input on its way into a ledger, or into totals. Used by one thread, once.
template <class Builder>
struct line_reader {
    Builder builder;
    std::vector<std::string> others;  ///< columns beside ours that are read
    reading_report found;             ///< what the door found beside the builder: skipped lines

    void add_columns(const std::map<std::string, const python_column*>& columns) {
        invoice_lines lines;
        for (const line_column& entry : line_columns) {
            const auto given = columns.find(entry.name);
            if (given != columns.end()) entry.of(lines) = given->second->values;
        }
        for (const std::string& name : others) lines.others[name] = columns.at(name)->values;
        const py::gil_scoped_release released;  // the columns are views by now, kept alive by the caller's dict
        builder.add(lines);
    }

    /// Names of ignored columns, and those of ours that hold ids as text.
    std::pair<std::vector<std::string>, std::vector<std::string>> add_stream(const py::object& source,
                                                                             const column_names& names) {
        column_names ours;
        for (const auto& [name, theirs] : names) {
            if (std::find(others.begin(), others.end(), name) == others.end()) ours[name] = theirs;
        }
        arrow_stream stream = stream_from(source);
        const py::gil_scoped_release released;  // a producer that needs Python takes the GIL by itself
        arrow_lines batches(std::move(stream), ours, others);
        while (batches.next()) builder.add(batches.lines());
        builder.add(batches.lines());  // no rows left, but the columns are checked even when there was no batch
        return {batches.ignored_columns(), batches.text_columns()};
    }

    /// Takes what the door found into the builder's report.
    void tell(reading_report& report) {
        report.skipped_lines = found.skipped_lines;
        report.skipped = std::move(found.skipped);
    }
};

struct ledger_reader : line_reader<detail::entry_builder> {
    detail::period allowed;
    copies_policy copies;

    ledger_reader(const ledger& book, std::optional<moment> since, std::optional<moment> until, copies_policy policy)
        : line_reader{detail::entry_builder(book.config(), {since, until}), {}, {}},
          allowed{since, until},
          copies(policy) {}
};

struct totals_reader : line_reader<detail::totals_builder> {
    totals_reader(const totals& of, copies_policy copies, std::optional<moment> until)
        : line_reader{detail::totals_builder(detail::plan_of(of), of.config(), copies, until), {}, {}} {
        for (const std::string& name : builder.plan().columns) {
            if (std::none_of(line_columns.begin(), line_columns.end(),
                             [&](const line_column& column) { return name == column.name; })) {
                others.push_back(name);
            }
        }
    }

    /// The columns to read: those of a ledger, and those of the keys.
    [[nodiscard]] std::vector<std::string> columns() const {
        std::vector<std::string> names;
        for (const line_column& column : line_columns) {
            if (column.for_ledger) names.emplace_back(column.name);
        }
        names.insert(names.end(), builder.plan().columns.begin(), builder.plan().columns.end());
        return names;
    }
};

}  // namespace lgs_rfm::python
