// Who receives whose tracks.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

constexpr Duration kUnresolvedLifetime = Duration::seconds(60);
constexpr size_t kUnresolvedMax = 256;

}  // namespace

bool Conference::is_permitted(const Publisher& publisher, const std::string& track_sid,
                              const Participant& subscriber) const {
    // What is recorded is not for the publisher to choose piece by piece.
    if (subscriber.is_recorder()) return true;
    const pb::SubscriptionPermission& permission = publisher.permission;
    if (permission.all_participants()) return true;
    for (const pb::TrackPermission& entry : permission.track_permissions()) {
        const bool is_meant = entry.participant_identity().empty()
                                  ? entry.participant_sid() == subscriber.sid
                                  : entry.participant_identity() == subscriber.identity();
        if (!is_meant) continue;
        if (entry.all_tracks()) return true;
        const auto& sids = entry.track_sids();
        if (std::find(sids.begin(), sids.end(), track_sid) != sids.end()) return true;
    }
    return false;
}

bool Conference::may_subscribe(const Participant& subscriber, const PublishedTrack& track) {
    if (track.publisher == subscriber.key || !track.is_visible()) return false;
    if (!livekit::may_subscribe(subscriber.claims.video)) return false;
    const Publisher* publisher = find_publisher(track.id);
    return publisher && is_permitted(*publisher, track.info.sid(), subscriber);
}

bool Conference::subscribe(Participant& subscriber, const PublishedTrack& track) {
    if (subscriber.subscriptions.contains(track.id) || !may_subscribe(subscriber, track)) return false;
    const auto wish = subscriber.wishes.find(track.info.sid());
    if (wish != subscriber.wishes.end() && !wish->second) return false;
    if (subscriber.subscriptions.size() >= settings_.subscriptions_per_participant_max) return false;
    Subscription subscription;
    subscription.id = next_subscription_++;
    subscription.track = track.id;
    router_.subscribe(subscription.id, track.id, subscriber.key, rng_);
    if (track.info.type() == pb::VIDEO) router_.set_wish(subscription.id, first_wish(subscriber));
    if (!received_by(subscriber).contains(track.publisher)) {
        subscriber.newly_received.insert(track.publisher);
        told_.push_back(subscriber.key);
    }
    resume_routing(subscriber, subscription);
    subscriber.subscriptions[track.id] = subscription;
    update_audio_interest(track.id);
    return true;
}

void Conference::subscribe_to_all(Participant& subscriber) {
    for (const ParticipantKey key : data_publishers_) {
        Participant& publisher = *participants_.at(key);
        for (auto& [handle, track] : publisher.data_tracks) reconsider_data(subscriber, publisher, track);
    }
    if (!subscriber.auto_subscribe) return;
    for (const auto& [id, key] : publishers_) {
        const PublishedTrack* track = find_track(id);
        if (track && track->id == id) (void)subscribe(subscriber, *track);
    }
}

// A key frame sent to nobody would be missed: routing starts when a section carries the track and the client
// is connected.
void Conference::resume_routing(const Participant& subscriber, const Subscription& subscription) {
    const peer::Peer& peer = subscriber.sending_peer();
    const peer::Section* section = peer.negotiation().section(subscription.mid);
    const bool can_flow = section && section->client_receives && peer.is_connected();
    choose_codec(subscriber, subscription);
    router_.set_paused(subscription.id, subscription.is_paused || !can_flow);
    if (can_flow) note_subscribed(subscriber, subscription.track);
}

void Conference::unsubscribe(Participant& subscriber, sfu::TrackId track) {
    const auto it = subscriber.subscriptions.find(track);
    if (it == subscriber.subscriptions.end()) return;
    router_.unsubscribe(it->second.id);
    if (!it->second.mid.empty()) subscriber.sending_peer().detach(it->second.id);
    subscriber.subscriptions.erase(it);
    update_audio_interest(track);
    const auto publisher = publishers_.find(track);
    if (publisher == publishers_.end() || received_by(subscriber).contains(publisher->second)) return;
    forget_speaker(subscriber, publisher->second);
}

