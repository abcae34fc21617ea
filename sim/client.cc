#include "sim/client.h"

#include <algorithm>

#include "livekit/responses.h"
#include "wire/header_extension.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace conclave::sim {
namespace {

constexpr uint8_t kMidExtension = 4;
constexpr uint8_t kLevelExtension = 1;
// As the server offers it.
constexpr uint8_t kTransportCcExtension = 5;

std::string serialize(const pb::SignalRequest& request) {
    return request.SerializeAsString();
}

}  // namespace

Client::Client(std::string identity, SocketAddress address, Rng& rng, bool is_classic)
    : identity_(std::move(identity)), address_(address), rng_(rng), main_(*this, rng, 0, true) {
    if (is_classic) subscriber_.emplace(*this, rng, 1, false);
}

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
    join.is_classic = subscriber_.has_value();
    if (resumes) {
        join.request.set_reconnect(true);
        join.request.set_participant_sid(sid_);
    } else {
        begin(join);
    }
    if (adjust_join) adjust_join(join);
    return join;
}

// A classic client's offer follows the answer to this.
void Client::begin(conference::Join& join) {
    if (!join.is_classic) {
        for (size_t i = 0; i < receive_audios_; ++i) layout_.emplace_back(wire::MediaKind::Audio, "");
        for (size_t i = 0; i < receive_videos_; ++i) layout_.emplace_back(wire::MediaKind::Video, "");
    }
    layout_.emplace_back(wire::MediaKind::Application, "");
    if (join.is_classic) return;
    join.request.mutable_publisher_offer()->set_type("offer");
    join.request.mutable_publisher_offer()->set_sdp(offer());
    join.request.mutable_publisher_offer()->set_id(++offer_id_);
}

std::string Client::offer() {
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = offer_id_ + 1;
    offer.ice_ufrag = main_.ufrag();
    offer.ice_pwd = main_.pwd();
    offer.fingerprint = wire::Fingerprint{
        "sha-256", fingerprint_in_offer.empty() ? main_.fingerprint() : fingerprint_in_offer};
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
                add_video_codecs(section);
            }
            add_transport_cc(section);
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

void Client::add_video_codecs(wire::MediaSection& section) const {
    uint8_t type = kVp8Type;
    for (const std::string& codec : video_codecs) {
        section.codecs.push_back({type, codec, 90000, 1, {}, {"nack", "nack pli", "ccm fir"}});
        if (codec == "H264") {
            section.codecs.back().fmtp.set("packetization-mode", "1");
            section.codecs.back().fmtp.set("profile-level-id", "42e01f");
        }
        section.codecs.push_back({static_cast<uint8_t>(type + 1), "rtx", 90000, 1, {}, {}});
        section.codecs.back().fmtp.set("apt", std::to_string(type));
        type = static_cast<uint8_t>(type + 2);
    }
}

void Client::add_transport_cc(wire::MediaSection& section) const {
    if (!tells_arrivals) return;
    section.extmaps.push_back({kTransportCcExtension, std::nullopt, std::string(wire::kTransportCcUri)});
    for (wire::Codec& codec : section.codecs) {
        if (!codec.is("rtx")) codec.rtcp_fb.emplace_back("transport-cc");
    }
}

uint8_t Client::payload_type(const LocalTrack& track) const {
    if (track.type == pb::AUDIO) return kOpusType;
    const auto codec = std::find(video_codecs.begin(), video_codecs.end(), track.codec);
    CHECK(codec != video_codecs.end());
    return static_cast<uint8_t>(kVp8Type + 2 * (codec - video_codecs.begin()));
}

std::string Client::offer_request() {
    pb::SignalRequest request;
    request.mutable_offer()->set_type("offer");
    request.mutable_offer()->set_sdp(offer());
    request.mutable_offer()->set_id(++offer_id_);
    return serialize(request);
}

