// Data tracks: published and subscribed to by signalling, forwarded from `_data_track` to `_data_track`.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/ids.h"

namespace conclave::conference {
namespace {

using Reason = pb::RequestResponse;

constexpr std::string_view kChannel = "_data_track";
// A subscriber may lag behind by this much, and always by a frame of some size.
constexpr Duration kLatency = Duration::millis(100);
constexpr size_t kBacklogFloor = 64 * 1024;

constexpr uint32_t kHandleMax = UINT16_MAX;
constexpr size_t kTracksMax = 32;      // of one participant
constexpr size_t kWishesMax = 1024;    // of one participant
constexpr uint32_t kFramesMax = 1000;  // a second; more is the same as all

bool has_valid_names(const pb::PublishDataTrackRequest& request) {
    return !request.name().empty() && request.name().size() <= livekit::kNameMax &&
           request.frame_encoding().custom().size() <= livekit::kNameMax &&
           request.schema().name().size() <= livekit::kNameMax &&
           request.schema().encoding().custom().size() <= livekit::kNameMax;
}

std::optional<Reason::Reason> refusal(const Participant& participant,
                                      const pb::PublishDataTrackRequest& request) {
    if (!livekit::may_publish_data(participant.claims.video)) return Reason::NOT_ALLOWED;
    if (request.pub_handle() == 0 || request.pub_handle() > kHandleMax) return Reason::INVALID_HANDLE;
    if (!has_valid_names(request)) return Reason::INVALID_NAME;
    for (const auto& [handle, track] : participant.data_tracks) {
        if (handle == request.pub_handle()) return Reason::DUPLICATE_HANDLE;
        if (track.info.name() == request.name()) return Reason::DUPLICATE_NAME;
    }
    if (participant.data_tracks.size() >= kTracksMax) return Reason::LIMIT_EXCEEDED;
    return std::nullopt;
}

}  // namespace

void Conference::publish_data_track(Participant& participant, const pb::SignalRequest& message) {
    const pb::PublishDataTrackRequest& request = message.publish_data_track_request();
    if (const auto reason = refusal(participant, request)) {
        return respond(participant, 0, *reason, "cannot publish this data track", message);
    }
    data_publishers_.insert(participant.key);
    DataTrack& track = participant.data_tracks[static_cast<uint16_t>(request.pub_handle())];
    track.info.set_pub_handle(request.pub_handle());
    track.info.set_sid(livekit::data_track_id(rng_));
    track.info.set_name(request.name());
    track.info.set_encryption(request.encryption());
    if (request.has_frame_encoding()) *track.info.mutable_frame_encoding() = request.frame_encoding();
    if (request.has_schema()) *track.info.mutable_schema() = request.schema();

    pb::SignalResponse response;
    *response.mutable_publish_data_track_response()->mutable_info() = track.info;
    tell(participant, std::move(response));
    broadcast(participant, false);
    for (auto& [key, other] : participants_) reconsider_data(*other, participant, track);
}

void Conference::handle_unpublish_data_track(Participant& participant, const pb::SignalRequest& message) {
    const uint32_t handle = message.unpublish_data_track_request().pub_handle();
    const bool is_valid = handle > 0 && handle <= kHandleMax;
    if (!is_valid || !participant.data_tracks.contains(static_cast<uint16_t>(handle))) {
        return respond(participant, 0, is_valid ? Reason::NOT_FOUND : Reason::INVALID_HANDLE,
                       "no such data track", message);
    }
    unpublish_data_track(participant, static_cast<uint16_t>(handle));
}

void Conference::unpublish_data_track(Participant& participant, uint16_t handle) {
    const auto node = participant.data_tracks.extract(handle);
    if (participant.data_tracks.empty()) data_publishers_.erase(participant.key);
    const DataTrack& track = node.mapped();
    pb::SignalResponse response;
    *response.mutable_unpublish_data_track_response()->mutable_info() = track.info;
    tell(participant, std::move(response));
    if (participant.state != pb::ParticipantInfo::DISCONNECTED) broadcast(participant, false);
    for (auto& [key, other] : participants_) {
        other->data_wishes.erase(track.info.sid());
        if (track.subscribers.contains(key)) tell_data_handles(*other);
    }
}

void Conference::handle_data_subscription(Participant& participant,
                                          const pb::UpdateDataSubscription& update) {
    for (const pb::UpdateDataSubscription::Update& wish : update.updates()) {
        const bool is_known = participant.data_wishes.contains(wish.track_sid());
        if (!is_known && participant.data_wishes.size() >= kWishesMax) continue;
        if (wish.track_sid().size() > livekit::kNameMax) continue;
        const uint32_t fps = std::min(wish.options().target_fps(), kFramesMax);
        participant.data_wishes[wish.track_sid()] = {wish.subscribe(), fps};
    }
    for (auto& [key, publisher] : participants_) {
        for (auto& [handle, track] : publisher->data_tracks) reconsider_data(participant, *publisher, track);
    }
    // Asked for something, a client waits to be told what it has.
    if (update.updates_size() > 0) tell_data_handles(participant);
}

// Whether `subscriber` gets the track follows from its wish and its rights.
void Conference::reconsider_data(Participant& subscriber, const Participant& publisher, DataTrack& track) {
    if (subscriber.key == publisher.key || publisher.is_hidden()) return;
    const auto wish = subscriber.data_wishes.find(track.info.sid());
    const bool is_wished = wish != subscriber.data_wishes.end();
    const bool gets_it = (is_wished ? wish->second.subscribes : subscriber.subscribes_to_data) &&
                         livekit::may_subscribe(subscriber.claims.video) &&
                         is_permitted(publisher, track.info.sid(), subscriber);
    const uint32_t fps = is_wished ? wish->second.target_fps : 0;
    const auto it = track.subscribers.find(subscriber.key);
    if (gets_it && it != track.subscribers.end()) return it->second.set_target_fps(fps);
    if (gets_it == (it != track.subscribers.end())) return;
    if (gets_it) {
        track.subscribers.emplace(subscriber.key, DataSubscription(free_data_handle(subscriber), fps));
    } else {
        track.subscribers.erase(it);
    }
    tell_data_handles(subscriber);
}

// Handles are used again as late as possible: packets of the track before may still be on their way.
uint16_t Conference::free_data_handle(Participant& subscriber) const {
    const pb::DataTrackSubscriberHandles used = data_handles(subscriber);
    do {
        ++subscriber.last_data_handle;
    } while (subscriber.last_data_handle == 0 || used.sub_handles().contains(subscriber.last_data_handle));
    return subscriber.last_data_handle;
}

pb::DataTrackSubscriberHandles Conference::data_handles(const Participant& subscriber) const {
    pb::DataTrackSubscriberHandles handles;
    for (const auto& [key, publisher] : participants_) {
        for (const auto& [handle, track] : publisher->data_tracks) {
            const auto it = track.subscribers.find(subscriber.key);
            if (it == track.subscribers.end()) continue;
            auto& entry = (*handles.mutable_sub_handles())[it->second.handle()];
            entry.set_publisher_identity(publisher->identity());
            entry.set_publisher_sid(publisher->sid);
            entry.set_track_sid(track.info.sid());
        }
    }
    return handles;
}

void Conference::tell_data_handles(Participant& subscriber) {
    pb::SignalResponse response;
    *response.mutable_data_track_subscriber_handles() = data_handles(subscriber);
    tell(subscriber, std::move(response));
}

// The packet goes on as it came, but for the handle.
void Conference::forward_data_track(Turn& turn, Participant& publisher, ByteView packet) {
    const auto header = livekit::parse_data_track_header(packet);
    if (!header) return;
    const auto track = publisher.data_tracks.find(header->handle);
    if (track == publisher.data_tracks.end()) return;
    std::vector<uint8_t> copy(packet.begin(), packet.end());
    for (auto& [key, subscription] : track->second.subscribers) {
        const auto it = participants_.find(key);
        if (it == participants_.end()) continue;
        Participant& subscriber = *it->second;
        const size_t unsent = subscriber.sending_peer().unsent_data(kChannel);
        const size_t allowance =
            subscriber.data_track_meter.allowance(turn.now, unsent, kLatency, kBacklogFloor);
        if (!subscription.takes(*header, unsent <= allowance) || unsent > DrainMeter::kAllowanceMax) continue;
        livekit::set_data_track_handle(copy, subscription.handle());
        if (send_on(kChannel, turn, subscriber, copy))
            subscriber.data_track_meter.handle_accepted(copy.size());
    }
}

}  // namespace conclave::conference
