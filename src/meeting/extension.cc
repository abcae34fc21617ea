// More time: given by who leads, or asked for by whoever takes part and put to the vote.
#include <algorithm>

#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

// Within what the terms allow, and with a reason.
Result<Extended, Refusal> extension(const State& state, Duration length, std::string_view reason) {
    if (!state.is_running()) return Unexpected{Refusal::NotNow};
    if (length < Duration::minutes(1)) return Unexpected{Refusal::TooMuch};
    if (state.extended + length > state.terms.extension_max) return Unexpected{Refusal::TooMuch};
    return Extended{length, TRY(clean(reason, kReasonCharactersMax))};
}

}  // namespace

Decision decide(const Deciding& context, const Extend& wish) {
    TRY(context.require(Act::Extend));
    return one(context, TRY(extension(context.state, wish.length, wish.reason)));
}

Decision decide(const Deciding& context, const AskTime& wish) {
    TRY(context.require(Act::TakePart));
    const State& state = context.state;
    Extended asked = TRY(extension(state, wish.length, wish.reason));
    if (state.motion && state.motion->is_open()) return deny(Refusal::NotNow);
    const bool is_near_end = state.ends_at - context.now <= kMoreTimeWithin;
    if (!is_near_end && !may(state, *context.actor(), Act::Extend)) return deny(Refusal::NotNow);
    return one(context, TimeAsked{asked.by, std::move(asked.reason)});
}

Decision decide(const Deciding& context, const CallVote& wish) {
    TRY(context.require(Act::Extend));
    const State& state = context.state;
    if (!state.is_running() || state.is_voting()) return deny(Refusal::NotNow);
    // It ends before the media do.
    const Duration left = state.ends_at + state.terms.grace - context.now;
    if (left < kVoteLengthMin) return deny(Refusal::NotNow);
    Draft draft(context);
    if (wish.length) {
        Extended asked = TRY(extension(state, *wish.length, wish.reason));
        draft.add(TimeAsked{asked.by, std::move(asked.reason)});
    } else if (!state.motion || !state.motion->is_open()) {
        return deny(Refusal::NotNow);
    }
    return draft.add(VoteCalled{Duration::millis(std::min(left, kVoteLength).ms())}).take();
}

Decision decide(const Deciding& context, const CastVote& wish) {
    TRY(context.require(Act::TakePart));
    if (!context.state.is_voting()) return deny(Refusal::NotNow);
    const auto& ballots = context.state.motion->ballots;
    const auto own = ballots.find(context.by);
    if (own != ballots.end() && own->second == wish.is_yes) return nothing();
    return one(context, VoteCast{wish.is_yes});
}

Decision decide(const Deciding& context, const WithdrawMotion&) {
    const std::optional<Motion>& motion = context.state.motion;
    const bool is_own = motion && motion->by == context.by && motion->stage == MotionStage::Asked;
    TRY(context.require(is_own ? Act::TakePart : Act::Extend));
    if (!motion || !motion->is_open()) return deny(Refusal::NotNow);
    return one(context, MotionClosed{MotionStage::Withdrawn, 0, 0});
}

// More yes than no, of those who voted and are still there: nobody is counted who said nothing.
Events close_vote(const Deciding& context) {
    const State& state = context.state;
    if (!state.is_voting() || context.now < state.motion->until) return {};
    const Motion& motion = *state.motion;
    const auto yes = std::count_if(motion.ballots.begin(), motion.ballots.end(),
                                   [](const auto& ballot) { return ballot.second; });
    const auto no = static_cast<int64_t>(motion.ballots.size()) - yes;
    Draft draft(context);
    if (yes <= no) return draft.add(MotionClosed{MotionStage::Rejected, yes, no}).take();
    draft.add(MotionClosed{MotionStage::Carried, yes, no});
    return draft.add(Extended{motion.length, motion.reason}).take();
}

}  // namespace conclave::meeting
