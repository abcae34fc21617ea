#include "store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>

namespace conclave::store {
namespace {

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
constexpr Duration kHour = Duration::minutes(60);
const std::string kMeetingId = "00000-00000-00000-00000";

class StoreTest : public testing::Test {
 protected:
    StoreTest() {
        std::string pattern = testing::TempDir() + "store_test_XXXXXX";
        directory_ = mkdtemp(pattern.data());
        path_ = directory_ + "/conclave.db";
    }
    ~StoreTest() override { std::filesystem::remove_all(directory_); }

    std::unique_ptr<Database> open() {
        Result<std::unique_ptr<Database>> database = Database::open(path_);
        EXPECT_TRUE(database) << (database ? "" : database.error().what);
        return database ? std::move(*database) : nullptr;
    }
    void raw(const char* sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
        sqlite3_close(handle);
    }

    std::string directory_;
    std::string path_;
};

account::SecretHash hash(uint8_t fill) {
    account::SecretHash h;
    h.fill(fill);
    return h;
}

void add_account(Database& database) {
    ASSERT_TRUE(database.insert_account({"a1", "Ada", account::Role::Administrator}, kNow));
}

// The front thread: runs what is posted to it until a condition holds.
class Front {
 public:
    Store::Post post() {
        return [this](std::function<void()> fn) {
            const std::lock_guard lock(mutex_);
            posted_.push_back(std::move(fn));
            wake_.notify_one();
        };
    }
    void run_until(const std::function<bool()>& done) {
        while (!done()) {
            std::function<void()> fn;
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return !posted_.empty(); });
                fn = std::move(posted_.front());
                posted_.erase(posted_.begin());
            }
            fn();
        }
    }

 private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::function<void()>> posted_;
};

meeting::Event created(const std::string& id, WallTime at, const std::string& owner = "a1") {
    return {1, at, owner, meeting::Created{id, "Budget", owner, {}}};
}

