#include "net/http_client.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "net/http_server.h"

namespace conclave::net {
namespace {

// A receiver, and the front thread of the client: the same loop.
class HttpClientTest : public testing::Test {
 protected:
    HttpClientTest()
        : server_(
              {},
              [this](HttpRequest request, Respond respond) {
                  requests_.push_back(request);
                  HttpResponse response = HttpResponse::text(status_, "a body nobody reads");
                  if (!location_.empty()) response.headers.add("Location", location_);
                  if (is_silent_) return kept_.push_back(std::move(respond));
                  respond(std::move(response));
              },
              [](HttpRequest, std::shared_ptr<Upgrade> upgrade) {
                  upgrade->refuse(HttpResponse::text(404, ""));
              }) {
        address_ = *server_.listen_plain(SocketAddress::v4(127, 0, 0, 1, 0));
        client_ = std::move(*HttpClient::create({.ca_file = {}, .timeout = Duration::millis(500)},
                                                [this](auto fn) { server_.post(std::move(fn)); }));
        thread_ = std::thread([this] { server_.run(); });
    }
    ~HttpClientTest() override {
        server_.stop(Duration{});
        thread_.join();
        client_.reset();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(address_.port) + "/hook"; }
    HttpClient::Outcome send(HttpClient::Request request) {
        std::promise<HttpClient::Outcome> outcome;
        server_.post([&] {
            client_->send(std::move(request), [&](const auto& result) { outcome.set_value(result); });
        });
        return outcome.get_future().get();
    }

    unsigned status_ = 200;
    std::string location_;
    bool is_silent_ = false;
    std::vector<HttpRequest> requests_;
    std::vector<Respond> kept_;
    HttpServer server_;
    SocketAddress address_;
    std::unique_ptr<HttpClient> client_;
    std::thread thread_;
};

TEST_F(HttpClientTest, PostsABodyWithItsHeaders) {
    const auto outcome = send({url(), {{"Content-Type", "application/webhook+json"}, {"X-A", "b"}}, "body"});
    EXPECT_EQ(outcome.status, 200u) << outcome.error;
    ASSERT_EQ(requests_.size(), 1u);
    EXPECT_EQ(requests_[0].method, "POST");
    EXPECT_EQ(requests_[0].path, "/hook");
    EXPECT_EQ(requests_[0].body, "body");
    EXPECT_EQ(requests_[0].headers.get("Content-Type"), "application/webhook+json");
    EXPECT_EQ(requests_[0].headers.get("X-A"), "b");
}

TEST_F(HttpClientTest, TellsTheStatus) {
    status_ = 503;
    EXPECT_EQ(send({url(), {}, "x"}).status, 503u);
}

TEST_F(HttpClientTest, GetsAnAnswerThatIsNotTooLarge) {
    auto outcome = send({.url = url(), .headers = {}, .body = {}, .is_get = true, .answer_max = 100});
    EXPECT_EQ(outcome.status, 200u) << outcome.error;
    EXPECT_EQ(outcome.body, "a body nobody reads");
    EXPECT_TRUE(outcome.content_type.starts_with("text/plain"));
    EXPECT_EQ(requests_[0].method, "GET");
    EXPECT_EQ(requests_[0].body, "");
    outcome = send({.url = url(), .headers = {}, .body = {}, .is_get = true, .answer_max = 5});
    EXPECT_EQ(outcome.status, 0u);
    EXPECT_NE(outcome.error, "");
    EXPECT_EQ(outcome.body, "");
    EXPECT_EQ(send({url(), {}, "x"}).body, "") << "kept only when asked for";
}

TEST_F(HttpClientTest, ARedirectIsNotFollowed) {
    status_ = 302;
    location_ = url() + "/elsewhere";
    EXPECT_EQ(send({url(), {}, "x"}).status, 302u);
    EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(HttpClientTest, OtherSchemesAreRefused) {
    for (const char* other : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"})
        EXPECT_EQ(send({other, {}, "x"}).status, 0u) << other;
}

TEST_F(HttpClientTest, NobodyThereIsNoStatus) {
    const auto outcome = send({"http://127.0.0.1:1/", {}, "x"});
    EXPECT_EQ(outcome.status, 0u);
    EXPECT_NE(outcome.error, "");
}

TEST_F(HttpClientTest, WhoDoesNotAnswerIsGivenUp) {
    is_silent_ = true;
    EXPECT_EQ(send({url(), {}, "x"}).status, 0u);
}

TEST_F(HttpClientTest, RequestsAtOneTimeAreBounded) {
    is_silent_ = true;
    std::promise<std::vector<HttpClient::Outcome>> outcomes;
    server_.post([&] {
        std::vector<HttpClient::Outcome> at_once;
        for (size_t i = 0; i < HttpClient::kExchangesMax; ++i)
            client_->send({url(), {}, "x"}, [](const auto&) {});
        client_->send({url(), {}, "x"}, [&](const auto& outcome) { at_once.push_back(outcome); });
        outcomes.set_value(at_once);
    });
    const auto at_once = outcomes.get_future().get();
    ASSERT_EQ(at_once.size(), 1u);
    EXPECT_EQ(at_once[0].error, "too many requests at once");
}

}  // namespace
}  // namespace conclave::net
