#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/totals_data.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/lines.hpp>
#include <lgs_rfm/reading.hpp>
#include <lgs_rfm/tables/table.hpp>
#include <lgs_rfm/total_key.hpp>

namespace lgs_rfm {

/// Totals of invoice lines by any columns: sums, and which invoices and customers occur, for each combination of
/// values. A value with the promises of the ledger: lines added in any order and in batches of any size, and totals
/// merged in any order, give the same bytes. A call that throws changes nothing. Copies share their immutable data.
///
/// Holds a row a combination, and four bytes for each pair of a row and an invoice, and of a row and a customer, so
/// that distinct ones are counted exactly, also after merging.
class totals {
public:
    /// `by`: one to eight keys. `labels`: what customers are called, for a key of that name. Throws `invalid_option`
    /// for no key, too many, one named twice or as a column of sums, and as `detail::check_labels` says.
    explicit totals(const std::vector<std::string>& by, ledger_config config = ledger_config(),
                    std::shared_ptr<const customer_labels> labels = nullptr);

    /// Adds the lines of one input. Throws `error` as `ledger::add` does, and `missing_column` for a key whose column
    /// is not there. `until`: lines after it are left out. O(lines + pairs), in bounded memory beside the result.
    reading_report add(const invoice_lines& lines, copies_policy copies = copies_policy::keep,
                       std::optional<moment> until = {});
    /// Adds what was read aside (see `detail::totals_builder`).
    void add(std::shared_ptr<const detail::totals_data> data);

    /// Adds another's lines. Throws `incompatible` when keys, labels or configuration differ.
    totals& merge(const totals& other);

    /// The totals by some of the keys only. Throws `invalid_option` for a key that is none of these. O(rows + pairs).
    [[nodiscard]] totals by(const std::vector<std::string>& keys) const;

    [[nodiscard]] const std::vector<total_key>& keys() const noexcept { return keys_; }
    [[nodiscard]] const ledger_config& config() const noexcept { return config_; }
    [[nodiscard]] const std::shared_ptr<const customer_labels>& labels() const noexcept { return labels_; }
    [[nodiscard]] const detail::totals_data& data() const noexcept { return *data_; }
    [[nodiscard]] std::size_t size() const noexcept { return data_->size(); }

    /// The compact saved form; equal totals give equal bytes.
    [[nodiscard]] std::string to_bytes() const;
    /// Throws `bad_file` when the bytes are no saved totals, or damaged ones.
    [[nodiscard]] static totals from_bytes(std::string_view bytes);
    /// Writes beside `path`, then renames. Throws `file_access`.
    void save(const std::filesystem::path& path) const;
    [[nodiscard]] static totals load(const std::filesystem::path& path);

    friend bool operator==(const totals& a, const totals& b) { return a.to_bytes() == b.to_bytes(); }

private:
    std::vector<total_key> keys_;
    ledger_config config_;
    std::shared_ptr<const customer_labels> labels_;
    std::shared_ptr<const detail::totals_data> data_;
};

/// One row per combination, in the order of the keys' values, missing ones last: the keys under their names, then
/// lines, purchase_lines, quantity (net units), invoices and customers (distinct), purchase_invoices and buyers (those
/// with a purchase line), bought, returned_units, written_off, gross, returned, adjusted, other_deductions, net,
/// known_net (of lines with a customer), price_min and price_max (unit prices of purchase lines; missing without any),
/// first_moment, last_moment. Docs: docs/definitions.md. O(rows + pairs).
[[nodiscard]] table as_table(const totals& from);

}  // namespace lgs_rfm

#include <lgs_rfm/detail/totals_impl.hpp>
