#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lgs_rfm {

/// What to do with copied invoices of one input (see `reading_report`): count them, drop all but the first, or refuse.
enum class copies_policy : std::uint8_t { keep, drop, error };

/// A line of a text file that was left out because it cannot be read.
struct skipped_line {
    std::int64_t line = 0;     ///< 1-based line of the file in which it starts
    std::uint64_t offset = 0;  ///< byte of the file at which it starts
    std::string text = {};     ///< its front
    std::string reason = {};   ///< what is wrong with it
};

/// What reading one input found. It depends on the order of the rows, so it belongs to the reading, not to the ledger.
///
/// An epoch is a maximal stretch of rows in which dates do not fall (do not rise, if the input mostly falls). An
/// invoice is copied when it occurs in two or more epochs with equal row counts and equal order-free digests of its
/// (customer, moment, quantity, price). With more than 100 epochs the rows are in no order of time: not judged.
struct reading_report {
    std::int64_t lines = 0;
    bool copies_judged = true;
    std::int64_t copied_invoices = 0;          ///< invoices with a copy; 0 when not judged
    std::int64_t copied_lines = 0;             ///< lines of the copies, the first occurrence not counted
    std::int64_t dropped_lines = 0;            ///< copied_lines when they were dropped, else 0
    std::int64_t rounded_prices = 0;           ///< lines whose price had more than six decimals
    std::int64_t floored_dates = 0;            ///< lines whose date was finer than a microsecond
    std::vector<std::string> ignored_columns;  ///< columns of the input that are none of ours
    std::int64_t skipped_lines = 0;            ///< lines of a text file that were left out
    std::vector<skipped_line> skipped;         ///< the first ten of them
};

}  // namespace lgs_rfm
