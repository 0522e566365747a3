#pragma once

#include <cstdint>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/run.hpp>

namespace lgs_rfm::detail {

/// The kernel, scalar form: cuts a block into runs of equal (invoice, customer, moment) and sums each run, comparing
/// keys with the row before (some 19 lines a run in real data) instead of hashing every row.
/// Appends to `runs`; a run may go on from the block before. Returns the rows summed: fewer than `rows` when the
/// amount of the row that follows leaves int64 millionths. O(rows).
inline std::int64_t sum_runs(const block& lines, std::vector<run>& runs) {
    std::int64_t row = 0;
    while (row < lines.rows) {
        const id_key invoice = lines.invoice[static_cast<std::size_t>(row)];
        const id_key customer = lines.customer[static_cast<std::size_t>(row)];
        const std::int64_t moment = lines.moment[static_cast<std::size_t>(row)];
        if (runs.empty() || runs.back().invoice != invoice || runs.back().customer != customer ||
            runs.back().moment != moment || runs.back().sums.lines > 0x8000'0000U) {
            runs.push_back({.invoice = invoice, .customer = customer, .moment = moment});
        }
        const std::uint64_t seed = mix(customer ^ mix(static_cast<std::uint64_t>(moment)));
        line_sums sums;
        std::uint32_t positive = 0;
        std::uint32_t negative = 0;
        std::uint64_t digest = 0;
        int128 gross = 0;
        int128 net = 0;
        bool overflow = false;
        for (; row < lines.rows; ++row) {
            const auto i = static_cast<std::size_t>(row);
            if (lines.invoice[i] != invoice || lines.customer[i] != customer || lines.moment[i] != moment) break;
            const std::int64_t quantity = lines.quantity[i];
            const std::int64_t price = lines.price[i];
            std::int64_t amount = price;
            if (lines.has_price && __builtin_mul_overflow(quantity, price, &amount)) {
                overflow = true;
                break;
            }
            const bool purchase = amount > 0 && (quantity > 0 || !lines.has_quantity);
            ++sums.lines;
            sums.purchase_lines += purchase ? 1 : 0;
            sums.zero_price += price == 0 ? 1 : 0;
            // A given amount implies the price amount / quantity; without a quantity it implies none.
            sums.negative_price += (lines.has_price ? price < 0 : (amount < 0 && quantity > 0) || (amount > 0 && quantity < 0)) ? 1 : 0;
            sums.zero_quantity += lines.has_quantity && quantity == 0 ? 1 : 0;
            positive += quantity > 0 ? 1 : 0;
            negative += quantity < 0 ? 1 : 0;
            sums.quantity += quantity;
            gross += purchase ? amount : 0;
            net += amount;
            digest += mix((static_cast<std::uint64_t>(quantity) << 40 ^ static_cast<std::uint64_t>(price)) + seed);
        }
        sums.gross.millionths = gross;
        sums.net.millionths = net;
        run& current = runs.back();
        current.digest += digest;
        current.positive_quantity += positive;
        current.negative_quantity += negative;
        static_cast<void>(current.sums.add(sums));  // cannot fail: runs are cut at 2^31 lines
        if (overflow) return row;
    }
    return row;
}

}  // namespace lgs_rfm::detail
