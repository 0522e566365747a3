#pragma once

// Everything of the core; io/*.hpp, matrix.hpp, boost_date_time.hpp and demo.hpp are included by those who want them.
#include <lgs_rfm/calendar.hpp>
#include <lgs_rfm/column.hpp>
#include <lgs_rfm/config.hpp>
#include <lgs_rfm/entries.hpp>
#include <lgs_rfm/error.hpp>
#include <lgs_rfm/id.hpp>
#include <lgs_rfm/ledger.hpp>
#include <lgs_rfm/lines.hpp>
#include <lgs_rfm/money.hpp>
#include <lgs_rfm/reading.hpp>
#include <lgs_rfm/scoring/quantile.hpp>
#include <lgs_rfm/scoring/rfm.hpp>
#include <lgs_rfm/scoring/scorer.hpp>
#include <lgs_rfm/scoring/segments.hpp>
#include <lgs_rfm/scoring/snapshots.hpp>
#include <lgs_rfm/tables/amount_summary.hpp>
#include <lgs_rfm/tables/customers.hpp>
#include <lgs_rfm/tables/invoices.hpp>
#include <lgs_rfm/tables/months.hpp>
#include <lgs_rfm/tables/quality.hpp>
#include <lgs_rfm/tables/table.hpp>
#include <lgs_rfm/version.hpp>
