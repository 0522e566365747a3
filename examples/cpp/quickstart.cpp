// From invoice lines to named segments in ten lines, on eight lines that lie in memory.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;

int main() {
    const std::vector<std::string> ids{"1001", "1001", "1002", "1003", "C1004", "1005", "1006", "1007"};
    const std::vector<std::int64_t> c{10, 10, 20, 30, 20, 10, 30, 40};
    const std::vector<std::int64_t> q{12, 6, 2, 24, -1, 10, 4, 96};
    const std::vector<double> p{2.55, 3.39, 7.65, 1.25, 7.65, 2.10, 4.95, 0.85};
    const std::vector<std::string> t{"2011-01-05 10:00", "2011-01-05 10:00", "2011-02-11 09:30", "2011-03-20 14:05",
                                     "2011-03-21 08:00", "2011-11-30 16:20", "2011-12-01 11:10", "2011-12-09 12:50"};

    const lgs::invoice_lines lines{.invoice = ids, .quantity = q, .invoice_date = t, .unit_price = p, .customer_id = c};
    lgs::ledger book;
    book.add(lines);
    const auto months = lgs::monthly_table(book);
    const auto amounts = lgs::amount_summary(book, {1.0, 0.85});
    const auto customers = lgs::customer_table(book, {.as_of = lgs::parse_moment("2012-01-01")});
    const auto scorer = lgs::rfm_scorer::fit(customers, {.bins = 5});
    const auto scores = scorer.transform(customers);
    const auto segments = lgs::segment_rules::standard().assign(scores);

    std::cout << months.month.size() << " months, " << amounts.count[0] << " invoices of " << to_string(amounts.min[0])
              << " to " << to_string(amounts.max[0]) << "\n\n"
              << "customer  R F M  segment\n";
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::int32_t code = segments.codes[i];
        std::cout << to_string(customers.customer_id[i]) << "        " << scores.r[i] << ' ' << scores.f[i] << ' '
                  << scores.m[i] << "  " << (code < 0 ? "none" : (*segments.names)[static_cast<std::size_t>(code)])
                  << '\n';
    }
}
