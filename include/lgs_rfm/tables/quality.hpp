#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// What the lines are made of and what is odd about them: a row per name. Lines and amounts add up over ledgers that
/// share no line. `amount` is the net of the lines meant; missing (`has_amount` 0) where the ledger does not hold it.
struct quality_columns {
    std::vector<std::string> name;
    detail::large_vector<std::int64_t> lines;
    detail::large_vector<std::int64_t> invoices;  ///< invoices with such a line
    detail::large_vector<money> amount;
    detail::large_vector<std::uint8_t> has_amount;
};

/// Rows: all, sales, cancellations, adjustments (by the invoice's kind), no_prefix (invoices whose number is an
/// integer: when all are, no kind can be told), purchases, unknown_customer, zero_price, negative_price, odd_quantity
/// (above 0 on a cancellation, below 0 on a sale), zero_quantity. O(entries).
[[nodiscard]] inline quality_columns quality_table(const ledger& book) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;

    struct fact {
        const char* name;
        std::int64_t lines = 0;
        std::int64_t invoices = 0;
        money amount = {};
        bool has_amount = true;
        std::size_t last_invoice = 0;  // number of the invoice counted last, from 1

        void count(std::size_t invoice, std::uint32_t of_lines, money net) {
            if (of_lines == 0) return;
            lines += of_lines;
            amount += net;
            invoices += last_invoice == invoice ? 0 : 1;
            last_invoice = invoice;
        }
    };
    fact all{"all"}, sales{"sales"}, cancellations{"cancellations"}, adjustments{"adjustments"}, no_prefix{"no_prefix"},
        purchases{"purchases"}, unknown{"unknown_customer"}, zero_price{"zero_price"}, negative_price{"negative_price"},
        odd{"odd_quantity"}, zero_quantity{"zero_quantity"};
    for (fact* each : {&negative_price, &odd}) each->has_amount = false;

    std::size_t number = 0;
    detail::packed_sums::in_order all_sums(entries.sums);
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        ++number;
        const std::uint32_t code = entries.invoice[begin];
        const id_view id = code == id_column::missing ? id_view() : (*entries.invoices)[code];
        const invoice_kind kind = book.config().kind_of(id);
        fact& of_kind = kind == invoice_kind::cancellation ? cancellations
                        : kind == invoice_kind::adjustment ? adjustments
                                                           : sales;
        for (std::size_t i = begin; i < end; ++i) {
            const line_sums sums = all_sums[i];
            all.count(number, sums.lines, sums.net);
            of_kind.count(number, sums.lines, sums.net);
            no_prefix.count(number, id.is_text() ? 0 : sums.lines, sums.net);
            purchases.count(number, sums.purchase_lines, sums.gross);
            unknown.count(number, entries.customer[i] == id_column::missing ? sums.lines : 0, sums.net);
            zero_price.count(number, sums.zero_price, money{});
            negative_price.count(number, sums.negative_price, money{});
            odd.count(number, sums.odd_quantity, money{});
            zero_quantity.count(number, sums.zero_quantity, money{});
        }
    });
    quality_columns table;
    for (const fact* each : {&all, &sales, &cancellations, &adjustments, &no_prefix, &purchases, &unknown, &zero_price,
                             &negative_price, &odd, &zero_quantity}) {
        table.name.emplace_back(each->name);
        table.lines.push_back(each->lines);
        table.invoices.push_back(each->invoices);
        table.amount.push_back(each->amount);
        table.has_amount.push_back(each->has_amount ? 1 : 0);
    }
    return table;
}

[[nodiscard]] inline table as_table(quality_columns from) {
    return {{{"name", std::move(from.name)},
             {"lines", std::move(from.lines)},
             {"invoices", std::move(from.invoices)},
             {"amount", std::move(from.amount), std::move(from.has_amount)}}};
}

}  // namespace lgs_rfm
