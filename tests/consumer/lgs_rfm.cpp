// The compiled part too: a made-up shop, which the headers alone cannot make.
#include <cstdlib>
#include <iostream>

#include <lgs_rfm/lgs_rfm.hpp>

#include <lgs_rfm/demo.hpp>

namespace lgs = lgs_rfm;

int main() {
    const lgs::demo_shop shop = lgs::demo_lines({.customers = 20, .seed = 7});
    const lgs::invoice_lines lines{
        .quantity = shop.quantity, .invoice_date = shop.invoice_date, .unit_price = shop.unit_price};

    lgs::ledger book;
    const auto reading = book.add(lines);
    const auto months = lgs::monthly_table(book);

    const bool right = shop.rows() > 0 && months.yyyymm.size() > 1 && months.yyyymm.front() == 200912;
    std::cout << shop.rows() << " lines, " << months.yyyymm.size() << " months, " << reading.lines << " read\n";
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
