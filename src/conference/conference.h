// One live conference: the participants of one LiveKit room, their signalling sessions, their peers and the
// router between them. It belongs to one worker thread; nothing in it is shared, so "removed" means removed
// before the next packet.
//
// Split by direction: join (come, resume, go), lifetime (of the room), requests (from the client), publish,
// backup (its second codec), subscribe, negotiate, offer, media (datagrams), data, updates (to the clients),
// relay (other parts), timers, commands and rpc (from the server API), rights (by the rules of a meeting),
// voices (who was heard when).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/packet_pool.h"
#include "base/rng.h"
#include "base/timer_wheel.h"
#include "conference/connection_quality.h"
#include "conference/data_history.h"
#include "conference/fan_out.h"
#include "conference/meeting_media.h"
#include "conference/relay.h"
#include "conference/room.h"
#include "conference/routes.h"
#include "conference/turn.h"
#include "livekit/data_packet.h"
#include "livekit/protocol.h"
#include "livekit/session.h"
#include "livekit/token.h"
#include "peer/peer.h"
#include "sfu/router.h"
#include "sfu/speaker_detector.h"
#include "sfu/voice_meter.h"

namespace conclave::conference {

// The same for all conferences of a worker.
struct Settings {
    peer::Config peer;
    std::string region;
    std::string node_id;
    size_t participants_max = 500;  // of one conference, whatever its own options say
    size_t tracks_per_participant_max =
        16;  // camera, microphone, screen, its audio, and room to change devices
    size_t subscriptions_per_participant_max = 600;
    Duration join_timeout = Duration::seconds(60);       // from joined to media connected
    Duration resume_timeout = Duration::seconds(5);      // a failed peer may come back for so long
    Duration empty_timeout = Duration::seconds(300);     // a room that nobody entered ends after it
    Duration departure_timeout = Duration::seconds(20);  // a room that everybody left ends after it
    bool auto_create = true;                             // an application's room begins with the first join
    bool enable_remote_unmute = false;                   // the server API may unmute people
    bool has_listeners = false;                          // events are wanted
    livekit::TextLimits texts;
    Duration token_interval = Duration::minutes(5);
    Duration token_lifetime = Duration::minutes(10);
    bool simulate = false;       // clients of applications may ask for accidents: test servers only
    std::string meeting_issuer;  // of tokens for meetings, which are not an application's
};

RoomOptions default_options(const Settings&);
// What a request leaves open (zero, empty) stays as it is; the server's own limit holds.
void override_options(RoomOptions&, const pb::CreateRoomRequest&, const Settings&);
void override_options(RoomOptions&, const pb::RoomConfiguration&, const Settings&);

// A client that the front thread has admitted.
struct Join {
    ConnectionId connection = 0;
    std::string room;
    Owner owner = Owner::Meetings;  // of the room, as admission found it
    livekit::Claims claims;
    std::vector<uint8_t> signing_secret;  // of the key that issued its token: refreshed tokens need it
    pb::JoinRequest request;
    std::vector<PartId> parts;               // other workers that hold a part of the room
    bool is_classic = false;                 // two peer connections, on one of which we offer (LiveKit /rtc)
    std::optional<MeetingMedia> rules = {};  // for the part of a meeting that may begin with this join
    std::vector<pb::ICEServer> ice_servers = {};
};

// What a client's test wants to go wrong when it resumes.
enum class ResumeFault : uint8_t { None, BeforeMessages, AfterMessages };

struct DataTrack;
struct Mirror;
struct Participant;
struct Publisher;
struct PublishedTrack;
struct Subscription;
struct UnclaimedSection;

class Conference {
 public:
    // What is referred to must outlive the conference.
    Conference(const Turn&, std::string name, PartId, Owner, RoomOptions, const Settings&,
               const crypto::DtlsContext&, Routes&, Outlet&, Rng&);
    ~Conference();
    Conference(const Conference&) = delete;
    Conference& operator=(const Conference&) = delete;

