// Who comes back: retention by month of first purchase, new, returning, lost and won back buyers, the second purchase.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;

int main() {
    const std::vector<std::string> invoice{"1001", "1002", "1003", "1004", "1005", "1006", "1007", "C1008"};
    const std::vector<std::string> date{"2011-01-03", "2011-01-20", "2011-02-01", "2011-02-11",
                                        "2011-03-05", "2011-03-07", "2011-04-28", "2011-04-29"};
    const std::vector<std::int64_t> customer{10, 20, 10, 30, 20, 10, 30, 30};
    const std::vector<std::int64_t> quantity{2, 10, 1, 5, 4, 6, 3, -3};
    const std::vector<double> price{10.0, 2.0, 12.0, 2.0, 2.5, 10.0, 4.0, 4.0};
    lgs::ledger book;
    book.add(
        {.invoice = invoice, .quantity = quantity, .invoice_date = date, .unit_price = price, .customer_id = customer});

    // Without `until` the last month counts as not complete, since the lines end on 29 April.
    const auto end = lgs::parse_moment("2011-05-01");
    const auto cohorts = lgs::cohort_table(book, {.until = end});
    std::cout << "first purchase, customers, share that buys so many months later\n";
    for (std::size_t row = 0; row < cohorts.rows(); ++row) {
        std::cout << lgs::yyyymm_of(cohorts.cohort[row]) << "  " << cohorts.size[row] << ' ';
        for (std::size_t k = 0; k < cohorts.cells(row); ++k) {
            const auto buyers = static_cast<double>(cohorts.customers[cohorts.begin[row] + k]);
            std::cout << ' ' << buyers / static_cast<double>(cohorts.size[row]);
        }
        std::cout << '\n';
    }
    const auto average = lgs::average_cohort(cohorts, lgs::cohort_measure::customers);
    std::cout << "on average two months later " << average.retention[2] << ", of " << average.size[2]
              << " customers\n\n";

    const auto months = lgs::returning_table(book, {.days = {30}, .until = end});
    std::int64_t lost_at_the_end = 0;
    for (std::size_t i = 0; i < months.month.size(); ++i) {
        std::cout << lgs::yyyymm_of(months.month[i]) << ": " << months.new_buyers[i] << " new and "
                  << months.returning_buyers[i] << " returning buyers, " << months.lost[0][i] << " lost, "
                  << months.won_back[0][i] << " won back\n";
        lost_at_the_end += months.lost[0][i] - months.won_back[0][i];
    }

    std::cout << "\ndays after the first purchase, share that has not bought again\n";
    const auto curve = lgs::second_purchase_table(book, {.until = end});
    for (std::size_t i = 0; i < curve.time.size(); ++i) std::cout << curve.time[i] << "  " << curve.survival[i] << '\n';
    return lgs::repeat_rate_of(book).rate() == 1.0 && lost_at_the_end == 2 ? 0 : 1;
}
