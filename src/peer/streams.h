// The two directions of media as Peer keeps them; internal to this folder.
#pragma once

#include "peer/peer.h"

namespace conclave::peer {

// One encoded stream of a published track: the only one, or one of a simulcast.
struct Peer::Encoding {
    // A source that was given up for another. Its stragglers must not bring it back.
    static constexpr size_t kLeftMax = 8;

    Encoding(const Ingress& owner, std::string name);

    const Ingress& track;
    uint8_t index = 0;                         // from the lowest
    std::string rid;                           // empty: the only one
    std::optional<rtp::IngressStream> stream;  // none before its SSRC is known
    rtp::PacketCache cache;
    std::unique_ptr<wire::DependencyDescriptorReader> dependencies;  // where they are negotiated
    std::array<uint32_t, kLeftMax> left{};
    size_t next_left = 0;
    uint8_t fraction_lost = 0;  // of 256, in the newest report

    bool has_left(uint32_t ssrc) const { return std::find(left.begin(), left.end(), ssrc) != left.end(); }
};

// A track that the client publishes.
struct Peer::Ingress {
    Ingress(IngressId ingress_id, const Section& section)
        : id(ingress_id),
          mid(section.mid),
          kind(section.kind == wire::MediaKind::Audio ? rtp::MediaKind::Audio : rtp::MediaKind::Video) {}

    IngressId id;
    std::string mid;
    rtp::MediaKind kind;
    NegotiatedCodecs codecs;
    UpstreamExtensions extensions;
    std::vector<std::unique_ptr<Encoding>> encodings;  // low to high, never empty

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
    Encoding* encoding(std::string_view rid) const {
        for (const auto& encoding : encodings) {
            if (encoding->rid == rid) return encoding.get();
        }
        return nullptr;
    }
};

inline Peer::Encoding::Encoding(const Ingress& owner, std::string name)
    : track(owner),
      rid(std::move(name)),
      cache(owner.kind == rtp::MediaKind::Audio ? rtp::kAudioCachePackets : rtp::kVideoCachePackets) {}

// A track that we send to the client.
struct Peer::Egress {
    EgressId id = 0;
    bool is_audio = false;
    // The client has reported on it, so that it knows whose packets these are.
    bool is_known = false;
    // Its streams in the SRTP session, once there is one.
    srtp::Session::SendStream* srtp_media = nullptr;
    srtp::Session::SendStream* srtp_rtx = nullptr;
    DownstreamExtensions extensions;
    NegotiatedCodecs codecs;
    rtp::EgressStream stream;
    uint32_t timestamp = 0;  // of the newest packet
    std::string mid;
    uint8_t fraction_lost = 0;
    Instant reported_at;

    const NegotiatedCodec* format(Codec codec) const {
        for (const NegotiatedCodec& format : codecs) {
            if (format.codec == codec) return &format;
        }
        return nullptr;
    }
    const NegotiatedCodec* rtx_format() const {
        for (const NegotiatedCodec& format : codecs) {
            if (format.rtx_payload_type) return &format;
        }
        return nullptr;
    }
};

}  // namespace conclave::peer
