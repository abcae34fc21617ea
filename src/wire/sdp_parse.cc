// Reading of session descriptions: one pass over the lines, one function per attribute we keep.
#include <algorithm>
#include <array>

#include "wire/sdp.h"
#include "wire/text.h"

namespace conclave::wire {
namespace {

using Outcome = StatusOf<SdpError>;

// RFC 8839 5.4; the upper bounds are the RFC's, too.
constexpr size_t kIceUfragBytesMin = 4;
constexpr size_t kIcePwdBytesMin = 22;
constexpr size_t kIceCredentialBytesMax = 256;
// SHA-512 in hexadecimal with colons.
constexpr size_t kFingerprintBytesMax = 64 * 3 - 1;

Outcome fail(SdpError error) {
    return Unexpected{error};
}

Outcome bad_attribute_unless(bool good) {
    if (!good) return fail(SdpError::BadAttribute);
    return Ok{};
}

// Appends within a limit.
template <class T>
Outcome add(std::vector<T>& list, size_t limit, T value) {
    if (list.size() >= limit) return fail(SdpError::TooMany);
    list.push_back(std::move(value));
    return Ok{};
}

// RFC 3551 6: audio types that may come without rtpmap.
struct StaticPayloadType {
    uint8_t payload_type;
    std::string_view name;
};
constexpr StaticPayloadType kStaticPayloadTypes[] = {{0, "PCMU"}, {8, "PCMA"}, {9, "G722"}, {13, "CN"}};
constexpr uint32_t kStaticClockRate = 8000;

std::optional<Direction> parse_direction(std::string_view word) {
    if (word == "sendrecv") return Direction::SendRecv;
    if (word == "sendonly") return Direction::SendOnly;
    if (word == "recvonly") return Direction::RecvOnly;
    if (word == "inactive") return Direction::Inactive;
    return std::nullopt;
}

Outcome parse_fingerprint(std::string_view value, std::optional<Fingerprint>& out) {
    Fingerprint read;
    for (const char c : take_word(value)) read.algorithm += to_lower(c);
    if (read.algorithm.empty() || value.size() < 2 || value.size() > kFingerprintBytesMax) {
        return fail(SdpError::BadAttribute);
    }
    for (size_t i = 0; i < value.size(); ++i) {
        const char c = to_lower(value[i]);
        const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (i % 3 == 2 ? c != ':' : !is_hex) return fail(SdpError::BadAttribute);
        read.value += c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c;
    }
    if (value.size() % 3 != 2) return fail(SdpError::BadAttribute);
    if (!out || read.algorithm == "sha-256") out = std::move(read);
    return Ok{};
}

Outcome parse_setup(std::string_view value, std::optional<SetupRole>& out) {
    if (value == "actpass") {
        out = SetupRole::ActPass;
    } else if (value == "active") {
        out = SetupRole::Active;
    } else if (value == "passive") {
        out = SetupRole::Passive;
    } else if (value == "holdconn") {
        out = SetupRole::HoldConn;
    } else {
        return fail(SdpError::BadAttribute);
    }
    return Ok{};
}

Outcome parse_credential(std::string_view value, size_t size_min, std::string& out) {
    if (value.size() < size_min || value.size() > kIceCredentialBytesMax) return fail(SdpError::BadAttribute);
    if (std::any_of(value.begin(), value.end(), is_blank)) return fail(SdpError::BadAttribute);
    out = value;
    return Ok{};
}

// Attributes that sessions and sections share; nothing when `name` is another one.
template <class Level>
std::optional<Outcome> parse_transport(std::string_view name, std::string_view value, Level& level) {
    if (name == "ice-ufrag") return parse_credential(value, kIceUfragBytesMin, level.ice_ufrag);
    if (name == "ice-pwd") return parse_credential(value, kIcePwdBytesMin, level.ice_pwd);
    if (name == "fingerprint") return parse_fingerprint(value, level.fingerprint);
    if (name == "setup") return parse_setup(value, level.setup);
    if (name == "ice-options") {
        level.ice_options = value;
    } else if (name == "extmap-allow-mixed") {
        level.extmap_allow_mixed = true;
    } else {
        return std::nullopt;
    }
    return Outcome{Ok{}};
}

Codec* find_codec(MediaSection& section, std::string_view payload_type) {
    const auto number = parse_decimal<uint8_t>(payload_type);
    if (!number) return nullptr;
    for (Codec& codec : section.codecs) {
        if (codec.payload_type == *number) return &codec;
    }
    return nullptr;
}

// Lines about payload types that the m= line does not list are ignored (RFC 8866 6.6).
Outcome parse_rtpmap(std::string_view value, MediaSection& section) {
    Codec* codec = find_codec(section, take_word(value));
    if (!codec) return Ok{};
    std::string_view encoding = take_word(value);
    const std::string_view name = take_until(encoding, '/');
    const auto clock_rate = parse_decimal<uint32_t>(take_until(encoding, '/'));
    const auto channels =
        encoding.empty() ? std::optional<uint8_t>{uint8_t{1}} : parse_decimal<uint8_t>(encoding);
    if (name.empty() || clock_rate.value_or(0) == 0 || channels.value_or(0) == 0) {
        return fail(SdpError::BadAttribute);
    }
    codec->name = name;
    codec->clock_rate = *clock_rate;
    codec->channels = *channels;
    return Ok{};
}

Outcome parse_fmtp(std::string_view value, MediaSection& section) {
    Codec* codec = find_codec(section, take_word(value));
    if (!codec || value.empty()) return Ok{};
    Fmtp read;
    for (std::string_view rest = value; !rest.empty();) {
        std::string_view parameter = trim(take_until(rest, ';'));
        if (parameter.empty()) continue;
        const bool has_value = parameter.find('=') != std::string_view::npos;
        const std::string_view key = trim(take_until(parameter, '='));
        if (!has_value || key.empty()) {
            read.parameters.clear();
            read.raw = value;
            break;
        }
        TRY(add(read.parameters, kSdpFmtpParametersMax, {std::string{key}, std::string{trim(parameter)}}));
    }
    codec->fmtp = std::move(read);
    return Ok{};
}

Outcome parse_extmap(std::string_view value, MediaSection& section) {
    std::string_view head = take_word(value);
    Extmap extmap;
    const auto id = parse_decimal<uint16_t>(take_until(head, '/'));
    if (!head.empty()) {
        extmap.direction = parse_direction(head);
        if (!extmap.direction) return fail(SdpError::BadAttribute);
    }
    extmap.uri = take_word(value);  // what follows are extension attributes; none is in use
    if (id.value_or(0) == 0 || extmap.uri.empty()) return fail(SdpError::BadAttribute);
    extmap.id = *id;
    return add(section.extmaps, kSdpExtmapsMax, std::move(extmap));
}

Msid parse_msid_value(std::string_view value) {
    Msid msid;
    msid.stream_id = take_word(value);
    msid.track_id = take_word(value);
    return msid;
}

Outcome parse_msid(std::string_view value, MediaSection& section) {
    if (value.empty()) return fail(SdpError::BadAttribute);
    return add(section.msids, kSdpMsidsMax, parse_msid_value(value));
}

Outcome parse_ssrc(std::string_view value, MediaSection& section) {
    const auto ssrc = parse_decimal<uint32_t>(take_word(value));
    if (!ssrc) return fail(SdpError::BadAttribute);
    const std::string_view name = take_until(value, ':');
    value = trim(value);
    if (value.empty() || (name != "cname" && name != "msid")) return Ok{};
    auto source = std::find_if(section.ssrcs.begin(), section.ssrcs.end(),
                               [&](const Ssrc& s) { return s.ssrc == *ssrc; });
    if (source == section.ssrcs.end()) {
        TRY(add(section.ssrcs, kSdpSsrcsMax, Ssrc{*ssrc, {}, {}}));
        source = section.ssrcs.end() - 1;
    }
    if (name == "cname") {
        source->cname = value;
    } else {
        source->msid = parse_msid_value(value);
    }
    return Ok{};
}

Outcome parse_ssrc_group(std::string_view value, MediaSection& section) {
    SsrcGroup group;
    group.semantics = take_word(value);
    while (!value.empty()) {
        const auto ssrc = parse_decimal<uint32_t>(take_word(value));
        if (!ssrc) return fail(SdpError::BadAttribute);
        TRY(add(group.ssrcs, kSdpSsrcsMax, *ssrc));
    }
    if (group.semantics.empty() || group.ssrcs.empty()) return fail(SdpError::BadAttribute);
    return add(section.ssrc_groups, kSdpSsrcGroupsMax, std::move(group));
}

Outcome parse_rid(std::string_view value, MediaSection& section) {
    Rid rid;
    rid.id = take_word(value);
    const std::string_view direction = take_word(value);
    if (rid.id.empty() || (direction != "send" && direction != "recv")) return fail(SdpError::BadAttribute);
    rid.is_send = direction == "send";
    rid.parameters = value;
    return add(section.rids, kSdpRidsMax, std::move(rid));
}

Outcome parse_simulcast(std::string_view value, MediaSection& section) {
    Simulcast read;
    while (!value.empty()) {
        const std::string_view direction = take_word(value);
        if (direction != "send" && direction != "recv") return fail(SdpError::BadAttribute);
        std::vector<std::string>& list = direction == "send" ? read.send : read.recv;
        std::string_view streams = take_word(value);
        if (streams.empty() || !list.empty()) return fail(SdpError::BadAttribute);
        while (!streams.empty()) {
            const std::string_view stream = take_until(streams, ';');
            if (stream.empty()) return fail(SdpError::BadAttribute);
            TRY(add(list, kSdpRidsMax, std::string{stream}));
        }
    }
    section.simulcast = std::move(read);
    return Ok{};
}

Outcome parse_candidate_line(std::string_view line, MediaSection& section) {
    std::optional<Candidate> candidate = parse_candidate(line);
    if (!candidate) return Ok{};  // RFC 8839 5.1: ignore what we do not understand
    return add(section.candidates, kSdpCandidatesMax, *std::move(candidate));
}

Outcome parse_mid(std::string_view value, MediaSection& section) {
    section.mid = take_word(value);
    return bad_attribute_unless(!section.mid.empty());
}

Outcome parse_sctp_port(std::string_view value, MediaSection& section) {
    section.sctp_port = parse_decimal<uint16_t>(value);
    return bad_attribute_unless(section.sctp_port.has_value());
}

Outcome parse_max_message_size(std::string_view value, MediaSection& section) {
    section.max_message_size = parse_decimal<uint64_t>(value);
    return bad_attribute_unless(section.max_message_size.has_value());
}

Outcome set_bundle_only(std::string_view, MediaSection& section) {
    section.bundle_only = true;
    return Ok{};
}

Outcome set_rtcp_mux(std::string_view, MediaSection& section) {
    section.rtcp_mux = true;
    return Ok{};
}

Outcome set_rtcp_rsize(std::string_view, MediaSection& section) {
    section.rtcp_rsize = true;
    return Ok{};
}

Outcome set_end_of_candidates(std::string_view, MediaSection& section) {
    section.end_of_candidates = true;
    return Ok{};
}

struct SectionAttribute {
    std::string_view name;
    Outcome (*parse)(std::string_view value, MediaSection&);
};
constexpr SectionAttribute kSectionAttributes[] = {
    {"rtpmap", parse_rtpmap},
    {"fmtp", parse_fmtp},
    {"extmap", parse_extmap},
    {"mid", parse_mid},
    {"msid", parse_msid},
    {"ssrc", parse_ssrc},
    {"ssrc-group", parse_ssrc_group},
    {"rid", parse_rid},
    {"simulcast", parse_simulcast},
    {"sctp-port", parse_sctp_port},
    {"max-message-size", parse_max_message_size},
    {"bundle-only", set_bundle_only},
    {"rtcp-mux", set_rtcp_mux},
    {"rtcp-rsize", set_rtcp_rsize},
    {"end-of-candidates", set_end_of_candidates},
};

MediaKind kind_of(std::string_view word) {
    if (word == "audio") return MediaKind::Audio;
    if (word == "video") return MediaKind::Video;
    if (word == "application") return MediaKind::Application;
    return MediaKind::Other;
}

Outcome parse_payload_types(std::string_view words, MediaSection& section) {
    std::array<bool, kSdpCodecsMax> listed{};
    while (!words.empty()) {
        const auto number = parse_decimal<uint8_t>(take_word(words));
        if (!number || *number >= kSdpCodecsMax) return fail(SdpError::BadMediaLine);
        if (std::exchange(listed[*number], true)) continue;
        Codec codec;
        codec.payload_type = *number;
        section.codecs.push_back(std::move(codec));
    }
    return Ok{};
}

class Parser {
 public:
    Result<SessionDescription, SdpError> parse(std::string_view text) {
        if (text.size() > kSdpBytesMax) return Unexpected{SdpError::TooLarge};
        bool is_first = true;
        while (!text.empty()) {
            std::string_view line = take_until(text, '\n');
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            TRY(check(line));
            if (is_first && line != "v=0") return Unexpected{SdpError::BadVersion};
            is_first = false;
            TRY(handle_line(line.front(), line.substr(2), line));
        }
        if (is_first) return Unexpected{SdpError::BadVersion};
        if (!has_origin_) return Unexpected{SdpError::BadOrigin};
        if (has_duplicate_mid()) return Unexpected{SdpError::DuplicateMid};
        for (MediaSection& section : description_.sections) complete(section);
        return std::move(description_);
    }

