// One participant of a load test: signalling over its WebSocket, one transport (/rtc/v1) or two (/rtc), what
// it publishes and what it receives.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "livekit/protocol.h"
#include "load/janus_session.h"
#include "load/publisher.h"
#include "load/receiver.h"
#include "load/thread_state.h"

namespace conclave::load {

namespace pb = ::livekit;

// What became of a participant.
struct Outcome {
    bool is_late = false;  // Group::late
    bool has_joined = false;
    std::string failure;                  // why it could not join, or was lost; empty: neither
    std::optional<Duration> join;         // from the TCP connect to DTLS
    std::optional<Duration> first_media;  // from the TCP connect to the first media packet
    uint64_t auth_failures = 0;
    uint64_t replays = 0;
    uint64_t send_dropped = 0;
    size_t tracks_wanted = 0;  // by the scenario, when everybody is there
    size_t tracks = 0;         // of which something came
    Verdict verdict;
};

class Participant {
 public:
    Participant(ThreadState& thread, uint32_t number, const Group& group);
    Participant(const Participant&) = delete;
    Participant& operator=(const Participant&) = delete;

    void start(Instant now);
    // Something waits at the socket of transport `index`, 0 or 1.
    void handle_readable(Instant now, size_t index);
    void handle_timeout(Instant now);
    Instant next_timeout() const;
    void stop_sending() { publisher_.stop(); }
    void leave(Instant now);

    // Sockets to watch; -1 while there is none.
    int fd(size_t transport) const;
    bool has_started() const { return state_ != State::New; }
    bool is_joining() const { return state_ == State::Joining; }
    bool is_gone() const { return state_ == State::Gone || state_ == State::New; }
    Verdict so_far() const { return receiver_.so_far(); }
    const Outcome& outcome() const { return outcome_; }
    // After everybody has stopped sending.
    Outcome finish();

 private:
    enum class State : uint8_t { New, Joining, Joined, Leaving, Gone };

    void open_transports();
    void connect_signalling();
    void begin_janus();
    void handle_janus(Instant now, ByteView bytes);
    void handle_livekit(Instant now, ByteView bytes);
    void flush_janus();
    std::string join_path();
    void handle_frame(ByteView bytes);
    void handle_response(Instant now, const pb::SignalResponse& response);
    void handle_join(Instant now, const pb::JoinResponse& join);
    void handle_answer(Instant now, const std::string& sdp);
    void handle_offer(Instant now, const pb::SessionDescription& offer);
    std::optional<std::string> answer_offer(Instant now, const std::string& sdp);
    void handle_trickle(const pb::TrickleRequest& trickle);
    void handle_participant(const pb::ParticipantInfo& info);
    void handle_closed(const std::string& why);
    void take_tracks(Instant now, const std::vector<RemoteTrack>& tracks);
    void ask_for_quality(const RemoteTrack& track);
    void handle_arrived(Instant now, Instant arrived, const Transport::Arrived& what, Transport& transport);
    void send(const pb::SignalRequest& request);
    void send_offer();
    void fail(const std::string& why);
    void end_media();

    bool publishes_on(const Transport& transport) const {
        return transports_[0] && &transport == &*transports_[0];
    }
    bool receives_on(const Transport& transport) const { return &transport == receiving_; }
    bool is_janus() const { return thread_.run.target.janus_room != 0; }
    Run& run() { return thread_.run; }

    ThreadState& thread_;
    uint32_t number_;
    const Group& group_;
    State state_ = State::New;
    Outcome outcome_;
    Instant started_;
    Instant give_up_ = Instant::never();
    Instant next_ping_ = Instant::never();
    Duration ping_interval_;
    std::optional<net::WebSocketClient> socket_;
    std::optional<JanusSession> janus_;
    std::string sid_;
    OfferLayout layout_;
    uint32_t offers_ = 0;
    // The first is the only one, or the publisher's; the second the subscriber's. With Janus only those that
    // are used are there.
    std::array<std::optional<Transport>, 2> transports_;
    Transport* receiving_ = nullptr;
    Publisher publisher_;
    Receiver receiver_;
    std::optional<pb::VideoQuality> quality_;
    std::set<std::string> asked_tracks_;  // with Group::tracks_max
    size_t asked_audios_ = 0;
    size_t asked_videos_ = 0;
};

}  // namespace conclave::load
