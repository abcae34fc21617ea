// What happened in a meeting. A meeting is the sum of its events; they are recorded before anybody is told.
//
// Each event names its fields once, for the record (record.h) to write and to read. personal() marks what
// must be erasable: it is kept beside the record and can be forgotten while the chain of records stays whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "meeting/words.h"
#include "policy/terms.h"

namespace conclave::meeting {

struct Created {
    static constexpr std::string_view kKind = "created";
    std::string id, title, owner;  // owner: account id
    policy::Terms terms;
    template <class F>
    void fields(F& f) {
        f("id", id), f("owner", owner), f("terms", terms), f.personal("title", title);
    }
};
// When people are to meet. Whoever comes at another time is not hindered.
struct Planned {
    static constexpr std::string_view kKind = "planned";
    WallTime begin;
    Duration length;
    Duration utc_offset;  // of the place for which it is planned, at its beginning
    std::string zone;     // that place's name (IANA), for people to read
    template <class F>
    void fields(F& f) {
        f("begin", begin), f("length", length), f("utc_offset", utc_offset), f("zone", zone);
    }
};
// Somebody came to the door: let in at once, or left waiting.
struct Arrived {
    static constexpr std::string_view kKind = "arrived";
    PersonId person;
    Kind kind = Kind::Guest;
    std::string account = {};     // empty for a guest
    std::string invitation = {};  // id; empty without
    std::string name = {};
    Role role = Role::Participant;
    bool is_let_in = false;
    bool needs_admission = false;
    template <class F>
    void fields(F& f) {
        f("person", person), f("kind", kind), f("account", account), f("invitation", invitation);
        f("role", role), f("let_in", is_let_in), f("needs_admission", needs_admission);
        f.personal("name", name);
    }
};
struct Admitted {
    static constexpr std::string_view kKind = "admitted";
    PersonId person;
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct Connected {
    static constexpr std::string_view kKind = "connected";
    PersonId person;
    bool is_connected = false;
    template <class F>
    void fields(F& f) {
        f("person", person), f("connected", is_connected);
    }
};
// Gave up the seat or the wait, or was made to.
struct Gone {
    static constexpr std::string_view kKind = "gone";
    PersonId person;
    Presence presence = Presence::Left;
    template <class F>
    void fields(F& f) {
        f("person", person), f("presence", presence);
    }
};
struct RoleChanged {
    static constexpr std::string_view kKind = "role";
    PersonId person;
    Role role = Role::Participant;
    template <class F>
    void fields(F& f) {
        f("person", person), f("role", role);
    }
};
struct Locked {
    static constexpr std::string_view kKind = "locked";
    bool is_locked = false;
    template <class F>
    void fields(F& f) {
        f("locked", is_locked);
    }
};
struct SendingChanged {
    static constexpr std::string_view kKind = "sending";
    PersonId person;
    Source source = Source::Microphone;
    Sending sending = Sending::Free;
    template <class F>
    void fields(F& f) {
        f("person", person), f("source", source), f("sending", sending);
    }
};
// What was stopped or blocked is free again, for everybody; also for who left and may come back.
struct AllFreed {
    static constexpr std::string_view kKind = "all_freed";
    Source source = Source::Microphone;
    template <class F>
    void fields(F& f) {
        f("source", source);
    }
};

struct Invited {
    static constexpr std::string_view kKind = "invited";
    std::string id;
    std::string secret_hash;  // SHA-256, hex
    std::string name;         // of the guest; may be empty
    Role role = Role::Participant;
    WallTime expires_at;
    template <class F>
    void fields(F& f) {
        f("id", id), f("secret_hash", secret_hash), f("role", role), f("expires_at", expires_at);
        f.personal("name", name);
    }
};
// ... and written to, after Invited: at an address, which may be an agent's own.
struct InvitationMailed {
    static constexpr std::string_view kKind = "invitation_mailed";
    std::string id;
    std::string account;   // of the agent; empty: somebody from outside
    std::string language;  // of what is written: "fr"
    std::string email;
    template <class F>
    void fields(F& f) {
        f("id", id), f("account", account), f("language", language), f.personal("email", email);
    }
};
struct InvitationRevoked {
    static constexpr std::string_view kKind = "invitation_revoked";
    std::string id;
    template <class F>
    void fields(F& f) {
        f("id", id);
    }
};

struct HandRaised {
    static constexpr std::string_view kKind = "hand_raised";
    PersonId person;
    Reason reason = Reason::Speak;
    uint32_t position = 0;  // in the queue, from 0
    template <class F>
    void fields(F& f) {
        f("person", person), f("reason", reason), f("position", position);
    }
};
struct HandLowered {
    static constexpr std::string_view kKind = "hand_lowered";
    PersonId person;
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct HandMoved {
    static constexpr std::string_view kKind = "hand_moved";
    PersonId person;
    uint32_t position = 0;
    template <class F>
    void fields(F& f) {
        f("person", person), f("position", position);
    }
};
// Of those who wait, the next one first: as least airtime has it.
struct QueueOrdered {
    static constexpr std::string_view kKind = "queue_ordered";
    std::vector<PersonId> people;
    template <class F>
    void fields(F& f) {
        f("people", people);
    }
};
struct FloorGiven {
    static constexpr std::string_view kKind = "floor_given";
    PersonId person;  // empty: nobody has it
    template <class F>
    void fields(F& f) {
        f("person", person);
    }
};
struct FloorChanged {
    static constexpr std::string_view kKind = "floor";
    policy::FloorMode mode = policy::FloorMode::Open;
    policy::FloorOrder order = policy::FloorOrder::FirstCome;
    Duration turn_limit;
    template <class F>
    void fields(F& f) {
        f("mode", mode), f("order", order), f("turn_limit", turn_limit);
    }
};
// How long people were heard, since the last such event.
struct AirtimeNoted {
    static constexpr std::string_view kKind = "airtime";
    struct Share {
        PersonId person;
        Duration spoken;
        template <class F>
        void fields(F& f) {
            f("person", person), f("spoken", spoken);
        }
    };
    std::vector<Share> shares;
    Duration overlap;  // two or more at once
    template <class F>
    void fields(F& f) {
        f("shares", shares), f("overlap", overlap);
    }
};

struct Started {
    static constexpr std::string_view kKind = "started";
    template <class F>
    void fields(F&) {}
};
struct WentLive {
    static constexpr std::string_view kKind = "live";
    template <class F>
    void fields(F&) {}
};
struct Warned {
    static constexpr std::string_view kKind = "warned";
    int64_t minutes = 0;  // left; 0: the grace begins
    template <class F>
    void fields(F& f) {
        f("minutes", minutes);
    }
};
struct Extended {
    static constexpr std::string_view kKind = "extended";
    Duration by;
    std::string reason;
    template <class F>
    void fields(F& f) {
        f("by", by), f.personal("reason", reason);
    }
};
// More time was asked for; a motion that waited for its answer gives way.
struct TimeAsked {
    static constexpr std::string_view kKind = "time_asked";
    Duration length;
    std::string reason;
    template <class F>
    void fields(F& f) {
        f("length", length), f.personal("reason", reason);
    }
};
struct VoteCalled {
    static constexpr std::string_view kKind = "vote_called";
    Duration open_for;
    template <class F>
    void fields(F& f) {
        f("open_for", open_for);
    }
};
// Once or again, until the vote ends. That somebody voted stays in the record; what, is theirs.
struct VoteCast {
    static constexpr std::string_view kKind = "vote_cast";
    bool is_yes = false;
    template <class F>
    void fields(F& f) {
        f.personal("yes", is_yes);
    }
};
struct MotionClosed {
    static constexpr std::string_view kKind = "motion_closed";
    MotionStage stage = MotionStage::Withdrawn;
    int64_t yes = 0;
    int64_t no = 0;
    template <class F>
    void fields(F& f) {
        f("stage", stage), f("yes", yes), f("no", no);
    }
};
struct Paused {
    static constexpr std::string_view kKind = "paused";
    Duration length;
    template <class F>
    void fields(F& f) {
        f("length", length);
    }
};
struct Continued {
    static constexpr std::string_view kKind = "continued";
    template <class F>
    void fields(F&) {}
};
// Nobody chairs, so nobody is heard.
struct Suspended {
    static constexpr std::string_view kKind = "suspended";
    bool is_suspended = true;
    template <class F>
    void fields(F& f) {
        f("suspended", is_suspended);
    }
};
struct AgendaSet {
    static constexpr std::string_view kKind = "agenda";
    struct Item {
        std::string title;
        Duration length;
        template <class F>
        void fields(F& f) {
            f("title", title), f("length", length);
        }
        bool operator==(const Item&) const = default;
    };
    std::vector<Item> items;
    template <class F>
    void fields(F& f) {
        f.personal("items", items);
    }
};
struct AgendaMoved {
    static constexpr std::string_view kKind = "agenda_moved";
    int64_t item = 0;  // that is dealt with now, from 0; as many as there are: all done
    template <class F>
    void fields(F& f) {
        f("item", item);
    }
};

struct Said {
    static constexpr std::string_view kKind = "said";
    PersonId to;  // empty: to all
    std::string text;
    template <class F>
    void fields(F& f) {
        f("to", to), f.personal("text", text);
    }
};
// Of a message or a question, by the number of its event.
struct Erased {
    static constexpr std::string_view kKind = "erased";
    int64_t event = 0;
    template <class F>
    void fields(F& f) {
        f("event", event);
    }
};
struct Asked {
    static constexpr std::string_view kKind = "asked";
    std::string text;
    template <class F>
    void fields(F& f) {
        f.personal("text", text);
    }
};
struct QuestionMoved {
    static constexpr std::string_view kKind = "question";
    int64_t question = 0;  // the number of its event
    QuestionState state = QuestionState::Asked;
    template <class F>
    void fields(F& f) {
        f("question", question), f("state", state);
    }
};

// The break before a meeting was skipped, for an emergency.
struct RestOverridden {
    static constexpr std::string_view kKind = "rest_overridden";
    std::string account;
    std::string reason;
    template <class F>
    void fields(F& f) {
        f("account", account), f.personal("reason", reason);
    }
};
// A sitting is over: everybody is sent away, and the room rests. What was said in it is forgotten.
struct Closed {
    static constexpr std::string_view kKind = "closed";
    Closing reason = Closing::Chair;
    template <class F>
    void fields(F& f) {
        f("reason", reason);
    }
};
// For good: the link opens nothing any more.
struct Ended {
    static constexpr std::string_view kKind = "ended";
    template <class F>
    void fields(F&) {}
};

using What =
    std::variant<Created, Planned, Arrived, Admitted, Connected, Gone, RoleChanged, Locked, SendingChanged,
                 AllFreed, Invited, InvitationMailed, InvitationRevoked, HandRaised, HandLowered, HandMoved,
                 QueueOrdered, FloorGiven, FloorChanged, AirtimeNoted, Started, WentLive, Warned, Extended,
                 TimeAsked, VoteCalled, VoteCast, MotionClosed, Paused, Continued, Suspended, AgendaSet,
                 AgendaMoved, Said, Erased, Asked, QuestionMoved, RestOverridden, Closed, Ended>;

struct Event {
    int64_t number = 0;  // in its meeting, from 1 without a gap
    WallTime at;
    std::string by;  // a PersonId, the owner's account id, or empty: the server's clock
    What what;
};
using Events = std::vector<Event>;

}  // namespace conclave::meeting