 private:
    static Outcome check(std::string_view line) {
        if (line.size() > kSdpLineBytesMax) return fail(SdpError::TooLarge);
        if (line.size() < 2 || line[0] < 'a' || line[0] > 'z' || line[1] != '=')
            return fail(SdpError::BadLine);
        for (const char c : line) {
            if (static_cast<unsigned char>(c) < ' ' && c != '\t') return fail(SdpError::BadLine);
        }
        return Ok{};
    }

    Outcome handle_line(char type, std::string_view value, std::string_view line) {
        if (type == 'o') return handle_origin(value);
        if (type == 'm') return handle_media(value);
        if (type != 'a') return Ok{};
        const std::string_view name = trim(take_until(value, ':'));
        value = trim(value);
        if (description_.sections.empty()) return handle_session_attribute(name, value);
        return handle_section_attribute(name, value, line, description_.sections.back());
    }

    Outcome handle_origin(std::string_view value) {
        take_word(value);  // user name
        const auto id = parse_decimal<uint64_t>(take_word(value));
        const auto version = parse_decimal<uint64_t>(take_word(value));
        take_word(value);  // network type
        take_word(value);  // address type
        if (!id || !version || take_word(value).empty()) return fail(SdpError::BadOrigin);
        description_.session_id = *id;
        description_.session_version = *version;
        has_origin_ = true;
        return Ok{};
    }

