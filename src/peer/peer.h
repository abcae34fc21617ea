// One remote WebRTC endpoint: ICE, DTLS, SRTP, SCTP and the RTP streams of one peer connection, composed.
//
//   datagram -> ice | dtls -> sctp -> data messages
//                   | srtp -> rtp ingress streams -> Media
//                          -> rtcp -> key frame and retransmission requests, reports
//   send_rtp, retransmit, send_data -> srtp | sctp -> dtls -> TransmitQueue
//
// Media is sent only to a path that passed an ICE check, and follows a new path only once something authentic
// has come from it: a replayed check alone moves nothing. Where something authentic comes from a path that
// passed no check, because a NAT has forgotten, the client is asked there at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/packet_pool.h"
#include "base/rate.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "dtls/transport.h"
#include "ice/agent.h"
#include "peer/kept_extensions.h"
#include "peer/media.h"
#include "peer/negotiation.h"
#include "peer/outgoing.h"
#include "peer/paced_queue.h"
#include "rtp/egress_stream.h"
#include "rtp/feedback_recorder.h"
#include "rtp/ingress_stream.h"
#include "rtp/packet_cache.h"
#include "rtp/report_schedule.h"
#include "sctp/data_channels.h"
#include "srtp/session.h"
#include "wire/dependency_descriptor.h"
#include "wire/header_extension.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

namespace conclave::peer {

struct Downlink;

struct Retransmission {
    EgressId egress = 0;
    ExtSeqNo sequence;  // as sent
};

struct DataMessage {
    std::string label;
    bool is_binary = true;
    std::vector<uint8_t> bytes;
};

// Media in datagrams, retransmissions and headers included.
struct SentBytes {
    uint64_t audio = 0;
    uint64_t video = 0;
};

enum class Signal : uint8_t {
    Connected,       // media and data can flow; also after an ICE restart brought a Failed path back
    Failed,          // ICE or DTLS ended; an ICE restart may bring ICE back, nothing brings DTLS back
    KeyframeWanted,  // by the client, for `egress`
    KeyframeLost,    // of `ingress` and `encoding`: more was lost than can be asked for again
    LessBandwidth,   // than was there when want_bitrate() was last called: to be shared out anew, at once
};

using dtls::Handshake;

struct Notice {
    Signal signal = Signal::Connected;
    uint32_t id = 0;
    uint8_t encoding = 0;
};

struct Events {
    std::optional<Media> media;
    StaticVector<Notice, 16> notices;
    std::span<const Retransmission> retransmissions;  // valid until the next call
    std::span<const DataMessage> data;                // likewise
    // To be run, wherever, and put back.
    std::unique_ptr<Handshake> handshake;
};

struct Counters {
    uint64_t unknown_path = 0;
    uint64_t not_ready = 0;         // SRTP before DTLS was done
    uint64_t srtp_dropped[6] = {};  // by srtp::Drop
    uint64_t malformed = 0;
    uint64_t unknown_stream = 0;
    uint64_t unknown_rid = 0;  // of a simulcast, without the name of an encoding that was agreed to
    uint64_t data_dropped = 0;
    uint64_t probes = 0;         // of the client's link: clusters of packets
    uint64_t paced = 0;          // packets that waited for it
    uint64_t paced_dropped = 0;  // of those, given up
    uint64_t estimate_bps = 0;   // of what the client's link carries, as far as we measure it

    Counters& operator+=(const Counters&);
};

struct Config {
    ice::Config ice;
    std::vector<wire::Candidate> candidates;  // ours, the same for everybody
    std::string fingerprint_sha256;
};

class Peer {
 public:
    // What SCTP sends in one call, a full congestion window of a fast association, on its way into DTLS.
    static constexpr size_t kSctpPacketsMax = 512;
    static constexpr size_t kSctpBytesMax = size_t{640} << 10;

    // `config`, `dtls`, `rng` and `sctp_out` must outlive the peer. The queue, of the size above, is empty
    // between calls: all peers of a thread may share it.
    static Result<std::unique_ptr<Peer>> create(Instant now, const Config& config,
                                                const crypto::DtlsContext& dtls, Rng& rng,
                                                TransmitQueue& sctp_out);

    // ---- negotiation: one of the two sides makes all offers
    // A changed ufrag is an ICE restart (RFC 8839 4.4.1.1.1).
    Status set_offer(Instant now, std::string_view sdp);
    Negotiation& negotiation() { return negotiation_; }
    const Negotiation& negotiation() const { return negotiation_; }
    // We will receive what the client sends in this section.
    void accept(std::string_view mid, IngressId, ReceiveOptions);
    void remove_ingress(IngressId);
    // We will send a track in this section; `track.id` is its EgressId.
    void attach(std::string_view mid, SentTrack track);
    void detach(EgressId);
    std::string create_answer(const AudioFormat&);
    // We open LiveKit's data channels when the client offers none.
    std::string create_offer(const AudioFormat&);
    // The handshake may have overtaken the answer: then it is what connects.
    Result<Events> set_answer(Instant now, std::string_view sdp, TransmitQueue& tx);
    // New credentials, to be told in an offer: brings a Failed path back, and the client to a new network.
    void restart_ice(Instant now);

