// The other parts of this conference, at other workers.
#include <algorithm>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

// A worker answers within a turn of its loop. One that does not is in trouble, and those who wait are let in.
constexpr Duration kAnswerTimeout = Duration::seconds(1);

}  // namespace

void Conference::greet(Instant now, const std::vector<PartId>& parts) {
    for (const PartId part : parts) {
        if (part == part_ || parts_.contains(part)) continue;
        parts_.insert(part);
        awaited_.insert(part);
        relays_.push_back({part, name_, relay::Hello{}});
    }
    if (!awaited_.empty() && awaited_until_ == Instant::never()) awaited_until_ = now + kAnswerTimeout;
}

void Conference::relay(const relay::Message& message) {
    for (const PartId part : parts_) relays_.push_back({part, name_, message});
}

void Conference::handle_relay(Turn& turn, PartId from, relay::Message message) {
    next_timeout_ = turn.now;
    std::visit([&](const auto& m) { handle(turn, from, m); }, message);
    finish(turn);
}

void Conference::handle(Turn& turn, PartId from, const relay::Hello&) {
    // Whoever greets knows nobody, and whom we knew there is gone.
    forget_part(turn.now, from);
    forget_interest(from);
    parts_.insert(from);
    for (const auto& [key, participant] : participants_) {
        if (participant->state == pb::ParticipantInfo::DISCONNECTED) continue;
        relays_.push_back({from, name_, portrait(*participant)});
    }
    relays_.push_back({from, name_, relay::State{sid_, created_at_ms_, options_}});
}

void Conference::handle(Turn& turn, PartId from, const relay::State& state) {
    // The room is older than this part of it.
    if (participants_.empty()) {
        sid_ = state.room_sid;
        created_at_ms_ = state.created_at_ms;
    }
    const bool is_news = options_.metadata != state.options.metadata;
    options_ = state.options;
    if (is_news) send_room_update();
    handle_answered(turn, from);
}

void Conference::handle(Turn& turn, PartId from, const relay::Bye&) {
    forget_part(turn.now, from);
    forget_interest(from);
    parts_.erase(from);
    handle_answered(turn, from);
}

void Conference::handle_answered(Turn& turn, PartId from) {
    awaited_.erase(from);
    if (awaited_.empty()) admit_waiting(turn);
}

void Conference::admit_waiting(Turn& turn) {
    awaited_.clear();
    awaited_until_ = Instant::never();
    for (Join& join : std::exchange(waiting_, {})) (void)admit(turn, std::move(join));
}

relay::Person Conference::portrait(const Participant& participant) const {
    relay::Person person{
        participant.key, info(participant), participant.is_hidden(), {}, participant.permission};
    person.info.clear_data_tracks();  // they do not leave their part
    for (const auto& [id, track] : participant.tracks) {
        if (track.is_visible()) person.track_ids.push_back(id);
    }
    return person;
}

void Conference::handle(Turn& turn, PartId from, const relay::Person& person) {
    const auto before = mirrors_.find(person.key);
    const bool was_shown = before != mirrors_.end() && !before->second.is_hidden;
    if (was_shown && person.is_hidden) tell_left(turn.now, person.info, pb::UNKNOWN_REASON);
    if (before == mirrors_.end()) tell_departure_of(person.info.identity());
    Mirror& mirror = mirrors_[person.key];
    mirror.key = person.key;
    mirror.part = from;
    mirror.sid = person.info.sid();
    mirror.info = person.info;
    mirror.encoded = mirror.info.SerializeAsString();
    mirror.is_hidden = person.is_hidden;
    mirror.permission = person.permission;
    mirror.rights = rights_of(person.info.identity());
    is_room_changed_ = true;
    const bool can_wait = is_crowded() && person.track_ids.empty() && mirror.tracks.empty();
    if (can_wait && !mirror.is_hidden) unannounced_.insert(mirror.key);
    if (!can_wait && !mirror.is_hidden) {
        pb::SignalResponse response;
        *response.mutable_update()->add_participants() = mirror.info;
        unannounced_.erase(mirror.key);
        tell_all(std::move(response));
    }
    update_tracks(mirror, person);
    for (auto& [key, participant] : participants_) {
        for (const auto& [id, track] : mirror.tracks) reconsider(*participant, track);
        request_sections(*participant);
    }
}

void Conference::update_tracks(Mirror& mirror, const relay::Person& person) {
    const auto& ids = person.track_ids;
    for (auto it = mirror.tracks.begin(); it != mirror.tracks.end();) {
        const bool is_there = std::find(ids.begin(), ids.end(), it->first) != ids.end();
        if (!is_there) {
            withdraw(it->second);
            mirror.media.erase(it->first);
            mirror.heard.erase(it->first);
        }
        it = is_there ? std::next(it) : mirror.tracks.erase(it);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
        const bool is_new = !mirror.tracks.contains(ids[i]);
        PublishedTrack& track = mirror.tracks[ids[i]];
        track.id = ids[i];
        track.publisher = mirror.key;
        track.info = person.info.tracks(static_cast<int>(i));
        track.mid = track.info.mid();
        if (is_new) {
            mirror.media.emplace(track.id, track.id);
            route(track);
        }
        router_.set_muted(track.id, track.info.muted());
        if (is_new) offer_to_all({&track});
    }
}

void Conference::handle(Turn& turn, PartId, const relay::Data& data) {
    deliver(turn, data);
}

void Conference::handle(Turn& turn, PartId, const relay::Gone& gone) {
    forget(turn.now, gone.key, gone.reason);
}

void Conference::forget_part(Instant now, PartId part) {
    std::vector<ParticipantKey> keys;
    for (const auto& [key, mirror] : mirrors_) {
        if (mirror.part == part) keys.push_back(key);
    }
    for (const ParticipantKey key : keys) forget(now, key, pb::UNKNOWN_REASON);
}

void Conference::forget(Instant now, ParticipantKey key, pb::DisconnectReason reason) {
    const auto it = mirrors_.find(key);
    if (it == mirrors_.end()) return;
    for (const auto& [id, track] : it->second.tracks) withdraw(track);
    if (!it->second.is_hidden) tell_left(now, it->second.info, reason);
    mirrors_.erase(it);
    is_room_changed_ = true;
}

}  // namespace conclave::conference
