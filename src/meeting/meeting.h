// A meeting and its rules, first storey: it is created by its owner, who can end it.
//
// decide() says what a command leads to and changes nothing; evolve() applies an event and refuses nothing.
// So a meeting is the sum of its recorded events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/rng.h"
#include "base/static_vector.h"
#include "base/time.h"

namespace conclave::meeting {

inline constexpr size_t kTitleCharactersMax = 200;  // proto/openapi.yaml, CreateMeetingRequest

struct State {
    enum class Phase : uint8_t { None, Open, Ended };
    Phase phase = Phase::None;
    std::string id;
    std::string title;
    std::string owner;  // account id
    WallTime created_at;
    WallTime ended_at;
};

struct Create {
    std::string id;  // of make_id()
    std::string title;
    std::string owner;
};
struct End {
    std::string by;  // account id
};
using Command = std::variant<Create, End>;

struct Created {
    std::string id;
    std::string title;
    std::string owner;
    WallTime at;
};
struct Ended {
    WallTime at;
};
using Event = std::variant<Created, Ended>;
// One command leads to one event today; a few later.
using Events = StaticVector<Event, 4>;

enum class Refusal : uint8_t {
    TitleRequired,
    TitleTooLong,
    TitleRefused,  // characters that hide or reorder, or no UTF-8
    BadId,
    AlreadyExists,
    NotOpen,
    NotOwner,
};

Result<Events, Refusal> decide(const State&, const Command&, WallTime now);
void evolve(State&, const Event&);

// The id is the secret of the meeting's link: 20 characters of 5 random bits each (100 bits, of which 96 are
// required), in groups that can be read aloud: "7k2mq-0x9dv-...". The alphabet has no i, l, o, u (Crockford's
// base 32), so nothing can be mistaken.
std::string make_id(Rng&);
bool is_id(std::string_view text);

}  // namespace conclave::meeting
