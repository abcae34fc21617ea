// The two directions of media as Peer keeps them; internal to this folder.
#pragma once

#include "peer/peer.h"

namespace conclave::peer {

// A track that the client publishes.
struct Peer::Ingress {
    Ingress(IngressId ingress_id, const Section& section)
        : id(ingress_id),
          mid(section.mid),
          kind(section.kind == wire::MediaKind::Audio ? rtp::MediaKind::Audio : rtp::MediaKind::Video),
          cache(kind == rtp::MediaKind::Audio ? rtp::kAudioCachePackets : rtp::kVideoCachePackets) {}

    IngressId id;
    std::string mid;
    rtp::MediaKind kind;
    NegotiatedCodecs codecs;
    uint8_t mid_extension = 0;
    uint8_t audio_level_extension = 0;
    uint8_t transport_cc_extension = 0;
    std::optional<rtp::IngressStream> stream;  // none before its SSRC is known
    rtp::PacketCache cache;
    uint8_t fraction_lost = 0;  // of 256, in the newest report

    const NegotiatedCodec* codec(uint8_t payload_type) const {
        for (const NegotiatedCodec& codec : codecs) {
            if (codec.payload_type == payload_type) return &codec;
        }
        return nullptr;
    }
    bool is_rtx(uint8_t payload_type) const {
        for (const NegotiatedCodec& codec : codecs) {
            if (codec.rtx_payload_type == payload_type) return true;
        }
        return false;
    }
};

// A track that we send to the client.
struct Peer::Egress {
    EgressId id = 0;
    std::string mid;
    rtp::EgressStream stream;
    uint8_t fraction_lost = 0;
    Instant reported_at;
};

}  // namespace conclave::peer
