#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/file_parts.hpp>
#include <lgs_rfm/entries.hpp>

/// A saved ledger. Unknown optional sections are kept, and written again.
namespace lgs_rfm::detail {

inline constexpr std::string_view ledger_magic = "LGSRFM\r\n";  // a transfer that changes line ends breaks it
inline constexpr std::uint32_t ledger_version = 1;

/// The one compact form of a ledger: equal ledgers give equal bytes. O(entries + ids).
[[nodiscard]] inline std::string write_ledger(const ledger_config& config, const ledger_entries& entries,
                                              std::string_view kept_sections) {
    file_writer to(ledger_magic, ledger_version);
    write_config(to, config);
    write_ids(to, "INVO", *entries.invoices);
    write_ids(to, "CUST", *entries.customers);
    to.begin("KEYS");
    to.put_array(entries.invoice);
    to.put_array(entries.customer);
    to.put_array(entries.moment);
    to.end();
    to.begin("SUMS");
    to.put_array(entries.sums.usuals());
    to.put_array(entries.sums.rests());
    to.end();
    to.put_text(kept_sections);
    return to.take();
}

/// What a file holds. `kept_sections`: unknown optional sections, as they were.
struct ledger_parts {
    ledger_config config;
    ledger_entries entries;
    std::string kept_sections;
};

/// Refuses codes and moments that no ledger of ours would hold, so that damaged files cannot reach past an array.
inline void check_entries(const ledger_entries& entries) {
    const std::size_t count = entries.moment.size();
    if (entries.invoice.size() != count || entries.customer.size() != count || entries.sums.size() != count) {
        throw_damaged("its arrays differ in length");
    }
    const auto known = [](std::uint32_t code, const id_list& ids) {
        return code == id_column::missing || code < ids.size();
    };
    using key = std::tuple<std::uint32_t, std::uint32_t, moment>;
    for (std::size_t i = 0; i < count; ++i) {
        if (!known(entries.invoice[i], *entries.invoices) || !known(entries.customer[i], *entries.customers) ||
            entries.moment[i] < min_moment || entries.moment[i] > max_moment) {
            throw_damaged("an entry points nowhere");
        }
        if (i > 0 && key(entries.invoice[i - 1], entries.customer[i - 1], entries.moment[i - 1]) >=
                         key(entries.invoice[i], entries.customer[i], entries.moment[i])) {
            throw_damaged("its entries are not in order");
        }
    }
}

[[nodiscard]] inline ledger_parts read_ledger(std::string_view bytes) {
    ledger_parts parts;
    unsigned found = 0;
    read_sections(bytes, ledger_magic, ledger_version,
                  [&](std::string_view tag, file_reader& section, std::string_view whole) {
                      if (tag == "CONF") {
                          parts.config = read_config(section);
                          found |= 1U;
                      } else if (tag == "INVO") {
                          parts.entries.invoices = read_ids(section);
                          found |= 2U;
                      } else if (tag == "CUST") {
                          parts.entries.customers = read_ids(section);
                          found |= 4U;
                      } else if (tag == "KEYS") {
                          parts.entries.invoice = section.array<decltype(parts.entries.invoice)>();
                          parts.entries.customer = section.array<decltype(parts.entries.customer)>();
                          parts.entries.moment = section.array<decltype(parts.entries.moment)>();
                          found |= 8U;
                      } else if (tag == "SUMS") {
                          auto usuals = section.array<record_array<packed_sums::usual>>();
                          const auto rests = section.array<record_array<packed_sums::rest>>();
                          if (!parts.entries.sums.take_parts(std::move(usuals), rests)) {
                              throw_damaged("its odd lines are wrong");
                          }
                          found |= 16U;
                      } else if (tag.front() >= 'a' && tag.front() <= 'z') {
                          parts.kept_sections.append(whole);
                          section.skip();
                      } else {
                          return false;
                      }
                      return true;
                  });
    if (found != 31U) throw_damaged("a section is missing");
    check_entries(parts.entries);
    return parts;
}

}  // namespace lgs_rfm::detail
