#include <lgs_rfm/detail/run_table.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_run_table {

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
        const auto some = [&](std::int64_t most) { return static_cast<std::uint16_t>(random.between(0, most)); };
        run_sums sums;
        sums.digest = static_cast<std::uint64_t>(random.between(0, 1'000'000));
        sums.quantity = random.between(-50, 50);
        sums.gross = random.between(0, 1'000'000'000);
        sums.net = random.between(-1'000'000'000, 1'000'000'000);
        sums.lines = static_cast<std::uint16_t>(random.between(1, 5));
        sums.purchase_lines = some(sums.lines);
        sums.zero_price = some(sums.lines);
        sums.negative_price = some(sums.lines - sums.zero_price);
        sums.positive_quantity = some(sums.lines);
        sums.negative_quantity = some(sums.lines - sums.positive_quantity);
        sums.zero_quantity = static_cast<std::uint16_t>(sums.lines - sums.positive_quantity - sums.negative_quantity);
        runs.sums.push_back(sums);
    }
    return runs;
}

/// Runs by their key; a key may come several times, where one run could not hold its sums.
std::map<key, run_sums> by_key(const run_list& runs) {
    std::map<key, run_sums> result;
    for (std::size_t i = 0; i < runs.size(); ++i) REQUIRE(result[key_of(runs.keys[i])].add(runs.sums[i]));
    return result;
}

}  // namespace

TEST_CASE("runs in no order are summed by their keys as by a map") {
    for (const auto& [count, invoices] : {std::pair(0, 1), {1, 1}, {3000, 3}, {60'000, 100}, {60'000, 1'000'000}}) {
        run_table table;
        std::map<key, run_sums> wanted;
        for (const std::uint64_t batch : {1, 2, 3}) {
            const run_list runs = random_runs(batch, static_cast<std::size_t>(count), invoices);
            for (const auto& [of, sums] : by_key(runs)) REQUIRE(wanted[of].add(sums));
            table.add(runs, static_cast<unsigned>(batch));
        }
        CHECK(table.empty() == (count == 0));
        const run_list found = table.take(2);
        CHECK(table.empty());
        CHECK(by_key(found) == wanted);
        // 9,000 runs of 60 keys are some 540 lines each, 1,023 of which fit
        CHECK(found.size() == wanted.size());
    }
}

namespace {

/// A block of one key, every row a start.
std::unique_ptr<block> block_of_starts(std::int64_t rows) {
    auto lines = std::make_unique<block>();
    lines->rows = lines->starts = rows;
    std::iota(lines->start.begin(), lines->start.end(), 0);
    lines->invoice.fill(1);
    lines->customer.fill(1);
    lines->moment.fill(1);
    return lines;
}

/// Lines in no order, some of them like the one before.
std::unique_ptr<block> random_block(reference::dice& random, std::int64_t rows, std::int64_t invoices) {
    auto lines = block_of_starts(rows);
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
        const bool same = i > 0 && random.between(0, 3) == 0;
        lines->invoice[i] = same ? lines->invoice[i - 1] : static_cast<id_key>(random.between(1, invoices));
        lines->customer[i] = same                        ? lines->customer[i - 1]
                             : random.between(0, 9) == 0 ? missing_key
                                                         : static_cast<id_key>(random.between(1, 3));
        lines->moment[i] = same ? lines->moment[i - 1] : random.between(-2, 2);
        lines->quantity[i] = random.between(-3, 9);
        lines->price[i] = random.between(-1, 9) * 1'250'000;
    }
    return lines;
}

}  // namespace

TEST_CASE("lines dealt to partitions are summed by their keys as runs are") {
    for (const std::int64_t invoices : {1, 3, 1000, 1'000'000}) {
        reference::dice random(static_cast<std::uint64_t>(invoices));
        std::array<scattered_lines, 2> parts;
        run_table table;
        run_table by_runs;
        for (int batch = 0; batch < 2; ++batch) {
            run_list runs;
            for (scattered_lines& part : parts) {
                part = {};
                if (batch == 0) part.reserve(100);
                for (int i = 0; i < 5; ++i) {
                    const auto lines = random_block(random, random.between(1, block::capacity), invoices);
                    REQUIRE(part.add(*lines));
                    REQUIRE(sum_runs(*lines, runs) == lines->rows);
                }
            }
            const std::array<const scattered_lines*, 2> dealt{&parts[0], &parts[1]};
            table.add(dealt, 2);
            by_runs.add(runs, 1);
        }
        CHECK(by_key(table.take()) == by_key(by_runs.take()));
    }
}

