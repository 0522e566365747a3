#pragma once

#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <lgs_rfm/ledger.hpp>

#include "lines.hpp"

namespace reference {

/// An id by the definition: a text that an int64 prints as is that integer; blank is missing.
struct id {
    int kind = 2;  // 0 integer, 1 text, 2 missing
    long long value = 0;
    std::string text;
    friend auto operator<=>(const id&, const id&) = default;
    friend bool operator==(const id&, const id&) = default;
};

inline id make_id(const std::string& text) {
    if (text.find_first_not_of(" \t\n\r\v\f") == std::string::npos) return {};
    errno = 0;
    const long long value = std::strtoll(text.c_str(), nullptr, 10);
    if (errno == 0 && std::to_string(value) == text) return {0, value, ""};
    return {1, 0, text};
}

inline std::string text_of(const id& of) { return of.kind == 0 ? std::to_string(of.value) : of.text; }

inline char kind_of(const id& invoice) {
    if (invoice.kind != 1) return 'S';
    return invoice.text[0] == 'C' ? 'C' : invoice.text[0] == 'A' ? 'A' : 'S';
}

inline lgs_rfm::int128 amount_of(const line& of) { return lgs_rfm::int128{of.quantity} * of.price; }
inline bool is_purchase(const line& of) { return of.quantity > 0 && amount_of(of) > 0; }

/// An invoice: its number, or for a missing one the customer and the moment.
using invoice_key = std::tuple<id, id, lgs_rfm::moment>;
inline invoice_key invoice_of(const line& of) {
    const id number = make_id(of.invoice);
    return number.kind == 2 ? invoice_key(number, make_id(of.customer), of.at) : invoice_key(number, id{}, 0);
}

using entry_key = std::tuple<id, id, lgs_rfm::moment>;

/// The ledger by its definition: the lines of each (invoice, customer, moment), summed.
inline std::map<entry_key, lgs_rfm::line_sums> entries_of(const lines& from) {
    std::map<entry_key, lgs_rfm::line_sums> entries;
    for (const line& each : from) {
        const id invoice = make_id(each.invoice);
        lgs_rfm::line_sums& sums = entries[{invoice, make_id(each.customer), each.at}];
        const char kind = kind_of(invoice);
        sums.lines += 1;
        sums.purchase_lines += is_purchase(each) ? 1 : 0;
        sums.zero_price += each.price == 0 ? 1 : 0;
        sums.negative_price += each.price < 0 ? 1 : 0;
        sums.zero_quantity += each.quantity == 0 ? 1 : 0;
        sums.odd_quantity += (kind == 'C' && each.quantity > 0) || (kind == 'S' && each.quantity < 0) ? 1 : 0;
        sums.quantity += each.quantity;
        sums.gross.millionths += is_purchase(each) ? amount_of(each) : 0;
        sums.net.millionths += amount_of(each);
    }
    return entries;
}

/// A real ledger's entries in the same form.
inline std::vector<std::pair<entry_key, lgs_rfm::line_sums>> entries_of(const lgs_rfm::ledger& book) {
    const auto held = book.entries();
    const auto text = [](const lgs_rfm::id_list& ids, std::uint32_t code) {
        return code == lgs_rfm::id_column::missing ? id{} : make_id(lgs_rfm::to_string(ids[code]));
    };
    std::vector<std::pair<entry_key, lgs_rfm::line_sums>> entries;
    for (std::size_t i = 0; i < held->size(); ++i) {
        entries.emplace_back(entry_key(text(*held->invoices, held->invoice[i]),
                                       text(*held->customers, held->customer[i]), held->moment[i]),
                             held->sums[i]);
    }
    return entries;
}

/// The ledger of lines in one add.
inline lgs_rfm::ledger ledger_of(const lines& from) {
    const columns memory(from);
    lgs_rfm::ledger book;
    book.add(memory.view());
    return book;
}

/// The ledger of the same lines without the column of invoice numbers.
inline lgs_rfm::ledger ledger_without_numbers(const lines& from) {
    const columns memory(from);
    lgs_rfm::invoice_lines view = memory.view();
    view.invoice = {};
    lgs_rfm::ledger book;
    book.add(view);
    return book;
}

}  // namespace reference
