// A model of a LiveKit client with one peer connection: a controlling ICE agent, a DTLS client, SRTP, data
// channels and the signalling of /rtc/v1. Cheap and obedient, unless a test makes it otherwise.
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
#include "dtls/transport.h"
#include "livekit/outbox.h"
#include "sctp/data_channels.h"
#include "srtp/session.h"
#include "wire/sdp.h"

namespace conclave::sim {

namespace pb = ::livekit;

constexpr uint8_t kOpusType = 111;
constexpr uint8_t kVp8Type = 96;
constexpr uint8_t kVp8RtxType = 97;

// A track that the client publishes.
struct LocalTrack {
    std::string cid;
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

class Client {
 public:
    // `address`: where it is in the simulated network.
    Client(std::string identity, SocketAddress address, Rng& rng);

    const std::string& identity() const { return identity_; }
    SocketAddress address() const { return address_; }
    // As if the network had moved it (a NAT rebinding).
    void move_to(SocketAddress address) { address_ = address; }

    // ---- signalling
    conference::Join join(conference::ConnectionId connection, bool resumes = false);
    // Frames of the server; the client's answers are appended to `requests`.
    void handle_frame(const std::string& frame, std::vector<std::string>& requests);
    void publish(pb::TrackType type, pb::TrackSource source, std::vector<std::string>& requests);
    void unpublish(const std::string& cid, std::vector<std::string>& requests);
    std::string offer_request();
    std::string mute_request(const std::string& cid, bool muted);
    void restart_ice();

    // ---- media
    void handle_datagram(Instant now, ByteView datagram, TransmitQueue& tx);
    void handle_timeout(Instant now, TransmitQueue& tx);
    bool is_connected() const { return srtp_.has_value(); }
    // One packet of the track; VP8 starts a key frame when asked to.
    void send_packet(LocalTrack& track, ByteView payload, bool keyframe, uint32_t timestamp_step,
                     TransmitQueue& tx);
    void send_plain(ByteView rtp, TransmitQueue& tx);
    void send_rtcp(ByteView plain, TransmitQueue& tx);
    // Any bytes, from this client's address.
    void send_raw(ByteView bytes, TransmitQueue& tx) { tx.push(server_path_, bytes); }
    std::optional<std::vector<uint8_t>> protected_packet(ByteView rtp);
    // Of its DTLS association, once there is one.
    const dtls::KeyingMaterial* keys() const {
        return dtls_.keying_material() ? &*dtls_.keying_material() : nullptr;
    }
    Status send_data(Instant now, std::string_view label, const std::string& packet, TransmitQueue& tx);
    void nack(uint32_t ssrc, uint16_t sequence, TransmitQueue& tx);

    LocalTrack& track(const std::string& cid);
    LocalTrack& track(pb::TrackSource source);
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
    bool wrong_ice_password = false;
    bool nominates_late = false;  // only once media flows
    bool answers_nacks = true;
    bool sends_nacks = true;
    std::string fingerprint_in_offer;  // empty: its own
    std::string video_codec = "VP8";   // the only one it knows
    bool reads_data = true;            // otherwise its SCTP is deaf: nothing is acknowledged
    size_t datagrams = 0;              // received, of every kind
    livekit::VideoGrant grant;         // of its token; the room is filled in
    std::function<void(conference::Join&)> shapes_join;  // other claims than a plain participant's

 private:
    void send_check(Instant now, TransmitQueue& tx);
    void handle_dtls(Instant now, const dtls::Events& events, TransmitQueue& tx);
    void handle_rtcp(ByteView plain, TransmitQueue& tx);
    void handle_rtp(ByteView plain);
    void flush_data(Instant now, TransmitQueue& tx);
    void handle_answer(const pb::SessionDescription& answer);
    std::string offer();

    std::string identity_;
    SocketAddress address_;
    Rng& rng_;
    crypto::Certificate certificate_;
    crypto::DtlsContext dtls_context_;
    dtls::Transport dtls_;
    std::optional<srtp::Session> srtp_;
    sctp::DataChannels channels_;
    TransmitQueue sctp_out_;
    std::map<std::string, uint16_t> channel_ids_;

    Path server_path_;
    std::string ufrag_;
    std::string pwd_;
    std::string server_ufrag_;
    std::string server_pwd_;
    uint64_t tie_breaker_;
    Instant next_check_;

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
    std::string sid_;
};

}  // namespace conclave::sim
