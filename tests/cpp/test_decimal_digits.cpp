#include <lgs_rfm/detail/decimal_digits.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "catch.hpp"

namespace test_decimal_digits {

using lgs_rfm::detail::longest_integer;
using lgs_rfm::detail::write_integer;

namespace {

std::string written(std::int64_t value) {
    std::array<char, longest_integer> space{};
    return {space.data(), write_integer(value, space.data())};
}

}  // namespace

TEST_CASE("integers are written as the standard library writes them") {
    for (std::int64_t value = 0; value < 20'000; ++value) REQUIRE(written(value) == std::to_string(value));
    for (std::int64_t value = 0; value < 100'000'000; value += 9'973) REQUIRE(written(value) == std::to_string(value));
    for (std::int64_t power = 1; power < 1'000'000'000'000'000'000; power *= 10) {
        for (const std::int64_t value : {power - 1, power, power + 1, -power}) {
            REQUIRE(written(value) == std::to_string(value));
        }
    }
    for (const std::int64_t value :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
        REQUIRE(written(value) == std::to_string(value));
}

}  // namespace test_decimal_digits
