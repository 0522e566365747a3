#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/run_totals.hpp>

namespace lgs_rfm::detail {

/// What up to `most_lines` lines of one key add up to, in one line of cache. Six counts are fields of one word, so that
/// a line adds five numbers. No sum can overflow: an amount has `amount_bits` bits at most.
struct alignas(64) summed_lines {
    static constexpr int field_bits = 10;
    static constexpr std::uint64_t most_lines = (1U << field_bits) - 1;
    static constexpr int amount_bits = 53;
    static_assert(amount_bits + field_bits <= 63);

    run_keys keys;
    std::int64_t quantity = 0;
    std::int64_t gross = 0;  ///< millionths
    std::int64_t net = 0;    ///< millionths
    std::uint64_t digest = 0;
    std::uint64_t counts = 0;  ///< fields, from the lowest: those of `count_places`

    friend bool operator==(const summed_lines&, const summed_lines&) = default;

    /// The counts of run_sums by their field; lines of quantity 0 are those that have neither sign.
    static constexpr std::array<std::uint16_t run_sums::*, 6> count_places{
        &run_sums::lines,          &run_sums::purchase_lines,    &run_sums::zero_price,
        &run_sums::negative_price, &run_sums::positive_quantity, &run_sums::negative_quantity};

    [[nodiscard]] static constexpr std::uint64_t one_in(std::size_t field, bool one) noexcept {
        return std::uint64_t{one} << (static_cast<std::size_t>(field_bits) * field);
    }
    [[nodiscard]] std::uint64_t lines() const noexcept { return counts & most_lines; }
    /// Whether there is no line yet.
    [[nodiscard]] bool free() const noexcept { return counts == 0; }
    [[nodiscard]] bool has_room(const summed_lines& more) const noexcept {
        return lines() + more.lines() <= most_lines;
    }

    /// Adds the sums of the same key, for which there must be room.
    void add(const summed_lines& more) noexcept {
        quantity += more.quantity;
        gross += more.gross;
        net += more.net;
        digest += more.digest;
        counts += more.counts;
    }

    /// One line.
    [[nodiscard]] static summed_lines of_line(const run_keys& keys, std::int64_t quantity,
                                              std::int64_t price) noexcept {
        const std::int64_t amount = quantity * price;
        const bool purchase = quantity > 0 && price > 0;
        return {.keys = keys,
                .quantity = quantity,
                .gross = purchase ? amount : 0,
                .net = amount,
                .digest = line_hash(quantity, price),
                .counts = one_in(0, true) | one_in(1, purchase) | one_in(2, price == 0) | one_in(3, price < 0) |
                          one_in(4, quantity > 0) | one_in(5, quantity < 0)};
    }

    /// Whether a run's sums are no larger than those of so many lines may be.
    [[nodiscard]] static bool hold(const run_sums& sums) noexcept {
        const std::int64_t most = static_cast<std::int64_t>(sums.lines) << amount_bits;
        const auto within = [&](std::int64_t value) { return value <= most && value >= -most; };
        return sums.lines <= most_lines && within(sums.quantity) && within(sums.gross) && within(sums.net);
    }
    /// A run whose sums these hold.
    [[nodiscard]] static summed_lines of_run(const run_keys& keys, const run_sums& sums) noexcept {
        summed_lines result{.keys = keys,
                            .quantity = sums.quantity,
                            .gross = sums.gross,
                            .net = sums.net,
                            .digest = sums.digest,
                            .counts = 0};
        for (std::size_t field = 0; field < count_places.size(); ++field) {
            result.counts |= std::uint64_t{sums.*count_places[field]} << (static_cast<std::size_t>(field_bits) * field);
        }
        return result;
    }
    [[nodiscard]] run_sums as_run_sums() const noexcept {
        run_sums sums;
        sums.quantity = quantity;
        sums.gross = gross;
        sums.net = net;
        sums.digest = digest;
        for (std::size_t field = 0; field < count_places.size(); ++field) {
            sums.*count_places[field] =
                static_cast<std::uint16_t>(counts >> (static_cast<std::size_t>(field_bits) * field) & most_lines);
        }
        sums.zero_quantity = static_cast<std::uint16_t>(sums.lines - sums.positive_quantity - sums.negative_quantity);
        return sums;
    }
};
static_assert(sizeof(summed_lines) == 64);

}  // namespace lgs_rfm::detail
