#include <lgs_rfm/io/csv.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_csv_chunks {

// Small nasty texts: cut at every chunk size they must give what they were made from.
using lgs_rfm::csv_options;
using lgs_rfm::csv_source;
using lgs_rfm::ledger;

namespace {

/// Text that a field may hold: whatever confuses a reader of quotes.
const std::vector<std::string> nasty{"",      "a",          "\"",     "\"\"", ",",        ",\"",   "\",",
                                     "\n",    "\r\n",       "\n\"",   "\"\n", "a\"b",     "5\" x", "1,2\n3,4",
                                     "\",\"", "\n1,1,1,\n", "\"\"\"", "\\",   "\xC3\xA9", " ",     "x\n\n\ny"};

struct dice : reference::dice {
    using reference::dice::dice;
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(bits() % count); }
};

struct made {
    std::string text;
    reference::lines lines;
};

std::string quoted(const std::string& field) {
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
}

/// A field as some program writes it: quoted when it must be, and at times when it need not.
std::string written(const std::string& field, dice& random) {
    const bool plain = field.find_first_of(",\n\r") == std::string::npos && !field.starts_with('"');
    return plain && random.below(3) != 0 ? field : quoted(field);
}

std::string decimal(std::int64_t millionths, dice& random) {
    std::string text = lgs_rfm::to_string(lgs_rfm::money{millionths});
    if (random.below(8) == 0) text += text.find('.') == std::string::npos ? ".000" : "0";
    if (random.below(8) == 0) text += "e0";
    return text;
}

made make(std::uint64_t seed, int records) {
    dice random(seed);
    made result;
    const std::string newline = random.below(2) == 0 ? "\n" : "\r\n";
    result.text = "note,Invoice,Quantity,InvoiceDate,Price,Customer ID,remark" + newline;
    reference::line now{"1", "2", 1, reference::at("2010-01-01"), 0};
    for (int i = 0; i < records; ++i) {
        if (random.below(2) == 0)
            now.invoice =
                random.below(4) == 0 ? "C" + std::to_string(i) + "-\"long\", id" : std::to_string(random.below(50));
        if (random.below(2) == 0) now.customer = random.below(3) == 0 ? "" : std::to_string(random.below(9));
        if (random.below(2) == 0) now.at += static_cast<std::int64_t>(random.below(4)) * 1'000'000;
        now.quantity = static_cast<std::int64_t>(random.below(2'000)) - 1'000;
        now.price = static_cast<std::int64_t>(random.below(40'000'000)) - 20'000'000;
        if (random.below(3) != 0) now.price -= now.price % 10'000;
        result.lines.push_back(now);
        const auto field = [&](const std::string& text) { return written(text, random); };
        const auto odd = [&] { return field(nasty[random.below(nasty.size())]); };
        const std::string customer = now.customer + (!now.customer.empty() && random.below(2) == 0 ? ".0" : "");
        result.text += odd() + "," + field(now.invoice) + "," + field(std::to_string(now.quantity)) + "," +
                       field(lgs_rfm::format_moment(now.at)) + "," + field(decimal(now.price, random)) + "," +
                       field(customer) + "," + odd();
        if (i + 1 < records || random.below(2) == 0) result.text += newline;
        if (i + 1 < records && random.below(6) == 0) result.text += newline;
    }
    return result;
}

}  // namespace

TEST_CASE("any chunk size, any number of threads") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const made small = make(seed, 8);
        const auto wanted = reference::ledger_of(small.lines);
        for (std::size_t chunk = 1; chunk <= small.text.size() + 2; ++chunk) {
            CAPTURE(seed, chunk, small.text);
            csv_options options{.threads = chunk % 7 == 0 ? 2U : 1U, .chunk_bytes = chunk};
            ledger book;
            const auto report = add_csv(book, csv_source::memory(small.text), options);
            REQUIRE(report.lines == static_cast<std::int64_t>(small.lines.size()));
            REQUIRE((book == wanted));
        }
    }
}

TEST_CASE("many nasty files") {
    for (std::uint64_t seed = 100; seed < 1'100; ++seed) {
        const made text = make(seed, static_cast<int>(seed % 40));
        CAPTURE(seed, text.text);
        ledger book;
        const std::size_t chunk = seed % 3 == 0 ? seed % 97 + 1 : std::size_t{1} << 20;
        add_csv(book, csv_source::memory(text.text), {.threads = seed % 50 == 0 ? 2U : 1U, .chunk_bytes = chunk});
        REQUIRE((book == reference::ledger_of(text.lines)));
    }
}

TEST_CASE("long texts, read by several threads") {
    const made text = make(7, 30'000);
    const auto wanted = reference::ledger_of(text.lines);
    for (const std::size_t chunk : {5'000U, 65'536U, 300'000U}) {
        for (const unsigned threads : {1U, 2U, 4U}) {
            CAPTURE(chunk, threads);
            ledger book;
            add_csv(book, csv_source::memory(text.text), {.threads = threads, .chunk_bytes = chunk});
            CHECK((book == wanted));
        }
    }
}

}  // namespace test_csv_chunks
