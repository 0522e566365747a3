#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/money.hpp>

/// What totals are made of: rows by key, their sums, and which invoices and customers occur in each.
namespace lgs_rfm::detail {

/// The sums of a row's lines. Counts and units are sums of fewer than 2^63 values below 2^31; amounts have 128 bits.
struct total_sums {
    std::int64_t lines = 0;
    std::int64_t purchase_lines = 0;
    std::int64_t quantity = 0;
    std::int64_t bought = 0;          ///< units of purchase lines
    std::int64_t returned_units = 0;  ///< of cancellations, as a positive number
    std::int64_t written_off = 0;     ///< of other lines below zero without an amount
    int128 gross = 0;                 ///< millionths, as all amounts
    int128 net = 0;
    int128 returned = 0;                                                ///< deductions on cancellations
    int128 adjusted = 0;                                                ///< those on adjustments
    int128 known_net = 0;                                               ///< net of lines with a customer
    std::int64_t price_min = std::numeric_limits<std::int64_t>::max();  ///< of purchase lines, where prices are given
    std::int64_t price_max = std::numeric_limits<std::int64_t>::min();
    moment first = std::numeric_limits<moment>::max();
    moment last = std::numeric_limits<moment>::min();

    void add(const total_sums& more) noexcept {
        lines += more.lines;
        purchase_lines += more.purchase_lines;
        quantity += more.quantity;
        bought += more.bought;
        returned_units += more.returned_units;
        written_off += more.written_off;
        gross += more.gross;
        net += more.net;
        returned += more.returned;
        adjusted += more.adjusted;
        known_net += more.known_net;
        price_min = std::min(price_min, more.price_min);
        price_max = std::max(price_max, more.price_max);
        first = std::min(first, more.first);
        last = std::max(last, more.last);
    }
    friend bool operator==(const total_sums&, const total_sums&) = default;
};
static_assert(sizeof(total_sums) == 160, "written to files as it lies");

/// An id that occurs in a row, and whether with a purchase line: twice the code, plus one when it does.
using occurrence = std::uint32_t;
[[nodiscard]] constexpr occurrence occurrence_of(std::uint32_t code, bool bought) noexcept {
    return code << 1 | static_cast<std::uint32_t>(bought);
}
[[nodiscard]] constexpr std::uint32_t code_of(occurrence of) noexcept { return of >> 1; }
[[nodiscard]] constexpr bool has_purchase(occurrence of) noexcept { return (of & 1U) != 0; }

inline void check_occurrences(std::size_t ids) {
    if (ids >= std::size_t{1} << 31) {
        throw error(error_code::out_of_range, "totals hold at most 2^31 - 1 distinct ids; total by period");
    }
}

/// Which ids occur in which rows, row after row, each row's ascending and once.
struct occurrence_lists {
    record_array<std::uint64_t> ends;  ///< where each row's stop
    record_array<occurrence> of;

    [[nodiscard]] std::uint64_t begin(std::size_t row) const noexcept { return row == 0 ? 0 : ends[row - 1]; }
    [[nodiscard]] std::span<const occurrence> row(std::size_t row) const noexcept {
        return std::span<const occurrence>(of.data(), of.size()).subspan(begin(row), ends[row] - begin(row));
    }
};

/// An invoice without a number in a row: the lines of one customer at one moment.
struct unnumbered_invoice {
    std::uint32_t row = 0;
    std::uint32_t customer = 0;  ///< its code, or `id_column::missing`
    moment at = 0;
    std::uint64_t bought = 0;  ///< 1 with a purchase line

    [[nodiscard]] auto key() const noexcept { return std::tuple(row, customer, at); }
};

/// Invoices without a number in order, each once; one has a purchase line when any of its likes has.
[[nodiscard]] inline record_array<unnumbered_invoice> distinct_unnumbered(std::vector<unnumbered_invoice> found) {
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.key() < b.key(); });
    record_array<unnumbered_invoice> distinct;
    for (const unnumbered_invoice& each : found) {
        if (!distinct.empty() && distinct.back().key() == each.key()) {
            distinct.back().bought |= each.bought;
        } else {
            distinct.push_back(each);
        }
    }
    return distinct;
}

/// Totals in their one canonical form: rows in the order of their keys, ids in id order and each of them used.
struct totals_data {
    std::vector<std::shared_ptr<const id_list>> ids;  ///< of each key column
    std::vector<record_array<std::uint32_t>> codes;   ///< of each key column, by row; `id_column::missing`
    large_vector<total_sums> sums;
    std::shared_ptr<const id_list> invoices = std::make_shared<const id_list>();
    std::shared_ptr<const id_list> customers = std::make_shared<const id_list>();
    occurrence_lists in_invoice;
    occurrence_lists of_customer;
    record_array<unnumbered_invoice> unnumbered;  ///< in order

    explicit totals_data(std::size_t keys = 0) : ids(keys, std::make_shared<const id_list>()), codes(keys) {}
    [[nodiscard]] std::size_t size() const noexcept { return sums.size(); }
    [[nodiscard]] bool empty() const noexcept { return sums.empty(); }
};

}  // namespace lgs_rfm::detail
