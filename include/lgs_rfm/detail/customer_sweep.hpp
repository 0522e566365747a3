#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/radix_sort.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/tables/customers.hpp>

namespace lgs_rfm::detail {

/// Walks through time with all customers at once: each entry is taken up when its moment has passed, and given back
/// when a window has left it behind. So many moments cost O(entries + customers x moments), not O(entries x moments).
class customer_sweep {
public:
    static constexpr moment never_before = std::numeric_limits<moment>::min();
    static constexpr moment never_after = std::numeric_limits<moment>::max();

    /// What one customer is at the moment reached: all that most moments look at, in one cache line.
    struct state {
        int128 monetary = 0;
        moment first_date = 0;
        moment last_date = 0;
        std::int64_t invoices = 0;
        moment next_in = never_after;   // of the next entry to take up
        moment next_out = never_after;  // and of the next to give back
    };

    /// O(entries), but for customers of fewer than a thousand entries in no order, which are sorted by comparing.
    customer_sweep(const ledger_entries& entries, customer_basis basis)
        : entries_(&entries), basis_(basis), inline_amounts_(!entries.sums.has_wide_amounts()) {
        const std::size_t customers = entries.customers->size();
        const auto held = [&](std::size_t i) {
            return entries.customer[i] != id_column::missing && (basis_ != customer_basis::purchases || counts(i));
        };
        std::vector<std::size_t> next(customers + 1);
        for (std::size_t i = 0; i < entries.size(); ++i) next[held(i) ? entries.customer[i] : customers] += 1;
        std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
        passings_.resize(next[customers]);
        states_.resize(customers);
        places_.resize(customers);
        for (std::size_t code = 0; code < customers; ++code) places_[code].in = places_[code].out = next[code];
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (!held(i)) continue;
            const auto low = static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<uint128>(amount(i))));
            const bool has_earlier = i > 0 && are_one(i - 1, i);
            const bool has_later = i + 1 < entries.size() && are_one(i, i + 1);
            passings_[next[entries.customer[i]]++] = {entries.moment[i], low,
                                                      passing::packed(i, has_earlier, has_later)};
        }
        for (std::size_t code = 0; code < customers; ++code) {
            place& of = places_[code];
            of.end = next[code];
            of.first = of.in;
            sort(of.in, of.end);
            if (of.in < of.end) states_[code].next_in = states_[code].next_out = passings_[of.in].at;
        }
    }

    [[nodiscard]] std::size_t customers() const noexcept { return states_.size(); }
    /// The entries that may count for some customer.
    [[nodiscard]] std::size_t size() const noexcept { return passings_.size(); }

    /// The moment of a customer's first counted entry; `never_after` when there is none. Before the first `advance`.
    [[nodiscard]] moment first_counted(std::size_t code) const {
        for (std::size_t i = places_[code].in; i < places_[code].end; ++i) {
            if (counts(passings_[i])) return passings_[i].at;
        }
        return never_after;
    }

    /// Goes on to a later moment: entries in (after, until) count. Calls `visit(code, state, gross)` in id order for
    /// each customer with one; `gross` is that of all entries since the moment before. O(customers + entries passed).
    template <class Visit>
    void advance(moment until, moment after, Visit&& visit) {
        for (std::size_t code = 0; code < states_.size(); ++code) {
            state& of = states_[code];
            int128 gross = 0;
            if (of.next_in < until) gross = take(of, places_[code], until);
            if (of.next_out <= after) give_back(of, places_[code], until, after);
            if (of.invoices > 0) visit(static_cast<std::uint32_t>(code), of, gross);
        }
        after_ = after;
    }

