#include <lgs_rfm/ledger.hpp>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "reference/ledger.hpp"
#include "reference/temp_folder.hpp"

namespace test_ledger_file {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::ledger;

namespace {

ledger sample(std::size_t count = 60) { return reference::ledger_of(reference::random_lines(51, count)); }

error_code refusal(std::string_view bytes) {
    try {
        static_cast<void>(ledger::from_bytes(bytes));
    } catch (const error& bad) {
        return bad.code();
    }
    return error_code::internal;
}

/// A section as the file format writes it.
std::string section(std::string_view tag, std::string_view body) {
    const std::uint64_t facts[2] = {body.size(), lgs_rfm::detail::checksum(body)};
    std::string bytes(tag);
    bytes.append(reinterpret_cast<const char*>(facts), sizeof(facts));
    return bytes.append(body);
}

/// Where the sections begin: their tags in order.
std::string tags_of(const std::string& bytes) {
    std::string tags;
    for (std::size_t at = 12; at < bytes.size();) {
        std::uint64_t size = 0;
        std::memcpy(&size, bytes.data() + at + 4, 8);
        tags += bytes.substr(at, 4) + " ";
        at += 20 + size;
    }
    return tags;
}

}  // namespace

TEST_CASE("a saved ledger comes back as it was") {
    for (const std::size_t count : {0U, 1U, 5000U}) {
        const ledger book = sample(count);
        const std::string bytes = book.to_bytes();
        const ledger back = ledger::from_bytes(bytes);
        CHECK(back == book);
        CHECK(back.to_bytes() == bytes);
        CHECK(reference::entries_of(back) == reference::entries_of(book));
    }
}

TEST_CASE("a loaded ledger goes on as the saved one would") {
    const auto more = reference::random_lines(52, 500);
    ledger book = sample();
    ledger back = ledger::from_bytes(book.to_bytes());
    const reference::columns memory(more);
    book.add(memory.view());
    back.add(memory.view());
    CHECK(back == book);
    back.merge(book);
    book.merge(book);
    CHECK(back == book);
}

TEST_CASE("the file begins with its name and version and configuration") {
    const std::string bytes = sample().to_bytes();
    CHECK(bytes.substr(0, 8) == "LGSRFM\r\n");
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + 8, 4);
    CHECK(version == 1);
    CHECK(tags_of(bytes) == "CONF INVO CUST KEYS SUMS ");
}

TEST_CASE("prefixes are saved") {
    const lgs_rfm::ledger_config config(
        {{'S', lgs_rfm::invoice_kind::cancellation}, {'~', lgs_rfm::invoice_kind::adjustment}});
    const ledger book(config);
    CHECK(ledger::from_bytes(book.to_bytes()).config() == config);
    CHECK(book.to_bytes() != ledger().to_bytes());
}

TEST_CASE("a file cut off anywhere is refused") {
    const std::string bytes = sample().to_bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        // a copy of its own, so that a sanitizer sees a read past the end
        const std::string cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        REQUIRE(refusal(cut) == error_code::bad_file);
    }
    CHECK(refusal(bytes + '\0') == error_code::bad_file);
}

TEST_CASE("a file with a flipped byte is refused") {
    const std::string bytes = sample().to_bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const int mask : {0x01, 0x20, 0x80, 0xFF}) {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ mask);
            CAPTURE(i, mask);
            REQUIRE(refusal(damaged) == error_code::bad_file);
        }
    }
}

TEST_CASE("what is no ledger is refused") {
    CHECK(refusal("") == error_code::bad_file);
    CHECK(refusal("Invoice,Quantity\n") == error_code::bad_file);
    CHECK(refusal("LGSRFM\n\n\1\0\0\0") == error_code::bad_file);
    try {
        std::string newer = sample().to_bytes();
        newer[8] = 2;
        static_cast<void>(ledger::from_bytes(newer));
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK_THAT(bad.what(), ContainsSubstring("version 2"));
        CHECK_THAT(bad.what(), ContainsSubstring("newer lgs_rfm"));
    }
}

TEST_CASE("an unknown optional section is kept") {
    const std::string bytes = sample().to_bytes();
    const std::string extra = section("note", "for a later version") + section("zzzz", "");
    const ledger book = ledger::from_bytes(bytes + extra);
    CHECK(book.to_bytes() == bytes + extra);
    CHECK(reference::entries_of(book) == reference::entries_of(sample()));
    std::string damaged = bytes + extra;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    CHECK(refusal(damaged) == error_code::bad_file);
}

TEST_CASE("an unknown section that is not optional is refused") {
    try {
        static_cast<void>(ledger::from_bytes(sample().to_bytes() + section("NEWS", "meaning unknown")));
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == error_code::bad_file);
        CHECK_THAT(bad.what(), ContainsSubstring("NEWS"));
    }
}