    Outcome handle_media(std::string_view value) {
        MediaSection section;
        const std::string_view kind = take_word(value);
        section.kind = kind_of(kind);
        if (section.kind == MediaKind::Other) section.other_kind = kind;
        std::string_view ports = take_word(value);  // "port" or "port/count"
        const auto port = parse_decimal<uint16_t>(take_until(ports, '/'));
        section.protocol = take_word(value);
        if (kind.empty() || !port || section.protocol.empty() || value.empty()) {
            return fail(SdpError::BadMediaLine);
        }
        section.port = *port;
        section.direction = session_direction_;
        if (section.kind == MediaKind::Audio || section.kind == MediaKind::Video) {
            TRY(parse_payload_types(value, section));
        } else {
            while (!value.empty()) TRY(add(section.formats, kSdpCodecsMax, std::string{take_word(value)}));
        }
        return add(description_.sections, kSdpSectionsMax, std::move(section));
    }

    Outcome handle_session_attribute(std::string_view name, std::string_view value) {
        if (auto outcome = parse_transport(name, value, description_)) return *outcome;
        if (name == "group") return handle_group(value);
        if (name == "ice-lite") description_.ice_lite = true;
        if (name == "msid-semantic") description_.msid_semantic = value;
        if (const auto direction = parse_direction(name)) session_direction_ = *direction;
        return Ok{};
    }

