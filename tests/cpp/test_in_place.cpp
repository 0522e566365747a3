#include <lgs_rfm/detail/sum_in_place.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/loops.hpp>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_in_place {

using namespace lgs_rfm::detail;
using lgs_rfm::column_type;

namespace {

/// One block of lines, as columns.
template <class Quantity>
struct lines {
    std::vector<Quantity> quantity;
    std::vector<double> price;
    std::vector<std::int32_t> starts;

    /// Random lines: mostly purchases, every so often something else; prices of two digits, and some of more.
    lines(std::uint64_t seed, std::size_t rows, std::int64_t largest_price) {
        reference::dice random(seed);
        for (std::size_t i = 0; i < rows; ++i) {
            if (i == 0 || random.between(0, 9) == 0) starts.push_back(static_cast<std::int32_t>(i));
            const bool usual = random.between(0, 5) != 0;
            quantity.push_back(static_cast<Quantity>(usual ? random.between(1, 99) : random.between(-3, 1)));
            const auto cents = static_cast<double>(usual ? random.between(1, largest_price) : random.between(-1, 1));
            price.push_back(cents / (random.between(0, 9) == 0 ? 1e7 : 100.0));
        }
    }

    [[nodiscard]] std::unique_ptr<block> as_block() const {
        auto result = std::make_unique<block>();
        result->rows = static_cast<std::int64_t>(price.size());
        for (const std::int32_t start : starts) {
            const auto k = static_cast<std::size_t>(result->starts++);
            result->start[k] = start;
            result->invoice[k] = 100 + k / 2 * 2;  // every other start changes nothing, as some starts do
            result->customer[k] = k % 2;
            result->moment[k] = 5;
        }
        return result;
    }

    /// Appends the runs by the road over the block.
    bool sum_slowly(run_list& runs, std::int64_t& rounded) const {
        const auto filled = as_block();
        auto* const q = reinterpret_cast<std::uint64_t*>(filled->quantity.data());
        auto* const p = reinterpret_cast<std::uint64_t*>(filled->price.data());
        if (!copy_quantities<Quantity>(quantity.data(), 0, filled->rows, q)) return false;
        const std::int64_t found = scale_prices(price.data(), 0, filled->rows, p);
        if (found < 0) return false;
        rounded += found;
        return sum_runs(*filled, runs) == filled->rows;
    }

    bool sum_at_once(run_list& runs, std::int64_t& rounded) const {
        const column_type type = sizeof(Quantity) == 4 ? column_type::int32 : column_type::int64;
        return sum_in_place(*as_block(), {type, quantity.data()}, {column_type::float64, price.data()}, runs, rounded);
    }
};

void require_same(const run_list& a, const run_list& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(a.keys[i] == b.keys[i]);
        REQUIRE(a.sums[i] == b.sums[i]);
    }
}

struct summed {
    run_list runs;
    std::int64_t rounded = 0;
};

/// Sums the lines by both roads, some times over, which must give the same.
template <class Quantity>
summed sum_both_ways(const lines<Quantity>& from, int times) {
    summed slowly;
    summed at_once;
    for (int i = 0; i < times; ++i) {
        REQUIRE(from.sum_slowly(slowly.runs, slowly.rounded));
        REQUIRE(from.sum_at_once(at_once.runs, at_once.rounded));
    }
    REQUIRE(slowly.rounded == at_once.rounded);
    require_same(slowly.runs, at_once.runs);
    return at_once;
}

template <class Quantity>
void check(std::uint64_t seed, std::size_t rows, std::int64_t largest_price) {
    sum_both_ways(lines<Quantity>(seed, rows, largest_price), 2);  // the second time a run may go on
}

/// One item of this price, by both roads.
template <class Quantity>
summed sum_one(double price) {
    lines<Quantity> one(1, 1, 10);
    one.quantity[0] = 1;
    one.price[0] = price;
    return sum_both_ways(one, 1);
}

}  // namespace

