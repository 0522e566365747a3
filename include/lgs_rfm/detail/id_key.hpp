#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include <lgs_rfm/id.hpp>

namespace lgs_rfm::detail {

/// A packed id, 64 bits, equal exactly when the ids are equal:
/// - 0..: an integer in [-2^61, 2^61), biased, so keys order as the integers do;
/// - 01..: a text of up to seven bytes, big-endian, then its length: keys order as the bytes do;
/// - 10..: any other id, as its position in a `key_pool`;
/// - all ones: missing.
/// Nearly every real id packs without a look-up, so a kernel compares and hashes 64-bit numbers only.
using id_key = std::uint64_t;

inline constexpr id_key missing_key = ~id_key{0};
inline constexpr id_key text_tag = id_key{1} << 62;
inline constexpr id_key pool_tag = id_key{2} << 62;
inline constexpr std::int64_t integer_bias = std::int64_t{1} << 61;
inline constexpr std::size_t short_text = 7;

[[nodiscard]] constexpr bool is_pooled(id_key key) noexcept { return key >> 62 == 2; }
[[nodiscard]] constexpr bool packs(std::int64_t value) noexcept {
    return value >= -integer_bias && value < integer_bias;
}
[[nodiscard]] constexpr id_key key_of_integer(std::int64_t value) noexcept {
    return static_cast<id_key>(value) + static_cast<id_key>(integer_bias);
}

/// The first byte of a text key, 0 for other kinds: invoice prefixes are looked up by it.
[[nodiscard]] constexpr unsigned char first_byte(id_key key) noexcept {
    return key >> 62 == 1 ? static_cast<unsigned char>(key >> 51) : 0;
}

/// The key of a text that packs, without a pool: decimal integers of up to 18 digits, other texts of up to seven bytes.
/// `missing_key` for blank and for longer text, which need a closer look.
[[nodiscard]] inline id_key short_key(std::string_view text) noexcept {
    if (text.empty() || text.size() > 18) return missing_key;
    std::int64_t value = 0;
    const std::size_t sign = text.front() == '-' ? 1 : 0;
    std::size_t at = sign;
    for (; at < text.size(); ++at) {
        const auto digit = static_cast<unsigned>(text[at]) - '0';
        if (digit > 9) break;
        value = value * 10 + static_cast<std::int64_t>(digit);
    }
    const bool digits_only = at == text.size() && at > sign;
    if (digits_only && (text[sign] != '0' || text.size() == 1)) return key_of_integer(sign != 0 ? -value : value);
    if (text.size() > short_text || is_blank(text)) return missing_key;
    id_key bytes = 0;
    for (const char c : text) bytes = bytes << 8 | static_cast<unsigned char>(c);
    return text_tag | bytes << (8 * (short_text - text.size()) + 3) | text.size();
}

/// Ids that do not pack, each held once. Keys and views stay valid while the pool lives; it only grows.
class key_pool {
public:
    key_pool() = default;
    key_pool(const key_pool&) = delete;
    key_pool& operator=(const key_pool&) = delete;

    [[nodiscard]] id_key key(std::int64_t value) {
        return packs(value) ? key_of_integer(value) : pooled(std::to_string(value));
    }

    [[nodiscard]] id_key key(std::string_view text) {
        const id_key packed = short_key(text);
        if (packed != missing_key) return packed;
        const id_view id(text);
        return id.is_integer() ? key(id.integer()) : id.is_missing() ? missing_key : pooled(text);
    }

    [[nodiscard]] id_key key(const id_view& id) {
        return id.is_integer() ? key(id.integer()) : id.is_text() ? key(id.text()) : missing_key;
    }

    /// The id behind a key. Short texts live in `space`, which the caller keeps as long as the view.
    [[nodiscard]] id_view at(id_key key, std::string& space) const {
        if (key == missing_key) {
            return {};
        }
        if (is_pooled(key)) {
            return {std::string_view(texts_[key & ~pool_tag])};
        }
        if (key >> 62 == 0) {
            return {static_cast<std::int64_t>(key - static_cast<id_key>(integer_bias))};
        }
        space.clear();
        for (std::size_t i = 0; i < (key & 7U); ++i) {
            space.push_back(static_cast<char>(key >> (51 - 8 * i)));
        }
        return {std::string_view(space)};
    }

    [[nodiscard]] unsigned char first_byte_of(id_key key) const noexcept {
        return is_pooled(key) ? static_cast<unsigned char>(texts_[key & ~pool_tag].front()) : first_byte(key);
    }

    /// Id order. Packed keys of one kind order as numbers; only pooled ids need their text.
    [[nodiscard]] bool less(id_key a, id_key b) const {
        if (!is_pooled(a) && !is_pooled(b)) {
            return a < b;
        }
        std::string space_a;
        std::string space_b;
        return at(a, space_a) < at(b, space_b);
    }

    [[nodiscard]] bool empty() const noexcept { return texts_.empty(); }

private:
    [[nodiscard]] id_key pooled(std::string_view text) {
        const auto found = positions_.find(text);
        if (found != positions_.end()) {
            return pool_tag | found->second;
        }
        const std::string& kept = texts_.emplace_back(text);
        positions_.emplace(std::string_view(kept), texts_.size() - 1);
        return pool_tag | (texts_.size() - 1);
    }

    std::deque<std::string> texts_;  // a deque: its elements never move, so the map may view them
    std::unordered_map<std::string_view, std::uint64_t> positions_;
};

}  // namespace lgs_rfm::detail
