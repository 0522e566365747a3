#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/group_runs.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/entries.hpp>

namespace lgs_rfm::detail {

/// The ids of invoices, integers before texts, written by several threads at once, each behind the ids of `before`.
class id_writer {
public:
    /// Room for so many.
    explicit id_writer(const invoice_groups::counts& all)
        : integers_(unwritten<std::int64_t>(all.integers)), text_(all.text_bytes, '\0'), text_ends_(all.texts) {}

    /// The next of one thread's ids, of which so many come before.
    class part {
    public:
        part(id_writer& to, const invoice_groups::counts& before) noexcept
            : integer_(to.integers_.data() + before.integers),
              text_(to.text_.data()),
              text_size_(before.text_bytes),
              text_end_(to.text_ends_.data() + before.texts) {}

        void write(std::span<const keyed_run> of) noexcept {
            for (const keyed_run& each : of) {
                if (each.key < text_tag) {
                    *integer_++ = static_cast<std::int64_t>(each.key) - integer_bias;
                } else {
                    text_size_ += short_bytes(each.key).write(text_ + text_size_);
                    *text_end_++ = text_size_;
                }
            }
        }

    private:
        std::int64_t* integer_;
        char* text_;
        std::uint64_t text_size_;
        std::uint64_t* text_end_;
    };

    [[nodiscard]] std::shared_ptr<const id_list> take() {
        return std::make_shared<const id_list>(std::move(integers_), std::move(text_), std::move(text_ends_));
    }

private:
    large_vector<std::int64_t> integers_;
    std::string text_;
    std::vector<std::uint64_t> text_ends_;
};

/// The entries that the runs of an invoice make, read by one thread.
class entry_reader {
public:
    /// `skipped` marks runs to leave out; an empty vector none.
    entry_reader(const grouped_runs& from, const std::vector<bool>& skipped)
        : from_(&from), skipped_(&skipped), runs_(*from.runs) {}

    /// Calls `visit(runs)` for each entry, in their order: the runs of one customer and moment. Runs to leave out go
    /// behind the others, so that asking again gives the same.
    template <class Visit>
    void for_each_entry(sorted_runs all, Visit&& visit) {
        auto end = all.end();
        if (!skipped_->empty()) {
            end = std::partition(all.begin(), end, [&](const keyed_run& of) { return !(*skipped_)[of.run]; });
        }
        std::sort(all.begin(), end, [&](const keyed_run& a, const keyed_run& b) { return place(a) < place(b); });
        std::span<const keyed_run> left(all.begin(), end);
        while (!left.empty()) {
            std::size_t same = 1;
            while (same < left.size() && place(left[same]) == place(left[0])) ++same;
            visit(left.first(same));
            left = left.subspan(same);
        }
    }

private:
    [[nodiscard]] std::pair<std::uint32_t, std::int64_t> place(const keyed_run& of) {
        const run_keys& keys = runs_[of.run].keys;
        return {from_->customers.of(of.run, keys.customer), keys.moment};
    }

    const grouped_runs* from_;
    const std::vector<bool>* skipped_;
    run_pieces::cursor runs_;
};

/// Writes entries one after the other, on one thread.
template <class KindOf>
class entry_writer {
public:
    /// Entries [next, end).
    entry_writer(const grouped_runs& from, const KindOf& kind_of, ledger_entries& to, std::size_t next, std::size_t end)
        : from_(&from), kind_of_(&kind_of), to_(&to), next_(next), runs_(*from.runs) {
        constexpr std::size_t one_in = 4;  // no more than one entry in so many has something odd, in real data
        rests_.reserve((end - next) / one_in);
    }

    /// The entries of one run each of the invoices from `invoice` on.
    void write_single(std::span<const keyed_run> runs, std::uint32_t invoice) {
        constexpr std::size_t ahead = 32;
        std::uint32_t* const invoices = to_->invoice.data() + next_;
        std::uint32_t* const customers = to_->customer.data() + next_;
        moment* const moments = to_->moment.data() + next_;
        packed_sums::usual* const usual = &to_->sums.usual_at(next_);
        run_pieces::cursor from = runs_;  // locals, as what is written could be anything but these
        run_pieces::cursor next = runs_;
        const customer_codes::finder code_of = from_->customers.codes();
        for (std::size_t at = 0; at < runs.size(); ++at) {
            if (at + ahead < runs.size()) next.expect(runs[at + ahead].run);
            const auto [key, run] = runs[at];
            const auto [keys, sums] = from[run];
            const invoice_kind kind = (*kind_of_)(key);
            invoices[at] = invoice++;
            customers[at] = code_of(run, keys.customer);
            moments[at] = keys.moment;
            usual[at] = {sums.quantity, sums.gross, sums.net, sums.lines, sums.purchase_lines};
            if (sums.has_oddities(kind)) note_rest(next_ + at, sums, kind);
        }
        next_ += runs.size();
        runs_ = from;
    }