void Client::publish(pb::TrackType type, pb::TrackSource source, std::vector<std::string>& requests) {
    const std::string cid = identity_ + "-" + std::to_string(layout_.size()) + "-" + std::to_string(source);
    add_local(cid, type, source, video_codecs.front());
    pb::SignalRequest request;
    request.mutable_add_track()->set_cid(cid);
    request.mutable_add_track()->set_type(type);
    request.mutable_add_track()->set_source(source);
    if (adjust_track) adjust_track(*request.mutable_add_track());
    requests.push_back(serialize(request));
    requests.push_back(offer_request());
}

LocalTrack& Client::add_local(std::string cid, pb::TrackType type, pb::TrackSource source,
                              const std::string& codec) {
    LocalTrack track;
    track.cid = std::move(cid);
    track.codec = codec;
    track.type = type;
    track.source = source;
    track.ssrc = rng_.u32() | 1;
    track.rtx_ssrc = type == pb::VIDEO ? rng_.u32() | 1 : 0;
    track.sequence = static_cast<uint16_t>(rng_.u32());
    track.timestamp = rng_.u32();
    layout_.emplace_back(type == pb::AUDIO ? wire::MediaKind::Audio : wire::MediaKind::Video, track.cid);
    tracks_.push_back(std::move(track));
    return tracks_.back();
}

