// Media between the parts of a conference.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

// How far back the batch of this turn is looked for: the conferences that relay at once are few.
constexpr size_t kBatchesBack = 8;
// The vectors of a batch go with it to another thread, so each begins anew: two allocations a turn, which
// reads a thousand packets when there are many. Fewer fit in here, and for more it doubles.
constexpr size_t kBatchPackets = 8;
constexpr size_t kBatchBytes = 4096;

}  // namespace

uint8_t encodings_up_to(sfu::Quality best, const pb::TrackInfo& info) {
    const sfu::TrackConfig config = track_config(info);
    const bool is_whole = info.type() == pb::AUDIO || config.is_svc;
    uint8_t encodings = 0;
    for (uint8_t i = 0; i < sfu::kSpatialMax; ++i) {
        if (is_whole || sfu::quality_of(i, config.layers) <= best)
            encodings = static_cast<uint8_t>(encodings | 1U << i);
    }
    return encodings;
}

Mirror* Conference::find_mirror(sfu::TrackId track) {
    const auto key = publishers_.find(track);
    const auto mirror = key == publishers_.end() ? mirrors_.end() : mirrors_.find(key->second);
    return mirror == mirrors_.end() ? nullptr : &mirror->second;
}

// ---- to the other parts

void Conference::handle(Turn& turn, PartId from, const relay::Interest& interest) {
    PublishedTrack* track = find_track(interest.track);
    if (!track || !participants_.contains(track->publisher)) return;
    if (interest.best) {
        // Which layers a track has was settled before anybody could hear of it.
        track->legs[from] = {*interest.best, encodings_up_to(*interest.best, track->info)};
    } else {
        track->legs.erase(from);
    }
    count_legs(*track);
    request_keyframes(turn);
}

void Conference::forget_interest(PartId part) {
    for (auto& [key, participant] : participants_) {
        for (auto& [id, track] : participant->tracks) {
            if (track.legs.erase(part) > 0) count_legs(track);
        }
    }
}

// Who watches over there counts for what the publisher need send.
void Conference::count_legs(const PublishedTrack& track) {
    std::optional<sfu::Quality> best;
    for (const auto& [part, leg] : track.legs) best = std::max(best.value_or(leg.best), leg.best);
    router_.set_watched_elsewhere(track.id, best);
}

void Conference::handle(Turn& turn, PartId, const relay::Keyframe& wanted) {
    router_.want_keyframe(wanted.track, wanted.encoding);
    request_keyframes(turn);
}

void Conference::relay_packet(Turn& turn, const Publisher& publisher, const peer::Media& media) {
    const auto it = publisher.tracks.find(media.ingress);
    if (it == publisher.tracks.end() || it->second.info.muted() || media.encoding >= sfu::kSpatialMax) return;
    for (const auto& [part, leg] : it->second.legs) {
        if ((leg.encodings >> media.encoding & 1) == 0) continue;
        const ByteView kept = media.packet.kept();
        const ByteView bytes = media.packet.bytes();
        relay::Media& batch = media_for(turn, part);
        batch.packets.push_back({media.ingress,
                                 {media.encoding, media.codec, media.sequence, media.is_newest},
                                 static_cast<uint16_t>(kept.size()),
                                 static_cast<uint16_t>(bytes.size())});
        batch.bytes.insert(batch.bytes.end(), kept.begin(), kept.end());
        batch.bytes.insert(batch.bytes.end(), bytes.begin(), bytes.end());
    }
}

// The batch of this turn, unless something that must come before has been said since.
relay::Media& Conference::media_for(Turn& turn, PartId part) {
    const size_t end = turn.relays.size();
    for (size_t i = end; i > end - std::min(end, kBatchesBack); --i) {
        ToPart& earlier = turn.relays[i - 1];
        if (earlier.to != part || earlier.room != name_) continue;
        auto* batch = std::get_if<relay::Media>(&earlier.message);
        if (batch && batch->packets.size() < relay::Media::kPacketsMax) return *batch;
        break;
    }
    turn.relays.push_back({part, name_, relay::Media{}});
    auto& batch = std::get<relay::Media>(turn.relays.back().message);
    batch.packets.reserve(kBatchPackets);
    batch.bytes.reserve(kBatchBytes);
    return batch;
}

void Conference::relay_clocks() {
    for (const auto& [key, participant] : participants_) {
        for (const auto& [id, track] : participant->tracks) {
            for (uint8_t encoding = 0; encoding < sfu::kSpatialMax && !track.legs.empty(); ++encoding) {
                const rtp::SenderClock* sender = participant->peer->clock(id, encoding);
                if (!sender || !sender->is_known()) continue;
                for (const auto& [part, leg] : track.legs)
                    relays_.push_back({part, name_, relay::Clock{id, encoding, *sender}});
            }
        }
    }
}

// ---- from the other parts

// Audio that nobody hears here is not sent here. (Video: send_watched_qualities.)
void Conference::update_audio_interest(sfu::TrackId id) {
    Mirror* mirror = find_mirror(id);
    const PublishedTrack* track = mirror ? find_track(id) : nullptr;
    if (!track || track->info.type() != pb::AUDIO) return;
    const bool is_heard = router_.subscriptions(id) > 0;
    if (is_heard == mirror->heard.contains(id)) return;
    if (is_heard) {
        mirror->heard.insert(id);
        relays_.push_back({mirror->part, name_, relay::Interest{id, sfu::Quality::High}});
    } else {
        mirror->heard.erase(id);
        relays_.push_back({mirror->part, name_, relay::Interest{id, std::nullopt}});
    }
}

void Conference::handle(Turn&, PartId, const relay::Clock& clock) {
    if (Mirror* mirror = find_mirror(clock.track))
        mirror->media.at(clock.track).set_clock(clock.encoding, clock.clock);
}

void Conference::handle(Turn& turn, PartId, const relay::Media& media) {
    size_t offset = 0;
    for (const relay::Packet& from : media.packets) {
        const size_t size = size_t{from.kept_size} + from.size;
        const ByteView bytes = ByteView{media.bytes}.subspan(offset, size);
        offset += size;
        Mirror* mirror = find_mirror(from.track);
        PacketRef packet = mirror ? turn.pool.copy(bytes) : PacketRef{};
        if (!packet) continue;
        packet.trim_front(from.kept_size);
        packet.keep(from.kept_size);
        const auto received = mirror->media.at(from.track).receive(turn.now, from.origin, std::move(packet));
        if (received) (void)forward(turn, *mirror, *received);
    }
}

peer::CachedPacket Conference::find_cached(Instant now, const sfu::PublishedPacket& packet) const {
    const auto key = publishers_.find(packet.track);
    if (key == publishers_.end()) return {};
    const auto publisher = participants_.find(key->second);
    if (publisher != participants_.end())
        return publisher->second->peer->find_cached(now, packet.track, packet.encoding, packet.sequence);
    const auto mirror = mirrors_.find(key->second);
    if (mirror == mirrors_.end()) return {};
    return mirror->second.media.at(packet.track).find_cached(now, packet.encoding, packet.sequence);
}

}  // namespace conclave::conference
