// What all threads of one load test share.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/address.h"
#include "load/scenario.h"
#include "load/synthetic.h"

namespace conclave::load {

// The server under test.
struct Target {
    SocketAddress address;  // of its signalling
    std::string host;
    std::string origin;  // "host" or "host:port", for the Host field
    std::string prefix;  // path before /rtc
    bool is_tls = false;
    bool accepts_any_certificate = false;
    bool two_connections = false;  // /rtc instead of /rtc/v1; of Janus always
    uint64_t janus_room = 0;       // Janus' VideoRoom instead of LiveKit's protocol; 0: no
};

enum class Phase : uint8_t {
    Joining,  // by the scenario's rate; also afterwards, while everybody is there
    Quiet,    // nobody sends media any more, what is on its way arrives
    Leaving,
};

// What is measured, one after the other. Joins are another matter: while the first ones join, and until all
// has settled, nothing is.
enum class Window : uint8_t {
    None,
    Lead,  // those who are not late are there by themselves
    Late,  // the others join
    All,   // everybody is there
};
constexpr size_t kWindows = 4;

struct Run {
    Run(Scenario what, Target where, uint32_t number)
        : scenario(std::move(what)),
          target(std::move(where)),
          id(number),
          sent(scenario.participants() * kStreamsPerSender) {}

    const Scenario scenario;
    const Target target;
    const uint32_t id;                // in every stamp
    std::vector<std::string> tokens;  // of the participants, in order
    std::atomic<Phase> phase = Phase::Joining;
    std::atomic<Window> window = Window::None;
    // Packets sent so far, by sender and stream: written by the sender's thread, read at the end.
    std::vector<std::atomic<uint32_t>> sent;

    std::atomic<uint32_t>& sent_of(uint32_t sender, uint8_t stream) {
        return sent[sender * kStreamsPerSender + stream];
    }
};

}  // namespace conclave::load
