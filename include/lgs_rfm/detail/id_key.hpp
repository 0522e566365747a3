#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <lgs_rfm/id.hpp>

namespace lgs_rfm::detail {

/// A packed id, 64 bits, equal exactly when the ids are equal:
/// - 00..: an integer in [-2^61, 2^61), biased, so keys order as the integers do;
/// - 01..: a text of up to ten ASCII letters, digits and "-", six bits each from the top: keys order as the bytes do;
/// - 10..: any other id, as its position in a `key_pool`;
/// - all ones: missing.
/// Nearly every real id packs without a look-up, so a kernel compares and hashes 64-bit numbers only.
using id_key = std::uint64_t;

inline constexpr id_key missing_key = ~id_key{0};
inline constexpr id_key text_tag = id_key{1} << 62;
inline constexpr id_key pool_tag = id_key{2} << 62;
inline constexpr std::int64_t integer_bias = std::int64_t{1} << 61;
inline constexpr std::size_t short_text = 10;
inline constexpr int symbol_bits = 6;

[[nodiscard]] constexpr bool is_pooled(id_key key) noexcept { return key >> 62 == 2; }
[[nodiscard]] constexpr bool is_short_text(id_key key) noexcept { return key >> 62 == 1; }
[[nodiscard]] constexpr bool packs(std::int64_t value) noexcept {
    return value >= -integer_bias && value < integer_bias;
}
[[nodiscard]] constexpr id_key key_of_integer(std::int64_t value) noexcept {
    return static_cast<id_key>(value) + static_cast<id_key>(integer_bias);
}

/// The characters of short texts, in byte order; their number is their place. 0 stands for the end.
inline constexpr std::array<char, 65> symbols{"\0-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"};
inline constexpr auto symbol_numbers = [] {
    std::array<std::uint8_t, 256> numbers{};
    for (std::size_t i = 1; i + 1 < symbols.size(); ++i) {
        numbers[static_cast<unsigned char>(symbols[i])] = static_cast<std::uint8_t>(i);
    }
    return numbers;
}();

/// The character `i` of a short text's key; 0 after its end.
[[nodiscard]] constexpr char symbol_at(id_key key, std::size_t i) noexcept {
    return symbols[key >> (symbol_bits * (short_text - 1 - i)) & 63U];
}

/// The first byte of a text key, 0 for other kinds: invoice prefixes are looked up by it.
[[nodiscard]] constexpr unsigned char first_byte(id_key key) noexcept {
    return is_short_text(key) ? static_cast<unsigned char>(symbol_at(key, 0)) : 0;
}

/// The key of a text that is no integer, or `missing_key` when it is too long or has other characters.
[[nodiscard]] constexpr id_key key_of_short_text(std::string_view text) noexcept {
    if (text.empty() || text.size() > short_text) return missing_key;
    id_key key = 0;
    bool packs = true;
    for (const char c : text) {
        const std::uint8_t number = symbol_numbers[static_cast<unsigned char>(c)];
        packs = packs && number != 0;
        key = key << symbol_bits | number;
    }
    return packs ? text_tag | key << (static_cast<std::size_t>(symbol_bits) * (short_text - text.size())) : missing_key;
}

/// Eight decimal digits, the first in the lowest byte, as a number; empty when a byte is no digit. Digits become
/// numbers of two, four and eight of them by a multiplication each (D. Lemire's blog, "Quickly parsing eight digits",
/// 2018).
[[nodiscard]] constexpr std::optional<std::int64_t> eight_digits(std::uint64_t text) noexcept {
    constexpr std::uint64_t high = 0xF0F0F0F0F0F0F0F0U;
    constexpr std::uint64_t zeros = 0x3030303030303030U;
    if ((text & high) != zeros || ((text + 0x0606060606060606U) & high) != zeros) return std::nullopt;
    text = ((text & 0x0F0F0F0F0F0F0F0FU) * 2561) >> 8;
    text = ((text & 0x00FF00FF00FF00FFU) * 6553601) >> 16;
    return static_cast<std::int64_t>(((text & 0x0000FFFF0000FFFFU) * 42949672960001) >> 32);
}

/// The integer that a text of one to eight bytes is, given as a word with its last byte highest and anything below its
/// first; empty when it is no canonical decimal number, or a negative one.
[[nodiscard]] constexpr std::optional<std::int64_t> integer_of_word(std::uint64_t word, std::size_t size) noexcept {
    const std::size_t unused = 8 * (8 - size);
    const std::uint64_t below = (std::uint64_t{1} << unused) - 1;
    const bool leading_zero = (word >> unused & 0xFFU) == '0' && size > 1;
    if (leading_zero) return std::nullopt;
    return eight_digits((word & ~below) | (0x3030303030303030U & below));
}

/// A text of one to eight bytes as such a word, zeros below its first byte.
[[nodiscard]] inline std::uint64_t word_of(std::string_view text) noexcept {
    std::uint64_t word = 0;
    if (text.size() >= 4) {  // two loads without a loop: what overlaps is the same
        std::uint32_t head = 0;
        std::uint32_t tail = 0;
        std::memcpy(&head, text.data(), 4);
        std::memcpy(&tail, text.data() + text.size() - 4, 4);
        word = head | std::uint64_t{tail} << (8 * (text.size() - 4));
    } else {
        for (std::size_t i = text.size(); i-- > 0;) word = word << 8 | static_cast<unsigned char>(text[i]);
    }
    return word << (8 * (8 - text.size()));
}

/// The key of a text that packs, without a pool: decimal integers of up to 18 digits, and short texts. `missing_key`
/// for any other, blank ones among them, which need a closer look.
[[nodiscard]] inline id_key short_key(std::string_view text) noexcept {
    if (text.empty() || text.size() > 18) return missing_key;
    if constexpr (std::endian::native == std::endian::little) {
        if (text.size() <= 8) {
            if (const auto number = integer_of_word(word_of(text), text.size())) return key_of_integer(*number);
            if (text.front() != '-') return key_of_short_text(text);
        }
    }
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
    return key_of_short_text(text);
}

/// How many characters a short text's key has.
[[nodiscard]] constexpr std::size_t short_size(id_key key) noexcept {
    return short_text - static_cast<std::size_t>(std::countr_zero(key) / symbol_bits);
}

/// The bytes of a short text's key.
class short_bytes {
public:
    explicit short_bytes(id_key key) noexcept : size_(short_size(key)) {
        for (std::size_t i = 0; i < short_text; i += 2) {
            const std::array<char, 2>& both = pairs[key >> (symbol_bits * (short_text - 2 - i)) & (pairs.size() - 1)];
            bytes_[i] = both[0];
            bytes_[i + 1] = both[1];
        }
    }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }
    /// Writes the text, and nothing behind it. Returns its size.
    std::size_t write(char* to) const noexcept {
        if (size_ < 4) {
            for (std::size_t i = 0; i < size_; ++i) to[i] = bytes_[i];
        } else {  // copies of a known length, which overlap
            std::memcpy(to, bytes_.data(), 4);
            if (size_ > 8) std::memcpy(to + 4, bytes_.data() + 4, 4);
            std::memcpy(to + size_ - 4, bytes_.data() + size_ - 4, 4);
        }
        return size_;
    }

private:
    /// Two symbols at a time.
    static constexpr auto pairs = [] {
        std::array<std::array<char, 2>, std::size_t{1} << 2 * symbol_bits> result{};
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = {symbols[i >> symbol_bits], symbols[i & 63U]};
        return result;
    }();

    std::array<char, short_text> bytes_;
    std::size_t size_;
};

/// Ids that do not pack, each held once. Keys and views stay valid while the pool lives; it only grows.
class key_pool {
public:
    key_pool() = default;
    key_pool(const key_pool&) = delete;
    key_pool& operator=(const key_pool&) = delete;

    [[nodiscard]] id_key key(std::int64_t value) {
        if (packs(value)) return key_of_integer(value);
        holds_integers_ = true;
        return pooled(std::to_string(value));
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
        const short_bytes bytes(key);
        space.assign(bytes.text());
        return {std::string_view(space)};
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
    /// Whether an integer did not pack.
    [[nodiscard]] bool holds_integers() const noexcept { return holds_integers_; }

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
    bool holds_integers_ = false;
};

}  // namespace lgs_rfm::detail
