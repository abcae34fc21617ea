// What the programs of this folder share: numbers on the command line, and the cost of their own thread.
#pragma once

#include <charconv>
#include <cstring>
#include <ctime>

namespace conclave {

// A whole number from 1 to `most`, and nothing behind it.
template <class Number>
bool parse(const char* text, Number most, Number& number) {
    const char* end = text + std::strlen(text);
    const auto [at, error] = std::from_chars(text, end, number);
    return error == std::errc{} && at == end && number >= 1 && number <= most;
}

// CPU time of this thread, user and system.
inline double thread_microseconds() {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) * 1e6 + static_cast<double>(at.tv_nsec) / 1e3;
}

}  // namespace conclave
