#include <lgs_rfm/tables/cohorts.hpp>

#include "catch.hpp"
#include "reference/returning.hpp"
#include "reference/shop.hpp"

namespace test_cohorts {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;
using counts = std::vector<std::int64_t>;
using reals = std::vector<double>;
using flags = std::vector<std::uint8_t>;

namespace {

std::string names_of(const table& of) {
    std::string names;
    for (const auto& column : of.columns) names += column.name + " ";
    return names;
}

const auto& reals_of(const table& of, std::size_t column) {
    return std::get<detail::large_vector<double>>(of.columns[column].values);
}
const auto& counts_of(const table& of, std::size_t column) {
    return std::get<detail::large_vector<std::int64_t>>(of.columns[column].values);
}

}  // namespace

TEST_CASE("a small shop's cohorts") {
    const auto table = cohort_table(ledger_of(reference::small_shop()));
    CHECK(table.cohort == std::vector<std::int32_t>{2011 * 12});
    CHECK(table.size == counts{2});
    CHECK(table.customers == counts{2, 0, 0, 1});
    CHECK(table.invoices == counts{2, 0, 0, 1});
    CHECK(table.last_month == 2011 * 12 + 3);
    CHECK(table.last_is_partial);
    CHECK(table.net[1].millionths == -3'500'000);
    const auto wide = as_wide_table(table, cohort_measure::customers, false, true);
    CHECK(names_of(wide) == "cohort size left_censored partial_month month_0 month_1 month_2 month_3 ");
    CHECK(counts_of(wide, 1) == counts{2, 2});
    CHECK(counts_of(wide, 3)[0] == 3);
    CHECK(wide.columns[3].valid == flags{1, 0});
    CHECK(wide.columns[0].valid == flags{1, 0});
    CHECK(reals_of(wide, 4) == reals{1, 1});
    CHECK(reals_of(wide, 7)[0] == 0.5);
    CHECK(wide.columns[7].valid == flags{1, 0});  // no cohort has month 3 complete
}

TEST_CASE("cohorts are those of the lines") {
    for (const std::uint64_t seed : {101U, 102U}) {
        const auto from = reference::random_lines(seed, 500);
        for (const std::optional<moment> until :
             {std::optional<moment>(), std::optional(at("2010-10-01")), std::optional(at("2010-10-15 03:00")),
              std::optional(at("2012-01-01"))}) {
            const moment end = reference::observed_until(from, until);
            const auto table = cohort_table(ledger_of(from), {until});
            const auto rows = reference::cohort_rows(from, end);
            REQUIRE(table.rows() == rows.size());
            CHECK(table.last_month == reference::month_number(end - 1));
            CHECK(table.last_is_partial == (reference::month_number(end) == table.last_month));
            std::size_t i = 0;
            for (const auto& [month, row] : rows) {
                REQUIRE(table.cohort[i] == month);
                REQUIRE(table.size[i] == static_cast<std::int64_t>(row.members.size()));
                REQUIRE(table.cells(i) == static_cast<std::size_t>(table.last_month - month) + 1);
                for (std::size_t k = 0; k < table.cells(i); ++k) {
                    const auto found = row.cells.find(static_cast<int>(k));
                    const auto cell = found == row.cells.end() ? reference::cohort_cell() : found->second;
                    const std::size_t at = table.begin[i] + k;
                    REQUIRE(table.customers[at] == static_cast<std::int64_t>(cell.customers.size()));
                    REQUIRE(table.invoices[at] == static_cast<std::int64_t>(cell.invoices.size()));
                    REQUIRE(table.gross[at].millionths == cell.gross);
                    REQUIRE(table.net[at].millionths == cell.net);
                }
                ++i;
            }
        }
    }
}

TEST_CASE("the average cohort weighs by size and looks at complete months only") {
    // January: three customers, one of them again in February and in March; February: one customer, again in March.
    const reference::lines from = {{"1", "1", 1, at("2011-01-05"), 1}, {"2", "2", 1, at("2011-01-05"), 1},
                                   {"3", "3", 1, at("2011-01-05"), 1}, {"4", "1", 1, at("2011-02-05"), 1},
                                   {"5", "4", 1, at("2011-02-05"), 1}, {"6", "1", 1, at("2011-03-05"), 1},
                                   {"7", "4", 1, at("2011-03-05"), 1}};
    const auto open = average_cohort(cohort_table(ledger_of(from)), cohort_measure::customers);
    CHECK(open.size == counts{4, 3, 0});
    CHECK(open.counts == counts{4, 1, 0});
    CHECK(open.retention[1] == 1.0 / 3);
    CHECK(open.has_retention == flags{1, 1, 0});
    const auto whole = average_cohort(cohort_table(ledger_of(from), {at("2011-04-01")}), cohort_measure::customers);
    CHECK(whole.size == counts{4, 4, 3});
    CHECK(whole.retention[1] == 0.5);
    CHECK(whole.retention[2] == 1.0 / 3);
}

TEST_CASE("the forms of the cohort table agree") {
    const auto table = cohort_table(ledger_of(reference::random_lines(103, 400)));
    for (const cohort_measure measure :
         {cohort_measure::customers, cohort_measure::invoices, cohort_measure::gross, cohort_measure::net}) {
        const auto longs = as_table(table, measure, true);
        const auto wide = as_wide_table(table, measure, false, true);
        CHECK(names_of(longs) == "cohort size month_number month value retention partial left_censored ");
        const std::size_t cells = table.begin.back();
        for (std::size_t row = 0; row < table.rows(); ++row) {
            for (std::size_t k = 0; k < table.cells(row); ++k) {
                const std::size_t cell = table.begin[row] + k;
                REQUIRE(reals_of(longs, 5)[cell] == reals_of(wide, 4 + k)[row]);
                REQUIRE(longs.columns[5].valid[cell] == wide.columns[4 + k].valid[row]);
                REQUIRE(counts_of(longs, 2)[cell] == static_cast<std::int64_t>(k));
            }
            for (std::size_t k = table.cells(row); k < table.cells(0); ++k) {
                REQUIRE(wide.columns[4 + k].valid[row] == 0);
            }
        }
        for (std::size_t k = 0; k < table.cells(0); ++k) {
            REQUIRE(reals_of(longs, 5)[cells + k] == reals_of(wide, 4 + k).back());
            REQUIRE(longs.columns[0].valid[cells + k] == 0);
        }
    }
}

TEST_CASE("no buyers, no cohorts") {
    CHECK(cohort_table(ledger()).rows() == 0);
    CHECK(as_table(cohort_table(ledger()), cohort_measure::gross, true).rows() == 0);
    CHECK(as_wide_table(cohort_table(ledger()), cohort_measure::net, false, true).rows() == 0);
    CHECK(names_of(as_wide_table(cohort_table(ledger()))) == "cohort size left_censored partial_month month_0 ");
    const auto unknown = ledger_of({{"1", "", 1, at("2011-01-05"), 1}, {"C1", "10", -1, at("2011-01-05"), 1}});
    CHECK(cohort_table(unknown).rows() == 0);
    CHECK(cohort_table(ledger_of(reference::small_shop()), {at("2010-01-01")}).rows() == 0);
}

}  // namespace test_cohorts
