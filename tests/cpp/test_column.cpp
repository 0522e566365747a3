#include <lgs_rfm/column.hpp>
#include <lgs_rfm/lines.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/memory.hpp"

namespace test_column {

using lgs_rfm::cell;
using lgs_rfm::column;
using lgs_rfm::column_type;
using lgs_rfm::column_view;
using lgs_rfm::moment_column;

namespace {

template <class T>
column_type type_of() {
    const std::vector<T> values(3);
    const column made(values);
    REQUIRE(made.chunks().size() == 1);
    CHECK(made.chunks()[0].data == values.data());  // read in place
    CHECK(made.size() == 3);
    CHECK(made.present());
    return made.chunks()[0].type;
}

template <class R>
constexpr bool makes_column = std::is_constructible_v<column, R>;

}  // namespace

TEST_CASE("a column takes the type of its values and copies none") {
    CHECK(type_of<std::int8_t>() == column_type::int8);
    CHECK(type_of<std::int16_t>() == column_type::int16);
    CHECK(type_of<std::int32_t>() == column_type::int32);
    CHECK(type_of<std::int64_t>() == column_type::int64);
    CHECK(type_of<long long>() == column_type::int64);
    CHECK(type_of<std::uint8_t>() == column_type::uint8);
    CHECK(type_of<std::uint16_t>() == column_type::uint16);
    CHECK(type_of<std::uint32_t>() == column_type::uint32);
    CHECK(type_of<std::uint64_t>() == column_type::uint64);
    CHECK(type_of<float>() == column_type::float32);
    CHECK(type_of<double>() == column_type::float64);
    CHECK(type_of<std::string>() == column_type::strings);
    CHECK(type_of<std::string_view>() == column_type::string_views);
    CHECK(type_of<cell>() == column_type::cells);
    CHECK(type_of<std::chrono::sys_seconds>() == column_type::timestamp_s);
    CHECK(type_of<std::chrono::sys_time<std::chrono::microseconds>>() == column_type::timestamp_us);
}

TEST_CASE("only memory that outlives the column makes one") {
    STATIC_REQUIRE(makes_column<std::vector<double>&>);
    STATIC_REQUIRE(makes_column<const std::vector<double>&>);
    STATIC_REQUIRE(makes_column<std::span<const double>>);
    STATIC_REQUIRE(makes_column<std::array<int, 3>&>);
    STATIC_REQUIRE_FALSE(makes_column<std::vector<double>>);  // gone at the end of the expression
    STATIC_REQUIRE_FALSE(makes_column<std::vector<bool>&>);
    STATIC_REQUIRE_FALSE(makes_column<std::string&>);
    STATIC_REQUIRE_FALSE(makes_column<std::vector<long double>&>);
    STATIC_REQUIRE_FALSE(makes_column<std::vector<void*>&>);
}

TEST_CASE("plain int64 are moments in the column of moments only") {
    const std::vector<std::int64_t> values{1, 2};
    CHECK(column(values).chunks()[0].type == column_type::int64);
    CHECK(moment_column(values).chunks()[0].type == column_type::timestamp_us);
    const std::vector<std::string> texts{"2011-12-09"};
    CHECK(moment_column(texts).chunks()[0].type == column_type::strings);
    const std::vector<std::int32_t> days{1};
    CHECK(moment_column(column(reference::chunk_of(column_type::date32, days))).chunks()[0].type ==
          column_type::date32);
}

TEST_CASE("a view brings its validity") {
    const std::vector<double> values{1, 2, 3};
    const auto bits = reference::bitmap({true, false, true}, 5);
    const column made(column_view<double>{values, bits, 5});
    REQUIRE(made.size() == 3);
    const auto& chunk = made.chunks()[0];
    CHECK(chunk.validity == bits.data());
    CHECK(static_cast<const double*>(chunk.data) + chunk.offset == values.data());
    CHECK(chunk.offset == 5);
    const column plain(column_view<double>{values});
    CHECK(plain.chunks()[0].validity == nullptr);
    CHECK(plain.chunks()[0].data == values.data());
}

TEST_CASE("a column may have several chunks of several types") {
    const std::vector<std::int64_t> wide{1, 2};
    const std::vector<std::int8_t> narrow{3};
    column made(wide);
    made.add(reference::chunk_of(column_type::int8, narrow));
    CHECK(made.size() == 3);
    CHECK(made.chunks().size() == 2);
}

TEST_CASE("a column that is not given differs from one without rows") {
    CHECK_FALSE(column().present());
    CHECK(column().size() == 0);
    column marked;
    marked.mark_present();
    CHECK(marked.present());
    CHECK(marked.chunks().empty());
    const std::vector<double> none;
    CHECK(column(none).present());
}

TEST_CASE("every column type has a name") {
    for (int i = 0; i <= static_cast<int>(column_type::other); ++i) {
        CHECK_FALSE(std::string(to_string(static_cast<column_type>(i))).empty());
    }
    CHECK(std::string(to_string(column_type::other)) == "other");
    CHECK(std::string(to_string(column_type::decimal128)) == "decimal128");
    CHECK(std::string(to_string(column_type::timestamp_ns)) == "timestamp[ns]");
    CHECK(std::string(to_string(column_type::date32)) == "date32");
}

TEST_CASE("lines are as long as their columns") {
    const std::vector<double> three(3);
    const std::vector<std::int64_t> moments(3);
    CHECK(lgs_rfm::invoice_lines{}.size() == 0);
    CHECK(lgs_rfm::invoice_lines{.unit_price = three}.size() == 3);
    CHECK(lgs_rfm::invoice_lines{.country = three}.size() == 3);
    CHECK(lgs_rfm::invoice_lines{.invoice_date = moments}.size() == 3);
}

TEST_CASE("every column of the lines is listed by its name") {
    lgs_rfm::invoice_lines lines;
    std::set<std::string> names;
    std::set<const void*> columns;
    for (const auto& entry : lgs_rfm::line_columns) {
        names.insert(entry.name);
        columns.insert(&entry.of(lines));
        CHECK(&entry.get(lines) == &entry.of(lines));
    }
    CHECK(names == std::set<std::string>{"invoice", "stock_code", "description", "quantity", "invoice_date",
                                         "unit_price", "customer_id", "country", "amount"});
    CHECK(columns.size() == 9);
}

}  // namespace test_column
