// A published track whose client is at another worker. Its packets come from there already opened and
// checked; from here on they are as if a peer of this worker had received them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "peer/media.h"
#include "rtp/packet_cache.h"
#include "rtp/sender_clock.h"

namespace conclave::peer {

class RelayedTrack {
 public:
    // What is not in the packet itself.
    struct Origin {
        uint8_t encoding = 0;
        Codec codec = Codec::Opus;
        ExtSeqNo sequence;
        bool is_newest = false;
    };

    explicit RelayedTrack(IngressId id) : id_(id) {}

    // `packet` as Media has it, with what is kept in front. Null when it is no such packet.
    std::optional<Media> receive(Instant now, const Origin&, PacketRef packet);
    void set_clock(uint8_t encoding, const rtp::SenderClock&);

    // What nobody asks for any more goes back to the pool.
    void expire(Instant now);
    CachedPacket find_cached(Instant now, uint8_t index, ExtSeqNo) const;
    const rtp::SenderClock* clock(uint8_t index) const;

 private:
    static constexpr size_t kEncodingsMax = 4;
    struct Encoding {
        explicit Encoding(Codec codec);
        Codec codec;
        rtp::PacketCache cache;
        wire::DependencyDescriptorReader dependencies;
        std::optional<rtp::SenderClock> clock;
    };

    const Encoding* find(uint8_t encoding) const;

    IngressId id_;
    std::array<std::unique_ptr<Encoding>, kEncodingsMax> encodings_;
};

}  // namespace conclave::peer
