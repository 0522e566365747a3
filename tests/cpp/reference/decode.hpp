#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <lgs_rfm/detail/decoder.hpp>

namespace reference {

/// What a decoder made of a whole column.
struct decoded {
    std::vector<std::int64_t> values;
    std::vector<std::string> ids;  ///< for id roles: the ids as text, "" = missing
    std::int64_t noted = 0;
    bool failed = false;
    lgs_rfm::error_code problem = lgs_rfm::error_code::internal;
    std::int64_t row = -1;
    std::string text;  ///< the value as a message shows it
};

/// Decodes in blocks of `step` rows, as the builder does with its own size.
inline decoded decode(const lgs_rfm::column& source, lgs_rfm::detail::role as, std::int64_t step = 3) {
    lgs_rfm::detail::key_pool pool;
    lgs_rfm::detail::column_decoder decoder(source, as, pool);
    decoded result;
    std::vector<std::uint64_t> block(static_cast<std::size_t>(step));
    const bool ids = as == lgs_rfm::detail::role::required_id || as == lgs_rfm::detail::role::optional_id;
    for (std::int64_t done = 0; done < source.size() && !result.failed;) {
        const std::int64_t wanted = std::min(step, source.size() - done);
        const std::int64_t good = decoder.decode(wanted, block.data());
        for (std::int64_t i = 0; i < good; ++i) {
            const std::uint64_t bits = block[static_cast<std::size_t>(i)];
            result.values.push_back(static_cast<std::int64_t>(bits));
            std::string space;
            if (ids) result.ids.push_back(to_string(pool.at(bits, space)));
        }
        done += good;
        if (good < wanted) {
            lgs_rfm::cell value = decoder.found().value;
            value.text = decoder.found().text;
            result.failed = true;
            result.problem = decoder.found().problem;
            result.row = decoder.found().row;
            result.text = lgs_rfm::detail::show(value);
        }
    }
    result.noted = decoder.noted();
    return result;
}

}  // namespace reference
