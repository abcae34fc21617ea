// To the client: media, retransmissions, reports.
#include "peer/downlink.h"
#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::peer {
namespace {

// RTCP of ours is small: a report with its CNAME, or one feedback message.
constexpr size_t kRtcpSize = 1200;

// The fixed header and every extension that we write, at its longest.
constexpr size_t kDependencyDescriptorMax = 255;  // RFC 8285 4.3
constexpr size_t kHeaderMax =
    12 + 4 + (2 + wire::kStreamIdSizeMax) + (2 + 3) + (2 + 16) + (2 + kDependencyDescriptorMax) + 3;
// An Opus packet holds 120 ms at most (RFC 6716 2.1.4).
constexpr uint16_t kOpusTicksMax = 5760;
// The last byte counts them all (RFC 3550 5.1).
constexpr uint8_t kPaddingMax = 255;

using Extensions = StaticVector<wire::HeaderExtension, 4>;

using Vp8Head = std::array<uint8_t, wire::kVp8DescriptorMax>;

ByteView payload_of(const PacketRef& packet) {
    return packet.bytes().subspan(wire::kRtpHeaderSize);
}

// The payload with the subscriber's own VP8 ids: the descriptor written anew, then the frame; one place is
// left. `from` is Media or CachedPacket.
template <class From>
StaticVector<ByteView, 3> split_payload(const From& from, const Outgoing& outgoing, Vp8Head& head) {
    StaticVector<ByteView, 3> parts;
    if (!from.vp8 || !outgoing.vp8) {
        parts.push_back(payload_of(from.packet));
        return parts;
    }
    parts.push_back(ByteView{head}.first(wire::rewrite_vp8(*from.vp8, *outgoing.vp8, head)));
    parts.push_back(from.vp8->frame);
    return parts;
}

// The dependency descriptor with the frame number that the subscriber counts by.
KeptExtensions renumber(KeptExtensions kept, const Outgoing& outgoing, MutableBytes room) {
    const ByteView value = kept.dependency_descriptor;
    if (!outgoing.frame_number || value.size() < wire::kDependencyDescriptorSizeMin) return kept;
    std::memcpy(room.data(), value.data(), value.size());
    store_be16(room.data() + wire::kFrameNumberOffset, *outgoing.frame_number);
    kept.dependency_descriptor = room.first(value.size());
    return kept;
}

wire::RtpHeader header_of(const Outgoing& outgoing, const NegotiatedCodec& format, uint32_t ssrc) {
    return {.marker = outgoing.marker,
            .payload_type = format.payload_type,
            .sequence_number = outgoing.sequence.wire(),
            .timestamp = outgoing.timestamp,
            .ssrc = ssrc,
            .has_padding = false};
}

// RFC 3550 5.1: the last byte counts them all.
using Padding = std::array<uint8_t, kOutgoingPaddingMax>;
ByteView write_padding(size_t size, Padding& bytes) {
    DCHECK(size > 0 && size <= bytes.size());
    bytes[size - 1] = static_cast<uint8_t>(size);
    return ByteView{bytes}.first(size);
}

}  // namespace

void Peer::open_streams(Egress& egress) {
    const rtp::EgressStream::Config& stream = egress.stream.config();
    egress.srtp_media = srtp_->send_stream(stream.ssrc);
    if (stream.has_rtx) egress.srtp_rtx = srtp_->send_stream(stream.rtx_ssrc);
}

Peer::Egress* Peer::find_sending(EgressId id) {
    if (!is_connected()) return nullptr;
    if (recent_ && recent_->id == id) return recent_;
    const auto it = egress_.find(id);
    if (it == egress_.end()) return nullptr;
    return recent_ = it->second.get();
}

void Peer::prefetch(EgressId id) {
    const Egress* egress = find_sending(id);
    if (egress && egress->srtp_media) srtp_->prefetch(*egress->srtp_media);
}

void Peer::send_rtp(Instant now, const Outgoing& outgoing, const Media& media, TransmitQueue& tx) {
    Egress* egress = find_sending(outgoing.egress);
    if (!egress) return;
    const NegotiatedCodec* format = egress->format(media.codec);
    if (!format) {
        if (media.codec == Codec::Red) send_primary(now, *egress, outgoing, media, tx);
        return;
    }
    if (must_wait(now, *egress)) {
        ++counters_.paced;
        downlink_->waiting.push({outgoing, media.packet, media.codec, false, now});
        return;
    }
    send_media(now, *egress, *format, outgoing, media, tx);
}

