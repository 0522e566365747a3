#pragma once

#include "lines.hpp"

namespace reference {

/// A small shop that a person can add up: nine lines from January to April, none of them in March.
///
/// | invoice | customer | when             | lines                              |
/// | 1001    | 10       | 2011-01-05 10:00 | 2 x 3.50, 1 x 0.25                 |
/// | 1002    | 20       | 2011-01-31 23:59 | 10 x 1.20                          |
/// | C1003   | 10       | 2011-02-01 00:00 | -1 x 3.50                          |
/// | 1004    |          | 2011-02-10 12:00 | 4 x 2.00, -5 x 0 (written off)     |
/// | A1005   |          | 2011-02-11 09:00 | 1 x -30.00                         |
/// | 1006    | 10       | 2011-04-01 08:00 | 1 x 7.25, 3 x 0 (free)             |
inline lines small_shop() {
    return {{"1001", "10", 2, at("2011-01-05 10:00"), units(3.5)},
            {"1001", "10", 1, at("2011-01-05 10:00"), units(0.25)},
            {"1002", "20", 10, at("2011-01-31 23:59"), units(1.2)},
            {"C1003", "10", -1, at("2011-02-01"), units(3.5)},
            {"1004", "", 4, at("2011-02-10 12:00"), units(2)},
            {"1004", "", -5, at("2011-02-10 12:00"), 0},
            {"A1005", "", 1, at("2011-02-11 09:00"), units(-30)},
            {"1006", "10", 1, at("2011-04-01 08:00"), units(7.25)},
            {"1006", "10", 3, at("2011-04-01 08:00"), 0}};
}

/// Many invoices in the order of time, nearly all of one line: stretches of about 256 sales of one entry each, every
/// one followed by a sale of several customers and moments; in between cancellations and adjustments. `wide`: with a
/// sale whose amount leaves int64 millionths.
inline lines invoices_in_order(bool wide) {
    lines from;
    int number = 500'000;
    const auto add = [&](const std::string& prefix) {
        const int i = number++ - 500'000;
        from.push_back({prefix + std::to_string(500'000 + i), i % 11 == 0 ? "" : std::to_string(100 + i % 40),
                        i % 5 - 1, at("2011-01-01") + i * (lgs_rfm::micros_per_day / 6), units(0.25 * (i % 9))});
    };
    for (const int stretch : {255, 256, 254, 257, 512, 1}) {
        for (int i = 0; i < stretch; ++i) {
            add("");
            if (i % 6 == 3) add(i % 42 == 3 ? "A" : "C");
        }
        add("");
        const line last = from.back();
        from.push_back({last.invoice, "99", 2, last.at, units(3)});
        from.push_back({last.invoice, last.customer, 1, last.at + lgs_rfm::micros_per_day * 40, units(1)});
    }
    for (int i = 0; wide && i < 3; ++i) from.push_back({"600000", "123", 9'000'000, at("2011-10-01"), units(1e6)});
    return from;
}

}  // namespace reference
