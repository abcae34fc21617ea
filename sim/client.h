// A model of a LiveKit client: the signalling of /rtc/v1 over one peer connection, or that of /rtc over two.
// Cheap and obedient, unless a test makes it otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "conference/conference.h"
#include "livekit/outbox.h"
#include "rtp/feedback_recorder.h"
#include "sim/transport.h"
#include "wire/sdp.h"

namespace conclave::sim {

namespace pb = ::livekit;

constexpr uint8_t kOpusType = 111;
// The first video codec of a client and its RTX; the others follow.
constexpr uint8_t kVp8Type = 96;
constexpr uint8_t kVp8RtxType = 97;

// A track that the client publishes.
struct LocalTrack {
    std::string cid;
    std::string codec;  // of a video: one of those that the client knows
    pb::TrackType type = pb::AUDIO;
    pb::TrackSource source = pb::MICROPHONE;
    std::string mid;
    std::string sid;  // once the server has said it
    uint32_t ssrc = 0;
    uint32_t rtx_ssrc = 0;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    bool is_answered = false;  // the server takes it
    size_t keyframes_asked = 0;
    size_t packets_asked = 0;                       // by NACKs
    std::map<uint16_t, std::vector<uint8_t>> sent;  // plain packets, for NACKs
};

struct ReceivedPacket {
    uint32_t ssrc = 0;
    uint8_t payload_type = 0;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    std::vector<uint8_t> payload;
};

class Client : public Habits {
 public:
    // `address`: where it is in the simulated network.
    Client(std::string identity, SocketAddress address, Rng& rng, bool is_classic);

    const std::string& identity() const { return identity_; }
    SocketAddress address() const { return address_; }
    // Of its second peer connection; the port is not used by anybody else.
    SocketAddress subscriber_address() const {
        SocketAddress address = address_;
        ++address.port;
        return address;
    }
    bool is_at(const SocketAddress& address) const {
        return address == address_ || (subscriber_ && address == subscriber_address());
    }
    SocketAddress address_of(const Path& sent_to) const {
        return sent_to.socket == 0 ? address_ : subscriber_address();
    }
    // As if the network had moved it (a NAT rebinding).
    void move_to(SocketAddress address) { address_ = address; }

    // ---- signalling
    conference::Join join(conference::ConnectionId connection, bool resumes = false);
    // Frames of the server; the client's answers are appended to `requests`.
    void handle_frame(const std::string& frame, std::vector<std::string>& requests);
    void publish(pb::TrackType type, pb::TrackSource source, std::vector<std::string>& requests);
    void unpublish(const std::string& cid, std::vector<std::string>& requests);
    // The video of this name in another codec as well: its announcement and the offer that carries it.
    // Returns its own name.
    std::string publish_backup(const std::string& cid, const std::string& codec,
                               std::vector<std::string>& requests);
    std::string offer_request();
    // To the newest offer of the server.
    std::string answer_request();
    std::string mute_request(const std::string& cid, bool muted);
    void restart_ice() { main_.restart_ice(); }

    // ---- media
    void handle_datagram(Instant now, const SocketAddress& to, ByteView datagram, TransmitQueue& tx);
    void handle_timeout(Instant now, TransmitQueue& tx);
    bool is_connected() const {
        return main_.is_connected() && (!subscriber_ || subscriber_->is_connected());
    }
    bool is_classic() const { return subscriber_.has_value(); }
    // One packet of the track; VP8 starts a key frame when asked to.
    void send_packet(LocalTrack& track, ByteView payload, bool keyframe, uint32_t timestamp_step,
                     TransmitQueue& tx);
    void send_plain(ByteView rtp, TransmitQueue& tx) { main_.send_rtp(rtp, tx); }
    void send_rtcp(ByteView plain, TransmitQueue& tx) { main_.send_rtcp(plain, tx); }
    // Any bytes, from this client's address.
    void send_raw(ByteView bytes, TransmitQueue& tx) { main_.send_raw(bytes, tx); }
    std::optional<std::vector<uint8_t>> protected_packet(ByteView rtp) { return main_.protected_rtp(rtp); }
    // Of its DTLS association, once there is one.
    const dtls::KeyingMaterial* keys() const {
        const auto& keys = main_.dtls().keying_material();
        return keys ? &*keys : nullptr;
    }
    Status send_data(Instant now, std::string_view label, const std::string& packet, TransmitQueue& tx) {
        return main_.send_data(now, label, packet, tx);
    }
    void nack(uint32_t ssrc, uint16_t sequence, TransmitQueue& tx);

