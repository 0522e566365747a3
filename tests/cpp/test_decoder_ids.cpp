#include <lgs_rfm/detail/decoder.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/decode.hpp"
#include "reference/lines.hpp"
#include "reference/memory.hpp"

namespace test_decoder_ids {

using lgs_rfm::cell;
using lgs_rfm::column;
using lgs_rfm::column_chunk;
using lgs_rfm::column_type;
using lgs_rfm::column_view;
using lgs_rfm::error_code;
using lgs_rfm::detail::role;
using reference::decode;

namespace {

using texts = std::vector<std::string>;

const texts& sample() {
    static const texts values{"13085", "13085", "C489449", "007", "", "Größe", "a text beyond twelve bytes",
                              "13085", " ",     "-2"};
    return values;
}

texts canonical(const texts& values) {
    texts result;
    for (const std::string& value : values) result.push_back(value == " " ? "" : value);
    return result;
}

/// The ids of a chunk, and of the same rows in three slices with an empty one between, with and without validity.
void check_chunk(const column_chunk& chunk, const texts& wanted) {
    for (const std::int64_t step : {1, 3, 100}) {
        const auto whole = decode(column(chunk), role::optional_id, step);
        REQUIRE_FALSE(whole.failed);
        REQUIRE(whole.ids == wanted);
    }
    const auto rows = static_cast<std::int64_t>(wanted.size());
    column sliced;
    sliced.add(reference::slice(chunk, 0, 3));
    sliced.add(reference::slice(chunk, 3, 0));
    sliced.add(reference::slice(chunk, 3, rows - 3));
    REQUIRE(decode(sliced, role::optional_id, 2).ids == wanted);

    std::vector<bool> present(wanted.size());
    texts holes = wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        present[i] = i % 3 != 1;
        if (!present[i]) holes[i] = "";
    }
    column_chunk with_holes = chunk;
    const auto bits = reference::bitmap(present);
    with_holes.validity = bits.data();
    REQUIRE(decode(column(with_holes), role::optional_id, 4).ids == holes);
    column parts(reference::slice(with_holes, 0, 5));
    parts.add(reference::slice(with_holes, 5, rows - 5));
    REQUIRE(decode(parts, role::optional_id, 4).ids == holes);
    const auto required = decode(column(with_holes), role::required_id, 4);
    REQUIRE(required.failed);
    REQUIRE(required.problem == error_code::missing_value);
    REQUIRE(required.row == 1);
}

template <class T>
void check_integers(column_type type) {
    const std::vector<T> values{1, 1, 0, 100, std::numeric_limits<T>::max(), 1, std::numeric_limits<T>::min()};
    texts wanted;
    for (const T value : values) wanted.push_back(std::to_string(value));
    check_chunk(reference::chunk_of(type, values), wanted);
}

}  // namespace

TEST_CASE("text ids are canonical in every layout") {
    SECTION("string") { check_chunk(reference::offset_texts<std::int32_t>(sample()).chunk(), canonical(sample())); }
    SECTION("large string") {
        const reference::offset_texts<std::int64_t> memory(sample());
        check_chunk(memory.chunk(), canonical(sample()));
    }
    SECTION("string view") {
        reference::view_texts memory(sample());
        check_chunk(memory.chunk(), canonical(sample()));
    }
    SECTION("bytes") {
        const reference::fixed_texts<char> memory(sample());
        check_chunk(memory.chunk(), canonical(sample()));
    }
    SECTION("std::string") {
        const texts values = sample();
        check_chunk(column(values).chunks()[0], canonical(values));
    }
    SECTION("std::string_view") {
        const std::vector<std::string_view> values(sample().begin(), sample().end());
        check_chunk(column(values).chunks()[0], canonical(sample()));
    }
}

