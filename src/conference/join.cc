// Coming, coming back, and going.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/ids.h"
#include "livekit/responses.h"

namespace conclave::conference {
namespace {

// RFC 9110 15.6.4; livekit-client retries on it.
constexpr int kServiceUnavailable = 503;
constexpr int kInternalError = 500;
// Joins that come while a new part of a conference has not heard from the others: a millisecond's worth.
constexpr size_t kWaitingMax = 256;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;

// Of protocol 3 on: clients watch the connection on which they receive.
constexpr int kSubscriberPrimaryFrom = 3;

bool is_subscriber_primary(const Participant& participant) {
    return participant.subscriber && participant.client.protocol() >= kSubscriberPrimaryFrom &&
           livekit::may_subscribe(participant.claims.video);
}

bool fits(const Join& join, const livekit::TextLimits& texts) {
    const livekit::Claims& claims = join.claims;
    size_t attribute_bytes = 0;
    for (const auto& [name, value] : claims.attributes) attribute_bytes += name.size() + value.size();
    for (const auto& [name, value] : join.request.participant_attributes())
        attribute_bytes += name.size() + value.size();
    return claims.identity.size() <= texts.name && claims.name.size() <= texts.name &&
           join.room.size() <= texts.name && attribute_bytes <= texts.attributes &&
           std::max(claims.metadata.size(), join.request.metadata().size()) <= texts.metadata;
}

// Nobody to resume: the client then joins anew (full reconnect).
void send_back(Turn& turn, const Join& join) {
    livekit::Session session(turn.now, join.request.client_info());
    livekit::Outbox outbox;
    session.send(livekit::leave(pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT), outbox);
    turn.out.push_back({ToClient::Kind::Accepted, join.connection, {}, false, 0});
    for (auto& frame : outbox.take()) {
        turn.out.push_back(
            {ToClient::Kind::Frame, join.connection, std::move(frame.payload), frame.is_text, 0});
    }
    turn.out.push_back({ToClient::Kind::Close, join.connection, {}, false, 0});
}

}  // namespace

Conference::Conference(const Turn& turn, std::string name, PartId part, Owner owner, RoomOptions options,
                       const Settings& settings, const crypto::DtlsContext& dtls, Routes& routes,
                       Outlet& outlet, Rng& rng)
    : name_(std::move(name)),
      part_(part),
      owner_(owner),
      options_(std::move(options)),
      settings_(settings),
      dtls_(dtls),
      routes_(routes),
      outlet_(outlet),
      rng_(rng),
      sid_(livekit::room_id(rng)),
      created_at_ms_(turn.wall.unix_ms()),
      voices_(turn.wall),
      next_participant_(uint32_t{part} << kPartShift | 1),
      next_track_(uint32_t{part} << kPartShift | 1),
      empty_since_(turn.now),
      timers_(turn.now, kTick, kTicksAhead),
      next_timeout_(turn.now),
      next_layers_(turn.now),
      next_allocation_(turn.now),
      next_speakers_(turn.now),
      next_announcements_(turn.now),
      next_voices_(turn.now),
      next_qualities_(turn.now),
      next_reports_(turn.now) {}

Conference::~Conference() {
    for (const auto& [key, participant] : participants_) routes_.remove(this, key);
}

bool Conference::join(Turn& turn, Join join) {
    next_timeout_ = turn.now;
    if (!fits(join, settings_.texts)) {
        refuse(turn, join, kBadRequest, "name, metadata or attributes are too large");
        finish(turn);
        return false;
    }
    if (participants_.empty()) greet(turn.now, join.parts);
    if (awaited_.empty()) return admit(turn, std::move(join));
    if (waiting_.size() >= kWaitingMax) {
        refuse(turn, join, kServiceUnavailable, "the server is busy");
        finish(turn);
        return false;
    }
    waiting_.push_back(std::move(join));
    finish(turn);
    return true;
}

bool Conference::admit(Turn& turn, Join join) {
    Participant* before = find_identity(join.claims.identity);
    if (join.request.reconnect()) {
        if (before && before->can_restart()) {
            resume(turn, *before, std::move(join));
        } else {
            send_back(turn, join);
            vacated_.push_back(join.claims.identity);
        }
        finish(turn);
        return true;
    }
    if (before) {
        disconnect(turn, *before, pb::DUPLICATE_IDENTITY, pb::LeaveRequest::DISCONNECT);
        finish(turn);
    }
    tell_departure_of(join.claims.identity);
    if (is_full(join.claims)) {
        refuse(turn, join, kServiceUnavailable, "the room is full");
        finish(turn);
        return false;
    }
    auto peer = peer::Peer::create(turn.now, settings_.peer, dtls_, rng_, sctp_out_);
    auto subscriber = join.is_classic ? peer::Peer::create(turn.now, settings_.peer, dtls_, rng_, sctp_out_)
                                      : Result<std::unique_ptr<peer::Peer>>(nullptr);
    if (!peer || !subscriber) {
        refuse(turn, join, kInternalError, "cannot start a media session");
        finish(turn);
        return false;
    }

    const ConnectionId connection = join.connection;
    const pb::JoinRequest request = join.request;
    const ParticipantKey key = next_participant_++;
    auto owned = std::make_unique<Participant>(turn.now, key, std::move(join));
    Participant& participant = *owned;
    participant.peer = std::move(*peer);
    participant.subscriber = std::move(*subscriber);
    if (is_subscriber_primary(participant)) participant.primary = Target::Subscriber;
    participant.sid = livekit::participant_id(rng_);
    participant.joined_at_ms = turn.wall.unix_ms();
    participant.auto_subscribe = request.connection_settings().auto_subscribe();
    participant.subscribes_to_data = request.connection_settings().auto_subscribe_data_track();
    participant.has_adaptive_stream = request.connection_settings().adaptive_stream();
    participant.may_pause = request.connection_settings().subscriber_allow_pause();
    participant.measured_at = turn.now;
    participant.permission.set_all_participants(true);
    participant.rights = rights_of(participant.identity());
    participant.active_by = turn.now + settings_.join_timeout;
    if (!request.metadata().empty()) participant.claims.metadata = request.metadata();
    for (const auto& [name, value] : request.participant_attributes()) {
        if (!value.empty()) participant.claims.attributes[name] = value;
    }
    participants_[key] = std::move(owned);
    keys_[participant.identity()] = key;
    if (is_dependent(participant.claims)) dependents_.insert(key);
    expect(participant, turn.now);
    participant.for_each_peer([&](Target target, const peer::Peer&) { route_ufrag(participant, target); });

    turn.out.push_back({ToClient::Kind::Accepted, connection, {}, false, 0});
    welcome(turn, participant, request);
    finish(turn);
    return true;
}

// Nothing comes before the join response; what the request brought along is handled as if it had just come.
void Conference::welcome(Turn& turn, Participant& participant, const pb::JoinRequest& request) {
    told_.push_back(participant.key);
    participant.session.open(join_response(participant), participant.outbox);
    participant.state = pb::ParticipantInfo::JOINED;
    announce(participant);
    is_room_changed_ = true;
    handle_entered(participant);

    subscribe_to_all(participant);
    replay_data(turn, participant);
    if (participant.subscriber) send_offer(turn, participant);
    for (const pb::AddTrackRequest& track : request.add_track_requests()) {
        pb::SignalRequest add;
        *add.mutable_add_track() = track;
        add_track(turn, participant, add);
    }
    if (request.has_publisher_offer()) handle_offer(turn, participant, request.publisher_offer());
    send_refresh_token(turn, participant);
}

void Conference::refuse(Turn& turn, const Join& join, int status, std::string text) {
    turn.out.push_back({ToClient::Kind::Refused, join.connection, std::move(text), false, status});
    vacated_.push_back(join.claims.identity);
}

// Who was removed before it was let in.
bool Conference::refuse_waiting(Turn& turn, const std::string& identity) {
    const auto refused = std::erase_if(waiting_, [&](const Join& join) {
        if (join.claims.identity != identity) return false;
        refuse(turn, join, kForbidden, "removed");
        return true;
    });
    return refused > 0;
}

void Conference::resume(Turn& turn, Participant& participant, Join join) {
    // The old socket, if it is still there, just goes: the client has given it up.
    if (participant.connection) {
        turn.out.push_back({ToClient::Kind::Close, *participant.connection, {}, false, 0});
    }
    const ResumeFault fault = take_resume_fault(turn, participant);
    if (fault == ResumeFault::BeforeMessages) {
        participant.connection.reset();
        turn.out.push_back({ToClient::Kind::Accepted, join.connection, {}, false, 0});
        turn.out.push_back({ToClient::Kind::Close, join.connection, {}, false, 0});
        return;
    }
    // What it was sent just before it fell silent may have been lost, too.
    const Instant unheard_since =
        participant.session.last_heard() - Duration::seconds(livekit::kPingIntervalSeconds);
    participant.connection = join.connection;
    participant.session = livekit::Session(turn.now, participant.client);
    (void)participant.outbox.take();
    // A failed peer has as long as a new one to come back by ICE restart.
    participant.removed_at =
        participant.has_failed() ? turn.now + settings_.peer.ice.connect_timeout : Instant::never();
    expect(participant, turn.now);
    turn.out.push_back({ToClient::Kind::Accepted, join.connection, {}, false, 0});

    if (!knows_departures_since(unheard_since))
        return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    pb::ReconnectResponse reconnect;
    *reconnect.mutable_client_configuration() = livekit::client_configuration(participant.client);
    participant.ice_servers = std::move(join.ice_servers);
    for (const pb::ICEServer& server : participant.ice_servers) *reconnect.add_ice_servers() = server;
    reconnect.set_last_message_seq(participant.last_reliable_sequence);
    tell(participant, livekit::reconnect_response(std::move(reconnect), settings_.region, settings_.node_id));
    tell_departures(participant, unheard_since);
    participant.newly_received = received_by(participant);
    participant.newly_received.insert(participant.key);
    std::vector<pb::ParticipantInfo> everyone;
    for (const auto& [key, other] : participants_) {
        if (other->is_hidden() && key != participant.key) continue;
        everyone.push_back(info(*other));
    }
    for (const auto& [key, mirror] : mirrors_) {
        if (!mirror.is_hidden) everyone.push_back(mirror.info);
    }
    for (pb::SignalResponse& update : livekit::participant_updates(std::move(everyone))) {
        tell(participant, std::move(update));
    }
    pb::SignalResponse update;
    *update.mutable_room_update()->mutable_room() = room();
    tell(participant, std::move(update));
    send_refresh_token(turn, participant);
    for (const auto& [id, track] : participant.tracks) router_.repeat_quality(id);
    // What changed while nobody listened is negotiated again.
    participant.is_requirement_sent = false;
    if (participant.subscriber) {
        restart_subscriber(turn, participant);
    } else {
        request_sections(participant);
    }
    if (fault != ResumeFault::AfterMessages) return;
    finish(turn);
    participant.connection.reset();
    turn.out.push_back({ToClient::Kind::Close, join.connection, {}, false, 0});
}

SharedBytes Conference::join_response(const Participant& participant) const {
    pb::JoinResponse join;
    *join.mutable_room() = room();
    *join.mutable_participant() = info(participant);
    for (pb::Codec& codec : livekit::enabled_publish_codecs(participant.client, codec_support())) {
        *join.add_enabled_publish_codecs() = std::move(codec);
    }
    for (const pb::ICEServer& server : participant.ice_servers) *join.add_ice_servers() = server;
    join.set_subscriber_primary(participant.primary == Target::Subscriber);
    *join.mutable_client_configuration() = livekit::client_configuration(participant.client);
    join.set_fast_publish(participant.may_publish());
    std::vector<const std::string*> others;
    others.reserve(participants_.size() + mirrors_.size());
    for (const auto& [key, other] : participants_) {
        if (key != participant.key && !other->is_hidden()) others.push_back(&encoded(*other));
    }
    for (const auto& [key, mirror] : mirrors_) {
        if (!mirror.is_hidden) others.push_back(&mirror.encoded);
    }
    return livekit::encode_join(livekit::join_response(std::move(join), settings_.region, settings_.node_id),
                                others);
}

void Conference::send_refresh_token(Turn& turn, Participant& participant) {
    participant.next_token = turn.now + settings_.token_interval;
    if (participant.signing_secret.empty()) return;
    const Duration left = participant.claims.expires - turn.wall;
    std::string token =
        livekit::mint_token(participant.claims, participant.claims.issuer, participant.signing_secret,
                            turn.wall, std::max(left, settings_.token_lifetime));
    if (token.empty()) return;
    pb::SignalResponse response;
    response.set_refresh_token(std::move(token));
    tell(participant, std::move(response));
}

Participant* Conference::find_identity(const std::string& identity) {
    const auto it = keys_.find(identity);
    return it == keys_.end() ? nullptr : participants_.at(it->second).get();
}

ParticipantKey Conference::find(ConnectionId connection) const {
    // Mostly of somebody who has just come.
    const auto it = std::find_if(participants_.rbegin(), participants_.rend(),
                                 [&](const auto& entry) { return entry.second->connection == connection; });
    return it == participants_.rend() ? 0 : it->first;
}

void Conference::route_ufrag(const Participant& participant, Target target) {
    const peer::Peer& peer = participant.peer_of(target);
    const Route route{this, participant.key, target};
    routes_.keep_ufrags(route, [&](const std::string& ufrag) { return peer.has_local_ufrag(ufrag); });
    routes_.add_ufrag(peer.local_ufrag(), route);
}

void Conference::handle_connected(Participant& participant, Target target) {
    if (!participant.has_failed()) participant.removed_at = Instant::never();
    for (const auto& [track, subscription] : participant.subscriptions)
        resume_routing(participant, subscription);
    if (target == participant.primary) become_active(participant);
}

void Conference::become_active(Participant& participant) {
    participant.active_by = Instant::never();
    if (participant.state == pb::ParticipantInfo::ACTIVE) return;
    participant.state = pb::ParticipantInfo::ACTIVE;
    participant.was_active = true;
    emit("participant_joined", info(participant));
    announce(participant);
}

void Conference::handle_closed(Turn& turn, ParticipantKey key, ConnectionId connection) {
    const auto it = participants_.find(key);
    if (it == participants_.end() || it->second->connection != connection) return;
    Participant& participant = *it->second;
    participant.connection.reset();
    (void)participant.outbox.take();
    expect(participant, turn.now);
    // Media goes on without signalling; without media there is nothing to resume.
    participant.offers.abandon();
    if (!participant.primary_peer().is_connected()) end(participant, pb::SIGNAL_CLOSE);
    finish(turn);
}

void Conference::disconnect(Turn& turn, Participant& participant, pb::DisconnectReason reason,
                            pb::LeaveRequest::Action action) {
    tell(participant, livekit::leave(reason, action));
    participant.for_each_peer([&](Target, peer::Peer& peer) { peer.close(turn.tx); });
    end(participant, reason);
}

void Conference::end(Participant& participant, pb::DisconnectReason reason) {
    if (participant.state == pb::ParticipantInfo::DISCONNECTED) return;
    participant.state = pb::ParticipantInfo::DISCONNECTED;
    gone_.push_back({participant.key, reason});
}

void Conference::remove(Turn& turn, ParticipantKey key, pb::DisconnectReason reason) {
    report(voices_.remove(key));
    auto node = participants_.extract(key);
    if (node.empty()) return;
    Participant& participant = *node.mapped();
    keys_.erase(participant.identity());
    dependents_.erase(key);
    timers_.forget(key);
    routes_.remove(this, key);
    speakers_.remove(key);
    for (const auto& [track, subscription] : participant.subscriptions) router_.unsubscribe(subscription.id);
    while (!participant.tracks.empty()) unpublish(participant, participant.tracks.begin()->first);
    while (!participant.data_tracks.empty())
        unpublish_data_track(participant, participant.data_tracks.begin()->first);
    for (auto& [other_key, other] : participants_) {
        for (auto& [handle, track] : other->data_tracks) track.subscribers.erase(key);
    }

    for (livekit::Frame& frame : participant.outbox.take()) {
        if (!participant.connection) break;
        turn.out.push_back(
            {ToClient::Kind::Frame, *participant.connection, std::move(frame.payload), frame.is_text, 0});
    }
    if (participant.connection) {
        turn.out.push_back({ToClient::Kind::Close, *participant.connection, {}, false, 0});
    }
    if (!participant.is_hidden()) tell_left(turn.now, info(participant), reason);
    relay(relay::Gone{key, reason});
    vacated_.push_back(participant.identity());
    is_room_changed_ = true;
    handle_left(turn, participant, farewell(participant, reason));
}

void Conference::close(Turn& turn, pb::DisconnectReason reason, pb::LeaveRequest::Action action) {
    for (auto& [key, participant] : participants_) disconnect(turn, *participant, reason, action);
    finish(turn);
}

// The end of every call: who left is removed, what was said goes out.
void Conference::finish(Turn& turn) {
    while (!gone_.empty()) {
        const Gone gone = gone_.back();
        gone_.pop_back();
        remove(turn, gone.key, gone.reason);
    }
    for (ToPart& message : relays_) turn.relays.push_back(std::move(message));
    relays_.clear();
    // A session that was replaced by another of the same person leaves no vacancy.
    for (std::string& identity : std::exchange(vacated_, {})) {
        if (!find_identity(identity)) turn.vacancies.push_back({name_, std::move(identity)});
    }
    schedule_offers(turn.now);
    // More may be told meanwhile, to those who come later in the list or at its end.
    for (size_t i = 0; i < told_.size(); ++i) {
        const auto it = participants_.find(told_[i]);
        if (it != participants_.end()) send_frames(turn, *it->second);
    }
    told_.clear();
}

void Conference::send_frames(Turn& turn, Participant& participant) {
    introduce(participant);
    std::vector<livekit::Frame> frames = participant.outbox.take();
    if (!participant.connection) return;
    for (livekit::Frame& frame : frames) {
        turn.out.push_back(
            {ToClient::Kind::Frame, *participant.connection, std::move(frame.payload), frame.is_text, 0});
    }
    if (participant.outbox.overflowed())
        turn.out.push_back({ToClient::Kind::Close, *participant.connection, {}, false, 0});
}

void Conference::add_to(Totals& totals) const {
    totals.participants += participants_.size();
    totals.gated_packets += gated_packets_;
    for (const auto& [key, participant] : participants_) {
        totals.published_tracks += participant->tracks.size();
        totals.subscriptions += participant->subscriptions.size();
        participant->for_each_peer([&](Target, const peer::Peer& peer) { totals.peers += peer.counters(); });
    }
}

}  // namespace conclave::conference
