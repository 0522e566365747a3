#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/invoice_stretches.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// One row per invoice, in id order; invoices without a number come last, by customer and moment. `Amount`: money, or
/// double for the nearest one, which is half as much to write and to read.
template <class Amount>
struct basic_invoice_columns {
    id_column invoice;
    detail::large_vector<invoice_kind> kind;
    id_column customer_id;  ///< missing unless the invoice has exactly one
    detail::large_vector<std::int64_t> customers;
    detail::large_vector<moment> first_moment;
    detail::large_vector<moment> last_moment;
    detail::large_vector<std::int64_t> lines;
    detail::large_vector<std::int64_t> purchase_lines;
    detail::large_vector<std::int64_t> quantity;
    detail::large_vector<Amount> gross;
    detail::large_vector<Amount> net;
};
using invoice_columns = basic_invoice_columns<money>;

namespace detail {

/// Writes the rows of an invoice table, by several threads at once.
template <class Amount>
class invoice_writer {
public:
    invoice_writer(const ledger_entries& entries, const ledger_config& config, std::size_t rows)
        : entries_(&entries),
          config_(&config),
          invoices_(unwritten<std::uint32_t>(rows)),
          customers_(unwritten<std::uint32_t>(rows)),
          table_{.invoice = {},
                 .kind = unwritten<invoice_kind>(rows),
                 .customer_id = {},
                 .customers = unwritten<std::int64_t>(rows),
                 .first_moment = unwritten<moment>(rows),
                 .last_moment = unwritten<moment>(rows),
                 .lines = unwritten<std::int64_t>(rows),
                 .purchase_lines = unwritten<std::int64_t>(rows),
                 .quantity = unwritten<std::int64_t>(rows),
                 .gross = unwritten<Amount>(rows),
                 .net = unwritten<Amount>(rows)} {}

    /// Row `row` and following: the `rows` invoices of the entries [begin, end), as `for_each_invoice_stretch` gives
    /// them.
    void write(std::size_t begin, std::size_t end, std::size_t rows, std::size_t row) {
        if (rows == 1) {
            write_one(begin, end, row);
        } else if (entries_->sums.has_wide_amounts()) {
            for (; begin < end; ++begin, ++row) write_one(begin, begin + 1, row);
        } else {
            write_singles(begin, end, row);
        }
    }

    [[nodiscard]] basic_invoice_columns<Amount> take() {
        table_.invoice = id_column(entries_->invoices, std::move(invoices_));
        table_.customer_id = id_column(entries_->customers, std::move(customers_));
        return std::move(table_);
    }

private:
    /// An invoice for each entry, none of a wide amount, column by column: each row would go to eleven places in turn.
    void write_singles(std::size_t begin, std::size_t end, std::size_t row) {
        const auto fill = [&](auto& column, auto&& value) {
            auto* const to = column.data() + row;
            for (std::size_t i = begin; i < end; ++i) to[i - begin] = value(i);
        };
        const ledger_entries& from = *entries_;
        const packed_sums::usual* const sums = from.sums.usuals().data();
        fill(invoices_, [&](std::size_t i) { return from.invoice[i]; });
        fill(table_.kind, [&](std::size_t i) { return config_->kind_of(*from.invoices, from.invoice[i]); });
        fill(customers_, [&](std::size_t i) { return from.customer[i]; });
        fill(table_.customers, [&](std::size_t i) { return from.customer[i] == id_column::missing ? 0 : 1; });
        fill(table_.first_moment, [&](std::size_t i) { return from.moment[i]; });
        fill(table_.last_moment, [&](std::size_t i) { return from.moment[i]; });
        fill(table_.lines, [&](std::size_t i) { return sums[i].lines; });
        fill(table_.purchase_lines, [&](std::size_t i) { return sums[i].purchase_lines; });
        fill(table_.quantity, [&](std::size_t i) { return sums[i].quantity; });
        const auto fill_amounts = [&](auto& column, auto amount) {
            if constexpr (std::is_same_v<Amount, money>) {
                fill(column, [&](std::size_t i) { return money{sums[i].*amount}; });
            } else {
                ratios_to_doubles(
                    end - begin, [&](std::size_t i) { return sums[begin + i].*amount; }, column.data() + row);
            }
        };
        fill_amounts(table_.gross, &packed_sums::usual::gross);
        fill_amounts(table_.net, &packed_sums::usual::net);
    }

