#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/column.hpp>

// Memory as foreign libraries lay it out, for columns that are read in place.
namespace reference {

/// A validity bitmap, least significant bit first, after `offset` bits that are all wrong.
inline std::vector<std::uint8_t> bitmap(const std::vector<bool>& present, std::size_t offset = 0) {
    std::vector<std::uint8_t> bytes((present.size() + offset + 7) / 8);
    const auto set = [&](std::size_t i) { bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 1U << (i % 8)); };
    for (std::size_t i = 0; i < offset; ++i) {
        if (i >= present.size() || !present[i]) set(i);
    }
    for (std::size_t i = 0; i < present.size(); ++i) {
        if (present[i]) set(offset + i);
    }
    return bytes;
}

/// Arrow's string (int32) or large_string (int64): one buffer of bytes and where each text ends.
template <class Offset>
struct offset_texts {
    explicit offset_texts(const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            bytes += text;
            offsets.push_back(static_cast<Offset>(bytes.size()));
        }
    }
    [[nodiscard]] lgs_rfm::column_chunk chunk() const {
        return {.type = sizeof(Offset) == 4 ? lgs_rfm::column_type::utf8 : lgs_rfm::column_type::large_utf8,
                .length = static_cast<std::int64_t>(offsets.size()) - 1,
                .data = bytes.data(),
                .offsets = offsets.data()};
    }
    std::vector<Offset> offsets{0};
    std::string bytes;
};

/// Arrow's string views; long texts go to two data buffers in turn.
struct view_texts {
    explicit view_texts(const std::vector<std::string>& texts) {
        std::int32_t turn = 0;
        for (const std::string& text : texts) {
            char view[16] = {};
            const auto length = static_cast<std::int32_t>(text.size());
            std::memcpy(view, &length, 4);
            if (length <= 12) {
                std::memcpy(view + 4, text.data(), text.size());
            } else {
                std::string& buffer = buffers[static_cast<std::size_t>(turn)];
                const auto begin = static_cast<std::int32_t>(buffer.size());
                std::memcpy(view + 4, text.data(), 4);
                std::memcpy(view + 8, &turn, 4);
                std::memcpy(view + 12, &begin, 4);
                buffer += text;
                turn = 1 - turn;
            }
            views.insert(views.end(), view, view + 16);
        }
    }
    [[nodiscard]] lgs_rfm::column_chunk chunk() {
        pointers[0] = buffers[0].data();
        pointers[1] = buffers[1].data();
        return {.type = lgs_rfm::column_type::utf8_view,
                .length = static_cast<std::int64_t>(views.size() / 16),
                .data = views.data(),
                .offsets = pointers};
    }
    std::vector<char> views;
    std::string buffers[2];
    const void* pointers[2] = {};
};

/// numpy's S (bytes) and U (UCS-4) arrays: texts padded with zeros to one width.
template <class Char>
struct fixed_texts {
    explicit fixed_texts(const std::vector<std::basic_string<Char>>& texts) : rows(texts.size()) {
        for (const auto& text : texts) width = std::max(width, text.size());
        for (auto text : texts) {
            text.resize(width);
            values += text;
        }
    }
    [[nodiscard]] lgs_rfm::column_chunk chunk() const {
        return {.type = sizeof(Char) == 1 ? lgs_rfm::column_type::fixed_bytes : lgs_rfm::column_type::fixed_ucs4,
                .width = static_cast<std::int32_t>(width * sizeof(Char)),
                .length = static_cast<std::int64_t>(rows),
                .data = values.data()};
    }
    std::size_t rows;
    std::size_t width = 1;
    std::basic_string<Char> values;
};

/// A chunk of plain numbers.
template <class T>
lgs_rfm::column_chunk chunk_of(lgs_rfm::column_type type, const std::vector<T>& values) {
    return {.type = type, .length = static_cast<std::int64_t>(values.size()), .data = values.data()};
}

/// A dictionary chunk: rows are indices of an integer type into `entries`.
template <class Index>
lgs_rfm::column_chunk dictionary_of(lgs_rfm::column_type index_type, const std::vector<Index>& rows,
                                    lgs_rfm::column_chunk entries) {
    lgs_rfm::column_chunk chunk = chunk_of(lgs_rfm::column_type::dictionary, rows);
    chunk.index_type = index_type;
    chunk.dictionary = std::make_shared<const lgs_rfm::column_chunk>(std::move(entries));
    return chunk;
}

/// The rows [skip, skip + length) of a chunk, as a slice shares its memory.
inline lgs_rfm::column_chunk slice(lgs_rfm::column_chunk chunk, std::int64_t skip, std::int64_t length) {
    chunk.offset += skip;
    chunk.length = length;
    return chunk;
}

}  // namespace reference