TEST_CASE("the keys of short texts are those of the texts one by one, also where every row differs") {
    reference::dice random(5);
    // of "\u00f1" two bytes less their highest bits would be "C1"
    const std::vector<std::string> letters{"0", "0", "1", "9", "a", "z", "C", "-", "_", std::string(1, '\0'), "\u00f1"};
    texts values;
    for (int i = 0; i < 3000; ++i) {
        std::string& text = values.emplace_back();
        const bool digits = random.between(0, 1) == 0;
        const std::int64_t length = random.between(0, digits ? 8 : 7);  // the last letter may have two bytes
        while (static_cast<std::int64_t>(text.size()) < length) {
            text += digits ? std::to_string(random.between(0, 9))
                           : letters[static_cast<std::size_t>(random.between(0, 10))];
        }
    }
    // Few rows at a time, as the quick road ends at the first text that is no short key.
    const auto check = [&](const column_chunk& chunk, std::int32_t at_once) {
        const column ids(chunk);
        lgs_rfm::detail::key_pool pool;
        lgs_rfm::detail::column_decoder decoder(ids, role::optional_id, pool);
        std::vector<std::uint64_t> keys(values.size());
        std::vector<std::int32_t> every(static_cast<std::size_t>(at_once));
        std::iota(every.begin(), every.end(), 0);
        for (std::size_t row = 0; row < values.size(); row += every.size()) {
            lgs_rfm::detail::row_bits marks;
            decoder.mark(at_once, marks);
            REQUIRE(decoder.decode_at(every, at_once, keys.data() + row) == at_once);
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            CAPTURE(values[i]);
            REQUIRE(keys[i] == pool.key(values[i]));
        }
    };
    for (const std::int32_t at_once : {3, 8, 1000}) {
        check(reference::offset_texts<std::int32_t>(values).chunk(), at_once);
        check(reference::offset_texts<std::int64_t>(values).chunk(), at_once);
    }
    // Views of longer texts do not end the quick road for a block, so some are among these.
    for (std::size_t i = 0; i < values.size(); i += 7) values[i] += "12345678";
    for (const std::int32_t at_once : {3, 8, 1000}) check(reference::view_texts(values).chunk(), at_once);
}

TEST_CASE("a missing id is none and differs from the one before, whatever lies in its place") {
    reference::dice random(8);
    const std::vector<std::int32_t> same(1000, 7);
    std::vector<std::uint8_t> validity(1000 / 8 + 1);
    std::vector<bool> present;
    for (std::size_t i = 0; i < same.size(); ++i) {
        present.push_back(random.between(0, 3) != 0);
        if (present.back()) validity[i / 8] = static_cast<std::uint8_t>(validity[i / 8] | 1U << i % 8);
    }
    for (const std::int64_t offset : {0, 3, 64}) {
        for (const std::int64_t rows : {1, 63, 64, 65, 200, 900}) {
            const column ids(column_chunk{.type = column_type::int32,
                                          .length = rows,
                                          .offset = offset,
                                          .data = same.data(),
                                          .validity = validity.data()});
            lgs_rfm::detail::key_pool pool;
            lgs_rfm::detail::column_decoder decoder(ids, role::optional_id, pool);
            lgs_rfm::detail::row_bits marks;
            decoder.mark(rows, marks);
            for (std::int64_t row = 1; row < rows; ++row) {
                const auto at = static_cast<std::size_t>(offset + row);
                REQUIRE(marks[row] == (present[at] != present[at - 1]));
            }
            std::vector<std::int32_t> every(static_cast<std::size_t>(rows));
            std::iota(every.begin(), every.end(), 0);
            std::vector<std::uint64_t> keys(every.size());
            REQUIRE(decoder.decode_at(every, rows, keys.data()) == rows);
            for (std::size_t row = 0; row < keys.size(); ++row) {
                const bool given = present[static_cast<std::size_t>(offset) + row];
                REQUIRE(keys[row] == (given ? lgs_rfm::detail::key_of_integer(7) : lgs_rfm::detail::missing_key));
            }
        }
    }
}

TEST_CASE("UCS-4 ids become UTF-8") {
    const reference::fixed_texts<char32_t> memory(
        {U"13085", U"A", U"Größe", U"€ uro", U"\U0001F381", U"\u07FF\u0800\uFFFF", U"", U"007"});
    check_chunk(memory.chunk(),
                {"13085", "A", "Größe", "€ uro", "\xF0\x9F\x8E\x81", "\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF", "", "007"});
}

