#include "peer/negotiation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "wire/header_extension.h"

namespace conclave::peer {
namespace {

std::string read_sdp(const std::string& name) {
    std::ifstream file(std::string(TESTDATA) + "/sdp/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

wire::SessionDescription offer(const std::string& name) {
    auto parsed = wire::parse_sdp(read_sdp(name));
    EXPECT_TRUE(parsed) << name;
    return std::move(*parsed);
}

LocalDescription local() {
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
    return local;
}

wire::SessionDescription answer_of(Negotiation& negotiation, bool stereo = false) {
    LocalDescription description = local();
    description.audio.stereo = stereo;
    auto parsed = wire::parse_sdp(negotiation.answer(description));
    EXPECT_TRUE(parsed);
    return std::move(*parsed);
}

SentTrack sent_track(uint32_t id) {
    return {id, "PA_x|TR_y" + std::to_string(id), "TR_y" + std::to_string(id), "PA_x", 1000 + id, 2000 + id};
}

TEST(Negotiation, UnusedSectionsAreInactiveAndDataIsAccepted) {
    for (const char* name : {"chromium-recvonly.sdp", "firefox-recvonly.sdp"}) {
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(offer(name))) << name;
        EXPECT_TRUE(negotiation.has_data());
        const auto answer = answer_of(negotiation);
        EXPECT_TRUE(answer.ice_lite);
        ASSERT_EQ(answer.sections.size(), negotiation.sections().size());
        EXPECT_EQ(answer.bundle.size(), answer.sections.size());
        for (const auto& section : answer.sections) {
            EXPECT_FALSE(section.is_rejected());
            EXPECT_EQ(section.setup, wire::SetupRole::Passive);
            if (section.kind == wire::MediaKind::Application) continue;
            EXPECT_EQ(section.direction, wire::Direction::Inactive);
        }
        EXPECT_EQ(answer.sections[0].candidates.size(), 1u);
    }
}

// Chromium offers new sections with those header extensions only that the former answer left in some section.
TEST(Negotiation, UnusedSectionsKeepTheHeaderExtensions) {
    for (const char* name : {"chromium-recvonly.sdp", "firefox-recvonly.sdp"}) {
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(offer(name))) << name;
        for (const auto& section : answer_of(negotiation).sections) {
            const auto has = [&](std::string_view uri) {
                return std::any_of(section.extmaps.begin(), section.extmaps.end(),
                                   [&](const wire::Extmap& extmap) { return extmap.uri == uri; });
            };
            const bool is_audio = section.kind == wire::MediaKind::Audio;
            const bool is_video = section.kind == wire::MediaKind::Video;
            EXPECT_EQ(has(wire::kMidUri), is_audio || is_video) << name;
            EXPECT_EQ(has(wire::kAudioLevelUri), is_audio) << name;
            EXPECT_EQ(has(wire::kTransportCcUri), is_audio || is_video) << name;
        }
    }
}

// Sections as Chromium offers them, with all its codecs.
TEST(Negotiation, HasRoomForAMeetingOf300InChromium) {
    wire::SessionDescription large = offer("chromium-recvonly.sdp");
    const auto section_of = [&](wire::MediaKind kind) {
        return *std::find_if(large.sections.begin(), large.sections.end(),
                             [kind](const wire::MediaSection& section) { return section.kind == kind; });
    };
    const std::array more = {section_of(wire::MediaKind::Audio), section_of(wire::MediaKind::Video)};
    while (large.sections.size() < 600) {
        large.sections.push_back(more[large.sections.size() % 2]);
        large.sections.back().mid = std::to_string(1000 + large.sections.size());
        large.bundle.push_back(large.sections.back().mid);
    }
    auto parsed = wire::parse_sdp(wire::serialize(large));
    ASSERT_TRUE(parsed);
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(std::move(*parsed)));
    EXPECT_EQ(answer_of(negotiation).sections.size(), 600u);
    EXPECT_EQ(negotiation.room_for_sections(), wire::kSdpSectionsMax - 600);
}

TEST(Negotiation, AttachedTrackIsSentWithItsNames) {
    for (const char* name : {"chromium-recvonly.sdp", "firefox-recvonly.sdp"}) {
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(offer(name)));
        StaticVector<Codec, kCodecsMax> vp8;
        vp8.push_back(Codec::Vp8);
        const auto mid = negotiation.free_section(wire::MediaKind::Video, vp8);
        ASSERT_TRUE(mid);
        negotiation.attach(*mid, sent_track(7));
        EXPECT_NE(negotiation.free_section(wire::MediaKind::Video, vp8), mid);
        EXPECT_EQ(negotiation.free_sections(wire::MediaKind::Video), 2u);

        const auto answer = answer_of(negotiation);
        const wire::MediaSection* section = answer.section(*mid);
        ASSERT_TRUE(section);
        EXPECT_EQ(section->direction, wire::Direction::SendOnly);
        ASSERT_EQ(section->msids.size(), 1u);
        EXPECT_EQ(section->msids[0].stream_id, "PA_x|TR_y7");
        EXPECT_EQ(section->msids[0].track_id, "TR_y7");
        EXPECT_EQ(section->ssrcs[0].ssrc, 1007u);
        EXPECT_EQ(section->rtx_ssrc(1007), 2007u);
        // RFC 3264 6.1: payload types keep the offer's numbers.
        const NegotiatedCodec* codec = negotiation.section(*mid)->find(Codec::Vp8);
        ASSERT_TRUE(codec);
        EXPECT_TRUE(section->codec(codec->payload_type)->is("VP8"));
    }
}

