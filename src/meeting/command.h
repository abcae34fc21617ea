// What people, and the clock, ask of a meeting.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "meeting/event.h"

namespace conclave::meeting {

// Of the server itself, on somebody's behalf or the clock's: nobody can send these.
struct Create {
    std::string id;  // of make_id()
    std::string title, owner;
    policy::Terms terms;
};
struct Plan {  // by the owner (`by` is an account id), through the REST API: policy has been asked
    WallTime begin;
    Duration length;
    Duration utc_offset;
    std::string zone;
};
struct Arrive {  // whoever admission let in or told to wait
    PersonId person;
    Kind kind = Kind::Guest;
    std::string account, name, invitation;
    bool needs_admission = false;
};
struct Connect {};     // the meeting socket of `by` is open
struct Disconnect {};  // ... and gone
struct Tick {};
struct NoteAirtime {
    std::vector<AirtimeNoted::Share> shares;
    Duration overlap;
};
struct OverrideRest {
    std::string account, reason;
};

// Of people in the meeting. Each names its word and its fields, for the message (live/request.h) to be read.
struct Leave {
    static constexpr std::string_view kDo = "leave";
    template <class F>
    void fields(F&) {}
};
struct Admit {
    static constexpr std::string_view kDo = "admit";
    PersonId person;  // empty: all
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct Refuse {
    static constexpr std::string_view kDo = "refuse";
    PersonId person;
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct Remove {
    static constexpr std::string_view kDo = "remove";
    PersonId person;
    bool for_good = false;
    template <class F>
    void fields(F& f) {
        f.required("person", person), f("for_good", for_good);
    }
};
struct SetRole {
    static constexpr std::string_view kDo = "set_role";
    PersonId person;
    Role role = Role::Participant;
    template <class F>
    void fields(F& f) {
        f.required("person", person), f.required("role", role);
    }
};
struct Lock {
    static constexpr std::string_view kDo = "lock";
    bool is_locked = false;
    template <class F>
    void fields(F& f) {
        f.required("locked", is_locked);
    }
};
struct Invite {  // through the REST API
    std::string id, secret_hash, name;
    Role role = Role::Participant;
    Duration valid = Duration::minutes(7 * 24 * 60);
    // Of whom it is mailed to; an agent (`account`) needs no secret.
    std::string email = {}, account = {}, language = {};
};
struct RevokeInvitation {  // through the REST API
    std::string id;
};
struct RaiseHand {
    static constexpr std::string_view kDo = "raise_hand";
    Reason reason = Reason::Speak;
    template <class F>
    void fields(F& f) {
        f("reason", reason);
    }
};
struct LowerHand {
    static constexpr std::string_view kDo = "lower_hand";
    PersonId person;  // empty: one's own
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct MoveHand {
    static constexpr std::string_view kDo = "move_hand";
    PersonId person;
    int64_t position = 0;
    template <class F>
    void fields(F& f) {
        f.required("person", person), f.required("position", position);
    }
};
struct GiveFloor {
    static constexpr std::string_view kDo = "give_floor";
    PersonId person;  // empty: the first of the queue
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct ReleaseFloor {  // by the holder, or taken back by the chair
    static constexpr std::string_view kDo = "release_floor";
    template <class F>
    void fields(F&) {}
};
struct SetFloor {
    static constexpr std::string_view kDo = "set_floor";
    std::optional<policy::FloorMode> mode;
    std::optional<policy::FloorOrder> order;
    std::optional<Duration> turn_limit;
    template <class F>
    void fields(F& f) {
        f("mode", mode), f("order", order), f("turn_limit", turn_limit);
    }
};
struct Stop {
    static constexpr std::string_view kDo = "stop";
    PersonId person;  // empty: everybody but those who lead and the holder of the floor
    Source source = Source::Microphone;
    bool is_blocked = false;
    template <class F>
    void fields(F& f) {
        f("person", person), f.required("source", source), f("blocked", is_blocked);
    }
};
struct Allow {  // by the chair: what was stopped or blocked is free again
    static constexpr std::string_view kDo = "allow";
    PersonId person;  // empty: everybody
    Source source = Source::Microphone;
    template <class F>
    void fields(F& f) {
        f("person", person), f.required("source", source);
    }
};
struct Resume {  // by oneself: what was stopped
    static constexpr std::string_view kDo = "resume";
    Source source = Source::Microphone;
    template <class F>
    void fields(F& f) {
        f.required("source", source);
    }
};
struct Extend {
    static constexpr std::string_view kDo = "extend";
    Duration length;
    std::string reason;
    template <class F>
    void fields(F& f) {
        f.required("length", length), f.required("reason", reason);
    }
};
struct AskTime {
    static constexpr std::string_view kDo = "ask_time";
    Duration length;
    std::string reason;
    template <class F>
    void fields(F& f) {
        f.required("length", length), f.required("reason", reason);
    }
};
struct CallVote {
    static constexpr std::string_view kDo = "call_vote";
    std::optional<Duration> length;  // without: on what was asked for
    std::string reason;
    template <class F>
    void fields(F& f) {
        f("length", length), f("reason", reason);
    }
};
struct CastVote {
    static constexpr std::string_view kDo = "vote";
    bool is_yes = false;
    template <class F>
    void fields(F& f) {
        f.required("yes", is_yes);
    }
};
struct WithdrawMotion {
    static constexpr std::string_view kDo = "withdraw_motion";
    template <class F>
    void fields(F&) {}
};
struct Pause {
    static constexpr std::string_view kDo = "pause";
    Duration length;
    template <class F>
    void fields(F& f) {
        f.required("length", length);
    }
};
struct Continue {
    static constexpr std::string_view kDo = "continue";
    template <class F>
    void fields(F&) {}
};
struct SetAgenda {
    static constexpr std::string_view kDo = "set_agenda";
    std::vector<AgendaSet::Item> items;
    template <class F>
    void fields(F& f) {
        f.required("items", items);
    }
};
struct MoveAgenda {
    static constexpr std::string_view kDo = "move_agenda";
    int64_t item = 0;
    template <class F>
    void fields(F& f) {
        f.required("item", item);
    }
};
struct Say {
    static constexpr std::string_view kDo = "say";
    PersonId to;  // empty: all
    std::string text;
    template <class F>
    void fields(F& f) {
        f("to", to), f("text", text);
    }
};
struct Erase {
    static constexpr std::string_view kDo = "erase";
    int64_t number = 0;
    template <class F>
    void fields(F& f) {
        f.required("number", number);
    }
};
struct Ask {
    static constexpr std::string_view kDo = "ask";
    std::string text;
    template <class F>
    void fields(F& f) {
        f("text", text);
    }
};
struct MoveQuestion {
    static constexpr std::string_view kDo = "move_question";
    int64_t number = 0;
    QuestionState state = QuestionState::Asked;
    template <class F>
    void fields(F& f) {
        f.required("number", number), f.required("state", state);
    }
};
struct GoLive {
    static constexpr std::string_view kDo = "go_live";
    template <class F>
    void fields(F&) {}
};
struct Close {  // the sitting
    static constexpr std::string_view kDo = "close";
    template <class F>
    void fields(F&) {}
};
struct End {};  // the meeting, by its owner (`by` is an account id), through the REST API

using Wanted = std::variant<Create, Plan, Arrive, Connect, Disconnect, Tick, NoteAirtime, OverrideRest, Leave,
                            Admit, Refuse, Remove, SetRole, Lock, Invite, RevokeInvitation, RaiseHand,
                            LowerHand, MoveHand, GiveFloor, ReleaseFloor, SetFloor, Stop, Allow, Resume,
                            Extend, AskTime, CallVote, CastVote, WithdrawMotion, Pause, Continue, SetAgenda,
                            MoveAgenda, Say, Erase, Ask, MoveQuestion, GoLive, Close, End>;

struct Command {
    std::string by;  // a PersonId; for End an account id; empty: the server
    Wanted wanted;
};

}  // namespace conclave::meeting
