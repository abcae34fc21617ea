// Session descriptions: the subset of SDP that WebRTC endpoints exchange (RFC 8866; JSEP: RFC 8829).
// The parser is tolerant of what it does not know (such lines are skipped) and strict about what it
// reads; the result is bounded by the named limits. Serialising writes only what the structures hold,
// so parse(serialize(parse(text))) equals parse(text), not the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/candidate.h"

namespace conclave::wire {

// Chromium's offer to receive audio and video of 50 people is 290 KiB, of 200 people 1.2 MiB; signalling
// takes no larger text anyway.
constexpr size_t kSdpBytesMax = 2 * 1024 * 1024;
// The longest real lines are fmtp and candidates, under 400 bytes.
constexpr size_t kSdpLineBytesMax = 4096;
// One per transceiver: audio and video of 300 people, and what one publishes oneself.
constexpr size_t kSdpSectionsMax = 640;
// Payload types are 7 bits.
constexpr size_t kSdpCodecsMax = 128;
// Chromium offers about 20 per video section.
constexpr size_t kSdpExtmapsMax = 64;
constexpr size_t kSdpFmtpParametersMax = 32;
// Over all codecs of a description: wildcard feedback (RFC 4585 4.2) is folded into each codec.
constexpr size_t kSdpFeedbacksMax = 64 * 1024;
constexpr size_t kSdpFeedbackBytesMax = 64;
// Three encodings with RTX and FEC are nine.
constexpr size_t kSdpSsrcsMax = 64;
constexpr size_t kSdpSsrcGroupsMax = 32;
constexpr size_t kSdpRidsMax = 16;
constexpr size_t kSdpMsidsMax = 8;
// A host with many interfaces and two TURN servers gathers about 40.
constexpr size_t kSdpCandidatesMax = 128;

enum class SdpError : uint8_t {
    TooLarge,      // more than kSdpBytesMax, or a line longer than kSdpLineBytesMax
    BadLine,       // not "<letter>=<value>", or NUL or CR inside a line
    BadVersion,    // the first line is not "v=0"
    BadOrigin,     // no o= line with six fields (RFC 8866 5.2)
    BadMediaLine,  // m= without kind, port, protocol and format (RFC 8866 5.14)
    BadAttribute,  // an attribute we need has a value we cannot read
    TooMany,       // one of the limits above
    DuplicateMid,  // two sections with one mid (RFC 5888 4)
};
std::string_view to_string(SdpError);

enum class MediaKind : uint8_t { Audio, Video, Application, Other };
enum class Direction : uint8_t { SendRecv, SendOnly, RecvOnly, Inactive };
enum class SetupRole : uint8_t { ActPass, Active, Passive, HoldConn };  // RFC 4145 4

constexpr bool sends(Direction d) {
    return d == Direction::SendRecv || d == Direction::SendOnly;
}
constexpr bool receives(Direction d) {
    return d == Direction::SendRecv || d == Direction::RecvOnly;
}
constexpr Direction direction_of(bool sends, bool receives) {
    if (sends) return receives ? Direction::SendRecv : Direction::SendOnly;
    return receives ? Direction::RecvOnly : Direction::Inactive;
}
// The same flow seen from the other side (RFC 3264 6.1).
constexpr Direction reversed(Direction d) {
    return direction_of(receives(d), sends(d));
}

// RFC 8122 5.
struct Fingerprint {
    std::string algorithm;  // lower case: "sha-256"
    std::string value;      // upper case hexadecimal with colons
    bool operator==(const Fingerprint&) const = default;
};

struct FmtpParameter {
    std::string key;
    std::string value;
    bool operator==(const FmtpParameter&) const = default;
};

// a=fmtp without the payload type: "key=value;key=value" in order, or `raw` when it has another form
// (RED: "111/111"; telephone-event: "0-16"). At most one of the two is filled.
struct Fmtp {
    std::vector<FmtpParameter> parameters;
    std::string raw;

    bool empty() const { return parameters.empty() && raw.empty(); }
    // Keys are compared without case (RFC 6838 4.3).
    std::optional<std::string_view> find(std::string_view key) const;
    void set(std::string_view key, std::string_view value);
    std::string text() const;
    bool operator==(const Fmtp&) const = default;
};

struct Codec {
    uint8_t payload_type = 0;
    std::string name;  // as written: "opus", "VP8"; empty when a dynamic type had no rtpmap
    uint32_t clock_rate = 0;
    uint8_t channels = 1;
    Fmtp fmtp;
    std::vector<std::string> rtcp_fb;  // "nack", "nack pli", "transport-cc", ...