void Conference::handle_subscription(Participant& participant, const pb::UpdateSubscription& update,
                                     Instant now) {
    std::vector<std::string> sids(update.track_sids().begin(), update.track_sids().end());
    for (const pb::ParticipantTracks& tracks : update.participant_tracks()) {
        sids.insert(sids.end(), tracks.track_sids().begin(), tracks.track_sids().end());
    }
    for (const std::string& sid : sids) {
        const PublishedTrack* track = find_track(sid);
        if (!track && update.subscribe()) await_track(participant, sid, now);
        if (!track && !update.subscribe()) participant.unresolved.erase(sid);
        if (!track) continue;
        participant.wishes[sid] = update.subscribe();
        if (update.subscribe()) {
            (void)subscribe(participant, *track);
        } else {
            unsubscribe(participant, track->id);
        }
    }
    if (!sids.empty()) request_sections(participant);
}

// A client may hear of a track from another before we do.
void Conference::await_track(Participant& participant, const std::string& sid, Instant now) {
    const bool is_known = participant.unresolved.contains(sid);
    if (sid.size() > livekit::kNameMax || (!is_known && participant.unresolved.size() >= kUnresolvedMax))
        return refuse_subscription(participant, sid, pb::SE_TRACK_NOTFOUND);
    participant.unresolved.emplace(sid, now + kUnresolvedLifetime);
}

void Conference::give_up_awaited(Participant& participant, Instant now) {
    std::erase_if(participant.unresolved, [&](const auto& entry) {
        if (now < entry.second) return false;
        refuse_subscription(participant, entry.first, pb::SE_TRACK_NOTFOUND);
        return true;
    });
}

void Conference::refuse_subscription(Participant& participant, const std::string& sid,
                                     pb::SubscriptionError error) {
    pb::SignalResponse response;
    response.mutable_subscription_response()->set_track_sid(sid);
    response.mutable_subscription_response()->set_err(error);
    tell(participant, std::move(response));
}

bool Conference::wants(const Participant& subscriber, const PublishedTrack& track) const {
    const auto wish = subscriber.wishes.find(track.info.sid());
    return wish != subscriber.wishes.end() ? wish->second : subscriber.auto_subscribe;
}

// Some publishers hold back what they recorded before until somebody listens.
void Conference::note_subscribed(const Participant& subscriber, sfu::TrackId id) {
    PublishedTrack* track = find_track(id);
    if (!track || track->is_subscription_told || subscriber.is_hidden()) return;
    const auto publisher = participants_.find(track->publisher);
    if (publisher == participants_.end()) return;
    track->is_subscription_told = true;
    pb::SignalResponse response;
    response.mutable_track_subscribed()->set_track_sid(track->info.sid());
    tell(*publisher->second, std::move(response));
}

// The publisher decides who may receive it: those cut off lose the track at once.
void Conference::handle_permission(Participant& participant, const pb::SubscriptionPermission& permission) {
    participant.permission = permission;
    for (auto& [key, other] : participants_) {
        if (key == participant.key) continue;
        for (const auto& [id, track] : participant.tracks) reconsider(*other, track);
        for (auto& [handle, track] : participant.data_tracks) reconsider_data(*other, participant, track);
        request_sections(*other);
    }
    if (!parts_.empty()) relay(portrait(participant));
}

void Conference::reconsider(Participant& subscriber, const PublishedTrack& track) {
    const bool is_subscribed = subscriber.subscriptions.contains(track.id);
    const bool may = may_subscribe(subscriber, track);
    if (is_subscribed == may) return;
    if (!may) {
        unsubscribe(subscriber, track.id);
    } else {
        if (!wants(subscriber, track) || !subscribe(subscriber, track)) return;
    }
    pb::SignalResponse response;
    pb::SubscriptionPermissionUpdate& update = *response.mutable_subscription_permission_update();
    update.set_participant_sid(find_publisher(track.id)->sid);
    update.set_track_sid(track.info.sid());
    update.set_allowed(may);
    tell(subscriber, std::move(response));
}

}  // namespace conclave::conference