    Outcome handle_group(std::string_view value) {
        if (take_word(value) != "BUNDLE" || has_bundle_) return Ok{};
        has_bundle_ = true;
        while (!value.empty()) {
            TRY(add(description_.bundle, kSdpSectionsMax, std::string{take_word(value)}));
        }
        return Ok{};
    }

    Outcome handle_section_attribute(std::string_view name, std::string_view value, std::string_view line,
                                     MediaSection& section) {
        if (auto outcome = parse_transport(name, value, section)) return *outcome;
        if (name == "candidate") return parse_candidate_line(line, section);
        if (name == "rtcp-fb") return handle_feedback(value, section);
        if (const auto direction = parse_direction(name)) section.direction = *direction;
        for (const SectionAttribute& attribute : kSectionAttributes) {
            if (name == attribute.name) return attribute.parse(value, section);
        }
        return Ok{};
    }

    // RFC 4585 4.2; "*" means every payload type of the section.
    Outcome handle_feedback(std::string_view value, MediaSection& section) {
        const std::string_view payload_type = take_word(value);
        if (value.empty() || value.size() > kSdpFeedbackBytesMax) return Ok{};
        if (payload_type == "*") {
            for (Codec& codec : section.codecs) TRY(add_feedback(codec, value));
        } else if (Codec* codec = find_codec(section, payload_type)) {
            TRY(add_feedback(*codec, value));
        }
        return Ok{};
    }

