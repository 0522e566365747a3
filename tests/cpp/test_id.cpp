#include <lgs_rfm/id.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/id_key.hpp>

#include "catch.hpp"
#include "reference/ledger.hpp"

namespace test_id {

using lgs_rfm::canonical_integer;
using lgs_rfm::id_column;
using lgs_rfm::id_list;
using lgs_rfm::id_view;
namespace detail = lgs_rfm::detail;

namespace {

const std::vector<std::string>& odd_texts() {
    static const std::vector<std::string> texts{"",
                                                " ",
                                                "\t\n",
                                                "0",
                                                "1",
                                                "-1",
                                                "-0",
                                                "00",
                                                "007",
                                                "+5",
                                                "5 ",
                                                " 5",
                                                "5.0",
                                                "1e3",
                                                "13085",
                                                "9223372036854775807",
                                                "9223372036854775808",
                                                "-9223372036854775808",
                                                "-9223372036854775809",
                                                "2305843009213693951",
                                                "2305843009213693952",
                                                "-2305843009213693952",
                                                "-2305843009213693953",
                                                "99999999999999999999",
                                                "a",
                                                "A",
                                                "C",
                                                "C489449",
                                                "C4894490",
                                                "C48944900",
                                                "c",
                                                std::string("a\0", 2),
                                                std::string("a\0b", 3),
                                                std::string("\0", 1),
                                                "\x7f",
                                                "\x80",
                                                "\xff",
                                                "\xff\xff\xff\xff\xff\xff\xff",
                                                "\xff\xff\xff\xff\xff\xff\xff\xff",
                                                "Größe",
                                                "ab",
                                                "abcdefg",
                                                "abcdefgh",
                                                "abcdefghi",
                                                "-",
                                                "--1",
                                                "-a",
                                                std::string(300, 'x'),
                                                std::string(300, 'x') + "y"};
    return texts;
}

}  // namespace

TEST_CASE("only a canonical decimal int64 is an integer") {
    const std::pair<const char*, std::int64_t> integers[] = {
        {"0", 0},
        {"7", 7},
        {"-7", -7},
        {"13085", 13085},
        {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()}};
    for (const auto& [text, value] : integers) {
        CAPTURE(text);
        CHECK(canonical_integer(text) == value);
        CHECK(id_view(std::string_view(text)) == id_view(value));
    }
    for (const char* text : {"", "-", "+7", "007", "-07", "-0", "00", " 7", "7 ", "7.0", "1e3", "0x1",
                             "9223372036854775808", "-9223372036854775809", "12345678901234567890", "seven"}) {
        CAPTURE(text);
        CHECK_FALSE(canonical_integer(text));
    }
}

TEST_CASE("blank text is a missing id and other text stays") {
    for (const char* text : {"", " ", "\t", " \r\n\v\f "}) CHECK(id_view(std::string_view(text)).is_missing());
    CHECK(id_view(std::string_view("007")).is_text());
    CHECK(id_view(std::string_view("007")).text() == "007");
    CHECK(id_view(std::string_view(" x ")).text() == " x ");
    CHECK(to_string(id_view(13085)) == "13085");
    CHECK(to_string(id_view()).empty());
    CHECK(id_view().is_missing());
}

TEST_CASE("ids order as integers by value and then texts by bytes and then missing") {
    std::vector<std::string> texts = odd_texts();
    for (const std::string& a : texts) {
        for (const std::string& b : texts) {
            CAPTURE(a, b);
            const auto wanted = reference::make_id(a) <=> reference::make_id(b);
            REQUIRE((id_view(std::string_view(a)) <=> id_view(std::string_view(b))) == wanted);
            REQUIRE((id_view(std::string_view(a)) == id_view(std::string_view(b))) == (wanted == 0));
        }
    }
}

TEST_CASE("packed keys are equal when ids are and order as they do") {
    detail::key_pool pool;
    const std::vector<std::string> texts = odd_texts();
    std::vector<detail::id_key> keys;
    for (const std::string& text : texts) keys.push_back(pool.key(std::string_view(text)));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        std::string space;
        CAPTURE(texts[i]);
        REQUIRE(pool.key(std::string_view(texts[i])) == keys[i]);
        REQUIRE(pool.at(keys[i], space) == id_view(std::string_view(texts[i])));
        REQUIRE((keys[i] == detail::missing_key) == id_view(std::string_view(texts[i])).is_missing());
        for (std::size_t j = 0; j < texts.size(); ++j) {
            CAPTURE(texts[j]);
            const id_view a{std::string_view(texts[i])};
            const id_view b{std::string_view(texts[j])};
            REQUIRE((keys[i] == keys[j]) == (a == b));
            REQUIRE(pool.less(keys[i], keys[j]) == (a < b));
        }
    }
}

