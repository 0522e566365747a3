#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/period.hpp>

namespace lgs_rfm::detail {

/// The rows of a table by period, and which of them each day lies in.
struct period_rows {
    period_step step = period_step::month;
    std::int64_t first = 0;  ///< the period of row 0, as `period_of` numbers it
    std::int64_t first_day = 0;
    large_vector<std::uint32_t> of_day;  ///< the row of each day from `first_day` on

    /// From the period of one day to that of another. O(days).
    period_rows(std::int64_t from_day, std::int64_t to_day, period_step by)
        : step(by), first(period_of(from_day, by)), first_day(from_day) {
        of_day.resize(static_cast<std::size_t>(to_day - from_day) + 1);
        std::int64_t period = first;
        std::int64_t next = period_start(period + 1, step);
        for (std::size_t day = 0; day < of_day.size(); ++day) {
            if (from_day + static_cast<std::int64_t>(day) == next) next = period_start(++period + 1, step);
            of_day[day] = static_cast<std::uint32_t>(period - first);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{of_day.back()} + 1; }
    [[nodiscard]] std::uint32_t row_of(std::int64_t day) const noexcept {
        return of_day[static_cast<std::size_t>(day - first_day)];
    }
};

/// The row of each entry. Moments are divided into days, which a table turns into rows: quicker than a calendar for
/// each. O(entries).
[[nodiscard]] inline large_vector<std::uint32_t> rows_of(const ledger_entries& entries, const period_rows& rows) {
    auto result = unwritten<std::uint32_t>(entries.size());
    for_each_stretch(entries.size(), threads_for(entries.size()), [&](std::size_t, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) result[i] = rows.row_of(day_of(entries.moment[i]));
    });
    return result;
}

/// Calls `visit(row)` for each distinct row.
template <class Visit>
void for_each_distinct(std::span<const std::uint32_t> rows, std::vector<std::uint32_t>& space, Visit&& visit) {
    if (rows.size() == 1) return visit(rows.front());  // nearly every invoice is one entry
    space.assign(rows.begin(), rows.end());
    std::sort(space.begin(), space.end());
    space.erase(std::unique(space.begin(), space.end()), space.end());
    for (const std::uint32_t row : space) visit(row);
}

/// The values of some entries, brought together by customer by counting; the entries without a customer are left out.
/// The entries of one customer keep their order, which is that of the invoices.
template <class T>
struct by_customer {
    large_vector<T> values;
    large_vector<std::size_t> ends;  ///< one a customer: where its values end

