#pragma once

#include <cstdint>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/visits.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm {

/// What counts as one purchase of a customer.
enum class purchase_unit : std::uint8_t {
    invoices,  ///< an invoice with a purchase line of the customer
    days       ///< a day with one, however many invoices
};

/// How many of the known buyers bought more than once.
struct repeat_rate {
    std::int64_t customers = 0;         ///< with 1 purchase or more
    std::int64_t repeat_customers = 0;  ///< with 2 or more

    /// Their ratio; 0 where there is no buyer.
    [[nodiscard]] double rate() const noexcept {
        return customers > 0 ? static_cast<double>(repeat_customers) / static_cast<double>(customers) : 0;
    }
};

/// O(entries + customers), by days with the days of each customer sorted.
[[nodiscard]] inline repeat_rate repeat_rate_of(const ledger& book, purchase_unit count = purchase_unit::invoices) {
    repeat_rate result;
    const auto add = [&](std::int64_t purchases) {
        result.customers += purchases > 0 ? 1 : 0;
        result.repeat_customers += purchases > 1 ? 1 : 0;
    };
    if (count == purchase_unit::invoices) {
        for (const std::int64_t invoices : customer_table(book).frequency) add(invoices);
    } else {
        auto bought = detail::purchase_days(*book.entries());
        for (std::size_t customer = 0; customer < bought.size(); ++customer) {
            add(static_cast<std::int64_t>(bought[customer].size()));
        }
    }
    return result;
}

/// One row, also where there is no buyer; the rate is missing then.
[[nodiscard]] inline table as_table(const repeat_rate& from) {
    return {{{"customers", detail::large_vector<std::int64_t>{from.customers}},
             {"repeat_customers", detail::large_vector<std::int64_t>{from.repeat_customers}},
             {"repeat_rate", detail::large_vector<double>{from.rate()},
              detail::large_vector<std::uint8_t>{static_cast<std::uint8_t>(from.customers > 0 ? 1 : 0)}}}};
}

}  // namespace lgs_rfm
