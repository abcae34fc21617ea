// What a conference knows of one participant; internal to this folder.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conference/conference.h"
#include "conference/data_track.h"
#include "conference/drain_meter.h"
#include "conference/offer_schedule.h"
#include "livekit/client_info.h"
#include "livekit/session.h"
#include "livekit/token.h"
#include "peer/peer.h"
#include "peer/relayed_track.h"

namespace conclave::conference {

// What the router forwards.
constexpr livekit::CodecSupport codec_support() {
    return {.h264 = true, .vp9 = true, .av1 = true, .red = true};
}

// What another part of the conference has asked for of a track.
struct Leg {
    sfu::Quality best = sfu::Quality::Low;
    uint8_t encodings = 0;  // that go there, a bit each: looked at for every packet
};

// The same as the track that it belongs to, in the codec of info.codecs[1]: for the router a track of its
// own.
struct BackupTrack {
    sfu::TrackId id = 0;
    std::string mid;            // empty while its publisher does not send it
    bool is_announced = false;  // its section is on the way
    bool is_for_all = false;    // also for those who could play the primary codec
};

// Announced by AddTrackRequest, bound to an m-section by an offer, in either order.
struct PublishedTrack {
    sfu::TrackId id = 0;
    ParticipantKey publisher = 0;
    pb::TrackInfo info;
    std::string cid;  // the client's name of it in signalling
    std::string mid;  // empty before it is bound
    std::map<PartId, Leg> legs;
    bool is_subscription_told = false;  // its publisher knows that somebody receives it
    std::optional<BackupTrack> backup;  // only where its publisher is, and once that sends the primary codec
    bool is_visible() const { return !mid.empty(); }
    wire::MediaKind kind() const {
        return info.type() == pb::AUDIO ? wire::MediaKind::Audio : wire::MediaKind::Video;
    }
};

// A section in which the client sends and which no AddTrackRequest has claimed yet: livekit-client sends both
// at once, and either may be handled first.
struct UnclaimedSection {
    sfu::TrackId id = 0;
    std::string mid;
    std::string cid;
    wire::MediaKind kind = wire::MediaKind::Audio;
};

struct Subscription {
    sfu::SubscriptionId id = 0;
    sfu::TrackId track = 0;
    std::string mid;  // empty while no section is free
    bool is_paused = false;
};

struct DataWish {
    bool subscribes = false;
    uint32_t target_fps = 0;  // 0: every frame
};

// Its streams that whoever wants this quality has to get, a bit each: of layers within one stream all.
uint8_t encodings_up_to(sfu::Quality best, const pb::TrackInfo&);
// How the router is told of a track in one of its codecs.
sfu::TrackConfig track_config(const pb::TrackInfo&, int codec = 0);
bool has_valid_names(const pb::AddTrackRequest&);

// What others need to know of whoever publishes, wherever that is.
struct Publisher {
    ParticipantKey key = 0;
    std::string sid;
    std::map<sfu::TrackId, PublishedTrack> tracks;
    pb::SubscriptionPermission permission;  // who may subscribe to the tracks
    MediaRights rights;                     // by the rules of the meeting
};

// Somebody at another part of the conference.
struct Mirror : Publisher {
    PartId part = 0;
    pb::ParticipantInfo info;
    bool is_hidden = false;
    std::map<sfu::TrackId, peer::RelayedTrack> media;
    std::set<sfu::TrackId> heard;  // audio tracks that we have asked for
    std::optional<sfu::SpeakerDetector::Speaker> speaker;
    std::optional<pb::ConnectionQualityInfo> quality;
    std::string encoded;  // `info`
};

struct Participant : Publisher {
    Participant(Instant now, ParticipantKey participant_key, Join&& join)
        : Publisher{participant_key, {}, {}, {}, {}},
          claims(std::move(join.claims)),
          signing_secret(std::move(join.signing_secret)),
          ice_servers(std::move(join.ice_servers)),
          client(join.request.client_info()),
          quirks(livekit::quirks_of(client)),
          connection(join.connection),
          session(now, client) {}

    livekit::Claims claims;
    std::vector<uint8_t> signing_secret;
    std::vector<pb::ICEServer> ice_servers;
    pb::ClientInfo client;
    livekit::Quirks quirks;
    pb::ParticipantInfo::State state = pb::ParticipantInfo::JOINING;
    bool was_active = false;  // its media has been connected
    int64_t joined_at_ms = 0;
    uint32_t version = 0;
    size_t told_at_once = 0;  // of its changes, since the announcements of this number
    uint64_t told_since = 0;
    struct Encoded {
        std::string bytes;
        uint32_t version = 0;
        pb::ParticipantInfo::State state = pb::ParticipantInfo::JOINING;
        bool may_publish = false;
    };
    mutable Encoded encoded;  // its ParticipantInfo, when somebody last asked for it
    bool auto_subscribe = true;
    bool has_adaptive_stream = false;  // says which size it shows each video in
    bool may_pause = false;            // the allocator may leave a video out

