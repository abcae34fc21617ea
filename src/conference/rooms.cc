// Which rooms there are: begun by a join or by the server API, listed, ended.
#include <algorithm>

#include "conference/directory.h"

namespace conclave::conference {
namespace {

using Code = livekit::TwirpCode;

constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

void refuse(Turn& turn, const Join& join, int status, std::string text) {
    turn.out.push_back({ToClient::Kind::Refused, join.connection, std::move(text), false, status});
    turn.vacancies.push_back({join.room, join.claims.identity});
}

Unexpected<livekit::TwirpError> deny(Code code, std::string message) {
    return Unexpected{livekit::TwirpError{code, std::move(message)}};
}

}  // namespace

Conference& Directory::begin(const Turn& turn, const std::string& name, Owner owner, RoomOptions options) {
    auto& conference = conferences_[name];
    conference = std::make_unique<Conference>(turn, name, part_, owner, std::move(options), settings_, dtls_,
                                              routes_, outlet_, rng_);
    conference->limit_video(video_limit_);
    return *conference;
}

// nullptr: the join was refused.
Conference* Directory::find_or_begin(Turn& turn, const Join& join) {
    const auto it = conferences_.find(join.room);
    if (it != conferences_.end()) {
        if (it->second->owner() == join.owner) return it->second.get();
        refuse(turn, join, kForbidden, "permissions denied");
        return nullptr;
    }
    // A further part learns the options of the room from the others.
    const bool is_first = join.parts.empty();
    RoomOptions options = default_options(settings_);
    if (join.owner == Owner::Applications && is_first) {
        if (!settings_.auto_create) {
            refuse(turn, join, kNotFound, "requested room does not exist");
            ended_.push_back(join.room);
            return nullptr;
        }
        const std::string& claim = join.claims.room_config;
        const auto wanted = livekit::parse_room_configuration(claim.empty() ? "{}" : claim, settings_.texts);
        if (!wanted) {
            refuse(turn, join, kBadRequest, "the token's roomConfig is malformed or too large");
            ended_.push_back(join.room);
            return nullptr;
        }
        override_options(options, *wanted, settings_);
    }
    Conference& conference = begin(turn, join.room, join.owner, std::move(options));
    if (join.rules) conference.govern(turn, *join.rules);
    if (is_first) conference.announce();
    return &conference;
}

void Directory::end(Turn& turn, Conference& conference, pb::DisconnectReason reason) {
    conference.close_room(turn, reason);
    std::erase(sending_, &conference);
    ended_.push_back(conference.name());
    gated_packets_ += conference.gated_packets();
    std::erase_if(connections_, [&](const auto& c) { return c.second.conference == &conference; });
}

void Directory::execute(Turn& turn, const RoomCommand& command) {
    if (const auto* list = std::get_if<pb::ListRoomsRequest>(&command.call))
        return list_rooms(command, *list);
    const auto it = conferences_.find(livekit::room_of(command.call));
    const bool is_there = it != conferences_.end() && it->second->owner() == command.by;
    if (!is_there) {
        if (const auto* create = std::get_if<pb::CreateRoomRequest>(&command.call))
            return create_room(turn, command, *create);
        return answer_absent(command);
    }
    if (!std::holds_alternative<pb::DeleteRoomRequest>(command.call))
        return it->second->execute(turn, command);
    end(turn, *it->second, pb::ROOM_DELETED);
    conferences_.erase(it);
    outlet_.answers.push_back({command.id, livekit::RoomReply(Ok{})});
}

void Directory::govern(Turn& turn, MeetingMedia rules) {
    const auto it = conferences_.find(rules.room);
    if (it != conferences_.end()) it->second->govern(turn, std::move(rules));
}

void Directory::create_room(const Turn& turn, const RoomCommand& command, const pb::CreateRoomRequest& call) {
    // The name of a meeting: as at its door.
    if (conferences_.contains(call.name())) {
        outlet_.answers.push_back({command.id, deny(Code::PermissionDenied, "permissions denied")});
        return;
    }
    RoomOptions options = default_options(settings_);
    override_options(options, call, settings_);
    Conference& conference = begin(turn, call.name(), Owner::Applications, std::move(options));
    conference.announce();
    outlet_.answers.push_back({command.id, livekit::RoomReply(conference.room())});
}

void Directory::answer_absent(const RoomCommand& command) {
    if (std::holds_alternative<pb::ListParticipantsRequest>(command.call)) {
        outlet_.answers.push_back({command.id, livekit::RoomReply(pb::ListParticipantsResponse())});
    } else {
        outlet_.answers.push_back({command.id, deny(Code::NotFound, "requested room does not exist")});
    }
}

void Directory::list_rooms(const RoomCommand& command, const pb::ListRoomsRequest& call) {
    const auto& names = call.names();
    pb::ListRoomsResponse list;
    for (const auto& [name, conference] : conferences_) {
        if (conference->owner() != Owner::Applications) continue;
        if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
        *list.add_rooms() = conference->room();
    }
    outlet_.answers.push_back({command.id, livekit::RoomReply(std::move(list))});
}

}  // namespace conclave::conference
