#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// True when no amount of the block, and no sum of its amounts, can leave int64: the widths of the largest quantity and
/// price and of the block's length add up to at most 62 bits. Real data always passes, and is summed in 64 bits then.
[[nodiscard]] inline bool sums_fit(const block& lines) noexcept {
    std::uint64_t quantities = 0;
    std::uint64_t prices = 0;
    for (std::int64_t row = 0; row < lines.rows; ++row) {
        const auto i = static_cast<std::size_t>(row);
        quantities |= static_cast<std::uint64_t>(lines.quantity[i] ^ (lines.quantity[i] >> 63));  // magnitude, or one less
        prices |= static_cast<std::uint64_t>(lines.price[i] ^ (lines.price[i] >> 63));
    }
    const auto bits = [](std::uint64_t value) { return 64 - std::countl_zero(value); };
    return (lines.has_price ? bits(quantities) : 0) + bits(prices) + 2 + bits(block::capacity) <= 62;
}

/// A hash of one line for the digest of its invoice: one multiplication, then the high bits over the low ones, so that
/// sums of hashes tell which quantity went with which price.
[[nodiscard]] inline std::uint64_t line_hash(std::int64_t quantity, std::int64_t price, std::uint64_t seed) noexcept {
    const std::uint64_t product =
        (std::rotl(static_cast<std::uint64_t>(quantity), 40) ^ static_cast<std::uint64_t>(price) ^ seed) *
        0x9E3779B97F4A7C15U;
    return product ^ (product >> 31);
}

/// Sums the lines [begin, end) of one run into it. Returns the row whose amount leaves int64 millionths, else `end`;
/// `Wide` is int64 where `sums_fit` says so, else 128 bits.
template <class Wide>
std::int64_t sum_run(const block& lines, std::int64_t begin, std::int64_t end, run& into) {
    constexpr bool checked = sizeof(Wide) > 8;
    const std::uint64_t seed = mix(into.customer ^ mix(static_cast<std::uint64_t>(into.moment)));
    line_sums sums;
    std::uint32_t positive = 0;
    std::uint32_t below_zero = 0;
    std::uint64_t digest = 0;
    Wide gross = 0;
    Wide net = 0;
    std::int64_t row = begin;
    for (; row < end; ++row) {
        const auto i = static_cast<std::size_t>(row);
        const std::int64_t quantity = lines.quantity[i];
        const std::int64_t price = lines.price[i];
        std::int64_t amount = price;
        if (lines.has_price) {
            if constexpr (checked) {
                if (__builtin_mul_overflow(quantity, price, &amount)) break;
            } else {
                amount = quantity * price;
            }
        }
        const bool purchase = amount > 0 && (quantity > 0 || !lines.has_quantity);
        // A given amount implies the price amount / quantity; without a quantity it implies none.
        const bool negative = lines.has_price ? price < 0 : (amount < 0 && quantity > 0) || (amount > 0 && quantity < 0);
        sums.purchase_lines += purchase ? 1 : 0;
        sums.zero_price += price == 0 ? 1 : 0;
        sums.negative_price += negative ? 1 : 0;
        positive += quantity > 0 ? 1 : 0;
        below_zero += quantity < 0 ? 1 : 0;
        sums.quantity += quantity;
        gross += purchase ? amount : 0;
        net += amount;
        digest += line_hash(quantity, price, seed);
    }
    sums.lines = static_cast<std::uint32_t>(row - begin);
    sums.zero_quantity = lines.has_quantity ? sums.lines - positive - below_zero : 0;
    sums.gross.millionths = gross;
    sums.net.millionths = net;
    static_cast<void>(into.sums.add(sums));  // cannot fail: runs are cut at 2^31 lines
    into.positive_quantity += positive;
    into.negative_quantity += below_zero;
    into.digest += digest;
    return row;
}

/// The kernel, scalar form: cuts a block into runs of equal (invoice, customer, moment) and sums each run, comparing
/// keys with the run's first row (some 19 lines a run in real data) instead of hashing every row.
/// Appends to `runs`; a run may go on from the block before. Returns the rows summed: fewer than `rows` when the
/// amount of the row that follows leaves int64 millionths. O(rows).
inline std::int64_t sum_runs(const block& lines, std::vector<run>& runs) {
    const bool fits = sums_fit(lines);
    std::int64_t begin = 0;
    while (begin < lines.rows) {
        const auto first = static_cast<std::size_t>(begin);
        const id_key invoice = lines.invoice[first];
        const id_key customer = lines.customer[first];
        const std::int64_t moment = lines.moment[first];
        std::int64_t end = begin + 1;
        for (; end < lines.rows; ++end) {
            const auto i = static_cast<std::size_t>(end);
            if (((lines.invoice[i] ^ invoice) | (lines.customer[i] ^ customer) |
                 static_cast<std::uint64_t>(lines.moment[i] ^ moment)) != 0) {
                break;
            }
        }
        if (runs.empty() || runs.back().invoice != invoice || runs.back().customer != customer ||
            runs.back().moment != moment || runs.back().sums.lines > 0x8000'0000U) {
            runs.push_back({.invoice = invoice, .customer = customer, .moment = moment});
        }
        const std::int64_t summed = fits ? sum_run<std::int64_t>(lines, begin, end, runs.back())
                                         : sum_run<int128>(lines, begin, end, runs.back());
        if (summed < end) return summed;
        begin = end;
    }
    return begin;
}

}  // namespace lgs_rfm::detail
