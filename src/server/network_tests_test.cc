#include "server/network_tests.h"

#include <gtest/gtest.h>

#include "livekit/token.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

using account::Place;

constexpr Instant kNow{1'000'000};
const SocketAddress kHere = SocketAddress::v4(192, 0, 2, 1, 1);
const SocketAddress kThere = SocketAddress::v4(192, 0, 2, 2, 1);

OpenTests::Test test(const std::string& room) {
    return {.room = room, .sender = "s", .receiver = "r"};
}

TEST(OpenTests, ExpectTheirTwoPersonsForAMinute) {
    OpenTests tests(8);
    tests.add(kNow, kHere, test("a"));
    EXPECT_EQ(tests.place_of(kNow, "a", "s"), Place::Inside);
    EXPECT_EQ(tests.place_of(kNow, "a", "r"), Place::Inside);
    EXPECT_EQ(tests.place_of(kNow, "a", "somebody"), Place::None);
    EXPECT_EQ(tests.place_of(kNow, "b", "s"), std::nullopt);
    const Instant last = kNow + OpenTests::kLasts + Duration{-1};
    EXPECT_EQ(tests.place_of(last, "a", "s"), Place::Inside);
    EXPECT_EQ(tests.place_of(last + Duration{1}, "a", "s"), std::nullopt);
}

TEST(OpenTests, AreSoManyAtOnceAndAQuarterOfThemFromOneAddress) {
    OpenTests tests(8);
    for (const char* room : {"a", "b"}) {
        EXPECT_TRUE(tests.has_room_for(kNow, kHere));
        tests.add(kNow, kHere, test(room));
    }
    EXPECT_FALSE(tests.has_room_for(kNow, kHere));
    EXPECT_TRUE(tests.has_room_for(kNow, kThere));
    for (uint8_t i = 0; i < 6; ++i) tests.add(kNow, SocketAddress::v4(192, 0, 2, 100 + i, 1), test("c"));
    EXPECT_FALSE(tests.has_room_for(kNow, kThere));
    EXPECT_TRUE(tests.has_room_for(kNow + OpenTests::kLasts, kHere));
}

TEST(OpenTests, OneAtLeastIsForEverybody) {
    OpenTests tests(1);
    EXPECT_TRUE(tests.has_room_for(kNow, kHere));
    tests.add(kNow, kHere, test("a"));
    EXPECT_FALSE(tests.has_room_for(kNow, kThere));
}

class NetworkTestsTest : public SiteTest {
 protected:
    Answer begin(const Fields& fields) { return ask("POST", "/api/v1/network-test", fields, "{}"); }
    Answer knock(const std::string& token) {
        return ask("GET", "/rtc/validate", {{"Authorization", "Bearer " + token}});
    }
    livekit::Claims claims_of(const std::string& token) {
        const auto lookup = [this](std::string_view) {
            return std::optional<ByteView>(front_->keys.meeting_secret());
        };
        return *livekit::verify_token(token, lookup, net::wall_now());
    }
};

TEST_F(NetworkTestsTest, GivesTwoPersonsARoomOfTheirOwn) {
    start();
    const Answer answer = begin(own_page());
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_NE(answer.body.find("\"lasts\":60000"), std::string::npos) << answer.body;
    const livekit::Claims sender = claims_of(answer.member("sender"));
    const livekit::Claims receiver = claims_of(answer.member("receiver"));
    EXPECT_EQ(sender.video.room, receiver.video.room);
    EXPECT_NE(sender.identity, receiver.identity);
    EXPECT_EQ(knock(answer.member("sender")).status, 200);
    EXPECT_EQ(knock(answer.member("receiver")).status, 200);
    on_front([&] {
        ASSERT_EQ(media_->rules.size(), 1U);
        EXPECT_EQ(media_->rules[0].room, sender.video.room);
        EXPECT_TRUE(media_->rules[0].others.camera && media_->rules[0].others.microphone);
        EXPECT_FALSE(media_->rules[0].others.screen);
    });
    EXPECT_NE(claims_of(begin(own_page()).member("sender")).video.room, sender.video.room);
}

TEST_F(NetworkTestsTest, NobodyElseGetsIntoIt) {
    start();
    const std::string room = claims_of(begin(own_page()).member("sender")).video.room;
    EXPECT_EQ(knock(front_->keys.join_token({.identity = "guest-1"}, room, net::wall_now())).status, 404);
    in_store([](store::Database& database) {
        return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
    });
    livekit::Claims claims;
    claims.identity = "bot";
    claims.video.room_join = true;
    claims.video.room = room;
    const std::string token =
        livekit::mint_token(claims, "APIkey", as_bytes("s3cret"), net::wall_now(), Duration::minutes(1));
    EXPECT_EQ(knock(token).status, 403) << "not a room of applications";
}

TEST_F(NetworkTestsTest, IsForOurOwnPageWithinTheLimits) {
    config_.limits.network_tests = 4;
    start();
    EXPECT_EQ(begin({{"Origin", "https://evil.example"}}).status, 403);
    EXPECT_EQ(begin(own_page()).status, 201);
    const Answer busy = begin(own_page());
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.member("code"), "server_overloaded");
    EXPECT_NE(busy.header("retry-after"), "");
}

TEST_F(NetworkTestsTest, CountsAsAJoinAndNeedsAServerWithTime) {
    config_.limits.joins_per_minute_per_address = 2;
    start();
    on_front([this] { media_->has_time = false; });
    EXPECT_EQ(begin(own_page()).status, 503);
    on_front([this] { media_->has_time = true; });
    EXPECT_EQ(begin(own_page()).status, 201);
    EXPECT_EQ(begin(own_page()).status, 429);
}

TEST_F(NetworkTestsTest, IsNotThereWhereItIsSwitchedOff) {
    config_.limits.network_tests = 0;
    start();
    EXPECT_EQ(begin(own_page()).status, 404);
}

TEST_F(NetworkTestsTest, EndsByItself) {
    start();
    std::function<void()> end;
    on_front([&] {
        front_->run_after = [&end](Duration delay, std::function<void()> fn) {
            EXPECT_EQ(delay, OpenTests::kLasts);
            end = std::move(fn);
        };
    });
    const std::string room = claims_of(begin(own_page()).member("sender")).video.room;
    on_front([&] {
        ASSERT_TRUE(end);
        end();
        ASSERT_EQ(media_->meeting_calls.size(), 1U);
        EXPECT_EQ(livekit::room_of(media_->meeting_calls[0]), room);
    });
}

}  // namespace
}  // namespace conclave::server
