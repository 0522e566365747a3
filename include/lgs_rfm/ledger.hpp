#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/lines.hpp>
#include <lgs_rfm/reading.hpp>

namespace lgs_rfm {

/// The ledger: one entry per (invoice, customer, moment), made in one pass over the lines. Every table is computed from
/// it. A value: copies share their immutable parts and cost O(1).
///
/// Adding in any order, in batches of any size, and merging in any order give the same ledger, bit for bit. A call that
/// throws changes nothing. Distinct objects may be used from different threads; one object needs a lock when a thread
/// changes it, but a copy taken before goes on unharmed.
class ledger {
public:
    ledger() : ledger(ledger_config()) {}
    explicit ledger(ledger_config config);

    /// Adds the lines of one input and tells what reading it found. Throws `error` when the input cannot be read.
    /// O(lines), and never O(ledger) but for merges of equal size, each entry taking part in log(adds) of them.
    reading_report add(const invoice_lines& lines, copies_policy copies = copies_policy::keep);

    /// Adds entries made aside (see `detail::entry_builder`), for inputs that come in batches.
    void add(std::shared_ptr<const ledger_entries> entries);

    /// Adds another ledger's lines. Throws `incompatible` when the configurations differ.
    ledger& merge(const ledger& other);

    /// Idempotent refresh: forgets the lines in [since, until), then adds these, which must all lie inside. A missing
    /// bound is open. Throws `outside_period` for the first line outside.
    reading_report replace(const invoice_lines& lines, std::optional<moment> since, std::optional<moment> until,
                           copies_policy copies = copies_policy::keep);
    void replace(std::shared_ptr<const ledger_entries> entries, std::optional<moment> since,
                 std::optional<moment> until);

    /// The ledger of the lines in [since, until). A missing bound is open. O(entries).
    [[nodiscard]] ledger between(std::optional<moment> since, std::optional<moment> until) const;

    /// All entries, sorted, each key once. Made on first use after a change, then kept. O(entries) that first time.
    [[nodiscard]] std::shared_ptr<const ledger_entries> entries() const;

    [[nodiscard]] const ledger_config& config() const noexcept { return state_->config; }
    [[nodiscard]] bool empty() const noexcept { return state_->segments.empty(); }
    /// The moments of the first and of the last line; empty for an empty ledger. O(entries).
    [[nodiscard]] std::optional<std::pair<moment, moment>> moment_bounds() const;

    /// The compact saved form; equal ledgers give equal bytes.
    [[nodiscard]] std::string to_bytes() const;
    /// Throws `bad_file` when the bytes are not a saved ledger, or a damaged one.
    [[nodiscard]] static ledger from_bytes(std::string_view bytes);
    /// Writes beside `path`, then renames: a reader sees the old file or the new one. Throws `file_access`.
    void save(const std::filesystem::path& path) const;
    [[nodiscard]] static ledger load(const std::filesystem::path& path);

    /// True when configuration and entries are equal.
    friend bool operator==(const ledger& a, const ledger& b) { return a.to_bytes() == b.to_bytes(); }

private:
    using segment = std::shared_ptr<const ledger_entries>;

    /// Immutable but for the merged entries, which are made once.
    struct state {
        ledger_config config;
        std::vector<segment> segments;  // each sorted; from large to small
        std::string kept_sections;      // optional parts of a loaded file that this version does not know
        std::once_flag once;
        segment merged;
    };

    [[nodiscard]] std::shared_ptr<state> next(std::vector<segment> segments) const;

    std::shared_ptr<state> state_;
};

}  // namespace lgs_rfm

#include <lgs_rfm/detail/ledger_impl.hpp>
