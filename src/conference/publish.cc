// Tracks that participants publish: announced by signalling, bound to m-sections, told to the others.
#include <algorithm>

#include "conference/participant.h"
#include "livekit/ids.h"

namespace conclave::conference {
namespace {

std::string mime_of(peer::Codec codec) {
    switch (codec) {
        case peer::Codec::Opus:
            return "audio/opus";
        case peer::Codec::Red:
            return "audio/red";
        case peer::Codec::Vp8:
            return "video/VP8";
        case peer::Codec::H264:
            return "video/H264";
        case peer::Codec::Vp9:
            return "video/VP9";
        case peer::Codec::Av1:
            return "video/AV1";
    }
    return {};
}

bool is_h264(const std::string& name) {
    return name == "h264" || name == "H264" || name == "video/h264" || name == "video/H264";
}

peer::Codec preferred_codec(const pb::TrackInfo& info) {
    if (info.type() == pb::AUDIO) return peer::Codec::Opus;
    const bool h264 = info.codecs_size() > 0 && is_h264(info.codecs(0).mime_type());
    return h264 ? peer::Codec::H264 : peer::Codec::Vp8;
}

bool is_red_wanted(const pb::TrackInfo& info) {
    // Redundancy repeats frames outside of what a frame cryptor knows.
    return !info.disable_red() && info.encryption() == pb::Encryption::NONE;
}

void add_feature(pb::TrackInfo& info, pb::AudioTrackFeature feature) {
    for (const int present : info.audio_features()) {
        if (present == feature) return;
    }
    info.add_audio_features(feature);
}

std::string stream_of(const pb::AddTrackRequest& request) {
    if (!request.stream().empty()) return request.stream();
    const pb::TrackSource source = request.source();
    if (source == pb::CAMERA || source == pb::MICROPHONE) return "camera";
    if (source == pb::SCREEN_SHARE || source == pb::SCREEN_SHARE_AUDIO) return "screen";
    return "unknown";
}

// One entry per distinct codec asked for; what we cannot forward becomes VP8, which everybody has.
void add_codecs(const pb::AddTrackRequest& request, pb::TrackInfo& info) {
    if (request.simulcast_codecs_size() == 0) {
        pb::SimulcastCodecInfo& only = *info.add_codecs();
        only.set_cid(request.cid());
        *only.mutable_layers() = request.layers();
        return;
    }
    // One encoding is forwarded: the backup codec is never asked for.
    const pb::SimulcastCodec& wanted = request.simulcast_codecs(0);
    pb::SimulcastCodecInfo& codec = *info.add_codecs();
    const bool is_audio = request.type() == pb::AUDIO;
    codec.set_mime_type(is_audio ? "audio/opus" : is_h264(wanted.codec()) ? "video/H264" : "video/VP8");
    codec.set_cid(wanted.cid());
    *codec.mutable_layers() = wanted.layers_size() > 0 ? wanted.layers() : request.layers();
    codec.set_video_layer_mode(pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

pb::TrackInfo normalised(const pb::AddTrackRequest& request, const std::string& sid, WallTime wall) {
    pb::TrackInfo info;
    info.set_sid(sid);
    info.set_type(request.type());
    info.set_name(request.name());
    info.set_muted(request.muted());
    info.set_width(request.width());
    info.set_height(request.height());
    info.set_source(request.source());
    *info.mutable_layers() = request.layers();
    info.set_disable_red(request.disable_red());
    info.set_encryption(request.encryption());
    info.set_stream(stream_of(request));
    info.set_backup_codec_policy(request.backup_codec_policy());
    *info.mutable_audio_features() = request.audio_features();
    if (request.stereo()) add_feature(info, pb::TF_STEREO);
    if (request.disable_dtx()) add_feature(info, pb::TF_NO_DTX);
    add_codecs(request, info);
    info.set_mime_type(info.codecs(0).mime_type());
    info.mutable_version()->set_unix_micro(wall.us);
    return info;
}

}  // namespace

void Conference::add_track(Turn& turn, Participant& participant, const pb::SignalRequest& request) {
    const pb::AddTrackRequest& add = request.add_track();
    if (!livekit::may_publish(participant.claims.video, add.source())) {
        return respond(participant, 0, pb::RequestResponse::NOT_ALLOWED,
                       "no permission to publish this source", request);
    }
    if (add.type() != pb::AUDIO && add.type() != pb::VIDEO) {
        return respond(participant, 0, pb::RequestResponse::UNSUPPORTED_TYPE, "neither audio nor video",
                       request);
    }
    if (participant.tracks.size() >= settings_.tracks_per_participant_max ||
        add.cid().size() > livekit::kNameMax || add.name().size() > livekit::kNameMax) {
        return respond(participant, 0, pb::RequestResponse::LIMIT_EXCEEDED,
                       "too many tracks, or a name too long", request);
    }
    PublishedTrack track;
    track.id = next_track_++;
    track.publisher = participant.key;
    track.cid = add.cid();
    track.info = normalised(add, livekit::track_id(rng_, add.type(), add.source()), turn.wall);
    PublishedTrack& stored = participant.tracks[track.id] = std::move(track);

    pb::SignalResponse response;
    response.mutable_track_published()->set_cid(add.cid());
    *response.mutable_track_published()->mutable_track() = stored.info;
    tell(participant, std::move(response));
    claim_section(participant, stored);
}

// The offer came before its AddTrackRequest.
void Conference::claim_section(Participant& participant, PublishedTrack& track) {
    const auto& all = participant.unclaimed;
    auto it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.cid == track.cid; });
    // Some browsers give the sender's track another name in SDP: then the first of its kind.
    if (it == all.end()) {
        const auto kind = track.info.type() == pb::AUDIO ? wire::MediaKind::Audio : wire::MediaKind::Video;
        it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.kind == kind; });
    }
    if (it == all.end()) return;
    const UnclaimedSection unclaimed = *it;
    participant.unclaimed.erase(it);
    const peer::Section* section = participant.peer->negotiation().section(unclaimed.mid);
    if (!section || !section->offered_track) return;
    // The peer knows its packets by the number given when the section was accepted.
    PublishedTrack claimed = std::move(track);
    participant.tracks.erase(claimed.id);
    claimed.id = unclaimed.id;
    PublishedTrack& stored = participant.tracks[claimed.id] = std::move(claimed);
    bind(participant, stored, stored.id, *section);
    publish(participant, stored);
}

