#include "livekit/encoding.h"

#include <gtest/gtest.h>

#include "livekit/session.h"

namespace conclave::livekit {
namespace {

pb::SignalResponse update_of(const std::string& sid) {
    pb::SignalResponse response;
    response.mutable_update()->add_participants()->set_sid(sid);
    return response;
}

pb::ClientInfo client(int protocol) {
    pb::ClientInfo info;
    info.set_protocol(protocol);
    return info;
}

class OpenSession {
 public:
    explicit OpenSession(int protocol) : session_({}, client(protocol)) {
        session_.open(encode(pb::SignalResponse()), outbox_);
        session_.open(encode(update_of("PA_no")), outbox_);  // a session is opened once
        (void)outbox_.take();
    }
    void speak_json() { (void)session_.handle_text({}, {}, R"({"ping":1})", outbox_), (void)outbox_.take(); }
    std::vector<Frame> told(const SharedResponse& response) {
        session_.send(response, outbox_);
        return outbox_.take();
    }

 private:
    Outbox outbox_;
    Session session_;
};

TEST(SharedResponse, AllWhoReadTheSameFormGetTheSameBytes) {
    const SharedResponse response(update_of("PA_x"));
    OpenSession one(16);
    OpenSession other(9);
    OpenSession in_json(16);
    OpenSession too(16);
    in_json.speak_json();
    too.speak_json();
    const auto first = one.told(response);
    const auto second = other.told(response);
    const auto text = in_json.told(response);
    const auto more = too.told(response);
    ASSERT_EQ(first.size() + second.size() + text.size() + more.size(), 4U);
    EXPECT_TRUE(first[0].payload.is(second[0].payload));
    EXPECT_TRUE(text[0].payload.is(more[0].payload));
    EXPECT_FALSE(first[0].is_text);
    EXPECT_TRUE(text[0].is_text);
    EXPECT_EQ(first[0].payload.str(), update_of("PA_x").SerializeAsString());
    EXPECT_EQ(text[0].payload.str().front(), '{');
}

TEST(SharedResponse, WhoNeedsOtherWordsGetsItsOwn) {
    pb::SignalResponse lost;
    lost.mutable_connection_quality()->add_updates()->set_quality(pb::LOST);
    const SharedResponse response(lost);
    OpenSession recent(16);
    OpenSession old(10);
    OpenSession oldest(4);
    pb::SignalResponse read;
    const auto to_recent = recent.told(response);
    ASSERT_EQ(to_recent.size(), 1U);
    ASSERT_TRUE(read.ParseFromString(to_recent[0].payload));
    EXPECT_EQ(read.connection_quality().updates(0).quality(), pb::LOST);
    const auto to_old = old.told(response);
    ASSERT_EQ(to_old.size(), 1U);
    ASSERT_TRUE(read.ParseFromString(to_old[0].payload));
    EXPECT_EQ(read.connection_quality().updates(0).quality(), pb::POOR);
    EXPECT_TRUE(oldest.told(response).empty());
}

TEST(SharedResponse, NothingPrecedesTheJoinNorFollowsTheLeave) {
    Session session({}, client(16));
    Outbox outbox;
    session.send(SharedResponse(update_of("PA_x")), outbox);
    EXPECT_TRUE(outbox.empty());
    session.open(encode(pb::SignalResponse()), outbox);
    pb::SignalResponse leave;
    leave.mutable_leave();
    session.send(SharedResponse(leave), outbox);
    (void)outbox.take();
    EXPECT_TRUE(session.is_closed());
    session.send(SharedResponse(update_of("PA_x")), outbox);
    EXPECT_TRUE(outbox.empty());
}

TEST(EncodeJoin, IsWhatProtobufWouldHaveWritten) {
    pb::SignalResponse join;
    join.mutable_join()->mutable_room()->set_name("room");
    join.mutable_join()->mutable_participant()->set_identity("me");
    join.mutable_join()->set_server_version("1");
    std::vector<std::string> others;
    for (int i = 0; i < 300; ++i) {
        pb::ParticipantInfo other;
        other.set_identity("person " + std::to_string(i));
        other.set_metadata(std::string(static_cast<size_t>(i), 'm'));
        others.push_back(other.SerializeAsString());
    }
    std::vector<const std::string*> pieces;
    for (const std::string& other : others) pieces.push_back(&other);
    pb::SignalResponse read;
    ASSERT_TRUE(read.ParseFromString(encode_join(join, pieces)));
    pb::SignalResponse expected = join;
    for (const std::string& other : others)
        ASSERT_TRUE(expected.mutable_join()->add_other_participants()->ParseFromString(other));
    EXPECT_EQ(read.SerializeAsString(), expected.SerializeAsString());
    ASSERT_TRUE(read.ParseFromString(encode_join(join, {})));
    EXPECT_EQ(read.SerializeAsString(), join.SerializeAsString());
}

}  // namespace
}  // namespace conclave::livekit
