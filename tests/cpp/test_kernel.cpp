#include <lgs_rfm/detail/kernel.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_kernel {

using lgs_rfm::int128;
using lgs_rfm::detail::block;
using lgs_rfm::detail::run_keys;
using lgs_rfm::detail::run_list;
using lgs_rfm::detail::run_sums;
using lgs_rfm::detail::sum_runs;

namespace {

struct row {
    std::uint64_t invoice, customer;
    std::int64_t moment, quantity, price;
};

std::vector<row> random_rows(std::uint64_t seed, std::size_t count) {
    reference::dice random(seed);
    std::vector<row> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
        rows[i] = i > 0 ? rows[i - 1] : row{1, 1, 1, 1, 1};
        if (random.between(0, 3) == 0) rows[i].invoice = static_cast<std::uint64_t>(random.between(1, 3));
        if (random.between(0, 3) == 0) rows[i].customer = static_cast<std::uint64_t>(random.between(1, 3));
        if (random.between(0, 3) == 0) rows[i].moment = random.between(1, 3);
        rows[i].quantity = random.between(-3, 3);
        rows[i].price = random.between(-2, 4) * 1'250'000;
    }
    return rows;
}

bool same_keys(const row& a, const row& b) {
    return std::tie(a.invoice, a.customer, a.moment) == std::tie(b.invoice, b.customer, b.moment);
}

/// Feeds the rows in blocks of `step`; returns how many were summed. A start may be given where no key changes: some
/// columns are compared by how they lie in memory. `needless` adds one in every so many rows.
std::int64_t feed(const std::vector<row>& rows, std::size_t step, run_list& runs, bool has_price = true,
                  bool has_quantity = true, std::size_t needless = 1000) {
    const auto lines = std::make_unique<block>();
    lines->has_price = has_price;
    lines->has_quantity = has_quantity;
    std::int64_t summed = 0;
    for (std::size_t done = 0; done < rows.size(); done += step) {
        const std::size_t size = std::min(step, rows.size() - done);
        lines->starts = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const row& each = rows[done + i];
            if (i == 0 || !same_keys(each, rows[done + i - 1]) || i % needless == 0) {
                const auto k = static_cast<std::size_t>(lines->starts++);
                lines->start[k] = static_cast<std::int32_t>(i);
                lines->invoice[k] = each.invoice;
                lines->customer[k] = each.customer;
                lines->moment[k] = each.moment;
            }
            lines->quantity[i] = has_quantity ? each.quantity : 0;
            lines->price[i] = each.price;
        }
        lines->rows = static_cast<std::int64_t>(size);
        const std::int64_t good = sum_runs(*lines, runs);
        summed += good;
        if (good < lines->rows) break;
    }
    return summed;
}

/// Row by row: a run ends where one of the three keys changes.
run_list expected(const std::vector<row>& rows, bool has_price, bool has_quantity) {
    run_list runs;
    for (const row& each : rows) {
        const run_keys keys{each.invoice, each.customer, each.moment};
        if (runs.empty() || !(runs.keys.back() == keys)) {
            runs.keys.push_back(keys);
            runs.sums.push_back({});
        }
        const std::int64_t quantity = has_quantity ? each.quantity : 0;
        const int128 amount = has_price ? int128{quantity} * each.price : int128{each.price};
        const bool purchase = amount > 0 && (!has_quantity || quantity > 0);
        // with an amount in place of a price, a quantity of the other sign tells a negative price
        const bool negative = has_price ? each.price < 0 : (amount < 0 && quantity > 0) || (amount > 0 && quantity < 0);
        run_sums& sums = runs.sums.back();
        const auto count = [](std::uint16_t& of, bool one) { of = static_cast<std::uint16_t>(of + (one ? 1 : 0)); };
        count(sums.lines, true);
        count(sums.purchase_lines, purchase);
        count(sums.zero_price, each.price == 0);
        count(sums.negative_price, negative);
        count(sums.zero_quantity, has_quantity && quantity == 0);
        sums.quantity += quantity;
        sums.gross += static_cast<std::int64_t>(purchase ? amount : 0);
        sums.net += static_cast<std::int64_t>(amount);
        count(sums.positive_quantity, quantity > 0);
        count(sums.negative_quantity, quantity < 0);
    }
    return runs;
}

/// Neighbours of equal keys as one run: a start where no key changes may begin another one.
run_list joined(const run_list& from) {
    run_list runs;
    for (std::size_t i = 0; i < from.size(); ++i) lgs_rfm::detail::append_run(runs, from.keys[i], from.sums[i]);
    return runs;
}

}  // namespace