    std::optional<ConnectionId> connection;  // none while the signalling socket is lost
    livekit::Session session;
    livekit::Outbox outbox;
    std::unique_ptr<peer::Peer> peer;        // the only one, or the one on which the client sends
    std::unique_ptr<peer::Peer> subscriber;  // only of a client that has two: the one on which we send
    Target primary = Target::Publisher;      // the one that has to be connected for the client to be so
    OfferSchedule offers;                    // on `subscriber`

    std::vector<UnclaimedSection> unclaimed;
    std::map<sfu::TrackId, Subscription> subscriptions;  // by what is subscribed to
    std::map<std::string, bool> wishes;                  // by track sid: what the client asked for
    std::map<std::string, Instant> unresolved;           // tracks asked for that are not there, until when
    std::deque<pb::AddTrackRequest> queued_tracks;
    bool is_requirement_sent = false;  // an offer of the client is on its way
    peer::SentBytes measured;          // to it, when it was last looked at
    Instant measured_at;
    uint64_t audio_bps = 0;  // at that time
    uint64_t sent_bps = 0;

    QualityMeter quality;
    std::set<ParticipantKey> newly_received;  // publishers of whom it has not been told how they are

    // SimulateScenario
    Instant speaks_until = Instant::never();
    ResumeFault resume_fault = ResumeFault::None;
    Instant resume_fault_until;
    int64_t simulated_bandwidth = 0;  // bits a second towards it, whatever was estimated; 0: as estimated

    uint32_t last_reliable_sequence = 0;
    DrainMeter lossy_meter;
    DrainMeter data_track_meter;
    std::map<uint16_t, DataTrack> data_tracks;    // by its own handle
    std::map<std::string, DataWish> data_wishes;  // by data track sid: what the client asked for
    bool subscribes_to_data = false;              // to what it has not asked about
    uint16_t last_data_handle = 0;                // given to it for the tracks of others

    Instant met_at = Instant::never();  // when its timers are looked at
    Instant active_by = Instant::never();
    Instant removed_at = Instant::never();  // unless it comes back before
    Instant next_token = Instant::never();

    peer::Peer& sending_peer() const { return subscriber ? *subscriber : *peer; }
    peer::Peer& peer_of(Target target) const {
        return target == Target::Subscriber && subscriber ? *subscriber : *peer;
    }
    peer::Peer& primary_peer() const { return peer_of(primary); }
    // A client with two opens the publisher when it has something to send.
    bool is_used(Target target) const {
        return !subscriber || target == Target::Subscriber || peer->negotiation().has_offer();
    }
    bool has_failed() const {
        bool has_failed = false;
        for_each_peer([&](Target target, const peer::Peer& one) {
            has_failed = has_failed || (is_used(target) && one.has_failed());
        });
        return has_failed;
    }
    bool can_restart() const { return peer->can_restart() && sending_peer().can_restart(); }
    template <class Use>
    void for_each_peer(Use use) const {
        use(Target::Publisher, *peer);
        if (subscriber) use(Target::Subscriber, *subscriber);
    }

    Instant next_timeout() const;

    const std::string& identity() const { return claims.identity; }
    // By the token and by the rules.
    bool may_publish() const;
    bool may_publish(pb::TrackSource) const;
    bool is_hidden() const { return claims.video.hidden; }
    bool is_recorder() const { return claims.video.recorder || claims.kind == pb::ParticipantInfo::EGRESS; }
    // Neither counts as somebody in the room nor keeps it open.
    bool is_dependent() const {
        return is_recorder() || claims.video.agent || claims.kind == pb::ParticipantInfo::AGENT;
    }
};

// Destinations of a data packet; both lists empty: everybody.
bool is_addressed(const std::vector<std::string>& identities, const std::vector<std::string>& sids,
                  const Participant& to);
bool is_recorder(const livekit::Claims&);
// Agents and recorders serve a room: they neither fill it nor keep it alive.
bool is_dependent(const livekit::Claims&);
bool is_dependent(const pb::ParticipantInfo&);

}  // namespace conclave::conference
