#include <lgs_rfm/io/arrow.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/invoices.hpp>
#include <lgs_rfm/tables/months.hpp>
#include <lgs_rfm/tables/rows.hpp>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_arrow_export {

using lgs_rfm::arrow_array;
using lgs_rfm::arrow_schema;
using lgs_rfm::money_format;

namespace {

struct exported {
    arrow_schema schema;
    arrow_array array;
};

exported give(const lgs_rfm::table& from, money_format money_as = money_format::real) {
    ArrowSchema schema;
    ArrowArray array;
    lgs_rfm::export_arrow(from, &schema, &array, money_as);
    return {arrow_schema(&schema), arrow_array(&array)};
}

std::size_t position(const exported& from, std::string_view name) {
    for (std::int64_t i = 0; i < from.schema->n_children; ++i) {
        if (name == from.schema->children[i]->name) return static_cast<std::size_t>(i);
    }
    throw std::runtime_error("no column " + std::string(name));
}

/// Column by the Arrow specification: value i of buffer 1, missing by the bitmap in buffer 0.
template <class T>
std::vector<T> values(const exported& from, std::string_view name, std::string_view format) {
    const std::size_t at = position(from, name);
    CHECK(from.schema->children[at]->format == format);
    const ArrowArray& array = *from.array->children[at];
    REQUIRE(array.n_buffers == 2);
    std::vector<T> result(static_cast<std::size_t>(array.length));
    if (!result.empty()) std::memcpy(result.data(), array.buffers[1], result.size() * sizeof(T));
    return result;
}

std::vector<std::string> texts(const ArrowArray& array) {
    REQUIRE(array.n_buffers == 3);
    const auto* const offsets = static_cast<const std::int64_t*>(array.buffers[1]);
    const auto* const bytes = static_cast<const char*>(array.buffers[2]);
    std::vector<std::string> result;
    for (std::int64_t i = 0; i < array.length; ++i) result.emplace_back(bytes + offsets[i], bytes + offsets[i + 1]);
    return result;
}

std::string present(const ArrowArray& array) {
    std::string bits;
    const auto* const bitmap = static_cast<const std::uint8_t*>(array.buffers[0]);
    std::int64_t missing = 0;
    for (std::int64_t i = 0; i < array.length; ++i) {
        const bool there = bitmap == nullptr || (bitmap[i / 8] >> (i % 8) & 1) != 0;
        bits += there ? '1' : '0';
        missing += there ? 0 : 1;
    }
    CHECK(array.null_count == missing);
    return bits;
}

lgs_rfm::ledger book() { return reference::ledger_of(reference::random_lines(151, 500)); }

}  // namespace

TEST_CASE("a customer table leaves as Arrow columns") {
    const auto table = customer_table(book());
    const auto out = give(as_table(table));
    CHECK(std::string(out.schema->format) == "+s");
    REQUIRE(out.array->length == static_cast<std::int64_t>(table.recency.size()));
    CHECK(out.array->n_buffers == 1);
    CHECK(out.array->null_count == 0);
    REQUIRE(out.schema->n_children == 6);
    REQUIRE(out.array->n_children == 6);
    CHECK(values<std::int64_t>(out, "recency", "l") == table.recency);
    CHECK(values<std::int64_t>(out, "frequency", "l") == table.frequency);
    CHECK(values<std::int64_t>(out, "first_date", "tsu:") == table.first_date);
    const auto monetary = values<double>(out, "monetary", "g");
    const auto ids = texts(*out.array->children[0]);  // some are texts, so all leave as text
    CHECK(std::string(out.schema->children[0]->format) == "U");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        CHECK(monetary[i] == to_double(table.monetary[i]));
        CHECK(ids[i] == to_string(table.customer_id[i]));
    }
}

TEST_CASE("ids that are all integers leave as int64 unless text is asked for") {
    const auto table = customer_table(reference::ledger_of({{"1", "13085", 1, 5, 1}, {"2", "-7", 1, 5, 1}}));
    CHECK(values<std::int64_t>(give(as_table(table)), "customer_id", "l") == std::vector<std::int64_t>{-7, 13085});
    auto named = as_table(table);
    named.columns[0].text_ids = true;
    CHECK(texts(*give(named).array->children[0]) == std::vector<std::string>{"-7", "13085"});
}

