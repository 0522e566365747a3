#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/check_lines.hpp>
#include <lgs_rfm/detail/code_ids.hpp>
#include <lgs_rfm/detail/record_array.hpp>

namespace lgs_rfm::detail {

/// A column of ids of any accepted type as an `id_column`: distinct ids in id order, and a code a row. Missing ids stay
/// missing. Throws `error` naming `name` for a value that is no id. O(rows + ids log ids).
[[nodiscard]] inline id_column read_ids(const column& source, const char* name) {
    const ledger_column described{name, &source, role::optional_id, 0};
    check_type(described);
    key_pool pool;
    record_array<id_key> keys;
    column_decoder decoder(source, role::optional_id, pool);
    if (decoder.decode(source.size(), keys.extend(static_cast<std::size_t>(source.size()))) < source.size())
        throw fault_error(described, decoder.found(), 0);
    coded_ids coded = code_ids(std::span<const id_key>(keys), pool);
    return id_column(std::move(coded.ids), std::move(coded.codes));
}

}  // namespace lgs_rfm::detail
