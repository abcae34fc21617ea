#include "server/letters.h"

#include <chrono>

#include "net/clock.h"
#include "server/log.h"
#include "server/mailer.h"

namespace conclave::server {
namespace {

using Kind = Letter::Kind;

struct Words {
    const char* days[7];
    const char* months[12];
    const char* subject[3];
    const char* lead[3];  // after who it is
    const char* when;
    const char* was_when;
    const char* minutes;
    const char* link;
    const char* personal;
    const char* plain;
    const char* reminder;
    const char* cancelled;
};

constexpr Words kFrench = {
    {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
     "novembre", "décembre"},
    {"Invitation : ", "Nouvel horaire : ", "Annulation : "},
    {" vous invite à une réunion sur Conclave.", " a déplacé une réunion à laquelle vous participez.",
     " a annulé une réunion à laquelle vous étiez attendu·e."},
    "Quand : ",
    "Elle était prévue : ",
    " minutes",
    "Pour y entrer :",
    "Ce lien vous est personnel : il s’ouvre sur un seul appareil, le premier qui s’en sert. Ne le "
    "transmettez "
    "pas.",
    "Connectez-vous avec votre compte pour y entrer sous votre nom.",
    "L’invitation jointe s’ajoute à votre agenda.",
    "Le lien que vous aviez reçu n’ouvre plus rien.",
};

constexpr Words kEnglish = {
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
     "November", "December"},
    {"Invitation: ", "New time: ", "Cancelled: "},
    {" invites you to a meeting on Conclave.", " has moved a meeting that you are part of.",
     " has cancelled a meeting where you were expected."},
    "When: ",
    "It was planned for: ",
    " minutes",
    "To enter:",
    "This link is yours alone: it opens on one device, the first that uses it. Do not pass it on.",
    "Sign in with your account to enter under your name.",
    "The attached invitation can be added to your calendar.",
    "The link that you were sent opens nothing any more.",
};

const Words& words(Language language) {
    return language == Language::French ? kFrench : kEnglish;
}

std::string two_digits(int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string body_of(const Letter& letter) {
    const Words& w = words(letter.language);
    const bool is_cancelled = letter.kind == Kind::Cancellation;
    std::string text =
        (letter.language == Language::French ? "Bonjour,\n\n" : "Hello,\n\n") + letter.host.name;
    if (!letter.host.email.empty()) text += " (" + letter.host.email + ")";
    text += std::string(w.lead[static_cast<size_t>(letter.kind)]) + "\n\n    " + letter.title + "\n\n";
    if (letter.plan) {
        text += (is_cancelled ? w.was_when : w.when) + text_of(*letter.plan, letter.language) + ", " +
                std::to_string(letter.plan->length.ms() / 60'000) + w.minutes + "\n\n";
    }
    if (is_cancelled) return text + w.cancelled + "\n";
    text += std::string(w.link) + "\n\n    " + letter.link + "\n\n" +
            (letter.is_personal ? w.personal : w.plain) + "\n";
    if (letter.plan) text += std::string(w.reminder) + "\n";
    return text;
}

calendar::Event entry_of(const Letter& letter) {
    const Words& w = words(letter.language);
    calendar::Event entry{.uid = letter.uid,
                          .sequence = letter.plan->sequence,
                          .stamp = letter.now,
                          .begin = letter.plan->begin,
                          .length = letter.plan->length,
                          .summary = letter.title,
                          .description = {},
                          .url = {}};
    if (letter.kind == Kind::Cancellation) {
        // Above whatever was sent before (RFC 5546 3.2.5).
        ++entry.sequence;
    } else {
        entry.url = letter.link;
        entry.description = std::string(w.link) + "\n" + letter.link + "\n" +
                            (letter.is_personal ? w.personal : w.plain) + "\n";
    }
    if (!letter.host.email.empty()) entry.organizer = letter.host;
    entry.attendee = calendar::Person{"", letter.guest};
    return entry;
}

void send_one(Front& front, Kind kind, const Addressees& meeting, const Addressees::One& to,
              const calendar::Person& host) {
    const bool is_personal = to.account.empty();
    Letter letter{.kind = kind,
                  .language = to.language == "en" ? Language::English : Language::French,
                  .title = meeting.title,
                  .link = meeting_url(front.config, meeting.meeting),
                  .is_personal = is_personal,
                  .host = host,
                  .guest = to.email,
                  .plan = meeting.plan,
                  .uid = calendar_uid(front.config, meeting.meeting),
                  .now = net::wall_now()};
    if (is_personal) letter.link += "#" + front.keys.invitation_secret(meeting.meeting, to.invitation).text;
    front.mailer->send(to.email, letter.language, text_of(letter));
}

}  // namespace

std::string text_of(const meeting::PlannedTime& plan, Language language) {
    const Words& w = words(language);
    constexpr int64_t kDay = 86'400;
    const int64_t local = (plan.begin + plan.utc_offset).unix_seconds();
    const std::chrono::sys_days day{std::chrono::days{local / kDay}};
    const std::chrono::year_month_day date{day};
    const std::string number = std::to_string(static_cast<unsigned>(date.day()));
    const std::string month = w.months[static_cast<unsigned>(date.month()) - 1];
    const std::string year = std::to_string(static_cast<int>(date.year()));
    const bool is_first = language == Language::French && number == "1";
    return std::string(w.days[std::chrono::weekday{day}.c_encoding()]) + " " + number +
           (is_first ? "er " : " ") + month + " " + year + ", " + two_digits(local % kDay / 3600) + ":" +
           two_digits(local / 60 % 60) + " (" + plan.zone + ")";
}

// A title may be longer than a subject: what is cut off stands in the text.
std::string fit_subject(std::string subject) {
    constexpr std::string_view kMore = "…";
    if (subject.size() <= wire::kMailLineMax) return subject;
    size_t end = wire::kMailLineMax - kMore.size();
    while ((static_cast<uint8_t>(subject[end]) & 0xc0) == 0x80) --end;
    return subject.substr(0, end) + std::string(kMore);
}

MailText text_of(const Letter& letter) {
    const Words& w = words(letter.language);
    MailText mail{fit_subject(w.subject[static_cast<size_t>(letter.kind)] + letter.title), body_of(letter)};
    if (!letter.plan) return mail;
    const auto method =
        letter.kind == Kind::Cancellation ? calendar::Method::Cancel : calendar::Method::Request;
    if (const std::optional<std::string> entry = calendar::compose(method, entry_of(letter)))
        mail.calendar = wire::MailCalendar{std::string(name_of(method)), *entry};
    return mail;
}

Addressees addressees_of(const meeting::State& state) {
    return {.meeting = state.id, .title = state.title, .owner = state.owner, .plan = state.plan};
}

Addressees invited_to(const meeting::State& state, WallTime now, const std::string& only) {
    Addressees meeting = addressees_of(state);
    for (const auto& [id, invitation] : state.invitations) {
        const bool is_open = !invitation.is_revoked && invitation.expires_at > now;
        if (invitation.email.empty() || !is_open || (!only.empty() && id != only)) continue;
        meeting.all.push_back({id, invitation.email, invitation.account, invitation.language});
    }
    return meeting;
}

void send_letters(Front& front, Kind kind, Addressees meeting) {
    if (!front.mailer || meeting.all.empty()) return;
    const auto find = [owner = meeting.owner](store::Database& database) { return database.account(owner); };
    front.store.run<std::optional<account::Account>>(
        find, [&front, kind, meeting = std::move(meeting)](Result<std::optional<account::Account>> owner) {
            if (!owner) return log_error("mail", "not_written", {{"why", owner.error().what}});
            calendar::Person host;
            if (*owner) host = {(*owner)->name, (*owner)->email};
            for (const Addressees::One& to : meeting.all) send_one(front, kind, meeting, to, host);
        });
}

std::string calendar_uid(const Config& config, const std::string& meeting_id) {
    const std::string url = config.url();
    const size_t begin = url.find("//") + 2;
    return meeting_id + "@" + url.substr(begin, url.find(':', begin) - begin);
}

std::string meeting_url(const Config& config, const std::string& meeting_id) {
    return config.url() + "/m/" + meeting_id;
}

}  // namespace conclave::server
