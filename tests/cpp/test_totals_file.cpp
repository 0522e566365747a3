#include <lgs_rfm/totals.hpp>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "reference/temp_folder.hpp"
#include "reference/totals.hpp"

namespace test_totals_file {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::totals;
using reference::random_labels;
using reference::random_shop;
using reference::shape;
using reference::text_of;
using reference::totals_of;

namespace {

error_code refusal(std::string_view bytes) {
    try {
        static_cast<void>(totals::from_bytes(bytes));
    } catch (const error& bad) {
        return bad.code();
    }
    return error_code::internal;
}

std::string section(std::string_view tag, std::string_view body) {
    const std::uint64_t facts[2] = {body.size(), lgs_rfm::detail::checksum(body)};
    std::string bytes(tag);
    bytes.append(reinterpret_cast<const char*>(facts), sizeof(facts));
    return bytes.append(body);
}

/// A section of a file: its tag and its body.
struct part {
    std::string tag, body;
};
constexpr std::size_t head_size = 12;

std::vector<part> parts_of(const std::string& bytes) {
    std::vector<part> parts;
    for (std::size_t at = head_size; at < bytes.size();) {
        std::uint64_t size = 0;
        std::memcpy(&size, bytes.data() + at + 4, 8);
        parts.push_back({bytes.substr(at, 4), bytes.substr(at + 20, size)});
        at += 20 + size;
    }
    return parts;
}

std::string file_of(const std::vector<part>& parts) {
    std::string bytes = std::string("LGSTOT\r\n") + std::string("\1\0\0\0", 4);
    for (const part& each : parts) bytes += section(each.tag, each.body);
    return bytes;
}

/// Small totals with everything in them.
totals sample(bool numbered = true) {
    const auto called = random_labels();
    return totals_of(random_shop(numbered ? 91 : 92, 25), {"segment", "stock_code", "month"}, {.invoice = numbered},
                     &called);
}

}  // namespace

TEST_CASE("saved totals come back as they were") {
    const auto called = random_labels();
    for (const std::size_t count : {0U, 1U, 2000U}) {
        for (const shape has : {shape{}, shape{.invoice = false}, shape{.quantity = false, .amount = true}}) {
            for (const auto& by :
                 {std::vector<std::string>{"stock_code"}, {"own", "week"}, {"segment", "country"}, {"customer_id"}}) {
                const totals made = totals_of(random_shop(count, count), by, has, &called);
                const std::string bytes = made.to_bytes();
                const totals back = totals::from_bytes(bytes);
                CAPTURE(count, by);
                REQUIRE(back == made);
                REQUIRE(back.to_bytes() == bytes);
                REQUIRE(back.keys() == made.keys());
                REQUIRE(text_of(as_table(back)) == text_of(as_table(made)));
                REQUIRE(back.by({by.back()}) == made.by({by.back()}));
            }
        }
    }
}

TEST_CASE("saved totals merge with new ones") {
    const auto called = random_labels();
    const auto one = random_shop(93, 300);
    const auto other = random_shop(94, 300);
    const std::vector<std::string> by{"segment", "country"};
    const totals whole = totals_of(reference::joined(one, other), by, {}, &called);
    totals loaded = totals::from_bytes(totals_of(one, by, {}, &called).to_bytes());
    totals fresh = totals_of(other, by, {}, &called);
    fresh.merge(loaded);
    CHECK(fresh == whole);

    const reference::shop_columns memory(other);
    try {
        loaded.add(memory.view());
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::invalid_option);
        CHECK_THAT(bad.what(),
                   ContainsSubstring("saved totals do not keep whose label segment is") && ContainsSubstring("merge"));
    }
    loaded.merge(totals_of(other, by, {}, &called));
    CHECK(loaded == whole);
    CHECK_NOTHROW(loaded.add(memory.view()));  // now whose labels they are is known again
    totals without_label = totals::from_bytes(totals_of(one, {"country"}).to_bytes());
    without_label.add(memory.view());
    CHECK(without_label == totals_of(reference::joined(one, other), {"country"}));
    const totals folded = totals::from_bytes(whole.to_bytes()).by({"country"});
    CHECK(folded == totals_of(reference::joined(one, other), {"country"}));
}

TEST_CASE("a file of totals that is cut off or longer is refused") {
    for (const bool numbered : {true, false}) {
        const std::string bytes = sample(numbered).to_bytes();
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            const std::string cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            REQUIRE(refusal(cut) == error_code::bad_file);
        }
        CHECK(refusal(bytes + '\0') == error_code::bad_file);
    }
}

TEST_CASE("a file of totals with a flipped byte is refused") {
    for (const bool numbered : {true, false}) {
        const std::string bytes = sample(numbered).to_bytes();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const int mask : {0x01, 0x20, 0x80, 0xFF}) {
                std::string damaged = bytes;
                damaged[i] = static_cast<char>(damaged[i] ^ mask);
                CAPTURE(i, mask);
                REQUIRE(refusal(damaged) == error_code::bad_file);
            }
        }
    }
}