TEST_CASE("the kernel sums runs as row by row does") {
    const auto rows = random_rows(31, 5000);
    for (const auto& [has_price, has_quantity] :
         {std::pair(true, true), std::pair(false, true), std::pair(false, false)}) {
        const auto wanted = expected(rows, has_price, has_quantity);
        for (const auto& [step, needless] :
             {std::pair(1, 1), std::pair(7, 3), std::pair(2048, 1), std::pair(2048, 999), std::pair(2048, 5000)}) {
            run_list found;
            REQUIRE(feed(rows, static_cast<std::size_t>(step), found, has_price, has_quantity,
                         static_cast<std::size_t>(needless)) == 5000);
            if (needless == 5000) CHECK(found.size() == wanted.size());
            run_list runs = joined(found);
            REQUIRE(runs.size() == wanted.size());
            for (std::size_t i = 0; i < runs.size(); ++i) {
                REQUIRE(runs.keys[i] == wanted.keys[i]);
                runs.sums[i].digest = 0;  // looked at below
                REQUIRE(runs.sums[i] == wanted.sums[i]);
            }
        }
    }
}

TEST_CASE("a digest does not depend on order or blocks but on every value") {
    std::vector<row> rows;
    reference::dice random(32);
    for (int i = 0; i < 50; ++i) rows.push_back({5, 6, 7, random.between(-9, 9), random.between(0, 999)});
    const auto digest = [](const std::vector<row>& of, std::size_t step) {
        run_list runs;
        feed(of, step, runs);
        std::uint64_t sum = 0;
        for (const run_sums& each : runs.sums) sum += each.digest;
        return sum;
    };
    const std::uint64_t wanted = digest(rows, 2048);
    auto shuffled = rows;
    random.shuffle(shuffled);
    CHECK(digest(shuffled, 2048) == wanted);
    CHECK(digest(rows, 3) == wanted);
    for (auto change : {+[](row& r) { ++r.quantity; }, +[](row& r) { ++r.price; }}) {
        auto other = rows;
        change(other[17]);
        CHECK(digest(other, 2048) != wanted);
    }
    auto renamed = rows;  // copies are compared within one invoice; customers and moments are added later
    for (row& each : renamed) {
        each.invoice = 8;
        each.customer = 9;
        each.moment = 10;
    }
    CHECK(digest(renamed, 2048) == wanted);
}

TEST_CASE("a digest tells which quantity went with which price") {
    reference::dice random(33);
    const auto digest = [](std::int64_t quantity, std::int64_t price, std::int64_t other_quantity,
                           std::int64_t other_price) {
        run_list runs;
        feed({{5, 6, 7, quantity, price}, {5, 6, 7, other_quantity, other_price}}, 2, runs);
        return runs.sums.front().digest;
    };
    for (int i = 0; i < 5000; ++i) {
        const std::int64_t q1 = random.between(-20, 100);
        const std::int64_t q2 = q1 + random.between(1, 50);
        const std::int64_t p1 = random.between(-5, 2000) * 10'000;
        const std::int64_t p2 = p1 + random.between(1, 2000) * 10'000;
        REQUIRE(digest(q1, p1, q2, p2) != digest(q1, p2, q2, p1));
    }
}

TEST_CASE("the kernel stops at an amount beyond int64") {
    const std::int64_t large = std::numeric_limits<std::int64_t>::max();
    for (const row& bad :
         {row{1, 1, 1, 2, large}, row{2, 1, 1, -2, large}, row{1, 1, 1, 2'147'483'647, 9'000'000'000'000}}) {
        std::vector<row> rows{{1, 1, 1, 1, large}, {1, 1, 1, -1, large}, bad, {1, 1, 1, 1, 1}};
        run_list runs;
        CHECK(feed(rows, 2048, runs) == 2);
    }
    run_list most;
    CHECK(feed({{1, 1, 1, 1, large}}, 1, most) == 1);  // the largest price there is
    CHECK(most.sums.back().net == large);
    run_list runs;
    CHECK(feed({{1, 1, 1, 2, large}}, 1, runs, false) == 1);  // an amount is not multiplied
    CHECK(runs.sums.back().net == large);
}

TEST_CASE("sums of many large amounts are exact") {
    const std::int64_t large = std::numeric_limits<std::int64_t>::max();
    const std::vector<row> rows(2000, row{1, 1, 1, 1, large});
    run_list runs;
    REQUIRE(feed(rows, 2048, runs) == 2000);
    int128 gross = 0;
    int128 net = 0;
    std::uint64_t lines = 0;
    for (const run_sums& each : runs.sums) {  // cut where 64 bits would not do
        gross += each.gross;
        net += each.net;
        lines += each.lines;
    }
    CHECK(lines == 2000);
    CHECK(gross == int128{large} * 2000);
    CHECK(net == int128{large} * 2000);
}

}  // namespace test_kernel
