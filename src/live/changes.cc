// Which sections each event changes.
#include <type_traits>

#include "live/view.h"

namespace conclave::live {
namespace {

template <class Happened, class... Kinds>
inline constexpr bool kIsOneOf = (std::is_same_v<Happened, Kinds> || ...);

}  // namespace

void Changes::note(const meeting::State& after, const meeting::Event& event,
                   const meeting::PersonId& holder) {
    using namespace meeting;
    const auto note_person = [&](const PersonId& id) {
        people.insert(id);
        const Person* person = after.find(id);
        if (!person || person->role >= Role::Presenter) stage.insert(id);
    };
    const auto visitor = [&](const auto& happened) {
        using Happened = std::decay_t<decltype(happened)>;
        if constexpr (kIsOneOf<Happened, Arrived, Admitted, Connected, Gone, RoleChanged, SendingChanged>)
            note_person(happened.person);
        if constexpr (kIsOneOf<Happened, Arrived, Admitted, Connected, Gone>) lobby = true;
        if constexpr (kIsOneOf<Happened, RoleChanged>) stage.insert(happened.person);
        if constexpr (kIsOneOf<Happened, Gone, HandRaised, HandLowered, HandMoved, FloorGiven, FloorChanged>)
            floor = true;
        if constexpr (kIsOneOf<Happened, FloorGiven>) {
            stage.insert(happened.person);
            stage.insert(holder);
            stage.erase(PersonId());
        }
        if constexpr (kIsOneOf<Happened, Started, WentLive, Warned, Extended, Paused, Continued, Suspended>)
            clock = true;
        if constexpr (kIsOneOf<Happened, Extended, Paused, Continued, Locked>) meeting = true;
        if constexpr (kIsOneOf<Happened, Started, AgendaSet, AgendaMoved>) agenda = true;
        if constexpr (kIsOneOf<Happened, AirtimeNoted>) airtime = true;
        if constexpr (kIsOneOf<Happened, Said>) messages.insert(event.number);
        if constexpr (kIsOneOf<Happened, Erased>) erased.insert(happened.event);
        if constexpr (kIsOneOf<Happened, Erased, Asked, QuestionMoved>) questions = true;
    };
    std::visit(visitor, event.what);
}

}  // namespace conclave::live
