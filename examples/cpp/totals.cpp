// Totals of lines by product, by country and month, and what is bought together; added up in two batches and merged.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;

int main() {
    const std::vector<std::string> invoice{"1001", "1001", "1002", "1002", "C1003", "1004"};
    const std::vector<std::string> code{"22423", "85099B", "22423", "85099B", "22423", "POST"};
    const std::vector<std::string> country{"EIRE", "EIRE", "France", "France", "EIRE", "France"};
    const std::vector<std::string> date{"2011-01-03", "2011-01-03", "2011-01-20",
                                        "2011-01-20", "2011-02-01", "2011-02-02"};
    const std::vector<std::int64_t> customer{10, 10, 20, 20, 10, 20};
    const std::vector<std::int64_t> quantity{2, 10, 1, 5, -1, 1};
    const std::vector<double> price{10.0, 2.0, 12.0, 2.0, 10.0, 15.0};
    const lgs::invoice_lines lines{.invoice = invoice,
                                   .stock_code = code,
                                   .quantity = quantity,
                                   .invoice_date = date,
                                   .unit_price = price,
                                   .customer_id = customer,
                                   .country = country};

    lgs::totals by({"country", "month", "stock_code"});
    by.add(lines);
    lgs::totals other = by;  // a copy costs nothing
    other.merge(by);         // the same lines once more: sums double, distinct invoices do not

    // Fewer keys need no second look at the lines.
    const lgs::totals products = by.by({"stock_code"});
    const lgs::detail::totals_data& data = products.data();
    for (std::size_t row = 0; row < products.size(); ++row) {
        const lgs::id_view product = (*data.ids[0])[data.codes[0][row]];
        std::cout << to_string(product) << (lgs::is_service(product) ? " (service)" : "") << ": "
                  << to_string(lgs::money{data.sums[row].gross}) << " gross on " << data.in_invoice.row(row).size()
                  << " invoices\n";
    }

    const auto pairs = lgs::bought_together(products, {.min_invoices = 2});
    for (std::size_t i = 0; i < pairs.invoices.size(); ++i) {
        std::cout << to_string(pairs.product_a[i]) << " with " << to_string(pairs.product_b[i]) << ": "
                  << pairs.invoices[i] << " of " << pairs.all_invoices << " invoices, lift " << pairs.lift[i] << '\n';
    }

    const auto twice = other.by({"country"});
    const bool doubled = twice.data().sums[0].lines == 2 * by.by({"country"}).data().sums[0].lines;
    return doubled && lgs::totals::from_bytes(by.to_bytes()) == by ? 0 : 1;
}
