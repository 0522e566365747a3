#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <lgs_rfm/detail/avx2.hpp>
#include <lgs_rfm/detail/avx512.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/loops.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/run_totals.hpp>

namespace lgs_rfm::detail {

/// How large the values of a block are at most, as numbers of bits.
struct block_widths {
    int quantity = 0;
    int price = 0;

    explicit block_widths(const block& lines) noexcept
        : quantity(bits(magnitudes(lines.quantity.data(), lines.rows))),
          price(bits(magnitudes(lines.price.data(), lines.rows))) {}

    /// True when no product, and no sum of products, can leave int64. Real data always passes.
    [[nodiscard]] bool sums_fit() const noexcept { return quantity + price + 2 + bits(block::capacity) <= 62; }

private:
    [[nodiscard]] static int bits(std::uint64_t value) noexcept { return 64 - std::countl_zero(value); }
};

/// The sums of `rows` lines whose quantities and prices are given and small enough (`block_widths::sums_fit`): the
/// plain body, which `avx2::sum_lines` follows four lines at a time.
[[nodiscard]] inline run_totals sum_lines(const std::int64_t* quantity, const std::int64_t* price,
                                          std::int64_t rows) noexcept {
    run_totals sums;
    for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t amount = quantity[i] * price[i];
        const bool purchase = quantity[i] > 0 && price[i] > 0;
        sums.counts += one_at(purchase, purchase_count) | one_at(price[i] == 0, zero_price_count) |
                       one_at(price[i] < 0, negative_price_count) | one_at(quantity[i] > 0, positive_count) |
                       one_at(quantity[i] < 0, negative_count);
        sums.quantity += quantity[i];
        sums.gross += purchase ? amount : 0;
        sums.net += amount;
        sums.digest += line_hash(quantity[i], price[i]);
    }
    return sums;
}

/// The sums of lines as those of a run.
[[nodiscard]] inline run_sums sums_of(std::int64_t lines, const run_totals& totals, bool has_quantity) noexcept {
    run_sums sums;
    sums.digest = totals.digest;
    sums.quantity = totals.quantity;
    sums.gross = totals.gross;
    sums.net = totals.net;
    static_assert(block::capacity <= run_sums::most_lines);
    sums.lines = static_cast<std::uint16_t>(lines);
    sums.purchase_lines = totals.count(purchase_count);
    sums.zero_price = totals.count(zero_price_count);
    sums.negative_price = totals.count(negative_price_count);
    sums.positive_quantity = totals.count(positive_count);
    sums.negative_quantity = totals.count(negative_count);
    if (has_quantity) {
        sums.zero_quantity = static_cast<std::uint16_t>(sums.lines - sums.positive_quantity - sums.negative_quantity);
    }
    return sums;
}

/// Appends a run, or adds to the last one when it goes on.
inline void append_run(run_list& runs, const run_keys& keys, const run_sums& sums) {
    if (!runs.empty() && runs.keys.back() == keys && runs.sums.back().add(sums)) return;
    runs.keys.push_back(keys);
    runs.sums.push_back(sums);
}

/// Appends the lines [begin, end) of one run, whatever is given and however large. Returns the row whose amount leaves
/// int64 millionths, else `end`.
inline std::int64_t sum_carefully(const block& lines, std::int64_t begin, std::int64_t end, const run_keys& keys,
                                  run_list& runs) {
    for (std::int64_t row = begin; row < end; ++row) {
        const auto i = static_cast<std::size_t>(row);
        const std::int64_t quantity = lines.quantity[i];
        const std::int64_t price = lines.price[i];
        std::int64_t amount = price;
        if (lines.has_price && __builtin_mul_overflow(quantity, price, &amount)) return row;
        const bool purchase = amount > 0 && (quantity > 0 || !lines.has_quantity);
        // A given amount implies the price amount / quantity; without a quantity it implies none.
        const bool negative =
            lines.has_price ? price < 0 : (amount < 0 && quantity > 0) || (amount > 0 && quantity < 0);
        run_totals line;
        line.counts = one_at(purchase, purchase_count) | one_at(price == 0, zero_price_count) |
                      one_at(negative, negative_price_count) | one_at(quantity > 0, positive_count) |
                      one_at(quantity < 0, negative_count);
        line.quantity = quantity;
        line.gross = purchase ? amount : 0;
        line.net = amount;
        line.digest = line_hash(quantity, price);
        append_run(runs, keys, sums_of(1, line, lines.has_quantity));
    }
    return end;
}

/// The kernel: sums each run of a block (some 19 lines a run in real data), so that only runs, not rows, are hashed and
/// sorted later. Appends to `runs`; a run may go on from the block before, and a start where no key changes may begin
/// another one. Returns the rows summed: fewer than `rows` when the amount of the row that follows leaves int64
/// millionths. O(rows).
inline std::int64_t sum_runs(const block& lines, run_list& runs) {
#if LGS_RFM_HAS_VECTORS
    const bool whole = lines.starts > 0 && lines.start[static_cast<std::size_t>(lines.starts) - 1] < lines.rows;
    std::int64_t none_rounded = 0;
    if (runs_on(instruction_set::avx512) && whole && lines.has_price && lines.has_quantity &&
        avx512::sum_runs(lines, lines.quantity.data(), lines.price.data(), runs, none_rounded)) {
        return lines.rows;
    }
#endif
    const block_widths widths(lines);
    const bool usual = lines.has_price && lines.has_quantity && widths.sums_fit();
    auto sum = &sum_lines;
#if LGS_RFM_HAS_VECTORS
    if (runs_on(instruction_set::avx2)) {
        sum = widths.price < 32 ? &avx2::sum_lines<true> : &avx2::sum_lines<false>;
    }
#endif
    for (std::int64_t k = 0; k < lines.starts; ++k) {
        const auto i = static_cast<std::size_t>(k);
        const std::int64_t begin = lines.start[i];
        const std::int64_t end = std::min(lines.rows, k + 1 < lines.starts ? lines.start[i + 1] : lines.rows);
        if (begin >= end) break;
        const run_keys keys{lines.invoice[i], lines.customer[i], lines.moment[i]};
        if (usual) {
            const run_totals totals = sum(lines.quantity.data() + begin, lines.price.data() + begin, end - begin);
            append_run(runs, keys, sums_of(end - begin, totals, true));
            continue;
        }
        const std::int64_t summed = sum_carefully(lines, begin, end, keys, runs);
        if (summed < end) return summed;
    }
    return lines.rows;
}

}  // namespace lgs_rfm::detail
