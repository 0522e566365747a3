// Segments as of the end of each month, by cut points learnt once, and who moved in the last month.
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;

int main() {
    const std::vector<std::string> invoice{"1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008"};
    const std::vector<std::string> date{"2011-01-03", "2011-01-20", "2011-01-25", "2011-02-11",
                                        "2011-02-15", "2011-03-07", "2011-03-20", "2011-03-28"};
    const std::vector<std::int64_t> customer{10, 20, 30, 40, 10, 10, 40, 10};
    const std::vector<std::int64_t> quantity{2, 10, 1, 5, 4, 6, 3, 3};
    const std::vector<double> price{10.0, 2.0, 12.0, 2.0, 2.5, 10.0, 4.0, 4.0};
    lgs::ledger book;
    book.add(
        {.invoice = invoice, .quantity = quantity, .invoice_date = date, .unit_price = price, .customer_id = customer});

    const auto all = lgs::snapshot_table(book);
    const auto segment_of = [&](std::size_t row) -> const std::string& {
        static const std::string none = "(no segment)";
        const std::int32_t code = all.segment.codes[row];
        return code < 0 ? none : (*all.segment.names)[static_cast<std::size_t>(code)];
    };
    std::size_t row = 0;
    for (std::size_t at = 0; at < all.moments.size(); ++at) {
        std::cout << "as of " << lgs::format_moment(all.moments[at]) << '\n';
        for (; row < all.ends[at]; ++row) {
            std::cout << "  " << to_string(all.customers.customer_id[row]) << "  " << segment_of(row) << ", bought for "
                      << to_string(all.step_gross[row]) << " in the month\n";
        }
    }

    // The snapshots are parts of one table; the customers of each are in the order of their ids.
    std::map<std::string, std::string> before;
    for (std::size_t i = all.ends[0]; i < all.ends[1]; ++i) {
        before[to_string(all.customers.customer_id[i])] = segment_of(i);
    }
    std::cout << "moves of the last month\n";
    for (std::size_t i = all.ends[1]; i < all.ends[2]; ++i) {
        const std::string customer_id = to_string(all.customers.customer_id[i]);
        if (before[customer_id] != segment_of(i)) {
            std::cout << "  " << customer_id << ": " << before[customer_id] << " -> " << segment_of(i) << '\n';
        }
    }

    // The cut points can be kept, so that the next month is measured with the same rule.
    const auto scorer = lgs::snapshot_scorer(book);
    const auto again = lgs::snapshot_table(book, {.since = all.moments[2]}, scorer);
    return scorer && again.segment.size() == all.ends[2] - all.ends[1] ? 0 : 1;
}