private:
    /// An entry as it passes, in the order of its customer and moment.
    struct passing {
        moment at;
        std::int64_t amount;   // the low bits; all of it where no amount is wide
        std::uint64_t number;  // of the entry, and whether its neighbours are of the same invoice and customer

        [[nodiscard]] static std::uint64_t packed(std::size_t entry, bool has_earlier, bool has_later) noexcept {
            return std::uint64_t{entry} * 4 + (has_earlier ? 2U : 0U) + (has_later ? 1U : 0U);
        }
        [[nodiscard]] std::size_t entry() const noexcept { return number / 4; }
        [[nodiscard]] bool has_earlier() const noexcept { return (number & 2U) != 0; }
        [[nodiscard]] bool has_later() const noexcept { return (number & 1U) != 0; }
    };

    /// Positions among the passing entries: of the next to take up and to give back, of the first counted one held, and
    /// behind the customer's last.
    struct place {
        std::size_t in = 0;
        std::size_t out = 0;
        std::size_t first = 0;
        std::size_t end = 0;
    };

    [[nodiscard]] bool counts(std::size_t entry) const noexcept {
        return basis_ == customer_basis::all || entries_->sums.purchase_lines(entry) != 0;
    }
    [[nodiscard]] bool counts(const passing& each) const noexcept {
        return basis_ != customer_basis::net || counts(each.entry());  // with other bases only what counts is held
    }
    [[nodiscard]] int128 amount(std::size_t entry) const noexcept {
        return (basis_ == customer_basis::purchases ? entries_->sums.gross(entry) : entries_->sums.net(entry))
            .millionths;
    }
    [[nodiscard]] int128 amount(const passing& each) const noexcept {
        return inline_amounts_ ? int128{each.amount} : amount(each.entry());
    }

    void sort(std::size_t begin, std::size_t end) {
        const auto from = passings_.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto to = passings_.begin() + static_cast<std::ptrdiff_t>(end);
        const auto is_before = [](const passing& a, const passing& b) { return a.at < b.at; };
        if (std::is_sorted(from, to, is_before)) return;
        if (end - begin < 1000) {
            std::sort(from, to, is_before);
            return;
        }
        std::vector<passing> several(from, to);
        radix_sort(several,
                   [](const passing& each) { return static_cast<std::uint64_t>(each.at) ^ (std::uint64_t{1} << 63); });
        std::copy(several.begin(), several.end(), from);
    }

    /// The moments of the counted entries of the same invoice and customer just before and after a counted entry: they
    /// are neighbours in the ledger, in the order of their moments. What does not count between two that do is looked
    /// at from both, so all looks together cost O(entries).
    [[nodiscard]] bool are_one(std::size_t a, std::size_t b) const noexcept {
        return entries_->invoice[a] == entries_->invoice[b] && entries_->customer[a] == entries_->customer[b] &&
               entries_->invoice[a] != id_column::missing;
    }
    [[nodiscard]] moment earlier(std::size_t entry) const noexcept {
        for (std::size_t i = entry; i-- > 0 && are_one(i, entry);) {
            if (counts(i)) return entries_->moment[i];
        }
        return never_before;
    }
    [[nodiscard]] moment later(std::size_t entry) const noexcept {
        for (std::size_t i = entry + 1; i < entries_->size() && are_one(i, entry); ++i) {
            if (counts(i)) return entries_->moment[i];
        }
        return never_after;
    }

    [[nodiscard]] int128 take(state& of, place& at, moment until) const {
        const bool fresh = of.invoices == 0;
        int128 gross = 0;
        for (; of.next_in < until; of.next_in = at.in < at.end ? passings_[at.in].at : never_after) {
            const passing& each = passings_[at.in++];
            const int128 own = amount(each);
            of.monetary += own;
            gross += basis_ == customer_basis::purchases ? own : entries_->sums.gross(each.entry()).millionths;
            if (!counts(each)) continue;
            of.invoices +=
                each.has_earlier() && earlier(each.entry()) > after_ ? 0 : 1;  // else the invoice is counted already
            of.last_date = each.at;
        }
        if (fresh) find_first(of, at);
        return gross;
    }

    void give_back(state& of, place& at, moment until, moment after) const {
        for (; of.next_out <= after && at.out < at.in;
             of.next_out = at.out < at.end ? passings_[at.out].at : never_after) {
            const passing& each = passings_[at.out++];
            of.monetary -= amount(each);
            if (!counts(each)) continue;
            of.invoices -=
                each.has_later() && later(each.entry()) < until ? 0 : 1;  // else a later entry keeps the invoice
        }
        find_first(of, at);
    }

    void find_first(state& of, place& at) const {
        at.first = std::max(at.first, at.out);
        while (at.first < at.in && !counts(passings_[at.first])) ++at.first;
        if (at.first < at.in) of.first_date = passings_[at.first].at;
    }

    const ledger_entries* entries_;
    customer_basis basis_;
    bool inline_amounts_;
    large_vector<passing> passings_;
    large_vector<state> states_;
    large_vector<place> places_;
    moment after_ = never_before;  // of the moment reached
};

}  // namespace lgs_rfm::detail