TEST_CASE("runs are summed from the columns as from the block") {
    if (!runs_on(instruction_set::avx512)) return;  // no other processor takes this road
    for (const std::size_t rows : {1, 2, 7, 8, 9, 63, 64, 100, 2047, 2048}) {
        for (const std::int64_t largest : {1'000, 5'000'000}) {
            check<std::int32_t>(rows, rows, largest);
            check<std::int64_t>(rows + 1, rows, largest);
        }
    }
}

TEST_CASE("a price that two roundings make is not made by one") {
    if (!runs_on(instruction_set::avx512)) return;  // no other processor takes this road
    // price * 1e6 is rounded to a double first and to a whole number then; a fused product and sum would skip the first
    reference::dice random(5);
    std::int64_t differ = 0;
    for (int i = 0; i < 20'000; ++i) {
        const double price = (static_cast<double>(random.between(1, 1'000'000'000)) + 0.5) / 1e6;
        const double fused = __builtin_fma(price, 1e6, 0x1.8p52) - 0x1.8p52;
        differ += fused != static_cast<double>(sum_one<std::int64_t>(price).runs.sums[0].net) ? 1 : 0;
    }
    CHECK(differ > 0);  // else these prices show nothing
}

TEST_CASE("prices count as rounded from the same distance on") {
    if (!runs_on(instruction_set::avx512)) return;  // no other processor takes this road
    reference::dice random(6);
    std::int64_t rounded = 0;
    for (int i = 0; i < 20'000; ++i) {
        // some steps of a double away from a whole number of millionths, on either side of what counts
        const auto whole = static_cast<double>(random.between(1, 1'000'000'000));
        const double price = whole / 1e6 * (1 + static_cast<double>(random.between(-4, 4)) * 0x1p-52);
        rounded += sum_one<std::int32_t>(random.between(0, 9) == 0 ? -price : price).rounded;
    }
    CHECK(rounded > 5'000);  // both kinds are among them
    CHECK(rounded < 15'000);
}

TEST_CASE("numbers that need a closer look are left to the block, and nothing is half done") {
    if (!runs_on(instruction_set::avx512)) return;  // no other processor takes this road
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double price : {nan, -nan, infinity, -infinity, 1e300, -1e300, 0x1p51 / 1e6, -0x1p51 / 1e6, 1e10}) {
        lines<std::int64_t> from(9, 100, 1000);
        run_list runs;
        std::int64_t rounded = 0;
        REQUIRE(from.sum_at_once(runs, rounded));
        const run_list before = runs;
        const std::int64_t rounded_before = rounded;
        from.price[50] = price;
        CHECK_FALSE(from.sum_at_once(runs, rounded));
        CHECK(rounded == rounded_before);
        require_same(runs, before);
    }
    for (const std::int64_t quantity : {std::int64_t{1} << 31, -(std::int64_t{1} << 31), std::int64_t{1} << 40,
                                        std::numeric_limits<std::int64_t>::min()}) {
        lines<std::int64_t> from(9, 100, 1000);
        from.quantity[77] = quantity;
        run_list runs;
        std::int64_t rounded = 0;
        CHECK_FALSE(from.sum_at_once(runs, rounded));
        CHECK(runs.empty());
    }
    // Each number is fine, their product is not; or there is no product to tell.
    constexpr std::int64_t many = 2'000'000'000;
    for (const auto& [quantity, price] :
         {std::pair(many, 2e9), {-many, 2e9}, {many, -2e9}, {0, 3e9}, {-many - many, 0.0}}) {
        lines<std::int64_t> large(9, 100, 1000);
        large.quantity[3] = quantity;
        large.price[3] = price;
        run_list runs;
        std::int64_t rounded = 0;
        CHECK_FALSE(large.sum_at_once(runs, rounded));
    }
}

TEST_CASE("other types take the road over the block") {
    const lines<std::int64_t> from(1, 10, 100);
    run_list runs;
    std::int64_t rounded = 0;
    const auto refused = [&](values_in_place quantity, values_in_place price) {
        return !sum_in_place(*from.as_block(), quantity, price, runs, rounded) && runs.empty();
    };
    const values_in_place price{column_type::float64, from.price.data()};
    CHECK(refused({column_type::float64, from.price.data()}, price));
    CHECK(refused({column_type::int64, nullptr}, price));
    CHECK(refused({column_type::int64, from.quantity.data()}, {column_type::int64, from.quantity.data()}));
    CHECK(refused({column_type::int64, from.quantity.data()}, {}));
}

}  // namespace test_in_place
