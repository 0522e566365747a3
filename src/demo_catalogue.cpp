#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "demo_parts.hpp"

// What the demo shop sells, and where its customers live. All names are made up from the word lists below.

namespace lgs_rfm::demo {
namespace {

// List prices in pence. Gift ware is priced at a few usual points, so one price is common to many products.
constexpr std::array<std::int32_t, 31> price_points = {19,  21,   29,   39,   42,   55,   65,   85,   125, 145, 165,
                                                       195, 210,  255,  295,  375,  425,  495,  595,  675, 795, 850,
                                                       995, 1275, 1495, 1695, 1995, 2495, 2995, 3995, 4995};

// Points that are rounded up more often than not.
constexpr std::array<std::int32_t, 8> lesser_points = {0, 1, 3, 6, 9, 16, 19, 20};

struct ware {
    std::string_view name;
    std::uint32_t theme;
    std::int32_t low;  // range of price points
    std::int32_t high;
};

constexpr std::uint32_t christmas_theme = 9;

constexpr std::array<ware, 88> wares = {{
    {"MUG", 0, 8, 12},
    {"TEA TOWEL", 0, 12, 14},
    {"CAKE TIN", 0, 14, 17},
    {"CAKE STAND", 0, 21, 24},
    {"MILK JUG", 0, 13, 16},
    {"EGG CUP", 0, 7, 9},
    {"APRON", 0, 16, 18},
    {"OVEN GLOVE", 0, 12, 14},
    {"BREAD BIN", 0, 23, 25},
    {"STORAGE JAR", 0, 12, 15},
    {"COASTERS", 0, 8, 11},
    {"TEAPOT", 0, 17, 20},
    {"SERVING TRAY", 0, 15, 18},
    {"BUNTING", 1, 15, 17},
    {"PAPER CUPS", 1, 5, 7},
    {"PAPER PLATES", 1, 5, 7},
    {"PAPER NAPKINS", 1, 6, 7},
    {"BALLOONS", 1, 5, 7},
    {"CAKE CASES", 1, 4, 6},
    {"PARTY BLOWERS", 1, 5, 7},
    {"BIRTHDAY CANDLES", 1, 7, 9},
    {"PAPER CHAIN", 1, 8, 10},
    {"PICNIC BASKET", 1, 23, 27},
    {"LUNCH BAG", 2, 10, 11},
    {"JUMBO BAG", 2, 11, 12},
    {"SHOPPER", 2, 7, 9},
    {"PURSE", 2, 12, 14},
    {"WASH BAG", 2, 13, 15},
    {"SUITCASE", 2, 17, 21},
    {"LUGGAGE TAG", 2, 7, 8},
    {"UMBRELLA", 2, 16, 18},
    {"T-LIGHT HOLDER", 3, 5, 9},
    {"CANDLE", 3, 7, 11},
    {"LANTERN", 3, 13, 17},
    {"STRING OF LIGHTS", 3, 15, 17},
    {"NIGHT LIGHT", 3, 11, 13},
    {"CANDLESTICK", 3, 14, 18},
    {"TABLE LAMP", 3, 22, 26},
    {"INCENSE STICKS", 3, 0, 4},
    {"WALL CLOCK", 4, 19, 22},
    {"DOORMAT", 4, 19, 20},
    {"CUSHION COVER", 4, 15, 18},
    {"DOORSTOP", 4, 14, 17},
    {"COAT HOOK", 4, 8, 11},
    {"PHOTO FRAME", 4, 12, 15},
    {"DRAWER KNOB", 4, 7, 9},
    {"METAL SIGN", 4, 9, 13},
    {"MIRROR", 4, 16, 22},
    {"CABINET", 4, 25, 30},
    {"WICKER HEART", 4, 7, 10},
    {"HOT WATER BOTTLE", 4, 15, 17},
    {"PLANT POT", 5, 7, 12},
    {"WATERING CAN", 5, 14, 18},
    {"BIRD FEEDER", 5, 10, 14},
    {"GARDEN GLOVES", 5, 10, 13},
    {"KNEELING PAD", 5, 10, 10},
    {"SEED TIN", 5, 12, 14},
    {"WIND CHIME", 5, 8, 13},
    {"PARASOL", 5, 17, 20},
    {"NOTEBOOK", 6, 7, 10},
    {"PENCILS", 6, 4, 7},
    {"GIFT WRAP", 6, 3, 4},
    {"GREETING CARD", 6, 3, 4},
    {"STICKERS", 6, 5, 7},
    {"ERASER", 6, 0, 2},
    {"RIBBON", 6, 5, 8},
    {"GIFT TAGS", 6, 2, 5},
    {"WRITING SET", 6, 9, 12},
    {"JIGSAW", 7, 5, 8},
    {"SPINNING TOP", 7, 5, 7},
    {"RAG DOLL", 7, 12, 14},
    {"MONEY BOX", 7, 9, 12},
    {"PLAYING CARDS", 7, 5, 8},
    {"SKIPPING ROPE", 7, 8, 9},
    {"SOFT TOY", 7, 12, 16},
    {"BRACELET", 8, 11, 17},
    {"NECKLACE", 8, 12, 18},
    {"EARRINGS", 8, 9, 15},
    {"HAIR CLIP", 8, 2, 7},
    {"KEY RING", 8, 4, 8},
    {"BROOCH", 8, 8, 14},
    {"TRINKET BOX", 8, 8, 14},
    {"BAUBLE", 9, 4, 8},
    {"TREE DECORATION", 9, 2, 8},
    {"STOCKING", 9, 11, 14},
    {"WREATH", 9, 13, 18},
    {"ADVENT CALENDAR", 9, 16, 18},
    {"GLASS STAR", 9, 5, 9},
}};

constexpr std::array<std::string_view, 20> colours = {
    "RED",  "PINK",  "BLUE",  "GREEN", "IVORY", "CREAM", "BLACK",  "WHITE", "SILVER", "GOLD",
    "MINT", "LILAC", "AMBER", "TEAL",  "CORAL", "NAVY",  "YELLOW", "GREY",  "PURPLE", "TURQUOISE"};

constexpr std::array<std::string_view, 40> motifs = {
    "SPOTTY",    "STRIPED",   "GINGHAM",     "TARTAN",      "FLORAL",  "ROSE GARDEN",  "WILD BERRY", "APPLE",
    "PEAR TREE", "OWL",       "ROBIN",       "HEDGEHOG",    "FOX",     "SWALLOW",      "BUTTERFLY",  "BUMBLE BEE",
    "LADYBIRD",  "CAT",       "TERRIER",     "ELEPHANT",    "SEASIDE", "SAILING BOAT", "LIGHTHOUSE", "CIRCUS",
    "CAROUSEL",  "TOADSTOOL", "DOLLS HOUSE", "STEAM TRAIN", "ROCKET",  "RETRO",        "PAISLEY",    "LOVE HEART",
    "ANGEL",     "CROWN",     "LONDON",      "COUNTRY",     "ORCHARD", "MEADOW",       "DAISY",      "LAVENDER"};

constexpr std::array<std::string_view, 16> styles = {"VINTAGE", "CLASSIC",   "LITTLE",  "LARGE",   "SMALL",  "RUSTIC",
                                                     "FRENCH",  "ANTIQUE",   "PAINTED", "PRINTED", "PASTEL", "MINI",
                                                     "NORDIC",  "VICTORIAN", "PRETTY",  "FOLK ART"};

constexpr std::array<std::string_view, 6> sets = {"SET OF 2 ", "SET OF 3 ",   "SET OF 4 ",
                                                  "SET OF 6 ", "PACK OF 12 ", "BOX OF 6 "};

constexpr std::array<std::pair<std::string_view, std::string_view>, service_count> services = {
    {{"POST", "POSTAGE"},
     {"DOT", "WEB SHOP POSTAGE"},
     {"M", "Manual"},
     {"D", "Discount"},
     {"C2", "CARRIAGE"},
     {"BANK CHARGES", "Bank Charges"},
     {"FEES", "Market place fees"},
     {"B", "Adjust bad debt"}}};

constexpr std::array<std::string_view, 24> notes = {
    "damages",      "?",         "lost",        "damaged",          "check",   "missing",
    "found",        "wet boxes", "thrown away", "crushed",          "broken",  "counted again",
    "wrong code",   "mixed up",  "sold as set", "display",          "rusty",   "faulty",
    "water damage", "??",        "samples",     "back to supplier", "Damaged", "stock count"};

struct country {
    std::string_view name;
    std::uint32_t weight;
};

// Weights are customers out of 10,000. "Unspecified" is what the till writes when nobody asked.
constexpr std::array<country, 40> countries = {{
    {"United Kingdom", 9098},
    {"EIRE", 22},
    {"Germany", 180},
    {"France", 157},
    {"Spain", 66},
    {"Belgium", 46},
    {"Portugal", 40},
    {"Netherlands", 38},
    {"Switzerland", 36},
    {"Sweden", 32},
    {"Italy", 29},
    {"Finland", 24},
    {"Australia", 24},
    {"Norway", 22},
    {"Channel Islands", 22},
    {"Austria", 20},
    {"Denmark", 19},
    {"Japan", 17},
    {"Cyprus", 15},
    {"USA", 15},
    {"Poland", 10},
    {"Greece", 9},
    {"Canada", 8},
    {"Israel", 7},
    {"United Arab Emirates", 7},
    {"Hong Kong", 5},
    {"Malta", 4},
    {"Iceland", 3},
    {"Singapore", 3},
    {"Brazil", 3},
    {"RSA", 3},
    {"Korea", 2},
    {"Czech Republic", 2},
    {"Lithuania", 2},
    {"Lebanon", 2},
    {"Thailand", 2},
    {"Bahrain", 1},
    {"Luxembourg", 1},
    {"Saudi Arabia", 1},
    {"Unspecified", 3},
}};

constexpr std::uint32_t country_weights() {
    std::uint32_t sum = 0;
    for (const auto& c : countries) sum += c.weight;
    return sum;
}
static_assert(country_weights() == 10'000);
static_assert(countries[unspecified].name == "Unspecified" && countries[ireland].name == "EIRE");

constexpr std::size_t product_goal = 4'000;  // far below 2^16, the width of by_popularity
constexpr std::int32_t always = 100'000;     // days; beyond any date of the shop

std::int32_t carton_for(std::int32_t pence, random_source& random) {
    if (pence <= 30) return random.chance(1, 3) ? 48 : 24;
    if (pence <= 60) return random.chance(1, 3) ? 25 : 24;
    if (pence <= 100) return random.chance(1, 4) ? 24 : 12;
    if (pence <= 170) return random.chance(1, 4) ? 10 : 12;
    if (pence <= 260) return random.chance(1, 3) ? 10 : 6;
    if (pence <= 400) return random.chance(1, 3) ? 4 : 6;
    if (pence <= 600) return random.chance(1, 3) ? 4 : 3;
    return pence <= 1'300 ? 2 : 1;
}

class catalogue_maker {
public:
    explicit catalogue_maker(std::uint64_t seed) : random_(seed, 1) {
        for (const auto& s : services) made_.descriptions.emplace_back(s.second);
        for (const auto note : notes) made_.descriptions.emplace_back(note);
        made_.notes = static_cast<std::uint32_t>(notes.size());
        taken_.insert(made_.descriptions.begin(), made_.descriptions.end());
    }

    catalogue make() {
        while (made_.products.size() < product_goal) add_family();
        for (const auto& s : services) made_.stock_codes.emplace_back(s.first);
        weigh();
        return std::move(made_);
    }

private:
    template <class Words>
    std::string_view pick(const Words& words) {
        return words[random_.below(static_cast<std::uint32_t>(words.size()))];
    }

    // Takes a description into the list, unless it is there already.
    bool describe(const std::string& text, std::uint32_t& code) {
        if (!taken_.insert(text).second) return false;
        code = static_cast<std::uint32_t>(made_.descriptions.size());
        made_.descriptions.push_back(text);
        return true;
    }

    // One design in several colours, or one ware with several motifs: codes in a row, equal prices, similar sales.
    void add_family() {
        const ware& what = wares[random_.below(static_cast<std::uint32_t>(wares.size()))];
        constexpr std::array<quantile_point, 4> sizes = {{{0, 1}, {3'500, 2}, {8'500, 6}, {10'000, 9}}};
        const auto size = static_cast<std::uint32_t>(value_at(sizes, random_.fraction()));
        const bool by_colour = random_.chance(1, 2);
        const std::string set(random_.chance(1, 14) ? pick(sets) : std::string_view());
        const std::string design(by_colour ? pick(motifs) : pick(styles));
        const bool old_style = random_.chance(3, 10);

        product next{};
        next.family = static_cast<std::uint32_t>(made_.products.size());
        next.theme = what.theme;
        next.christmas = what.theme == christmas_theme;
        std::int32_t point = random_.between(what.low, what.high);
        const bool lesser = std::find(lesser_points.begin(), lesser_points.end(), point) != lesser_points.end();
        if (lesser && random_.chance(3, 5)) ++point;
        next.price = price_points[static_cast<std::size_t>(point)];
        next.new_price = price_points[static_cast<std::size_t>(std::min(point + 1, 30))];
        next.price_day = random_.chance(1, 3) ? random_.between(first_day + 60, last_day) : always;
        next.carton = carton_for(next.price, random_);
        schedule(next, old_style);

        for (std::uint32_t k = 0; k < size; ++k) {
            const std::string look =
                by_colour ? std::string(pick(colours)) + " " + design : design + " " + std::string(pick(motifs));
            if (!describe(set + look + " " + std::string(what.name), next.description)) continue;
            next.spelling = next.description;
            if (random_.chance(1, 10)) describe(std::string(what.name) + " " + set + look, next.spelling);
            number(old_style, size > 1, made_.products.size() - next.family);
            made_.products.push_back(next);
        }
        const auto born = static_cast<std::uint32_t>(made_.products.size()) - next.family;
        for (std::uint32_t k = 0; k < born; ++k) made_.products[next.family + k].siblings = born;
    }

    // Codes of the new style are given out in the order of time, the later half after the first day. Some of the older
    // goods are given up.
    void schedule(product& next, bool old_style) {
        next.from_day = first_day;
        next.to_day = always;
        const std::int32_t given_out = new_number_ - first_number;
        if (!old_style && given_out > 1'400) {
            next.from_day = std::min(first_day + (given_out - 1'400) / 3, last_day - 20);
        } else if (random_.chance(3, 10) && next.family > 0) {
            next.to_day = random_.between(first_day + 20, last_day);
        }
    }

    void number(bool old_style, bool lettered, std::size_t sibling) {
        if (old_style) {
            if (sibling == 0) old_number_ += random_.between(1, 90);
            std::string code = std::to_string(old_number_);
            if (lettered) code += static_cast<char>('A' + static_cast<char>(sibling));
            made_.stock_codes.push_back(code);
        } else {
            new_number_ += random_.chance(1, 8) ? 2 : 1;
            made_.stock_codes.push_back(std::to_string(new_number_));
        }
    }

    // Popularity falls with the rank of the family about as 1 / rank, flatter at the head and steeper at the tail;
    // cheap goods sell better, siblings differ by chance. The table gives each product room in proportion, the least
    // popular ones none.
    void weigh() {
        auto& products = made_.products;
        std::vector<std::uint32_t> rank(products.size());
        for (std::uint32_t k = 0; k < rank.size(); ++k) rank[k] = k;
        for (std::size_t k = rank.size() - 1; k > 0; --k) {
            std::swap(rank[k], rank[random_.below(static_cast<std::uint32_t>(k + 1))]);
        }
        std::vector<std::uint64_t> until;
        std::uint64_t sum = 0;
        for (const auto& p : products) {
            const std::uint64_t place = rank[p.family];
            const std::uint64_t by_price = p.price <= 100     ? 3
                                           : p.price <= 400   ? 4
                                           : p.price <= 600   ? 3
                                           : p.price <= 1'000 ? 2
                                                              : 1;
            const std::uint64_t weight =
                by_price * (1'000'000 / (place + 150)) * (products.size() - place) / products.size();
            constexpr std::array<quantile_point, 4> luck = {{{0, 30}, {5'000, 80}, {9'500, 160}, {10'000, 250}}};
            sum += weight * static_cast<std::uint64_t>(value_at(luck, random_.fraction()));
            until.push_back(sum);
        }
        constexpr std::uint64_t table_size = std::uint64_t{1} << 17;
        std::size_t at = 0;
        for (std::uint64_t slot = 0; slot < table_size; ++slot) {
            while (until[at] * table_size <= slot * sum) ++at;
            made_.by_popularity.push_back(static_cast<std::uint16_t>(at));
        }
    }

    static constexpr std::int32_t first_number = 20'600;
    random_source random_;
    catalogue made_;
    std::unordered_set<std::string> taken_;
    std::int32_t new_number_ = first_number;
    std::int32_t old_number_ = 71'050;
};

}  // namespace

catalogue make_catalogue(std::uint64_t seed) { return catalogue_maker(seed).make(); }

std::vector<std::string> country_names() {
    std::vector<std::string> names;
    for (const auto& c : countries) names.emplace_back(c.name);
    return names;
}

std::uint32_t draw_country(random_source& random) {
    std::uint32_t left = random.below(country_weights());
    std::uint32_t k = 0;
    while (left >= countries[k].weight) left -= countries[k++].weight;
    return k;
}

}  // namespace lgs_rfm::demo
