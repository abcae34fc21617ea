// The single peer connection (LiveKit /rtc/v1): the client offers, we answer; when we need a round we ask for
// it.
#include <algorithm>

#include "conference/participant.h"
#include "conference/track_info.h"

namespace conclave::conference {
namespace {

using Codecs = StaticVector<peer::Codec, peer::kCodecsMax>;

// The formats in which a track may reach a subscriber: redundant audio also as its primary encoding.
Codecs codecs_of(const PublishedTrack& track) {
    Codecs codecs;
    codecs.push_back(track.info.type() == pb::AUDIO
                         ? peer::Codec::Opus
                         : video_codec(track.info.mime_type()).value_or(peer::Codec::Vp8));
    if (track.backup) codecs.push_back(*backup_codec(track.info));
    return codecs;
}

// Browsers play in sync what belongs to one stream; a client that finds the track by the section alone can be
// told that the camera and the microphone are one. In sections that we offered livekit-client believes the
// track's id instead, which a browser keeps from the first track of a section that is used again.
bool groups_streams(const Participant& subscriber) {
    const pb::ClientInfo& client = subscriber.client;
    return !subscriber.subscriber && client.sdk() == pb::ClientInfo::JS && client.protocol() > 9 &&
           !livekit::is_firefox(client) && !livekit::is_safari(client);
}

std::string stream_id(const Publisher& publisher, const PublishedTrack& track,
                      const Participant& subscriber) {
    const bool grouped = groups_streams(subscriber) && !track.info.stream().empty();
    return publisher.sid + "|" + (grouped ? track.info.stream() : track.info.sid());
}

uint32_t random_ssrc(Rng& rng) {
    const uint32_t ssrc = rng.u32();
    return ssrc == 0 ? 1 : ssrc;
}

bool plays_any(const peer::Section& section, const Codecs& codecs) {
    return std::any_of(codecs.begin(), codecs.end(), [&](peer::Codec codec) { return section.find(codec); });
}

// What a client can play it says in the sections where it receives; before it has any, nothing is known.
bool plays_none(const peer::Negotiation& negotiation, wire::MediaKind kind, const Codecs& codecs) {
    bool is_known = false;
    for (const peer::Section& section : negotiation.sections()) {
        if (section.kind != kind || !section.client_receives) continue;
        is_known = true;
        if (plays_any(section, codecs)) return false;
    }
    return is_known;
}

// Where we offer we offer everything, and its answer says it.
bool has_declined(const peer::Negotiation& negotiation, const Subscription& subscription,
                  const Codecs& codecs) {
    const peer::Section* section = negotiation.section(subscription.mid);
    return section && section->shown_track == subscription.id && !plays_any(*section, codecs);
}

peer::AudioFormat audio_format(const Participant& participant) {
    peer::AudioFormat format;
    for (const auto& [id, track] : participant.tracks) {
        for (const int feature : track.info.audio_features()) {
            format.stereo = format.stereo || feature == pb::TF_STEREO;
            format.dtx = format.dtx && feature != pb::TF_NO_DTX;
        }
    }
    return format;
}

}  // namespace

void Conference::handle_offer(Turn& turn, Participant& participant, const pb::SessionDescription& offer) {
    const std::string ufrag = participant.peer->local_ufrag();
    const auto status = participant.peer->set_offer(turn.now, offer.sdp());
    if (!status) return disconnect(turn, participant, pb::STATE_MISMATCH, pb::LeaveRequest::RECONNECT);
    if (participant.peer->local_ufrag() != ufrag) route_ufrag(participant, Target::Publisher);
    participant.is_requirement_sent = false;
    bind_published_tracks(participant);
    add_queued_tracks(turn, participant);
    if (!participant.subscriber) {
        drop_unplayable(participant);
        attach_subscriptions(participant);
    }
    send_answer(participant, offer.id());
    request_sections(participant);
}

void Conference::attach_subscriptions(Participant& subscriber) {
    for (auto& [track_id, subscription] : subscriber.subscriptions) {
        if (!subscription.mid.empty()) {
            const peer::Section* section = subscriber.peer->negotiation().section(subscription.mid);
            if (section && section->client_receives) continue;
            // The client closed the section under the track.
            subscriber.peer->detach(subscription.id);
            subscription.mid.clear();
            router_.set_paused(subscription.id, true);
        }
        const PublishedTrack* track = find_track(track_id);
        if (!track) continue;
        const auto mid = subscriber.peer->negotiation().free_section(track->kind(), codecs_of(*track));
        if (mid) attach(subscriber, subscription, *track, *mid);
    }
}

void Conference::attach(Participant& subscriber, Subscription& subscription, const PublishedTrack& track,
                        const std::string& mid) {
    const Publisher* publisher = find_publisher(track.id);
    if (!publisher) return;
    peer::SentTrack sent;
    sent.id = subscription.id;
    sent.stream_id = stream_id(*publisher, track, subscriber);
    sent.track_id = track.info.sid();
    sent.cname = publisher->sid;
    sent.ssrc = random_ssrc(rng_);
    sent.rtx_ssrc = random_ssrc(rng_);
    subscriber.sending_peer().attach(mid, std::move(sent));
    subscription.mid = mid;
    resume_routing(subscriber, subscription);
}

// Waiting for a section would not help. Called when the client has said what it can play.
void Conference::drop_unplayable(Participant& subscriber) {
    std::vector<sfu::TrackId> unplayable;
    for (const auto& [id, subscription] : subscriber.subscriptions) {
        const PublishedTrack* track = find_track(id);
        if (!track) continue;
        const peer::Negotiation& negotiation = subscriber.sending_peer().negotiation();
        const bool is_unplayable = subscriber.subscriber
                                       ? has_declined(negotiation, subscription, codecs_of(*track))
                                       : plays_none(negotiation, track->kind(), codecs_of(*track));
        if (!is_unplayable) continue;
        unplayable.push_back(id);
        subscriber.wishes[track->info.sid()] = false;
        refuse_subscription(subscriber, track->info.sid(), pb::SE_CODEC_UNSUPPORTED);
    }
    for (const sfu::TrackId id : unplayable) unsubscribe(subscriber, id);
    if (!unplayable.empty() && subscriber.subscriber) request_sections(subscriber);
}

void Conference::send_answer(Participant& participant, uint32_t offer_id) {
    pb::SignalResponse response;
    pb::SessionDescription& answer = *response.mutable_answer();
    answer.set_type("answer");
    answer.set_id(offer_id);  // the client drops an answer to another offer
    answer.set_sdp(participant.peer->create_answer(audio_format(participant)));
    name_tracks(*participant.peer, answer);
    tell(participant, std::move(response));
}

// All of them, each time: livekit-client forgets those that are left out.
void Conference::name_tracks(const peer::Peer& peer, pb::SessionDescription& description) {
    for (const peer::Section& section : peer.negotiation().sections()) {
        if (section.sent_track)
            (*description.mutable_mid_to_track_id())[section.mid] = section.sent_track->track_id;
    }
}

// Gets what we send to be negotiated. On a connection of its own we offer. Else we ask for an offer when what
// we send has changed; with more sections when the free ones do not suffice.
void Conference::request_sections(Participant& participant) {
    if (participant.subscriber) {
        return want_offer(participant);
    }
    const peer::Negotiation& negotiation = participant.peer->negotiation();
    if (!negotiation.has_offer() || participant.is_requirement_sent) return;
    size_t audios = 0;
    size_t videos = 0;
    for (const auto& [id, subscription] : participant.subscriptions) {
        if (!subscription.mid.empty()) continue;
        const PublishedTrack* track = find_track(id);
        if (track) ++(track->info.type() == pb::AUDIO ? audios : videos);
    }
    const size_t free_audios = negotiation.free_sections(wire::MediaKind::Audio);
    const size_t free_videos = negotiation.free_sections(wire::MediaKind::Video);
    // Rather heard than seen, when there is no room for everybody.
    const size_t room = negotiation.room_for_sections();
    const size_t more_audios = std::min(audios > free_audios ? audios - free_audios : 0, room);
    const size_t more_videos = std::min(videos > free_videos ? videos - free_videos : 0, room - more_audios);
    const bool has_use = (audios > 0 && free_audios > 0) || (videos > 0 && free_videos > 0);
    if (more_audios + more_videos == 0 && !has_use && !negotiation.needs_answer()) return;
    pb::SignalResponse response;
    pb::MediaSectionsRequirement& requirement = *response.mutable_media_sections_requirement();
    requirement.set_num_audios(static_cast<uint32_t>(more_audios));
    requirement.set_num_videos(static_cast<uint32_t>(more_videos));
    participant.is_requirement_sent = true;
    tell(participant, std::move(response));
}

}  // namespace conclave::conference
