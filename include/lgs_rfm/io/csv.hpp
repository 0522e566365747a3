#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <lgs_rfm/io/column_names.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/reading.hpp>
#include <lgs_rfm/totals.hpp>

namespace lgs_rfm {

/// The order of day and month in dates with slashes. `found`: some value of the column proves it (a number over 12).
enum class date_order : std::uint8_t { found, mdy, dmy };

/// What to do with a record that cannot be read: refuse the file, or leave it out and count it.
enum class bad_lines : std::uint8_t { refuse, skip };

/// How delimited text, or a plain dump of PostgreSQL, is read.
///
/// Text: RFC 4180 in UTF-8 with a header row; CRLF, a byte order mark, blank lines and a missing last newline are fine.
/// Dump: what pg_dump writes as plain text, `COPY ... FROM stdin;` or INSERT statements; told by its content.
/// Dates: ISO 8601, or `12/1/2010 8:26` in either order. Prices are exact. An id 13085.0 of a customer is 13085. Empty,
/// NULL, null, NaN and nan are missing, which only a customer may be.
struct csv_options {
    column_names columns = {};  ///< our names to the file's, for those not found by themselves
    char delimiter = '\0';      ///< 0: found from the header among `,` `;` tab `|`
    char decimal = '.';         ///< the point of numbers: `.` or `,`
    date_order dates = date_order::found;
    bad_lines bad = bad_lines::refuse;
    std::string table = {};                          ///< of a dump: which table; empty: the one whose columns are ours
    unsigned threads = 0;                            ///< 0: as many as the process may use
    std::size_t chunk_bytes = std::size_t{1} << 20;  ///< what a thread reads at a time; 1 or more
    /// Hears of the bytes read and of those there are, from the calling thread. May throw, which ends the reading.
    std::function<void(std::uint64_t done, std::optional<std::uint64_t> all)> progress = {};
};

/// Where text comes from. Memory must outlive the reading.
class csv_source {
public:
    /// Fills up to `count` bytes and returns how many; 0 at the end. Called from the calling thread.
    using byte_source = std::function<std::size_t(char* to, std::size_t count)>;

    [[nodiscard]] static csv_source memory(std::string_view bytes) { return {bytes, {}, {}}; }
    [[nodiscard]] static csv_source file(std::filesystem::path path) { return {{}, std::move(path), {}}; }
    [[nodiscard]] static csv_source stream(byte_source source) { return {{}, {}, std::move(source)}; }

    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] const byte_source& function() const noexcept { return function_; }

private:
    csv_source(std::string_view bytes, std::filesystem::path path, byte_source function)
        : bytes_(bytes), path_(std::move(path)), function_(std::move(function)) {}

    std::string_view bytes_;
    std::filesystem::path path_;
    byte_source function_;
};

/// Adds the lines of a text as one input and tells what reading it found. Memory stays at a few MB a thread, whatever
/// the text's size, beside the ledger. Throws `error`: for the lowest record that cannot be read, naming its row
/// (0-based record), line, byte, column, text and remedy; for columns that are missing; for a file that cannot be read.
/// The ledger is unchanged then. O(bytes).
reading_report add_csv(ledger& book, const csv_source& source, const csv_options& options = {},
                       copies_policy copies = copies_policy::keep);

/// The same for totals, which read the columns of their keys, too: see `totals::add`.
reading_report add_csv(totals& to, const csv_source& source, const csv_options& options = {},
                       copies_policy copies = copies_policy::keep);

/// The same as an idempotent refresh: see `ledger::replace`.
reading_report replace_csv(ledger& book, const csv_source& source, std::optional<moment> since,
                           std::optional<moment> until, const csv_options& options = {},
                           copies_policy copies = copies_policy::keep);

}  // namespace lgs_rfm

#include <lgs_rfm/detail/csv_impl.hpp>
