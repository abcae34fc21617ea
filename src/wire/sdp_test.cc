#include "wire/sdp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace conclave::wire {
namespace {

using ::testing::ElementsAre;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

SessionDescription browser(const std::string& name) {
    auto parsed = parse_sdp(read_file(std::filesystem::path{TESTDATA} / "sdp" / (name + ".sdp")));
    EXPECT_TRUE(parsed) << name << ": " << (parsed ? "" : to_string(parsed.error()));
    return parsed ? *std::move(parsed) : SessionDescription{};
}

const std::string kHead = "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

SessionDescription parse_ok(const std::string& rest) {
    auto parsed = parse_sdp(kHead + rest);
    EXPECT_TRUE(parsed) << rest << ": " << (parsed ? "" : to_string(parsed.error()));
    return parsed ? *std::move(parsed) : SessionDescription{};
}

std::optional<SdpError> error_of(const std::string& text) {
    const auto parsed = parse_sdp(text);
    return parsed ? std::nullopt : std::optional{parsed.error()};
}

TEST(Sdp, RoundTripsEveryDescriptionOfRealBrowsers) {
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{TESTDATA} / "sdp"}) {
        SCOPED_TRACE(entry.path().filename());
        const auto parsed = parse_sdp(read_file(entry.path()));
        ASSERT_TRUE(parsed) << to_string(parsed.error());
        ASSERT_FALSE(parsed->sections.empty());
        const std::string text = serialize(*parsed);
        const auto again = parse_sdp(text);
        ASSERT_TRUE(again) << to_string(again.error());
        EXPECT_EQ(*again, *parsed);
        EXPECT_EQ(serialize(*again), text);
        ++files;
    }
    EXPECT_GE(files, 8u);
}

TEST(Sdp, ReadsChromiumsReceiveOnlyOffer) {
    const SessionDescription offer = browser("chromium-recvonly");
    ASSERT_EQ(offer.sections.size(), 7u);
    EXPECT_THAT(offer.bundle, ElementsAre("0", "1", "2", "3", "4", "5", "6"));
    EXPECT_TRUE(offer.extmap_allow_mixed);
    for (size_t i = 0; i < 6; ++i) {
        const MediaSection& section = offer.sections[i];
        EXPECT_EQ(section.kind, i < 3 ? MediaKind::Audio : MediaKind::Video);
        EXPECT_EQ(section.direction, Direction::RecvOnly);
        EXPECT_TRUE(section.rtcp_mux);
        EXPECT_TRUE(section.rtcp_rsize);
        EXPECT_EQ(section.setup, SetupRole::ActPass);
        EXPECT_EQ(section.ice_options, "trickle");
        EXPECT_FALSE(section.ice_pwd.empty());
        ASSERT_NE(offer.fingerprint_of(section), nullptr);
        EXPECT_EQ(offer.fingerprint_of(section)->algorithm, "sha-256");
        EXPECT_EQ(offer.fingerprint_of(section)->value.size(), 95u);
    }
    const MediaSection& data = offer.sections[6];
    EXPECT_EQ(data.kind, MediaKind::Application);
    EXPECT_EQ(data.protocol, "UDP/DTLS/SCTP");
    EXPECT_THAT(data.formats, ElementsAre("webrtc-datachannel"));
    EXPECT_EQ(data.sctp_port, 5000);
    EXPECT_EQ(data.max_message_size, 262144u);
}

