#include <lgs_rfm/matrix.hpp>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_matrix {

TEST_CASE("a customer table becomes a matrix of three columns") {
    const auto table = customer_table(reference::ledger_of(reference::random_lines(131, 2000)));
    const Eigen::MatrixX3d matrix = lgs_rfm::to_matrix(table);
    REQUIRE(matrix.rows() == static_cast<Eigen::Index>(table.recency.size()));
    REQUIRE(matrix.rows() > 5);
    for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
        const auto i = static_cast<std::size_t>(row);
        CHECK(matrix(row, 0) == static_cast<double>(table.recency[i]));
        CHECK(matrix(row, 1) == static_cast<double>(table.frequency[i]));
        CHECK(matrix(row, 2) == to_double(table.monetary[i]));
    }
    CHECK(lgs_rfm::to_matrix(customer_table(lgs_rfm::ledger())).rows() == 0);
}

}  // namespace test_matrix
