// What goes into the router and comes out of it: a packet of a published track, and how each subscriber gets
// it. Values only; the bytes stay with the peers.
#pragma once

#include <cstdint>
#include <optional>

#include "base/seq.h"
#include "wire/dependency_descriptor.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

namespace conclave::sfu {

// Named by the caller, unique within a conference.
using TrackId = uint32_t;
using SubscriptionId = uint32_t;
using SubscriberId = uint32_t;

enum class TrackKind : uint8_t { Audio, Video };

// What the router needs to know of a packet of a track. What is pointed to need live no longer than the call.
struct Packet {
    uint8_t encoding = 0;  // of the track's simulcast streams, 0 the smallest; 0 when there is one
    uint32_t source = 0;   // SSRC
    ExtSeqNo sequence;
    uint32_t timestamp = 0;
    bool marker = false;
    bool starts_keyframe = false;  // video: the first packet of a frame that needs no other frame
    size_t size = 0;               // of the payload, in bytes
    const wire::Vp8Descriptor* vp8 = nullptr;
    const wire::Vp9Descriptor* vp9 = nullptr;
    const wire::FrameDependencies* dependencies = nullptr;
};

// What it needs of a kept one to send it again.
struct KeptPacket {
    uint32_t timestamp = 0;
    bool marker = false;
    const wire::Vp8Descriptor* vp8 = nullptr;
    std::optional<uint16_t> frame_number;  // of the dependency descriptor, as published
};

// A packet as one subscriber gets it.
struct Forward {
    SubscriptionId subscription = 0;
    SubscriberId subscriber = 0;
    ExtSeqNo sequence;
    uint32_t timestamp = 0;
    bool marker = false;
    std::optional<wire::Vp8Ids> vp8;       // to put into the VP8 descriptor; set when the packet has one
    std::optional<uint16_t> frame_number;  // to put into the dependency descriptor; set when it has one
};

// Which published packet a subscriber means by a number that we sent it.
struct PublishedPacket {
    TrackId track = 0;
    uint8_t encoding = 0;
    uint32_t source = 0;
    ExtSeqNo sequence;
};

}  // namespace conclave::sfu
