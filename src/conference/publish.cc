// Tracks that participants publish: announced by signalling, bound to m-sections, told to the others.
#include <algorithm>

#include "conference/participant.h"
#include "conference/track_info.h"
#include "livekit/ids.h"

namespace conclave::conference {
namespace {

peer::Codec preferred_codec(const pb::TrackInfo& info) {
    if (info.type() == pb::AUDIO) return peer::Codec::Opus;
    return video_codec(info.codecs(0).mime_type()).value_or(peer::Codec::Vp8);
}

bool is_red_wanted(const pb::TrackInfo& info) {
    // Redundancy repeats frames outside of what a frame cryptor knows.
    return !info.disable_red() && info.encryption() == pb::Encryption::NONE;
}

// Of one cid; clients replace a device once or twice before they notice.
constexpr int64_t kQueuedSameMax = 3;

bool is_pending(const Participant& participant, const std::string& cid) {
    return std::any_of(participant.tracks.begin(), participant.tracks.end(), [&](const auto& entry) {
        return !entry.second.is_visible() && entry.second.cid == cid;
    });
}

}  // namespace

bool has_valid_names(const pb::AddTrackRequest& request) {
    for (const pb::SimulcastCodec& codec : request.simulcast_codecs()) {
        if (codec.cid().size() > livekit::kNameMax) return false;
    }
    return request.cid().size() <= livekit::kNameMax && request.name().size() <= livekit::kNameMax &&
           request.stream().size() <= livekit::kNameMax;
}

void Conference::add_track(Turn& turn, Participant& participant, const pb::SignalRequest& request) {
    const pb::AddTrackRequest& add = request.add_track();
    if (!participant.may_publish(add.source())) {
        return respond(participant, 0, pb::RequestResponse::NOT_ALLOWED,
                       "no permission to publish this source", request);
    }
    if (add.type() != pb::AUDIO && add.type() != pb::VIDEO) {
        return respond(participant, 0, pb::RequestResponse::UNSUPPORTED_TYPE, "neither audio nor video",
                       request);
    }
    if (!add.sid().empty()) return add_backup(participant, request);
    if (is_pending(participant, add.cid())) return enqueue_track(participant, request);
    if (participant.tracks.size() >= settings_.tracks_per_participant_max || !has_valid_names(add)) {
        return respond(participant, 0, pb::RequestResponse::LIMIT_EXCEEDED,
                       "too many tracks, or a name too long", request);
    }
    PublishedTrack track;
    track.id = next_track_++;
    track.publisher = participant.key;
    track.cid = add.cid();
    track.info = track_info(add, livekit::track_id(rng_, add.type(), add.source()), turn.wall,
                            livekit::enabled_publish_codecs(participant.client, codec_support()));
    PublishedTrack& stored = participant.tracks[track.id] = std::move(track);
    confirm_track(participant, add.cid(), stored.info);
    claim_section(participant, stored);
}

void Conference::confirm_track(Participant& participant, const std::string& cid, const pb::TrackInfo& info) {
    pb::SignalResponse response;
    response.mutable_track_published()->set_cid(cid);
    *response.mutable_track_published()->mutable_track() = info;
    tell(participant, std::move(response));
}

// A client that replaces a track before it was negotiated announces the next under the same name: it has its
// turn when the first one is there.
void Conference::enqueue_track(Participant& participant, const pb::SignalRequest& request) {
    auto& queue = participant.queued_tracks;
    const auto same = std::count_if(queue.begin(), queue.end(), [&](const pb::AddTrackRequest& queued) {
        return queued.cid() == request.add_track().cid();
    });
    const bool fits = same < kQueuedSameMax && queue.size() < settings_.tracks_per_participant_max;
    if (fits) queue.push_back(request.add_track());
    respond(participant, 0, fits ? pb::RequestResponse::QUEUED : pb::RequestResponse::LIMIT_EXCEEDED,
            "a track of this name is pending", request);
}

void Conference::add_queued_tracks(Turn& turn, Participant& participant) {
    auto& queue = participant.queued_tracks;
    for (;;) {
        const auto next = std::find_if(queue.begin(), queue.end(), [&](const pb::AddTrackRequest& queued) {
            return !is_pending(participant, queued.cid());
        });
        if (next == queue.end()) return;
        pb::SignalRequest request;
        *request.mutable_add_track() = std::move(*next);
        queue.erase(next);
        add_track(turn, participant, request);
    }
}

// The offer came before its AddTrackRequest.
void Conference::claim_section(Participant& participant, PublishedTrack& track) {
    const auto& all = participant.unclaimed;
    // Of its kind: a microphone that is announced as a camera is none.
    const auto kind = track.kind();
    auto it = std::find_if(all.begin(), all.end(),
                           [&](const auto& one) { return one.cid == track.cid && one.kind == kind; });
    // Some browsers give the sender's track another name in SDP: then the first of its kind.
    if (it == all.end())
        it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.kind == kind; });
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
    if (!participant.may_publish()) return;
    drop_ended_tracks(participant);
    for (const peer::Section& section : participant.peer->negotiation().sections()) {
        if (!section.offered_track || section.accepted || bind_backup(participant, section, true)) continue;
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
        } else if (bind_backup(participant, section, false)) {
            continue;
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
        is_available || section.codecs.empty() ? wanted : section.codecs[0].codec, is_red_wanted(track.info),
        !participant.quirks.orders_codecs};
    const bool sends_red = section.find(peer::Codec::Red) && options.red;
    participant.peer->accept(mid, ingress, options);
    track.mid = mid;
    track.info.set_mid(mid);
    const std::string mime = mime_of(sends_red ? peer::Codec::Red : options.preferred);
    track.info.set_mime_type(mime);
    pb::SimulcastCodecInfo& codec = *track.info.mutable_codecs(0);
    codec.set_mime_type(mime);
    codec.set_mid(mid);
    // Streams by rid are layers of their own, and without VP9 or AV1 there are no others.
    const bool is_svc = options.preferred == peer::Codec::Vp9 || options.preferred == peer::Codec::Av1;
    if (track.info.type() == pb::VIDEO && (!is_svc || section.offered_track->rids.size() > 1))
        codec.set_video_layer_mode(pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

void Conference::route(PublishedTrack& track) {
    publishers_[track.id] = track.publisher;
    router_.add_track(track.id, track_config(track.info));
    route_backup(track);
    set_gate(track, find_publisher(track.id)->rights);
}

void Conference::route_backup(PublishedTrack& track) {
    if (!participants_.contains(track.publisher) || !backup_codec(track.info)) return;
    sfu::TrackConfig config = track_config(track.info, 1);
    config.is_svc = false;
    config.is_on_demand = true;
    track.backup.emplace().id = next_track_++;
    publishers_[track.backup->id] = track.publisher;
    router_.add_track(track.backup->id, config);
}

void Conference::set_muted(PublishedTrack& track, bool muted) {
    track.info.set_muted(muted);
    router_.set_muted(track.id, muted);
    if (track.backup) router_.set_muted(track.backup->id, muted);
}

void Conference::publish(Participant& participant, PublishedTrack& track) {
    route(track);
    set_muted(track, track.info.muted());
    announce(participant);
    emit("track_published", participant, track.info);
    is_room_changed_ = true;
    if (unannounced_.contains(participant.key)) {
        unoffered_.push_back(track.id);
    } else {
        offer_to_all({&track});
    }
}

void Conference::offer_to_all(const std::vector<const PublishedTrack*>& tracks) {
    for (auto& [key, other] : participants_) {
        bool is_concerned = false;
        for (const PublishedTrack* track : tracks) {
            if (key == track->publisher) continue;
            is_concerned = true;
            if (other->unresolved.erase(track->info.sid()) > 0) other->wishes[track->info.sid()] = true;
            if (wants(*other, *track)) (void)subscribe(*other, *track);
        }
        if (is_concerned) request_sections(*other);
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
    for (auto& [id, track] : participant.tracks) {
        if (track.is_visible() && has_ended(track.mid)) {
            ended.push_back(id);
        } else if (track.backup && !track.backup->mid.empty() && has_ended(track.backup->mid)) {
            drop_backup(participant, track);
        }
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
    if (was_visible) emit("track_unpublished", participant, it->second.info);
    participant.peer->remove_ingress(id);
    if (it->second.backup) participant.peer->remove_ingress(it->second.backup->id);
    withdraw(it->second);
    participant.tracks.erase(it);
    is_room_changed_ = true;
    if (was_visible && participant.state != pb::ParticipantInfo::DISCONNECTED) announce(participant);
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
    if (!track.backup) return;
    router_.remove_track(track.backup->id);
    publishers_.erase(track.backup->id);
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
    if (track != publisher->tracks.end()) return &track->second;
    for (auto& [primary, other] : publisher->tracks) {
        if (other.backup && other.backup->id == id) return &other;
    }
    return nullptr;
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
