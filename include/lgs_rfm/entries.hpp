#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/money.hpp>

namespace lgs_rfm {

/// What an invoice is, by the first character of its number.
enum class invoice_kind : std::uint8_t { sale, cancellation, adjustment };

/// The kind's name: "sale", "cancellation", "adjustment".
[[nodiscard]] constexpr std::string_view to_string(invoice_kind kind) noexcept {
    constexpr std::array<std::string_view, 3> names{"sale", "cancellation", "adjustment"};
    return names[static_cast<std::size_t>(kind)];
}

/// The sums of some lines of one ledger entry. Counts are below 2^32 (`add` refuses more), quantities and amounts
/// of a line are bounded, so neither the int64 nor the 128-bit sums can overflow.
struct line_sums {
    std::uint32_t lines = 0;
    std::uint32_t purchase_lines = 0;
    std::uint32_t zero_price = 0;
    std::uint32_t negative_price = 0;
    std::uint32_t odd_quantity = 0;
    std::uint32_t zero_quantity = 0;
    std::int64_t quantity = 0;
    money gross;
    money net;

    friend bool operator==(const line_sums&, const line_sums&) = default;

    /// Adds other lines of the same entry; false, with nothing changed, when they would be 2^32 or more.
    [[nodiscard]] bool add(const line_sums& other) noexcept {
        if (lines + std::uint64_t{other.lines} > std::uint64_t{0xFFFF'FFFF}) return false;
        lines += other.lines;
        purchase_lines += other.purchase_lines;
        zero_price += other.zero_price;
        negative_price += other.negative_price;
        odd_quantity += other.odd_quantity;
        zero_quantity += other.zero_quantity;
        quantity += other.quantity;
        gross += other.gross;
        net += other.net;
        return true;
    }
};

/// The ledger's entries: one per distinct (invoice, customer, moment), in the order of these three; a missing id comes
/// last. Parallel arrays; ids are codes into the two lists, `id_column::missing` stands for a missing one.
struct ledger_entries {
    std::shared_ptr<const id_list> invoices = std::make_shared<const id_list>();
    std::shared_ptr<const id_list> customers = std::make_shared<const id_list>();
    detail::large_vector<std::uint32_t> invoice;
    detail::large_vector<std::uint32_t> customer;
    detail::large_vector<lgs_rfm::moment> moment;
    detail::large_vector<line_sums> sums;

    [[nodiscard]] std::size_t size() const noexcept { return moment.size(); }
    [[nodiscard]] bool empty() const noexcept { return moment.empty(); }

    void reserve(std::size_t entries) {
        invoice.reserve(entries);
        customer.reserve(entries);
        moment.reserve(entries);
        sums.reserve(entries);
    }
    void push_back(std::uint32_t invoice_code, std::uint32_t customer_code, lgs_rfm::moment at,
                   const line_sums& of_lines) {
        invoice.push_back(invoice_code);
        customer.push_back(customer_code);
        moment.push_back(at);
        sums.push_back(of_lines);
    }
};

/// Calls `visit(begin, end)` for each invoice: the range of its entries. Entries with a missing invoice id are one
/// invoice each, as each is one customer at one moment. O(entries).
template <class Visit>
void for_each_invoice(const ledger_entries& entries, Visit&& visit) {
    std::size_t begin = 0;
    while (begin < entries.size()) {
        std::size_t end = begin + 1;
        if (entries.invoice[begin] != id_column::missing) {
            while (end < entries.size() && entries.invoice[end] == entries.invoice[begin]) ++end;
        }
        visit(begin, end);
        begin = end;
    }
}

}  // namespace lgs_rfm
