#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/detail/totals_data.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/total_key.hpp>

/// Lines on their way into totals: summed up by combination of keys while they are in the cache. What stays of a line
/// is its combination, by which invoices and customers are listed later; neighbours that agree are one stretch.
namespace lgs_rfm::detail {

/// Labels by a customer's key.
class label_index {
public:
    explicit label_index(const customer_labels& labels) {
        key_pool pool;
        for (std::size_t i = 0; i < labels.customers.size(); ++i) {
            const id_key key = pool.key(labels.customers[i]);
            if (is_pooled(key)) {
                texts_.emplace(to_string(labels.customers[i]), labels.codes[i]);
            } else {
                packed_.emplace(key, labels.codes[i]);
            }
        }
    }

    /// -1: no label.
    [[nodiscard]] std::int32_t find(id_key customer, const key_pool& pool) const {
        if (!is_pooled(customer)) {
            const auto found = packed_.find(customer);
            return found == packed_.end() ? -1 : found->second;
        }
        std::string space;
        const auto found = texts_.find(to_string(pool.at(customer, space)));
        return found == texts_.end() ? -1 : found->second;
    }

private:
    std::unordered_map<id_key, std::int32_t> packed_;
    std::unordered_map<std::string, std::int32_t> texts_;  // ids that do not pack
};

[[noreturn]] inline void throw_no_key(const std::string& name) {
    throw error(
        error_code::missing_column,
        "column " + name + " is missing; lines are totalled by it: name yours with columns={\"" + name + "\": ...}",
        name);
}

/// What lines are totalled by, and where each key comes from.
struct totals_plan {
    /// A key that stands once a run, or else in a column of its own, given by its place among these.
    struct place {
        enum class where : std::uint8_t { invoice, customer, period, label, column };
        where from = where::column;
        std::size_t column = 0;
        period_step step = period_step::day;
    };
    std::vector<place> keys;
    std::vector<std::string> columns;  ///< names of the columns that are read for keys alone
    std::shared_ptr<const label_index> labels;
    ledger_config config;
    std::optional<moment> until;  ///< lines after it are left out
    bool hold = false;            ///< keep quantities and prices: which lines count is not known yet

    /// Refuses lines without a column that a key rests on.
    void check_runs(bool has_invoice, bool has_customer) const {
        for (const place& key : keys) {
            if (key.from == place::where::invoice && !has_invoice) throw_no_key("invoice");
            const bool of_customer = key.from == place::where::customer || key.from == place::where::label;
            if (of_customer && !has_customer) throw_no_key("customer_id");
        }
    }

    totals_plan() = default;
    totals_plan(const std::vector<total_key>& by, const std::shared_ptr<const customer_labels>& given,
                ledger_config kinds)
        : config(std::move(kinds)) {
        using where = place::where;
        for (const total_key& key : by) {
            place to{.step = key.step};
            if (key.from == total_key::source::period) {
                to.from = where::period;
            } else if (key.from == total_key::source::label) {
                to.from = where::label;
                labels = std::make_shared<const label_index>(*given);
            } else if (key.name == "invoice" || key.name == "customer_id") {
                to.from = key.name == "invoice" ? where::invoice : where::customer;
            } else {
                to.column = columns.size();
                columns.push_back(key.name);
            }
            keys.push_back(to);
        }
    }
};

/// Lines in columns. `values` are the distinct values of each key; `pairs` chain them to combinations: a pair is the
/// combination of all keys before, in the upper 32 bits, and the value of the next.
struct line_batch {
    /// A run of the input, or a part of one: its first line, and its first stretch.
    struct start {
        std::uint32_t line = 0;
        std::uint32_t stretch = 0;
    };
    std::vector<key_index> values;
    std::vector<key_index> pairs;
    large_vector<total_sums> sums;        ///< by combination
    record_array<start> starts;           ///< one at least for each run
    record_array<std::uint32_t> stretch;  ///< twice the combination, plus one with a purchase line
    record_array<std::int32_t> quantity;  ///< of held lines, which are a stretch each and in no sum yet
    record_array<std::int64_t> price;
    std::size_t lines = 0;
    bool has_price = true;
    bool has_quantity = true;

