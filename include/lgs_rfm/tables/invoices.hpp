#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per invoice, in id order; invoices without a number come last, by customer and moment.
struct invoice_columns {
    id_column invoice;
    std::vector<invoice_kind> kind;
    id_column customer_id;  ///< missing unless the invoice has exactly one
    std::vector<std::int64_t> customers;
    std::vector<moment> first_moment;
    std::vector<moment> last_moment;
    std::vector<std::int64_t> lines;
    std::vector<std::int64_t> purchase_lines;
    std::vector<std::int64_t> quantity;
    std::vector<money> gross;
    std::vector<money> net;
};

/// The invoice table; with `customer`, only invoices that have a line of this customer. O(entries).
[[nodiscard]] inline invoice_columns invoice_table(const ledger& book, std::optional<id_view> customer = {}) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    const auto wanted = customer ? entries.customers->find(*customer) : std::nullopt;
    invoice_columns table;
    table.invoice = id_column(entries.invoices);
    table.customer_id = id_column(entries.customers);
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        bool has_wanted = !customer;
        std::int64_t customers = 0;
        std::uint32_t last_customer = id_column::missing;
        line_sums sums;
        std::int64_t lines = 0;
        std::int64_t purchase_lines = 0;
        moment first = entries.moment[begin];
        moment last = first;
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint32_t code = entries.customer[i];
            has_wanted = has_wanted || (wanted && code == *wanted);
            if (code != id_column::missing && code != last_customer) {  // entries are in customer order, missing last
                ++customers;
                last_customer = code;
            }
            first = std::min(first, entries.moment[i]);
            last = std::max(last, entries.moment[i]);
            lines += entries.sums.lines(i);
            purchase_lines += entries.sums.purchase_lines(i);
            sums.quantity += entries.sums.quantity(i);
            sums.gross += entries.sums.gross(i);
            sums.net += entries.sums.net(i);
        }
        if (!has_wanted) return;
        const std::uint32_t invoice = entries.invoice[begin];
        table.invoice.push_back(invoice);
        table.kind.push_back(invoice == id_column::missing ? invoice_kind::sale
                                                           : book.config().kind_of((*entries.invoices)[invoice]));
        table.customer_id.push_back(customers == 1 ? last_customer : id_column::missing);
        table.customers.push_back(customers);
        table.first_moment.push_back(first);
        table.last_moment.push_back(last);
        table.lines.push_back(lines);
        table.purchase_lines.push_back(purchase_lines);
        table.quantity.push_back(sums.quantity);
        table.gross.push_back(sums.gross);
        table.net.push_back(sums.net);
    });
    return table;
}

/// The kinds as a category, in the order of the enum.
[[nodiscard]] inline category_column as_category(const std::vector<invoice_kind>& kinds) {
    category_column column;
    column.names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{
        std::string(to_string(invoice_kind::sale)), std::string(to_string(invoice_kind::cancellation)),
        std::string(to_string(invoice_kind::adjustment))});
    column.codes.reserve(kinds.size());
    for (const invoice_kind kind : kinds) column.codes.push_back(static_cast<std::int32_t>(kind));
    return column;
}

[[nodiscard]] inline table as_table(invoice_columns from) {
    return {{{"invoice", std::move(from.invoice)},
             {"kind", as_category(from.kind)},
             {"customer_id", std::move(from.customer_id)},
             {"customers", std::move(from.customers)},
             {"first_moment", moment_values{std::move(from.first_moment)}},
             {"last_moment", moment_values{std::move(from.last_moment)}},
             {"lines", std::move(from.lines)},
             {"purchase_lines", std::move(from.purchase_lines)},
             {"quantity", std::move(from.quantity)},
             {"gross", std::move(from.gross)},
             {"net", std::move(from.net)}}};
}

}  // namespace lgs_rfm
