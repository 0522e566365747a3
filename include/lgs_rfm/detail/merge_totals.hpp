#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/totals_data.hpp>

/// Totals as one of two, and with fewer keys.
namespace lgs_rfm::detail {

[[nodiscard]] inline std::uint32_t recode(const std::vector<std::uint32_t>& map, std::uint32_t code) noexcept {
    return code == id_column::missing ? code : map[code];
}

/// A row's occurrences with their codes in other lists.
[[nodiscard]] inline occurrence recoded(const std::vector<std::uint32_t>& map, occurrence of) noexcept {
    return occurrence_of(map[code_of(of)], has_purchase(of));
}

/// Appends the union of two ascending rows; an id in both has a purchase when it has one in either.
inline void append_union(record_array<occurrence>& to, std::span<const occurrence> a,
                         const std::vector<std::uint32_t>& map_a, std::span<const occurrence> b,
                         const std::vector<std::uint32_t>& map_b) {
    auto i = a.begin();
    auto j = b.begin();
    occurrence* next = to.extend(a.size() + b.size());
    while (i != a.end() && j != b.end()) {
        const occurrence one = recoded(map_a, *i);
        const occurrence other = recoded(map_b, *j);
        const bool both = code_of(one) == code_of(other);
        *next++ = both ? one | other : std::min(one, other);
        i += both || one < other ? 1 : 0;
        j += both || other < one ? 1 : 0;
    }
    for (; i != a.end(); ++i) *next++ = recoded(map_a, *i);
    for (; j != b.end(); ++j) *next++ = recoded(map_b, *j);
    to.truncate(static_cast<std::size_t>(next - to.begin()));
}

/// Both in one; equal keys are summed. The order of the arguments does not matter. O(rows + occurrences).
[[nodiscard]] inline totals_data merge_totals(const totals_data& a, const totals_data& b) {
    const std::size_t keys = a.ids.size();
    totals_data merged(keys);
    std::vector<merged_ids> maps;
    for (std::size_t k = 0; k < keys; ++k) {
        maps.push_back(merge_ids(a.ids[k], b.ids[k]));
        merged.ids[k] = maps.back().ids;
    }
    const merged_ids invoices = merge_ids(a.invoices, b.invoices);
    const merged_ids customers = merge_ids(a.customers, b.customers);
    check_occurrences(std::max(invoices.ids->size(), customers.ids->size()));
    merged.invoices = invoices.ids;
    merged.customers = customers.ids;

    const auto order_of = [&](std::size_t i, std::size_t j) {
        for (std::size_t k = 0; k < keys; ++k) {
            const auto order = recode(maps[k].from_a, a.codes[k][i]) <=> recode(maps[k].from_b, b.codes[k][j]);
            if (order != 0) return order;
        }
        return std::strong_ordering::equal;
    };
    std::vector<std::uint32_t> row_of_a(a.size());
    std::vector<std::uint32_t> row_of_b(b.size());
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        const auto order = i == a.size()   ? std::strong_ordering::greater
                           : j == b.size() ? std::strong_ordering::less
                                           : order_of(i, j);
        const auto row = static_cast<std::uint32_t>(merged.size());
        for (std::size_t k = 0; k < keys; ++k) {
            merged.codes[k].push_back(order <= 0 ? recode(maps[k].from_a, a.codes[k][i])
                                                 : recode(maps[k].from_b, b.codes[k][j]));
        }
        const auto rows = [&](const occurrence_lists& in_a, const merged_ids& map, const occurrence_lists& in_b,
                              occurrence_lists& to) {
            append_union(to.of, order <= 0 ? in_a.row(i) : std::span<const occurrence>(), map.from_a,
                         order >= 0 ? in_b.row(j) : std::span<const occurrence>(), map.from_b);
            to.ends.push_back(to.of.size());
        };
        rows(a.in_invoice, invoices, b.in_invoice, merged.in_invoice);
        rows(a.of_customer, customers, b.of_customer, merged.of_customer);
        merged.sums.push_back(order <= 0 ? a.sums[i] : b.sums[j]);
        if (order == 0) merged.sums.back().add(b.sums[j]);
        if (order <= 0) row_of_a[i++] = row;
        if (order >= 0) row_of_b[j++] = row;
    }
    check_occurrences(merged.size());

    const auto moved = [&](unnumbered_invoice of, const std::vector<std::uint32_t>& row_of,
                           const std::vector<std::uint32_t>& customer) {
        of.row = row_of[of.row];
        of.customer = recode(customer, of.customer);
        return of;
    };
    std::size_t u = 0;
    std::size_t v = 0;
    while (u < a.unnumbered.size() || v < b.unnumbered.size()) {
        const bool in_a = u < a.unnumbered.size();
        const bool in_b = v < b.unnumbered.size();
        const auto one = in_a ? moved(a.unnumbered[u], row_of_a, customers.from_a) : unnumbered_invoice();
        const auto other = in_b ? moved(b.unnumbered[v], row_of_b, customers.from_b) : unnumbered_invoice();
        const bool first = in_a && (!in_b || one.key() <= other.key());
        const bool second = in_b && (!in_a || other.key() <= one.key());
        merged.unnumbered.push_back(first ? one : other);
        if (first && second) merged.unnumbered.back().bought |= other.bought;
        u += first ? 1 : 0;
        v += second ? 1 : 0;
    }
    return merged;
}

