#pragma once

// The Arrow C data interface both ways, without linking Arrow:
//   in, borrow:  view_arrow_array(schema, array)      the caller keeps the array and releases it
//   in, take:    add_arrow(book, arrow_stream(&s))    the stream is released when it was read, `s` is left empty
//   out, give:   export_arrow(table, &schema, &array) the consumer releases both
//   out, stream: export_arrow_stream(table, &stream)  the consumer releases the stream
#include <lgs_rfm/io/arrow_abi.hpp>
#include <lgs_rfm/io/arrow_export.hpp>
#include <lgs_rfm/io/arrow_import.hpp>
