#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/file_parts.hpp>
#include <lgs_rfm/detail/merge_totals.hpp>
#include <lgs_rfm/detail/totals_builder.hpp>
#include <lgs_rfm/detail/totals_file.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

namespace detail {

/// The columns of `as_table` behind the keys.
inline constexpr std::string_view total_columns[] = {
    "lines",  "purchase_lines", "quantity",    "invoices",  "purchase_invoices", "customers",  "buyers",
    "bought", "returned_units", "written_off", "gross",     "returned",          "adjusted",   "other_deductions",
    "net",    "known_net",      "price_min",   "price_max", "first_moment",      "last_moment"};

/// What a key's name stands for: the labels', a step of the calendar, or a column.
[[nodiscard]] inline total_key read_key(const std::string& name, const customer_labels* labels) {
    for (const char* number : {"quantity", "invoice_date", "unit_price", "amount"}) {
        if (name == number) {
            throw error(error_code::invalid_option, "by: lines are not totalled by " + name +
                                                        "; give a column of names or numbers, or day, week, month, "
                                                        "quarter, year");
        }
    }
    if (std::find(std::begin(total_columns), std::end(total_columns), name) != std::end(total_columns)) {
        throw error(error_code::invalid_option,
                    "by: totals have a column " + name + " of their own; rename yours to total by it");
    }
    if (labels != nullptr && labels->name == name) return {name, total_key::source::label};
    for (const period_step step :
         {period_step::day, period_step::week, period_step::month, period_step::quarter, period_step::year}) {
        if (name == to_string(step)) return {name, total_key::source::period, step};
    }
    return {name};
}

/// Refuses labels of a missing customer, two of one, and codes of no name. Throws `error`.
inline void check_labels(const customer_labels& labels) {
    if (labels.codes.size() != labels.customers.size()) {
        throw error(error_code::unequal_length,
                    "labels: customers have length " + std::to_string(labels.customers.size()) +
                        " but codes have length " + std::to_string(labels.codes.size()) + "; give each customer one");
    }
    for (const std::int32_t code : labels.codes) {
        if (code < -1 || code >= static_cast<std::int64_t>(labels.names.size())) {
            throw error(error_code::invalid_option, "labels: " + std::to_string(code) + " is no place among the " +
                                                        std::to_string(labels.names.size()) +
                                                        " names; give -1 for no label");
        }
    }
    std::vector<bool> seen(labels.customers.ids().size());
    const auto& codes = labels.customers.codes();
    for (std::size_t row = 0; row < codes.size(); ++row) {
        const bool missing = codes[row] == id_column::missing;
        if (!missing && !seen[codes[row]]) {
            seen[codes[row]] = true;
            continue;
        }
        const std::string value = missing ? "" : to_string(labels.customers[row]);
        throw error(missing ? error_code::missing_value : error_code::invalid_option,
                    "column customer_id, row " + std::to_string(row) + ": " +
                        (missing ? "the value is missing; leave such rows out of the labels"
                                 : value + " has a label already; give each customer one"),
                    "customer_id", static_cast<std::int64_t>(row), value);
    }
}

/// Labels of different customers do not go together: one would be in two rows. Of saved ones only the names are known.
[[nodiscard]] inline bool same_labels(const std::shared_ptr<const customer_labels>& a,
                                      const std::shared_ptr<const customer_labels>& b) {
    if (a == b) return true;
    if (!a || !b || a->name != b->name || a->names != b->names) return false;
    if (!a->complete || !b->complete) return true;
    if (a->codes != b->codes || a->customers.size() != b->customers.size()) return false;
    for (std::size_t row = 0; row < a->codes.size(); ++row) {
        if (a->customers[row] != b->customers[row]) return false;
    }
    return true;
}

[[nodiscard]] inline totals_plan plan_of(const totals& of) {
    for (const total_key& key : of.keys()) {
        if (key.from == total_key::source::label && !of.labels()->complete) {
            throw error(error_code::invalid_option, "labels: saved totals do not keep whose label " + key.name +
                                                        " is; total the new lines and merge both");
        }
    }
    return {of.keys(), of.labels(), of.config()};
}

}  // namespace detail

