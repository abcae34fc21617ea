// Where the front thread and the media workers meet.
//
//   front: token, join request, admission --join, message, closed-->  MediaPlane (workers)
//   front: the client's WebSocket         <--accepted, send, close--  Signalling
//
// Everything here is called on the front thread; the media plane carries it to its workers by mailboxes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/shared_bytes.h"
#include "conference/meeting_media.h"
#include "livekit/protocol.h"
#include "livekit/token.h"
#include "server/pending_commands.h"

namespace conclave::net {
class HttpServer;
}

namespace conclave::server {

struct Config;

// A client that was admitted and now waits, its HTTP upgrade still unanswered.
struct JoinOrder {
    uint64_t connection = 0;  // unique for the life of the process; names the client in both directions
    std::string room;         // a meeting's id, or an application's own room
    livekit::Claims claims;
    std::unique_ptr<livekit::pb::JoinRequest> request;
    bool is_classic = false;  // two peer connections (/rtc)
    // SHA-256 under a key of this process: tells addresses apart in logs without telling them.
    std::string client_address_hash;
    // Of the key that issued the token, so that the session can be given fresh ones.
    std::vector<uint8_t> signing_secret;
};

class MediaPlane {
 public:
    virtual ~MediaPlane() = default;

    // Answered by Signalling::accepted() or refused(), unless closed() comes first.
    virtual void join(JoinOrder order) = 0;
    // One WebSocket message of the client; text is JSON, otherwise protobuf.
    virtual void message(uint64_t connection, std::string bytes, bool text) = 0;
    // The client is gone. Comes once for every join that was not refused; nothing follows.
    virtual void closed(uint64_t connection) = 0;

    // Whether the worker that would have them has time for one more. Who is there already is not one more; an
    // unknown identity may be empty.
    virtual bool has_time_for(const std::string& room, const std::string& identity) const = 0;

    // About a room of `by`: answered once, within its time, on the front thread.
    virtual void command(livekit::RoomCall call, conference::Owner by, PendingCommands::Then then) = 0;

    // From now on the media of this meeting is what is said here, at every worker, for those who are in it
    // and for those who are still to come; until a DeleteRoom of Owner::Meetings. A meeting of which nothing
    // was said forwards nobody's media.
    virtual void govern(conference::MeetingMedia rules) = 0;

    // The process is about to end: tell every client to leave, then take no further join.
    virtual void leave_all() = 0;
    // Participants in all rooms, for admission and metrics.
    virtual size_t participants() const = 0;
    // Appended to /metrics (Prometheus text format).
    virtual std::string metrics() const = 0;
};

// Calls for a connection that is gone do nothing.
class Signalling {
 public:
    virtual ~Signalling() = default;

    virtual void accepted(uint64_t connection) = 0;
    // `body` is plain text.
    virtual void refused(uint64_t connection, int status, std::string body) = 0;
    // One message: protobuf in a binary frame, or JSON in a text frame for a client that speaks it.
    virtual void send(uint64_t connection, SharedBytes bytes, bool text) = 0;
    // After everything sent before. closed() follows.
    virtual void close(uint64_t connection) = 0;
};

// What applications are told of their rooms; called on the front thread.
using EventListener = std::function<void(std::vector<livekit::pb::WebhookEvent>)>;

// Who was heard in meetings, from each worker that holds a part of one; called on the front thread.
using VoiceListener = std::function<void(const conference::Voices&)>;

// Starts the workers. Fails when a UDP port is taken or there is no address to offer. An empty `events`: none
// are made.
Result<std::unique_ptr<MediaPlane>> make_media_plane(const Config&, Signalling&, net::HttpServer&,
                                                     EventListener events, VoiceListener voices);

}  // namespace conclave::server
