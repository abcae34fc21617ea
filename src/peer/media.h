// A packet of a published track as it leaves the peer that received it, fresh or from the cache; and what is
// read from it, which is the same wherever it comes from.
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet_pool.h"
#include "base/seq.h"
#include "peer/codec.h"
#include "peer/kept_extensions.h"
#include "wire/dependency_descriptor.h"
#include "wire/header_extension.h"
#include "wire/red.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

namespace conclave::peer {

// Named by the caller, unique within a peer: a track that the client sends us.
using IngressId = uint32_t;

// A packet of a published track. `packet` has lost its header extensions, CSRCs and padding: 12 bytes of
// header, then the payload; what subscribers get of its extensions is kept in its slot.
struct Media {
    IngressId ingress = 0;
    uint8_t encoding = 0;  // of its simulcast, from the lowest; 0 when it is the only one
    PacketRef packet;
    KeptExtensions kept;  // views of `packet`
    Codec codec = Codec::Opus;
    uint32_t ssrc = 0;
    ExtSeqNo sequence;
    uint32_t timestamp = 0;
    bool marker = false;
    bool is_newest = false;
    bool starts_keyframe = false;
    std::optional<wire::AudioLevel> level;
    std::optional<wire::RedPayload> red;  // views of `packet`; for subscribers who know Opus alone
    // Its place among the layers, as far as it says. Views of `packet`; `dependencies` is valid until the
    // next call.
    std::optional<wire::Vp8Descriptor> vp8;
    std::optional<wire::Vp9Descriptor> vp9;
    const wire::FrameDependencies* dependencies = nullptr;
};

// A published packet that was kept, found again for a retransmission.
struct CachedPacket {
    PacketRef packet;
    KeptExtensions kept;
    Codec codec = Codec::Opus;
    uint32_t timestamp = 0;
    bool marker = false;
    std::optional<wire::Vp8Descriptor> vp8;
    std::optional<uint16_t> frame_number;  // of the dependency descriptor
};

// What the payload says of itself: its blocks, its place among the layers, whether a decoder can begin here.
// `media.codec` is set.
void read_payload(ByteView payload, Media& media);
// `packet` as Media has it; null stays null.
CachedPacket read_cached(PacketRef packet, Codec codec);

}  // namespace conclave::peer