TEST_CASE("sections with a flipped byte and a right checksum are refused or hold totals") {
    // only the reader's own checks stand between a wrong file and an array's end
    for (const bool numbered : {true, false}) {
        const auto parts = parts_of(sample(numbered).to_bytes());
        REQUIRE(totals::from_bytes(file_of(parts)) == sample(numbered));
        int read = 0;
        for (std::size_t p = 0; p < parts.size(); ++p) {
            for (std::size_t i = 0; i < parts[p].body.size(); ++i) {
                for (const int mask : {0x01, 0x02, 0x10, 0x80, 0xFF}) {
                    auto damaged = parts;
                    damaged[p].body[i] = static_cast<char>(damaged[p].body[i] ^ mask);
                    CAPTURE(parts[p].tag, i, mask);
                    try {
                        totals made = totals::from_bytes(file_of(damaged));
                        static_cast<void>(as_table(made));  // reads every array
                        static_cast<void>(made.by({made.keys().back().name}));
                        totals both = made;
                        both.merge(made);
                        REQUIRE(totals::from_bytes(made.to_bytes()) == made);
                        ++read;
                    } catch (const error& bad) {
                        REQUIRE(bad.code() == error_code::bad_file);
                    }
                }
            }
        }
        CHECK(read > 0);  // other names, other sums
    }
}

TEST_CASE("a file of totals without one of its sections is refused") {
    const auto parts = parts_of(sample().to_bytes());
    for (std::size_t p = 0; p < parts.size(); ++p) {
        auto fewer = parts;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(p));
        CAPTURE(parts[p].tag);
        CHECK(refusal(file_of(fewer)) == error_code::bad_file);
    }
    std::string tags;
    for (const part& each : parts) tags += each.tag + " ";
    CHECK(tags == "CONF BYKY LABL KIDS KCOD KIDS KCOD KIDS KCOD SUMS INVO CUST OCCU ");
}

TEST_CASE("keys that no totals have are refused") {
    const auto file_by = [](const std::vector<std::string>& by) {
        auto parts = parts_of(lgs_rfm::totals({"own", "stock_code"}).to_bytes());
        parts[1].body.clear();
        for (const std::string& name : by) {
            const std::uint64_t size = name.size();
            parts[1].body += std::string(2, '\0') + std::string(reinterpret_cast<const char*>(&size), 8) + name;
        }
        return file_of(parts);
    };
    CHECK(refusal(file_by({"own", "country"})) == error_code::internal);  // not refused
    CHECK(refusal(file_by({"own", "own"})) == error_code::bad_file);
    CHECK(refusal(file_by({"own", "quantity"})) == error_code::bad_file);
    CHECK(refusal(file_by({"own", "month"})) == error_code::bad_file);  // a column, it says
    CHECK(refusal(file_by({"own"})) == error_code::bad_file);
}

TEST_CASE("unknown sections of totals") {
    const std::string bytes = sample().to_bytes();
    CHECK(totals::from_bytes(bytes + section("note", "of a later version")) == sample());
    CHECK(refusal(bytes + section("NEWS", "")) == error_code::bad_file);
    std::string newer = bytes;
    newer[8] = 2;
    CHECK(refusal(newer) == error_code::bad_file);
    CHECK(refusal(std::string("LGSRFM\r\n") + bytes.substr(8)) == error_code::bad_file);  // a ledger's name
    CHECK(refusal("") == error_code::bad_file);
}

TEST_CASE("totals are saved to files and loaded") {
    const reference::temp_folder folder;
    const auto path = folder.path / "by country.tot";
    const totals made = sample();
    made.save(path);
    CHECK(std::filesystem::file_size(path) == made.to_bytes().size());
    CHECK(totals::load(path) == made);
    sample(false).save(path);
    CHECK(totals::load(path) == sample(false));
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder.path)) files += each.exists() ? 1 : 0;
    CHECK(files == 1);
    const auto refused = [](auto&& act) {
        try {
            act();
        } catch (const error& bad) {
            return std::pair(bad.code(), std::string(bad.what()));
        }
        return std::pair(error_code::internal, std::string());
    };
    const auto unread = refused([&] { static_cast<void>(totals::load(folder.path / "nothing")); });
    CHECK(unread.first == error_code::file_access);
    CHECK_THAT(unread.second, ContainsSubstring("nothing"));
    const auto unwritten = refused([&] { made.save(folder.path / "no folder" / "x"); });
    CHECK(unwritten.first == error_code::file_access);
    std::ofstream(folder.path / "other.csv") << "Invoice,Quantity\n";
    const auto foreign = refused([&] { static_cast<void>(totals::load(folder.path / "other.csv")); });
    CHECK(foreign.first == error_code::bad_file);
    CHECK_THAT(foreign.second, ContainsSubstring("other.csv"));
}

}  // namespace test_totals_file