// After an offer: which of its sections carries which announced track.
void Conference::bind_published_tracks(Participant& participant) {
    if (!livekit::may_publish(participant.claims.video)) return;
    drop_ended_tracks(participant);
    for (const peer::Section& section : participant.peer->negotiation().sections()) {
        if (!section.offered_track || section.accepted) continue;
        const auto kind = section.kind == wire::MediaKind::Audio ? pb::AUDIO : pb::VIDEO;
        const std::string& cid = section.offered_track->track_id;
        PublishedTrack* match = nullptr;
        for (auto& [id, track] : participant.tracks) {
            if (track.is_visible() || track.info.type() != kind) continue;
            if (track.cid == cid) match = &track;
            // Some browsers give the sender's track another name in SDP: then the first of its kind.
            if (!match) match = &track;
            if (track.cid == cid) break;
        }
        if (match) {
            bind(participant, *match, match->id, section);
            publish(participant, *match);
        } else if (participant.unclaimed.size() < settings_.tracks_per_participant_max) {
            const UnclaimedSection unclaimed{next_track_++, section.mid, cid, section.kind};
            participant.peer->accept(section.mid, unclaimed.id, {});
            participant.unclaimed.push_back(unclaimed);
        }
    }
}

void Conference::bind(Participant& participant, PublishedTrack& track, sfu::TrackId ingress,
                      const peer::Section& section) {
    const std::string mid = section.mid;
    const peer::Codec wanted = preferred_codec(track.info);
    const bool is_available = section.find(wanted) != nullptr;
    const peer::ReceiveOptions options{
        is_available || section.codecs.empty() ? wanted : section.codecs[0].codec, is_red_wanted(track.info)};
    const bool sends_red = section.find(peer::Codec::Red) && options.red;
    participant.peer->accept(mid, ingress, options);
    track.mid = mid;
    track.info.set_mid(mid);
    const std::string mime = mime_of(sends_red ? peer::Codec::Red : options.preferred);
    track.info.set_mime_type(mime);
    track.info.mutable_codecs(0)->set_mime_type(mime);
    track.info.mutable_codecs(0)->set_mid(mid);
}

