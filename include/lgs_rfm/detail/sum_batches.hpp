#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/code_ids.hpp>
#include <lgs_rfm/detail/line_batch.hpp>
#include <lgs_rfm/detail/line_part.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>
#include <lgs_rfm/detail/totals_data.hpp>

namespace lgs_rfm::detail {

/// A stretch of an input for totals: its batch of lines, and the part of the input, whose pool the values of its keys
/// are in.
struct totals_part {
    std::shared_ptr<line_part> read;  ///< its runs leave when the part is joined
    line_batch batch;
};

/// Some parts, and the runs that their lines make: run after run, these are the lines of part after part.
struct batches {
    std::span<const std::unique_ptr<totals_part>> parts;
    std::span<const run_keys> keys;
    std::span<const run_sums> sums;
    const key_pool* pool = nullptr;              ///< of the runs' keys
    const std::vector<bool>* is_copy = nullptr;  ///< by run, of lines that were held; null: none is left out
};

/// Puts batches together. Every line has been checked, so nothing here can fail but for want of memory.
///
/// Distinct values of all parts are put in id order, and distinct combinations of them are the rows. Then the runs are
/// visited in the order of their invoices, and once more in that of their customers, so that each row's list of them
/// grows in order and a repeated id is the last one.
class batch_summer {
public:
    batch_summer(const batches& from, const totals_plan& plan, unsigned threads)
        : from_(from), plan_(plan), threads_(threads), keys_(plan.keys.size()) {}

    [[nodiscard]] totals_data sum() {
        totals_data data(keys_);
        find_stretches();
        if (plan_.hold) sum_held();
        number_values(data);
        number_rows(data);
        code_runs();
        for (std::size_t p = 0; p < from_.parts.size(); ++p) {
            const large_vector<total_sums>& sums = from_.parts[p]->batch.sums;
            for (std::size_t c = 0; c < sums.size(); ++c) data.sums[rows_[p][c]].add(sums[c]);
        }
        thread_pool::run(2, threads_, [&](std::size_t which) {
            if (which == 0) {
                data.in_invoice = list(data.size(), invoices_);
                data.invoices = invoices_.ids;
            } else {
                data.of_customer = list(data.size(), customers_);
                data.customers = customers_.ids;
            }
        });
        list_unnumbered(data);
        return data;
    }

private:
    /// Where a run's stretches are, in the batch of a part; none when its lines are left out.
    struct run_place {
        std::uint32_t part = 0;
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };

    /// Runs begin where a batch notes a start, but for one that was cut in two because its sums grew too large: then
    /// both have the stretches of the start, which is no matter, as both are of one invoice and customer.
    void find_stretches() {
        places_.resize(from_.keys.size());
        std::size_t r = 0;
        for (std::uint32_t p = 0; p < from_.parts.size(); ++p) {
            const line_batch& batch = from_.parts[p]->batch;
            const auto& starts = batch.starts;
            std::size_t s = 0;
            std::size_t line = 0;
            while (line < batch.lines) {
                const std::size_t end = line + from_.sums[r].lines;
                while (s + 1 < starts.size() && starts[s + 1].line <= line) ++s;
                const std::uint32_t first = starts[s].stretch;
                std::size_t next = s + 1;
                while (next < starts.size() && starts[next].line < end) ++next;
                const auto stop =
                    next < starts.size() ? starts[next].stretch : static_cast<std::uint32_t>(batch.stretch.size());
                places_[r++] = {p, first, stop};
                line = end;
            }
        }
    }

