#pragma once

#include <lgs_rfm/error.hpp>
#include <lgs_rfm/io/arrow.hpp>

#include "register.hpp"

namespace lgs_rfm::python {

/// The struct in a PyCapsule of the Arrow PyCapsule interface; it stays the capsule's.
template <class T>
[[nodiscard]] T* borrow_capsule(const py::handle& capsule, const char* name) {
    auto* const held = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
    if (held == nullptr) throw py::error_already_set();
    if (held->release == nullptr) {
        throw error(error_code::invalid_option,
                    std::string("the capsule ") + name + " was used already; ask for a new one");
    }
    return held;
}

/// Takes the struct over; the capsule is left with a released one.
template <class T>
[[nodiscard]] arrow_owner<T> take_capsule(const py::handle& capsule, const char* name) {
    return arrow_owner<T>(borrow_capsule<T>(capsule, name));
}

/// Gives a struct away in a capsule, which releases it if nobody takes it.
template <class T>
[[nodiscard]] py::capsule make_capsule(arrow_owner<T> held, const char* name) {
    auto* const raw = new T(*held);
    held.get()->release = nullptr;
    PyObject* const capsule = PyCapsule_New(raw, name, [](PyObject* self) {
        auto* const inside = static_cast<T*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
        if (inside->release != nullptr) inside->release(inside);
        delete inside;
    });
    if (capsule == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::capsule>(capsule);
}

/// The stream behind `__arrow_c_stream__`, or one made of the single array behind `__arrow_c_array__`.
[[nodiscard]] arrow_stream stream_from(const py::object& source);

}  // namespace lgs_rfm::python
