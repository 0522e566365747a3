#include <lgs_rfm/ledger.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_copies {

using lgs_rfm::copies_policy;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using lgs_rfm::micros_per_day;
using lgs_rfm::reading_report;
using reference::line;
using reference::lines;

namespace {

constexpr std::int64_t pound = 1'000'000;

/// `days` days of three invoices each, of three lines each, in the order of time.
lines days_in_order(int first, int days) {
    lines made;
    for (int day = first; day < first + days; ++day) {
        for (int number = 0; number < 3; ++number) {
            for (int item = 0; item < 3; ++item) {
                made.push_back({std::to_string(1000 + day * 3 + number), std::to_string(50 + number), 1 + item,
                                day * micros_per_day + number, (item + 1) * pound});
            }
        }
    }
    return made;
}

lines joined(lines a, const lines& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

struct outcome {
    reading_report report;
    ledger book;
};

outcome read(const lines& from, copies_policy policy = copies_policy::keep) {
    const reference::columns memory(from);
    outcome result;
    result.report = result.book.add(memory.view(), policy);
    return result;
}

}  // namespace

TEST_CASE("an input in the order of time has no copies") {
    const auto rising = read(days_in_order(0, 20));
    CHECK(rising.report.copies_judged);
    CHECK(rising.report.copied_invoices == 0);
    CHECK(rising.report.copied_lines == 0);
    CHECK(rising.report.lines == 180);
    lines falling = days_in_order(0, 20);
    std::reverse(falling.begin(), falling.end());
    CHECK(read(falling).report.copied_invoices == 0);
    CHECK(read(falling).report.copies_judged);
}

TEST_CASE("invoices of two sheets that overlap are copies") {
    const lines from = joined(days_in_order(0, 20), days_in_order(15, 20));  // days 15 to 19 twice
    for (const bool reversed : {false, true}) {
        lines rows = from;
        if (reversed) std::reverse(rows.begin(), rows.end());
        const auto kept = read(rows);
        CHECK(kept.report.copies_judged);
        CHECK(kept.report.copied_invoices == 15);
        CHECK(kept.report.copied_lines == 45);
        CHECK(kept.report.dropped_lines == 0);
        CHECK(kept.book == reference::ledger_of(from));

        const auto dropped = read(rows, copies_policy::drop);
        CHECK(dropped.report.copied_invoices == 15);
        CHECK(dropped.report.copied_lines == 45);
        CHECK(dropped.report.dropped_lines == 45);
        CHECK(dropped.report.lines == static_cast<std::int64_t>(rows.size()));
        CHECK(dropped.book == reference::ledger_of(days_in_order(0, 35)));
    }
}

TEST_CASE("copies are refused when asked") {
    const reference::columns twice(joined(days_in_order(0, 4), days_in_order(3, 2)));
    ledger book = reference::ledger_of(days_in_order(0, 2));
    const std::string before = book.to_bytes();
    try {
        book.add(twice.view(), copies_policy::error);
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::copied_invoices);
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("3 invoices (9 lines)"));
        CHECK_THAT(bad.what(), Catch::Matchers::ContainsSubstring("copies=\"drop\""));
    }
    CHECK(book.to_bytes() == before);
    const reference::columns once(days_in_order(2, 2));
    book.add(once.view(), copies_policy::error);
    CHECK(book == reference::ledger_of(days_in_order(0, 4)));
}

TEST_CASE("an invoice three times is one copied invoice and two copies of its lines") {
    const lines from = joined(joined(days_in_order(0, 2), days_in_order(0, 2)), days_in_order(1, 3));
    const auto kept = read(from);
    CHECK(kept.report.copied_invoices == 6);
    CHECK(kept.report.copied_lines == 18 + 9);
    CHECK(read(from, copies_policy::drop).book == reference::ledger_of(days_in_order(0, 4)));
}

