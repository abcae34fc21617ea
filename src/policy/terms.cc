#include "policy/terms.h"

namespace conclave::policy {

std::string_view code(Refusal refusal) {
    switch (refusal) {
        case Refusal::TooLong:
            return "meeting_too_long";
        case Refusal::TooShort:
            return "meeting_too_short";
        case Refusal::GuestsTooWide:
            return "guests_not_allowed";
        case Refusal::LobbyTooOpen:
            return "lobby_required";
        case Refusal::BadTurnLimit:
            return "turn_too_long";
    }
    return "bad_request";
}

// Guests and Lobby are ordered from narrow to wide and from open to strict.
std::variant<Terms, Refusal> terms_for(const Rules& rules, const Wish& wish) {
    Terms terms = rules.usual;
    terms.format = wish.format.value_or(terms.format);
    terms.guests = wish.guests.value_or(terms.guests);
    terms.lobby = wish.lobby.value_or(terms.lobby);
    terms.floor_mode = wish.floor_mode.value_or(terms.floor_mode);
    terms.floor_order = wish.floor_order.value_or(terms.floor_order);
    terms.length = wish.length.value_or(terms.length);
    terms.turn_limit = wish.turn_limit.value_or(terms.turn_limit);
    terms.has_history = wish.has_history.value_or(terms.has_history);
    if (terms.length > rules.length_max) return Refusal::TooLong;
    if (terms.length < kLengthMin) return Refusal::TooShort;
    if (terms.guests > rules.guests_most) return Refusal::GuestsTooWide;
    if (terms.lobby < rules.lobby_least) return Refusal::LobbyTooOpen;
    if (terms.turn_limit < Duration{} || terms.turn_limit > kTurnLimitMax) return Refusal::BadTurnLimit;
    return terms;
}

}  // namespace conclave::policy
