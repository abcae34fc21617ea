// A lite ICE agent (RFC 8445 2.5): it answers connectivity checks, follows the nomination of the other side
// and watches that checks keep coming (consent, RFC 7675). It is always controlled (RFC 8445 6.1.1), and
// sends a check of its own only to a client that seems to have moved without knowing: see verify().
//
// What it answers: Binding requests with FINGERPRINT, our USERNAME and a MESSAGE-INTEGRITY made with our
// password. Everything else gets no reply and leaves no trace but a counter, and no reply is larger than its
// request, so a forged source address gains nothing. A check from an unknown address makes a new valid path
// (peer-reflexive, RFC 8445 7.3.1.3): that is how a client behind a rebinding NAT comes back. STUN
// itself does not stop a recorded check from being replayed from elsewhere: whoever moves media to a newly
// selected path waits for an authentic SRTP or DTLS packet from it.
//
//   New --nominated--> Connected <--check-- Disconnected --fail_after--> Failed
//    \---connect_timeout------------------------------------------------> Failed --restart()--> New
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "base/rng.h"
#include "base/static_vector.h"
#include "base/time.h"
#include "base/transmit_queue.h"

namespace conclave::wire {
struct StunMessage;
}

namespace conclave::ice {

// A client with IPv4, IPv6, VPN and mobile addresses, each towards UDP and a relay, has about ten. When all
// are taken, the one that was checked longest ago makes room, never the selected one.
constexpr size_t kPathsMax = 16;
// A browser's check has 80 to 160 bytes, or a whole datagram when it carries its first DTLS flight along in
// an attribute that we pass over; more than one datagram's worth is refused before anything is computed.
constexpr size_t kCheckSizeMax = 1500;
// The owner finds the agent by this name alone: 12 of 57 characters are 70 bits, so two agents never share
// one.
constexpr size_t kUfragSize = 12;
constexpr size_t kPwdSize = 24;  // 140 bits; RFC 8445 5.3 asks for 128
// Between two checks of ours; a lost one is repeated by what the client sends next.
constexpr Duration kVerifyInterval = Duration::millis(100);

// RFC 8445 5.3: ufrag of 4 to 256, pwd of 22 to 256 characters.
struct Credentials {
    std::string ufrag;
    std::string pwd;
    bool operator==(const Credentials&) const = default;
};

struct Config {
    // Every ufrag of ours begins with it (ice-chars). Whoever sees a check first, and not the agents, learns
    // by it whose it is.
    std::string ufrag_prefix;
    // Nothing nominated for so long since create(): Failed. After restart() a Disconnected agent waits at
    // least as long for the new generation.
    Duration connect_timeout = Duration::seconds(15);
    Duration disconnect_after = Duration::seconds(10);  // no check on the selected path: Disconnected
    // Disconnected for so long: Failed. A tunnel or a router that starts again may take half a minute, after
    // which the client goes on where it was.
    Duration fail_after = Duration::seconds(25);
    // A path without checks for so long is no longer valid (RFC 7675 5.1). Clients check their spare paths
    // every 25 s or so.
    Duration path_timeout = Duration::seconds(30);
    // For so long after the first nomination a nominated path of higher priority wins over a later one: an
    // aggressively nominating client (RFC 5245 8.1.1.2) nominates everything it checks. Afterwards, and with
    // clients that stop nominating what they left, the latest nomination wins.
    Duration aggressive_window = Duration::seconds(3);
};

enum class State : uint8_t { New, Connected, Disconnected, Failed };

struct Event {
    enum class Kind : uint8_t {
        // `path` was nominated, replaced the selected one, or is alive again after Disconnected.
        Selected,
        // No check on the selected path for Config::disconnect_after; it stays selected. Or it was closed.
        Disconnected,
        // Nothing is selected or valid any more: restart() or give up.
        Failed,
    };
    Kind kind = Kind::Selected;
    Path path;  // Selected: the path; else: the one that was selected, if any
    bool operator==(const Event&) const = default;
};
using Events = StaticVector<Event, 1>;

// Datagrams by what became of them. Every datagram counts once.
struct Counters {
    uint64_t answered = 0;        // checks with success response
    uint64_t role_conflicts = 0;  // answered with 487 (RFC 8445 7.3.1.1)
    uint64_t indications = 0;  // an authentic one on a valid path keeps it alive, like a check (RFC 8445 11)
    uint64_t malformed = 0;    // no STUN message, or one that is too long
    uint64_t unexpected = 0;   // a response to nothing that was asked, or another method than Binding
    uint64_t verified = 0;     // the answer to a check of ours: a path is valid and selected
    uint64_t no_fingerprint = 0;  // missing or wrong
    uint64_t wrong_username = 0;  // missing, not ours, or another peer's
    uint64_t no_integrity = 0;    // MESSAGE-INTEGRITY missing
    uint64_t wrong_integrity = 0;
    uint64_t unknown_attribute = 0;  // comprehension-required; a 420 would be the reply (RFC 8489 6.3.1)
    uint64_t failed = 0;             // authentic, but this agent has Failed
    uint64_t reply_too_large = 0;    // larger than the request
    uint64_t queue_full = 0;         // no room in the transmit queue
    uint64_t paths_evicted = 0;      // not a datagram: valid paths that made room
};

class Agent {
 public:
    static Agent create(const Config& config, Instant now, Rng& rng);