TEST_CASE("the largest amounts that are dealt out are summed without a loss") {
    const auto lines = block_of_starts(block::capacity);
    lines->quantity.fill(-((std::int64_t{1} << 30) - 1));
    lines->price.fill((std::int64_t{1} << 23) - 1);  // 30 + 23 bits
    scattered_lines part;
    constexpr int blocks = 3;
    for (int i = 0; i < blocks; ++i) REQUIRE(part.add(*lines));
    lines->price.fill(std::int64_t{1} << 23);
    CHECK_FALSE(part.add(*lines));
    run_table table;
    table.add(std::array<const scattered_lines*, 1>{&part}, 1);
    lgs_rfm::int128 net = 0;
    for (const run_sums& each : table.take().sums) net += each.net;
    CHECK(net ==
          -lgs_rfm::int128{(std::int64_t{1} << 30) - 1} * ((std::int64_t{1} << 23) - 1) * blocks * block::capacity);
}

TEST_CASE("lines are summed alike with every instruction set, one by one and by their keys") {
#if LGS_RFM_HAS_VECTORS
    if (!processor_has(instruction_set::avx512)) return;
    constexpr std::size_t eight = 8;
    reference::dice random(11);
    for (int round = 0; round < 200; ++round) {
        const auto lines = block_of_starts(eight);
        for (std::size_t k = 0; k < eight; ++k) {
            lines->invoice[k] = static_cast<id_key>(random.between(0, 1 << 30)) << random.between(0, 33);
            lines->customer[k] =
                random.between(0, 4) == 0 ? missing_key : static_cast<id_key>(random.between(0, 1 << 20));
            lines->moment[k] = random.between(-(std::int64_t{1} << 50), std::int64_t{1} << 50);
            lines->quantity[k] = random.between(-2, 2) * random.between(1, 100'000);
            lines->price[k] = random.between(-2, 2) * random.between(1, 1 << 30);
        }
        std::array<std::uint64_t, eight> hashes;
        std::array<summed_lines, eight> sums;
        std::array<summed_lines*, eight> places;
        for (std::size_t k = 0; k < eight; ++k) places[k] = &sums[(k + 3) % eight];
        avx512::hash_each(*lines, 0, hashes.data());
        avx512::sum_each(*lines, 0, places.data());
        finish_streams();
        std::array<summed_lines, eight> table;  // of two slots used, the second where a search from the first ends
        table[0] = summed_lines::of_line({missing_key, missing_key, 0}, 1, 1);
        for (std::size_t k = 0; k < eight; ++k) {
            const run_keys keys{lines->invoice[k], lines->customer[k], lines->moment[k]};
            const summed_lines wanted = summed_lines::of_line(keys, lines->quantity[k], lines->price[k]);
            CHECK(hashes[k] == key_hash::of(keys));
            CHECK(*places[k] == wanted);

            const std::uint32_t slot = 0;
            table[1] = {};
            CHECK(avx512::add_known(table.data(), table.size() - 1, &slot, places[k], 1) == 0);
            table[1] = wanted;
            CHECK(avx512::add_known(table.data(), table.size() - 1, &slot, places[k], 1) == 1);
            summed_lines twice = wanted;
            twice.add(wanted);
            CHECK(table[1] == twice);
            table[1].counts |= summed_lines::most_lines;
            CHECK(avx512::add_known(table.data(), table.size() - 1, &slot, places[k], 1) == 0);
        }
    }
#endif
}

TEST_CASE("lines that need care are not dealt out") {
    reference::dice random(9);
    const auto refused = [&](auto&& change) {
        const auto lines = random_block(random, 50, 10);
        change(*lines);
        scattered_lines part;
        return !part.add(*lines) && part.empty();
    };
    CHECK_FALSE(refused([](block&) {}));
    CHECK(refused([](block& lines) { lines.has_price = false; }));
    CHECK(refused([](block& lines) { lines.has_quantity = false; }));
    CHECK(refused([](block& lines) { lines.price[7] = std::int64_t{1} << 61; }));
    CHECK(refused([](block& lines) { lines.invoice[3] = pool_tag; }));
    CHECK(refused([](block& lines) { lines.customer[3] = pool_tag | 5; }));
}

TEST_CASE("a run of more lines than it can count begins another, and nothing is lost") {
    const auto lines = block_of_starts(block::capacity);
    lines->quantity.fill(1);
    lines->price.fill(1'000'000);
    scattered_lines part;
    constexpr int blocks = 40;
    for (int i = 0; i < blocks; ++i) REQUIRE(part.add(*lines));
    const std::array<const scattered_lines*, 1> parts{&part};
    run_table table;
    table.add(parts, 1);
    const run_list found = table.take();
    std::int64_t count = 0;
    std::int64_t net = 0;
    for (const run_sums& each : found.sums) {
        CHECK(each.purchase_lines == each.lines);
        count += each.lines;
        net += each.net;
    }
    CHECK(found.size() > 1);
    CHECK(count == blocks * block::capacity);
    CHECK(net == blocks * block::capacity * 1'000'000);
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

}  // namespace test_run_table
