#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per invoice, in id order; invoices without a number come last, by customer and moment.
struct invoice_columns {
    id_column invoice;
    detail::large_vector<invoice_kind> kind;
    id_column customer_id;  ///< missing unless the invoice has exactly one
    detail::large_vector<std::int64_t> customers;
    detail::large_vector<moment> first_moment;
    detail::large_vector<moment> last_moment;
    detail::large_vector<std::int64_t> lines;
    detail::large_vector<std::int64_t> purchase_lines;
    detail::large_vector<std::int64_t> quantity;
    detail::large_vector<money> gross;
    detail::large_vector<money> net;
};

namespace detail {

/// Calls `visit(begin, end)` for each invoice among the entries [first, last), which are those of whole invoices; with
/// `customer`, for those that have a line of it.
template <class Visit>
void for_each_wanted_invoice(const ledger_entries& entries, std::size_t first, std::size_t last,
                             const std::optional<std::uint32_t>& customer, Visit&& visit) {
    while (first < last) {
        const std::size_t end = invoice_end(entries, first);
        if (!customer || std::find(&entries.customer[first], &entries.customer[first] + (end - first), *customer) !=
                             &entries.customer[first] + (end - first)) {
            visit(first, end);
        }
        first = end;
    }
}

/// Row `row` of an invoice table: the invoice of the entries [begin, end).
inline void fill_invoice(const ledger_entries& entries, std::size_t begin, std::size_t end, std::size_t row,
                         invoice_columns& table, std::uint32_t* customer_codes) {
    std::int64_t customers = 0;
    std::uint32_t last_customer = id_column::missing;
    moment first = entries.moment[begin];
    moment last = first;
    std::int64_t lines = 0;
    std::int64_t purchase_lines = 0;
    std::int64_t quantity = 0;
    money gross;
    money net;
    for (std::size_t i = begin; i < end; ++i) {
        const std::uint32_t code = entries.customer[i];
        if (code != id_column::missing && code != last_customer) {  // entries are in customer order, missing last
            ++customers;
            last_customer = code;
        }
        first = std::min(first, entries.moment[i]);
        last = std::max(last, entries.moment[i]);
        lines += entries.sums.lines(i);
        purchase_lines += entries.sums.purchase_lines(i);
        quantity += entries.sums.quantity(i);
        gross += entries.sums.gross(i);
        net += entries.sums.net(i);
    }
    customer_codes[row] = customers == 1 ? last_customer : id_column::missing;
    table.customers[row] = customers;
    table.first_moment[row] = first;
    table.last_moment[row] = last;
    table.lines[row] = lines;
    table.purchase_lines[row] = purchase_lines;
    table.quantity[row] = quantity;
    table.gross[row] = gross;
    table.net[row] = net;
}

}  // namespace detail

/// The invoice table; with `customer`, only invoices that have a line of this customer. O(entries), on all processors.
[[nodiscard]] inline invoice_columns invoice_table(const ledger& book, std::optional<id_view> customer = {}) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    const auto wanted = customer ? entries.customers->find(*customer) : std::nullopt;
    const std::size_t size = customer && !wanted ? 0 : entries.size();
    // Each thread has a stretch of the entries that ends with an invoice, and counts its rows first.
    const unsigned parts = detail::threads_for(size);
    std::vector<std::size_t> first_row(parts + 1);
    const auto for_each = [&](auto&& work) {  // work(part, first, last)
        detail::for_each_part(size, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
            const auto bound = [&](std::size_t at) { return at == 0 ? 0 : invoice_end(entries, at - 1); };
            work(part, bound(begin), bound(end));
        });
    };
    for_each([&](std::size_t part, std::size_t first, std::size_t last) {
        std::size_t rows = 0;
        detail::for_each_wanted_invoice(entries, first, last, wanted, [&](std::size_t, std::size_t) { ++rows; });
        first_row[part + 1] = rows;
    });
    std::partial_sum(first_row.begin(), first_row.end(), first_row.begin());

    const std::size_t rows = first_row.back();
    invoice_columns table{.invoice = {},
                          .kind = detail::unwritten<invoice_kind>(rows),
                          .customer_id = {},
                          .customers = detail::unwritten<std::int64_t>(rows),
                          .first_moment = detail::unwritten<moment>(rows),
                          .last_moment = detail::unwritten<moment>(rows),
                          .lines = detail::unwritten<std::int64_t>(rows),
                          .purchase_lines = detail::unwritten<std::int64_t>(rows),
                          .quantity = detail::unwritten<std::int64_t>(rows),
                          .gross = detail::unwritten<money>(rows),
                          .net = detail::unwritten<money>(rows)};
    auto invoices = detail::unwritten<std::uint32_t>(rows);
    auto customers = detail::unwritten<std::uint32_t>(rows);
    for_each([&](std::size_t part, std::size_t first, std::size_t last) {
        std::size_t row = first_row[part];
        detail::for_each_wanted_invoice(entries, first, last, wanted, [&](std::size_t begin, std::size_t end) {
            invoices[row] = entries.invoice[begin];
            table.kind[row] = book.config().kind_of(*entries.invoices, entries.invoice[begin]);
            detail::fill_invoice(entries, begin, end, row, table, customers.data());
            ++row;
        });
    });
    table.invoice = id_column(entries.invoices, std::move(invoices));
    table.customer_id = id_column(entries.customers, std::move(customers));
    return table;
}

/// The kinds as a category, in the order of the enum.
[[nodiscard]] inline category_column as_category(const detail::large_vector<invoice_kind>& kinds) {
    category_column column;
    column.names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{
        std::string(to_string(invoice_kind::sale)), std::string(to_string(invoice_kind::cancellation)),
        std::string(to_string(invoice_kind::adjustment))});
    column.codes = detail::unwritten<std::int32_t>(kinds.size());
    std::transform(kinds.begin(), kinds.end(), column.codes.begin(),
                   [](invoice_kind kind) { return static_cast<std::int32_t>(kind); });
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