TEST(Sdp, ReadsCodecsWithRtxRedAndFeedback) {
    const SessionDescription offer = browser("chromium-simulcast");
    ASSERT_EQ(offer.sections.size(), 2u);
    const MediaSection& audio = offer.sections[0];
    ASSERT_GE(audio.codecs.size(), 2u);
    const Codec& opus = audio.codecs[0];
    EXPECT_EQ(opus.payload_type, 111);
    EXPECT_TRUE(opus.is("OPUS"));
    EXPECT_EQ(opus.clock_rate, 48000u);
    EXPECT_EQ(opus.channels, 2);
    EXPECT_EQ(opus.fmtp.find("useinbandfec"), "1");
    EXPECT_TRUE(opus.has_feedback("transport-cc"));
    EXPECT_EQ(audio.codec(63)->fmtp.raw, "111/111");
    EXPECT_FALSE(audio.codec(63)->apt());

    const MediaSection& video = offer.sections[1];
    ASSERT_NE(video.codec(96), nullptr);
    EXPECT_EQ(video.codec(96)->name, "VP8");
    EXPECT_EQ(video.codec(97)->apt(), 96);
    EXPECT_EQ(video.rtx_payload_type(96), 97);
    EXPECT_EQ(video.rtx_payload_type(120), std::nullopt);
    EXPECT_EQ(video.codec(102)->fmtp.find("PACKETIZATION-MODE"), "1");
    EXPECT_THAT(video.codec(96)->rtcp_fb,
                ElementsAre("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"));
    EXPECT_EQ(video.codec(12), nullptr);
}

TEST(Sdp, ReadsSimulcastAndRids_Rfc8853_Rfc8851) {
    for (const char* name : {"chromium-simulcast", "firefox-simulcast"}) {
        SCOPED_TRACE(name);
        const SessionDescription offer = browser(name);
        const MediaSection& video = offer.sections[1];
        EXPECT_THAT(video.simulcast.send, ElementsAre("q", "h", "f"));
        EXPECT_TRUE(video.simulcast.recv.empty());
        EXPECT_THAT(video.rids, ElementsAre(Rid{"q", true, ""}, Rid{"h", true, ""}, Rid{"f", true, ""}));
        EXPECT_EQ(video.direction, Direction::SendOnly);
        ASSERT_EQ(video.msids.size(), 1u);
        EXPECT_FALSE(video.msids[0].track_id.empty());
        EXPECT_NE(video.extmap_id("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"), std::nullopt);
    }
    const SessionDescription answer = browser("chromium-answer");
    EXPECT_EQ(answer.sections[1].direction, Direction::RecvOnly);
}

TEST(Sdp, ReadsFirefoxAttributesBeforeTheirRtpmap) {
    const SessionDescription offer = browser("firefox-simulcast");
    EXPECT_EQ(offer.msid_semantic, "WMS *");
    EXPECT_FALSE(offer.extmap_allow_mixed);
    EXPECT_TRUE(offer.extmap_allow_mixed_of(offer.sections[0]));
    ASSERT_TRUE(offer.fingerprint);
    EXPECT_EQ(offer.fingerprint_of(offer.sections[0]), &*offer.fingerprint);
    EXPECT_EQ(offer.ice_options_of(offer.sections[0]), "trickle");
    EXPECT_EQ(offer.setup_of(offer.sections[0]), SetupRole::ActPass);

    const MediaSection& video = offer.sections[1];
    EXPECT_EQ(video.codec(120)->fmtp.find("max-fs"), "12288");
    EXPECT_EQ(video.rtx_payload_type(120), 124);
    EXPECT_TRUE(video.end_of_candidates);
    EXPECT_FALSE(video.candidates.empty());
    EXPECT_TRUE(video.candidates[0].address.ends_with(".local"));
    ASSERT_EQ(video.ssrcs.size(), 6u);
    EXPECT_EQ(video.ssrcs[0].cname, video.ssrcs[5].cname);
    EXPECT_FALSE(video.ssrcs[0].msid);
    EXPECT_EQ(video.rtx_ssrc(2499186844), 83839378u);
    EXPECT_EQ(video.rtx_ssrc(83839378), std::nullopt);
    const auto playout_delay = std::find_if(video.extmaps.begin(), video.extmaps.end(),
                                            [](const Extmap& e) { return e.uri.ends_with("playout-delay"); });
    ASSERT_NE(playout_delay, video.extmaps.end());
    EXPECT_EQ(playout_delay->direction, Direction::RecvOnly);
}

