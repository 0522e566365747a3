#include <string>

#include <lgs_rfm/version.hpp>

#include "register.hpp"

PYBIND11_MODULE(_core, module) {
    using namespace lgs_rfm;
    module.doc() = "Native part of lgs_rfm; the package's modules give it its public face.";
    module.attr("__version__") =
        std::to_string(version_major) + "." + std::to_string(version_minor) + "." + std::to_string(version_patch);
    python::register_errors(module);
    python::register_columns(module);
    python::register_tables(module);
    python::register_ledger(module);
    python::register_totals(module);
    python::register_products(module);
    python::register_files(module);
    python::register_scoring(module);
    python::register_returning(module);
    python::register_snapshots(module);
    python::register_demo(module);
    python::register_rows(module);
}