std::string Client::publish_backup(const std::string& cid, const std::string& codec,
                                   std::vector<std::string>& requests) {
    pb::SignalRequest request;
    pb::AddTrackRequest& add = *request.mutable_add_track();
    add.set_cid(cid + "-backup-" + std::to_string(layout_.size()));
    add.set_sid(track(cid).sid);
    add.set_type(pb::VIDEO);
    add.set_source(track(cid).source);
    add.add_simulcast_codecs()->set_codec(codec);
    add.mutable_simulcast_codecs(0)->set_cid(add.cid());
    add_local(add.cid(), pb::VIDEO, add.source(), codec);
    requests.push_back(serialize(request));
    requests.push_back(offer_request());
    return add.cid();
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

void Client::handle_frame(const std::string& frame, std::vector<std::string>& requests) {
    pb::SignalResponse response;
    CHECK(response.ParseFromString(frame));
    if (response.has_join()) {
        sid_ = response.join().participant().sid();
        for (const auto& info : response.join().other_participants()) participants_[info.identity()] = info;
        if (subscriber_ && opens_publisher) requests.push_back(offer_request());
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
    if (response.has_offer()) handle_offer(response.offer(), requests);
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
    main_.set_remote(*parsed);
    if (!subscriber_) read_tracks(*parsed);
    for (const wire::MediaSection& section : parsed->sections) {
        if (section.is_rejected()) continue;
        for (LocalTrack& track : tracks_) {
            if (track.mid == section.mid) track.is_answered = wire::receives(section.direction);
        }
    }
}

void Client::read_tracks(const wire::SessionDescription& description) {
    ssrc_of_track_.clear();
    for (const wire::MediaSection& section : description.sections) {
        if (section.is_rejected() || !wire::sends(section.direction) || section.msids.empty()) continue;
        ssrc_of_track_[section.msids[0].track_id] = section.ssrcs[0].ssrc;
        if (const auto rtx = section.rtx_ssrc(section.ssrcs[0].ssrc)) rtx_of_[*rtx] = section.ssrcs[0].ssrc;
    }
}

void Client::handle_offer(const pb::SessionDescription& offer, std::vector<std::string>& requests) {
    CHECK(subscriber_);
    auto parsed = wire::parse_sdp(offer.sdp());
    CHECK(parsed);
    const std::string before = subscriber_->remote_ufrag();
    subscriber_->set_remote(*parsed);
    // RFC 8839 4.4.1.1.1: a restart by the offerer is one by the answerer too.
    if (!before.empty() && subscriber_->remote_ufrag() != before) subscriber_->restart_ice();
    read_tracks(*parsed);
    server_offer = std::move(*parsed);
    server_offer_id_ = offer.id();
    if (answers_offers) requests.push_back(answer_request());
}

std::string Client::answer_request() {
    wire::SessionDescription answer = server_offer;
    answer.ice_lite = false;
    for (wire::MediaSection& section : answer.sections) {
        section.direction = wire::reversed(section.direction);
        std::erase_if(section.extmaps, [&](const wire::Extmap& extmap) {
            return !tells_arrivals && extmap.uri == wire::kTransportCcUri;
        });
        if (section.kind == wire::MediaKind::Video) {
            std::erase_if(section.codecs, [&, offered = section](const wire::Codec& codec) {
                const wire::Codec* repaired = codec.apt() ? offered.codec(*codec.apt()) : &codec;
                return !repaired ||
                       std::none_of(video_codecs.begin(), video_codecs.end(),
                                    [&](const std::string& known) { return repaired->is(known); });
            });
        }
        section.setup = wire::SetupRole::Active;
        section.ice_ufrag = subscriber_->ufrag();
        section.ice_pwd = subscriber_->pwd();
        section.fingerprint = wire::Fingerprint{"sha-256", subscriber_->fingerprint()};
        section.candidates.clear();
        section.msids.clear();
        section.ssrcs.clear();
        section.ssrc_groups.clear();
    }
    pb::SignalRequest request;
    request.mutable_answer()->set_type("answer");
    request.mutable_answer()->set_sdp(wire::serialize(answer));
    request.mutable_answer()->set_id(server_offer_id_);
    return serialize(request);
}

void Client::handle_timeout(Instant now, TransmitQueue& tx) {
    main_.handle_timeout(now, tx);
    if (subscriber_) subscriber_->handle_timeout(now, tx);
    if (!arrivals_ || arrivals_->next_feedback() > now) return;
    std::array<uint8_t, 1200> buffer;
    ByteWriter out(buffer);
    if (arrivals_->write_feedback(now, out)) receiving().send_rtcp(out.written(), tx);
}

void Client::record_arrival(Instant now, const wire::RtpPacket& rtp) {
    const auto value = tells_arrivals ? wire::find_extension(rtp, kTransportCcExtension) : std::nullopt;
    const auto number = value ? wire::parse_transport_cc(*value) : std::nullopt;
    if (!number) return;
    if (!arrivals_) arrivals_ = std::make_unique<rtp::FeedbackRecorder>(1, rtp.ssrc);
    arrivals_->record(now, *number);
}

void Client::handle_datagram(Instant now, const SocketAddress& to, ByteView datagram, TransmitQueue& tx) {
    ++datagrams;
    Transport& transport = to == address_ ? main_ : *subscriber_;
    Transport::Received received = transport.handle_datagram(now, datagram, tx);
    if (!received.rtp.empty()) handle_rtp(now, received.rtp);
    if (!received.rtcp.empty()) handle_rtcp(received.rtcp, tx);
    for (std::string& packet : received.data) data.push_back(std::move(packet));
    for (std::string& frame : received.frames) frames.push_back(std::move(frame));
}

void Client::handle_rtp(Instant now, ByteView plain) {
    const auto rtp = wire::parse_rtp(plain);
    if (!rtp) return;
    record_arrival(now, *rtp);
    if (rtp->payload.empty()) {
        ++padding_packets;
        return;
    }
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
                    rtx[1] = static_cast<uint8_t>((rtx[1] & 0x80) | (payload_type(track) + 1));
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
    const wire::RtpHeader header{true, payload_type(track), {track.sequence}, track.timestamp, track.ssrc,
                                 false};
    const uint8_t loudness = level.value_or(0);
    const wire::HeaderExtension extension{kLevelExtension, ByteView{&loudness, 1}};
    const bool has_level = level && track.type == pb::AUDIO;
    size_t size = wire::write_rtp_header(buffer, header, {&extension, has_level ? size_t{1} : 0});
    CHECK(size > 0);
    if (track.codec == "VP9" && track.type == pb::VIDEO) {
        // RFC 9628 4.2: a whole frame (B, E); P unless it needs no other.
        buffer[size++] = keyframe ? 0x0c : 0x4c;
    } else if (track.type == pb::VIDEO) {
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

void Client::nack(uint32_t ssrc, uint16_t sequence, TransmitQueue& tx) {
    std::array<uint8_t, 64> buffer;
    ByteWriter out(buffer);
    const SeqNo lost{sequence};
    CHECK(wire::write_nack(out, 1, ssrc, {&lost, 1}) == 1);
    receiving().send_rtcp(out.written(), tx);
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