    Outcome add_feedback(Codec& codec, std::string_view feedback) {
        if (codec.has_feedback(feedback)) return Ok{};
        if (++feedbacks_ > kSdpFeedbacksMax) return fail(SdpError::TooMany);
        codec.rtcp_fb.emplace_back(feedback);
        return Ok{};
    }

    bool has_duplicate_mid() const {
        std::vector<std::string_view> mids;
        for (const MediaSection& section : description_.sections) {
            if (!section.mid.empty()) mids.push_back(section.mid);
        }
        std::sort(mids.begin(), mids.end());
        return std::adjacent_find(mids.begin(), mids.end()) != mids.end();
    }

    static void complete(MediaSection& section) {
        if (section.kind != MediaKind::Audio) return;
        for (Codec& codec : section.codecs) {
            if (!codec.name.empty()) continue;
            for (const StaticPayloadType& entry : kStaticPayloadTypes) {
                if (codec.payload_type != entry.payload_type) continue;
                codec.name = entry.name;
                codec.clock_rate = kStaticClockRate;
            }
        }
    }

    SessionDescription description_;
    Direction session_direction_ = Direction::SendRecv;
    bool has_origin_ = false;
    bool has_bundle_ = false;
    size_t feedbacks_ = 0;
};

}  // namespace

Result<SessionDescription, SdpError> parse_sdp(std::string_view text) {
    return Parser{}.parse(text);
}

}  // namespace conclave::wire
