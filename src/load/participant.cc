#include "load/participant.h"

#include <algorithm>

#include "base/base64.h"
#include "livekit/responses.h"
#include "net/clock.h"

namespace conclave::load {
namespace {

// What livekit-client and the Rust SDK offer to receive at first.
constexpr size_t kFirstReceivers = 3;
constexpr Duration kJoinMax = Duration::seconds(20);
// RFC 7675 5.1: consent is gone.
constexpr Duration kSilenceMax = Duration::seconds(30);

// As Go's strict decoder wants it.
std::string base64url_padded(ByteView bytes) {
    std::string text = base64url_encode(bytes);
    const size_t padding = (4 - text.size() % 4) % 4;
    for (size_t i = 0; i < padding; ++i) text += "%3D";
    return text;
}

std::optional<pb::VideoQuality> draw_quality(const QualityShares& shares, Rng& rng) {
    const double draw = static_cast<double>(rng.u32()) / 4294967296.0;
    if (draw < shares.low) return pb::LOW;
    if (draw < shares.low + shares.medium) return pb::MEDIUM;
    if (draw < shares.low + shares.medium + shares.high) return pb::HIGH;
    return std::nullopt;
}

bool uses_data(const Scenario& scenario) {
    return std::any_of(scenario.groups.begin(), scenario.groups.end(), [](const Group& g) { return g.data; });
}

uint64_t janus_feed(uint32_t number) {
    return uint64_t{number} + 1;
}

// Those who publish, in the one room there is: Worker::seat_participants().
std::vector<uint64_t> janus_feeds(const Scenario& scenario, uint32_t own) {
    std::vector<uint64_t> feeds;
    uint32_t number = 0;
    for (const Group& group : scenario.groups) {
        for (uint32_t i = 0; i < group.count; ++i, ++number) {
            if ((group.audio || group.video) && number != own) feeds.push_back(janus_feed(number));
        }
    }
    return feeds;
}

size_t tracks_wanted(const Scenario& scenario, const Group& own) {
    if (!own.subscribe) return 0;
    size_t audios = 0;
    size_t videos = 0;
    for (const Group& group : scenario.groups) {
        const size_t others = group.count - (&group == &own ? 1 : 0);
        audios += group.audio ? others : 0;
        videos += group.video ? others : 0;
    }
    if (own.tracks_max == 0) return audios + videos;
    return std::min<size_t>(audios, own.tracks_max) + std::min<size_t>(videos, own.tracks_max);
}

}  // namespace

Participant::Participant(ThreadState& thread, uint32_t number, const Group& group)
    : thread_(thread),
      number_(number),
      group_(group),
      publisher_(thread, number, group),
      receiver_(thread, group.reports, thread.rng),
      quality_(draw_quality(group.quality, thread.rng)) {}

int Participant::fd(size_t transport) const {
    const auto& found = transports_[transport];
    return found && found->is_open() && state_ != State::Gone ? found->fd() : -1;
}

void Participant::start(Instant now) {
    state_ = State::Joining;
    started_ = now;
    give_up_ = now + kJoinMax;
    for (OfferedTrack& track : publisher_.tracks()) layout_.add_track(std::move(track));
    open_transports();
    if (state_ == State::Gone) return;
    if (!run().target.two_connections && group_.subscribe)
        layout_.add_receivers(kFirstReceivers, kFirstReceivers);
    if (uses_data(run().scenario) || (layout_.empty() && !run().target.two_connections)) layout_.add_data();
    if (is_janus()) begin_janus();
    connect_signalling();
}

void Participant::open_transports() {
    const size_t count = run().target.two_connections ? 2 : 1;
    for (size_t i = 0; i < count; ++i) {
        if (is_janus() && !(i == 0 ? !layout_.empty() : group_.subscribe)) continue;
        // In the second connection the server offers.
        transports_[i].emplace(static_cast<uint16_t>(i), i == 0, thread_.identity, thread_.rng);
        if (const auto opened = transports_[i]->open(run().target.address); !opened)
            return fail(opened.error().what);
        if (uses_data(run().scenario)) transports_[i]->use_data(i == 0);
        receiving_ = &*transports_[i];
    }
}

void Participant::begin_janus() {
    JanusSession::Config config{run().target.janus_room, janus_feed(number_), "", {}};
    if (transports_[0]) config.offer = layout_.offer(transports_[0]->local());
    if (group_.subscribe) config.feeds = janus_feeds(run().scenario, number_);
    janus_.emplace(std::move(config));
}

void Participant::flush_janus() {
    for (std::string& request : janus_->take_requests()) {
        if (socket_) socket_->send(std::move(request));
    }
}

void Participant::connect_signalling() {
    const Target& target = run().target;
    net::WebSocketTarget to;
    to.address = target.address;
    to.host = target.host;
    to.origin = target.origin;
    to.is_tls = target.is_tls;
    net::WebSocketClientCallbacks callbacks;
    callbacks.on_message = [this](ByteView bytes, bool) { handle_frame(bytes); };
    callbacks.on_closed = [this](const std::string& why) { handle_closed(why); };
    if (is_janus()) {
        to.path = target.prefix + "/";
        to.subprotocol = "janus-protocol";
        callbacks.on_open = [this] { flush_janus(); };
    } else {
        to.path = join_path();
        to.bearer = run().tokens[number_];
    }
    socket_ = thread_.connector.connect(std::move(to), std::move(callbacks));
}

std::string Participant::join_path() {
    const bool auto_subscribe = group_.subscribe && group_.tracks_max == 0;
    if (run().target.two_connections) {
        return run().target.prefix + "/rtc?protocol=" + std::to_string(livekit::kProtocolVersion) +
               "&sdk=cpp&version=1.0&auto_subscribe=" + (auto_subscribe ? "1" : "0");
    }
    pb::JoinRequest join;
    join.mutable_client_info()->set_sdk(pb::ClientInfo::CPP);
    join.mutable_client_info()->set_protocol(livekit::kProtocolVersion);
    join.mutable_client_info()->set_version("1.0");
    join.mutable_connection_settings()->set_auto_subscribe(auto_subscribe);
    for (const pb::AddTrackRequest& track : publisher_.announcements())
        *join.add_add_track_requests() = track;
    pb::SessionDescription& offer = *join.mutable_publisher_offer();
    offer.set_type("offer");
    offer.set_sdp(layout_.offer(transports_[0]->local()));
    offer.set_id(++offers_);
    pb::WrappedJoinRequest wrapped;
    wrapped.set_join_request(join.SerializeAsString());
    return run().target.prefix +
           "/rtc/v1?join_request=" + base64url_padded(as_bytes(wrapped.SerializeAsString()));
}

void Participant::send(const pb::SignalRequest& request) {
    if (socket_) socket_->send(request.SerializeAsString());
}

void Participant::send_offer() {
    pb::SignalRequest request;
    request.mutable_offer()->set_type("offer");
    request.mutable_offer()->set_sdp(layout_.offer(transports_[0]->local()));
    request.mutable_offer()->set_id(++offers_);
    send(request);
}

void Participant::handle_frame(ByteView bytes) {
    if (state_ != State::Joining && state_ != State::Joined) return;
    const Instant now = net::monotonic_now();
    is_janus() ? handle_janus(now, bytes) : handle_livekit(now, bytes);
    for (auto& transport : transports_) {
        if (transport) transport->flush(thread_.tx);
    }
    thread_.tx.clear();
    thread_.touched.push_back(number_);
}

void Participant::handle_janus(Instant now, ByteView bytes) {
    const auto event = janus_->handle_message(now, as_text(bytes));
    if (const auto* answer = event ? std::get_if<JanusSession::Answer>(&*event) : nullptr) {
        handle_answer(now, answer->sdp);
    } else if (const auto* offer = event ? std::get_if<JanusSession::Offer>(&*event) : nullptr) {
        if (const auto accepted = answer_offer(now, offer->sdp)) janus_->accept(*accepted);
    } else if (const auto* failed = event ? std::get_if<JanusSession::Failed>(&*event) : nullptr) {
        fail(failed->why);
    }
    flush_janus();
}

void Participant::handle_livekit(Instant now, ByteView bytes) {
    pb::SignalResponse response;
    if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail("a signalling message does not parse");
    handle_response(now, response);
}

void Participant::handle_response(Instant now, const pb::SignalResponse& response) {
    if (response.has_join()) handle_join(now, response.join());
    if (response.has_answer()) handle_answer(now, response.answer().sdp());
    if (response.has_offer()) handle_offer(now, response.offer());
    if (response.has_trickle()) handle_trickle(response.trickle());
    for (const pb::ParticipantInfo& info : response.update().participants()) handle_participant(info);
    if (response.has_media_sections_requirement()) {
        const auto& more = response.media_sections_requirement();
        layout_.add_receivers(more.num_audios(), more.num_videos());
        send_offer();
    }
    if (response.has_subscribed_quality_update())
        publisher_.handle_wanted(now, response.subscribed_quality_update());
    if (response.has_leave()) fail("told to leave: " + pb::DisconnectReason_Name(response.leave().reason()));
}

void Participant::handle_join(Instant now, const pb::JoinResponse& join) {
    sid_ = join.participant().sid();
    ping_interval_ = Duration::seconds(std::max(join.ping_interval(), 1));
    next_ping_ = now + ping_interval_;
    for (const pb::ParticipantInfo& info : join.other_participants()) handle_participant(info);
    if (!run().target.two_connections || layout_.empty()) return;
    for (const pb::AddTrackRequest& track : publisher_.announcements()) {
        pb::SignalRequest request;
        *request.mutable_add_track() = track;
        send(request);
    }
    send_offer();
}

void Participant::handle_answer(Instant now, const std::string& sdp) {
    const auto remote = read_description(sdp);
    if (!remote) return fail(remote.error().what);
    if (!transports_[0]) return fail("an answer to no offer");
    if (const auto set = transports_[0]->set_remote(now, *remote, thread_.tx); !set)
        return fail(set.error().what);
    publisher_.handle_answer(*remote);
    if (transports_[0]->is_connected()) publisher_.start(now);
    if (!run().target.two_connections) take_tracks(now, remote->sent);
}

void Participant::handle_offer(Instant now, const pb::SessionDescription& offer) {
    if (!run().target.two_connections) return;
    const auto answer = answer_offer(now, offer.sdp());
    if (!answer) return;
    pb::SignalRequest request;
    request.mutable_answer()->set_type("answer");
    request.mutable_answer()->set_sdp(*answer);
    request.mutable_answer()->set_id(offer.id());
    send(request);
}

// In the second connection; nothing when it failed.
std::optional<std::string> Participant::answer_offer(Instant now, const std::string& sdp) {
    const auto remote = read_description(sdp);
    if (!remote || !transports_[1]) {
        fail(remote ? "an offer that was not asked for" : remote.error().what);
        return std::nullopt;
    }
    if (const auto set = transports_[1]->set_remote(now, *remote, thread_.tx); !set) {
        fail(set.error().what);
        return std::nullopt;
    }
    take_tracks(now, remote->sent);
    return answer_to(*remote, transports_[1]->local());
}

void Participant::handle_trickle(const pb::TrickleRequest& trickle) {
    const auto init = livekit::parse_candidate_init(trickle.candidateinit());
    const auto candidate = init ? wire::parse_candidate(init->candidate) : std::nullopt;
    if (!candidate) return;
    const bool is_second = run().target.two_connections && trickle.target() == pb::SUBSCRIBER;
    transports_[is_second ? 1 : 0]->add_candidate(*candidate);
}

// With a limit the tracks are asked for one by one, the first ones first.
void Participant::handle_participant(const pb::ParticipantInfo& info) {
    if (group_.tracks_max == 0 || info.sid() == sid_) return;
    pb::SignalRequest request;
    for (const pb::TrackInfo& track : info.tracks()) {
        size_t& asked = track.type() == pb::VIDEO ? asked_videos_ : asked_audios_;
        if (asked == group_.tracks_max || !asked_tracks_.insert(track.sid()).second) continue;
        ++asked;
        request.mutable_subscription()->add_track_sids(track.sid());
    }
    if (!request.has_subscription()) return;
    request.mutable_subscription()->set_subscribe(true);
    send(request);
}

void Participant::take_tracks(Instant now, const std::vector<RemoteTrack>& tracks) {
    for (const RemoteTrack* track : receiver_.add_tracks(now, tracks)) {
        if (track->is_video && quality_) ask_for_quality(*track);
    }
}

void Participant::ask_for_quality(const RemoteTrack& track) {
    pb::SignalRequest request;
    request.mutable_track_setting()->add_track_sids(track.track_sid);
    request.mutable_track_setting()->set_quality(*quality_);
    send(request);
}

void Participant::handle_readable(Instant now, size_t index) {
    Transport& transport = *transports_[index];
    do {
        for (const Datagram& datagram : thread_.reader.read(transport.fd(), thread_.clock_offset)) {
            const auto what = transport.handle_datagram(now, datagram, thread_.tx);
            handle_arrived(now, datagram.arrived, what, transport);
            if (thread_.tx.nearly_full()) {
                transport.flush(thread_.tx);
                thread_.tx.clear();
            }
            if (state_ == State::Gone) return;
        }
    } while (!thread_.reader.is_drained());
    for (const std::string& message : transport.take_messages()) receiver_.handle_message(now, message);
    transport.flush(thread_.tx);
    thread_.tx.clear();
}

void Participant::handle_arrived(Instant now, Instant arrived, const Transport::Arrived& what,
                                 Transport& transport) {
    switch (what.kind) {
        case Transport::Arrived::Kind::Nothing:
            return;
        case Transport::Arrived::Kind::Connected:
            if (publishes_on(transport)) publisher_.start(now);
            // With two connections the receiving one is the primary (JoinResponse.subscriber_primary).
            if (receives_on(transport) && state_ == State::Joining) {
                state_ = State::Joined;
                outcome_.has_joined = true;
                outcome_.join = now - started_;
            }
            return;
        case Transport::Arrived::Kind::Failed:
            return fail("DTLS failed");
        case Transport::Arrived::Kind::Rtp:
            if (!receiver_.has_media()) outcome_.first_media = arrived - started_;
            return receiver_.handle_rtp(now, arrived, what.plain);
        case Transport::Arrived::Kind::Rtcp:
            if (receives_on(transport)) receiver_.handle_rtcp(now, what.plain);
            if (publishes_on(transport)) publisher_.handle_rtcp(what.plain, transport);
            return;
    }
}

void Participant::handle_timeout(Instant now) {
    if (state_ == State::Joining && now >= give_up_) return fail("no media connection within 20 s");
    if (state_ == State::New || state_ == State::Gone) return;
    if (janus_) {
        janus_->handle_timeout(now);
        flush_janus();
    }
    if (now >= next_ping_) {
        next_ping_ = now + ping_interval_;
        pb::SignalRequest request;
        request.mutable_ping_req()->set_timestamp(net::wall_now().unix_ms());
        send(request);
    }
    for (auto& transport : transports_) {
        if (!transport) continue;
        handle_arrived(now, now, transport->handle_timeout(now, thread_.tx), *transport);
        if (state_ == State::Gone) return;
        if (&transport == &transports_[0] && transport->is_connected())
            publisher_.handle_timeout(now, *transport);
        if (receives_on(*transport) && transport->is_connected()) receiver_.handle_timeout(now, *transport);
        transport->flush(thread_.tx);
    }
    thread_.tx.clear();
    if (state_ == State::Joined && now - receiving_->last_answer() > kSilenceMax)
        fail("the server does not answer checks any more");
}

Instant Participant::next_timeout() const {
    if (state_ == State::New || state_ == State::Gone) return Instant::never();
    Instant next = next_ping_;
    if (janus_) next = soonest(next, janus_->next_timeout());
    if (state_ == State::Joining) next = soonest(next, give_up_);
    for (const auto& transport : transports_) {
        if (transport) next = soonest(next, transport->next_timeout());
    }
    if (transports_[0] && transports_[0]->is_connected()) next = soonest(next, publisher_.next_timeout());
    if (receiving_ && receiving_->is_connected()) next = soonest(next, receiver_.next_timeout());
    return next;
}

void Participant::leave(Instant) {
    if (state_ == State::New || state_ == State::Gone || state_ == State::Leaving) return;
    state_ = State::Leaving;
    if (janus_) {
        janus_->leave();
        flush_janus();
    } else {
        pb::SignalRequest request;
        request.mutable_leave()->set_reason(pb::CLIENT_INITIATED);
        send(request);
    }
    end_media();
    if (socket_) socket_->close();
}

void Participant::end_media() {
    publisher_.stop();
    for (auto& transport : transports_) {
        if (!transport) continue;
        transport->close(thread_.tx);
        transport->flush(thread_.tx);
    }
    thread_.tx.clear();
}

void Participant::fail(const std::string& why) {
    if (state_ == State::Leaving || state_ == State::Gone) return;
    outcome_.failure = (outcome_.has_joined ? "lost: " : "") + why;
    end_media();
    state_ = State::Gone;
    if (socket_) socket_->close();
}

void Participant::handle_closed(const std::string& why) {
    if (state_ == State::Leaving) state_ = State::Gone;
    fail("signalling: " + why);
    thread_.touched.push_back(number_);
}

Outcome Participant::finish() {
    outcome_.is_late = group_.late;
    outcome_.tracks_wanted = tracks_wanted(run().scenario, group_);
    outcome_.tracks = receiver_.tracks() - receiver_.silent_tracks();
    outcome_.verdict = receiver_.finish(run());
    for (const auto& transport : transports_) {
        if (!transport) continue;
        outcome_.auth_failures += transport->auth_failures();
        outcome_.replays += transport->replays();
        outcome_.send_dropped += transport->send_dropped();
    }
    return outcome_;
}

}  // namespace conclave::load