TEST(Negotiation, AReleasedSectionIsNotReusedBeforeTheClientSawItInactive) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-recvonly.sdp")));
    StaticVector<Codec, kCodecsMax> opus;
    opus.push_back(Codec::Opus);
    const auto mid = negotiation.free_section(wire::MediaKind::Audio, opus);
    negotiation.attach(*mid, sent_track(1));
    (void)answer_of(negotiation);
    EXPECT_FALSE(negotiation.needs_answer());
    negotiation.detach(1);
    EXPECT_TRUE(negotiation.needs_answer());
    EXPECT_NE(negotiation.free_section(wire::MediaKind::Audio, opus), mid);
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-recvonly.sdp")));
    EXPECT_NE(negotiation.free_section(wire::MediaKind::Audio, opus), mid);
    EXPECT_EQ(answer_of(negotiation).section(*mid)->direction, wire::Direction::Inactive);
    EXPECT_EQ(negotiation.free_section(wire::MediaKind::Audio, opus), mid);
}

TEST(Negotiation, PublishedTracksAreAcceptedOnlyWhenAskedTo) {
    for (const char* name : {"chromium-sendrecv.sdp", "firefox-sendrecv.sdp"}) {
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(offer(name)));
        const Section& video = negotiation.sections()[1];
        ASSERT_TRUE(video.offered_track);
        EXPECT_NE(video.offered_track->ssrc, 0u);
        EXPECT_NE(video.offered_track->rtx_ssrc, 0u);
        EXPECT_FALSE(video.offered_track->track_id.empty());
        EXPECT_EQ(answer_of(negotiation).sections[1].direction, wire::Direction::Inactive);

        // Firefox without the OpenH264 plugin offers VP8 only.
        const bool has_h264 = video.find(Codec::H264) != nullptr;
        EXPECT_EQ(has_h264, std::string_view(name).starts_with("chromium"));
        negotiation.accept(video.mid, {has_h264 ? Codec::H264 : Codec::Vp8, false});
        const auto answer = answer_of(negotiation);
        EXPECT_EQ(answer.sections[1].direction, wire::Direction::RecvOnly);
        EXPECT_TRUE(answer.sections[1].codecs[0].is(has_h264 ? "H264" : "VP8"));
        EXPECT_TRUE(answer.sections[1].codecs[0].has_feedback("nack"));
        EXPECT_TRUE(answer.sections[1].codecs[0].has_feedback("transport-cc"));
        EXPECT_TRUE(answer.sections[1].ssrcs.empty());
    }
}

TEST(Negotiation, RedComesFirstWhenWantedAndNotAtAllOtherwise) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-sendrecv.sdp")));
    const std::string mid = negotiation.sections()[0].mid;
    negotiation.accept(mid, {Codec::Opus, true});
    EXPECT_TRUE(answer_of(negotiation).section(mid)->codecs[0].is("red"));
    negotiation.accept(mid, {Codec::Opus, false});
    const auto answer = answer_of(negotiation);
    for (const auto& codec : answer.section(mid)->codecs) EXPECT_FALSE(codec.is("red"));
}

