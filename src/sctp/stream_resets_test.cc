#include "sctp/stream_resets.h"

#include <gtest/gtest.h>

#include <array>

namespace conclave::sctp {
namespace {

using wire::SctpResetResult;

constexpr uint32_t kOurs = 0xFFFFFFFF;  // request numbers wrap at once
constexpr uint32_t kTheirs = 500;

// One RE-CONFIG chunk written by `fill`, handed to the machine.
template <class Fill>
std::optional<StreamResets::Outcome> receive(StreamResets& resets, uint32_t cumulative_tsn, Fill fill) {
    std::array<uint8_t, 1160> buffer;
    wire::SctpWriter writer(buffer, {});
    writer.begin_chunk(wire::SctpChunkType::ReConfig, 0);
    fill(writer);
    writer.end_chunk();
    wire::SctpChunks chunks(wire::parse_sctp_packet(writer.finish())->chunks);
    return resets.handle(*chunks.next(), cumulative_tsn);
}

struct Output {
    std::vector<std::pair<uint32_t, SctpResetResult>> responses;
    std::vector<uint32_t> requests;
    std::vector<uint16_t> streams;
};

Output take_output(StreamResets& resets) {
    std::array<uint8_t, 1160> buffer;
    wire::SctpWriter writer(buffer, {});
    resets.write(writer);
    Output output;
    if (writer.empty()) return output;
    wire::SctpChunks chunks(wire::parse_sctp_packet(writer.finish())->chunks);
    while (const auto chunk = chunks.next()) {
        wire::SctpParameters parameters(chunk->value);
        while (const auto parameter = parameters.next()) {
            if (parameter->type == wire::SctpParameterType::ReconfigResponse) {
                const auto response = wire::parse_sctp_reconfig_response(*parameter);
                output.responses.emplace_back(response->response, response->result);
            } else if (const auto reset = wire::parse_sctp_outgoing_reset(*parameter)) {
                output.requests.push_back(reset->request);
                for (size_t i = 0; i < reset->stream_count(); ++i) output.streams.push_back(reset->stream(i));
            }
        }
    }
    return output;
}

class StreamResetsTest : public testing::Test {
 protected:
    void SetUp() override { resets.start(kOurs, kTheirs); }
    auto request(uint32_t number, uint32_t last_tsn, std::vector<uint16_t> streams, uint32_t cumulative) {
        return receive(resets, cumulative, [&](auto& w) { w.outgoing_reset(number, 0, last_tsn, streams); });
    }
    StreamResets resets;
    const std::vector<uint16_t> one{1};
};

TEST_F(StreamResetsTest, AnIncomingRequestIsCarriedOutOnceAndAnsweredAlikeWhenRepeated) {
    for (int i = 0; i < 3; ++i) {
        const auto outcome = request(kTheirs, 77, {1, 2}, 77);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->incoming.size(), i == 0 ? 2u : 0u);
        const Output output = take_output(resets);
        ASSERT_EQ(output.responses.size(), 1u);
        EXPECT_EQ(output.responses[0], (std::pair{kTheirs, SctpResetResult::Performed}));
    }
}

TEST_F(StreamResetsTest, ARequestAheadOfItsDataWaitsForTheData) {
    auto outcome = request(kTheirs, 80, one, 77);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->incoming.empty());
    EXPECT_EQ(take_output(resets).responses[0].second, SctpResetResult::InProgress);
    EXPECT_FALSE(resets.handle_progress(79));
    outcome = resets.handle_progress(80);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->incoming, one);
    EXPECT_EQ(take_output(resets).responses[0].second, SctpResetResult::Performed);
    outcome = request(kTheirs, 80, one, 80);
    EXPECT_TRUE(outcome->incoming.empty());
    EXPECT_EQ(take_output(resets).responses[0].second, SctpResetResult::Performed);
    EXPECT_FALSE(resets.handle_progress(81));
}