    /// Sums held lines up, but for copies and for those after `until`.
    void sum_held() {
        thread_pool::run(from_.parts.size(), threads_, [&](std::size_t p) {
            auto place = std::lower_bound(places_.begin(), places_.end(), p,
                                          [](const run_place& of, std::size_t part) { return of.part < part; });
            line_batch& batch = from_.parts[p]->batch;
            std::size_t begin = 0;  // a stretch is a line here
            for (; place != places_.end() && place->part == p; ++place) {
                const auto r = static_cast<std::size_t>(place - places_.begin());
                const run_keys& keys = from_.keys[r];
                const std::size_t end = begin + from_.sums[r].lines;
                const bool copy = from_.is_copy != nullptr && (*from_.is_copy)[r];
                if (copy || (plan_.until && keys.moment > *plan_.until)) {
                    place->end = place->begin;
                } else {
                    *place = {place->part, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
                    const run_facts run{keys.moment, plan_.config.kind_of(keys.invoice, *from_.pool),
                                        keys.customer != missing_key};
                    for (std::size_t i = begin; i < end; ++i) {
                        std::uint32_t& stretch = batch.stretch[i];
                        stretch |= add_lines(batch.sums[stretch >> 1], run, batch.quantity.data() + i,
                                             batch.price.data() + i, 1, batch.has_price, batch.has_quantity)
                                       ? 1U
                                       : 0U;
                    }
                }
                begin = end;
            }
        });
    }

    /// Gives every value its code among all parts' values of the same key.
    void number_values(totals_data& data) {
        values_.resize(from_.parts.size());
        for (auto& each : values_) each.resize(keys_);
        thread_pool::run(keys_, threads_, [&](std::size_t k) {
            key_pool pool;
            large_vector<id_key> all;
            std::string space;
            for (const auto& part : from_.parts) {
                for (const id_key key : part->batch.values[k].keys()) {
                    all.push_back(is_pooled(key) ? pool.key(part->read->pool.at(key, space)) : key);
                }
            }
            const coded_ids coded = code_ids(std::span<const id_key>(all), pool);
            data.ids[k] = coded.ids;
            auto next = coded.codes.begin();
            for (std::size_t p = 0; p < from_.parts.size(); ++p) {
                const auto count = static_cast<std::ptrdiff_t>(from_.parts[p]->batch.values[k].keys().size());
                values_[p][k].assign(next, next + count);
                next += count;
            }
        });
    }

    /// Makes the distinct combinations of all parts the rows, in order.
    void number_rows(totals_data& data) {
        rows_.resize(from_.parts.size());
        large_vector<std::uint32_t> flat;  // the combinations of all parts, a code a key
        std::vector<std::uint32_t> of;
        for (std::size_t p = 0; p < from_.parts.size(); ++p) {
            const line_batch& batch = from_.parts[p]->batch;
            rows_[p].resize(batch.combinations());
            for (std::size_t c = 0; c < rows_[p].size(); ++c) {
                batch.values_of(c, of);
                for (std::size_t k = 0; k < keys_; ++k) flat.push_back(values_[p][k][of[k]]);
            }
        }
        const std::size_t count = flat.size() / keys_;
        large_vector<std::uint32_t> order(count);
        std::iota(order.begin(), order.end(), 0U);
        const auto at = [&](std::uint32_t i) { return flat.begin() + static_cast<std::ptrdiff_t>(i * keys_); };
        const auto length = static_cast<std::ptrdiff_t>(keys_);
        if (keys_ <= 2) {  // a combination is one number
            large_vector<std::pair<std::uint64_t, std::uint32_t>> numbers(count);
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::uint64_t first = keys_ == 2 ? *at(i) : 0;
                numbers[i] = {first << 32 | *(at(i) + length - 1), i};
            }
            radix_sort(numbers, [](const auto& each) { return each.first; });
            std::transform(numbers.begin(), numbers.end(), order.begin(), [](const auto& each) { return each.second; });
        } else {
            std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
                return std::lexicographical_compare(at(a), at(a) + length, at(b), at(b) + length);
            });
        }
        large_vector<std::uint32_t> row_of(count);
        std::uint32_t rows = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i == 0 || !std::equal(at(order[i]), at(order[i]) + length, at(order[i - 1]))) {
                for (std::size_t k = 0; k < keys_; ++k)
                    data.codes[k].push_back(at(order[i])[static_cast<std::ptrdiff_t>(k)]);
                ++rows;
            }
            row_of[order[i]] = rows - 1;
        }
        check_occurrences(rows);
        data.sums.resize(rows);
        auto next = row_of.begin();
        for (auto& each : rows_) {
            std::copy_n(next, each.size(), each.begin());
            next += static_cast<std::ptrdiff_t>(each.size());
        }
    }

    void code_runs() {
        auto coded =
            code_ids(std::array{key_rows(from_.keys, &run_keys::invoice), key_rows(from_.keys, &run_keys::customer)},
                     *from_.pool, threads_);
        invoices_ = std::move(coded[0]);
        customers_ = std::move(coded[1]);
        check_occurrences(std::max(invoices_.ids->size(), customers_.ids->size()));
    }

    /// Calls `visit(row, purchase)` for the stretches of a run.
    template <class Visit>
    void for_each_stretch(std::uint32_t r, Visit&& visit) const {
        const run_place& of = places_[r];
        const std::uint32_t* const stretches = from_.parts[of.part]->batch.stretch.data();
        const std::uint32_t* const rows = rows_[of.part].data();
        for (std::size_t i = of.begin; i < of.end; ++i) visit(rows[stretches[i] >> 1], (stretches[i] & 1U) != 0);
    }

    /// The runs in the order of their codes, missing ones left out.
    [[nodiscard]] static large_vector<std::uint32_t> in_order(const coded_ids& coded) {
        large_vector<std::uint32_t> next(coded.ids->size() + 1);
        std::size_t known = 0;
        for (const std::uint32_t code : coded.codes) {
            if (code == id_column::missing) continue;
            ++next[code + 1];
            ++known;
        }
        std::partial_sum(next.begin(), next.end(), next.begin());
        large_vector<std::uint32_t> order(known);
        for (std::uint32_t r = 0; r < coded.codes.size(); ++r) {
            if (coded.codes[r] != id_column::missing) order[next[coded.codes[r]]++] = r;
        }
        return order;
    }

    /// The occurrences of coded ids in each row: counted first, so that they are written where they stay.
    [[nodiscard]] occurrence_lists list(std::size_t rows, const coded_ids& coded) const {
        const large_vector<std::uint32_t> order = in_order(coded);
        occurrence_lists result;
        std::fill_n(result.ends.extend(rows), rows, std::uint64_t{0});
        large_vector<std::uint32_t> last(rows, id_column::missing);
        for (const std::uint32_t r : order) {
            const std::uint32_t code = coded.codes[r];
            for_each_stretch(r, [&](std::uint32_t row, bool) {
                result.ends[row] += last[row] != code ? 1 : 0;
                last[row] = code;
            });
        }
        std::uint64_t size = 0;
        for (std::uint64_t& end : result.ends) size += std::exchange(end, size);  // where each row begins, for now
        occurrence* const to = result.of.extend(size);
        std::fill(last.begin(), last.end(), id_column::missing);
        for (const std::uint32_t r : order) {
            const std::uint32_t code = coded.codes[r];
            for_each_stretch(r, [&](std::uint32_t row, bool purchase) {
                std::uint64_t& end = result.ends[row];
                if (last[row] == code) {
                    to[end - 1] |= occurrence_of(0, purchase);
                } else {
                    to[end++] = occurrence_of(code, purchase);
                    last[row] = code;
                }
            });
        }
        return result;
    }

    void list_unnumbered(totals_data& data) const {
        std::vector<unnumbered_invoice> found;
        for (std::uint32_t r = 0; r < from_.keys.size(); ++r) {
            if (invoices_.codes[r] != id_column::missing) continue;
            for_each_stretch(r, [&](std::uint32_t row, bool purchase) {
                found.push_back({row, customers_.codes[r], from_.keys[r].moment, purchase ? 1U : 0U});
            });
        }
        data.unnumbered = distinct_unnumbered(std::move(found));
    }

    const batches& from_;
    const totals_plan& plan_;
    unsigned threads_;
    std::size_t keys_;
    large_vector<run_place> places_;                                // by run
    std::vector<std::vector<large_vector<std::uint32_t>>> values_;  // by part and key: the code of each value
    std::vector<large_vector<std::uint32_t>> rows_;                 // by part: the row of each combination
    coded_ids invoices_;                                            // by run
    coded_ids customers_;
};

}  // namespace lgs_rfm::detail
