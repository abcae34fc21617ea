#include "live/hall.h"

#include <algorithm>
#include <utility>

#include "meeting/json_fields.h"

namespace conclave::live {
namespace {

using meeting::Command;
using meeting::Person;
using meeting::PersonId;
using meeting::Presence;
using meeting::text_of;

Frame done(ConnectionId connection, int64_t id) {
    return {connection, text_of({{"type", "done"}, {"id", id}})};
}
Frame refused(ConnectionId connection, int64_t id, std::string_view code) {
    return {connection, refusal_text(id, code)};
}

std::string_view reason_of(const meeting::Closed& closed) {
    switch (closed.reason) {
        case meeting::Closing::Time:
            return "time";
        case meeting::Closing::Abandoned:
            return "abandoned";
        case meeting::Closing::Chair:
            break;
    }
    return "closed";
}

std::string_view reason_of(const meeting::Gone& gone, bool was_in) {
    if (gone.presence == Presence::Banned) return "banned";
    if (gone.presence == Presence::Refused) return was_in ? "removed" : "refused";
    return "left";
}

// Why somebody waits who is told nothing else.
std::string_view waiting_reason(const meeting::State& state, const Person& person) {
    if (person.needs_admission) return "admission";
    if (!state.started_at) return "start";
    const bool is_rehearsal = state.terms.format == policy::Format::Webinar && !state.live_at;
    return is_rehearsal && person.role < meeting::Role::Presenter ? "rehearsal" : "full";
}

}  // namespace

Output Hall::recover(WallTime now) {
    Output out;
    std::vector<PersonId> connected;
    for (const auto& [id, person] : state_.people) {
        if (person.is_connected) connected.push_back(id);
    }
    for (const PersonId& id : connected) (void)run(out, {id, meeting::Disconnect{}}, now);
    settle(out, now);
    finish(out, now);
    out.rights = rights_;
    return out;
}

Result<Output, meeting::Refusal> Hall::command(const Command& command, WallTime now) {
    // What is due comes first. But a refused command leaves no trace: then it is still due.
    if (const auto refusal = refusal_of(command, now)) return Unexpected{*refusal};
    Output out;
    settle(out, now);
    (void)run(out, command, now);
    settle(out, now);
    finish(out, now);
    return out;
}

std::optional<meeting::Refusal> Hall::refusal_of(const Command& command, WallTime now) const {
    const auto judge = [&](const meeting::State& state) {
        const meeting::Decision decision = meeting::decide(state, command, now);
        return decision ? std::optional<meeting::Refusal>() : decision.error();
    };
    const auto due = [&](const meeting::State& state) {
        return meeting::decide(state, {{}, meeting::Tick{}}, now).value_or({});
    };
    meeting::Events events = due(state_);
    if (events.empty()) return judge(state_);
    meeting::State after = state_;
    for (; !events.empty(); events = due(after)) {
        for (const meeting::Event& event : events) meeting::evolve(after, event);
    }
    return judge(after);
}

Output Hall::open(ConnectionId connection, const PersonId& person, int64_t request_id, WallTime now) {
    Output out;
    settle(out, now);
    const auto ran = run(out, {person, meeting::Connect{}}, now);
    if (!ran) {
        out.frames.push_back(refused(connection, request_id, meeting::code(ran.error())));
        out.frames.back().closes = true;
        finish(out, now);
        return out;
    }
    if (const auto old = connections_.find(person); old != connections_.end()) {
        out.frames.push_back(
            {old->second, text_of({{"type", "over"}, {"reason", "replaced"}}), /*closes=*/true});
        seats_.erase(old->second);
    }
    Seat& seat = seats_[connection];
    seat.person = person;
    seat.budget_since = WallTime{now.us - kRequestEvery.us * kRequestBurst};
    connections_[person] = connection;
    settle(out, now);
    finish(out, now, done(connection, request_id));
    return out;
}

Output Hall::receive(ConnectionId connection, std::string_view text, WallTime now) {
    Output out;
    const auto found = seats_.find(connection);
    if (found == seats_.end()) return out;
    Seat& seat = found->second;
    const bool is_within_budget = take_budget(seat, now);
    const Result<Request, RequestFault> request = parse_request(text);
    if (!is_within_budget || !request) {
        const int64_t id = request ? request->id : request.error().id.value_or(0);
        out.frames.push_back(refused(connection, id, is_within_budget ? "bad_request" : "too_many_requests"));
        // Whoever goes on nevertheless is no page of ours.
        out.frames.back().closes = seat.overdrafts > kOverdraftsMax;
        return out;
    }
    if (const auto* react = std::get_if<React>(&request->wish)) {
        this->react(out, connection, *request, react->reaction);
        return out;
    }
    const auto* wanted = std::get_if<meeting::Wanted>(&request->wish);
    settle(out, now);
    const PersonId person = seat.person;
    const auto ran = wanted ? run(out, {person, *wanted}, now)
                            : Result<Ok, meeting::Refusal>(Unexpected{meeting::Refusal::NotNow});
    if (ran) settle(out, now);
    finish(
        out, now,
        ran ? done(connection, request->id) : refused(connection, request->id, meeting::code(ran.error())));
    return out;
}

Output Hall::close(ConnectionId connection, WallTime now) {
    Output out;
    const auto found = seats_.find(connection);
    if (found == seats_.end()) return out;
    const PersonId person = found->second.person;
    seats_.erase(found);
    connections_.erase(person);
    (void)run(out, {person, meeting::Disconnect{}}, now);
    settle(out, now);
    finish(out, now);
    return out;
}

Output Hall::tick(WallTime now) {
    Output out;
    settle(out, now);
    finish(out, now);
    return out;
}

std::optional<WallTime> Hall::next_tick(WallTime now) const {
    const std::optional<WallTime> next = meeting::next_tick(state_, now);
    if (!count_due_ || seats_.empty()) return next;
    return next ? std::min(*next, *count_due_) : count_due_;
}

std::optional<PersonId> Hall::person_of(ConnectionId connection) const {
    const auto found = seats_.find(connection);
    return found == seats_.end() ? std::nullopt : std::optional(found->second.person);
}

Result<Ok, meeting::Refusal> Hall::run(Output& out, const Command& command, WallTime now) {
    const meeting::Decision decision = meeting::decide(state_, command, now);
    if (!decision) return Unexpected{decision.error()};
    for (const meeting::Event& event : *decision) apply(out, event);
    return Ok{};
}

// Everything that follows of itself. It ends: each step of Tick removes its own cause.
void Hall::settle(Output& out, WallTime now) {
    for (;;) {
        const meeting::Decision decision = meeting::decide(state_, {{}, meeting::Tick{}}, now);
        if (!decision || decision->empty()) return;
        for (const meeting::Event& event : *decision) apply(out, event);
    }
}

void Hall::apply(Output& out, const meeting::Event& event) {
    const auto* gone = std::get_if<meeting::Gone>(&event.what);
    const Person* leaver = gone ? state_.find(gone->person) : nullptr;
    const bool was_in = leaver && leaver->is_in();
    note_rest(out, event);
    changes_.note(state_, event);
    meeting::evolve(state_, event);
    if (gone) leaving_[gone->person] = reason_of(*gone, was_in);
    if (const auto* closed = std::get_if<meeting::Closed>(&event.what)) all_leave_ = reason_of(*closed);
    if (std::holds_alternative<meeting::Ended>(event.what)) all_leave_ = "ended";
    out.events.push_back(event);
}

// Before the event changes who is in.
void Hall::note_rest(Output& out, const meeting::Event& event) const {
    const auto rests = [&](const Person& person) {
        const bool sat = person.is_in() && event.at - person.since >= meeting::kRestAfter;
        if (sat && !person.account.empty())
            out.resting.emplace_back(person.account, event.at + state_.terms.rest);
    };
    if (const auto* gone = std::get_if<meeting::Gone>(&event.what)) {
        if (const Person* person = state_.find(gone->person)) rests(*person);
    } else if (std::holds_alternative<meeting::Closed>(event.what) ||
               std::holds_alternative<meeting::Ended>(event.what)) {
        for (const auto& [id, person] : state_.people) rests(person);
    }
}

void Hall::send_away(Output& out, const PersonId& person, std::string_view reason, WallTime now) {
    out.sent_away.push_back(person);
    const auto connection = connections_.find(person);
    if (connection == connections_.end()) return;
    Json over = {{"type", "over"}, {"reason", reason}};
    if (state_.rests(now)) over["rest"] = (*state_.closed_at + state_.terms.rest - now).ms();
    out.frames.push_back({connection->second, text_of(over), /*closes=*/true});
    seats_.erase(connection->second);
    connections_.erase(connection);
}

// The first change after a quiet while is told at once; those of the next second together, at its end.
void Hall::gather_count(WallTime now) {
    if (changes_.count && !count_due_) count_due_ = count_told_at_ + kCountEvery;
    if (count_due_ && *count_due_ <= now) changes_.meeting = true;
    if (!changes_.meeting) return;
    count_due_.reset();
    count_told_at_ = now;
}

// To viewers who raise a hand the others do not listen: each would cost as many messages as there are
// viewers.
void Hall::compare_floor() {
    is_viewers_floor_new_ = false;
    if (!changes_.floor && !viewers_floor_.empty()) return;
    if (state_.terms.format != policy::Format::Webinar) return;
    std::string text = text_of(floor_section(state_, Audience::Viewer, {}));
    is_viewers_floor_new_ = text != viewers_floor_;
    viewers_floor_ = std::move(text);
}

// First what changed, then the answer to who asked, last the farewells.
void Hall::finish(Output& out, WallTime now, std::optional<Frame> answer) {
    gather_count(now);
    compare_floor();
    if (all_leave_.empty()) {
        Updates updates;
        for (auto& [connection, seat] : seats_) {
            if (!leaving_.contains(seat.person)) tell(out, connection, seat, now, updates);
        }
    }
    if (answer) out.frames.push_back(std::move(*answer));
    if (!all_leave_.empty()) {
        out.is_over = true;
        while (!connections_.empty()) {
            const PersonId person = connections_.begin()->first;
            send_away(out, person, all_leave_, now);
        }
        out.sent_away.clear();
    }
    for (const auto& [person, reason] : leaving_) send_away(out, person, reason, now);
    meeting::RightsOfAll rights = meeting::rights(state_);
    if (rights != rights_) out.rights = rights_ = std::move(rights);
    changes_ = {};
    leaving_.clear();
    all_leave_.clear();
}

void Hall::tell(Output& out, ConnectionId connection, Seat& seat, WallTime now, Updates& updates) {
    const Person* person = state_.find(seat.person);
    if (!person) return;
    if (!person->is_in()) return tell_waiting(out, connection, seat, *person);
    const Audience audience = audience_of(state_, *person);
    const Me me = me_of(state_, *person);
    if (seat.stage != Seat::Stage::In || seat.audience != audience) {
        Json whole = snapshot(state_, *person, now);
        if (seat.stage != Seat::Stage::In) whole["token"] = mint_(*person);
        seat.stage = Seat::Stage::In;
        seat.audience = audience;
        seat.me = me;
        seat.is_queued = state_.floor.find(seat.person) != nullptr;
        out.frames.push_back({connection, text_of(whole)});
        return;
    }
    std::optional<Update>& shared = updates[static_cast<size_t>(audience)];
    if (!shared) shared = update_for(audience, now);
    const bool is_changed = me != seat.me;
    Json extra = Json::object();
    const bool has_private = add_private(extra, seat);
    if (!is_changed && !has_private) {
        if (!shared->text.empty()) out.frames.push_back({connection, shared->text});
        return;
    }
    Json update = shared->json;
    for (const char* section : {"floor", "questions"}) {
        if (extra.contains(section)) update[section] = std::move(extra[section]);
    }
    if (extra.contains("chat")) {
        Json& chat = update["chat"];
        if (chat.is_null()) chat = {{"messages", Json::array()}, {"erased", Json::array()}};
        for (Json& message : extra["chat"]) chat["messages"].push_back(std::move(message));
    }
    if (is_changed) update["me"] = me_section(seat.person, me);
    seat.me = me;
    out.frames.push_back({connection, text_of(update)});
}

void Hall::tell_waiting(Output& out, ConnectionId connection, Seat& seat, const Person& person) {
    const std::string_view reason = waiting_reason(state_, person);
    if (seat.stage == Seat::Stage::Waiting && seat.waiting == reason) return;
    seat.stage = Seat::Stage::Waiting;
    seat.waiting = reason;
    out.frames.push_back({connection, text_of({{"type", "waiting"}, {"reason", reason}})});
}

Hall::Update Hall::update_for(Audience audience, WallTime now) const {
    Json update = {{"type", "update"}, {"number", state_.number}};
    const size_t empty = update.size();
    if (changes_.meeting) update["meeting"] = meeting_section(state_);
    if (Json people = people_section(state_, audience, changes_); !people.is_null())
        update["people"] = std::move(people);
    if (audience == Audience::Viewer ? is_viewers_floor_new_ : changes_.floor)
        update["floor"] = floor_section(state_, audience, {});
    if (changes_.clock) update["clock"] = clock_section(state_, now);
    if (changes_.motion) update["motion"] = motion_section(state_, audience);
    if (changes_.agenda) update["agenda"] = agenda_section(state_);
    Json messages = Json::array();
    for (const meeting::Message& message : changed_messages()) {
        if (message.to.empty()) messages.push_back(message_json(state_, message));
    }
    if (!messages.empty() || !changes_.erased.empty())
        update["chat"] = {{"messages", std::move(messages)}, {"erased", changes_.erased}};
    if (audience == Audience::Leader && changes_.lobby) update["lobby"] = lobby_section(state_);
    if (audience == Audience::Leader && changes_.airtime) update["airtime"] = airtime_section(state_);
    std::string text = update.size() > empty ? text_of(update) : std::string();
    return {std::move(update), std::move(text)};
}

// Messages are in the order of their events, the new ones last.
std::span<const meeting::Message> Hall::changed_messages() const {
    if (changes_.messages.empty()) return {};
    const auto first = std::find_if(state_.messages.begin(), state_.messages.end(), [&](const auto& message) {
        return message.number >= *changes_.messages.begin();
    });
    return {first, state_.messages.end()};
}

bool Hall::add_private(Json& update, Seat& seat) const {
    for (const meeting::Message& message : changed_messages()) {
        const bool is_theirs = message.to == seat.person || message.from == seat.person;
        if (!message.to.empty() && is_theirs) update["chat"].push_back(message_json(state_, message));
    }
    if (changes_.floor && seat.audience == Audience::Viewer) {
        const bool was_queued = std::exchange(seat.is_queued, state_.floor.find(seat.person) != nullptr);
        if (was_queued || seat.is_queued) update["floor"] = floor_section(state_, seat.audience, seat.person);
    }
    if (changes_.questions) update["questions"] = questions_section(state_, seat.audience, seat.person);
    return !update.empty();
}

// Told to whoever is told of the person.
void Hall::react(Output& out, ConnectionId from, const Request& request, Reaction reaction) const {
    const PersonId& id = seats_.at(from).person;
    const Person* person = state_.find(id);
    if (!person || !person->is_in()) {
        out.frames.push_back(refused(from, request.id, meeting::code(meeting::Refusal::NotInMeeting)));
        return;
    }
    const std::string text = text_of({{"type", "reaction"}, {"person", id}, {"reaction", name_of(reaction)}});
    for (const auto& [connection, other] : seats_) {
        const bool is_told = connection == from || may_see(state_, other.audience, *person);
        if (other.stage == Seat::Stage::In && is_told) out.frames.push_back({connection, text});
    }
    out.frames.push_back(done(from, request.id));
}

// A bucket that fills with time: what is in it is the time since `budget_since`.
bool Hall::take_budget(Seat& seat, WallTime now) {
    const WallTime fullest{now.us - kRequestEvery.us * kRequestBurst};
    seat.budget_since = std::max(seat.budget_since, fullest);
    if (seat.budget_since + kRequestEvery > now) {
        ++seat.overdrafts;
        return false;
    }
    seat.overdrafts = 0;
    seat.budget_since = seat.budget_since + kRequestEvery;
    return true;
}

}  // namespace conclave::live
