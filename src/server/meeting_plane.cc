#include "server/meeting_plane.h"

#include <algorithm>
#include <utility>

#include "net/clock.h"
#include "server/log.h"
#include "server/route.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

constexpr Duration kAirtimeEvery = Duration::seconds(5);
constexpr Duration kSessionsEvery = Duration::millis(800);
constexpr Duration kHelloWithin = Duration::seconds(10);
constexpr Duration kTryAgainAfter = Duration::millis(50);
constexpr int kTriesMax = 200;
// Timers are of the monotonic clock, meetings of the wall's: never sooner than due, and never in a circle.
constexpr Duration kTickSlack = Duration::millis(2);

std::string media_token(const Front& front, const std::string& meeting, const meeting::Person& person) {
    account::Allowed allowed{.identity = person.id, .name = person.name};
    allowed.kind = person.kind == meeting::Kind::Agent ? account::Kind::Agent : account::Kind::Guest;
    allowed.account_id = person.account;
    allowed.can_publish = allowed.can_subscribe = true;
    return front.keys.join_token(allowed, meeting, net::wall_now());
}

conference::MeetingMedia media_of(const std::string& room, const meeting::RightsOfAll& rights) {
    conference::MeetingMedia media{.room = room, .others = {}, .named = {}};
    for (const auto& [person, right] : rights)
        media.named[person] = {right.may_publish, right.microphone, right.camera, right.screen};
    return media;
}

}  // namespace

account::Place place_of(const meeting::State& state, const meeting::PersonId& id) {
    const meeting::Person* person = state.find(id);
    if (!person) return account::Place::None;
    switch (person->presence) {
        case meeting::Presence::Waiting:
            return account::Place::Waiting;
        case meeting::Presence::In:
            return account::Place::Inside;
        case meeting::Presence::Left:
            // Let in once in this sitting; a seat that was never taken is none.
            return person->was_in ? account::Place::Left : account::Place::None;
        case meeting::Presence::Refused:
            return account::Place::SentOut;
        case meeting::Presence::Banned:
            break;
    }
    return account::Place::Banned;
}

void MeetingPlane::with(const std::string& id, WithHall then) {
    const auto found = meetings_.find(id);
    if (found != meetings_.end()) return then(&found->second.hall);
    std::vector<WithHall>& waiting = loading_[id];
    waiting.push_back(std::move(then));
    if (waiting.size() == 1) load(id);
}

void MeetingPlane::load(const std::string& id) {
    using Found = std::optional<meeting::State>;
    // What has ended is not read again: it opens nothing, and takes as long as what never was (row A14).
    const auto read = [id](store::Database& database) -> Result<Found> {
        const Found summary = TRY(database.meeting(id));
        if (!summary || summary->phase == meeting::State::Phase::Ended) return Found{};
        return database.replay(id);
    };
    front_.store.run<Found>(
        read, [this, id](Result<std::optional<meeting::State>> state) { loaded(id, std::move(state)); });
}

void MeetingPlane::loaded(const std::string& id, Result<std::optional<meeting::State>> state) {
    const std::vector<WithHall> waiting = std::exchange(loading_[id], {});
    loading_.erase(id);
    if (state && *state) {
        const auto mint = [this, id](const meeting::Person& person) {
            return media_token(front_, id, person);
        };
        const auto added = meetings_.emplace(id, live::Hall(std::move(**state), mint)).first;
        added->second.generation = ++last_generation_;
        commit(id, added->second.hall.recover(net::wall_now()));
    }
    for (const WithHall& then : waiting) {
        // One that came before may have dropped it again.
        const auto found = meetings_.find(id);
        if (!state) {
            then(Unexpected{state.error()});
        } else {
            then(found == meetings_.end() ? nullptr : &found->second.hall);
        }
    }
    const auto found = meetings_.find(id);
    if (found == meetings_.end()) return;
    found->second.is_wanted = false;
    forget_if_idle(id);
}

void MeetingPlane::commit(const std::string& id, live::Output output, Recorded then) {
    const auto found = meetings_.find(id);
    if (found == meetings_.end()) return;
    Meeting& meeting = found->second;
    const uint64_t number = ++meeting.last_number;
    const bool is_recorded = output.events.empty() && output.resting.empty();
    meeting.pending.push_back({std::move(output), std::move(then), is_recorded, number});
    if (!is_recorded) record(id, meeting, number);
    release(id, meeting);
}

