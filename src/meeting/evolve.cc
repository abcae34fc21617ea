// How each event changes a meeting. Nothing is refused here: what was recorded happened.
#include <algorithm>

#include "base/text.h"
#include "meeting/likeness.h"
#include "meeting/meeting.h"

namespace conclave::meeting {
namespace {

struct Evolving {
    State& state;
    const Event& event;

    Person* person(const PersonId& id) const {
        const auto found = state.people.find(id);
        return found == state.people.end() ? nullptr : &found->second;
    }

    void operator()(const Created& e) const {
        state.phase = State::Phase::Open;
        state.id = e.id;
        state.title = e.title;
        state.owner = e.owner;
        state.terms = e.terms;
        state.created_at = event.at;
        state.floor.mode = e.terms.floor_mode;
        state.floor.order = e.terms.floor_order;
        state.floor.turn_limit = e.terms.turn_limit;
    }
    void operator()(const Planned& e) const {
        const int64_t sequence = state.plan ? state.plan->sequence + 1 : 0;
        state.plan = PlannedTime{e.begin, e.length, e.utc_offset, e.zone, sequence};
        state.terms.length = e.length;
        for (auto& [id, invitation] : state.invitations) {
            if (!invitation.email.empty())
                invitation.expires_at =
                    std::max(invitation.expires_at, e.begin + e.length + kInvitationAfter);
        }
    }
    void operator()(const Arrived& e) const {
        Person& person = state.people[e.person];
        if (person.namesake == 0 || person.name != e.name) person.namesake = namesake_of(e);
        person.id = e.person;
        person.name = e.name;
        person.kind = e.kind;
        person.account = e.account;
        person.invitation = e.invitation;
        person.role = e.role;
        person.presence = e.is_let_in ? Presence::In : Presence::Waiting;
        person.needs_admission = e.needs_admission;
        person.was_in = person.was_in || e.is_let_in;
        person.number = event.number;
        if (e.is_let_in) person.entered = event.number;
        if (e.role == Role::Chair) demote_other_chairs(e.person);
        person.since = event.at;
        person.is_connected = false;
        person.connected_since = event.at;
        const auto invitation = state.invitations.find(e.invitation);
        if (invitation != state.invitations.end() && invitation->second.used_by.empty())
            invitation->second.used_by = e.person;
    }
    int namesake_of(const Arrived& e) const {
        int namesake = 1;
        const std::string look = likeness(e.name);
        for (const auto& [id, other] : state.people) {
            if (id != e.person && likeness(other.name) == look)
                namesake = std::max(namesake, other.namesake + 1);
        }
        return namesake;
    }
    // One who chairs: another may still be written down who left without a successor.
    void demote_other_chairs(const PersonId& chair) const {
        for (auto& [id, other] : state.people) {
            if (id != chair && other.role == Role::Chair) other.role = Role::Deputy;
        }
    }
    void operator()(const Admitted& e) const {
        Person* admitted = person(e.person);
        if (!admitted) return;
        // Somebody said yes; the seat itself is taken when the meeting goes on.
        if (admitted->needs_admission) {
            admitted->needs_admission = admitted->was_sent_out = false;
            return;
        }
        admitted->presence = Presence::In;
        admitted->was_in = true;
        admitted->entered = event.number;
        admitted->since = event.at;
    }
    void operator()(const Connected& e) const {
        Person* who = person(e.person);
        if (!who) return;
        who->is_connected = e.is_connected;
        who->connected_since = event.at;
    }
    void operator()(const Gone& e) const {
        Person* who = person(e.person);
        if (!who) return;
        const bool held_seat = who->is_in();
        const bool is_sent_out = e.presence != Presence::Left;
        who->presence = e.presence;
        who->needs_admission = false;
        who->was_in = who->was_in && !is_sent_out;
        who->was_sent_out = who->was_sent_out || is_sent_out;
        if (who->is_connected) who->connected_since = event.at;
        who->is_connected = false;
        who->since = event.at;
        forget_request(e.person);
        forget_ballot(e.person);
        if (held_seat && std::none_of(state.people.begin(), state.people.end(),
                                      [](const auto& entry) { return entry.second.is_in(); }))
            state.empty_since = event.at;
        if (is_nobody(*who)) state.people.erase(e.person);
    }
    // Who gave up at the door before anything was known of them: the table is not for passers-by to fill.
    static bool is_nobody(const Person& person) {
        return person.kind == Kind::Guest && person.presence == Presence::Left && !person.was_in &&
               !person.was_sent_out && person.invitation.empty();
    }
    void operator()(const RoleChanged& e) const {
        if (Person* who = person(e.person)) who->role = e.role;
        if (e.role == Role::Observer) forget_ballot(e.person);
    }
    void operator()(const Locked& e) const { state.is_locked = e.is_locked; }
    void operator()(const SendingChanged& e) const {
        if (Person* who = person(e.person)) who->set_sending(e.source, e.sending);
    }
    void operator()(const AllFreed& e) const {
        for (auto& [id, who] : state.people) who.set_sending(e.source, Sending::Free);
    }
    void operator()(const Invited& e) const {
        std::erase_if(state.invitations,
                      [&](const auto& entry) { return entry.second.expires_at <= event.at; });
        state.invitations[e.id] = {.secret_hash = e.secret_hash,
                                   .name = e.name,
                                   .role = e.role,
                                   .expires_at = e.expires_at,
                                   .from = event.by};
    }
    void operator()(const InvitationMailed& e) const {
        const auto invitation = state.invitations.find(e.id);
        if (invitation == state.invitations.end()) return;
        invitation->second.email = e.email;
        invitation->second.account = e.account;
        invitation->second.language = e.language;
    }
    void operator()(const InvitationRevoked& e) const {
        const auto invitation = state.invitations.find(e.id);
        if (invitation != state.invitations.end()) invitation->second.is_revoked = true;
    }

