#include <lgs_rfm/detail/group_runs.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <lgs_rfm/detail/make_entries.hpp>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_group_runs {

using namespace lgs_rfm::detail;
using lgs_rfm::id_column;
using lgs_rfm::id_view;

namespace {

/// The ids of a run, as text; empty: missing.
struct ids_of_run {
    std::string invoice;
    std::string customer;
};

/// Runs with these ids, in some pieces; the quantity of each is its number.
struct input {
    explicit input(const std::vector<ids_of_run>& of) : ids(of) {
        run_list piece;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            piece.keys.push_back({pool.key(ids[i].invoice), pool.key(ids[i].customer), static_cast<std::int64_t>(i)});
            run_sums sums{};
            sums.quantity = static_cast<std::int64_t>(i);
            sums.lines = 1;
            piece.sums.push_back(sums);
            if (i % 7'001 == 7'000) runs.append(std::exchange(piece, {}));
        }
        runs.append(std::move(piece));
    }

    std::vector<ids_of_run> ids;
    key_pool pool;
    run_pieces runs;
};

/// The runs of each invoice in order, from a map.
std::map<id_view, std::vector<std::uint32_t>> by_invoice(const std::vector<ids_of_run>& ids) {
    std::map<id_view, std::vector<std::uint32_t>> result;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        result[id_view(ids[i].invoice)].push_back(static_cast<std::uint32_t>(i));
    }
    return result;
}

std::map<id_view, std::uint32_t> customer_codes_of(const std::vector<ids_of_run>& ids) {
    std::map<id_view, std::uint32_t> codes;
    for (const ids_of_run& each : ids) codes.emplace(id_view(each.customer), 0);
    std::uint32_t next = 0;
    for (auto& [id, code] : codes) code = id.is_missing() ? id_column::missing : next++;
    return codes;
}

enum class road { ascending, counting };

void check(const std::vector<ids_of_run>& ids, road wanted_road) {
    const input in(ids);
    const auto wanted = by_invoice(ids);
    const auto customers = customer_codes_of(ids);
    for (const unsigned threads : {1U, 2U, 5U}) {
        CAPTURE(threads, ids.size());
        grouped_runs grouped = group_runs(in.runs, in.pool, threads);
        CHECK((grouped.invoices == nullptr ? road::ascending : road::counting) == wanted_road);

        std::vector<std::vector<std::uint32_t>> groups;
        for (const invoice_groups& part : grouped.parts) {
            part.for_each(
                [&](sorted_runs singles) {
                    for (const keyed_run& of : singles) groups.push_back({of.run});
                },
                [&](sorted_runs several) {
                    REQUIRE(several.size() > 1);
                    groups.emplace_back();
                    for (const keyed_run& of : several) groups.back().push_back(of.run);
                });
        }
        std::vector<std::uint32_t> missing;
        for (const keyed_run& of : grouped.missing) missing.push_back(of.run);
        if (!missing.empty()) groups.push_back(missing);
        std::vector<std::vector<std::uint32_t>> wanted_groups;
        for (const auto& [id, runs] : wanted) wanted_groups.push_back(runs);
        REQUIRE(groups == wanted_groups);

        run_pieces::cursor keys(in.runs);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const id_key key = keys[i].keys.customer;
            REQUIRE(grouped.customers.of(static_cast<std::uint32_t>(i), key) == customers.at(id_view(ids[i].customer)));
        }

        // Each run has a moment of its own, so each is an entry, of its quantity.
        const auto entries =
            make_entries(std::move(grouped), {}, threads, [](id_key) { return lgs_rfm::invoice_kind::sale; });
        REQUIRE(entries.size() == ids.size());
        REQUIRE(entries.invoices->size() == wanted.size() - wanted.count(id_view()));
        for (std::size_t e = 0; e < entries.size(); ++e) {
            const auto run = static_cast<std::size_t>(entries.sums[e].quantity);
            REQUIRE(entries.moment[e] == static_cast<std::int64_t>(run));
            const auto invoice = entries.invoice[e];
            REQUIRE((invoice == id_column::missing ? id_view() : (*entries.invoices)[invoice]) ==
                    id_view(ids[run].invoice));
            REQUIRE(entries.customer[e] == customers.at(id_view(ids[run].customer)));
        }
    }
}

