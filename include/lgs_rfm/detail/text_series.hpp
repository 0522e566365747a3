#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <lgs_rfm/detail/id_key.hpp>

namespace lgs_rfm::detail {

/// Texts that share their letters and the count of digits behind these, such as C489449 and C536379: but for what they
/// share they are numbers, which order as the texts do. Told from the keys of short texts, some digits at a time.
class text_series {
public:
    /// The series that a key belongs to; empty when it is no short text, or does not end in a digit.
    [[nodiscard]] static std::optional<text_series> of(id_key key) noexcept {
        if (!is_short_text(key)) return std::nullopt;
        std::size_t size = 0;
        std::size_t letters = 0;  // up to the last symbol that is no digit
        for (; size < short_text && symbol_at(key, size) != 0; ++size) {
            const char symbol = symbol_at(key, size);
            if (symbol < '0' || symbol > '9') letters = size + 1;
        }
        if (letters == size) return std::nullopt;
        text_series series;
        series.unused_ = symbol_bits * static_cast<int>(short_text - size);
        series.digits_ = (std::uint64_t{1} << symbol_bits * static_cast<int>(size - letters)) - 1;
        series.shared_mask_ = ~(series.digits_ << series.unused_);
        series.shared_ = key & series.shared_mask_;
        return series;
    }

    /// The number of a text; empty when it is none of the series.
    [[nodiscard]] std::optional<std::uint64_t> number_of(id_key key) const noexcept {
        if ((key & shared_mask_) != shared_) return std::nullopt;
        // Ten symbols: the digits, and zeros before them; every other one stands in twelve bits, with room for a carry.
        const std::uint64_t symbols_of = (key >> unused_ & digits_) | (every_symbol * zero & ~digits_);
        const std::uint64_t even = symbols_of & (every_other * 63);
        const std::uint64_t odd = symbols_of >> symbol_bits & (every_other * 63);
        constexpr std::uint64_t carry = every_other * 64;
        const std::uint64_t not_below = ((even | carry) - every_other * zero) & ((odd | carry) - every_other * zero);
        const std::uint64_t above = (even + every_other * (63 - nine)) | (odd + every_other * (63 - nine));
        if ((not_below & carry) != carry || (above & carry) != 0) return std::nullopt;
        const std::uint64_t twos = even - every_other * zero + (odd - every_other * zero) * 10;
        constexpr std::uint64_t every_fourth = 0xFFFU | std::uint64_t{0xFFFU} << 24 | std::uint64_t{0xFFFU} << 48;
        const std::uint64_t fours = (twos & every_fourth) + (twos >> 12 & every_fourth) * 100;
        return (fours & 0xFF'FFFFU) + (fours >> 24 & 0xFF'FFFFU) * 10'000 + (fours >> 48) * 100'000'000;
    }

    /// The key of the text of a number.
    [[nodiscard]] id_key key_of(std::uint64_t number) const noexcept {
        id_key key = shared_;
        for (std::uint64_t left = digits_, at = static_cast<std::uint64_t>(unused_); left != 0;
             left >>= symbol_bits, at += symbol_bits, number /= 10) {
            key |= (number % 10 + zero) << at;
        }
        return key;
    }

    /// How many characters each text has.
    [[nodiscard]] std::size_t size() const noexcept {
        return short_text - static_cast<std::size_t>(unused_ / symbol_bits);
    }
    /// Writes the text of a number, and nothing behind it.
    void write(std::uint64_t number, char* to) const noexcept {
        std::size_t at = size();
        for (std::uint64_t left = digits_; left != 0; left >>= symbol_bits, number /= 10) {
            to[--at] = static_cast<char>('0' + number % 10);
        }
        while (at-- > 0) to[at] = symbol_at(shared_, at);
    }

    friend bool operator==(const text_series& a, const text_series& b) noexcept {
        return a.shared_ == b.shared_ && a.shared_mask_ == b.shared_mask_;
    }

private:
    static constexpr std::uint64_t zero = symbol_numbers['0'];
    static constexpr std::uint64_t nine = symbol_numbers['9'];
    static constexpr std::uint64_t every_other = 0x0001'0010'0100'1001U;  // the lowest of each twelve of 60 bits
    static constexpr std::uint64_t every_symbol = every_other | every_other << symbol_bits;

    text_series() = default;

    int unused_ = 0;            // bits below the last symbol
    std::uint64_t digits_ = 0;  // the bits of the digits, moved down to the lowest
    std::uint64_t shared_mask_ = 0;
    id_key shared_ = 0;
};

}  // namespace lgs_rfm::detail
