#include <lgs_rfm/tables/repeat.hpp>

#include "catch.hpp"
#include "reference/returning.hpp"
#include "reference/shop.hpp"

namespace test_repeat {

using namespace lgs_rfm;
using reference::at;
using reference::ledger_of;

TEST_CASE("a small shop's repeat rate") {
    const auto result = repeat_rate_of(ledger_of(reference::small_shop()));
    CHECK(result.customers == 2);
    CHECK(result.repeat_customers == 1);
    CHECK(result.rate() == 0.5);
}

TEST_CASE("repeat customers are those of the lines") {
    for (const std::uint64_t seed : {121U, 122U}) {
        for (const std::size_t count : {20U, 60U, 300U}) {
            const auto from = reference::random_lines(seed, count);
            for (const bool by_day : {false, true}) {
                const auto result =
                    repeat_rate_of(ledger_of(from), by_day ? purchase_unit::days : purchase_unit::invoices);
                std::int64_t again = 0;
                const auto wanted = reference::purchases(from, by_day);
                for (const auto& [customer, purchases] : wanted) again += purchases > 1 ? 1 : 0;
                CHECK(result.customers == static_cast<std::int64_t>(wanted.size()));
                CHECK(result.repeat_customers == again);
            }
        }
    }
}

TEST_CASE("a rate of nobody is missing") {
    const auto table = as_table(repeat_rate_of(ledger()));
    CHECK(table.rows() == 1);
    CHECK(table.columns[2].valid == std::vector<std::uint8_t>{0});
    CHECK(as_table(repeat_rate_of(ledger_of(reference::small_shop()))).columns[2].valid ==
          std::vector<std::uint8_t>{1});
}

}  // namespace test_repeat