TEST(Negotiation, OneFmtpPerPayloadTypeInTheWholeBundle) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-recvonly.sdp")));
    const auto answer = answer_of(negotiation, true);
    std::string fmtp;
    for (const auto& section : answer.sections) {
        for (const auto& codec : section.codecs) {
            if (!codec.is("opus")) continue;
            if (fmtp.empty()) fmtp = codec.fmtp.text();
            EXPECT_EQ(codec.fmtp.text(), fmtp);
            EXPECT_EQ(codec.fmtp.find("stereo"), "1");
        }
    }
    EXPECT_FALSE(fmtp.empty());
}

const wire::MediaSection& video_of(const wire::SessionDescription& description) {
    return description.sections[1];
}

TEST(Negotiation, SimulcastIsAnsweredWithTheSameEncodings_RFC8853) {
    for (const char* name : {"chromium-simulcast.sdp", "firefox-simulcast.sdp"}) {
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(offer(name)));
        const Section& section = negotiation.sections()[1];
        ASSERT_TRUE(section.offered_track);
        const Rids& rids = section.offered_track->rids;
        EXPECT_EQ(std::vector<std::string>(rids.begin(), rids.end()),
                  (std::vector<std::string>{"q", "h", "f"}));
        EXPECT_EQ(section.offered_track->ssrc, 0u) << "the packets tell";
        negotiation.accept(section.mid, {});
        const auto answer = answer_of(negotiation);
        const wire::MediaSection& video = video_of(answer);
        EXPECT_EQ(video.simulcast.recv, (std::vector<std::string>{"q", "h", "f"}));
        EXPECT_TRUE(video.simulcast.send.empty());
        ASSERT_EQ(video.rids.size(), 3u);
        for (const wire::Rid& rid : video.rids) EXPECT_FALSE(rid.is_send);
        for (const auto uri : {wire::kMidUri, wire::kRidUri, wire::kRepairedRidUri, wire::kTransportCcUri})
            EXPECT_TRUE(video.extmap_id(uri)) << uri;
        EXPECT_FALSE(video.extmap_id(wire::kDependencyDescriptorUri)) << "VP8 has its layers in the payload";
    }
}

TEST(Negotiation, EncodingsAreOrderedByNameAndPausedOnesCount) {
    const auto rids_of = [](std::vector<std::string> names, std::vector<std::string> send) {
        auto changed = offer("chromium-simulcast.sdp");
        changed.sections[1].rids.clear();
        for (std::string& name : names) changed.sections[1].rids.push_back({std::move(name), true, ""});
        changed.sections[1].simulcast.send = std::move(send);
        Negotiation negotiation;
        EXPECT_TRUE(negotiation.set_offer(std::move(changed)));
        const std::string mid = negotiation.sections()[1].mid;
        negotiation.accept(mid, {});
        const auto answer = answer_of(negotiation);
        const Rids& rids = negotiation.sections()[1].offered_track->rids;
        EXPECT_EQ(answer.sections[1].rids.size(), rids.size());
        return std::vector<std::string>(rids.begin(), rids.end());
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(rids_of({"f", "h", "q"}, {"f", "~h", "~q"}), (Names{"q", "h", "f"}));
    EXPECT_EQ(rids_of({"hi", "mid", "lo"}, {"hi,lo", "mid"}), (Names{"hi", "mid"}));
    EXPECT_EQ(rids_of({"q", "h"}, {}), (Names{"q", "h"})) << "a=rid alone (RFC 8851)";
    EXPECT_EQ(rids_of({"a", "b", "c", "d"}, {"a", "b", "c", "d"}), (Names{"a", "b", "c", "d"}));
    EXPECT_EQ(rids_of({"a", "b", "c", "d", "e"}, {"a", "b", "c", "d", "e"}), (Names{"a", "b", "c", "d"}));
    EXPECT_EQ(rids_of({"q"}, {"q", "q", "unknown"}), (Names{"q"}));
    EXPECT_EQ(rids_of({"seventeen_letters", "q"}, {"seventeen_letters", "q"}), (Names{"q"}));
}

TEST(Negotiation, LayeredCodecsBringTheDependencyDescriptor) {
    for (const Codec codec : {Codec::Vp9, Codec::Av1}) {
        for (const char* name : {"chromium-simulcast.sdp", "firefox-simulcast.sdp"}) {
            Negotiation negotiation;
            ASSERT_TRUE(negotiation.set_offer(offer(name)));
            const Section& section = negotiation.sections()[1];
            negotiation.accept(section.mid, {codec, false});
            EXPECT_NE(section.usable_upstream().dependency_descriptor, 0);
            const auto answer = answer_of(negotiation);
            const wire::MediaSection& video = video_of(answer);
            EXPECT_TRUE(video.codecs[0].is(codec == Codec::Vp9 ? "VP9" : "AV1"));
            EXPECT_TRUE(video.codecs[1].is("rtx"));
            ASSERT_TRUE(video.extmap_id(wire::kDependencyDescriptorUri));
            for (const wire::Extmap& extmap : video.extmaps) {
                // RFC 8285 6: Firefox offers some of them for sending alone.
                EXPECT_EQ(extmap.direction.value_or(wire::Direction::RecvOnly), wire::Direction::RecvOnly);
            }
        }
    }
}

TEST(Negotiation, KnowsOnlyMainProfiles) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-simulcast.sdp")));
    const Section& section = negotiation.sections()[1];
    const auto offered = offer("chromium-simulcast.sdp");
    EXPECT_EQ(offered.sections[1].codec(section.find(Codec::Vp9)->payload_type)->fmtp.find("profile-id"),
              "0");
    EXPECT_TRUE(section.find(Codec::Av1));
    auto changed = offered;
    for (wire::Codec& codec : changed.sections[1].codecs) {
        if (codec.is("VP9")) codec.fmtp.set("profile-id", "2");
        if (codec.is("AV1")) codec.fmtp.set("profile", "1");
    }
    ASSERT_TRUE(negotiation.set_offer(std::move(changed)));
    EXPECT_FALSE(negotiation.sections()[1].find(Codec::Vp9));
    EXPECT_FALSE(negotiation.sections()[1].find(Codec::Av1));
}

