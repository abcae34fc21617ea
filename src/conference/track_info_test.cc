#include "conference/track_info.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

namespace pb = ::livekit;

std::vector<pb::Codec> codecs(std::initializer_list<const char*> mimes) {
    std::vector<pb::Codec> out;
    for (const char* mime : mimes) out.emplace_back().set_mime(mime);
    return out;
}

pb::AddTrackRequest camera(std::initializer_list<const char*> names) {
    pb::AddTrackRequest request;
    request.set_cid("cam");
    request.set_type(pb::VIDEO);
    request.set_source(pb::CAMERA);
    for (const auto quality : {pb::HIGH, pb::LOW, pb::MEDIUM}) request.add_layers()->set_quality(quality);
    for (const char* name : names) {
        pb::SimulcastCodec& codec = *request.add_simulcast_codecs();
        codec.set_codec(name);
        if (request.simulcast_codecs_size() == 1) codec.set_cid("cam");
    }
    return request;
}

pb::TrackInfo info(const pb::AddTrackRequest& request) {
    return track_info(request, "TR_VC1", WallTime::from_unix_seconds(1),
                      codecs({"video/VP8", "video/H264", "video/VP9", "video/AV1", "audio/opus"}));
}

TEST(TrackInfo, ThePrimaryCodecAndItsBackup) {
    const pb::TrackInfo track = info(camera({"vp9", "vp8"}));
    ASSERT_EQ(track.codecs_size(), 2);
    EXPECT_EQ(track.mime_type(), "video/VP9");
    EXPECT_EQ(track.codecs(0).mime_type(), "video/VP9");
    EXPECT_EQ(track.codecs(0).cid(), "cam");
    EXPECT_EQ(track.codecs(0).video_layer_mode(), pb::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM);
    EXPECT_EQ(track.codecs(1).mime_type(), "video/VP8");
    EXPECT_EQ(track.codecs(1).cid(), "");
    EXPECT_EQ(track.codecs(1).video_layer_mode(), pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

TEST(TrackInfo, LayersAreSortedByQuality) {
    const pb::TrackInfo track = info(camera({"vp8"}));
    ASSERT_EQ(track.codecs(0).layers_size(), 3);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(track.codecs(0).layers(i).quality(), i);
        EXPECT_EQ(track.layers(i).quality(), i);
    }
    EXPECT_TRUE(track.simulcast());
    pb::AddTrackRequest many = camera({"vp8"});
    while (many.layers_size() <= kTrackLayersMax) many.add_layers();
    EXPECT_EQ(info(many).codecs(0).layers_size(), kTrackLayersMax);
}

TEST(TrackInfo, WhatIsNotEnabledIsReplaced) {
    EXPECT_EQ(info(camera({"h265"})).mime_type(), "video/VP8");
    EXPECT_EQ(info(camera({"VIDEO/h264"})).mime_type(), "video/H264");
    const pb::TrackInfo track = info(camera({"h265", "vp8"}));
    EXPECT_EQ(track.codecs_size(), 1) << "each codec once";
    EXPECT_EQ(info(camera({"av1", "vp9", "vp8"})).codecs_size(), kTrackCodecsMax);
    const auto only_av1 = codecs({"audio/opus", "video/AV1"});
    EXPECT_EQ(track_info(camera({"vp8"}), "TR_1", {}, only_av1).mime_type(), "video/AV1");
}

TEST(TrackInfo, OlderClientsNameNoCodec) {
    const pb::TrackInfo track = info(camera({}));
    ASSERT_EQ(track.codecs_size(), 1);
    EXPECT_EQ(track.codecs(0).mime_type(), "");
    EXPECT_EQ(track.codecs(0).cid(), "cam");
    EXPECT_EQ(track.codecs(0).layers_size(), 3);
    EXPECT_EQ(track.codecs(0).video_layer_mode(), pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

TEST(TrackInfo, ClientsMaySayHowTheirLayersCome) {
    pb::AddTrackRequest request = camera({"vp9"});
    request.mutable_simulcast_codecs(0)->set_video_layer_mode(pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
    EXPECT_EQ(info(request).codecs(0).video_layer_mode(), pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

TEST(TrackInfo, AudioFeaturesTakeInTheOldFields) {
    pb::AddTrackRequest request;
    request.set_type(pb::AUDIO);
    request.set_source(pb::SCREEN_SHARE_AUDIO);
    request.set_stereo(true);
    request.set_disable_dtx(true);
    request.add_audio_features(pb::TF_STEREO);
    request.add_packet_trailer_features(pb::PTF_FRAME_ID);
    const pb::TrackInfo track = info(request);
    ASSERT_EQ(track.audio_features_size(), 2);
    EXPECT_EQ(track.audio_features(0), pb::TF_STEREO);
    EXPECT_EQ(track.audio_features(1), pb::TF_NO_DTX);
    EXPECT_EQ(track.stream(), "screen");
    EXPECT_EQ(track.packet_trailer_features_size(), 0) << "nobody would strip them";
}

TEST(TrackInfo, TheBackupCodecGetsItsOwnName) {
    pb::TrackInfo track = info(camera({"vp9", "vp8"}));
    pb::AddTrackRequest request;
    request.set_sid("TR_VC1");
    EXPECT_FALSE(add_backup_codec(request, track)) << "names no codec";
    request.add_simulcast_codecs()->set_codec("vp8");
    request.mutable_simulcast_codecs(0)->set_cid("cam-backup");
    request.mutable_simulcast_codecs(0)->add_layers()->set_quality(pb::LOW);
    EXPECT_TRUE(add_backup_codec(request, track));
    EXPECT_EQ(track.codecs(1).cid(), "cam-backup");
    EXPECT_EQ(track.codecs(1).layers_size(), 1);
    EXPECT_EQ(track.codecs(0).cid(), "cam");
    request.mutable_simulcast_codecs(0)->set_codec("vp9");
    EXPECT_FALSE(add_backup_codec(request, track)) << "that is the primary one";
    request.mutable_simulcast_codecs(0)->set_codec("h264");
    EXPECT_FALSE(add_backup_codec(request, track)) << "was not announced";
}

TEST(TrackInfo, ABackupIsInAnotherCodecWithoutSpatialLayers) {
    EXPECT_EQ(backup_codec(info(camera({"vp9", "vp8"}))), peer::Codec::Vp8);
    EXPECT_EQ(backup_codec(info(camera({"av1", "h264"}))), peer::Codec::H264);
    EXPECT_EQ(backup_codec(info(camera({"vp8", "h264"}))), peer::Codec::H264);
    EXPECT_FALSE(backup_codec(info(camera({"vp8", "vp9"}))));
    EXPECT_FALSE(backup_codec(info(camera({"vp9"}))));
    EXPECT_FALSE(backup_codec(info(camera({}))));
    pb::TrackInfo track = info(camera({"vp9", "vp8"}));
    track.set_mime_type("video/VP8");
    EXPECT_FALSE(backup_codec(track)) << "its offer had no VP9";
    track.set_type(pb::AUDIO);
    EXPECT_FALSE(backup_codec(track));
}

}  // namespace
}  // namespace conclave::conference