    // Answered by Accepted or Refused.
    // False when it was refused: then the connection is of no use any more.
    bool join(Turn&, Join);
    // From a socket that the participant may have left for another meanwhile: then it is ignored.
    void handle_message(Turn&, ParticipantKey, ConnectionId, ByteView message, bool is_text);
    // The client's signalling socket is gone.
    void handle_closed(Turn&, ParticipantKey, ConnectionId);
    void handle_datagram(Turn&, ParticipantKey, Target, const Path&, PacketRef);
    void close_path(Instant now, ParticipantKey, Target, const Path&);
    void put_back(Turn&, Handshake);
    void handle_relay(Turn&, PartId from, relay::Message);
    // Media that datagrams and relays have brought wait until they are sent: all of them, before any other
    // call but these two. One call fills at most a chunk of the transmit queue; true: there is more.
    const FanOut& fan_out() const { return fan_out_; }
    bool send_media(Turn&);
    void limit_video(sfu::Quality best) { router_.limit_quality(best); }
    void handle_timeout(Turn&);
    // Never later than what has to be done next; Instant::never() cannot be returned while anybody is in.
    Instant next_timeout() const { return next_timeout_; }
    // Everybody is told to leave. `action` says whether and how to come back.
    void close(Turn&, pb::DisconnectReason, pb::LeaveRequest::Action);
    // The last call: everybody is sent away, the other parts and the applications learn that it is over.
    void close_room(Turn&, pb::DisconnectReason);
    // Applications learn of the room; for its first part.
    void announce() { emit("room_started"); }
    // From the server API. The answer goes to the outlet, at once or later.
    void execute(Turn&, const RoomCommand&);
    // In force before the next packet. For meetings only.
    void govern(Turn&, MeetingMedia);

    const std::string& name() const { return name_; }
    size_t size() const { return participants_.size(); }
    bool holds_path(ParticipantKey, Target, const Path&) const;
    std::vector<uint32_t> ingress_ssrcs(ParticipantKey, Target) const;
    // Empty for longer than its timeouts allow.
    bool is_over(Instant now) const;
    Owner owner() const { return owner_; }
    pb::Room room() const;
    ParticipantKey find(ConnectionId) const;  // 0: nobody

    struct Totals {
        size_t participants = 0;
        size_t published_tracks = 0;
        size_t subscriptions = 0;
        uint64_t gated_packets = 0;  // that rules kept from being forwarded
        peer::Counters peers;
        ice::Counters ice;
    };
    void add_to(Totals&) const;
    uint64_t gated_packets() const { return gated_packets_; }

 private:
    // join.cc
    bool admit(Turn&, Join);
    void welcome(Turn&, Participant&, const pb::JoinRequest&);
    void resume(Turn&, Participant&, Join);
    void refuse(Turn&, const Join&, int status, std::string text);
    bool refuse_waiting(Turn&, const std::string& identity);
    void disconnect(Turn&, Participant&, pb::DisconnectReason, pb::LeaveRequest::Action);
    void end(Participant&, pb::DisconnectReason);
    void remove(Turn&, ParticipantKey, pb::DisconnectReason);
    void handle_connected(Participant&, Target);
    void become_active(Participant&);
    void route_ufrag(const Participant&, Target);
    SharedBytes join_response(const Participant&) const;
    Participant* find_identity(const std::string& identity);
    void send_refresh_token(Turn&, Participant&);

    // lifetime.cc
    size_t people() const;
    bool has_people() const;
    size_t people_elsewhere() const;
    bool is_full(const livekit::Claims& newcomer) const;
    bool is_recorded() const;
    Instant closes_at() const;
    void note_people_elsewhere(Instant now);
    pb::WebhookEvent* emit(const char* name);
    void emit(const char* name, const pb::ParticipantInfo& about);
    void emit(const char* name, const Participant& publisher, const pb::TrackInfo&);
    void handle_entered(const Participant&);
    void handle_left(const Turn&, const Participant&, const pb::ParticipantInfo& left);
    pb::ParticipantInfo farewell(const Participant&, pb::DisconnectReason) const;

    // commands.cc
    struct Executor;
    using Reply = Result<livekit::RoomReply, livekit::TwirpError>;
    Reply update_options(const Turn&, const pb::CreateRoomRequest&);
    Reply list_participants() const;
    Reply mute_remotely(const pb::MuteRoomTrackRequest&);
    Reply update_participant(Turn&, const pb::UpdateParticipantRequest&);
    bool change_permission(Participant&, const pb::ParticipantPermission&);
    Reply send_data(Turn&, const pb::SendDataRequest&);

    // rights.cc
    MediaRights rights_of(const std::string& identity) const;
    void set_gates(const Publisher&);
    void set_gate(const PublishedTrack&, const MediaRights&);
    void end_forbidden_tracks(Participant&);

    // rpc.cc
    std::optional<Reply> perform_rpc(Turn&, CommandId, const pb::PerformRpcRequest&);
    bool take_rpc_answer(const Participant& from, const livekit::ClientPacket&);
    void expire_rpcs(Instant now);
    void fail_rpcs_to(ParticipantKey gone);
    Instant next_rpc() const;

