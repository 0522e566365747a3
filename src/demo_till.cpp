#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "demo_parts.hpp"

// The demo shop's till: turns the plan, event by event, into invoice lines.

namespace lgs_rfm::demo {
namespace {

constexpr std::int64_t first_customer = 12'346;
constexpr std::int64_t first_invoice = 489'434;
constexpr std::int64_t micros_per_minute = 60 * micros_per_second;
constexpr std::int64_t usual_customers = 5'000;

// Prices are tenths of a penny until they are written.
constexpr std::int32_t tenths = 10;

constexpr std::array<quantile_point, 7> piece_quantity = {
    {{0, 1}, {3'700, 2}, {6'300, 3}, {7'800, 5}, {9'200, 11}, {9'950, 31}, {10'000, 60}}};
constexpr std::array<quantile_point, 7> web_quantity = {
    {{0, 1}, {6'000, 2}, {7'900, 3}, {8'900, 6}, {9'700, 12}, {9'960, 30}, {10'000, 110}}};
constexpr std::array<quantile_point, 7> stock_quantity = {
    {{0, 1}, {2'500, 8}, {5'000, 26}, {7'500, 82}, {9'500, 590}, {9'900, 3'100}, {10'000, 9'500}}};
constexpr std::array<quantile_point, 6> found_quantity = {
    {{0, 1}, {4'000, 2}, {7'500, 24}, {9'500, 220}, {9'900, 2'500}, {10'000, 6'000}}};
// Pounds.
constexpr std::array<quantile_point, 5> odd_price = {{{0, 1}, {4'000, 8}, {8'000, 40}, {9'800, 300}, {10'000, 1'600}}};

// How often, of 100, Christmas goods are taken when they come up, January to December.
constexpr std::array<std::uint32_t, 12> christmas_season = {6, 2, 2, 2, 2, 3, 5, 20, 60, 100, 100, 70};

class till {
public:
    explicit till(const demo_options& options)
        : customers_(options.customers),
          random_(options.seed, 3),
          goods_(make_catalogue(options.seed)),
          plan_(make_plan(options)),
          spans_(plan_.events.size()),
          last_sale_(plan_.buyers.size()) {}

    demo_shop ring_up() {
        std::size_t lines = 0;
        for (const auto& e : plan_.events) lines += e.lines;
        reserve(lines + lines / 16);
        for (const auto& e : plan_.events) ring(e);
        made_.stock_code.values = std::move(goods_.stock_codes);
        made_.description.values = std::move(goods_.descriptions);
        made_.country.values = country_names();
        return std::move(made_);
    }

private:
    struct span_of_rows {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    void ring(const event& e) {
        minute_ = e.minute;
        customer_ = e.customer;
        if (e.kind == event_kind::rest_of_sale) {
            invoice_ = made_.invoice.codes[spans_[e.about].first];
        } else {
            open_invoice(e.kind);
        }
        country_ = customer_ == nobody ? unknown_country() : plan_.buyers[customer_].country;
        event_row_ = made_.rows();
        switch (e.kind) {
            case event_kind::sale:
                goods(e);
                extras(e.lines);
                break;
            case event_kind::rest_of_sale: goods(e); break;
            case event_kind::giant_sale: giant(); break;
            case event_kind::web_sale: web(e); break;
            case event_kind::desk_sale: desk(e); break;
            case event_kind::cancel_some: cancel(e.about, e.lines); break;
            case event_kind::cancel_all: cancel(e.about, 0); break;
            case event_kind::early_return: early_return(e.lines); break;
            case event_kind::credit: add_service(service::discount, -1, odd_pence() + 500); break;
            case event_kind::positive_slip: add_service(service::manual, 1, odd_pence()); break;
            case event_kind::bank_charge: add_service(service::bank_charges, -1, random_.between(500, 90'000)); break;
            case event_kind::fee: add_service(service::fees, -1, to_scale(random_.between(40'000, 1'300'000))); break;
            case event_kind::bad_debt: bad_debt(); break;
            case event_kind::written_off: stock(true); break;
            case event_kind::found: stock(false); break;
        }
        spans_[e.id] = {event_row_, made_.rows() - event_row_};
        if (e.kind == event_kind::sale) last_sale_[customer_] = spans_[e.id];
    }

    static bool is_cancellation(event_kind kind) {
        switch (kind) {
            case event_kind::cancel_some:
            case event_kind::cancel_all:
            case event_kind::early_return:
            case event_kind::credit:
            case event_kind::positive_slip:
            case event_kind::bank_charge:
            case event_kind::fee: return true;
            default: return false;
        }
    }

    // Numbers are spent by abandoned orders too, so the sequence has gaps.
    void open_invoice(event_kind kind) {
        std::string text = std::to_string(number_);
        number_ += random_.chance(2, 5) ? random_.between(2, 3) : 1;
        if (is_cancellation(kind)) text.insert(text.begin(), 'C');
        if (kind == event_kind::bad_debt) text.insert(text.begin(), 'A');
        invoice_ = static_cast<std::uint32_t>(made_.invoice.values.size());
        made_.invoice.values.push_back(std::move(text));
    }

    std::uint32_t unknown_country() {
        return random_.chance(1, 60) ? (random_.chance(1, 2) ? ireland : unspecified) : home;
    }

    // ---- choosing goods ----

    [[nodiscard]] std::int32_t day() const { return static_cast<std::int32_t>(minute_ / 1'440); }

    bool on_sale(const product& p) {
        if (day() < p.from_day || day() > p.to_day) return false;
        if (!p.christmas) return true;
        const auto month = static_cast<std::size_t>(month_of(minute_ * micros_per_minute) % 12);
        return random_.chance(christmas_season[month], 100);
    }

    std::uint32_t popular() {
        for (int tries = 0; tries < 64; ++tries) {
            const auto slot = random_.below(static_cast<std::uint32_t>(goods_.by_popularity.size()));
            const std::uint32_t code = goods_.by_popularity[slot];
            if (on_sale(goods_.products[code])) return code;
        }
        return 0;  // always on sale
    }

    // Customers take a design in several colours, come back for what they had, and have a favourite theme.
    std::uint32_t choose(const buyer& who, std::uint32_t previous) {
        const std::uint32_t how = random_.below(100);
        if (how < 18 && previous != nobody) {
            const product& p = goods_.products[previous];
            const std::uint32_t code = p.family + random_.below(p.siblings);
            if (code != previous && on_sale(goods_.products[code])) return code;
        } else if (how < 45 && last_sale_[customer_].count > 0) {
            const auto& last = last_sale_[customer_];
            const std::size_t row = last.first + random_.below(static_cast<std::uint32_t>(last.count));
            const std::uint32_t code = made_.stock_code.codes[row];
            if (code < goods_.products.size() && on_sale(goods_.products[code])) return code;
        }
        std::uint32_t code = popular();
        if (how % 2 == 0 && goods_.products[code].theme != who.theme) code = popular();
        return code;
    }

    // An invoice seldom names a product twice.
    std::uint32_t unless_taken(std::uint32_t code) {
        const auto& codes = made_.stock_code.codes;
        const auto from = codes.begin() + static_cast<std::ptrdiff_t>(event_row_);
        for (int tries = 0; tries < 3 && std::find(from, codes.end(), code) != codes.end(); ++tries) {
            if (random_.chance(1, 4)) break;
            code = popular();
        }
        return code;
    }

    [[nodiscard]] std::int32_t list_price(const product& p) const {
        const std::int32_t pence = day() >= p.price_day ? p.new_price : p.price;
        // The last weeks of a product are a sale.
        return p.to_day - day() < 30 ? pence * 6 / 10 : pence;
    }

    // ---- invoices ----

    void goods(const event& e) {
        const buyer& who = plan_.buyers[customer_];
        std::uint32_t code = nobody;
        for (std::uint32_t k = 0; k < e.lines; ++k) {
            code = unless_taken(choose(who, code));
            const product& p = goods_.products[code];
            const std::int32_t pence = list_price(p);
            std::int64_t quantity = 0;
            const std::int64_t short_list =
                e.lines > 9 ? 1 : random_.between(1, e.lines > 3 ? 3 : 6);  // few lines, but more of each
            if (random_.chance(who.by_carton, 1'000)) {
                quantity = std::int64_t{p.carton} * random_.between(1, static_cast<std::int32_t>(who.bulk));
            } else {
                quantity = value_at(piece_quantity, random_.fraction()) * (who.bulk + 3) / 4;
            }
            quantity *= random_.chance(1, 6'000) ? 24 : short_list;
            std::int32_t price = pence * tenths;
            if (quantity >= 4 * p.carton && quantity >= 8) price = bulk_price(pence);
            // A free piece now and then; never the first line, so that every sale is worth something.
            if (k > 0 && random_.chance(1, 9'000)) price = 0;
            add_goods(code, quantity, price);
        }
    }

    // 15 % off, in whole pence but for the cheapest goods, which are priced by the hundred.
    static std::int32_t bulk_price(std::int32_t pence) {
        return pence <= 42 ? pence * 85 / 10 : (pence * 85 + 50) / 100 * tenths;
    }

    void extras(std::uint32_t lines) {
        if (country_ == ireland) {
            if (random_.chance(3, 5)) add_service(service::carriage, 1, 5'000);
        } else if (country_ != home && random_.chance(17, 20)) {
            add_service(service::postage, 1 + lines / 20, random_.chance(4, 5) ? 1'800 : 2'800);
        }
        if (random_.chance(1, 50)) add_service(service::manual, 1, odd_pence());
    }

    void giant() {
        const std::uint32_t code = popular();
        const std::int64_t quantity = to_scale(random_.between(20'000, 80'000));
        add_goods(code, quantity, bulk_price(list_price(goods_.products[code])));
    }

    void web(const event& e) {
        for (std::uint32_t k = 0; k < e.lines; ++k) {
            const std::uint32_t code = unless_taken(popular());
            // Retail prices carry the tax and twice the margin; 1.25 becomes 2.46.
            const std::int32_t pence = (list_price(goods_.products[code]) * 197 + 50) / 100;
            add_goods(code, value_at(web_quantity, random_.fraction()), pence * tenths);
        }
        const auto lines = static_cast<std::int32_t>(e.lines);
        add_service(service::web_postage, 1, lines * random_.between(90, 260));
    }

    void desk(const event& e) {
        for (std::uint32_t k = 0; k < e.lines; ++k) {
            const std::uint32_t code = popular();
            add_goods(code, value_at(web_quantity, random_.fraction()), list_price(goods_.products[code]) * tenths);
        }
    }

    // Takes back goods of a sale at the price paid: all of them, or `lines` different ones in whole or in part.
    void cancel(std::uint32_t sale, std::uint32_t lines) {
        const span_of_rows& rows = spans_[sale];
        const bool all = lines == 0;
        const std::size_t start = all ? 0 : random_.below(static_cast<std::uint32_t>(rows.count));
        std::size_t left = all ? rows.count : lines;
        for (std::size_t k = 0; k < rows.count && left > 0; ++k) {
            const std::size_t row = rows.first + (start + k) % rows.count;
            const std::uint32_t code = made_.stock_code.codes[row];
            if (!all && code >= goods_.products.size()) continue;
            country_ = made_.country.codes[row];
            std::int64_t quantity = made_.quantity[row];
            if (!all && random_.chance(3, 5)) quantity = 1 + random_.below(static_cast<std::uint32_t>(quantity));
            add(code, made_.description.codes[row], -quantity, made_.unit_price[row]);
            --left;
        }
    }

    void early_return(std::uint32_t lines) {
        for (std::uint32_t k = 0; k < lines; ++k) {
            const std::uint32_t code = popular();
            const std::int64_t quantity = value_at(piece_quantity, random_.fraction());
            add_goods(code, -quantity, list_price(goods_.products[code]) * tenths);
        }
    }

    // Mostly losses; a correction of an earlier one is booked as a gain.
    void bad_debt() {
        const std::int64_t pence = to_scale(random_.between(500'000, 5'500'000));
        add_service(service::bad_debt, 1, random_.chance(5, 6) ? -pence : pence);
    }

    void stock(bool lost) {
        const std::uint32_t code = popular();
        const std::int64_t quantity =
            value_at(lost ? curve(stock_quantity) : curve(found_quantity), random_.fraction());
        std::uint32_t text = demo_text::missing;
        if (random_.chance(lost ? 22 : 12, 100)) {
            text = service_count + random_.below(goods_.notes);
        } else if (!lost && random_.chance(3, 10)) {
            text = goods_.products[code].description;
        }
        add(code, text, lost ? -quantity : quantity, 0.0);
    }

    // ---- lines ----

    // Amounts that do not depend on the number of lines stay in proportion to a small shop.
    [[nodiscard]] std::int64_t to_scale(std::int64_t value) const {
        return std::max<std::int64_t>(value * std::min(customers_, usual_customers) / usual_customers, 1);
    }

    std::int64_t odd_pence() {
        const std::int64_t pounds = value_at(odd_price, random_.fraction());
        return pounds * 100 + random_.between(-45, 95);
    }

    void add_goods(std::uint32_t code, std::int64_t quantity, std::int32_t price) {
        const product& p = goods_.products[code];
        const std::uint32_t text = p.spelling != p.description && random_.chance(1, 5) ? p.spelling : p.description;
        add(code, text, quantity, price / 1'000.0);
    }

    void add_service(service s, std::int64_t quantity, std::int64_t pence) {
        add(goods_.code_of(s), static_cast<std::uint32_t>(s), quantity, static_cast<double>(pence) / 100.0);
    }

    // One division of whole numbers is correctly rounded, so a price is the double nearest to its decimal text.
    void add(std::uint32_t code, std::uint32_t text, std::int64_t quantity, double price) {
        const bool known = customer_ != nobody;
        made_.invoice.codes.push_back(invoice_);
        made_.stock_code.codes.push_back(code);
        made_.description.codes.push_back(text);
        made_.quantity.push_back(quantity);
        made_.invoice_date.push_back(minute_ * micros_per_minute);
        made_.unit_price.push_back(price);
        made_.customer_id.push_back(known ? first_customer + std::int64_t{customer_} : 0);
        made_.has_customer.push_back(known ? 1 : 0);
        made_.country.codes.push_back(country_);
    }

    void reserve(std::size_t lines) {
        made_.invoice.codes.reserve(lines);
        made_.stock_code.codes.reserve(lines);
        made_.description.codes.reserve(lines);
        made_.quantity.reserve(lines);
        made_.invoice_date.reserve(lines);
        made_.unit_price.reserve(lines);
        made_.customer_id.reserve(lines);
        made_.has_customer.reserve(lines);
        made_.country.codes.reserve(lines);
    }

    std::int64_t customers_;
    random_source random_;
    catalogue goods_;
    plan plan_;
    std::vector<span_of_rows> spans_;      // rows of an event by its id
    std::vector<span_of_rows> last_sale_;  // rows of a customer's last sale
    demo_shop made_;
    std::int64_t number_ = first_invoice;  // of the next invoice
    // The invoice at hand.
    std::uint32_t invoice_ = 0;
    std::size_t event_row_ = 0;
    std::int64_t minute_ = 0;
    std::uint32_t customer_ = nobody;
    std::uint32_t country_ = home;
};

}  // namespace

demo_shop ring_up(const demo_options& options) { return till(options).ring_up(); }

}  // namespace lgs_rfm::demo
