// Which sections each event changes.
#include <type_traits>

#include "live/view.h"

namespace conclave::live {
namespace {

using meeting::Admitted;
using meeting::AgendaMoved;
using meeting::AgendaSet;
using meeting::AirtimeNoted;
using meeting::AllFreed;
using meeting::Arrived;
using meeting::Asked;
using meeting::Connected;
using meeting::Continued;
using meeting::Erased;
using meeting::Extended;
using meeting::FloorChanged;
using meeting::FloorGiven;
using meeting::Gone;
using meeting::HandLowered;
using meeting::HandMoved;
using meeting::HandRaised;
using meeting::Locked;
using meeting::MotionClosed;
using meeting::Paused;
using meeting::Person;
using meeting::PersonId;
using meeting::QuestionMoved;
using meeting::QueueOrdered;
using meeting::RoleChanged;
using meeting::Said;
using meeting::SendingChanged;
using meeting::Started;
using meeting::Suspended;
using meeting::TimeAsked;
using meeting::VoteCalled;
using meeting::Warned;
using meeting::WentLive;

template <class Happened, class... Kinds>
inline constexpr bool kIsOneOf = (std::is_same_v<Happened, Kinds> || ...);

}  // namespace

void Changes::note(const meeting::State& before, const meeting::Event& event) {
    // What counts is how it was at the last message: the first note stays.
    const auto note_person = [&](const PersonId& id) {
        const Person* person = before.find(id);
        people.try_emplace(id, Seen{person && may_see(before, Audience::Member, *person),
                                    person && may_see(before, Audience::Viewer, *person)});
    };
    const auto visitor = [&](const auto& happened) {
        using Happened = std::decay_t<decltype(happened)>;
        if constexpr (kIsOneOf<Happened, Arrived, Admitted, Connected, Gone, RoleChanged, SendingChanged>)
            note_person(happened.person);
        if constexpr (kIsOneOf<Happened, AllFreed>) {
            for (const auto& [id, person] : before.people) {
                if (person.sending(happened.source) != meeting::Sending::Free) note_person(id);
            }
        }
        if constexpr (kIsOneOf<Happened, Arrived>) lobby = lobby || happened.needs_admission;
        if constexpr (kIsOneOf<Happened, Arrived, Admitted, Connected, Gone>) {
            const Person* person = before.find(happened.person);
            lobby = lobby || (person && person->needs_admission);
            // Who comes back was heard before.
            airtime = airtime || (person && !person->is_in() && person->spoken > Duration{});
            count = count || !kIsOneOf<Happened, Connected>;
        }
        if constexpr (kIsOneOf<Happened, Gone, HandRaised, HandLowered, HandMoved, QueueOrdered, FloorGiven,
                               FloorChanged>)
            floor = true;
        // Whether viewers are told of somebody in the queue goes by the role.
        if constexpr (kIsOneOf<Happened, RoleChanged>)
            floor = floor || before.floor.find(happened.person) != nullptr;
        if constexpr (kIsOneOf<Happened, FloorGiven>) {
            note_person(happened.person);
            note_person(before.floor.holder);
        }
        if constexpr (kIsOneOf<Happened, Started, WentLive, Warned, Extended, Paused, Continued, Suspended>)
            clock = true;
        if constexpr (kIsOneOf<Happened, Extended, Paused, Continued, Locked>) meeting = true;
        if constexpr (kIsOneOf<Happened, TimeAsked, VoteCalled, MotionClosed>) motion = true;
        if constexpr (kIsOneOf<Happened, Extended>) motion = motion || before.motion.has_value();
        if constexpr (kIsOneOf<Happened, Started, AgendaSet, AgendaMoved>) agenda = true;
        if constexpr (kIsOneOf<Happened, AirtimeNoted>) {
            airtime = true;
            floor = floor || happened.overlap > Duration{};
        }
        if constexpr (kIsOneOf<Happened, Said>) messages.insert(event.number);
        if constexpr (kIsOneOf<Happened, Erased>) erased.insert(happened.event);
        if constexpr (kIsOneOf<Happened, Erased, Asked, QuestionMoved>) questions = true;
    };
    std::visit(visitor, event.what);
}

}  // namespace conclave::live