TEST(Sdp, WritesWhatAnAnswerNeeds) {
    SessionDescription d;
    d.session_id = 5;
    d.session_version = 1;
    d.bundle = {"0"};
    d.ice_lite = true;
    MediaSection& s = d.sections.emplace_back();
    s.kind = MediaKind::Audio;
    s.mid = "0";
    s.direction = Direction::RecvOnly;
    s.setup = SetupRole::Passive;
    s.fingerprint = Fingerprint{"sha-256", "AB:CD"};
    s.rtcp_mux = true;
    Codec opus{111, "opus", 48000, 2, {}, {"nack"}};
    opus.fmtp.set("minptime", "10");
    opus.fmtp.set("useinbandfec", "0");
    opus.fmtp.set("UseInbandFec", "1");
    s.codecs.push_back(opus);
    s.ssrcs.push_back({9, "c", Msid{"PA_a|TR_b", "TR_b"}});
    const std::string text = serialize(d);
    EXPECT_EQ(text,
              "v=0\r\no=- 5 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-lite\r\n"
              "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=fingerprint:sha-256 AB:CD\r\n"
              "a=setup:passive\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
              "a=rtcp-fb:111 nack\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=ssrc:9 cname:c\r\n"
              "a=ssrc:9 msid:PA_a|TR_b TR_b\r\n");
    const auto again = parse_sdp(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, d);
}

TEST(Sdp, A6_NoValueCanStartALineOfItsOwn) {
    SessionDescription d;
    MediaSection& s = d.sections.emplace_back();
    s.kind = MediaKind::Audio;
    s.ssrcs.push_back({1, "x\r\na=ice-lite\nm=video 9 x 1", Msid{"s", "t\r\na=setup:active"}});
    const auto again = parse_sdp(serialize(d));
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->ice_lite);
    ASSERT_EQ(again->sections.size(), 1u);
    EXPECT_FALSE(again->sections[0].setup);
}

TEST(Sdp, SessionValuesHoldForSectionsWithoutTheirOwn_Rfc8839_5_4_Rfc8122_5) {
    const auto d = parse_ok(
        "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:active\r\na=sendonly\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:b\r\na=ice-ufrag:efgh\r\na=setup:passive\r\na=inactive\r\n");
    ASSERT_EQ(d.sections.size(), 2u);
    EXPECT_EQ(d.ice_ufrag_of(d.sections[0]), "abcd");
    EXPECT_EQ(d.ice_ufrag_of(d.sections[1]), "efgh");
    EXPECT_EQ(d.ice_pwd_of(d.sections[1]), "0123456789012345678901");
    EXPECT_EQ(d.setup_of(d.sections[0]), SetupRole::Active);
    EXPECT_EQ(d.setup_of(d.sections[1]), SetupRole::Passive);
    EXPECT_EQ(d.sections[0].direction, Direction::SendOnly);
    EXPECT_EQ(d.sections[1].direction, Direction::Inactive);
    EXPECT_EQ(d.section("b"), &d.sections[1]);
    EXPECT_EQ(d.section("c"), nullptr);
    EXPECT_EQ(d.fingerprint_of(d.sections[0]), nullptr);
}

TEST(Sdp, StaticPayloadTypesNeedNoRtpmap_Rfc3551_6) {
    const auto d = parse_ok("m=audio 9 RTP/AVP 0 8 96\r\n");
    EXPECT_EQ(d.sections[0].codecs[0].name, "PCMU");
    EXPECT_EQ(d.sections[0].codecs[1].clock_rate, 8000u);
    EXPECT_TRUE(d.sections[0].codecs[2].name.empty());
}

TEST(Sdp, WildcardFeedbackHoldsForEveryPayloadType_Rfc4585_4_2) {
    const auto d = parse_ok("m=video 9 RTP/AVPF 96 97\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:* nack\r\n");
    EXPECT_THAT(d.sections[0].codecs[0].rtcp_fb, ElementsAre("nack"));
    EXPECT_THAT(d.sections[0].codecs[1].rtcp_fb, ElementsAre("nack"));
}

TEST(Sdp, OfSeveralFingerprintsTheSha256OneCounts_Rfc8122_5_1) {
    const auto d =
        parse_ok("a=fingerprint:sha-1 0A:0b\r\na=fingerprint:SHA-256 aa:BB\r\na=fingerprint:md5 00\r\n");
    EXPECT_EQ(d.fingerprint, (Fingerprint{"sha-256", "AA:BB"}));
}

