#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm {

/// A made-up shop: a British online wholesaler of gift ware, with two years of invoice lines, for examples, tests and
/// benchmarks. It has the habits of a real export, its faults included, and contains nobody's data.
///
/// The lines depend on the options alone: whole numbers decide everything and the random numbers are our own, so every
/// machine, compiler and standard library gives the same lines, bit for bit.
struct demo_options {
    /// How many different customers occur in the lines, 1 to 10,000,000. One customer brings about 200 lines.
    std::int64_t customers = 5'000;
    /// Any value.
    std::uint64_t seed = 1;
    /// How many of the first days of the second December occur twice, 0 to 31, as in an export of two yearly files that
    /// overlap: the rows then step back in time once, to 2010-12-01. 0: rows never step back.
    std::int64_t copied_days = 0;
};

/// A column of texts: row i holds values[codes[i]], or nothing when codes[i] is `missing`.
/// The values are distinct; some may be unused.
struct demo_text {
    static constexpr std::uint32_t missing = 0xFFFF'FFFF;
    detail::large_vector<std::uint32_t> codes;
    std::vector<std::string> values;
};

/// Contiguous columns of equal length, one for each input column, in the order of time (but see `copied_days`).
struct demo_shop {
    /// "489434" and upwards; cancellations ("C489449") and adjustments ("A506401") are numbered in the same sequence.
    /// Never missing.
    demo_text invoice;
    /// Five digits, some with a letter, or a service code such as "POST". Never missing.
    demo_text stock_code;
    /// In capitals, but for services and notes of the stock keepers; missing on most lines of stock written off or
    /// found.
    demo_text description;
    /// Units: negative on cancellations (but for a few slips) and on stock written off, never 0.
    detail::large_vector<std::int64_t> quantity;
    /// Microseconds since 1970, no time zone: whole minutes from 2009-12-01 to 2011-12-09.
    detail::large_vector<std::int64_t> invoice_date;
    /// Pounds: the double nearest to a number of two or three decimals. 0 for free goods and for stock written off or
    /// found, negative on most adjustments.
    detail::large_vector<double> unit_price;
    /// 12346, 12347, ...; each occurs. 0 where `has_customer` is 0.
    detail::large_vector<std::int64_t> customer_id;
    /// 1 where the customer is known, else 0; one byte a row.
    detail::large_vector<std::uint8_t> has_customer;
    /// The name of a country, or "Unspecified". Never missing.
    demo_text country;

    [[nodiscard]] std::size_t rows() const noexcept { return quantity.size(); }
};

/// Makes the shop. Time and memory grow in step with `customers`: about 50 bytes a line.
/// Rare faults (adjustments, cancellations of positive quantity, giant orders taken back) are as rare as in a real
/// shop: with 5,000 customers or more each kind is there, a smaller shop may lack some. Throws `error` (invalid_option)
/// when `customers` or `copied_days` is outside its range, and std::bad_alloc.
[[nodiscard]] demo_shop demo_lines(const demo_options& options = {});

}  // namespace lgs_rfm
