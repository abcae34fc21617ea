// A TURN server (RFC 8656) whose relayed addresses are names, not sockets: what a client sends to a peer
// leaves this machine as a value, and what comes from a peer is handed in. Who may be reached are the
// addresses that it was given, and nothing else exists: there is no port, no packet and no loopback interface
// behind it.
//
// Long-term credentials (RFC 8489 9.2) of users that come and go with admit() and dismiss(); with the user go
// its allocations. What is not answered, because it is no request of TURN, or not worth its bytes, leaves a
// counter.
//
// Over UDP a source address may be forged. What is not authentic is answered on credit alone: of all replies
// to the unauthenticated together, never a byte more is sent than unauthenticated requests have brought. A
// client that is alone gets its challenge (60 bytes) at its third request (of 28).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/transmit_queue.h"
#include "turn/allocation.h"

namespace conclave::wire {
struct StunMessage;
class StunWriter;
}  // namespace conclave::wire

namespace conclave::turn {

struct Config {
    std::string realm = "conclave";
    // All that clients may reach, each with its port.
    std::vector<SocketAddress> peers;
    size_t allocations_max = 16384;
    // A browser makes one for each peer connection, address of its own and URL of ours.
    size_t allocations_per_user_max = 32;
    // One office behind one address; an IPv6 /64 counts as one.
    size_t allocations_per_address_max = 4096;
};

// Datagrams by what became of them; each counts once.
struct Counters {
    uint64_t relayed = 0;  // to a peer
    uint64_t relayed_bytes = 0;
    uint64_t returned = 0;  // from a peer
    uint64_t returned_bytes = 0;
    uint64_t succeeded = 0;                // requests
    std::map<uint16_t, uint64_t> refused;  // by error code, those below without an answer too
    uint64_t unanswered = 0;               // replies for which there was no credit
    uint64_t malformed = 0;                // nothing of TURN
    uint64_t unexpected = 0;      // another method or class, or an unknown attribute in an indication
    uint64_t forbidden_peer = 0;  // of a Send indication
    uint64_t no_permission = 0;   // of the peer, in either direction, or no such channel or allocation
    uint64_t queue_full = 0;
};

// A datagram of a client for a peer. `payload` is a part of what was handled.
struct ToPeer {
    SocketAddress relayed;
    SocketAddress peer;
    ByteView payload;
};

struct Events {
    std::optional<ToPeer> to_peer;
    std::optional<SocketAddress> ended;  // the relayed address of an allocation that was given up
};

class Server {
 public:
    // A whole datagram of media in a Send indication fits.
    static constexpr size_t kMessageMax = 1600;

    Server(Config config, Rng& rng);

    // Who may allocate, until then. Again: the time is moved, a new password holds from now on. `user` and
    // `password` are ASCII.
    void admit(std::string_view user, std::string_view password, Instant until);
    // And its allocations end; their relayed addresses.
    [[nodiscard]] std::vector<SocketAddress> dismiss(std::string_view user);

    // `client` says where the message came from: Path::kTcp a stream, which has no forged addresses, else
    // UDP. Replies go there.
    [[nodiscard]] Events handle_datagram(Instant now, const Path& client, ByteView message,
                                         TransmitQueue& tx);
    // What a peer has sent to a relayed address.
    void handle_peer(Instant now, const SocketAddress& relayed, const SocketAddress& peer, ByteView payload,
                     TransmitQueue& tx);
    // The stream has ended (RFC 8656 3.1); its relayed address.
    [[nodiscard]] std::optional<SocketAddress> handle_closed(const Path& client);
    // Ends what has expired; the relayed addresses.
    [[nodiscard]] std::vector<SocketAddress> handle_timeout(Instant now);
    Instant next_timeout() const;

    bool has_allocation(const Path& client) const { return allocations_.contains(client); }
    size_t allocations() const { return allocations_.size(); }
    size_t users() const { return users_.size(); }
    const Counters& counters() const { return counters_; }

 private:
    struct User {
        std::array<uint8_t, 16> key{};  // RFC 8489 9.2.2
        Instant until;
        size_t allocations = 0;
    };
    // A request as it is handled; `key` once it is authentic.
    struct Request {
        Instant now;
        const Path& client;
        const wire::StunMessage& message;
        size_t size = 0;
        TransmitQueue& tx;
        const std::array<uint8_t, 16>* key = nullptr;
        std::optional<SocketAddress> ended = {};
    };

    std::optional<ToPeer> handle_channel_data(Instant now, const Path& client, ByteView message);
    std::optional<ToPeer> handle_send(Instant now, const Path& client, const wire::StunMessage&);
    void handle_request(Request&);
    bool authenticate(Request&);
    void allocate(Request&);
    uint16_t judge_allocate(const Request&) const;
    void refresh(Request&, Allocation&);
    void create_permission(Request&, Allocation&);
    void bind_channel(Request&, Allocation&);

    void challenge(Request&, uint16_t code);
    void refuse(Request&, uint16_t code);
    void confirm(Request&, const Allocation& allocation, bool is_new);
    template <class Fill>
    void reply(Request&, bool is_success, Fill fill);

    bool is_peer(const SocketAddress&) const;
    std::optional<SocketAddress> new_relayed_address(uint8_t family, bool is_even);
    const SocketAddress* relay_of(uint8_t family) const;
    Allocation* find(Instant now, const Path& client);
    SocketAddress end(const Path& client);
    std::string nonce_of(const Path& client, uint64_t seconds) const;
    bool is_fresh(Instant now, const Path& client, std::string_view nonce) const;

    const Config config_;
    Rng& rng_;
    std::array<uint8_t, 32> nonce_key_;
    std::map<std::string, User, std::less<>> users_;
    std::unordered_map<Path, Allocation> allocations_;  // by client
    std::unordered_map<Path, Path> clients_;            // by relayed address
    std::map<std::array<uint8_t, 16>, size_t> per_address_;
    size_t credit_ = 0;  // bytes that the unauthenticated may still be sent
    Counters counters_;
};

}  // namespace conclave::turn
