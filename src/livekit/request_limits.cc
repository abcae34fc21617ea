#include "livekit/request_limits.h"

namespace conclave::livekit {
namespace {

template <class Entries>
size_t count(const Entries& entries) {
    return static_cast<size_t>(entries.size());
}

size_t entries_of(const pb::UpdateSubscription& update) {
    size_t entries = count(update.track_sids()) + count(update.participant_tracks());
    for (const pb::ParticipantTracks& tracks : update.participant_tracks())
        entries += count(tracks.track_sids());
    return entries;
}

size_t entries_of(const pb::SubscriptionPermission& permission) {
    size_t entries = count(permission.track_permissions());
    for (const pb::TrackPermission& entry : permission.track_permissions())
        entries += count(entry.track_sids());
    return entries;
}

size_t entries_of(const pb::SyncState& state) {
    return entries_of(state.subscription()) + count(state.publish_tracks()) + count(state.data_channels()) +
           count(state.track_sids_disabled()) + count(state.datachannel_receive_states()) +
           count(state.publish_data_tracks()) + count(state.data_subscription().updates()) +
           count(state.offer().mid_to_track_id()) + count(state.answer().mid_to_track_id());
}

template <class Layers>
bool are_layers_within_limits(const Layers& layers) {
    if (layers.size() > kLayersMax) return false;
    for (const pb::VideoLayer& layer : layers) {
        if (layer.rid().size() > kNameMax) return false;
    }
    return true;
}

}  // namespace

// What a request is not is empty in it.
size_t entries_of(const pb::SignalRequest& request) {
    return entries_of(request.subscription()) + count(request.track_setting().track_sids()) +
           entries_of(request.subscription_permission()) + entries_of(request.sync_state()) +
           count(request.update_data_subscription().updates()) +
           count(request.update_metadata().attributes()) + count(request.offer().mid_to_track_id()) +
           count(request.answer().mid_to_track_id());
}

bool is_within_limits(const pb::AddTrackRequest& add) {
    for (const std::string* text : {&add.cid(), &add.name(), &add.sid(), &add.stream()}) {
        if (text->size() > kNameMax) return false;
    }
    if (!are_layers_within_limits(add.layers()) || add.simulcast_codecs_size() > kLayersMax ||
        add.audio_features_size() > kLayersMax || add.packet_trailer_features_size() > kLayersMax) {
        return false;
    }
    for (const pb::SimulcastCodec& codec : add.simulcast_codecs()) {
        if (codec.codec().size() > kNameMax || codec.cid().size() > kNameMax ||
            !are_layers_within_limits(codec.layers())) {
            return false;
        }
    }
    return true;
}

bool is_within_limits(const pb::SignalRequest& request) {
    return entries_of(request) <= kEntriesMax && is_within_limits(request.add_track()) &&
           are_layers_within_limits(request.update_layers().layers()) &&
           request.update_audio_track().features_size() <= kLayersMax;
}

}  // namespace conclave::livekit