/// The first batch of a stream of a table, as asked for by a schema of one column.
exported give_as(const lgs_rfm::table& from, const char* name, const char* format) {
    ArrowSchema field{};
    field.name = name;
    field.format = format;
    ArrowSchema* fields[] = {&field};
    ArrowSchema requested{};
    requested.format = "+s";
    requested.n_children = 1;
    requested.children = fields;
    lgs_rfm::arrow_stream stream;
    lgs_rfm::export_arrow_stream(from, stream.get(), money_format::real, &requested);
    ArrowSchema schema;
    ArrowArray array;
    REQUIRE(stream->get_schema(stream.get(), &schema) == 0);
    REQUIRE(stream->get_next(stream.get(), &array) == 0);
    return {arrow_schema(&schema), arrow_array(&array)};
}

TEST_CASE("ids leave in the type that a consumer asks for, where they fit") {
    const auto customers = [](const char* low, const char* high) {
        return as_table(customer_table(reference::ledger_of({{"1", low, 1, 5, 1}, {"2", high, 1, 5, 1}})));
    };
    using narrow = std::vector<std::int32_t>;
    using whole = std::vector<std::int64_t>;
    const auto small = customers("-2147483648", "2147483647");
    CHECK(values<std::int32_t>(give_as(small, "customer_id", "i"), "customer_id", "i") ==
          narrow{-2147483648, 2147483647});
    CHECK(values<std::int64_t>(give_as(small, "customer_id", "u"), "customer_id", "l") ==
          whole{-2147483648, 2147483647});
    CHECK(values<std::int64_t>(give_as(small, "customer", "i"), "customer_id", "l").size() == 2);
    CHECK(values<std::int64_t>(give_as(small, "recency", "i"), "recency", "l").size() == 2);
    CHECK(values<std::int64_t>(give_as(customers("7", "2147483648"), "customer_id", "i"), "customer_id", "l") ==
          whole{7, 2147483648});
    CHECK(values<std::int64_t>(give_as(customers("-2147483649", "7"), "customer_id", "i"), "customer_id", "l") ==
          whole{-2147483649, 7});

    const auto mixed = customers("12", "A7");
    const auto out = give_as(mixed, "customer_id", "u");
    const ArrowArray& array = *out.array->children[0];
    REQUIRE(std::string(out.schema->children[0]->format) == "u");
    const auto* const offsets = static_cast<const std::int32_t*>(array.buffers[1]);
    CHECK(std::vector(offsets, offsets + 3) == narrow{0, 2, 4});
    CHECK(std::string(static_cast<const char*>(array.buffers[2]), 4) == "12A7");
    CHECK(std::string(give_as(mixed, "customer_id", "i").schema->children[0]->format) == "U");
}

TEST_CASE("missing ids are told row by row, whatever their number") {
    for (int rows = 1; rows < 140; ++rows) {
        reference::lines from;
        std::string expected;
        for (int i = 0; i < rows; ++i) {
            const bool missing = i % 3 == 1;
            from.push_back({std::to_string(1000 + i), missing ? "" : "10", 1, 5, 1});
            expected += missing ? '0' : '1';
        }
        const auto out = give_as(as_table(invoice_table(reference::ledger_of(from))), "customer_id", "i");
        const std::size_t at = position(out, "customer_id");
        CHECK(present(*out.array->children[at]) == expected);
        CHECK((out.array->children[at]->buffers[0] == nullptr) == (rows == 1));
        CHECK(std::string(out.schema->children[at]->format) == "i");
    }
}

TEST_CASE("a missing id stays missing beside rows that are missing altogether") {
    const auto table = as_table(invoice_table(reference::ledger_of({{"1", "10", 1, 5, 1}, {"2", "", 1, 5, 1}})));
    const std::vector<std::int64_t> positions{0, -1, 1};
    const auto out = give(rows_of(table, positions));
    CHECK(present(*out.array->children[position(out, "invoice")]) == "101");
    CHECK(present(*out.array->children[position(out, "customer_id")]) == "100");
    CHECK(present(*out.array->children[position(out, "kind")]) == "101");
    CHECK(present(*out.array->children[position(out, "lines")]) == "101");
}