TEST(Negotiation, ClientsThatDoNotFollowTheOrderGetThePreferredCodecAlone) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-simulcast.sdp")));
    ReceiveOptions options{Codec::Vp9, false, true};
    negotiation.accept("1", options);
    const auto answer = answer_of(negotiation);
    ASSERT_EQ(video_of(answer).codecs.size(), 2u);
    EXPECT_TRUE(video_of(answer).codecs[0].is("VP9"));
    EXPECT_TRUE(video_of(answer).codecs[1].is("rtx"));
}

TEST(Negotiation, WhatWeSendIsMeasuredByTheClientWhatItSendsByUs) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-recvonly.sdp")));
    StaticVector<Codec, kCodecsMax> vp8;
    vp8.push_back(Codec::Vp8);
    const auto mid = negotiation.free_section(wire::MediaKind::Video, vp8);
    negotiation.attach(*mid, sent_track(7));
    auto answer = answer_of(negotiation);
    const wire::MediaSection& sent = *answer.section(*mid);
    EXPECT_TRUE(sent.codecs[0].has_feedback("transport-cc"));
    EXPECT_FALSE(sent.codecs[0].has_feedback("goog-remb"));
    EXPECT_TRUE(sent.extmap_id(wire::kTransportCcUri));
    EXPECT_NE(negotiation.section(*mid)->downstream.transport_cc, 0);

    // Who cannot tell of single packets measures by itself.
    wire::SessionDescription old = offer("chromium-recvonly.sdp");
    for (wire::MediaSection& section : old.sections) {
        std::erase_if(section.extmaps,
                      [](const wire::Extmap& extmap) { return extmap.uri == wire::kTransportCcUri; });
    }
    ASSERT_TRUE(negotiation.set_offer(old));
    answer = answer_of(negotiation);
    EXPECT_TRUE(answer.section(*mid)->codecs[0].has_feedback("goog-remb"));
    EXPECT_FALSE(answer.section(*mid)->codecs[0].has_feedback("transport-cc"));
    EXPECT_TRUE(answer.section(*mid)->extmap_id(wire::kAbsSendTimeUri));

    Negotiation publishing;
    ASSERT_TRUE(publishing.set_offer(offer("chromium-sendrecv.sdp")));
    publishing.accept(publishing.sections()[0].mid, {});
    publishing.accept(publishing.sections()[1].mid, {});
    answer = answer_of(publishing);
    EXPECT_TRUE(video_of(answer).codecs[0].has_feedback("transport-cc"));
    EXPECT_FALSE(video_of(answer).codecs[0].has_feedback("goog-remb"));
    EXPECT_FALSE(answer.sections[0].extmap_id(wire::kTransportCcUri)) << "its sound is not numbered";
}