/// Invoices as a shop numbers them: every sixth a cancellation, one number for both, now and then two runs, a late one,
/// one without a number; `from` and `count` of one sheet.
void append_sheet(std::vector<ids_of_run>& to, reference::dice& random, std::int64_t from, std::int64_t count,
                  std::int64_t customers) {
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t late = random.between(0, 30) == 0 ? random.between(1, 20) : 0;
        const std::string number = std::to_string(from + i - std::min(late, i));
        const std::int64_t dice = random.between(0, 400);
        const std::string invoice = dice == 0 ? "" : dice == 1 ? "A" + number : dice < 60 ? "C" + number : number;
        const std::string customer =
            random.between(0, 5) == 0 ? "" : std::to_string(12'000 + random.between(0, customers));
        to.push_back({invoice, customer});
        if (dice == 399) to.push_back({invoice, "11"});
    }
}

}  // namespace

TEST_CASE("runs are grouped by invoice as a map does, where invoices nearly ascend") {
    for (const std::int64_t size : {1, 2, 70, 900, 40'000}) {
        reference::dice random(static_cast<std::uint64_t>(size));
        std::vector<ids_of_run> one;
        append_sheet(one, random, 480'000, size, 6'000);
        check(one, road::ascending);
        std::vector<ids_of_run> two = one;  // a second sheet begins before the first one ends
        append_sheet(two, random, 480'000 + size - size / 10, size, 6'000);
        check(two, road::ascending);
        append_sheet(two, random, 999'900, size, 50);  // then more digits, which texts order by their first
        check(two, road::ascending);
        append_sheet(two, random, 470'000, 100, 50);  // and something old
        check(two, road::ascending);
    }
}

TEST_CASE("copies of a whole input lie among each other, and are grouped in the order of the input") {
    reference::dice random(3);
    std::vector<ids_of_run> runs;
    append_sheet(runs, random, 1'000, 6'000, 300);
    const std::vector<ids_of_run> once = runs;
    for (int copies = 1; copies < 6; ++copies) {
        runs.insert(runs.end(), once.begin(), once.end());
        check(runs, road::ascending);
    }
}

TEST_CASE("runs in no order of invoices are grouped by counting") {
    for (const std::int64_t size : {20, 30'000}) {
        reference::dice random(static_cast<std::uint64_t>(size));
        std::vector<ids_of_run> runs;
        append_sheet(runs, random, 480'000, size, 6'000);
        for (std::size_t i = runs.size(); i > 1; --i) {
            std::swap(runs[i - 1], runs[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
        }
        if (size > 20) check(runs, road::counting);
        runs.insert(runs.begin() + 1, {"an invoice that goes to the pool", "12345"});
        check(runs, road::counting);
    }
}

TEST_CASE("customers that are texts, far apart or all missing are numbered beside invoices that ascend") {
    for (const int shape : {0, 1, 2, 3, 4}) {
        reference::dice random(5);
        std::vector<ids_of_run> runs;
        append_sheet(runs, random, 480'000, 20'000, 3'000);
        for (std::size_t i = 0; i < runs.size(); ++i) {
            std::string& customer = runs[i].customer;
            if (shape == 0) customer.clear();
            if (shape == 1 && i % 3 == 0) customer = "K" + customer;
            if (shape == 2) customer += "000000";
            if (shape == 3 && i == 19'000) customer = "a customer that goes to the pool";
            if (shape == 4 && i == 19'000) customer = "-2305843009213693951";
        }
        check(runs, road::ascending);
    }
}

TEST_CASE("texts of every length that packs are listed whole") {
    const std::string longest = "A-b0Cz9y8X";
    std::vector<ids_of_run> runs;
    for (std::size_t size = 1; size <= longest.size(); ++size) runs.push_back({longest.substr(0, size), "5"});
    check(runs, road::ascending);
}

TEST_CASE("runs without an invoice are listed as they came") {
    std::vector<ids_of_run> runs;
    for (int i = 0; i < 20'000; ++i) runs.push_back({"", std::to_string(i % 17)});
    check(runs, road::ascending);
    runs[9'000].invoice = "7";
    check(runs, road::ascending);
}

}  // namespace test_group_runs
