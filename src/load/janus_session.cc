#include "load/janus_session.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace conclave::load {
namespace {

using nlohmann::json;

// Janus forgets a session that was silent for 60 s.
constexpr Duration kKeepalive = Duration::seconds(25);
// Until those who are to publish do.
constexpr Duration kSubscribeAgain = Duration::millis(200);
// VideoRoom's error code.
constexpr uint64_t kNoSuchFeed = 428;

constexpr const char* kCreate = "create";
constexpr const char* kPublish = "publish";
constexpr const char* kSubscribe = "subscribe";

json attach(uint64_t session, const char* transaction) {
    return {{"janus", "attach"},
            {"transaction", transaction},
            {"session_id", session},
            {"plugin", "janus.plugin.videoroom"}};
}

json message(uint64_t session, uint64_t handle, const char* transaction, json body) {
    return {{"janus", "message"},
            {"transaction", transaction},
            {"session_id", session},
            {"handle_id", handle},
            {"body", std::move(body)}};
}

json description(const char* type, const std::string& sdp) {
    return {{"type", type}, {"sdp", sdp}};
}

// Of an object that may lack it or have something else in its place.
std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

uint64_t number_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

json object_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_object() ? *found : json::object();
}

}  // namespace

JanusSession::JanusSession(Config config) : config_(std::move(config)) {
    requests_.push_back(json{{"janus", "create"}, {"transaction", kCreate}}.dump());
}

std::optional<JanusSession::Event> JanusSession::handle_message(Instant now, std::string_view text) {
    const json said = json::parse(text, nullptr, false);
    if (!said.is_object()) return Failed{"a message of Janus is no JSON object"};
    const std::string what = text_at(said, "janus");
    const std::string transaction = text_at(said, "transaction");
    if (what == "error") return Failed{"Janus: " + text_at(object_at(said, "error"), "reason")};
    if (what == "hangup") return Failed{"Janus: " + text_at(said, "reason")};
    if (what == "timeout") return Failed{"Janus: the session timed out"};
    if (what == "success") handle_success(now, transaction, number_at(object_at(said, "data"), "id"));
    if (what != "event") return std::nullopt;
    const json data = object_at(object_at(said, "plugindata"), "data");
    if (data.contains("error_code")) {
        if (transaction != kSubscribe || number_at(data, "error_code") != kNoSuchFeed)
            return Failed{"Janus: " + text_at(data, "error")};
        next_subscribe_ = now + kSubscribeAgain;
    }
    const json jsep = object_at(said, "jsep");
    if (text_at(jsep, "type") == "answer") return Answer{text_at(jsep, "sdp")};
    if (text_at(jsep, "type") == "offer") return Offer{text_at(jsep, "sdp")};
    return std::nullopt;
}

void JanusSession::handle_success(Instant now, std::string_view transaction, uint64_t id) {
    if (transaction == kCreate) {
        session_ = id;
        next_keepalive_ = now + kKeepalive;
        if (!config_.offer.empty()) requests_.push_back(attach(session_, kPublish).dump());
        if (!config_.feeds.empty()) requests_.push_back(attach(session_, kSubscribe).dump());
    } else if (transaction == kPublish) {
        publisher_ = id;
        publish();
    } else if (transaction == kSubscribe) {
        subscriber_ = id;
        subscribe();
    }
}

void JanusSession::publish() {
    const json body = {{"request", "joinandconfigure"},
                       {"ptype", "publisher"},
                       {"room", config_.room},
                       {"id", config_.feed}};
    json request = message(session_, publisher_, kPublish, body);
    request["jsep"] = description("offer", config_.offer);
    requests_.push_back(request.dump());
}

void JanusSession::subscribe() {
    json streams = json::array();
    for (const uint64_t feed : config_.feeds) streams.push_back({{"feed", feed}});
    const json body = {{"request", "join"},
                       {"ptype", "subscriber"},
                       {"room", config_.room},
                       {"streams", std::move(streams)}};
    requests_.push_back(message(session_, subscriber_, kSubscribe, body).dump());
}

void JanusSession::accept(const std::string& answer) {
    json request = message(session_, subscriber_, kSubscribe, {{"request", "start"}});
    request["jsep"] = description("answer", answer);
    requests_.push_back(request.dump());
}

void JanusSession::leave() {
    if (session_ == 0) return;
    requests_.push_back(
        json{{"janus", "destroy"}, {"transaction", "destroy"}, {"session_id", session_}}.dump());
}

void JanusSession::handle_timeout(Instant now) {
    if (now >= next_subscribe_) {
        next_subscribe_ = Instant::never();
        subscribe();
    }
    if (now < next_keepalive_) return;
    next_keepalive_ = now + kKeepalive;
    requests_.push_back(
        json{{"janus", "keepalive"}, {"transaction", "keepalive"}, {"session_id", session_}}.dump());
}

}  // namespace conclave::load
