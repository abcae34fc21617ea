// The record of meetings: kept, chained, replayed, and really erased.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "meeting/test_sitting.h"
#include "store/database.h"

namespace conclave::store {
namespace {

using namespace meeting;

class MeetingLog : public testing::Test {
 protected:
    MeetingLog() {
        std::string pattern = testing::TempDir() + "meeting_log_test_XXXXXX";
        directory_ = mkdtemp(pattern.data());
        path_ = directory_ + "/conclave.db";
        reopen();
        EXPECT_TRUE(database_->insert_account({kOwner, "Ada", account::Role::Agent}, kStart));
    }
    ~MeetingLog() override {
        database_.reset();
        std::filesystem::remove_all(directory_);
    }

    void reopen() {
        database_.reset();
        Result<std::unique_ptr<Database>> database = Database::open(path_);
        ASSERT_TRUE(database);
        database_ = std::move(*database);
    }
    // As the store does it.
    bool record(const Events& events) {
        EXPECT_TRUE(database_->begin());
        EXPECT_TRUE(database_->begin_step());
        const Status done = database_->append(kMeeting, events);
        EXPECT_TRUE(done ? database_->end_step() : database_->undo_step());
        EXPECT_TRUE(database_->commit());
        return static_cast<bool>(done);
    }
    State replayed() {
        const auto state = database_->replay(kMeeting);
        EXPECT_TRUE(state && *state) << (state ? "no such meeting" : state.error().what);
        return state && *state ? **state : State();
    }
    std::optional<int64_t> verified() { return database_->verify(kMeeting).value(); }
    void raw(const std::string& sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle);
        sqlite3_close(handle);
    }
    bool is_on_disk(std::string_view text) {
        for (const char* suffix : {"", "-wal", "-journal"}) {
            std::ifstream file(path_ + suffix, std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(file), {}};
            if (bytes.find(text) != std::string::npos) return true;
        }
        return false;
    }