TEST_CASE("an integer has the key of its text") {
    detail::key_pool pool;
    reference::dice random(6);
    for (int i = 0; i < 20'000; ++i) {
        const auto value = static_cast<std::int64_t>(random.bits()) >> random.between(0, 62);
        REQUIRE(pool.key(value) == pool.key(std::string_view(std::to_string(value))));
        std::string space;
        REQUIRE(pool.at(pool.key(value), space) == id_view(value));
    }
}

TEST_CASE("random texts keep order and identity in keys") {
    detail::key_pool pool;
    reference::dice random(61);
    std::vector<std::string> texts;
    for (int i = 0; i < 400; ++i) {
        std::string text;
        const auto length = random.between(0, 10);
        for (std::int64_t c = 0; c < length; ++c)
            text +=
                static_cast<char>(random.pick(std::string("\0"
                                                          "1 -aC\xC3\xFF",
                                                          8)));
        texts.push_back(text);
    }
    for (const std::string& a : texts) {
        for (const std::string& b : texts) {
            const auto ka = pool.key(std::string_view(a));
            const auto kb = pool.key(std::string_view(b));
            REQUIRE((ka == kb) == (reference::make_id(a) == reference::make_id(b)));
            REQUIRE(pool.less(ka, kb) == (reference::make_id(a) < reference::make_id(b)));
        }
    }
}

TEST_CASE("the first byte of a key tells the kind of an invoice") {
    detail::key_pool pool;
    const lgs_rfm::ledger_config config;
    for (const std::string& text : odd_texts()) {
        const id_view id{std::string_view(text)};
        const auto key = pool.key(std::string_view(text));
        CAPTURE(text);
        CHECK(config.kind_of(key, pool) == config.kind_of(id));
    }
    CHECK(config.kind_of(pool.key(std::string_view("C489449")), pool) == lgs_rfm::invoice_kind::cancellation);
    CHECK(config.kind_of(pool.key(std::string_view("A-LONG-NUMBER")), pool) == lgs_rfm::invoice_kind::adjustment);
    CHECK(config.kind_of(pool.key(std::int64_t{489434}), pool) == lgs_rfm::invoice_kind::sale);
}

TEST_CASE("id lists find what they hold") {
    id_list list;
    const std::vector<std::string> in_order{"-5", "0", "13085", "C1", "C10", "Größe", "a"};
    for (const std::string& text : in_order) list.push_back(std::string_view(text));
    REQUIRE(list.size() == in_order.size());
    CHECK_FALSE(list.all_integers());
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        CHECK(to_string(list[i]) == in_order[i]);
        CHECK(list.find(std::string_view(in_order[i])) == static_cast<std::uint32_t>(i));
    }
    for (const char* text : {"-6", "1", "99999", "C", "C100", "b", ""}) CHECK_FALSE(list.find(std::string_view(text)));
    CHECK_FALSE(id_list().find(5));
    CHECK(id_list().all_integers());
}

TEST_CASE("id lists are made again from their parts only in strict order") {
    const std::string text = "C1C10a";
    const auto parts = id_list::from_parts({-5, 0, 7}, text, {2, 5, 6});
    REQUIRE(parts);
    CHECK(parts->size() == 6);
    CHECK(to_string((*parts)[4]) == "C10");
    CHECK(id_list::from_parts({}, "", {}));
    CHECK_FALSE(id_list::from_parts({0, 0}, "", {}));       // twice the same
    CHECK_FALSE(id_list::from_parts({1, 0}, "", {}));       // falling
    CHECK_FALSE(id_list::from_parts({}, "ba", {1, 2}));     // texts falling
    CHECK_FALSE(id_list::from_parts({}, "ab", {1, 1, 2}));  // an empty text
    CHECK_FALSE(id_list::from_parts({}, "ab", {1}));        // bytes left over
    CHECK_FALSE(id_list::from_parts({}, "ab", {3}));        // past the end
    CHECK_FALSE(id_list::from_parts({}, "12", {2}));        // text that is an integer
    CHECK_FALSE(id_list::from_parts({}, "  ", {2}));        // blank text
}

TEST_CASE("id columns give the id of each row") {
    auto list = std::make_shared<id_list>();
    list->push_back(13085);
    list->push_back(std::string_view("x"));
    id_column column(list, {1, id_column::missing, 0});
    column.push_back(1);
    REQUIRE(column.size() == 4);
    CHECK(column[0].text() == "x");
    CHECK(column[1].is_missing());
    CHECK(column[2].integer() == 13085);
    CHECK(column[3].text() == "x");
    CHECK(id_column().size() == 0);
}

}  // namespace test_id
