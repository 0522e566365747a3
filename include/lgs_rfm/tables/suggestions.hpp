#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lgs_rfm/tables/bought_together.hpp>
#include <lgs_rfm/tables/features.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

/// What to write to customers about, a row each in id order.
struct suggestion_columns {
    id_column customer_id;
    id_column favourite_product;  ///< as in `feature_table`
    id_column suggested_product;  ///< missing where there is none
};

/// For each customer with a purchase line of a product (services left out): the favourite, and of the products that are
/// bought together with it on `min_invoices` sale invoices or more the one with the highest confidence (of equals the
/// first in the order of codes) that the customer has not bought. `by`: totals by customer_id and stock_code. Throws
/// `invalid_option` for others. O(rows + what `bought_together` costs).
[[nodiscard]] inline suggestion_columns suggestion_table(const totals& by, std::int64_t min_invoices = 20) {
    detail::check_keys(by, {"customer_id", "stock_code"}, "suggestions");
    const detail::totals_data& data = by.data();
    const pair_columns pairs =
        bought_together(by.by({"stock_code"}), {.min_invoices = min_invoices, .show = shown_codes::goods});
    struct partner {
        double confidence;
        std::uint32_t code;
    };
    std::vector<std::vector<partner>> partners(data.ids[1]->size());
    for (std::size_t i = 0; i < pairs.invoices.size(); ++i) {
        const std::uint32_t a = pairs.product_a.codes()[i];
        const std::uint32_t b = pairs.product_b.codes()[i];
        partners[a].push_back({pairs.confidence_ab[i], b});
        partners[b].push_back({pairs.confidence_ba[i], a});
    }
    for (std::vector<partner>& each : partners) {
        std::sort(each.begin(), each.end(), [](const partner& x, const partner& y) {
            return x.confidence != y.confidence ? x.confidence > y.confidence : x.code < y.code;
        });
    }
    std::vector<std::uint8_t> goods(data.ids[1]->size());
    for (std::size_t code = 0; code < goods.size(); ++code) goods[code] = is_service((*data.ids[1])[code]) ? 0 : 1;

    suggestion_columns result{id_column(data.ids[0]), id_column(data.ids[1]), id_column(data.ids[1])};
    const detail::occurrence_counts invoices = detail::invoice_counts(data);
    std::vector<std::uint32_t> bought;
    for (std::size_t begin = 0, end = 0; begin < data.size(); begin = end) {
        while (end < data.size() && data.codes[0][end] == data.codes[0][begin]) ++end;
        const std::uint32_t favourite =
            detail::favourite(data, invoices, 1, begin, end, [&](std::uint32_t code) { return goods[code] != 0; });
        if (data.codes[0][begin] == id_column::missing || favourite == id_column::missing) continue;
        bought.clear();  // ascending, as the rows are
        for (std::size_t row = begin; row < end; ++row) {
            if (data.sums[row].purchase_lines != 0) bought.push_back(data.codes[1][row]);
        }
        const auto& of = partners[favourite];
        const auto next = std::find_if(of.begin(), of.end(), [&](const partner& each) {
            return !std::binary_search(bought.begin(), bought.end(), each.code);
        });
        result.customer_id.push_back(data.codes[0][begin]);
        result.favourite_product.push_back(favourite);
        result.suggested_product.push_back(next == of.end() ? id_column::missing : next->code);
    }
    return result;
}

[[nodiscard]] inline table as_table(suggestion_columns from) {
    return {{{"customer_id", std::move(from.customer_id)},
             {"favourite_product", std::move(from.favourite_product)},
             {"suggested_product", std::move(from.suggested_product)}}};
}

}  // namespace lgs_rfm