    /// One entry, of some runs of equal keys.
    void write(std::span<const keyed_run> runs, std::uint32_t invoice) {
        const invoice_kind kind = (*kind_of_)(runs.front().key);
        line_sums all;
        for (const keyed_run& each : runs) add_sums(all, runs_[each.run].sums.as_line_sums(kind));
        const std::uint32_t run = runs.front().run;
        const run_keys& keys = runs_[run].keys;
        to_->invoice[next_] = invoice;
        to_->customer[next_] = from_->customers.of(run, keys.customer);
        to_->moment[next_] = keys.moment;
        to_->sums.usual_at(next_) = packed_sums::usual_of(all);
        const auto rest = packed_sums::rest_of(next_, all);
        if (!rest.empty()) rests_.push_back(rest);
        ++next_;
    }

    /// What the usual part of the sums does not hold.
    [[nodiscard]] record_array<packed_sums::rest> take_rests() noexcept { return std::move(rests_); }

private:
    /// Notes what the usual part of the sums of one run does not hold: its amounts fit. Not inlined: the loop above
    /// needs all registers.
    [[gnu::noinline]] void note_rest(std::size_t entry, const run_sums& sums, invoice_kind kind) {
        rests_.push_back({.entry = entry,
                          .zero_price = sums.zero_price,
                          .negative_price = sums.negative_price,
                          .odd_quantity = sums.odd_quantity(kind),
                          .zero_quantity = sums.zero_quantity,
                          .gross_above = 0,
                          .net_above = 0});
    }

    const grouped_runs* from_;
    const KindOf* kind_of_;
    ledger_entries* to_;
    std::size_t next_;
    record_array<packed_sums::rest> rests_;
    run_pieces::cursor runs_;
};

/// Grouped runs as entries: equal keys summed, in ledger order. `kind_of(key)` tells an invoice's kind; runs that
/// `skipped` marks are left out (an empty vector skips none), but never all of an invoice. O(runs), plus sorting the
/// few runs of each invoice.
template <class KindOf>
[[nodiscard]] ledger_entries make_entries(grouped_runs grouped, const std::vector<bool>& skipped, unsigned threads,
                                          const KindOf& kind_of) {
    const std::size_t parts = grouped.parts.size();
    std::vector<invoice_groups::counts> invoices(parts + 1);  // before each part
    std::vector<std::size_t> starts(parts + 2);               // of each part's entries, and of those without an invoice
    thread_pool::run(parts + 1, threads, [&](std::size_t part) {
        entry_reader reader(grouped, skipped);
        std::size_t count = 0;
        const auto add_one = [&](std::span<const keyed_run>) { ++count; };
        if (part == parts) {
            reader.for_each_entry(grouped.missing, add_one);
        } else {
            const invoice_groups& of = grouped.parts[part];
            count = of.count().invoices() - of.several().size();
            for (const sorted_runs each : of.several()) reader.for_each_entry(each, add_one);
        }
        starts[part + 1] = count;
    });
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (std::size_t part = 0; part < parts; ++part) {
        invoices[part + 1] = invoices[part];
        invoices[part + 1].add(grouped.parts[part].count());
    }
    check_id_count(invoices.back().invoices());

    ledger_entries entries;
    entries.customers = grouped.customers.ids();
    entries.extend(starts.back());
    id_writer ids(grouped.invoices ? invoice_groups::counts{} : invoices.back());
    std::vector<record_array<packed_sums::rest>> rests(parts + 1);
    thread_pool::run(parts + 1, threads, [&](std::size_t part) {
        entry_reader reader(grouped, skipped);
        entry_writer writer(grouped, kind_of, entries, starts[part], starts[part + 1]);
        if (part == parts) {
            reader.for_each_entry(grouped.missing,
                                  [&](std::span<const keyed_run> runs) { writer.write(runs, id_column::missing); });
        } else {
            id_writer::part own_ids(ids, invoices[part]);
            auto invoice = static_cast<std::uint32_t>(invoices[part].invoices());
            grouped.parts[part].for_each(
                [&](std::span<const keyed_run> singles) {
                    if (!grouped.invoices) own_ids.write(singles);
                    writer.write_single(singles, invoice);
                    invoice += static_cast<std::uint32_t>(singles.size());
                },
                [&](sorted_runs several) {
                    if (!grouped.invoices) own_ids.write(several.first(1));
                    reader.for_each_entry(several,
                                          [&](std::span<const keyed_run> runs) { writer.write(runs, invoice); });
                    ++invoice;
                });
        }
        rests[part] = writer.take_rests();
    });
    entries.sums.append_rests(rests);
    entries.invoices = grouped.invoices ? grouped.invoices : ids.take();
    return entries;
}

}  // namespace lgs_rfm::detail
