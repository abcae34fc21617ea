// The server is killed at any moment: what was acknowledged is there again, and nothing twice.
#include <deque>

#include "live/test_hall.h"
#include "meeting/test_chance.h"

namespace conclave::live {
namespace {

using namespace meeting;

const std::vector<PersonId> kSpeakers = {"bob", "eve", "kim", "leo", "pia"};

// A server whose store takes its time: an output is carried out when its events are durable, never before and
// in the order in which they were made. kill() loses all the rest.
class Server {
 public:
    Server() {
        durable_ = Sitting().events;
        start();
    }

    void join(const PersonId& id, const Who& who) {
        const Arrive arrive{.person = id,
                            .kind = who.kind,
                            .account = who.account,
                            .name = id,
                            .invitation = {},
                            .needs_admission = false};
        take(hall_->command({{}, arrive}, now).value());
        connect(id);
    }
    void connect(const PersonId& id) {
        connections_[id] = ++last_connection_;
        clients_[last_connection_].person = id;
        take(hall_->open(last_connection_, id, /*request_id=*/0, now));
    }
    // The number of the request.
    int64_t send(const PersonId& id, const Wanted& wanted) {
        take(hall_->receive(connections_[id], request_text(++last_request_, wanted), now));
        return last_request_;
    }
    void pass(Duration duration) {
        const WallTime end = now + duration;
        take(hall_->tick(now));
        for (auto next = hall_->next_tick(now); next && *next <= end; next = hall_->next_tick(now)) {
            now = *next;
            take(hall_->tick(now));
        }
        now = end;
    }
    // The store has written the oldest output; its frames go out, if the server lives to send them.
    void write_one(bool is_sent = true) {
        if (pending_.empty()) return;
        const Output output = std::move(pending_.front());
        pending_.pop_front();
        for (const Event& event : output.events) durable_.push_back(event_of(record_of(event)).value());
        for (const Frame& frame : output.frames) {
            if (is_sent) clients_[frame.connection].take(frame);
        }
    }
    void write_all() {
        while (!pending_.empty()) write_one();
    }
    void kill() {
        pending_.clear();
        hall_.reset();
        for (auto& [connection, client] : clients_) client.is_closed = true;
    }
    void start() {
        State state;
        for (const Event& event : durable_) evolve(state, event);
        hall_.emplace(std::move(state), [](const Person& person) { return "token of " + person.id; });
        take(hall_->recover(now));
    }

    const Client& client(const PersonId& id) { return clients_[connections_[id]]; }
    const State& state() const { return hall_->state(); }
    const Events& durable() const { return durable_; }
    size_t pending() const { return pending_.size(); }

    WallTime now = kStart;

 private:
    void take(Output output) { pending_.push_back(std::move(output)); }

    std::optional<Hall> hall_;
    std::deque<Output> pending_;
    Events durable_;
    std::map<ConnectionId, Client> clients_;
    std::map<PersonId, ConnectionId> connections_;
    ConnectionId last_connection_ = 0;
    int64_t last_request_ = 0;
};

// What people would notice if it changed.
Json picture(const Client& client) {
    Json people;
    for (const auto& [id, person] : client.people) people[id] = person["role"];
    Json queue = Json::array();
    for (const Json& request : client.whole["floor"]["queue"]) queue.push_back(request);
    return {{"people", people},
            {"queue", queue},
            {"holder", client.whole["floor"]["holder"]},
            {"mode", client.whole["floor"]["mode"]},
            {"started_at", client.whole["clock"]["started_at"]},
            {"ends_at", client.whole["clock"]["ends_at"]},
            {"paused_until", client.whole["clock"]["paused_until"]},
            {"agenda", client.whole["agenda"]},
            {"chat", client.texts()}};
}

Wanted any_request(Chance& chance, int i) {
    switch (chance.below(7)) {
        case 0:
            return RaiseHand{};
        case 1:
            return MoveHand{chance.of(kSpeakers), static_cast<int64_t>(chance.below(5))};
        case 2:
            return GiveFloor{chance.one_in(2) ? PersonId() : chance.of(kSpeakers)};
        case 3:
            return chance.one_in(3) ? Wanted(Extend{Duration::minutes(1), "more"}) : Wanted(LowerHand{});
        case 4:
            return SetRole{chance.of(kSpeakers), chance.any(Role::Deputy)};
        default:
            return Say{{}, "message " + std::to_string(i)};
    }
}

struct Drill {
    explicit Drill(uint64_t seed) : chance(seed) {
        server.join("ada", owner());
        for (const PersonId& id : kSpeakers) {
            server.join(id, guest());
            server.send(id, RaiseHand{});
        }
        server.pass(Duration::minutes(12));
        server.write_all();
        EXPECT_EQ(server.client("bob").queue(), kSpeakers);
    }

