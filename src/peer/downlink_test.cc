// A client whose link is measured, probed and not overrun.
#include <gtest/gtest.h>

#include <deque>

#include "peer/client_for_test.h"
#include "peer/paced_queue.h"
#include "rtp/feedback_recorder.h"
#include "wire/rtcp.h"

namespace conclave::peer {
namespace {

constexpr uint8_t kTransportCc = 5;
constexpr EgressId kVideo = 7;
constexpr EgressId kAudio = 8;
constexpr uint32_t kVideoSsrc = 1000;
constexpr uint32_t kRtxSsrc = 2000;
constexpr uint32_t kAudioSsrc = 3000;

wire::SessionDescription offer_for(bool has_feedback) {
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = 1;
    for (const auto kind : {wire::MediaKind::Video, wire::MediaKind::Audio}) {
        wire::MediaSection section;
        section.kind = kind;
        section.direction = wire::Direction::RecvOnly;
        section.mid = std::to_string(offer.sections.size());
        section.rtcp_mux = true;
        const std::vector<std::string> feedback{"nack", "goog-remb", "transport-cc"};
        if (kind == wire::MediaKind::Video) {
            section.codecs.push_back({96, "VP8", 90000, 1, {}, feedback});
            section.codecs.push_back({97, "rtx", 90000, 1, {}, {}});
            section.codecs.back().fmtp.set("apt", "96");
        } else {
            section.codecs.push_back({111, "opus", 48000, 2, {}, {"transport-cc"}});
        }
        if (has_feedback)
            section.extmaps.push_back({kTransportCc, std::nullopt, std::string(wire::kTransportCcUri)});
        offer.bundle.push_back(section.mid);
        offer.sections.push_back(std::move(section));
    }
    return offer;
}

// As a publisher's peer has it: a header, and what it is of.
Bytes packet_of(size_t size) {
    Bytes packet(size, 0x10);
    CHECK(wire::write_rtp_header(packet, {}, {}) == wire::kRtpHeaderSize);
    return packet;
}

// Tells of every packet as soon as it has come: the link is as fast as `bits_per_second`.
class Receiver : public ClientForTest {
 public:
    explicit Receiver(bool has_feedback = true) : ClientForTest(offer_for(has_feedback)) {
        peer->attach("0", {kVideo, "s", "v", "c", kVideoSsrc, kRtxSsrc});
        peer->attach("1", {kAudio, "s", "a", "c", kAudioSsrc, 0});
        connect();
    }
    void send_frame(size_t packets) {
        ++timestamp_;
        for (size_t i = 0; i < packets; ++i) {
            Media media;
            media.codec = Codec::Vp8;
            media.packet = pool.copy(packet_of(1100));
            peer->send_rtp(now,
                           {.egress = kVideo, .sequence = ExtSeqNo{++sequence_}, .timestamp = timestamp_},
                           media, tx);
        }
    }
    void send_sound() {
        Media media;
        media.codec = Codec::Opus;
        media.packet = pool.copy(packet_of(100));
        peer->send_rtp(now, {.egress = kAudio, .sequence = ExtSeqNo{++sound_}}, media, tx);
    }
    // What has been sent since, of any kind, put on the link.
    size_t deliver() {
        const auto packets = received();
        for (const Bytes& packet : packets) {
            const auto rtp = wire::parse_rtp(packet);
            const auto value = wire::find_extension(*rtp, kTransportCc);
            if (!value) continue;
            ++numbered;
            if (rtp->ssrc == kRtxSsrc) ++probes;
            free_ = std::max(free_, now) +
                    Duration{static_cast<int64_t>(packet.size() * 8'000'000 / bits_per_second)};
            arriving_.emplace_back(free_, *wire::parse_transport_cc(*value));
        }
        return packets.size();
    }
    Events tell() {
        while (!arriving_.empty() && arriving_.front().first <= now) {
            recorder_.record(arriving_.front().first, arriving_.front().second);
            arriving_.pop_front();
        }
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        if (recorder_.next_feedback() > now || !recorder_.write_feedback(now, out)) return {};
        return send_rtcp(out.written());
    }
    // 30 frames a second of so many packets, and its timers; whether less bandwidth was told.
    bool run(Duration span, size_t frame_packets) {
        bool is_told = false;
        for (const Instant end = now + span; now < end; now = now + Duration::millis(1)) {
            if (now.us / 1000 % 33 == 0 && frame_packets > 0) send_frame(frame_packets);
            if (peer->next_timeout() <= now) (void)peer->handle_timeout(now, tx);
            (void)deliver();
            for (const Notice& notice : tell().notices)
                is_told = is_told || notice.signal == Signal::LessBandwidth;
        }
        return is_told;
    }
    uint64_t estimate() const { return peer->estimated_bitrate(now).value_or(DataRate{}).bps; }

    uint64_t bits_per_second = 3'000'000;
    size_t numbered = 0;
    size_t probes = 0;

