#include <lgs_rfm/detail/code_ids.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_code_ids {

using namespace lgs_rfm::detail;
using lgs_rfm::id_column;
using lgs_rfm::id_view;

namespace {

std::string with_zeros(std::int64_t number, std::size_t digits) {
    std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

/// An id of one of the shapes that numbering tells apart.
std::string some_id(reference::dice& random, std::int64_t shapes, std::int64_t range) {
    const std::int64_t number = random.between(0, range);
    switch (random.between(0, shapes)) {
        case 0: return std::to_string(number);
        case 1: return "C" + with_zeros(number, 6);
        case 2: return "C" + with_zeros(number, 7);  // lies among those of six digits
        case 3: return "A" + std::to_string(number);
        case 4: return "";
        case 5: return "C12-" + std::to_string(number % 100);
        case 6: return "B" + std::to_string(number) + "X";
        case 7: return "9" + with_zeros(number, 7) + "A0";
        case 8: return std::to_string(-number);
        case 9: return "C" + with_zeros(number, 12);                         // goes to the pool
        default: return "30000000000000000" + with_zeros(number % 1000, 3);  // an integer that does not pack
    }
}

/// The distinct ids in order, and each row's code, from a map.
void check(const coded_ids& found, const std::vector<std::string>& rows) {
    std::map<id_view, std::uint32_t> codes;
    for (const std::string& row : rows) {
        if (!id_view(row).is_missing()) codes.emplace(id_view(row), 0);
    }
    REQUIRE(found.ids->size() == codes.size());
    std::uint32_t next = 0;
    for (auto& [id, code] : codes) {
        REQUIRE((*found.ids)[next] == id);
        code = next++;
    }
    REQUIRE(found.codes.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const id_view id(rows[i]);
        REQUIRE(found.codes[i] == (id.is_missing() ? id_column::missing : codes[id]));
    }
}

}  // namespace

TEST_CASE("ids of any mixture of shapes are numbered in their order") {
    for (std::int64_t shapes = 0; shapes <= 10; ++shapes) {
        for (const std::int64_t range : {3, 500, 900'000}) {
            reference::dice random(static_cast<std::uint64_t>(100 * shapes + range));
            key_pool pool;
            std::vector<std::string> rows;
            std::vector<id_key> keys;
            for (int i = 0; i < 3000; ++i) {
                rows.push_back(some_id(random, shapes, range));
                keys.push_back(pool.key(rows.back()));
            }
            check(code_ids(keys, pool), rows);
        }
    }
}

TEST_CASE("ids of runs in pieces are numbered alike by any number of threads") {
    for (const std::int64_t shapes : {1, 2, 10}) {
        reference::dice random(static_cast<std::uint64_t>(shapes));
        key_pool pool;
        run_pieces runs;
        std::vector<std::string> invoices;
        std::vector<std::string> customers;
        for (const int size : {20'000, 1, 7, 300, 17'000}) {
            run_list piece;
            for (int i = 0; i < size; ++i) {
                invoices.push_back(some_id(random, shapes, 20'000));
                customers.push_back(some_id(random, 8, 300));
                piece.keys.push_back({pool.key(invoices.back()), pool.key(customers.back()), 0});
                piece.sums.push_back({});
            }
            runs.append(std::move(piece));
        }
        for (const unsigned threads : {1U, 2U, 5U}) {
            const auto found = code_ids(
                std::array{key_rows(runs, &run_keys::invoice), key_rows(runs, &run_keys::customer)}, pool, threads);
            check(found[0], invoices);
            check(found[1], customers);
        }
    }
}

TEST_CASE("integers that ascend are numbered like any, with equal neighbours or none") {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{1025}, std::size_t{3000}}) {
        for (std::size_t twice = 0; twice < size; twice += 341) {
            key_pool pool;
            std::vector<std::string> rows;
            for (std::size_t i = 0; i < size; ++i) rows.push_back(std::to_string(3 * i));
            if (twice > 0) rows[twice] = rows[twice - 1];
            std::vector<id_key> keys;
            for (const std::string& each : rows) keys.push_back(pool.key(each));
            check(code_ids(keys, pool), rows);
        }
    }
}

TEST_CASE("ids far from those that are looked at are numbered in their place") {
    for (const std::int64_t outlier :
         {std::int64_t{-7}, std::int64_t{5}, std::int64_t{700'000}, std::int64_t{1} << 40}) {
        for (const std::size_t row : {std::size_t{1}, std::size_t{39'999}, std::size_t{20'007}}) {
            CAPTURE(outlier, row);
            key_pool pool;
            std::vector<std::string> rows;
            std::vector<id_key> keys;
            for (std::int64_t i = 0; i < 40'000; ++i) {
                rows.push_back(std::to_string(100'000 + i * 3 / 2));
                if (i % 5 == 3) rows.back().insert(0, "C");
            }
            rows[row] = std::to_string(outlier);
            rows[row + 1 < rows.size() ? row + 1 : 0] = "C000001";  // far from the others of its series
            for (const std::string& each : rows) keys.push_back(pool.key(each));
            check(code_ids(keys, pool), rows);
        }
    }
}

TEST_CASE("a series holds the texts of its letters and count of digits, as numbers") {
    const std::vector<std::string> texts{"C536379", "C000000", "C999999", "C53637",   "C5363790", "D536379", "536379",
                                         "C53637A", "CC53637", "C-53637", "AB12-034", "Z9",       "C",       ""};
    for (const std::string& shape : texts) {
        const auto series = text_series::of(short_key(shape));
        const std::size_t last_letter = shape.find_last_not_of("0123456789");
        const bool expected = last_letter != std::string::npos && last_letter + 1 < shape.size();
        REQUIRE(series.has_value() == expected);
        if (!series) continue;
        const std::string letters = shape.substr(0, last_letter + 1);
        for (const std::string& text : texts) {
            CAPTURE(shape, text);
            const std::string digits = text.size() == shape.size() ? text.substr(letters.size()) : "";
            const bool alike = text.starts_with(letters) && !digits.empty() &&
                               digits.find_first_not_of("0123456789") == std::string::npos;
            const std::optional<std::uint64_t> number = series->number_of(short_key(text));
            REQUIRE(number.has_value() == alike);
            if (alike) CHECK(*number == std::stoull(digits));
            if (alike) CHECK(series->key_of(*number) == short_key(text));
        }
    }
    const auto nine = text_series::of(short_key("X000000001"));
    REQUIRE(nine);
    for (const std::uint64_t number : {0ULL, 9ULL, 10'000ULL, 123'456'789ULL, 999'999'999ULL}) {
        CHECK(nine->number_of(nine->key_of(number)) == number);
        CHECK(nine->key_of(number) == short_key("X" + with_zeros(static_cast<std::int64_t>(number), 9)));
    }
}

}  // namespace test_code_ids
