#include "sim/forwarding.h"

#include <array>

#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::sim {
namespace {

constexpr size_t kSoundSize = 80;
constexpr uint32_t kVideoStep = 3000;  // 30 frames a second at 90 kHz
constexpr uint32_t kSoundStep = 960;   // 20 ms at 48 kHz
constexpr Duration kFrameInterval = Duration::millis(33);

}  // namespace

Forwarding::Forwarding(size_t viewers) : publisher_(world_.enter("publisher")) {
    world_.publish(publisher_, pb::VIDEO, pb::CAMERA);
    world_.publish(publisher_, pb::AUDIO, pb::MICROPHONE);
    for (size_t i = 0; i < viewers; ++i) {
        Client& viewer = world_.make("viewer" + std::to_string(i));
        viewer.tells_arrivals = true;
        world_.enter(viewer);
        viewers_.push_back(&viewer);
    }
    world_.run(Duration::seconds(1));
}

void Forwarding::seal(Batch& batch, LocalTrack& track, ByteView payload, bool marker) {
    std::array<uint8_t, kPacketSize + wire::kRtpHeaderSize> rtp;
    const uint8_t type = track.type == pb::VIDEO ? kVp8Type : kOpusType;
    const wire::RtpHeader header{marker, type, {track.sequence++}, track.timestamp, track.ssrc, false};
    const size_t size = wire::write_rtp_header(rtp, header, {});
    std::memcpy(rtp.data() + size, payload.data(), payload.size());
    batch.datagrams.push_back(
        publisher_.protected_packet(ByteView{rtp}.first(size + payload.size())).value());
}

void Forwarding::prepare(size_t frames) {
    std::array<uint8_t, kPacketSize> picture{};
    const std::array<uint8_t, kSoundSize> sound{};
    LocalTrack& camera = publisher_.track(pb::CAMERA);
    LocalTrack& microphone = publisher_.track(pb::MICROPHONE);
    for (size_t frame = 0; frame < frames; ++frame) {
        Batch& batch = batches_.emplace_back(Batch{&publisher_, {}});
        camera.timestamp += kVideoStep;
        ++picture_id_;
        for (size_t i = 0; i < kFramePackets; ++i) {
            // RFC 7741 4.2: X and, at a frame's beginning, S; picture id, TL0PICIDX and temporal layer. Then
            // the frame header, whose lowest bit is 0 in a key frame (RFC 6386 9.1).
            picture[0] = i == 0 ? 0x90 : 0x80;
            picture[1] = 0xe0;
            store_be16(&picture[2], static_cast<uint16_t>(0x8000 | picture_id_));
            picture[4] = static_cast<uint8_t>(picture_id_);
            picture[6] = picture_id_ == 1 ? 0 : 1;
            seal(batch, camera, picture, i + 1 == kFramePackets);
        }
        Batch& heard = batches_.emplace_back(Batch{&publisher_, {}});
        microphone.timestamp += kSoundStep;
        seal(heard, microphone, sound, false);
    }
}

void Forwarding::prepare_requests() {
    world_.show(publisher_, "pixels", true);
    world_.run(Duration::millis(200));
    for (Client* viewer : viewers_) {
        TransmitQueue& tx = world_.outbox(*viewer);
        viewer->nack(viewer->packets.back().ssrc, viewer->packets.back().sequence, tx);
        Batch& batch = batches_.emplace_back(Batch{viewer, {}});
        for (const auto& datagram : tx.datagrams()) {
            const ByteView bytes = tx.bytes(datagram);
            batch.datagrams.emplace_back(bytes.begin(), bytes.end());
        }
        tx.clear();
    }
}

size_t Forwarding::serve() {
    size_t sent = 0;
    for (const Batch& batch : batches_) {
        sent += world_.serve(*batch.from, batch.datagrams);
        world_.now = world_.now + kFrameInterval;
    }
    batches_.clear();
    return sent;
}

}  // namespace conclave::sim
