#include <lgs_rfm/detail/packed_sums.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "reference/lines.hpp"

namespace test_packed_sums {

using lgs_rfm::int128;
using lgs_rfm::line_sums;
using lgs_rfm::money;
using lgs_rfm::detail::packed_sums;
using lgs_rfm::detail::record_array;

namespace {

line_sums random_sums(reference::dice& random, bool wide) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    line_sums sums;
    sums.lines = static_cast<std::uint32_t>(random.between(1, 0xFFFF'FFFF));
    sums.purchase_lines = static_cast<std::uint32_t>(random.between(0, 9));
    sums.quantity = random.between(-most, most);
    sums.gross = money{random.between(0, most)};
    sums.net = money{random.between(-most, most)};
    if (random.between(0, 4) == 0) sums.zero_price = static_cast<std::uint32_t>(random.between(0, 3));
    if (random.between(0, 9) == 0) sums.negative_price = 0xFFFF'FFFF;
    if (random.between(0, 9) == 0) sums.odd_quantity = 7;
    if (random.between(0, 9) == 0) sums.zero_quantity = 8;
    if (wide && random.between(0, 3) == 0) {
        sums.gross.millionths *= random.between(1, 1'000'000);
        sums.net.millionths *= random.between(-1'000'000, 1'000'000);
    }
    return sums;
}

}  // namespace

TEST_CASE("packed sums read as an array of them") {
    for (const bool wide : {false, true}) {
        reference::dice random(wide ? 1 : 2);
        packed_sums packed;
        std::vector<line_sums> wanted;
        for (int i = 0; i < 1000; ++i) {
            wanted.push_back(random_sums(random, wide));
            packed.push_back(wanted.back());
        }
        CHECK(packed.has_wide_amounts() == wide);
        packed_sums::in_order in_order(packed);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            REQUIRE(packed[i] == wanted[i]);
            if (i % 3 == 0) REQUIRE(in_order[i] == wanted[i]);
            REQUIRE(packed.gross(i) == wanted[i].gross);
            REQUIRE(packed.net(i) == wanted[i].net);
            REQUIRE(packed.lines(i) == wanted[i].lines);
            REQUIRE(packed.purchase_lines(i) == wanted[i].purchase_lines);
            REQUIRE(packed.quantity(i) == wanted[i].quantity);
        }
    }
}

TEST_CASE("amounts at the ends of 64 bits are kept") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    packed_sums packed;
    const std::vector<int128> amounts{int128{most},
                                      int128{most} + 1,
                                      -int128{most} - 1,
                                      -int128{most} - 2,
                                      int128{most} * 4,
                                      -int128{most} * 4,
                                      0,
                                      -1};
    for (const int128 amount : amounts) {
        line_sums sums;
        sums.net = money{amount};
        packed.push_back(sums);
    }
    for (std::size_t i = 0; i < amounts.size(); ++i) CHECK(packed.net(i).millionths == amounts[i]);
    CHECK(packed.rests().size() == 4);  // those beyond
}

TEST_CASE("an array of records grows, is cut and copied as a vector is") {
    record_array<std::int64_t> array;
    std::vector<std::int64_t> wanted;
    for (std::int64_t i = 0; i < 20'000; ++i) {
        array.push_back(i);
        wanted.push_back(i);
    }
    for (int i = 0; i < 100; ++i) {  // one of its own, which moves when it grows
        array.push_back(array.front());
        wanted.push_back(0);
    }
    std::int64_t* const more = array.extend(3);
    for (int i = 0; i < 3; ++i) more[i] = -i;
    wanted.insert(wanted.end(), {0, -1, -2});
    const auto same = [&](const record_array<std::int64_t>& of) {
        return std::vector<std::int64_t>(of.begin(), of.end()) == wanted;
    };
    CHECK(same(array));
    record_array<std::int64_t> copy(array);
    record_array<std::int64_t> moved(std::move(array));
    CHECK(same(copy));
    CHECK(same(moved));
    copy.truncate(10);
    CHECK(copy.size() == 10);
    CHECK(copy.back() == 9);
    copy = moved;
    CHECK(same(copy));
    copy.append(moved);
    CHECK(copy.size() == 2 * wanted.size());
    copy.clear();
    CHECK(copy.empty());
    CHECK(same(moved));
}

}  // namespace test_packed_sums
