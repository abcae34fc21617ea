#include "load/receiver.h"

#include <algorithm>
#include <array>

#include "livekit/data_packet.h"

namespace conclave::load {

namespace pb = ::livekit;

namespace {

// Reports and NACKs of one turn.
constexpr size_t kRtcpMax = 1150;
constexpr Duration kFirstPli = Duration::millis(300);
constexpr Duration kFirstReport = Duration::millis(300);
constexpr Duration kPliInterval = Duration::seconds(1);
// Between hosts of one site; the log waits longer by itself when repairs do not come.
constexpr Duration kRoundTrip = Duration::millis(20);
// More than any test sends to one participant: the server is not to hold back.
constexpr uint64_t kBandwidth = 100'000'000;

}  // namespace

Receiver::Receiver(ThreadState& thread, uint32_t reports, Rng& rng)
    : thread_(thread),
      report_interval_(reports > 0 ? Duration::micros(1'000'000 / reports) : Duration{}),
      ssrc_(rng.u32() | 1) {}

std::vector<const RemoteTrack*> Receiver::add_tracks(Instant now, const std::vector<RemoteTrack>& tracks) {
    std::vector<const RemoteTrack*> added;
    for (const RemoteTrack& track : tracks) {
        if (by_ssrc_.contains(track.ssrc)) continue;
        rtp::IngressStream::Config config;
        config.ssrc = track.ssrc;
        config.clock_rate = track.is_video ? 90'000 : 48'000;
        config.kind = track.is_video ? rtp::MediaKind::Video : rtp::MediaKind::Audio;
        config.nack = track.rtx_ssrc != 0;
        if (track.rtx_ssrc != 0) {
            config.rtx_ssrc = track.rtx_ssrc;
            config.rtx.push_back({track.rtx_payload_type, track.payload_type});
        }
        streams_.push_back(std::make_unique<Stream>(track, config));
        Stream& stream = *streams_.back();
        by_ssrc_[track.ssrc] = &stream;
        if (track.rtx_ssrc != 0) by_ssrc_[track.rtx_ssrc] = &stream;
        if (track.is_video) stream.next_pli = now + kFirstPli;
        added.push_back(&stream.remote);
    }
    if (streams_.empty()) return added;
    if (report_interval_ > Duration{} && next_report_.is_never()) next_report_ = now + kFirstReport;
    if (next_pli_.is_never()) next_pli_ = now + kFirstPli;
    return added;
}

void Receiver::handle_rtp(Instant now, Instant arrived, ByteView plain) {
    ++packets_;
    ++thread_.traffic.packets_received;
    thread_.traffic.bytes_received += plain.size();
    if (plain.size() < wire::kRtpHeaderSize) return;
    const auto found = by_ssrc_.find(load_be32(plain.data() + 8));
    if (found == by_ssrc_.end()) {
        ++thread_.traffic.foreign;
        return;
    }
    Stream& stream = *found->second;
    PacketRef packet = thread_.pool.copy(plain);
    if (!packet) return;
    const auto rtp = wire::parse_rtp(packet.bytes());
    if (!rtp) return;
    const bool is_rtx = rtp->ssrc != stream.remote.ssrc;
    const auto received = is_rtx ? stream.ingress.handle_rtx(now, std::move(packet), *rtp)
                                 : stream.ingress.handle_rtp(now, std::move(packet), *rtp);
    next_nack_ = soonest(next_nack_, stream.ingress.next_nack());
    // Padding has no payload: a probe for bandwidth.
    if (received && !received->rtp.payload.empty()) deliver(arrived, stream, received->rtp.payload);
}

void Receiver::deliver(Instant arrived, Stream& stream, ByteView payload) {
    const auto stamp = stream.remote.is_video ? stamp_of_vp8(payload) : stamp_of_opus(payload);
    if (!stamp || stamp->run != thread_.run.id || stamp->sender >= thread_.run.scenario.participants()) {
        ++thread_.traffic.foreign;
        return;
    }
    stream.verifier.handle(arrived, *stamp);
    thread_.traffic.latency_us.add(static_cast<uint64_t>(std::max<int64_t>(arrived.us - stamp->sent_us, 0)));
}

void Receiver::handle_rtcp(Instant now, ByteView plain) {
    wire::RtcpReader reader(plain);
    while (const auto packet = reader.next()) {
        const auto* report = std::get_if<wire::SenderReport>(&*packet);
        const auto found = report ? by_ssrc_.find(report->ssrc) : by_ssrc_.end();
        if (found != by_ssrc_.end()) found->second->ingress.handle_sender_report(now, *report);
    }
}

void Receiver::handle_message(Instant now, std::string_view bytes) {
    ++thread_.traffic.packets_received;
    thread_.traffic.bytes_received += bytes.size();
    pb::DataPacket packet;
    if (!packet.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !packet.has_user()) return;
    const auto stamp = read_stamp(as_bytes(packet.user().payload()));
    if (!stamp || stamp->run != thread_.run.id || stamp->sender >= thread_.run.scenario.participants()) {
        ++thread_.traffic.foreign;
        return;
    }
    messages_.try_emplace(stamp->sender, false).first->second.handle(now, *stamp);
}

void Receiver::handle_timeout(Instant now, Transport& transport) {
    if (now >= next_report_) {
        next_report_ = now + report_interval_;
        send_reports(now, transport);
        send_estimate(transport);
    }
    if (now >= next_pli_) send_plis(now, transport);
    if (now >= next_nack_) send_feedback(now, transport);
}

void Receiver::send_reports(Instant now, Transport& transport) {
    std::array<uint8_t, kRtcpMax> buffer;
    StaticVector<wire::ReportBlock, wire::kReportBlocksMax> blocks;
    const auto flush = [&] {
        ByteWriter out(buffer);
        if (wire::write_receiver_report(out, ssrc_, {blocks.data(), blocks.size()}) &&
            wire::write_source_description(out, ssrc_, "load")) {
            transport.send_rtcp(out.written(), thread_.tx);
        }
        blocks.clear();
    };
    for (const auto& stream : streams_) {
        if (const auto block = stream->ingress.report_block(now)) blocks.push_back(*block);
        if (blocks.full()) flush();
    }
    if (!blocks.empty()) flush();
}

void Receiver::send_estimate(Transport& transport) {
    std::vector<uint32_t> estimated;
    for (const auto& stream : streams_) {
        if (stream->remote.wants_remb && estimated.size() < wire::kReportBlocksMax)
            estimated.push_back(stream->remote.ssrc);
    }
    std::array<uint8_t, kRtcpMax> buffer;
    ByteWriter out(buffer);
    if (!estimated.empty() && wire::write_remb(out, ssrc_, kBandwidth, estimated))
        transport.send_rtcp(out.written(), thread_.tx);
}

void Receiver::send_plis(Instant now, Transport& transport) {
    next_pli_ = now + kPliInterval;
    std::array<uint8_t, kRtcpMax> buffer;
    ByteWriter out(buffer);
    for (const auto& stream : streams_) {
        const bool needs_picture = stream->ingress.take_keyframe_needed();
        if (stream->verifier.has_started() && !needs_picture) stream->next_pli = Instant::never();
        if (!needs_picture && now < stream->next_pli) continue;
        if (!needs_picture) stream->next_pli = now + kPliInterval;
        if (!wire::write_pli(out, ssrc_, stream->remote.ssrc)) break;
    }
    if (out.size() > 0) transport.send_rtcp(out.written(), thread_.tx);
}

void Receiver::send_feedback(Instant now, Transport& transport) {
    next_nack_ = Instant::never();
    for (const auto& stream : streams_) {
        if (now >= stream->ingress.next_nack()) {
            const auto lost = stream->ingress.nacks_due(now, kRoundTrip);
            std::array<uint8_t, kRtcpMax> buffer;
            ByteWriter out(buffer);
            const auto asked = wire::write_nack(out, ssrc_, stream->remote.ssrc, {lost.data(), lost.size()});
            if (asked > 0) transport.send_rtcp(out.written(), thread_.tx);
        }
        next_nack_ = soonest(next_nack_, stream->ingress.next_nack());
    }
}

size_t Receiver::silent_tracks() const {
    return static_cast<size_t>(std::count_if(streams_.begin(), streams_.end(), [](const auto& stream) {
        return !stream->verifier.has_started();
    }));
}

Verdict Receiver::so_far() const {
    Verdict all;
    for (const auto& stream : streams_) all.add(stream->verifier.so_far());
    for (const auto& [sender, verifier] : messages_) all.add(verifier.so_far());
    return all;
}

Verdict Receiver::finish(Run& run) {
    Verdict all;
    const auto add = [&](StreamVerifier& verifier) {
        if (!verifier.has_started()) return;
        all.add(verifier.finish(run.sent_of(verifier.sender(), verifier.stream()).load()));
    };
    for (const auto& stream : streams_) add(stream->verifier);
    for (auto& [sender, verifier] : messages_) add(verifier);
    return all;
}

}  // namespace conclave::load
