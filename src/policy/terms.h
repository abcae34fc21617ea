// The one place that answers "is this allowed, and what does it demand?". First storey: what a meeting is
// held under, within what the operator allows. Sensitivity labels and risk analyses will narrow the same
// Terms; nothing else decides them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/time.h"

namespace conclave::policy {

enum class Format : uint8_t { Meeting, Webinar };         // in a webinar whoever is not named only watches
enum class Guests : uint8_t { None, Invited, Link };      // who without an account may come
enum class Lobby : uint8_t { Nobody, Guests, Everyone };  // who waits until somebody lets them in
enum class FloorMode : uint8_t { Open, Chaired, Strict };
enum class FloorOrder : uint8_t { FirstCome, LeastAirtime };
enum class RestRule : uint8_t { Inform, Discourage, Block };

// What a meeting is held under; fixed when it is created, but for the floor.
struct Terms {
    Format format = Format::Meeting;
    Guests guests = Guests::Link;
    Lobby lobby = Lobby::Guests;
    FloorMode floor_mode = FloorMode::Open;
    FloorOrder floor_order = FloorOrder::FirstCome;
    Duration turn_limit = {};  // of one turn on the floor; zero: none
    Duration length = Duration::minutes(40);
    Duration extension_max = Duration::minutes(20);  // all extensions together
    Duration pause_max = Duration::minutes(20);      // all pauses together
    Duration grace = Duration::minutes(1);           // between the end and the end of the media
    Duration rest = Duration::minutes(5);            // before the same person meets again
    RestRule rest_rule = RestRule::Discourage;
    bool has_history = true;  // late joiners read what was written before they came
    bool operator==(const Terms&) const = default;
};

// What whoever creates a meeting asks for; what is absent is as the operator has it.
struct Wish {
    std::optional<Format> format = {};
    std::optional<Guests> guests = {};
    std::optional<Lobby> lobby = {};
    std::optional<FloorMode> floor_mode = {};
    std::optional<FloorOrder> floor_order = {};
    std::optional<Duration> length = {};
    std::optional<Duration> turn_limit = {};
    std::optional<bool> has_history = {};
};

// What the operator allows and prescribes.
struct Rules {
    Terms usual = {};
    Duration length_max = Duration::minutes(40);
    Guests guests_most = Guests::Link;  // no meeting opens wider
    Lobby lobby_least = Lobby::Nobody;  // no meeting asks less
};

enum class Refusal : uint8_t {
    TooLong,        // longer than the operator allows
    TooShort,       // a meeting is at least kLengthMin long
    GuestsTooWide,  // guests come in by a way that the operator does not allow
    LobbyTooOpen,
    BadTurnLimit,  // beyond kTurnLimitMax
};
std::string_view code(Refusal);

inline constexpr Duration kLengthMin = Duration::minutes(5);
inline constexpr Duration kTurnLimitMax = Duration::minutes(30);

std::variant<Terms, Refusal> terms_for(const Rules&, const Wish&);

}  // namespace conclave::policy
