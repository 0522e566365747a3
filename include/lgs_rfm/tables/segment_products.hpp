#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/tables/products.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

struct segment_product_options {
    std::int64_t min_customers = 20;      ///< of a segment who bought a product, for it to have a row
    std::optional<std::size_t> top = {};  ///< so many rows a segment at most
    shown_codes show = shown_codes::goods;
};

/// What the customers of each label buy more, or less, than all do.
struct segment_product_columns {
    category_column label;
    id_column stock_code;
    id_column description;  ///< the most frequent one of the product; missing: not totalled by it
    detail::large_vector<std::int64_t> customers;  ///< of the label, who bought it
    detail::large_vector<double> share;            ///< of the buyers with this label
    detail::large_vector<double> share_of_all;     ///< of all buyers, who bought it
    detail::large_vector<double> lift;             ///< share / share_of_all
    std::string label_name;
};

/// A row for each label and product that enough customers bought; labels in their order, in each the highest lift first
/// (equals: more customers first, then the order of codes). Buyers are customers with a purchase line of anything, also
/// those without a label. `by`: totals by a label and stock_code, or these and description. Throws `invalid_option` for
/// others. O(rows + occurrences).
[[nodiscard]] inline segment_product_columns segment_product_table(const totals& by,
                                                                   const segment_product_options& options = {}) {
    if (by.keys().empty() || by.keys()[0].from != total_key::source::label) {
        throw error(error_code::invalid_option, "segment_products: the totals' first key is no label of customers");
    }
    const std::string label = by.keys()[0].name;
    detail::check_keys(by, {label, "stock_code"}, "segment_products");
    const bool described = by.keys().size() > 2;
    if (described) detail::check_keys(by, {label, "stock_code", "description"}, "segment_products");
    detail::check_no_more_keys(by, 3, "segment_products");
    const totals pairs = described ? by.by({label, "stock_code"}) : by;
    const totals labels = by.by({label});
    const totals products = by.by({"stock_code"});

    const auto buyers_of = [](const totals& of) {
        return detail::occurrence_counts(of.data().of_customer, of.size()).buying;
    };
    const auto in_label = buyers_of(labels);
    const auto of_product = buyers_of(products);
    const auto of_pair = buyers_of(pairs);
    std::int64_t all = 0;  // a customer has one label, or none, so no one is in two rows
    for (const std::int64_t buyers : in_label) all += buyers;

    const detail::totals_data& data = pairs.data();
    struct row {
        std::size_t pair, label, product;
        double share, of_all, lift;
    };
    std::vector<row> found;
    std::size_t l = 0;
    for (std::size_t r = 0; r < data.size(); ++r) {
        while (labels.data().codes[0][l] != data.codes[0][r]) ++l;  // both in the same order
        if (data.codes[0][r] == id_column::missing || of_pair[r] < std::max<std::int64_t>(options.min_customers, 1))
            continue;
        const std::uint32_t code = data.codes[1][r];
        if (!detail::is_shown(code == id_column::missing ? id_view() : (*data.ids[1])[code], options.show)) continue;
        const auto p = static_cast<std::size_t>(
            std::lower_bound(products.data().codes[0].begin(), products.data().codes[0].end(), code) -
            products.data().codes[0].begin());
        const double share = static_cast<double>(of_pair[r]) / static_cast<double>(in_label[l]);
        const double of_all = static_cast<double>(of_product[p]) / static_cast<double>(all);
        found.push_back({r, l, p, share, of_all, share / of_all});
    }
    std::stable_sort(found.begin(), found.end(), [&](const row& a, const row& b) {
        if (a.label != b.label) return a.label < b.label;
        if (a.lift != b.lift) return a.lift > b.lift;
        return of_pair[a.pair] > of_pair[b.pair];
    });

    segment_product_columns result;
    result.label_name = label;
    result.label.names = std::make_shared<const std::vector<std::string>>(by.labels()->names);
    result.stock_code = id_column(data.ids[1]);
    result.description = id_column(by.data().ids[described ? 2 : 1]);
    const auto descriptions = described ? detail::most_frequent(by.by({"stock_code", "description"}).data())
                                        : detail::large_vector<std::uint32_t>(products.size(), id_column::missing);
    std::size_t in_this = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const row& each = found[i];
        in_this = i > 0 && found[i - 1].label == each.label ? in_this + 1 : 0;
        if (options.top && in_this >= *options.top) continue;
        const std::uint32_t name = data.codes[0][each.pair];
        result.label.codes.push_back(static_cast<std::int32_t>(data.ids[0]->integers()[name]));
        result.stock_code.push_back(data.codes[1][each.pair]);
        result.description.push_back(descriptions[each.product]);
        result.customers.push_back(of_pair[each.pair]);
        result.share.push_back(each.share);
        result.share_of_all.push_back(each.of_all);
        result.lift.push_back(each.lift);
    }
    return result;
}

[[nodiscard]] inline table as_table(segment_product_columns from) {
    return {{{from.label_name, std::move(from.label)},
             {"stock_code", std::move(from.stock_code)},
             {"description", std::move(from.description)},
             {"customers", std::move(from.customers)},
             {"share", std::move(from.share)},
             {"share_of_all", std::move(from.share_of_all)},
             {"lift", std::move(from.lift)}}};
}

}  // namespace lgs_rfm
