#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>

/// A saved ledger: an eight-byte magic, a version, then sections of (tag, length, checksum, bytes), little-endian.
/// The configuration comes first. A reader keeps sections whose tag starts with a lower-case letter though it does not
/// know them (optional facts) and refuses any other unknown tag. docs/formats.md has the layout.
namespace lgs_rfm::detail {

static_assert(std::endian::native == std::endian::little, "saved ledgers are little-endian and written as memory lies");

inline constexpr std::string_view file_magic = "LGSRFM\r\n";  // a transfer that changes line ends breaks it
inline constexpr std::uint32_t file_version = 1;

/// Checksum of a section: 64 bits, eight bytes a step. It tells damage, not malice.
[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes) noexcept {
    std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};  // independent lanes keep the multipliers busy
    std::size_t at = 0;
    const auto word = [&](std::size_t from, std::size_t size) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + from, size);
        return value;
    };
    for (; at + 32 <= bytes.size(); at += 32) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            lanes[lane] = std::rotl((lanes[lane] ^ word(at + 8 * lane, 8)) * 0x9E3779B97F4A7C15U, 29);
        }
    }
    for (; at < bytes.size(); at += 8) {
        lanes[0] = mix(lanes[0] ^ word(at, std::min<std::size_t>(8, bytes.size() - at)));
    }
    return mix(lanes[0] ^ mix(lanes[1] ^ mix(lanes[2] ^ mix(lanes[3] ^ bytes.size()))));
}

class file_writer {
public:
    file_writer() : bytes_(file_magic) { put(file_version); }

    template <class T>
    void put(const T& value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    }

    void begin(std::string_view tag) {
        bytes_.append(tag);
        begin_ = bytes_.size();
        put(std::uint64_t{0});
        put(std::uint64_t{0});
    }
    void put_text(std::string_view text) { bytes_.append(text); }
    template <class Array>
    void put_array(const Array& values) {
        put(static_cast<std::uint64_t>(values.size()));
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
    }
    void end() {
        const std::string_view body = std::string_view(bytes_).substr(begin_ + 16);
        const std::uint64_t facts[2] = {body.size(), checksum(body)};
        std::memcpy(bytes_.data() + begin_, facts, sizeof(facts));
    }

    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
    std::size_t begin_ = 0;
};

[[noreturn]] inline void throw_damaged(const char* what) {
    throw error(error_code::bad_file, std::string("not a readable lgs_rfm ledger: ") + what);
}

/// Reads values from the front of bytes; every length is checked against what is there before memory is asked for.
class file_reader {
public:
    explicit file_reader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

