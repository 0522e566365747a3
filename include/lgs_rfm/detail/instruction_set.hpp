#pragma once

#include <cstdlib>
#include <string_view>

/// Marks a function that is compiled for one instruction set whatever the compiler's default target is; it may only be
/// called where `runs_on` says so. Other processors and compilers have the plain bodies alone.
#if defined(__x86_64__) && defined(__GNUC__)
#define LGS_RFM_HAS_VECTORS 1
#define LGS_RFM_AVX2 [[gnu::target("avx2")]]
#define LGS_RFM_AVX512 [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2")]]
#else
#define LGS_RFM_HAS_VECTORS 0
#define LGS_RFM_AVX2
#define LGS_RFM_AVX512
#endif

namespace lgs_rfm::detail {

/// From the smallest to the largest: a processor with one has those before it too.
enum class instruction_set { scalar, avx2, avx512 };

/// Whether the processor has an instruction set.
[[nodiscard]] inline bool processor_has(instruction_set set) noexcept {
#if LGS_RFM_HAS_VECTORS
    switch (set) {
        case instruction_set::scalar: return true;
        case instruction_set::avx2: return __builtin_cpu_supports("avx2") != 0;
        case instruction_set::avx512:
            return processor_has(instruction_set::avx2) && __builtin_cpu_supports("avx512f") != 0 &&
                   __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                   __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
                   __builtin_cpu_supports("bmi2") != 0;
    }
#endif
    return set == instruction_set::scalar;
}

/// The best one that this processor has. The environment variable LGS_RFM_INSTRUCTION_SET=scalar, or avx2, read once,
/// keeps the library to no more than that, so that tests can compare them; answers never depend on it.
[[nodiscard]] inline instruction_set best_instruction_set() noexcept {
    static const instruction_set best = [] {
        const char* const forced = std::getenv("LGS_RFM_INSTRUCTION_SET");
        const std::string_view most = forced != nullptr ? forced : "";
        if (most == "scalar") return instruction_set::scalar;
        if (most != "avx2" && processor_has(instruction_set::avx512)) return instruction_set::avx512;
        return processor_has(instruction_set::avx2) ? instruction_set::avx2 : instruction_set::scalar;
    }();
    return best;
}

/// Whether code for an instruction set may run.
[[nodiscard]] inline bool runs_on(instruction_set set) noexcept { return best_instruction_set() >= set; }

/// Runs a body, a stateless lambda marked always_inline, compiled for AVX2 where the processor has it.
template <class Body, class... Arguments>
LGS_RFM_AVX2 auto run_avx2(Body body, Arguments... arguments) {
    return body(arguments...);
}
template <class Body, class... Arguments>
auto run_best(Body body, Arguments... arguments) {
    return runs_on(instruction_set::avx2) ? run_avx2(body, arguments...) : body(arguments...);
}

}  // namespace lgs_rfm::detail
