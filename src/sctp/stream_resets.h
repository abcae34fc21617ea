// Stream reset (RFC 6525) in both directions. One request of ours is outstanding at a time; the far
// side's requests are numbered, answered once and answered alike when repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "sctp/config.h"
#include "wire/sctp.h"

namespace conclave::sctp {

// The far side has answered for one of our streams.
struct OutgoingReset {
    uint16_t stream = 0;
    bool performed = false;  // false: refused, the stream keeps its numbers
};

class StreamResets {
 public:
    struct Outcome {
        std::vector<uint16_t> incoming;  // streams the far side has reset
        bool all_incoming = false;
        std::vector<OutgoingReset> outgoing;  // our streams that are done
        std::vector<uint16_t> requested;      // streams the far side wants us to reset
        bool all_requested = false;
    };

    // Initial TSNs are the first request sequence numbers (RFC 6525 4.1). What was requested before
    // stays requested.
    void start(uint32_t local_initial_tsn, uint32_t peer_initial_tsn);

    void request(uint16_t stream) { wanted_.insert(stream); }
    bool pending(uint16_t stream) const;
    // A RE-CONFIG chunk of the far side. Nothing when malformed.
    std::optional<Outcome> handle(const wire::SctpChunk& chunk, uint32_t cumulative_tsn);
    // A request that came ahead of its data is carried out once the data is there.
    std::optional<Outcome> handle_progress(uint32_t cumulative_tsn);

    // Streams whose data is all acknowledged go into the next request.
    template <class IsDrained>
    void collect(IsDrained is_drained, uint32_t last_tsn) {
        if (in_flight_) return;
        Request next;
        for (const uint16_t stream : wanted_)
            if (next.streams.size() < kStreamsInRequestMax && is_drained(stream))
                next.streams.push_back(stream);
        if (next.streams.empty()) return;
        for (const uint16_t stream : next.streams) wanted_.erase(stream);
        next.last_tsn = last_tsn;
        next.number = next_request_++;
        in_flight_ = std::move(next);
        send_due_ = true;
    }
    bool awaiting_response() const { return in_flight_.has_value(); }
    void repeat() { send_due_ = in_flight_.has_value(); }
    bool has_output() const { return send_due_ || !responses_.empty(); }
    void write(wire::SctpWriter& writer);

 private:
    // 64 open channels fit many times; a request always fits in a packet with a SACK.
    static constexpr size_t kStreamsInRequestMax = 128;
    static constexpr size_t kResponsesMax = 4;

    struct Request {
        uint32_t number = 0;
        uint32_t last_tsn = 0;
        std::vector<uint16_t> streams;
    };
    struct Answer {
        uint32_t number = 0;
        wire::SctpResetResult result = wire::SctpResetResult::NothingToDo;
    };

    bool handle_parameter(const wire::SctpParameter& parameter, uint32_t cumulative_tsn, Outcome& outcome);
    bool is_new(uint32_t number);
    void answer(uint32_t number, wire::SctpResetResult result);
    void respond(Answer answer);
    wire::SctpResetResult reset_incoming(const wire::SctpOutgoingReset& reset, uint32_t cumulative_tsn,
                                         Outcome& outcome);
    static void add_incoming(const Request& request, Outcome& outcome);
    void handle_response(const wire::SctpReconfigResponse& response, Outcome& outcome);

    std::set<uint16_t> wanted_;
    std::optional<Request> in_flight_;
    uint32_t next_request_ = 0;
    bool send_due_ = false;

    uint32_t expected_request_ = 0;
    std::optional<Request> deferred_;
    std::vector<Answer> answered_;   // the last two, for repetitions
    std::vector<Answer> responses_;  // to send
};

}  // namespace conclave::sctp
