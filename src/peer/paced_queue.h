// Video that a thin link cannot take at once: a key frame, a burst of retransmissions. It waits by reference,
// in order. Bounded in packets and in time; what it gives up are whole frames, which the client asks for
// again by NACK or gives up too, and asks for a key frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/packet_pool.h"
#include "base/time.h"
#include "peer/codec.h"
#include "peer/outgoing.h"

namespace conclave::peer {

class PacedQueue {
 public:
    struct Waiting {
        Outgoing as;
        PacketRef packet;
        Codec codec = Codec::Vp8;
        bool is_again = false;  // a retransmission
        Instant since;
    };
    static constexpr size_t kPacketsMax = 256;
    // A picture that is later than that is better sent anew.
    static constexpr Duration kWaitMax = Duration::millis(500);

    bool empty() const { return begin_ == packets_.size(); }
    size_t size() const { return packets_.size() - begin_; }
    // The oldest frame gives way when it is full.
    void push(Waiting);
    const Waiting& front() const { return packets_[begin_]; }
    void pop();
    // Gives up what has waited too long.
    void expire(Instant now);
    // Packets given up so far.
    uint64_t dropped() const { return dropped_; }

 private:
    void drop_frame();

    // Those before begin_ have left; their places are taken back together.
    std::vector<Waiting> packets_;
    size_t begin_ = 0;
    uint64_t dropped_ = 0;
};

}  // namespace conclave::peer
