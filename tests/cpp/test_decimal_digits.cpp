#include <lgs_rfm/detail/decimal_digits.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "catch.hpp"
#include "reference/lines.hpp"

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

TEST_CASE("numbers one after the other are written as the standard library writes them") {
    reference::dice random(21);
    lgs_rfm::detail::integer_writer writer;
    const auto check = [&](std::int64_t value) {
        std::array<char, longest_integer> space{};
        CAPTURE(value);
        REQUIRE(std::string(space.data(), writer.write(value, space.data())) == std::to_string(value));
    };
    for (int i = 0; i < 200; ++i) check(i);
    for (const std::int64_t start :
         {-250LL, 0LL, 9'950LL, 536'000LL, 99'999'900LL, 9'999'999'950LL, 99'999'999'999LL, 1'000'000'000'000LL}) {
        for (std::int64_t value = start; value < start + 500; value += random.between(1, 3)) check(value);
    }
    for (int i = 0; i < 20'000; ++i) {
        const auto any = static_cast<std::int64_t>(random.bits() >> random.between(0, 63));
        for (const std::int64_t value : {any, any ^ 1, any ^ 64}) check(value);
    }
    check(std::numeric_limits<std::int64_t>::min());
    check(std::numeric_limits<std::int64_t>::max());
}

}  // namespace test_decimal_digits