    /// The invoice of all these entries.
    void write_one(std::size_t begin, std::size_t end, std::size_t row) {
        const ledger_entries& from = *entries_;
        std::int64_t customers = 0;
        std::uint32_t last_customer = id_column::missing;
        moment first = from.moment[begin];
        moment last = first;
        std::int64_t lines = 0;
        std::int64_t purchase_lines = 0;
        std::int64_t quantity = 0;
        money gross;
        money net;
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint32_t code = from.customer[i];
            if (code != id_column::missing && code != last_customer) {  // entries are in customer order, missing last
                ++customers;
                last_customer = code;
            }
            first = std::min(first, from.moment[i]);
            last = std::max(last, from.moment[i]);
            lines += from.sums.lines(i);
            purchase_lines += from.sums.purchase_lines(i);
            quantity += from.sums.quantity(i);
            gross += from.sums.gross(i);
            net += from.sums.net(i);
        }
        invoices_[row] = from.invoice[begin];
        table_.kind[row] = config_->kind_of(*from.invoices, from.invoice[begin]);
        customers_[row] = customers == 1 ? last_customer : id_column::missing;
        table_.customers[row] = customers;
        table_.first_moment[row] = first;
        table_.last_moment[row] = last;
        table_.lines[row] = lines;
        table_.purchase_lines[row] = purchase_lines;
        table_.quantity[row] = quantity;
        table_.gross[row] = amount_as<Amount>(gross);
        table_.net[row] = amount_as<Amount>(net);
    }

    const ledger_entries* entries_;
    const ledger_config* config_;
    large_vector<std::uint32_t> invoices_;
    large_vector<std::uint32_t> customers_;
    basic_invoice_columns<Amount> table_;
};

}  // namespace detail

/// The invoice table; with `customer`, only invoices that have a line of this customer. O(entries), on all processors.
template <class Amount = money>
[[nodiscard]] basic_invoice_columns<Amount> invoice_table(const ledger& book, std::optional<id_view> customer = {}) {
    const auto held = book.entries();
    const ledger_entries& entries = *held;
    const auto wanted = customer ? entries.customers->find(*customer) : std::nullopt;
    const std::size_t size = customer && !wanted ? 0 : entries.size();
    // Stretches of the entries end with an invoice; first, their rows are counted.
    const unsigned threads = detail::threads_for(size);
    std::vector<std::size_t> first_row(detail::stretches_of(size, threads) + 1);
    const std::uint32_t* const codes = entries.customer.data();
    const auto for_each = [&](auto&& visitor) {  // visitor(stretch) gives what `for_each_invoice_stretch` calls
        detail::for_each_stretch(size, threads, [&](std::size_t which, std::size_t from, std::size_t to) {
            auto&& visit = visitor(which);
            const auto visit_wanted = [&](std::size_t begin, std::size_t end, std::size_t rows) {
                if (!wanted) return visit(begin, end, rows);
                const std::size_t entries_each = (end - begin) / rows;
                for (; begin < end; begin += entries_each) {
                    const std::uint32_t* const last = codes + begin + entries_each;
                    if (std::find(codes + begin, last, *wanted) != last) {
                        visit(begin, begin + entries_each, std::size_t{1});
                    }
                }
            };
            detail::for_each_invoice_stretch(entries, invoice_start(entries, from), invoice_start(entries, to),
                                             visit_wanted);
        });
    };
    for_each([&](std::size_t which) {
        return [&count = first_row[which + 1]](std::size_t, std::size_t, std::size_t rows) { count += rows; };
    });
    std::partial_sum(first_row.begin(), first_row.end(), first_row.begin());

    detail::invoice_writer<Amount> writer(entries, book.config(), first_row.back());
    for_each([&](std::size_t which) {
        return [&writer, row = first_row[which]](std::size_t begin, std::size_t end, std::size_t rows) mutable {
            writer.write(begin, end, rows, row);
            row += rows;
        };
    });
    return writer.take();
}

/// The kinds as a category, in the order of the enum.
[[nodiscard]] inline category_column as_category(const detail::large_vector<invoice_kind>& kinds) {
    category_column column;
    column.names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{
        std::string(to_string(invoice_kind::sale)), std::string(to_string(invoice_kind::cancellation)),
        std::string(to_string(invoice_kind::adjustment))});
    column.codes = detail::unwritten<std::int32_t>(kinds.size());
    detail::for_each_stretch(kinds.size(), detail::threads_for(kinds.size()),
                             [&](std::size_t, std::size_t begin, std::size_t end) {
                                 std::transform(kinds.data() + begin, kinds.data() + end, column.codes.data() + begin,
                                                [](invoice_kind kind) { return static_cast<std::int32_t>(kind); });
                             });
    return column;
}

template <class Amount>
[[nodiscard]] table as_table(basic_invoice_columns<Amount> from) {
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
