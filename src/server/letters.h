// What is written to people about a planned or mailed meeting: invited, moved, cancelled. Each letter goes to
// one person, in the language that was chosen for it, with the entry for their calendar; a personal link
// stands in no letter but its own person's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calendar/event.h"
#include "meeting/state.h"
#include "server/front.h"
#include "server/sign_in_mail.h"

namespace conclave::server {

struct Letter {
    enum class Kind : uint8_t { Invitation, Change, Cancellation } kind = Kind::Invitation;
    Language language = Language::French;
    std::string title;
    std::string link;
    bool is_personal = false;  // the link
    calendar::Person host;     // whose meeting it is; the address may be empty
    std::string guest;         // address
    std::optional<meeting::PlannedTime> plan = {};
    std::string uid = {};
    WallTime now = {};
};
MailText text_of(const Letter&);
// "jeudi 26 novembre 2026, 10:00 (Europe/Paris)": as clocks show it where it was planned.
std::string text_of(const meeting::PlannedTime&, Language);

// Those to whom letters about a meeting go.
struct Addressees {
    std::string meeting;
    std::string title;
    std::string owner;  // account id
    std::optional<meeting::PlannedTime> plan = {};
    struct One {
        std::string invitation;  // its id
        std::string email;
        std::string account;  // empty: somebody from outside, by a personal link
        std::string language;
    };
    std::vector<One> all = {};
};
// Nobody yet.
Addressees addressees_of(const meeting::State&);
// All whose mailed invitation opens the meeting; or only the one of this id.
Addressees invited_to(const meeting::State&, WallTime now, const std::string& only = {});

// Later, where mail is sent at all. The owner's name and address are looked up first.
void send_letters(Front&, Letter::Kind, Addressees);

// The calendar's name of a meeting, the same for ever.
std::string calendar_uid(const Config&, const std::string& meeting_id);
std::string meeting_url(const Config&, const std::string& meeting_id);

}  // namespace conclave::server