inline totals::totals(const std::vector<std::string>& by, ledger_config config,
                      std::shared_ptr<const customer_labels> labels)
    : config_(std::move(config)),
      labels_(std::move(labels)),
      data_(std::make_shared<const detail::totals_data>(by.size())) {
    if (by.empty() || by.size() > detail::most_keys) {
        throw error(error_code::invalid_option, "by: " + std::to_string(by.size()) + " keys are given; give one to " +
                                                    std::to_string(detail::most_keys));
    }
    for (const std::string& name : by) {
        if (std::any_of(keys_.begin(), keys_.end(), [&](const total_key& key) { return key.name == name; })) {
            throw error(error_code::invalid_option, "by: " + name + " is named twice; name it once");
        }
        keys_.push_back(detail::read_key(name, labels_.get()));
    }
    const auto is_label = [](const total_key& key) { return key.from == total_key::source::label; };
    if (std::none_of(keys_.begin(), keys_.end(), is_label)) labels_ = nullptr;
    if (labels_ != nullptr && labels_->complete) detail::check_labels(*labels_);
}

inline reading_report totals::add(const invoice_lines& lines, copies_policy copies, std::optional<moment> until) {
    detail::totals_builder builder(detail::plan_of(*this), copies, until);
    builder.add(lines);
    auto made = builder.finish();
    add(std::move(made.data));
    return std::move(made.report);
}

inline void totals::add(std::shared_ptr<const detail::totals_data> data) {
    if (data->empty()) return;
    data_ = data_->empty() ? std::move(data)
                           : std::make_shared<const detail::totals_data>(detail::merge_totals(*data_, *data));
}

inline totals& totals::merge(const totals& other) {
    if (keys_ != other.keys_ || config_ != other.config_ || !detail::same_labels(labels_, other.labels_)) {
        throw error(
            error_code::incompatible,
            "the totals differ in keys, labels or prefixes; make both with the same by=, labels= and prefixes=");
    }
    if (labels_ && !labels_->complete) labels_ = other.labels_;
    add(other.data_);
    return *this;
}

inline totals totals::by(const std::vector<std::string>& keys) const {
    totals result(keys, config_, labels_);
    std::vector<std::size_t> kept;
    for (const std::string& name : keys) {
        const auto found =
            std::find_if(keys_.begin(), keys_.end(), [&](const total_key& key) { return key.name == name; });
        if (found == keys_.end()) {
            std::string all;
            for (const total_key& key : keys_) all += (all.empty() ? "" : ", ") + key.name;
            throw error(error_code::invalid_option, "by: " + name + " is none of these totals' keys, which are " + all);
        }
        kept.push_back(static_cast<std::size_t>(found - keys_.begin()));
    }
    result.data_ = std::make_shared<const detail::totals_data>(detail::fold_totals(*data_, kept));
    return result;
}

inline std::string totals::to_bytes() const { return detail::write_totals(keys_, config_, labels_.get(), *data_); }

inline totals totals::from_bytes(std::string_view bytes) {
    auto parts = detail::read_totals(bytes);
    std::vector<std::string> names;
    for (const total_key& key : parts.keys) names.push_back(key.name);
    totals result = [&] {
        try {
            return totals(names, std::move(parts.config), std::move(parts.labels));
        } catch (const error&) {
            detail::throw_damaged("it has an unknown key");
        }
    }();
    if (result.keys_ != parts.keys) detail::throw_damaged("its keys are not what they are called");
    result.data_ = std::make_shared<const detail::totals_data>(std::move(parts.data));
    return result;
}

inline void totals::save(const std::filesystem::path& path) const { detail::write_file(path, to_bytes()); }

inline totals totals::load(const std::filesystem::path& path) { return detail::read_file(path, &totals::from_bytes); }

