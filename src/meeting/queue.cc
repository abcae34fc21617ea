// Who is next: hands raised, and the order in which they come to the floor.
#include <algorithm>
#include <map>
#include <tuple>

#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

using policy::FloorOrder;

// Two people who spoke about as long count as equal: then the first come is first.
constexpr Duration kAirtimeStep = Duration::seconds(10);

using Order = std::vector<PersonId>;
using Spoken = std::map<PersonId, Duration>;

Spoken spoken_by_those_in(const State& state, const Floor& floor) {
    Spoken spoken;
    for (const FloorRequest& request : floor.queue) {
        if (const Person* person = state.find(request.person)) spoken[request.person] = person->spoken;
    }
    return spoken;
}

Order order_of(const Floor& floor) {
    Order order;
    for (const FloorRequest& request : floor.queue) order.push_back(request.person);
    return order;
}

// As least airtime has it: whoever spoke less comes first, of equals whoever asked first. Those whom the
// chair moved stay at the places where they are.
Order fair_order(const Floor& floor, Spoken spoken) {
    std::vector<FloorRequest> others;
    std::copy_if(floor.queue.begin(), floor.queue.end(), std::back_inserter(others),
                 [](const FloorRequest& request) { return !request.is_pinned; });
    const auto rank = [&](const FloorRequest& request) {
        return std::tuple(spoken[request.person].us / kAirtimeStep.us, request.since);
    };
    std::stable_sort(others.begin(), others.end(),
                     [&](const FloorRequest& a, const FloorRequest& b) { return rank(a) < rank(b); });
    Order order;
    auto next = others.begin();
    for (const FloorRequest& request : floor.queue)
        order.push_back(request.is_pinned ? request.person : (next++)->person);
    return order;
}

}  // namespace

// The order is kept true while people wait: whoever speaks meanwhile falls back.
Decision decide(const Deciding& context, const NoteAirtime& wish) {
    if (!context.by.empty()) return deny(Refusal::NotAllowed);
    const Floor& floor = context.state.floor;
    Spoken spoken = spoken_by_those_in(context.state, floor);
    // As the record will have it: in whole milliseconds.
    AirtimeNoted noted{.shares = {}, .overlap = Duration::millis(wish.overlap.ms())};
    for (const AirtimeNoted::Share& share : wish.shares) {
        if (!context.state.find(share.person)) continue;
        noted.shares.push_back({share.person, Duration::millis(share.spoken.ms())});
        spoken[share.person] = spoken[share.person] + noted.shares.back().spoken;
    }
    if (noted.shares.empty()) return nothing();
    Draft draft(context);
    draft.add(std::move(noted));
    if (floor.order == FloorOrder::LeastAirtime) {
        Order order = fair_order(floor, std::move(spoken));
        if (order != order_of(floor)) draft.add(QueueOrdered{std::move(order)});
    }
    return draft.take();
}

Decision decide(const Deciding& context, const RaiseHand& wish) {
    TRY(context.require(Act::Speak));
    if (!context.state.is_running()) return deny(Refusal::NotNow);
    const Floor& floor = context.state.floor;
    // Asked twice, wanted once: the place in the queue stays.
    if (floor.find(context.by)) return nothing();
    if (floor.holder == context.by) return nothing();
    if (floor.queue.size() >= kQueueMax) return deny(Refusal::QueueFull);
    const auto last = static_cast<uint32_t>(floor.queue.size());
    if (floor.order == FloorOrder::FirstCome) return one(context, HandRaised{context.by, wish.reason, last});
    Floor after = floor;
    after.queue.push_back({.person = context.by, .reason = wish.reason, .since = context.now});
    Order order = fair_order(after, spoken_by_those_in(context.state, after));
    const auto place = std::find(order.begin(), order.end(), context.by) - order.begin();
    Draft draft(context);
    draft.add(HandRaised{context.by, wish.reason, static_cast<uint32_t>(place)});
    // Others may have to make room for one that the chair moved.
    Order raised = order_of(floor);
    raised.insert(raised.begin() + place, context.by);
    if (order != raised) draft.add(QueueOrdered{std::move(order)});
    return draft.take();
}

Decision decide(const Deciding& context, const LowerHand& wish) {
    const bool is_own = wish.person.empty() || wish.person == context.by;
    TRY(context.require(is_own ? Act::Speak : Act::LeadFloor));
    const PersonId person = is_own ? context.by : wish.person;
    if (!context.state.floor.find(person)) return is_own ? nothing() : deny(Refusal::NoSuchPerson);
    return one(context, HandLowered{person});
}

Decision decide(const Deciding& context, const MoveHand& wish) {
    TRY(context.require(Act::LeadFloor));
    const std::vector<FloorRequest>& queue = context.state.floor.queue;
    const FloorRequest* request = context.state.floor.find(wish.person);
    if (!request) return deny(Refusal::NoSuchPerson);
    if (wish.position < 0) return deny(Refusal::NoSuchThing);
    const auto position = std::min(wish.position, static_cast<int64_t>(queue.size()) - 1);
    if (position == request - queue.data()) return nothing();
    return one(context, HandMoved{wish.person, static_cast<uint32_t>(position)});
}

Decision decide(const Deciding& context, const SetFloor& wish) {
    TRY(context.require(Act::LeadFloor));
    const Floor& floor = context.state.floor;
    FloorChanged changed{wish.mode.value_or(floor.mode), wish.order.value_or(floor.order),
                         wish.turn_limit.value_or(floor.turn_limit)};
    if (changed.turn_limit < Duration{} || changed.turn_limit > policy::kTurnLimitMax)
        return deny(Refusal::TooMuch);
    if (changed.mode == floor.mode && changed.order == floor.order && changed.turn_limit == floor.turn_limit)
        return nothing();
    Draft draft(context);
    draft.add(changed);
    if (changed.order == FloorOrder::LeastAirtime && floor.order != FloorOrder::LeastAirtime) {
        Floor unpinned = floor;
        for (FloorRequest& request : unpinned.queue) request.is_pinned = false;
        Order order = fair_order(unpinned, spoken_by_those_in(context.state, floor));
        if (order != order_of(floor)) draft.add(QueueOrdered{std::move(order)});
    }
    return draft.take();
}

}  // namespace conclave::meeting
