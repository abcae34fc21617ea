#include "server/webhooks.h"

#include "base/base64.h"
#include "crypto/hash.h"
#include "server/test_site.h"

namespace conclave::server {
namespace {

class WebhooksTest : public SiteTest {
 protected:
    WebhooksTest()
        : receiver_(
              {},
              [this](net::HttpRequest request, net::Respond respond) {
                  const bool fails = failures_ > 0;
                  if (fails) --failures_;
                  if (!fails) received_.push_back(std::move(request));
                  respond(net::HttpResponse::text(fails ? 500 : 200, ""));
                  if (received_.size() == wanted_) done_.set_value();
              },
              [](net::HttpRequest, std::shared_ptr<net::Upgrade> upgrade) {
                  upgrade->refuse(net::HttpResponse::text(404, ""));
              }) {
        const SocketAddress address = *receiver_.listen_plain(SocketAddress::v4(127, 0, 0, 1, 0));
        receiver_thread_ = std::thread([this] { receiver_.run(); });
        config_.webhooks.urls = {"http://127.0.0.1:" + std::to_string(address.port) + "/hook"};
        config_.webhooks.key = "APIkey";
    }
    ~WebhooksTest() override {
        on_front([&] { front_->webhooks = nullptr; });
        client_.reset();
        receiver_.stop(Duration{});
        receiver_thread_.join();
        if (thread_.joinable()) {
            http_->stop(Duration{});
            thread_.join();
        }
    }
    void begin(bool with_key = true) {
        start();
        if (with_key) {
            in_store([](store::Database& database) {
                return database.insert_api_key({"APIkey", "s3cret", "bot", net::wall_now(), {}});
            });
        }
        client_ = std::move(*net::HttpClient::create({}, [this](auto fn) { http_->post(std::move(fn)); }));
        on_front([&] {
            webhooks_ = std::make_unique<Webhooks>(*front_, *client_, [this](Duration delay, auto fn) {
                http_->run_after(delay, std::move(fn));
            });
            front_->webhooks = webhooks_.get();
        });
    }
    static livekit::pb::WebhookEvent event(const std::string& name, const std::string& room) {
        livekit::pb::WebhookEvent event;
        event.set_event(name);
        event.mutable_room()->set_name(room);
        return event;
    }
    void notify(std::vector<livekit::pb::WebhookEvent> events) {
        on_front([&] { webhooks_->notify(std::move(events)); });
    }
    void wait() { done_.get_future().wait(); }
    static std::string member(const std::string& json, const std::string& name) {
        Answer answer;
        answer.body = json;
        return answer.member(name);
    }

    size_t wanted_ = 1;
    int failures_ = 0;
    std::promise<void> done_;
    std::vector<net::HttpRequest> received_;
    net::HttpServer receiver_;
    std::thread receiver_thread_;
    std::unique_ptr<net::HttpClient> client_;
    std::unique_ptr<Webhooks> webhooks_;
};

TEST_F(WebhooksTest, EventsOfARoomArriveInOrderSignedOverTheirBody) {
    wanted_ = 3;
    begin();
    notify({event("room_started", "r"), event("participant_joined", "r")});
    notify({event("room_finished", "r")});
    wait();
    const char* names[] = {"room_started", "participant_joined", "room_finished"};
    for (size_t i = 0; i < 3; ++i) {
        const net::HttpRequest& request = received_[i];
        EXPECT_EQ(member(request.body, "event"), names[i]);
        EXPECT_NE(member(request.body, "id"), "");
        EXPECT_NE(member(request.body, "createdAt"), "");
        EXPECT_EQ(request.headers.get("Content-Type"), "application/webhook+json");
        const std::string secret = "s3cret";
        const auto claims = livekit::verify_token(
            request.headers.get("Authorization"),
            [&](std::string_view id) {
                return id == "APIkey" ? std::optional<ByteView>(as_bytes(secret)) : std::nullopt;
            },
            net::wall_now());
        ASSERT_TRUE(claims) << claims.error().text;
        EXPECT_EQ(claims->sha256, base64_encode(crypto::sha256(as_bytes(request.body))));
    }
    EXPECT_NE(member(received_[0].body, "id"), member(received_[1].body, "id"));
}

TEST_F(WebhooksTest, WhatFailsArrivesLater) {
    wanted_ = 2;
    failures_ = 1;
    begin();
    notify({event("room_started", "r"), event("room_finished", "r")});
    wait();
    EXPECT_EQ(member(received_[0].body, "event"), "room_started");
    EXPECT_EQ(member(received_[1].body, "event"), "room_finished");
    const std::string metrics = ask("GET", "/metrics").body;
    EXPECT_NE(metrics.find("conclave_webhook_retried_total{url=\"1\"} 1\n"), std::string::npos);
}

TEST_F(WebhooksTest, WithoutAnActiveKeyNothingIsSentAndThatIsCounted) {
    begin(false);
    notify({event("room_started", "r")});
    until([&] {
        return webhooks_->metrics().find("conclave_webhook_unsigned_total 1\n") != std::string::npos;
    });
    EXPECT_TRUE(received_.empty());
}

TEST_F(WebhooksTest, AFullQueueDropsTheOldestAndCounts) {
    config_.webhooks.queue = 2;
    config_.webhooks.urls = {"http://127.0.0.1:1/nobody"};
    begin();
    notify({event("1", "r"), event("2", "r"), event("3", "r")});
    until([&] {
        return webhooks_->metrics().find("conclave_webhook_dropped_total{url=\"1\"} 1\n") !=
               std::string::npos;
    });
}

}  // namespace
}  // namespace conclave::server
