// To the client: media, retransmissions, reports.
#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/red.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::peer {
namespace {

// RTCP of ours is small: a report with its CNAME, or one feedback message.
constexpr size_t kRtcpSize = 1200;

void write_header(MutableBytes packet, uint8_t payload_type, SeqNo sequence, uint32_t timestamp,
                  uint32_t ssrc) {
    packet[1] = static_cast<uint8_t>((packet[1] & 0x80) | payload_type);
    store_be16(packet.data() + 2, sequence.value);
    store_be32(packet.data() + 4, timestamp);
    store_be32(packet.data() + 8, ssrc);
}

}  // namespace

const NegotiatedCodec* Peer::sent_codec(const Egress& egress, Codec codec) const {
    const Section* section = negotiation_.section(egress.mid);
    return section ? section->find(codec) : nullptr;
}

void Peer::send_rtp(Instant now, EgressId id, const PacketRef& packet, Codec codec, ExtSeqNo sequence,
                    uint32_t timestamp, TransmitQueue& tx) {
    const auto it = egress_.find(id);
    if (it == egress_.end() || !is_connected()) return;
    Egress& egress = *it->second;
    const MutableBytes bytes = packet.bytes();
    const uint32_t ssrc = egress.stream.config().ssrc;
    if (const NegotiatedCodec* format = sent_codec(egress, codec)) {
        // The packet is shared with the other subscribers and the cache: it lends its header for the sealing.
        std::array<uint8_t, wire::kRtpHeaderSize> published;
        std::memcpy(published.data(), bytes.data(), published.size());
        write_header(bytes, format->payload_type, sequence.wire(), timestamp, ssrc);
        protect_and_queue(bytes, tx);
        std::memcpy(bytes.data(), published.data(), published.size());
        egress.stream.handle_sent(now, sequence, bytes.size() - wire::kRtpHeaderSize);
        return;
    }
    // A client without RED (Firefox, Safari) gets the primary block as plain Opus.
    const NegotiatedCodec* opus = codec == Codec::Red ? sent_codec(egress, Codec::Opus) : nullptr;
    const auto red = opus ? wire::parse_red(bytes.subspan(wire::kRtpHeaderSize)) : std::nullopt;
    if (!red || red->primary().data.empty()) return;
    const ByteView primary = red->primary().data;
    std::array<uint8_t, kPacketCapacity> plain;
    std::memcpy(plain.data(), bytes.data(), wire::kRtpHeaderSize);
    std::memcpy(plain.data() + wire::kRtpHeaderSize, primary.data(), primary.size());
    write_header(plain, opus->payload_type, sequence.wire(), timestamp, ssrc);
    protect_and_queue(MutableBytes{plain}.first(wire::kRtpHeaderSize + primary.size()), tx);
    egress.stream.handle_sent(now, sequence, primary.size());
}

void Peer::retransmit(EgressId id, const CachedPacket& cached, ExtSeqNo sequence, uint32_t timestamp,
                      TransmitQueue& tx) {
    const auto it = egress_.find(id);
    if (it == egress_.end() || !is_connected()) return;
    Egress& egress = *it->second;
    const NegotiatedCodec* format = sent_codec(egress, cached.codec);
    // Without RTX the same packet would need the same nonce again, which SRTP forbids us (RFC 7714 8.1).
    if (!format || !format->rtx_payload_type) return;
    const ByteView packet = cached.packet.bytes();
    const wire::RtpHeader header{(packet[1] & 0x80) != 0,
                                 format->payload_type,
                                 sequence.wire(),
                                 timestamp,
                                 egress.stream.config().ssrc,
                                 false};
    std::array<uint8_t, kPacketCapacity> plain;
    const size_t size = egress.stream.write_rtx(plain, *format->rtx_payload_type, header, {},
                                                packet.subspan(wire::kRtpHeaderSize));
    if (size > 0) protect_and_queue(ByteView{plain}.first(size), tx);
}

void Peer::protect_and_queue(ByteView plain, TransmitQueue& tx) {
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    if (room.empty()) return;
    const size_t size = srtp_->protect_rtp(plain, room);
    if (size > 0) tx.commit(*send_path_, size);
}

void Peer::send_rtcp(ByteView plain, TransmitQueue& tx) {
    if (!is_connected() || plain.empty()) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    if (room.empty()) return;
    const size_t size = srtp_->protect_rtcp(plain, room);
    if (size > 0) tx.commit(*send_path_, size);
}

void Peer::send_sender_report(Instant now, EgressId id, NtpTime ntp, uint32_t timestamp,
                              std::string_view cname, TransmitQueue& tx) {
    const auto it = egress_.find(id);
    if (it == egress_.end() || !is_connected()) return;
    const wire::SenderInfo info = it->second->stream.sender_info(now, ntp, timestamp);
    const uint32_t ssrc = it->second->stream.config().ssrc;
    std::array<uint8_t, kRtcpSize> buffer;
    ByteWriter out(buffer);
    // RFC 3550 6.1: a compound packet of report and CNAME, by which the client finds what belongs together.
    if (wire::write_sender_report(out, ssrc, info, {}) && wire::write_source_description(out, ssrc, cname)) {
        send_rtcp(out.written(), tx);
    }
}

void Peer::request_keyframe(IngressId id, TransmitQueue& tx) {
    const auto it = ingress_.find(id);
    if (it == ingress_.end() || !it->second->stream) return;
    std::array<uint8_t, kRtcpSize> buffer;
    ByteWriter out(buffer);
    if (wire::write_pli(out, rtcp_ssrc_, it->second->stream->config().ssrc)) send_rtcp(out.written(), tx);
}

void Peer::close(TransmitQueue& tx) {
    if (send_path_) dtls_.close(*send_path_, tx);
    has_failed_ = is_over_ = true;
}

}  // namespace conclave::peer
