#include <array>
#include <charconv>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>

namespace lgs_rfm {

namespace {

namespace tree = boost::property_tree;

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            result += {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        } else {
            result += c;
        }
    }
    return result + "\"";
}

/// The shortest decimal that reads back as the same double.
std::string shortest(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class Values, class Show>
std::string list(const Values& values, Show&& show) {
    std::string result = "[";
    for (const auto& value : values) result += (result.size() > 1 ? ", " : "") + show(value);
    return result + "]";
}

std::string bins_json(const rfm_bins& bins) {
    return "{\"recency\": " + std::to_string(bins.recency) + ", \"frequency\": " + std::to_string(bins.frequency) +
           ", \"monetary\": " + std::to_string(bins.monetary) + "}";
}

[[noreturn]] void refuse(const char* what, const std::string& why) {
    throw error(error_code::bad_file, std::string("not a saved ") + what + ": " + why);
}

tree::ptree parse(std::string_view text, const char* what, const char* format) {
    tree::ptree root;
    try {
        std::istringstream in{std::string(text)};
        tree::read_json(in, root);
    } catch (const tree::json_parser_error& bad) {
        refuse(what, bad.message() + " in line " + std::to_string(bad.line()));
    }
    if (root.get("format", "") != format) refuse(what, std::string("\"format\" is not \"") + format + "\"");
    if (root.get("version", 0) != 1) refuse(what, "its version is unknown; use a newer lgs_rfm");
    return root;
}

template <class T>
T number(const tree::ptree& node, const char* what) {
    const std::string text = node.data();
    T value{};
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size()) refuse(what, "'" + text + "' is no number");
    return value;
}

const tree::ptree& child(const tree::ptree& node, const char* name, const char* what) {
    const auto found = node.find(name);
    if (found == node.not_found()) refuse(what, std::string("\"") + name + "\" is missing");
    return found->second;
}

rfm_bins read_bins(const tree::ptree& root, const char* what) {
    const tree::ptree& bins = child(root, "bins", what);
    return {number<int>(child(bins, "recency", what), what), number<int>(child(bins, "frequency", what), what),
            number<int>(child(bins, "monetary", what), what)};
}

std::vector<double> read_numbers(const tree::ptree& node, const char* what) {
    std::vector<double> values;
    for (const auto& [name, value] : node) values.push_back(number<double>(value, what));
    return values;
}

}  // namespace

std::string to_json(const rfm_scorer& scorer) {
    const bool first = scorer.options().ties == tie_rule::first;
    const auto id = [](const frequency_cut& cut) {
        const id_view view(cut.customer_id);
        return view.is_integer() ? cut.customer_id : json_text(cut.customer_id);
    };
    std::string text =
        "{\n  \"format\": \"lgs_rfm.scorer\",\n  \"version\": 1,\n  \"bins\": " + bins_json(scorer.options().bins) +
        ",\n  \"ties\": " + (first ? "\"first\"" : "\"together\"") +
        ",\n  \"cuts\": {\n    \"recency\": " + list(scorer.recency_cuts(), shortest) + ",\n    \"frequency\": " +
        list(scorer.frequency_cuts(), [](const frequency_cut& cut) { return shortest(cut.frequency); });
    if (first) text += ",\n    \"frequency_customer_id\": " + list(scorer.frequency_cuts(), id);
    return text + ",\n    \"monetary\": " + list(scorer.monetary_cuts(), shortest) + "\n  }\n}\n";
}

rfm_scorer scorer_from_json(std::string_view text) {
    constexpr const char* what = "scorer";
    const tree::ptree root = parse(text, what, "lgs_rfm.scorer");
    const std::string ties = child(root, "ties", what).data();
    if (ties != "first" && ties != "together") refuse(what, "\"ties\" is neither \"first\" nor \"together\"");
    const scorer_options options{read_bins(root, what), ties == "first" ? tie_rule::first : tie_rule::together};
    const tree::ptree& cuts = child(root, "cuts", what);
    std::vector<frequency_cut> frequency;
    for (const double cut : read_numbers(child(cuts, "frequency", what), what)) frequency.push_back({cut, {}});
    if (options.ties == tie_rule::first) {
        const tree::ptree& ids = child(cuts, "frequency_customer_id", what);
        if (ids.size() != frequency.size())
            refuse(what, "\"frequency_customer_id\" and \"frequency\" differ in length");
        std::size_t i = 0;
        for (const auto& [name, id] : ids) frequency[i++].customer_id = id.data();
    }
    try {
        return rfm_scorer::from_cuts(options, read_numbers(child(cuts, "recency", what), what), std::move(frequency),
                                     read_numbers(child(cuts, "monetary", what), what));
    } catch (const error& bad) {
        refuse(what, bad.what());
    }
}

std::string to_json(const segment_rules& rules) {
    const auto range = [](const char* name, const std::optional<score_range>& of) {
        return of ? std::string(", \"") + name + "\": [" + std::to_string(of->low) + ", " + std::to_string(of->high) +
                        "]"
                  : std::string();
    };
    std::string text =
        "{\n  \"format\": \"lgs_rfm.segment_rules\",\n  \"version\": 1,\n  \"bins\": " + bins_json(rules.bins()) +
        ",\n  \"rules\": [";
    for (const segment_rule& rule : rules.rules()) {
        text += text.back() == '[' ? "\n" : ",\n";
        text += "    {\"name\": " + json_text(rule.name) + range("r", rule.r) + range("f", rule.f) +
                range("m", rule.m) + "}";
    }
    return text + "\n  ]\n}\n";
}

segment_rules rules_from_json(std::string_view text) {
    constexpr const char* what = "segment rule table";
    const tree::ptree root = parse(text, what, "lgs_rfm.segment_rules");
    std::vector<segment_rule> rules;
    for (const auto& [unnamed, node] : child(root, "rules", what)) {
        const auto range = [&, &entry = node](const char* name) -> std::optional<score_range> {
            const auto found = entry.find(name);
            if (found == entry.not_found()) return std::nullopt;
            std::vector<int> ends;
            for (const auto& [none, end] : found->second) ends.push_back(number<int>(end, what));
            if (ends.size() != 2) refuse(what, std::string("\"") + name + "\" is not [low, high]");
            return score_range{ends[0], ends[1]};
        };
        rules.push_back({child(node, "name", what).data(), range("r"), range("f"), range("m")});
    }
    try {
        return segment_rules(std::move(rules), read_bins(root, what));
    } catch (const error& bad) {
        refuse(what, bad.what());
    }
}

}  // namespace lgs_rfm
