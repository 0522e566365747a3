#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// A 64-bit mix (the finaliser of SplitMix64, Steele, Lea and Flood 2014): every input bit reaches every output bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

/// What a run is told by.
struct run_keys {
    id_key invoice = missing_key;
    id_key customer = missing_key;
    std::int64_t moment = 0;

    friend bool operator==(const run_keys&, const run_keys&) = default;
};

/// What a run's lines add up to, in 64 bits: where these do not hold the sums, another run begins.
struct run_sums {
    std::uint64_t digest = 0;  ///< order-free sum of a hash of each line and its moment, to tell copies
    std::int64_t quantity = 0;
    std::int64_t gross = 0;  ///< millionths
    std::int64_t net = 0;    ///< millionths
    std::uint32_t lines = 0;
    std::uint32_t purchase_lines = 0;
    std::uint32_t zero_price = 0;
    std::uint32_t negative_price = 0;
    std::uint32_t positive_quantity = 0;  ///< lines of quantity > 0 and < 0: the invoice's kind tells which are odd
    std::uint32_t negative_quantity = 0;
    std::uint32_t zero_quantity = 0;

    friend bool operator==(const run_sums&, const run_sums&) = default;

    /// Adds more lines of the same run; false, with nothing changed, when the sums would not fit.
    [[nodiscard]] bool add(const run_sums& more) noexcept {
        std::int64_t both_gross = 0;
        std::int64_t both_net = 0;
        if (more.lines > std::uint32_t{0xFFFF'FFFF} - lines || __builtin_add_overflow(gross, more.gross, &both_gross) ||
            __builtin_add_overflow(net, more.net, &both_net)) {
            return false;
        }
        digest += more.digest;
        quantity += more.quantity;
        gross = both_gross;
        net = both_net;
        lines += more.lines;
        purchase_lines += more.purchase_lines;
        zero_price += more.zero_price;
        negative_price += more.negative_price;
        positive_quantity += more.positive_quantity;
        negative_quantity += more.negative_quantity;
        zero_quantity += more.zero_quantity;
        return true;
    }

    /// As the sums of an entry, but for the odd quantities, of which the invoice's kind must tell.
    [[nodiscard]] line_sums as_line_sums() const noexcept {
        line_sums sums;
        sums.lines = lines;
        sums.purchase_lines = purchase_lines;
        sums.zero_price = zero_price;
        sums.negative_price = negative_price;
        sums.zero_quantity = zero_quantity;
        sums.quantity = quantity;
        sums.gross.millionths = gross;
        sums.net.millionths = net;
        return sums;
    }
};

/// Runs, each of consecutive lines of one (invoice, customer, moment): what the kernel appends, in the order of the
/// input. Two parallel arrays: what follows reads all keys several times and the sums once.
struct run_list {
    large_vector<run_keys> keys;
    large_vector<run_sums> sums;

    [[nodiscard]] std::size_t size() const noexcept { return keys.size(); }
    [[nodiscard]] bool empty() const noexcept { return keys.empty(); }
    /// Room for so many runs; grows by half at least, so that asking batch by batch copies little.
    void reserve(std::size_t runs) {
        if (runs <= keys.capacity()) return;
        runs = std::max(runs, keys.capacity() + keys.capacity() / 2);
        keys.reserve(runs);
        sums.reserve(runs);
    }
    void clear() noexcept {
        keys.clear();
        sums.clear();
    }
};

}  // namespace lgs_rfm::detail
