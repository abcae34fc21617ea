#include "server/pending_commands.h"

#include <set>
#include <vector>

namespace conclave::server {

using livekit::TwirpCode;
using livekit::TwirpError;
using livekit::pb::ListParticipantsResponse;
using livekit::pb::ListRoomsResponse;

namespace {

// Lists grow; of anything else one answer is as good as the other.
void merge(livekit::RoomReply& into, const livekit::RoomReply& more) {
    if (auto* people = std::get_if<ListParticipantsResponse>(&into)) {
        if (const auto* others = std::get_if<ListParticipantsResponse>(&more)) people->MergeFrom(*others);
    }
    auto* rooms = std::get_if<ListRoomsResponse>(&into);
    const auto* others = std::get_if<ListRoomsResponse>(&more);
    if (!rooms || !others) return;
    std::set<std::string> known;
    for (const auto& room : rooms->rooms()) known.insert(room.name());
    // Each part of a room tells of the whole.
    for (const auto& room : others->rooms()) {
        if (!known.contains(room.name())) *rooms->add_rooms() = room;
    }
}

}  // namespace

std::optional<conference::CommandId> PendingCommands::add(size_t workers, Instant deadline, Then then) {
    if (waiting_.size() >= max_) {
        ++refused_;
        then(Unexpected{TwirpError{TwirpCode::ResourceExhausted, "too many calls at once"}});
        return std::nullopt;
    }
    waiting_[++last_id_] = Waiting{workers, deadline, std::move(then), std::nullopt};
    return last_id_;
}

void PendingCommands::answer(conference::RoomAnswer answer) {
    const auto it = waiting_.find(answer.id);
    if (it == waiting_.end()) return;
    Waiting& waiting = it->second;
    // A part of the room that has just ended knows nothing of it; the others count.
    const bool is_soft = !answer.result && answer.result.error().code == TwirpCode::NotFound;
    if (!answer.result && !is_soft) return finish(answer.id, std::move(answer.result));
    if (!waiting.gathered || !*waiting.gathered) {
        waiting.gathered = std::move(answer.result);
    } else if (answer.result) {
        merge(**waiting.gathered, *answer.result);
    }
    if (--waiting.workers == 0) finish(answer.id, std::move(*waiting.gathered));
}

void PendingCommands::finish(conference::CommandId id, Outcome outcome) {
    auto node = waiting_.extract(id);
    node.mapped().then(std::move(outcome));
}

void PendingCommands::expire(Instant now) {
    std::vector<conference::CommandId> late;
    for (const auto& [id, waiting] : waiting_) {
        if (waiting.deadline <= now) late.push_back(id);
    }
    for (const conference::CommandId id : late) {
        ++expired_;
        finish(id, Unexpected{TwirpError{TwirpCode::DeadlineExceeded, "the server did not answer in time"}});
    }
}

}  // namespace conclave::server
