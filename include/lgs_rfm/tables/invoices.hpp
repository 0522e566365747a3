#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
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

/// Where the rows of an invoice table begin among the entries; with `customer`, of invoices that have a line of it.
[[nodiscard]] inline large_vector<std::size_t> invoice_starts(const ledger_entries& entries,
                                                              const std::optional<std::uint32_t>& customer) {
    large_vector<std::size_t> starts;
    starts.reserve(customer ? 0 : entries.invoices->size() + 1);
    for_each_invoice(entries, [&](std::size_t begin, std::size_t end) {
        const auto wanted = [&](std::uint32_t code) { return code == *customer; };
        if (!customer || std::any_of(&entries.customer[begin], &entries.customer[begin] + (end - begin), wanted)) {
            starts.push_back(begin);
        }
    });
    return starts;
}

/// Row `row` of an invoice table: the invoice that begins at entry `begin`.
inline void fill_invoice(const ledger& book, const ledger_entries& entries, std::size_t begin, std::size_t row,
                         invoice_columns& table, std::uint32_t* invoice_codes, std::uint32_t* customer_codes) {
    const std::uint32_t invoice = entries.invoice[begin];
    std::int64_t customers = 0;
    std::uint32_t last_customer = id_column::missing;
    moment first = entries.moment[begin];
    moment last = first;
    std::int64_t lines = 0;
    std::int64_t purchase_lines = 0;
    std::int64_t quantity = 0;
    money gross;
    money net;
    const std::size_t end = invoice_end(entries, begin);
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
    invoice_codes[row] = invoice;
    table.kind[row] =
        invoice == id_column::missing ? invoice_kind::sale : book.config().kind_of((*entries.invoices)[invoice]);
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
    const detail::large_vector<std::size_t> starts =
        customer && !wanted ? detail::large_vector<std::size_t>() : detail::invoice_starts(entries, wanted);
    const std::size_t rows = starts.size();
    invoice_columns table;
    detail::large_vector<std::uint32_t> invoices;
    detail::large_vector<std::uint32_t> customers;
    const unsigned threads = detail::threads_for(rows);
    // Making room writes every page, so all threads do it.
    const std::array numbers{&table.customers, &table.lines,        &table.purchase_lines,
                             &table.quantity,  &table.first_moment, &table.last_moment};
    const std::array amounts{&table.gross, &table.net};
    detail::thread_pool::run(numbers.size() + amounts.size() + 1, threads, [&](std::size_t column) {
        if (column < amounts.size()) {
            amounts[column]->resize(rows);
        } else if (column < amounts.size() + numbers.size()) {
            numbers[column - amounts.size()]->resize(rows);
        } else {
            table.kind.resize(rows);
            invoices.resize(rows);
            customers.resize(rows);
        }
    });
    detail::for_each_part(rows, threads, [&](std::size_t, std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            detail::fill_invoice(book, entries, starts[row], row, table, invoices.data(), customers.data());
        }
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
    column.codes.resize(kinds.size());
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