namespace detail {

/// The key `k` of the rows as a column.
[[nodiscard]] inline table_column key_column(const totals& from, std::size_t k) {
    const total_key& key = from.keys()[k];
    const record_array<std::uint32_t>& codes = from.data().codes[k];
    if (key.from == total_key::source::column) {
        return {key.name, id_column(from.data().ids[k], std::span<const std::uint32_t>(codes))};
    }
    const auto& numbers = from.data().ids[k]->integers();  // days, or places among the names
    large_vector<std::int32_t> values;
    values.reserve(codes.size());
    for (const std::uint32_t code : codes) {
        values.push_back(code == id_column::missing ? -1 : static_cast<std::int32_t>(numbers[code]));
    }
    if (key.from == total_key::source::period) return {key.name, date_values{std::move(values)}};
    return {key.name,
            category_column{std::move(values), std::make_shared<const std::vector<std::string>>(from.labels()->names)}};
}

/// How many ids occur in each row, and with a purchase line.
struct occurrence_counts {
    large_vector<std::int64_t> all;
    large_vector<std::int64_t> buying;

    explicit occurrence_counts(const occurrence_lists& lists, std::size_t rows) : all(rows), buying(rows) {
        for (std::size_t r = 0; r < rows; ++r) {
            const auto row = lists.row(r);
            all[r] = static_cast<std::int64_t>(row.size());
            buying[r] = std::count_if(row.begin(), row.end(), has_purchase);
        }
    }
};

/// The distinct invoices of each row, those without a number among them.
[[nodiscard]] inline occurrence_counts invoice_counts(const totals_data& data) {
    occurrence_counts counts(data.in_invoice, data.size());
    for (const unnumbered_invoice& each : data.unnumbered) {
        counts.all[each.row] += 1;
        counts.buying[each.row] += static_cast<std::int64_t>(each.bought);
    }
    return counts;
}

}  // namespace detail

inline table as_table(const totals& from) {
    using detail::large_vector;
    const detail::totals_data& data = from.data();
    const std::size_t rows = data.size();
    detail::occurrence_counts invoices = detail::invoice_counts(data);
    detail::occurrence_counts customers(data.of_customer, rows);

    table result;
    for (std::size_t k = 0; k < from.keys().size(); ++k) {
        result.columns.push_back(detail::key_column(from, k));
    }
    const auto column = [&](const char* name, auto&& value_of) {
        large_vector<decltype(value_of(data.sums[0]))> values;
        values.reserve(rows);
        for (const detail::total_sums& sums : data.sums) values.push_back(value_of(sums));
        result.columns.push_back({name, std::move(values)});
    };
    using sums = detail::total_sums;
    column("lines", [](const sums& of) { return of.lines; });
    column("purchase_lines", [](const sums& of) { return of.purchase_lines; });
    column("quantity", [](const sums& of) { return of.quantity; });
    result.columns.push_back({"invoices", std::move(invoices.all)});
    result.columns.push_back({"purchase_invoices", std::move(invoices.buying)});
    result.columns.push_back({"customers", std::move(customers.all)});
    result.columns.push_back({"buyers", std::move(customers.buying)});
    column("bought", [](const sums& of) { return of.bought; });
    column("returned_units", [](const sums& of) { return of.returned_units; });
    column("written_off", [](const sums& of) { return of.written_off; });
    column("gross", [](const sums& of) { return money{of.gross}; });
    column("returned", [](const sums& of) { return money{of.returned}; });
    column("adjusted", [](const sums& of) { return money{of.adjusted}; });
    column("other_deductions", [](const sums& of) { return money{of.gross - of.net - of.returned - of.adjusted}; });
    column("net", [](const sums& of) { return money{of.net}; });
    column("known_net", [](const sums& of) { return money{of.known_net}; });
    large_vector<std::uint8_t> priced;
    for (const sums& of : data.sums) priced.push_back(of.price_min <= of.price_max ? 1 : 0);
    for (const auto price : {&sums::price_min, &sums::price_max}) {
        const bool least = price == &sums::price_min;
        column(least ? "price_min" : "price_max",
               [&](const sums& of) { return money{of.price_min <= of.price_max ? of.*price : 0}; });
        result.columns.back().valid = priced;
    }
    for (const auto at : {&sums::first, &sums::last}) {
        large_vector<moment> moments;
        for (const sums& of : data.sums) moments.push_back(of.*at);
        result.columns.push_back(
            {at == &sums::first ? "first_moment" : "last_moment", moment_values{std::move(moments)}});
    }
    return result;
}

}  // namespace lgs_rfm
