#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <lgs_rfm/id.hpp>
#include <lgs_rfm/period.hpp>

namespace lgs_rfm {

/// What customers are called, such as their segments: a label a customer.
struct customer_labels {
    std::string name;                 ///< of the key
    id_column customers;              ///< each once, none missing
    std::vector<std::int32_t> codes;  ///< into `names`; -1: no label
    std::vector<std::string> names;   ///< in the order of rows
    bool complete = true;             ///< false: the names alone, as saved totals keep them
};

/// One of the things that lines are totalled by.
struct total_key {
    enum class source : std::uint8_t {
        column,  ///< one of ours, or the caller's own (`invoice_lines::others`)
        period,  ///< the calendar step of the line's moment
        label    ///< the label of the line's customer
    };
    std::string name;
    source from = source::column;
    period_step step = period_step::day;  ///< of a period

    friend bool operator==(const total_key&, const total_key&) = default;
};

}  // namespace lgs_rfm
