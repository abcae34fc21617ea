// The workers behind the front thread, with real threads and sockets: where rooms are, and what comes back.
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <thread>

#include "crypto/aead.h"
#include "net/http_server.h"
#include "server/config.h"
#include "server/front_door.h"
#include "server/keys.h"

namespace conclave::server {
namespace {

using livekit::TwirpCode;

class NotingSignalling final : public Signalling {
 public:
    void accepted(uint64_t) override {}
    void refused(uint64_t, int, std::string) override {}
    void send(uint64_t connection, SharedBytes bytes, bool) override {
        livekit::pb::SignalResponse response;
        ASSERT_TRUE(response.ParseFromString(bytes));
        if (response.has_join()) note(connection, response.join().participant());
        for (const auto& person : response.update().participants()) note(connection, person);
    }
    void close(uint64_t connection) override { may_publish.erase(connection); }

    // By connection: what each was told last of itself.
    std::map<uint64_t, bool> may_publish;

 private:
    void note(uint64_t connection, const livekit::pb::ParticipantInfo& person) {
        if (person.identity() == std::to_string(connection))
            may_publish[connection] = person.permission().can_publish();
    }
};

class MediaPlaneTest : public testing::Test {
 protected:
    MediaPlaneTest()
        : http_(
              {}, [](net::HttpRequest, net::Respond) {},
              [](net::HttpRequest, std::shared_ptr<net::Upgrade>) {}) {
        config_.media.port = 0;
        config_.media.loopback = true;
        config_.media.workers = 2;
        // How busy the machine is decides nothing here.
        config_.overload.busy = 100;
        config_.overload.turn = 10'000;
    }
    ~MediaPlaneTest() override {
        http_.stop(Duration{});
        if (thread_.joinable()) thread_.join();
    }
    void start() {
        auto media = make_media_plane(config_, signalling_, http_,
                                      [this](auto events) {
                                          for (auto& event : events)
                                              events_.push_back(event.event() + " " + event.room().name());
                                          if (!events_.empty() && events_.back() == last_event_)
                                              seen_.set_value();
                                      },
                                      {});
        ASSERT_TRUE(media) << media.error().what;
        media_ = std::move(*media);
        thread_ = std::thread([this] { http_.run(); });
    }
    PendingCommands::Outcome call(livekit::RoomCall what) {
        std::promise<PendingCommands::Outcome> outcome;
        http_.post([&] {
            media_->command(std::move(what), conference::Owner::Applications,
                            [&](PendingCommands::Outcome answer) { outcome.set_value(std::move(answer)); });
        });
        return outcome.get_future().get();
    }
    PendingCommands::Outcome create(const std::string& name) {
        livekit::pb::CreateRoomRequest request;
        request.set_name(name);
        return call(request);
    }
    PendingCommands::Outcome remove(const std::string& name) {
        livekit::pb::DeleteRoomRequest request;
        request.set_room(name);
        return call(request);
    }
    void on_front(std::function<void()> fn) {
        std::promise<void> done;
        http_.post([&] {
            fn();
            done.set_value();
        });
        done.get_future().wait();
    }
    void govern(conference::MediaRights others) {
        on_front([&] { media_->govern({"meeting", others, {}}); });
    }
    void enter_meeting(uint64_t connection) {
        JoinOrder order;
        order.connection = connection;
        order.room = "meeting";
        order.claims.issuer = kMeetingKeyId;
        order.claims.identity = std::to_string(connection);
        order.claims.video.room_join = true;
        order.request = std::make_unique<livekit::pb::JoinRequest>();
        on_front([&] { media_->join(std::move(order)); });
    }
    // Waits; the test's own time limit is what ends a wait in vain.
    void expect_told(const std::map<uint64_t, bool>& may_publish) {
        for (bool is_so = false; !is_so;) {
            on_front([&] { is_so = signalling_.may_publish == may_publish; });
            if (!is_so) std::this_thread::yield();
        }
    }
    int rooms() {
        return std::get<livekit::pb::ListRoomsResponse>(*call(livekit::pb::ListRoomsRequest())).rooms_size();
    }

    Config config_;
    NotingSignalling signalling_;
    net::HttpServer http_;
    std::unique_ptr<MediaPlane> media_;
    std::vector<std::string> events_;
    std::string last_event_;
    std::promise<void> seen_;
    std::thread thread_;
};

TEST_F(MediaPlaneTest, RoomsOfAllWorkersAreListedAndFound) {
    start();
    for (const char* name : {"a", "b", "c", "d"}) ASSERT_TRUE(create(name));
    EXPECT_EQ(rooms(), 4);
    for (const char* name : {"a", "b", "c", "d"}) {
        livekit::pb::UpdateRoomMetadataRequest update;
        update.set_room(name);
        update.set_metadata(name);
        const auto room = call(update);
        ASSERT_TRUE(room) << name;
        EXPECT_EQ(std::get<livekit::pb::Room>(*room).metadata(), name);
    }
    EXPECT_TRUE(remove("b"));
    EXPECT_EQ(remove("b").error().code, TwirpCode::NotFound);
    EXPECT_EQ(rooms(), 3);
}

TEST_F(MediaPlaneTest, TheMetricsNameWhatSealsMedia) {
    start();
    std::string text;
    on_front([&] { text = media_->metrics(); });
    const std::string engine{crypto::gcm_engine_name(crypto::fastest_gcm_engine())};
    EXPECT_NE(text.find("\nconclave_seal_engine_info{engine=\"" + engine + "\"} 1\n"), std::string::npos);
}

TEST_F(MediaPlaneTest, RoomsOfApplicationsAreLimited) {
    config_.limits.rooms = 2;
    last_event_ = "room_finished a";
    start();
    EXPECT_TRUE(create("a"));
    EXPECT_TRUE(create("b"));
    EXPECT_EQ(create("c").error().code, TwirpCode::ResourceExhausted);
    // What is there already is not a further one.
    EXPECT_TRUE(create("b"));
    ASSERT_TRUE(remove("a"));
    seen_.get_future().wait();
    EXPECT_TRUE(create("c"));
}

TEST_F(MediaPlaneTest, TheRulesOfAMeetingHoldAtEveryWorkerUntilItEnds) {
    config_.media.spread_above = 1;
    start();
    govern({});
    enter_meeting(1);
    enter_meeting(2);
    expect_told({{1, false}, {2, false}});
    govern(conference::MediaRights::all());
    expect_told({{1, true}, {2, true}});
    govern({});
    expect_told({{1, false}, {2, false}});
    std::promise<void> over;
    http_.post([&] {
        livekit::pb::DeleteRoomRequest request;
        request.set_room("meeting");
        media_->command(request, conference::Owner::Meetings, [&](const auto&) { over.set_value(); });
    });
    over.get_future().wait();
    enter_meeting(3);
    expect_told({{3, true}});  // as its token says: nothing was said of this meeting
}

TEST_F(MediaPlaneTest, ApplicationsAreToldInOrder) {
    last_event_ = "room_finished a";
    start();
    ASSERT_TRUE(create("a"));
    ASSERT_TRUE(remove("a"));
    seen_.get_future().wait();
    EXPECT_EQ(events_, (std::vector<std::string>{"room_started a", "room_finished a"}));
}

}  // namespace
}  // namespace conclave::server