    // ---- from the network
    // Of the newest ICE generation; it changes when an offer restarts ICE.
    const std::string& local_ufrag() const { return ice_.local_credentials().ufrag; }
    // Of a generation that is still in use: checks may come with it.
    bool has_local_ufrag(std::string_view ufrag) const { return ice_.has_local_ufrag(ufrag); }
    // The connection that carried it has ended.
    void close_path(Instant now, const Path&);
    // It passed a check, or is being asked to.
    bool holds_path(const Path& path) const { return ice_.is_valid_path(path) || ice_.is_verifying(path); }
    // Of everything that is received: by them a packet is found whose path is new.
    std::vector<uint32_t> ingress_ssrcs() const;
    // The datagram's slot is taken over: its bytes change.
    [[nodiscard]] Events handle_datagram(Instant now, const Path&, PacketRef, TransmitQueue& tx);
    // What an event has brought. Another peer's is dropped.
    [[nodiscard]] Events put_back(Instant now, std::unique_ptr<Handshake>, TransmitQueue& tx);
    [[nodiscard]] Events handle_timeout(Instant now, TransmitQueue& tx);
    Instant next_timeout() const;
    // Of that, what send_rtp() and retransmit() may have brought nearer.
    Instant next_release() const;

    // ---- to the client
    bool is_connected() const { return srtp_.has_value() && send_path_.has_value() && !has_failed_; }
    bool has_failed() const { return has_failed_; }
    // ICE alone failed: an offer with new credentials brings the peer back.
    bool can_restart() const { return !is_over_; }
    // The packet stays as it is. Nothing is sent before Connected, or when the client knows no format for the
    // codec.
    void send_rtp(Instant now, const Outgoing&, const Media&, TransmitQueue& tx);
    // Nothing is sent to a client without RTX.
    void retransmit(Instant now, const Outgoing&, const CachedPacket&, TransmitQueue& tx);
    void send_sender_report(Instant now, EgressId, NtpTime, uint32_t timestamp, std::string_view cname,
                            TransmitQueue& tx);
    void request_keyframe(IngressId, uint8_t index, TransmitQueue& tx);
    // Keeps messages for the reliable channel until it is open, up to a limit; lossy ones are dropped.
    Status send_data(Instant now, std::string_view label, ByteView message, TransmitQueue& tx);
    // Bytes that wait for their turn on that channel; what is on its way does not count.
    size_t unsent_data(std::string_view label) const;
    void close(TransmitQueue& tx);
    // What would be sent if the client's link carried it: as long as that is more than it is known to carry,
    // it is probed.
    void want_bitrate(Instant now, DataRate);

    // ---- what is known
    CachedPacket find_cached(Instant now, IngressId, uint8_t index, ExtSeqNo) const;
    const rtp::SenderClock* clock(IngressId, uint8_t index) const;
    // What the client's link carries: as we judge by its transport-wide feedback, else as its receiver does
    // (its newest REMB); nothing when it has said neither lately.
    std::optional<DataRate> estimated_bitrate(Instant now) const;
    // It is ours.
    bool is_measured(Instant now) const;
    const SentBytes& sent_bytes() const { return sent_; }
    bool has_sent(EgressId) const;
    // Brings what send_rtp() of it needs into the cache, as far as the keys.
    void prefetch(EgressId);
    // Whether the client can play this codec in the section of that track.
    bool can_send(EgressId, Codec) const;
    // The worst share of packets lost lately, 0..1, of what we receive and of what the client receives.
    float loss_received() const;
    float loss_sent(Instant now) const;
    Duration rtt() const;
    const Counters& counters() const { return counters_; }
    const ice::Counters& ice_counters() const { return ice_.counters(); }

 private:
    struct Encoding;
    struct Ingress;
    struct Egress;

    Peer(Instant now, const Config& config, dtls::Transport dtls, Rng& rng, TransmitQueue& sctp_out);
    LocalDescription local_description(const AudioFormat&) const;
    dtls::Events apply_remote();

