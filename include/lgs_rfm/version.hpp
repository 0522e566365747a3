#pragma once

namespace lgs_rfm {

// The one place that states the version: CMake, pyproject.toml and the Python package read these lines.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

}  // namespace lgs_rfm