void MeetingPlane::record(const std::string& id, Meeting& meeting, uint64_t number) {
    const live::Output& output = meeting.pending.back().output;
    const auto append = [id, events = output.events,
                         resting = output.resting](store::Database& database) -> Status {
        for (const auto& [account, until] : resting) TRY(database.set_rest(account, {until, id}));
        return database.append(id, events);
    };
    front_.store.run<Ok>(append, [this, id, generation = meeting.generation, number](const Status& status) {
        recorded(id, generation, number, status);
    });
}

void MeetingPlane::recorded(const std::string& id, uint64_t generation, uint64_t number,
                            const Status& status) {
    const auto found = meetings_.find(id);
    if (found == meetings_.end() || found->second.generation != generation) return;
    if (!status) {
        ++front_.counters.store_failures;
        log_error("meeting", "not_recorded", {{"what", status.error().what}});
        return fail(id);
    }
    for (Pending& pending : found->second.pending) {
        if (pending.number == number) pending.is_recorded = true;
    }
    release(id, found->second);
}

void MeetingPlane::release(const std::string& id, Meeting& meeting) {
    const uint64_t generation = meeting.generation;
    while (!meeting.pending.empty() && meeting.pending.front().is_recorded) {
        const Pending next = std::move(meeting.pending.front());
        meeting.pending.pop_front();
        carry_out(id, next.output);
        if (next.then) next.then(Ok{});
        const auto found = meetings_.find(id);
        if (found == meetings_.end() || found->second.generation != generation) return;
    }
    schedule(id, meeting);
    forget_if_idle(id);
}

void MeetingPlane::carry_out(const std::string& id, const live::Output& output) {
    if (output.rights) front_.media->govern(media_of(id, *output.rights));
    for (const meeting::PersonId& person : output.sent_away) {
        livekit::RemoveParticipant remove;
        remove.who.set_room(id);
        remove.who.set_identity(person);
        insist(std::move(remove), kTriesMax);
    }
    for (const live::Frame& frame : output.frames) {
        const auto connection = connections_.find(frame.connection);
        if (connection == connections_.end() || !connection->second.socket) continue;
        // A full queue drops the connection; on_closed tells.
        if (!frame.text.empty()) (void)connection->second.socket->send(frame.text, /*is_binary=*/false);
        if (frame.closes) connection->second.socket->close(net::close_code::kNormal);
    }
    if (output.is_over) end_media(id);
}

void MeetingPlane::end_media(const std::string& room) {
    livekit::pb::DeleteRoomRequest request;
    request.set_room(room);
    insist(std::move(request), kTriesMax);
}

// They have no rights any more, so nothing of theirs is forwarded; but they still receive until this worked.
void MeetingPlane::insist(livekit::RoomCall call, int tries) {
    const auto answer = [this, call, tries](const PendingCommands::Outcome& outcome) {
        if (outcome || outcome.error().code == livekit::TwirpCode::NotFound) return;
        log_error("meeting", "media_command_failed", {{"what", outcome.error().message}});
        if (tries > 0) front_.run_after(kTryAgainAfter, [this, call, tries] { insist(call, tries - 1); });
    };
    front_.media->command(call, conference::Owner::Meetings, answer);
}

// The hall knows more than the disk: it cannot go on. What waits for an answer is told so.
void MeetingPlane::fail(const std::string& id) {
    const auto found = meetings_.find(id);
    if (found == meetings_.end()) return;
    std::deque<Pending> pending = std::move(found->second.pending);
    meetings_.erase(found);
    for (auto& [number, connection] : connections_) {
        if (connection.meeting == id && connection.socket)
            connection.socket->close(net::close_code::kInternal);
    }
    for (const Pending& lost : pending) {
        if (lost.then) lost.then(failure("the meeting could not be recorded"));
    }
}

void MeetingPlane::schedule(const std::string& id, Meeting& meeting) {
    const WallTime now = net::wall_now();
    const std::optional<WallTime> next = meeting.hall.next_tick(now);
    if (!next || (meeting.ticks_at && *meeting.ticks_at <= *next)) return;
    meeting.ticks_at = next;
    front_.run_after(*next - now + kTickSlack,
                     [this, id, generation = meeting.generation] { tick(id, generation); });
}

