#include "load/janus_session.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace conclave::load {
namespace {

using nlohmann::json;

constexpr Instant kStart{1'000'000};

json only(JanusSession& session) {
    const auto requests = session.take_requests();
    EXPECT_EQ(requests.size(), 1u);
    return requests.empty() ? json::object() : json::parse(requests.front());
}

json event(const char* transaction, json data, json jsep = nullptr) {
    json said = {
        {"janus", "event"}, {"transaction", transaction}, {"plugindata", {{"data", std::move(data)}}}};
    if (!jsep.is_null()) said["jsep"] = std::move(jsep);
    return said;
}

json success(const char* transaction, uint64_t id) {
    return {{"janus", "success"}, {"transaction", transaction}, {"data", {{"id", id}}}};
}

std::optional<JanusSession::Event> handle(JanusSession& session, const json& said, Instant now = kStart) {
    return session.handle_message(now, said.dump());
}

TEST(JanusSession, PublishesWithItsOffer) {
    JanusSession session({7, 1, "the offer", {}});
    EXPECT_EQ(only(session)["janus"], "create");
    EXPECT_FALSE(handle(session, success("create", 100)));
    const json attach = only(session);
    EXPECT_EQ(attach["plugin"], "janus.plugin.videoroom");
    EXPECT_EQ(attach["session_id"], 100);
    EXPECT_FALSE(handle(session, success("publish", 200)));
    const json publish = only(session);
    EXPECT_EQ(publish["handle_id"], 200);
    EXPECT_EQ(publish["body"]["room"], 7);
    EXPECT_EQ(publish["body"]["id"], 1);
    EXPECT_EQ(publish["jsep"]["sdp"], "the offer");
    const auto answered =
        handle(session, event("publish", {{"configured", "ok"}}, {{"type", "answer"}, {"sdp", "x"}}));
    ASSERT_TRUE(answered);
    EXPECT_EQ(std::get<JanusSession::Answer>(*answered).sdp, "x");
    session.leave();
    EXPECT_EQ(only(session)["janus"], "destroy");
}

TEST(JanusSession, SubscribesOnceEverybodyPublishes) {
    JanusSession session({7, 9, "", {1, 2}});
    session.take_requests();
    handle(session, success("create", 100));
    session.take_requests();
    handle(session, success("subscribe", 300));
    EXPECT_EQ(only(session)["body"]["streams"], json::parse(R"([{"feed": 1}, {"feed": 2}])"));
    EXPECT_FALSE(handle(session, event("subscribe", {{"error_code", 428}, {"error", "No such feed (1)"}})));
    EXPECT_TRUE(session.take_requests().empty());
    const Instant again = session.next_timeout();
    EXPECT_LT(again, kStart + Duration::seconds(1));
    session.handle_timeout(again);
    EXPECT_EQ(only(session)["body"]["request"], "join");
    const auto offered =
        handle(session, event("subscribe", json::object(), {{"type", "offer"}, {"sdp", "y"}}));
    ASSERT_TRUE(offered);
    EXPECT_EQ(std::get<JanusSession::Offer>(*offered).sdp, "y");
    session.accept("my answer");
    const json start = only(session);
    EXPECT_EQ(start["handle_id"], 300);
    EXPECT_EQ(start["body"]["request"], "start");
    EXPECT_EQ(start["jsep"]["sdp"], "my answer");
}

TEST(JanusSession, StaysAwake) {
    JanusSession session({7, 1, "", {}});
    session.take_requests();
    EXPECT_TRUE(session.next_timeout().is_never());
    handle(session, success("create", 100));
    session.handle_timeout(session.next_timeout());
    EXPECT_EQ(only(session)["janus"], "keepalive");
    EXPECT_GT(session.next_timeout(), kStart + Duration::seconds(25));
}

TEST(JanusSession, SaysWhatJanusRefuses) {
    const auto why = [](const std::string& said) {
        JanusSession session({7, 1, "", {2}});
        const auto failed = session.handle_message(kStart, said);
        return failed ? std::get<JanusSession::Failed>(*failed).why : "";
    };
    EXPECT_EQ(why(R"({"janus": "error", "error": {"code": 403, "reason": "Unauthorized"}})"),
              "Janus: Unauthorized");
    EXPECT_EQ(why(R"({"janus": "hangup", "reason": "DTLS alert"})"), "Janus: DTLS alert");
    EXPECT_EQ(why(event("subscribe", {{"error_code", 426}, {"error", "No such room"}}).dump()),
              "Janus: No such room");
    EXPECT_EQ(why(event("publish", {{"error_code", 428}, {"error", "No such feed"}}).dump()),
              "Janus: No such feed");
    EXPECT_EQ(why("[1]"), "a message of Janus is no JSON object");
    EXPECT_EQ(why("{"), "a message of Janus is no JSON object");
    for (const char* harmless :
         {R"({})", R"({"janus": 1})", R"({"janus": "ack"})", R"({"janus": "event", "jsep": 3})",
          R"({"janus": "success", "transaction": [], "data": {"id": -1}})"})
        EXPECT_EQ(why(harmless), "") << harmless;
}

}  // namespace
}  // namespace conclave::load
