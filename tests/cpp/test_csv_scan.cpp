#include <lgs_rfm/detail/csv_scan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_csv_scan {

using namespace lgs_rfm::detail;

namespace {

/// 64 bytes a word: separators, quotes, their neighbours in the code, and bytes beyond ASCII.
std::string random_text(reference::dice& random, std::size_t words) {
    constexpr std::string_view bytes = ",,,,;\n\n\"\"-+.0123456789abc \t\xC3\xA9\xFF\x80";
    std::string text(64 * words, ' ');
    for (char& each : text)
        each = bytes[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(bytes.size()) - 1))];
    return text;
}

/// Byte by byte.
std::uint64_t plain_bits(std::string_view text, char wanted) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 64; ++i) bits |= std::uint64_t{text[i] == wanted} << i;
    return bits;
}

/// Calls `use(name, find)` for each body that runs on this processor, whichever is forced.
template <class Use>
void for_each_scan(Use&& use) {
    use("plain",
        [](const char* text, std::size_t words, csv_masks& out) { find_masks_plainly(text, words, ',', '"', out); });
    use("chosen", [](const char* text, std::size_t words, csv_masks& out) { find_masks(text, words, ',', '"', out); });
    const auto with = [](auto equal_bytes) {
        return [equal_bytes](const char* text, std::size_t words, csv_masks& out) {
            out.quotes = equal_bytes(text, words, {',', '\n', '"'},
                                     {out.delimiter.data(), out.newline.data(), out.quote.data()}) != 0;
        };
    };
#if defined(__SSE2__)
    use("sse2", with(sse2::equal_bytes));
#endif
#if LGS_RFM_HAS_VECTORS
    if (processor_has(instruction_set::avx2)) use("avx2", with(avx2::equal_bytes));
    if (processor_has(instruction_set::avx512)) use("avx512", with(avx512::equal_bytes));
#endif
    static_cast<void>(with);
}

}  // namespace

TEST_CASE("bytes are found as by looking at each") {
    reference::dice random(401);
    const auto masks = std::make_unique<csv_masks>();
    for (const std::size_t words : {std::size_t{1}, std::size_t{3}, csv_masks::words}) {
        std::string text = random_text(random, words);
        for (const bool quotes : {true, false}) {
            if (!quotes) {
                for (char& each : text) each = each == '"' ? 'q' : each;
            }
            for_each_scan([&](const char* name, auto&& find) {
                CAPTURE(name, words, quotes);
                find(text.data(), words, *masks);
                CHECK(masks->quotes == (text.find('"') != std::string::npos));
                for (std::size_t i = 0; i < words; ++i) {
                    const auto here = std::string_view(text).substr(64 * i, 64);
                    REQUIRE(masks->delimiter[i] == plain_bits(here, ','));
                    REQUIRE(masks->newline[i] == plain_bits(here, '\n'));
                    REQUIRE(masks->quote[i] == plain_bits(here, '"'));
                }
            });
        }
    }
}

TEST_CASE("separators are listed in the order of the text, however close they lie") {
    reference::dice random(402);
    const auto masks = std::make_unique<csv_masks>();
    const auto listed = std::make_unique<csv_separators>();
    for (const std::size_t words : {std::size_t{1}, std::size_t{2}, csv_masks::words}) {
        for (const int one_in : {1, 2, 5, 12, 200}) {  // 1: every byte separates
            std::vector<std::uint32_t> wanted{99};
            std::size_t newlines = 0;
            for (std::size_t i = 0; i < words; ++i) {
                masks->delimiter[i] = masks->newline[i] = 0;
                for (std::uint32_t bit = 0; bit < 64; ++bit) {
                    if (random.between(1, one_in) != 1) continue;
                    const bool newline = random.between(0, 3) == 0;
                    (newline ? masks->newline : masks->delimiter)[i] |= std::uint64_t{1} << bit;
                    newlines += newline ? 1 : 0;
                    wanted.push_back(100 + static_cast<std::uint32_t>(64 * i) + bit);
                }
            }
            const auto check = [&](std::string_view name) {
                CAPTURE(std::string(name), words, one_in);
                REQUIRE(listed->count + 1 == wanted.size());
                REQUIRE(listed->newlines == newlines);
                const auto begin = listed->at.begin();
                REQUIRE(std::vector(begin, begin + static_cast<std::ptrdiff_t>(wanted.size())) == wanted);
            };
            list_separators(*masks, words, 100, *listed);
            check("chosen");
#if LGS_RFM_HAS_VECTORS
            const auto check_body = [&](const char* name, auto list_bits) {
                listed->at[0] = 99;
                listed->count = list_bits(masks->delimiter.data(), masks->newline.data(), words, 100,
                                          listed->at.data() + 1, listed->newlines);
                check(name);
            };
            if (avx2::has_bit_instructions()) check_body("avx2", avx2::list_bits);
            if (avx512::compresses_bytes()) check_body("avx512", avx512::list_bits);
#endif
        }
    }
}

}  // namespace test_csv_scan
