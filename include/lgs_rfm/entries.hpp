#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/packed_sums.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/line_sums.hpp>

namespace lgs_rfm {

/// What an invoice is, by the first character of its number.
enum class invoice_kind : std::uint8_t { sale, cancellation, adjustment };

/// The kind's name: "sale", "cancellation", "adjustment".
[[nodiscard]] constexpr std::string_view to_string(invoice_kind kind) noexcept {
    constexpr std::array<std::string_view, 3> names{"sale", "cancellation", "adjustment"};
    return names[static_cast<std::size_t>(kind)];
}

/// The ledger's entries: one per distinct (invoice, customer, moment), in the order of these three; a missing id comes
/// last. Parallel arrays; ids are codes into the two lists, `id_column::missing` stands for a missing one.
struct ledger_entries {
    std::shared_ptr<const id_list> invoices = std::make_shared<const id_list>();
    std::shared_ptr<const id_list> customers = std::make_shared<const id_list>();
    detail::record_array<std::uint32_t> invoice;
    detail::record_array<std::uint32_t> customer;
    detail::record_array<lgs_rfm::moment> moment;
    detail::packed_sums sums;  ///< `sums[i]` gives the `line_sums` of entry i

    [[nodiscard]] std::size_t size() const noexcept { return moment.size(); }
    [[nodiscard]] bool empty() const noexcept { return moment.empty(); }

    void reserve(std::size_t entries) {
        invoice.reserve(entries);
        customer.reserve(entries);
        moment.reserve(entries);
        sums.reserve(entries);
    }
    /// Appends so many, which the caller writes.
    void extend(std::size_t entries) {
        static_cast<void>(invoice.extend(entries));
        static_cast<void>(customer.extend(entries));
        static_cast<void>(moment.extend(entries));
        sums.extend(entries);
    }
    void push_back(std::uint32_t invoice_code, std::uint32_t customer_code, lgs_rfm::moment at,
                   const line_sums& of_lines) {
        invoice.push_back(invoice_code);
        customer.push_back(customer_code);
        moment.push_back(at);
        sums.push_back(of_lines);
    }
};

/// Where the entries of the invoice that begins at entry `begin` end. Entries with a missing invoice id are one invoice
/// each, as each is one customer at one moment.
[[nodiscard]] inline std::size_t invoice_end(const ledger_entries& entries, std::size_t begin) noexcept {
    const std::uint32_t invoice = entries.invoice[begin];
    std::size_t end = begin + 1;
    if (invoice == id_column::missing) return end;
    while (end < entries.size() && entries.invoice[end] == invoice) ++end;
    return end;
}

/// The first entry from `at` on that begins an invoice, or the end: where entries may be cut.
[[nodiscard]] inline std::size_t invoice_start(const ledger_entries& entries, std::size_t at) noexcept {
    return at == 0 ? 0 : invoice_end(entries, at - 1);
}

/// Calls `visit(begin, end)` for each invoice: the range of its entries. O(entries).
template <class Visit>
void for_each_invoice(const ledger_entries& entries, Visit&& visit) {
    std::size_t begin = 0;
    while (begin < entries.size()) {
        const std::size_t end = invoice_end(entries, begin);
        visit(begin, end);
        begin = end;
    }
}

}  // namespace lgs_rfm