    void forget_request(const PersonId& id) const {
        std::erase_if(state.floor.queue, [&](const FloorRequest& request) { return request.person == id; });
    }
    void operator()(const HandRaised& e) const {
        std::vector<FloorRequest>& queue = state.floor.queue;
        const size_t position = std::min<size_t>(e.position, queue.size());
        queue.insert(queue.begin() + static_cast<ptrdiff_t>(position),
                     {.person = e.person, .reason = e.reason, .since = event.at});
    }
    void operator()(const HandLowered& e) const { forget_request(e.person); }
    void operator()(const HandMoved& e) const {
        std::vector<FloorRequest>& queue = state.floor.queue;
        const auto found = std::find_if(queue.begin(), queue.end(), [&](const FloorRequest& request) {
            return request.person == e.person;
        });
        if (found == queue.end()) return;
        FloorRequest request = *found;
        request.is_pinned = true;
        queue.erase(found);
        const size_t position = std::min<size_t>(e.position, queue.size());
        queue.insert(queue.begin() + static_cast<ptrdiff_t>(position), request);
    }
    void operator()(const QueueOrdered& e) const {
        std::map<PersonId, size_t> places;
        for (const PersonId& id : e.people) places.emplace(id, places.size());
        std::stable_sort(state.floor.queue.begin(), state.floor.queue.end(),
                         [&](const FloorRequest& a, const FloorRequest& b) {
                             return places[a.person] < places[b.person];
                         });
    }
    void operator()(const FloorGiven& e) const {
        state.floor.holder = e.person;
        state.floor.held_since = event.at;
    }
    void operator()(const FloorChanged& e) const {
        state.floor.mode = e.mode;
        state.floor.turn_limit = e.turn_limit;
        if (e.order == state.floor.order) return;
        state.floor.order = e.order;
        for (FloorRequest& request : state.floor.queue) request.is_pinned = false;
    }
    void operator()(const AirtimeNoted& e) const {
        for (const AirtimeNoted::Share& share : e.shares) {
            if (Person* who = person(share.person)) who->spoken = who->spoken + share.spoken;
        }
        state.floor.overlap = state.floor.overlap + e.overlap;
    }

