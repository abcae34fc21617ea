// The same video in a second codec that more clients can play (LiveKit's backup codec). For the router it is
// a track of its own: whoever cannot play the primary codec is moved to it, and as it is watched the
// publisher is asked for it (send_watched_qualities).
#include <algorithm>
#include <utility>

#include "conference/participant.h"
#include "conference/track_info.h"

namespace conclave::conference {
namespace {

// PREFER_REGRESSION: below so many people one encoder less is worth more than the better codec.
constexpr size_t kRegressionBelow = 5;

bool awaits_section(const PublishedTrack& track, const peer::Section& section) {
    if (!track.is_visible() || !track.backup || !track.backup->mid.empty()) return false;
    return section.kind == wire::MediaKind::Video && section.find(*backup_codec(track.info));
}

}  // namespace

// The client is about to send a published track in another codec as well.
void Conference::add_backup(Participant& participant, const pb::SignalRequest& request) {
    const pb::AddTrackRequest& add = request.add_track();
    for (auto& [id, track] : participant.tracks) {
        if (track.info.sid() != add.sid()) continue;
        if (!has_valid_names(add) || !add_backup_codec(add, track.info)) {
            return respond(participant, 0, pb::RequestResponse::UNSUPPORTED_TYPE,
                           "the track was not announced with this codec", request);
        }
        if (track.backup) {
            track.backup->is_announced = track.backup->mid.empty();
            router_.set_layers(track.backup->id, track_config(track.info, 1).layers);
            claim_backup_section(participant, track);
        }
        return confirm_track(participant, add.cid(), track.info);
    }
    respond(participant, 0, pb::RequestResponse::NOT_FOUND, "no such track", request);
}

// The offer came before its AddTrackRequest. By its name alone: one of another name may be about to become a
// track of its own.
void Conference::claim_backup_section(Participant& participant, PublishedTrack& track) {
    const peer::Negotiation& negotiation = participant.peer->negotiation();
    const std::string& cid = track.info.codecs(1).cid();
    auto& all = participant.unclaimed;
    const auto it = std::find_if(all.begin(), all.end(), [&](const UnclaimedSection& unclaimed) {
        const peer::Section* section = negotiation.section(unclaimed.mid);
        return !cid.empty() && unclaimed.cid == cid && section && section->offered_track &&
               awaits_section(track, *section);
    });
    if (it == all.end()) return;
    const UnclaimedSection unclaimed = *it;
    all.erase(it);
    participant.peer->remove_ingress(unclaimed.id);
    bind_backup(participant, track, *negotiation.section(unclaimed.mid));
}

// False: the section carries no announced backup. Some browsers give the sender's track another name in SDP.
bool Conference::bind_backup(Participant& participant, const peer::Section& section, bool by_name) {
    const std::string& name = section.offered_track->track_id;
    for (auto& [id, track] : participant.tracks) {
        if (!awaits_section(track, section)) continue;
        const bool is_named = !name.empty() && track.info.codecs(1).cid() == name;
        if (by_name ? !is_named : !track.backup->is_announced) continue;
        bind_backup(participant, track, section);
        return true;
    }
    return false;
}

void Conference::bind_backup(Participant& participant, PublishedTrack& track, const peer::Section& section) {
    BackupTrack& backup = *track.backup;
    backup.mid = section.mid;
    backup.is_announced = false;
    const peer::ReceiveOptions options{*backup_codec(track.info), false, !participant.quirks.orders_codecs};
    participant.peer->accept(backup.mid, backup.id, options);
    track.info.mutable_codecs(1)->set_mid(backup.mid);
    announce(participant);
}

// The section that carried it has ended; those who need it wait for another.
void Conference::drop_backup(Participant& participant, PublishedTrack& track) {
    BackupTrack& backup = *track.backup;
    participant.peer->remove_ingress(backup.id);
    backup.mid.clear();
    track.info.mutable_codecs(1)->clear_mid();
    announce(participant);
    if (std::exchange(backup.is_for_all, false)) choose_codecs(track);
}

// In the primary codec whoever can play it, unless all have gone over to the backup.
void Conference::choose_codec(const Participant& subscriber, const Subscription& subscription) {
    const PublishedTrack* track = find_track(subscription.track);
    const peer::Section* section = subscriber.sending_peer().negotiation().section(subscription.mid);
    if (!track || !track->backup || !section || section->codecs.empty()) return;
    const auto plays = [&](const std::string& mime) {
        const auto codec = video_codec(mime);
        return codec && section->find(*codec) && !livekit::is_disabled(subscriber.client, mime);
    };
    const bool plays_primary = plays(track->info.mime_type());
    const bool plays_backup = plays(track->info.codecs(1).mime_type());
    const bool takes_backup = plays_backup && (track->backup->is_for_all || !plays_primary);
    router_.move(subscription.id, takes_backup ? track->backup->id : track->id);
}

void Conference::choose_codecs(const PublishedTrack& track) {
    for (auto& [key, other] : participants_) {
        const auto subscription = other->subscriptions.find(track.id);
        if (subscription != other->subscriptions.end()) choose_codec(*other, subscription->second);
    }
}

bool Conference::is_regressing(const PublishedTrack& track) const {
    const pb::BackupCodecPolicy policy = track.info.backup_codec_policy();
    if (policy == pb::PREFER_REGRESSION) return participants_.size() + mirrors_.size() < kRegressionBelow;
    return policy == pb::REGRESSION;
}

// Once the backup flows to somebody who needs it all may go over to it, and its publisher can stop the
// primary encoder: nobody watches that any more. There is no way back while the backup is sent.
void Conference::regress_tracks() {
    for (auto& [key, publisher] : participants_) {
        for (auto& [id, track] : publisher->tracks) {
            if (!track.backup || track.backup->mid.empty() || track.backup->is_for_all) continue;
            if (router_.subscriptions(track.backup->id) == 0 || !router_.is_sent(track.backup->id)) continue;
            if (!is_regressing(track)) continue;
            track.backup->is_for_all = true;
            choose_codecs(track);
        }
    }
}

}  // namespace conclave::conference
