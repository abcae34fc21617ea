// What each right lets through, by what its publisher says that the track is.
#include <gtest/gtest.h>

#include "conference/meeting_media.h"

namespace conclave::conference {
namespace {

pb::TrackInfo track(pb::TrackType type, pb::TrackSource source) {
    pb::TrackInfo info;
    info.set_type(type);
    info.set_source(source);
    return info;
}

constexpr MediaRights kNone{.may_publish = true};
constexpr MediaRights kMicrophone{.may_publish = true, .microphone = true};
constexpr MediaRights kCamera{.may_publish = true, .camera = true};
constexpr MediaRights kScreen{.may_publish = true, .screen = true};

TEST(MediaRights, EachSourceNeedsItsOwn) {
    EXPECT_TRUE(lets_through(kMicrophone, track(pb::AUDIO, pb::MICROPHONE)));
    EXPECT_FALSE(lets_through(kMicrophone, track(pb::VIDEO, pb::CAMERA)));
    EXPECT_TRUE(lets_through(kCamera, track(pb::VIDEO, pb::CAMERA)));
    EXPECT_FALSE(lets_through(kCamera, track(pb::VIDEO, pb::SCREEN_SHARE)));
    EXPECT_TRUE(lets_through(kScreen, track(pb::VIDEO, pb::SCREEN_SHARE)));
    EXPECT_FALSE(lets_through(kScreen, track(pb::VIDEO, pb::CAMERA)));
}

TEST(MediaRights, WhatIsHeardNeedsTheMicrophoneWhateverItIsCalled) {
    for (int source = pb::TrackSource_MIN; source <= pb::TrackSource_MAX; ++source) {
        const pb::TrackInfo audio = track(pb::AUDIO, static_cast<pb::TrackSource>(source));
        EXPECT_FALSE(lets_through({true, false, true, true}, audio)) << source;
        EXPECT_EQ(lets_through(kMicrophone, audio), source != pb::SCREEN_SHARE_AUDIO) << source;
        EXPECT_TRUE(lets_through(MediaRights::all(), audio)) << source;
    }
}

TEST(MediaRights, AVideoOfNoKnownSourceIsACamera) {
    for (const auto source : {pb::UNKNOWN, pb::MICROPHONE, pb::SCREEN_SHARE_AUDIO}) {
        EXPECT_TRUE(lets_through(kCamera, track(pb::VIDEO, source)));
        EXPECT_FALSE(lets_through(kScreen, track(pb::VIDEO, source)));
    }
}

TEST(MediaRights, WithoutAnyOrWithoutThePermissionNothing) {
    for (const auto type : {pb::AUDIO, pb::VIDEO}) {
        for (int source = pb::TrackSource_MIN; source <= pb::TrackSource_MAX; ++source) {
            const pb::TrackInfo info = track(type, static_cast<pb::TrackSource>(source));
            EXPECT_FALSE(lets_through({}, info));
            EXPECT_FALSE(lets_through(kNone, info));
            EXPECT_FALSE(lets_through({false, true, true, true}, info));
        }
    }
}

}  // namespace
}  // namespace conclave::conference