TEST_CASE("lines may stand in another order within a copy") {
    lines again = days_in_order(3, 1);
    std::reverse(again.begin(), again.end());  // one day: moments fall, so each invoice is an epoch
    std::stable_sort(again.begin(), again.end(), [](const line& a, const line& b) { return a.at < b.at; });
    CHECK(read(joined(days_in_order(0, 4), again)).report.copied_invoices == 3);
}

TEST_CASE("an invoice that differs in any way is no copy") {
    const lines base = days_in_order(0, 4);
    const auto copied = [&](auto&& change) {
        lines again = days_in_order(3, 1);
        change(again);
        return read(joined(base, again)).report.copied_invoices;
    };
    CHECK(copied([](lines&) {}) == 3);
    CHECK(copied([](lines& l) { l[0].quantity += 1; }) == 2);
    CHECK(copied([](lines& l) { l[0].price += 1; }) == 2);
    CHECK(copied([](lines& l) { l[0].customer = "99"; }) == 2);
    CHECK(copied([](lines& l) { l[0].invoice = "99"; }) == 2);
    CHECK(copied([](lines& l) { l.pop_back(); }) == 2);
    CHECK(copied([](lines& l) { l.push_back(l.back()); }) == 2);
    CHECK(copied([](lines& l) {
              for (line& each : l) each.at -= 1;
          }) == 0);
}

TEST_CASE("lines that change customers within an invoice make no copy") {
    const lines sheet{{"7", "1", 1, 100, pound}, {"7", "2", 2, 100, pound}, {"8", "1", 1, 160, pound}};
    lines again = sheet;
    CHECK(read(joined(sheet, again)).report.copied_invoices == 2);
    std::swap(again[0].customer, again[1].customer);
    CHECK(read(joined(sheet, again)).report.copied_invoices == 1);
    again = sheet;
    again[0].customer = "";
    CHECK(read(joined(sheet, again)).report.copied_invoices == 1);
}

TEST_CASE("lines that change moments within an invoice make no copy") {
    const lines sheet{{"7", "1", 1, 100, pound}, {"7", "1", 2, 160, pound}, {"8", "1", 1, 220, pound}};
    lines again = sheet;
    CHECK(read(joined(sheet, again)).report.copied_invoices == 2);
    std::swap(again[0].quantity, again[1].quantity);
    CHECK(read(joined(sheet, again)).report.copied_invoices == 1);
}

TEST_CASE("without an invoice column there are no copies to find") {
    const reference::columns memory(joined(days_in_order(0, 4), days_in_order(3, 1)));
    auto view = memory.view();
    view.invoice = {};
    ledger book;
    const auto report = book.add(view, copies_policy::error);
    CHECK(report.copies_judged);
    CHECK(report.copied_invoices == 0);
}

TEST_CASE("lines of one invoice within one epoch are no copies of each other") {
    lines from = days_in_order(0, 1);
    from.insert(from.end(), from.end() - 3, from.end());  // the last invoice's lines again, time stands still
    const auto result = read(from);
    CHECK(result.report.copies_judged);
    CHECK(result.report.copied_invoices == 0);
}

TEST_CASE("a copy drops with all its moments and customers") {
    // one invoice of two moments and two customers, then the same again
    const lines invoice{{"7", "1", 1, 100, pound}, {"7", "2", 2, 100, pound}, {"7", "1", 3, 160, pound}};
    const auto dropped = read(joined(invoice, invoice), copies_policy::drop);
    CHECK(dropped.report.copied_invoices == 1);
    CHECK(dropped.report.dropped_lines == 3);
    CHECK(dropped.book == reference::ledger_of(invoice));
}

TEST_CASE("a copy that stands between others of its invoice drops alone") {
    const lines sheet{{"7", "1", 1, 100, pound}, {"8", "1", 1, 160, pound}};
    const lines other{{"7", "2", 5, 90, pound}, {"7", "3", 6, 95, pound}};
    const auto dropped = read(joined(joined(sheet, sheet), other), copies_policy::drop);
    CHECK(dropped.report.dropped_lines == 2);
    CHECK(dropped.book == reference::ledger_of(joined(sheet, other)));
}

