// The core alone: three invoices, one of them cancelled the day after.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;

int main() {
    const std::vector<std::string> invoice{"536365", "536365", "C536379", "536380"};
    const std::vector<std::int32_t> quantity{6, 2, -6, 10};
    const std::vector<std::int64_t> date{lgs::parse_moment("2010-12-01 08:26"), lgs::parse_moment("2010-12-01 08:26"),
                                         lgs::parse_moment("2010-12-02 09:41"), lgs::parse_moment("2011-01-04 10:00")};
    const std::vector<double> price{2.55, 3.39, 2.55, 0.1};
    const std::vector<std::int64_t> customer{17850, 17850, 17850, 13085};
    const lgs::invoice_lines lines{
        .invoice = invoice, .quantity = quantity, .invoice_date = date, .unit_price = price, .customer_id = customer};

    lgs::ledger book;
    book.add(lines);
    const auto months = lgs::monthly_table(book);
    const auto customers = lgs::customer_table(book, {.as_of = lgs::parse_moment("2011-02-01")});

    const bool right = months.yyyymm == std::vector<std::int32_t>{201012, 201101} &&
                       months.placed == std::vector<std::int64_t>{0, 1} &&
                       months.sales == std::vector<lgs::money>{{6'780'000}, {1'000'000}} &&
                       customers.recency == std::vector<std::int64_t>{27, 61} &&
                       customers.monetary == std::vector<lgs::money>{{1'000'000}, {22'080'000}};
    std::cout << (right ? "right\n" : "wrong\n");
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
