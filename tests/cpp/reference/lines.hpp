#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/lines.hpp>

namespace reference {

/// One invoice line as a person would write it down.
struct line {
    std::string invoice;   ///< "" = missing
    std::string customer;  ///< "" = missing
    std::int64_t quantity = 1;
    lgs_rfm::moment at = 0;
    std::int64_t price = 0;  ///< millionths
};
using lines = std::vector<line>;

/// The lines before a moment.
inline lines before(const lines& from, lgs_rfm::moment end) {
    lines kept;
    for (const line& each : from) {
        if (each.at < end) kept.push_back(each);
    }
    return kept;
}

/// A price in units of currency as millionths: two and a half is `units(2.5)`.
inline std::int64_t units(double amount) { return std::llround(amount * 1e6); }

inline lgs_rfm::moment at(const char* text) { return lgs_rfm::parse_moment(text); }

/// Owns the columns that `view` points to. Prices are doubles: below 2^31 units they read back to the same millionths.
struct columns {
    explicit columns(const lines& from) {
        for (const line& each : from) {
            invoice.push_back(each.invoice);
            customer.push_back(each.customer);
            quantity.push_back(each.quantity);
            moment.push_back(each.at);
            price.push_back(static_cast<double>(each.price) / 1e6);
        }
    }
    [[nodiscard]] lgs_rfm::invoice_lines view() const {
        return {.invoice = invoice,
                .quantity = quantity,
                .invoice_date = moment,
                .unit_price = price,
                .customer_id = customer};
    }
    std::vector<std::string> invoice;
    std::vector<std::string> customer;
    std::vector<std::int64_t> quantity;
    std::vector<std::int64_t> moment;
    std::vector<double> price;
};

/// Numbers from a seed, the same with every standard library (its distributions are not).
class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t bits() { return engine_(); }
    /// low..high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    template <class Values>
    const auto& pick(const Values& values) {
        return values[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(std::size(values)) - 1))];
    }
    template <class Values>
    void shuffle(Values& values) {
        for (std::size_t i = values.size(); i > 1; --i) {
            std::swap(values[i - 1], values[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(i) - 1))]);
        }
    }

private:
    std::mt19937_64 engine_;
};

/// Lines in no order, from few invoices, customers and moments, so that keys meet again and again. An invoice may have
/// several customers, moments and months, ids of every kind occur, and so do odd quantities and prices.
inline lines random_lines(std::uint64_t seed, std::size_t count) {
    static const char* const invoices[] = {"489434",
                                           "489435",
                                           "489436",
                                           "C489449",
                                           "C489450",
                                           "A506401",
                                           "x",
                                           "007",
                                           "-12",
                                           "C",
                                           "9223372036854775807",
                                           "TEST-0001-LONG",
                                           "TEST-0002-LONG",
                                           "A-VERY-LONG-ADJUSTMENT"};
    static const char* const customers[] = {"",
                                            "",
                                            "13085",
                                            "13086",
                                            "2",
                                            "-2",
                                            "007",
                                            "Größe",
                                            "99999999999999999999",
                                            "a long customer",
                                            "9223372036854775806",
                                            "zz"};
    static const std::int64_t prices[] = {0, 0, 1, 1'250'000, 3'333'333, -53'594'360'000, 850'000'123'456, 2'100'000};
    dice random(seed);
    const lgs_rfm::moment start = at("2009-11-20");
    lines made(count);
    for (line& each : made) {
        each.invoice = random.pick(invoices);
        each.customer = random.pick(customers);
        each.quantity = random.between(0, 9) == 0 ? random.between(-80'995, 80'995) : random.between(-3, 6);
        // a moment out of 40 days in two years, at one of three times
        each.at = start + random.between(0, 39) * 17 * lgs_rfm::micros_per_day +
                  random.between(0, 2) * 7 * 3600 * lgs_rfm::micros_per_second;
        each.price = random.pick(prices);
    }
    return made;
}

}  // namespace reference
