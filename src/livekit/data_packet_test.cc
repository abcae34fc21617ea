#include "livekit/data_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conclave::livekit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Sender kAlice{.sid = "PA_alice", .identity = "alice"};
const Sender kHidden{.sid = "PA_alice", .identity = "alice", .is_hidden = true};
const Sender kAgent{.sid = "PA_agent", .identity = "agent", .is_agent = true};

Result<ClientPacket, DataPacketError> parse(const pb::DataPacket& packet, const Sender& sender = kAlice,
                                            DataChannel channel = DataChannel::Reliable) {
    return parse_client_packet(as_bytes(packet.SerializeAsString()), channel, sender);
}

pb::DataPacket forwarded(const Result<ClientPacket, DataPacketError>& result) {
    pb::DataPacket packet;
    EXPECT_TRUE(result.has_value() && packet.ParseFromString(result->bytes));
    return packet;
}

// Claims to be somebody else wherever that is possible.
pb::DataPacket forged_user_packet() {
    pb::DataPacket packet;
    packet.set_kind(pb::DataPacket::LOSSY);
    packet.set_participant_sid("PA_chair");
    packet.set_participant_identity("chair");
    packet.set_sequence(12);
    packet.mutable_user()->set_participant_sid("PA_chair");
    packet.mutable_user()->set_participant_identity("chair");
    packet.mutable_user()->set_payload("hello");
    packet.mutable_user()->set_topic("t");
    packet.mutable_user()->set_nonce("0123456789abcdef");
    return packet;
}

TEST(DataPacket, A5_SenderIsWhatTheServerSays) {
    const auto result = parse(forged_user_packet());
    const pb::DataPacket packet = forwarded(result);
    EXPECT_EQ(packet.kind(), pb::DataPacket::RELIABLE);
    EXPECT_EQ(packet.participant_sid(), "PA_alice");
    EXPECT_EQ(packet.participant_identity(), "alice");
    EXPECT_EQ(packet.user().participant_sid(), "PA_alice");
    EXPECT_EQ(packet.user().participant_identity(), "alice");
    EXPECT_EQ(packet.user().payload(), "hello");
    EXPECT_EQ(packet.user().topic(), "t");
    EXPECT_EQ(packet.sequence(), 12U);
    EXPECT_EQ(result->sequence, 12U);
    EXPECT_EQ(result->nonce, "0123456789abcdef");
    EXPECT_EQ(result->kind, pb::DataPacket::kUser);
}

TEST(DataPacket, HiddenSenderHasNoIdentity) {
    const pb::DataPacket packet = forwarded(parse(forged_user_packet(), kHidden));
    EXPECT_EQ(packet.participant_sid(), "PA_alice");
    EXPECT_EQ(packet.participant_identity(), "");
    EXPECT_EQ(packet.user().participant_sid(), "");
    EXPECT_EQ(packet.user().participant_identity(), "");
}

TEST(DataPacket, LossyPacketHasNoSequence) {
    const auto result = parse(forged_user_packet(), kAlice, DataChannel::Lossy);
    EXPECT_EQ(forwarded(result).kind(), pb::DataPacket::LOSSY);
    EXPECT_EQ(forwarded(result).sequence(), 0U);
    EXPECT_EQ(result->sequence, 0U);
}

TEST(DataPacket, DestinationsAreReadAndNotPassedOn) {
    pb::DataPacket packet = forged_user_packet();
    EXPECT_THAT(parse(packet)->destination_identities, IsEmpty());
    packet.mutable_user()->add_destination_identities("carol");
    packet.mutable_user()->add_destination_sids("PA_dan");
    auto result = parse(packet);
    EXPECT_THAT(result->destination_identities, ElementsAre("carol"));
    EXPECT_THAT(result->destination_sids, ElementsAre("PA_dan"));
    packet.add_destination_identities("bob");
    result = parse(packet);
    EXPECT_THAT(result->destination_identities, ElementsAre("bob"));
    EXPECT_THAT(result->destination_sids, IsEmpty());
    const pb::DataPacket sent = forwarded(result);
    EXPECT_EQ(sent.destination_identities_size(), 0);
    EXPECT_EQ(sent.user().destination_identities_size(), 0);
    EXPECT_EQ(sent.user().destination_sids_size(), 0);
}

TEST(DataPacket, EncryptedPacketIsPassedOnUntouched) {
    pb::DataPacket packet;
    packet.add_destination_identities("bob");
    packet.set_sequence(3);
    packet.mutable_encrypted_packet()->set_encryption_type(pb::Encryption::GCM);
    packet.mutable_encrypted_packet()->set_iv("0123456789ab");
    packet.mutable_encrypted_packet()->set_key_index(2);
    packet.mutable_encrypted_packet()->set_encrypted_value(std::string("\x00\xff\x01", 3));
    const auto result = parse(packet);
    const pb::DataPacket sent = forwarded(result);
    EXPECT_EQ(sent.encrypted_packet().SerializeAsString(), packet.encrypted_packet().SerializeAsString());
    EXPECT_EQ(sent.participant_identity(), "alice");
    EXPECT_EQ(result->sequence, 3U);
    EXPECT_THAT(result->destination_identities, ElementsAre("bob"));
}

