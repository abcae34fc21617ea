// All conferences of one worker: where its datagrams and its clients' messages belong.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conference/conference.h"

namespace conclave::conference {

class Directory {
 public:
    // What is referred to must outlive the directory.
    // `part`: the number of this worker.
    Directory(PartId part, const Settings&, const crypto::DtlsContext&, Rng&);

    void join(Turn&, Join);
    // The answer is in the outlet, at once or later.
    void execute(Turn&, const RoomCommand&);
    // For the part that is here, if there is one: the join that begins one brings its own.
    void govern(Turn&, MeetingMedia);
    void handle_message(Turn&, ConnectionId, ByteView message, bool is_text);
    void handle_closed(Turn&, ConnectionId);
    void handle_datagram(Turn&, const Path&, PacketRef);
    // A tunnel that has ended.
    void close_path(Instant now, const Path&);
    // What a Turn has brought. When its peer is gone, so is the handshake.
    void put_back(Turn&, Handshake);
    // From the part of the room at another worker.
    void handle_relay(Turn&, PartId from, const std::string& room, relay::Message);
    // Media that the calls above have brought are sent by these, before any other call: the owner empties the
    // transmit queue and asks again while the answer is true.
    bool send_media(Turn&);
    // So much has been brought that they should be sent before more is handled.
    bool has_much_media() const { return has_much_media_; }
    // The best that cameras' videos are sent in, from now on: for a worker that has more to do than time.
    void limit_video(sfu::Quality);
    void handle_timeout(Turn&);
    Instant next_timeout() const;
    // The process ends: clients are told to come back later.
    void shut_down(Turn&);

    // Rooms whose conference has ended since the last call, or was not even begun by a join.
    std::vector<std::string> take_ended() { return std::exchange(ended_, {}); }
    // Answers and events since the last call.
    Outlet take_outlet() { return std::exchange(outlet_, {}); }
    size_t conferences() const { return conferences_.size(); }
    Conference::Totals totals() const;
    // Datagrams of nobody we know: dropped without an answer.
    uint64_t strangers() const { return strangers_; }

 private:
    const Route* route(const Path&, ByteView datagram) const;
    void learn(const Route&, const Path&);
    void note_media(Conference&);
    // rooms.cc
    Conference* find_or_begin(Turn&, const Join&);
    Conference& begin(const Turn&, const std::string& name, Owner, RoomOptions);
    void end(Turn&, Conference&, pb::DisconnectReason);
    void create_room(const Turn&, const RoomCommand&, const pb::CreateRoomRequest&);
    void list_rooms(const RoomCommand&, const pb::ListRoomsRequest&);
    void answer_absent(const RoomCommand&);

    const PartId part_;
    const Settings& settings_;
    const crypto::DtlsContext& dtls_;
    Rng& rng_;
    Routes routes_;
    std::unordered_map<std::string, std::unique_ptr<Conference>> conferences_;
    std::unordered_map<ConnectionId, Route> connections_;
    std::vector<Conference*> sending_;  // those with media to send
    bool has_much_media_ = false;
    sfu::Quality video_limit_ = sfu::Quality::High;
    std::vector<std::string> ended_;
    Outlet outlet_;
    uint64_t strangers_ = 0;
    uint64_t gated_packets_ = 0;  // of conferences that have ended
};

}  // namespace conclave::conference
