#include "conference/directory.h"

#include <algorithm>

#include "conference/handshake.h"
#include "wire/demux.h"
#include "wire/stun.h"

namespace conclave::conference {

Directory::Directory(PartId part, const Settings& settings, const crypto::DtlsContext& dtls, Rng& rng)
    : part_(part), settings_(settings), dtls_(dtls), rng_(rng) {}

void Directory::join(Turn& turn, Join join) {
    Conference* conference = find_or_begin(turn, join);
    if (!conference) return;
    const ConnectionId connection = join.connection;
    if (!conference->join(turn, std::move(join))) return;
    connections_[connection] = {conference, conference->find(connection)};
}

void Directory::handle_message(Turn& turn, ConnectionId connection, ByteView message, bool is_text) {
    const auto it = connections_.find(connection);
    if (it == connections_.end()) return;
    Route& route = it->second;
    // A join may have waited for the other parts of the conference.
    if (route.participant == 0) route.participant = route.conference->find(connection);
    route.conference->handle_message(turn, route.participant, connection, message, is_text);
}

void Directory::handle_closed(Turn& turn, ConnectionId connection) {
    const auto it = connections_.find(connection);
    if (it == connections_.end()) return;
    Route route = it->second;
    if (route.participant == 0) route.participant = route.conference->find(connection);
    connections_.erase(it);
    route.conference->handle_closed(turn, route.participant, connection);
}

const Route* Directory::route(const Path& path, ByteView datagram) const {
    if (const Route* known = routes_.find(path)) {
        // A check on a known path may be for another peer: two tabs of one browser behind one NAT port.
        if (wire::classify(datagram) != wire::DatagramKind::Stun) return known;
    }
    if (const auto ssrc = wire::sender_ssrc(datagram)) return routes_.find_stream(*ssrc);
    if (wire::classify(datagram) != wire::DatagramKind::Stun) return nullptr;
    const auto message = wire::parse_stun(datagram);
    if (!message || !message->username) return routes_.find(path);
    return routes_.find(message->username->substr(0, message->username->find(':')));
}

void Directory::handle_datagram(Turn& turn, const Path& path, PacketRef packet) {
    const Route* found = route(path, packet.bytes());
    if (!found) {
        ++strangers_;
        return;
    }
    const Route route = *found;
    const bool is_stun = wire::classify(packet.bytes()) == wire::DatagramKind::Stun;
    const bool is_settled = !is_stun && routes_.find(path) != nullptr;
    route.conference->handle_datagram(turn, route.participant, route.target, path, std::move(packet));
    note_media(*route.conference);
    if (is_settled) return;
    learn(route, path);
    // Checks come often enough to know the streams there are, and seldom enough to look each time.
    if (is_stun) {
        routes_.keep_streams(route, route.conference->ingress_ssrcs(route.participant, route.target));
    }
}

void Directory::learn(const Route& route, const Path& path) {
    const Route* known = routes_.find(path);
    // A path in use stays with its peer: whoever is in a call could otherwise take another's media away with
    // checks of its own under the other's address.
    if (known && *known != route && known->conference->holds_path(known->participant, known->target, path)) {
        return;
    }
    const auto is_held = [&](const Path& one) {
        return route.conference->holds_path(route.participant, route.target, one);
    };
    if ((!known || *known != route) && is_held(path)) {
        for (const Path& former : routes_.paths(route)) {
            if (!is_held(former)) routes_.remove_path(former);
        }
        routes_.add_path(path, route);
    }
}

void Directory::close_path(Instant now, const Path& path) {
    const Route* found = routes_.find(path);
    if (!found) return;
    const Route route = *found;
    routes_.remove_path(path);
    route.conference->close_path(now, route.participant, route.target, path);
}

void Directory::put_back(Turn& turn, Handshake handshake) {
    const auto it = conferences_.find(handshake.room);
    if (it != conferences_.end()) it->second->put_back(turn, std::move(handshake));
}

void Directory::handle_relay(Turn& turn, PartId from, const std::string& room, relay::Message message) {
    const auto it = conferences_.find(room);
    if (it != conferences_.end()) {
        it->second->handle_relay(turn, from, std::move(message));
        return note_media(*it->second);
    }
    // Ended while the greeting was on its way.
    if (std::holds_alternative<relay::Hello>(message)) turn.relays.push_back({from, room, relay::Bye{}});
}

void Directory::note_media(Conference& conference) {
    if (conference.fan_out().empty()) return;
    if (std::find(sending_.begin(), sending_.end(), &conference) == sending_.end())
        sending_.push_back(&conference);
    has_much_media_ = has_much_media_ || conference.fan_out().is_full();
}

bool Directory::send_media(Turn& turn) {
    while (!sending_.empty()) {
        if (sending_.back()->send_media(turn)) return true;
        sending_.pop_back();
    }
    has_much_media_ = false;
    return false;
}

void Directory::limit_video(sfu::Quality best) {
    video_limit_ = best;
    for (auto& [name, conference] : conferences_) conference->limit_video(best);
}

void Directory::handle_timeout(Turn& turn) {
    std::erase_if(conferences_, [&](auto& entry) {
        Conference& conference = *entry.second;
        conference.handle_timeout(turn);
        if (!conference.is_over(turn.now)) return false;
        end(turn, conference, pb::ROOM_CLOSED);
        return true;
    });
}

Instant Directory::next_timeout() const {
    Instant next = Instant::never();
    for (const auto& [name, conference] : conferences_) next = soonest(next, conference->next_timeout());
    return next;
}

void Directory::shut_down(Turn& turn) {
    for (auto& [name, conference] : conferences_) {
        conference->close(turn, pb::SERVER_SHUTDOWN, pb::LeaveRequest::RECONNECT);
    }
}

Conference::Totals Directory::totals() const {
    Conference::Totals totals;
    totals.gated_packets = gated_packets_;
    for (const auto& [name, conference] : conferences_) conference->add_to(totals);
    return totals;
}

}  // namespace conclave::conference
