#include <lgs_rfm/detail/large_vector.hpp>

#include <cstddef>
#include <fstream>
#include <limits>
#include <string>

#include "catch.hpp"
#include "reference/temp_folder.hpp"

namespace test_large_memory {

using lgs_rfm::detail::group_memory;
using lgs_rfm::detail::large_memory;

TEST_CASE("a control group's memory is what its file says, if it says a number") {
    const reference::temp_folder folder;
    const std::string file = (folder.path / "memory.max").string();
    const auto read = [&](const std::string& text) {
        std::ofstream(file) << text;
        return group_memory(file.c_str());
    };
    constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    CHECK(group_memory((folder.path / "none").string().c_str()) == no_limit);
    CHECK(read("max\n") == no_limit);
    CHECK(read("") == no_limit);
    CHECK(read("2147483648\n") == std::size_t{1} << 31);
    CHECK(read("0\n") == 0);
    CHECK(large_memory::limit() >= std::size_t{1} << 28);
    CHECK(large_memory::limit() <= std::size_t{1} << 31);
}

}  // namespace test_large_memory
