// One video on its way to many: what the server does with each batch of datagrams and nothing else, to count
// what that takes (forwarding_test.cc, bench/forward.cc).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/world.h"

namespace conclave::sim {

class Forwarding {
 public:
    static constexpr size_t kFramePackets = 6;  // 1.5 Mbit/s at 30 frames a second
    static constexpr size_t kPacketSize = 1100;

    explicit Forwarding(size_t viewers);

    // Sealed by the publisher: so many frames, and as many packets of sound.
    void prepare(size_t frames);
    // From every viewer: a request for its last packet of the video.
    void prepare_requests();
    // What was prepared, batch by batch, as a worker takes it in and sends it. Returns the datagrams sent.
    size_t serve();

 private:
    struct Batch {
        const Client* from = nullptr;
        std::vector<std::vector<uint8_t>> datagrams;
    };
    void seal(Batch& batch, LocalTrack& track, ByteView payload, bool marker);

    World world_{1};
    Client& publisher_;
    std::vector<Client*> viewers_;
    std::vector<Batch> batches_;
    uint16_t picture_id_ = 0;
};

}  // namespace conclave::sim
