#include "python_objects.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/block.hpp>
#include <lgs_rfm/detail/equal_texts.hpp>
#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/detail/mark.hpp>
#include <lgs_rfm/detail/row_bits.hpp>
#include <lgs_rfm/detail/thread_pool.hpp>

#include "python_cell.hpp"

namespace lgs_rfm::python {
namespace {

using object_span = std::span<PyObject* const>;

bool is_plain_text(PyObject* object) {
    return object != nullptr && PyUnicode_CheckExact(object) && PyUnicode_IS_COMPACT_ASCII(object);
}

/// Such a text stands behind its header; asking for it through Python's macros looks again at what kind it is.
std::string_view plain_text(PyObject* object) {
    const auto* const header = reinterpret_cast<const PyASCIIObject*>(object);
    return {reinterpret_cast<const char*>(header + 1), static_cast<std::size_t>(header->length)};
}

/// Whether two objects are the same one, or plain texts or floats that are equal: frames often hold each row's value as
/// an object of its own.
bool is_same(PyObject* a, PyObject* b) {
    if (a == b) return true;
    if (is_plain_text(a) && is_plain_text(b)) {
        const std::string_view x = plain_text(a);
        const std::string_view y = plain_text(b);
        return x.size() == y.size() && detail::equal_texts(x.data(), y.data(), x.size());  // headers are before them
    }
    return a != nullptr && b != nullptr && PyFloat_CheckExact(a) && PyFloat_CheckExact(b) &&
           std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(a)) == std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(b));
}

/// The runs of one value in a stretch of the rows.
struct stretch {
    std::size_t begin = 0;  ///< its rows
    std::size_t end = 0;
    std::vector<std::int32_t> starts;  ///< the row at which each run begins
    std::size_t runs_before = 0;       ///< in the stretches before
    std::size_t bytes = 0;             ///< of the runs' texts
    std::size_t bytes_before = 0;
    bool only_texts = true;
};

/// Objects lie anywhere in memory: those to be looked at soon are asked for.
constexpr std::size_t ahead = 16;

/// Finds a stretch's runs. Reads memory of the objects, and counts no references, so that several threads may do it
/// while one has the GIL.
void find_runs(object_span all, stretch& of) {
    std::vector<std::size_t> others;  // the rows of a block whose object is not that of the row before
    for (std::size_t begin = of.begin; begin < of.end; begin += detail::block::capacity) {
        const std::size_t rows = std::min<std::size_t>(detail::block::capacity, of.end - begin);
        detail::row_bits marks;
        detail::mark_fixed<std::uintptr_t>(all.data(), static_cast<std::int64_t>(begin),
                                           static_cast<std::int64_t>(rows), 0, marks);
        others.clear();
        marks.for_each(static_cast<std::int64_t>(rows),
                       [&](std::int64_t row) { others.push_back(begin + static_cast<std::size_t>(row)); });
        for (std::size_t k = 0; k < others.size(); ++k) {
            if (k + ahead < others.size()) __builtin_prefetch(all[others[k + ahead]]);
            const std::size_t row = others[k];
            if (row > of.begin && is_same(all[row], all[row - 1])) continue;
            of.starts.push_back(static_cast<std::int32_t>(row));
            if (is_plain_text(all[row])) {
                of.bytes += plain_text(all[row]).size();
            } else {
                of.only_texts = false;
            }
        }
    }
}

/// Numbers a stretch's rows by their runs.
void number_rows(const stretch& of, std::int32_t* run_of) {
    auto run = static_cast<std::int32_t>(of.runs_before);
    for (std::size_t k = 0; k < of.starts.size(); ++k, ++run) {
        const std::size_t end = k + 1 < of.starts.size() ? static_cast<std::size_t>(of.starts[k + 1]) : of.end;
        std::fill(run_of + of.starts[k], run_of + end, run);
    }
}

/// What the column views.
struct memory {
    detail::large_vector<std::int32_t> run_of;  ///< of each row
    // the value of each run: texts, or
    detail::large_vector<std::int64_t> offsets;
    detail::large_vector<char> bytes;
    // cells, whose reader has references to what they view
    std::vector<cell> cells;
    cell_reader reader;
};

