#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/loops.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// True when no amount of the block, and no sum of its amounts, can leave int64: the widths of the largest quantity and
/// price and of the block's length add up to at most 62 bits. Real data always passes, and is summed in 64 bits then.
[[nodiscard]] inline bool sums_fit(const block& lines) noexcept {
    const std::uint64_t quantities = magnitudes(lines.quantity.data(), lines.rows);
    const std::uint64_t prices = magnitudes(lines.price.data(), lines.rows);
    const auto bits = [](std::uint64_t value) { return 64 - std::countl_zero(value); };
    return (lines.has_price ? bits(quantities) : 0) + bits(prices) + 2 + bits(block::capacity) <= 62;
}

/// A hash of one line for the digest of its invoice. Digests are sums, so a single multiplication, which is linear,
/// would hardly tell which quantity went with which price (one swap in 7,000 went unseen); two with the high bits
/// brought down in between do.
[[nodiscard]] inline std::uint64_t line_hash(std::int64_t quantity, std::int64_t price, std::uint64_t seed) noexcept {
    std::uint64_t hash =
        (std::rotl(static_cast<std::uint64_t>(quantity), 40) ^ static_cast<std::uint64_t>(price) ^ seed) *
        0x9E3779B97F4A7C15U;
    hash = (hash ^ (hash >> 32)) * 0xBF58476D1CE4E5B9U;
    return hash ^ (hash >> 29);
}

/// Sums the lines [begin, end) of one run into it. Returns the row whose amount leaves int64 millionths, else `end`.
/// Usual: quantity and price are given and `sums_fit` holds, so that 64 bits do and nothing is asked a row.
template <bool Usual>
std::int64_t sum_run(const block& lines, std::int64_t begin, std::int64_t end, run& into) {
    using wide = std::conditional_t<Usual, std::int64_t, int128>;
    const bool has_price = Usual || lines.has_price;
    const bool has_quantity = Usual || lines.has_quantity;
    const std::uint64_t seed = mix(static_cast<std::uint64_t>(into.moment));
    // Five counts in one word of 12-bit fields: one addition a line. A block has fewer lines than 2^12.
    constexpr int field = 12;
    const auto count = [](std::uint64_t word, int place) {
        return static_cast<std::uint32_t>(word >> (field * place) & ((1U << field) - 1));
    };
    std::uint64_t counts = 0;
    std::uint64_t digest = 0;
    std::int64_t quantities = 0;
    wide gross = 0;
    wide net = 0;
    std::int64_t row = begin;
    for (; row < end; ++row) {
        const auto i = static_cast<std::size_t>(row);
        const std::int64_t quantity = lines.quantity[i];
        const std::int64_t price = lines.price[i];
        std::int64_t amount = price;
        if constexpr (Usual) {
            amount = quantity * price;
        } else if (has_price && __builtin_mul_overflow(quantity, price, &amount)) {
            break;
        }
        const bool purchase = amount > 0 && (quantity > 0 || !has_quantity);
        // A given amount implies the price amount / quantity; without a quantity it implies none.
        const bool negative = has_price ? price < 0 : (amount < 0 && quantity > 0) || (amount > 0 && quantity < 0);
        counts += std::uint64_t{purchase} | std::uint64_t{price == 0} << field |
                  std::uint64_t{negative} << (2 * field) | std::uint64_t{quantity > 0} << (3 * field) |
                  std::uint64_t{quantity < 0} << (4 * field);
        quantities += quantity;
        gross += purchase ? amount : 0;
        net += amount;
        digest += line_hash(quantity, price, seed);
    }
    line_sums sums;
    sums.lines = static_cast<std::uint32_t>(row - begin);
    sums.purchase_lines = count(counts, 0);
    sums.zero_price = count(counts, 1);
    sums.negative_price = count(counts, 2);
    sums.zero_quantity = has_quantity ? sums.lines - count(counts, 3) - count(counts, 4) : 0;
    sums.quantity = quantities;
    sums.gross.millionths = gross;
    sums.net.millionths = net;
    static_cast<void>(into.sums.add(sums));  // cannot fail: runs are cut at 2^31 lines
    into.positive_quantity += count(counts, 3);
    into.negative_quantity += count(counts, 4);
    into.digest += digest;
    return row;
}

/// The kernel, scalar form: sums each run of a block (some 19 lines a run in real data), so that only runs, not rows,
/// are hashed and sorted later. Appends to `runs`; a run may go on from the block before. Returns the rows summed:
/// fewer than `rows` when the amount of the row that follows leaves int64 millionths. O(rows).
inline std::int64_t sum_runs(const block& lines, std::vector<run>& runs) {
    const bool usual = lines.has_price && lines.has_quantity && sums_fit(lines);
    for (std::int64_t k = 0; k < lines.starts; ++k) {
        const auto i = static_cast<std::size_t>(k);
        const std::int64_t begin = lines.start[i];
        const std::int64_t end = std::min(lines.rows, k + 1 < lines.starts ? lines.start[i + 1] : lines.rows);
        if (begin >= end) break;
        if (runs.empty() || runs.back().invoice != lines.invoice[i] || runs.back().customer != lines.customer[i] ||
            runs.back().moment != lines.moment[i] || runs.back().sums.lines > 0x8000'0000U) {
            runs.push_back({.invoice = lines.invoice[i], .customer = lines.customer[i], .moment = lines.moment[i]});
        }
        const std::int64_t summed =
            usual ? sum_run<true>(lines, begin, end, runs.back()) : sum_run<false>(lines, begin, end, runs.back());
        if (summed < end) return summed;
    }
    return lines.rows;
}

}  // namespace lgs_rfm::detail
