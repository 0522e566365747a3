#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>

namespace lgs_rfm::detail {

/// Adds lines to an entry, or says why the ledger cannot hold them.
inline void add_sums(line_sums& to, const line_sums& from) {
    if (!to.add(from)) {
        throw error(error_code::overflow, "one invoice, customer and moment has 2^32 lines or more; split the input");
    }
}

/// Codes must fit 32 bits, the highest one is taken by "missing".
inline void check_id_count(std::size_t ids) {
    if (ids >= id_column::missing) {
        throw error(error_code::out_of_range, "a ledger holds at most 2^32 - 2 distinct ids; split it by period");
    }
}

/// Two id lists as one, and where each old code went.
struct merged_ids {
    std::shared_ptr<const id_list> ids;
    std::vector<std::uint32_t> from_a;
    std::vector<std::uint32_t> from_b;
};

[[nodiscard]] inline merged_ids merge_ids(const std::shared_ptr<const id_list>& a,
                                          const std::shared_ptr<const id_list>& b) {
    auto merged = std::make_shared<id_list>();
    merged_ids result;
    result.from_a.resize(a->size());
    result.from_b.resize(b->size());
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a->size() || j < b->size()) {
        const auto order = i == a->size()   ? std::strong_ordering::greater
                           : j == b->size() ? std::strong_ordering::less
                                            : (*a)[i] <=> (*b)[j];
        const auto code = static_cast<std::uint32_t>(merged->size());
        check_id_count(merged->size() + 1);
        merged->push_back(order <= 0 ? (*a)[i] : (*b)[j]);
        if (order <= 0) result.from_a[i++] = code;
        if (order >= 0) result.from_b[j++] = code;
    }
    result.ids = std::move(merged);
    return result;
}

/// Both ledgers' entries in one; equal keys are summed. Order of the arguments does not matter. O(entries + ids).
[[nodiscard]] inline ledger_entries merge_entries(const ledger_entries& a, const ledger_entries& b) {
    const merged_ids invoices = merge_ids(a.invoices, b.invoices);
    const merged_ids customers = merge_ids(a.customers, b.customers);
    const auto recode = [](const std::vector<std::uint32_t>& map, std::uint32_t code) {
        return code == id_column::missing ? code : map[code];
    };
    using key = std::tuple<std::uint32_t, std::uint32_t, moment>;
    const auto key_a = [&](std::size_t i) {
        return key(recode(invoices.from_a, a.invoice[i]), recode(customers.from_a, a.customer[i]), a.moment[i]);
    };
    const auto key_b = [&](std::size_t i) {
        return key(recode(invoices.from_b, b.invoice[i]), recode(customers.from_b, b.customer[i]), b.moment[i]);
    };
    ledger_entries merged;
    merged.invoices = invoices.ids;
    merged.customers = customers.ids;
    merged.reserve(a.size() + b.size());
    packed_sums::in_order sums_a(a.sums);
    packed_sums::in_order sums_b(b.sums);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        const auto order = i == a.size()   ? std::strong_ordering::greater
                           : j == b.size() ? std::strong_ordering::less
                                           : key_a(i) <=> key_b(j);
        const auto [invoice, customer, at] = order <= 0 ? key_a(i) : key_b(j);
        line_sums sums = order <= 0 ? sums_a[i] : sums_b[j];
        if (order == 0) add_sums(sums, sums_b[j]);
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
        merged.push_back(invoice, customer, at, sums);
    }
    return merged;
}

/// The ids that are used, and where each code went. Unused ids leave, so equal ledgers keep equal bytes.
[[nodiscard]] inline std::shared_ptr<const id_list> used_ids(const std::shared_ptr<const id_list>& ids,
                                                             record_array<std::uint32_t>& codes) {
    std::vector<std::uint32_t> map(ids->size(), id_column::missing);
    for (const std::uint32_t code : codes) {
        if (code != id_column::missing) map[code] = 0;
    }
    auto kept = std::make_shared<id_list>();
    for (std::size_t code = 0; code < map.size(); ++code) {
        if (map[code] == 0) {
            map[code] = static_cast<std::uint32_t>(kept->size());
            kept->push_back((*ids)[code]);
        }
    }
    for (std::uint32_t& code : codes) {
        code = code == id_column::missing ? code : map[code];
    }
    return kept;
}

/// The entries for which `keep(moment)` holds. O(entries + ids).
template <class Keep>
[[nodiscard]] ledger_entries filter_entries(const ledger_entries& entries, Keep&& keep) {
    ledger_entries kept;
    packed_sums::in_order sums(entries.sums);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (keep(entries.moment[i])) {
            kept.push_back(entries.invoice[i], entries.customer[i], entries.moment[i], sums[i]);
        }
    }
    kept.invoices = used_ids(entries.invoices, kept.invoice);
    kept.customers = used_ids(entries.customers, kept.customer);
    return kept;
}

}  // namespace lgs_rfm::detail
