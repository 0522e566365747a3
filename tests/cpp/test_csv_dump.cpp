#include <lgs_rfm/io/csv.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_csv_dump {

// Plain dumps of PostgreSQL. Real ones, by pg_dump, are read in the Python tests.
using lgs_rfm::bad_lines;
using lgs_rfm::csv_options;
using lgs_rfm::csv_source;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;
using lgs_rfm::reading_report;

namespace {

ledger read(std::string_view text, const csv_options& options = {}) {
    ledger book;
    add_csv(book, csv_source::memory(text), options);
    return book;
}

error refusal(std::string_view text, const csv_options& options = {}) {
    try {
        read(text, options);
    } catch (const error& bad) {
        return bad;
    }
    FAIL("not refused: " << text);
    return {error_code::internal, ""};
}

const std::string front =
    "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\n"
    "CREATE TABLE public.notes (\n    id integer NOT NULL,\n    text text\n);\n\n"
    "CREATE TABLE public.retail (\n    invoice_no text,\n    stock_code text,\n    description text,\n"
    "    quantity integer,\n    invoice_date timestamp without time zone,\n    unit_price numeric(10,2),\n"
    "    customer_id integer,\n    country text,\n    CONSTRAINT good CHECK ((quantity <> 0))\n);\n\n";
const std::string notes = "COPY public.notes (id, text) FROM stdin;\n1\tCOPY public.x\n2\tINSERT INTO y\\n\n\\.\n\n\n";
const std::string head =
    "COPY public.retail (invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, "
    "country) FROM stdin;\n";
const std::string rows =
    "489434\t85048\t\"15CM\" a\\tb\\\\\t12\t2009-12-01 07:45:00\t6.95\t13085\tUnited Kingdom\n"
    "C489435\t\\N\tline\\nbreak\t-2\t2009-12-01 08:00:00\t1.50\t\\N\tFrance\n"
    "A\\\\1\t1\t\t1\t2009-12-01 08:00:01.5\t-1.5\t7\tFrance\n";
const std::string tail = "\\.\n\n\n--\n-- PostgreSQL database dump complete\n--\n";

const reference::lines lines{{"489434", "13085", 12, reference::at("2009-12-01 07:45:00"), 6'950'000},
                             {"C489435", "", -2, reference::at("2009-12-01 08:00:00"), 1'500'000},
                             {"A\\1", "7", 1, reference::at("2009-12-01 08:00:01.5"), -1'500'000}};

using Catch::Matchers::ContainsSubstring;

}  // namespace