TEST_F(StoreTest, IsReadableByItsOwnerOnly) {
    const auto database = open();
    add_account(*database);
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat status {};
        ASSERT_EQ(stat((path_ + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
    }
}

TEST_F(StoreTest, ReopeningFindsEverything) {
    {
        const auto database = open();
        add_account(*database);
        ASSERT_TRUE(database->append(kMeetingId, {created(kMeetingId, kNow)}));
        ASSERT_TRUE(database->set_secret("key", std::string("\0\1\2", 3)));
        ASSERT_TRUE(database->insert_api_key({"API1", "secret", "bot", kNow, {}}));
    }
    const auto database = open();
    EXPECT_EQ((*database->first_administrator())->name, "Ada");
    EXPECT_EQ((*database->account_by_name("Ada"))->id, "a1");
    EXPECT_FALSE(*database->account("a2"));
    const meeting::State meeting = **database->meeting(kMeetingId);
    EXPECT_EQ(meeting.phase, meeting::State::Phase::Open);
    EXPECT_EQ(meeting.title, "Budget");
    EXPECT_EQ(meeting.created_at, kNow);
    EXPECT_EQ(**database->secret("key"), std::string("\0\1\2", 3));
    EXPECT_FALSE(*database->secret("other"));
    EXPECT_EQ((*database->api_key("API1"))->secret, "secret");
    EXPECT_TRUE(Database::inspect(path_));
}

TEST_F(StoreTest, MigratesAFileFromBeforeTheFirstVersionAndKeepsWhatItHas) {
    raw("PRAGMA user_version = 0");  // an empty file: version 0
    add_account(*open());
    EXPECT_TRUE(*open()->account("a1"));
}

TEST_F(StoreTest, RefusesANewerFileAndAnotherApplicationsFile) {
    open().reset();
    raw("PRAGMA user_version = 99");
    EXPECT_NE(Database::open(path_).error().what.find("newer version"), std::string::npos);
    raw("PRAGMA user_version = 1; PRAGMA application_id = 7");
    EXPECT_NE(Database::open(path_).error().what.find("another application"), std::string::npos);
}

TEST_F(StoreTest, InspectingSaysHowOldAFileIsAndChangesNothing) {
    EXPECT_FALSE(Database::inspect(path_));
    EXPECT_FALSE(std::filesystem::exists(path_));
    const int newest = [this] {
        add_account(*open());
        return Database::inspect(path_)->newest;
    }();
    EXPECT_EQ(Database::inspect(path_)->version, newest);
    EXPECT_TRUE(Database::inspect(path_)->is_ours);
    EXPECT_TRUE(Database::inspect(path_)->has_administrator);
    raw("PRAGMA user_version = 1");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(Database::inspect(path_)->version, 1);
    raw("PRAGMA user_version = 99; PRAGMA application_id = 7; DELETE FROM account");
    EXPECT_EQ(Database::inspect(path_)->version, 99);
    EXPECT_FALSE(Database::inspect(path_)->is_ours);
    EXPECT_FALSE(Database::inspect(path_)->has_administrator);
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsAnErrorNotACrash) {
    FILE* file = fopen(path_.c_str(), "w");
    fputs("this is not a database, but it is long enough to look like the header of one ...............",
          file);
    fclose(file);
    EXPECT_FALSE(Database::open(path_));
    EXPECT_FALSE(Database::open(directory_ + "/missing/conclave.db"));
}

TEST_F(StoreTest, ASignInLinkWorksOnceAndNotAfterItExpired) {
    const auto database = open();
    add_account(*database);
    ASSERT_TRUE(database->insert_sign_in_link({hash(1), "a1", kNow + kHour}));
    ASSERT_TRUE(database->insert_sign_in_link({hash(2), "a1", kNow + kHour}));
    EXPECT_FALSE(*database->redeem_sign_in_link(
        hash(9), {.hash = hash(11), .created_at = kNow, .seen_at = kNow}, kNow));
    EXPECT_EQ((*database->redeem_sign_in_link(hash(1),
                                              {.hash = hash(11), .created_at = kNow, .seen_at = kNow}, kNow))
                  ->id,
              "a1");
    EXPECT_FALSE(*database->redeem_sign_in_link(
        hash(1), {.hash = hash(12), .created_at = kNow, .seen_at = kNow}, kNow));
    EXPECT_FALSE(*database->redeem_sign_in_link(
        hash(2), {.hash = hash(13), .created_at = kNow, .seen_at = kNow}, kNow + kHour));

    const account::SessionRules rules;
    EXPECT_EQ((*database->account_of_session(hash(11), rules, kNow))->name, "Ada");
    EXPECT_FALSE(*database->account_of_session(hash(12), rules, kNow));
    EXPECT_FALSE(*database->account_of_session(hash(13), rules, kNow));
}

TEST_F(StoreTest, ASessionSlidesAndEndsAndIsRevoked) {
    const auto database = open();
    add_account(*database);
    const account::SessionRules rules;
    for (const uint8_t n : {uint8_t{1}, uint8_t{2}}) {
        ASSERT_TRUE(database->insert_sign_in_link({hash(n), "a1", kNow + kHour}));
        ASSERT_TRUE(*database->redeem_sign_in_link(
            hash(n), {.hash = hash(static_cast<uint8_t>(10 + n)), .created_at = kNow, .seen_at = kNow},
            kNow));
    }
    EXPECT_TRUE(*database->account_of_session(hash(11), rules, kNow + kHour * 11));
    EXPECT_TRUE(*database->account_of_session(hash(11), rules, kNow + kHour * 22));
    EXPECT_FALSE(*database->account_of_session(hash(12), rules, kNow + kHour * 22));
    ASSERT_TRUE(database->purge(rules, kNow + kHour * 22));
    EXPECT_FALSE(*database->account_of_session(hash(12), rules, kNow));  // gone, not only ended
    ASSERT_TRUE(database->delete_session(hash(11)));
    EXPECT_FALSE(*database->account_of_session(hash(11), rules, kNow + kHour * 22));
}

TEST_F(StoreTest, MeetingsAreListedNewestFirstWithoutEndedOnes) {
    const auto database = open();
    add_account(*database);
    for (const int i : {1, 2, 3}) {
        const std::string id = "m" + std::to_string(i);
        ASSERT_TRUE(database->append(id, {created(id, kNow + kHour * i)}));
    }
    ASSERT_TRUE(database->append("m2", {{2, kNow + kHour * 9, "a1", meeting::Ended{}}}));
    const auto all = *database->meetings_of("a1");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].id, "m3");
    EXPECT_EQ(all[1].id, "m1");
    EXPECT_EQ((*database->meeting("m2"))->phase, meeting::State::Phase::Ended);
    EXPECT_FALSE(database->append("m9", {{2, kNow, "a1", meeting::Ended{}}}));
    EXPECT_FALSE(database->append("m1", {created("m1", kNow)}));
    EXPECT_FALSE(database->append("m4", {created("m4", kNow, "nobody")}));
}