    // requests.cc
    void handle_request(Turn&, Participant&, pb::SignalRequest&);
    void handle_mute(Participant&, const pb::MuteTrackRequest&);
    void handle_metadata(Turn&, Participant&, const pb::SignalRequest&);
    void handle_features(Participant&, const pb::SignalRequest&);
    void handle_sync_state(Turn&, Participant&, const pb::SyncState&);
    void respond(Participant&, uint32_t request_id, pb::RequestResponse::Reason, std::string text,
                 const pb::SignalRequest&);

    // publish.cc
    void add_track(Turn&, Participant&, const pb::SignalRequest&);
    void confirm_track(Participant&, const std::string& cid, const pb::TrackInfo&);
    void enqueue_track(Participant&, const pb::SignalRequest&);
    void add_queued_tracks(Turn&, Participant&);
    void bind_published_tracks(Participant&);
    void bind(Participant&, PublishedTrack&, sfu::TrackId, const peer::Section&);
    void claim_section(Participant&, PublishedTrack&);
    void publish(Participant&, PublishedTrack&);
    void unpublish(Participant&, sfu::TrackId);
    void drop_ended_tracks(Participant&);
    void route(PublishedTrack&);
    void route_backup(PublishedTrack&);
    void set_muted(PublishedTrack&, bool muted);
    void offer_to_all(const std::vector<const PublishedTrack*>&);
    void withdraw(const PublishedTrack&);

    // backup.cc
    void add_backup(Participant&, const pb::SignalRequest&);
    void claim_backup_section(Participant&, PublishedTrack&);
    bool bind_backup(Participant&, const peer::Section&, bool by_name);
    void bind_backup(Participant&, PublishedTrack&, const peer::Section&);
    void drop_backup(Participant&, PublishedTrack&);
    void choose_codec(const Participant&, const Subscription&);
    void choose_codecs(const PublishedTrack&);
    bool is_regressing(const PublishedTrack&) const;
    void regress_tracks();

    // subscribe.cc
    void handle_subscription(Participant&, const pb::UpdateSubscription&, Instant now);
    void handle_permission(Participant&, const pb::SubscriptionPermission&);
    void subscribe_to_all(Participant&);
    bool subscribe(Participant&, const PublishedTrack&);
    void resume_routing(const Participant&, const Subscription&);
    void unsubscribe(Participant&, sfu::TrackId);
    void await_track(Participant&, const std::string& sid, Instant now);
    void give_up_awaited(Participant&, Instant now);
    void refuse_subscription(Participant&, const std::string& sid, pb::SubscriptionError);
    bool wants(const Participant&, const PublishedTrack&) const;
    void note_subscribed(const Participant& subscriber, sfu::TrackId);
    void reconsider(Participant& subscriber, const PublishedTrack&);
    bool may_subscribe(const Participant& subscriber, const PublishedTrack&);
    bool is_permitted(const Publisher&, const std::string& track_sid, const Participant& subscriber) const;
    void attach_subscriptions(Participant&);
    void drop_unplayable(Participant&);

    // layers.cc
    static sfu::Wish first_wish(const Participant& subscriber);
    void handle_track_settings(Participant&, const pb::UpdateTrackSettings&);
    static void measure_sent(Instant now, Participant&);
    void allocate(Instant now, Participant& subscriber);
    void allocate_all(Instant now);
    void send_watched_qualities(Instant now);
    pb::SignalResponse watched_quality(const PublishedTrack&) const;

    // negotiate.cc
    void handle_offer(Turn&, Participant&, const pb::SessionDescription&);
    void request_sections(Participant&);
    void send_answer(Participant&, uint32_t offer_id);
    void attach(Participant&, Subscription&, const PublishedTrack&, const std::string& mid);
    static void name_tracks(const peer::Peer&, pb::SessionDescription&);

    // offer.cc
    void attach_to_offer(Participant&);
    void send_offer(Turn&, Participant&);
    void handle_answer(Turn&, Participant&, const pb::SessionDescription&);
    void want_offer(Participant&);
    void schedule_offers(Instant now);
    void handle_offer_timeout(Turn&, Participant&);
    void restart_subscriber(Turn&, Participant&);

    // media.cc
    void handle_events(Turn&, Participant&, Target, const peer::Events&);
    bool forward(Turn&, const Publisher&, const peer::Media&);
    void retransmit(Turn&, Participant& subscriber, const peer::Retransmission&);
    void handle_peer_failed(Turn&, Participant&, const peer::Peer&);
    void request_keyframes(Turn&);
    const rtp::SenderClock* clock(sfu::TrackId, uint8_t encoding) const;
    void compare_clocks(Instant now);
    void send_sender_reports(Turn&);

