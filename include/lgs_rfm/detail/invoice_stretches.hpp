#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// Where invoices of one entry each end, from entry `first` on, which begins an invoice; at `limit` at the latest. The
/// last entry of all is left to be looked at by itself.
[[nodiscard]] inline std::size_t end_of_singles(const ledger_entries& entries, std::size_t first,
                                                std::size_t limit) noexcept {
    constexpr std::size_t at_once = 32;
    const std::uint32_t* const codes = entries.invoice.data();
    const auto goes_on = [codes](std::size_t i) -> std::uint32_t {
        return (codes[i] == codes[i + 1] ? 1U : 0U) & (codes[i] != id_column::missing ? 1U : 0U);
    };
    limit = std::min(limit, entries.size() - 1);
    std::size_t end = first;
    for (std::uint32_t any = 0; end + at_once <= limit; end += at_once) {
        for (std::size_t i = end; i < end + at_once; ++i) any |= goes_on(i);
        if (any != 0) break;
    }
    while (end < limit && goes_on(end) == 0) ++end;
    return end;
}

/// Calls `visit(begin, end, invoices)` for the invoices among the entries [first, last), which are those of whole
/// invoices. An invoice of several entries is visited by itself; those of one entry, as nearly all are, together with
/// their neighbours, up to a number that stays in the nearest cache. `invoices`: how many these are, so either 1 or one
/// an entry. O(entries).
template <class Visit>
void for_each_invoice_stretch(const ledger_entries& entries, std::size_t first, std::size_t last, Visit&& visit) {
    constexpr std::size_t at_once = 256;
    while (first < last) {
        std::size_t end = end_of_singles(entries, first, std::min(last, first + at_once));
        if (end > first) {
            visit(first, end, end - first);
        } else {
            end = invoice_end(entries, first);
            visit(first, end, std::size_t{1});
        }
        first = end;
    }
}

}  // namespace lgs_rfm::detail
