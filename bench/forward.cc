// The same packets to the same people every time, for instruments that count: bench/ratchet.py runs it under
// callgrind.
//
//     engine_forward VIEWERS FRAMES       one JSON object
#include <cstdio>
#include <string>

#include "bench/program.h"
#include "crypto/aead.h"
#include "sim/forwarding.h"

namespace {

constexpr size_t kWarmUp = 60;
constexpr size_t kViewersMax = 240;  // the simulator's addresses
constexpr size_t kFramesMax = 500;   // it sends no consent meanwhile

}  // namespace

// By this name the instrument knows what to count.
extern "C" __attribute__((noinline)) size_t forward(conclave::sim::Forwarding& forwarding) {
    return forwarding.serve();
}

int main(int argc, char** argv) {
    size_t viewers = 0;
    size_t frames = 0;
    if (argc != 3 || !conclave::parse(argv[1], kViewersMax, viewers) ||
        !conclave::parse(argv[2], kFramesMax, frames)) {
        std::fprintf(stderr, "engine_forward VIEWERS FRAMES\n");
        return 2;
    }
    conclave::sim::Forwarding forwarding(viewers);
    forwarding.prepare(kWarmUp);
    forwarding.serve();
    forwarding.prepare(frames);
    const double began = conclave::thread_microseconds();
    const size_t packets = forward(forwarding);
    const double spent = conclave::thread_microseconds() - began;
    std::printf("{\"packets\": %zu, \"cpu_us_per_packet\": %.3f, \"engine\": \"%s\"}\n", packets,
                spent / static_cast<double>(packets),
                std::string(gcm_engine_name(conclave::crypto::fastest_gcm_engine())).c_str());
    return 0;
}
