#include "peer/relayed_track.h"

#include "peer/kept_extensions.h"
#include "wire/rtp.h"

namespace conclave::peer {

RelayedTrack::Encoding::Encoding(Codec c)
    : codec(c), cache(is_audio(c) ? rtp::kAudioCachePackets : rtp::kVideoCachePackets) {}

std::optional<Media> RelayedTrack::receive(Instant now, const Origin& origin, PacketRef packet) {
    const auto rtp = packet ? wire::parse_rtp_header(packet.bytes()) : std::nullopt;
    if (!rtp || rtp->payload.empty() || origin.encoding >= kEncodingsMax) return std::nullopt;
    std::unique_ptr<Encoding>& encoding = encodings_[origin.encoding];
    if (!encoding) encoding = std::make_unique<Encoding>(origin.codec);
    encoding->codec = origin.codec;

    Media media;
    media.ingress = id_;
    media.encoding = origin.encoding;
    media.codec = origin.codec;
    media.ssrc = rtp->ssrc;
    media.sequence = origin.sequence;
    media.timestamp = rtp->timestamp;
    media.marker = rtp->marker;
    media.is_newest = origin.is_newest;
    media.kept = kept_extensions(packet);
    const ByteView descriptor = media.kept.dependency_descriptor;
    if (!descriptor.empty()) media.dependencies = encoding->dependencies.read(descriptor);
    read_payload(rtp->payload, media);
    encoding->cache.store(now, media.sequence, packet);
    media.packet = std::move(packet);
    return media;
}

void RelayedTrack::set_clock(uint8_t encoding, const rtp::SenderClock& clock) {
    if (encoding < kEncodingsMax && encodings_[encoding]) encodings_[encoding]->clock = clock;
}

const RelayedTrack::Encoding* RelayedTrack::find(uint8_t encoding) const {
    return encoding < kEncodingsMax ? encodings_[encoding].get() : nullptr;
}

void RelayedTrack::expire(Instant now) {
    for (const auto& encoding : encodings_) {
        if (encoding) encoding->cache.expire(now);
    }
}

CachedPacket RelayedTrack::find_cached(Instant now, uint8_t index, ExtSeqNo sequence) const {
    const Encoding* encoding = find(index);
    return encoding ? read_cached(encoding->cache.find(now, sequence), encoding->codec) : CachedPacket{};
}

const rtp::SenderClock* RelayedTrack::clock(uint8_t index) const {
    const Encoding* encoding = find(index);
    return encoding && encoding->clock ? &*encoding->clock : nullptr;
}

}  // namespace conclave::peer