    std::string directory_;
    std::string path_;
    std::unique_ptr<Database> database_;
};

// A sitting with something of everything; number 8 is a message, 10 an extension.
Sitting sitting() {
    Sitting s = Sitting::begun();
    s.come("bob", guest("CANARY-GUEST"));
    EXPECT_EQ(s.run("bob", Say{{}, "CANARY-TEXT"}), std::nullopt);
    EXPECT_EQ(s.run("bob", RaiseHand{}), std::nullopt);
    EXPECT_EQ(s.run("ada", Extend{Duration::minutes(5), "CANARY-REASON"}), std::nullopt);
    EXPECT_EQ(s.run("ada", Ask{"CANARY-QUESTION"}), std::nullopt);
    return s;
}

int64_t number_of(const Sitting& s, std::string_view kind) {
    for (const Event& event : s.events) {
        if (kind_of(event) == kind) return event.number;
    }
    return 0;
}

TEST_F(MeetingLog, GivesBackTheMeetingThatWasRecorded) {
    const Sitting s = sitting();
    ASSERT_TRUE(record(s.events));
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    EXPECT_EQ(verified(), std::nullopt);
    reopen();
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    EXPECT_EQ(verified(), std::nullopt);
    EXPECT_FALSE(*database_->replay("11111-11111-11111-11111"));
    EXPECT_EQ(*database_->verify("11111-11111-11111-11111"), std::nullopt);
}

TEST_F(MeetingLog, InPiecesIsAsAtOnce) {
    const Sitting s = sitting();
    for (const Event& event : s.events) ASSERT_TRUE(record({event}));
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    EXPECT_EQ(verified(), std::nullopt);
}

TEST_F(MeetingLog, RefusesWhatIsOutOfOrderAndKeepsNothingOfIt) {
    const Sitting s = sitting();
    const Events first(s.events.begin(), s.events.begin() + 4);
    ASSERT_TRUE(record(first));
    EXPECT_FALSE(record({s.events[5]})) << "a gap";
    EXPECT_FALSE(record({s.events[3]})) << "twice";
    EXPECT_FALSE(record({s.events[0]})) << "from the beginning";
    EXPECT_FALSE(record({s.events[4], s.events[6]})) << "all or nothing";
    EXPECT_FALSE(record({{9, kStart, kOwner, Ended{}}}));
    EXPECT_EQ(replayed().number, 4);
    EXPECT_EQ((*database_->meeting(kMeeting))->phase, State::Phase::Open) << "not even in the list";
    EXPECT_TRUE(record({s.events.begin() + 4, s.events.end()}));
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
}

TEST_F(MeetingLog, FindsWhateverWasTamperedWith) {
    const Sitting s = sitting();
    ASSERT_TRUE(record(s.events));
    const std::string said = std::to_string(number_of(s, "said"));
    const auto set = [](const std::string& what, const std::string& number) {
        return "UPDATE meeting_event SET " + what + " WHERE number = " + number + ";";
    };
    const std::string other = "(SELECT hash FROM meeting_event WHERE number = 2)";
    const std::vector<std::pair<std::string, int64_t>> tampering = {
        {set("body = '{\"to\":\"eve\"}'", said), std::stoll(said)},
        {set("body = body || ' '", "1"), 1},
        {set("personal = '{\"text\":\"forged\"}'", said), std::stoll(said)},
        {set("personal = replace(personal, 'T', 't')", said), std::stoll(said)},
        {set("personal_digest = zeroblob(32)", said), std::stoll(said)},
        {set("personal = NULL, salt = NULL, personal_digest = NULL", said), std::stoll(said)},
        {set("salt = zeroblob(16)", said), std::stoll(said)},
        {set("by = 'eve'", "4"), 4},
        {set("at = at + 1", "4"), 4},
        {set("kind = 'continued'", "4"), 4},
        {set("hash = zeroblob(32)", "3"), 3},
        {set("hash = " + other, "3"), 3},
        {"DELETE FROM meeting_event WHERE number = 5", 5},
        {"DELETE FROM meeting_event WHERE number = 1", 1},
        {"DELETE FROM meeting_event WHERE number BETWEEN 3 AND 6", 3},
        {set("number = 100", "5") + set("number = 5", "6") + set("number = 6", "100"), 5},
        {"DELETE FROM meeting_event WHERE number = 5; UPDATE meeting_event SET number = -number WHERE number "
         "> 5;"
         "UPDATE meeting_event SET number = -number - 1 WHERE number < 0",
         5},
        {"INSERT INTO meeting_event SELECT meeting_id, 100, at, by, kind, body, personal, salt, "
         "personal_digest, "
         "hash FROM meeting_event WHERE number = 5",
         s.state.number + 1},
    };
    raw("CREATE TABLE kept AS SELECT * FROM meeting_event");
    for (const auto& [sql, number] : tampering) {
        raw(sql);
        EXPECT_EQ(verified(), number) << sql;
        raw("DELETE FROM meeting_event; INSERT INTO meeting_event SELECT * FROM kept");
        ASSERT_EQ(verified(), std::nullopt) << "restored";
    }
}

TEST_F(MeetingLog, ErasesWhatSomebodyErasedFromTheDisk) {
    Sitting s = sitting();
    ASSERT_TRUE(record(s.events));
    ASSERT_TRUE(is_on_disk("CANARY-TEXT")) << "else the test proves nothing";
    ASSERT_EQ(s.run("bob", Erase{number_of(s, "said")}), std::nullopt);
    ASSERT_TRUE(record(s.last));
    EXPECT_FALSE(is_on_disk("CANARY-TEXT"));
    EXPECT_TRUE(is_on_disk("CANARY-QUESTION")) << "and nothing else";
    EXPECT_EQ(verified(), std::nullopt);
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    reopen();
    EXPECT_FALSE(is_on_disk("CANARY-TEXT"));
    EXPECT_EQ(verified(), std::nullopt);
}

TEST_F(MeetingLog, TheEndOfASittingErasesGuestsAndWhatWasSaid) {
    for (const bool for_good : {false, true}) {
        SCOPED_TRACE(for_good);
        Sitting s = sitting();
        s.come("dan", {.kind = Kind::Agent, .account = "dan", .name = "CANARY-AGENT"});
        s.come("eve", guest("CANARY-BANNED"));
        ASSERT_EQ(s.run("ada", Remove{"eve", true}), std::nullopt);
        ASSERT_TRUE(record(s.events));
        const int64_t before = s.state.number;
        ASSERT_EQ(for_good ? s.run(kOwner, End{}) : s.run("ada", Close{}), std::nullopt);
        ASSERT_TRUE(record({s.events.begin() + before, s.events.end()}));
        for (const char* text : {"CANARY-TEXT", "CANARY-QUESTION", "CANARY-GUEST", "CANARY-BANNED"})
            EXPECT_FALSE(is_on_disk(text)) << text;
        EXPECT_TRUE(is_on_disk("CANARY-AGENT"));
        EXPECT_EQ(verified(), std::nullopt);
        EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state)) << "nothing that counts is lost";
        EXPECT_EQ(replayed().find("eve")->presence, Presence::Banned);
        raw("DELETE FROM meeting_event; DELETE FROM meeting; VACUUM");
    }
}

