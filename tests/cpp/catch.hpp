#pragma once

// Catch2 2.13 and 3 behind one include; CMake says which one it found.
#if LGS_RFM_CATCH2_MAJOR == 2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
#endif

namespace Catch::Matchers {

#if LGS_RFM_CATCH2_MAJOR == 2
// The name that version 3 gave to the text matcher.
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
#endif

}  // namespace Catch::Matchers