TEST(Sdp, RejectedSectionsAreToldFromBundleOnlyOnes_Rfc8843_6) {
    const auto d =
        parse_ok("m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\na=bundle-only\r\nm=text 0 x y z\r\n");
    EXPECT_TRUE(d.sections[0].is_rejected());
    EXPECT_FALSE(d.sections[1].is_rejected());
    EXPECT_EQ(d.sections[2].other_kind, "text");
    EXPECT_THAT(d.sections[2].formats, ElementsAre("y", "z"));
}

TEST(Sdp, SkipsLinesAndAttributesItDoesNotKnow) {
    const auto d = parse_ok(
        "i=a call\r\nb=AS:1000\r\na=group:LS 0\r\na=identity:xyz\r\nm=audio 9 RTP/AVP 0\r\nb=TIAS:1\r\n"
        "a=ptime:20\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=rtpmap:77 x/1\r\na=fmtp:77 a=b\r\na=ssrc:1 label:x\r\n"
        "a=candidate:1 1 ws 1 192.0.2.1 9 typ host\r\n");
    EXPECT_EQ(d.sections[0].codecs.size(), 1u);
    EXPECT_TRUE(d.sections[0].ssrcs.empty());
    EXPECT_TRUE(d.sections[0].candidates.empty());
    EXPECT_TRUE(d.bundle.empty());
}

TEST(Sdp, AcceptsBareLineFeedsAndBlankLines) {
    const auto parsed = parse_sdp("v=0\no=- 1 1 IN IP4 0.0.0.0\n\nm=audio 9 RTP/AVP 0\na=mid:x");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->sections[0].mid, "x");
}

TEST(Sdp, RefusesMalformedDescriptions) {
    const std::string audio = kHead + "m=audio 9 RTP/AVP 96\r\n";
    EXPECT_EQ(error_of(""), SdpError::BadVersion);
    EXPECT_EQ(error_of("v=1\r\n"), SdpError::BadVersion);
    EXPECT_EQ(error_of("o=- 1 1 IN IP4 0.0.0.0\r\nv=0\r\n"), SdpError::BadVersion);
    EXPECT_EQ(error_of("v=0\r\ns=-\r\n"), SdpError::BadOrigin);
    EXPECT_EQ(error_of("v=0\r\no=- x 1 IN IP4 0.0.0.0\r\n"), SdpError::BadOrigin);
    EXPECT_EQ(error_of("v=0\r\no=- 1 1 IN IP4\r\n"), SdpError::BadOrigin);
    EXPECT_EQ(error_of(kHead + "hello\r\n"), SdpError::BadLine);
    EXPECT_EQ(error_of(kHead + "a=mid:\rx\r\n"), SdpError::BadLine);
    EXPECT_EQ(error_of(kHead + std::string("a=x\0y\r\n", 7)), SdpError::BadLine);
    EXPECT_EQ(error_of(kHead + "m=audio 9 RTP/AVP\r\n"), SdpError::BadMediaLine);
    EXPECT_EQ(error_of(kHead + "m=audio 65536 RTP/AVP 0\r\n"), SdpError::BadMediaLine);
    EXPECT_EQ(error_of(kHead + "m=audio 9 RTP/AVP 128\r\n"), SdpError::BadMediaLine);
    EXPECT_EQ(error_of(kHead + "m=video 9 RTP/AVP x\r\n"), SdpError::BadMediaLine);
    for (const char* line : {"a=setup:maybe",
                             "a=rtpmap:96 VP8",
                             "a=rtpmap:96 VP8/0",
                             "a=rtpmap:96 opus/48000/0",
                             "a=extmap:0 urn:x",
                             "a=extmap:1",
                             "a=extmap:1/up urn:x",
                             "a=mid:",
                             "a=msid:",
                             "a=ssrc:x cname:y",
                             "a=ssrc-group:FID",
                             "a=ssrc-group:FID 1 x",
                             "a=rid:a",
                             "a=rid:a both",
                             "a=simulcast:q",
                             "a=simulcast:send",
                             "a=simulcast:send a;;b",
                             "a=simulcast:send a send b",
                             "a=sctp-port:70000",
                             "a=max-message-size:x",
                             "a=ice-ufrag:abc",
                             "a=ice-pwd:short",
                             "a=fingerprint:sha-256",
                             "a=fingerprint:sha-256 A",
                             "a=fingerprint:sha-256 AB:",
                             "a=fingerprint:sha-256 ABCD"}) {
        EXPECT_EQ(error_of(audio + line + "\r\n"), SdpError::BadAttribute) << line;
    }
    EXPECT_EQ(error_of(audio + "a=mid:0\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"), SdpError::DuplicateMid);
}