TEST_CASE("integer ids of every width") {
    check_integers<std::int8_t>(column_type::int8);
    check_integers<std::int16_t>(column_type::int16);
    check_integers<std::int32_t>(column_type::int32);
    check_integers<std::int64_t>(column_type::int64);
    check_integers<std::uint8_t>(column_type::uint8);
    check_integers<std::uint16_t>(column_type::uint16);
    check_integers<std::uint32_t>(column_type::uint32);
    check_integers<std::uint64_t>(column_type::uint64);
}

TEST_CASE("whole float ids are integers and NaN is a missing one") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> doubles{13085, nan, -0.0, 0.0, -2, nan, nan, 9007199254740991.0};
    check_chunk(column(doubles).chunks()[0], {"13085", "", "0", "0", "-2", "", "", "9007199254740991"});
    const std::vector<float> floats{13085, std::nanf(""), 13085, 16777216};
    check_chunk(column(floats).chunks()[0], {"13085", "", "13085", "16777216"});
    const auto required = decode(column(doubles), role::required_id);
    CHECK(required.problem == error_code::missing_value);
    CHECK(required.row == 1);
}

TEST_CASE("floats that are no ids are refused") {
    struct {
        double value;
        error_code problem;
        const char* text;
    } cases[] = {{13085.5, error_code::fractional, "13085.5"},
                 {9007199254740992.0, error_code::out_of_range, "9007199254740992"},
                 {-9007199254740992.0, error_code::out_of_range, "-9007199254740992"},
                 {std::numeric_limits<double>::infinity(), error_code::not_finite, "inf"}};
    for (const auto& each : cases) {
        const std::vector<double> values{1, 2, 3, 4, each.value};
        const auto read = decode(column(values), role::optional_id);
        CAPTURE(each.text);
        CHECK(read.failed);
        CHECK(read.problem == each.problem);
        CHECK(read.row == 4);
        CHECK(read.text == each.text);
        CHECK(read.ids.size() == 4);
    }
}

TEST_CASE("ids in cells are judged one by one") {
    const std::vector<cell> values{{.what = cell::kind::integer, .integer = 13085},
                                   {.what = cell::kind::text, .text = "13085"},
                                   {.what = cell::kind::real, .real = 13085},
                                   {},
                                   {.what = cell::kind::text, .text = "C1"},
                                   {.what = cell::kind::integer, .integer = lgs_rfm::int128{1} << 63},
                                   {.what = cell::kind::integer, .integer = std::numeric_limits<std::int64_t>::min()}};
    const auto read = decode(column(values), role::optional_id);
    CHECK_FALSE(read.failed);
    CHECK(read.ids == texts{"13085", "13085", "13085", "", "C1", "9223372036854775808", "-9223372036854775808"});

    const std::vector<cell> bad{{.what = cell::kind::integer, .integer = 1},
                                {.what = cell::kind::unsupported, .text = "list"}};
    CHECK(decode(column(bad), role::optional_id).problem == error_code::wrong_type);
    CHECK(decode(column(bad), role::optional_id).row == 1);
    CHECK(decode(column(bad), role::optional_id).text == "list");
    const std::vector<cell> dated{{.what = cell::kind::instant, .integer = 1}};
    CHECK(decode(column(dated), role::optional_id).problem == error_code::wrong_type);
}

TEST_CASE("integers in cells beyond 64 bits are the ids of their digits") {
    const lgs_rfm::int128 huge = (lgs_rfm::int128{1} << 64) * 10;  // 184467440737095516160
    const std::vector<cell> values{{.what = cell::kind::integer, .integer = huge},
                                   {.what = cell::kind::integer, .integer = -huge}};
    CHECK(decode(column(values), role::optional_id).ids == texts{"184467440737095516160", "-184467440737095516160"});
}

TEST_CASE("a column of nulls is missing ids") {
    const column nulls(column_chunk{.type = column_type::nulls, .length = 5});
    CHECK(decode(nulls, role::optional_id).ids == texts(5));
    CHECK(decode(nulls, role::required_id).problem == error_code::missing_value);
    CHECK(decode(nulls, role::required_id).row == 0);
}

