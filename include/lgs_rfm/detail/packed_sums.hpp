#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/line_sums.hpp>

namespace lgs_rfm::detail {

/// The `line_sums` of many entries in half the memory: what nearly every entry has, in 32 bytes each, and the rest, odd
/// counts and amounts beyond int64, for the few that have any. Reads as an array of `line_sums`.
class packed_sums {
public:
    struct usual {
        std::int64_t quantity;
        std::int64_t gross;  ///< millionths, the low 64 bits; the rest has what is above
        std::int64_t net;
        std::uint32_t lines;
        std::uint32_t purchase_lines;

        friend bool operator==(const usual&, const usual&) = default;
    };
    struct rest {
        std::uint64_t entry;
        std::uint32_t zero_price;
        std::uint32_t negative_price;
        std::uint32_t odd_quantity;
        std::uint32_t zero_quantity;
        std::int64_t gross_above;  ///< times 2^64, to be added to the signed low bits
        std::int64_t net_above;

        [[nodiscard]] bool empty() const noexcept {
            return (zero_price | negative_price | odd_quantity | zero_quantity) == 0 && !wide();
        }
        [[nodiscard]] bool wide() const noexcept { return gross_above != 0 || net_above != 0; }
        friend bool operator==(const rest&, const rest&) = default;
    };

    [[nodiscard]] std::size_t size() const noexcept { return usual_.size(); }
    void reserve(std::size_t entries) { usual_.reserve(entries); }
    void push_back(const line_sums& sums) {
        const rest above = rest_of(size(), sums);
        if (!above.empty()) rests_.push_back(above);
        wide_ = wide_ || above.wide();
        usual_.push_back(usual_of(sums));
    }

    /// Appends so many, which the caller writes by `usual_at`, and then `append_rests`, in the order of the entries.
    void extend(std::size_t entries) { static_cast<void>(usual_.extend(entries)); }
    [[nodiscard]] usual& usual_at(std::size_t i) noexcept { return usual_[i]; }
    void append_rests(std::span<const record_array<rest>> parts) {
        std::size_t all = rests_.size();
        for (const auto& part : parts) all += part.size();
        rests_.reserve(all);
        for (const auto& part : parts) {
            rests_.append(part);
            wide_ = wide_ || std::any_of(part.begin(), part.end(), [](const rest& each) { return each.wide(); });
        }
    }

    [[nodiscard]] static usual usual_of(const line_sums& sums) noexcept {
        return {sums.quantity, low(sums.gross), low(sums.net), sums.lines, sums.purchase_lines};
    }
    [[nodiscard]] static rest rest_of(std::size_t entry, const line_sums& sums) noexcept {
        return {entry,
                sums.zero_price,
                sums.negative_price,
                sums.odd_quantity,
                sums.zero_quantity,
                above(sums.gross),
                above(sums.net)};
    }

    /// All sums of an entry. O(log size).
    [[nodiscard]] line_sums operator[](std::size_t i) const noexcept { return joined(i, find_rest(i)); }

    // The commonest ones alone, without a search. O(1), but for amounts where one of any entry leaves int64.
    [[nodiscard]] std::uint32_t lines(std::size_t i) const noexcept { return usual_[i].lines; }
    [[nodiscard]] std::uint32_t purchase_lines(std::size_t i) const noexcept { return usual_[i].purchase_lines; }
    [[nodiscard]] std::int64_t quantity(std::size_t i) const noexcept { return usual_[i].quantity; }
    [[nodiscard]] money gross(std::size_t i) const noexcept {
        return wide_ ? (*this)[i].gross : money{usual_[i].gross};
    }
    [[nodiscard]] money net(std::size_t i) const noexcept { return wide_ ? (*this)[i].net : money{usual_[i].net}; }

    /// Whether some amount leaves int64; else the usual part has it whole.
    [[nodiscard]] bool has_wide_amounts() const noexcept { return wide_; }

    /// Reads all sums of entries that are asked for in ascending order. O(1) each.
    class in_order {
    public:
        explicit in_order(const packed_sums& sums) : sums_(&sums) {}
        [[nodiscard]] line_sums operator[](std::size_t i) noexcept {
            while (next_ < sums_->rests_.size() && sums_->rests_[next_].entry < i) ++next_;
            const bool found = next_ < sums_->rests_.size() && sums_->rests_[next_].entry == i;
            return sums_->joined(i, found ? &sums_->rests_[next_] : nullptr);
        }

    private:
        const packed_sums* sums_;
        std::size_t next_ = 0;
    };

    [[nodiscard]] const record_array<usual>& usuals() const noexcept { return usual_; }
    [[nodiscard]] const record_array<rest>& rests() const noexcept { return rests_; }
    /// Takes over parts that a saved ledger holds; false when the rests are empty, out of order or of no entry.
    [[nodiscard]] bool take_parts(record_array<usual> usuals, const record_array<rest>& rests) {
        for (std::size_t i = 0; i < rests.size(); ++i) {
            if (rests[i].empty() || rests[i].entry >= usuals.size()) return false;
            if (!possible(rests[i].gross_above) || !possible(rests[i].net_above)) return false;
            if (i > 0 && rests[i].entry <= rests[i - 1].entry) return false;
        }
        *this = {};
        usual_ = std::move(usuals);
        append_rests({&rests, 1});
        return true;
    }

private:
    /// Fewer than 2^32 amounts of 64 bits add up to no more.
    [[nodiscard]] static bool possible(std::int64_t above) noexcept {
        return above > -(std::int64_t{1} << 32) && above < std::int64_t{1} << 32;
    }
    [[nodiscard]] static std::int64_t low(money amount) noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<uint128>(amount.millionths)));
    }
    [[nodiscard]] static std::int64_t above(money amount) noexcept {
        return static_cast<std::int64_t>((amount.millionths - low(amount)) >> 64);
    }
    [[nodiscard]] static money joined(std::int64_t low, std::int64_t above) noexcept {
        return money{int128{low} + int128{above} * (int128{1} << 64)};
    }
    [[nodiscard]] const rest* find_rest(std::size_t i) const noexcept {
        const auto found =
            std::lower_bound(rests_.begin(), rests_.end(), i, [](const rest& a, std::size_t b) { return a.entry < b; });
        return found != rests_.end() && found->entry == i ? found : nullptr;
    }
    [[nodiscard]] line_sums joined(std::size_t i, const rest* more) const noexcept {
        const usual& of = usual_[i];
        line_sums sums;
        sums.lines = of.lines;
        sums.purchase_lines = of.purchase_lines;
        sums.quantity = of.quantity;
        sums.gross = money{of.gross};
        sums.net = money{of.net};
        if (more != nullptr) {
            sums.zero_price = more->zero_price;
            sums.negative_price = more->negative_price;
            sums.odd_quantity = more->odd_quantity;
            sums.zero_quantity = more->zero_quantity;
            sums.gross = joined(of.gross, more->gross_above);
            sums.net = joined(of.net, more->net_above);
        }
        return sums;
    }

    record_array<usual> usual_;
    record_array<rest> rests_;  // by entry, ascending
    bool wide_ = false;
};

}  // namespace lgs_rfm::detail