TEST_F(StoreTest, ARevokedApiKeyIsListedButOpensNothing) {
    const auto database = open();
    ASSERT_TRUE(database->insert_api_key({"API1", "secret", "bot", kNow, {}}));
    EXPECT_TRUE(*database->revoke_api_key("API1", kNow));
    EXPECT_FALSE(*database->revoke_api_key("API1", kNow));
    EXPECT_FALSE(*database->revoke_api_key("API2", kNow));
    EXPECT_FALSE(*database->api_key("API1"));
    ASSERT_EQ(database->api_keys()->size(), 1u);
    EXPECT_TRUE(database->api_keys()->front().revoked_at);
}

TEST_F(StoreTest, RequestsShareACommitAndAFailedOneUndoesItselfOnly) {
    Front front;
    int answered = 0;
    int failed = 0;
    {
        auto store = std::move(*Store::open(path_, front.post()));
        const auto insert = [&](std::string id) {
            store->run<Ok>(
                [id](Database& database) -> Status {
                    TRY(database.insert_account({id, "n", account::Role::Agent}, kNow));
                    if (id.starts_with("bad")) return failure("refused after writing");
                    return Ok{};
                },
                [&](const Status& status) {
                    ++answered;
                    if (!status) ++failed;
                });
        };
        for (int i = 0; i < 200; ++i) insert((i % 4 == 0 ? "bad" : "good") + std::to_string(i));
        front.run_until([&] { return answered == 200; });
        EXPECT_EQ(failed, 50);
        EXPECT_EQ(store->counters().requests, 200u);
        EXPECT_EQ(store->counters().failures, 50u);
        EXPECT_LE(store->counters().commits, 200u);
    }
    EXPECT_FALSE(*open()->account("bad0"));
    EXPECT_TRUE(*open()->account("good199"));
}

TEST_F(StoreTest, ATooLongQueueIsRefusedNotKept) {
    Front front;
    auto store = std::move(*Store::open(path_, front.post()));
    std::mutex gate;
    gate.lock();
    size_t answered = 0;
    size_t failed = 0;
    const auto then = [&](const Status& status) {
        ++answered;
        if (!status) ++failed;
    };
    std::promise<void> taken;
    store->run<Ok>(
        [&](Database&) -> Status {
            taken.set_value();
            const std::lock_guard wait(gate);
            return Ok{};
        },
        then);
    taken.get_future().wait();  // from here on nothing leaves the queue
    const size_t more = Store::kQueuedMax + 10;
    for (size_t i = 0; i < more; ++i) store->run<Ok>([](Database&) -> Status { return Ok{}; }, then);
    EXPECT_EQ(store->counters().queued, Store::kQueuedMax);
    gate.unlock();
    front.run_until([&] { return answered == more + 1; });
    EXPECT_EQ(failed, 10u);
}

TEST_F(StoreTest, ClosingFinishesWhatIsQueued) {
    Front front;
    {
        auto store = std::move(*Store::open(path_, front.post()));
        for (int i = 0; i < 50; ++i) {
            store->run<Ok>(
                [i](Database& database) {
                    return database.insert_account({std::to_string(i), "n", account::Role::Agent}, kNow);
                },
                [](const Status&) {});
        }
    }
    EXPECT_TRUE(*open()->account("49"));
}

// A process dies in the middle of a transaction: whatever it had acknowledged is there, what it had not
// finished is not.
TEST_F(StoreTest, KilledInsideATransactionKeepsAcknowledgedRowsOnly) {
    int acknowledged[2];
    ASSERT_EQ(pipe(acknowledged), 0);
    const pid_t child = fork();
    if (child == 0) {
        Front front;
        auto store = std::move(*Store::open(path_, front.post()));
        int answered = 0;
        for (int i = 0; i < 40; ++i) {
            store->run<Ok>(
                [i](Database& database) {
                    return database.insert_account({std::to_string(i), "n", account::Role::Agent}, kNow);
                },
                [&, i](const Status& status) {
                    const auto byte = static_cast<uint8_t>(i);
                    if (status && write(acknowledged[1], &byte, 1) == 1) ++answered;
                });
        }
        front.run_until([&] { return answered == 40; });
        store->run<Ok>(
            [](Database& database) -> Status {
                (void)database.insert_account({"half", "n", account::Role::Agent}, kNow);
                _exit(0);
            },
            [](const Status&) {});
        front.run_until([] { return false; });
    }
    close(acknowledged[1]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    const auto database = open();
    uint8_t id = 0;
    int count = 0;
    while (read(acknowledged[0], &id, 1) == 1) {
        ++count;
        EXPECT_TRUE(*database->account(std::to_string(id))) << int{id};
    }
    close(acknowledged[0]);
    EXPECT_EQ(count, 40);
    EXPECT_FALSE(*database->account("half"));
    EXPECT_TRUE(Database::inspect(path_));
}

}  // namespace
}  // namespace conclave::store
