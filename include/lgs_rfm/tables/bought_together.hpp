#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/tables/products.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

struct pair_options {
    std::int64_t min_invoices = 20;       ///< with both products, for a pair to have a row; 1 or more
    shown_codes show = shown_codes::all;  ///< which codes make pairs
    unsigned threads = 0;                 ///< 0: as many as the process may use
};

/// Pairs of products on one invoice. Association rules as in Agrawal, Imielinski and Swami (1993).
struct pair_columns {
    id_column product_a;  ///< before product_b in the order of codes
    id_column product_b;
    detail::large_vector<std::int64_t> invoices;    ///< with both
    detail::large_vector<std::int64_t> invoices_a;  ///< with product_a
    detail::large_vector<std::int64_t> invoices_b;
    detail::large_vector<double> support;        ///< invoices / all invoices
    detail::large_vector<double> confidence_ab;  ///< invoices / invoices_a: of those who buy a, who buy b as well
    detail::large_vector<double> confidence_ba;
    detail::large_vector<double> lift;  ///< support / the product of both supports; 1: as if by chance
    std::int64_t all_invoices = 0;      ///< sale invoices with a purchase line
};

namespace detail {

/// Which products each sale invoice has purchase lines of: by invoice, ascending rows of products.
struct baskets {
    std::vector<std::uint64_t> ends;
    large_vector<std::uint32_t> products;
    std::int64_t bought = 0;  ///< invoices with a purchase line of anything

    [[nodiscard]] std::span<const std::uint32_t> of(std::size_t invoice) const noexcept {
        const std::uint64_t begin = invoice == 0 ? 0 : ends[invoice - 1];
        return std::span(products).subspan(begin, ends[invoice] - begin);
    }

    /// `takes(row)`: whether the row's product counts.
    template <class Takes>
    baskets(const totals& by, Takes&& takes) {
        const totals_data& data = by.data();
        const std::size_t numbered = data.invoices->size();
        std::vector<std::uint8_t> is_sale(numbered);
        for (std::size_t i = 0; i < numbered; ++i) {
            is_sale[i] =
                by.config().kind_of(*data.invoices, static_cast<std::uint32_t>(i)) == invoice_kind::sale ? 1 : 0;
        }
        // Invoices without a number are told by customer and moment, whatever the row, and are sales.
        std::vector<std::uint32_t> unnumbered(data.unnumbered.size());
        std::iota(unnumbered.begin(), unnumbered.end(), 0U);
        const auto invoice_key = [&](std::uint32_t i) {
            return std::pair(data.unnumbered[i].customer, data.unnumbered[i].at);
        };
        std::stable_sort(unnumbered.begin(), unnumbered.end(),
                         [&](auto a, auto b) { return invoice_key(a) < invoice_key(b); });
        std::vector<std::size_t> invoice_of(unnumbered.size());
        std::size_t invoices = numbered;
        for (std::size_t i = 0; i < unnumbered.size(); ++i) {
            if (i == 0 || invoice_key(unnumbered[i]) != invoice_key(unnumbered[i - 1])) ++invoices;
            invoice_of[unnumbered[i]] = invoices - 1;
        }
        std::vector<std::uint8_t> with_purchase(invoices);
        const auto for_each_purchase = [&](auto&& visit) {  // row by row, so products come ascending
            std::size_t u = 0;
            for (std::size_t row = 0; row < data.size(); ++row) {
                for (const occurrence each : data.in_invoice.row(row)) {
                    if (has_purchase(each) && is_sale[code_of(each)] != 0) visit(row, code_of(each));
                }
                for (; u < data.unnumbered.size() && data.unnumbered[u].row == row; ++u) {
                    if (data.unnumbered[u].bought != 0) visit(row, invoice_of[u]);
                }
            }
        };
        ends.assign(invoices, 0);
        for_each_purchase([&](std::size_t row, std::size_t invoice) {
            with_purchase[invoice] = 1;
            if (takes(row)) ++ends[invoice];
        });
        bought = std::accumulate(with_purchase.begin(), with_purchase.end(), std::int64_t{0});
        std::exclusive_scan(ends.begin(), ends.end(), ends.begin(), std::uint64_t{0});
        const std::size_t all = data.in_invoice.of.size() + data.unnumbered.size();
        products.resize(all);
        for_each_purchase([&](std::size_t row, std::size_t invoice) {  // moves each invoice's begin to its end
            if (takes(row)) products[ends[invoice]++] = static_cast<std::uint32_t>(row);
        });
    }
};

}  // namespace detail