TEST_CASE("sections that are whole but wrong are refused") {
    // checksums are right here, so only the reader's own checks stand between a wrong file and an array's end
    const std::string head = std::string("LGSRFM\r\n") + std::string("\1\0\0\0", 4);
    const auto file = [&](const std::string& conf, const std::string& invo, const std::string& cust,
                          const std::string& keys, const std::string& sums) {
        return head + section("CONF", conf) + section("INVO", invo) + section("CUST", cust) + section("KEYS", keys) +
               section("SUMS", sums);
    };
    const auto u64 = [](std::uint64_t value) { return std::string(reinterpret_cast<const char*>(&value), 8); };
    const auto u32 = [](std::uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), 4); };
    const std::string no_ids = u64(0) + u64(0);
    const std::string one_id = u64(1) + u64(13085) + u64(0);
    const std::string one_sum(32, '\0');
    const std::string sums_of_one = u64(1) + one_sum + u64(0);
    const auto keys = [&](std::uint32_t invoice, std::uint32_t customer, std::uint64_t at) {
        return u64(1) + u32(invoice) + u64(1) + u32(customer) + u64(1) + u64(at);
    };
    const std::string good = file("", one_id, one_id, keys(0, 0, 5), sums_of_one);
    CHECK(ledger::from_bytes(good).entries()->size() == 1);
    CHECK(refusal(file("", one_id, no_ids, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);  // points nowhere
    CHECK(refusal(file("", one_id, one_id, keys(1, 0, 5), sums_of_one)) == error_code::bad_file);
    CHECK(refusal(file("", one_id, one_id, keys(0, 0, ~std::uint64_t{0} >> 1), sums_of_one)) ==
          error_code::bad_file);                                                                       // no moment
    CHECK(refusal(file("", one_id, one_id, keys(0, 0, 5), u64(0) + u64(0))) == error_code::bad_file);  // lengths differ
    const auto rest = [&](std::uint64_t entry, std::uint32_t odd) {
        return u64(entry) + u32(odd) + u32(0) + u32(0) + u32(0) + u64(0) + u64(0);
    };
    const auto with_rests = [&](std::uint64_t count, const std::string& rests) {
        return file("", one_id, one_id, keys(0, 0, 5), u64(1) + one_sum + u64(count) + rests);
    };
    CHECK(ledger::from_bytes(with_rests(1, rest(0, 3))).entries()->sums[0].zero_price == 3);
    CHECK(refusal(with_rests(1, rest(1, 3))) == error_code::bad_file);                                   // of no entry
    CHECK(refusal(with_rests(1, rest(0, 0))) == error_code::bad_file);                                   // of nothing
    CHECK(refusal(with_rests(2, rest(0, 3) + rest(0, 3))) == error_code::bad_file);                      // twice
    CHECK(refusal(file("", one_id, one_id, keys(0, 0, 5) + "x", sums_of_one)) == error_code::bad_file);  // too long
    CHECK(refusal(file("", u64(2) + u64(7) + u64(7) + u64(0), one_id, keys(0, 0, 5), sums_of_one)) ==
          error_code::bad_file);
    CHECK(refusal(file("", u64(~std::uint64_t{0}), one_id, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);
    const std::string twice = u64(2) + u32(0) + u32(0) + u64(2) + u32(0) + u32(0) + u64(2) + u64(5) + u64(5);
    CHECK(refusal(file("", one_id, one_id, twice, u64(2) + one_sum + one_sum + u64(0))) == error_code::bad_file);
    CHECK(refusal(file("C", one_id, one_id, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);     // half a prefix
    CHECK(refusal(file("C\7", one_id, one_id, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);   // unknown kind
    CHECK(refusal(file("\1\1", one_id, one_id, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);  // no such prefix
    CHECK(refusal(file("C\1C\1", one_id, one_id, keys(0, 0, 5), sums_of_one)) == error_code::bad_file);
    CHECK(refusal(head + section("CONF", "")) == error_code::bad_file);  // the rest is missing
}

TEST_CASE("ledgers are saved to files and loaded") {
    const reference::temp_folder folder;
    const ledger book = sample(2000);
    const auto path = folder.path / "book.lgs";
    book.save(path);
    CHECK(std::filesystem::file_size(path) == book.to_bytes().size());
    CHECK(ledger::load(path) == book);
    sample(10).save(path);  // over the old one
    CHECK(ledger::load(path) == sample(10));
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder.path)) files += each.exists() ? 1 : 0;
    CHECK(files == 1);
}

TEST_CASE("files that cannot be read or written are named") {
    const reference::temp_folder folder;
    const auto refused = [](auto&& act) {
        try {
            act();
        } catch (const error& bad) {
            return std::pair(bad.code(), std::string(bad.what()));
        }
        return std::pair(error_code::internal, std::string());
    };
    const auto missing = folder.path / "nobody.lgs";
    const auto unread = refused([&] { static_cast<void>(ledger::load(missing)); });
    CHECK(unread.first == error_code::file_access);
    CHECK_THAT(unread.second, ContainsSubstring(missing.string()));
    const auto unwritten = refused([&] { sample().save(folder.path / "no folder" / "book.lgs"); });
    CHECK(unwritten.first == error_code::file_access);
    CHECK_THAT(unwritten.second, ContainsSubstring("no folder"));
    const auto other = folder.path / "other.csv";
    std::ofstream(other) << "Invoice,Quantity\n";
    const auto foreign = refused([&] { static_cast<void>(ledger::load(other)); });
    CHECK(foreign.first == error_code::bad_file);
    CHECK_THAT(foreign.second, ContainsSubstring(other.string()));
}

}  // namespace test_ledger_file