TEST(DataPacket, A5_OnlyAnAgentMaySpeakForAnotherAndOnlyInGeneratedText) {
    pb::DataPacket packet;
    packet.set_participant_identity("bob");
    packet.mutable_chat_message()->set_generated(true);
    EXPECT_EQ(forwarded(parse(packet)).participant_identity(), "alice");
    EXPECT_EQ(forwarded(parse(packet, kAgent)).participant_identity(), "bob");
    EXPECT_EQ(forwarded(parse(packet, kAgent)).participant_sid(), "PA_agent");
    packet.mutable_chat_message()->set_generated(false);
    EXPECT_EQ(forwarded(parse(packet, kAgent)).participant_identity(), "agent");
    packet.mutable_stream_header()->mutable_text_header()->set_generated(true);
    EXPECT_EQ(forwarded(parse(packet, kAgent)).participant_identity(), "bob");
    packet.set_participant_identity("");
    EXPECT_EQ(forwarded(parse(packet, kAgent)).participant_identity(), "agent");
}

TEST(DataPacket, TranscriptionIsForAgentsAndSpeakersForNobody) {
    pb::DataPacket packet;
    packet.mutable_transcription()->set_track_id("TR_x");
    EXPECT_EQ(parse(packet).error(), DataPacketError::NotAllowed);
    EXPECT_TRUE(parse(packet, kAgent));
    packet.mutable_speaker()->add_speakers()->set_sid("PA_x");
    EXPECT_EQ(parse(packet, kAgent).error(), DataPacketError::NotAllowed);
}

TEST(DataPacket, MetricsAreMarked) {
    pb::DataPacket packet;
    packet.mutable_metrics()->set_timestamp_ms(1);
    EXPECT_TRUE(parse(packet)->is_metrics());
    EXPECT_FALSE(parse(forged_user_packet())->is_metrics());
}

TEST(DataPacket, WithoutValueOrWithAnUnknownOneIsDropped) {
    EXPECT_EQ(parse({}).error(), DataPacketError::Unsupported);
    EXPECT_EQ(parse_client_packet(as_bytes(std::string_view{"\xfa\x07\x01x", 4}), DataChannel::Lossy, kAlice)
                  .error(),
              DataPacketError::Unsupported);
    EXPECT_EQ(parse_client_packet(as_bytes("\xff"), DataChannel::Lossy, kAlice).error(),
              DataPacketError::Malformed);
}

TEST(DataPacket, NonceHasSixteenBytesOrNone) {
    pb::DataPacket packet = forged_user_packet();
    packet.mutable_user()->set_nonce("short");
    EXPECT_EQ(parse(packet).error(), DataPacketError::Malformed);
    packet.mutable_user()->clear_nonce();
    EXPECT_TRUE(parse(packet));
}

TEST(DataPacket, SizeLimitIsExact) {
    pb::DataPacket packet;
    packet.mutable_user()->set_payload(std::string(kDataPacketMax - 8, 'p'));
    const size_t over = packet.ByteSizeLong() - kDataPacketMax;
    packet.mutable_user()->set_payload(std::string(kDataPacketMax - 8 - over, 'p'));
    ASSERT_EQ(packet.ByteSizeLong(), kDataPacketMax);
    EXPECT_TRUE(parse(packet));
    packet.mutable_user()->mutable_payload()->push_back('p');
    EXPECT_EQ(parse(packet).error(), DataPacketError::TooLarge);
}

TEST(DataPacket, ListOfDestinationsIsLimited) {
    pb::DataPacket packet = forged_user_packet();
    for (size_t i = 0; i < kDestinationsMax; ++i) packet.add_destination_identities("p");
    EXPECT_TRUE(parse(packet));
    packet.add_destination_identities("p");
    EXPECT_EQ(parse(packet).error(), DataPacketError::TooManyDestinations);
}

TEST(DataPacket, OfTheServerHasNoSender) {
    pb::DataPacket packet;
    ASSERT_TRUE(packet.ParseFromString(server_user_packet(as_bytes("hi"), "topic", DataChannel::Lossy)));
    EXPECT_EQ(packet.kind(), pb::DataPacket::LOSSY);
    EXPECT_EQ(packet.user().payload(), "hi");
    EXPECT_EQ(packet.user().topic(), "topic");
    EXPECT_EQ(packet.participant_sid(), "");
    ASSERT_TRUE(packet.ParseFromString(server_user_packet({}, "", DataChannel::Reliable)));
    EXPECT_TRUE(packet.has_user());
    EXPECT_FALSE(packet.user().has_topic());
}

}  // namespace
}  // namespace conclave::livekit
