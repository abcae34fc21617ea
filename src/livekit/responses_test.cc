#include "livekit/responses.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace conclave::livekit {
namespace {

TEST(Responses, JoinCarriesServerAndPingTimes) {
    pb::JoinResponse join;
    join.mutable_room()->set_name("standup");
    const pb::SignalResponse response = join_response(join, "fr", "node1");
    EXPECT_EQ(response.join().room().name(), "standup");
    EXPECT_EQ(response.join().ping_interval(), 5);
    EXPECT_EQ(response.join().ping_timeout(), 15);
    EXPECT_EQ(response.join().server_version(), "1.13.6");
    EXPECT_EQ(response.join().server_region(), "fr");
    const pb::ServerInfo& server = response.join().server_info();
    EXPECT_EQ(server.version(), "1.13.6");
    EXPECT_EQ(server.protocol(), 17);
    EXPECT_EQ(server.region(), "fr");
    EXPECT_EQ(server.node_id(), "node1");
    EXPECT_EQ(server.debug_info(), "conclave");
}

TEST(Responses, ReconnectKeepsTheLastSequence) {
    pb::ReconnectResponse reconnect;
    reconnect.set_last_message_seq(9);
    const pb::SignalResponse response = reconnect_response(reconnect);
    EXPECT_EQ(response.reconnect().last_message_seq(), 9U);
    EXPECT_EQ(response.reconnect().server_info().version(), "1.13.6");
}

TEST(Responses, TrickleIsJsonWithTheThreeMembersThatRustRequires) {
    const std::string_view line = "candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host";
    const auto response = trickle({line, "a\"\xff", 3}, pb::SUBSCRIBER, true);
    EXPECT_EQ(response.trickle().target(), pb::SUBSCRIBER);
    EXPECT_TRUE(response.trickle().final());
    const auto init = nlohmann::json::parse(response.trickle().candidateinit());
    EXPECT_EQ(init["candidate"], line);
    EXPECT_EQ(init["sdpMid"], "a\"\xef\xbf\xbd");
    EXPECT_EQ(init["sdpMLineIndex"], 3);
    EXPECT_EQ(init.size(), 3U);
}

TEST(ResponsesDeathTest, TrickleOfAnEmptyCandidateIsABug) {
    EXPECT_DEATH((void)trickle({"", "0", 0}, pb::PUBLISHER, true), "starts_with");
}

TEST(CandidateInit, OfABrowserIsRead) {
    const auto init = parse_candidate_init(
        R"({"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"uf"})");
    ASSERT_TRUE(init);
    EXPECT_EQ(init->candidate, "candidate:1 1 udp 1 192.0.2.1 9 typ host");
    EXPECT_EQ(init->mid, "0");
    EXPECT_EQ(init->mline_index, 0);
    EXPECT_EQ(init->ufrag, "uf");
}

TEST(CandidateInit, EndOfCandidatesHasNoCandidate) {
    const auto init = parse_candidate_init(R"({"candidate":"","sdpMid":null,"sdpMLineIndex":null})");
    ASSERT_TRUE(init);
    EXPECT_TRUE(init->candidate.empty());
    EXPECT_EQ(init->mline_index, std::nullopt);
    EXPECT_TRUE(parse_candidate_init("{}"));
}

TEST(CandidateInit, OtherThingsAreRefused) {
    for (const std::string_view json :
         {"", "null", "[]", "{", R"({"candidate":1})", R"({"sdpMid":0})", R"({"sdpMLineIndex":-1})",
          R"({"sdpMLineIndex":65536})", R"({"sdpMLineIndex":"0"})", R"({"usernameFragment":{}})"}) {
        EXPECT_FALSE(parse_candidate_init(json)) << json;
    }
}

TEST(CandidateInit, SizeLimitIsExact) {
    const std::string head = R"({"candidate":")";
    const std::string json = head + std::string(kCandidateMax - head.size() - 2, 'c') + "\"}";
    EXPECT_TRUE(parse_candidate_init(json));
    EXPECT_FALSE(parse_candidate_init(json + " "));
}

TEST(RequestResponse, EchoesEveryRequestItCanEcho) {
    using Request = pb::SignalRequest;
    const auto echo = [](const Request& request) {
        return request_response(7, pb::RequestResponse::NOT_ALLOWED, "no", request).request_response();
    };
    Request request;
    request.mutable_trickle()->set_final(true);
    EXPECT_TRUE(echo(request).trickle().final());
    request.mutable_add_track()->set_cid("c");
    EXPECT_EQ(echo(request).add_track().cid(), "c");
    request.mutable_mute()->set_sid("s");
    EXPECT_EQ(echo(request).mute().sid(), "s");
    request.mutable_update_metadata()->set_name("n");
    EXPECT_EQ(echo(request).update_metadata().name(), "n");
    request.mutable_update_audio_track()->set_track_sid("s");
    EXPECT_EQ(echo(request).update_audio_track().track_sid(), "s");
    request.mutable_update_video_track()->set_track_sid("s");
    EXPECT_EQ(echo(request).update_video_track().track_sid(), "s");
    request.mutable_publish_data_track_request()->set_name("n");
    EXPECT_EQ(echo(request).publish_data_track().name(), "n");
    request.mutable_unpublish_data_track_request()->set_pub_handle(4);
    EXPECT_EQ(echo(request).unpublish_data_track().pub_handle(), 4U);
    request.mutable_sync_state();
    EXPECT_EQ(echo(request).request_case(), pb::RequestResponse::REQUEST_NOT_SET);
    EXPECT_EQ(echo(request).request_id(), 7U);
    EXPECT_EQ(echo(request).reason(), pb::RequestResponse::NOT_ALLOWED);
    EXPECT_EQ(echo(request).message(), "no");
}

TEST(ParticipantUpdates, AreCutAtAbout128KibibytesInOrder) {
    std::vector<pb::ParticipantInfo> people(5);
    for (size_t i = 0; i < people.size(); ++i) {
        people[i].set_identity(std::to_string(i));
        people[i].set_metadata(std::string(60'000, 'm'));
    }
    people[4].set_metadata(std::string(kUpdateBytes + 1, 'm'));
    const auto updates = participant_updates(people);
    ASSERT_EQ(updates.size(), 3U);
    EXPECT_EQ(updates[0].update().participants_size(), 2);
    EXPECT_EQ(updates[1].update().participants_size(), 2);
    EXPECT_EQ(updates[1].update().participants(1).identity(), "3");
    EXPECT_EQ(updates[2].update().participants(0).identity(), "4");
    EXPECT_TRUE(participant_updates({}).empty());
}

}  // namespace
}  // namespace conclave::livekit
