#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>

namespace lgs_rfm {

/// What a ledger's numbers rest on; fixed when it is made. Ledgers merge only when theirs are equal.
class ledger_config {
public:
    /// `C` marks a cancellation and `A` an adjustment.
    ledger_config() : ledger_config({{'C', invoice_kind::cancellation}, {'A', invoice_kind::adjustment}}) {}

    /// One kind a first character. An id that is an integer has no prefix and is a sale. Throws `invalid_option` for a
    /// character outside printable ASCII or given twice.
    explicit ledger_config(const std::vector<std::pair<char, invoice_kind>>& prefixes) {
        for (const auto& [prefix, kind] : prefixes) {
            if (prefix <= ' ' || prefix > '~' || kinds_[static_cast<unsigned char>(prefix)] != invoice_kind::sale) {
                throw error(error_code::invalid_option,
                            std::string("prefixes: '") + prefix + "' is not one printable ASCII character, given once");
            }
            kinds_[static_cast<unsigned char>(prefix)] = kind;
        }
    }

    [[nodiscard]] invoice_kind kind_of(const id_view& invoice) const noexcept {
        return invoice.is_text() ? kinds_[static_cast<unsigned char>(invoice.text().front())] : invoice_kind::sale;
    }

    /// Of a code of such a list; a missing one is a sale.
    [[nodiscard]] invoice_kind kind_of(const id_list& invoices, std::uint32_t code) const noexcept {
        const std::size_t integers = invoices.integers().size();
        if (code == id_column::missing || code < integers) return invoice_kind::sale;
        return kinds_[static_cast<unsigned char>(invoices.text_at(code - integers).front())];
    }

    [[nodiscard]] invoice_kind kind_of(detail::id_key invoice, const detail::key_pool& pool) const {
        if (!detail::is_pooled(invoice)) return kinds_[detail::first_byte(invoice)];
        std::string space;
        return kind_of(pool.at(invoice, space));
    }

    /// The prefixes that mark something else than a sale, in order of the character.
    [[nodiscard]] std::vector<std::pair<char, invoice_kind>> prefixes() const {
        std::vector<std::pair<char, invoice_kind>> result;
        for (std::size_t i = 0; i < kinds_.size(); ++i) {
            if (kinds_[i] != invoice_kind::sale) result.emplace_back(static_cast<char>(i), kinds_[i]);
        }
        return result;
    }

    friend bool operator==(const ledger_config&, const ledger_config&) = default;

private:
    std::array<invoice_kind, 256> kinds_{};  // by first byte; 0 is that of an integer
};

}  // namespace lgs_rfm
