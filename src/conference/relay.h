// One conference on several workers. Each holds a part: its own participants, their peers, a router. Between
// the parts go values: who is there and what they publish, which tracks are wanted, and of each of those one
// copy of every packet.
//
// All parts are equal. A new one greets the others and waits for what they know before it lets anybody in.
// Keys and track ids carry the part's number in their upper bits, so they mean the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conference/room.h"
#include "conference/routes.h"
#include "livekit/data_packet.h"
#include "livekit/protocol.h"
#include "peer/relayed_track.h"
#include "rtp/sender_clock.h"
#include "sfu/router.h"
#include "sfu/speaker_detector.h"

namespace conclave::conference {

// The number of the worker that holds the part.
using PartId = uint8_t;
// Of the 32 bits of a ParticipantKey or TrackId: 16 million of each in the life of a part.
constexpr uint32_t kPartShift = 24;

namespace relay {

// The part has just come into being and knows nobody. Answered by a Person for everybody, then State, which
// is also told when the options change.
struct Hello {};
struct State {
    std::string room_sid;
    int64_t created_at_ms = 0;
    RoomOptions options;
};
// The part is no more, or was not there when greeted.
struct Bye {};

// New, or changed: the whole of it.
struct Person {
    ParticipantKey key = 0;
    pb::ParticipantInfo info;
    bool is_hidden = false;
    std::vector<sfu::TrackId> track_ids;  // of info.tracks, in their order
    pb::SubscriptionPermission permission;
};
struct Gone {
    ParticipantKey key = 0;
    pb::DisconnectReason reason = pb::UNKNOWN_REASON;
};

// What the receiving part needs of a track: nothing, or its layers up to this quality. Nothing is sent
// before.
struct Interest {
    sfu::TrackId track = 0;
    std::optional<sfu::Quality> best;
};
struct Keyframe {
    sfu::TrackId track = 0;
    uint8_t encoding = 0;
};
// The publisher's clock, as its sender reports show it.
struct Clock {
    sfu::TrackId track = 0;
    uint8_t encoding = 0;
    rtp::SenderClock clock;
};
// One packet of each wanted stream, however many receive it over there.
struct Packet {
    sfu::TrackId track = 0;
    peer::RelayedTrack::Origin origin;
    uint16_t kept_size = 0;  // of what precedes the packet in its slot
    uint16_t size = 0;
};
struct Media {
    static constexpr size_t kPacketsMax = 512;
    std::vector<Packet> packets;
    std::vector<uint8_t> bytes;  // of the packets, one after the other, what is kept first
};

// A data packet as it is delivered.
struct Data {
    ParticipantKey sender = 0;
    std::string sender_sid;
    std::string sender_identity;
    livekit::DataChannel channel = livekit::DataChannel::Reliable;
    livekit::ClientPacket packet;
};
// Whose speaking has changed.
struct Speakers {
    std::vector<sfu::SpeakerDetector::Speaker> changed;
};
struct Quality {
    ParticipantKey key = 0;
    pb::ConnectionQualityInfo info;
};

using Message =
    std::variant<Hello, State, Bye, Person, Gone, Interest, Keyframe, Clock, Media, Data, Speakers, Quality>;

}  // namespace relay

// For the part of the same conference at another worker. What is sent from one part to another arrives in
// order. If that worker is behind, media and lossy data are dropped on the way; reliable data only when it
// has been behind for long, nothing else ever.
struct ToPart {
    PartId to = 0;
    std::string room;
    relay::Message message;
};

}  // namespace conclave::conference
