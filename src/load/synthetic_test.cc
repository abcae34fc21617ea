#include "load/synthetic.h"

#include <gtest/gtest.h>

#include <vector>

#include "wire/vp8.h"

namespace conclave::load {
namespace {

const Stamp kStamp{7, 1'000'001, kVideoStream + 2, 4'000'000'000, 77, 3, 9, 123'456'789'012'345};

TEST(Synthetic, StampSurvives) {
    std::vector<uint8_t> bytes(kStampSize);
    write_stamp(bytes.data(), kStamp);
    EXPECT_EQ(read_stamp(bytes), kStamp);
    bytes.pop_back();
    EXPECT_FALSE(read_stamp(bytes));
}

TEST(Synthetic, RefusesWhatIsNoStamp) {
    std::vector<uint8_t> bytes(kStampSize);
    EXPECT_FALSE(read_stamp(bytes));
    Stamp wrong = kStamp;
    wrong.stream = kStreamsPerSender;
    write_stamp(bytes.data(), wrong);
    EXPECT_FALSE(read_stamp(bytes));
    wrong = kStamp;
    wrong.index = wrong.count;
    write_stamp(bytes.data(), wrong);
    EXPECT_FALSE(read_stamp(bytes));
    EXPECT_FALSE(stamp_of_opus({}));
    EXPECT_FALSE(stamp_of_vp8({}));
}

TEST(Synthetic, OpusCarriesTheStamp) {
    std::vector<uint8_t> payload(80);
    write_opus(payload, kStamp);
    EXPECT_EQ(stamp_of_opus(payload), kStamp);
    std::vector<uint8_t> smallest(kOpusSizeMin);
    write_opus(smallest, kStamp);
    EXPECT_EQ(stamp_of_opus(smallest), kStamp);
}

TEST(Synthetic, Vp8IsReal) {
    std::vector<uint8_t> payload(1000);
    Stamp stamp = kStamp;
    stamp.index = 0;
    const Vp8Frame frame{true, 0, false, 0x7abc, 0xee, 0x1d};
    write_vp8(payload, stamp, frame);
    const auto vp8 = wire::parse_vp8(payload);
    ASSERT_TRUE(vp8);
    EXPECT_TRUE(wire::is_keyframe(*vp8));
    EXPECT_EQ(wire::keyframe_size(*vp8), (wire::Vp8Size{1280, 720}));
    EXPECT_EQ(vp8->picture_id, 0x7abc);
    EXPECT_EQ(vp8->tl0_pic_idx, 0xee);
    EXPECT_EQ(vp8->key_index, 0x1d);
    EXPECT_EQ(stamp_of_vp8(payload), stamp);

    stamp.index = 1;
    write_vp8(payload, stamp, frame);
    ASSERT_TRUE(wire::parse_vp8(payload));
    EXPECT_FALSE(wire::starts_frame(*wire::parse_vp8(payload)));
    EXPECT_EQ(stamp_of_vp8(payload), stamp);
}

TEST(Synthetic, TalkHasItsShare) {
    SeededRng rng(3);
    for (const double talk : {0.0, 0.3, 1.0}) {
        AudioCadence cadence(talk, rng);
        int talking = 0;
        constexpr int kPackets = 200'000;
        for (int i = 0; i < kPackets; ++i) {
            const AudioPacket packet = cadence.next(rng);
            EXPECT_GE(packet.size, kOpusSizeMin);
            talking += packet.level.voice ? 1 : 0;
        }
        EXPECT_NEAR(static_cast<double>(talking) / kPackets, talk, 0.03);
    }
}

TEST(Synthetic, VideoKeepsItsBitrate) {
    SeededRng rng(4);
    VideoCadence cadence(1500, 30, 1, rng);
    EXPECT_GT(cadence.next(true, rng).bytes, 1500u * 1000 / 8 / 30 * 3);
    size_t bytes = 0;
    for (int i = 0; i < 3000; ++i) bytes += cadence.next(false, rng).bytes;
    EXPECT_NEAR(static_cast<double>(bytes) * 8 / 100, 1'500'000, 30'000);
}

TEST(Synthetic, TemporalLayersAlternate) {
    SeededRng rng(5);
    VideoCadence cadence(1500, 30, 3, rng);
    const VideoFrame first = cadence.next(true, rng);
    std::vector<int> layers;
    std::vector<bool> syncs;
    for (int i = 0; i < 5; ++i) {
        const VideoFrame frame = cadence.next(false, rng);
        layers.push_back(frame.header.temporal_id);
        syncs.push_back(frame.header.is_sync);
        EXPECT_EQ(frame.header.key_index, first.header.key_index);
        const int base_frames = i < 3 ? 0 : 1;
        EXPECT_EQ(frame.header.tl0_pic_idx, static_cast<uint8_t>(first.header.tl0_pic_idx + base_frames));
    }
    EXPECT_EQ(layers, (std::vector<int>{2, 1, 2, 0, 2}));
    EXPECT_EQ(syncs, (std::vector<bool>{true, true, false, false, false}));
}

}  // namespace
}  // namespace conclave::load