    /// How many combinations there are.
    [[nodiscard]] std::size_t combinations() const noexcept {
        return pairs.empty() ? values.front().keys().size() : pairs.back().keys().size();
    }
    /// The values of a combination, one a key.
    void values_of(std::size_t which, std::vector<std::uint32_t>& into) const {
        into.resize(values.size());
        for (std::size_t i = pairs.size(); i > 0; --i) {
            const std::uint64_t pair = pairs[i - 1].keys()[which];
            into[i] = static_cast<std::uint32_t>(pair);
            which = pair >> 32;
        }
        into.front() = static_cast<std::uint32_t>(which);
    }
};

/// What lines of one run have in common.
struct run_facts {
    moment at = 0;
    invoice_kind kind = invoice_kind::sale;
    bool known = false;  ///< has a customer
};

/// Adds lines of one run and one combination to its sums. Returns whether one of them is a purchase line.
template <class Quantity>
bool add_lines(total_sums& to, const run_facts& run, const Quantity* quantities, const std::int64_t* prices,
               std::size_t lines, bool has_price, bool has_quantity) {
    std::int64_t purchases = 0;
    std::int64_t all_quantity = 0;
    std::int64_t bought = 0;
    std::int64_t back = 0;
    std::int64_t nothing_due = 0;  // units below zero without an amount
    int128 gross = 0;
    int128 net = 0;
    for (std::size_t i = 0; i < lines; ++i) {
        const std::int64_t quantity = quantities[i];
        const std::int64_t amount = has_price ? quantity * prices[i] : prices[i];
        const bool purchase = amount > 0 && (quantity > 0 || !has_quantity);
        all_quantity += quantity;
        net += amount;
        back += quantity < 0 ? quantity : 0;
        nothing_due += quantity < 0 && amount == 0 ? quantity : 0;
        if (purchase) {
            ++purchases;
            bought += quantity;
            gross += amount;
            to.price_min = has_price ? std::min(to.price_min, prices[i]) : to.price_min;
            to.price_max = has_price ? std::max(to.price_max, prices[i]) : to.price_max;
        }
    }
    to.lines += static_cast<std::int64_t>(lines);
    to.purchase_lines += purchases;
    to.quantity += all_quantity;
    to.bought += bought;
    to.gross += gross;
    to.net += net;
    to.known_net += run.known ? net : 0;
    to.first = std::min(to.first, run.at);
    to.last = std::max(to.last, run.at);
    if (run.kind == invoice_kind::cancellation) {
        to.returned_units -= back;
        to.returned += gross - net;
    } else {
        to.written_off -= nothing_due;
        to.adjusted += run.kind == invoice_kind::adjustment ? gross - net : 0;
    }
    return purchases != 0;
}

/// Takes blocks of lines into a batch. A door first says the values of the columns that are keys, row by row or stretch
/// by stretch; keys that stand once a run are taken from the block.
class line_collector {
public:
    line_collector(const totals_plan& plan, const key_pool& pool, line_batch& to)
        : plan_(&plan), pool_(&pool), to_(&to), codes_(plan.keys.size()) {
        for (auto& each : codes_) each = std::make_unique<codes>();
        to.values.resize(plan.keys.size());
        to.pairs.resize(plan.keys.size() - 1);
        for (std::size_t i = 0; i < plan.keys.size(); ++i) {
            if (plan.keys[i].from == totals_plan::place::where::column) key_of_column_.push_back(i);
        }
    }

    /// Rows [begin, end) of the next block have this value in a column of the plan's.
    void set(std::size_t column, std::int64_t begin, std::int64_t end, id_key value) {
        const std::size_t key = key_of_column_[column];
        const std::uint32_t code = to_->values[key].position(value);
        std::fill(codes_[key]->begin() + begin, codes_[key]->begin() + end, code);
    }

    void take(const block& lines) {
        to_->has_price = lines.has_price;
        to_->has_quantity = lines.has_quantity;
        combine(lines);
        const auto rows = static_cast<std::size_t>(lines.rows);
        check_occurrences(to_->combinations());
        to_->sums.resize(to_->combinations());
        std::uint32_t* const stretches = to_->stretch.extend(rows);  // as many at most
        const std::size_t before = to_->stretch.size() - rows;
        std::size_t count = 0;
        for_each_run(lines, [&](std::size_t k, std::size_t begin, std::size_t end) {
            to_->starts.push_back(
                {static_cast<std::uint32_t>(to_->lines + begin), static_cast<std::uint32_t>(before + count)});
            count +=
                plan_->hold ? hold(lines, begin, end, stretches + count) : sum(lines, k, begin, end, stretches + count);
        });
        to_->stretch.truncate(before + count);
        to_->lines += rows;
    }

private:
    using codes = std::array<std::uint32_t, static_cast<std::size_t>(block::capacity)>;