TEST_CASE("a dump's COPY section is read in place") {
    const std::string text = front + notes + head + rows + tail;
    const ledger wanted = reference::ledger_of(lines);
    CHECK(read(text) == wanted);
    CHECK(read(head + rows + "\\.\n") == wanted);
    CHECK(read(front + "COPY public.retail FROM stdin;\n" + rows + tail) == wanted);
    CHECK(read(front + head + rows + tail + notes) == wanted);
    for (std::size_t chunk = 1; chunk <= rows.size() + 2; ++chunk) {
        CAPTURE(chunk);
        REQUIRE(read(text, {.threads = chunk % 5 == 0 ? 2U : 1U, .chunk_bytes = chunk}) == wanted);
    }
    CHECK(read(front + head + tail) == ledger());
    std::string many = front + head;
    reference::lines thousand;
    for (int i = 0; i < 3'000; ++i) {
        many += rows;
        thousand.insert(thousand.end(), lines.begin(), lines.end());
    }
    for (const unsigned threads : {1U, 3U}) {
        CHECK(
            (read(many + tail + notes, {.threads = threads, .chunk_bytes = 20'000}) == reference::ledger_of(thousand)));
    }
}

TEST_CASE("escapes of COPY text stand for their bytes") {
    const auto row = [](const std::string& invoice) { return invoice + "\t\t\t1\t2010-01-01\t1\t\\N\t\\N\n"; };
    const auto one = [](const std::string& invoice) {
        return reference::ledger_of({{invoice, "", 1, reference::at("2010-01-01"), 1'000'000}});
    };
    CHECK(read(head + row("C\\x41\\102\\\\") + "\\.\n") == one("CAB\\"));
    CHECK(read(head + row("C\\b\\f\\n\\r\\t\\v\\q") + "\\.\n") == one("C\b\f\n\r\t\vq"));
    CHECK(read(head + row("\"x\"") + "\\.\n") == one("\"x\""));
}

TEST_CASE("a dump that cannot be read is refused") {
    CHECK_THAT(refusal(front + head + rows).what(), ContainsSubstring("cut short"));
    const error bad = refusal(front + head + rows + "1\t2\n" + tail);
    CHECK(bad.row() == 3);
    CHECK_THAT(bad.what(), ContainsSubstring("2 fields") && ContainsSubstring("(line 28, byte"));
    CHECK(refusal(front + head + "1\t\t\t\\N\t2010-01-01\t1\t1\t\n" + tail).column() == "quantity");
    CHECK_THAT(refusal(front).what(), ContainsSubstring("without data"));
    CHECK_THAT(refusal(front + notes).what(), ContainsSubstring("public.notes: column invoice_date is missing"));
    const std::string second = "COPY public.retail_2011 " + head.substr(head.find('(')) + rows + tail;
    const error two = refusal(front + head + rows + tail + second);
    CHECK(two.code() == error_code::invalid_option);
    CHECK_THAT(two.what(), ContainsSubstring("public.retail and public.retail_2011"));
    CHECK(read(front + head + tail + second, {.table = "retail_2011"}) == reference::ledger_of(lines));
    CHECK(read(front + head + rows + tail + second, {.table = "public.retail"}) == reference::ledger_of(lines));
    CHECK_THAT(refusal(front + head + tail, {.table = "tail"}).what(), ContainsSubstring("it has public.retail"));
    ledger book;
    const reading_report report =
        add_csv(book, csv_source::memory(front + head + rows + "1\t2\n" + rows + tail), {.bad = bad_lines::skip});
    CHECK(report.skipped_lines == 1);
    CHECK(report.lines == 6);
}

namespace {

const std::string columns =
    " (invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country)";
const std::string values_1 =
    "('489434', '85048', 'it''s; (\"15CM\"),\n(x', 12, '2009-12-01 07:45:00', 6.95, 13085, 'UK')";
const std::string values_2 = "('C489435', NULL, E'a\\'b;\\n', -2, '2009-12-01 08:00:00'::timestamp, 1.50, NULL, NULL)";
const std::string values_3 =
    "('A\\1', '1', '\nINSERT INTO public.retail VALUES (1);', 1, '2009-12-01 08:00:01.5', -1.5, 7, '')";

std::string insert(const std::string& values, const std::string& table = "public.retail") {
    return "INSERT INTO " + table + " VALUES " + values + ";\n";
}

}  // namespace

TEST_CASE("a dump's INSERT statements are read") {
    const ledger wanted = reference::ledger_of(lines);
    const std::string plain = insert(values_1) + insert(values_2) + insert(values_3);
    const std::string named = "INSERT INTO public.retail" + columns + " VALUES ";
    const std::string other = insert("(1, 'a;\nINSERT INTO public.retail VALUES (2);\n')", "public.notes");
    const std::string end = "\n\n--\n-- PostgreSQL database dump complete\n--\n\n";
    const std::vector<std::string> ways{
        front + plain,
        front + other + plain + end,
        front + plain + other + end,
        front + insert(values_1 + "," + values_2 + ",\n\t" + values_3) + end,
        named + values_1 + ";\n" + named + values_2 + "," + values_3 + ";\n",
        named + values_1 + " ON CONFLICT DO NOTHING;\n" + named + values_2 + ", " + values_3 +
            " ON CONFLICT DO NOTHING;\n",
    };
    for (const std::string& way : ways) {
        for (std::size_t chunk = 1; chunk <= way.size(); chunk += chunk < 100 ? 1 : 37) {
            CAPTURE(way, chunk);
            REQUIRE(read(way, {.threads = chunk % 5 == 0 ? 2U : 1U, .chunk_bytes = chunk}) == wanted);
        }
    }
    std::string many = front;
    reference::lines thousand;
    for (int i = 0; i < 2'000; ++i) {
        many += plain;
        thousand.insert(thousand.end(), lines.begin(), lines.end());
    }
    for (const unsigned threads : {1U, 3U}) {
        CHECK((read(many + end, {.threads = threads, .chunk_bytes = 20'000}) == reference::ledger_of(thousand)));
    }
}

TEST_CASE("INSERT statements that cannot be read are refused") {
    const error bad = refusal(front + insert(values_1) + insert("('1', '', '', 1.5, '2010-01-01', 1, 1, '')"));
    CHECK(bad.row() == 1);
    CHECK(bad.column() == "quantity");
    CHECK_THAT(bad.what(), ContainsSubstring("(line 26, byte"));
    CHECK_THAT(refusal(front + insert("(1, 2)")).what(), ContainsSubstring("2 fields and the table 8"));
    CHECK_THAT(refusal(front + insert(values_1) + "INSERT INTO public.retail VALUES ('1', 'open").what(),
               ContainsSubstring("cut short"));
    CHECK_THAT(refusal(front + insert(values_1) + "INSERT INTO public.retail (invoice_no) VALUES ('1');\n").what(),
               ContainsSubstring("different columns"));
    const std::string twin = "CREATE TABLE public.twin (\n" + front.substr(front.find("    invoice_no"));
    CHECK_THAT(refusal(front + twin + insert(values_1) + insert(values_1, "public.twin")).what(),
               ContainsSubstring("public.retail and public.twin"));
    CHECK_THAT(refusal(front + "INSERT INTO public.retail" + columns + " VALUES " + values_1 +
                       ";\nINSERT INTO public.old" + columns + " VALUES " + values_1 + ";\n")
                   .what(),
               ContainsSubstring("public.retail and public.old"));
}

}  // namespace test_csv_dump
