#include <gtest/gtest.h>

#include "peer/negotiation.h"
#include "wire/header_extension.h"

namespace conclave::peer {
namespace {

LocalDescription local(bool stereo = false) {
    LocalDescription local;
    local.ice_ufrag = "ufragufrag";
    local.ice_pwd = "passwordpasswordpassword";
    local.fingerprint_sha256 = "AB:CD";
    wire::Candidate candidate;
    candidate.foundation = "1";
    candidate.priority = 1;
    candidate.address = "192.0.2.9";
    candidate.port = 7882;
    local.candidates.push_back(candidate);
    local.audio.stereo = stereo;
    return local;
}

SentTrack track(uint32_t id) {
    return {id, "PA_x|TR_y" + std::to_string(id), "TR_y" + std::to_string(id), "PA_x", 1000 + id, 2000 + id};
}

// What a client answers that takes everything.
wire::SessionDescription answer_to(const wire::SessionDescription& offer) {
    wire::SessionDescription answer = offer;
    answer.ice_lite = false;
    for (wire::MediaSection& section : answer.sections) {
        section.direction = wire::reversed(section.direction);
        section.setup = wire::SetupRole::Active;
        section.ice_ufrag = "theirs";
        section.ice_pwd = "theirpasswordtheirpassword";
        section.msids.clear();
        section.ssrcs.clear();
        section.ssrc_groups.clear();
    }
    return answer;
}

class OfferTest : public ::testing::Test {
 protected:
    wire::SessionDescription offer(bool stereo = false) {
        auto parsed = wire::parse_sdp(negotiation.offer(local(stereo)));
        EXPECT_TRUE(parsed);
        return std::move(*parsed);
    }
    void round() { EXPECT_TRUE(negotiation.set_answer(answer_to(offer()))); }
    std::string add(wire::MediaKind kind, uint32_t id, bool may_reuse = true) {
        const auto mid = negotiation.add_section(kind, may_reuse);
        EXPECT_TRUE(mid);
        negotiation.attach(*mid, track(id));
        return *mid;
    }
    Negotiation negotiation;
};

TEST_F(OfferTest, HasNoMoreSectionsThanADescriptionMay) {
    for (uint32_t i = 1; i < wire::kSdpSectionsMax; ++i) add(wire::MediaKind::Audio, i);
    EXPECT_FALSE(negotiation.add_section(wire::MediaKind::Audio, true));
    EXPECT_EQ(offer().sections.size(), wire::kSdpSectionsMax);
}

TEST_F(OfferTest, TheFirstHasDataAlone) {
    EXPECT_TRUE(negotiation.needs_offer());
    const auto first = offer();
    ASSERT_EQ(first.sections.size(), 1u);
    const wire::MediaSection& data = first.sections[0];
    EXPECT_EQ(data.kind, wire::MediaKind::Application);
    EXPECT_EQ(data.sctp_port, 5000);
    EXPECT_EQ(data.max_message_size, 65536u);
    EXPECT_EQ(data.setup, wire::SetupRole::ActPass);
    EXPECT_EQ(data.candidates.size(), 1u);
    EXPECT_TRUE(data.end_of_candidates) << "nothing is trickled";
    EXPECT_TRUE(first.ice_lite);
    EXPECT_TRUE(first.extmap_allow_mixed);
    EXPECT_EQ(first.bundle, std::vector<std::string>{data.mid});
    EXPECT_FALSE(negotiation.needs_offer());
    ASSERT_TRUE(negotiation.set_answer(answer_to(first)));
    EXPECT_TRUE(negotiation.has_data());
    EXPECT_EQ(negotiation.remote_ufrag(), "theirs");
}

TEST_F(OfferTest, TracksAreSentWithTheirNamesAndOurNumbers) {
    const std::string audio = add(wire::MediaKind::Audio, 1);
    const std::string video = add(wire::MediaKind::Video, 2);
    const auto made = offer();
    const wire::MediaSection* sound = made.section(audio);
    const wire::MediaSection* picture = made.section(video);
    ASSERT_TRUE(sound && picture);
    EXPECT_EQ(sound->direction, wire::Direction::SendOnly);
    EXPECT_TRUE(sound->codec(111)->is("opus"));
    EXPECT_EQ(sound->codec(63)->fmtp.raw, "111/111");
    EXPECT_TRUE(sound->ssrc_groups.empty());
    EXPECT_TRUE(picture->codec(96)->is("VP8"));
    EXPECT_EQ(picture->rtx_payload_type(96), 97);
    EXPECT_TRUE(picture->codec(108)->is("H264"));
    EXPECT_TRUE(picture->codec(98)->is("VP9"));
    EXPECT_TRUE(picture->codec(35)->is("AV1"));
    for (const char* feedback : {"transport-cc", "goog-remb", "ccm fir", "nack", "nack pli"})
        EXPECT_TRUE(picture->codec(96)->has_feedback(feedback)) << feedback;
    EXPECT_EQ(picture->msids, (std::vector<wire::Msid>{{"PA_x|TR_y2", "TR_y2"}}));
    EXPECT_EQ(picture->ssrcs[0].ssrc, 1002u);
    EXPECT_EQ(picture->rtx_ssrc(1002), 2002u);
    EXPECT_TRUE(picture->candidates.empty()) << "they stand in the bundle's first section";

    EXPECT_FALSE(negotiation.section(video)->client_receives) << "not before the answer";
    ASSERT_TRUE(negotiation.set_answer(answer_to(made)));
    EXPECT_TRUE(negotiation.section(video)->client_receives);
    EXPECT_EQ(negotiation.section(video)->find(Codec::H264)->payload_type, 108);
}

TEST_F(OfferTest, HeaderExtensionsAreThoseThatTheClientTakes) {
    const std::string audio = add(wire::MediaKind::Audio, 1);
    const std::string video = add(wire::MediaKind::Video, 2);
    const auto made = offer();
    EXPECT_TRUE(made.section(audio)->extmap_id(wire::kAbsCaptureTimeUri));
    EXPECT_TRUE(made.section(audio)->extmap_id(wire::kMidUri));
    EXPECT_FALSE(made.section(audio)->extmap_id(wire::kAbsSendTimeUri)) << "audio is not estimated from";
    auto answer = answer_to(made);
    std::erase_if(answer.sections[2].extmaps,
                  [](const wire::Extmap& e) { return e.uri == wire::kAbsCaptureTimeUri; });
    ASSERT_TRUE(negotiation.set_answer(std::move(answer)));
    const DownstreamExtensions& down = negotiation.section(video)->downstream;
    EXPECT_EQ(down.abs_send_time, made.section(video)->extmap_id(wire::kAbsSendTimeUri));
    EXPECT_EQ(down.transport_cc, made.section(video)->extmap_id(wire::kTransportCcUri));
    EXPECT_EQ(down.dependency_descriptor, made.section(video)->extmap_id(wire::kDependencyDescriptorUri));
    EXPECT_EQ(down.abs_capture_time, 0);
    EXPECT_EQ(down.mid, made.section(video)->extmap_id(wire::kMidUri));
}

TEST_F(OfferTest, StereoIsSaidOfEverySectionOfTheBundle) {
    add(wire::MediaKind::Audio, 1);
    add(wire::MediaKind::Audio, 2);
    const auto made = offer(true);
    for (size_t i = 1; i < made.sections.size(); ++i)
        EXPECT_EQ(made.sections[i].codec(111)->fmtp.find("sprop-stereo"), "1");
}

TEST_F(OfferTest, TheAnswerDecidesWhatIsSpoken) {
    const std::string mid = add(wire::MediaKind::Audio, 1);
    auto answer = answer_to(offer());
    std::erase_if(answer.sections[1].codecs, [](const wire::Codec& c) { return c.is("red"); });
    ASSERT_TRUE(negotiation.set_answer(std::move(answer)));
    EXPECT_TRUE(negotiation.section(mid)->find(Codec::Opus));
    EXPECT_FALSE(negotiation.section(mid)->find(Codec::Red)) << "as Firefox has it";

    auto refusal = answer_to(offer());
    refusal.sections[1].port = 0;
    ASSERT_TRUE(negotiation.set_answer(std::move(refusal)));
    EXPECT_FALSE(negotiation.section(mid)->client_receives);
    EXPECT_EQ(offer().sections[1].port, 0) << "it stays rejected";
    EXPECT_EQ(offer().bundle, std::vector<std::string>{"0"});
}

TEST_F(OfferTest, ASectionIsUsedAgainOnceItWasAnsweredInactive) {
    const std::string mid = add(wire::MediaKind::Video, 1);
    round();
    negotiation.detach(1);
    EXPECT_TRUE(negotiation.needs_offer());
    EXPECT_NE(negotiation.add_section(wire::MediaKind::Video, true), mid) << "the client shows it still";
    const auto made = offer();
    EXPECT_EQ(made.section(mid)->direction, wire::Direction::Inactive);
    EXPECT_TRUE(made.section(mid)->msids.empty());
    ASSERT_TRUE(negotiation.set_answer(answer_to(made)));
    EXPECT_FALSE(negotiation.section(mid)->client_receives);
    EXPECT_EQ(add(wire::MediaKind::Video, 2), mid);
    EXPECT_FALSE(negotiation.section(mid)->client_receives) << "nothing is sent before the next answer";
    EXPECT_TRUE(negotiation.needs_offer());
    EXPECT_EQ(offer().section(mid)->msids[0].track_id, "TR_y2");
}

TEST_F(OfferTest, ATrackThatWentWhileItsOfferWasOutIsOfferedInactiveFirst) {
    const std::string mid = add(wire::MediaKind::Video, 1);
    const auto made = offer();
    negotiation.detach(1);
    ASSERT_TRUE(negotiation.set_answer(answer_to(made)));
    EXPECT_NE(negotiation.add_section(wire::MediaKind::Video, true), mid);
    round();
    EXPECT_EQ(negotiation.add_section(wire::MediaKind::Video, true), mid);
}

TEST_F(OfferTest, ForSafariEveryTrackHasASectionOfItsOwn) {
    const std::string mid = add(wire::MediaKind::Audio, 1, false);
    round();
    negotiation.detach(1);
    round();
    EXPECT_NE(add(wire::MediaKind::Audio, 2, false), mid);
}

TEST_F(OfferTest, SectionsAreLimited) {
    for (size_t i = 1; i < wire::kSdpSectionsMax; ++i)
        ASSERT_TRUE(negotiation.add_section(wire::MediaKind::Audio, false));
    EXPECT_FALSE(negotiation.add_section(wire::MediaKind::Audio, false));
    EXPECT_TRUE(wire::parse_sdp(negotiation.offer(local())));
}

TEST_F(OfferTest, AnswersThatDoNotFitAreRefusedAndChangeNothing) {
    EXPECT_FALSE(negotiation.set_answer({})) << "to nothing";
    add(wire::MediaKind::Audio, 1);
    const auto refused = [this](auto&& spoil) {
        wire::SessionDescription bad = answer_to(offer());
        spoil(bad);
        return !negotiation.set_answer(std::move(bad));
    };
    EXPECT_TRUE(refused([](auto& a) { a.sections.pop_back(); }));
    EXPECT_TRUE(refused([](auto& a) { a.sections.push_back(a.sections.back()); }));
    EXPECT_TRUE(refused([](auto& a) { std::swap(a.sections[0], a.sections[1]); }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[1].mid = "x", a.bundle[1] = "x"; }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[1].kind = wire::MediaKind::Video; }));
    EXPECT_TRUE(refused([](auto& a) { a.bundle.clear(); }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[1].rtcp_mux = false; }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[0].fingerprint.reset(); }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[0].ice_pwd = "short"; }));
    EXPECT_TRUE(refused([](auto& a) { a.sections[0].setup = wire::SetupRole::Passive; }))
        << "we are the DTLS server";
    EXPECT_TRUE(refused([](auto& a) {
        for (auto& section : a.sections) section.port = 0;
    }));
    EXPECT_FALSE(negotiation.sections()[1].client_receives);
    EXPECT_FALSE(refused([](auto&) {}));
}

}  // namespace
}  // namespace conclave::peer
