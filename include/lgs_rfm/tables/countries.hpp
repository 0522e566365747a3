#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/ratio_column.hpp>
#include <lgs_rfm/tables/products.hpp>
#include <lgs_rfm/tables/rows.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

/// Countries, or any other first key: its columns of totals, average_invoice (gross / purchase_invoices),
/// net_per_customer (known_net / customers), return_rate (returned_units / bought) and gross_share. By one key the
/// highest gross comes first (equals in the order of the key); by more, rows stay in the order of the keys, and shares
/// are of all rows. Throws `invalid_option` when the first key is not country. O(rows + occurrences).
[[nodiscard]] inline table country_table(const totals& by) {
    detail::check_keys(by, {"country"}, "countries");
    const detail::totals_data& data = by.data();
    const std::size_t rows = data.size();
    table all = as_table(by);
    const detail::occurrence_counts customers(data.of_customer, rows);
    const detail::occurrence_counts invoices = detail::invoice_counts(data);
    int128 gross = 0;
    for (const detail::total_sums& sums : data.sums) gross += sums.gross;
    detail::ratio_column average(rows);
    detail::ratio_column per_customer(rows);
    detail::ratio_column returned(rows);
    detail::ratio_column share(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const detail::total_sums& sums = data.sums[row];
        average.push_back(to_double(money{sums.gross}), static_cast<double>(invoices.buying[row]));
        per_customer.push_back(to_double(money{sums.known_net}), static_cast<double>(customers.all[row]));
        returned.push_back(static_cast<double>(sums.returned_units), static_cast<double>(sums.bought));
        share.push_back(to_double(money{sums.gross}), to_double(money{gross}));
    }
    all.columns.push_back(std::move(average).named("average_invoice"));
    all.columns.push_back(std::move(per_customer).named("net_per_customer"));
    all.columns.push_back(std::move(returned).named("return_rate"));
    all.columns.push_back(std::move(share).named("gross_share"));
    if (by.keys().size() > 1) return all;
    std::vector<std::int64_t> order(rows);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    detail::highest_gross_first(order, data);
    return rows_of(all, order);
}

}  // namespace lgs_rfm