TEST(Negotiation, ExtensionsWithOneNumberForTwoThingsAreDeclined) {
    auto changed = offer("chromium-simulcast.sdp");
    const uint16_t mid = *changed.sections[1].extmap_id(wire::kMidUri);
    for (wire::Extmap& extmap : changed.sections[1].extmaps) {
        if (extmap.uri == wire::kRidUri) extmap.id = mid;
    }
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(std::move(changed)));
    EXPECT_EQ(negotiation.sections()[1].upstream.mid, 0);
    EXPECT_EQ(negotiation.sections()[1].upstream.rid, 0);
    EXPECT_NE(negotiation.sections()[1].upstream.repaired_rid, 0);
}

TEST(Negotiation, NamesThatDoNotFitAPacketAreNotSentInOne) {
    for (const size_t size : {size_t{1}, wire::kStreamIdSizeMax, wire::kStreamIdSizeMax + 1}) {
        auto changed = offer("chromium-recvonly.sdp");
        changed.sections[0].mid = std::string(size, 'm');
        changed.bundle[0] = changed.sections[0].mid;
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(std::move(changed)));
        EXPECT_EQ(negotiation.sections()[0].downstream.mid != 0, size <= wire::kStreamIdSizeMax) << size;
    }
}

TEST(Negotiation, DescriptorsGoOnlyToClientsThatTakeBothHeaderForms) {
    for (const bool allows_mixed : {true, false}) {
        auto changed = offer("chromium-recvonly.sdp");
        changed.extmap_allow_mixed = allows_mixed;
        for (auto& section : changed.sections) {
            section.extmap_allow_mixed = false;
            if (section.kind == wire::MediaKind::Video)
                section.extmaps.push_back({12, std::nullopt, std::string(wire::kDependencyDescriptorUri)});
        }
        Negotiation negotiation;
        ASSERT_TRUE(negotiation.set_offer(std::move(changed)));
        for (const Section& section : negotiation.sections()) {
            if (section.kind != wire::MediaKind::Video) continue;
            EXPECT_EQ(section.downstream.dependency_descriptor, allows_mixed ? 12 : 0);
        }
    }
}

TEST(Negotiation, NotesOfABrowserToItselfAreNotAnswered) {
    auto changed = offer("chromium-sendrecv.sdp");
    for (wire::Codec& codec : changed.sections[1].codecs) codec.fmtp.set("x-google-start-bitrate", "1000");
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(std::move(changed)));
    negotiation.accept(negotiation.sections()[1].mid, {});
    const auto answer = answer_of(negotiation);
    for (const wire::Codec& codec : video_of(answer).codecs) {
        EXPECT_TRUE(codec.is("rtx") || !codec.fmtp.find("x-google-start-bitrate")) << codec.name;
    }
}

TEST(Negotiation, OffersWithoutWhatWebRtcDemandsAreRefused) {
    const auto refused = [](auto&& spoil) {
        wire::SessionDescription bad = offer("chromium-sendrecv.sdp");
        spoil(bad);
        Negotiation negotiation;
        return !negotiation.set_offer(std::move(bad));
    };
    EXPECT_TRUE(refused([](auto& o) { o.bundle.clear(); }));
    EXPECT_TRUE(refused([](auto& o) { o.sections[0].rtcp_mux = false; }));
    EXPECT_TRUE(refused([](auto& o) {
        o.fingerprint.reset();
        o.sections[0].fingerprint.reset();
    }));
    EXPECT_TRUE(refused([](auto& o) { o.sections[0].ice_pwd = "short"; }));
    EXPECT_TRUE(refused([](auto& o) { o.sections[0].setup = wire::SetupRole::Passive; }));
    EXPECT_TRUE(refused([](auto& o) { o.sections.clear(); }));
    EXPECT_FALSE(refused([](auto&) {}));
}

TEST(Negotiation, A5_SectionsCannotDisappearOrChangeKind) {
    Negotiation negotiation;
    ASSERT_TRUE(negotiation.set_offer(offer("chromium-recvonly.sdp")));
    EXPECT_FALSE(negotiation.set_offer(offer("chromium-sendrecv.sdp")));
    auto changed = offer("chromium-recvonly.sdp");
    changed.sections[0].kind = wire::MediaKind::Video;
    EXPECT_FALSE(negotiation.set_offer(std::move(changed)));
}

}  // namespace
}  // namespace conclave::peer
