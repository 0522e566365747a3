#include <lgs_rfm/io/csv.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/totals.hpp"

namespace test_csv_totals {

// Totals straight from text, cut at every chunk size and read by several threads.
using Catch::Matchers::ContainsSubstring;
using lgs_rfm::bad_lines;
using lgs_rfm::copies_policy;
using lgs_rfm::csv_options;
using lgs_rfm::csv_source;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::totals;
using reference::random_shop;
using reference::shop_lines;
using reference::totals_of;
using names = std::vector<std::string>;

namespace {

totals read(std::string_view text, const names& by, const csv_options& options = {},
            std::shared_ptr<const lgs_rfm::customer_labels> labels = nullptr) {
    totals made(by, {}, std::move(labels));
    add_csv(made, csv_source::memory(text), options);
    return made;
}

error refusal(std::string_view text, const names& by, const csv_options& options = {}) {
    totals made(by);
    try {
        add_csv(made, csv_source::memory(text), options);
    } catch (const error& bad) {
        CHECK(made == totals(by));
        return bad;
    }
    FAIL("not refused: " << text);
    return {error_code::internal, ""};
}

std::string quoted(const std::string& field, char quote) {
    std::string text(1, quote);
    for (const char c : field) text += c == quote ? std::string(2, quote) : std::string(1, c);
    return text + quote;
}

/// A line's fields in the order of `header`.
std::vector<std::string> fields_of(const reference::shop_line& of) {
    return {of.own,
            of.invoice,
            of.code,
            of.description,
            std::to_string(of.quantity),
            lgs_rfm::format_moment(of.at),
            lgs_rfm::to_string(lgs_rfm::money{of.price}),
            of.customer,
            of.country};
}
const std::string header = "own,Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n";

std::string csv_of(const shop_lines& from, bool always_quoted) {
    std::string text = header;
    reference::dice random(3);
    for (const auto& each : from) {
        bool first = true;
        for (const std::string& field : fields_of(each)) {
            const bool must = field.find_first_of(",\"\r\n") != std::string::npos;
            text += std::exchange(first, false) ? "" : ",";
            text += must || always_quoted || random.between(0, 9) == 0 ? quoted(field, '"') : field;
        }
        text += random.between(0, 5) == 0 ? "\r\n" : "\n";
    }
    return text;
}

const std::string columns =
    "(own, invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country)";

std::string copy_of(const shop_lines& from) {
    std::string text = "--\n-- PostgreSQL database dump\n--\n\nCOPY public.retail " + columns + " FROM stdin;\n";
    for (const auto& each : from) {
        std::string record;
        for (const std::string& field : fields_of(each)) {
            record += record.empty() ? "" : "\t";
            if (field.empty()) record += "\\N";
            for (const char c : field) {
                record += c == '\n'   ? "\\n"
                          : c == '\t' ? "\\t"
                          : c == '\r' ? "\\r"
                          : c == '\\' ? "\\\\"
                                      : std::string(1, c);
            }
        }
        text += record + "\n";
    }
    return text + "\\.\n\n\n";
}

std::string insert_of(const shop_lines& from) {
    std::string text = "--\n-- PostgreSQL database dump\n--\n\n";
    for (const auto& each : from) {
        std::string record;
        for (const std::string& field : fields_of(each)) {
            record += record.empty() ? "" : ", ";
            record += field.empty() ? "NULL" : quoted(field, '\'');
        }
        text += "INSERT INTO public.retail " + columns + " VALUES (" + record + ");\n";
    }
    return text;
}

/// Lines whose texts confuse a reader of quotes.
shop_lines nasty_shop(std::uint64_t seed, std::size_t count) {
    static const char* const nasty[] = {
        "",         "a",    "\"",         "\"\"", ",",
        ",\"",      "\n",   "\r\n x",     "a\"b", "5\" x",
        "1,2\n3,4", "\\",   "Größe",      " b",   "it's",
        "'",        "a\tb", "\"quoted\"", "x;y",  "a description that does not pack, \"ever\""};
    reference::dice random(seed);
    auto made = random_shop(seed, count);
    for (auto& each : made) {
        if (random.between(0, 1) == 0) each.description = random.pick(nasty);
        if (random.between(0, 1) == 0) each.own = random.pick(nasty);
        if (random.between(0, 3) == 0) each.country = random.pick(nasty);
    }
    return made;
}

const std::vector<names> key_sets{
    {"stock_code"}, {"own", "description"}, {"country", "week", "customer_id"}, {"invoice", "segment"}};

}  // namespace

TEST_CASE("totals of a text are those of its lines") {
    const auto called = reference::random_labels();
    const auto from = nasty_shop(801, 60);
    const std::string texts[] = {csv_of(from, false), csv_of(from, true), copy_of(from), insert_of(from)};
    for (const names& by : key_sets) {
        const std::string wanted = totals_of(from, by, {}, &called).to_bytes();
        for (const std::string& text : texts) {
            for (const std::size_t chunk : {1U, 2U, 7U, 64U, 333U, 1000U, 1U << 20}) {
                for (const unsigned threads : {1U, 3U}) {
                    CAPTURE(by, text.substr(0, 60), chunk, threads);
                    REQUIRE(read(text, by, {.threads = threads, .chunk_bytes = chunk}, called.made()).to_bytes() ==
                            wanted);
                }
            }
        }
    }
}

TEST_CASE("totals of a long text on several threads") {
    const auto some = nasty_shop(802, 2'000);
    shop_lines from;
    for (int i = 0; i < 6; ++i) from.insert(from.end(), some.begin(), some.end());
    for (const std::string& text : {csv_of(from, false), copy_of(from)}) {
        for (const names& by : {names{"stock_code", "month"}, {"own", "country"}}) {
            const auto wanted = totals_of(from, by);
            for (const unsigned threads : {1U, 2U, 4U}) {
                for (const std::size_t chunk : {std::size_t{5'000}, std::size_t{1} << 20}) {
                    REQUIRE(read(text, by, {.threads = threads, .chunk_bytes = chunk}) == wanted);
                }
            }
        }
    }
}

TEST_CASE("what is missing in a text is a missing key") {
    std::string text = "invoice,quantity,invoice_date,unit_price,country,own\n";
    for (const char* missing : {"", "NULL", "null", "NaN", "nan", "  ", "\"\""}) {
        text += std::string("1,1,2011-01-05,1.5,") + missing + "," + missing + "\n";
    }
    const auto made = read(text + "1,1,2011-01-05,1.5,EIRE,7\n", {"country", "own"});
    REQUIRE(made.size() == 2);
    CHECK_THAT(reference::text_of(as_table(made))[1], ContainsSubstring("country=- own=- lines=7 "));
    CHECK(made == read(text + "1,1,2011-01-05,1.5,EIRE,7\n", {"country", "own"}, {.chunk_bytes = 1}));
}

TEST_CASE("skipped records are in no totals") {
    const std::string head = "invoice,quantity,invoice_date,unit_price,country\n";
    const std::string good = "1,1,2011-01-05,1.5,EIRE\n2,2,2011-01-05,1.5,France\n";
    const std::string bad = "3,x,2011-01-05,1.5,Spain\n4,1,soon,1.5,Spain\n5,1,2011-01-05,,Spain\n";
    for (const std::size_t chunk : {1U, 20U, 1U << 20}) {
        totals made({"country"});
        const auto report =
            add_csv(made, csv_source::memory(head + bad + good + bad), {.bad = bad_lines::skip, .chunk_bytes = chunk});
        CHECK(report.skipped_lines == 6);
        CHECK(report.lines == 2);
        CHECK(made == read(head + good, {"country"}));
        CHECK_THAT(refusal(head + good + bad, {"country"}, {.chunk_bytes = chunk}).what(),
                   ContainsSubstring("column quantity, row 2"));
    }
}

TEST_CASE("copies in a text are dropped or refused") {
    std::string once = "invoice,stock_code,quantity,invoice_date,unit_price\n";
    for (int day = 1; day < 9; ++day) {
        once += std::to_string(100 + day) + ",11111,1,2011-01-0" + std::to_string(day) + ",1.5\n";
    }
    std::string twice = once;
    for (int day = 7; day < 9; ++day) {
        twice += std::to_string(100 + day) + ",22222,1,2011-01-0" + std::to_string(day) + ",1.5\n";
    }
    for (const std::size_t chunk : {1U, 64U, 1U << 20}) {
        const csv_options options{.threads = 2, .chunk_bytes = chunk};
        totals kept({"stock_code"});
        CHECK(add_csv(kept, csv_source::memory(twice), options).copied_invoices == 2);
        CHECK(kept.size() == 2);
        totals dropped({"stock_code"});
        CHECK(add_csv(dropped, csv_source::memory(twice), options, copies_policy::drop).dropped_lines == 2);
        CHECK(dropped == read(once, {"stock_code"}));
        totals refused({"stock_code"});
        CHECK_THROWS_WITH(add_csv(refused, csv_source::memory(twice), options, copies_policy::error),
                          ContainsSubstring("2 invoices (2 lines)"));
        CHECK(refused == totals({"stock_code"}));
    }
}

TEST_CASE("texts without invoice numbers, quantities or prices") {
    const auto from = random_shop(803, 80);
    for (const reference::shape has : {reference::shape{.invoice = false}, {.quantity = false, .amount = true}}) {
        std::string text = std::string("own,") + (has.invoice ? "invoice," : "") + (has.quantity ? "quantity," : "") +
                           "invoice_date," + (has.amount ? "amount" : "unit_price") + ",customer_id,country\n";
        for (const auto& each : from) {
            text += each.own + "," + (has.invoice ? each.invoice + "," : "") +
                    (has.quantity ? std::to_string(each.quantity) + "," : "") + lgs_rfm::format_moment(each.at) + "," +
                    lgs_rfm::to_string(lgs_rfm::money{each.price}) + "," + each.customer + "," + each.country + "\n";
        }
        for (const names& by : {names{"own", "country"}, {"customer_id", "quarter"}}) {
            for (const std::size_t chunk : {1U, 500U, 1U << 20}) {
                REQUIRE(read(text, by, {.threads = 2, .chunk_bytes = chunk}).to_bytes() ==
                        totals_of(from, by, has).to_bytes());
            }
        }
        CHECK((has.invoice || refusal(text, {"invoice"}).code() == error_code::missing_column));
    }
}

TEST_CASE("a text without the column of a key is refused") {
    const std::string text = "invoice,quantity,invoice_date,unit_price,Land,own,own\n1,1,2011-01-05,1.5,EIRE,1,2\n";
    CHECK(refusal(text, {"country"}).code() == error_code::missing_column);
    CHECK_THAT(refusal(text, {"country"}).what(), ContainsSubstring("column country is missing"));
    CHECK_THAT(refusal(text, {"customer_id"}).what(), ContainsSubstring("column customer_id is missing"));
    CHECK_THAT(refusal(text, {"Channel"}).what(),
               ContainsSubstring("column Channel is missing: the input has no column of this name"));
    CHECK(refusal(text, {"own"}).code() == error_code::duplicate_column);
    CHECK_THAT(refusal(text, {"own"}).what(), ContainsSubstring("column own: the input has two of this name"));
    totals made({"Land", "country"});
    const auto report = add_csv(made, csv_source::memory(text), {.columns = {{"country", "Land"}}});
    CHECK(report.ignored_columns == names{"own", "own"});
    CHECK_THAT(reference::text_of(as_table(made))[0], ContainsSubstring("Land=EIRE country=EIRE lines=1 "));
}

}  // namespace test_csv_totals
