#include "wire/sdp.h"

namespace conclave::wire {
namespace {

std::string_view word(Direction direction) {
    switch (direction) {
        case Direction::SendRecv:
            return "sendrecv";
        case Direction::SendOnly:
            return "sendonly";
        case Direction::RecvOnly:
            return "recvonly";
        case Direction::Inactive:
            return "inactive";
    }
    return "inactive";
}

std::string_view word(SetupRole role) {
    switch (role) {
        case SetupRole::ActPass:
            return "actpass";
        case SetupRole::Active:
            return "active";
        case SetupRole::Passive:
            return "passive";
        case SetupRole::HoldConn:
            return "holdconn";
    }
    return "holdconn";
}

std::string_view word(const MediaSection& section) {
    switch (section.kind) {
        case MediaKind::Audio:
            return "audio";
        case MediaKind::Video:
            return "video";
        case MediaKind::Application:
            return "application";
        case MediaKind::Other:
            return section.other_kind;
    }
    return section.other_kind;
}

// Values may hold text of people or other servers; a line break in them must not become a line.
class Lines {
 public:
    template <class... Parts>
    void line(const Parts&... parts) {
        (append(parts), ...);
        text_ += "\r\n";
    }
    // Writes nothing when `value` is empty.
    void optional_line(std::string_view prefix, std::string_view value) {
        if (!value.empty()) line(prefix, value);
    }
    std::string take() && { return std::move(text_); }

 private:
    void append(std::string_view part) {
        for (const char c : part) {
            if (static_cast<unsigned char>(c) >= ' ' || c == '\t') text_ += c;
        }
    }
    template <class Number>
    requires std::is_integral_v<Number>
    void append(Number number) { text_ += std::to_string(number); }

    std::string text_;
};

std::string joined(const std::vector<std::string>& words, char separator) {
    std::string text;
    for (const std::string& w : words) {
        if (&w != &words.front()) text += separator;
        text += w;
    }
    return text;
}

// What sessions and sections have in common.
template <class Level>
void write_transport(Lines& out, const Level& level) {
    out.optional_line("a=ice-ufrag:", level.ice_ufrag);
    out.optional_line("a=ice-pwd:", level.ice_pwd);
    out.optional_line("a=ice-options:", level.ice_options);
    if (level.fingerprint) {
        out.line("a=fingerprint:", level.fingerprint->algorithm, " ", level.fingerprint->value);
    }
    if (level.setup) out.line("a=setup:", word(*level.setup));
    if (level.extmap_allow_mixed) out.line("a=extmap-allow-mixed");
}

void write_media_line(Lines& out, const MediaSection& section) {
    std::string formats;
    for (const Codec& codec : section.codecs) formats += ' ' + std::to_string(codec.payload_type);
    for (const std::string& format : section.formats) formats += ' ' + format;
    // RFC 8866 5.14 wants at least one format, also in a rejected section.
    if (formats.empty()) formats = " 0";
    out.line("m=", word(section), " ", section.port, " ", section.protocol, formats);
    out.line("c=IN IP4 0.0.0.0");
}

void write_codec(Lines& out, const Codec& codec) {
    if (!codec.name.empty()) {
        std::string channels;
        if (codec.channels != 1) channels = '/' + std::to_string(codec.channels);
        out.line("a=rtpmap:", codec.payload_type, " ", codec.name, "/", codec.clock_rate, channels);
    }
    for (const std::string& feedback : codec.rtcp_fb) {
        out.line("a=rtcp-fb:", codec.payload_type, " ", feedback);
    }
    if (!codec.fmtp.empty()) out.line("a=fmtp:", codec.payload_type, " ", codec.fmtp.text());
}

std::string text_of(const Msid& msid) {
    std::string text = msid.stream_id.empty() ? "-" : msid.stream_id;
    if (!msid.track_id.empty()) text += ' ' + msid.track_id;
    return text;
}

void write_sources(Lines& out, const MediaSection& section) {
    for (const SsrcGroup& group : section.ssrc_groups) {
        std::string ssrcs;
        for (const uint32_t ssrc : group.ssrcs) ssrcs += ' ' + std::to_string(ssrc);
        out.line("a=ssrc-group:", group.semantics, ssrcs);
    }
    for (const Ssrc& source : section.ssrcs) {
        if (!source.cname.empty()) out.line("a=ssrc:", source.ssrc, " cname:", source.cname);
        if (source.msid) out.line("a=ssrc:", source.ssrc, " msid:", text_of(*source.msid));
    }
    for (const Rid& rid : section.rids) {
        out.line("a=rid:", rid.id, rid.is_send ? " send" : " recv", rid.parameters.empty() ? "" : " ",
                 rid.parameters);
    }
    if (!section.simulcast.empty()) {
        const std::string send = joined(section.simulcast.send, ';');
        const std::string recv = joined(section.simulcast.recv, ';');
        out.line("a=simulcast:", send.empty() ? "" : "send ", send, !send.empty() && !recv.empty() ? " " : "",
                 recv.empty() ? "" : "recv ", recv);
    }
}

void write_section(Lines& out, const MediaSection& section) {
    write_media_line(out, section);
    for (const Candidate& candidate : section.candidates) out.line("a=", to_string(candidate));
    if (section.end_of_candidates) out.line("a=end-of-candidates");
    write_transport(out, section);
    out.optional_line("a=mid:", section.mid);
    if (section.bundle_only) out.line("a=bundle-only");
    for (const Extmap& extmap : section.extmaps) {
        const std::string_view direction = extmap.direction ? word(*extmap.direction) : std::string_view{};
        out.line("a=extmap:", extmap.id, direction.empty() ? "" : "/", direction, " ", extmap.uri);
    }
    out.line("a=", word(section.direction));
    for (const Msid& msid : section.msids) out.line("a=msid:", text_of(msid));
    if (section.rtcp_mux) out.line("a=rtcp-mux");
    if (section.rtcp_rsize) out.line("a=rtcp-rsize");
    for (const Codec& codec : section.codecs) write_codec(out, codec);
    write_sources(out, section);
    if (section.sctp_port) out.line("a=sctp-port:", *section.sctp_port);
    if (section.max_message_size) out.line("a=max-message-size:", *section.max_message_size);
}

}  // namespace

std::string serialize(const SessionDescription& description) {
    Lines out;
    out.line("v=0");
    out.line("o=- ", description.session_id, " ", description.session_version, " IN IP4 127.0.0.1");
    out.line("s=-");
    out.line("t=0 0");
    if (!description.bundle.empty()) out.line("a=group:BUNDLE ", joined(description.bundle, ' '));
    if (description.ice_lite) out.line("a=ice-lite");
    out.optional_line("a=msid-semantic:", description.msid_semantic);
    write_transport(out, description);
    for (const MediaSection& section : description.sections) write_section(out, section);
    return std::move(out).take();
}

}  // namespace conclave::wire
