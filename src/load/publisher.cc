#include "load/publisher.h"

#include <algorithm>
#include <array>

#include "livekit/data_packet.h"
#include "net/clock.h"

namespace conclave::load {
namespace {

constexpr std::array<const char*, kEncodingsMax> kRids = {"q", "h", "f"};
constexpr Duration kReportInterval = Duration::seconds(1);
constexpr uint32_t kWidth = 1280;
constexpr uint32_t kHeight = 720;
constexpr size_t kRtcpMax = 256;
// A NACK names at most a few dozen packets of a burst.
constexpr size_t kRetransmissionsPerNack = 64;

uint32_t random_ssrc(Rng& rng) {
    return rng.u32() | 1;
}

}  // namespace

Publisher::Publisher(ThreadState& thread, uint32_t sender, const Group& group)
    : thread_(thread), sender_(sender), group_(group), name_("load-" + std::to_string(sender)) {
    MediaSender::Config config;
    config.run = thread.run.id;
    config.sender = sender;
    config.talk = group.talk;
    config.fps = group.fps;
    config.temporal_layers = group.temporal_layers;
    if (group.audio) {
        config.encoding = {"", random_ssrc(thread.rng), 0};
        senders_.emplace_back(config, thread.rng);
    }
    for (uint32_t i = 0; group.video && i < group.encodings; ++i) {
        config.stream = static_cast<uint8_t>(kVideoStream + i);
        config.kbps = group.kbps[i];
        config.encoding = {group.encodings > 1 ? kRids[i] : "", random_ssrc(thread.rng),
                           random_ssrc(thread.rng)};
        senders_.emplace_back(config, thread.rng);
    }
}

std::vector<OfferedTrack> Publisher::tracks() const {
    std::vector<OfferedTrack> tracks;
    for (const MediaSender& sender : senders_) {
        if (sender.stream() <= kVideoStream)
            tracks.push_back(
                {name_ + (sender.is_video() ? "-camera" : "-microphone"), sender.is_video(), {}});
        tracks.back().encodings.push_back(sender.encoding());
    }
    return tracks;
}

std::vector<pb::AddTrackRequest> Publisher::announcements() const {
    std::vector<pb::AddTrackRequest> requests;
    for (const OfferedTrack& track : tracks()) {
        pb::AddTrackRequest& request = requests.emplace_back();
        request.set_cid(track.cid);
        request.set_type(track.is_video ? pb::VIDEO : pb::AUDIO);
        request.set_source(track.is_video ? pb::CAMERA : pb::MICROPHONE);
        request.set_stream("camera");
        if (!track.is_video) {
            request.set_disable_red(true);
            continue;
        }
        request.set_width(kWidth);
        request.set_height(kHeight);
        const size_t count = track.encodings.size();
        pb::SimulcastCodec& codec = *request.add_simulcast_codecs();
        codec.set_codec("vp8");
        codec.set_cid(track.cid);
        for (size_t i = 0; i < count; ++i) {
            pb::VideoLayer& layer = *request.add_layers();
            // One encoding alone is the best there is.
            layer.set_quality(count == 1 ? pb::HIGH : static_cast<pb::VideoQuality>(i));
            layer.set_width(kWidth >> (count - 1 - i));
            layer.set_height(kHeight >> (count - 1 - i));
            layer.set_bitrate(group_.kbps[i] * 1000);
            layer.set_rid(track.encodings[i].rid);
            *codec.add_layers() = layer;
        }
    }
    return requests;
}

void Publisher::handle_answer(const RemoteDescription& answer) {
    accepted_.clear();
    for (size_t i = 0; i < tracks().size(); ++i) {
        for (const AcceptedTrack& track : answer.accepted) {
            if (track.mid == std::to_string(i)) accepted_.push_back(track);
        }
    }
}

void Publisher::start(Instant now) {
    if (is_stopped_) return;
    const auto offered = tracks();
    for (const AcceptedTrack& accepted : accepted_) {
        const size_t section = static_cast<size_t>(std::stoul(accepted.mid));
        const bool is_video = offered[section].is_video;
        for (MediaSender& sender : senders_) {
            if (sender.is_video() != is_video) continue;
            // A server that answers without simulcast gets the first encoding (RFC 8853 5.3.2).
            const bool is_taken = accepted.rids.empty()
                                      ? sender.stream() <= kVideoStream
                                      : std::find(accepted.rids.begin(), accepted.rids.end(), sender.rid()) !=
                                            accepted.rids.end();
            if (is_taken) sender.start(now, accepted);
        }
    }
    if (is_started_) return;
    is_started_ = true;
    if (!senders_.empty()) next_report_ = now + Duration::millis(200);
    if (group_.data) next_message_ = now + Duration::millis(500);
}

void Publisher::stop() {
    is_stopped_ = true;
    for (MediaSender& sender : senders_) sender.stop();
    next_message_ = Instant::never();
}

MediaSender* Publisher::find(uint32_t ssrc) {
    for (MediaSender& sender : senders_) {
        if (sender.ssrc() == ssrc) return &sender;
    }
    return nullptr;
}

void Publisher::handle_rtcp(ByteView plain, Transport& transport) {
    wire::RtcpReader reader(plain);
    while (const auto packet = reader.next()) {
        if (const auto* pli = std::get_if<wire::Pli>(&*packet)) {
            if (MediaSender* sender = find(pli->media_ssrc)) sender->request_keyframe();
        } else if (const auto* fir = std::get_if<wire::Fir>(&*packet)) {
            for (const wire::FirEntry entry : fir->entries) {
                if (MediaSender* sender = find(entry.ssrc)) sender->request_keyframe();
            }
        } else if (const auto* nack = std::get_if<wire::Nack>(&*packet)) {
            MediaSender* sender = find(nack->media_ssrc);
            if (!sender) continue;
            size_t count = 0;
            nack->for_each([&](SeqNo lost) {
                if (++count > kRetransmissionsPerNack) return;
                if (const auto rtx = sender->retransmission(lost)) transport.send_rtp(*rtx, thread_.tx);
            });
        }
    }
}

void Publisher::handle_wanted(Instant now, const pb::SubscribedQualityUpdate& update) {
    const auto& qualities = update.subscribed_codecs_size() > 0 ? update.subscribed_codecs(0).qualities()
                                                                : update.subscribed_qualities();
    for (const pb::SubscribedQuality& quality : qualities) {
        for (MediaSender& sender : senders_) {
            if (sender.is_video() && group_.encodings > 1 &&
                sender.stream() - kVideoStream == quality.quality())
                sender.set_wanted(now, quality.enabled());
        }
    }
}

void Publisher::handle_timeout(Instant now, Transport& transport) {
    send_media(now, transport);
    if (now >= next_report_) send_reports(now, transport);
    if (now >= next_message_) send_message(now, transport);
}

void Publisher::send_media(Instant now, Transport& transport) {
    for (MediaSender& sender : senders_) {
        if (now < sender.next_packet()) continue;
        while (const auto packet = sender.next_due(now)) {
            transport.send_rtp(*packet, thread_.tx);
            ++thread_.traffic.packets_sent;
            thread_.traffic.bytes_sent += packet->size();
        }
        thread_.run.sent_of(sender_, sender.stream()).store(sender.sent(), std::memory_order_relaxed);
    }
}

void Publisher::send_reports(Instant now, Transport& transport) {
    next_report_ = now + kReportInterval;
    const NtpTime ntp = NtpTime::from_wall(net::wall_now());
    for (const MediaSender& sender : senders_) {
        if (sender.sent() == 0) continue;
        std::array<uint8_t, kRtcpMax> buffer;
        ByteWriter out(buffer);
        if (wire::write_sender_report(out, sender.ssrc(), sender.sender_info(now, ntp), {}) &&
            wire::write_source_description(out, sender.ssrc(), name_)) {
            transport.send_rtcp(out.written(), thread_.tx);
        }
    }
}

void Publisher::send_message(Instant now, Transport& transport) {
    next_message_ = now + Duration::micros(1'000'000 / group_.messages);
    Stamp stamp;
    stamp.run = thread_.run.id;
    stamp.sender = sender_;
    stamp.stream = kDataStream;
    stamp.counter = stamp.frame = messages_;
    stamp.sent_us = now.us;
    std::string payload(group_.message_bytes, '.');
    write_stamp(reinterpret_cast<uint8_t*>(payload.data()), stamp);
    pb::DataPacket packet;
    packet.mutable_user()->set_payload(std::move(payload));
    const char* label = group_.reliable ? "_reliable" : "_lossy";
    if (group_.reliable) packet.set_sequence(messages_ + 1);
    packet.set_kind(group_.reliable ? pb::DataPacket::RELIABLE : pb::DataPacket::LOSSY);
    const std::string bytes = packet.SerializeAsString();
    if (!transport.send_data(now, label, as_bytes(bytes), thread_.tx)) return;
    ++messages_;
    ++thread_.traffic.packets_sent;
    thread_.traffic.bytes_sent += bytes.size();
    thread_.run.sent_of(sender_, kDataStream).store(messages_, std::memory_order_relaxed);
}

Instant Publisher::next_timeout() const {
    Instant next = soonest(next_report_, next_message_);
    for (const MediaSender& sender : senders_) next = soonest(next, sender.next_packet());
    return next;
}

}  // namespace conclave::load
