#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/key_index.hpp>
#include <lgs_rfm/detail/record_array.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/total_key.hpp>

/// Lines on their way into totals: a number for each line's combination of keys, its quantity and its price.
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
        calendar_step step = calendar_step::day;
    };
    std::vector<place> keys;
    std::vector<std::string> columns;  ///< names of the columns that are read for keys alone
    std::shared_ptr<const label_index> labels;

    /// Refuses lines without a column that a key rests on.
    void check_runs(bool has_invoice, bool has_customer) const {
        for (const place& key : keys) {
            if (key.from == place::where::invoice && !has_invoice) throw_no_key("invoice");
            const bool of_customer = key.from == place::where::customer || key.from == place::where::label;
            if (of_customer && !has_customer) throw_no_key("customer_id");
        }
    }

    totals_plan() = default;
    totals_plan(const std::vector<total_key>& by, const std::shared_ptr<const customer_labels>& given) {
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
    std::vector<key_index> values;
    std::vector<key_index> pairs;
    record_array<std::uint32_t> combination;
    record_array<std::int32_t> quantity;
    record_array<std::int64_t> price;

    [[nodiscard]] std::size_t lines() const noexcept { return combination.size(); }
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
        using where = totals_plan::place::where;
        const auto rows = static_cast<std::size_t>(lines.rows);
        for (std::size_t i = 0; i < codes_.size(); ++i) {
            const totals_plan::place& key = plan_->keys[i];
            switch (key.from) {
                case where::invoice: by_start(lines, i, [&](std::size_t k) { return lines.invoice[k]; }); break;
                case where::customer: by_start(lines, i, [&](std::size_t k) { return lines.customer[k]; }); break;
                case where::period:
                    by_start(lines, i,
                             [&](std::size_t k) { return key_of_integer(period_start(lines.moment[k], key.step)); });
                    break;
                case where::label:
                    by_start(lines, i, [&](std::size_t k) {
                        const std::int32_t label = plan_->labels->find(lines.customer[k], *pool_);
                        return label < 0 ? missing_key : key_of_integer(label);
                    });
                    break;
                case where::column: break;
            }
        }
        std::uint32_t* const combination = to_->combination.extend(rows);
        std::copy_n(codes_.front()->begin(), rows, combination);
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
        std::int32_t* const quantity = to_->quantity.extend(rows);
        for (std::size_t row = 0; row < rows; ++row) quantity[row] = static_cast<std::int32_t>(lines.quantity[row]);
        std::copy_n(lines.price.begin(), rows, to_->price.extend(rows));
    }

private:
    using codes = std::array<std::uint32_t, static_cast<std::size_t>(block::capacity)>;

    template <class KeyAt>
    void by_start(const block& lines, std::size_t key, KeyAt&& key_at) {
        for (std::int64_t k = 0; k < lines.starts; ++k) {
            const auto i = static_cast<std::size_t>(k);
            const std::int64_t end = std::min(lines.rows, k + 1 < lines.starts ? lines.start[i + 1] : lines.rows);
            const std::uint32_t code = to_->values[key].position(key_at(i));
            std::fill(codes_[key]->begin() + lines.start[i], codes_[key]->begin() + end, code);
        }
    }

    const totals_plan* plan_;
    const key_pool* pool_;
    line_batch* to_;
    std::vector<std::unique_ptr<codes>> codes_;  // of the next block, by key
    std::vector<std::size_t> key_of_column_;
};

}  // namespace lgs_rfm::detail
