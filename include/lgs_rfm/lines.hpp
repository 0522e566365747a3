#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include <lgs_rfm/column.hpp>

namespace lgs_rfm {

/// Invoice lines as views of their columns; nothing is copied and nothing is owned. All given columns are equally long.
/// Required: `invoice_date`, and `quantity` with `unit_price`, or `amount` (which wins over `unit_price`).
struct invoice_lines {
    column invoice =
        {};  ///< id (integer, whole float or text); the first letter tells its kind; never missing in a row
    column stock_code = {};           ///< id of the product
    column description = {};          ///< text
    column quantity = {};             ///< whole number of units, |q| < 2^31
    moment_column invoice_date = {};  ///< timestamps, dates, ISO text, or int64 microseconds since 1970
    column unit_price = {};           ///< units of currency: float, double, integer or decimal; read to millionths
    column customer_id = {};          ///< id; may be missing
    column country = {};              ///< text
    column amount = {};               ///< units of currency; given instead of quantity x unit_price
    std::map<std::string, column> others = {};  ///< columns of your own, by which lines may be totalled

    /// The number of lines: that of the first column given. 0 when none is.
    [[nodiscard]] std::int64_t size() const noexcept {
        for (const column* each : {static_cast<const column*>(&invoice_date), &quantity, &unit_price, &amount, &invoice,
                                   &customer_id, &stock_code, &description, &country}) {
            if (each->present()) {
                return each->size();
            }
        }
        return 0;
    }
};

/// The columns of `invoice_lines` by name, in the order in which errors of one row are looked for.
struct line_column {
    const char* name;
    bool for_ledger;  ///< read when a ledger is made; the others serve product and country questions
    const column& (*get)(const invoice_lines&);
    column& (*of)(invoice_lines&);
};

namespace detail {
template <auto Member>
constexpr line_column line_column_of(const char* name, bool for_ledger) {
    return {name, for_ledger, [](const invoice_lines& lines) -> const column& { return lines.*Member; },
            [](invoice_lines& lines) -> column& { return lines.*Member; }};
}
}  // namespace detail

inline constexpr std::array<line_column, 9> line_columns{
    detail::line_column_of<&invoice_lines::invoice>("invoice", true),
    detail::line_column_of<&invoice_lines::stock_code>("stock_code", false),
    detail::line_column_of<&invoice_lines::description>("description", false),
    detail::line_column_of<&invoice_lines::quantity>("quantity", true),
    detail::line_column_of<&invoice_lines::invoice_date>("invoice_date", true),
    detail::line_column_of<&invoice_lines::unit_price>("unit_price", true),
    detail::line_column_of<&invoice_lines::customer_id>("customer_id", true),
    detail::line_column_of<&invoice_lines::country>("country", false),
    detail::line_column_of<&invoice_lines::amount>("amount", true),
};

}  // namespace lgs_rfm
