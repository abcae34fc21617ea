// One meeting that goes on: who is connected to it, and what each is told.
//
//   a call (a message, a tick) --> decide --> events --> evolve --> what each connection is to be told
//
// Pure: whoever calls records Output::events first, and does the rest when they are on the disk. Outputs are
// carried out in the order in which they were made. Should recording fail, the hall is ahead of its record:
// drop it and make another from what was recorded.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "live/request.h"
#include "live/view.h"
#include "meeting/meeting.h"
#include "meeting/rights.h"

namespace conclave::live {

using ConnectionId = uint64_t;

struct Frame {
    ConnectionId connection = 0;
    std::string text;     // JSON; empty: none
    bool closes = false;  // the connection, after the text
};

struct Output {
    meeting::Events events;
    std::vector<Frame> frames;
    std::vector<meeting::PersonId> sent_away;    // their media end
    std::optional<meeting::RightsOfAll> rights;  // when they changed: the whole
    bool is_over = false;                        // the sitting: all media end
    // Agents who have sat long enough to need a break, with the time it takes.
    std::vector<std::pair<std::string, WallTime>> resting;
};

class Hall {
 public:
    // A LiveKit access token for somebody who is let in.
    using Mint = std::function<std::string(const meeting::Person&)>;

    // `state` as recorded. Call recover() next.
    Hall(meeting::State state, Mint mint) : state_(std::move(state)), mint_(std::move(mint)) {}

    // Whoever was connected when the server ended is not any more.
    Output recover(WallTime now);
    // Through the REST API: nothing is told to a connection but what follows from it for all.
    Result<Output, meeting::Refusal> command(const meeting::Command&, WallTime now);
    // A connection whose first message proved who it is. Another one of the same person is replaced.
    Output open(ConnectionId, const meeting::PersonId&, int64_t request_id, WallTime now);
    Output receive(ConnectionId, std::string_view text, WallTime now);
    Output close(ConnectionId, WallTime now);
    Output tick(WallTime now);

    // After `now`, at which nothing was due: when tick() should next be called.
    std::optional<WallTime> next_tick(WallTime now) const;
    const meeting::State& state() const { return state_; }
    bool is_connected() const { return !seats_.empty(); }
    // Whose connection it is; nothing for a stranger's.
    std::optional<meeting::PersonId> person_of(ConnectionId) const;

 private:
    // What a client may send on the long run and at once; beyond that it is refused, which costs little.
    static constexpr Duration kRequestEvery = Duration::millis(100);
    static constexpr int64_t kRequestBurst = 30;
    static constexpr int64_t kOverdraftsMax = 100;
    // How often the number of people is told at most: to all of them, else each arrival would cost as many
    // messages as there are people.
    static constexpr Duration kCountEvery = Duration::seconds(1);

    struct Seat {
        meeting::PersonId person;
        enum class Stage : uint8_t { Fresh, Waiting, In } stage = Stage::Fresh;
        Audience audience = Audience::Member;
        std::string waiting;     // the reason that was told
        Me me;                   // as told
        bool is_queued = false;  // a viewer who was told their place
        int64_t overdrafts = 0;  // requests beyond the budget, one after the other
        WallTime budget_since;   // requests that may still come: the time since then
    };

    std::optional<meeting::Refusal> refusal_of(const meeting::Command&, WallTime now) const;
    Result<Ok, meeting::Refusal> run(Output&, const meeting::Command&, WallTime now);
    void apply(Output&, const meeting::Event&);
    void note_rest(Output&, const meeting::Event&) const;
    void settle(Output&, WallTime now);
    void send_away(Output&, const meeting::PersonId&, std::string_view reason, WallTime now);
    void finish(Output&, WallTime now, std::optional<Frame> answer = {});
    void gather_count(WallTime now);
    void compare_floor();
    struct Update {
        Json json;
        std::string text;  // empty: nothing changed for this audience
    };
    using Updates = std::array<std::optional<Update>, 3>;  // by audience, made when first needed
    void tell(Output&, ConnectionId, Seat&, WallTime now, Updates&);
    void tell_waiting(Output&, ConnectionId, Seat&, const meeting::Person&);
    Update update_for(Audience, WallTime now) const;
    std::span<const meeting::Message> changed_messages() const;
    // What only this one is told; false when there is nothing.
    bool add_private(Json& update, Seat&) const;
    void react(Output&, ConnectionId from, const Request&, Reaction) const;
    bool take_budget(Seat&, WallTime now);

    meeting::State state_;
    Mint mint_;
    std::map<ConnectionId, Seat> seats_;
    std::map<meeting::PersonId, ConnectionId> connections_;
    Changes changes_;
    std::map<meeting::PersonId, std::string> leaving_;  // with the reason, at the end of this call
    std::string all_leave_;                             // everybody, with this reason
    std::string viewers_floor_;                         // as told to those who do not wait for it
    bool is_viewers_floor_new_ = false;                 // in this call
    std::optional<WallTime> count_due_;                 // what was told of the number is not true any more
    WallTime count_told_at_;
    meeting::RightsOfAll rights_;
};

}  // namespace conclave::live
