#pragma once

#include <cstddef>
#include <cstring>

#include <lgs_rfm/detail/instruction_set.hpp>

#if LGS_RFM_HAS_VECTORS
#include <emmintrin.h>
#endif

namespace lgs_rfm::detail {

/// Copies whole lines of cache to memory that is read much later, past the caches: a plain store would wait for each
/// line to be fetched first. Both aligned to 64 bytes, `size` a multiple of it. Other threads see what was written
/// after `finish_streams`.
inline void stream_lines(void* to, const void* from, std::size_t size) noexcept {
#if LGS_RFM_HAS_VECTORS
    for (std::size_t at = 0; at < size; at += sizeof(__m128i)) {
        _mm_stream_si128(reinterpret_cast<__m128i*>(static_cast<char*>(to) + at),
                         _mm_load_si128(reinterpret_cast<const __m128i*>(static_cast<const char*>(from) + at)));
    }
#else
    std::memcpy(to, from, size);
#endif
}

inline void finish_streams() noexcept {
#if LGS_RFM_HAS_VECTORS
    _mm_sfence();
#endif
}

}  // namespace lgs_rfm::detail