/// Pairs of products with purchase lines on enough sale invoices together, those with the most invoices first (equals
/// in the order of the codes). Lines without a code make no pair. `by`: totals by stock_code. Throws `invalid_option`
/// for others and for min_invoices below 1.
///
/// Exact, and memory does not grow with the number of possible pairs: for one product at a time, its invoices are gone
/// through and every product that follows it there is counted, in one counter a product and thread. So a pair is found
/// once, and what is kept is the occurrences and the rows of the result. O(sum over invoices of products squared).
[[nodiscard]] inline pair_columns bought_together(const totals& by, const pair_options& options = {}) {
    detail::check_keys(by, {"stock_code"}, "bought_together");
    if (by.keys().size() != 1) {
        throw error(error_code::invalid_option,
                    "bought_together: the totals have several keys; make them by stock_code");
    }
    if (options.min_invoices < 1) {
        throw error(error_code::invalid_option,
                    "min_invoices: " + std::to_string(options.min_invoices) + " is not 1 or more");
    }
    const detail::totals_data& data = by.data();
    const std::size_t products = data.size();
    std::vector<std::uint8_t> counts(products);
    for (std::size_t row = 0; row < products; ++row) {
        const std::uint32_t code = data.codes[0][row];
        counts[row] = code != id_column::missing && detail::is_shown((*data.ids[0])[code], options.show) ? 1 : 0;
    }
    const detail::baskets baskets(by, [&](std::size_t row) { return counts[row] != 0; });

    // The other way round: which invoices have each product. They come ascending.
    std::vector<std::uint64_t> first(products + 1);
    for (std::size_t i = 0; i < baskets.ends.size(); ++i) {
        for (const std::uint32_t product : baskets.of(i)) ++first[product + 1];
    }
    std::partial_sum(first.begin(), first.end(), first.begin());
    struct place {
        std::uint32_t invoice;
        std::uint32_t next;  ///< where the products behind this one begin, in the invoice
    };
    detail::large_vector<place> places(first.back());
    {
        std::vector<std::uint64_t> next(first.begin(), first.end() - 1);
        for (std::size_t i = 0; i < baskets.ends.size(); ++i) {
            const auto basket = baskets.of(i);
            for (std::uint32_t k = 0; k < basket.size(); ++k) {
                places[next[basket[k]]++] = {static_cast<std::uint32_t>(i), k + 1};
            }
        }
    }

    struct pair {
        std::uint32_t a, b;
        std::uint64_t invoices;
    };
    const unsigned threads = options.threads != 0 ? options.threads : detail::available_threads();
    std::vector<std::vector<pair>> found(threads);
    std::atomic<std::size_t> next_product = 0;
    detail::thread_pool::run(threads, threads, [&](std::size_t part) {
        std::vector<std::uint32_t> together(products);
        std::vector<std::uint32_t> met;
        const auto take = [&](std::size_t a, std::size_t b) {
            const std::uint32_t invoices = std::exchange(together[b], 0);
            if (invoices < options.min_invoices) return;  // 0 among them
            found[part].push_back({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), invoices});
        };
        for (std::size_t a = next_product++; a < products; a = next_product++) {
            const auto own = std::span(places).subspan(first[a], first[a + 1] - first[a]);
            std::size_t steps = 0;
            for (const place& in : own) steps += baskets.of(in.invoice).size() - in.next;
            if (steps < (products - a) / 8) {  // few of many: looking at all counters would take longer
                met.clear();
                for (const place& in : own) {
                    for (const std::uint32_t b : baskets.of(in.invoice).subspan(in.next)) {
                        if (together[b]++ == 0) met.push_back(b);
                    }
                }
                for (const std::uint32_t b : met) take(a, b);
            } else {
                for (const place& in : own) {
                    for (const std::uint32_t b : baskets.of(in.invoice).subspan(in.next)) ++together[b];
                }
                for (std::size_t b = a + 1; b < products; ++b) take(a, b);
            }
        }
    });
    detail::large_vector<pair> pairs;
    for (std::vector<pair>& each : found) {
        pairs.insert(pairs.end(), each.begin(), each.end());
        each = {};
    }
    detail::radix_sort(pairs, [](const pair& of) { return std::uint64_t{of.a} << 32 | of.b; });
    detail::radix_sort(pairs, [](const pair& of) { return ~of.invoices; });  // keeps the order of equals

    pair_columns result;
    result.all_invoices = baskets.bought;
    result.product_a = id_column(data.ids[0]);
    result.product_b = id_column(data.ids[0]);
    const auto all = static_cast<double>(baskets.bought);
    for (const pair& each : pairs) {
        const auto a = static_cast<std::int64_t>(first[each.a + 1] - first[each.a]);
        const auto b = static_cast<std::int64_t>(first[each.b + 1] - first[each.b]);
        const auto both = static_cast<double>(each.invoices);
        result.product_a.push_back(data.codes[0][each.a]);
        result.product_b.push_back(data.codes[0][each.b]);
        result.invoices.push_back(static_cast<std::int64_t>(each.invoices));
        result.invoices_a.push_back(a);
        result.invoices_b.push_back(b);
        result.support.push_back(both / all);
        result.confidence_ab.push_back(both / static_cast<double>(a));
        result.confidence_ba.push_back(both / static_cast<double>(b));
        result.lift.push_back(both * all / (static_cast<double>(a) * static_cast<double>(b)));
    }
    return result;
}

[[nodiscard]] inline table as_table(pair_columns from) {
    return {{{"product_a", std::move(from.product_a)},
             {"product_b", std::move(from.product_b)},
             {"invoices", std::move(from.invoices)},
             {"invoices_a", std::move(from.invoices_a)},
             {"invoices_b", std::move(from.invoices_b)},
             {"support", std::move(from.support)},
             {"confidence_ab", std::move(from.confidence_ab)},
             {"confidence_ba", std::move(from.confidence_ba)},
             {"lift", std::move(from.lift)}}};
}

}  // namespace lgs_rfm
