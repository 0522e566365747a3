#pragma once

#include <cstddef>
#include <cstdint>

#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Calls `visit(begin, end, invoices)` for the invoices among the entries [first, last), which are those of whole
/// invoices, if `wanted(begin, end)`. An invoice of several entries is visited by itself; those of one entry, as nearly
/// all are, together with their neighbours, up to a number that stays in the nearest cache. `invoices`: how many these
/// are, so either 1 or one an entry. O(entries).
template <class Wanted, class Visit>
void for_each_invoice_stretch(const ledger_entries& entries, std::size_t first, std::size_t last, Wanted&& wanted,
                              Visit&& visit) {
    constexpr std::size_t at_once = 256;
    const std::uint32_t* const codes = entries.invoice.data();
    const std::size_t size = entries.size();
    const auto is_single = [&](std::size_t i) {
        return i + 1 == size || codes[i] != codes[i + 1] || codes[i] == id_column::missing;
    };
    while (first < last) {
        std::size_t end = first;
        while (end < last && end < first + at_once && is_single(end) && wanted(end, end + 1)) ++end;
        if (end > first) {
            visit(first, end, end - first);
        } else {
            end = invoice_end(entries, first);
            if (wanted(first, end)) visit(first, end, std::size_t{1});
        }
        first = end;
    }
}

}  // namespace lgs_rfm::detail
