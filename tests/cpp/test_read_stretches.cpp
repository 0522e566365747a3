#include <lgs_rfm/detail/read_stretches.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_read_stretches {

using namespace lgs_rfm::detail;

namespace {

/// What a run of equal keys must add up to, by its definition.
struct run {
    std::string invoice;
    std::int64_t moment;
    std::int64_t lines;
    std::int64_t quantity;
};

}  // namespace

TEST_CASE("runs and epochs are those of the rows, whoever reads which of them") {
    reference::dice random(7);
    for (const std::int64_t longest : {5, 900, 60'000}) {  // a stretch has 65,536 rows
        std::vector<run> wanted;
        std::vector<std::string> invoice;
        std::vector<std::int64_t> moment;
        std::vector<std::int64_t> quantity;
        while (invoice.size() < 410'000) {
            // every other id does not pack, and has no key of its own but in a pool
            const std::string number = std::to_string(wanted.size() / 3 % 200);
            run next{wanted.size() % 2 == 0 ? number : "an invoice with a long number, " + number,
                     static_cast<std::int64_t>(wanted.size() % 4000) * 1'000'000, random.between(1, longest), 0};
            for (std::int64_t line = 0; line < next.lines; ++line) {
                invoice.push_back(next.invoice);
                moment.push_back(next.moment);
                quantity.push_back(random.between(-5, 50));
                next.quantity += quantity.back();
            }
            wanted.push_back(next);
        }
        epoch_tracker wanted_epochs;
        for (const run& each : wanted) {
            const run_keys keys{missing_key, missing_key, each.moment};
            wanted_epochs.follow(std::span(&keys, 1));
        }
        const std::vector<double> price(invoice.size(), 1.25);
        const lgs_rfm::invoice_lines lines{
            .invoice = invoice, .quantity = quantity, .invoice_date = moment, .unit_price = price};
        for (const unsigned threads : {1U, 2U, 7U}) {
            CAPTURE(longest, threads);
            run_pieces runs;
            epoch_tracker epochs;
            key_pool pool;
            read_by_threads(lines, 0, lines.size(), {}, 0, false, threads).append_to(runs, epochs, pool);
            CHECK(epochs.starts() == wanted_epochs.starts());
            CHECK(epochs.runs() == wanted.size());
            REQUIRE(runs.size() == wanted.size());
            run_pieces::cursor found(runs);
            bool same = true;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                const auto [keys, sums] = found[i];
                same = same && keys.invoice == pool.key(wanted[i].invoice) && keys.moment == wanted[i].moment &&
                       sums.lines == wanted[i].lines && sums.quantity == wanted[i].quantity &&
                       sums.net == wanted[i].quantity * 1'250'000;
            }
            CHECK(same);
        }
    }
}

TEST_CASE("a run of more lines than its sums hold is several") {
    const std::vector<std::string> invoice(300'000, "536365");
    const std::vector<std::int64_t> moment(invoice.size(), 0);
    const std::vector<std::int64_t> quantity(invoice.size(), 2);
    const std::vector<double> price(invoice.size(), 1.0);
    const lgs_rfm::invoice_lines lines{
        .invoice = invoice, .quantity = quantity, .invoice_date = moment, .unit_price = price};
    for (const unsigned threads : {1U, 3U}) {
        run_pieces runs;
        epoch_tracker epochs;
        key_pool pool;
        read_by_threads(lines, 0, lines.size(), {}, 0, false, threads).append_to(runs, epochs, pool);
        CHECK(epochs.runs() == runs.size());
        std::int64_t all = 0;
        for (const run_pieces::piece& each : runs) {
            for (const run_sums& sums : each.runs.sums) {
                all += sums.lines;
                CHECK(sums.quantity == 2 * sums.lines);
            }
        }
        CHECK(all == 300'000);
    }
}

}  // namespace test_read_stretches
