// The whole analysis of a binary column dump, as one JSON object on standard output.
//
//     lgs_rfm_example_from_columns [FOLDER [AS_OF]]
//
// FOLDER holds five columns of equal length, numbers as the memory of a little-endian machine:
//     invoice.txt        one invoice number a line, ended by "\n"
//     customer_id.f64    doubles, NaN where the customer is unknown
//     quantity.i64       whole units
//     invoice_date.i64   microseconds since 1970-01-01, no time zone
//     unit_price.f64     units of currency
// `numpy.ndarray.tofile` writes the binary ones; tests/python/test_cpp_example.py shows all five. AS_OF is a date or
// moment in ISO 8601; without it, midnight after the day of the last line. Without arguments the program makes a tiny
// dump in the temporary folder and analyses that. Money is printed exactly, as text.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/lgs_rfm.hpp>

namespace lgs = lgs_rfm;
namespace fs = std::filesystem;

namespace {

std::string read_bytes(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
std::vector<T> read_numbers(const fs::path& path) {
    std::vector<T> values(fs::file_size(path) / sizeof(T));
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return values;
}

/// Views of the lines of a text, without their ends.
std::vector<std::string_view> split(const std::string& text) {
    std::vector<std::string_view> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(std::string_view(text).substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string show(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}
std::string show(std::int64_t value) { return std::to_string(value); }
std::string show(lgs::money value) { return '"' + to_string(value) + '"'; }
std::string show(const std::string& json) { return json; }

using fields = std::vector<std::pair<std::string, std::string>>;

std::string object(const fields& of) {
    std::string text;
    for (const auto& [name, value] : of) text += (text.empty() ? "{\"" : ", \"") + name + "\": " + value;
    return text.empty() ? "{}" : text + "}";
}

template <class Values>
std::string list(const Values& values) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + show(value);
    return "[" + text + "]";
}

std::string months_json(const lgs::month_columns& table) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < table.month.size(); ++i) {
        rows.push_back(object({{"yyyymm", std::to_string(table.yyyymm[i])},
                               {"orders", show(table.orders[i])},
                               {"cancelled", show(table.cancelled[i])},
                               {"placed", show(table.placed[i])},
                               {"sale_invoices", show(table.sale_invoices[i])},
                               {"adjustments", show(table.adjustments[i])},
                               {"sales", show(table.sales[i])},
                               {"growth", table.has_growth[i] != 0 ? show(table.growth[i]) : "null"},
                               {"active_users", show(table.active_users[i])},
                               {"new_users", show(table.new_users[i])},
                               {"existing_users", show(table.existing_users[i])}}));
    }
    return list(rows);
}

std::string amounts_json(const lgs::amount_columns& table) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < table.count.size(); ++i) {
        rows.push_back(object({{"quantile", show(table.quantile[i])},
                               {"cutoff", show(table.cutoff[i])},
                               {"count", show(table.count[i])},
                               {"min", show(table.min[i])},
                               {"max", show(table.max[i])},
                               {"mean", show(table.mean[i])},
                               {"median", show(table.median[i])},
                               {"mode", show(table.mode[i])},
                               {"mode_count", show(table.mode_count[i])}}));
    }
    return list(rows);
}

std::string quality_json(const lgs::quality_columns& table) {
    fields rows;
    for (std::size_t i = 0; i < table.name.size(); ++i) {
        rows.emplace_back(table.name[i],
                          object({{"lines", show(table.lines[i])}, {"invoices", show(table.invoices[i])}}));
    }
    return object(rows);
}

