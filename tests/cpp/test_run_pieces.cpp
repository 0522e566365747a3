#include <lgs_rfm/detail/run_pieces.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

#include <lgs_rfm/detail/epochs.hpp>

namespace test_run_pieces {

using namespace lgs_rfm::detail;

namespace {

run_list some_runs(reference::dice& random, std::int64_t count, std::int64_t& moment, std::int64_t most_step) {
    run_list runs;
    for (std::int64_t i = 0; i < count; ++i) {
        moment += random.between(-1, most_step);
        runs.keys.push_back({key_of_integer(i), missing_key, moment});
        run_sums sums;
        sums.quantity = random.between(-9, 9);
        runs.sums.push_back(sums);
    }
    return runs;
}

}  // namespace

TEST_CASE("runs in pieces read as if they were side by side") {
    reference::dice random(3);
    run_pieces pieces;
    run_list whole;
    std::int64_t moment = 0;
    for (const std::int64_t size : {40, 0, 90'000, 70'000, 10, 300, 1, 65'000, 30'000, 5}) {
        run_list runs = some_runs(random, size, moment, 1);
        whole.append(runs);
        pieces.append(std::move(runs));
    }
    REQUIRE(pieces.size() == whole.size());
    std::size_t next = 0;
    for (const run_pieces::piece& each : pieces) {
        REQUIRE(each.begin == next);
        next += each.runs.size();
    }
    REQUIRE(next == whole.size());
    run_pieces::cursor cursor(pieces);
    for (int i = 0; i < 20'000; ++i) {
        const auto at = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(whole.size()) - 1));
        cursor.expect(at);
        REQUIRE(cursor[at].keys == whole.keys[at]);
        REQUIRE(cursor[at].sums == whole.sums[at]);
    }
    pieces.clear();
    CHECK(pieces.empty());
}

TEST_CASE("stretches of several lists read in their order") {
    reference::dice random(5);
    for (const std::int64_t most : {3, 400, 60'000}) {
        run_pieces pieces;
        run_list whole;
        std::int64_t moment = 0;
        for (int batch = 0; batch < 12; ++batch) {
            std::vector<run_list> lists(3);
            std::vector<run_pieces::stretch> stretches;
            for (int i = 0; i < 9; ++i) {
                const auto list = static_cast<std::size_t>(random.between(0, 2));
                const std::size_t before = lists[list].size();
                const run_list runs = some_runs(random, random.between(0, most), moment, 1);
                lists[list].append(runs);
                const std::size_t left_out = runs.empty() ? 0 : static_cast<std::size_t>(random.between(0, 1));
                stretches.push_back({list, before + left_out, lists[list].size()});
                for (std::size_t k = left_out; k < runs.size(); ++k) {
                    whole.keys.push_back(runs.keys[k]);
                    whole.sums.push_back(runs.sums[k]);
                }
            }
            pieces.append(std::move(lists), stretches);
        }
        REQUIRE(pieces.size() == whole.size());
        std::size_t next = 0;
        bool same = true;
        for (const run_pieces::piece& each : pieces) {
            REQUIRE(each.begin == next);
            for (std::size_t k = 0; k < each.runs.size(); ++k, ++next) {
                same = same && each.runs.keys[k] == whole.keys[next] && each.runs.sums[k] == whole.sums[next];
            }
        }
        CHECK(same);
        CHECK(next == whole.size());
    }
}

TEST_CASE("epochs are the same however the runs were cut") {
    for (const std::int64_t most_step : {0, 1, 2, 60}) {  // mostly falling, in no order, mostly rising
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            reference::dice random(seed);
            std::int64_t moment = 0;
            const run_list runs = some_runs(random, random.between(0, 1500), moment, most_step);
            // the definition, direction by direction
            std::vector<std::size_t> falls;
            std::vector<std::size_t> rises;
            for (std::size_t i = 1; i < runs.size(); ++i) {
                if (runs.keys[i].moment < runs.keys[i - 1].moment) falls.push_back(i);
                if (runs.keys[i].moment > runs.keys[i - 1].moment) rises.push_back(i);
            }
            std::vector<std::size_t> wanted = falls.size() > rises.size() ? rises : falls;
            if (wanted.size() > epoch_tracker::most_epochs) wanted.resize(epoch_tracker::most_epochs);

            epoch_tracker whole;
            whole.follow(runs.keys);
            epoch_tracker joined;
            epoch_tracker cut;  // in the middle of a run now and then
            for (std::size_t begin = 0; begin < runs.size();) {
                const auto size = static_cast<std::size_t>(random.between(0, 400));
                const std::size_t end = std::min(runs.size(), begin + size);
                epoch_tracker part;
                part.follow(std::span<const run_keys>(runs.keys).subspan(begin, end - begin));
                joined.follow(part);
                const bool in_a_run = begin > 0 && random.between(0, 1) == 1;
                epoch_tracker longer;
                if (in_a_run) longer.follow(std::span<const run_keys>(runs.keys).subspan(begin - 1, 1));
                longer.follow(part);
                cut.follow(longer, in_a_run);
                begin = end;
            }
            for (const epoch_tracker* each : {&whole, &joined, &cut}) {
                CHECK(each->starts() == wanted);
                CHECK(each->runs() == runs.size());
                CHECK(each->judged() == (wanted.size() < epoch_tracker::most_epochs));
                CHECK(each->hopeless() == (falls.size() >= 100 && rises.size() >= 100));
            }
        }
    }
}

}  // namespace test_run_pieces
