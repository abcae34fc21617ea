// Each list and text at its limit and one above.
#include "livekit/request_limits.h"

#include <gtest/gtest.h>

namespace conclave::livekit {
namespace {

// `fill` makes a list, or a text, of this length.
template <class Fill>
void expect_limit(size_t limit, Fill fill) {
    for (const size_t length : {limit, limit + 1}) {
        pb::SignalRequest request;
        fill(request, length);
        EXPECT_EQ(is_within_limits(request), length == limit) << request.message_case() << " " << length;
    }
}

template <class Add>
void times(size_t count, Add add) {
    for (size_t i = 0; i < count; ++i) add();
}

TEST(RequestLimits, A16_ListsOfTracksAreLimited) {
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_subscription()->add_track_sids("TR_x"); });
    });
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        auto& tracks = *r.mutable_subscription()->add_participant_tracks();
        times(n - 1, [&] { tracks.add_track_sids("TR_x"); });
    });
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_track_setting()->add_track_sids("TR_x"); });
    });
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_update_data_subscription()->add_updates(); });
    });
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_subscription_permission()->add_track_permissions(); });
    });
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        auto& entry = *r.mutable_subscription_permission()->add_track_permissions();
        times(n - 1, [&] { entry.add_track_sids("TR_x"); });
    });
}

TEST(RequestLimits, A16_ListsOfASyncStateAreLimitedTogether) {
    expect_limit(kEntriesMax, [](auto& r, size_t n) {
        pb::SyncState& state = *r.mutable_sync_state();
        times(n - 5, [&] { state.add_track_sids_disabled("TR_x"); });
        state.mutable_subscription()->add_track_sids("TR_x");
        state.add_publish_tracks();
        state.add_data_channels();
        state.add_datachannel_receive_states();
        state.mutable_data_subscription()->add_updates();
    });
}

TEST(RequestLimits, A16_MapsOfDescriptionsAndAttributesAreLimited) {
    const auto fill = [](auto& map, size_t n) {
        for (size_t i = 0; i < n; ++i) map[std::to_string(i)] = "x";
    };
    expect_limit(kEntriesMax,
                 [&](auto& r, size_t n) { fill(*r.mutable_offer()->mutable_mid_to_track_id(), n); });
    expect_limit(kEntriesMax,
                 [&](auto& r, size_t n) { fill(*r.mutable_answer()->mutable_mid_to_track_id(), n); });
    expect_limit(kEntriesMax,
                 [&](auto& r, size_t n) { fill(*r.mutable_update_metadata()->mutable_attributes(), n); });
}

// What is said about a track reaches everybody.
TEST(RequestLimits, A16_WhatDescribesATrackIsLimited) {
    const auto layers = static_cast<size_t>(kLayersMax);
    expect_limit(layers, [](auto& r, size_t n) { times(n, [&] { r.mutable_add_track()->add_layers(); }); });
    expect_limit(layers,
                 [](auto& r, size_t n) { times(n, [&] { r.mutable_add_track()->add_simulcast_codecs(); }); });
    expect_limit(layers, [](auto& r, size_t n) {
        auto& codec = *r.mutable_add_track()->add_simulcast_codecs();
        times(n, [&] { codec.add_layers(); });
    });
    expect_limit(layers, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_add_track()->add_audio_features(pb::TF_STEREO); });
    });
    expect_limit(layers,
                 [](auto& r, size_t n) { times(n, [&] { r.mutable_update_layers()->add_layers(); }); });
    expect_limit(layers, [](auto& r, size_t n) {
        times(n, [&] { r.mutable_update_audio_track()->add_features(pb::TF_STEREO); });
    });
    for (auto* set :
         {+[](pb::AddTrackRequest&a, std::string text) { a.set_cid(std::move(text)); },
          +[](pb::AddTrackRequest&a, std::string text) { a.set_name(std::move(text)); },
          +[](pb::AddTrackRequest&a, std::string text) { a.set_stream(std::move(text)); },
          +[](pb::AddTrackRequest&a, std::string text) { a.add_layers()->set_rid(text); },
          +[](pb::AddTrackRequest&a, std::string text) { a.add_simulcast_codecs()->set_codec(text); },
          +[](pb::AddTrackRequest&a, std::string text) { a.add_simulcast_codecs()->set_cid(text); }}) {
        expect_limit(kNameMax, [&](auto& r, size_t n) { set(*r.mutable_add_track(), std::string(n, 'x')); });
    }
}

}  // namespace
}  // namespace conclave::livekit
