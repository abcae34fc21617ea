#include "peer/peer.h"

#include <algorithm>

#include "peer/downlink.h"
#include "peer/streams.h"

namespace conclave::peer {
namespace {

// Browsers report every second or so.
constexpr Duration kReportAgeMax = Duration::seconds(10);
// An estimate comes every second while there is something to estimate by.
constexpr Duration kEstimateAgeMax = Duration::seconds(5);

sctp::Config sctp_config() {
    sctp::Config config;
    config.dtls_client = false;
    return config;
}

}  // namespace

Result<std::unique_ptr<Peer>> Peer::create(Instant now, const Config& config, const crypto::DtlsContext& dtls,
                                           Rng& rng, TransmitQueue& sctp_out) {
    auto transport = TRY(dtls::Transport::create(dtls, dtls::Role::Server));
    return std::unique_ptr<Peer>(new Peer(now, config, std::move(transport), rng, sctp_out));
}

Peer::Peer(Instant now, const Config& config, dtls::Transport dtls, Rng& rng, TransmitQueue& sctp_out)
    : config_(config),
      rng_(rng),
      ice_(ice::Agent::create(config.ice, now, rng)),
      dtls_(std::move(dtls)),
      data_(sctp::DataChannels::create(sctp_config(), rng)),
      sctp_out_(sctp_out),
      receiver_reports_(rtp::kReceiverReportInterval),
      rtcp_ssrc_(rng.u32()) {}

Peer::~Peer() = default;

Status Peer::set_offer(Instant now, std::string_view sdp) {
    auto offer = wire::parse_sdp(sdp);
    if (!offer) return failure("offer: " + std::string(wire::to_string(offer.error())));
    (void)TRY(negotiation_.set_offer(std::move(*offer)));

    // Also the first time: a client may take its time, and has as long as any from here on.
    const std::string ufrag = negotiation_.remote_ufrag();
    if (ufrag != ice_ufrag_) restart_ice(now);
    ice_ufrag_ = ufrag;
    for (const dtls::Event& event : apply_remote()) {
        if (event.kind == dtls::Event::Kind::Failed)
            return failure("the certificate does not match the offer");
    }

    follow_negotiation();
    return Ok{};
}

Result<Events> Peer::set_answer(Instant now, std::string_view sdp, TransmitQueue& tx) {
    auto answer = wire::parse_sdp(sdp);
    if (!answer) return failure("answer: " + std::string(wire::to_string(answer.error())));
    (void)TRY(negotiation_.set_answer(std::move(*answer)));
    Events events;
    handle_dtls_events(now, apply_remote(), tx, events);
    follow_negotiation();
    flush_sctp(now, tx);
    return events;
}

dtls::Events Peer::apply_remote() {
    ice_.set_remote_credentials({negotiation_.remote_ufrag(), negotiation_.remote_pwd()});
    const wire::Fingerprint fingerprint = negotiation_.remote_fingerprint();
    return dtls_.set_remote_fingerprint(fingerprint.algorithm, fingerprint.value);
}

void Peer::restart_ice(Instant now) {
    ice_.restart(now, rng_);
    has_failed_ = is_over_;
    told_connected_ = false;
    awaits_restart_ = true;
}

void Peer::accept(std::string_view mid, IngressId id, ReceiveOptions options) {
    negotiation_.accept(mid, options);
    const Section* section = negotiation_.section(mid);
    if (!section || !section->accepted || ingress_.contains(id)) return;
    Ingress& ingress = *(ingress_[id] = std::make_unique<Ingress>(id, *section));
    follow_section(ingress, *section);
}

void Peer::remove_ingress(IngressId id) {
    const auto it = ingress_.find(id);
    if (it == ingress_.end()) return;
    for (const auto& encoding : it->second->encodings) unbind(*encoding);
    ingress_.erase(it);
}

void Peer::attach(std::string_view mid, SentTrack track) {
    rtp::EgressStream::Config stream;
    stream.ssrc = track.ssrc;
    stream.rtx_ssrc = track.rtx_ssrc;
    stream.has_rtx = track.rtx_ssrc != 0;
    stream.first_rtx_seq = {static_cast<uint16_t>(rng_.u32())};
    auto egress = std::make_unique<Egress>(Egress{.id = track.id,
                                                  .extensions = {},
                                                  .codecs = {},
                                                  .stream = rtp::EgressStream(stream),
                                                  .mid = std::string(mid),
                                                  .reported_at = {}});
    if (const Section* section = negotiation_.section(mid)) {
        egress->codecs = section->codecs;
        egress->is_audio = section->kind == wire::MediaKind::Audio;
        egress->extensions = section->downstream;
    }
    if (srtp_) open_streams(*egress);
    egress_by_ssrc_[track.ssrc] = egress.get();
    egress_[track.id] = std::move(egress);
    open_downlink();
    negotiation_.attach(mid, std::move(track));
}

void Peer::detach(EgressId id) {
    negotiation_.detach(id);
    const auto it = egress_.find(id);
    if (it == egress_.end()) return;
    egress_by_ssrc_.erase(it->second->stream.config().ssrc);
    if (recent_ == it->second.get()) recent_ = nullptr;
    if (probing_ == it->second.get()) probing_ = nullptr;
    egress_.erase(it);
}

std::string Peer::create_answer(const AudioFormat& audio) {
    return negotiation_.answer(local_description(audio));
}

std::string Peer::create_offer(const AudioFormat& audio) {
    return negotiation_.offer(local_description(audio));
}

LocalDescription Peer::local_description(const AudioFormat& audio) const {
    LocalDescription local;
    local.ice_ufrag = ice_.local_credentials().ufrag;
    local.ice_pwd = ice_.local_credentials().pwd;
    local.fingerprint_sha256 = config_.fingerprint_sha256;
    local.candidates = config_.candidates;
    local.audio = audio;
    return local;
}

CachedPacket Peer::find_cached(Instant now, IngressId id, uint8_t index, ExtSeqNo sequence) const {
    const Encoding* encoding = find_encoding(id, index);
    if (!encoding) return {};
    PacketRef packet = encoding->cache.find(now, sequence);
    const auto rtp = packet ? wire::parse_rtp_header(packet.bytes()) : std::nullopt;
    const NegotiatedCodec* codec = rtp ? encoding->track.codec(rtp->payload_type) : nullptr;
    return codec ? read_cached(std::move(packet), codec->codec) : CachedPacket{};
}

const rtp::SenderClock* Peer::clock(IngressId id, uint8_t index) const {
    const Encoding* encoding = find_encoding(id, index);
    return !encoding || !encoding->stream ? nullptr : &encoding->stream->clock();
}

Counters& Counters::operator+=(const Counters& other) {
    unknown_path += other.unknown_path;
    not_ready += other.not_ready;
    for (size_t i = 0; i < std::size(srtp_dropped); ++i) srtp_dropped[i] += other.srtp_dropped[i];
    malformed += other.malformed;
    unknown_stream += other.unknown_stream;
    unknown_rid += other.unknown_rid;
    data_dropped += other.data_dropped;
    probes += other.probes;
    paced += other.paced;
    paced_dropped += other.paced_dropped;
    estimate_bps += other.estimate_bps;
    return *this;
}

bool Peer::is_measured(Instant now) const {
    return downlink_ && downlink_->estimator.estimate(now);
}

std::optional<DataRate> Peer::estimated_bitrate(Instant now) const {
    if (const auto estimate = downlink_ ? downlink_->estimator.estimate(now) : std::nullopt) return estimate;
    if (estimated_at_.is_never() || now - estimated_at_ > kEstimateAgeMax) return std::nullopt;
    return estimated_bitrate_;
}

bool Peer::has_sent(EgressId id) const {
    const auto it = egress_.find(id);
    return it != egress_.end() && it->second->stream.has_sent();
}

bool Peer::can_send(EgressId id, Codec codec) const {
    const auto it = egress_.find(id);
    return it != egress_.end() && it->second->format(codec);
}

float Peer::loss_received() const {
    uint8_t worst = 0;
    for (const auto& [id, ingress] : ingress_) {
        for (const auto& encoding : ingress->encodings) worst = std::max(worst, encoding->fraction_lost);
    }
    return static_cast<float>(worst) / 256.0F;
}

float Peer::loss_sent(Instant now) const {
    uint8_t worst = 0;
    for (const auto& [id, egress] : egress_) {
        // Clients stop reporting on a stream that is silent: its last report then says nothing any more.
        if (now - egress->reported_at <= kReportAgeMax) worst = std::max(worst, egress->fraction_lost);
    }
    return static_cast<float>(worst) / 256.0F;
}

std::vector<uint32_t> Peer::ingress_ssrcs() const {
    std::vector<uint32_t> ssrcs;
    for (const auto& [ssrc, encoding] : encoding_by_ssrc_) ssrcs.push_back(ssrc);
    return ssrcs;
}

// All streams take one path: those that were measured speak for a track that has sent nothing yet.
Duration Peer::rtt() const {
    Duration worst;
    for (const auto& [id, egress] : egress_) {
        if (egress->stream.has_rtt()) worst = std::max(worst, egress->stream.rtt());
    }
    return worst.us > 0 ? worst : rtp::kRttAtStart;
}

}  // namespace conclave::peer
