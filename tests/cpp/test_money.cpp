#include <lgs_rfm/money.hpp>

#include <cfenv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_money {

using lgs_rfm::int128;
using lgs_rfm::money;
using lgs_rfm::read_money;
using lgs_rfm::to_double;
using lgs_rfm::uint128;

namespace {

/// The double nearest to n / 10^6 for n > 0, ties to even, by the definition: the two doubles around it are compared in
/// whole numbers. Doubles here are below 2^108 and at least 1e-6, so both sides fit 128 bits where it is used.
bool is_nearest(uint128 n, double got) {
    // got = mantissa * 2^exponent; compare |n - got * 10^6| with half a step of got.
    int exponent = 0;
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::frexp(got, &exponent), 53));
    exponent -= 53;
    // the half-way points below and above, times two: (2 * mantissa -+ 1) * 2^(exponent - 1) * 10^6. Below a power of
    // two the step is half as wide; the narrower test is then done with mantissa * 4 - 1.
    const bool power = (mantissa & (mantissa - 1)) == 0;
    const uint128 low = power ? uint128{mantissa} * 4 - 1 : uint128{mantissa} * 4 - 2;
    const uint128 high = uint128{mantissa} * 4 + 2;
    // n * 4 against x * 2^exponent * 10^6
    const auto compare = [&](uint128 x) {
        uint128 left = n;
        uint128 right = x * 1'000'000U;  // 55 + 20 bits
        int shift = exponent - 2;
        // remove common powers so that nothing leaves 128 bits: shift the side that is small
        if (shift < 0) {
            const int room = -shift;
            if (room >= 128) return 1;
            // left << room might overflow: compare left with right >> room, then the rest
            const uint128 whole = right >> room;
            const uint128 rest = right & ((uint128{1} << room) - 1);
            return left > whole ? 1 : left < whole ? -1 : rest != 0 ? -1 : 0;
        }
        const uint128 whole = left >> shift;
        const uint128 rest = left & ((uint128{1} << shift) - 1);
        return whole > right ? 1 : whole < right ? -1 : rest != 0 ? 1 : 0;
    };
    const bool even = (mantissa & 1U) == 0;
    const int above_low = compare(low);
    const int above_high = compare(high);
    return (above_low > 0 || (above_low == 0 && even)) && (above_high < 0 || (above_high == 0 && even));
}

std::int64_t millionths(const char* text) {
    const auto read = read_money(std::string_view(text));
    REQUIRE(read);
    return read->millionths;
}

}  // namespace