TEST_CASE("ids leave as texts in any order of their codes") {
    reference::dice random(152);
    lgs_rfm::id_list list;
    for (std::int64_t i = -50; i < 3000; i += random.between(1, 3)) list.push_back(i);
    for (std::int64_t i = 98'000; i < 102'000; i += random.between(1, 3)) list.push_back_text("C" + std::to_string(i));
    const auto ids = std::make_shared<const lgs_rfm::id_list>(std::move(list));
    for (const bool ascending : {false, true}) {
        lgs_rfm::id_column column(ids);
        const auto count = static_cast<std::int64_t>(ids->size());
        for (std::int64_t i = 0; i < 5000; ++i) {
            const std::int64_t code = ascending ? i % count : random.between(0, count - 1);
            column.push_back(random.between(0, 99) == 0 ? lgs_rfm::id_column::missing
                                                        : static_cast<std::uint32_t>(code));
        }
        std::vector<std::string> expected;
        for (std::size_t i = 0; i < column.size(); ++i) expected.push_back(to_string(column[i]));
        lgs_rfm::table table;
        table.columns.push_back({"id", std::move(column)});
        CHECK(texts(*give(table).array->children[0]) == expected);
        const auto narrow = give_as(table, "id", "u");
        const ArrowArray& array = *narrow.array->children[0];
        const auto* const ends = static_cast<const std::int32_t*>(array.buffers[1]);
        const auto* const bytes = static_cast<const char*>(array.buffers[2]);
        for (std::size_t i = 0; i < expected.size(); ++i)
            REQUIRE(std::string(bytes + ends[i], bytes + ends[i + 1]) == expected[i]);
    }
}

TEST_CASE("money leaves exactly as decimal when asked") {
    const auto table = invoice_table(book());
    const auto net = values<lgs_rfm::int128>(give(as_table(table), money_format::decimal), "net", "d:38,6");
    for (std::size_t i = 0; i < net.size(); ++i) CHECK(net[i] == table.net[i].millionths);
}

TEST_CASE("kinds leave as a dictionary and missing ids as missing") {
    const auto table = invoice_table(
        reference::ledger_of({{"1", "10", 1, 5, 1}, {"2", "", 1, 5, 1}, {"A3", "10", 1, 5, 1}, {"C4", "20", 1, 5, 1}}));
    const auto out = give(as_table(table));
    CHECK(values<std::int32_t>(out, "kind", "i") == std::vector<std::int32_t>{0, 0, 2, 1});
    const std::size_t kind = position(out, "kind");
    REQUIRE(out.array->children[kind]->dictionary != nullptr);
    CHECK(std::string(out.schema->children[kind]->dictionary->format) == "U");
    CHECK(texts(*out.array->children[kind]->dictionary) ==
          std::vector<std::string>{"sale", "cancellation", "adjustment"});
    CHECK(present(*out.array->children[position(out, "customer_id")]) == "1011");
    CHECK(present(*out.array->children[kind]) == "1111");
}

TEST_CASE("dates and missing growth leave as they are") {
    const auto table = monthly_table(book());
    const auto out = give(as_table(table));
    const auto months = values<std::int32_t>(out, "month", "tdD");
    REQUIRE(months.size() > 9);  // more than one byte of validity
    std::string valid;
    for (std::size_t i = 0; i < months.size(); ++i) {
        CHECK(months[i] * lgs_rfm::micros_per_day == lgs_rfm::month_start(table.month[i]));
        valid += table.has_growth[i] != 0 ? '1' : '0';
    }
    CHECK(valid.find('0') != std::string::npos);
    CHECK(present(*out.array->children[position(out, "growth")]) == valid);
    CHECK(values<std::int32_t>(out, "yyyymm", "i") == table.yyyymm);
}

TEST_CASE("texts and a category with a missing row leave") {
    lgs_rfm::category_column segment;
    segment.names = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"a", "unused"});
    segment.codes = {0, -1, 0};
    const lgs_rfm::table table{{{"text", lgs_rfm::text_values{"x", "", "Größe"}, {1, 0, 1}}, {"segment", segment}}};
    const auto out = give(table);
    CHECK(texts(*out.array->children[0]) == std::vector<std::string>{"x", "", "Größe"});
    CHECK(present(*out.array->children[0]) == "101");
    CHECK(present(*out.array->children[1]) == "101");
    CHECK(texts(*out.array->children[1]->dictionary) == std::vector<std::string>{"a", "unused"});
}