 private:
    rtp::FeedbackRecorder recorder_{1, kVideoSsrc};
    std::deque<std::pair<Instant, uint16_t>> arriving_;
    Instant free_;
    uint32_t timestamp_ = 0;
    int64_t sequence_ = 0;
    int64_t sound_ = 0;
};

TEST(Downlink, NumbersEverythingInTheOrderOfLeaving) {
    Receiver client;
    client.send_frame(2);
    client.send_sound();
    uint16_t expected = 0;
    for (const Bytes& packet : client.received()) {
        const auto rtp = wire::parse_rtp(packet);
        const auto value = wire::find_extension(*rtp, kTransportCc);
        ASSERT_TRUE(value);
        EXPECT_EQ(wire::parse_transport_cc(*value), expected++);
    }
    EXPECT_EQ(expected, 3);
}

TEST(Downlink, WhoDoesNotNegotiateItGetsNone) {
    Receiver client(false);
    client.peer->want_bitrate(client.now, DataRate::kbps(5000));
    EXPECT_FALSE(client.run(Duration::seconds(1), 2));
    EXPECT_EQ(client.numbered, 0u);
    EXPECT_FALSE(client.peer->estimated_bitrate(client.now));
}

TEST(Downlink, ProbesUntilWhatIsWantedIsKnownToFit) {
    Receiver client;
    EXPECT_EQ(client.estimate(), 300'000u);
    client.run(Duration::seconds(1), 1);
    EXPECT_EQ(client.probes, 0u) << "nothing more is wanted";
    client.peer->want_bitrate(client.now, DataRate::kbps(2000));
    client.run(Duration::seconds(2), 1);
    EXPECT_GT(client.probes, 0u);
    EXPECT_GE(client.estimate(), 2'000'000u);
    EXPECT_LE(client.estimate(), 3'000'000u);
    EXPECT_GE(client.peer->counters().probes, 2u);
    const size_t probes = client.probes;
    client.run(Duration::seconds(10), 1);
    EXPECT_EQ(client.probes, probes);
}

TEST(Downlink, WithoutAVideoThereIsNothingToProbeWith) {
    Receiver client;
    client.peer->want_bitrate(client.now, DataRate::kbps(2000));
    for (int i = 0; i < 50; ++i) {
        client.send_sound();
        client.run(Duration::millis(20), 0);
    }
    EXPECT_EQ(client.probes, 0u);
    EXPECT_GT(client.numbered, 0u);
}

TEST(Downlink, TellsAtOnceWhenThereIsLess) {
    Receiver client;
    client.peer->want_bitrate(client.now, DataRate::kbps(3000));
    client.run(Duration::seconds(3), 4);
    client.peer->want_bitrate(client.now, DataRate::kbps(3000));
    const uint64_t before = client.estimate();
    ASSERT_GT(before, 1'500'000u);
    client.bits_per_second = 500'000;
    EXPECT_TRUE(client.run(Duration::seconds(1), 4));
    EXPECT_LT(client.estimate(), 500'000u);
}

TEST(Downlink, AKeyFrameOnAThinLinkLeavesInTimeAndSoundPassesIt) {
    Receiver client;
    client.bits_per_second = 400'000;
    client.run(Duration::seconds(2), 1);
    ASSERT_LT(client.estimate(), 450'000u);
    (void)client.peer->handle_timeout(client.now, client.tx);
    (void)client.deliver();
    client.send_frame(30);
    const size_t at_once = client.deliver();
    EXPECT_LT(at_once, 12u);
    EXPECT_GE(at_once, 3u);
    client.send_sound();
    EXPECT_EQ(client.deliver(), 1u);
    client.send_frame(1);
    EXPECT_EQ(client.deliver(), 0u) << "its order is kept";
    size_t later = 0;
    for (int i = 0; i < 450; ++i) {
        client.now = client.now + Duration::millis(1);
        if (client.peer->next_timeout() <= client.now)
            (void)client.peer->handle_timeout(client.now, client.tx);
        const size_t burst = client.deliver();
        EXPECT_LE(burst, 3u);
        later += burst;
    }
    EXPECT_EQ(at_once + later, 31u);
    EXPECT_EQ(client.peer->counters().paced, 31 - at_once);
    EXPECT_EQ(client.peer->counters().paced_dropped, 0u);
}

TEST(Downlink, WhatWaitsForTooLongIsDroppedAndCounted) {
    Receiver client;
    client.bits_per_second = 100'000;
    client.run(Duration::seconds(3), 1);
    client.send_frame(200);
    client.run(Duration::seconds(2), 0);
    EXPECT_GT(client.peer->counters().paced_dropped, 50u);
    client.send_frame(1);
    EXPECT_EQ(client.deliver(), 1u);
}

TEST(Downlink, ATrackThatIsGoneDoesNotLeave) {
    Receiver client;
    client.bits_per_second = 300'000;
    client.run(Duration::seconds(2), 1);
    client.send_frame(30);
    (void)client.deliver();
    client.peer->detach(kVideo);
    const size_t numbered = client.numbered;
    client.run(Duration::seconds(1), 0);
    EXPECT_EQ(client.numbered, numbered);
}

}  // namespace
}  // namespace conclave::peer
