// Who of this part's people was heard when: for the clocks of a meeting, which others keep.
#include "conference/participant.h"
#include "wire/rtp.h"

namespace conclave::conference {
namespace {

// RFC 7587 4.2: the usual Opus packet; RFC 6464 levels are per packet.
constexpr Duration kAudioPacket = Duration::millis(20);
// RFC 6716 2.1.9: with so few bytes an encoder says that there is nothing to say.
constexpr size_t kSilenceMax = 2;

ByteView sound_of(const peer::Media& media) {
    return media.red ? media.red->primary().data : media.packet.bytes().subspan(wire::kRtpHeaderSize);
}

// Levels are the client's claim. To make none at all does not stop anybody's clock: then everything that is
// not silence by its size is a voice.
bool is_voice(const peer::Media& media) {
    if (media.level) return sfu::SpeakerDetector::is_loud(media.level->level);
    return sound_of(media).size() > kSilenceMax;
}

}  // namespace

// Of what was let through. A microphone that is muted does not speak, whatever its owner sends; shared music
// is not a speaker.
void Conference::listen(const Turn& turn, const Participant& publisher, const peer::Media& media) {
    if (!media.is_newest || !peer::is_audio(media.codec)) return;
    const auto track = publisher.tracks.find(media.ingress);
    if (track == publisher.tracks.end() || track->second.info.muted()) return;
    if (track->second.info.source() == pb::SCREEN_SHARE_AUDIO) return;
    if (media.level) speakers_.handle_level(publisher.key, media.level->level, kAudioPacket);
    if (owner_ == Owner::Meetings && is_voice(media)) voices_.handle_voice(publisher.key, turn.wall);
}

void Conference::report(const sfu::VoiceMeter::Report& report) {
    if (report.voices.empty()) return;
    Voices voices{name_, report.first_slot, report.slots, {}};
    for (const sfu::VoiceMeter::Voice& voice : report.voices) {
        const auto participant = participants_.find(voice.id);
        if (participant == participants_.end()) continue;
        voices.heard.push_back({participant->second->identity(), voice.slots});
    }
    outlet_.voices.push_back(std::move(voices));
}

}  // namespace conclave::conference
