#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lgs_rfm/config.hpp>
#include <lgs_rfm/detail/run.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>

/// What saved ledgers and totals are made of: an eight-byte magic, a version, then sections of (tag, length, checksum,
/// bytes), little-endian. The configuration comes first. A reader keeps or skips sections whose tag starts with a
/// lower-case letter though it does not know them (optional facts) and refuses any other unknown tag. docs/formats.md
/// has the layouts.
namespace lgs_rfm::detail {

static_assert(std::endian::native == std::endian::little, "files are little-endian and written as memory lies");

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
    file_writer(std::string_view magic, std::uint32_t version) : bytes_(magic) { put(version); }

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
    throw error(error_code::bad_file, std::string("not a readable lgs_rfm file: ") + what);
}

/// Reads values from the front of bytes; every length is checked against what is there before memory is asked for.
class file_reader {
public:
    explicit file_reader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    void skip() noexcept { rest_ = {}; }

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

inline void write_config(file_writer& to, const ledger_config& config) {
    to.begin("CONF");
    for (const auto& [prefix, kind] : config.prefixes()) {
        to.put(prefix);
        to.put(kind);
    }
    to.end();
}

[[nodiscard]] inline ledger_config read_config(file_reader& from) {
    std::vector<std::pair<char, invoice_kind>> prefixes;
    while (!from.done()) {
        const auto prefix = from.get<char>();
        const auto kind = from.get<std::uint8_t>();
        if (kind == 0 || kind > 2) throw_damaged("its configuration is unknown");
        prefixes.emplace_back(prefix, static_cast<invoice_kind>(kind));
    }
    try {
        return ledger_config(prefixes);
    } catch (const error&) {
        throw_damaged("its configuration is unknown");
    }
}

/// Calls `take(tag, section, whole)` for each section, once its checksum is right; `whole` are its bytes with the tag.
/// Throws `bad_file`.
template <class Take>
void read_sections(std::string_view bytes, std::string_view magic, std::uint32_t version, Take&& take) {
    file_reader from(bytes);
    if (!bytes.starts_with(magic)) throw_damaged("it does not start as one");
    static_cast<void>(from.text(magic.size()));
    const auto found = from.get<std::uint32_t>();
    if (found != version) {
        throw error(error_code::bad_file, "file version " + std::to_string(found) +
                                              " is not known to this library, which reads version " +
                                              std::to_string(version) + "; use a newer lgs_rfm");
    }
    while (!from.done()) {
        const std::string_view tag = from.text(4);
        const auto size = from.get<std::uint64_t>();
        const auto sum = from.get<std::uint64_t>();
        const std::string_view body = from.text(size);
        if (checksum(body) != sum) throw_damaged("a checksum does not match; the file was damaged");
        file_reader section(body);
        if (!take(tag, section, std::string_view(tag.data(), 4 + 16 + body.size()))) {
            throw error(error_code::bad_file, "the file has a section '" + std::string(tag) +
                                                  "' that this library does not know; use a newer lgs_rfm");
        }
        if (!section.done()) throw_damaged("a section is too long");
    }
}

/// Writes beside `path`, then renames: a reader sees the old file or the new one. Throws `file_access`.
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::filesystem::path beside = path;
    beside += ".part";
    std::error_code status;
    {
        std::ofstream file(beside, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (file) {
            std::filesystem::rename(beside, path, status);
            if (!status) return;
        }
    }
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw error(error_code::file_access, "cannot write " + path.string() + "; is the folder there and writable?");
}

/// What `read(bytes)` makes of a file. Its errors get the path in front. Throws `file_access`.
template <class Read>
[[nodiscard]] auto read_file(const std::filesystem::path& path, Read&& read) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw error(error_code::file_access, "cannot open " + path.string() + "; is it there and readable?");
    }
    std::error_code status;
    const auto size = std::filesystem::file_size(path, status);
    std::string bytes;
    if (status) {
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    } else {
        bytes.resize(static_cast<std::size_t>(size));
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    }
    try {
        return read(std::string_view(bytes));
    } catch (const error& bad) {
        throw error(bad.code(), path.string() + ": " + bad.what());
    }
}

}  // namespace lgs_rfm::detail