column_chunk texts_of(object_span all, std::span<const stretch> stretches, memory& to) {
    const stretch& last = stretches.back();
    const std::size_t runs = last.runs_before + last.starts.size();
    to.offsets = detail::unwritten<std::int64_t>(runs + 1);
    to.bytes = detail::unwritten<char>(last.bytes_before + last.bytes);
    detail::thread_pool::run(stretches.size(), detail::threads_for(all.size()), [&](std::size_t which) {
        const stretch& of = stretches[which];
        std::int64_t* offset = to.offsets.data() + of.runs_before;
        char* at = to.bytes.data() + of.bytes_before;
        for (std::size_t k = 0; k < of.starts.size(); ++k) {
            if (k + ahead < of.starts.size()) __builtin_prefetch(all[static_cast<std::size_t>(of.starts[k + ahead])]);
            *offset++ = at - to.bytes.data();
            const std::string_view text = plain_text(all[static_cast<std::size_t>(of.starts[k])]);
            at = std::copy(text.begin(), text.end(), at);
        }
    });
    to.offsets[runs] = static_cast<std::int64_t>(to.bytes.size());
    return {.type = column_type::large_utf8,
            .length = static_cast<std::int64_t>(runs),
            .data = to.bytes.data(),
            .offsets = to.offsets.data()};
}

column_chunk cells_of(object_span all, std::span<const stretch> stretches, memory& to) {
    for (const stretch& of : stretches) {
        for (const std::int32_t row : of.starts) to.cells.push_back(to.reader.read(all[static_cast<std::size_t>(row)]));
    }
    return {.type = column_type::cells, .length = static_cast<std::int64_t>(to.cells.size()), .data = to.cells.data()};
}

}  // namespace

python_column column_from_objects(const py::array& array) {
    const object_span all(static_cast<PyObject* const*>(array.data()), static_cast<std::size_t>(array.size()));
    auto held = std::make_shared<memory>();
    held->run_of = detail::unwritten<std::int32_t>(all.size());
    const unsigned threads = detail::threads_for(all.size());
    std::vector<stretch> stretches(detail::stretches_of(all.size(), threads));
    detail::for_each_stretch(all.size(), threads, [&](std::size_t which, std::size_t begin, std::size_t end) {
        stretches[which].begin = begin;
        stretches[which].end = end;
        find_runs(all, stretches[which]);
    });
    bool only_texts = true;
    for (std::size_t which = 0; which < stretches.size(); ++which) {
        only_texts = only_texts && stretches[which].only_texts;
        if (which == 0) continue;
        const stretch& before = stretches[which - 1];
        stretches[which].runs_before = before.runs_before + before.starts.size();
        stretches[which].bytes_before = before.bytes_before + before.bytes;
    }
    detail::thread_pool::run(stretches.size(), threads,
                             [&](std::size_t which) { number_rows(stretches[which], held->run_of.data()); });
    column_chunk values = only_texts ? texts_of(all, stretches, *held) : cells_of(all, stretches, *held);
    python_column result;
    result.holds_text = only_texts && !all.empty();
    for (const cell& value : held->cells) {
        result.holds_text = result.holds_text || value.what == cell::kind::text;
        result.holds_numbers =
            result.holds_numbers || value.what == cell::kind::integer || value.what == cell::kind::real;
    }
    result.values.add({.type = column_type::dictionary,
                       .index_type = column_type::int32,
                       .length = static_cast<std::int64_t>(all.size()),
                       .data = held->run_of.data(),
                       .dictionary = std::make_shared<const column_chunk>(std::move(values))});
    // Cells have references to the strings that they view; these are given back under the GIL.
    void* const memory_of_all = held.get();
    result.owner = {memory_of_all, [held](void*) mutable {
                        if (Py_IsInitialized() == 0) return;
                        const py::gil_scoped_acquire gil;
                        held.reset();
                    }};
    return result;
}

}  // namespace lgs_rfm::python
