#include "net/http_exchange.h"

#include "net/websocket_session.h"

namespace conclave::net {
namespace {

HttpResponse internal_error() {
    return HttpResponse::text(500, "internal error\n");
}

// Shared by the copies of a Respond. Weak, because owners may keep it longer than the connection or the
// server.
class Answer {
 public:
    Answer(const std::shared_ptr<HttpSession>& session, uint64_t exchange)
        : session_(session), exchange_(exchange) {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    ~Answer() {
        const auto session = session_.lock();
        if (is_given_ || !session) return;
        ++session->core()->counters.handler_errors;
        session->answer(exchange_, internal_error());
    }

    void give(HttpResponse response) {
        if (std::exchange(is_given_, true)) return;
        if (const auto session = session_.lock()) session->answer(exchange_, std::move(response));
    }

    std::shared_ptr<HttpSession> take() { return std::exchange(is_given_, true) ? nullptr : session_.lock(); }
    uint64_t exchange() const { return exchange_; }

 private:
    std::weak_ptr<HttpSession> session_;
    uint64_t exchange_;
    bool is_given_ = false;
};

class PendingUpgrade final : public Upgrade {
 public:
    PendingUpgrade(const std::shared_ptr<HttpSession>& session, uint64_t exchange)
        : answer_(session, exchange) {}

    std::shared_ptr<WebSocket> accept(WebSocketCallbacks callbacks) override {
        const auto session = answer_.take();
        // Also after the server has gone: nobody is left to report the end.
        if (!session) return std::make_shared<WebSocket>(std::weak_ptr<WebSocketSession>{});
        auto websocket =
            std::make_shared<WebSocketSession>(session->core(), session->executor(), std::move(callbacks));
        session->accept(answer_.exchange(), websocket);
        return std::make_shared<WebSocket>(websocket);
    }

    void refuse(HttpResponse response) override { answer_.give(std::move(response)); }

 private:
    Answer answer_;
};

}  // namespace

Respond make_respond(const std::shared_ptr<HttpSession>& session, uint64_t exchange) {
    return [answer = std::make_shared<Answer>(session, exchange)](HttpResponse response) {
        answer->give(std::move(response));
    };
}

std::shared_ptr<Upgrade> make_upgrade(const std::shared_ptr<HttpSession>& session, uint64_t exchange) {
    return std::make_shared<PendingUpgrade>(session, exchange);
}

}  // namespace conclave::net
