#include "peer/media_section.h"

#include <algorithm>

#include "wire/header_extension.h"

namespace conclave::peer {
namespace {

// RFC 6184 8.1: constrained baseline, non-interleaved, which every browser and phone decodes. What is sent in
// this mode cannot be forwarded to a receiver of mode 0, which knows no fragments: so there is one mode.
bool is_common_h264(const wire::Codec& codec) {
    const auto mode = codec.fmtp.find("packetization-mode");
    const auto profile = codec.fmtp.find("profile-level-id");
    if (!mode || *mode != "1" || !profile || profile->size() != 6) return false;
    const std::string_view idc = profile->substr(0, 4);
    return idc == "42e0" || idc == "42E0" || idc == "4200" || idc == "42c0" || idc == "42C0";
}

// VP9 (RFC 9628 6.2) and AV1: 8 bits and 4:2:0, the profile that every decoder of them has, and the one meant
// when none is named. A stream of another could be forwarded to hardly anybody.
bool is_main_profile(const wire::Codec& codec, std::string_view parameter) {
    return codec.fmtp.find(parameter).value_or("0") == "0";
}

std::optional<Codec> recognise(const wire::Codec& codec, wire::MediaKind kind) {
    if (kind == wire::MediaKind::Audio) {
        if (codec.is("opus") && codec.clock_rate == 48000 && codec.channels == 2) return Codec::Opus;
        if (codec.is("red") && codec.clock_rate == 48000) return Codec::Red;
    }
    if (kind == wire::MediaKind::Video && codec.clock_rate == 90000) {
        if (codec.is("VP8")) return Codec::Vp8;
        if (codec.is("H264") && is_common_h264(codec)) return Codec::H264;
        if (codec.is("VP9") && is_main_profile(codec, "profile-id")) return Codec::Vp9;
        if (codec.is("AV1") && is_main_profile(codec, "profile")) return Codec::Av1;
    }
    return std::nullopt;
}

// 0 unless the client does with the extension what `may` asks of its direction (RFC 8285 6), under a number
// of its own.
uint8_t extension_id(const wire::MediaSection& section, std::string_view uri, bool (*may)(wire::Direction)) {
    const auto id = section.extmap_id(uri);
    if (!id || *id == 0 || *id > 255) return 0;
    size_t meanings = 0;
    bool is_allowed = false;
    for (const wire::Extmap& extmap : section.extmaps) {
        if (extmap.id != *id) continue;
        ++meanings;
        is_allowed = may(extmap.direction.value_or(wire::Direction::SendRecv));
    }
    return meanings == 1 && is_allowed ? static_cast<uint8_t>(*id) : uint8_t{0};
}

// RFC 8853 5.1: the first alternative of each stream; whether it begins paused does not matter.
std::string rid_of(std::string_view stream) {
    stream = stream.substr(0, stream.find(','));
    if (stream.starts_with('~')) stream.remove_prefix(1);
    return std::string(stream);
}

// LiveKit's names of encodings, low to high.
constexpr std::string_view kLowToHigh = "qhf";

bool is_livekit_rid(const std::string& rid) {
    return rid.size() == 1 && kLowToHigh.find(rid) != std::string_view::npos;
}

}  // namespace

NegotiatedCodecs common_codecs(const wire::MediaSection& offered) {
    NegotiatedCodecs codecs;
    for (const wire::Codec& candidate : offered.codecs) {
        const auto codec = recognise(candidate, offered.kind);
        if (!codec) continue;
        const bool is_known = std::any_of(codecs.begin(), codecs.end(),
                                          [&](const NegotiatedCodec& c) { return c.codec == *codec; });
        if (is_known) continue;
        codecs.push_back({*codec, candidate.payload_type, offered.rtx_payload_type(candidate.payload_type)});
    }
    return codecs;
}

UpstreamExtensions upstream_extensions(const wire::MediaSection& section) {
    const auto id = [&](std::string_view uri) { return extension_id(section, uri, wire::sends); };
    UpstreamExtensions upstream;
    upstream.mid = id(wire::kMidUri);
    upstream.rid = id(wire::kRidUri);
    upstream.repaired_rid = id(wire::kRepairedRidUri);
    upstream.audio_level = id(wire::kAudioLevelUri);
    upstream.transport_cc = id(wire::kTransportCcUri);
    upstream.abs_capture_time = id(wire::kAbsCaptureTimeUri);
    upstream.dependency_descriptor = id(wire::kDependencyDescriptorUri);
    return upstream;
}

DownstreamExtensions downstream_extensions(const wire::MediaSection& section, bool allows_mixed) {
    const auto id = [&](std::string_view uri) { return extension_id(section, uri, wire::receives); };
    DownstreamExtensions downstream;
    if (wire::parse_stream_id(as_bytes(section.mid))) downstream.mid = id(wire::kMidUri);
    downstream.transport_cc = id(wire::kTransportCcUri);
    downstream.abs_send_time = id(wire::kAbsSendTimeUri);
    downstream.abs_capture_time = id(wire::kAbsCaptureTimeUri);
    // Some of its values need the two-byte form, others do not (RFC 8285 4.1.2).
    if (allows_mixed) downstream.dependency_descriptor = id(wire::kDependencyDescriptorUri);
    return downstream;
}

Rids simulcast_rids(const wire::MediaSection& offered) {
    std::vector<std::string> streams = offered.simulcast.send;
    if (streams.empty()) {
        for (const wire::Rid& rid : offered.rids) streams.push_back(rid.id);
    }
    Rids rids;
    for (const std::string& stream : streams) {
        std::string rid = rid_of(stream);
        const bool is_sent = std::any_of(offered.rids.begin(), offered.rids.end(),
                                         [&](const wire::Rid& r) { return r.is_send && r.id == rid; });
        const bool is_known = std::find(rids.begin(), rids.end(), rid) != rids.end();
        if (!is_sent || is_known || !wire::parse_stream_id(as_bytes(rid))) continue;
        if (!rids.try_push_back(std::move(rid))) break;
    }
    return rids;
}

// What the client sends in this section; the first SSRC that is not a repair stream is the media itself.
bool is_media(wire::MediaKind kind) {
    return kind == wire::MediaKind::Audio || kind == wire::MediaKind::Video;
}

std::optional<OfferedTrack> offered_track(const wire::MediaSection& offered) {
    if (!is_media(offered.kind) || !wire::sends(offered.direction)) return std::nullopt;
    OfferedTrack track;
    if (!offered.msids.empty()) {
        track.stream_id = offered.msids.front().stream_id;
        track.track_id = offered.msids.front().track_id;
    } else if (!offered.ssrcs.empty() && offered.ssrcs.front().msid) {
        track.stream_id = offered.ssrcs.front().msid->stream_id;
        track.track_id = offered.ssrcs.front().msid->track_id;
    }
    if (offered.kind == wire::MediaKind::Video) track.rids = simulcast_rids(offered);
    if (std::all_of(track.rids.begin(), track.rids.end(), is_livekit_rid)) {
        std::sort(track.rids.begin(), track.rids.end(), [](const std::string& a, const std::string& b) {
            return kLowToHigh.find(a) < kLowToHigh.find(b);
        });
    }
    // With RIDs nothing says which SSRC is which stream (RFC 8853 5.2): the packets do.
    if (!offered.ssrcs.empty() && track.rids.empty()) {
        track.ssrc = offered.ssrcs.front().ssrc;
        track.rtx_ssrc = offered.rtx_ssrc(track.ssrc).value_or(0);
    }
    return track;
}

}  // namespace conclave::peer