    LocalTrack& track(const std::string& cid);
    LocalTrack& track(pb::TrackSource source);
    size_t sections() const { return layout_.size(); }
    // The SSRC under which a remote track arrives; 0 before it is negotiated.
    uint32_t ssrc_of(const std::string& track_sid) const;
    const pb::ParticipantInfo* participant(const std::string& identity) const;

    // ---- what happened to it; tests read and clear
    std::vector<ReceivedPacket> packets;
    std::vector<ReceivedPacket> retransmissions;  // unwrapped from RTX
    std::vector<pb::SignalResponse> responses;
    std::vector<std::string> data;    // serialized DataPackets
    std::vector<std::string> frames;  // packets of data tracks
    std::vector<wire::SenderInfo> sender_reports;
    std::function<void(conference::Join&)> adjust_join;  // another token, another SDK
    bool answers_nacks = true;
    bool answers_offers = true;
    bool opens_publisher = true;            // of a classic client, as soon as it has joined
    wire::SessionDescription server_offer;  // of a classic client: the newest
    bool sends_nacks = true;
    bool tells_arrivals = false;  // transport-wide feedback; before it joins
    size_t padding_packets = 0;   // probes
    std::optional<uint8_t>
        level;  // of what it says, told in every packet of sound (RFC 6464: 127 is silence)
    std::string fingerprint_in_offer;  // empty: its own
    // Those it knows, most preferred first: it sends the first.
    std::vector<std::string> video_codecs = {"VP8"};
    std::function<void(pb::AddTrackRequest&)> adjust_track;
    size_t datagrams = 0;       // received, of every kind
    livekit::VideoGrant grant;  // of its token; the room is filled in

 private:
    void handle_rtcp(ByteView plain, TransmitQueue& tx);
    void handle_rtp(Instant now, ByteView plain);
    void record_arrival(Instant now, const wire::RtpPacket&);
    void add_transport_cc(wire::MediaSection&) const;
    void handle_answer(const pb::SessionDescription& answer);
    void handle_offer(const pb::SessionDescription& offer, std::vector<std::string>& requests);
    void add_video_codecs(wire::MediaSection&) const;
    uint8_t payload_type(const LocalTrack&) const;
    LocalTrack& add_local(std::string cid, pb::TrackType, pb::TrackSource, const std::string& codec);
    void read_tracks(const wire::SessionDescription&);
    void begin(conference::Join&);
    Transport& receiving() { return subscriber_ ? *subscriber_ : main_; }
    std::string offer();

    std::string identity_;
    SocketAddress address_;
    Rng& rng_;
    Transport main_;                       // the only one, or the publisher
    std::optional<Transport> subscriber_;  // of a classic client

    size_t receive_audios_ = 3;
    size_t receive_videos_ = 3;
    std::vector<std::pair<wire::MediaKind, std::string>> layout_;  // in m-line order: kind, cid or empty
    std::vector<LocalTrack> tracks_;
    std::map<std::string, std::string> track_of_mid_;
    std::map<std::string, uint32_t> ssrc_of_track_;
    std::map<uint32_t, uint32_t> rtx_of_;  // RTX SSRC -> media SSRC
    std::map<uint32_t, uint16_t> newest_;  // by SSRC, to notice loss
    std::map<std::string, pb::ParticipantInfo> participants_;
    uint32_t offer_id_ = 0;
    uint32_t server_offer_id_ = 0;
    std::string sid_;
    std::unique_ptr<rtp::FeedbackRecorder> arrivals_;  // of what it receives
};

}  // namespace conclave::sim