    /// Calls `visit(k, begin, end)` for the rows of each start.
    template <class Visit>
    static void for_each_run(const block& lines, Visit&& visit) {
        for (std::int64_t k = 0; k < lines.starts; ++k) {
            const auto i = static_cast<std::size_t>(k);
            const std::int64_t end = std::min(lines.rows, k + 1 < lines.starts ? lines.start[i + 1] : lines.rows);
            visit(i, static_cast<std::size_t>(lines.start[i]), static_cast<std::size_t>(end));
        }
    }

    /// Sums the rows of one run up, unless they are left out. Returns the stretches written.
    std::size_t sum(const block& lines, std::size_t k, std::size_t begin, std::size_t end, std::uint32_t* stretches) {
        if (plan_->until && lines.moment[k] > *plan_->until) return 0;
        const codes& combination = *codes_.front();
        const run_facts run{lines.moment[k], plan_->config.kind_of(lines.invoice[k], *pool_),
                            lines.customer[k] != missing_key};
        std::size_t count = 0;
        while (begin < end) {
            const std::uint32_t same = combination[begin];
            std::size_t stop = begin + 1;
            while (stop < end && combination[stop] == same) ++stop;
            const bool purchase =
                add_lines(to_->sums[same], run, lines.quantity.data() + begin, lines.price.data() + begin, stop - begin,
                          lines.has_price, lines.has_quantity);
            stretches[count++] = 2 * same + (purchase ? 1U : 0U);
            begin = stop;
        }
        return count;
    }

    /// Keeps the rows of one run as they are.
    std::size_t hold(const block& lines, std::size_t begin, std::size_t end, std::uint32_t* stretches) {
        const std::size_t rows = end - begin;
        for (std::size_t i = 0; i < rows; ++i) stretches[i] = 2 * (*codes_.front())[begin + i];
        std::int32_t* const quantity = to_->quantity.extend(rows);
        for (std::size_t i = 0; i < rows; ++i) quantity[i] = static_cast<std::int32_t>(lines.quantity[begin + i]);
        std::copy_n(lines.price.begin() + begin, rows, to_->price.extend(rows));
        return rows;
    }

    /// Leaves each row's combination in the first key's codes.
    void combine(const block& lines) {
        using where = totals_plan::place::where;
        const auto rows = static_cast<std::size_t>(lines.rows);
        for (std::size_t i = 0; i < codes_.size(); ++i) {
            const totals_plan::place& key = plan_->keys[i];
            if (key.from == where::column) continue;
            for_each_run(lines, [&](std::size_t k, std::size_t begin, std::size_t end) {
                const std::uint32_t code = to_->values[i].position(key_at(lines, k, key));
                std::fill(codes_[i]->begin() + begin, codes_[i]->begin() + end, code);
            });
        }
        codes& combination = *codes_.front();
        for (std::size_t i = 1; i < codes_.size(); ++i) {
            const codes& next = *codes_[i];
            std::uint64_t last = 0;
            std::uint32_t found = 0;
            for (std::size_t row = 0; row < rows; ++row) {
                const std::uint64_t pair = std::uint64_t{combination[row]} << 32 | next[row];
                if (row == 0 || pair != last) found = to_->pairs[i - 1].position(pair);
                last = pair;
                combination[row] = found;
            }
        }
    }

    /// A key that stands once a run.
    [[nodiscard]] id_key key_at(const block& lines, std::size_t k, const totals_plan::place& key) const {
        using where = totals_plan::place::where;
        switch (key.from) {
            case where::invoice: return lines.invoice[k];
            case where::customer: return lines.customer[k];
            case where::period: {
                const std::int64_t period = period_of(day_of(lines.moment[k]), key.step);
                return key_of_integer(period_start(period, key.step));
            }
            case where::label: {
                const std::int32_t label = plan_->labels->find(lines.customer[k], *pool_);
                return label < 0 ? missing_key : key_of_integer(label);
            }
            case where::column: break;
        }
        return missing_key;
    }

    const totals_plan* plan_;
    const key_pool* pool_;
    line_batch* to_;
    std::vector<std::unique_ptr<codes>> codes_;  // of the next block, by key
    std::vector<std::size_t> key_of_column_;
};

}  // namespace lgs_rfm::detail
