// What of a track goes to another part of its conference.
#include <gtest/gtest.h>

#include "conference/participant.h"

namespace conclave::conference {
namespace {

using sfu::Quality;

pb::TrackInfo video(std::initializer_list<pb::VideoQuality> qualities) {
    pb::TrackInfo info;
    info.set_type(pb::VIDEO);
    pb::SimulcastCodecInfo& codec = *info.add_codecs();
    codec.set_video_layer_mode(pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
    for (const pb::VideoQuality quality : qualities) codec.add_layers()->set_quality(quality);
    return info;
}

TEST(RelayMedia, StreamsAboveWhatIsWantedStay) {
    const pb::TrackInfo three = video({pb::LOW, pb::MEDIUM, pb::HIGH});
    EXPECT_EQ(encodings_up_to(Quality::Low, three) & 0b111, 0b001);
    EXPECT_EQ(encodings_up_to(Quality::Medium, three) & 0b111, 0b011);
    EXPECT_EQ(encodings_up_to(Quality::High, three) & 0b111, 0b111);
    const pb::TrackInfo two = video({pb::LOW, pb::HIGH});
    EXPECT_EQ(encodings_up_to(Quality::Medium, two) & 0b11, 0b01);
}

TEST(RelayMedia, WhatIsOneStreamGoesWhole) {
    pb::TrackInfo layered = video({pb::LOW, pb::MEDIUM, pb::HIGH});
    layered.mutable_codecs(0)->set_video_layer_mode(pb::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM);
    EXPECT_EQ(encodings_up_to(Quality::Low, layered) & 1, 1);
    pb::TrackInfo audio;
    audio.set_type(pb::AUDIO);
    EXPECT_EQ(encodings_up_to(Quality::Low, audio) & 1, 1);
}

}  // namespace
}  // namespace conclave::conference
