// Writing the offer and reading its answer, on the connection for what we send (RFC 3264 5, RFC 8829 5.2).
#include <algorithm>

#include "peer/media_section.h"
#include "peer/sections.h"
#include "wire/header_extension.h"

namespace conclave::peer {
namespace {

// Every section of a kind offers the same formats under the same numbers, so that it can carry any track: a
// bundle has one meaning for each number (RFC 8843 9.1.1).
struct Format {
    wire::MediaKind kind;
    uint8_t payload_type;
    std::string_view name;
    uint32_t clock_rate;
    uint8_t channels;
    std::string_view fmtp;
};

// RTX has the number that follows (RFC 4588 8.1).
constexpr Format kFormats[] = {
    {wire::MediaKind::Audio, 111, "opus", 48000, 2, "minptime=10;useinbandfec=1"},
    {wire::MediaKind::Audio, 63, "red", 48000, 2, "111/111"},
    {wire::MediaKind::Video, 96, "VP8", 90000, 1, ""},
    {wire::MediaKind::Video, 108, "H264", 90000, 1,
     "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    {wire::MediaKind::Video, 98, "VP9", 90000, 1, "profile-id=0"},
    {wire::MediaKind::Video, 35, "AV1", 90000, 1, ""},
};

// One meaning for each number here, too (RFC 8843 9.1.3).
struct Extension {
    uint16_t id;
    std::string_view uri;
    bool is_for_audio;
};
constexpr Extension kExtensions[] = {
    {1, wire::kAbsCaptureTimeUri, true},        {2, wire::kAbsSendTimeUri, false},
    {3, wire::kDependencyDescriptorUri, false}, {4, wire::kMidUri, true},
    {5, wire::kTransportCcUri, true},
};

wire::Fmtp fmtp_of(std::string_view text) {
    wire::Fmtp fmtp;
    if (text.find('=') == std::string_view::npos) {
        fmtp.raw = text;
        return fmtp;
    }
    while (!text.empty()) {
        const std::string_view parameter = text.substr(0, text.find(';'));
        const size_t equals = parameter.find('=');
        fmtp.set(parameter.substr(0, equals), parameter.substr(equals + 1));
        text.remove_prefix(std::min(parameter.size() + 1, text.size()));
    }
    return fmtp;
}

void add_formats(wire::MediaKind kind, bool stereo, wire::MediaSection& section) {
    for (const Format& format : kFormats) {
        if (format.kind != kind) continue;
        wire::Codec codec{format.payload_type, std::string(format.name), format.clock_rate,
                          format.channels,     fmtp_of(format.fmtp),     {}};
        if (stereo && codec.is("opus")) codec.fmtp.set("sprop-stereo", "1");
        const bool is_video = kind == wire::MediaKind::Video;
        if (is_video) codec.rtcp_fb = {"transport-cc", "goog-remb", "ccm fir", "nack", "nack pli"};
        if (codec.is("opus")) codec.rtcp_fb = {"transport-cc"};
        section.codecs.push_back(std::move(codec));
        if (!is_video) continue;
        wire::Codec rtx{static_cast<uint8_t>(format.payload_type + 1), "rtx", format.clock_rate, 1, {}, {}};
        rtx.fmtp.set("apt", std::to_string(format.payload_type));
        section.codecs.push_back(std::move(rtx));
    }
}

wire::MediaSection offer_section(const Section& section, bool stereo) {
    wire::MediaSection offered;
    offered.kind = section.kind;
    offered.mid = section.mid;
    offered.extmap_allow_mixed = true;
    if (!section.is_offered) offered.port = 0;  // as the client has answered it
    if (section.kind == wire::MediaKind::Application) {
        offered.protocol = "UDP/DTLS/SCTP";
        offered.formats = {"webrtc-datachannel"};
        offered.sctp_port = uint16_t{5000};
        offered.max_message_size = kMaxMessageSizeOurs;
        return offered;
    }
    offered.rtcp_mux = true;
    offered.rtcp_rsize = true;
    offered.direction = wire::direction_of(section.sent_track.has_value(), false);
    add_formats(section.kind, stereo, offered);
    for (const Extension& extension : kExtensions) {
        if (section.kind == wire::MediaKind::Video || extension.is_for_audio)
            offered.extmaps.push_back({extension.id, std::nullopt, std::string(extension.uri)});
    }
    if (section.sent_track) add_sent_track(*section.sent_track, offered);
    return offered;
}

uint32_t track_id(const Section& section) {
    return section.sent_track ? section.sent_track->id : 0;
}

}  // namespace

// The first: it is there in the first offer, when there may be no track yet.
void Negotiation::ensure_data_section() {
    if (!sections_.empty()) return;
    Section data;
    data.mid = "0";
    data.kind = wire::MediaKind::Application;
    data.is_offered = true;
    sections_.push_back(std::move(data));
}

std::optional<std::string> Negotiation::add_section(wire::MediaKind kind, bool may_reuse) {
    ensure_data_section();
    const auto is_reusable = [&](const Section& s) {
        return s.kind == kind && s.is_offered && !s.sent_track && !s.is_released;
    };
    const auto it = std::find_if(sections_.begin(), sections_.end(), is_reusable);
    if (may_reuse && it != sections_.end()) return it->mid;
    if (room_for_sections() == 0) return std::nullopt;
    Section section;
    section.mid = std::to_string(sections_.size());
    section.kind = kind;
    section.is_offered = true;
    sections_.push_back(std::move(section));
    return sections_.back().mid;
}

bool Negotiation::needs_offer() const {
    return offers_ == 0 || std::any_of(sections_.begin(), sections_.end(),
                                       [](const Section& s) { return track_id(s) != s.shown_track; });
}

std::string Negotiation::offer(const LocalDescription& local) {
    ensure_data_section();
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = ++offers_;
    offer.ice_lite = true;
    offer.extmap_allow_mixed = true;
    offer.msid_semantic = "WMS *";
    for (Section& section : sections_) {
        section.shown_track = track_id(section);
        wire::MediaSection offered = offer_section(section, local.audio.stereo);
        if (!offered.is_rejected()) {
            add_transport(local, wire::SetupRole::ActPass, offer.bundle.empty(), offered);
            offer.bundle.push_back(section.mid);
        }
        offer.sections.push_back(std::move(offered));
    }
    return wire::serialize(offer);
}

Status Negotiation::set_answer(wire::SessionDescription answer) {
    if (offers_ == 0) return failure("there was no offer");
    (void)TRY(check_transport(answer));
    if (answer.sections.size() != sections_.size()) return failure("not as many m-sections as were offered");
    for (size_t i = 0; i < sections_.size(); ++i) {
        const wire::MediaSection& answered = answer.sections[i];
        if (answered.kind != sections_[i].kind) return failure("an m-section changed its kind");
        if (answered.is_rejected()) continue;
        if (answered.mid != sections_[i].mid) return failure("an m-section has another mid");
        // RFC 5763 5: as the offerer we leave the choice to the client, and all clients begin.
        if (answer.setup_of(answered) != wire::SetupRole::Active) return failure("the answer must be active");
    }
    for (size_t i = 0; i < sections_.size(); ++i) {
        const wire::MediaSection& answered = answer.sections[i];
        Section& section = sections_[i];
        section.is_offered = !answered.is_rejected();
        section.client_receives = section.is_offered && wire::receives(answered.direction);
        section.codecs = section.is_offered ? common_codecs(answered) : NegotiatedCodecs{};
        section.downstream = downstream_extensions(answered, answer.extmap_allow_mixed_of(answered));
        if (section.shown_track == 0) section.is_released = false;
        if (section.kind == wire::MediaKind::Application && section.is_offered) {
            has_data_ = true;
            max_message_size_ = max_message_size_of(answered);
        }
    }
    remote_ = std::move(answer);
    return Ok{};
}

}  // namespace conclave::peer
