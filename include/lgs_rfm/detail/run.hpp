#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/run_totals.hpp>
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

/// What a run's lines add up to, in as few bits as real runs need: where these do not hold the sums, another run
/// begins, and ledger entries, which have more, sum both up.
struct run_sums {
    std::int64_t quantity = 0;
    std::int64_t gross = 0;    ///< millionths
    std::int64_t net = 0;      ///< millionths
    std::uint64_t digest = 0;  ///< order-free sum of a hash of each line, to tell copies
    std::uint16_t lines = 0;
    std::uint16_t purchase_lines = 0;
    std::uint16_t zero_price = 0;
    std::uint16_t negative_price = 0;
    std::uint16_t positive_quantity = 0;  ///< lines of quantity > 0 and < 0: the invoice's kind tells which are odd
    std::uint16_t negative_quantity = 0;
    std::uint16_t zero_quantity = 0;

    static constexpr int most_lines = 0xFFFF;

    friend bool operator==(const run_sums&, const run_sums&) = default;

    /// Adds more lines of the same run; false, with nothing changed, when the sums would not fit.
    [[nodiscard]] bool add(const run_sums& more) noexcept {
        std::int64_t both_gross = 0;
        std::int64_t both_net = 0;
        if (lines + more.lines > most_lines || __builtin_add_overflow(gross, more.gross, &both_gross) ||
            __builtin_add_overflow(net, more.net, &both_net)) {
            return false;
        }
        digest += more.digest;
        quantity += more.quantity;
        gross = both_gross;
        net = both_net;
        for (const auto count :
             {&run_sums::lines, &run_sums::purchase_lines, &run_sums::zero_price, &run_sums::negative_price,
              &run_sums::positive_quantity, &run_sums::negative_quantity, &run_sums::zero_quantity}) {
            this->*count = static_cast<std::uint16_t>(this->*count + more.*count);
        }
        return true;
    }

    /// Lines whose quantity an invoice of this kind should not have.
    [[nodiscard]] std::uint32_t odd_quantity(invoice_kind kind) const noexcept {
        return kind == invoice_kind::cancellation ? positive_quantity
               : kind == invoice_kind::sale       ? negative_quantity
                                                  : 0U;
    }

    /// Whether there is more to tell than amounts, lines and purchases.
    [[nodiscard]] bool has_oddities(invoice_kind kind) const noexcept {
        return (zero_price | negative_price | odd_quantity(kind) | zero_quantity) != 0;
    }

    /// As the sums of an entry, of an invoice of this kind.
    [[nodiscard]] line_sums as_line_sums(invoice_kind kind) const noexcept {
        line_sums sums;
        sums.lines = lines;
        sums.purchase_lines = purchase_lines;
        sums.zero_price = zero_price;
        sums.negative_price = negative_price;
        sums.odd_quantity = odd_quantity(kind);
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
    record_array<run_keys> keys;
    record_array<run_sums> sums;

    static constexpr std::size_t usual_lines = 12;  ///< of a run of an input in order, for estimates; few have fewer

    [[nodiscard]] std::size_t size() const noexcept { return keys.size(); }
    [[nodiscard]] bool empty() const noexcept { return keys.empty(); }
    /// How many more fit without asking for memory.
    [[nodiscard]] std::size_t room() const noexcept { return std::min(keys.capacity(), sums.capacity()) - size(); }
    void reserve(std::size_t runs) {
        keys.reserve(runs);
        sums.reserve(runs);
    }
    void append(const run_list& more) {
        keys.append(more.keys);
        sums.append(more.sums);
    }
    /// Adds the lines of a run of another list to one of the same keys. False when the keys differ or the sums would
    /// not fit.
    [[nodiscard]] bool take_up(std::size_t run, const run_list& other, std::size_t of) noexcept {
        return keys[run] == other.keys[of] && sums[run].add(other.sums[of]);
    }
    /// Drops all but the first `runs`.
    void truncate(std::size_t runs) noexcept {
        keys.truncate(runs);
        sums.truncate(runs);
    }
    void clear() noexcept { truncate(0); }
};

/// Neighbours in a list of runs.
struct run_view {
    std::span<const run_keys> keys;
    std::span<const run_sums> sums;

    run_view(std::span<const run_keys> some_keys, std::span<const run_sums> their_sums) noexcept
        : keys(some_keys), sums(their_sums) {}
    run_view(const run_list& all) noexcept : keys(all.keys), sums(all.sums) {}  // NOLINT: a view of them

    [[nodiscard]] std::size_t size() const noexcept { return keys.size(); }
    [[nodiscard]] bool empty() const noexcept { return keys.empty(); }
    [[nodiscard]] run_view part(std::size_t begin, std::size_t end) const noexcept {
        return {keys.subspan(begin, end - begin), sums.subspan(begin, end - begin)};
    }
    /// Becomes a view of these, too, if they follow in memory.
    [[nodiscard]] bool join(run_view next) noexcept {
        if (keys.data() + size() != next.keys.data() || sums.data() + size() != next.sums.data()) return false;
        *this = {{keys.data(), size() + next.size()}, {sums.data(), size() + next.size()}};
        return true;
    }
};

}  // namespace lgs_rfm::detail
