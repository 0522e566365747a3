#include <lgs_rfm/error.hpp>

#include <set>
#include <string>

#include "catch.hpp"

namespace test_error {

using lgs_rfm::error;
using lgs_rfm::error_code;

TEST_CASE("every error code has a name of its own") {
    std::set<std::string> names;
    const int last = static_cast<int>(error_code::internal);
    for (int code = 0; code <= last; ++code) {
        const std::string name = to_string(static_cast<error_code>(code));
        CHECK(name != "unknown");
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        names.insert(name);
    }
    CHECK(names.size() == static_cast<std::size_t>(last) + 1);
    CHECK(std::string(to_string(static_cast<error_code>(last + 1))) == "unknown");
}

TEST_CASE("an error carries code and place and words") {
    const error bad(error_code::fractional, "column quantity, row 7: 1.5 is fractional", "quantity", 7, "1.5");
    CHECK(bad.code() == error_code::fractional);
    CHECK(bad.column() == "quantity");
    CHECK(bad.row() == 7);
    CHECK(bad.value() == "1.5");
    CHECK(std::string(bad.what()) == "column quantity, row 7: 1.5 is fractional");
}

TEST_CASE("an error without a place says so") {
    const error bad(error_code::bad_file, "not ours");
    CHECK(bad.column().empty());
    CHECK(bad.row() == -1);
    CHECK(bad.value().empty());
    CHECK_THROWS_AS(throw error(bad), std::runtime_error);
}

}  // namespace test_error