// `from` is Media or CachedPacket.
template <class From>
void Peer::send_media(Instant now, Egress& egress, const NegotiatedCodec& format, const Outgoing& outgoing,
                      const From& from, TransmitQueue& tx) {
    Vp8Head head;
    auto parts = split_payload(from, outgoing, head);
    wire::RtpHeader header = header_of(outgoing, format, egress.stream.config().ssrc);
    Padding padding{};
    if (outgoing.padding > 0) {
        parts.push_back(write_padding(outgoing.padding, padding));
        header.has_padding = true;
    }
    std::array<uint8_t, kDependencyDescriptorMax> renumbered;
    const KeptExtensions kept = renumber(from.kept, outgoing, renumbered);
    send_payload(now, egress, egress.srtp_media, header, kept, {parts.data(), parts.size()}, tx);
    egress.stream.handle_sent(now, outgoing.sequence, payload_of(from.packet).size());
    egress.timestamp = outgoing.timestamp;
    if (format.rtx_payload_type && egress.srtp_rtx) probing_ = &egress;
}

// A client without RED (Firefox, Safari) gets the primary block as plain Opus, and what the network lost
// before it from the redundant ones (RFC 2198 4): those are the frames of the packets right before this one.
void Peer::send_primary(Instant now, Egress& egress, const Outgoing& outgoing, const Media& media,
                        TransmitQueue& tx) {
    const NegotiatedCodec* opus = egress.format(Codec::Opus);
    if (!opus || !media.red) return;
    const auto& blocks = media.red->blocks;
    const auto send = [&](const Outgoing& as, ByteView frame) {
        const wire::RtpHeader header = header_of(as, *opus, egress.stream.config().ssrc);
        send_payload(now, egress, egress.srtp_media, header, {}, ByteParts{&frame, 1}, tx);
        egress.stream.handle_sent(now, as.sequence, frame.size());
    };
    const size_t redundant = blocks.size() - 1;
    for (size_t i = 0; i < redundant && egress.stream.has_sent(); ++i) {
        const wire::RedBlock& block = blocks[i];
        const auto back = static_cast<int64_t>(redundant - i);
        const bool is_plausible = !block.data.empty() && block.timestamp_offset > 0 &&
                                  block.timestamp_offset <= back * kOpusTicksMax;
        Outgoing lost = outgoing;
        lost.sequence = outgoing.sequence + -back;
        lost.timestamp -= block.timestamp_offset;
        lost.marker = false;
        if (!is_plausible || lost.sequence <= egress.stream.newest()) continue;
        send(lost, block.data);
    }
    const ByteView primary = media.red->primary().data;
    if (!primary.empty()) send(outgoing, primary);
}

void Peer::retransmit(Instant now, const Outgoing& outgoing, const CachedPacket& cached, TransmitQueue& tx) {
    Egress* egress = find_sending(outgoing.egress);
    if (!egress) return;
    if (must_wait(now, *egress)) {
        ++counters_.paced;
        downlink_->waiting.push({outgoing, cached.packet, cached.codec, true, now});
        return;
    }
    send_again(now, *egress, outgoing, cached, tx);
}

void Peer::send_again(Instant now, Egress& egress, const Outgoing& outgoing, const CachedPacket& cached,
                      TransmitQueue& tx) {
    const NegotiatedCodec* format = egress.format(cached.codec);
    // Without RTX the same packet would need the same nonce again, which SRTP forbids us (RFC 7714 8.1).
    if (!format || !format->rtx_payload_type) return;
    Vp8Head head;
    const auto media = split_payload(cached, outgoing, head);
    const wire::RtpHeader original = header_of(outgoing, *format, egress.stream.config().ssrc);
    const auto rtx =
        egress.stream.wrap_rtx(*format->rtx_payload_type, original, payload_of(cached.packet).size());
    if (!rtx) return;
    std::array<uint8_t, 2> original_sequence;  // RFC 4588 4
    store_be16(original_sequence.data(), original.sequence_number.value);
    StaticVector<ByteView, 3> parts;
    parts.push_back(original_sequence);
    for (const ByteView part : media) parts.push_back(part);
    std::array<uint8_t, kDependencyDescriptorMax> renumbered;
    const KeptExtensions kept = renumber(cached.kept, outgoing, renumbered);
    send_payload(now, egress, egress.srtp_rtx, *rtx, kept, {parts.data(), parts.size()}, tx);
}