    void operator()(const Started&) const {
        state.started_at = event.at;
        state.ends_at = event.at + state.terms.length;
        state.agenda_since = event.at;
        state.empty_since = event.at;
    }
    void operator()(const WentLive&) const { state.live_at = event.at; }
    void operator()(const Warned& e) const { state.warned = e.minutes; }
    void operator()(const Extended& e) const {
        state.extended = state.extended + e.by;
        state.ends_at = state.ends_at + e.by;
        state.warned = kNotWarned;
        if (state.motion && state.motion->is_open()) close_motion({MotionStage::Granted, 0, 0});
    }
    void operator()(const TimeAsked& e) const {
        state.motion = Motion{.by = event.by, .length = e.length, .reason = e.reason};
    }
    void operator()(const VoteCalled& e) const {
        if (!state.motion) return;
        state.motion->stage = MotionStage::Voting;
        state.motion->until = event.at + e.open_for;
    }
    void operator()(const VoteCast& e) const {
        if (state.motion) state.motion->ballots[event.by] = e.is_yes;
    }
    void operator()(const MotionClosed& e) const {
        if (state.motion) close_motion(e);
    }
    void close_motion(const MotionClosed& e) const {
        state.motion->stage = e.stage;
        state.motion->yes = e.yes;
        state.motion->no = e.no;
        state.motion->ballots.clear();
    }
    // Whoever leaves or only observes from now on has no say: else one could come again and vote twice.
    void forget_ballot(const PersonId& id) const {
        if (state.motion) state.motion->ballots.erase(id);
    }
    void operator()(const Paused& e) const {
        state.paused_until = event.at + e.length;
        state.paused = state.paused + e.length;
        state.ends_at = state.ends_at + e.length;
    }
    // What is left of the pause is given back.
    void operator()(const Continued&) const {
        if (!state.paused_until) return;
        const Duration unused = std::max(Duration{}, *state.paused_until - event.at);
        state.paused = state.paused - unused;
        state.ends_at = WallTime{state.ends_at.us - unused.us};
        state.paused_until.reset();
    }
    void operator()(const Suspended& e) const { state.is_suspended = e.is_suspended; }
    void operator()(const AgendaSet& e) const {
        state.agenda = e.items;
        state.agenda_item = 0;
        state.agenda_since = event.at;
    }
    void operator()(const AgendaMoved& e) const {
        state.agenda_item = e.item;
        state.agenda_since = event.at;
    }

    void operator()(const Said& e) const {
        if (state.messages.size() >= kMessagesMax) state.messages.erase(state.messages.begin());
        state.messages.push_back({event.number, event.at, event.by, e.to, e.text});
    }
    void operator()(const Erased& e) const {
        const auto is_it = [&](const auto& thing) { return thing.number == e.event; };
        std::erase_if(state.messages, is_it);
        std::erase_if(state.questions, is_it);
    }
    void operator()(const Asked& e) const {
        state.questions.push_back({event.number, event.at, event.by, e.text});
    }
    void operator()(const QuestionMoved& e) const {
        for (Question& question : state.questions) {
            if (question.number == e.question) question.state = e.state;
        }
    }

    // The break goes on for everybody else.
    void operator()(const RestOverridden&) const {}
    void operator()(const Closed& e) const {
        state.closed_at = event.at;
        state.closing = e.reason;
        clear_sitting();
    }
    void operator()(const Ended&) const {
        state.phase = State::Phase::Ended;
        state.ended_at = event.at;
        clear_sitting();
        state.invitations.clear();
        state.agenda.clear();
    }

    // Roles of agents and bans outlive a sitting; guests are nobody after it.
    void clear_sitting() const {
        for (auto& [id, who] : state.people) {
            if (who.presence != Presence::Banned) who.presence = Presence::Left;
            if (who.role == Role::Chair) who.role = Role::Deputy;
            who.is_connected = who.was_in = who.was_sent_out = who.needs_admission = false;
            // Guests are forgotten here as they are in the record.
            if (who.kind == Kind::Guest) who.name.clear();
            who.namesake = 0;
            who.entered = 0;
            who.microphone = who.camera = who.screen = Sending::Free;
            who.spoken = {};
            who.since = event.at;
        }
        std::erase_if(state.people, [](const auto& entry) {
            return entry.second.presence != Presence::Banned && entry.second.kind == Kind::Guest;
        });
        state.started_at.reset();
        state.live_at.reset();
        state.paused_until.reset();
        state.extended = state.paused = {};
        state.warned = kNotWarned;
        state.is_suspended = state.is_locked = false;
        state.floor.queue.clear();
        state.floor.holder.clear();
        state.floor.overlap = {};
        state.agenda_item = 0;
        state.motion.reset();
        state.messages.clear();
        state.questions.clear();
    }
};

}  // namespace

void evolve(State& state, const Event& event) {
    state.number = event.number;
    std::visit(Evolving{state, event}, event.what);
}

}  // namespace conclave::meeting
