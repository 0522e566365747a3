#pragma once

#include <Eigen/Core>

#include <lgs_rfm/tables/customers.hpp>

namespace lgs_rfm {

/// A customer table as an n x 3 matrix of doubles: recency (days), frequency, monetary. For numerical work; the rows
/// are those of `table.customer_id`. O(n), a copy.
[[nodiscard]] inline Eigen::MatrixX3d to_matrix(const customer_columns& table) {
    Eigen::MatrixX3d matrix(static_cast<Eigen::Index>(table.recency.size()), 3);
    for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
        const auto i = static_cast<std::size_t>(row);
        matrix(row, 0) = static_cast<double>(table.recency[i]);
        matrix(row, 1) = static_cast<double>(table.frequency[i]);
        matrix(row, 2) = to_double(table.monetary[i]);
    }
    return matrix;
}

}  // namespace lgs_rfm
