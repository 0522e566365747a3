#pragma once

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>

namespace lgs_rfm {

/// The integer that a text is, when it is a canonical decimal int64: no plus, no leading zero, no blanks, not "-0".
[[nodiscard]] inline std::optional<std::int64_t> canonical_integer(std::string_view text) noexcept {
    const std::size_t sign = !text.empty() && text.front() == '-' ? 1 : 0;
    const std::size_t digits = text.size() - sign;
    if (digits == 0 || digits > 19 || text[sign] < '0' || text[sign] > '9' || (text[sign] == '0' && text.size() > 1)) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// True when a text counts as a missing id: empty, or blanks and tabs only.
[[nodiscard]] constexpr bool is_blank(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

/// An id as the library sees it: missing, an integer, or a text that is no canonical integer. A view: a text must
/// outlive it. Order: integers by value, then texts by bytes, then missing.
class id_view {
public:
    constexpr id_view() noexcept = default;
    constexpr id_view(std::int64_t value) noexcept : kind_(kind::integer), value_(value) {}  // NOLINT: a value
    /// Text is made canonical: "13085" is the integer, blank text is missing.
    id_view(std::string_view text) noexcept {  // NOLINT: a value
        if (const auto value = canonical_integer(text)) {
            kind_ = kind::integer;
            value_ = *value;
        } else if (!is_blank(text)) {
            kind_ = kind::text;
            text_ = text;
        }
    }

    [[nodiscard]] constexpr bool is_missing() const noexcept { return kind_ == kind::missing; }
    [[nodiscard]] constexpr bool is_integer() const noexcept { return kind_ == kind::integer; }
    [[nodiscard]] constexpr bool is_text() const noexcept { return kind_ == kind::text; }
    /// The integer; 0 unless `is_integer`.
    [[nodiscard]] constexpr std::int64_t integer() const noexcept { return value_; }
    /// The text; empty unless `is_text`.
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

    friend constexpr bool operator==(const id_view&, const id_view&) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(const id_view& a, const id_view& b) noexcept {
        if (a.kind_ != b.kind_) {
            return a.kind_ <=> b.kind_;
        }
        if (a.kind_ == kind::integer) {
            return a.value_ <=> b.value_;
        }
        return a.text_ <=> b.text_;
    }

private:
    enum class kind : std::uint8_t { integer, text, missing };
    kind kind_ = kind::missing;
    std::int64_t value_ = 0;
    std::string_view text_;
};

/// The id as text: decimal digits, the text itself, or "" when missing.
[[nodiscard]] inline std::string to_string(const id_view& id) {
    return id.is_integer() ? std::to_string(id.integer()) : std::string(id.text());
}

/// Distinct ids in id order: integers ascending, then texts by bytes. Position = code. Missing is not held.
class id_list {
public:
    id_list() = default;
    /// Ascending integers, each once.
    explicit id_list(detail::large_vector<std::int64_t> integers) : integers_(std::move(integers)) {}

    /// The same, and behind them texts that are no integers, ascending: end to end, and where each one stops.
    id_list(detail::large_vector<std::int64_t> integers, std::string text, std::vector<std::uint64_t> text_ends)
        : integers_(std::move(integers)), text_(std::move(text)), text_ends_(std::move(text_ends)) {}

    [[nodiscard]] std::size_t size() const noexcept { return integers_.size() + text_ends_.size(); }
    [[nodiscard]] bool all_integers() const noexcept { return text_ends_.empty(); }

    /// The id of a code below `size()`. O(1).
    [[nodiscard]] id_view operator[](std::size_t code) const noexcept {
        return code < integers_.size() ? id_view(integers_[code]) : id_view_of_text(code - integers_.size());
    }

    /// The code of an id, if it is held. O(log n).
    [[nodiscard]] std::optional<std::uint32_t> find(const id_view& wanted) const noexcept {
        std::size_t low = 0;
        std::size_t high = size();
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if ((*this)[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low < size() && (*this)[low] == wanted) {
            return static_cast<std::uint32_t>(low);
        }
        return std::nullopt;
    }

    /// Appends an id that must follow the last one in id order.
    void push_back(const id_view& id) {
        if (id.is_integer()) {
            integers_.push_back(id.integer());
        } else {
            push_back_text(id.text());
        }
    }
    /// The same for a text that is known to be no integer.
    void push_back_text(std::string_view text) {
        text_.append(text);
        text_ends_.push_back(text_.size());
    }
    /// Room for so many texts more, of so many bytes in all.
    void reserve_texts(std::size_t count, std::size_t bytes) {
        text_ends_.reserve(text_ends_.size() + count);
        text_.reserve(text_.size() + bytes);
    }

    [[nodiscard]] const detail::large_vector<std::int64_t>& integers() const noexcept { return integers_; }
    /// All texts end to end; `text_ends()` holds where each one stops.
    [[nodiscard]] const std::string& text_bytes() const noexcept { return text_; }
    [[nodiscard]] const std::vector<std::uint64_t>& text_ends() const noexcept { return text_ends_; }

    /// Text `index`, counted without the integers. O(1).
    [[nodiscard]] std::string_view text_at(std::size_t index) const noexcept {
        const std::uint64_t begin = index == 0 ? 0 : text_ends_[index - 1];
        return std::string_view(text_).substr(begin, text_ends_[index] - begin);
    }

    /// Takes over parts that a saved ledger holds; false when they are not in strict id order.
    [[nodiscard]] static std::optional<id_list> from_parts(detail::large_vector<std::int64_t> integers,
                                                           std::string text, std::vector<std::uint64_t> ends) {
        id_list list;
        std::uint64_t begin = 0;
        for (const std::uint64_t end : ends) {
            if (end <= begin || end > text.size()) {
                return std::nullopt;
            }
            begin = end;
        }
        if (begin != text.size()) {
            return std::nullopt;
        }
        list.integers_ = std::move(integers);
        list.text_ = std::move(text);
        list.text_ends_ = std::move(ends);
        for (std::size_t i = 0; i < list.text_ends_.size(); ++i) {
            if (!id_view(list.text_at(i)).is_text()) {
                return std::nullopt;
            }
        }
        for (std::size_t i = 1; i < list.size(); ++i) {
            if (!(list[i - 1] < list[i])) {
                return std::nullopt;
            }
        }
        return list;
    }

    friend bool operator==(const id_list&, const id_list&) = default;

private:
    [[nodiscard]] id_view id_view_of_text(std::size_t index) const noexcept { return text_at(index); }

    detail::large_vector<std::int64_t> integers_;
    std::string text_;
    std::vector<std::uint64_t> text_ends_;
};

/// A column of ids in a table: codes into a shared list. O(1) access, no copy of the ids.
class id_column {
public:
    static constexpr std::uint32_t missing = std::numeric_limits<std::uint32_t>::max();

    id_column() : ids_(std::make_shared<const id_list>()) {}
    explicit id_column(std::shared_ptr<const id_list> ids, detail::large_vector<std::uint32_t> codes = {})
        : ids_(std::move(ids)), codes_(std::move(codes)) {}

    id_column(std::shared_ptr<const id_list> ids, std::span<const std::uint32_t> codes)
        : ids_(std::move(ids)), codes_(codes.begin(), codes.end()) {}

    [[nodiscard]] std::size_t size() const noexcept { return codes_.size(); }
    [[nodiscard]] id_view operator[](std::size_t row) const noexcept {
        return codes_[row] == missing ? id_view() : (*ids_)[codes_[row]];
    }
    /// The ids as integers of a type that holds all of them, which they are; 0 where one is missing.
    template <class Integer = std::int64_t>
    [[nodiscard]] detail::large_vector<Integer> integers() const {
        auto result = detail::unwritten<Integer>(codes_.size());
        const auto& of_code = ids_->integers();
        // Without a branch on what is missing, which nobody can foretell.
        const std::size_t last = of_code.empty() ? 0 : of_code.size() - 1;
        constexpr std::int64_t none = 0;
        const std::int64_t* const values = of_code.empty() ? &none : of_code.data();
        std::transform(codes_.begin(), codes_.end(), result.begin(), [&](std::uint32_t code) {
            return static_cast<Integer>(values[std::min<std::size_t>(code, last)] * (code == missing ? 0 : 1));
        });
        return result;
    }
    void push_back(std::uint32_t code) { codes_.push_back(code); }
    void reserve(std::size_t rows) { codes_.reserve(rows); }
    [[nodiscard]] const id_list& ids() const noexcept { return *ids_; }
    [[nodiscard]] const std::shared_ptr<const id_list>& shared_ids() const noexcept { return ids_; }
    [[nodiscard]] const detail::large_vector<std::uint32_t>& codes() const noexcept { return codes_; }

private:
    std::shared_ptr<const id_list> ids_;
    detail::large_vector<std::uint32_t> codes_;
};

}  // namespace lgs_rfm
