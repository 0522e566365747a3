#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/run_pieces.hpp>

namespace lgs_rfm::detail {

/// The keys of some rows: an array of them, or one of the keys of each of some runs.
class key_rows {
public:
    key_rows(std::span<const id_key> keys) { add(keys.data(), keys.size(), 1); }  // NOLINT: a view of them
    key_rows(std::span<const run_keys> runs, id_key run_keys::* which) { add(runs, which); }
    key_rows(const run_pieces& runs, id_key run_keys::* which) {
        for (const run_pieces::piece& each : runs) add(each.runs.keys, which);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `visit(i, key)` for every `step`-th of rows [begin, end), in order.
    template <class Visit>
    [[gnu::always_inline]] void for_each(std::size_t begin, std::size_t end, Visit visit, std::size_t step = 1) const {
        if (begin == end) return;
        const std::size_t keys_a_step = step * stride_;
        for (auto of = piece_with(pieces_, begin); begin < end; ++of) {
            const std::size_t stop = std::min(end, of->begin + of->size);
            const id_key* key = of->first + (begin - of->begin) * stride_;
            for (; begin < stop; begin += step, key += keys_a_step) visit(begin, *key);
        }
    }

private:
    struct piece {
        std::size_t begin;
        std::size_t size;
        const id_key* first;
    };

    void add(std::span<const run_keys> runs, id_key run_keys::* which) {
        if (!runs.empty()) add(&(runs.front().*which), runs.size(), sizeof(run_keys) / sizeof(id_key));
    }
    void add(const id_key* first, std::size_t count, std::size_t stride) {
        pieces_.push_back({size_, count, first});
        size_ += count;
        stride_ = stride;
    }

    std::vector<piece> pieces_;
    std::size_t size_ = 0;
    std::size_t stride_ = 1;
};

}  // namespace lgs_rfm::detail
