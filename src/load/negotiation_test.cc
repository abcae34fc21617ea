#include "load/negotiation.h"

#include <gtest/gtest.h>

#include "wire/header_extension.h"

namespace conclave::load {
namespace {

const LocalTransport kLocal{"ufrag", "password-of-24-characters", "AB:CD"};

wire::SessionDescription offer_of(OfferLayout& layout) {
    auto parsed = wire::parse_sdp(layout.offer(kLocal));
    EXPECT_TRUE(parsed);
    return std::move(*parsed);
}

// What a server that takes everything answers.
std::string answer(const wire::SessionDescription& offer) {
    wire::SessionDescription answer = offer;
    answer.ice_lite = true;
    answer.setup = wire::SetupRole::Passive;
    for (wire::MediaSection& section : answer.sections) {
        section.direction = wire::reversed(section.direction);
        section.simulcast.recv = std::exchange(section.simulcast.send, {});
        for (wire::Rid& rid : section.rids) rid.is_send = false;
        section.msids.clear();
        section.ssrcs.clear();
        section.ssrc_groups.clear();
        if (!wire::sends(section.direction) || section.kind == wire::MediaKind::Application) continue;
        section.msids.push_back({"PA_a|TR_" + section.mid, "TR_" + section.mid});
        section.ssrcs.push_back({100, "cname", std::nullopt});
        if (section.kind != wire::MediaKind::Video) continue;
        section.ssrcs.push_back({101, "cname", std::nullopt});
        section.ssrc_groups.push_back({"FID", {100, 101}});
    }
    answer.sections.front().candidates.push_back(
        *wire::parse_candidate("candidate:1 1 udp 2130706431 10.0.0.1 7000 typ host"));
    return wire::serialize(answer);
}

TEST(Negotiation, OffersTracksReceiversAndData) {
    OfferLayout layout;
    EXPECT_TRUE(layout.empty());
    layout.add_track({"mic", false, {{"", 1, 0}}});
    layout.add_track({"cam", true, {{"q", 2, 3}, {"h", 4, 5}, {"f", 6, 7}}});
    layout.add_receivers(2, 1);
    layout.add_data();
    const auto offer = offer_of(layout);
    ASSERT_EQ(offer.sections.size(), 6u);
    EXPECT_EQ(offer.bundle.size(), 6u);
    EXPECT_EQ(offer.sections[0].ssrcs.front().ssrc, 1u);
    EXPECT_EQ(offer.sections[1].simulcast.send, (std::vector<std::string>{"q", "h", "f"}));
    EXPECT_TRUE(offer.sections[1].ssrcs.empty());
    EXPECT_TRUE(offer.sections[1].extmap_id(wire::kRidUri));
    EXPECT_EQ(offer.sections[2].direction, wire::Direction::RecvOnly);
    EXPECT_EQ(offer.sections[5].sctp_port, 5000);
    EXPECT_EQ(offer_of(layout).session_version, offer.session_version + 1);
}

TEST(Negotiation, ReadsAnAnswer) {
    OfferLayout layout;
    layout.add_track({"mic", false, {{"", 1, 0}}});
    layout.add_track({"cam", true, {{"q", 2, 3}, {"f", 6, 7}}});
    layout.add_receivers(1, 1);
    layout.add_data();
    const auto read = read_description(answer(offer_of(layout)));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->ufrag, "ufrag");
    EXPECT_TRUE(read->is_lite);
    EXPECT_TRUE(read->has_data);
    EXPECT_EQ(read->setup, wire::SetupRole::Passive);
    EXPECT_EQ(read->candidates.size(), 1u);
    ASSERT_EQ(read->accepted.size(), 2u);
    EXPECT_GT(read->accepted[0].audio_level_extension, 0);
    EXPECT_EQ(read->accepted[1].mid, "1");
    EXPECT_EQ(read->accepted[1].rids, (std::vector<std::string>{"q", "f"}));
    EXPECT_GT(read->accepted[1].rid_extension, 0);
    EXPECT_TRUE(read->accepted[1].has_rtx);
    ASSERT_EQ(read->sent.size(), 2u);
    EXPECT_FALSE(read->sent[0].is_video);
    EXPECT_EQ(read->sent[0].payload_type, kOpusType);
    EXPECT_EQ(read->sent[1].track_sid, "TR_3");
    EXPECT_EQ(read->sent[1].participant_sid, "PA_a");
    EXPECT_EQ(read->sent[1].ssrc, 100u);
    EXPECT_EQ(read->sent[1].rtx_ssrc, 101u);
    EXPECT_EQ(read->sent[1].rtx_payload_type, kVp8RtxType);
}

TEST(Negotiation, AnswersAnOfferOfTheServer) {
    OfferLayout layout;
    layout.add_track({"TR_A", false, {{"", 1, 0}}});
    layout.add_track({"TR_V", true, {{"", 2, 3}}});
    layout.add_data();
    const auto offer = read_description(layout.offer(kLocal));
    ASSERT_TRUE(offer);
    ASSERT_EQ(offer->sent.size(), 2u);
    const auto answer = wire::parse_sdp(answer_to(*offer, kLocal));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->sections.size(), 3u);
    EXPECT_EQ(answer->setup, wire::SetupRole::Active);
    EXPECT_EQ(answer->sections[0].direction, wire::Direction::RecvOnly);
    EXPECT_EQ(answer->sections[1].codecs.size(), 2u);
    EXPECT_EQ(answer->bundle.size(), 3u);
}

TEST(Negotiation, RefusesWhatItCannotUse) {
    EXPECT_FALSE(read_description("hello"));
    wire::SessionDescription empty;
    EXPECT_FALSE(read_description(wire::serialize(empty)));
}

}  // namespace
}  // namespace conclave::load