/// Customers, their sum by segment, and the cut points that made the scores.
std::string rfm_json(const lgs::customer_columns& customers) {
    if (customers.recency.empty()) return "null";
    const auto scorer = lgs::rfm_scorer::fit(customers);
    const auto segments = lgs::segment_rules::standard().assign(scorer.transform(customers));
    struct sums {
        std::int64_t customers = 0;
        std::int64_t recency = 0;
        std::int64_t frequency = 0;
        lgs::money monetary = {};
        void add(const lgs::customer_columns& from, std::size_t row) {
            ++customers;
            recency += from.recency[row];
            frequency += from.frequency[row];
            monetary += from.monetary[row];
        }
        [[nodiscard]] std::string json() const {
            return object({{"customers", show(customers)},
                           {"recency", show(recency)},
                           {"frequency", show(frequency)},
                           {"monetary", show(monetary)}});
        }
    };
    sums all;
    std::vector<sums> by_segment(segments.names->size());
    for (std::size_t row = 0; row < customers.recency.size(); ++row) {
        all.add(customers, row);
        by_segment[static_cast<std::size_t>(segments.codes[row])].add(customers,
                                                                      row);  // the standard rules have no gap
    }
    fields of_segment;
    for (std::size_t i = 0; i < by_segment.size(); ++i)
        of_segment.emplace_back((*segments.names)[i], by_segment[i].json());
    return object(
        {{"as_of", '"' + lgs::format_moment(*customers.as_of) + '"'},
         {"all", all.json()},
         {"cuts", object({{"recency", list(scorer.recency_cuts())}, {"monetary", list(scorer.monetary_cuts())}})},
         {"segments", object(of_segment)}});
}

void analyse(const fs::path& folder, std::optional<lgs::moment> as_of) {
    const std::string invoice_text = read_bytes(folder / "invoice.txt");
    const auto invoice = split(invoice_text);
    const auto customer_id = read_numbers<double>(folder / "customer_id.f64");
    const auto quantity = read_numbers<std::int64_t>(folder / "quantity.i64");
    const auto invoice_date = read_numbers<std::int64_t>(folder / "invoice_date.i64");
    const auto unit_price = read_numbers<double>(folder / "unit_price.f64");

    lgs::ledger book;
    const auto report = book.add({.invoice = invoice,
                                  .quantity = quantity,
                                  .invoice_date = invoice_date,
                                  .unit_price = unit_price,
                                  .customer_id = customer_id});
    const auto reading = object({{"lines", show(report.lines)},
                                 {"copies_judged", report.copies_judged ? "true" : "false"},
                                 {"copied_invoices", show(report.copied_invoices)},
                                 {"copied_lines", show(report.copied_lines)},
                                 {"rounded_prices", show(report.rounded_prices)}});
    std::cout << object({{"reading", reading},
                         {"quality", quality_json(lgs::quality_table(book))},
                         {"monthly", months_json(lgs::monthly_table(book))},
                         {"amount_summary", amounts_json(lgs::amount_summary(book))},
                         {"rfm", rfm_json(lgs::customer_table(book, {.as_of = as_of}))}})
              << '\n';
}

template <class T>
void write_numbers(const fs::path& path, const std::vector<T>& values) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

void write_tiny_dump(const fs::path& folder) {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    std::ofstream(folder / "invoice.txt", std::ios::binary) << "1001\n1001\nC1002\n1003\n1004\n";
    write_numbers<double>(folder / "customer_id.f64", {10, 10, 10, 20, unknown});
    write_numbers<std::int64_t>(folder / "quantity.i64", {12, 6, -6, 24, 3});
    std::vector<std::int64_t> dates;
    for (const char* date :
         {"2011-10-05 10:00", "2011-10-05 10:00", "2011-10-06 09:00", "2011-12-01 08:26", "2011-12-09 12:50"}) {
        dates.push_back(lgs::parse_moment(date));
    }
    write_numbers(folder / "invoice_date.i64", dates);
    write_numbers<double>(folder / "unit_price.f64", {2.55, 3.39, 3.39, 1.25, 4.95});
}

}  // namespace

int main(int argc, char* argv[]) {
    try {
        const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
        if (arguments.size() > 3) {
            std::cerr << "usage: " << arguments[0] << " [FOLDER [AS_OF]]\n";
            return 2;
        }
        if (arguments.size() > 1) {
            analyse(arguments[1], arguments.size() > 2 ? std::optional(lgs::parse_moment(arguments[2])) : std::nullopt);
            return 0;
        }
        const fs::path folder =
            fs::temp_directory_path() / ("lgs_rfm_columns_" + std::to_string(std::random_device{}()));
        fs::create_directory(folder);
        write_tiny_dump(folder);
        analyse(folder, {});
        fs::remove_all(folder);
        return 0;
    } catch (const std::exception& bad) {
        std::cerr << bad.what() << '\n';
        return 1;
    }
}
