#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/file_parts.hpp>
#include <lgs_rfm/detail/totals_data.hpp>
#include <lgs_rfm/total_key.hpp>

/// Saved totals.
namespace lgs_rfm::detail {

inline constexpr std::string_view totals_magic = "LGSTOT\r\n";
inline constexpr std::uint32_t totals_version = 1;
inline constexpr std::size_t most_keys = 8;

/// What a file of totals holds.
struct totals_parts {
    std::vector<total_key> keys;
    ledger_config config;
    std::shared_ptr<const customer_labels> labels;
    totals_data data;
};

inline void write_text(file_writer& to, std::string_view text) {
    to.put(static_cast<std::uint64_t>(text.size()));
    to.put_text(text);
}
[[nodiscard]] inline std::string read_text(file_reader& from) {
    return std::string(from.text(from.get<std::uint64_t>()));
}

/// The one compact form of totals: equal totals give equal bytes. O(rows + occurrences).
[[nodiscard]] inline std::string write_totals(const std::vector<total_key>& keys, const ledger_config& config,
                                              const customer_labels* labels, const totals_data& data) {
    file_writer to(totals_magic, totals_version);
    write_config(to, config);
    to.begin("BYKY");
    for (const total_key& key : keys) {
        to.put(key.from);
        to.put(key.step);
        write_text(to, key.name);
    }
    to.end();
    if (labels != nullptr) {
        to.begin("LABL");
        write_text(to, labels->name);
        to.put(static_cast<std::uint64_t>(labels->names.size()));
        for (const std::string& name : labels->names) write_text(to, name);
        to.end();
    }
    for (std::size_t k = 0; k < keys.size(); ++k) {
        write_ids(to, "KIDS", *data.ids[k]);
        to.begin("KCOD");
        to.put_array(data.codes[k]);
        to.end();
    }
    to.begin("SUMS");
    to.put_array(data.sums);
    to.end();
    write_ids(to, "INVO", *data.invoices);
    write_ids(to, "CUST", *data.customers);
    to.begin("OCCU");
    to.put_array(data.in_invoice.ends);
    to.put_array(data.in_invoice.of);
    to.put_array(data.of_customer.ends);
    to.put_array(data.of_customer.of);
    to.put_array(data.unnumbered);
    to.end();
    return to.take();
}

/// Whether lines can have these sums. Such moments can be shown, and merging such sums does not overflow.
[[nodiscard]] inline bool are_possible(const total_sums& of) noexcept {
    constexpr std::int64_t most = std::int64_t{1} << 60;
    const auto within = [](int128 value, int128 bound) { return -bound <= value && value <= bound; };
    if (of.lines < 1 || of.lines > most || of.purchase_lines < 0 || of.purchase_lines > of.lines) return false;
    for (const std::int64_t units : {of.quantity, of.bought, of.returned_units, of.written_off}) {
        if (!within(units, std::min<int128>(most, int128{of.lines} << 31))) return false;
    }
    for (const int128 amount : {of.gross, of.net, of.returned, of.adjusted, of.known_net}) {
        if (!within(amount, int128{of.lines} << 63)) return false;
    }
    return of.first >= min_moment && of.first <= of.last && of.last <= max_moment;
}

/// Refuses what no totals of ours would hold, so that a damaged file cannot reach past an array.
inline void check_totals(const totals_data& data) {
    const std::size_t rows = data.size();
    const auto known = [](std::uint32_t code, const id_list& ids) {
        return code == id_column::missing || code < ids.size();
    };
    for (std::size_t k = 0; k < data.codes.size(); ++k) {
        const auto& codes = data.codes[k];
        if (codes.size() != rows) throw_damaged("its arrays differ in length");
        if (!std::all_of(codes.begin(), codes.end(), [&](auto code) { return known(code, *data.ids[k]); })) {
            throw_damaged("a row points nowhere");
        }
    }
    if (!std::all_of(data.sums.begin(), data.sums.end(), are_possible)) throw_damaged("its sums are impossible");
    for (std::size_t r = 1; r < rows; ++r) {
        const auto before = [&](const auto& codes) { return codes[r - 1] != codes[r]; };
        const auto first = std::find_if(data.codes.begin(), data.codes.end(), before);
        if (first == data.codes.end() || (*first)[r - 1] > (*first)[r]) throw_damaged("its rows are not in order");
    }
    const auto check = [&](const occurrence_lists& lists, const id_list& ids) {
        if (lists.ends.size() != rows || !std::is_sorted(lists.ends.begin(), lists.ends.end()) ||
            lists.of.size() != (rows == 0 ? 0 : lists.ends[rows - 1])) {
            throw_damaged("its arrays differ in length");
        }
        for (std::size_t r = 0; r < rows; ++r) {
            const auto row = lists.row(r);
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (code_of(row[i]) >= ids.size() || (i > 0 && code_of(row[i - 1]) >= code_of(row[i]))) {
                    throw_damaged("a row points nowhere");
                }
            }
        }
    };
    check(data.in_invoice, *data.invoices);
    check(data.of_customer, *data.customers);
    for (std::size_t i = 0; i < data.unnumbered.size(); ++i) {
        const unnumbered_invoice& each = data.unnumbered[i];
        if (each.row >= rows || !known(each.customer, *data.customers) || each.bought > 1 ||
            (i > 0 && data.unnumbered[i - 1].key() >= each.key())) {
            throw_damaged("a row points nowhere");
        }
    }
}

