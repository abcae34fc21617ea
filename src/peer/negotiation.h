// Offer and answer of one peer connection in which one side alone offers (JSEP: RFC 8829, offer/answer: RFC
// 3264): the client, on a connection that carries both directions or the client's media only, or we, on the
// connection for what we send (LiveKit's classic subscriber). Which m-section carries what in each direction;
// our description as SDP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/static_vector.h"
#include "peer/codec.h"
#include "wire/sdp.h"

namespace conclave::peer {

struct NegotiatedCodec {
    Codec codec = Codec::Opus;
    uint8_t payload_type = 0;
    std::optional<uint8_t> rtx_payload_type;
};
using NegotiatedCodecs = StaticVector<NegotiatedCodec, kCodecsMax>;

// Simulcast encodings of one track (RFC 8853): LiveKit's clients send three, others beyond this are declined.
constexpr size_t kEncodingsMax = 4;
using Rids = StaticVector<std::string, kEncodingsMax>;

// A track of the client as its offer describes it.
struct OfferedTrack {
    std::string stream_id;
    std::string track_id;  // the client's own name of it ("cid"); may be empty
    uint32_t ssrc = 0;     // 0: not told, found by the header extensions (RFC 8843 9.2, RFC 8852)
    uint32_t rtx_ssrc = 0;
    // Its encodings, low to high: LiveKit's names q, h and f in that order, others as a=simulcast has them.
    // Empty when there is one and it has no name.
    Rids rids;
};

// Numbers of header extensions (RFC 8285), 0 when not negotiated: what the client may put into its packets,
// and what we may put into those that we send it.
struct UpstreamExtensions {
    uint8_t mid = 0;
    uint8_t rid = 0;
    uint8_t repaired_rid = 0;
    uint8_t audio_level = 0;
    uint8_t transport_cc = 0;
    uint8_t abs_capture_time = 0;
    uint8_t dependency_descriptor = 0;
};
struct DownstreamExtensions {
    uint8_t mid = 0;
    uint8_t transport_cc = 0;
    uint8_t abs_send_time = 0;
    uint8_t abs_capture_time = 0;
    uint8_t dependency_descriptor = 0;
};

// A track of somebody else, sent to the client in a section where it offered to receive.
struct SentTrack {
    uint32_t id = 0;  // the caller's name of it
    std::string stream_id;
    std::string track_id;
    std::string cname;
    uint32_t ssrc = 0;
    uint32_t rtx_ssrc = 0;
};

// What the caller decides about a track that the client offers.
struct ReceiveOptions {
    Codec preferred = Codec::Vp8;  // first in the answer, which is what browsers send
    bool red = true;               // audio: with redundancy (RFC 2198)
    bool only_preferred = false;   // video: for clients that do not follow the order
};

struct Section {
    std::string mid;
    wire::MediaKind kind = wire::MediaKind::Other;
    bool is_offered = false;  // not rejected by the client
    bool client_receives = false;
    NegotiatedCodecs codecs;  // that both sides know, in the client's order

    std::optional<OfferedTrack> offered_track;
    std::optional<ReceiveOptions> accepted;  // set by accept(): we receive it
    std::optional<SentTrack> sent_track;
    // Its track was detached and the client has not been told: a browser shows a new track only in a section
    // that was inactive in between.
    bool is_released = false;
    // When we offer: the SentTrack::id that our newest offer showed in it, 0 for none.
    uint32_t shown_track = 0;

    UpstreamExtensions upstream;      // as the client has them
    DownstreamExtensions downstream;  // likewise

    bool is_received() const { return offered_track && accepted; }
    bool is_free() const;  // a track can be attached
    // Those of `codecs` that we agree to, the accepted track's preferred one first.
    NegotiatedCodecs agreed_codecs() const;
    // Those of `upstream` that we have use for in what it carries.
    UpstreamExtensions usable_upstream() const;
    const NegotiatedCodec* find(Codec codec) const;
    const NegotiatedCodec* find(uint8_t payload_type) const;
};

// How Opus is to be sent: one meaning for all sections of a bundle.
struct AudioFormat {
    bool stereo = false;  // some track is
    bool dtx = true;      // silence is not sent, unless some track's quiet parts are wanted
};

struct LocalDescription {
    std::string ice_ufrag;
    std::string ice_pwd;
    std::string fingerprint_sha256;
    std::vector<wire::Candidate> candidates;
    AudioFormat audio;
};

class Negotiation {
 public:
    // Applies a client's offer: sections are matched by mid and keep what was attached to them. Refused when
    // it lacks what WebRTC demands (BUNDLE, rtcp-mux, fingerprint, ICE credentials) or changes a section's
    // kind.
    Status set_offer(wire::SessionDescription offer);
    bool has_offer() const { return !sections_.empty(); }
    // How many more there may be.
    size_t room_for_sections() const { return wire::kSdpSectionsMax - sections_.size(); }

    const std::vector<Section>& sections() const { return sections_; }
    const Section* section(std::string_view mid) const;
    bool has_data() const { return has_data_; }
    size_t max_message_size() const { return max_message_size_; }

    wire::Fingerprint remote_fingerprint() const;
    std::string remote_ufrag() const;
    std::string remote_pwd() const;

    void accept(std::string_view mid, ReceiveOptions options);
    // The mid of a section where the client would receive `kind` in one of `codecs` and nothing is attached
    // yet.
    std::optional<std::string> free_section(wire::MediaKind kind,
                                            const StaticVector<Codec, kCodecsMax>& codecs) const;
    // How many sections would serve another track of this kind.
    size_t free_sections(wire::MediaKind kind) const;
    // Something was detached since the last answer.
    bool needs_answer() const;
    void attach(std::string_view mid, SentTrack track);
    void detach(uint32_t sent_track_id);

    std::string answer(const LocalDescription&);

    // ---- when we offer (offer.cc)
    // Where the next track of this kind goes, for attach(): a section that the client has answered as
    // inactive if `may_reuse`, else a new one. None when kSdpSectionsMax are in use.
    std::optional<std::string> add_section(wire::MediaKind kind, bool may_reuse);
    // Something was attached or detached since the newest offer, or there has been none.
    bool needs_offer() const;
    std::string offer(const LocalDescription&);
    // To the newest offer. Refused when it lacks what WebRTC demands, does not fit the offer, or wants us to
    // be the DTLS client. From then on client_receives, codecs and extensions are the client's choice.
    Status set_answer(wire::SessionDescription answer);
    bool is_offering() const { return offers_ > 0; }

 private:
    wire::MediaSection answer_section(const wire::MediaSection& offered, const Section&,
                                      const LocalDescription&, bool is_first) const;
    void ensure_data_section();
    Section* find(std::string_view mid);
    const Section* section_at(size_t index) const;

    wire::SessionDescription remote_;  // the client's newest
    std::vector<Section> sections_;
    bool has_data_ = false;
    size_t max_message_size_ = 65536;
    uint64_t answers_ = 0;
    uint64_t offers_ = 0;
};

}  // namespace conclave::peer
