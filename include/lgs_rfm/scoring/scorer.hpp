#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/large_vector.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/tables/customers.hpp>

namespace lgs_rfm {

/// The number of bins of each dimension, 2..10. One number serves all three.
struct rfm_bins {
    int recency = 5;
    int frequency = 5;
    int monetary = 5;

    constexpr rfm_bins() = default;
    constexpr rfm_bins(int k) : recency(k), frequency(k), monetary(k) {}  // NOLINT: bins = 5 is the common case
    constexpr rfm_bins(int r, int f, int m) : recency(r), frequency(f), monetary(m) {}
    friend constexpr bool operator==(const rfm_bins&, const rfm_bins&) = default;
};

/// What becomes of customers with equal frequency, of whom there are many.
enum class tie_rule : std::uint8_t {
    first,    ///< order by (frequency, customer id); a cut is such a pair, so bins come out equally large
    together  ///< plain cuts on frequency: equal frequencies get equal scores
};

struct scorer_options {
    rfm_bins bins = {};
    tie_rule ties = tie_rule::first;
};

/// Recency (days), frequency and monetary of customers as doubles, the one form in which values are scored.
struct rfm_values {
    detail::large_vector<double> recency;
    detail::large_vector<double> frequency;
    detail::large_vector<double> monetary;
    id_column customer_id;  ///< needed by ties = first only; ids of one list, in id order by code

    rfm_values() = default;
    rfm_values(const customer_columns& table);  // NOLINT: a customer table is what is scored
};

/// Scores 1..k a dimension, parallel to the rows scored; higher is better, recency included.
struct rfm_scores {
    detail::large_vector<std::int64_t> r;
    detail::large_vector<std::int64_t> f;
    detail::large_vector<std::int64_t> m;
    rfm_bins bins;
};

/// A cut of the order (frequency, customer id).
struct frequency_cut {
    double frequency = 0;
    std::string customer_id;  ///< as text; "" with ties = together
    friend bool operator==(const frequency_cut&, const frequency_cut&) = default;
};

/// Turns recency, frequency and monetary into scores by cut points learnt from customers. Immutable once fitted.
/// Score = 1 + number of cuts strictly below the value; recency is reversed, so that recent customers score high.
class rfm_scorer {
public:
    /// Learns k - 1 cut points a dimension (see `cut_points`). O(n k). Throws `invalid_option` for bins outside
    /// 2..10 and for no rows, `not_finite` for NaN or infinity, `unequal_length`.
    [[nodiscard]] static rfm_scorer fit(const rfm_values& values, const scorer_options& options = {});

    /// `fit`, and `transform` of the same customers, who are checked once.
    [[nodiscard]] static std::pair<rfm_scorer, rfm_scores> fit_transform(const rfm_values& values,
                                                                         const scorer_options& options = {});

    /// A scorer from cuts that were learnt before. Throws `invalid_option` when their number or order does not fit.
    [[nodiscard]] static rfm_scorer from_cuts(const scorer_options& options, std::vector<double> recency,
                                              std::vector<frequency_cut> frequency, std::vector<double> monetary);

    /// Scores any customers, in their order; a row's scores depend on this row only. O(n k). Throws `not_finite`.
    [[nodiscard]] rfm_scores transform(const rfm_values& values) const;

    [[nodiscard]] const scorer_options& options() const noexcept { return options_; }
    [[nodiscard]] const std::vector<double>& recency_cuts() const noexcept { return recency_; }
    [[nodiscard]] const std::vector<frequency_cut>& frequency_cuts() const noexcept { return frequency_; }
    [[nodiscard]] const std::vector<double>& monetary_cuts() const noexcept { return monetary_; }

    /// Scores that no customer can get because cuts are equal, by dimension r, f, m; ascending.
    [[nodiscard]] std::array<std::vector<int>, 3> unused_scores() const;

    friend bool operator==(const rfm_scorer& a, const rfm_scorer& b) {
        return a.options_.bins == b.options_.bins && a.options_.ties == b.options_.ties && a.recency_ == b.recency_ &&
               a.frequency_ == b.frequency_ && a.monetary_ == b.monetary_;
    }

private:
    [[nodiscard]] rfm_scores score(const rfm_values& values) const;  // of customers who are checked

    scorer_options options_;
    std::vector<double> recency_;
    std::vector<frequency_cut> frequency_;
    std::vector<double> monetary_;
};

/// JSON text, the same bytes for equal scorers; numbers are the shortest that read back exactly.
/// Compiled: link `lgs_rfm::lgs_rfm`.
[[nodiscard]] std::string to_json(const rfm_scorer& scorer);
/// Throws `bad_file` when the text is not a saved scorer. Compiled: link `lgs_rfm::lgs_rfm`.
[[nodiscard]] rfm_scorer scorer_from_json(std::string_view text);

}  // namespace lgs_rfm

#include <lgs_rfm/detail/scorer_impl.hpp>
