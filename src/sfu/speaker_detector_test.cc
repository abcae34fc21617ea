#include "sfu/speaker_detector.h"

#include <gtest/gtest.h>

namespace conclave::sfu {
namespace {

void talk(SpeakerDetector& detector, uint32_t id, uint8_t level, int packets) {
    for (int i = 0; i < packets; ++i) detector.handle_level(id, level, Duration::millis(20));
}

TEST(SpeakerDetector, SpeechIsToldOnceAndItsEndOnce) {
    SpeakerDetector detector;
    talk(detector, 7, 20, 20);
    const auto first = detector.evaluate();
    ASSERT_EQ(first.size(), 1u);
    EXPECT_TRUE(first[0].active);
    EXPECT_EQ(first[0].id, 7u);
    EXPECT_GT(first[0].level, 0);

    for (int i = 0; i < 10; ++i) {
        talk(detector, 7, 20, 20);
        (void)detector.evaluate();
    }
    talk(detector, 7, 20, 20);
    EXPECT_TRUE(detector.evaluate().empty()) << "nothing changed";

    bool ended = false;
    for (int i = 0; i < 6 && !ended; ++i) {
        for (const auto& speaker : detector.evaluate()) ended = !speaker.active && speaker.level == 0;
    }
    EXPECT_TRUE(ended) << "DTX: silence is the absence of packets";
}

TEST(SpeakerDetector, AClickIsNotSpeech) {
    SpeakerDetector detector;
    talk(detector, 1, 5, 3);
    EXPECT_TRUE(detector.evaluate().empty());
}

TEST(SpeakerDetector, BackgroundNoiseIsNotSpeech) {
    SpeakerDetector detector;
    talk(detector, 1, 60, 20);
    EXPECT_TRUE(detector.evaluate().empty());
}

TEST(SpeakerDetector, LoudestFirst) {
    SpeakerDetector detector;
    talk(detector, 1, 30, 20);
    talk(detector, 2, 5, 20);
    const auto speakers = detector.evaluate();
    ASSERT_EQ(speakers.size(), 2u);
    EXPECT_EQ(speakers[0].id, 2u);
}

TEST(SpeakerDetector, RemovedIsForgotten) {
    SpeakerDetector detector;
    talk(detector, 1, 10, 20);
    detector.remove(1);
    EXPECT_TRUE(detector.evaluate().empty());
}

}  // namespace
}  // namespace conclave::sfu
