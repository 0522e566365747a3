#include <lgs_rfm/tables/rows.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/invoices.hpp>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/shop.hpp"

namespace test_rows {

using lgs_rfm::rows_of;
using lgs_rfm::table;
using lgs_rfm::table_column;

namespace {

table small() {
    table made;
    made.columns.push_back({"count", lgs_rfm::detail::large_vector<std::int64_t>{5, 6, 7}, {}, false});
    made.columns.push_back({"growth", lgs_rfm::detail::large_vector<double>{0.5, 1.5, 2.5}, {0, 1, 1}, false});
    made.columns.push_back({"at", lgs_rfm::moment_values{{10, 20, 30}}, {}, false});
    made.columns.push_back({"day", lgs_rfm::date_values{{1, 2, 3}}, {}, false});
    made.columns.push_back({"name", lgs_rfm::text_values{"a", "b", "c"}, {}, false});
    const auto names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"x", "y"});
    made.columns.push_back({"segment", lgs_rfm::category_column{{1, -1, 0}, names}, {}, false});
    return made;
}

}  // namespace

TEST_CASE("rows by position, each as often as it is named") {
    const std::vector<std::int64_t> wanted{2, 0, 2};
    const table rows = rows_of(small(), wanted);
    REQUIRE(rows.columns.size() == 6);
    CHECK(std::get<lgs_rfm::detail::large_vector<std::int64_t>>(rows.columns[0].values) ==
          std::vector<std::int64_t>{7, 5, 7});
    CHECK(rows.columns[0].valid.empty());
    CHECK(rows.columns[1].valid == std::vector<std::uint8_t>{1, 0, 1});
    CHECK(std::get<lgs_rfm::moment_values>(rows.columns[2].values).micros == std::vector<std::int64_t>{30, 10, 30});
    CHECK(std::get<lgs_rfm::date_values>(rows.columns[3].values).days == std::vector<std::int32_t>{3, 1, 3});
    CHECK(std::get<lgs_rfm::text_values>(rows.columns[4].values) == std::vector<std::string>{"c", "a", "c"});
    const auto& segment = std::get<lgs_rfm::category_column>(rows.columns[5].values);
    CHECK(segment.codes == std::vector<std::int32_t>{0, 1, 0});
    CHECK(segment.names->size() == 2);
}

TEST_CASE("a position of -1 is a row of missing values") {
    const std::vector<std::int64_t> wanted{-1, 1};
    const table rows = rows_of(small(), wanted);
    for (const table_column& column : rows.columns) CHECK(column.valid == std::vector<std::uint8_t>{0, 1});
    CHECK(std::get<lgs_rfm::category_column>(rows.columns[5].values).codes == std::vector<std::int32_t>{-1, -1});
}

TEST_CASE("rows of a ledger's table keep ids and money") {
    const auto book = reference::ledger_of(reference::small_shop());
    const table all = lgs_rfm::as_table(lgs_rfm::invoice_table(book));
    std::vector<std::int64_t> backwards;
    for (std::size_t i = all.rows(); i-- > 0;) backwards.push_back(static_cast<std::int64_t>(i));
    const table twice = rows_of(rows_of(all, backwards), backwards);
    REQUIRE(twice.rows() == all.rows());
    for (std::size_t c = 0; c < all.columns.size(); ++c) {
        CHECK(twice.columns[c].name == all.columns[c].name);
        CHECK(twice.columns[c].valid == all.columns[c].valid);
        if (const auto* const ids = std::get_if<lgs_rfm::id_column>(&all.columns[c].values)) {
            CHECK(std::get<lgs_rfm::id_column>(twice.columns[c].values).codes() == ids->codes());
        }
    }
    const std::vector<std::int64_t> gap{-1};
    const table missing = rows_of(all, gap);
    CHECK(std::get<lgs_rfm::id_column>(missing.columns[0].values)[0].is_missing());
}

TEST_CASE("no rows, and rows that are not there") {
    CHECK(rows_of(small(), {}).rows() == 0);
    CHECK(rows_of(small(), {}).columns.size() == 6);
    for (const std::int64_t at : {std::int64_t{3}, std::int64_t{-2}}) {
        const std::vector<std::int64_t> wanted{at};
        CHECK_THROWS_WITH(rows_of(small(), wanted), Catch::Matchers::ContainsSubstring("not in a table of 3 rows"));
    }
}

}  // namespace test_rows