TEST_F(StreamResetsTest, WrongNumbersStreamsAndKindsAreRefused) {
    EXPECT_TRUE(request(kTheirs + 1, 1, one, 1)->incoming.empty());
    EXPECT_EQ(take_output(resets).responses[0].second, SctpResetResult::BadSequenceNumber);
    EXPECT_TRUE(request(kTheirs, 1, {kStreamsMax}, 1)->incoming.empty());
    EXPECT_EQ(take_output(resets).responses[0].second, SctpResetResult::WrongSsn);
    const std::array<uint8_t, 8> add_streams{0, 0, 0x01, 0xF5, 0, 9, 0, 0};  // number 501
    receive(resets, 1,
            [&](auto& w) { w.parameter(wire::SctpParameterType::AddOutgoingStreams, add_streams); });
    EXPECT_EQ(take_output(resets).responses[0], (std::pair{kTheirs + 1, SctpResetResult::Denied}));
    EXPECT_FALSE(receive(resets, 1,
                         [&](auto& w) { w.parameter(wire::SctpParameterType::OutgoingReset, add_streams); }));
    EXPECT_FALSE(receive(resets, 1, [&](auto& w) { w.parameter(wire::SctpParameterType::SsnTsnReset, {}); }));
}

TEST_F(StreamResetsTest, AnEmptyListMeansAllStreams) {
    const auto outcome = request(kTheirs, 1, {}, 1);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->all_incoming);
    const auto wanted = receive(resets, 1, [&](auto& w) { w.incoming_reset(kTheirs + 1, {}); });
    EXPECT_TRUE(wanted->all_requested);
}

TEST_F(StreamResetsTest, ResponsesAndRepetitionsAreBounded) {
    for (uint32_t i = 0; i < 1000; ++i) (void)request(kTheirs + i, 1, one, 1);
    EXPECT_LE(take_output(resets).responses.size(), 4u);
}

TEST_F(StreamResetsTest, OurRequestTakesDrainedStreamsOnlyAndOneIsOutstandingAtATime) {
    for (const uint16_t stream : std::initializer_list<uint16_t>{3, 4, 5}) resets.request(stream);
    resets.collect([](uint16_t stream) { return stream != 4; }, 99);
    EXPECT_TRUE(resets.pending(3) && resets.pending(4) && !resets.pending(6));
    Output output = take_output(resets);
    EXPECT_EQ(output.requests, std::vector<uint32_t>{kOurs});
    EXPECT_EQ(output.streams, (std::vector<uint16_t>{3, 5}));
    EXPECT_TRUE(take_output(resets).requests.empty());
    resets.collect([](uint16_t) { return true; }, 99);
    EXPECT_TRUE(take_output(resets).requests.empty());
    resets.repeat();
    EXPECT_EQ(take_output(resets).requests, std::vector<uint32_t>{kOurs});

    // "In progress" and answers to something else change nothing.
    receive(resets, 1, [&](auto& w) { w.reconfig_response(kOurs, SctpResetResult::InProgress); });
    receive(resets, 1, [&](auto& w) { w.reconfig_response(kOurs + 5, SctpResetResult::Performed); });
    EXPECT_TRUE(resets.awaiting_response());
    const auto outcome =
        receive(resets, 1, [&](auto& w) { w.reconfig_response(kOurs, SctpResetResult::Performed); });
    ASSERT_EQ(outcome->outgoing.size(), 2u);
    EXPECT_TRUE(outcome->outgoing[0].performed);
    EXPECT_FALSE(resets.pending(3));

    resets.collect([](uint16_t) { return true; }, 100);
    output = take_output(resets);
    EXPECT_EQ(output.requests, std::vector<uint32_t>{0u});
    EXPECT_EQ(output.streams, std::vector<uint16_t>{4});
    const auto refused =
        receive(resets, 1, [&](auto& w) { w.reconfig_response(0, SctpResetResult::Denied); });
    ASSERT_EQ(refused->outgoing.size(), 1u);
    EXPECT_FALSE(refused->outgoing[0].performed);
    EXPECT_FALSE(resets.awaiting_response());
}

}  // namespace
}  // namespace conclave::sctp
