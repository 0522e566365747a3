#include <lgs_rfm/detail/decoder.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/decode.hpp"
#include "reference/lines.hpp"
#include "reference/memory.hpp"

namespace test_decoder_numbers {

using lgs_rfm::cell;
using lgs_rfm::column;
using lgs_rfm::column_chunk;
using lgs_rfm::column_type;
using lgs_rfm::error_code;
using lgs_rfm::int128;
using lgs_rfm::detail::role;
using reference::chunk_of;
using reference::decode;

namespace {

using numbers = std::vector<std::int64_t>;
constexpr auto nat = std::numeric_limits<std::int64_t>::min();

template <class T>
void check_whole(column_type type, role as, std::int64_t unit) {
    const std::vector<T> values{1, 1, 0, 127, 5, 5, 5, 100};
    numbers wanted;
    for (const T value : values) wanted.push_back(static_cast<std::int64_t>(value) * unit);
    CAPTURE(to_string(type), static_cast<int>(as));
    CHECK(decode(column(chunk_of(type, values)), as).values == wanted);
    column parts(reference::slice(chunk_of(type, values), 0, 1));
    parts.add(reference::slice(chunk_of(type, values), 1, 7));
    CHECK(decode(parts, as).values == wanted);

    auto with_hole = chunk_of(type, values);
    const auto bits = reference::bitmap({true, true, true, true, false, true, true, true});
    with_hole.validity = bits.data();
    const auto read = decode(column(with_hole), as);
    CHECK(read.problem == error_code::missing_value);
    CHECK(read.row == 4);
    CHECK(decode(column(reference::slice(with_hole, 5, 3)), as).values == numbers(wanted.begin() + 5, wanted.end()));
}

}  // namespace

TEST_CASE("quantities and prices of every number type") {
    for (const auto& [as, unit] :
         {std::pair(role::quantity, std::int64_t{1}), std::pair(role::price, std::int64_t{1'000'000})}) {
        check_whole<std::int8_t>(column_type::int8, as, unit);
        check_whole<std::int16_t>(column_type::int16, as, unit);
        check_whole<std::int32_t>(column_type::int32, as, unit);
        check_whole<std::int64_t>(column_type::int64, as, unit);
        check_whole<std::uint8_t>(column_type::uint8, as, unit);
        check_whole<std::uint16_t>(column_type::uint16, as, unit);
        check_whole<std::uint32_t>(column_type::uint32, as, unit);
        check_whole<std::uint64_t>(column_type::uint64, as, unit);
        check_whole<float>(column_type::float32, as, unit);
        check_whole<double>(column_type::float64, as, unit);
    }
}

TEST_CASE("quantities end at 2^31 - 1") {
    const numbers good{2'147'483'647, -2'147'483'647, 0};
    CHECK(decode(column(good), role::quantity).values == good);
    for (const std::int64_t bad :
         {std::int64_t{2'147'483'648}, std::int64_t{-2'147'483'648}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 32}) {
        const numbers values{1, 1, 1, bad};
        const auto read = decode(column(values), role::quantity);
        CHECK(read.problem == error_code::out_of_range);
        CHECK(read.row == 3);
        CHECK(read.text == std::to_string(bad));
        CHECK(read.values == numbers{1, 1, 1});
        const std::vector<double> doubles{1, static_cast<double>(bad)};
        CHECK(decode(column(doubles), role::quantity).problem == error_code::out_of_range);
    }
    const std::vector<std::uint64_t> large{std::numeric_limits<std::uint64_t>::max()};
    CHECK(decode(column(large), role::quantity).text == "18446744073709551615");
}

TEST_CASE("float quantities must be whole and there") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double inf = std::numeric_limits<double>::infinity();
    struct {
        double value;
        error_code problem;
    } cases[] = {{1.5, error_code::fractional},
                 {nan, error_code::missing_value},
                 {inf, error_code::not_finite},
                 {-inf, error_code::not_finite}};
    for (const auto& each : cases) {
        const std::vector<double> values{6, -12, each.value};
        CHECK(decode(column(values), role::quantity).problem == each.problem);
        CHECK(decode(column(values), role::quantity).row == 2);
    }
}