    void live() {
        const size_t steps = 1 + chance.below(25);
        for (size_t i = 0; i < steps; ++i) {
            const PersonId by = chance.one_in(2) ? "ada" : chance.of(kSpeakers);
            const Wanted wanted = any_request(chance, static_cast<int>(i));
            const int64_t request = server.send(by, wanted);
            if (const auto* say = std::get_if<Say>(&wanted)) said[request] = {by, say->text};
            if (chance.one_in(2)) server.pass(Duration::millis(static_cast<int64_t>(chance.below(3000))));
            for (size_t n = chance.below(3); n > 0; --n) server.write_one();
        }
    }

    std::vector<std::string> acknowledged() {
        std::vector<std::string> texts;
        for (const auto& [request, what] : said) {
            if (server.client(what.first).answer(request) == "done") texts.push_back(what.second);
        }
        return texts;
    }

    Chance chance;
    Server server;
    std::map<int64_t, std::pair<PersonId, std::string>> said;
};

TEST(Restart, WhatWasAcknowledgedIsThereAgainAndNothingTwice) {
    size_t lost = 0;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        Drill drill(seed);
        Server& server = drill.server;
        drill.live();
        const bool is_ahead = drill.chance.one_in(3);  // written, and killed before anybody was told
        if (is_ahead) server.write_one(/*is_sent=*/false);
        lost += server.pending();
        const std::vector<std::string> acknowledged = drill.acknowledged();
        std::map<PersonId, Json> before;
        for (const PersonId& id : kSpeakers) before[id] = picture(server.client(id));
        before["ada"] = picture(server.client("ada"));

        server.kill();
        server.now = server.now + Duration::millis(static_cast<int64_t>(drill.chance.below(60'000)));
        server.start();
        server.pass(Duration::millis(static_cast<int64_t>(drill.chance.below(4000))));
        for (const auto& [id, picture] : before) server.connect(id);
        server.write_all();

        for (const auto& [id, seen] : before) {
            const Client& client = server.client(id);
            EXPECT_EQ(client.answer(0), "done");
            if (!is_ahead) {
                EXPECT_EQ(picture(client), seen) << id;
            }
            EXPECT_EQ(picture(client), picture(server.client("ada"))) << "all see the same";
            const std::vector<std::string> texts = client.texts();
            EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size()) << "twice";
            for (const std::string& text : acknowledged)
                EXPECT_EQ(std::count(texts.begin(), texts.end(), text), 1) << text;
        }
        // It goes on, and the record is whole.
        server.send("ada", Say{{}, "we are back"});
        server.write_all();
        EXPECT_EQ(server.client("bob").texts().back(), "we are back");
        for (size_t i = 0; i < server.durable().size(); ++i)
            ASSERT_EQ(server.durable()[i].number, static_cast<int64_t>(i) + 1);
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(lost, 200u) << "else nothing was put to the test";
}

TEST(Restart, AVoteGoesOnWithWhatWasCast) {
    Drill drill(1);
    Server& server = drill.server;
    server.send("ada", CallVote{Duration::minutes(5), "more"});
    for (const char* id : {"bob", "eve"}) server.send(id, CastVote{true});
    server.send("kim", CastVote{false});
    server.write_all();
    server.send("leo", CastVote{false});  // not on the disk, and not acknowledged
    server.kill();
    server.now = server.now + Duration::seconds(20);
    server.start();
    for (const PersonId& id : kSpeakers) server.connect(id);
    server.write_all();
    EXPECT_EQ(server.client("bob").whole["me"]["ballot"], true);
    EXPECT_EQ(server.client("leo").whole["me"]["ballot"], Json());
    EXPECT_EQ(server.client("leo").whole["motion"]["stage"], "voting");
    server.pass(kVoteLength - Duration::seconds(20));
    server.write_all();
    const Json& motion = server.client("leo").whole["motion"];
    EXPECT_EQ(motion["stage"], "carried");
    EXPECT_EQ(motion["yes"], 2);
    EXPECT_EQ(motion["no"], 1);
}

TEST(Restart, WhoDoesNotComeBackLosesTheSeatAMinuteAfterTheRestart) {
    Drill drill(1);
    Server& server = drill.server;
    server.kill();
    server.now = server.now + Duration::minutes(3);
    server.start();
    for (const char* id : {"ada", "bob"}) server.connect(id);
    server.pass(kSeatKept - Duration::millis(1));
    EXPECT_TRUE(server.state().find("eve")->is_in());
    server.pass(Duration::millis(1));
    server.write_all();
    EXPECT_FALSE(server.state().find("eve")->is_in());
    EXPECT_EQ(server.client("bob").queue(), std::vector<PersonId>{"bob"});
}

TEST(Restart, AClockThatRanOutMeanwhileEndsTheMeeting) {
    Drill drill(1);
    Server& server = drill.server;
    server.kill();
    server.now = server.now + Duration::minutes(60);
    server.start();
    EXPECT_FALSE(server.state().is_running());
    EXPECT_EQ(server.state().closing, Closing::Time);
}

}  // namespace
}  // namespace conclave::live
