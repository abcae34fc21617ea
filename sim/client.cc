#include "sim/client.h"

#include <algorithm>

#include "crypto/hmac.h"
#include "livekit/responses.h"
#include "wire/demux.h"
#include "wire/header_extension.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/stun.h"

namespace conclave::sim {
namespace {

constexpr Duration kCheckInterval = Duration::millis(500);
constexpr uint8_t kMidExtension = 4;
constexpr uint8_t kLevelExtension = 1;

crypto::Certificate make_certificate() {
    auto certificate = crypto::Certificate::create_for_dtls(
        {WallTime::from_unix_seconds(1'000'000'000), WallTime::from_unix_seconds(4'000'000'000)});
    CHECK(certificate);
    return std::move(*certificate);
}

crypto::DtlsContext make_context(const crypto::Certificate& certificate) {
    auto context = crypto::DtlsContext::create(certificate);
    CHECK(context);
    return std::move(*context);
}

dtls::Transport make_transport(const crypto::DtlsContext& context) {
    auto transport = dtls::Transport::create(context, dtls::Role::Client);
    CHECK(transport);
    return std::move(*transport);
}

sctp::Config channel_config() {
    sctp::Config config;
    config.dtls_client = true;
    return config;
}

std::string serialize(const pb::SignalRequest& request) {
    return request.SerializeAsString();
}

}  // namespace

Client::Client(std::string identity, SocketAddress address, Rng& rng)
    : identity_(std::move(identity)),
      address_(address),
      rng_(rng),
      certificate_(make_certificate()),
      dtls_context_(make_context(certificate_)),
      dtls_(make_transport(dtls_context_)),
      channels_(sctp::DataChannels::create(channel_config(), rng)),
      sctp_out_(256, 400'000),
      ufrag_(random_id(rng, 8)),
      pwd_(random_id(rng, 24)),
      tie_breaker_(rng.u64()) {}

conference::Join Client::join(conference::ConnectionId connection, bool resumes) {
    conference::Join join;
    join.connection = connection;
    join.room = "room";
    join.owner = conference::Owner::Applications;
    join.claims.identity = identity_;
    join.claims.name = identity_;
    join.claims.video = grant;
    join.claims.video.room_join = true;
    join.claims.video.room = "room";
    join.request.mutable_client_info()->set_sdk(pb::ClientInfo::RUST);
    join.request.mutable_client_info()->set_protocol(17);
    join.request.mutable_connection_settings()->set_auto_subscribe(true);
    if (shapes_join) shapes_join(join);
    if (resumes) {
        join.request.set_reconnect(true);
        join.request.set_participant_sid(sid_);
        if (adjust_join) adjust_join(join);
        return join;
    }
    for (size_t i = 0; i < receive_audios_; ++i) layout_.emplace_back(wire::MediaKind::Audio, "");
    for (size_t i = 0; i < receive_videos_; ++i) layout_.emplace_back(wire::MediaKind::Video, "");
    layout_.emplace_back(wire::MediaKind::Application, "");
    join.request.mutable_publisher_offer()->set_type("offer");
    join.request.mutable_publisher_offer()->set_sdp(offer());
    join.request.mutable_publisher_offer()->set_id(++offer_id_);
    if (adjust_join) adjust_join(join);
    return join;
}

std::string Client::offer() {
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = offer_id_ + 1;
    offer.ice_ufrag = ufrag_;
    offer.ice_pwd = pwd_;
    offer.fingerprint = wire::Fingerprint{
        "sha-256", fingerprint_in_offer.empty() ? certificate_.fingerprint_sha256() : fingerprint_in_offer};
    offer.setup = wire::SetupRole::ActPass;
    for (size_t i = 0; i < layout_.size(); ++i) {
        const auto& [kind, cid] = layout_[i];
        wire::MediaSection section;
        section.kind = kind;
        section.mid = std::to_string(i);
        offer.bundle.push_back(section.mid);
        if (kind == wire::MediaKind::Application) {
            section.protocol = "UDP/DTLS/SCTP";
            section.formats = {"webrtc-datachannel"};
            section.sctp_port = uint16_t{5000};
        } else {
            section.rtcp_mux = true;
            section.rtcp_rsize = true;
            section.extmaps.push_back({kMidExtension, std::nullopt, std::string(wire::kMidUri)});
            const bool is_audio = kind == wire::MediaKind::Audio;
            if (is_audio) {
                section.codecs.push_back({kOpusType, "opus", 48000, 2, {}, {}});
                section.extmaps.push_back({kLevelExtension, std::nullopt, std::string(wire::kAudioLevelUri)});
            } else {
                section.codecs.push_back(
                    {kVp8Type, video_codec, 90000, 1, {}, {"nack", "nack pli", "ccm fir"}});
                if (video_codec == "H264") {
                    section.codecs.back().fmtp.set("packetization-mode", "1");
                    section.codecs.back().fmtp.set("profile-level-id", "42e01f");
                }
                section.codecs.push_back({kVp8RtxType, "rtx", 90000, 1, {}, {}});
                section.codecs.back().fmtp.set("apt", std::to_string(kVp8Type));
            }
            section.direction = cid.empty() ? wire::Direction::RecvOnly : wire::Direction::Inactive;
            for (LocalTrack& track : tracks_) {
                if (cid.empty() || track.cid != cid) continue;
                track.mid = section.mid;
                section.direction = wire::Direction::SendOnly;
                section.msids.push_back({"-", cid});
                section.ssrcs.push_back({track.ssrc, identity_, std::nullopt});
                if (is_audio) continue;
                section.ssrcs.push_back({track.rtx_ssrc, identity_, std::nullopt});
                section.ssrc_groups.push_back({"FID", {track.ssrc, track.rtx_ssrc}});
            }
        }
        offer.sections.push_back(std::move(section));
    }
    return wire::serialize(offer);
}

std::string Client::offer_request() {
    pb::SignalRequest request;
    request.mutable_offer()->set_type("offer");
    request.mutable_offer()->set_sdp(offer());
    request.mutable_offer()->set_id(++offer_id_);
    return serialize(request);
}

void Client::publish(pb::TrackType type, pb::TrackSource source, std::vector<std::string>& requests) {
    LocalTrack track;
    track.cid = identity_ + "-" + std::to_string(layout_.size()) + "-" + std::to_string(source);
    track.type = type;
    track.source = source;
    track.ssrc = rng_.u32() | 1;
    track.rtx_ssrc = type == pb::VIDEO ? rng_.u32() | 1 : 0;
    track.sequence = static_cast<uint16_t>(rng_.u32());
    track.timestamp = rng_.u32();
    layout_.emplace_back(type == pb::AUDIO ? wire::MediaKind::Audio : wire::MediaKind::Video, track.cid);
    pb::SignalRequest request;
    request.mutable_add_track()->set_cid(track.cid);
    request.mutable_add_track()->set_type(type);
    request.mutable_add_track()->set_source(source);
    requests.push_back(serialize(request));
    tracks_.push_back(std::move(track));
    requests.push_back(offer_request());
}

void Client::unpublish(const std::string& cid, std::vector<std::string>& requests) {
    std::erase_if(tracks_, [&](const LocalTrack& track) { return track.cid == cid; });
    requests.push_back(offer_request());
}

std::string Client::mute_request(const std::string& cid, bool muted) {
    pb::SignalRequest request;
    request.mutable_mute()->set_sid(track(cid).sid);
    request.mutable_mute()->set_muted(muted);
    return serialize(request);
}

void Client::restart_ice() {
    ufrag_ = random_id(rng_, 8);
    pwd_ = random_id(rng_, 24);
}

void Client::handle_frame(const std::string& frame, std::vector<std::string>& requests) {
    pb::SignalResponse response;
    CHECK(response.ParseFromString(frame));
    if (response.has_join()) {
        sid_ = response.join().participant().sid();
        for (const auto& info : response.join().other_participants()) participants_[info.identity()] = info;
    }
    for (const auto& info : response.update().participants()) {
        if (info.state() == pb::ParticipantInfo::DISCONNECTED) {
            const auto it = participants_.find(info.identity());
            if (it != participants_.end() && it->second.sid() == info.sid()) participants_.erase(it);
        } else {
            participants_[info.identity()] = info;
        }
    }
    if (response.has_track_published()) {
        for (LocalTrack& track : tracks_) {
            if (track.cid == response.track_published().cid())
                track.sid = response.track_published().track().sid();
        }
    }
    if (response.has_answer()) handle_answer(response.answer());
    if (response.has_media_sections_requirement()) {
        const auto& more = response.media_sections_requirement();
        for (uint32_t i = 0; i < more.num_audios(); ++i) layout_.emplace_back(wire::MediaKind::Audio, "");
        for (uint32_t i = 0; i < more.num_videos(); ++i) layout_.emplace_back(wire::MediaKind::Video, "");
        requests.push_back(offer_request());
    }
    responses.push_back(std::move(response));
}

void Client::handle_answer(const pb::SessionDescription& answer) {
    CHECK(answer.id() == offer_id_ || answer.id() < offer_id_);
    auto parsed = wire::parse_sdp(answer.sdp());
    CHECK(parsed);
    ssrc_of_track_.clear();
    for (const wire::MediaSection& section : parsed->sections) {
        if (section.is_rejected()) continue;
        server_ufrag_ = std::string(parsed->ice_ufrag_of(section));
        server_pwd_ = std::string(parsed->ice_pwd_of(section));
        if (const auto* fingerprint = parsed->fingerprint_of(section)) {
            (void)dtls_.set_remote_fingerprint(fingerprint->algorithm, fingerprint->value);
        }
        for (const wire::Candidate& candidate : section.candidates) {
            server_path_.remote = *SocketAddress::parse(candidate.address, candidate.port);
        }
        if (wire::sends(section.direction) && !section.msids.empty()) {
            ssrc_of_track_[section.msids[0].track_id] = section.ssrcs[0].ssrc;
            if (const auto rtx = section.rtx_ssrc(section.ssrcs[0].ssrc))
                rtx_of_[*rtx] = section.ssrcs[0].ssrc;
        }
        for (LocalTrack& track : tracks_) {
            if (track.mid == section.mid) track.is_answered = wire::receives(section.direction);
        }
    }
}

void Client::send_check(Instant now, TransmitQueue& tx) {
    next_check_ = now + kCheckInterval;
    if (server_ufrag_.empty()) return;
    std::array<uint8_t, 256> buffer;
    wire::StunTransactionId id;
    rng_.fill(id);
    wire::StunWriter writer(buffer, wire::StunClass::Request, wire::kStunBinding, id);
    writer.username(server_ufrag_ + ":" + ufrag_);
    writer.priority(0x7e0000ff);
    writer.ice_controlling(tie_breaker_);
    if (!nominates_late || is_connected()) writer.use_candidate();
    const std::string password = wrong_ice_password ? "not the password of the server" : server_pwd_;
    writer.append_integrity(crypto::hmac_sha1(as_bytes(password), writer.integrity_input()));
    writer.append_fingerprint();
    CHECK(writer.ok());
    tx.push(server_path_, writer.written());
}

void Client::handle_timeout(Instant now, TransmitQueue& tx) {
    if (now >= next_check_) send_check(now, tx);
    if (dtls_.next_timeout() <= now) handle_dtls(now, dtls_.handle_timeout(now, tx), tx);
    if (channels_.next_timeout() <= now) {
        for (auto& event : channels_.handle_timeout(now, sctp_out_)) (void)event;
        flush_data(now, tx);
    }
}

void Client::handle_datagram(Instant now, ByteView datagram, TransmitQueue& tx) {
    ++datagrams;
    std::vector<uint8_t> copy(datagram.begin(), datagram.end());
    switch (wire::classify(datagram)) {
        case wire::DatagramKind::Stun: {
            const auto message = wire::parse_stun(datagram);
            if (message && message->message_class == wire::StunClass::Success)
                dtls_.start(now, server_path_, tx);
            return;
        }
        case wire::DatagramKind::Dtls:
            return handle_dtls(now, dtls_.handle_datagram(now, server_path_, datagram, tx), tx);
        case wire::DatagramKind::Rtp: {
            if (!srtp_) return;
            const auto size = srtp_->unprotect_rtp(copy);
            if (size) handle_rtp(MutableBytes{copy}.first(*size));
            return;
        }
        case wire::DatagramKind::Rtcp: {
            if (!srtp_) return;
            const auto size = srtp_->unprotect_rtcp(copy);
            if (size) handle_rtcp(MutableBytes{copy}.first(*size), tx);
            return;
        }
        case wire::DatagramKind::Unknown:
            return;
    }
}

void Client::handle_dtls(Instant now, const dtls::Events& events, TransmitQueue& tx) {
    for (const dtls::Event& event : events) {
        if (event.kind == dtls::Event::Kind::Connected) {
            const auto& keys = dtls_.keying_material();
            CHECK(keys);
            auto session = srtp::Session::create(keys->profile, keys->receive, keys->send);
            CHECK(session);
            srtp_ = std::move(*session);
            channels_.connect(now, sctp_out_);
            for (const char* label : {"_reliable", "_lossy", "_data_track"}) {
                sctp::ChannelOptions options;
                options.label = label;
                if (options.label != "_reliable") {
                    options.ordered = false;
                    options.max_retransmits = 0;
                }
                auto id = channels_.open(now, options, sctp_out_);
                CHECK(id);
                channel_ids_[label] = *id;
            }
            flush_data(now, tx);
        } else if (event.kind == dtls::Event::Kind::ApplicationData && reads_data) {
            for (auto& happened : channels_.handle_packet(now, event.data, sctp_out_)) {
                if (const auto* message = std::get_if<sctp::ChannelMessage>(&happened)) {
                    const bool is_frame = message->id == channel_ids_["_data_track"];
                    (is_frame ? frames : data).emplace_back(as_text(message->payload));
                }
            }
            flush_data(now, tx);
        }
    }
}

void Client::flush_data(Instant now, TransmitQueue& tx) {
    for (const auto& packet : sctp_out_.datagrams()) {
        (void)dtls_.send(now, sctp_out_.bytes(packet), server_path_, tx);
    }
    sctp_out_.clear();
}

Status Client::send_data(Instant now, std::string_view label, const std::string& packet, TransmitQueue& tx) {
    const auto it = channel_ids_.find(std::string(label));
    if (it == channel_ids_.end()) return failure("no such channel");
    auto status = channels_.send(now, it->second, true, as_bytes(packet), sctp_out_);
    flush_data(now, tx);
    return status;
}

void Client::handle_rtp(ByteView plain) {
    const auto rtp = wire::parse_rtp(plain);
    if (!rtp) return;
    ReceivedPacket packet{rtp->ssrc,
                          rtp->payload_type,
                          rtp->sequence_number.value,
                          rtp->timestamp,
                          {rtp->payload.begin(), rtp->payload.end()}};
    const auto media = rtx_of_.find(rtp->ssrc);
    if (media != rtx_of_.end() && packet.payload.size() > 2) {
        packet.ssrc = media->second;
        packet.sequence = load_be16(packet.payload.data());
        packet.payload.erase(packet.payload.begin(), packet.payload.begin() + 2);
        retransmissions.push_back(std::move(packet));
        return;
    }
    packets.push_back(std::move(packet));
}

void Client::handle_rtcp(ByteView plain, TransmitQueue& tx) {
    wire::RtcpReader reader(plain);
    while (const auto packet = reader.next()) {
        if (const auto* report = std::get_if<wire::SenderReport>(&*packet)) {
            sender_reports.push_back(report->info);
        } else if (const auto* pli = std::get_if<wire::Pli>(&*packet)) {
            for (LocalTrack& track : tracks_) {
                if (track.ssrc == pli->media_ssrc) ++track.keyframes_asked;
            }
        } else if (const auto* nack = std::get_if<wire::Nack>(&*packet)) {
            for (LocalTrack& track : tracks_) {
                if (track.ssrc != nack->media_ssrc) continue;
                nack->for_each([&](SeqNo lost) {
                    ++track.packets_asked;
                    if (!answers_nacks) return;
                    const auto it = track.sent.find(lost.value);
                    if (it == track.sent.end()) return;
                    // RFC 4588 4: the original sequence number, then the payload.
                    std::vector<uint8_t> rtx(it->second.begin(), it->second.begin() + 12);
                    rtx[1] = static_cast<uint8_t>((rtx[1] & 0x80) | kVp8RtxType);
                    static_assert(wire::kRtpHeaderSize == 12);
                    store_be16(rtx.data() + 2, static_cast<uint16_t>(lost.value + 7777));
                    store_be32(rtx.data() + 8, track.rtx_ssrc);
                    rtx.push_back(static_cast<uint8_t>(lost.value >> 8));
                    rtx.push_back(static_cast<uint8_t>(lost.value));
                    rtx.insert(rtx.end(), it->second.begin() + 12, it->second.end());
                    send_plain(rtx, tx);
                });
            }
        }
    }
}

void Client::send_packet(LocalTrack& track, ByteView payload, bool keyframe, uint32_t timestamp_step,
                         TransmitQueue& tx) {
    std::array<uint8_t, 1400> buffer;
    track.timestamp += timestamp_step;
    const wire::RtpHeader header{
        true, track.type == pb::AUDIO ? kOpusType : kVp8Type, {track.sequence}, track.timestamp, track.ssrc,
        false};
    size_t size = wire::write_rtp_header(buffer, header, {});
    CHECK(size == wire::kRtpHeaderSize);
    if (track.type == pb::VIDEO) {
        // RFC 7741 4.2: S = 1, partition 0; then the P bit of the frame header (RFC 6386 9.1).
        buffer[size++] = 0x10;
        buffer[size++] = keyframe ? 0x00 : 0x01;
    }
    std::memcpy(buffer.data() + size, payload.data(), payload.size());
    size += payload.size();
    track.sent[track.sequence] = {buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(size)};
    if (track.sent.size() > 500) track.sent.erase(track.sent.begin());
    ++track.sequence;
    send_plain(ByteView{buffer}.first(size), tx);
}

void Client::send_plain(ByteView rtp, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(rtp.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtp(rtp, room);
    if (size > 0) tx.commit(server_path_, size);
}

std::optional<std::vector<uint8_t>> Client::protected_packet(ByteView rtp) {
    if (!srtp_) return std::nullopt;
    std::vector<uint8_t> out(rtp.size() + srtp::Session::kOverheadMax);
    out.resize(srtp_->protect_rtp(rtp, out));
    if (out.empty()) return std::nullopt;
    return out;
}

void Client::send_rtcp(ByteView plain, TransmitQueue& tx) {
    if (!srtp_) return;
    const MutableBytes room = tx.reserve(plain.size() + srtp::Session::kOverheadMax);
    const size_t size = room.empty() ? 0 : srtp_->protect_rtcp(plain, room);
    if (size > 0) tx.commit(server_path_, size);
}

void Client::nack(uint32_t ssrc, uint16_t sequence, TransmitQueue& tx) {
    std::array<uint8_t, 64> buffer;
    ByteWriter out(buffer);
    const SeqNo lost{sequence};
    CHECK(wire::write_nack(out, 1, ssrc, {&lost, 1}) == 1);
    send_rtcp(out.written(), tx);
}

LocalTrack& Client::track(const std::string& cid) {
    const auto it =
        std::find_if(tracks_.begin(), tracks_.end(), [&](const LocalTrack& t) { return t.cid == cid; });
    CHECK(it != tracks_.end());
    return *it;
}

LocalTrack& Client::track(pb::TrackSource source) {
    const auto it =
        std::find_if(tracks_.begin(), tracks_.end(), [&](const LocalTrack& t) { return t.source == source; });
    CHECK(it != tracks_.end());
    return *it;
}

uint32_t Client::ssrc_of(const std::string& track_sid) const {
    const auto it = ssrc_of_track_.find(track_sid);
    return it == ssrc_of_track_.end() ? 0 : it->second;
}

const pb::ParticipantInfo* Client::participant(const std::string& identity) const {
    const auto it = participants_.find(identity);
    return it == participants_.end() ? nullptr : &it->second;
}

}  // namespace conclave::sim
