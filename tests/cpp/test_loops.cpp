// The loops over every row: where one is written for an instruction set, it must do what the plain one beside it does.
#include <lgs_rfm/detail/differences.hpp>
#include <lgs_rfm/detail/id_key.hpp>
#include <lgs_rfm/detail/kernel.hpp>
#include <lgs_rfm/detail/mark.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_loops {

using namespace lgs_rfm::detail;

namespace {

std::vector<std::int64_t> marked(const row_bits& bits, std::int64_t rows) {
    std::vector<std::int64_t> found;
    bits.for_each(rows, [&](std::int64_t row) { found.push_back(row); });
    return found;
}

/// The rows that differ from the row before, value by value.
template <class T>
std::vector<std::int64_t> changes(const std::vector<T>& values, std::size_t first, std::size_t rows) {
    std::vector<std::int64_t> found{0};
    for (std::size_t i = 1; i < rows; ++i) {
        if (values[first + i] != values[first + i - 1]) found.push_back(static_cast<std::int64_t>(i));
    }
    return found;
}

template <class T>
void check_fixed(std::uint64_t seed) {
    reference::dice random(seed);
    std::vector<T> values(900);
    for (std::size_t i = 1; i < values.size(); ++i) {
        values[i] = random.between(0, 6) == 0 ? static_cast<T>(random.between(0, 3)) : values[i - 1];
        // only the last byte or only the first byte differs
        if (random.between(0, 9) == 0) values[i] = static_cast<T>(values[i] ^ T{1} << (8 * sizeof(T) - 1));
    }
    for (const std::size_t rows : {1, 2, 4, 5, 8, 9, 63, 64, 65, 66, 127, 128, 129, 800}) {
        for (const std::size_t first : {0, 1, 3, 100}) {
            row_bits bits;
            mark_fixed<T>(values.data(), static_cast<std::int64_t>(first), static_cast<std::int64_t>(rows), 0, bits);
            REQUIRE(marked(bits, static_cast<std::int64_t>(rows)) == changes(values, first, rows));
        }
    }
}

template <class Offset>
void check_text(std::uint64_t seed, int longest) {
    reference::dice random(seed);
    std::vector<std::string> texts{"first"};
    while (texts.size() < 700) {
        std::string next = texts.back();
        switch (random.between(0, 7)) {
            case 0:
                next.assign(static_cast<std::size_t>(random.between(0, longest)),
                            static_cast<char>('a' + random.between(0, 2)));
                break;
            case 1:
                if (!next.empty()) {
                    next[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(next.size()) - 1))] = 'z';
                }
                break;
            default: break;
        }
        texts.push_back(next);
    }
    std::string bytes;
    std::vector<Offset> offsets{0};
    for (const std::string& each : texts) {
        bytes += each;
        offsets.push_back(static_cast<Offset>(bytes.size()));
    }
    // The bytes exactly as long as they are: reading past the end would be noticed by a sanitizer.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const lgs_rfm::column_chunk chunk{
        .type = sizeof(Offset) == 4 ? lgs_rfm::column_type::utf8 : lgs_rfm::column_type::large_utf8,
        .length = static_cast<std::int64_t>(texts.size()),
        .data = exact.data(),
        .offsets = offsets.data()};
    for (const std::size_t rows : {1, 2, 3, 9, 64, 65, 66, 600}) {
        for (const std::size_t first : {0, 1, 5, 100}) {
            row_bits bits;
            mark_text<Offset>(chunk, static_cast<std::int64_t>(first), static_cast<std::int64_t>(rows), 0, bits);
            REQUIRE(marked(bits, static_cast<std::int64_t>(rows)) == changes(texts, first, rows));
            if (!processor_has(instruction_set::avx512)) continue;  // nobody else takes texts as words
            row_bits word_bits;
            std::vector<std::uint64_t> words(rows);
            const auto end = texts.begin() + static_cast<std::ptrdiff_t>(first + rows);
            const bool all_short = std::all_of(end - static_cast<std::ptrdiff_t>(rows), end,
                                               [](const std::string& text) { return text.size() <= 8; });
            const bool taken = mark_words<Offset>(chunk, static_cast<std::int64_t>(first),
                                                  static_cast<std::int64_t>(rows), 0, word_bits, words.data());
            REQUIRE(taken == all_short);
            if (!taken) continue;
            REQUIRE(marked(word_bits, static_cast<std::int64_t>(rows)) == changes(texts, first, rows));
            for (std::size_t i = 0; i < rows; ++i) {
                const std::string& text = texts[first + i];
                REQUIRE(words[i] == (text.empty() ? 0 : word_of(text)));
            }
        }
    }
}

}  // namespace

TEST_CASE("fixed-width values are marked where they differ from the row before") {
    check_fixed<std::uint8_t>(1);
    check_fixed<std::uint16_t>(2);
    check_fixed<std::uint32_t>(3);
    check_fixed<std::uint64_t>(4);
    check_fixed<lgs_rfm::uint128>(5);  // Arrow's string views
}