[[nodiscard]] inline totals_parts read_totals(std::string_view bytes) {
    totals_parts parts;
    unsigned found = 0;
    std::shared_ptr<customer_labels> labels;
    read_sections(bytes, totals_magic, totals_version,
                  [&](std::string_view tag, file_reader& section, std::string_view) {
                      if (tag == "CONF") {
                          parts.config = read_config(section);
                          found |= 1U;
                      } else if (tag == "BYKY") {
                          while (!section.done()) {
                              total_key key;
                              key.from = section.get<total_key::source>();
                              key.step = section.get<period_step>();
                              key.name = read_text(section);
                              if (key.from > total_key::source::label || key.step > period_step::year) {
                                  throw_damaged("it has an unknown key");
                              }
                              parts.keys.push_back(std::move(key));
                          }
                          found |= 2U;
                      } else if (tag == "LABL") {
                          labels = std::make_shared<customer_labels>();
                          labels->complete = false;
                          labels->name = read_text(section);
                          const auto names = section.get<std::uint64_t>();
                          for (std::uint64_t i = 0; i < names; ++i) labels->names.push_back(read_text(section));
                      } else if (tag == "KIDS") {
                          parts.data.ids.push_back(read_ids(section));
                      } else if (tag == "KCOD") {
                          parts.data.codes.push_back(section.array<record_array<std::uint32_t>>());
                      } else if (tag == "SUMS") {
                          parts.data.sums = section.array<large_vector<total_sums>>();
                          found |= 4U;
                      } else if (tag == "INVO") {
                          parts.data.invoices = read_ids(section);
                          found |= 8U;
                      } else if (tag == "CUST") {
                          parts.data.customers = read_ids(section);
                          found |= 16U;
                      } else if (tag == "OCCU") {
                          parts.data.in_invoice.ends = section.array<record_array<std::uint64_t>>();
                          parts.data.in_invoice.of = section.array<record_array<occurrence>>();
                          parts.data.of_customer.ends = section.array<record_array<std::uint64_t>>();
                          parts.data.of_customer.of = section.array<record_array<occurrence>>();
                          parts.data.unnumbered = section.array<record_array<unnumbered_invoice>>();
                          found |= 32U;
                      } else if (tag.front() >= 'a' && tag.front() <= 'z') {
                          section.skip();
                      } else {
                          return false;
                      }
                      return true;
                  });
    if (found != 63U || parts.keys.empty() || parts.keys.size() > most_keys ||
        parts.data.ids.size() != parts.keys.size() || parts.data.codes.size() != parts.keys.size()) {
        throw_damaged("a section is missing");
    }
    const auto is_label = [](const total_key& key) { return key.from == total_key::source::label; };
    const auto label = std::find_if(parts.keys.begin(), parts.keys.end(), is_label);
    if (label != parts.keys.end()) {
        if (!labels || labels->name != label->name) throw_damaged("its labels are missing");
        const id_list& ids = *parts.data.ids[static_cast<std::size_t>(label - parts.keys.begin())];
        for (const std::int64_t name : ids.integers()) {
            if (name < 0 || static_cast<std::size_t>(name) >= labels->names.size())
                throw_damaged("it has an unknown label");
        }
    }
    for (std::size_t k = 0; k < parts.keys.size(); ++k) {
        const bool numbers = parts.keys[k].from == total_key::source::column || parts.data.ids[k]->all_integers();
        if (!numbers) throw_damaged("it has an unknown key");
    }
    parts.labels = std::move(labels);
    check_totals(parts.data);
    return parts;
}

}  // namespace lgs_rfm::detail
