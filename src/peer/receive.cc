// From the network: every datagram of one client.
#include <algorithm>

#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/demux.h"
#include "wire/h264.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

namespace conclave::peer {
namespace {

bool starts_keyframe(Codec codec, ByteView payload) {
    if (codec == Codec::Vp8) {
        const auto vp8 = wire::parse_vp8(payload);
        return vp8 && wire::is_keyframe(*vp8);
    }
    if (codec == Codec::H264) {
        const auto h264 = wire::parse_h264(payload);
        return h264 && wire::is_keyframe(*h264);
    }
    return false;
}

// Puts a plain 12-byte header right before the payload and forgets everything before and after it.
void normalise(const PacketRef& packet, const wire::RtpPacket& rtp) {
    const auto offset = static_cast<size_t>(rtp.payload.data() - packet.bytes().data());
    packet.set_size(offset + rtp.payload.size());
    packet.trim_front(offset - wire::kRtpHeaderSize);
    const wire::RtpHeader header{rtp.marker,    rtp.payload_type, rtp.sequence_number,
                                 rtp.timestamp, rtp.ssrc,         false};
    const size_t written = wire::write_rtp_header(packet.bytes(), header, {});
    CHECK(written == wire::kRtpHeaderSize);
}

}  // namespace

Events Peer::handle_datagram(Instant now, const Path& path, PacketRef packet, TransmitQueue& tx) {
    const PacketRef taken = std::move(packet);
    Events events;
    retransmissions_.clear();
    data_messages_.clear();
    const wire::DatagramKind kind = wire::classify(taken.bytes());
    if (kind == wire::DatagramKind::Stun) {
        handle_stun(now, path, taken.bytes(), tx, events);
    } else if (!ice_.is_valid_path(path)) {
        ++counters_.unknown_path;
    } else if (kind == wire::DatagramKind::Rtp) {
        handle_rtp(now, path, taken, events);
    } else if (kind == wire::DatagramKind::Rtcp) {
        handle_rtcp(now, path, taken, events);
    } else if (kind == wire::DatagramKind::Dtls) {
        handle_dtls(now, path, taken.bytes(), tx, events);
    } else {
        ++counters_.malformed;
    }
    events.retransmissions = retransmissions_;
    events.data = data_messages_;
    return events;
}

void Peer::handle_stun(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx, Events& events) {
    handle_ice_events(ice_.handle_datagram(now, path, datagram, tx), events);
}

void Peer::handle_ice_events(const ice::Events& ice_events, Events& events) {
    for (const ice::Event& event : ice_events) {
        if (event.kind == ice::Event::Kind::Failed) {
            has_failed_ = true;
            events.notices.push_back({Signal::Failed, 0});
        } else if (event.kind == ice::Event::Kind::Selected) {
            // Before DTLS is done nothing secret is sent, and the handshake itself authenticates the path.
            if (!send_path_ || !srtp_) send_path_ = event.path;
            if (srtp_ && !told_connected_) {
                // An ICE restart: DTLS went on. The path is used once something authentic comes from it.
                told_connected_ = true;
                events.notices.push_back({Signal::Connected, 0});
            }
        }
    }
}

void Peer::authenticate_path(const Path& path) {
    if (send_path_ == path) return;
    if (ice_.selected_path() == path) send_path_ = path;
}

void Peer::handle_dtls(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx, Events& events) {
    const dtls::Events dtls_events = dtls_.handle_datagram(now, path, datagram, tx);
    // A client may finish the handshake before it nominates: until then what it uses is good enough (RFC
    // 8445 12.1.1).
    if (dtls_.is_connected() && !send_path_) send_path_ = path;
    handle_dtls_events(now, dtls_events, tx, events);
    flush_sctp(now, tx);
}

void Peer::handle_dtls_events(Instant now, const dtls::Events& dtls_events, TransmitQueue& tx,
                              Events& events) {
    for (const dtls::Event& event : dtls_events) {
        switch (event.kind) {
            case dtls::Event::Kind::Connected:
                become_secure(events);
                break;
            case dtls::Event::Kind::ApplicationData:
                handle_sctp_events(now, data_.handle_packet(now, event.data, sctp_out_), events, tx);
                break;
            case dtls::Event::Kind::Failed:
            case dtls::Event::Kind::Closed:
                has_failed_ = is_over_ = true;
                events.notices.push_back({Signal::Failed, 0});
                break;
        }
    }
}

void Peer::become_secure(Events& events) {
    const auto& keys = dtls_.keying_material();
    auto session = keys ? srtp::Session::create(keys->profile, keys->receive, keys->send)
                        : Result<srtp::Session>(failure("no SRTP profile in common"));
    if (!session) {
        has_failed_ = is_over_ = true;
        events.notices.push_back({Signal::Failed, 0});
        return;
    }
    srtp_ = std::move(*session);
    for (const auto& [id, egress] : egress_) {
        (void)srtp_->add_send_stream(egress->stream.config().ssrc);
        if (egress->stream.config().has_rtx) (void)srtp_->add_send_stream(egress->stream.config().rtx_ssrc);
    }
    told_connected_ = true;
    events.notices.push_back({Signal::Connected, 0});
}

void Peer::handle_rtp(Instant now, const Path& path, const PacketRef& packet, Events& events) {
    if (!srtp_) {
        ++counters_.not_ready;
        return;
    }
    const auto size = srtp_->unprotect_rtp(packet.bytes());
    if (!size) {
        ++counters_.srtp_dropped[static_cast<size_t>(size.error())];
        return;
    }
    authenticate_path(path);
    packet.set_size(*size);
    const auto rtp = wire::parse_rtp(packet.bytes());
    if (!rtp) {
        ++counters_.malformed;
        return;
    }
    Ingress* ingress = ingress_of(*rtp);
    if (!ingress) {
        ++counters_.unknown_stream;
        return;
    }
    if (ingress->transport_cc_extension != 0) {
        const auto value = wire::find_extension(*rtp, ingress->transport_cc_extension);
        const auto sequence = value ? wire::parse_transport_cc(*value) : std::nullopt;
        if (sequence) {
            if (!feedback_) feedback_.emplace(rtcp_ssrc_, rtp->ssrc);
            feedback_->record(now, *sequence);
        }
    }
    const bool is_rtx = ingress->is_rtx(rtp->payload_type);
    auto received = is_rtx ? ingress->stream->handle_rtx(now, packet, *rtp)
                           : ingress->stream->handle_rtp(now, packet, *rtp);
    if (!received) return;
    receiver_reports_.start(now);
    events.media = to_media(*ingress, *received);
    if (events.media) ingress->cache.store(now, events.media->sequence, events.media->packet);
}

std::optional<Media> Peer::to_media(Ingress& ingress, const rtp::IngressStream::Received& received) {
    const NegotiatedCodec* codec = ingress.codec(received.rtp.payload_type);
    if (!codec || received.rtp.payload.empty()) return std::nullopt;  // a probe of padding alone
    Media media;
    media.ingress = ingress.id;
    media.codec = codec->codec;
    media.ssrc = ingress.stream->config().ssrc;
    media.sequence = received.seq;
    media.timestamp = received.rtp.timestamp;
    media.is_newest = received.is_newest;
    media.starts_keyframe = starts_keyframe(codec->codec, received.rtp.payload);
    if (ingress.audio_level_extension != 0) {
        const auto value = wire::find_extension(received.rtp, ingress.audio_level_extension);
        if (value) media.level = wire::parse_audio_level(*value);
    }
    normalise(received.packet, received.rtp);
    media.packet = received.packet;
    return media;
}

Peer::Ingress* Peer::ingress_of(const wire::RtpPacket& rtp) {
    const auto it = ingress_by_ssrc_.find(rtp.ssrc);
    if (it != ingress_by_ssrc_.end()) return it->second;
    return bind_by_mid(rtp);
}

// RFC 8843 9.2: an SSRC that no SDP line named says where it belongs.
Peer::Ingress* Peer::bind_by_mid(const wire::RtpPacket& rtp) {
    for (auto& [id, ingress] : ingress_) {
        if (ingress->mid_extension == 0) continue;
        const auto value = wire::find_extension(rtp, ingress->mid_extension);
        const auto mid = value ? wire::parse_stream_id(*value) : std::nullopt;
        if (!mid || *mid != ingress->mid) continue;
        if (ingress->codec(rtp.payload_type)) {
            bind(*ingress, rtp.ssrc, 0);
            return ingress.get();
        }
        if (ingress->is_rtx(rtp.payload_type) && ingress->stream) {
            ingress->stream->set_rtx_ssrc(rtp.ssrc);
            ingress_by_ssrc_[rtp.ssrc] = ingress.get();
            return ingress.get();
        }
        return nullptr;
    }
    return nullptr;
}

void Peer::bind(Ingress& ingress, uint32_t ssrc, uint32_t rtx_ssrc) {
    std::erase_if(ingress_by_ssrc_, [&](const auto& entry) { return entry.second == &ingress; });
    rtp::IngressStream::Config config;
    config.ssrc = ssrc;
    if (rtx_ssrc != 0) config.rtx_ssrc = rtx_ssrc;
    config.kind = ingress.kind;
    config.clock_rate = ingress.kind == rtp::MediaKind::Audio ? 48000 : 90000;
    // Opus conceals a loss better than a late packet helps; RED and FEC repair it.
    config.nack = ingress.kind == rtp::MediaKind::Video;
    for (const NegotiatedCodec& codec : ingress.codecs) {
        if (codec.rtx_payload_type) config.rtx.push_back({*codec.rtx_payload_type, codec.payload_type});
    }
    ingress.stream.emplace(config);
    ingress.cache.clear();
    ingress_by_ssrc_[ssrc] = &ingress;
    if (rtx_ssrc != 0) ingress_by_ssrc_[rtx_ssrc] = &ingress;
}

void Peer::handle_rtcp(Instant now, const Path& path, const PacketRef& packet, Events& events) {
    if (!srtp_) {
        ++counters_.not_ready;
        return;
    }
    const auto size = srtp_->unprotect_rtcp(packet.bytes());
    if (!size) {
        ++counters_.srtp_dropped[static_cast<size_t>(size.error())];
        return;
    }
    authenticate_path(path);
    handle_rtcp_packet(now, packet.bytes().first(*size), events);
}

void Peer::handle_rtcp_packet(Instant now, ByteView compound, Events& events) {
    wire::RtcpReader reader(compound);
    while (const auto rtcp = reader.next()) {
        if (const auto* sender = std::get_if<wire::SenderReport>(&*rtcp)) {
            const auto it = ingress_by_ssrc_.find(sender->ssrc);
            if (it != ingress_by_ssrc_.end() && it->second->stream &&
                it->second->stream->config().ssrc == sender->ssrc) {
                it->second->stream->handle_sender_report(now, *sender);
            }
            for (const wire::ReportBlock block : sender->reports) handle_report_block(now, block);
        } else if (const auto* receiver = std::get_if<wire::ReceiverReport>(&*rtcp)) {
            for (const wire::ReportBlock block : receiver->reports) handle_report_block(now, block);
        } else if (const auto* nack = std::get_if<wire::Nack>(&*rtcp)) {
            handle_nack(now, *nack);
        } else if (const auto* pli = std::get_if<wire::Pli>(&*rtcp)) {
            handle_keyframe_request(pli->media_ssrc, events);
        } else if (const auto* fir = std::get_if<wire::Fir>(&*rtcp)) {
            for (const wire::FirEntry entry : fir->entries) handle_keyframe_request(entry.ssrc, events);
        }
    }
    counters_.malformed += reader.malformed();
}

void Peer::handle_report_block(Instant now, const wire::ReportBlock& block) {
    const auto it = egress_by_ssrc_.find(block.ssrc);
    if (it == egress_by_ssrc_.end()) return;
    const auto reception = it->second->stream.handle_report_block(now, block);
    if (!reception) return;
    it->second->fraction_lost = reception->fraction_lost;
    it->second->reported_at = now;
}

void Peer::handle_nack(Instant now, const wire::Nack& nack) {
    const auto it = egress_by_ssrc_.find(nack.media_ssrc);
    if (it == egress_by_ssrc_.end()) return;
    for (const ExtSeqNo sequence : it->second->stream.handle_nack(now, nack)) {
        retransmissions_.push_back({it->second->id, sequence});
    }
}

void Peer::handle_keyframe_request(uint32_t media_ssrc, Events& events) {
    const auto it = egress_by_ssrc_.find(media_ssrc);
    if (it == egress_by_ssrc_.end() || events.notices.full()) return;
    events.notices.push_back({Signal::KeyframeWanted, it->second->id});
}

}  // namespace conclave::peer
