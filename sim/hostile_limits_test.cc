// What one client may ask for again and again, or all at once: it is bounded, and the others do not notice.
#include <malloc.h>

#include "livekit/request_limits.h"
#include "sim/hostile.h"

namespace conclave::sim {
namespace {

using std::string;

class HostileLimitsTest : public HostileTest {
 protected:
    HostileLimitsTest() : mallory(world.enter("mallory")) {}
    template <class Fill>
    void ask(Fill fill) {
        pb::SignalRequest request;
        fill(request);
        world.request(mallory, request.SerializeAsString());
    }
    const pb::RequestResponse* refusal() const {
        return mallory.responses.empty() ? nullptr : &mallory.responses.back().request_response();
    }
    size_t memory() const { return mallinfo2().uordblks; }

    Client& mallory;
};

TEST_F(HostileLimitsTest, A16_IceRestartsWithoutEndLeaveNothingBehind) {
    size_t before = 0;
    for (size_t i = 0; i < scaled(100'000, 3'000); ++i) {
        if (i == 200) before = memory();
        mallory.restart_ice();
        world.request(mallory, mallory.offer_request());
        mallory.responses.clear();
        world.run(Duration::millis(6));
    }
    EXPECT_LT(memory(), before + 100'000);
    EXPECT_TRUE(world.has_signalling(mallory));
    talk();
}

TEST_F(HostileLimitsTest, A16_TracksOfAParticipantAreLimited) {
    const size_t limit = world.settings.tracks_per_participant_max;
    for (size_t i = 0; i <= limit; ++i) {
        mallory.responses.clear();
        ask([&](auto& r) {
            r.mutable_add_track()->set_cid(std::to_string(i));
            r.mutable_add_track()->set_type(pb::AUDIO);
        });
        EXPECT_EQ(refusal()->reason() == pb::RequestResponse::LIMIT_EXCEEDED, i == limit) << i;
    }
}

TEST_F(HostileLimitsTest, A16_DataTracksOfAParticipantAreLimited) {
    constexpr uint32_t kLimit = 32;
    for (uint32_t i = 1; i <= kLimit + 1; ++i) {
        mallory.responses.clear();
        ask([&](auto& r) {
            r.mutable_publish_data_track_request()->set_pub_handle(i);
            r.mutable_publish_data_track_request()->set_name("track" + std::to_string(i));
        });
        EXPECT_EQ(refusal()->reason() == pb::RequestResponse::LIMIT_EXCEEDED, i > kLimit) << i;
    }
    // Wishes about tracks that nobody has are forgotten beyond their limit.
    const size_t before = memory();
    for (int i = 0; i < 200; ++i) {
        ask([&](auto& r) {
            for (int k = 0; k < 100; ++k) {
                auto& wish = *r.mutable_update_data_subscription()->add_updates();
                wish.set_track_sid("DTR_" + std::to_string(i * 100 + k));
                wish.set_subscribe(true);
            }
        });
        world.run(Duration::millis(100));
    }
    EXPECT_TRUE(world.has_signalling(mallory));
    EXPECT_LT(memory(), before + 500'000);
}

TEST_F(HostileLimitsTest, A16_MetadataAndAttributesAreLimited) {
    Client& writer = world.make("writer");
    writer.grant.can_update_own_metadata = true;
    world.join(writer);
    ASSERT_TRUE(world.run_until([&] { return writer.is_connected(); }));
    const auto reason = [&](auto fill) {
        pb::SignalRequest request;
        fill(*request.mutable_update_metadata());
        writer.responses.clear();
        world.request(writer, request.SerializeAsString());
        for (const auto& response : writer.responses)
            if (response.has_request_response()) return response.request_response().reason();
        return pb::RequestResponse::UNCLASSIFIED_ERROR;
    };
    for (const size_t over : {0, 1}) {
        const auto expected = over == 0 ? pb::RequestResponse::OK : pb::RequestResponse::LIMIT_EXCEEDED;
        EXPECT_EQ(reason([&](auto& m) { m.set_metadata(string(livekit::kMetadataMax + over, 'm')); }),
                  expected);
        EXPECT_EQ(reason([&](auto& m) { m.set_name(string(livekit::kNameMax + over, 'n')); }), expected);
        EXPECT_EQ(reason([&](auto& m) {
                      (*m.mutable_attributes())["k"] = string(livekit::kAttributesMax - 1 + over, 'v');
                  }),
                  expected);
    }
    // Not by instalments either.
    EXPECT_EQ(reason([&](auto& m) { (*m.mutable_attributes())["l"] = "v"; }),
              pb::RequestResponse::LIMIT_EXCEEDED);
}

TEST_F(HostileLimitsTest, A16_ParticipantsOfARoomAreLimited) {
    world.settings.participants_max = 5;
    for (const char* name : {"fourth", "fifth"}) EXPECT_TRUE(world.enter(name).is_connected());
    Client& sixth = world.make("sixth");
    world.join(sixth);
    EXPECT_EQ(world.refusals.size(), 1u);
    EXPECT_EQ(world.refusals.begin()->second, 503);
    EXPECT_FALSE(alice.participant("sixth"));
}

// What describes a track goes to everybody: two megabytes of it did.
TEST_F(HostileLimitsTest, A16_ATrackDescribedAtLengthIsRefused) {
    ask([](auto& r) {
        r.mutable_add_track()->set_cid("x");
        r.mutable_add_track()->set_type(pb::AUDIO);
        r.mutable_add_track()->set_stream(string(1'000'000, 's'));
    });
    EXPECT_EQ(refusal()->reason(), pb::RequestResponse::LIMIT_EXCEEDED);
    ask([](auto& r) {
        r.mutable_add_track()->set_cid("x");
        r.mutable_add_track()->set_type(pb::VIDEO);
        for (int i = 0; i <= livekit::kLayersMax; ++i) r.mutable_add_track()->add_layers()->set_width(1);
    });
    EXPECT_EQ(refusal()->reason(), pb::RequestResponse::LIMIT_EXCEEDED);
}

TEST_F(HostileLimitsTest, A16_ASubscriptionToAHundredThousandTracksIsRefused) {
    mallory.responses.clear();
    ask([](auto& r) {
        for (int i = 0; i < 100'000; ++i) r.mutable_subscription()->add_track_sids("TR_AMxxxxxxxxxxxx");
        r.mutable_subscription()->set_subscribe(true);
    });
    ASSERT_EQ(mallory.responses.size(), 1u);
    EXPECT_EQ(refusal()->reason(), pb::RequestResponse::LIMIT_EXCEEDED);
}

}  // namespace
}  // namespace conclave::sim
