#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/ratio_column.hpp>
#include <lgs_rfm/tables/rows.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

/// Which codes are shown where products are: goods alone, services alone, or both.
enum class shown_codes : std::uint8_t { goods, services, all };

struct product_options {
    std::optional<std::size_t> top = {};  ///< so many rows at most
    shown_codes show = shown_codes::goods;
};

/// True for codes of services (postage, fees, manual corrections): those that do not start with five digits, and a
/// missing one.
[[nodiscard]] inline bool is_service(const id_view& code) {
    const std::string text = to_string(code);
    return text.size() < 5 || !std::all_of(text.begin(), text.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
}

namespace detail {

/// Whether a row of this code is shown.
[[nodiscard]] inline bool is_shown(const id_view& code, shown_codes show) {
    return show == shown_codes::all || is_service(code) == (show == shown_codes::services);
}

/// Puts rows with the highest gross first; equals keep their order.
inline void highest_gross_first(std::vector<std::int64_t>& rows, const totals_data& data) {
    std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
        return data.sums[static_cast<std::size_t>(a)].gross > data.sums[static_cast<std::size_t>(b)].gross;
    });
}

/// Refuses totals without the keys a table needs.
inline void check_keys(const totals& from, const std::vector<std::string>& needed, const char* table) {
    for (std::size_t k = 0; k < needed.size(); ++k) {
        if (k >= from.keys().size() || from.keys()[k].name != needed[k]) {
            throw error(error_code::invalid_option, std::string(table) + ": the totals are not by " + needed[k] +
                                                        "; make them by the keys that it needs, in their order");
        }
    }
}

/// Refuses totals with keys beside those a table needs.
inline void check_no_more_keys(const totals& from, std::size_t needed, const char* table) {
    if (from.keys().size() <= needed) return;
    throw error(error_code::invalid_option, std::string(table) + ": the totals have more keys than it takes, such as " +
                                                from.keys()[needed].name + "; make them by fewer");
}

/// For each value of key 0, in rows sorted by (key 0, key 1): the value of key 1 with the most lines; the first of
/// equals, and a missing one only where there is no other.
[[nodiscard]] inline large_vector<std::uint32_t> most_frequent(const totals_data& by_both) {
    large_vector<std::uint32_t> best;
    std::int64_t most = 0;
    for (std::size_t r = 0; r < by_both.size(); ++r) {
        if (r == 0 || by_both.codes[0][r] != by_both.codes[0][r - 1]) {
            best.push_back(id_column::missing);
            most = 0;
        }
        if (by_both.codes[1][r] != id_column::missing && by_both.sums[r].lines > most) {
            best.back() = by_both.codes[1][r];
            most = by_both.sums[r].lines;
        }
    }
    return best;
}

}  // namespace detail

/// Products, those with the highest gross first (equals in the order of codes): stock_code, description (the most
/// frequent one; of equals the first in the order of ids; missing when the totals are not by it), service, the columns
/// of totals, return_rate (returned_units / bought), gross_share of all rows that may be shown, and running_share of
/// these and the rows before. `by`: totals by stock_code, or by stock_code and description. Throws `invalid_option` for
/// others. O(rows + occurrences).
[[nodiscard]] inline table product_table(const totals& by, const product_options& options = {}) {
    detail::check_keys(by, {"stock_code"}, "products");
    const bool described = by.keys().size() > 1;
    if (described) detail::check_keys(by, {"stock_code", "description"}, "products");
    detail::check_no_more_keys(by, 2, "products");
    const totals products = described ? by.by({"stock_code"}) : by;
    const detail::totals_data& data = products.data();
    table all = as_table(products);
    const std::size_t rows = data.size();
    const auto code_at = [&](std::size_t row) {
        const std::uint32_t code = data.codes[0][row];
        return code == id_column::missing ? id_view() : (*data.ids[0])[code];
    };

    std::vector<std::int64_t> order;
    detail::large_vector<std::int64_t> service;
    int128 gross = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        service.push_back(is_service(code_at(row)) ? 1 : 0);
        if (!detail::is_shown(code_at(row), options.show)) continue;
        order.push_back(static_cast<std::int64_t>(row));
        gross += data.sums[row].gross;
    }
    detail::highest_gross_first(order, data);
    if (options.top && order.size() > *options.top) order.resize(*options.top);

    id_column description(by.data().ids[described ? 1 : 0]);
    if (described) {
        for (const std::uint32_t code : detail::most_frequent(by.data())) description.push_back(code);
    } else {
        for (std::size_t row = 0; row < rows; ++row) description.push_back(id_column::missing);
    }
    all.columns.insert(all.columns.begin() + 1, {"description", std::move(description)});
    all.columns.insert(all.columns.begin() + 2, {"service", std::move(service)});
    detail::ratio_column returned(rows);
    detail::ratio_column share(rows);
    for (const detail::total_sums& sums : data.sums) {
        returned.push_back(static_cast<double>(sums.returned_units), static_cast<double>(sums.bought));
        share.push_back(to_double(money{sums.gross}), to_double(money{gross}));
    }
    all.columns.push_back(std::move(returned).named("return_rate"));
    all.columns.push_back(std::move(share).named("gross_share"));
    table result = rows_of(all, order);
    detail::ratio_column running(order.size());
    int128 so_far = 0;
    for (const std::int64_t row : order) {
        so_far += data.sums[static_cast<std::size_t>(row)].gross;
        running.push_back(to_double(money{so_far}), to_double(money{gross}));
    }
    result.columns.push_back(std::move(running).named("running_share"));
    return result;
}

}  // namespace lgs_rfm