TEST_CASE("random sheets lose exactly the copies that a naive search finds") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        reference::dice random(seed);
        const auto some_line = [&](std::int64_t at) {
            return line{std::to_string(random.between(1, 3)), std::to_string(random.between(1, 2)),
                        random.between(1, 2), at, pound};
        };
        std::vector<lines> sheets;  // from 0 to 9 each, so each is an epoch
        for (std::int64_t n = random.between(2, 5); n > 0; --n) {
            lines sheet;
            for (std::int64_t at = 0; at < 9; at += random.between(0, 4)) sheet.push_back(some_line(at));
            sheet.push_back(some_line(9));
            if (!sheets.empty() && random.between(0, 1) == 0) sheet = sheets[sheets.size() / 2];
            sheets.push_back(sheet);
        }
        // An invoice's lines of one sheet, in whatever order, are a copy when a sheet before has the same.
        using content = std::multiset<std::tuple<std::string, std::int64_t, std::int64_t>>;
        std::map<std::string, std::set<content>> seen;
        lines all;
        lines kept;
        for (const lines& sheet : sheets) {
            all = joined(all, sheet);
            std::map<std::string, std::pair<lines, content>> invoices;
            for (const line& each : sheet) {
                invoices[each.invoice].first.push_back(each);
                invoices[each.invoice].second.emplace(each.customer, each.at, each.quantity);
            }
            for (const auto& [invoice, found] : invoices) {
                if (seen[invoice].insert(found.second).second) kept = joined(kept, found.first);
            }
        }
        CAPTURE(seed);
        REQUIRE(read(all, copies_policy::drop).book == reference::ledger_of(kept));
    }
}

TEST_CASE("up to a hundred epochs are judged and more are not") {
    const auto with_epochs = [](int epochs) {
        lines from;
        for (int i = 0; i < epochs; ++i)
            from = joined(from, days_in_order(i, 3));  // falls by a day and a bit each time
        return from;
    };
    const auto hundred = read(with_epochs(100));
    CHECK(hundred.report.copies_judged);
    CHECK(hundred.report.copied_invoices == 3 * 100);  // all but the first two days' occur again
    const auto more = read(with_epochs(101), copies_policy::drop);
    CHECK_FALSE(more.report.copies_judged);
    CHECK(more.report.copied_invoices == 0);
    CHECK(more.report.dropped_lines == 0);
    CHECK(more.book == reference::ledger_of(with_epochs(101)));
    lines shuffled = joined(days_in_order(0, 200), days_in_order(0, 200));
    reference::dice(3).shuffle(shuffled);
    CHECK_FALSE(read(shuffled).report.copies_judged);
    CHECK_NOTHROW(read(shuffled, copies_policy::error));
}

TEST_CASE("copies are judged within one input only") {
    const lines from = days_in_order(0, 5);
    const reference::columns memory(from);
    ledger book;
    book.add(memory.view(), copies_policy::drop);
    const auto again = book.add(memory.view(), copies_policy::drop);
    CHECK(again.copied_invoices == 0);
    CHECK(book == reference::ledger_of(joined(from, from)));
}

TEST_CASE("an input of several batches is judged as a whole") {
    const lines from = joined(days_in_order(0, 20), days_in_order(15, 20));
    for (const std::size_t cut : {1U, 100U, 181U}) {
        const reference::columns first(lines(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(cut)));
        const reference::columns second(lines(from.begin() + static_cast<std::ptrdiff_t>(cut), from.end()));
        lgs_rfm::detail::entry_builder builder{lgs_rfm::ledger_config()};
        builder.add(first.view());
        builder.add(second.view());
        auto made = builder.finish(copies_policy::drop);
        CHECK(made.report.copied_invoices == 15);
        ledger book;
        book.add(std::move(made.entries));
        CHECK(book == reference::ledger_of(days_in_order(0, 35)));
    }
}

}  // namespace test_copies
