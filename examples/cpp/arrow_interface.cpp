// Lines in and a table out through the Arrow C data interface, without linking Arrow. The producer below stands for any
// library that speaks it (PyArrow, Polars, DuckDB, an ADBC driver): it hands over one batch of four columns.
#include <array>
#include <cstdint>
#include <iostream>
#include <string>

#include <lgs_rfm/io/arrow.hpp>
#include <lgs_rfm/tables/customers.hpp>

namespace lgs = lgs_rfm;

namespace {

// The memory of the batch. It lives as long as the program, so releasing it means only to say so.
constexpr std::int64_t rows = 4;
const std::array<std::int32_t, 5> invoice_ends{0, 4, 8, 13, 17};
const std::array<char, 18> invoice_bytes{"10011002C10031004"};
const std::array<std::int32_t, 4> quantity{12, 6, -6, 24};
const std::array<std::int64_t, 4> date_ms{1317808800000, 1317895200000, 1317981600000, 1322728000000};
const std::array<double, 4> price{2.55, 3.39, 3.39, 1.25};
const std::array<std::int64_t, 4> customer{10, 20, 20, 10};
const std::uint8_t customer_present = 0b1011;  // row 2 has no customer

struct column {
    const char* format;
    const char* name;
    std::array<const void*, 3> buffers;  // validity, then what the format asks for
    std::int64_t n_buffers;
    std::int64_t null_count;
};
std::array<column, 5> columns{{{"u", "Invoice", {nullptr, invoice_ends.data(), invoice_bytes.data()}, 3, 0},
                               {"i", "Quantity", {nullptr, quantity.data()}, 2, 0},
                               {"tsm:", "InvoiceDate", {nullptr, date_ms.data()}, 2, 0},
                               {"g", "Price", {nullptr, price.data()}, 2, 0},
                               {"l", "Customer ID", {&customer_present, customer.data()}, 2, 1}}};

std::array<ArrowSchema, columns.size()> schemas;
std::array<ArrowSchema*, columns.size()> schema_pointers;
std::array<ArrowArray, columns.size()> arrays;
std::array<ArrowArray*, columns.size()> array_pointers;
const void* no_validity = nullptr;
bool given = false;

int get_schema(ArrowArrayStream*, ArrowSchema* out) {
    const auto done = [](ArrowSchema* held) { held->release = nullptr; };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        schemas[i] = {.format = columns[i].format,
                      .name = columns[i].name,
                      .metadata = nullptr,
                      .flags = ARROW_FLAG_NULLABLE,
                      .n_children = 0,
                      .children = nullptr,
                      .dictionary = nullptr,
                      .release = done,
                      .private_data = nullptr};
        schema_pointers[i] = &schemas[i];
    }
    *out = {.format = "+s",
            .name = "",
            .metadata = nullptr,
            .flags = 0,
            .n_children = columns.size(),
            .children = schema_pointers.data(),
            .dictionary = nullptr,
            .release = done,
            .private_data = nullptr};
    return 0;
}

int get_next(ArrowArrayStream*, ArrowArray* out) {
    *out = {};
    if (given) return 0;  // an array that is released already ends the stream
    given = true;
    const auto done = [](ArrowArray* held) { held->release = nullptr; };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        arrays[i] = {.length = rows,
                     .null_count = columns[i].null_count,
                     .offset = 0,
                     .n_buffers = columns[i].n_buffers,
                     .n_children = 0,
                     .buffers = columns[i].buffers.data(),
                     .children = nullptr,
                     .dictionary = nullptr,
                     .release = done,
                     .private_data = nullptr};
        array_pointers[i] = &arrays[i];
    }
    *out = {.length = rows,
            .null_count = 0,
            .offset = 0,
            .n_buffers = 1,
            .n_children = columns.size(),
            .buffers = &no_validity,
            .children = array_pointers.data(),
            .dictionary = nullptr,
            .release = done,
            .private_data = nullptr};
    return 0;
}

}  // namespace

int main() {
    ArrowArrayStream stream{.get_schema = get_schema,
                            .get_next = get_next,
                            .get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; },
                            .release = [](ArrowArrayStream* held) { held->release = nullptr; },
                            .private_data = nullptr};
    lgs::ledger book;
    const auto report = lgs::add_arrow(book, lgs::arrow_stream(&stream));  // takes the stream over and releases it
    std::cout << report.lines << " lines read\n";

    ArrowSchema schema;
    ArrowArray array;
    lgs::export_arrow(as_table(lgs::customer_table(book, {.as_of = lgs::parse_moment("2012-01-01")})), &schema, &array);
    const lgs::arrow_schema own_schema(&schema);  // the consumer releases both, here by their owners
    const lgs::arrow_array own_array(&array);
    for (std::int64_t i = 0; i < own_schema->n_children; ++i) {
        std::cout << own_schema->children[i]->name << " (Arrow format " << own_schema->children[i]->format << ")\n";
    }
    const auto* const recency = static_cast<const std::int64_t*>(own_array->children[1]->buffers[1]);
    for (std::int64_t row = 0; row < own_array->length; ++row) std::cout << "recency " << recency[row] << '\n';
    return own_array->length == 2 && report.lines == rows ? 0 : 1;
}
