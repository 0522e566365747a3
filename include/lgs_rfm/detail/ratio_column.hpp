#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/tables/table.hpp>

namespace lgs_rfm::detail {

/// Ratios of amounts or counts as a column; one that would divide by 0 is missing.
class ratio_column {
public:
    explicit ratio_column(std::size_t rows) {
        values_.reserve(rows);
        valid_.reserve(rows);
    }
    void push_back(double part, double whole) {
        values_.push_back(whole != 0 ? part / whole : 0);
        valid_.push_back(whole != 0 ? 1 : 0);
    }
    [[nodiscard]] table_column named(const char* name) && { return {name, std::move(values_), std::move(valid_)}; }

private:
    large_vector<double> values_;
    large_vector<std::uint8_t> valid_;
};

}  // namespace lgs_rfm::detail
