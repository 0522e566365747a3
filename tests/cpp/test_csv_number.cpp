#include <lgs_rfm/detail/csv_number.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lgs_rfm/detail/csv_value.hpp>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_csv_number {

// The fast reader of numbers against the careful one: whatever it takes for good must be what that one reads.
using lgs_rfm::detail::csv_price_of;
using lgs_rfm::detail::csv_quantity_of;
using lgs_rfm::detail::eight_bytes;
using lgs_rfm::detail::short_number;
using lgs_rfm::detail::short_numbers;

namespace {

/// Texts, padded so that the eight bytes before each end are others' text, and read at once.
struct texts {
    explicit texts(const std::vector<std::string>& all) : from(all) {
        while (from.size() % 4 != 0) from.emplace_back("0");
        reference::dice random(5);
        for (const std::string& each : from) {
            std::string padded;
            for (int i = 0; i < 8; ++i) padded.push_back("0123456789.-,\"\n9"[random.bits() % 16]);
            padded += each;
            words.push_back(eight_bytes(padded.data() + padded.size() - 8));
            lengths.push_back(each.size());
        }
    }
    std::vector<std::string> from;
    std::vector<std::uint64_t> words;
    std::vector<std::uint64_t> lengths;
};

template <bool Millionths>
void compare(const std::vector<std::string>& all, char point) {
    const texts given(all);
    std::vector<std::int64_t> values(given.from.size());
    std::vector<std::uint8_t> bad(given.from.size() / 4);
    const bool none = short_numbers<Millionths>(given.words.data(), given.lengths.data(), given.from.size(), point,
                                                values.data(), bad.data());
    std::size_t wrong = 0;
    std::size_t good = 0;
    for (std::size_t i = 0; i < given.from.size(); ++i) {
        const bool is_bad = (bad[i / 4] >> (i % 4) & 1U) != 0;
        const auto careful = Millionths ? csv_price_of(given.from[i], point) : csv_quantity_of(given.from[i], point);
        const auto plain = short_number(given.words[i], given.lengths[i], point);
        const bool plain_good = plain.good && plain.places <= (Millionths ? 6U : 0U);
        const auto scale = Millionths && plain_good ? lgs_rfm::detail::powers_of_ten[6U - plain.places] : 1;
        bool same = is_bad != plain_good;
        if (!is_bad) same = same && !careful.failed && static_cast<std::int64_t>(careful.value) == values[i];
        if (plain_good) same = same && plain.digits * scale == values[i];
        good += is_bad ? 0 : 1;
        wrong += is_bad ? 1 : 0;
        if (!same) {
            CAPTURE(given.from[i], point, Millionths, is_bad, plain_good, values[i]);
            CHECK(same);
        }
    }
    CHECK(none == (wrong == 0));
    CHECK(good > 0);
}

}  // namespace

TEST_CASE("all short texts of the letters that numbers are made of") {
    const std::string letters = "019-.,+e \"";
    std::vector<std::string> all{""};
    for (std::size_t i = 0; all[i].size() < 5; ++i) {
        for (const char c : letters) all.push_back(all[i] + c);
    }
    for (const char point : {'.', ','}) {
        compare<true>(all, point);
        compare<false>(all, point);
    }
}

TEST_CASE("numbers of every length") {
    reference::dice random(11);
    std::vector<std::string> all;
    for (int i = 0; i < 200'000; ++i) {
        std::string text(1 + random.bits() % 11, '0');
        for (char& c : text) c = static_cast<char>('0' + random.bits() % 10);
        if (random.bits() % 3 != 0) text[random.bits() % text.size()] = '.';
        if (random.bits() % 4 == 0) text[random.bits() % text.size()] = '.';
        if (random.bits() % 3 == 0) text.insert(0, "-");
        all.push_back(text);
    }
    compare<true>(all, '.');
    compare<false>(all, '.');
}

TEST_CASE("moments to the second, by the fast way and by the careful one") {
    using lgs_rfm::detail::read_moment;
    using lgs_rfm::detail::second_of;
    const auto careful = [](const std::string& text) {
        const auto found = read_moment(text);
        return found.status == lgs_rfm::detail::moment_status::good ? std::optional(found.at) : std::nullopt;
    };
    std::size_t taken = 0;
    for (int year : {1399, 1400, 1900, 1970, 2000, 2009, 2012, 9999}) {
        for (int month = 0; month <= 13; ++month) {
            for (int day = 0; day <= 32; ++day) {
                const auto two = [](int n) { return lgs_rfm::detail::padded(n, 2); };
                const std::string text = lgs_rfm::detail::padded(year, 4) + "-" + two(month) + "-" + two(day) + " " +
                                         two(day % 26) + ":45:" + two(month * 5);
                const auto quick = second_of(text.data(), text.size());
                taken += quick ? 1U : 0U;
                if (quick && quick != careful(text)) {
                    CAPTURE(text);
                    CHECK(quick == careful(text));
                }
            }
        }
    }
    CHECK(taken > 7 * 12 * 25);
    const std::string good = "2010-12-01 08:26:59";
    CHECK(second_of(good.data(), good.size()) == careful(good));
    CHECK_FALSE(second_of(good.data(), good.size() - 1));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char c : {'/', ':', '-', ' ', 'a', 'T', '\0', '\xff'}) {
            std::string bad = good;
            bad[at] = c;
            const auto quick = second_of(bad.data(), bad.size());
            CAPTURE(bad);
            CHECK((!quick || quick == careful(bad)));
            CHECK((bad == good) == quick.has_value());
        }
    }
}

}  // namespace test_csv_number
