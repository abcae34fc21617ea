#include "load/verifier.h"

#include <gtest/gtest.h>

namespace conclave::load {
namespace {

class Verifier : public testing::Test {
 protected:
    // One packet of a frame of its own, or of the frame given.
    void arrive(uint32_t counter, uint8_t stream = kVideoStream) {
        verifier_.handle(now_, {1, 9, stream, counter, counter, 0, 1, 0});
    }
    void arrive_part(uint32_t counter, uint32_t frame, uint16_t index, uint16_t count) {
        verifier_.handle(now_, {1, 9, kVideoStream, counter, frame, index, count, 0});
    }

    Instant now_ = Instant::from_ms(1000);
    StreamVerifier verifier_{true};
};

TEST_F(Verifier, CountsFromTheFirstPacketToTheEnd) {
    EXPECT_FALSE(verifier_.has_started());
    for (uint32_t i = 100; i < 200; ++i) arrive(i);
    EXPECT_TRUE(verifier_.has_started());
    EXPECT_EQ(verifier_.sender(), 9u);
    EXPECT_EQ(verifier_.stream(), kVideoStream);
    const Verdict verdict = verifier_.finish(200);
    EXPECT_EQ(verdict.expected, 100u);
    EXPECT_EQ(verdict.received, 100u);
    EXPECT_EQ(verdict.lost(), 0u);
    EXPECT_EQ(verdict.frames, 100u);
}

TEST_F(Verifier, ExpectsNothingWhenNothingCame) {
    EXPECT_EQ(verifier_.finish(500).expected, 0u);
}

TEST_F(Verifier, SeesLossInTheMiddleAndAtTheEnd) {
    for (uint32_t i = 0; i < 50; ++i) {
        if (i != 20 && i != 21) arrive(i);
    }
    EXPECT_EQ(verifier_.so_far().lost(), 2u);
    const Verdict verdict = verifier_.finish(53);
    EXPECT_EQ(verdict.expected, 53u);
    EXPECT_EQ(verdict.lost(), 5u);
}

TEST_F(Verifier, TellsDuplicatesFromReordering) {
    for (const uint32_t i : {0, 1, 3, 2, 2, 4, 4}) arrive(i);
    const Verdict verdict = verifier_.finish(5);
    EXPECT_EQ(verdict.received, 5u);
    EXPECT_EQ(verdict.duplicates, 2u);
    EXPECT_EQ(verdict.reordered, 1u);
    EXPECT_EQ(verdict.lost(), 0u);
}

TEST_F(Verifier, ForgetsOldPacketsOfItsWindow) {
    arrive(0);
    arrive(5000);
    arrive(5000 - 2047);
    arrive(5000 - 2047);
    const Verdict verdict = verifier_.finish(5001);
    EXPECT_EQ(verdict.received, 3u);
    EXPECT_EQ(verdict.duplicates, 1u);
    EXPECT_EQ(verdict.lost(), 4998u);
}

TEST_F(Verifier, IgnoresWhatWasSentBeforeTheFirstPacket) {
    arrive(10);
    arrive(9);
    const Verdict verdict = verifier_.finish(11);
    EXPECT_EQ(verdict.expected, 1u);
    EXPECT_EQ(verdict.received, 1u);
}

TEST_F(Verifier, FollowsASwitchOfTheEncoding) {
    for (uint32_t i = 0; i < 10; ++i) arrive(i, kVideoStream);
    for (uint32_t i = 700; i < 710; ++i) arrive(i, kVideoStream + 2);
    // Back again, much later; in between the lower one was not to be sent.
    for (uint32_t i = 300; i < 310; ++i) arrive(i, kVideoStream);
    EXPECT_EQ(verifier_.stream(), kVideoStream);
    const Verdict verdict = verifier_.finish(312);
    EXPECT_EQ(verdict.switches, 2u);
    EXPECT_EQ(verdict.expected, 32u);
    EXPECT_EQ(verdict.lost(), 2u);
}

TEST_F(Verifier, TakesAStragglerOfTheFormerEncoding) {
    arrive(0, kVideoStream);
    arrive(2, kVideoStream);
    arrive(50, kVideoStream + 1);
    arrive(1, kVideoStream);
    EXPECT_EQ(verifier_.stream(), kVideoStream + 1);
    const Verdict verdict = verifier_.finish(51);
    EXPECT_EQ(verdict.switches, 1u);
    EXPECT_EQ(verdict.expected, 4u);
    EXPECT_EQ(verdict.lost(), 0u);
}

TEST_F(Verifier, CountsCompleteFramesOnly) {
    arrive_part(0, 5, 0, 3);
    arrive_part(2, 5, 2, 3);
    arrive_part(3, 6, 0, 1);
    EXPECT_EQ(verifier_.finish(4).frames, 1u);
    StreamVerifier late(true);
    for (const uint16_t i : {uint16_t{0}, uint16_t{2}, uint16_t{1}})
        late.handle(now_, {1, 9, kVideoStream, i, 5, i, 3, 0});
    EXPECT_EQ(late.finish(3).frames, 1u);
}

TEST_F(Verifier, SeesFreezesOfVideo) {
    arrive(0);
    now_ = now_ + kFreeze;
    arrive(1);
    now_ = now_ + kFreeze + Duration::micros(1);
    arrive(2);
    EXPECT_EQ(verifier_.finish(3).freezes, 1u);

    StreamVerifier audio(false);
    audio.handle(now_, {1, 9, kAudioStream, 0, 0, 0, 1, 0});
    audio.handle(now_ + Duration::seconds(3), {1, 9, kAudioStream, 1, 1, 0, 1, 0});
    EXPECT_EQ(audio.finish(2).freezes, 0u);
}

}  // namespace
}  // namespace conclave::load
