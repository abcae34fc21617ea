// Everybody who can ask, at every door, in every state of a meeting: what the rules say in sentences, one
// after the other, against what admit() says.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <vector>

#include "account/admission.h"

namespace conclave::account {
namespace {

const std::string kRoom = "room-1";

struct Caller {
    std::string who;
    std::function<void(Request&)> dress;
};

Account account_of(std::string id, Role role = Role::Agent) {
    return {.id = std::move(id), .name = "Ada", .role = role};
}

std::vector<Caller> callers() {
    const auto token = [](RoomToken::Issuer issuer) {
        return [issuer](Request& r) { r.token = RoomToken{issuer, "me", true, false}; };
    };
    const Rejoin guests{kRoom, "guest-1", "Gus", ""};
    const Rejoin elsewhere{"room-2", "guest-1", "Gus", ""};
    const Rejoin agents{kRoom, "agent-1", "Ada", "acc1"};
    return {
        {"nobody", [](Request&) {}},
        {"a guest with a name", [](Request& r) { r.name = "Bob"; }},
        {"a guest who reloads", [=](Request& r) { r.rejoin = guests; }},
        {"a guest who reloads under another name", [=](Request& r) { r.rejoin = guests, r.name = "Bob"; }},
        {"a guest of another meeting", [=](Request& r) { r.rejoin = elsewhere, r.name = "Bob"; }},
        {"an agent who signed out", [=](Request& r) { r.rejoin = agents, r.name = "Bob"; }},
        {"an agent", [](Request& r) { r.account = account_of("acc1"); }},
        {"an agent whom the meeting knows",
         [](Request& r) { r.account = account_of("acc1"), r.known_as = "agent-1"; }},
        {"an agent who reloads", [=](Request& r) { r.account = account_of("acc1"), r.rejoin = agents; }},
        {"another agent with that token",
         [=](Request& r) { r.account = account_of("acc2"), r.rejoin = agents; }},
        {"a guest who signed in since",
         [=](Request& r) { r.account = account_of("acc1"), r.rejoin = guests; }},
        {"an administrator", [](Request& r) { r.account = account_of("root", Role::Administrator); }},
        {"an application", token(RoomToken::Issuer::ApiKey)},
        {"a participant's media", token(RoomToken::Issuer::Meetings)},
    };
}

// Short questions about a request, for the sentences.
struct About {
    const Request& r;
    bool page() const { return r.way == Way::PageJoin; }
    bool socket() const { return r.way == Way::MeetingSocket; }
    bool media() const { return r.way == Way::LiveKitJoin || r.way == Way::LiveKitResume; }
    bool joins() const { return r.way == Way::LiveKitJoin; }
    bool test() const { return r.way == Way::NetworkTest; }
    bool guest() const { return !r.account; }
    bool open() const { return r.meeting == MeetingState::Open; }
    bool applications() const { return r.token && r.token->issuer == RoomToken::Issuer::ApiKey; }
    bool own_rejoin() const {
        return r.rejoin && r.rejoin->meeting_id == kRoom &&
               r.rejoin->account_id == (r.account ? r.account->id : "");
    }
    bool seated() const { return r.place == Place::Inside || r.place == Place::Waiting; }
    bool at_home() const { return seated() || r.place == Place::Left; }
    bool full() const { return r.capacity == Request::Capacity::Full; }
    bool overloaded() const { return r.capacity == Request::Capacity::Overloaded; }
    bool rests() const { return r.rest.left > Duration{}; }
};

struct Sentence {
    const char* text;
    std::function<bool(const About&)> applies;
    Refusal refusal;
};

// The first one that applies.
const std::vector<Sentence>& sentences() {
    static const std::vector<Sentence> kAll = {
        {"The API is for accounts.", [](const About& a) { return a.r.way == Way::Api && a.guest(); },
         Refusal::SignInRequired},
        {"Media are for tokens.", [](const About& a) { return a.media() && !a.r.token; },
         Refusal::TokenRequired},
        {"An application enters no meeting by its own token.",
         [](const About& a) { return a.media() && a.applications() && a.r.meeting != MeetingState::Unknown; },
         Refusal::NotYourMeeting},
        {"A participant's media are for who is inside an open meeting.",
         [](const About& a) {
             return a.media() && !a.applications() && (!a.open() || a.r.place != Place::Inside);
         },
         Refusal::MeetingNotFound},
        {"The socket is for who was given a token at the door.",
         [](const About& a) { return a.socket() && !a.r.rejoin; }, Refusal::TokenRequired},
        {"A token is of one meeting and one account, or of nobody's.",
         [](const About& a) { return a.socket() && !a.own_rejoin(); }, Refusal::MeetingNotFound},
        {"What is not open is not there.",
         [](const About& a) { return (a.page() || a.socket()) && !a.open(); }, Refusal::MeetingNotFound},
        {"Who is banned stays out.",
         [](const About& a) { return (a.page() || a.socket()) && a.r.place == Place::Banned; },
         Refusal::Banned},
        {"The socket is for who has a seat or waits.",
         [](const About& a) { return a.socket() && !a.seated(); }, Refusal::MeetingNotFound},
        {"A bad invitation opens nothing, to anybody.",
         [](const About& a) { return a.page() && a.r.invitation == Invitation::Bad; },
         Refusal::InvitationRefused},
        {"No guests means no guests, but for who is at home.",
         [](const About& a) {
             return a.page() && a.guest() && !a.at_home() && a.r.guests_by == GuestsBy::Nothing;
         },
         Refusal::GuestsRefused},
        {"Guests by invitation means by a good one.",
         [](const About& a) {
             return a.page() && a.guest() && !a.at_home() && a.r.guests_by == GuestsBy::Invitation &&
                    a.r.invitation != Invitation::Good;
         },
         Refusal::GuestsRefused},
        {"A guest has a name.",
         [](const About& a) { return a.page() && a.guest() && !a.r.name && !a.own_rejoin(); },
         Refusal::NameRequired},
        {"A break that blocks is skipped in an emergency only.",
         [](const About& a) {
             return a.page() && !a.seated() && a.rests() && a.r.rest.rule == Rest::Rule::Block &&
                    !a.r.rest.is_emergency;
         },
         Refusal::RestRequired},
        {"Any other break is skipped by who insists.",
         [](const About& a) {
             return a.page() && !a.seated() && a.rests() && !a.r.rest.is_emergency && !a.r.rest.insists;
         },
         Refusal::RestRequired},
        {"A full server takes nobody new at the door.",
         [](const About& a) { return a.page() && a.full() && !a.seated() && !a.own_rejoin(); },
         Refusal::ServerFull},
        {"A server without time takes nobody new at the door.",
         [](const About& a) { return a.page() && a.overloaded() && !a.seated() && !a.own_rejoin(); },
         Refusal::ServerOverloaded},
        {"A full server takes no new media, nor tests.",
         [](const About& a) { return (a.joins() || a.test()) && a.full(); }, Refusal::ServerFull},
        {"A server without time takes no new media of applications, nor tests.",
         [](const About& a) { return ((a.joins() && a.applications()) || a.test()) && a.overloaded(); },
         Refusal::ServerOverloaded},
    };
    return kAll;
}

bool has_to_wait(const About& a) {
    if (!a.page() || a.at_home()) return false;
    if (a.r.place == Place::SentOut) return true;
    const bool is_meant =
        a.r.lobby == Request::Lobby::Everyone || (a.r.lobby == Request::Lobby::Guests && a.guest());
    return is_meant && !a.r.leads;
}

struct Matrix {
    SeededRng rng{7};
    size_t cells = 0;
    size_t wrong = 0;
    std::map<std::string, size_t> seen;  // by sentence; "" for let in

