// Chance for tests: people, commands that make sense and commands that make none.
#pragma once

#include <string>
#include <vector>

#include "base/rng.h"
#include "meeting/command.h"
#include "meeting/state.h"

namespace conclave::meeting {

class Chance {
 public:
    explicit Chance(uint64_t seed) : rng_(seed) {}
    size_t below(size_t n) { return rng_.u32() % n; }
    bool one_in(size_t n) { return below(n) == 0; }
    template <class T>
    const T& of(const std::vector<T>& all) {
        return all[below(all.size())];
    }
    template <class E>
    E any(E last) {
        return static_cast<E>(below(static_cast<size_t>(last) + 1));
    }
    // A multiple of 100 ms: mostly moments, sometimes minutes.
    Duration delay() {
        if (one_in(10)) return Duration::millis(100 * static_cast<int64_t>(below(6000)));
        return Duration::millis(100 * static_cast<int64_t>(below(40)));
    }
    Duration length() { return Duration::millis(100 * static_cast<int64_t>(below(9000)) - 1000); }
    std::string text() {
        static const std::vector<std::string> kTexts = {
            "hello", "/main", "/hand ", "", "\xff", "a\nb", "caf\xc3\xa9", std::string(5000, 'x')};
        return of(kTexts);
    }

 private:
    SeededRng rng_;
};

inline SetFloor any_floor(Chance& chance) {
    SetFloor wish;
    if (chance.one_in(2)) wish.mode = chance.any(policy::FloorMode::Strict);
    if (chance.one_in(2)) wish.order = chance.any(policy::FloorOrder::LeastAirtime);
    if (chance.one_in(4)) wish.turn_limit = chance.length();
    return wish;
}

inline SetAgenda any_agenda(Chance& chance) {
    SetAgenda wish;
    for (size_t i = chance.below(3); i > 0; --i)
        wish.items.push_back({chance.one_in(9) ? chance.text() : "item", chance.length()});
    return wish;
}

inline Wanted any_motion(Chance& chance) {
    switch (chance.below(8)) {
        case 0:
        case 1:
            return AskTime{chance.length(), chance.text()};
        case 2:
            return CallVote{};
        case 3:
            return CallVote{chance.length(), chance.text()};
        case 4:
            if (chance.one_in(3)) return WithdrawMotion{};
            [[fallthrough]];
        default:
            return CastVote{chance.one_in(2)};
    }
}

// What a client may send, made up.
inline Wanted any_wish(Chance& chance, const State& state, const std::vector<PersonId>& people) {
    const PersonId who = chance.one_in(8) ? PersonId() : chance.of(people);
    const auto number = [&]() -> int64_t {
        if (chance.one_in(2) && !state.questions.empty()) return chance.of(state.questions).number;
        if (chance.one_in(2) && !state.messages.empty()) return chance.of(state.messages).number;
        return static_cast<int64_t>(chance.below(static_cast<size_t>(state.number) + 3));
    };
    switch (chance.below(31)) {
        case 0:
            return Leave{};
        case 1:
            return Admit{who};
        case 2:
            return Refuse{who};
        case 3:
            return Remove{who, chance.one_in(4)};
        case 4:
            return SetRole{who, chance.any(Role::Chair)};
        case 5:
            return Lock{chance.one_in(2)};
        case 6:
            return LowerHand{who};
        case 7:
            if (!state.floor.queue.empty())
                return MoveHand{chance.of(state.floor.queue).person, chance.one_in(2)};
            return MoveHand{who, static_cast<int64_t>(chance.below(8)) - 1};
        case 8:
        case 9:
            return GiveFloor{who};
        case 10:
            return ReleaseFloor{};
        case 11:
            return any_floor(chance);
        case 12:
            return Stop{who, chance.any(Source::Screen), chance.one_in(2)};
        case 13:
            return Allow{chance.one_in(2) ? who : PersonId(), chance.any(Source::Screen)};
        case 14:
            return Resume{chance.any(Source::Screen)};
        case 15:
            return Extend{chance.length(), chance.text()};
        case 16:
            return Pause{chance.length()};
        case 17:
            return Continue{};
        case 18:
            return any_agenda(chance);
        case 19:
            return MoveAgenda{static_cast<int64_t>(chance.below(4)) - 1};
        case 20:
            return Say{chance.one_in(3) ? who : PersonId(), chance.text()};
        case 21:
            return Erase{number()};
        case 22:
            return Ask{chance.text()};
        case 23:
            return MoveQuestion{number(), chance.any(QuestionState::Dismissed)};
        case 24:
            return GoLive{};
        case 25:
        case 26:
            return any_motion(chance);
        case 27:
            if (chance.one_in(6)) return Close{};
            return RaiseHand{chance.any(Reason::Technical)};
        default:
            return RaiseHand{chance.any(Reason::Technical)};
    }
}

inline policy::Terms any_terms(Chance& chance) {
    policy::Terms terms;
    terms.format = chance.one_in(3) ? policy::Format::Webinar : policy::Format::Meeting;
    terms.floor_mode = chance.any(policy::FloorMode::Strict);
    terms.floor_order = chance.any(policy::FloorOrder::LeastAirtime);
    terms.has_history = chance.one_in(2);
    if (chance.one_in(2)) terms.length = Duration::minutes(5 + static_cast<int64_t>(chance.below(10)));
    return terms;
}

}  // namespace conclave::meeting
