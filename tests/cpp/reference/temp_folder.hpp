#pragma once

#include <filesystem>
#include <random>
#include <string>

namespace reference {

/// A folder that is there as long as this is, under a name of its own: the tests run several times side by side, with
/// other instruction sets.
class temp_folder {
public:
    temp_folder()
        : path(std::filesystem::temp_directory_path() / ("lgs_rfm_test_" + std::to_string(std::random_device{}()))) {
        std::filesystem::create_directories(path);
    }
    ~temp_folder() { std::filesystem::remove_all(path); }
    temp_folder(const temp_folder&) = delete;
    temp_folder& operator=(const temp_folder&) = delete;

    std::filesystem::path path;
};

}  // namespace reference