TEST(Sdp, EveryTableHasALimit) {
    const auto repeated = [](const std::string& line, size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i) text += line;
        return text;
    };
    const auto numbered = [](const std::string& head, const std::string& tail, size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i) text += head + std::to_string(i) + tail;
        return text;
    };
    const std::string video = kHead + "m=video 9 RTP/AVP 96\r\n";
    EXPECT_EQ(error_of(std::string(kSdpBytesMax + 1, 'v')), SdpError::TooLarge);
    EXPECT_EQ(error_of(kHead + "s=" + std::string(kSdpLineBytesMax, 'x')), SdpError::TooLarge);
    const std::string section = "m=audio 9 RTP/AVP 0\r\n";
    EXPECT_EQ(error_of(kHead + repeated(section, kSdpSectionsMax)), std::nullopt);
    EXPECT_EQ(error_of(kHead + repeated(section, kSdpSectionsMax + 1)), SdpError::TooMany);
    EXPECT_EQ(error_of(video + numbered("a=rid:", " send\r\n", kSdpRidsMax)), std::nullopt);
    EXPECT_EQ(error_of(video + numbered("a=rid:", " send\r\n", kSdpRidsMax + 1)), SdpError::TooMany);
    EXPECT_EQ(error_of(video + numbered("a=ssrc:", " cname:x\r\n", kSdpSsrcsMax + 1)), SdpError::TooMany);
    EXPECT_EQ(error_of(video + repeated("a=ssrc-group:FID 1 2\r\n", kSdpSsrcGroupsMax + 1)),
              SdpError::TooMany);
    EXPECT_EQ(error_of(video + repeated("a=extmap:1 urn:x\r\n", kSdpExtmapsMax + 1)), SdpError::TooMany);
    EXPECT_EQ(error_of(video + repeated("a=msid:s t\r\n", kSdpMsidsMax + 1)), SdpError::TooMany);
    EXPECT_EQ(error_of(video + "a=fmtp:96 " + numbered("k", "=v;", kSdpFmtpParametersMax + 1) + "\r\n"),
              SdpError::TooMany);
    EXPECT_EQ(
        error_of(video + repeated("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", kSdpCandidatesMax + 1)),
        SdpError::TooMany);
}

TEST(Sdp, WildcardFeedbackCannotMultiplyWithoutEnd) {
    std::string media = "m=video 9 RTP/AVPF";
    for (int pt = 0; pt < 128; ++pt) media += ' ' + std::to_string(pt);
    std::string text = kHead;
    for (int sections = 0; sections < 40; ++sections) {
        text += media + "\r\n";
        for (int i = 0; i < 20; ++i) text += "a=rtcp-fb:* x" + std::to_string(i) + "\r\n";
    }
    ASSERT_LT(text.size(), kSdpBytesMax);
    EXPECT_EQ(error_of(text), SdpError::TooMany);
}

TEST(Sdp, DirectionsReverse_Rfc3264_6_1) {
    EXPECT_EQ(reversed(Direction::SendOnly), Direction::RecvOnly);
    EXPECT_EQ(reversed(Direction::RecvOnly), Direction::SendOnly);
    EXPECT_EQ(reversed(Direction::SendRecv), Direction::SendRecv);
    EXPECT_EQ(reversed(Direction::Inactive), Direction::Inactive);
}

}  // namespace
}  // namespace conclave::wire
