#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
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
    friend bool operator==(const decoded&, const decoded&) = default;
};

/// Decodes in blocks of `step` rows, as the builder does with its own size: every row, or only the marked ones, whose
/// values then stand for the rows up to the next mark.
inline decoded decode_one_way(const lgs_rfm::column& source, lgs_rfm::detail::role as, std::int64_t step, bool marked) {
    if (marked) step = std::min(step, lgs_rfm::detail::block::capacity);  // marks are those of one block
    lgs_rfm::detail::key_pool pool;
    lgs_rfm::detail::column_decoder decoder(source, as, pool);
    decoded result;
    std::vector<std::uint64_t> block(static_cast<std::size_t>(step));
    const bool ids = as == lgs_rfm::detail::role::required_id || as == lgs_rfm::detail::role::optional_id;
    for (std::int64_t done = 0; done < source.size() && !result.failed;) {
        const std::int64_t wanted = std::min(step, source.size() - done);
        std::vector<std::int32_t> starts;
        if (marked) {
            lgs_rfm::detail::row_bits marks;
            decoder.mark(wanted, marks);
            marks.for_each(wanted, [&](std::int64_t row) { starts.push_back(static_cast<std::int32_t>(row)); });
            if (starts.empty() || starts[0] != 0) throw std::logic_error("the first row is not marked");
        }
        const std::int64_t good =
            marked ? decoder.decode_at(starts, wanted, block.data()) : decoder.decode(wanted, block.data());
        std::size_t at = 0;
        for (std::int64_t i = 0; i < good; ++i) {
            if (!marked) {
                at = static_cast<std::size_t>(i);
            } else if (at + 1 < starts.size() && starts[at + 1] == i) {
                ++at;
            }
            const std::uint64_t bits = block[at];
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
    // a block is noted as a whole, so the count says something only where every value was good
    result.noted = result.failed ? 0 : decoder.take_noted();
    return result;
}

inline decoded decode(const lgs_rfm::column& source, lgs_rfm::detail::role as, std::int64_t step = 3) {
    const decoded every_row = decode_one_way(source, as, step, false);
    if (!(decode_one_way(source, as, step, true) == every_row)) throw std::logic_error("marked rows decode otherwise");
    return every_row;
}

}  // namespace reference
