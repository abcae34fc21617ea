// A meeting as the sum of its events: values only, no rule.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "meeting/event.h"

namespace conclave::meeting {

struct Person {
    PersonId id;
    std::string name;
    Kind kind = Kind::Guest;
    std::string account;
    std::string invitation;
    Role role = Role::Participant;
    Presence presence = Presence::Waiting;
    bool needs_admission = false;  // while waiting: somebody must say yes
    bool was_in = false;           // in this sitting, and not sent out since
    bool was_sent_out = false;     // in this sitting: asks again, even if they gave up waiting in between
    int namesake = 0;              // the how manieth of this name in this sitting, from 1: tells two apart
    int64_t number = 0;            // of the arrival's event: the order of arrivals
    int64_t entered = 0;           // the number of the event that let them in
    WallTime since;                // of the presence
    bool is_connected = false;     // its meeting socket
    WallTime connected_since;      // or: not connected since
    Sending microphone = Sending::Free;
    Sending camera = Sending::Free;
    Sending screen = Sending::Free;
    Duration spoken;
    Sending sending(Source) const;
    void set_sending(Source, Sending);
    bool is_in() const { return presence == Presence::In; }
    bool is_here() const { return is_in() && is_connected; }
};

struct FloorRequest {
    PersonId person;
    Reason reason = Reason::Speak;
    WallTime since;
    bool is_pinned = false;  // the chair gave it its place
};

struct Floor {
    policy::FloorMode mode = policy::FloorMode::Open;
    policy::FloorOrder order = policy::FloorOrder::FirstCome;
    Duration turn_limit;
    std::vector<FloorRequest> queue;  // the next one first
    PersonId holder;                  // empty: nobody
    WallTime held_since;
    Duration overlap;
    // Of somebody who waits for the floor; nullptr: does not.
    const FloorRequest* find(const PersonId&) const;
};

struct Invitation {
    std::string secret_hash;
    std::string name;
    Role role = Role::Participant;
    WallTime expires_at;
    std::string from;  // who made it: a PersonId, or the owner's account id
    bool is_revoked = false;
    PersonId used_by = {};   // the first device that came with it
    std::string email = {};  // to which it was mailed; empty: handed over otherwise
    std::string account = {};
    std::string language = {};
};

struct PlannedTime {
    WallTime begin;
    Duration length;
    Duration utc_offset = {};
    std::string zone = {};
    int64_t sequence = 0;  // how often it was changed
    WallTime end() const { return begin + length; }
};

struct Message {
    int64_t number = 0;  // of its event
    WallTime at;
    PersonId from;
    PersonId to;
    std::string text;
};

struct Question {
    int64_t number = 0;
    WallTime at;
    PersonId from;
    std::string text;
    QuestionState state = QuestionState::Asked;
};

// More time that somebody asked for. The last one is kept: for who comes later to know how it went.
struct Motion {
    PersonId by;
    Duration length;
    std::string reason;
    MotionStage stage = MotionStage::Asked;
    WallTime until = {};                    // of the vote
    std::map<PersonId, bool> ballots = {};  // while it goes on: who voted, and whether yes
    int64_t yes = 0;                        // of the vote that ended
    int64_t no = 0;
    bool is_open() const { return stage == MotionStage::Asked || stage == MotionStage::Voting; }
};

inline constexpr int64_t kNotWarned = 1'000'000;

// A meeting is a link under which people sit, once or again after a break.
struct State {
    enum class Phase : uint8_t { None, Open, Ended };
    Phase phase = Phase::None;
    std::string id;
    std::string title;
    std::string owner;  // account id
    policy::Terms terms;
    WallTime created_at;
    std::optional<PlannedTime> plan;
    std::optional<WallTime> started_at;
    WallTime ends_at;  // once started; moved by extensions and pauses
    std::optional<WallTime> live_at;
    std::optional<WallTime> paused_until;
    std::optional<WallTime> ended_at;
    std::optional<WallTime> closed_at;  // the last sitting
    Closing closing = Closing::Chair;
    Duration extended;
    Duration paused;              // all pauses together
    int64_t warned = kNotWarned;  // the last warning, minutes left
    bool is_suspended = false;
    bool is_locked = false;
    int64_t number = 0;    // of the last event
    WallTime empty_since;  // while nobody is in
    std::optional<Motion> motion;

    std::map<PersonId, Person> people;
    std::map<std::string, Invitation> invitations;
    Floor floor;
    std::vector<AgendaSet::Item> agenda;
    int64_t agenda_item = 0;
    WallTime agenda_since;
    std::vector<Message> messages;
    std::vector<Question> questions;

    bool is_voting() const { return motion && motion->stage == MotionStage::Voting; }
    bool is_running() const { return phase == Phase::Open && started_at.has_value(); }
    const Person* find(const PersonId& wanted) const;
    // An agent is one person in a meeting.
    const Person* find_account(const std::string& account) const;
    // Who chairs, or did until they left; nullptr before the start.
    const Person* chair() const;
    bool rests(WallTime now) const { return closed_at && now < *closed_at + terms.rest; }
};

}  // namespace conclave::meeting