void Conference::route(const PublishedTrack& track) {
    publishers_[track.id] = track.publisher;
    router_.add_track(track.id, track_config(track.info));
}

void Conference::publish(Participant& participant, PublishedTrack& track) {
    route(track);
    router_.set_muted(track.id, track.info.muted());
    broadcast(participant, false);
    is_room_changed_ = true;
    offer_to_all(track);
}

void Conference::offer_to_all(const PublishedTrack& track) {
    for (auto& [key, other] : participants_) {
        if (key != track.publisher && other->auto_subscribe) (void)subscribe(*other, track);
    }
    for (auto& [key, other] : participants_) {
        if (key != track.publisher) request_sections(*other);
    }
}

// Sections that stopped sending, or now send another track.
void Conference::drop_ended_tracks(Participant& participant) {
    const peer::Negotiation& negotiation = participant.peer->negotiation();
    const auto has_ended = [&](const std::string& mid) {
        const peer::Section* section = negotiation.section(mid);
        return !section || !section->offered_track;
    };
    std::vector<sfu::TrackId> ended;
    for (const auto& [id, track] : participant.tracks) {
        if (track.is_visible() && has_ended(track.mid)) ended.push_back(id);
    }
    for (const sfu::TrackId id : ended) unpublish(participant, id);
    std::erase_if(participant.unclaimed, [&](const UnclaimedSection& unclaimed) {
        if (!has_ended(unclaimed.mid)) return false;
        participant.peer->remove_ingress(unclaimed.id);
        return true;
    });
}

void Conference::unpublish(Participant& participant, sfu::TrackId id) {
    const auto it = participant.tracks.find(id);
    if (it == participant.tracks.end()) return;
    const bool was_visible = it->second.is_visible();
    participant.peer->remove_ingress(id);
    withdraw(it->second);
    participant.tracks.erase(it);
    is_room_changed_ = true;
    if (was_visible && participant.state != pb::ParticipantInfo::DISCONNECTED) broadcast(participant, false);
}

// Nobody receives the track any more.
void Conference::withdraw(const PublishedTrack& track) {
    for (auto& [key, other] : participants_) {
        other->wishes.erase(track.info.sid());
        if (!other->subscriptions.contains(track.id)) continue;
        unsubscribe(*other, track.id);
        request_sections(*other);
    }
    router_.remove_track(track.id);
    publishers_.erase(track.id);
}

Publisher* Conference::find_publisher(sfu::TrackId track) {
    const auto key = publishers_.find(track);
    if (key == publishers_.end()) return nullptr;
    const auto publisher = participants_.find(key->second);
    if (publisher != participants_.end()) return publisher->second.get();
    const auto mirror = mirrors_.find(key->second);
    return mirror == mirrors_.end() ? nullptr : &mirror->second;
}

PublishedTrack* Conference::find_track(sfu::TrackId id) {
    Publisher* publisher = find_publisher(id);
    if (!publisher) return nullptr;
    const auto track = publisher->tracks.find(id);
    return track == publisher->tracks.end() ? nullptr : &track->second;
}

PublishedTrack* Conference::find_track(const std::string& sid) {
    for (auto& [key, participant] : participants_) {
        for (auto& [id, track] : participant->tracks) {
            if (track.info.sid() == sid) return &track;
        }
    }
    for (auto& [key, mirror] : mirrors_) {
        for (auto& [id, track] : mirror.tracks) {
            if (track.info.sid() == sid) return &track;
        }
    }
    return nullptr;
}

}  // namespace conclave::conference
