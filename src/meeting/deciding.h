// What the parts of decide() share.
#pragma once

#include "meeting/authority.h"
#include "meeting/meeting.h"

namespace conclave::meeting {

struct Deciding {
    const State& state;
    const std::string& by;
    WallTime now;

    // Whoever asks, when they are in the meeting.
    const Person* actor() const {
        const Person* person = state.find(by);
        return person && person->is_in() ? person : nullptr;
    }
    // Ok when the one who asks may do this in a meeting that is going on.
    Result<Ok, Refusal> require(Act act) const {
        const Person* person = actor();
        if (!person) return Unexpected{Refusal::NotInMeeting};
        if (!may(state, *person, act)) return Unexpected{Refusal::NotAllowed};
        return Ok{};
    }
    Result<const Person*, Refusal> require_in(const PersonId& id) const {
        const Person* person = state.find(id);
        if (!person || !person->is_in()) return Unexpected{Refusal::NoSuchPerson};
        return person;
    }
};

// Events under way: numbered and signed in the order in which they are added.
class Draft {
 public:
    explicit Draft(const Deciding& c) : context_(c) {}
    Draft& add(What what) {
        const auto number = context_.state.number + static_cast<int64_t>(events_.size()) + 1;
        events_.push_back({number, context_.now, context_.by, std::move(what)});
        return *this;
    }
    Events take() { return std::move(events_); }

 private:
    const Deciding& context_;
    Events events_;
};

inline Decision nothing() {
    return Events{};
}
inline Decision deny(Refusal refusal) {
    return Unexpected{refusal};
}
inline Decision one(const Deciding& context, What what) {
    return Draft(context).add(std::move(what)).take();
}
Result<std::string, Refusal> clean(std::string_view text, size_t characters_max);

// By topic: people.cc, queue.cc, floor.cc, extension.cc, clock.cc, talk.cc.
Decision decide(const Deciding&, const Arrive&);
Decision decide(const Deciding&, const Connect&);
Decision decide(const Deciding&, const Disconnect&);
Decision decide(const Deciding&, const OverrideRest&);
Decision decide(const Deciding&, const Leave&);
Decision decide(const Deciding&, const Admit&);
Decision decide(const Deciding&, const Refuse&);
Decision decide(const Deciding&, const Remove&);
Decision decide(const Deciding&, const SetRole&);
Decision decide(const Deciding&, const Lock&);
Decision decide(const Deciding&, const Invite&);
Decision decide(const Deciding&, const RevokeInvitation&);

Decision decide(const Deciding&, const NoteAirtime&);
Decision decide(const Deciding&, const RaiseHand&);
Decision decide(const Deciding&, const LowerHand&);
Decision decide(const Deciding&, const MoveHand&);
Decision decide(const Deciding&, const SetFloor&);

Decision decide(const Deciding&, const GiveFloor&);
Decision decide(const Deciding&, const ReleaseFloor&);
Decision decide(const Deciding&, const Stop&);
Decision decide(const Deciding&, const Allow&);
Decision decide(const Deciding&, const Resume&);

Decision decide(const Deciding&, const Tick&);
Decision decide(const Deciding&, const Extend&);
Decision decide(const Deciding&, const AskTime&);
Decision decide(const Deciding&, const CallVote&);
Decision decide(const Deciding&, const CastVote&);
Decision decide(const Deciding&, const WithdrawMotion&);
// Of a vote whose time is up; a step of Tick.
Events close_vote(const Deciding&);

Decision decide(const Deciding&, const Pause&);
Decision decide(const Deciding&, const Continue&);
Decision decide(const Deciding&, const SetAgenda&);
Decision decide(const Deciding&, const MoveAgenda&);
Decision decide(const Deciding&, const GoLive&);
Decision decide(const Deciding&, const Close&);

Decision decide(const Deciding&, const Say&);
Decision decide(const Deciding&, const Erase&);
Decision decide(const Deciding&, const Ask&);
Decision decide(const Deciding&, const MoveQuestion&);

}  // namespace conclave::meeting