    [[nodiscard]] std::string_view text(std::uint64_t size) {
        if (size > rest_.size()) throw_damaged("it ends too early");
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    template <class T>
    [[nodiscard]] T get() {
        T value;
        std::memcpy(&value, text(sizeof(T)).data(), sizeof(T));
        return value;
    }
    template <class Array>
    [[nodiscard]] Array array() {
        const auto count = get<std::uint64_t>();
        if (count > rest_.size() / sizeof(typename Array::value_type)) throw_damaged("it ends too early");
        const std::string_view bytes = text(count * sizeof(typename Array::value_type));
        Array values;
        if constexpr (requires { values.extend(1); }) {
            static_cast<void>(values.extend(static_cast<std::size_t>(count)));
        } else {
            values.resize(static_cast<std::size_t>(count));
        }
        if (count != 0) std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }

private:
    std::string_view rest_;
};

inline void write_ids(file_writer& to, std::string_view tag, const id_list& ids) {
    to.begin(tag);
    to.put_array(ids.integers());
    to.put_array(ids.text_ends());
    to.put_text(ids.text_bytes());
    to.end();
}

[[nodiscard]] inline std::shared_ptr<const id_list> read_ids(file_reader& from) {
    auto integers = from.array<large_vector<std::int64_t>>();
    auto ends = from.array<std::vector<std::uint64_t>>();
    const std::uint64_t size = ends.empty() ? 0 : ends.back();
    std::string text(from.text(size));
    auto ids = id_list::from_parts(std::move(integers), std::move(text), std::move(ends));
    if (!ids) throw_damaged("its ids are not in order");
    return std::make_shared<const id_list>(std::move(*ids));
}

/// The one compact form of a ledger: equal ledgers give equal bytes. O(entries + ids).
[[nodiscard]] inline std::string write_ledger(const ledger_config& config, const ledger_entries& entries,
                                              std::string_view kept_sections) {
    file_writer to;
    to.begin("CONF");
    for (const auto& [prefix, kind] : config.prefixes()) {
        to.put(prefix);
        to.put(kind);
    }
    to.end();
    write_ids(to, "INVO", *entries.invoices);
    write_ids(to, "CUST", *entries.customers);
    to.begin("KEYS");
    to.put_array(entries.invoice);
    to.put_array(entries.customer);
    to.put_array(entries.moment);
    to.end();
    to.begin("SUMS");
    to.put_array(entries.sums.usuals());
    to.put_array(entries.sums.rests());
    to.end();
    to.put_text(kept_sections);
    return to.take();
}

/// What a file holds. `kept_sections`: unknown optional sections, as they were.
struct ledger_parts {
    ledger_config config;
    ledger_entries entries;
    std::string kept_sections;
};

/// Refuses codes and moments that no ledger of ours would hold, so that damaged files cannot reach past an array.
inline void check_entries(const ledger_entries& entries) {
    const std::size_t count = entries.moment.size();
    if (entries.invoice.size() != count || entries.customer.size() != count || entries.sums.size() != count) {
        throw_damaged("its arrays differ in length");
    }
    const auto known = [](std::uint32_t code, const id_list& ids) {
        return code == id_column::missing || code < ids.size();
    };
    using key = std::tuple<std::uint32_t, std::uint32_t, moment>;
    for (std::size_t i = 0; i < count; ++i) {
        if (!known(entries.invoice[i], *entries.invoices) || !known(entries.customer[i], *entries.customers) ||
            entries.moment[i] < min_moment || entries.moment[i] > max_moment) {
            throw_damaged("an entry points nowhere");
        }
        if (i > 0 && key(entries.invoice[i - 1], entries.customer[i - 1], entries.moment[i - 1]) >=
                         key(entries.invoice[i], entries.customer[i], entries.moment[i])) {
            throw_damaged("its entries are not in order");
        }
    }
}

[[nodiscard]] inline ledger_parts read_ledger(std::string_view bytes) {
    if (bytes.substr(0, file_magic.size()) != file_magic) throw_damaged("it does not start as one");
    file_reader from(bytes.substr(file_magic.size()));
    const auto version = from.get<std::uint32_t>();
    if (version != file_version) {
        throw error(error_code::bad_file, "ledger file version " + std::to_string(version) +
                                              " is not known to this library, which reads version " +
                                              std::to_string(file_version) + "; use a newer lgs_rfm");
    }
    ledger_parts parts;
    unsigned found = 0;
    while (!from.done()) {
        const std::string_view tag = from.text(4);
        const auto size = from.get<std::uint64_t>();
        const auto sum = from.get<std::uint64_t>();
        const std::string_view body = from.text(size);
        if (checksum(body) != sum) throw_damaged("a checksum does not match; the file was damaged");
        file_reader section(body);
        if (tag == "CONF") {
            std::vector<std::pair<char, invoice_kind>> prefixes;
            while (!section.done()) {
                const auto prefix = section.get<char>();
                const auto kind = section.get<std::uint8_t>();
                if (kind == 0 || kind > 2) throw_damaged("its configuration is unknown");
                prefixes.emplace_back(prefix, static_cast<invoice_kind>(kind));
            }
            try {
                parts.config = ledger_config(prefixes);
            } catch (const error&) {
                throw_damaged("its configuration is unknown");
            }
            found |= 1U;
        } else if (tag == "INVO") {
            parts.entries.invoices = read_ids(section);
            found |= 2U;
        } else if (tag == "CUST") {
            parts.entries.customers = read_ids(section);
            found |= 4U;
        } else if (tag == "KEYS") {
            parts.entries.invoice = section.array<decltype(parts.entries.invoice)>();
            parts.entries.customer = section.array<decltype(parts.entries.customer)>();
            parts.entries.moment = section.array<decltype(parts.entries.moment)>();
            found |= 8U;
        } else if (tag == "SUMS") {
            auto usuals = section.array<record_array<packed_sums::usual>>();
            const auto rests = section.array<record_array<packed_sums::rest>>();
            if (!parts.entries.sums.take_parts(std::move(usuals), rests)) throw_damaged("its odd lines are wrong");
            found |= 16U;
        } else if (tag.front() >= 'a' && tag.front() <= 'z') {
            parts.kept_sections.append(tag.data(), 4 + 16 + body.size());
            continue;
        } else {
            throw error(error_code::bad_file, "ledger file has a section '" + std::string(tag) +
                                                  "' that this library does not know; use a newer lgs_rfm");
        }
        if (!section.done()) throw_damaged("a section is too long");
    }
    if (found != 31U) throw_damaged("a section is missing");
    check_entries(parts.entries);
    return parts;
}

}  // namespace lgs_rfm::detail