    // Encoding names are compared without case (RFC 4855 3).
    bool is(std::string_view encoding_name) const;
    bool has_feedback(std::string_view feedback) const;
    // RTX: the payload type it repairs (RFC 4588 8.1).
    std::optional<uint8_t> apt() const;
    bool operator==(const Codec&) const = default;
};

// RFC 8285 8.
struct Extmap {
    uint16_t id = 0;  // 1-14 with one-byte headers, 1-255 with two; higher values are only placeholders
    std::optional<Direction> direction;
    std::string uri;
    bool operator==(const Extmap&) const = default;
};

// RFC 8830 2. A missing track id is empty; stream id "-" means no stream.
struct Msid {
    std::string stream_id;
    std::string track_id;
    bool operator==(const Msid&) const = default;
};

// RFC 5576 4.1: the lines of one SSRC folded together.
struct Ssrc {
    uint32_t ssrc = 0;
    std::string cname;
    std::optional<Msid> msid;
    bool operator==(const Ssrc&) const = default;
};

// RFC 5576 4.2: "FID" pairs a stream with its RTX.
struct SsrcGroup {
    std::string semantics;
    std::vector<uint32_t> ssrcs;
    bool operator==(const SsrcGroup&) const = default;
};

// RFC 8851 10.
struct Rid {
    std::string id;
    bool is_send = true;
    std::string parameters;  // "pt=96;max-width=1280", or empty
    bool operator==(const Rid&) const = default;
};

// RFC 8853 5.1: one text per stream, "q"; paused "~q" or alternatives "a,b" as written.
struct Simulcast {
    std::vector<std::string> send;
    std::vector<std::string> recv;
    bool empty() const { return send.empty() && recv.empty(); }
    bool operator==(const Simulcast&) const = default;
};

struct MediaSection {
    MediaKind kind = MediaKind::Other;
    std::string other_kind;  // the word of the m= line when kind is Other
    uint16_t port = 9;       // 0: rejected (RFC 3264 6)
    std::string protocol = "UDP/TLS/RTP/SAVPF";
    // Audio and video: the m= line's payload types in order of preference are the codecs.
    std::vector<Codec> codecs;
    // Application and other: the words after the protocol ("webrtc-datachannel").
    std::vector<std::string> formats;

    std::string mid;
    Direction direction = Direction::SendRecv;
    // Empty or absent: see the session (SessionDescription's accessors).
    std::string ice_ufrag;
    std::string ice_pwd;
    std::string ice_options;
    std::optional<Fingerprint> fingerprint;
    std::optional<SetupRole> setup;
    bool extmap_allow_mixed = false;

    bool bundle_only = false;
    bool rtcp_mux = false;
    bool rtcp_rsize = false;
    std::vector<Extmap> extmaps;
    std::vector<Msid> msids;
    std::vector<Ssrc> ssrcs;
    std::vector<SsrcGroup> ssrc_groups;
    std::vector<Rid> rids;
    Simulcast simulcast;
    std::vector<Candidate> candidates;  // lines with unknown transports or types are skipped (RFC 8839 5.1)
    bool end_of_candidates = false;
    std::optional<uint16_t> sctp_port;         // RFC 8841 5
    std::optional<uint64_t> max_message_size;  // RFC 8841 6; bytes, 0 means any

    bool is_rejected() const { return port == 0 && !bundle_only; }
    const Codec* codec(uint8_t payload_type) const;
    // The RTX payload type that repairs `payload_type`.
    std::optional<uint8_t> rtx_payload_type(uint8_t payload_type) const;
    std::optional<uint16_t> extmap_id(std::string_view uri) const;
    // The RTX stream of `ssrc` by its FID group.
    std::optional<uint32_t> rtx_ssrc(uint32_t ssrc) const;
    bool operator==(const MediaSection&) const = default;
};

struct SessionDescription {
    uint64_t session_id = 0;  // RFC 8829 5.2.1: 63 bits
    uint64_t session_version = 0;
    std::vector<std::string> bundle;  // mids of the first a=group:BUNDLE (RFC 8843)
    std::string ice_ufrag;
    std::string ice_pwd;
    std::string ice_options;
    bool ice_lite = false;
    std::optional<Fingerprint> fingerprint;  // of several, the SHA-256 one
    std::optional<SetupRole> setup;
    bool extmap_allow_mixed = false;
    std::string msid_semantic;  // "WMS *"
    std::vector<MediaSection> sections;

    // What holds for a section: its own value, else the session's.
    std::string_view ice_ufrag_of(const MediaSection&) const;
    std::string_view ice_pwd_of(const MediaSection&) const;
    std::string_view ice_options_of(const MediaSection&) const;
    const Fingerprint* fingerprint_of(const MediaSection&) const;
    std::optional<SetupRole> setup_of(const MediaSection&) const;
    bool extmap_allow_mixed_of(const MediaSection& section) const {
        return section.extmap_allow_mixed || extmap_allow_mixed;
    }
    const MediaSection* section(std::string_view mid) const;
    bool operator==(const SessionDescription&) const = default;
};

Result<SessionDescription, SdpError> parse_sdp(std::string_view text);
// CRLF lines. Control characters in any text are left out, so that no value can start a new line.
std::string serialize(const SessionDescription&);

}  // namespace conclave::wire
