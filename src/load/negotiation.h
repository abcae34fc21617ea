// The client's side of offer and answer (RFC 8829): what it offers, and what a server's description says.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/sdp.h"

namespace conclave::load {

constexpr uint8_t kOpusType = 111;
constexpr uint8_t kVp8Type = 96;
constexpr uint8_t kVp8RtxType = 97;

// What a client says of its transport in every description.
struct LocalTransport {
    std::string ufrag;
    std::string pwd;
    std::string fingerprint_sha256;
};

struct OfferedEncoding {
    std::string rid;  // empty when it is the only one
    uint32_t ssrc = 0;
    uint32_t rtx_ssrc = 0;
};

struct OfferedTrack {
    std::string cid;
    bool is_video = false;
    std::vector<OfferedEncoding> encodings;
};

// The m-sections of the one peer connection in which the client offers, in their order.
class OfferLayout {
 public:
    void add_track(OfferedTrack track) {
        sections_.push_back(
            {track.is_video ? wire::MediaKind::Video : wire::MediaKind::Audio, std::move(track)});
    }
    void add_receivers(size_t audios, size_t videos);
    void add_data() { sections_.push_back({wire::MediaKind::Application, std::nullopt}); }
    bool empty() const { return sections_.empty(); }

    std::string offer(const LocalTransport& local);

 private:
    struct Section {
        wire::MediaKind kind;
        std::optional<OfferedTrack> track;  // without one it receives
    };
    std::vector<Section> sections_;
    uint64_t version_ = 0;
};

// A track that the server sends.
struct RemoteTrack {
    bool is_video = false;
    std::string track_sid;
    std::string participant_sid;
    uint32_t ssrc = 0;
    uint32_t rtx_ssrc = 0;  // 0: none
    uint8_t payload_type = 0;
    uint8_t rtx_payload_type = 0;
    bool wants_remb = false;
};

// What the server takes of a track of ours.
struct AcceptedTrack {
    std::string mid;                // the section
    std::vector<std::string> rids;  // of simulcast; empty: one stream
    uint8_t mid_extension = 0;      // 0: not negotiated
    uint8_t rid_extension = 0;
    uint8_t repaired_rid_extension = 0;
    uint8_t audio_level_extension = 0;
    bool has_rtx = false;
};

// A server's answer or offer.
struct RemoteDescription {
    std::string ufrag;
    std::string pwd;
    wire::Fingerprint fingerprint;
    wire::SetupRole setup = wire::SetupRole::ActPass;
    bool is_lite = false;
    bool has_data = false;
    std::vector<wire::Candidate> candidates;
    std::vector<RemoteTrack> sent;
    std::vector<AcceptedTrack> accepted;  // sections in which the server receives
    wire::SessionDescription sdp;
};

Result<RemoteDescription> read_description(std::string_view sdp);

// The answer to an offer of the server (the subscriber connection of /rtc): receives everything that is
// there.
std::string answer_to(const RemoteDescription& offer, const LocalTransport& local);

}  // namespace conclave::load