TEST_CASE("dictionary ids of every index type") {
    const texts entries{"13085", "C1", "", "unused"};
    const reference::offset_texts<std::int32_t> memory(entries);
    const texts wanted{"13085", "C1", "C1", "", "13085"};
    const auto check = [&]<class Index>(Index, column_type type) {
        const std::vector<Index> rows{0, 1, 1, 2, 0};
        check_chunk(reference::dictionary_of(type, rows, memory.chunk()), wanted);
    };
    check(std::int8_t{}, column_type::int8);
    check(std::int16_t{}, column_type::int16);
    check(std::int32_t{}, column_type::int32);
    check(std::int64_t{}, column_type::int64);
    check(std::uint8_t{}, column_type::uint8);
    check(std::uint16_t{}, column_type::uint16);
    check(std::uint32_t{}, column_type::uint32);
    check(std::uint64_t{}, column_type::uint64);
}

TEST_CASE("a negative dictionary code is a missing value") {
    const std::vector<std::int64_t> entries{10, 20};
    const std::vector<std::int8_t> rows{1, -1, 0};
    const auto chunk =
        reference::dictionary_of(column_type::int8, rows, reference::chunk_of(column_type::int64, entries));
    CHECK(decode(column(chunk), role::optional_id).ids == texts{"20", "", "10"});
    CHECK(decode(column(chunk), role::required_id).row == 1);
    const reference::offset_texts<std::int64_t> words({"a", "20"});
    const column of_words(reference::dictionary_of(column_type::int8, rows, words.chunk()));
    CHECK(decode(of_words, role::optional_id).ids == texts{"20", "", "a"});
    CHECK(decode(of_words, role::required_id).row == 1);
}

TEST_CASE("a dictionary may have an offset and missing entries and differ by chunk") {
    const std::vector<std::int64_t> first{99, 10, 20, 30};
    auto sliced = reference::slice(reference::chunk_of(column_type::int64, first), 1, 3);
    const auto bits = reference::bitmap({true, true, false, true});
    sliced.validity = bits.data();
    const std::vector<std::int32_t> rows{0, 1, 2};
    column both(reference::dictionary_of(column_type::int32, rows, sliced));
    const texts words{"x", "y", "z"};
    both.add(reference::dictionary_of(column_type::int32, rows, column(words).chunks()[0]));
    const reference::offset_texts<std::int32_t> more({"not it", "u", "C7", "a text beyond twelve bytes"});
    both.add(reference::dictionary_of(column_type::int32, rows, reference::slice(more.chunk(), 1, 3)));
    CHECK(decode(both, role::optional_id).ids ==
          texts{"10", "", "30", "x", "y", "z", "u", "C7", "a text beyond twelve bytes"});
}

TEST_CASE("a bad dictionary entry matters only where it is used") {
    const std::vector<double> entries{1, 2.5, 3};
    const std::vector<std::int16_t> unused{0, 2, 2, 0};
    const std::vector<std::int16_t> used{0, 2, 1, 0};
    const auto chunk = [&](const std::vector<std::int16_t>& rows) {
        return column(
            reference::dictionary_of(column_type::int16, rows, reference::chunk_of(column_type::float64, entries)));
    };
    CHECK(decode(chunk(unused), role::optional_id).ids == texts{"1", "3", "3", "1"});
    const auto read = decode(chunk(used), role::optional_id);
    CHECK(read.problem == error_code::fractional);
    CHECK(read.row == 2);
    CHECK(read.text == "2.5");
}

TEST_CASE("an index past its dictionary is refused") {
    const std::vector<std::int64_t> entries{1, 2};
    const std::vector<std::int8_t> rows{0, 2};
    const column damaged(
        reference::dictionary_of(column_type::int8, rows, reference::chunk_of(column_type::int64, entries)));
    CHECK_THROWS_AS(decode(damaged, role::optional_id), lgs_rfm::error);
    const reference::offset_texts<std::int32_t> words({"1", "2"});
    const column of_words(reference::dictionary_of(column_type::int8, rows, words.chunk()));
    CHECK_THROWS_AS(decode(of_words, role::optional_id), lgs_rfm::error);
}

}  // namespace test_decoder_ids
