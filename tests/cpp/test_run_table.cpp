#include <lgs_rfm/detail/run_table.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

using namespace lgs_rfm::detail;

namespace {

using key = std::tuple<id_key, id_key, std::int64_t>;

key key_of(const run_keys& keys) { return {keys.invoice, keys.customer, keys.moment}; }

run_list random_runs(std::uint64_t seed, std::size_t count, std::int64_t invoices) {
    reference::dice random(seed);
    run_list runs;
    for (std::size_t i = 0; i < count; ++i) {
        runs.keys.push_back({static_cast<id_key>(random.between(1, invoices)),
                             random.between(0, 9) == 0 ? missing_key : static_cast<id_key>(random.between(1, 3)),
                             random.between(-2, 2)});
        run_sums sums;
        sums.digest = static_cast<std::uint64_t>(random.between(0, 1'000'000));
        sums.quantity = random.between(-50, 50);
        sums.gross = random.between(0, 1'000'000'000);
        sums.net = random.between(-1'000'000'000, 1'000'000'000);
        sums.lines = static_cast<std::uint16_t>(random.between(1, 5));
        sums.purchase_lines = 1;
        sums.zero_price = static_cast<std::uint16_t>(random.between(0, 2));
        sums.negative_price = 3;
        sums.positive_quantity = 4;
        sums.negative_quantity = 5;
        sums.zero_quantity = 6;
        runs.sums.push_back(sums);
    }
    return runs;
}

}  // namespace

TEST_CASE("runs in no order are summed by their keys as by a map") {
    for (const auto& [count, invoices] : {std::pair(0, 1), {1, 1}, {5000, 3}, {60'000, 100}, {60'000, 1'000'000}}) {
        run_table table;
        std::map<key, run_sums> wanted;
        for (const std::uint64_t batch : {1, 2, 3}) {
            const run_list runs = random_runs(batch, static_cast<std::size_t>(count), invoices);
            for (std::size_t i = 0; i < runs.size(); ++i) REQUIRE(wanted[key_of(runs.keys[i])].add(runs.sums[i]));
            table.add(runs, static_cast<unsigned>(batch));
        }
        CHECK(table.empty() == (count == 0));
        const run_list found = table.take();
        CHECK(table.empty());
        REQUIRE(found.size() == wanted.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            REQUIRE(wanted.count(key_of(found.keys[i])) == 1);
            REQUIRE(found.sums[i] == wanted[key_of(found.keys[i])]);
        }
    }
}

TEST_CASE("sums that leave 64 bits begin another run, and nothing is lost") {
    constexpr std::int64_t large = std::numeric_limits<std::int64_t>::max();
    run_list runs;
    for (int i = 0; i < 3000; ++i) {
        runs.keys.push_back({7, 8, 9});
        run_sums sums;
        sums.gross = i % 2 == 0 ? large : 1;
        sums.lines = 1;
        runs.sums.push_back(sums);
    }
    run_table table;
    table.add(runs, 1);
    const run_list found = table.take();
    lgs_rfm::int128 gross = 0;
    std::uint64_t lines = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found.keys[i] == run_keys{7, 8, 9});
        gross += found.sums[i].gross;
        lines += found.sums[i].lines;
    }
    CHECK(gross == lgs_rfm::int128{large} * 1500 + 1500);
    CHECK(lines == 3000);
}
