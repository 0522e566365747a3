#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/key_index.hpp>
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
    const key_pool* pool = nullptr;    ///< of the runs' keys
    std::span<const bool> left_out{};  ///< by run; empty: all count
    bool has_price = true;             ///< false: prices are amounts
    bool has_quantity = true;
};

/// Sums batches up. Every line has been checked, so nothing here can fail but for want of memory.
///
/// Lines become rows: distinct values of all parts are put in id order, and distinct combinations of them are the rows.
/// Then one pass over the lines sums them up, and notes each one's row; one more over that for the invoices, and one
/// for the customers, visit the runs in id order, so that each row's list grows in order and a repeated id is the last
/// one.
class batch_summer {
public:
    batch_summer(const batches& from, const ledger_config& config, unsigned threads)
        : from_(from), config_(config), threads_(threads), keys_(from.parts.front()->batch.values.size()) {}

    [[nodiscard]] totals_data sum() {
        totals_data data(keys_);
        number_values(data);
        number_rows(data);
        code_runs();
        sum_lines(data);
        list_occurrences(data);
        return data;
    }

private:
    static constexpr std::uint32_t left_out = 0xFFFF'FFFF;

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
        thread_pool::run(2, from_.keys.size() < rows_worth_a_thread ? 1 : threads_, [&](std::size_t which) {
            if (which == 0) {
                invoices_ = code_ids({from_.keys, &run_keys::invoice}, *from_.pool);
            } else {
                customers_ = code_ids({from_.keys, &run_keys::customer}, *from_.pool);
            }
        });
        check_occurrences(std::max(invoices_.ids->size(), customers_.ids->size()));
        first_line_.resize(from_.keys.size() + 1);
        for (std::size_t r = 0; r < from_.keys.size(); ++r) first_line_[r + 1] = first_line_[r] + from_.sums[r].lines;
        row_.resize(first_line_.back());
    }

    /// Sums each part's lines by combination, then the parts by row. Leaves in `row_` each line's occurrence in a row.
    void sum_lines(totals_data& data) {
        std::vector<std::size_t> first_run(from_.parts.size() + 1);
        std::uint64_t line = 0;
        for (std::size_t p = 0, r = 0; p < from_.parts.size(); ++p) {
            line += from_.parts[p]->batch.lines();
            while (r < from_.keys.size() && first_line_[r] < line) ++r;
            first_run[p + 1] = r;
        }
        std::vector<large_vector<total_sums>> sums(from_.parts.size());
        thread_pool::run(from_.parts.size(), threads_, [&](std::size_t p) {
            sums[p].resize(from_.parts[p]->batch.combinations());
            sum_part(p, first_run[p], first_run[p + 1], sums[p]);
        });
        for (std::size_t p = 0; p < sums.size(); ++p) {
            for (std::size_t c = 0; c < sums[p].size(); ++c) data.sums[rows_[p][c]].add(sums[p][c]);
            sums[p] = {};
        }
    }

    void sum_part(std::size_t p, std::size_t begin, std::size_t end, large_vector<total_sums>& sums) {
        const line_batch& batch = from_.parts[p]->batch;
        const large_vector<std::uint32_t>& row_of = rows_[p];
        std::size_t i = 0;  // the line of the part
        for (std::size_t r = begin; r < end; ++r) {
            const run_keys& keys = from_.keys[r];
            const invoice_kind kind = config_.kind_of(keys.invoice, *from_.pool);
            const bool known = keys.customer != missing_key;
            const std::size_t stop = i + from_.sums[r].lines;
            std::uint32_t* row = row_.data() + first_line_[r];
            if (!from_.left_out.empty() && from_.left_out[r]) {
                std::fill(row, row + (stop - i), left_out);
                i = stop;
                continue;
            }
            for (; i < stop; ++i, ++row) {
                const std::int64_t quantity = batch.quantity[i];
                const std::int64_t price = batch.price[i];
                const std::int64_t amount = from_.has_price ? quantity * price : price;
                const bool purchase = amount > 0 && (quantity > 0 || !from_.has_quantity);
                total_sums& to = sums[batch.combination[i]];
                ++to.lines;
                to.quantity += quantity;
                to.net += amount;
                to.known_net += known ? amount : 0;
                to.first = std::min(to.first, keys.moment);
                to.last = std::max(to.last, keys.moment);
                if (purchase) {
                    ++to.purchase_lines;
                    to.bought += quantity;
                    to.gross += amount;
                    if (from_.has_price) {
                        to.price_min = std::min(to.price_min, price);
                        to.price_max = std::max(to.price_max, price);
                    }
                } else {
                    to.returned -= kind == invoice_kind::cancellation ? amount : 0;
                    to.adjusted -= kind == invoice_kind::adjustment ? amount : 0;
                    const bool given_back = quantity < 0 && kind == invoice_kind::cancellation;
                    to.returned_units -= given_back ? quantity : 0;
                    to.written_off -= quantity < 0 && amount == 0 && !given_back ? quantity : 0;
                }
                *row = occurrence_of(row_of[batch.combination[i]], purchase);
            }
        }
    }

    void list_occurrences(totals_data& data) {
        thread_pool::run(2, threads_, [&](std::size_t which) {
            if (which == 0) {
                data.in_invoice = list(data, invoices_);
                data.invoices = invoices_.ids;
            } else {
                data.of_customer = list(data, customers_);
                data.customers = customers_.ids;
            }
        });
        list_unnumbered(data);
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

    [[nodiscard]] occurrence_lists list(const totals_data& data, const coded_ids& coded) const {
        const std::size_t rows = data.size();
        large_vector<std::uint64_t> next(rows + 1);  // where each row's next one goes
        for (std::size_t row = 0; row < rows; ++row) {
            next[row + 1] = next[row] + static_cast<std::uint64_t>(data.sums[row].lines);
        }
        const large_vector<std::uint64_t> begin(next.begin(), next.end() - 1);
        record_array<occurrence> all;
        occurrence* const to = all.extend(next.back());
        for (const std::uint32_t r : in_order(coded)) {
            const std::uint32_t code = coded.codes[r];
            for (std::uint64_t i = first_line_[r]; i < first_line_[r + 1]; ++i) {
                if (row_[i] == left_out) break;  // as are all of the run
                const std::uint32_t row = row_[i] >> 1;
                const occurrence now = occurrence_of(code, (row_[i] & 1U) != 0);
                const std::uint64_t at = next[row];
                if (at > begin[row] && code_of(to[at - 1]) == code) {
                    to[at - 1] |= now;
                } else {
                    to[at] = now;
                    next[row] = at + 1;
                }
            }
        }
        occurrence_lists result;  // without the gaps
        std::uint64_t size = 0;
        result.ends.reserve(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            size += next[row] - begin[row];
            result.ends.push_back(size);
        }
        occurrence* packed = result.of.extend(size);
        for (std::size_t row = 0; row < rows; ++row) packed = std::copy(to + begin[row], to + next[row], packed);
        return result;
    }

    void list_unnumbered(totals_data& data) const {
        std::vector<unnumbered_invoice> found;
        for (std::size_t r = 0; r < from_.keys.size(); ++r) {
            if (invoices_.codes[r] != id_column::missing) continue;
            for (std::uint64_t i = first_line_[r]; i < first_line_[r + 1] && row_[i] != left_out; ++i) {
                found.push_back({row_[i] >> 1, customers_.codes[r], from_.keys[r].moment, row_[i] & 1U});
            }
        }
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.key() < b.key(); });
        for (const unnumbered_invoice& each : found) {
            if (!data.unnumbered.empty() && data.unnumbered.back().key() == each.key()) {
                data.unnumbered.back().bought |= each.bought;
            } else {
                data.unnumbered.push_back(each);
            }
        }
    }

    const batches& from_;
    const ledger_config& config_;
    unsigned threads_;
    std::size_t keys_;
    std::vector<std::vector<large_vector<std::uint32_t>>> values_;  // by part and key: the code of each value
    std::vector<large_vector<std::uint32_t>> rows_;                 // by part: the row of each combination
    coded_ids invoices_;                                            // by run
    coded_ids customers_;
    large_vector<std::uint64_t> first_line_;  // of each run, and one more
    large_vector<std::uint32_t> row_;         // of each line: twice its row, plus one for a purchase line
};

}  // namespace lgs_rfm::detail
