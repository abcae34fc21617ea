#include "net/clock.h"

#include <ctime>

namespace conclave::net {
namespace {

int64_t micros(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace

Instant monotonic_now() {
    return {micros(CLOCK_MONOTONIC)};
}

WallTime wall_now() {
    return {micros(CLOCK_REALTIME)};
}

}  // namespace conclave::net