// What waited. False when the packet is of a track that is gone, or the client has turned it down.
void Peer::send_waiting(Instant now, const PacedQueue::Waiting& waiting, TransmitQueue& tx) {
    Egress* egress = find_sending(waiting.as.egress);
    const NegotiatedCodec* format = egress ? egress->format(waiting.codec) : nullptr;
    if (!format) return;
    const CachedPacket packet = read_cached(waiting.packet, waiting.codec);
    if (!packet.packet) return;
    if (waiting.is_again) {
        send_again(now, *egress, waiting.as, packet, tx);
    } else {
        send_media(now, *egress, *format, waiting.as, packet, tx);
    }
}

bool Peer::send_padding(Instant now, Egress& egress, TransmitQueue& tx) {
    const NegotiatedCodec* format = egress.rtx_format();
    const auto header =
        format ? egress.stream.wrap_padding(*format->rtx_payload_type, egress.timestamp) : std::nullopt;
    if (!header) return false;
    std::array<uint8_t, kPaddingMax> padding{};
    padding.back() = kPaddingMax;  // RFC 3550 5.1
    const ByteView payload{padding};
    return send_payload(now, egress, egress.srtp_rtx, *header, {}, ByteParts{&payload, 1}, tx);
}

// `stream`: the track's, or that of its retransmissions; null when the session takes no more. False when
// nothing was sent.
bool Peer::send_payload(Instant now, Egress& egress, srtp::Session::SendStream* stream,
                        const wire::RtpHeader& header, const KeptExtensions& kept, ByteParts payload,
                        TransmitQueue& tx) {
    if (!stream) return false;
    const DownstreamExtensions& ids = egress.extensions;
    // Either tells the receiver's side of the estimate, REMB, or numbers what ours is by.
    const bool is_numbered = ids.transport_cc != 0;
    std::array<uint8_t, 2> number;
    std::array<uint8_t, 3> sent_at;
    Extensions extensions;
    const auto add = [&](uint8_t id, ByteView value) {
        if (id != 0 && !value.empty()) extensions.push_back({id, value});
    };
    // Packets may overtake the answer that names their SSRC: a client would guess by the payload type whose
    // they are, and Firefox gives them to another track for good (RFC 9143 9.2).
    if (!egress.is_known) add(ids.mid, as_bytes(egress.mid));
    if (is_numbered) {
        number = wire::serialize_transport_cc(downlink_->estimator.next_number());
        extensions.push_back({ids.transport_cc, number});
    } else if (ids.abs_send_time != 0) {
        sent_at = wire::serialize_abs_send_time(wire::abs_send_time_of(now));
        extensions.push_back({ids.abs_send_time, sent_at});
    }
    add(ids.abs_capture_time, kept.capture_time);
    add(ids.dependency_descriptor, kept.dependency_descriptor);
    std::array<uint8_t, kHeaderMax> buffer;
    const size_t header_size = wire::write_rtp_header(buffer, header, {extensions.data(), extensions.size()});
    CHECK(header_size > 0);
    const MutableBytes room = tx.reserve(header_size + total_size(payload) + srtp::Session::kOverheadMax);
    if (room.empty()) return false;
    const size_t size = srtp_->protect_rtp(*stream, header.sequence_number,
                                           ByteView{buffer}.first(header_size), payload, room);
    if (size == 0) return false;
    tx.commit(*send_path_, size);
    (egress.is_audio ? sent_.audio : sent_.video) += size;
    if (is_numbered) downlink_->handle_sent(now, size);
    return true;
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

void Peer::request_keyframe(IngressId id, uint8_t index, TransmitQueue& tx) {
    const Encoding* encoding = find_encoding(id, index);
    if (!encoding || !encoding->stream) return;
    std::array<uint8_t, kRtcpSize> buffer;
    ByteWriter out(buffer);
    if (wire::write_pli(out, rtcp_ssrc_, encoding->stream->config().ssrc)) send_rtcp(out.written(), tx);
}

void Peer::close(TransmitQueue& tx) {
    if (send_path_) dtls_.close(*send_path_, tx);
    has_failed_ = is_over_ = true;
}

}  // namespace conclave::peer
