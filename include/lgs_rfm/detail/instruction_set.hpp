#pragma once

#include <cstdlib>
#include <string_view>

/// Marks a function that is compiled for AVX2 whatever the compiler's default target is; it may only be called where
/// `best_instruction_set()` says so. Other processors and compilers have the plain bodies alone.
#if defined(__x86_64__) && defined(__GNUC__)
#define LGS_RFM_HAS_AVX2 1
#define LGS_RFM_AVX2 [[gnu::target("avx2")]]
#else
#define LGS_RFM_HAS_AVX2 0
#define LGS_RFM_AVX2
#endif

namespace lgs_rfm::detail {

enum class instruction_set { scalar, avx2 };

/// The best one that this processor has. The environment variable LGS_RFM_INSTRUCTION_SET=scalar, read once, keeps the
/// library to the plain bodies, so that tests can compare both; answers never depend on it.
[[nodiscard]] inline instruction_set best_instruction_set() noexcept {
    static const instruction_set best = [] {
        const char* const forced = std::getenv("LGS_RFM_INSTRUCTION_SET");
        if (forced != nullptr && std::string_view(forced) == "scalar") return instruction_set::scalar;
#if LGS_RFM_HAS_AVX2
        if (__builtin_cpu_supports("avx2") != 0) return instruction_set::avx2;
#endif
        return instruction_set::scalar;
    }();
    return best;
}

/// Runs a body, a stateless lambda marked always_inline, compiled for AVX2 where the processor has it.
template <class Body, class... Arguments>
LGS_RFM_AVX2 auto run_avx2(Body body, Arguments... arguments) {
    return body(arguments...);
}
template <class Body, class... Arguments>
auto run_best(Body body, Arguments... arguments) {
    return best_instruction_set() == instruction_set::avx2 ? run_avx2(body, arguments...) : body(arguments...);
}

}  // namespace lgs_rfm::detail