    // voices.cc
    void listen(const Turn&, const Participant&, const peer::Media&);
    void report(const sfu::VoiceMeter::Report&);

    // data.cc
    void handle_data(Turn&, Participant&, const peer::DataMessage&);
    void deliver(Turn&, const relay::Data&);
    bool send_on(std::string_view channel, Turn&, Participant& to, ByteView packet);
    void send_lossy(Turn&, Participant& to, const std::string& packet);
    void send_reliable(Turn&, Participant& to, const std::string& packet);
    void replay_data(Turn&, Participant& to);
    void replay_data(Turn&, Participant& to, const pb::SyncState&);

    // data_tracks.cc
    void publish_data_track(Participant&, const pb::SignalRequest&);
    void handle_unpublish_data_track(Participant&, const pb::SignalRequest&);
    void unpublish_data_track(Participant&, uint16_t handle);
    void handle_data_subscription(Participant&, const pb::UpdateDataSubscription&);
    void reconsider_data(Participant& subscriber, const Participant& publisher, DataTrack&);
    uint16_t free_data_handle(Participant&) const;
    pb::DataTrackSubscriberHandles data_handles(const Participant&) const;
    void tell_data_handles(Participant&);
    void forward_data_track(Turn&, Participant& publisher, ByteView packet);

    // updates.cc
    pb::ParticipantInfo info(const Participant&) const;
    bool is_crowded() const;
    void broadcast(const Participant& about, bool include_self);
    void announce(Participant& about, bool include_self = false);
    void send_announcements();
    const std::string& encoded(const Participant&) const;
    struct Headcount {
        uint32_t people = 0;
        uint32_t publishers = 0;
    };
    Headcount count_heads() const;
    void tell_departure_of(const std::string& identity);
    void tell_left(Instant now, pb::ParticipantInfo, pb::DisconnectReason);
    bool is_here(const std::string& identity);
    bool knows_departures_since(Instant) const;
    void tell_departures(Participant&, Instant since);
    void send_room_update();
    void tell(Participant&, pb::SignalResponse);
    void tell(Participant&, const livekit::SharedResponse&);
    void tell_all(pb::SignalResponse);
    void finish(Turn&);
    void send_frames(Turn&, Participant&);

    // relay.cc
    void greet(Instant now, const std::vector<PartId>& parts);
    void handle(Turn&, PartId from, const relay::Hello&);
    void handle(Turn&, PartId from, const relay::State&);
    void handle(Turn&, PartId from, const relay::Bye&);
    void handle(Turn&, PartId from, const relay::Person&);
    void handle(Turn&, PartId from, const relay::Gone&);
    void handle(Turn&, PartId from, const relay::Data&);
    void handle(Turn&, PartId from, const relay::Speakers&);
    void handle(Turn&, PartId from, const relay::Quality&);
    void handle_answered(Turn&, PartId from);
    // relay_media.cc
    void handle(Turn&, PartId from, const relay::Interest&);
    void handle(Turn&, PartId from, const relay::Keyframe&);
    void handle(Turn&, PartId from, const relay::Clock&);
    void handle(Turn&, PartId from, const relay::Media&);
    void relay_packet(Turn&, const Publisher&, const peer::Media&);
    relay::Media& media_for(Turn&, PartId);
    void relay_clocks();
    void count_legs(const PublishedTrack&);
    void update_audio_interest(sfu::TrackId);
    void forget_interest(PartId);
    peer::CachedPacket find_cached(Instant now, const sfu::PublishedPacket&) const;
    Mirror* find_mirror(sfu::TrackId);
    void admit_waiting(Turn&);
    void relay(const relay::Message&);
    relay::Person portrait(const Participant&) const;
    void update_tracks(Mirror&, const relay::Person&);
    void forget(Instant now, ParticipantKey, pb::DisconnectReason);
    void forget_part(Instant now, PartId);

    // quality.cc
    std::set<ParticipantKey> received_by(const Participant&) const;
    void send_speakers();
    const std::string* find_sid(ParticipantKey) const;
    const sfu::SpeakerDetector::Speaker* find_speaker(ParticipantKey) const;
    std::optional<pb::ConnectionQualityInfo> find_quality(ParticipantKey) const;
    void announce_speakers(std::span<const sfu::SpeakerDetector::Speaker> changed);
    void tell_speakers(std::span<const sfu::SpeakerDetector::Speaker> changed);
    QualityMeter::Sample quality_sample(const Participant&, Instant now);
    void send_qualities(const Turn&);
    void tell_qualities(Participant& to, const std::set<ParticipantKey>& about);
    void introduce(Participant& subscriber);
    void forget_speaker(Participant& subscriber, ParticipantKey publisher);