TEST_F(MeetingLog, TheEndOfAVoteErasesWhoVotedWhat) {
    constexpr const char* kBallot = R"({"yes":true})";
    Sitting s = sitting();
    ASSERT_EQ(s.run("ada", CallVote{Duration::minutes(5), "CANARY-REASON"}), std::nullopt);
    ASSERT_EQ(s.run("bob", CastVote{true}), std::nullopt);
    ASSERT_TRUE(record(s.events));
    EXPECT_TRUE(is_on_disk(kBallot)) << "a restart would need it";
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    const int64_t before = s.state.number;
    s.pass(kVoteLength);
    ASSERT_TRUE(record({s.events.begin() + before, s.events.end()}));
    EXPECT_FALSE(is_on_disk(kBallot));
    EXPECT_EQ(verified(), std::nullopt);
    EXPECT_EQ(text_of_state(replayed()), text_of_state(s.state));
    EXPECT_EQ(replayed().motion->yes, 1);
}

TEST_F(MeetingLog, TheNextSittingGoesOnFromTheRecord) {
    Sitting s = sitting();
    ASSERT_EQ(s.run("ada", Close{}), std::nullopt);
    ASSERT_TRUE(record(s.events));
    Sitting next = s;
    next.state = replayed();
    next.replayed = next.state;
    next.events.clear();
    next.pass(Duration::minutes(6));
    next.come("ada", owner());
    next.come("kim", guest("Kim"));
    ASSERT_TRUE(record(next.events));
    EXPECT_EQ(text_of_state(replayed()), text_of_state(next.state));
    EXPECT_EQ(verified(), std::nullopt);
}

TEST_F(MeetingLog, BeginsForMeetingsFromBeforeTheLogAndEndedOnesStayEnded) {
    raw("INSERT INTO meeting (id, title, owner, created_at, ended_at) VALUES ('open-one', 'Old', '" + kOwner +
        "', 1000, NULL);" +
        "INSERT INTO meeting (id, title, owner, created_at, ended_at) VALUES ('ended-one', 'Older', '" +
        kOwner + "', 1000, 5000)");
    for (int i = 0; i < 2; ++i) {
        const State open = **database_->replay("open-one");
        EXPECT_EQ(open.phase, State::Phase::Open) << i;
        EXPECT_EQ(open.title, "Old");
        EXPECT_EQ(open.created_at, WallTime{1000});
        const State ended = **database_->replay("ended-one");
        EXPECT_EQ(ended.phase, State::Phase::Ended) << i;
        EXPECT_EQ(ended.ended_at, WallTime{5000}) << i;
    }
    EXPECT_EQ(*database_->verify("open-one"), std::nullopt);
    EXPECT_EQ(*database_->verify("ended-one"), std::nullopt);
    EXPECT_TRUE(database_->append("open-one", {{2, kStart, "", Locked{true}}}));
    EXPECT_TRUE((*database_->replay("open-one"))->is_locked);
}

TEST_F(MeetingLog, AnUnreadableEventIsAnErrorNotAnotherMeeting) {
    const Sitting s = sitting();
    ASSERT_TRUE(record(s.events));
    raw("UPDATE meeting_event SET kind = 'unheard_of' WHERE number = 3");
    const auto state = database_->replay(kMeeting);
    ASSERT_FALSE(state);
    EXPECT_NE(state.error().what.find("3"), std::string::npos);
}

TEST_F(MeetingLog, MeetingsAreChainedEachForItself) {
    const Sitting s = sitting();
    ASSERT_TRUE(record(s.events));
    Events other = s.events;
    std::get<Created>(other[0].what).id = "11111-11111-11111-11111";
    ASSERT_TRUE(database_->append("11111-11111-11111-11111", other));
    raw("UPDATE meeting_event SET at = 0 WHERE meeting_id LIKE '1%' AND number = 2");
    EXPECT_EQ(verified(), std::nullopt);
    EXPECT_EQ(*database_->verify("11111-11111-11111-11111"), 2);
}

TEST_F(MeetingLog, RemembersWhoseBreakLastsUntilWhen) {
    EXPECT_FALSE(*database_->rest(kOwner));
    ASSERT_TRUE(database_->set_rest(kOwner, {kStart + Duration::minutes(5), kMeeting}));
    ASSERT_TRUE(database_->set_rest(kOwner, {kStart + Duration::minutes(9), "other"}));
    const auto rest = *database_->rest(kOwner);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->until, kStart + Duration::minutes(9));
    EXPECT_EQ(rest->meeting_id, "other");
    EXPECT_FALSE(database_->set_rest("nobody", {kStart, kMeeting}));
}

}  // namespace
}  // namespace conclave::store