    // receive.cc
    void handle_stun(Instant now, const Path&, ByteView, TransmitQueue&, Events&);
    void handle_dtls(Instant now, const Path&, ByteView, TransmitQueue&, Events&);
    void handle_rtp(Instant now, const Path&, const PacketRef&, TransmitQueue&, Events&);
    void handle_rtcp(Instant now, const Path&, const PacketRef&, TransmitQueue&, Events&);
    void handle_rtcp_packet(Instant now, ByteView, Events&);
    void handle_nack(Instant now, const wire::Nack&);
    void handle_keyframe_request(uint32_t media_ssrc, Events&);
    void handle_report_block(Instant now, const wire::ReportBlock&);
    std::optional<Media> to_media(Encoding&, const rtp::IngressStream::Received&);
    void handle_ice_events(const ice::Events&, Events&);
    void handle_dtls_events(Instant now, const dtls::Events&, TransmitQueue&, Events&);
    void become_secure(Events&);
    void authenticate_path(Instant now, const Path&, TransmitQueue&);
    void take_path(const Path&);

    // bind.cc
    void follow_negotiation();
    void follow_section(Ingress&, const Section&);
    Encoding* encoding_of(const wire::RtpPacket&);
    Encoding* bind_by_extensions(const wire::RtpPacket&);
    Encoding* find_encoding(const Ingress&, const wire::RtpPacket&, bool is_rtx);
    void bind(Encoding&, uint32_t ssrc, uint32_t rtx_ssrc);
    void bind_rtx(Encoding&, uint32_t rtx_ssrc);
    void unbind(const Encoding&);
    const Encoding* find_encoding(IngressId, uint8_t encoding) const;

    // data.cc
    void handle_sctp_events(Instant now, sctp::Events&&, Events&, TransmitQueue&);
    void open_channels(Instant now);
    void flush_pending_data(Instant now, const std::string& label, TransmitQueue&);
    void flush_sctp(Instant now, TransmitQueue&);

    // send.cc
    void open_streams(Egress&);
    Egress* find_sending(EgressId);
    bool send_payload(Instant now, Egress&, srtp::Session::SendStream*, const wire::RtpHeader&,
                      const KeptExtensions&, ByteParts payload, TransmitQueue&);
    template <class From>
    void send_media(Instant now, Egress&, const NegotiatedCodec&, const Outgoing&, const From&,
                    TransmitQueue&);
    void send_again(Instant now, Egress&, const Outgoing&, const CachedPacket&, TransmitQueue&);
    void send_waiting(Instant now, const PacedQueue::Waiting&, TransmitQueue&);
    bool send_padding(Instant now, Egress&, TransmitQueue&);
    void send_primary(Instant now, Egress&, const Outgoing&, const Media&, TransmitQueue&);
    void send_rtcp(ByteView plain, TransmitQueue&);

    // downlink.cc
    void open_downlink();
    void handle_feedback(Instant now, const wire::TransportFeedback&, Events&);
    bool must_wait(Instant now, const Egress& egress);
    void release(Instant now, TransmitQueue&);
    bool can_probe() const;
    void send_probes(Instant now, TransmitQueue&);

    // timers.cc
    void send_nacks(Instant now, Encoding&, TransmitQueue&, Events&);
    void send_receiver_report(Instant now, TransmitQueue&);
    void send_feedback(Instant now, TransmitQueue&);

    // What every packet needs to the client lies together.
    bool has_failed_ = false;
    std::optional<srtp::Session> srtp_;
    std::optional<Path> send_path_;
    Egress* recent_ = nullptr;            // packets of a track come in a row
    Egress* probing_ = nullptr;           // a video that has been sent and has RTX
    std::unique_ptr<Downlink> downlink_;  // where transport-wide feedback is negotiated
    SentBytes sent_;

    const Config& config_;
    Rng& rng_;
    Negotiation negotiation_;
    ice::Agent ice_;
    dtls::Transport dtls_;
    sctp::DataChannels data_;
    TransmitQueue& sctp_out_;  // empty between calls
    bool has_fingerprint_ = false;
    bool is_over_ = false;  // DTLS or SCTP ended: nothing brings that back
    bool told_connected_ = false;
    bool awaits_restart_ = false;  // of ICE: its first path is not there yet
    std::string ice_ufrag_;

    std::unordered_map<IngressId, std::unique_ptr<Ingress>> ingress_;
    std::unordered_map<uint32_t, Encoding*> encoding_by_ssrc_;  // media and RTX
    std::unordered_map<EgressId, std::unique_ptr<Egress>> egress_;
    std::unordered_map<uint32_t, Egress*> egress_by_ssrc_;
    std::unique_ptr<rtp::FeedbackRecorder> feedback_;  // of who sends video
    rtp::ReportSchedule receiver_reports_;
    uint32_t rtcp_ssrc_;
    DataRate estimated_bitrate_;
    Instant estimated_at_ = Instant::never();

    std::unordered_map<std::string, uint16_t> channels_;  // label -> open channel
    struct PendingData {
        std::string label;
        std::vector<uint8_t> bytes;
    };
    std::vector<PendingData> pending_data_;
    size_t pending_data_bytes_ = 0;

    std::vector<Retransmission> retransmissions_;
    std::vector<DataMessage> data_messages_;
    Counters counters_;

 public:
    ~Peer();
};

}  // namespace conclave::peer