TEST_CASE("texts are marked where they differ from the row before") {
    for (const int longest : {1, 3, 7, 8, 40, 200}) {
        check_text<std::int32_t>(static_cast<std::uint64_t>(longest), longest);
        check_text<std::int64_t>(static_cast<std::uint64_t>(longest) + 1000, longest);
    }
}

TEST_CASE("bits are taken from any place, and no byte beyond them") {
    reference::dice random(43);
    std::vector<std::uint8_t> bytes(30);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.between(0, 255));
    for (std::int64_t first = 0; first < 40; ++first) {
        for (int count = 1; count <= 64; ++count) {
            std::uint64_t wanted = 0;
            for (int k = 0; k < count; ++k) wanted |= std::uint64_t{bit_at(bytes.data(), first + k)} << k;
            const std::vector<std::uint8_t> exact(bytes.begin(), bytes.begin() + (first + count + 7) / 8);
            REQUIRE(bits_at(exact.data(), first, count) == wanted);
        }
    }
}

TEST_CASE("keys of short texts order as their bytes do") {
    reference::dice random(44);
    const std::string letters = "-09AZaz";
    std::vector<std::string> texts{"C489449", "C1001234", "C1001235", "A", "a", "Z", "-", "TEN-LETTER"};
    while (texts.size() < 300) {
        std::string text;
        for (std::int64_t n = random.between(1, 10); n > 0; --n) {
            text += letters[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(letters.size()) - 1))];
        }
        texts.push_back(text);
    }
    for (const std::string& a : texts) {
        REQUIRE(short_bytes(key_of_short_text(a)).text() == a);
        for (const std::string& b : texts) {
            REQUIRE((key_of_short_text(a) <=> key_of_short_text(b)) == (a.compare(b) <=> 0));
        }
    }
    for (const char* other : {"", "ELEVEN-LETT", "A B", "A_B", "\xC3\xA9"}) {
        CHECK(key_of_short_text(other) == missing_key);
    }
}

TEST_CASE("rows are set one by one or many at a time, at any place") {
    for (const std::int64_t row : {0, 1, 63, 64, 100}) {
        row_bits bits;
        bits.set(row, 0b1011);
        bits.set(row + 70);
        CHECK(marked(bits, block::capacity) == std::vector<std::int64_t>{row, row + 1, row + 3, row + 70});
        CHECK(bits[row + 3]);
        CHECK_FALSE(bits[row + 2]);
    }
    row_bits last;
    last.set(block::capacity - 1, ~std::uint64_t{0});
    CHECK(marked(last, block::capacity) == std::vector<std::int64_t>{block::capacity - 1});
    CHECK(marked(last, block::capacity - 1).empty());
}

#if LGS_RFM_HAS_VECTORS
TEST_CASE("lines are summed four at a time as one by one") {
    if (!processor_has(instruction_set::avx2)) return;  // nothing to compare on this processor
    reference::dice random(41);
    for (const auto& [largest_quantity, largest_price] :
         {std::pair<std::int64_t, std::int64_t>{3, 2}, {80'995, 2'147'483'647}, {2'147'483'647, 38'970'000'000}}) {
        std::vector<std::int64_t> quantity(200);
        std::vector<std::int64_t> price(200);
        for (std::size_t i = 0; i < quantity.size(); ++i) {
            quantity[i] = random.between(-largest_quantity, largest_quantity);
            price[i] = random.between(-largest_price, largest_price);
        }
        for (std::int64_t rows = 0; rows <= 100; ++rows) {
            for (const std::int64_t first : {0, 1, 97}) {
                const auto* const q = quantity.data() + first;
                const auto* const p = price.data() + first;
                const run_totals plain = sum_lines(q, p, rows);
                REQUIRE(avx2::sum_lines<false>(q, p, rows) == plain);
                if (largest_price < std::int64_t{1} << 31) REQUIRE(avx2::sum_lines<true>(q, p, rows) == plain);
            }
        }
    }
}
#endif

TEST_CASE("hashes of likely lines are all different") {
    std::set<std::uint64_t> hashes;
    std::size_t lines = 0;
    for (std::int64_t quantity = -100; quantity <= 300; ++quantity) {
        for (std::int64_t cents = -50; cents <= 450; ++cents, ++lines) {
            hashes.insert(line_hash(quantity, cents * 10'000));
        }
    }
    CHECK(hashes.size() == lines);
}

TEST_CASE("a text's key is the one that its id gives") {
    reference::dice random(42);
    const std::string letters = "0123456789012345678901234567890123456789-C A\t/:";
    key_pool pool;
    std::string space;
    for (int i = 0; i < 200'000; ++i) {
        std::string text;
        for (std::int64_t n = random.between(1, 12); n > 0; --n) {
            text += letters[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(letters.size()) - 1))];
        }
        const lgs_rfm::id_view id(text);
        const id_key key = short_key(text);
        if (key == missing_key) {
            const bool odd = std::any_of(text.begin(), text.end(), [](char c) {
                return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-';
            });
            REQUIRE((id.is_missing() || (id.is_text() && (text.size() > short_text || odd))));
        } else {
            REQUIRE(pool.at(key, space) == id);
        }
    }
}

}  // namespace test_loops
