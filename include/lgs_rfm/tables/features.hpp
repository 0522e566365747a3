#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/days_between.hpp>
#include <lgs_rfm/tables/products.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

/// The lengths over which features look back, in days.
inline constexpr std::array<std::int64_t, 3> feature_windows{30, 90, 365};

/// One row a customer with a purchase line, for models. Nothing after `customers.as_of` is in it.
struct feature_columns {
    customer_columns customers;              ///< recency, frequency and monetary of purchases
    detail::large_vector<std::int64_t> age;  ///< whole days since the first purchase line
    detail::large_vector<double> gap_mean;   ///< mean days between consecutive days with a purchase; NaN with one day
    detail::large_vector<double> gap_std;    ///< their standard deviation (n - 1); NaN with fewer than two gaps
    std::array<detail::large_vector<std::int64_t>, 3> invoices;  ///< with a purchase line in (as_of - window, as_of]
    std::array<detail::large_vector<money>, 3> gross;
    detail::large_vector<double> average_invoice;  ///< monetary / frequency
    detail::large_vector<double> return_rate;      ///< returned units / bought units
    detail::large_vector<std::int64_t> products;   ///< distinct ones bought, services left out
    id_column favourite_product;  ///< bought on most invoices, then the higher gross, then the lower code
    id_column country;            ///< of most invoices with a purchase line, likewise
};

namespace detail {

/// The value of key `k` on most purchase invoices among rows [begin, end) of totals; the higher gross, then the lower
/// code wins among equals. `takes(code)`: which values count.
template <class Takes>
[[nodiscard]] std::uint32_t favourite(const totals_data& data, const occurrence_counts& invoices, std::size_t k,
                                      std::size_t begin, std::size_t end, Takes&& takes) {
    std::uint32_t best = id_column::missing;
    std::pair<std::int64_t, int128> most(0, 0);
    for (std::size_t row = begin; row < end; ++row) {
        const std::pair<std::int64_t, int128> here(invoices.buying[row], data.sums[row].gross);
        if (data.codes[k][row] == id_column::missing || here <= most || !takes(data.codes[k][row])) continue;
        best = data.codes[k][row];
        most = here;
    }
    return best;
}

/// Where each customer's rows are, in totals whose first key is the customer.
class customer_rows {
public:
    explicit customer_rows(const totals_data& data) : data_(&data) {}
    /// [begin, end) of a customer's rows; empty for one who is not there. Customers are asked for in id order.
    [[nodiscard]] std::pair<std::size_t, std::size_t> of(const id_view& customer) {
        const auto id_at = [&](std::size_t row) {
            const std::uint32_t code = data_->codes[0][row];
            return code == id_column::missing ? id_view() : (*data_->ids[0])[code];
        };
        while (at_ < data_->size() && id_at(at_) < customer) ++at_;
        const std::size_t begin = at_;
        while (at_ < data_->size() && id_at(at_) == customer) ++at_;
        return {begin, at_};
    }

private:
    const totals_data* data_;
    std::size_t at_ = 0;
};

}  // namespace detail