void MeetingPlane::tick(const std::string& id, uint64_t generation) {
    const auto found = meetings_.find(id);
    if (found == meetings_.end() || found->second.generation != generation) return;
    const WallTime now = net::wall_now();
    // Of two timers the later one may find that all is done.
    if (found->second.ticks_at && *found->second.ticks_at <= now) found->second.ticks_at.reset();
    commit(id, found->second.hall.tick(now));
}

// Rooms that are no meetings have no hall.
std::optional<size_t> MeetingPlane::people_in(const std::string& id) const {
    const auto found = meetings_.find(id);
    if (found == meetings_.end() || !found->second.hall.state().is_running()) return std::nullopt;
    const auto& people = found->second.hall.state().people;
    return std::count_if(people.begin(), people.end(),
                         [](const auto& entry) { return entry.second.is_in(); });
}

void MeetingPlane::hear(const conference::Voices& voices) {
    const auto found = meetings_.find(voices.room);
    if (found == meetings_.end()) return;
    Meeting& meeting = found->second;
    for (const auto& voice : voices.heard)
        meeting.airtime.add(voice.identity, voices.first_slot, voice.slots);
    const WallTime now = net::wall_now();
    if (now < meeting.airtime_noted_at + kAirtimeEvery) return;
    meeting.airtime_noted_at = now;
    Result<live::Output, meeting::Refusal> output =
        meeting.hall.command({{}, meeting.airtime.take(now)}, now);
    if (output) commit(voices.room, std::move(*output));
}

// Without anybody in it and nothing to come, a meeting is only its record.
void MeetingPlane::forget_if_idle(const std::string& id) {
    const auto found = meetings_.find(id);
    if (found == meetings_.end()) return;
    const Meeting& meeting = found->second;
    if (meeting.is_wanted || meeting.hall.is_connected() || !meeting.pending.empty()) return;
    if (meeting.hall.next_tick(net::wall_now())) return;
    meetings_.erase(found);
}

void MeetingPlane::upgrade(const std::string& meeting, const net::HttpRequest& request,
                           std::shared_ptr<net::Upgrade> upgrade) {
    if (front_.is_stopping) return upgrade->refuse(net::HttpResponse::text(503, "the server is stopping"));
    if (!front_.sockets.allow(net::monotonic_now(), request.remote)) {
        ++front_.counters.rate_limited;
        return upgrade->refuse(net::HttpResponse::text(429, ""));
    }
    const auto admit = [this, meeting, upgrade, session = account::hash_of_secret(session_cookie(request))](
                           Result<std::optional<account::Account>> account) {
        if (!account) return upgrade->refuse(net::HttpResponse::text(503, ""));
        Connection connection{.meeting = meeting};
        if (*account) {
            connection.account_id = (*account)->id;
            connection.session = session;
        }
        accept(std::move(connection), upgrade);
    };
    front_.store.run<std::optional<account::Account>>(caller_of(front_, request), admit);
}

void MeetingPlane::accept(Connection client, const std::shared_ptr<net::Upgrade>& upgrade) {
    const live::ConnectionId connection = ++last_connection_;
    connections_[connection] = std::move(client);
    watch_sessions();
    net::WebSocketCallbacks callbacks;
    callbacks.on_message = [this, connection](ByteView bytes, bool is_text) {
        if (!is_text) return drop(connection, net::close_code::kPolicy);
        receive(connection, as_text(bytes));
    };
    callbacks.on_closed = [this, connection](uint16_t) { closed(connection); };
    connections_[connection].socket = upgrade->accept(std::move(callbacks));
    front_.run_after(kHelloWithin, [this, connection] {
        const auto found = connections_.find(connection);
        if (found != connections_.end() && !found->second.is_greeted)
            drop(connection, net::close_code::kPolicy);
    });
}

// Whoever is signed out, here or by an administrator, is out of the meeting within a second as well.
void MeetingPlane::watch_sessions() {
    if (watches_sessions_ || connections_.empty()) return;
    watches_sessions_ = true;
    front_.run_after(kSessionsEvery, [this] {
        watches_sessions_ = false;
        check_sessions();
        watch_sessions();
    });
}

