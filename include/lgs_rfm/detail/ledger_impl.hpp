#pragma once

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <lgs_rfm/detail/builder.hpp>
#include <lgs_rfm/detail/ledger_file.hpp>
#include <lgs_rfm/detail/merge_entries.hpp>
#include <lgs_rfm/detail/moment_bounds.hpp>
#include <lgs_rfm/ledger.hpp>

namespace lgs_rfm {

inline ledger::ledger(ledger_config config) : state_(std::make_shared<state>()) { state_->config = std::move(config); }

/// A new state with these segments; like sizes are merged first, which keeps their number logarithmic.
inline std::shared_ptr<ledger::state> ledger::next(std::vector<segment> segments) const {
    std::erase_if(segments, [](const segment& s) { return s->empty(); });
    while (segments.size() > 1 && segments[segments.size() - 2]->size() < 2 * segments.back()->size()) {
        auto merged = std::make_shared<const ledger_entries>(
            detail::merge_entries(*segments[segments.size() - 2], *segments.back()));
        segments.pop_back();
        segments.back() = std::move(merged);
    }
    auto result = std::make_shared<state>();
    result->config = state_->config;
    result->kept_sections = state_->kept_sections;
    result->segments = std::move(segments);
    return result;
}

inline reading_report ledger::add(const invoice_lines& lines, copies_policy copies) {
    detail::entry_builder builder(config());
    builder.add(lines);
    auto made = builder.finish(copies);
    add(std::move(made.entries));
    return std::move(made.report);
}

inline void ledger::add(std::shared_ptr<const ledger_entries> entries) {
    std::vector<segment> segments = state_->segments;
    segments.push_back(std::move(entries));
    state_ = next(std::move(segments));
}

inline ledger& ledger::merge(const ledger& other) {
    if (!(config() == other.config())) {
        throw error(error_code::incompatible,
                    "ledgers with different prefixes cannot be merged; make both with the same prefixes");
    }
    std::vector<segment> segments = state_->segments;
    segments.insert(segments.end(), other.state_->segments.begin(), other.state_->segments.end());
    std::stable_sort(segments.begin(), segments.end(),
                     [](const segment& a, const segment& b) { return a->size() > b->size(); });
    state_ = next(std::move(segments));
    return *this;
}

inline reading_report ledger::replace(const invoice_lines& lines, std::optional<moment> since,
                                      std::optional<moment> until, copies_policy copies) {
    detail::entry_builder builder(config(), {since, until});
    builder.add(lines);
    auto made = builder.finish(copies);
    replace(std::move(made.entries), since, until);
    return std::move(made.report);
}

inline void ledger::replace(std::shared_ptr<const ledger_entries> entries, std::optional<moment> since,
                            std::optional<moment> until) {
    std::vector<segment> segments;
    for (const segment& each : state_->segments) {
        segments.push_back(std::make_shared<const ledger_entries>(detail::filter_entries(
            *each, [&](moment at) { return (since && at < *since) || (until && at >= *until); })));
    }
    segments.push_back(std::move(entries));
    state_ = next(std::move(segments));
}

inline ledger ledger::between(std::optional<moment> since, std::optional<moment> until) const {
    ledger result(config());
    result.add(std::make_shared<const ledger_entries>(detail::filter_entries(
        *entries(), [&](moment at) { return !(since && at < *since) && !(until && at >= *until); })));
    return result;
}

inline std::shared_ptr<const ledger_entries> ledger::entries() const {
    const std::shared_ptr<state> current = state_;
    std::call_once(current->once, [&] {
        const auto& segments = current->segments;
        if (segments.empty()) {
            current->merged = std::make_shared<const ledger_entries>();
            return;
        }
        segment merged = segments.back();  // smallest first: each step costs what it adds
        for (std::size_t i = segments.size() - 1; i-- > 0;) {
            merged = std::make_shared<const ledger_entries>(detail::merge_entries(*segments[i], *merged));
        }
        current->merged = std::move(merged);
    });
    return current->merged;
}

inline std::optional<std::pair<moment, moment>> ledger::moment_bounds() const {
    std::optional<std::pair<moment, moment>> bounds;
    for (const segment& each : state_->segments) {
        const auto [first, last] = detail::moment_bounds(*each);
        if (!bounds) bounds = {first, last};
        bounds = {std::min(bounds->first, first), std::max(bounds->second, last)};
    }
    return bounds;
}

inline std::string ledger::to_bytes() const {
    return detail::write_ledger(config(), *entries(), state_->kept_sections);
}

inline ledger ledger::from_bytes(std::string_view bytes) {
    auto parts = detail::read_ledger(bytes);
    ledger result(std::move(parts.config));
    result.state_->kept_sections = std::move(parts.kept_sections);
    result.add(std::make_shared<const ledger_entries>(std::move(parts.entries)));
    return result;
}

inline void ledger::save(const std::filesystem::path& path) const { detail::write_file(path, to_bytes()); }

inline ledger ledger::load(const std::filesystem::path& path) { return detail::read_file(path, &ledger::from_bytes); }

}  // namespace lgs_rfm