/// Features of customers as of a moment. `book`: the lines' ledger. `by`: totals of the same lines by customer_id and
/// stock_code, `by_country`: by customer_id and country; both of lines up to `as_of` only. Throws `invalid_option` for
/// totals by other keys. O(entries log entries + rows + occurrences).
[[nodiscard]] inline feature_columns feature_table(const ledger& book, const totals& by, const totals& by_country,
                                                   std::optional<moment> as_of = {}) {
    detail::check_keys(by, {"customer_id", "stock_code"}, "features");
    detail::check_keys(by_country, {"customer_id", "country"}, "features");
    detail::check_no_more_keys(by, 2, "features");
    detail::check_no_more_keys(by_country, 2, "features");
    feature_columns table;
    table.customers = customer_table(book, {.as_of = as_of});
    const customer_columns& customers = table.customers;
    const std::size_t rows = customers.customer_id.size();
    table.favourite_product = id_column(by.data().ids[1]);
    table.country = id_column(by_country.data().ids[1]);
    if (rows == 0) return table;
    const moment until = *customers.as_of;

    const customer_gap_columns gaps = days_between_by_customer(book.between({}, until + 1));  // the same customers
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t row = 0; row < rows; ++row) {
        table.gap_mean.push_back(gaps.gaps[row] > 0 ? gaps.mean[row] : none);
        table.gap_std.push_back(gaps.gaps[row] > 1 ? gaps.deviation[row] : none);
    }

    for (std::size_t w = 0; w < feature_windows.size(); ++w) {
        const customer_columns recent =
            customer_table(book, {.as_of = until, .window = feature_windows[w] * micros_per_day});
        std::size_t at = 0;  // both are in the order of codes
        for (const std::uint32_t code : customers.customer_id.codes()) {
            const auto& codes = recent.customer_id.codes();
            const bool there = at < codes.size() && codes[at] == code;
            table.invoices[w].push_back(there ? recent.frequency[at] : 0);
            table.gross[w].push_back(there ? recent.monetary[at] : money{});
            at += there ? 1 : 0;
        }
    }

    const detail::totals_data& products = by.data();
    const detail::totals_data& countries = by_country.data();
    const detail::occurrence_counts product_invoices = detail::invoice_counts(products);
    const detail::occurrence_counts country_invoices = detail::invoice_counts(countries);
    std::vector<std::uint8_t> goods(products.ids[1]->size());
    for (std::size_t code = 0; code < goods.size(); ++code) goods[code] = is_service((*products.ids[1])[code]) ? 0 : 1;
    detail::customer_rows product_rows(products);
    detail::customer_rows country_rows(countries);
    for (std::size_t row = 0; row < rows; ++row) {
        const id_view customer = customers.customer_id[row];
        table.age.push_back(floor_div(until - customers.first_date[row], micros_per_day));
        table.average_invoice.push_back(to_double(customers.monetary[row]) /
                                        static_cast<double>(customers.frequency[row]));
        const auto [begin, end] = product_rows.of(customer);
        detail::total_sums sums;
        std::int64_t distinct = 0;
        for (std::size_t r = begin; r < end; ++r) {
            sums.add(products.sums[r]);
            const std::uint32_t code = products.codes[1][r];
            distinct += code != id_column::missing && goods[code] != 0 && products.sums[r].purchase_lines != 0 ? 1 : 0;
        }
        table.products.push_back(distinct);
        table.return_rate.push_back(sums.bought != 0
                                        ? static_cast<double>(sums.returned_units) / static_cast<double>(sums.bought)
                                        : std::numeric_limits<double>::quiet_NaN());
        table.favourite_product.push_back(detail::favourite(products, product_invoices, 1, begin, end,
                                                            [&](std::uint32_t code) { return goods[code] != 0; }));
        const auto [from, to] = country_rows.of(customer);
        table.country.push_back(
            detail::favourite(countries, country_invoices, 1, from, to, [](std::uint32_t) { return true; }));
    }
    return table;
}

[[nodiscard]] inline table as_table(feature_columns from) {
    const auto measured = [](detail::large_vector<double> values) {  // NaN is missing
        detail::large_vector<std::uint8_t> valid;
        valid.reserve(values.size());
        for (double& value : values) {
            valid.push_back(std::isnan(value) ? 0 : 1);
            if (std::isnan(value)) value = 0;
        }
        return std::pair(std::move(values), std::move(valid));
    };
    table result = as_table(std::move(from.customers));
    const auto add_real = [&](const char* name, detail::large_vector<double> values) {
        auto [data, valid] = measured(std::move(values));
        result.columns.push_back({name, std::move(data), std::move(valid)});
    };
    result.columns.push_back({"age", std::move(from.age)});
    add_real("gap_mean", std::move(from.gap_mean));
    add_real("gap_std", std::move(from.gap_std));
    for (std::size_t w = 0; w < feature_windows.size(); ++w) {
        const std::string days = std::to_string(feature_windows[w]) + "d";
        result.columns.push_back({"invoices_" + days, std::move(from.invoices[w])});
        result.columns.push_back({"gross_" + days, std::move(from.gross[w])});
    }
    add_real("average_invoice", std::move(from.average_invoice));
    add_real("return_rate", std::move(from.return_rate));
    result.columns.push_back({"products", std::move(from.products)});
    result.columns.push_back({"favourite_product", std::move(from.favourite_product)});
    result.columns.push_back({"country", std::move(from.country)});
    return result;
}

}  // namespace lgs_rfm