    // simulate.cc
    void simulate(Turn&, Participant&, const pb::SimulateScenario&);
    void simulate_speaker(Turn&, Participant&, int32_t seconds);
    void end_simulated_speech(Participant&);
    void vanish(Participant&, pb::DisconnectReason);
    ResumeFault take_resume_fault(const Turn&, Participant&);

    // timers.cc
    void handle_participant_timeout(Turn&, Participant&);
    void expect(Participant&, Instant at);
    void schedule(Instant now);

    Publisher* find_publisher(sfu::TrackId);
    PublishedTrack* find_track(sfu::TrackId);
    PublishedTrack* find_track(const std::string& sid);

    const std::string name_;
    const PartId part_;
    const Owner owner_;
    RoomOptions options_;
    std::optional<MeetingMedia> rules_;
    const Settings& settings_;
    const crypto::DtlsContext& dtls_;
    Routes& routes_;
    Outlet& outlet_;
    Rng& rng_;

    std::string sid_;
    int64_t created_at_ms_;
    std::map<ParticipantKey, std::unique_ptr<Participant>> participants_;
    std::unordered_map<std::string, ParticipantKey> keys_;  // of the participants, by identity
    std::map<ParticipantKey, Mirror> mirrors_;              // who is at other parts
    std::map<sfu::TrackId, ParticipantKey> publishers_;
    std::set<ParticipantKey> data_publishers_;
    sfu::Router router_;
    FanOut fan_out_;
    TransmitQueue sctp_out_{peer::Peer::kSctpPacketsMax, peer::Peer::kSctpBytesMax};  // of the peers
    sfu::SpeakerDetector speakers_;
    sfu::VoiceMeter voices_;
    uint64_t gated_packets_ = 0;
    DataHistory data_history_;
    ParticipantKey next_participant_;
    uint32_t next_track_;
    uint32_t next_subscription_ = 1;
    // Whose change has not been told yet, because so much happens at once, and tracks that are part of it.
    std::set<ParticipantKey> unannounced_;
    std::vector<sfu::TrackId> unoffered_;
    std::vector<pb::ParticipantInfo> untold_departures_;
    uint64_t announcements_ = 0;
    Headcount heads_;                             // at the last of them
    std::set<ParticipantKey> changed_elsewhere_;  // the quality of whom, since the last round
    std::set<ParticipantKey> dependents_;         // participants that do not count as people
    struct Departure {
        Instant at;
        pb::ParticipantInfo info;
    };
    std::deque<Departure> departures_;            // for those who resume
    std::optional<Instant> forgotten_departure_;  // the newest that is no longer among them
    bool is_room_changed_ = false;
    std::vector<ParticipantKey> told_;           // whose outboxes may have something, since the last finish()
    std::vector<ParticipantKey> offers_wanted_;  // whose OfferSchedules wait for schedule()

    // PerformRpc, by the call's id in the participants' protocol.
    struct PendingRpc {
        CommandId command = 0;
        ParticipantKey target = 0;
        Instant acknowledge_by;
        Instant answer_by;
        bool is_acknowledged = false;
        Instant due() const { return is_acknowledged ? answer_by : acknowledge_by; }
    };
    std::map<std::string, PendingRpc> rpcs_;

    bool was_entered_ = false;  // by anybody for whom the room is there
    Instant empty_since_;
    // Nothing we do needs a finer clock; a coarser one would delay NACKs and what is paced.
    static constexpr Duration kTick = Duration::millis(5);
    static constexpr size_t kTicksAhead = 128;
    TimerWheel timers_;  // of the participants
    Instant next_timeout_;
    Instant next_layers_;
    Instant next_allocation_;
    Instant next_speakers_;
    Instant next_announcements_;
    Instant next_voices_;
    Instant next_qualities_;
    Instant next_reports_;
    struct Gone {
        ParticipantKey key = 0;
        pb::DisconnectReason reason = pb::UNKNOWN_REASON;
    };
    std::set<PartId> parts_;    // the others
    std::set<PartId> awaited_;  // greeted, and not heard yet
    Instant awaited_until_ = Instant::never();
    std::vector<Join> waiting_;         // for them
    std::vector<ToPart> relays_;        // to be sent at the end of the call
    std::vector<std::string> vacated_;  // identities of ended or refused sessions
    std::vector<Gone> gone_;  // removed at the end of the call, when nobody works with them any more
};

}  // namespace conclave::conference
