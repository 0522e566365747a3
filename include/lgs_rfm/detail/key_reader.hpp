#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lgs_rfm/detail/check_lines.hpp>
#include <lgs_rfm/detail/decoder.hpp>
#include <lgs_rfm/detail/line_batch.hpp>
#include <lgs_rfm/detail/row_bits.hpp>

namespace lgs_rfm::detail {

/// The columns of some lines that totals are made by, checked: they are there and ids may stand in them.
class key_columns {
public:
    key_columns(const invoice_lines& lines, const totals_plan& plan) {
        for (const std::string& name : plan.columns) {
            const line_source from = find(lines, name);
            if (from.values == nullptr || !from.values->present()) throw_no_key(name);
            columns.push_back({name.c_str(), from.values, role::optional_id, from.place});
            check_type(columns.back());
        }
        plan.check_runs(lines.invoice.present(), lines.customer_id.present());
    }

    std::vector<ledger_column> columns;

private:
    struct line_source {
        const column* values = nullptr;
        int place = 0;
    };

    [[nodiscard]] static line_source find(const invoice_lines& lines, const std::string& name) {
        for (std::size_t i = 0; i < line_columns.size(); ++i) {
            if (name == line_columns[i].name) return {&line_columns[i].get(lines), static_cast<int>(i)};
        }
        const auto own = lines.others.find(name);
        return {own == lines.others.end() ? nullptr : &own->second, static_cast<int>(line_columns.size())};
    }
};

/// Reads the columns of keys of a stretch of rows, block by block, for a collector. Values that repeat from row to row
/// are decoded once.
class key_reader {
public:
    key_reader(const key_columns& columns, line_collector& to, key_pool& pool, std::int64_t begin)
        : columns_(columns.columns), to_(&to) {
        for (const ledger_column& each : columns_) decoders_.emplace_back(*each.values, each.as, pool, begin);
    }

    /// Reads the next `rows` rows. For each column, `check(column, decoder, rows before its first bad one)` is called.
    template <class Check>
    void read(std::int64_t rows, Check&& check) {
        for (std::size_t c = 0; c < decoders_.size(); ++c) {
            row_bits marks;
            marks.set(0);
            decoders_[c].mark(rows, marks);
            starts_.clear();
            marks.for_each(rows, [&](std::int64_t row) { starts_.push_back(static_cast<std::int32_t>(row)); });
            values_.resize(starts_.size());
            const std::int64_t good = decoders_[c].decode_at(starts_, rows, values_.data());
            for (std::size_t k = 0; k < starts_.size() && starts_[k] < good; ++k) {
                to_->set(c, starts_[k], k + 1 < starts_.size() ? starts_[k + 1] : rows, values_[k]);
            }
            check(columns_[c], decoders_[c], good);
        }
    }

    /// The block's lines have been checked and count.
    void take(const block& lines) { to_->take(lines); }

private:
    std::span<const ledger_column> columns_;
    line_collector* to_;
    std::vector<column_decoder> decoders_;
    std::vector<std::int32_t> starts_;
    std::vector<std::uint64_t> values_;
};

}  // namespace lgs_rfm::detail
