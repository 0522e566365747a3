#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <lgs_rfm/detail/read_ids.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/scoring/rfm.hpp>
#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>

#include "python_column.hpp"
#include "python_table.hpp"

namespace lgs_rfm::python {

namespace {

using without_gil = py::call_guard<py::gil_scoped_release>;

/// A column of numbers, of one of the two types that customer tables have: held while it is read without the GIL.
struct numbers {
    contiguous<double> reals;
    contiguous<std::int64_t> integers;

    explicit numbers(const py::array& array) {
        if (py::isinstance<py::array_t<std::int64_t>>(array)) {
            integers = contiguous<std::int64_t>(array);
        } else {
            reals = contiguous<double>(array);
        }
    }
    [[nodiscard]] detail::large_vector<double> values() const {
        if (integers.size() == 0) return {reals.data(), reals.data() + reals.size()};
        return {integers.data(), integers.data() + integers.size()};
    }
};

rfm_values values_of(const py::array& recency, const py::array& frequency, const py::array& monetary,
                     const python_column* ids) {
    const numbers columns[] = {numbers(recency), numbers(frequency), numbers(monetary)};
    rfm_values values;
    detail::large_vector<double>* const out[] = {&values.recency, &values.frequency, &values.monetary};
    const auto rows = static_cast<std::size_t>(recency.size());
    const py::gil_scoped_release released;
    detail::thread_pool::run(4, detail::threads_for(rows), [&](std::size_t part) {
        if (part > 0) {
            *out[part - 1] = columns[part - 1].values();
        } else if (ids != nullptr) {
            values.customer_id = detail::read_ids(ids->values, "customer_id");
        }
    });
    return values;
}

py::tuple arrays_of(rfm_scores scores) {
    return py::make_tuple(given(std::move(scores.r)), given(std::move(scores.f)), given(std::move(scores.m)));
}

scorer_options options_of(const std::tuple<int, int, int>& bins, tie_rule ties) {
    return {rfm_bins(std::get<0>(bins), std::get<1>(bins), std::get<2>(bins)), ties};
}

using rule_tuple = std::tuple<std::string, std::optional<std::pair<int, int>>, std::optional<std::pair<int, int>>,
                              std::optional<std::pair<int, int>>>;

segment_rules rules_of(const std::vector<rule_tuple>& rules, const std::tuple<int, int, int>& bins) {
    const auto range = [](const std::optional<std::pair<int, int>>& of) {
        return of ? std::optional<score_range>(score_range{of->first, of->second}) : std::nullopt;
    };
    std::vector<segment_rule> result;
    for (const auto& [name, r, f, m] : rules) result.push_back({name, range(r), range(f), range(m)});
    return segment_rules(std::move(result), rfm_bins(std::get<0>(bins), std::get<1>(bins), std::get<2>(bins)));
}

std::vector<rule_tuple> tuples_of(const segment_rules& rules) {
    const auto range = [](const std::optional<score_range>& of) {
        return of ? std::optional<std::pair<int, int>>(std::pair(of->low, of->high)) : std::nullopt;
    };
    std::vector<rule_tuple> result;
    for (const segment_rule& rule : rules.rules())
        result.emplace_back(rule.name, range(rule.r), range(rule.f), range(rule.m));
    return result;
}

std::tuple<int, int, int> tuple_of(const rfm_bins& bins) { return {bins.recency, bins.frequency, bins.monetary}; }

}  // namespace

void register_scoring(py::module_& module) {
    py::native_enum<tie_rule>(module, "Ties", "enum.Enum")
        .value("first", tie_rule::first)
        .value("together", tie_rule::together)
        .finalize();

    py::class_<rfm_values>(module, "Values", "Recency, frequency and monetary as they are scored.")
        .def(py::init(&values_of), py::arg("recency"), py::arg("frequency"), py::arg("monetary"),
             py::arg("customer_id"))
        .def("__len__", [](const rfm_values& self) { return self.recency.size(); });

    py::class_<rfm_scorer>(module, "Scorer", "Fitted cut points.")
        .def_static(
            "fit",
            [](const rfm_values& values, const std::tuple<int, int, int>& bins, tie_rule ties) {
                return rfm_scorer::fit(values, options_of(bins, ties));
            },
            py::arg("values"), py::arg("bins"), py::arg("ties"), without_gil())
        .def_static(
            "fit_transform",
            [](const rfm_values& values, const std::tuple<int, int, int>& bins, tie_rule ties) {
                std::pair<rfm_scorer, rfm_scores> both;
                {
                    const py::gil_scoped_release released;
                    both = rfm_scorer::fit_transform(values, options_of(bins, ties));
                }
                return py::make_tuple(std::move(both.first), arrays_of(std::move(both.second)));
            },
            py::arg("values"), py::arg("bins"), py::arg("ties"))
        .def(
            "transform",
            [](const rfm_scorer& self, const rfm_values& values) {
                rfm_scores scores;
                {
                    const py::gil_scoped_release released;
                    scores = self.transform(values);
                }
                return arrays_of(std::move(scores));
            },
            py::arg("values"))
        .def_property_readonly("bins", [](const rfm_scorer& self) { return tuple_of(self.options().bins); })
        .def_property_readonly("ties", [](const rfm_scorer& self) { return self.options().ties; })
        .def_property_readonly("recency_cuts", &rfm_scorer::recency_cuts)
        .def_property_readonly("monetary_cuts", &rfm_scorer::monetary_cuts)
        .def_property_readonly("frequency_cuts",
                               [](const rfm_scorer& self) {
                                   py::list cuts;
                                   for (const frequency_cut& cut : self.frequency_cuts()) {
                                       const id_view id(cut.customer_id);
                                       if (self.options().ties == tie_rule::together) {
                                           cuts.append(cut.frequency);
                                       } else if (id.is_integer()) {
                                           cuts.append(py::make_tuple(cut.frequency, id.integer()));
                                       } else {
                                           cuts.append(py::make_tuple(cut.frequency, std::string(id.text())));
                                       }
                                   }
                                   return cuts;
                               })
        .def("unused_scores", &rfm_scorer::unused_scores)
        .def("to_json", [](const rfm_scorer& self) { return to_json(self); })
        .def_static("from_json", [](const std::string& text) { return scorer_from_json(text); }, py::arg("text"));

    py::class_<segment_rules>(module, "SegmentRules", "A rule table from scores to segment names.")
        .def(py::init(&rules_of), py::arg("rules"), py::arg("bins"))
        .def_static("standard", &segment_rules::standard)
        .def_property_readonly("rules", &tuples_of)
        .def_property_readonly("bins", [](const segment_rules& self) { return tuple_of(self.bins()); })
        .def_property_readonly("names", &segment_rules::names)
        .def("check",
             [](const segment_rules& self) {
                 py::list rows;
                 constexpr const char* names[] = {"gap", "overlap", "dead"};
                 for (const rule_finding& found : self.check()) {
                     rows.append(py::make_tuple(names[static_cast<int>(found.problem)], found.r, found.f, found.m,
                                                found.rules));
                 }
                 return rows;
             })
        .def(
            "assign",
            [](const segment_rules& self, const contiguous<std::int64_t>& r, const contiguous<std::int64_t>& f,
               const contiguous<std::int64_t>& m) {
                const rfm_scores scores{copied<std::int64_t>(r), copied<std::int64_t>(f), copied<std::int64_t>(m),
                                        self.bins()};
                category_column segments;
                {
                    const py::gil_scoped_release released;
                    segments = self.assign(scores);
                }
                return given(std::move(segments.codes));
            },
            py::arg("r"), py::arg("f"), py::arg("m"))
        .def(
            "equals", [](const segment_rules& self, const segment_rules& other) { return self == other; },
            py::arg("other"))
        .def("to_json", [](const segment_rules& self) { return to_json(self); })
        .def_static("from_json", [](const std::string& text) { return rules_from_json(text); }, py::arg("text"));

    module.def(
        "rfm",
        [](const ledger& book, std::optional<moment> as_of, customer_basis basis, std::optional<std::int64_t> window,
           const std::optional<rfm_scorer>& scorer, tie_rule ties, const segment_rules& rules) {
            return python_table(as_table(rfm(book, {as_of, basis, window}, scorer, ties, rules)));
        },
        py::arg("book"), py::arg("as_of"), py::arg("basis"), py::arg("window"), py::arg("scorer"), py::arg("ties"),
        py::arg("rules"), without_gil());
}

}  // namespace lgs_rfm::python