TEST_CASE("a table without rows leaves with its columns") {
    const auto out = give(as_table(customer_table(lgs_rfm::ledger())));
    CHECK(out.array->length == 0);
    CHECK(out.schema->n_children == 6);
    for (std::int64_t i = 0; i < 6; ++i) {
        CHECK(out.array->children[i]->length == 0);
        CHECK(out.array->children[i]->buffers[1] != nullptr);
    }
}

TEST_CASE("schema and array are released in any order and children may outlive them") {
    for (const bool array_first : {true, false}) {
        ArrowSchema schema;
        ArrowArray array;
        lgs_rfm::export_arrow(as_table(invoice_table(book())), &schema, &array);
        ArrowArray child = *array.children[1];  // moved out, as the specification allows
        array.children[1]->release = nullptr;
        if (array_first) array.release(&array);
        schema.release(&schema);
        if (!array_first) array.release(&array);
        CHECK(array.release == nullptr);
        CHECK(schema.release == nullptr);
        CHECK(texts(*child.dictionary).size() == 3);
        CHECK(static_cast<const std::int32_t*>(child.buffers[1])[0] == 0);
        child.release(&child);
        CHECK(child.release == nullptr);
    }
}

TEST_CASE("a stream gives one batch and then ends") {
    const auto table = as_table(monthly_table(book()));
    ArrowArrayStream stream;
    lgs_rfm::export_arrow_stream(table, &stream);
    ArrowSchema schema;
    REQUIRE(stream.get_schema(&stream, &schema) == 0);
    CHECK(schema.n_children == 12);
    ArrowArray first;
    ArrowArray second;
    REQUIRE(stream.get_next(&stream, &first) == 0);
    REQUIRE(stream.get_next(&stream, &second) == 0);
    CHECK(second.release == nullptr);
    stream.release(&stream);
    CHECK(stream.release == nullptr);
    CHECK(first.length == static_cast<std::int64_t>(table.rows()));  // outlives its stream
    first.release(&first);
    schema.release(&schema);
}

TEST_CASE("lines go out and come in again") {
    const auto from = reference::random_lines(152, 300);
    // a table of lines: ids as category, moments, decimals
    lgs_rfm::category_column invoice;
    std::vector<std::string> names;
    lgs_rfm::text_values customer;
    lgs_rfm::detail::large_vector<std::uint8_t> known;
    lgs_rfm::detail::large_vector<std::int64_t> quantity;
    lgs_rfm::detail::large_vector<lgs_rfm::money> price;
    lgs_rfm::moment_values moments;
    for (const auto& each : from) {
        invoice.codes.push_back(static_cast<std::int32_t>(names.size()));
        names.push_back(each.invoice);
        customer.push_back(each.customer.empty() ? "hidden" : each.customer);
        known.push_back(each.customer.empty() ? 0 : 1);
        quantity.push_back(each.quantity);
        price.push_back({each.price});
        moments.micros.push_back(each.at);
    }
    invoice.names = std::make_shared<const std::vector<std::string>>(names);
    const lgs_rfm::table table{{{"invoice", invoice},
                                {"quantity", quantity},
                                {"invoice_date", moments},
                                {"unit_price", price},
                                {"customer_id", customer, known}}};
    for (const auto money_as : {money_format::decimal, money_format::real}) {
        ArrowArrayStream stream;
        lgs_rfm::export_arrow_stream(table, &stream, money_as);
        lgs_rfm::ledger back;
        lgs_rfm::add_arrow(back, lgs_rfm::arrow_stream(&stream));
        CHECK(back == reference::ledger_of(from));
    }
}

TEST_CASE("an owner releases once and passes on by a move") {
    static int released = 0;
    released = 0;
    ArrowArray array{};
    array.release = [](ArrowArray* held) {
        ++released;
        held->release = nullptr;
    };
    {
        arrow_array first(&array);
        CHECK(array.release == nullptr);
        arrow_array second(std::move(first));
        CHECK_FALSE(first);  // NOLINT: a moved-from owner is empty
        CHECK(second);
        arrow_array third;
        third = std::move(second);
        CHECK(third);
        CHECK(released == 0);
        third.reset();
        CHECK(released == 1);
        CHECK_FALSE(third);
    }
    CHECK(released == 1);
}

}  // namespace test_arrow_export
