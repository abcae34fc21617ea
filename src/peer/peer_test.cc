// Media through a whole peer: which stream is which, what is kept of a packet, what a subscriber gets.
#include "peer/peer.h"

#include <gtest/gtest.h>

#include "peer/client_for_test.h"
#include "wire/rtcp.h"

namespace conclave::peer {
namespace {

constexpr uint8_t kMid = 4;
constexpr uint8_t kRid = 10;
constexpr uint8_t kRepairedRid = 11;
constexpr uint8_t kDependencies = 12;
constexpr uint8_t kCaptureTime = 13;
constexpr IngressId kTrack = 77;
constexpr EgressId kSent = 5;

// A key frame with its structure: two temporal layers, 1280x720; its number is 0x0102.
const Bytes kDescriptor{0xc0, 0x1, 0x2, 0x80, 0x1, 0x1e, 0xbc, 0x51, 0x41, 0x1, 0xc, 0x13, 0xfc, 0xb, 0x3c};

Bytes text(std::string_view value) {
    return {value.begin(), value.end()};
}

wire::SessionDescription offer_of(wire::MediaSection section) {
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = 1;
    offer.extmap_allow_mixed = true;
    offer.bundle = {"0"};
    section.mid = "0";
    section.rtcp_mux = true;
    offer.sections.push_back(std::move(section));
    return offer;
}

wire::MediaSection video(wire::Direction direction, uint8_t dependencies = kDependencies) {
    wire::MediaSection section;
    section.kind = wire::MediaKind::Video;
    section.direction = direction;
    uint8_t type = 96;
    for (const char* name : {"VP8", "VP9", "AV1"}) {
        section.codecs.push_back(
            {type, name, 90000, 1, {}, {"nack", "nack pli", "goog-remb", "transport-cc"}});
        section.codecs.push_back({static_cast<uint8_t>(type + 1), "rtx", 90000, 1, {}, {}});
        section.codecs.back().fmtp.set("apt", std::to_string(type));
        type = static_cast<uint8_t>(type + 2);
    }
    const std::pair<uint8_t, std::string_view> extensions[] = {
        {kMid, wire::kMidUri},
        {kRid, wire::kRidUri},
        {kRepairedRid, wire::kRepairedRidUri},
        {2, wire::kAbsSendTimeUri},
        {kCaptureTime, wire::kAbsCaptureTimeUri},
        {dependencies, wire::kDependencyDescriptorUri}};
    for (const auto& [id, uri] : extensions) section.extmaps.push_back({id, std::nullopt, std::string(uri)});
    return section;
}

wire::MediaSection simulcast() {
    wire::MediaSection section = video(wire::Direction::SendOnly);
    for (const char* rid : {"q", "h", "f"}) {
        section.rids.push_back({rid, true, ""});
        section.simulcast.send.emplace_back(rid);
    }
    return section;
}

// One encoding, whose SSRC the offer says.
wire::MediaSection one_stream() {
    wire::MediaSection section = video(wire::Direction::SendOnly);
    section.ssrcs.push_back({11, "c", std::nullopt});
    return section;
}

std::vector<std::pair<uint8_t, Bytes>> names(std::string_view rid, uint8_t extension = kRid) {
    return {{kMid, text("0")}, {extension, text(rid)}};
}

class Publisher : public ClientForTest {
 public:
    explicit Publisher(wire::MediaSection section, Codec preferred = Codec::Vp8)
        : ClientForTest(offer_of(std::move(section))) {
        peer->accept("0", kTrack, {.preferred = preferred});
        connect();
    }
};

class Subscriber : public ClientForTest {
 public:
    explicit Subscriber(wire::MediaSection section) : ClientForTest(offer_of(std::move(section))) {
        peer->attach("0", {kSent, "PA_a|TR_b", "TR_b", "PA_a", 1000, 2000});
        connect();
    }
    std::vector<Bytes> packets_of(const Outgoing& outgoing, const Media& media) {
        peer->send_rtp(now, outgoing, media, tx);
        return received();
    }
};

TEST(Peer, FindsTheEncodingsOfASimulcastByTheirRids_RFC8852) {
    Publisher client(simulcast());
    const auto first = client.send({.ssrc = 11, .sequence = 100, .extensions = names("h")});
    ASSERT_TRUE(first.media);
    EXPECT_EQ(first.media->ingress, kTrack);
    EXPECT_EQ(first.media->encoding, 1);
    EXPECT_EQ(first.media->ssrc, 11u);
    EXPECT_TRUE(first.media->starts_keyframe);
    EXPECT_EQ(client.send({.ssrc = 12, .extensions = names("q")}).media->encoding, 0);
    // Named once, known for good: browsers leave the extensions out after a while.
    EXPECT_EQ(client.send({.ssrc = 11, .sequence = 101}).media->encoding, 1);
    // The highest starts late.
    EXPECT_EQ(client.send({.ssrc = 13, .extensions = names("f")}).media->encoding, 2);

    EXPECT_FALSE(client.send({.ssrc = 14, .extensions = names("x")}).media);
    EXPECT_FALSE(client.send({.ssrc = 14, .sequence = 2, .extensions = {{kMid, text("0")}}}).media);
    EXPECT_EQ(client.peer->counters().unknown_rid, 2u);
    EXPECT_FALSE(client.send({.ssrc = 14, .sequence = 3}).media);
    EXPECT_FALSE(client.send({.ssrc = 14, .sequence = 4, .extensions = {{kMid, text("9")}}}).media);
    EXPECT_EQ(client.peer->counters().unknown_stream, 2u);
}

TEST(Peer, RepairsAnEncodingByItsRepairedRid_RFC8852) {
    Publisher client(simulcast());
    (void)client.send({.ssrc = 11, .sequence = 100, .extensions = names("h")});
    (void)client.send({.ssrc = 12, .sequence = 100, .extensions = names("q")});
    (void)client.send({.ssrc = 11, .sequence = 102});
    Sent rtx{.ssrc = 21, .payload_type = 97, .extensions = names("h", kRepairedRid)};
    rtx.payload = {0, 101, 0x10, 0x01, 42};
    const auto repaired = client.send(rtx);
    ASSERT_TRUE(repaired.media);
    EXPECT_EQ(repaired.media->encoding, 1);
    EXPECT_EQ(repaired.media->ssrc, 11u);
    EXPECT_EQ(repaired.media->sequence.wire().value, 101);
    EXPECT_FALSE(repaired.media->is_newest);
    EXPECT_EQ(repaired.media->packet.bytes().back(), 42);
    // RTX of an encoding that has not begun belongs to nothing.
    rtx = {.ssrc = 22, .payload_type = 97, .extensions = names("f", kRepairedRid)};
    EXPECT_FALSE(client.send(rtx).media);
}

TEST(Peer, FollowsAnEncodingToAnotherSsrcAndNotBack) {
    Publisher client(simulcast());
    (void)client.send({.ssrc = 11, .sequence = 100, .extensions = names("h")});
    const auto moved = client.send({.ssrc = 15, .sequence = 7, .extensions = names("h")});
    ASSERT_TRUE(moved.media);
    EXPECT_EQ(moved.media->encoding, 1);
    EXPECT_EQ(moved.media->ssrc, 15u);
    EXPECT_FALSE(client.send({.ssrc = 11, .sequence = 101, .extensions = names("h")}).media);
    EXPECT_EQ(client.peer->counters().unknown_stream, 1u);
    EXPECT_TRUE(client.send({.ssrc = 15, .sequence = 8}).media);
}

TEST(Peer, EncodingsKeepTheirStreamsThroughOffersAndAskForTheirOwnKeyFrames) {
    Publisher client(simulcast());
    const auto media = client.send({.ssrc = 11, .sequence = 100, .extensions = names("h")}).media;
    client.offer().sections[0].rids.erase(client.offer().sections[0].rids.begin());
    client.offer().sections[0].simulcast.send = {"h", "f"};
    ASSERT_TRUE(client.send_offer());
    const auto after = client.send({.ssrc = 11, .sequence = 101});
    ASSERT_TRUE(after.media);
    EXPECT_EQ(after.media->encoding, 0) << "the lowest now";
    EXPECT_EQ(after.media->sequence - media->sequence, 1);
    EXPECT_TRUE(client.peer->find_cached(client.now, kTrack, 0, media->sequence).packet);
    EXPECT_FALSE(client.peer->find_cached(client.now, kTrack, 1, media->sequence).packet);
    EXPECT_FALSE(client.peer->find_cached(client.now, kTrack, 2, media->sequence).packet);
    EXPECT_TRUE(client.peer->clock(kTrack, 0));
    EXPECT_FALSE(client.peer->clock(kTrack, 1)) << "not begun";

    client.tx.clear();
    client.peer->request_keyframe(kTrack, 1, client.tx);
    client.peer->request_keyframe(kTrack, 2, client.tx);
    EXPECT_TRUE(client.received(wire::DatagramKind::Rtcp).empty());
    client.peer->request_keyframe(kTrack, 0, client.tx);
    const auto asked = client.received(wire::DatagramKind::Rtcp);
    ASSERT_EQ(asked.size(), 1u);
    const auto rtcp = wire::RtcpReader(asked[0]).next();
    ASSERT_TRUE(rtcp && std::get_if<wire::Pli>(&*rtcp));
    EXPECT_EQ(std::get<wire::Pli>(*rtcp).media_ssrc, 11u);
}

// One-byte headers at one, two-byte headers at the other, each under its own number; the packet is not
// touched.
TEST(Peer, SubscribersGetTheDependencyDescriptorUnderTheirOwnNumbers) {
    wire::MediaSection section = video(wire::Direction::SendOnly);
    section.ssrcs.push_back({11, "c", std::nullopt});
    Publisher publisher(std::move(section), Codec::Av1);
    const Bytes capture(16, 9);
    Sent sent{.ssrc = 11, .payload_type = 100};
    sent.payload = {0x18, 1, 2, 3};
    sent.extensions = {{kMid, text("0")}, {kDependencies, kDescriptor}, {kCaptureTime, capture}};
    const auto media = publisher.send(sent).media;
    ASSERT_TRUE(media);
    EXPECT_TRUE(media->starts_keyframe);
    ASSERT_TRUE(media->dependencies);
    EXPECT_EQ(media->dependencies->frame_number, 0x0102);
    const Bytes before(media->packet.bytes().begin(), media->packet.bytes().end());

    for (const uint8_t number : {uint8_t{6}, uint8_t{20}}) {
        Subscriber subscriber(video(wire::Direction::RecvOnly, number));
        Outgoing outgoing{.egress = kSent, .sequence = ExtSeqNo{500}, .timestamp = 90, .marker = true};
        const auto as_sent = [&](const Bytes& packet, ByteView descriptor) {
            const auto rtp = wire::parse_rtp(packet);
            ASSERT_TRUE(rtp);
            EXPECT_EQ(rtp->extension_profile, number == 20 ? wire::kTwoByteProfile : wire::kOneByteProfile);
            const auto value = wire::find_extension(*rtp, number);
            ASSERT_TRUE(value);
            EXPECT_TRUE(std::equal(value->begin(), value->end(), descriptor.begin(), descriptor.end()));
            const auto time = wire::find_extension(*rtp, kCaptureTime);
            EXPECT_TRUE(time && std::equal(time->begin(), time->end(), capture.begin(), capture.end()));
            EXPECT_TRUE(wire::find_extension(*rtp, 2)) << "abs-send-time";
            EXPECT_TRUE(rtp->marker);
        };
        auto packets = subscriber.packets_of(outgoing, *media);
        ASSERT_EQ(packets.size(), 1u);
        as_sent(packets[0], kDescriptor);
        EXPECT_EQ(wire::parse_rtp(packets[0])->payload.size(), sent.payload.size());

        outgoing.sequence = ExtSeqNo{501};
        outgoing.frame_number = 0xabcd;
        Bytes renumbered = kDescriptor;
        store_be16(renumbered.data() + 1, 0xabcd);
        packets = subscriber.packets_of(outgoing, *media);
        as_sent(packets.at(0), renumbered);

        const auto cached = publisher.peer->find_cached(publisher.now, kTrack, 0, media->sequence);
        subscriber.peer->retransmit(subscriber.now, outgoing, cached, subscriber.tx);
        packets = subscriber.received();
        ASSERT_EQ(packets.size(), 1u);
        as_sent(packets[0], renumbered);
        const auto rtx = wire::parse_rtp(packets[0]);
        EXPECT_EQ(rtx->ssrc, 2000u);
        EXPECT_EQ(rtx->payload_type, 101);
        EXPECT_EQ(load_be16(rtx->payload.data()), 501);
        EXPECT_TRUE(std::equal(rtx->payload.begin() + 2, rtx->payload.end(), sent.payload.begin()));
    }
    EXPECT_TRUE(std::equal(before.begin(), before.end(), media->packet.bytes().begin()));
}

// Firefox takes a packet that overtakes its answer for another track's when only the payload type tells.
TEST(Peer, PacketsSayWhoseTheyAreUntilTheClientReportsOnThem_RFC9143_9_2) {
    Publisher publisher(one_stream());
    const auto media = publisher.send({.ssrc = 11}).media;
    ASSERT_TRUE(media);
    Subscriber subscriber(video(wire::Direction::RecvOnly));
    Outgoing outgoing{.egress = kSent, .sequence = ExtSeqNo{500}};
    const auto mid_of = [&](const Bytes& packet) -> std::string_view {
        const auto value = wire::find_extension(*wire::parse_rtp(packet), kMid);
        return value ? as_text(*value) : "none";
    };
    const auto report_on = [&](uint32_t ssrc) {
        std::array<uint8_t, 100> buffer;
        ByteWriter out(buffer);
        const wire::ReportBlock block{.ssrc = ssrc, .highest_sequence = 500};
        EXPECT_TRUE(wire::write_receiver_report(out, 1, {&block, 1}));
        (void)subscriber.send_rtcp(out.written());
    };
    EXPECT_EQ(mid_of(subscriber.packets_of(outgoing, *media).at(0)), "0");
    report_on(1234);
    outgoing.sequence = ExtSeqNo{501};
    EXPECT_EQ(mid_of(subscriber.packets_of(outgoing, *media).at(0)), "0") << "that was about another one";
    const auto cached = publisher.peer->find_cached(publisher.now, kTrack, 0, media->sequence);
    subscriber.peer->retransmit(subscriber.now, outgoing, cached, subscriber.tx);
    EXPECT_EQ(mid_of(subscriber.received().at(0)), "0") << "a retransmission as well";
    report_on(1000);
    outgoing.sequence = ExtSeqNo{502};
    EXPECT_EQ(mid_of(subscriber.packets_of(outgoing, *media).at(0)), "none");
}

TEST(Peer, WithoutMixedHeadersTheDescriptorStaysAway) {
    wire::MediaSection section = video(wire::Direction::SendOnly);
    section.ssrcs.push_back({11, "c", std::nullopt});
    Publisher publisher(std::move(section), Codec::Vp9);
    Sent sent{.ssrc = 11, .payload_type = 98, .extensions = {{kDependencies, kDescriptor}}};
    const auto media = publisher.send(sent).media;
    ASSERT_TRUE(media && media->dependencies);
    EXPECT_TRUE(media->vp9);
    wire::SessionDescription offer = offer_of(video(wire::Direction::RecvOnly));
    offer.extmap_allow_mixed = false;
    ClientForTest subscriber(std::move(offer));
    subscriber.peer->attach("0", {kSent, "s", "t", "c", 1000, 2000});
    subscriber.connect();
    subscriber.peer->send_rtp(subscriber.now, {.egress = kSent, .sequence = ExtSeqNo{1}}, *media,
                              subscriber.tx);
    const auto packets = subscriber.received();
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_FALSE(wire::find_extension(*wire::parse_rtp(packets[0]), kDependencies));
}

TEST(Peer, Vp8IdsAreTheSubscribersOwn_RFC7741_4_2) {
    Publisher publisher(one_stream());
    Sent sent{.ssrc = 11};
    sent.payload = {0x90, 0xe0, 0x05, 0x07, 0x00, 0x00, 42, 43};  // X, S; I, L, T; 7-bit id 5, TL0 7; frame
    const auto media = publisher.send(sent).media;
    ASSERT_TRUE(media && media->vp8);
    EXPECT_EQ(media->vp8->picture_id, 5);
    Subscriber subscriber(video(wire::Direction::RecvOnly));
    Outgoing outgoing{.egress = kSent, .sequence = ExtSeqNo{1}};
    outgoing.vp8 = wire::Vp8Ids{.picture_id = 300, .tl0_pic_idx = 9, .key_index = 0};
    for (const bool again : {false, true}) {
        if (again) {
            subscriber.peer->retransmit(
                subscriber.now, outgoing,
                publisher.peer->find_cached(publisher.now, kTrack, 0, media->sequence), subscriber.tx);
        } else {
            subscriber.peer->send_rtp(subscriber.now, outgoing, *media, subscriber.tx);
        }
        const auto packets = subscriber.received();
        ASSERT_EQ(packets.size(), 1u);
        const auto rtp = wire::parse_rtp(packets[0]);
        const auto vp8 = wire::parse_vp8(rtp->payload.subspan(again ? 2 : 0));
        ASSERT_TRUE(vp8);
        EXPECT_EQ(vp8->picture_id, 300);
        EXPECT_EQ(vp8->tl0_pic_idx, 9);
        EXPECT_EQ(Bytes(vp8->frame.begin(), vp8->frame.end()),
                  Bytes(media->vp8->frame.begin(), media->vp8->frame.end()));
    }
}

TEST(Peer, PadsAsItIsToldTo_RFC3550_5_1) {
    Publisher publisher(one_stream());
    const auto media = publisher.send({.ssrc = 11}).media;
    ASSERT_TRUE(media);
    Subscriber subscriber(video(wire::Direction::RecvOnly));
    Bytes plain;
    for (const uint8_t padding : {uint8_t{0}, uint8_t{1}, kOutgoingPaddingMax}) {
        subscriber.peer->send_rtp(subscriber.now,
                                  {.egress = kSent, .sequence = ExtSeqNo{1 + padding}, .padding = padding},
                                  *media, subscriber.tx);
        const auto packets = subscriber.received();
        ASSERT_EQ(packets.size(), 1u);
        if (padding == 0) plain = packets[0];
        EXPECT_EQ(packets[0].size(), plain.size() + padding);
        const auto rtp = wire::parse_rtp(packets[0]);
        ASSERT_TRUE(rtp);
        EXPECT_EQ(Bytes(rtp->payload.begin(), rtp->payload.end()), (Bytes{0x10, 0x00, 7, 7}));
    }
}

TEST(Peer, KeepsTheNewestEstimateOfTheClientForAWhile) {
    Subscriber client(video(wire::Direction::RecvOnly));
    EXPECT_FALSE(client.peer->estimated_bitrate(client.now));
    std::array<uint8_t, 64> buffer;
    for (const uint64_t bps : {uint64_t{2'000'000}, uint64_t{500'000}}) {
        ByteWriter out(buffer);
        const uint32_t ssrc = 1000;
        ASSERT_TRUE(wire::write_remb(out, 1, bps, {&ssrc, 1}));
        (void)client.send_rtcp(out.written());
        EXPECT_EQ(client.peer->estimated_bitrate(client.now)->bps, bps);
    }
    client.now = client.now + Duration::seconds(5);
    EXPECT_TRUE(client.peer->estimated_bitrate(client.now));
    client.now = client.now + Duration::millis(1);
    EXPECT_FALSE(client.peer->estimated_bitrate(client.now));
}

wire::MediaSection audio(wire::Direction direction, bool with_red) {
    wire::MediaSection section;
    section.kind = wire::MediaKind::Audio;
    section.direction = direction;
    if (with_red) {
        section.codecs.push_back({63, "red", 48000, 2, {}, {}});
        section.codecs.back().fmtp.raw = "111/111";
    }
    section.codecs.push_back({111, "opus", 48000, 2, {}, {}});
    if (direction == wire::Direction::SendOnly) section.ssrcs.push_back({11, "c", std::nullopt});
    return section;
}

// RFC 2198 3: one redundant frame of 20 ms before, then the newest.
Bytes red(uint8_t before, uint8_t newest) {
    const uint16_t offset = 960;
    return {0x80 | 111,
            static_cast<uint8_t>(offset >> 6),
            static_cast<uint8_t>((offset & 0x3f) << 2),
            1,
            111,
            before,
            newest};
}

TEST(Peer, WithoutRedASubscriberGetsWhatWasLostFromTheRedundancy) {
    Publisher publisher(audio(wire::Direction::SendOnly, true), Codec::Opus);
    Subscriber subscriber(audio(wire::Direction::RecvOnly, false));
    const auto frames = [&](uint16_t sequence, uint8_t before, uint8_t newest) {
        Sent sent{.ssrc = 11, .payload_type = 63, .sequence = sequence};
        sent.payload = red(before, newest);
        const auto media = publisher.send(sent).media;
        std::vector<std::tuple<uint16_t, uint32_t, uint8_t>> got;
        const Outgoing outgoing{
            .egress = kSent, .sequence = ExtSeqNo{sequence + 1000}, .timestamp = sequence * 960U};
        for (const Bytes& packet : subscriber.packets_of(outgoing, *media)) {
            const auto rtp = wire::parse_rtp(packet);
            EXPECT_EQ(rtp->payload_type, 111);
            got.emplace_back(rtp->sequence_number.value, rtp->timestamp, rtp->payload.back());
        }
        return got;
    };
    using Frames = std::vector<std::tuple<uint16_t, uint32_t, uint8_t>>;
    EXPECT_EQ(frames(10, 9, 10), (Frames{{1010, 9600, 10}})) << "nothing was lost before the first";
    EXPECT_EQ(frames(11, 10, 11), (Frames{{1011, 10560, 11}}));
    EXPECT_EQ(frames(13, 12, 13), (Frames{{1012, 11520, 12}, {1013, 12480, 13}}));
    EXPECT_EQ(frames(12, 11, 12), Frames{}) << "late: its number is used up";
    EXPECT_EQ(frames(16, 15, 16), (Frames{{1015, 14400, 15}, {1016, 15360, 16}})) << "14 stays lost";
}

TEST(Peer, AStreamThatHasStoppedGivesItsPacketsBack) {
    Publisher client(simulcast());
    const size_t before = client.pool.available();
    for (uint16_t i = 0; i < 50; ++i)
        (void)client.send({.ssrc = 11, .sequence = i, .extensions = names("h")});
    EXPECT_EQ(client.pool.available(), before - 50) << "kept for whoever asks again";
    client.now = client.now + rtp::kCacheAgeMax + Duration::millis(1);
    (void)client.peer->handle_timeout(client.now, client.tx);
    EXPECT_EQ(client.pool.available(), before);
}

TEST(Peer, RedIsNotTakenWhereItWasNotAgreedTo) {
    ClientForTest client(offer_of(audio(wire::Direction::SendOnly, true)));
    client.peer->accept("0", kTrack, {.preferred = Codec::Opus, .red = false});
    client.connect();
    Sent sent{.ssrc = 11, .payload_type = 63};
    sent.payload = red(1, 2);
    EXPECT_FALSE(client.send(sent).media);
    EXPECT_TRUE(client.send({.ssrc = 11, .payload_type = 111, .sequence = 2}).media);
}

}  // namespace
}  // namespace conclave::peer
