// From the network: every datagram of one client.
#include <algorithm>

#include "peer/downlink.h"
#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/demux.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::peer {
Events Peer::handle_datagram(Instant now, const Path& path, PacketRef packet, TransmitQueue& tx) {
    const PacketRef taken = std::move(packet);
    Events events;
    retransmissions_.clear();
    data_messages_.clear();
    const wire::DatagramKind kind = wire::classify(taken.bytes());
    if (kind == wire::DatagramKind::Stun) {
        handle_stun(now, path, taken.bytes(), tx, events);
    } else if (kind == wire::DatagramKind::Rtp) {
        handle_rtp(now, path, taken, tx, events);
    } else if (kind == wire::DatagramKind::Rtcp) {
        handle_rtcp(now, path, taken, tx, events);
    } else if (!ice_.is_valid_path(path)) {
        ++counters_.unknown_path;
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
    const bool is_verifying = ice_.is_verifying(path);
    handle_ice_events(ice_.handle_datagram(now, path, datagram, tx), events);
    // Something authentic had come from there.
    if (is_verifying && ice_.selected_path() == path) take_path(path);
}

void Peer::handle_ice_events(const ice::Events& ice_events, Events& events) {
    for (const ice::Event& event : ice_events) {
        if (event.kind == ice::Event::Kind::Failed) {
            has_failed_ = true;
            events.notices.push_back({Signal::Failed, 0});
        } else if (event.kind == ice::Event::Kind::Selected) {
            // Before DTLS is done nothing secret is sent, and the handshake itself authenticates the path.
            // After a restart the former path is over, and who only receives has next to nothing to send: its
            // check with the new password is enough. Any other change waits until something authentic comes.
            const bool is_restarted = awaits_restart_ && !ice_.is_restarting();
            if (is_restarted) awaits_restart_ = false;
            if (!send_path_ || !srtp_ || is_restarted) take_path(event.path);
            if (srtp_ && !told_connected_) {
                // An ICE restart: DTLS went on.
                told_connected_ = true;
                events.notices.push_back({Signal::Connected, 0});
            }
        }
    }
}

void Peer::close_path(Instant now, const Path& path) {
    // Silence tells the rest: ICE gives up when nothing else is checked in time.
    (void)ice_.close_path(now, path);
}

// What is authentic is the client's, wherever it comes from; but only a path that has passed a check gets
// any.
void Peer::authenticate_path(Instant now, const Path& path, TransmitQueue& tx) {
    if (send_path_ == path) return;
    if (ice_.selected_path() == path) take_path(path);
    ice_.verify(now, path, tx);
}

void Peer::take_path(const Path& path) {
    // Another port is the same network behind a NAT that has forgotten; another address is another network.
    if (downlink_ && send_path_ && send_path_->remote.ip != path.remote.ip)
        downlink_->estimator.handle_route_change();
    send_path_ = path;
}

void Peer::handle_dtls(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx, Events& events) {
    const dtls::Events dtls_events = dtls_.handle_datagram(now, path, datagram, tx);
    // A client may finish the handshake before it nominates: until then what it uses is good enough (RFC
    // 8445 12.1.1).
    if (!srtp_ && !ice_.selected_path()) send_path_ = path;
    handle_dtls_events(now, dtls_events, tx, events);
    flush_sctp(now, tx);
    events.handshake = dtls_.take_handshake();
}

Events Peer::put_back(Instant now, std::unique_ptr<Handshake> handshake, TransmitQueue& tx) {
    Events events;
    data_messages_.clear();
    handle_dtls_events(now, dtls_.put_back(now, std::move(handshake), tx), tx, events);
    flush_sctp(now, tx);
    events.handshake = dtls_.take_handshake();
    events.data = data_messages_;
    return events;
}

void Peer::handle_dtls_events(Instant now, const dtls::Events& dtls_events, TransmitQueue& tx,
                              Events& events) {
    for (const dtls::Event& event : dtls_events) {
        switch (event.kind) {
            case dtls::Event::Kind::Connected:
                become_secure(events);
                if (negotiation_.is_offering()) open_channels(now);
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
    for (const auto& [id, egress] : egress_) open_streams(*egress);
    told_connected_ = true;
    events.notices.push_back({Signal::Connected, 0});
}

void Peer::handle_rtp(Instant now, const Path& path, const PacketRef& packet, TransmitQueue& tx,
                      Events& events) {
    if (!srtp_) {
        ++counters_.not_ready;
        return;
    }
    const auto size = srtp_->unprotect_rtp(packet.bytes());
    if (!size) {
        ++counters_.srtp_dropped[static_cast<size_t>(size.error())];
        return;
    }
    authenticate_path(now, path, tx);
    packet.set_size(*size);
    const auto rtp = wire::parse_rtp(packet.bytes());
    if (!rtp) {
        ++counters_.malformed;
        return;
    }
    Encoding* encoding = encoding_of(*rtp);
    if (!encoding) return;
    const Ingress& track = encoding->track;
    if (track.extensions.transport_cc != 0) {
        const auto value = wire::find_extension(*rtp, track.extensions.transport_cc);
        const auto sequence = value ? wire::parse_transport_cc(*value) : std::nullopt;
        if (sequence) {
            if (!feedback_) feedback_ = std::make_unique<rtp::FeedbackRecorder>(rtcp_ssrc_, rtp->ssrc);
            feedback_->record(now, *sequence);
        }
    }
    const bool is_rtx = track.is_rtx(rtp->payload_type);
    auto received = is_rtx ? encoding->stream->handle_rtx(now, packet, *rtp)
                           : encoding->stream->handle_rtp(now, packet, *rtp);
    if (!received) return;
    receiver_reports_.start(now);
    events.media = to_media(*encoding, *received);
    if (events.media) encoding->cache.store(now, events.media->sequence, events.media->packet);
}

std::optional<Media> Peer::to_media(Encoding& encoding, const rtp::IngressStream::Received& received) {
    const Ingress& track = encoding.track;
    const wire::RtpPacket& rtp = received.rtp;
    const NegotiatedCodec* codec = track.codec(rtp.payload_type);
    if (!codec || rtp.payload.empty()) return std::nullopt;  // a probe of padding alone
    Media media;
    media.ingress = track.id;
    media.encoding = encoding.index;
    media.codec = codec->codec;
    media.ssrc = encoding.stream->config().ssrc;
    media.sequence = received.seq;
    media.timestamp = rtp.timestamp;
    media.marker = rtp.marker;
    media.is_newest = received.is_newest;
    const auto extension = [&](uint8_t id) {
        return id != 0 ? wire::find_extension(rtp, id).value_or(ByteView{}) : ByteView{};
    };
    media.level = wire::parse_audio_level(extension(track.extensions.audio_level));
    KeptExtensions kept;
    if (encoding.dependencies) {
        kept.dependency_descriptor = extension(track.extensions.dependency_descriptor);
        media.dependencies = encoding.dependencies->read(kept.dependency_descriptor);
        if (!media.dependencies) kept.dependency_descriptor = {};
    }
    const ByteView capture_time = extension(track.extensions.abs_capture_time);
    if (wire::parse_abs_capture_time(capture_time)) kept.capture_time = capture_time;
    read_payload(rtp.payload, media);
    normalise(received.packet, rtp, kept);
    media.packet = received.packet;
    media.kept = kept_extensions(media.packet);
    return media;
}

void Peer::handle_rtcp(Instant now, const Path& path, const PacketRef& packet, TransmitQueue& tx,
                       Events& events) {
    if (!srtp_) {
        ++counters_.not_ready;
        return;
    }
    const auto size = srtp_->unprotect_rtcp(packet.bytes());
    if (!size) {
        ++counters_.srtp_dropped[static_cast<size_t>(size.error())];
        return;
    }
    authenticate_path(now, path, tx);
    handle_rtcp_packet(now, packet.bytes().first(*size), events);
}

void Peer::handle_rtcp_packet(Instant now, ByteView compound, Events& events) {
    wire::RtcpReader reader(compound);
    while (const auto rtcp = reader.next()) {
        if (const auto* sender = std::get_if<wire::SenderReport>(&*rtcp)) {
            const auto it = encoding_by_ssrc_.find(sender->ssrc);
            if (it != encoding_by_ssrc_.end()) it->second->stream->handle_sender_report(now, *sender);
            for (const wire::ReportBlock block : sender->reports) handle_report_block(now, block);
        } else if (const auto* receiver = std::get_if<wire::ReceiverReport>(&*rtcp)) {
            for (const wire::ReportBlock block : receiver->reports) handle_report_block(now, block);
        } else if (const auto* nack = std::get_if<wire::Nack>(&*rtcp)) {
            handle_nack(now, *nack);
        } else if (const auto* pli = std::get_if<wire::Pli>(&*rtcp)) {
            handle_keyframe_request(pli->media_ssrc, events);
        } else if (const auto* fir = std::get_if<wire::Fir>(&*rtcp)) {
            for (const wire::FirEntry entry : fir->entries) handle_keyframe_request(entry.ssrc, events);
        } else if (const auto* remb = std::get_if<wire::Remb>(&*rtcp)) {
            estimated_bitrate_ = {remb->bitrate_bps};
            estimated_at_ = now;
        } else if (const auto* feedback = std::get_if<wire::TransportFeedback>(&*rtcp)) {
            handle_feedback(now, *feedback, events);
        }
    }
    counters_.malformed += reader.malformed();
}

void Peer::handle_report_block(Instant now, const wire::ReportBlock& block) {
    const auto it = egress_by_ssrc_.find(block.ssrc);
    if (it == egress_by_ssrc_.end()) return;
    const auto reception = it->second->stream.handle_report_block(now, block);
    if (!reception) return;
    it->second->is_known = true;
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
