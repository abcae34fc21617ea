// Which SSRC is which encoding of which track: as the offer says, else as the packets say themselves (RFC
// 8843 9.2, RFC 8852).
#include <algorithm>

#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/rtp.h"

namespace conclave::peer {
namespace {

std::optional<std::string_view> stream_id(const wire::RtpPacket& rtp, uint8_t extension) {
    const auto value = extension != 0 ? wire::find_extension(rtp, extension) : std::nullopt;
    return value ? wire::parse_stream_id(*value) : std::nullopt;
}

}  // namespace

// Streams follow what the client says now: SSRCs and encodings may change, sections may stop.
void Peer::follow_negotiation() {
    for (const auto& [id, ingress] : ingress_) {
        const Section* section = negotiation_.section(ingress->mid);
        if (section && section->is_received()) follow_section(*ingress, *section);
    }
    for (const auto& [id, egress] : egress_) {
        const Section* section = negotiation_.section(egress->mid);
        if (!section) continue;
        egress->codecs = section->codecs;
        egress->extensions = section->downstream;
    }
    open_downlink();
}

void Peer::follow_section(Ingress& ingress, const Section& section) {
    const OfferedTrack& track = *section.offered_track;
    ingress.codecs = section.agreed_codecs();
    ingress.extensions = section.usable_upstream();
    std::vector<std::unique_ptr<Encoding>> before = std::exchange(ingress.encodings, {});
    const auto keep_or_add = [&](const std::string& rid) {
        const auto it = std::find_if(before.begin(), before.end(),
                                     [&](const auto& encoding) { return encoding && encoding->rid == rid; });
        ingress.encodings.push_back(it != before.end() ? std::move(*it)
                                                       : std::make_unique<Encoding>(ingress, rid));
        Encoding& encoding = *ingress.encodings.back();
        encoding.index = static_cast<uint8_t>(ingress.encodings.size() - 1);
        const bool has_dependencies = ingress.extensions.dependency_descriptor != 0;
        if (has_dependencies == (encoding.dependencies != nullptr)) return;
        encoding.dependencies =
            has_dependencies ? std::make_unique<wire::DependencyDescriptorReader>() : nullptr;
    };
    if (track.rids.empty()) keep_or_add({});
    for (const std::string& rid : track.rids) keep_or_add(rid);
    for (const auto& dropped : before) {
        if (dropped) unbind(*dropped);
    }
    Encoding& only = *ingress.encodings.front();
    if (track.ssrc != 0 && (!only.stream || only.stream->config().ssrc != track.ssrc))
        bind(only, track.ssrc, track.rtx_ssrc);
}

Peer::Encoding* Peer::encoding_of(const wire::RtpPacket& rtp) {
    const auto it = encoding_by_ssrc_.find(rtp.ssrc);
    return it != encoding_by_ssrc_.end() ? it->second : bind_by_extensions(rtp);
}

Peer::Encoding* Peer::bind_by_extensions(const wire::RtpPacket& rtp) {
    for (const auto& [id, ingress] : ingress_) {
        if (stream_id(rtp, ingress->extensions.mid) != ingress->mid) continue;
        const bool is_rtx = ingress->is_rtx(rtp.payload_type);
        if (!is_rtx && !ingress->codec(rtp.payload_type)) break;
        Encoding* encoding = find_encoding(*ingress, rtp, is_rtx);
        if (!encoding) {
            ++counters_.unknown_rid;
            return nullptr;
        }
        if (encoding->has_left(rtp.ssrc) || (is_rtx && !encoding->stream)) break;
        if (is_rtx) {
            bind_rtx(*encoding, rtp.ssrc);
        } else {
            bind(*encoding, rtp.ssrc, 0);
        }
        return encoding;
    }
    ++counters_.unknown_stream;
    return nullptr;
}

Peer::Encoding* Peer::find_encoding(const Ingress& ingress, const wire::RtpPacket& rtp, bool is_rtx) {
    if (ingress.encodings.front()->rid.empty()) return ingress.encodings.front().get();
    const UpstreamExtensions& ids = ingress.extensions;
    const auto rid = stream_id(rtp, is_rtx ? ids.repaired_rid : ids.rid);
    return rid ? ingress.encoding(*rid) : nullptr;
}

void Peer::bind(Encoding& encoding, uint32_t ssrc, uint32_t rtx_ssrc) {
    if (encoding.stream) {
        encoding.left[encoding.next_left] = encoding.stream->config().ssrc;
        encoding.next_left = (encoding.next_left + 1) % Encoding::kLeftMax;
    }
    unbind(encoding);
    const Ingress& track = encoding.track;
    rtp::IngressStream::Config config;
    config.ssrc = ssrc;
    config.kind = track.kind;
    config.clock_rate = track.kind == rtp::MediaKind::Audio ? 48000 : 90000;
    // Opus conceals a loss better than a late packet helps; RED and FEC repair it.
    config.nack = track.kind == rtp::MediaKind::Video;
    for (const NegotiatedCodec& codec : track.codecs) {
        if (codec.rtx_payload_type) config.rtx.push_back({*codec.rtx_payload_type, codec.payload_type});
    }
    encoding.stream.emplace(config);
    encoding.cache.clear();
    if (encoding.dependencies) *encoding.dependencies = {};
    encoding_by_ssrc_[ssrc] = &encoding;
    if (rtx_ssrc != 0) bind_rtx(encoding, rtx_ssrc);
}

void Peer::bind_rtx(Encoding& encoding, uint32_t rtx_ssrc) {
    if (const auto before = encoding.stream->config().rtx_ssrc) {
        const auto it = encoding_by_ssrc_.find(*before);
        if (it != encoding_by_ssrc_.end() && it->second == &encoding) encoding_by_ssrc_.erase(it);
    }
    encoding.stream->set_rtx_ssrc(rtx_ssrc);
    encoding_by_ssrc_[rtx_ssrc] = &encoding;
}

void Peer::unbind(const Encoding& encoding) {
    std::erase_if(encoding_by_ssrc_, [&](const auto& entry) { return entry.second == &encoding; });
}

const Peer::Encoding* Peer::find_encoding(IngressId id, uint8_t encoding) const {
    const auto it = ingress_.find(id);
    if (it == ingress_.end() || encoding >= it->second->encodings.size()) return nullptr;
    return it->second->encodings[encoding].get();
}

}  // namespace conclave::peer