void MeetingPlane::check_sessions() {
    using Connections = std::vector<std::pair<live::ConnectionId, account::SecretHash>>;
    Connections signed_in;
    for (const auto& [number, connection] : connections_) {
        if (connection.session) signed_in.emplace_back(number, *connection.session);
    }
    if (signed_in.empty()) return;
    const auto find_ended = [signed_in, rules = front_.session_rules, now = net::wall_now()](
                                store::Database& database) -> Result<std::vector<live::ConnectionId>> {
        std::vector<live::ConnectionId> ended;
        for (const auto& [number, session] : signed_in) {
            if (!TRY(database.account_of_session(session, rules, now))) ended.push_back(number);
        }
        return ended;
    };
    front_.store.run<std::vector<live::ConnectionId>>(
        find_ended, [this](const Result<std::vector<live::ConnectionId>>& ended) {
            if (!ended) return;  // the next check is a second away
            for (const live::ConnectionId connection : *ended) sign_out(connection);
        });
}

void MeetingPlane::sign_out(live::ConnectionId connection) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    (void)found->second.socket->send(R"({"type":"over","reason":"signed_out"})", /*is_binary=*/false);
    found->second.socket->close(net::close_code::kPolicy);
    const auto meeting = meetings_.find(found->second.meeting);
    if (meeting == meetings_.end()) return;
    const std::optional<meeting::PersonId> person = meeting->second.hall.person_of(connection);
    if (!person) return;
    Result<live::Output, meeting::Refusal> output =
        meeting->second.hall.command({*person, meeting::Leave{}}, net::wall_now());
    if (output) commit(meeting->first, std::move(*output));
}

void MeetingPlane::receive(live::ConnectionId connection, std::string_view text) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    if (text.size() > live::kRequestBytesMax) return drop(connection, net::close_code::kTooBig);
    if (!found->second.is_greeted) return greet(connection, text);
    const auto meeting = meetings_.find(found->second.meeting);
    if (meeting == meetings_.end()) return drop(connection, net::close_code::kInternal);
    commit(meeting->first, meeting->second.hall.receive(connection, text, net::wall_now()));
}

void MeetingPlane::greet(live::ConnectionId connection, std::string_view text) {
    Connection& client = connections_[connection];
    const Result<live::Request, live::RequestFault> request = live::parse_request(text);
    const auto* hello = request ? std::get_if<live::Hello>(&request->wish) : nullptr;
    if (!hello) return drop(connection, net::close_code::kPolicy);
    client.is_greeted = true;
    const std::optional<account::Rejoin> rejoin = front_.keys.verify_rejoin(hello->rejoin, net::wall_now());
    with(client.meeting, [this, connection, rejoin, id = request->id](Result<live::Hall*> hall) {
        const auto found = connections_.find(connection);
        if (found == connections_.end()) return;
        if (!hall) return drop(connection, net::close_code::kInternal);
        const std::string meeting = found->second.meeting;
        account::Request wish{.way = account::Way::MeetingSocket, .room = meeting, .rejoin = rejoin};
        wish.meeting = *hall && (*hall)->state().phase == meeting::State::Phase::Open
                           ? account::MeetingState::Open
                           : account::MeetingState::Unknown;
        if (!found->second.account_id.empty())
            wish.account = account::Account{.id = found->second.account_id, .name = {}};
        if (*hall && rejoin) wish.place = place_of((*hall)->state(), rejoin->identity);
        const account::Admission admission = account::admit(wish, front_.rng);
        if (const auto* refusal = std::get_if<account::Refusal>(&admission)) {
            ++front_.counters.refusals[code(*refusal)];
            (void)found->second.socket->send(live::refusal_text(id, code(*refusal)), false);
            return found->second.socket->close(net::close_code::kPolicy);
        }
        const auto& allowed = std::get<account::Allowed>(admission);
        commit(meeting, (*hall)->open(connection, allowed.identity, id, net::wall_now()));
    });
}

void MeetingPlane::closed(live::ConnectionId connection) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    const std::string meeting = found->second.meeting;
    connections_.erase(found);
    const auto hall = meetings_.find(meeting);
    if (hall != meetings_.end()) commit(meeting, hall->second.hall.close(connection, net::wall_now()));
}

void MeetingPlane::drop(live::ConnectionId connection, uint16_t code) {
    const auto found = connections_.find(connection);
    if (found != connections_.end() && found->second.socket) found->second.socket->close(code);
}

}  // namespace conclave::server