    void note(bool is_right, const Request& r, const std::string& who, const std::string& what) {
        if (is_right || ++wrong > 10) return;
        ADD_FAILURE() << what << ": " << who << ", way " << int(r.way) << ", place " << int(r.place)
                      << ", meeting " << int(r.meeting) << ", guests " << int(r.guests_by) << ", lobby "
                      << int(r.lobby) << ", invitation " << int(r.invitation) << ", rest " << r.rest.left.ms()
                      << " rule " << int(r.rest.rule) << ", capacity " << int(r.capacity) << ", leads "
                      << r.leads;
    }

    void check(const Request& r, const std::string& who) {
        ++cells;
        const About about{r};
        const Sentence* first = nullptr;
        for (const Sentence& sentence : sentences()) {
            if (!first && sentence.applies(about)) first = &sentence;
        }
        ++seen[first ? first->text : ""];
        const Admission admission = admit(r, rng);
        const auto* refusal = std::get_if<Refusal>(&admission);
        if (first) {
            note(refusal && *refusal == first->refusal, r, who,
                 std::string(first->text) + " But: " + (refusal ? std::string(code(*refusal)) : "let in"));
        } else if (refusal) {
            note(false, r, who,
                 "refused for " + std::string(code(*refusal)) + ", though no sentence says so");
        } else {
            check_allowed(r, who, std::get<Allowed>(admission));
        }
    }

