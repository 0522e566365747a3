#include <lgs_rfm/io/column_names.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"

namespace test_column_names {

using Catch::Matchers::ContainsSubstring;
using lgs_rfm::column_names;
using lgs_rfm::error;
using lgs_rfm::error_code;
using lgs_rfm::match_columns;
using names = std::vector<std::string>;

namespace {

/// Our column to the input's name.
std::map<std::string, std::string> matched(const names& input, const column_names& mapped = {}) {
    const auto match = match_columns(input, mapped);
    std::map<std::string, std::string> result;
    for (std::size_t i = 0; i < lgs_rfm::line_columns.size(); ++i) {
        if (match.position[i]) result[lgs_rfm::line_columns[i].name] = input[*match.position[i]];
    }
    return result;
}

void check_refusal(const names& input, const column_names& mapped, error_code code, const names& fragments) {
    try {
        static_cast<void>(match_columns(input, mapped));
        FAIL("not refused");
    } catch (const error& bad) {
        CHECK(bad.code() == code);
        for (const std::string& fragment : fragments) CHECK_THAT(bad.what(), ContainsSubstring(fragment));
        CHECK(std::string(bad.what()).find('\n') == std::string::npos);
    }
}

const names ours{"invoice",      "stock_code", "description", "quantity",
                 "invoice_date", "unit_price", "customer_id", "country"};

}  // namespace

TEST_CASE("columns are found in the usual spellings") {
    const names spellings[] = {
        {"Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"},
        {"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"},
        {"invoice_no", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id", "country"},
        ours};
    for (const names& input : spellings) {
        const auto match = match_columns(input);
        CHECK(match.ignored.empty());
        const auto found = matched(input);
        REQUIRE(found.size() == 8);
        for (std::size_t i = 0; i < 8; ++i) CHECK(found.at(ours[i]) == input[i]);
    }
    CHECK(matched({"amount"}).at("amount") == "amount");
}

TEST_CASE("columns in any order and others ignored") {
    const auto match = match_columns(names{"note", "Price", "Quantity", "", "invoice_date", "VAT"});
    CHECK(match.ignored == names{"note", "", "VAT"});
    CHECK(matched({"note", "Price", "Quantity", "invoice_date"}) ==
          std::map<std::string, std::string>{
              {"unit_price", "Price"}, {"quantity", "Quantity"}, {"invoice_date", "invoice_date"}});
    CHECK(match_columns(names{}).ignored.empty());
}

TEST_CASE("columns are mapped by exact name") {
    const auto found = matched({"belegnr", "Invoice", "Menge"}, {{"invoice", "belegnr"}, {"quantity", "Menge"}});
    CHECK(found == std::map<std::string, std::string>{{"invoice", "belegnr"}, {"quantity", "Menge"}});
    CHECK(match_columns(names{"belegnr", "Invoice"}, {{"invoice", "belegnr"}}).ignored == names{"Invoice"});
    // a column that is mapped does not answer to its own name as well
    CHECK(matched({"country", "price"}, {{"invoice", "country"}}) ==
          std::map<std::string, std::string>{{"invoice", "country"}, {"unit_price", "price"}});
}

TEST_CASE("two columns that answer to one name are refused") {
    check_refusal({"Invoice", "invoice"}, {}, error_code::duplicate_column,
                  {"column invoice", "'Invoice' and 'invoice'", "columns={\"invoice\": ...}"});
    check_refusal({"Price", "UnitPrice"}, {}, error_code::duplicate_column, {"unit_price", "'Price' and 'UnitPrice'"});
    check_refusal({"Quantity", "Quantity"}, {}, error_code::duplicate_column, {"quantity"});
    check_refusal({"a", "a"}, {{"invoice", "a"}}, error_code::duplicate_column, {"two columns 'a'", "rename"});
    CHECK_NOTHROW(match_columns(names{"Invoice", "invoice"}, {{"invoice", "Invoice"}}));
    CHECK_NOTHROW(match_columns(names{"a", "a"}));
}

TEST_CASE("a mapping to nothing or from nothing is refused") {
    check_refusal({"Invoice"}, {{"quantity", "Menge"}}, error_code::missing_column,
                  {"column quantity is missing", "'Menge'", "columns={\"quantity\": ...}"});
    check_refusal({"Invoice"}, {{"Quantity", "Invoice"}}, error_code::invalid_option,
                  {"'Quantity'", "quantity", "customer_id", "amount"});
}

}  // namespace test_column_names
