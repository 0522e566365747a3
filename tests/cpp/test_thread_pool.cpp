#include <lgs_rfm/detail/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "catch.hpp"

namespace test_thread_pool {

using lgs_rfm::detail::available_threads;
using lgs_rfm::detail::thread_pool;

namespace {

/// How often each part ran.
std::vector<int> counts_of(std::size_t parts, unsigned threads) {
    std::vector<std::atomic<int>> ran(parts);
    thread_pool::run(parts, threads, [&](std::size_t part) { ++ran[part]; });
    return {ran.begin(), ran.end()};
}

}  // namespace

TEST_CASE("each part runs once, whatever the number of threads") {
    for (const std::size_t parts : {0, 1, 2, 3, 100, 5000}) {
        for (const unsigned threads : {0U, 1U, 2U, 3U, 16U}) {
            REQUIRE(counts_of(parts, threads) == std::vector<int>(parts, 1));
        }
    }
    CHECK(available_threads() >= 1);
}

TEST_CASE("threads that run parts at once have numbers of their own") {
    for (const unsigned threads : {1U, 2U, 5U}) {
        std::vector<std::atomic<int>> inside(threads);
        std::atomic<int> wrong{0};
        std::atomic<int> ran{0};
        thread_pool::run(3000, threads, [&](std::size_t, std::size_t thread) {
            if (thread >= inside.size() || ++inside[thread] != 1) ++wrong;
            ++ran;
            if (thread < inside.size()) --inside[thread];
        });
        CHECK(wrong == 0);
        CHECK(ran == 3000);
    }
}

TEST_CASE("the failure of the lowest part comes out, and no more parts are begun") {
    std::vector<std::atomic<int>> ran(1000);
    const auto work = [&](std::size_t part) {
        ++ran[part];
        if (part == 3 || part == 7) throw std::runtime_error(std::to_string(part));
    };
    for (const unsigned threads : {1U, 4U}) {
        for (int i = 0; i < 200; ++i) {
            for (auto& each : ran) each = 0;
            CHECK_THROWS_WITH(thread_pool::run(ran.size(), threads, work), "3");
            for (std::size_t part = 0; part <= 3; ++part) CHECK(ran[part] == 1);
            if (threads == 1) CHECK(ran[4] == 0);
        }
    }
}

TEST_CASE("parts may run parts, and several threads may ask at once") {
    std::atomic<int> ran{0};
    thread_pool::run(8, 4, [&](std::size_t) { thread_pool::run(8, 4, [&](std::size_t) { ++ran; }); });
    CHECK(ran == 64);
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&] {
            for (int i = 0; i < 300; ++i) wrong += counts_of(7, 3) == std::vector<int>(7, 1) ? 0 : 1;
        });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(wrong == 0);
}

#if defined(__linux__)
TEST_CASE("a forked child makes threads of its own") {
    REQUIRE(counts_of(50, 4) == std::vector<int>(50, 1));  // the parent has threads now, the child inherits none
    for (int i = 0; i < 20; ++i) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            alarm(20);  // a child that waits for a thread it does not have is ended, and the test fails
            _exit(counts_of(50, 4) == std::vector<int>(50, 1) ? 0 : 1);
        }
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) == 0);
    }
}
#endif

}  // namespace test_thread_pool
