#include "livekit/responses.h"

#include <utility>

#include "base/check.h"
#include "livekit/json.h"

namespace conclave::livekit {

pb::ServerInfo server_info(std::string_view region, std::string_view node_id) {
    pb::ServerInfo info;
    info.set_edition(pb::ServerInfo::Standard);
    info.set_version(std::string{kServerVersion});
    info.set_protocol(kProtocolVersion);
    info.set_region(std::string{region});
    info.set_node_id(std::string{node_id});
    info.set_debug_info(std::string{kServerName});
    return info;
}

pb::SignalResponse join_response(pb::JoinResponse join, std::string_view region, std::string_view node_id) {
    *join.mutable_server_info() = server_info(region, node_id);
    join.set_server_version(std::string{kServerVersion});
    join.set_server_region(std::string{region});
    join.set_ping_interval(kPingIntervalSeconds);
    join.set_ping_timeout(kPingTimeoutSeconds);
    pb::SignalResponse response;
    *response.mutable_join() = std::move(join);
    return response;
}

pb::SignalResponse reconnect_response(pb::ReconnectResponse reconnect, std::string_view region,
                                      std::string_view node_id) {
    *reconnect.mutable_server_info() = server_info(region, node_id);
    pb::SignalResponse response;
    *response.mutable_reconnect() = std::move(reconnect);
    return response;
}

pb::SignalResponse leave(pb::DisconnectReason reason, pb::LeaveRequest::Action action) {
    pb::SignalResponse response;
    response.mutable_leave()->set_reason(reason);
    response.mutable_leave()->set_action(action);
    return response;
}

pb::SignalResponse trickle(const Candidate& candidate, pb::SignalTarget target, bool is_final) {
    CHECK(candidate.candidate.starts_with("candidate:"));
    const nlohmann::json init = {{"candidate", std::string{candidate.candidate}},
                                 {"sdpMid", std::string{candidate.mid}},
                                 {"sdpMLineIndex", candidate.mline_index}};
    pb::SignalResponse response;
    pb::TrickleRequest& request = *response.mutable_trickle();
    request.set_candidateinit(json_text(init));
    request.set_target(target);
    request.set_final(is_final);
    return response;
}

std::optional<CandidateInit> parse_candidate_init(std::string_view json) {
    if (json.size() > kCandidateMax) return std::nullopt;
    const auto object = parse_json_object(json);
    CandidateInit init;
    if (!object || !read_member(*object, "candidate", init.candidate) ||
        !read_member(*object, "sdpMid", init.mid) || !read_member(*object, "usernameFragment", init.ufrag)) {
        return std::nullopt;
    }
    const auto index = object->find("sdpMLineIndex");
    if (index == object->end() || index->is_null()) return init;
    if (!index->is_number_unsigned() || index->get<uint64_t>() > UINT16_MAX) return std::nullopt;
    init.mline_index = static_cast<uint16_t>(index->get<uint64_t>());
    return init;
}

pb::SignalResponse request_response(uint32_t request_id, pb::RequestResponse::Reason reason,
                                    std::string message, const pb::SignalRequest& request) {
    pb::SignalResponse response;
    pb::RequestResponse& out = *response.mutable_request_response();
    out.set_request_id(request_id);
    out.set_reason(reason);
    out.set_message(std::move(message));
    if (request.has_trickle()) *out.mutable_trickle() = request.trickle();
    if (request.has_add_track()) *out.mutable_add_track() = request.add_track();
    if (request.has_mute()) *out.mutable_mute() = request.mute();
    if (request.has_update_metadata()) *out.mutable_update_metadata() = request.update_metadata();
    if (request.has_update_audio_track()) *out.mutable_update_audio_track() = request.update_audio_track();
    if (request.has_update_video_track()) *out.mutable_update_video_track() = request.update_video_track();
    if (request.has_publish_data_track_request()) {
        *out.mutable_publish_data_track() = request.publish_data_track_request();
    }
    if (request.has_unpublish_data_track_request()) {
        *out.mutable_unpublish_data_track() = request.unpublish_data_track_request();
    }
    return response;
}

std::vector<pb::SignalResponse> participant_updates(std::vector<pb::ParticipantInfo> participants) {
    std::vector<pb::SignalResponse> out;
    size_t room = 0;
    for (pb::ParticipantInfo& participant : participants) {
        const size_t size = participant.ByteSizeLong();
        if (out.empty() || size > room) {
            out.emplace_back();
            room = kUpdateBytes;
        }
        room -= std::min(size, room);
        *out.back().mutable_update()->add_participants() = std::move(participant);
    }
    return out;
}

}  // namespace conclave::livekit
