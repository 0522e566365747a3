#include <lgs_rfm/demo.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/error.hpp>

#include "demo_parts.hpp"

namespace lgs_rfm {
namespace {

// Writes the rows `first` to `last` - 1 once more, behind themselves.
template <class Column>
void repeat(Column& column, std::size_t first, std::size_t last) {
    const Column copy(column.begin() + static_cast<std::ptrdiff_t>(first),
                      column.begin() + static_cast<std::ptrdiff_t>(last));
    column.insert(column.begin() + static_cast<std::ptrdiff_t>(last), copy.begin(), copy.end());
}

void copy_days(demo_shop& shop, std::int64_t days) {
    const std::int64_t from = days_of(2010, 12, 1) * micros_per_day;
    const auto row_at = [&](std::int64_t moment) {
        return static_cast<std::size_t>(std::lower_bound(shop.invoice_date.begin(), shop.invoice_date.end(), moment) -
                                        shop.invoice_date.begin());
    };
    const std::size_t first = row_at(from);
    const std::size_t last = row_at(from + days * micros_per_day);
    repeat(shop.invoice.codes, first, last);
    repeat(shop.stock_code.codes, first, last);
    repeat(shop.description.codes, first, last);
    repeat(shop.quantity, first, last);
    repeat(shop.invoice_date, first, last);
    repeat(shop.unit_price, first, last);
    repeat(shop.customer_id, first, last);
    repeat(shop.has_customer, first, last);
    repeat(shop.country.codes, first, last);
}

void check(const char* option, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value >= low && value <= high) return;
    throw error(error_code::invalid_option,
                std::string(option) + ": " + std::to_string(value) + " is not allowed; give " + std::to_string(low) +
                    " to " + std::to_string(high),
                {}, -1, std::to_string(value));
}

}  // namespace

demo_shop demo_lines(const demo_options& options) {
    check("customers", options.customers, 1, 10'000'000);
    check("copied_days", options.copied_days, 0, 31);
    demo_shop shop = demo::ring_up(options);
    if (options.copied_days > 0) copy_days(shop, options.copied_days);
    return shop;
}

}  // namespace lgs_rfm
