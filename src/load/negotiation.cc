#include "load/negotiation.h"

#include <algorithm>

#include "wire/header_extension.h"

namespace conclave::load {
namespace {

constexpr uint16_t kAudioLevelId = 1;
constexpr uint16_t kMidId = 4;
constexpr uint16_t kRidId = 10;
constexpr uint16_t kRepairedRidId = 11;

void add_audio(wire::MediaSection& section) {
    section.codecs.push_back({kOpusType, "opus", 48000, 2, {}, {}});
    section.codecs.back().fmtp.set("minptime", "10");
    section.codecs.back().fmtp.set("useinbandfec", "1");
    section.extmaps.push_back({kAudioLevelId, std::nullopt, std::string(wire::kAudioLevelUri)});
}

void add_video(wire::MediaSection& section) {
    section.codecs.push_back({kVp8Type, "VP8", 90000, 1, {}, {"goog-remb", "ccm fir", "nack", "nack pli"}});
    section.codecs.push_back({kVp8RtxType, "rtx", 90000, 1, {}, {}});
    section.codecs.back().fmtp.set("apt", std::to_string(kVp8Type));
}

void add_encodings(const OfferedTrack& track, wire::MediaSection& section) {
    const wire::Msid msid{"-", track.cid};
    section.msids.push_back(msid);
    if (track.encodings.size() > 1) {
        section.extmaps.push_back({kRidId, std::nullopt, std::string(wire::kRidUri)});
        section.extmaps.push_back({kRepairedRidId, std::nullopt, std::string(wire::kRepairedRidUri)});
        for (const OfferedEncoding& encoding : track.encodings) {
            section.rids.push_back({encoding.rid, true, {}});
            section.simulcast.send.push_back(encoding.rid);
        }
        return;
    }
    const OfferedEncoding& only = track.encodings.front();
    section.ssrcs.push_back({only.ssrc, track.cid, msid});
    if (!track.is_video) return;
    section.ssrcs.push_back({only.rtx_ssrc, track.cid, msid});
    section.ssrc_groups.push_back({"FID", {only.ssrc, only.rtx_ssrc}});
}

void describe(const LocalTransport& local, wire::SetupRole setup, wire::SessionDescription& sdp) {
    sdp.session_id = 1;
    sdp.ice_ufrag = local.ufrag;
    sdp.ice_pwd = local.pwd;
    sdp.fingerprint = wire::Fingerprint{"sha-256", local.fingerprint_sha256};
    sdp.setup = setup;
    sdp.msid_semantic = "WMS *";
    sdp.extmap_allow_mixed = true;
}

uint8_t extension(const wire::MediaSection& section, std::string_view uri) {
    const auto id = section.extmap_id(uri);
    return id && *id <= 14 ? static_cast<uint8_t>(*id) : uint8_t{0};
}

const wire::Codec* media_codec(const wire::MediaSection& section) {
    const char* name = section.kind == wire::MediaKind::Video ? "VP8" : "opus";
    const auto found = std::find_if(section.codecs.begin(), section.codecs.end(),
                                    [&](const wire::Codec& codec) { return codec.is(name); });
    return found == section.codecs.end() ? nullptr : &*found;
}

std::optional<RemoteTrack> sent_track(const wire::MediaSection& section) {
    const wire::Codec* codec = media_codec(section);
    if (!codec || !wire::sends(section.direction) || section.ssrcs.empty()) return std::nullopt;
    const auto msid = section.msids.empty() ? section.ssrcs.front().msid : section.msids.front();
    if (!msid) return std::nullopt;
    RemoteTrack track;
    track.is_video = section.kind == wire::MediaKind::Video;
    const size_t bar = msid->stream_id.find('|');
    track.participant_sid = msid->stream_id.substr(0, bar);
    track.track_sid = msid->track_id;
    if (!track.track_sid.starts_with("TR") && bar != std::string::npos)
        track.track_sid = msid->stream_id.substr(bar + 1);
    track.ssrc = section.ssrcs.front().ssrc;
    for (const wire::SsrcGroup& group : section.ssrc_groups) {
        if (group.semantics == "FID" && group.ssrcs.size() == 2) track.ssrc = group.ssrcs[0];
    }
    track.rtx_ssrc = section.rtx_ssrc(track.ssrc).value_or(0);
    track.payload_type = codec->payload_type;
    track.rtx_payload_type = section.rtx_payload_type(codec->payload_type).value_or(0);
    track.wants_remb = codec->has_feedback("goog-remb");
    return track;
}

AcceptedTrack accepted_track(const wire::MediaSection& section) {
    AcceptedTrack track;
    track.mid = section.mid;
    for (const std::string& rid : section.simulcast.recv) {
        if (!rid.empty() && rid.front() != '~') track.rids.push_back(rid);
    }
    track.mid_extension = extension(section, wire::kMidUri);
    track.rid_extension = extension(section, wire::kRidUri);
    track.repaired_rid_extension = extension(section, wire::kRepairedRidUri);
    track.audio_level_extension = extension(section, wire::kAudioLevelUri);
    const wire::Codec* codec = media_codec(section);
    track.has_rtx = codec && section.rtx_payload_type(codec->payload_type);
    return track;
}

}  // namespace

void OfferLayout::add_receivers(size_t audios, size_t videos) {
    for (size_t i = 0; i < audios; ++i) sections_.push_back({wire::MediaKind::Audio, std::nullopt});
    for (size_t i = 0; i < videos; ++i) sections_.push_back({wire::MediaKind::Video, std::nullopt});
}

std::string OfferLayout::offer(const LocalTransport& local) {
    wire::SessionDescription sdp;
    describe(local, wire::SetupRole::ActPass, sdp);
    sdp.session_version = ++version_;
    for (size_t i = 0; i < sections_.size(); ++i) {
        wire::MediaSection section;
        section.kind = sections_[i].kind;
        section.mid = std::to_string(i);
        sdp.bundle.push_back(section.mid);
        if (section.kind == wire::MediaKind::Application) {
            section.protocol = "UDP/DTLS/SCTP";
            section.formats = {"webrtc-datachannel"};
            section.sctp_port = uint16_t{5000};
        } else {
            section.rtcp_mux = true;
            section.rtcp_rsize = true;
            section.extmaps.push_back({kMidId, std::nullopt, std::string(wire::kMidUri)});
            section.kind == wire::MediaKind::Audio ? add_audio(section) : add_video(section);
            section.direction = sections_[i].track ? wire::Direction::SendOnly : wire::Direction::RecvOnly;
            if (sections_[i].track) add_encodings(*sections_[i].track, section);
        }
        sdp.sections.push_back(std::move(section));
    }
    return wire::serialize(sdp);
}

Result<RemoteDescription> read_description(std::string_view text) {
    auto parsed = wire::parse_sdp(text);
    if (!parsed) return failure("SDP: " + std::string(wire::to_string(parsed.error())));
    RemoteDescription out;
    out.is_lite = parsed->ice_lite;
    for (const wire::MediaSection& section : parsed->sections) {
        if (section.is_rejected()) continue;
        const wire::Fingerprint* fingerprint = parsed->fingerprint_of(section);
        if (out.ufrag.empty() && fingerprint) {
            out.ufrag = std::string(parsed->ice_ufrag_of(section));
            out.pwd = std::string(parsed->ice_pwd_of(section));
            out.fingerprint = *fingerprint;
            out.setup = parsed->setup_of(section).value_or(wire::SetupRole::ActPass);
        }
        out.candidates.insert(out.candidates.end(), section.candidates.begin(), section.candidates.end());
        if (section.kind == wire::MediaKind::Application) {
            out.has_data = true;
            continue;
        }
        if (auto track = sent_track(section)) out.sent.push_back(std::move(*track));
        if (wire::receives(section.direction)) out.accepted.push_back(accepted_track(section));
    }
    if (out.ufrag.empty() || out.pwd.empty()) return failure("SDP: no ICE credentials or no fingerprint");
    out.sdp = std::move(*parsed);
    return out;
}

std::string answer_to(const RemoteDescription& offer, const LocalTransport& local) {
    wire::SessionDescription sdp;
    describe(local, wire::SetupRole::Active, sdp);
    sdp.session_version = offer.sdp.session_version;
    for (const wire::MediaSection& offered : offer.sdp.sections) {
        wire::MediaSection section;
        section.kind = offered.kind;
        section.other_kind = offered.other_kind;
        section.protocol = offered.protocol;
        section.mid = offered.mid;
        section.formats = offered.formats;
        section.sctp_port = offered.sctp_port;
        const wire::Codec* codec = media_codec(offered);
        if (section.kind != wire::MediaKind::Application) {
            section.direction = wire::direction_of(false, codec && wire::sends(offered.direction));
            section.rtcp_mux = true;
            section.rtcp_rsize = offered.rtcp_rsize;
        }
        if (offered.is_rejected() || (!codec && section.kind != wire::MediaKind::Application)) {
            section.port = 0;
            section.codecs = offered.codecs;
        } else {
            if (codec) section.codecs.push_back(*codec);
            const auto rtx = codec ? offered.rtx_payload_type(codec->payload_type) : std::nullopt;
            if (rtx) section.codecs.push_back(*offered.codec(*rtx));
            sdp.bundle.push_back(section.mid);
        }
        sdp.sections.push_back(std::move(section));
    }
    return wire::serialize(sdp);
}

}  // namespace conclave::load