    [[nodiscard]] Events handle_datagram(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx);
    // Sends nothing; the queue is there because every machine has it.
    [[nodiscard]] Events handle_timeout(Instant now, TransmitQueue& tx);
    Instant next_timeout() const;  // never() when Failed

    // Of the newest generation.
    const Credentials& local_credentials() const { return current_.local; }
    // For the newest generation. Until it is called, checks with any remote ufrag are accepted, since they
    // may overtake the answer in which it comes (RFC 8445 7.3).
    void set_remote_credentials(Credentials remote);
    // Begins a new generation and returns its local credentials (RFC 8445 9). The selected path and the
    // credentials it was checked with go on working until the new generation has a nominated path; then all
    // of the old generation ends. After Failed it is the only way back.
    Credentials restart(Instant now, Rng& rng);
    // Nothing can come from there or be sent there any more. When it was the selected path, a check on
    // another one has Config::fail_after.
    [[nodiscard]] Events close_path(Instant now, const Path& path);
    // Something authentic came from `path`, which has passed no check: a NAT in front of the client has
    // forgotten where it was, and the client's next check is seconds away. Or somebody repeats what they saw
    // elsewhere. So the client is asked there, by a check of ours; only its answer makes the path valid, and
    // selected. For one path at a time, and at most once in kVerifyInterval, whatever comes.
    void verify(Instant now, const Path& path, TransmitQueue& tx);
    // verify() has asked there last. Its owner has to bring the answer here.
    bool is_verifying(const Path& path) const { return verification_ && verification_->path == path; }
    // The owner's table of names: this agent would look at a check with this local ufrag.
    bool has_local_ufrag(std::string_view ufrag) const;

    // The newest generation has no nominated path yet, and the former one goes on.
    bool is_restarting() const { return previous_.has_value(); }

    State state() const { return state_; }
    const std::optional<Path>& selected_path() const { return selected_; }
    // A check with our credentials came from it, not too long ago: the only paths that media may be sent to.
    bool is_valid_path(const Path& path) const;
    const Counters& counters() const { return counters_; }

 private:
    struct Generation {
        Credentials local;
        std::optional<Credentials> remote;
        uint32_t number = 0;
    };
    struct ValidPath {
        Path path;
        uint32_t priority = 0;    // PRIORITY of the last check
        uint32_t generation = 0;  // newest one it was checked with
        Instant last_check;
        bool nominating = false;  // the last check had USE-CANDIDATE
    };

    Agent(const Config& config, Instant now, Rng& rng);

    // Whose password made the message, or else as what it is to be counted.
    struct Verdict {
        const Generation* generation = nullptr;
        uint64_t Counters::*refused_as = nullptr;
    };
    struct Verification {
        Path path;
        std::array<uint8_t, 12> transaction{};
        Instant asked;
    };

    Verdict authenticate(const wire::StunMessage& message) const;
    bool is_verified_by(const Path& path, const wire::StunMessage& message) const;
    const Generation* generation_of(std::string_view username) const;
    bool send_reply(const Path& path, const wire::StunMessage& request, const Generation& generation,
                    size_t size_max, TransmitQueue& tx);
    ValidPath* find(const Path& path);
    const ValidPath* find(const Path& path) const;
    ValidPath& find_or_add(const Path& path);
    void accept(Instant now, const Path& path, const wire::StunMessage& message, const Generation& generation,
                Events& events);
    void refresh(Instant now, ValidPath& valid, Events& events);
    bool is_preferred(Instant now, const ValidPath& candidate, const Generation& generation) const;
    void select(Instant now, const Path& path, const Generation& generation);
    void retire_previous();
    void drop_expired_paths(Instant now);
    Instant fail_at() const;

    Config config_;
    State state_ = State::New;
    Generation current_;
    // While a restart is under way: the generation that the selected path belongs to.
    std::optional<Generation> previous_;
    StaticVector<ValidPath, kPathsMax> paths_;
    std::optional<Path> selected_;
    Instant generation_began_;
    Instant first_nomination_;  // of the newest generation
    Instant disconnected_at_;
    std::optional<Verification> verification_;
    uint64_t tie_breaker_ = 0;
    uint32_t verifications_ = 0;
    Counters counters_;
};

}  // namespace conclave::ice
