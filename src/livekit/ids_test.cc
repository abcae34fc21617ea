#include "livekit/ids.h"

#include <gtest/gtest.h>

namespace conclave::livekit {
namespace {

TEST(Ids, HavePrefixAndTwelveRandomCharacters) {
    SeededRng rng{1};
    EXPECT_EQ(participant_id(rng).substr(0, 3), "PA_");
    EXPECT_EQ(participant_id(rng).size(), 15U);
    EXPECT_EQ(room_id(rng).substr(0, 3), "RM_");
    EXPECT_EQ(data_track_id(rng).substr(0, 4), "DTR_");
    EXPECT_NE(room_id(rng), room_id(rng));
}

TEST(Ids, OfTracksTellKindAndSource) {
    SeededRng rng{1};
    const auto letters = [&](pb::TrackType type, pb::TrackSource source) {
        return track_id(rng, type, source).substr(0, 5);
    };
    EXPECT_EQ(letters(pb::VIDEO, pb::CAMERA), "TR_VC");
    EXPECT_EQ(letters(pb::AUDIO, pb::MICROPHONE), "TR_AM");
    EXPECT_EQ(letters(pb::VIDEO, pb::SCREEN_SHARE), "TR_VS");
    EXPECT_EQ(letters(pb::AUDIO, pb::SCREEN_SHARE_AUDIO), "TR_As");
    EXPECT_EQ(letters(pb::AUDIO, pb::UNKNOWN), "TR_AU");
}

}  // namespace
}  // namespace conclave::livekit