    void check_allowed(const Request& r, const std::string& who, const Allowed& allowed) {
        const About about{r};
        note(allowed.needs_admission == has_to_wait(about), r, who, "waiting");
        note(allowed.overrides_rest == (about.page() && !about.seated() && about.rests()), r, who, "rest");
        const bool has_media = about.page() || about.test();
        note(allowed.can_publish == has_media && allowed.can_subscribe == has_media, r, who, "media");
        note(!allowed.can_publish_data && !allowed.can_update_own_metadata, r, who, "data");
        if (about.media()) return note(allowed.identity == "me", r, who, "media identity");
        if (about.test()) {
            note(allowed.identity.starts_with("test-") && allowed.identity.size() == 17, r, who,
                 "test identity");
            return note(allowed.account_id.empty(), r, who, "whose test");
        }
        const std::string account = r.account ? r.account->id : "";
        note(allowed.account_id == account, r, who, "whose account");
        note(allowed.kind == (account.empty() ? Kind::Guest : Kind::Agent), r, who, "kind");
        if (r.way == Way::Api) return note(allowed.identity.empty(), r, who, "no identity");
        // Nobody gets an identity but their own: the meeting's, the token's, or a fresh one.
        std::string expected = r.known_as;
        if (expected.empty() && about.own_rejoin()) expected = r.rejoin->identity;
        const std::string prefix = about.guest() ? "guest-" : "agent-";
        note(expected.empty() ? allowed.identity.starts_with(prefix) && allowed.identity.size() == 18
                              : allowed.identity == expected,
             r, who, "identity");
    }
};

std::vector<Rest> rests() {
    std::vector<Rest> all{{}};
    for (const auto rule : {Rest::Rule::Inform, Rest::Rule::Discourage, Rest::Rule::Block}) {
        all.push_back({Duration::minutes(3), rule, false, false});
        all.push_back({Duration::minutes(3), rule, true, false});
        all.push_back({Duration::minutes(3), rule, false, true});
    }
    return all;
}

template <class E>
std::vector<E> all_of(E last) {
    std::vector<E> all;
    for (int i = 0; i <= static_cast<int>(last); ++i) all.push_back(static_cast<E>(i));
    return all;
}

void check_terms(Matrix& matrix, Request r, const std::string& who) {
    for (r.guests_by = {}; r.guests_by <= GuestsBy::Link;
         r.guests_by = static_cast<GuestsBy>(int(r.guests_by) + 1))
        for (const auto lobby : all_of(Request::Lobby::Everyone))
            for (const auto invitation : all_of(Invitation::Bad))
                for (const Rest& rest : rests())
                    for (const bool leads : {false, true}) {
                        r.lobby = lobby, r.invitation = invitation, r.rest = rest, r.leads = leads;
                        matrix.check(r, who);
                    }
}

TEST(AdmissionMatrix, IsWhatTheSentencesSay) {
    Matrix matrix;
    for (const Way way : all_of(Way::Api)) {
        for (const Caller& caller : callers()) {
            for (const Place place : all_of(Place::Banned)) {
                for (const MeetingState meeting : all_of(MeetingState::Ended)) {
                    for (const auto capacity : all_of(Request::Capacity::Full)) {
                        Request request{.way = way, .room = kRoom, .meeting = meeting, .capacity = capacity};
                        request.place = place;
                        caller.dress(request);
                        check_terms(matrix, request, caller.who);
                    }
                }
            }
        }
    }
    EXPECT_EQ(matrix.wrong, 0u);
    for (const Sentence& sentence : sentences()) EXPECT_GT(matrix.seen[sentence.text], 0u) << sentence.text;
    EXPECT_GT(matrix.seen[""], 0u);
    EXPECT_EQ(matrix.cells, 6u * 14 * 6 * 3 * 3 * 3 * 3 * 3 * 10 * 2);
    RecordProperty("cells", static_cast<int>(matrix.cells));
    GTEST_LOG_(INFO) << matrix.cells << " cells";
}

}  // namespace
}  // namespace conclave::account
