// Names, rooms and tokens: every combination, against an oracle that states the rules as a list of questions,
// independently of the function's own order of work. Meetings and their rules: admission_matrix_test.cc.
#include "account/admission.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace conclave::account {
namespace {

using Capacity = Request::Capacity;

const std::string kRoom = "room-1";
const std::string kLongName(81, 'n');
const std::string kOverride = "Eve\xe2\x80\xae";

std::vector<std::optional<Account>> accounts() {
    return {std::nullopt, Account{"acc1", "Ada", Role::Agent}, Account{"acc2", "Root", Role::Administrator}};
}
std::vector<std::optional<std::string>> names() {
    return {std::nullopt, "  ", " Bob ", std::string(80, 'n'), kLongName, kOverride, "\xff"};
}
std::vector<std::optional<Rejoin>> rejoins() {
    return {std::nullopt, Rejoin{kRoom, "guest-old", "Old", ""}, Rejoin{"room-2", "guest-old", "Old", ""},
            Rejoin{kRoom, "agent-old", "Ada", "acc1"}, Rejoin{"room-2", "agent-old", "Ada", "acc1"}};
}
std::vector<std::optional<RoomToken>> tokens() {
    std::vector<std::optional<RoomToken>> all{std::nullopt};
    for (const auto issuer : {RoomToken::Issuer::Meetings, RoomToken::Issuer::ApiKey}) {
        for (const std::string& identity :
             {std::string(), std::string("me"), std::string(256, 'i'), std::string(257, 'i')}) {
            for (const bool can_join : {false, true}) {
                for (const bool metadata : {false, true})
                    all.push_back(RoomToken{issuer, identity, can_join, metadata});
            }
        }
    }
    return all;
}

// Every question that can end in a refusal, in the order in which a caller would learn of it.
std::optional<Refusal> oracle(const Request& r) {
    const bool page = r.way == Way::PageJoin;
    const bool livekit = r.way == Way::LiveKitJoin || r.way == Way::LiveKitResume;
    const bool own_token = r.token && r.token->issuer == RoomToken::Issuer::Meetings;
    const bool comes_back = r.rejoin && r.rejoin->meeting_id == r.room &&
                            r.rejoin->account_id == (r.account ? r.account->id : std::string());
    const bool name_counts = page && !r.account && !(comes_back && !r.name);
    const std::vector<std::pair<bool, Refusal>> questions = {
        {r.way == Way::Api && !r.account, Refusal::SignInRequired},
        {livekit && !r.token, Refusal::TokenRequired},
        {livekit && r.token && !r.token->can_join, Refusal::JoinNotGranted},
        {livekit && r.token && (r.token->identity.empty() || r.token->identity.size() > 256),
         Refusal::BadIdentity},
        {livekit && (r.room.empty() || r.room.size() > 256), Refusal::BadRoom},
        {livekit && r.brings_own_metadata && r.token && !r.token->can_update_own_metadata,
         Refusal::OwnMetadata},
        {page && r.meeting != MeetingState::Open, Refusal::MeetingNotFound},
        {livekit && own_token && r.place != Place::Inside, Refusal::MeetingNotFound},
        {livekit && own_token && r.meeting != MeetingState::Open, Refusal::MeetingNotFound},
        {livekit && !own_token && r.meeting != MeetingState::Unknown, Refusal::NotYourMeeting},
        {name_counts && (!r.name || *r.name == "  "), Refusal::NameRequired},
        {name_counts && r.name == kLongName, Refusal::NameTooLong},
        {name_counts && (r.name == kOverride || r.name == "\xff"), Refusal::NameRefused},
        {r.capacity == Capacity::Full && ((page && !comes_back) || r.way == Way::LiveKitJoin),
         Refusal::ServerFull},
        {r.capacity == Capacity::Overloaded &&
             ((page && !comes_back) || (r.way == Way::LiveKitJoin && !own_token)),
         Refusal::ServerOverloaded},
    };
    for (const auto& [refused, why] : questions) {
        if (refused) return why;
    }
    return std::nullopt;
}

void check_allowed(const Request& r, const Allowed& allowed) {
    switch (r.way) {
        case Way::Api:
            EXPECT_EQ(allowed.account_id, r.account->id);
            EXPECT_EQ(allowed.identity, "");
            EXPECT_FALSE(allowed.can_publish || allowed.can_subscribe || allowed.can_publish_data);
            break;
        case Way::LiveKitJoin:
        case Way::LiveKitResume:
            EXPECT_EQ(allowed.identity, r.token->identity);
            EXPECT_EQ(allowed.can_update_own_metadata, r.token->can_update_own_metadata);
            break;
        case Way::MeetingSocket:
        case Way::NetworkTest:
            FAIL() << "not of this matrix";
        case Way::PageJoin:
            EXPECT_TRUE(allowed.can_publish && allowed.can_subscribe);
            EXPECT_FALSE(allowed.can_publish_data) << "what a meeting says goes over its socket";
            EXPECT_FALSE(allowed.can_update_own_metadata);
            EXPECT_EQ(allowed.kind, r.account ? Kind::Agent : Kind::Guest);
            EXPECT_EQ(allowed.account_id, r.account ? r.account->id : "");
            EXPECT_EQ(allowed.name, r.account           ? r.account->name
                                    : r.name == " Bob " ? "Bob"
                                                        : r.name.value_or("Old"));
            // Nobody gets the identity of another kind or account.
            EXPECT_EQ(allowed.identity.substr(0, 6), r.account ? "agent-" : "guest-");
            if (allowed.identity == "agent-old") {
                EXPECT_EQ(allowed.account_id, "acc1");
            }
            if (allowed.identity.ends_with("-old")) {
                EXPECT_EQ(r.rejoin->meeting_id, kRoom);
            } else {
                EXPECT_EQ(allowed.identity.size(), 18u);
            }
            break;
    }
}

TEST(Admission, MatrixOfAllWaysAgreesWithTheOracle) {
    SeededRng rng(7);
    size_t cases = 0;
    std::set<int> seen;
    const auto check = [&](const Request& request) {
        ++cases;
        const Admission admission = admit(request, rng);
        const std::optional<Refusal> expected = oracle(request);
        const auto* refusal = std::get_if<Refusal>(&admission);
        ASSERT_EQ(refusal != nullptr, expected.has_value()) << cases;
        seen.insert(expected ? static_cast<int>(*expected) : -1);
        if (refusal) {
            EXPECT_EQ(*refusal, *expected) << cases;
        } else {
            check_allowed(request, std::get<Allowed>(admission));
        }
    };
    const auto all_accounts = accounts();
    const auto all_names = names();
    const auto all_rejoins = rejoins();
    const auto all_tokens = tokens();
    const std::string rooms[] = {kRoom, "", std::string(256, 'r'), std::string(257, 'r')};
    for (const Way way : {Way::PageJoin, Way::LiveKitJoin, Way::LiveKitResume, Way::Api})
        for (const MeetingState meeting : {MeetingState::Unknown, MeetingState::Open, MeetingState::Ended})
            for (const Capacity capacity : {Capacity::Free, Capacity::Overloaded, Capacity::Full})
                for (const bool metadata : {false, true})
                    for (const std::string& room : rooms)
                        for (const auto& account : all_accounts)
                            for (const auto& name : all_names)
                                for (const auto& rejoin : all_rejoins)
                                    for (const auto& token : all_tokens) {
                                        // What a way does not look at is varied once only.
                                        const bool page = way == Way::PageJoin;
                                        if (page ? token.has_value() || metadata : name || rejoin) continue;
                                        for (const Place place : {Place::None, Place::Inside}) {
                                            if (page && place != Place::None) continue;
                                            check({.way = way,
                                                   .room = room,
                                                   .meeting = meeting,
                                                   .capacity = capacity,
                                                   .account = account,
                                                   .name = name,
                                                   .rejoin = rejoin,
                                                   .token = token,
                                                   .brings_own_metadata = metadata,
                                                   .place = place});
                                        }
                                    }
    EXPECT_GT(cases, 10'000u);
    EXPECT_EQ(seen.size(), 14u);  // admitted, and each refusal at least once
}

TEST(Admission, A2_TokensOfOneWayMeanNothingInAnother) {
    SeededRng rng(1);
    Request page{.room = kRoom, .meeting = MeetingState::Open};
    page.token = RoomToken{RoomToken::Issuer::Meetings, "me", true, true};
    EXPECT_EQ(std::get<Refusal>(admit(page, rng)), Refusal::NameRequired);

    Request livekit{.way = Way::LiveKitJoin, .room = kRoom, .meeting = MeetingState::Open};
    livekit.account = Account{"acc1", "Ada", Role::Administrator};
    livekit.rejoin = Rejoin{kRoom, "agent-old", "Ada", "acc1"};
    EXPECT_EQ(std::get<Refusal>(admit(livekit, rng)), Refusal::TokenRequired);
}

TEST(Admission, UnknownAndEndedMeetingsAnswerAlike) {
    SeededRng rng(1);
    for (const MeetingState state : {MeetingState::Unknown, MeetingState::Ended}) {
        Request page{.room = kRoom, .meeting = state, .name = "Bob"};
        EXPECT_EQ(std::get<Refusal>(admit(page, rng)), Refusal::MeetingNotFound);
        Request livekit{.way = Way::LiveKitResume, .room = kRoom, .meeting = state};
        livekit.token = RoomToken{RoomToken::Issuer::Meetings, "me", true, false};
        EXPECT_EQ(std::get<Refusal>(admit(livekit, rng)), Refusal::MeetingNotFound);
    }
}

TEST(Admission, RefusalsHaveTheStatusTheInterfacePromises) {
    EXPECT_EQ(http_status(Refusal::SignInRequired), 401);
    EXPECT_EQ(http_status(Refusal::TokenRequired), 401);
    EXPECT_EQ(http_status(Refusal::JoinNotGranted), 401);
    EXPECT_EQ(http_status(Refusal::OwnMetadata), 401);
    EXPECT_EQ(http_status(Refusal::NotYourMeeting), 403);
    EXPECT_EQ(http_status(Refusal::MeetingNotFound), 404);
    EXPECT_EQ(http_status(Refusal::NameRequired), 400);
    EXPECT_EQ(http_status(Refusal::BadRoom), 400);
    EXPECT_EQ(http_status(Refusal::GuestsRefused), 403);
    EXPECT_EQ(http_status(Refusal::InvitationRefused), 403);
    EXPECT_EQ(http_status(Refusal::Banned), 403);
    EXPECT_EQ(http_status(Refusal::RestRequired), 409);
    EXPECT_EQ(http_status(Refusal::ServerFull), 503);
    EXPECT_EQ(http_status(Refusal::ServerOverloaded), 503);
    EXPECT_EQ(code(Refusal::ServerOverloaded), "server_overloaded");
    EXPECT_EQ(code(Refusal::MeetingNotFound), "meeting_not_found");
    EXPECT_EQ(code(Refusal::NameRefused), "bad_request");
}

}  // namespace
}  // namespace conclave::account
