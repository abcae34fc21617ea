// Calls of the server API that wait for the workers. Front thread.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "base/time.h"
#include "conference/room.h"

namespace conclave::server {

class PendingCommands {
 public:
    using Outcome = Result<livekit::RoomReply, livekit::TwirpError>;
    using Then = std::function<void(Outcome)>;

    explicit PendingCommands(size_t max) : max_(max) {}

    // `workers` answers are gathered, those of the parts of a room or of all rooms: lists join. nullopt, and
    // `then` is told resource_exhausted: too many wait.
    std::optional<conference::CommandId> add(size_t workers, Instant deadline, Then then);
    // Answers to calls that are over already are ignored.
    void answer(conference::RoomAnswer);
    // deadline_exceeded for those whose time is up.
    void expire(Instant now);

    size_t size() const { return waiting_.size(); }
    uint64_t expired() const { return expired_; }
    uint64_t refused() const { return refused_; }

 private:
    struct Waiting {
        size_t workers = 0;
        Instant deadline;
        Then then;
        std::optional<Outcome> gathered;
    };
    void finish(conference::CommandId id, Outcome outcome);

    const size_t max_;
    conference::CommandId last_id_ = 0;
    uint64_t expired_ = 0;
    uint64_t refused_ = 0;
    std::map<conference::CommandId, Waiting> waiting_;
};

}  // namespace conclave::server
