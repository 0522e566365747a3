#include <lgs_rfm/io/write_csv.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"

namespace test_write_csv {

using namespace lgs_rfm;

TEST_CASE("a table becomes CSV: every kind of column, missing values empty", "[write_csv]") {
    table from;
    from.columns.push_back({"n", detail::large_vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 7}});
    from.columns.push_back({"x, y", detail::large_vector<double>{0.1, std::numeric_limits<double>::quiet_NaN()}});
    from.columns.push_back({"amount", detail::large_vector<money>{money{-1}, money{25'000'000}}});
    from.columns.push_back({"at", moment_values{{-1, 0}}});
    from.columns.push_back({"day", date_values{{-1, 15'000}}});
    const auto names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"At \"Risk\""});
    from.columns.push_back({"segment", category_column{{-1, 0}, names}});
    from.columns.push_back({"text", text_values{"=1+1", "-5"}, {1, 0}});
    CHECK(to_csv(from) ==
          "n,\"x, y\",amount,at,day,segment,text\n"
          "-9223372036854775808,0.1,-0.000001,1969-12-31 23:59:59.999999,1969-12-31,,'=1+1\n"
          "7,,25.0,1970-01-01 00:00:00.000000,2011-01-26,\"At \"\"Risk\"\"\",\n");
    CHECK(to_csv(from, csv_formulas::as_it_is).find(",=1+1\n") != std::string::npos);
}

TEST_CASE("rows of CSV are those asked for", "[write_csv]") {
    const table from{{{"n", detail::large_vector<std::int32_t>{1, 2, 3}}}};
    for (std::size_t first = 0; first < 5; ++first) {
        for (std::size_t count = 0; count < 5; ++count) {
            std::string expected;
            for (std::size_t n = first + 1; n <= 3 && n <= first + count; ++n) expected += std::to_string(n) + "\n";
            std::string text;
            csv_writer(from).append_rows(text, first, count);
            CHECK(text == expected);
        }
    }
    CHECK(to_csv(table{}) == "\n");
}

}  // namespace test_write_csv
