// A hall with clients for tests: each knows only the frames it was sent.
#pragma once

#include <gtest/gtest.h>

#include "live/hall.h"
#include "meeting/json_fields.h"
#include "meeting/record.h"
#include "meeting/test_sitting.h"

namespace conclave::live {

using meeting::PersonId;

// As a client writes it.
inline std::string request_text(int64_t id, const meeting::Wanted& wanted) {
    Json request = {{"id", id}};
    meeting::Wanted copy = wanted;  // fields() serves the reader as well, hence no const
    std::visit(
        [&](auto& wish) {
            using Wish = std::decay_t<decltype(wish)>;
            if constexpr (requires { Wish::kDo; }) {
                request["do"] = Wish::kDo;
                meeting::JsonWriter writer(request);
                wish.fields(writer);
            }
        },
        copy);
    return meeting::text_of(request);
}

// What a client knows, by the frames alone (proto/openapi.yaml, LiveMessage).
struct Client {
    PersonId person;
    std::vector<Json> frames;
    Json whole;  // the `meeting` message, kept up to date
    std::map<std::string, Json> people;
    std::map<int64_t, Json> chat;
    std::string token;
    std::string waiting;  // the reason; empty: does not wait
    std::string over;     // the reason; empty: open
    bool is_closed = false;

    void take(const Frame& frame) {
        EXPECT_FALSE(is_closed) << "told something after the end: " << frame.text;
        is_closed = frame.closes;
        if (frame.text.empty()) return;
        const Json json = Json::parse(frame.text, nullptr, false);
        ASSERT_TRUE(json.is_object()) << frame.text;
        frames.push_back(json);
        const std::string type = json["type"];
        if (type == "waiting") waiting = json["reason"];
        if (type == "over") over = json["reason"];
        if (type == "meeting") {
            whole = json;
            people.clear();
            chat.clear();
            waiting.clear();
            if (json.contains("token")) token = json["token"];
        }
        if (type == "meeting" || type == "update") take_sections(json);
    }
    // What was answered to this request: "done", a refusal's code, or nothing.
    std::string answer(int64_t id) const {
        for (const Json& frame : frames) {
            if (frame.value("id", int64_t{-1}) != id) continue;
            if (frame["type"] == "done") return "done";
            if (frame["type"] == "refused") return frame["code"];
        }
        return "";
    }
    std::vector<PersonId> queue() const {
        std::vector<PersonId> ids;
        if (!whole.contains("floor")) return ids;
        for (const Json& request : whole["floor"]["queue"]) ids.push_back(request["person"]);
        return ids;
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const auto& [number, message] : chat) all.push_back(message["text"]);
        return all;
    }
    bool was_told(std::string_view text) const {
        for (const Json& frame : frames) {
            if (meeting::text_of(frame).find(text) != std::string::npos) return true;
        }
        return false;
    }
    size_t count(std::string_view type) const {
        size_t n = 0;
        for (const Json& frame : frames) n += frame["type"] == type;
        return n;
    }

 private:
    void take_sections(const Json& json) {
        EXPECT_GE(json["number"].get<int64_t>(), whole["number"].get<int64_t>());
        for (const auto& [name, section] : json.items()) {
            if (name == "people") {
                for (const Json& gone : section["gone"])
                    EXPECT_EQ(people.erase(gone), 1u) << "gone, and never there: " << gone;
                for (const Json& set : section["set"]) people[set["id"]] = set;
            } else if (name == "chat") {
                for (const Json& erased : section["erased"]) chat.erase(erased.get<int64_t>());
                for (const Json& message : section["messages"])
                    EXPECT_TRUE(chat.emplace(message["number"], message).second) << "told twice: " << message;
            } else if (name != "type") {
                whole[name] = section;
            }
        }
    }
};

class House {
 public:
    explicit House(const policy::Terms& terms = {}) : House(meeting::Sitting(terms).state) {
        recorded = meeting::Sitting(terms).events;
    }
    explicit House(meeting::State state)
        : hall(std::move(state), [](const meeting::Person& person) { return "token of " + person.id; }) {
        (void)take(hall.recover(now));
    }

    std::optional<meeting::Refusal> command(const std::string& by, meeting::Wanted wanted) {
        const Result<Output, meeting::Refusal> output = hall.command({by, std::move(wanted)}, now);
        if (!output) return output.error();
        take(*output);
        return std::nullopt;
    }
    std::optional<meeting::Refusal> arrive(const PersonId& id, meeting::Who who = {}) {
        if (who.name.empty()) who.name = id;
        return command("", meeting::Arrive{.person = id,
                                           .kind = who.kind,
                                           .account = who.account,
                                           .name = who.name,
                                           .invitation = who.invitation,
                                           .needs_admission = who.needs_admission});
    }
    // Opens a connection; the client's last one counts.
    void connect(const PersonId& id) {
        const ConnectionId connection = ++last_connection_;
        clients[connection].person = id;
        connections[id] = connection;
        take(hall.open(connection, id, /*request_id=*/0, now));
    }
    void come(const PersonId& id, const meeting::Who& who = {}) {
        EXPECT_EQ(arrive(id, who), std::nullopt) << id;
        connect(id);
    }
    // As text over the socket; the answer to it.
    std::string send(const PersonId& id, const meeting::Wanted& wanted) {
        const int64_t request = ++last_request_;
        return send_text(id, request, request_text(request, wanted));
    }
    std::string send_text(const PersonId& id, int64_t request, std::string_view text) {
        const ConnectionId connection = connections[id];
        take(hall.receive(connection, text, now));
        return clients[connection].answer(request);
    }
    void drop(const PersonId& id) {
        Client& client = clients[connections[id]];
        client.is_closed = true;
        take(hall.close(connections[id], now));
    }
    void pass(Duration duration) {
        const WallTime end = now + duration;
        take(hall.tick(now));
        for (auto next = hall.next_tick(now); next && *next <= end; next = hall.next_tick(now)) {
            ASSERT_GT(*next, now);
            now = *next;
            take(hall.tick(now));
        }
        now = end;
    }

    Client& client(const PersonId& id) { return clients[connections[id]]; }
    const meeting::State& state() const { return hall.state(); }

    void take(const Output& output) {
        for (const meeting::Event& event : output.events) {
            const Result<meeting::Event, meeting::RecordFault> read =
                meeting::event_of(meeting::record_of(event));
            ASSERT_TRUE(read);
            recorded.push_back(*read);
        }
        if (output.rights) rights = *output.rights;
        EXPECT_EQ(rights, meeting::rights(hall.state())) << "the media are not what the rules say";
        for (const Frame& frame : output.frames) clients[frame.connection].take(frame);
        last = output;
    }

    WallTime now = meeting::kStart;
    Hall hall;
    meeting::Events recorded;
    meeting::RightsOfAll rights;
    std::map<ConnectionId, Client> clients;
    std::map<PersonId, ConnectionId> connections;
    Output last;

 private:
    ConnectionId last_connection_ = 0;
    int64_t last_request_ = 0;
};

}  // namespace conclave::live
