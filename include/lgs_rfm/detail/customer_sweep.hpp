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
    /// O(entries), but for buckets of fewer than a thousand entries in no order, which are sorted by comparing.
    customer_sweep(const ledger_entries& entries, customer_basis basis) : entries_(&entries), basis_(basis) {
        const std::size_t customers = entries.customers->size();
        std::vector<std::size_t> next(customers + 1);
        const auto held = [&](std::size_t i) {
            return entries.customer[i] != id_column::missing && (basis_ != customer_basis::purchases || counts(i));
        };
        for (std::size_t i = 0; i < entries.size(); ++i) next[held(i) ? entries.customer[i] : customers] += 1;
        std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
        passings_.resize(next[customers]);
        states_.resize(customers);
        for (std::size_t code = 0; code < customers; ++code) states_[code].in = states_[code].out = next[code];
        std::size_t before = entries.size();  // the counted entry before, if it is of this invoice and customer
        std::size_t before_at = 0;            // and where it is held
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (!held(i)) continue;
            const std::size_t at = next[entries.customer[i]]++;
            passings_[at] = {entries.moment[i], never_before, never_after, i, counts(i)};
            if (!passings_[at].counts) continue;
            if (before < entries.size() && entries.invoice[i] != id_column::missing &&
                entries.invoice[before] == entries.invoice[i] && entries.customer[before] == entries.customer[i]) {
                passings_[at].earlier = entries.moment[before];
                passings_[before_at].later = entries.moment[i];
            }
            before = i;
            before_at = at;
        }
        for (std::size_t code = 0; code < customers; ++code) {
            state& of = states_[code];
            of.end = next[code];
            of.first = of.in;
            sort(of.in, of.end);
            of.next_in = of.in < of.end ? passings_[of.in].at : never_after;
            of.next_out = of.next_in;
        }
    }

    /// The moment of a customer's first counted entry ever; the largest moment when there is none. O(entries of it).
    [[nodiscard]] moment first_counted(std::size_t code) const {
        const auto end = passings_.begin() + static_cast<std::ptrdiff_t>(states_[code].end);
        const auto found = std::find_if(passings_.begin() + static_cast<std::ptrdiff_t>(states_[code].first), end,
                                        [](const passing& each) { return each.counts; });
        return found == end ? never_after : found->at;
    }

    /// Goes on to a later moment: entries in (after, until) count. Calls `visit(code, customer)` in id order for each
    /// customer with one. O(customers + entries passed).
    template <class Visit>
    void advance(moment until, moment after, Visit&& visit) {
        for (std::size_t code = 0; code < states_.size(); ++code) {
            state& of = states_[code];
            of.step_gross = 0;
            if (of.next_in < until) take(of, until);
            if (of.next_out <= after) give_back(of, until, after);
            if (of.invoices > 0) visit(static_cast<std::uint32_t>(code), of);
        }
        after_ = after;
    }

    /// What one customer is at the moment reached.
    struct state {
        int128 monetary = 0;
        int128 step_gross = 0;
        std::int64_t invoices = 0;
        moment first_date = 0;
        moment last_date = 0;
        moment next_in = 0;  // of the next entry to take up, and to give back
        moment next_out = 0;
        std::size_t in = 0;  // positions of these two, of the first counted one held, and behind the last of all
        std::size_t out = 0;
        std::size_t first = 0;
        std::size_t end = 0;
    };

private:
    static constexpr moment never_before = std::numeric_limits<moment>::min();
    static constexpr moment never_after = std::numeric_limits<moment>::max();

    /// An entry as it passes, in the order of its customer and moment.
    struct passing {
        moment at;
        moment earlier;  // the counted entries of the same invoice and customer just before and after
        moment later;
        std::size_t entry;
        bool counts;
    };

    [[nodiscard]] bool counts(std::size_t entry) const noexcept {
        return basis_ == customer_basis::all || entries_->sums.purchase_lines(entry) != 0;
    }
    [[nodiscard]] int128 amount(std::size_t entry) const noexcept {
        return (basis_ == customer_basis::purchases ? entries_->sums.gross(entry) : entries_->sums.net(entry))
            .millionths;
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

    void take(state& of, moment until) {
        const bool fresh = of.invoices == 0;
        for (; of.next_in < until; of.next_in = of.in < of.end ? passings_[of.in].at : never_after) {
            const passing& each = passings_[of.in++];
            of.monetary += amount(each.entry);
            of.step_gross += entries_->sums.gross(each.entry).millionths;
            if (!each.counts) continue;
            of.invoices += each.earlier > after_ ? 0 : 1;  // else the invoice is counted already
            of.last_date = each.at;
        }
        if (fresh) find_first(of);
    }

    void give_back(state& of, moment until, moment after) {
        for (; of.next_out <= after && of.out < of.in;
             of.next_out = of.out < of.end ? passings_[of.out].at : never_after) {
            const passing& each = passings_[of.out++];
            of.monetary -= amount(each.entry);
            if (each.counts) of.invoices -= each.later < until ? 0 : 1;  // else a later entry keeps the invoice
        }
        find_first(of);
    }

    void find_first(state& of) {
        of.first = std::max(of.first, of.out);
        while (of.first < of.in && !passings_[of.first].counts) ++of.first;
        if (of.first < of.in) of.first_date = passings_[of.first].at;
    }

    const ledger_entries* entries_;
    customer_basis basis_;
    large_vector<passing> passings_;
    large_vector<state> states_;
    moment after_ = never_before;  // of the moment reached
};

}  // namespace lgs_rfm::detail