TEST_CASE("double prices take the fast road and the slow one alike") {
    reference::dice random(21);
    std::vector<double> values(5000);
    for (double& value : values)
        value = std::ldexp(static_cast<double>(random.between(-999'999, 999'999)),
                           static_cast<int>(random.between(-30, 10)));
    values[3] = 2.55;
    std::vector<double> with_large = values;  // beyond 2^51 millionths the block is read value by value
    with_large.push_back(4e9);
    std::int64_t rounded = 0;
    numbers wanted;
    for (const double value : values) {
        const auto read = lgs_rfm::read_money(value);
        REQUIRE(read);
        wanted.push_back(read->millionths);
        rounded += read->rounded ? 1 : 0;
    }
    REQUIRE(rounded > 100);
    const auto fast = decode(column(values), role::price, 2048);
    CHECK(fast.values == wanted);
    CHECK(fast.noted == rounded);
    auto slow = decode(column(with_large), role::price, 10'000);
    CHECK(slow.noted == rounded);
    CHECK(slow.values.back() == 4'000'000'000'000'000);
    slow.values.pop_back();
    CHECK(slow.values == wanted);
}

TEST_CASE("prices that are no money are refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    struct {
        double value;
        error_code problem;
    } cases[] = {{nan, error_code::missing_value},
                 {HUGE_VAL, error_code::not_finite},
                 {-HUGE_VAL, error_code::not_finite},
                 {1e13, error_code::out_of_range}};
    for (const auto& each : cases) {
        const std::vector<double> values{2.1, each.value};
        CHECK(decode(column(values), role::price).problem == each.problem);
        CHECK(decode(column(values), role::price).row == 1);
        const std::vector<float> floats{2.1F, static_cast<float>(each.value)};
        CHECK(decode(column(floats), role::price).problem == each.problem);
    }
    const std::vector<std::int64_t> integers{9'223'372'036'855};
    CHECK(decode(column(integers), role::price).problem == error_code::out_of_range);
    const std::vector<std::uint64_t> unsigneds{std::numeric_limits<std::uint64_t>::max()};
    CHECK(decode(column(unsigneds), role::price).problem == error_code::out_of_range);
}

TEST_CASE("float32 prices are read through their shortest text") {
    const std::vector<float> values{2.55F, 0.1F, 38970.0F, 1e-7F, 16777217.0F};
    const auto read = decode(column(values), role::price);
    CHECK(read.values == numbers{2'550'000, 100'000, 38'970'000'000, 0, 16'777'216'000'000});
    CHECK(read.noted == 1);
}

TEST_CASE("decimal prices of any scale are exact and round to even") {
    const auto read = [](std::int32_t scale, std::vector<int128> values) {
        auto chunk = chunk_of(column_type::decimal128, values);
        chunk.width = scale;
        return decode(column(chunk), role::price);
    };
    CHECK(read(2, {255, -5'359'436, 0}).values == numbers{2'550'000, -53'594'360'000, 0});
    CHECK(read(0, {3}).values == numbers{3'000'000});
    CHECK(read(-3, {3}).values == numbers{3'000'000'000});
    CHECK(read(6, {1, -1}).values == numbers{1, -1});
    const auto halves = read(7, {5, 15, 25, -25, 26, 24, 20});
    CHECK(halves.values == numbers{0, 2, 2, -2, 3, 2, 2});
    CHECK(halves.noted == 6);
    int128 ten38 = 1;
    for (int i = 0; i < 38; ++i) ten38 *= 10;
    CHECK(read(38, {ten38 - 1}).values == numbers{1'000'000});
    CHECK(read(44, {ten38 - 1, -(ten38 / 2) - 1, ten38 / 2}).values == numbers{1, -1, 0});
    CHECK(read(45, {ten38 - 1}).values == numbers{0});
    CHECK(read(45, {ten38 - 1}).noted == 1);
    CHECK(read(100, {1}).values == numbers{0});
    CHECK(read(-2'000'000'000, {0}).values == numbers{0});
    CHECK(read(-2'000'000'000, {1}).problem == error_code::out_of_range);
    CHECK(read(0, {ten38}).problem == error_code::out_of_range);
    CHECK(read(2, {ten38}).text == "100000000000000000000000000000000000000e-2");
    CHECK(read(6, {int128{1} << 63}).problem == error_code::out_of_range);
    CHECK(read(6, {(int128{1} << 63) - 1}).values == numbers{std::numeric_limits<std::int64_t>::max()});
}

TEST_CASE("prices in cells") {
    const std::vector<cell> values{{.what = cell::kind::decimal_text, .text = "2.55"},
                                   {.what = cell::kind::decimal, .scale = 2, .integer = -255},
                                   {.what = cell::kind::real, .real = 2.1},
                                   {.what = cell::kind::integer, .integer = 3},
                                   {.what = cell::kind::decimal_text, .text = "0.00000150"}};
    const auto read = decode(column(values), role::price);
    CHECK(read.values == numbers{2'550'000, -2'550'000, 2'100'000, 3'000'000, 2});
    CHECK(read.noted == 1);
    const std::vector<cell> bad{{.what = cell::kind::text, .text = "2.55"}};
    CHECK(decode(column(bad), role::price).problem == error_code::wrong_type);
    CHECK(decode(column(bad), role::price).text == "'2.55'");
    CHECK(decode(column(bad), role::quantity).problem == error_code::wrong_type);
    CHECK(decode(column(bad), role::moment).problem == error_code::unreadable);
    const std::vector<cell> nan{{.what = cell::kind::real, .real = std::numeric_limits<double>::quiet_NaN()}};
    CHECK(decode(column(nan), role::price).problem == error_code::not_finite);
    const std::vector<cell> none(1);
    for (const role as : {role::price, role::quantity, role::moment, role::required_id}) {
        CHECK(decode(column(none), as).problem == error_code::missing_value);
    }
}

TEST_CASE("moments of every timestamp unit") {
    const auto at = reference::at("2011-12-09 12:50:00");
    const auto read = [](column_type type, const numbers& values) {
        return decode(column(chunk_of(type, values)), role::moment);
    };
    CHECK(read(column_type::timestamp_s, {at / 1'000'000, -1}).values == numbers{at, -1'000'000});
    CHECK(read(column_type::timestamp_ms, {at / 1'000, -1}).values == numbers{at, -1'000});
    CHECK(read(column_type::date64, {at / 1'000, -1}).values == numbers{at, -1'000});
    CHECK(read(column_type::timestamp_us, {at, -1}).values == numbers{at, -1});
    const auto ns = read(column_type::timestamp_ns, {at * 1'000, -1, -1000, 999, at * 1'000 + 1});
    CHECK(ns.values == numbers{at, -1, -1, 0, at});
    CHECK(ns.noted == 3);
    const std::vector<std::int32_t> days{15'317, -1, 0};
    CHECK(decode(column(chunk_of(column_type::date32, days)), role::moment).values ==
          numbers{reference::at("2011-12-09"), -lgs_rfm::micros_per_day, 0});
}

TEST_CASE("NaT is a missing moment") {
    for (const auto type : {column_type::timestamp_s, column_type::timestamp_ms, column_type::timestamp_us,
                            column_type::timestamp_ns, column_type::date64}) {
        const numbers values{5, nat};
        const auto read = decode(column(chunk_of(type, values)), role::moment);
        CHECK(read.problem == error_code::missing_value);
        CHECK(read.row == 1);
    }
}

TEST_CASE("moments outside the calendar are refused") {
    const auto problem = [](column_type type, std::int64_t value) {
        const numbers values{value};
        return decode(column(chunk_of(type, values)), role::moment).problem;
    };
    const auto low = lgs_rfm::min_moment;
    const auto high = lgs_rfm::max_moment;
    CHECK(problem(column_type::timestamp_us, low - 1) == error_code::out_of_range);
    CHECK(problem(column_type::timestamp_us, high + 1) == error_code::out_of_range);
    CHECK(problem(column_type::timestamp_s, std::numeric_limits<std::int64_t>::max()) == error_code::out_of_range);
    CHECK(problem(column_type::timestamp_s, nat + 1) == error_code::out_of_range);
    const numbers edges{low, high};
    CHECK(decode(column(chunk_of(column_type::timestamp_us, edges)), role::moment).values == edges);
    const std::vector<std::int32_t> days{std::numeric_limits<std::int32_t>::min()};
    CHECK(decode(column(chunk_of(column_type::date32, days)), role::moment).problem == error_code::out_of_range);
}

TEST_CASE("moments as text") {
    const std::vector<std::string> texts{"2011-12-09 12:50", "2011-12-09T12:50:00Z", "2011-12-09 12:50:00.1234567"};
    const auto at = reference::at("2011-12-09 12:50:00");
    const auto read = decode(column(texts), role::moment);
    CHECK(read.values == numbers{at, at, at + 123'456});
    CHECK(read.noted == 1);
    struct {
        const char* text;
        error_code problem;
    } cases[] = {{"", error_code::missing_value},
                 {"  ", error_code::missing_value},
                 {"12/9/2011 08:26", error_code::unreadable},
                 {"0001-01-01", error_code::out_of_range},
                 {"2011-12-09 12:50+01:00", error_code::time_zone}};
    for (const auto& each : cases) {
        const std::vector<std::string> values{"2011-12-09", each.text};
        CAPTURE(each.text);
        CHECK(decode(column(values), role::moment).problem == each.problem);
        CHECK(decode(column(values), role::moment).row == 1);
    }
}

TEST_CASE("timestamps of another zone than UTC are refused") {
    const numbers values{nat, 5};
    auto chunk = chunk_of(column_type::timestamp_us, values);
    chunk.type_name = "Europe/London";
    CHECK(decode(column(chunk), role::moment).problem == error_code::missing_value);
    const auto read = decode(column(reference::slice(chunk, 1, 1)), role::moment);
    CHECK(read.problem == error_code::time_zone);
    CHECK(read.text == "Europe/London");
}

TEST_CASE("dictionaries of moments and prices and quantities") {
    const std::vector<std::string> texts{"2011-12-09 00:00:00.0000001", "not used"};
    const std::vector<std::int32_t> rows{0, 0, 0};
    const auto moments =
        decode(column(reference::dictionary_of(column_type::int32, rows, column(texts).chunks()[0])), role::moment);
    CHECK(moments.values == numbers(3, reference::at("2011-12-09")));
    CHECK(moments.noted == 3);
    const std::vector<double> doubles{2.55, HUGE_VAL};
    const auto entries = chunk_of(column_type::float64, doubles);
    CHECK(decode(column(reference::dictionary_of(column_type::int32, rows, entries)), role::price).values ==
          numbers(3, 2'550'000));
    CHECK(decode(column(reference::dictionary_of(column_type::int32, rows, entries)), role::quantity).problem ==
          error_code::fractional);
}

TEST_CASE("which types a role accepts") {
    using lgs_rfm::detail::accepts;
    const auto all = [](role as) {
        std::string names;
        for (int i = 0; i <= static_cast<int>(column_type::other); ++i) {
            const auto type = static_cast<column_type>(i);
            if (accepts(as, type)) names += std::string(to_string(type)) + " ";
        }
        return names;
    };
    const std::string integers = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 ";
    const std::string texts = "string large_string string_view bytes str string string_view object ";
    CHECK(all(role::required_id) == "null " + integers + "float32 float64 " + texts);
    CHECK(all(role::optional_id) == all(role::required_id));
    CHECK(all(role::quantity) == "null " + integers + "float32 float64 object ");
    CHECK(all(role::price) == "null " + integers + "float32 float64 decimal128 object ");
    CHECK(all(role::moment) == "null timestamp[s] timestamp[ms] timestamp[us] timestamp[ns] date32 date64 " + texts);
}

}  // namespace test_decoder_numbers
