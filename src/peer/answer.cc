// Writing the answer (RFC 3264 6, RFC 8829 5.3).
#include <algorithm>
#include <array>

#include "peer/media_section.h"
#include "peer/sections.h"

namespace conclave::peer {
namespace {

// All sections of a bundle share payload types, so one type has one fmtp everywhere: libwebrtc refuses else.
wire::Codec opus_answer(const wire::Codec& offered, const AudioFormat& audio, bool numbers) {
    wire::Codec codec = offered;
    codec.fmtp = {};
    codec.fmtp.set("minptime", "10");
    codec.fmtp.set("useinbandfec", "1");
    codec.fmtp.set("usedtx", audio.dtx ? "1" : "0");
    if (audio.stereo) {
        codec.fmtp.set("stereo", "1");
        codec.fmtp.set("sprop-stereo", "1");
        codec.fmtp.set("maxaveragebitrate", "510000");
    }
    codec.rtcp_fb.clear();
    if (numbers && offered.has_feedback("transport-cc")) codec.rtcp_fb.emplace_back("transport-cc");
    return codec;
}

// A client learns of its bandwidth by our feedback, we of what it can receive by the client's; where it has
// none to give, by its own estimate (REMB).
std::string_view bandwidth_feedback(const wire::Codec& offered, bool receives, bool numbers) {
    return receives || (numbers && offered.has_feedback("transport-cc")) ? "transport-cc" : "goog-remb";
}

wire::Codec video_answer(const wire::Codec& offered, std::string_view bandwidth) {
    wire::Codec codec = offered;
    // What browsers write down for their own encoder would make two fmtp of one type.
    std::erase_if(codec.fmtp.parameters,
                  [](const wire::FmtpParameter& p) { return p.key.starts_with("x-"); });
    codec.rtcp_fb.clear();
    for (const std::string_view feedback :
         {bandwidth, std::string_view("ccm fir"), std::string_view("nack"), std::string_view("nack pli")}) {
        if (offered.has_feedback(feedback)) codec.rtcp_fb.emplace_back(feedback);
    }
    return codec;
}

void add_codecs(const wire::MediaSection& offered, const Section& section, const AudioFormat& audio,
                bool receives, wire::MediaSection& answer) {
    // What we send is numbered for the client to tell of.
    const bool numbers = !receives && section.downstream.transport_cc != 0;
    for (const NegotiatedCodec& negotiated : section.agreed_codecs()) {
        const wire::Codec* codec = offered.codec(negotiated.payload_type);
        if (!codec) continue;
        if (negotiated.codec == Codec::Opus) {
            answer.codecs.push_back(opus_answer(*codec, audio, numbers));
        } else if (negotiated.codec == Codec::Red) {
            answer.codecs.push_back(*codec);
            answer.codecs.back().rtcp_fb.clear();
        } else {
            answer.codecs.push_back(video_answer(*codec, bandwidth_feedback(*codec, receives, numbers)));
        }
        const wire::Codec* rtx =
            negotiated.rtx_payload_type ? offered.codec(*negotiated.rtx_payload_type) : nullptr;
        if (rtx) {
            answer.codecs.push_back(*rtx);
            answer.codecs.back().rtcp_fb.clear();
        }
    }
}

// Whatever a section carries, it keeps all numbers: Chromium offers new sections with those header extensions
// only that the former answer left in some section.
void add_extensions(const wire::MediaSection& offered, const Section& section, wire::MediaSection& answer) {
    const UpstreamExtensions up = section.usable_upstream();
    const DownstreamExtensions& down = section.downstream;
    // The same number stands on both sides of an extension that is used both ways.
    const std::array<uint8_t, 12> ids{up.mid,
                                      up.rid,
                                      up.repaired_rid,
                                      up.audio_level,
                                      up.transport_cc,
                                      up.abs_capture_time,
                                      up.dependency_descriptor,
                                      down.mid,
                                      down.abs_send_time,
                                      down.abs_capture_time,
                                      section.is_received() ? uint8_t{0} : down.transport_cc,
                                      section.is_received() ? uint8_t{0} : down.dependency_descriptor};
    for (const wire::Extmap& extmap : offered.extmaps) {
        if (extmap.id == 0 || std::find(ids.begin(), ids.end(), extmap.id) == ids.end()) continue;
        auto direction = extmap.direction;
        if (direction) direction = wire::reversed(*direction);
        answer.extmaps.push_back({extmap.id, direction, extmap.uri});
    }
}

// RFC 8853 5.3.2: the encodings that we take, in the client's order.
void add_encodings(const wire::MediaSection& offered, wire::MediaSection& answer) {
    for (const std::string& rid : simulcast_rids(offered)) {
        answer.rids.push_back({rid, false, ""});
        if (!offered.simulcast.send.empty()) answer.simulcast.recv.push_back(rid);
    }
}

}  // namespace

void add_sent_track(const SentTrack& track, wire::MediaSection& section) {
    const wire::Msid msid{track.stream_id, track.track_id};
    section.msids.push_back(msid);
    section.ssrcs.push_back({track.ssrc, track.cname, msid});
    const bool has_rtx = std::any_of(section.codecs.begin(), section.codecs.end(),
                                     [](const wire::Codec& c) { return c.is("rtx"); });
    if (!has_rtx) return;
    section.ssrcs.push_back({track.rtx_ssrc, track.cname, msid});
    section.ssrc_groups.push_back({"FID", {track.ssrc, track.rtx_ssrc}});
}

void add_transport(const LocalDescription& local, wire::SetupRole role, bool is_first,
                   wire::MediaSection& section) {
    section.ice_ufrag = local.ice_ufrag;
    section.ice_pwd = local.ice_pwd;
    section.fingerprint = wire::Fingerprint{"sha-256", local.fingerprint_sha256};
    section.setup = role;
    if (!is_first) return;
    section.candidates = local.candidates;
    section.end_of_candidates = true;
}

wire::MediaSection Negotiation::answer_section(const wire::MediaSection& offered, const Section& section,
                                               const LocalDescription& local, bool is_first) const {
    wire::MediaSection answer;
    answer.kind = offered.kind;
    answer.other_kind = offered.other_kind;
    answer.protocol = offered.protocol;
    answer.mid = offered.mid;
    answer.formats = offered.formats;
    answer.direction = wire::Direction::Inactive;

    if (section.kind == wire::MediaKind::Application && section.is_offered) {
        answer.sctp_port = uint16_t{5000};
        answer.max_message_size = kMaxMessageSizeOurs;
        answer.direction = wire::Direction::SendRecv;
    } else if (section.is_offered && !section.codecs.empty()) {
        const bool receives = section.is_received();
        const bool sends = section.client_receives && section.sent_track;
        answer.direction = wire::direction_of(sends, receives);
        answer.rtcp_mux = true;
        answer.rtcp_rsize = offered.rtcp_rsize;
        add_codecs(offered, section, local.audio, receives, answer);
        answer.extmap_allow_mixed = offered.extmap_allow_mixed;
        add_extensions(offered, section, answer);
        if (receives && section.kind == wire::MediaKind::Video) add_encodings(offered, answer);
        if (sends) add_sent_track(*section.sent_track, answer);
    } else {
        // RFC 3264 6: rejected, with the formats of the offer.
        answer.port = 0;
        answer.codecs = offered.codecs;
        return answer;
    }
    add_transport(local, wire::SetupRole::Passive, is_first, answer);
    return answer;
}

std::string Negotiation::answer(const LocalDescription& local) {
    wire::SessionDescription answer;
    answer.session_id = remote_.session_id != 0 ? remote_.session_id : 1;
    answer.session_version = ++answers_;
    answer.ice_lite = true;
    answer.extmap_allow_mixed = remote_.extmap_allow_mixed;
    answer.msid_semantic = "WMS *";
    for (size_t i = 0; i < sections_.size(); ++i) {
        wire::MediaSection section =
            answer_section(remote_.sections[i], sections_[i], local, answer.bundle.empty());
        if (!section.is_rejected()) answer.bundle.push_back(section.mid);
        answer.sections.push_back(std::move(section));
        sections_[i].is_released = false;
    }
    return wire::serialize(answer);
}

}  // namespace conclave::peer