TEST_CASE("money text is read exactly") {
    const std::pair<const char*, std::int64_t> cases[] = {{"0", 0},
                                                          {"12.75", 12'750'000},
                                                          {"-0.5", -500'000},
                                                          {".5", 500'000},
                                                          {"5.", 5'000'000},
                                                          {"+3", 3'000'000},
                                                          {"0.000001", 1},
                                                          {"-0.000001", -1},
                                                          {"1e3", 1'000'000'000},
                                                          {"1E-6", 1},
                                                          {"25e-7", 2},
                                                          {"1.5e+2", 150'000'000},
                                                          {"00012.50", 12'500'000},
                                                          {"-53594.36", -53'594'360'000},
                                                          {"9223372036854.775807", 9'223'372'036'854'775'807},
                                                          {"-9223372036854.775807", -9'223'372'036'854'775'807},
                                                          {"0e999999999", 0},
                                                          {"-0", 0},
                                                          {"1e-400", 0},
                                                          {"0.0000000000000000000000000000000000000000000001", 0}};
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(millionths(text) == expected);
    }
}

TEST_CASE("digits beyond the sixth decimal are rounded to even and told") {
    struct {
        const char* text;
        std::int64_t millionths;
        bool rounded;
    } cases[] = {{"0.0000005", 0, true},
                 {"0.0000015", 2, true},
                 {"0.0000025", 2, true},
                 {"-0.0000025", -2, true},
                 {"0.00000250", 2, true},
                 {"0.00000251", 3, true},
                 {"0.0000024999", 2, true},
                 {"1.0000000", 1'000'000, false},
                 {"1.23456700", 1'234'567, false},
                 {"0.00000005", 0, true},
                 {"9.9999999", 10'000'000, true},
                 {"1234567890123456e-16", 123'457, true},
                 {"5e-7", 0, true},
                 {"15e-7", 2, true},
                 {"9e-8", 0, true}};
    for (const auto& each : cases) {
        CAPTURE(each.text);
        const auto read = read_money(std::string_view(each.text));
        REQUIRE(read);
        CHECK(read->millionths == each.millionths);
        CHECK(read->rounded == each.rounded);
    }
}

TEST_CASE("text that is no money or leaves int64 is refused") {
    for (const char* text : {"",
                             "-",
                             "+",
                             ".",
                             "e5",
                             "1e",
                             "1e+",
                             "1e5x",
                             "1.2.3",
                             " 1",
                             "1 ",
                             "1,5",
                             "0x10",
                             "nan",
                             "inf",
                             "--1",
                             "1-",
                             "9223372036854.775808",
                             "-9223372036854.775808",
                             "1e13",
                             "1e999999999",
                             "9223372036854.7758075",
                             "99999999999999999999999999999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(read_money(std::string_view(text)));
    }
}

TEST_CASE("doubles are read to the nearest millionth") {
    struct {
        double value;
        std::int64_t millionths;
        bool rounded;
    } cases[] = {{0.0, 0, false},
                 {-0.0, 0, false},
                 {0.1, 100'000, false},
                 {2.55, 2'550'000, false},
                 {-53594.36, -53'594'360'000, false},
                 {0.0000005, 0, true},
                 {0.0000015, 2, true},
                 {1.0000004, 1'000'000, true},
                 {1.0 / 3.0, 333'333, true},
                 {1e12, 1'000'000'000'000'000'000, false},
                 {38970.0, 38'970'000'000, false},
                 {1e-300, 0, true}};
    for (const auto& each : cases) {
        CAPTURE(each.value);
        const auto read = read_money(each.value);
        REQUIRE(read);
        CHECK(read->millionths == each.millionths);
        CHECK(read->rounded == each.rounded);
    }
    for (const double value : {1e13, -1e13, 9223372036854.7758, 1e300, std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        CAPTURE(value);
        CHECK_FALSE(read_money(value));
    }
}

TEST_CASE("any decimal of six places comes back from its double unrounded") {
    reference::dice random(7);
    for (int i = 0; i < 100'000; ++i) {
        // up to 2^50 millionths: there 2^-53 of the value is below half a millionth
        const std::int64_t wanted = random.between(-(std::int64_t{1} << random.between(1, 50)), std::int64_t{1} << 50);
        const auto read = read_money(static_cast<double>(wanted) / 1e6);
        REQUIRE(read);
        REQUIRE(read->millionths == wanted);
        REQUIRE_FALSE(read->rounded);
    }
}

TEST_CASE("a double is rounded as nearbyint of the product does") {
    reference::dice random(8);
    for (int i = 0; i < 100'000; ++i) {
        const double value = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random.bits())),
                                        static_cast<int>(random.between(-90, -21)));
        const auto read = read_money(value);
        REQUIRE(read);
        const double product = value * 1e6;
        const double whole = std::nearbyint(product);
        REQUIRE(read->millionths == static_cast<std::int64_t>(whole));
        REQUIRE(read->rounded == (std::fabs(product - whole) > std::fabs(whole) * 0x1p-51));
    }
}

TEST_CASE("money becomes the correctly rounded double") {
    CHECK(to_double(money{0}) == 0.0);
    CHECK(to_double(money{1}) == 1e-6);
    CHECK(to_double(money{-19'287'250'568'000}) == -19287250.568);
    CHECK(to_double(money{int128{1} << 53}) == 9007199254.740992);
    reference::dice random(9);
    for (int i = 0; i < 200'000; ++i) {
        const int bits = static_cast<int>(random.between(1, 127));
        const uint128 all = (uint128{random.bits()} << 64 | random.bits());
        const uint128 n = (all >> (128 - bits)) | 1U;
        const double got = to_double(money{static_cast<int128>(n)});
        CAPTURE(bits, static_cast<std::uint64_t>(n >> 64), static_cast<std::uint64_t>(n), got);
        REQUIRE(is_nearest(n, got));
        REQUIRE(to_double(money{-static_cast<int128>(n)}) == -got);
    }
}

TEST_CASE("money becomes the correctly rounded double at and around ties") {
    // (2 m + 1) * 2^e * 10^6 millionths lies half-way between two doubles, for e >= 0
    reference::dice random(10);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t mantissa = (random.bits() >> 11) | (std::uint64_t{1} << 52);
        const int exponent = static_cast<int>(random.between(0, 50));
        const uint128 tie = (uint128{mantissa} * 2 + 1) * 1'000'000U << exponent;
        if (tie >> 127 != 0) continue;
        for (const int step : {-1, 0, 1}) {
            const auto n = static_cast<int128>(tie) + step;
            REQUIRE(is_nearest(static_cast<uint128>(n), to_double(money{n})));
        }
        const double even = std::ldexp(static_cast<double>(mantissa + (mantissa & 1U)), exponent + 1);
        REQUIRE(to_double(money{static_cast<int128>(tie)}) == even);
    }
}

TEST_CASE("many amounts become the doubles that each one becomes") {
    reference::dice random(12);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t limit : {std::int64_t{1} << 30, std::int64_t{1} << 51, std::int64_t{1} << 53, most}) {
        for (std::size_t count = 0; count < 40; ++count) {
            std::vector<std::int64_t> numbers(count);
            for (auto& each : numbers) each = static_cast<std::int64_t>(random.bits()) % limit;
            if (count > 3) {
                numbers[count / 2] = limit - 1;
                numbers[count / 3] = -limit;
            }
            std::vector<double> got(count);
            lgs_rfm::detail::ratios_to_doubles(count, [&](std::size_t i) { return numbers[i]; }, got.data());
            for (std::size_t i = 0; i < count; ++i) REQUIRE(got[i] == to_double(money{numbers[i]}));
        }
    }
}

TEST_CASE("long double agrees where it is wide enough") {
    if (std::numeric_limits<long double>::digits < 64) return;
    reference::dice random(11);
    for (int i = 0; i < 50'000; ++i) {
        const std::int64_t n = random.between(1, std::int64_t{1} << 62);
        const double got = to_double(money{n});
        const long double wide = static_cast<long double>(n) / 1e6L;
        // half a step of the double, and what rounding to long double may add to it
        const double half_step = (std::nextafter(got, HUGE_VAL) - got) / 2;
        REQUIRE(std::fabs(static_cast<long double>(got) - wide) <= static_cast<long double>(half_step) * 1.001L);
    }
}

TEST_CASE("money text loses nothing") {
    const std::pair<std::int64_t, const char*> cases[] = {{0, "0"},
                                                          {1, "0.000001"},
                                                          {-1, "-0.000001"},
                                                          {12'500'000, "12.5"},
                                                          {-3'000'000, "-3"},
                                                          {1'000'100, "1.0001"},
                                                          {10'000'000, "10"},
                                                          {100'000, "0.1"},
                                                          {-53'594'360'000, "-53594.36"}};
    for (const auto& [n, text] : cases) CHECK(to_string(money{n}) == text);
    reference::dice random(12);
    for (int i = 0; i < 20'000; ++i) {
        const auto n = static_cast<std::int64_t>(random.bits()) >> random.between(0, 60);
        if (n == std::numeric_limits<std::int64_t>::min()) continue;
        const auto read = read_money(std::string_view(to_string(money{n})));
        REQUIRE(read);
        REQUIRE(read->millionths == n);
        REQUIRE_FALSE(read->rounded);
    }
    const int128 lowest = -(int128{1} << 126) * 2;
    CHECK(to_string(money{lowest}) == "-170141183460469231731687303715884.105728");
}

TEST_CASE("money adds and orders exactly") {
    const money a{std::numeric_limits<std::int64_t>::max()};
    money sum;
    for (int i = 0; i < 1000; ++i) sum += a;
    CHECK(sum.millionths == int128{a.millionths} * 1000);
    CHECK(sum - a < sum);
    CHECK(money{-1} < money{0});
    CHECK(sum - sum == money{});
}

}  // namespace test_money