/// Rows put together: row r of `from` goes to row `row_of[r]` of the result, which has `rows` rows and no keys yet.
/// Each occurrence list is read once per id, in id order, so lists come out in order. O(rows + occurrences).
[[nodiscard]] inline totals_data gather_rows(const totals_data& from, std::span<const std::uint32_t> row_of,
                                             std::size_t rows) {
    totals_data result;
    result.invoices = from.invoices;
    result.customers = from.customers;
    result.sums.resize(rows);
    for (std::size_t r = 0; r < from.size(); ++r) result.sums[row_of[r]].add(from.sums[r]);

    std::vector<std::uint32_t> order(from.size());  // the old rows, by new row
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return row_of[a] < row_of[b]; });
    const auto gather = [&](const occurrence_lists& in, occurrence_lists& to) {
        std::vector<occurrence> all;
        for (std::size_t at = 0, row = 0; row < rows; ++row) {
            all.clear();
            std::size_t several = 0;
            for (; at < order.size() && row_of[order[at]] == row; ++at, ++several) {
                const auto more = in.row(order[at]);
                all.insert(all.end(), more.begin(), more.end());
            }
            if (several > 1) std::sort(all.begin(), all.end());
            for (const occurrence each : all) {
                if (to.of.size() > to.begin(row) && code_of(to.of.back()) == code_of(each)) {
                    to.of.back() |= each;
                } else {
                    to.of.push_back(each);
                }
            }
            to.ends.push_back(to.of.size());
        }
    };
    gather(from.in_invoice, result.in_invoice);
    gather(from.of_customer, result.of_customer);

    std::vector<unnumbered_invoice> several(from.unnumbered.begin(), from.unnumbered.end());
    for (unnumbered_invoice& each : several) each.row = row_of[each.row];
    result.unnumbered = distinct_unnumbered(std::move(several));
    return result;
}

/// Totals by the given ones of the keys, in this order.
[[nodiscard]] inline totals_data fold_totals(const totals_data& from, const std::vector<std::size_t>& keys) {
    std::vector<std::uint32_t> order(from.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto order_of = [&](std::uint32_t a, std::uint32_t b) {
        for (const std::size_t k : keys) {
            const auto each = from.codes[k][a] <=> from.codes[k][b];
            if (each != 0) return each;
        }
        return std::strong_ordering::equal;
    };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return order_of(a, b) < 0; });
    std::vector<std::uint32_t> row_of(from.size());
    std::vector<record_array<std::uint32_t>> codes(keys.size());
    std::uint32_t rows = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i == 0 || order_of(order[i - 1], order[i]) != 0) {
            for (std::size_t k = 0; k < keys.size(); ++k) codes[k].push_back(from.codes[keys[k]][order[i]]);
            ++rows;
        }
        row_of[order[i]] = rows - 1;
    }
    totals_data result = gather_rows(from, row_of, rows);
    result.codes = std::move(codes);
    for (const std::size_t k : keys) result.ids.push_back(from.ids[k]);
    return result;
}

/// The ids that occur, and the lists with their new codes. O(ids + occurrences).
[[nodiscard]] inline std::shared_ptr<const id_list> occurring_ids(const std::shared_ptr<const id_list>& ids,
                                                                  record_array<occurrence>& lists,
                                                                  std::vector<std::uint32_t>& map) {
    map.assign(ids->size(), id_column::missing);
    for (const occurrence each : lists) map[code_of(each)] = 0;
    auto kept = std::make_shared<id_list>();
    for (std::size_t code = 0; code < map.size(); ++code) {
        if (map[code] == id_column::missing) continue;
        map[code] = static_cast<std::uint32_t>(kept->size());
        kept->push_back((*ids)[code]);
    }
    for (occurrence& each : lists) each = recoded(map, each);
    return kept;
}

/// What is left when lines were left out: the rows that have lines, and the ids that occur in them.
[[nodiscard]] inline totals_data without_unused(totals_data from) {
    totals_data kept(from.ids.size());
    std::vector<std::uint32_t> row_of(from.size());
    for (std::size_t r = 0; r < from.size(); ++r) {
        row_of[r] = static_cast<std::uint32_t>(kept.size());
        if (from.sums[r].lines == 0) continue;  // nothing occurs in it either
        for (std::size_t k = 0; k < from.codes.size(); ++k) kept.codes[k].push_back(from.codes[k][r]);
        kept.sums.push_back(from.sums[r]);
        kept.in_invoice.ends.push_back(from.in_invoice.ends[r]);
        kept.of_customer.ends.push_back(from.of_customer.ends[r]);
    }
    for (std::size_t k = 0; k < from.codes.size(); ++k) kept.ids[k] = used_ids(from.ids[k], kept.codes[k]);
    kept.in_invoice.of = std::move(from.in_invoice.of);
    kept.of_customer.of = std::move(from.of_customer.of);
    kept.unnumbered = std::move(from.unnumbered);
    std::vector<std::uint32_t> map;
    kept.invoices = occurring_ids(from.invoices, kept.in_invoice.of, map);
    kept.customers = occurring_ids(from.customers, kept.of_customer.of, map);
    for (unnumbered_invoice& each : kept.unnumbered) {
        each.row = row_of[each.row];
        each.customer = recode(map, each.customer);
    }
    return kept;
}

}  // namespace lgs_rfm::detail