    [[nodiscard]] std::size_t size() const noexcept { return ends.size(); }
    [[nodiscard]] std::span<T> operator[](std::size_t customer) noexcept {
        const std::size_t begin = customer == 0 ? 0 : ends[customer - 1];
        return std::span<T>(values).subspan(begin, ends[customer] - begin);
    }
};

/// `counts(i)` tells which entries are meant, `value(i)` what of them. O(entries + customers).
template <class T, class Counts, class Value>
[[nodiscard]] by_customer<T> group_by_customer(const ledger_entries& entries, Counts&& counts, Value&& value) {
    const std::size_t customers = entries.customers->size();
    // Entries that are not meant go to one customer more, so that nothing branches on what nobody can foretell.
    const auto customer_of = [&](std::size_t i) {
        return counts(i) ? std::min<std::size_t>(entries.customer[i], customers) : customers;
    };
    by_customer<T> result;
    result.ends.resize(customers + 1);
    for (std::size_t i = 0; i < entries.size(); ++i) result.ends[customer_of(i)] += 1;
    std::exclusive_scan(result.ends.begin(), result.ends.end(), result.ends.begin(), std::size_t{0});
    result.values.resize(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) result.values[result.ends[customer_of(i)]++] = value(i);
    result.ends.pop_back();  // the others begin now where those of the customer before end
    return result;
}

/// Calls `visit(customer, row, is_first)` for each distinct row of each customer, ascending, over the entries that
/// `counts(i)` tells. The rows of a customer are made distinct as bits, or by sorting where they are few of very many.
/// O(entries + customers), the sorted ones with a logarithm.
template <class Counts, class Visit>
void for_each_visit(const ledger_entries& entries, std::span<const std::uint32_t> row_of_entry, std::size_t rows,
                    Counts&& counts, Visit&& visit) {
    if (rows <= 64) {  // up to five years of months: the bits of a customer are one word
        const std::size_t customers = entries.customers->size();
        large_vector<std::uint64_t> bits(customers + 1);  // entries that are not meant go to one customer more
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::size_t customer = counts(i) ? std::min<std::size_t>(entries.customer[i], customers) : customers;
            bits[customer] |= std::uint64_t{1} << row_of_entry[i];
        }
        for (std::size_t customer = 0; customer < customers; ++customer) {
            bool is_first = true;
            for (std::uint64_t left = bits[customer]; left != 0; left &= left - 1) {
                visit(customer, static_cast<std::size_t>(std::countr_zero(left)), std::exchange(is_first, false));
            }
        }
        return;
    }
    auto visits = group_by_customer<std::uint32_t>(entries, counts, [&](std::size_t i) { return row_of_entry[i]; });
    std::vector<std::uint64_t> bits((rows + 63) / 64);
    std::vector<std::uint32_t> space;
    for (std::size_t customer = 0; customer < visits.size(); ++customer) {
        const std::span<std::uint32_t> own = visits[customer];
        bool is_first = true;
        const auto visit_bits = [&](std::size_t word, std::uint64_t left) {
            for (; left != 0; left &= left - 1) {
                visit(customer, 64 * word + static_cast<std::size_t>(std::countr_zero(left)),
                      std::exchange(is_first, false));
            }
        };
        if (8 * own.size() < bits.size()) {
            if (own.empty()) continue;
            for_each_distinct(own, space,
                              [&](std::uint32_t row) { visit(customer, row, std::exchange(is_first, false)); });
        } else {
            std::size_t low = bits.size();
            std::size_t high = 0;
            for (const std::uint32_t row : own) {
                const std::size_t word = row / 64;
                bits[word] |= std::uint64_t{1} << (row % 64);
                low = std::min(low, word);
                high = std::max(high, word + 1);
            }
            for (std::size_t word = low; word < high; ++word) visit_bits(word, std::exchange(bits[word], 0));
        }
    }
}

/// The distinct days (since 1970) on which each known customer has a purchase line before `end`, ascending.
/// O(entries), the days of each customer sorted.
[[nodiscard]] inline by_customer<std::int32_t> purchase_days(const ledger_entries& entries,
                                                             moment end = std::numeric_limits<moment>::max()) {
    auto days = group_by_customer<std::int32_t>(
        entries, [&](std::size_t i) { return (entries.sums.purchase_lines(i) != 0) & (entries.moment[i] < end); },
        [&](std::size_t i) { return static_cast<std::int32_t>(day_of(entries.moment[i])); });
    std::size_t begin = 0;
    std::size_t kept = 0;
    for (std::size_t& own_end : days.ends) {
        const std::size_t own_begin = std::exchange(begin, own_end);
        const auto first = days.values.begin() + static_cast<std::ptrdiff_t>(own_begin);
        const auto last = days.values.begin() + static_cast<std::ptrdiff_t>(own_end);
        if (!std::is_sorted(first, last)) std::sort(first, last);
        const std::size_t own_kept = kept;
        for (auto day = first; day != last; ++day) {  // moved to the front, never past where it is read
            if (kept == own_kept || days.values[kept - 1] != *day) days.values[kept++] = *day;
        }
        own_end = kept;
    }
    days.values.resize(kept);
    return days;
}

/// Until when a ledger is observed: `until` where it is given, else midnight after the day of the last line.
[[nodiscard]] inline moment observed_until(moment last, const std::optional<moment>& until) noexcept {
    return until ? *until : (day_of(last) + 1) * micros_per_day;
}

}  // namespace lgs_rfm::detail
