#include "turn/server.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "wire/stun.h"

namespace conclave::turn {
namespace {

using wire::StunAttribute;
using wire::StunClass;
using wire::StunMessage;

// RFC 8489 14.8, RFC 8656 19.
namespace code {
constexpr uint16_t kBadRequest = 400;
constexpr uint16_t kUnauthenticated = 401;
constexpr uint16_t kForbidden = 403;
constexpr uint16_t kUnknownAttribute = 420;
constexpr uint16_t kAllocationMismatch = 437;
constexpr uint16_t kStaleNonce = 438;
constexpr uint16_t kAddressFamilyNotSupported = 440;
constexpr uint16_t kWrongCredentials = 441;
constexpr uint16_t kUnsupportedTransport = 442;
constexpr uint16_t kPeerAddressFamilyMismatch = 443;
constexpr uint16_t kQuotaReached = 486;
constexpr uint16_t kInsufficientCapacity = 508;
}  // namespace code

constexpr uint8_t kUdp = 17;  // RFC 8656 14: the number of IP protocols
constexpr Duration kNonceLifetime = Duration::minutes(60);
constexpr size_t kNonceTimeBytes = 4;
constexpr size_t kNonceMacBytes = 8;
constexpr size_t kReplyMax = 512;
// Requests that nobody answers may pay for this much at once.
constexpr size_t kCreditMax = 16 << 10;
// Tries to find a free port of 64,511: with half of them taken, 20 fail once in a million.
constexpr size_t kPortTries = 20;
constexpr uint16_t kPortMin = 1024;

std::array<uint8_t, 16> address_key(const SocketAddress& address) {
    std::array<uint8_t, 16> key = address.ip;
    if (!address.is_v4()) std::fill(key.begin() + 8, key.end(), uint8_t{0});
    return key;
}

bool is_stream(const Path& client) {
    return client.socket == Path::kTcp;
}

Path path_of(const SocketAddress& relayed) {
    return {Path::kRelayed, relayed};
}

std::array<uint8_t, 4> be32(uint32_t value) {
    std::array<uint8_t, 4> bytes;
    store_be32(bytes.data(), value);
    return bytes;
}

uint8_t family_of(const SocketAddress& address) {
    return address.is_v4() ? wire::kFamilyV4 : wire::kFamilyV6;
}

}  // namespace

Server::Server(Config config, Rng& rng) : config_(std::move(config)), rng_(rng) {
    rng_.fill(nonce_key_);
}

void Server::admit(std::string_view user, std::string_view password, Instant until) {
    User& admitted = users_[std::string(user)];
    std::string text(user);
    text.append(":").append(config_.realm).append(":").append(password);
    admitted.key = crypto::md5(as_bytes(text));
    admitted.until = until;
}

std::vector<SocketAddress> Server::dismiss(std::string_view user) {
    const auto it = users_.find(user);
    if (it == users_.end()) return {};
    std::vector<Path> gone;
    for (const auto& [client, allocation] : allocations_) {
        if (gone.size() == it->second.allocations) break;
        if (allocation.user() == user) gone.push_back(client);
    }
    std::vector<SocketAddress> ended;
    ended.reserve(gone.size());
    for (const Path& client : gone) ended.push_back(end(client));
    users_.erase(it);
    return ended;
}

Events Server::handle_datagram(Instant now, const Path& client, ByteView message, TransmitQueue& tx) {
    if (message.size() > kMessageMax) return ++counters_.malformed, Events{};
    // RFC 8656 12: the first two bits of ChannelData are 01, of STUN 00.
    if (!message.empty() && message[0] >> 6 == 1) return {handle_channel_data(now, client, message), {}};
    const auto stun = wire::parse_stun(message);
    if (!stun) return ++counters_.malformed, Events{};
    if (stun->message_class == StunClass::Indication && stun->method == wire::kTurnSend)
        return {handle_send(now, client, *stun), {}};
    if (stun->message_class != StunClass::Request || !stun->turn) return ++counters_.unexpected, Events{};
    Request request{now, client, *stun, message.size(), tx};
    handle_request(request);
    return {{}, request.ended};
}

std::optional<ToPeer> Server::handle_channel_data(Instant now, const Path& client, ByteView message) {
    ByteReader in{message};
    const uint16_t channel = in.u16();
    const ByteView payload = in.bytes(in.u16());
    if (!in.ok()) return ++counters_.malformed, std::nullopt;
    const Allocation* allocation = find(now, client);
    const SocketAddress* peer = allocation ? allocation->peer_of(now, channel) : nullptr;
    if (!peer) return ++counters_.no_permission, std::nullopt;
    ++counters_.relayed;
    counters_.relayed_bytes += payload.size();
    return ToPeer{allocation->relayed(), *peer, payload};
}

// RFC 8656 11.2: an indication is never answered.
std::optional<ToPeer> Server::handle_send(Instant now, const Path& client, const StunMessage& message) {
    const bool is_whole = message.turn->peers.size() == 1 && message.turn->data;
    if (!is_whole) return ++counters_.malformed, std::nullopt;
    if (!message.unknown_required.empty()) return ++counters_.unexpected, std::nullopt;
    const SocketAddress peer = message.turn->peers[0];
    if (!is_peer(peer)) return ++counters_.forbidden_peer, std::nullopt;
    const Allocation* allocation = find(now, client);
    if (!allocation || !allocation->is_permitted(now, peer)) return ++counters_.no_permission, std::nullopt;
    ++counters_.relayed;
    counters_.relayed_bytes += message.turn->data->size();
    return ToPeer{allocation->relayed(), peer, *message.turn->data};
}

void Server::handle_request(Request& request) {
    if (!authenticate(request)) return;
    const StunMessage& message = request.message;
    if (!message.unknown_required.empty()) return refuse(request, code::kUnknownAttribute);
    if (message.method == wire::kTurnAllocate) return allocate(request);
    Allocation* allocation = find(request.now, request.client);
    // RFC 8656 5, 7.3, 10.2, 12.2
    if (!allocation) return refuse(request, code::kAllocationMismatch);
    if (allocation->user() != *message.username) return refuse(request, code::kWrongCredentials);
    switch (message.method) {
        case wire::kTurnRefresh:
            return refresh(request, *allocation);
        case wire::kTurnCreatePermission:
            return create_permission(request, *allocation);
        case wire::kTurnChannelBind:
            return bind_channel(request, *allocation);
        default:
            ++counters_.unexpected;  // Send and Data are indications
    }
}

// In the order of RFC 8489 9.2.4. False: answered, or not worth it.
bool Server::authenticate(Request& request) {
    const StunMessage& message = request.message;
    if (message.integrity.empty()) return challenge(request, code::kUnauthenticated), false;
    if (!message.username || !message.turn->realm || !message.turn->nonce)
        return refuse(request, code::kBadRequest), false;
    if (!is_fresh(request.now, request.client, *message.turn->nonce))
        return challenge(request, code::kStaleNonce), false;
    const auto user = users_.find(*message.username);
    const bool is_known = user != users_.end() && request.now < user->second.until;
    // Who is not known costs as much.
    constexpr std::array<uint8_t, 16> kNobody{};
    const std::array<uint8_t, 16>& key = is_known ? user->second.key : kNobody;
    const auto mac = crypto::hmac_sha1(key, message.integrity_header, message.integrity_body);
    const bool is_right = crypto::equal_constant_time(mac, message.integrity);
    if (!is_known || !is_right) return challenge(request, code::kUnauthenticated), false;
    request.key = &user->second.key;
    return true;
}

// RFC 8656 7.2, in its order. 0: it may be made.
uint16_t Server::judge_allocate(const Request& request) const {
    const wire::TurnAttributes& wish = *request.message.turn;
    if (!wish.requested_transport) return code::kBadRequest;
    if (*wish.requested_transport != kUdp) return code::kUnsupportedTransport;
    if (wish.reservation_token && (wish.even_port || wish.requested_family)) return code::kBadRequest;
    // No port is reserved for anybody.
    if (wish.reservation_token || wish.even_port == true) return code::kInsufficientCapacity;
    if (!relay_of(wish.requested_family.value_or(wire::kFamilyV4))) return code::kAddressFamilyNotSupported;
    const auto user = users_.find(*request.message.username);
    if (user->second.allocations >= config_.allocations_per_user_max) return code::kQuotaReached;
    const auto here = per_address_.find(address_key(request.client.remote));
    if (here != per_address_.end() && here->second >= config_.allocations_per_address_max)
        return code::kQuotaReached;
    return allocations_.size() < config_.allocations_max ? 0 : code::kInsufficientCapacity;
}

void Server::allocate(Request& request) {
    const StunMessage& message = request.message;
    if (const Allocation* existing = find(request.now, request.client)) {
        const bool is_repeated =
            existing->made_by() == message.transaction_id && existing->user() == *message.username;
        return is_repeated ? confirm(request, *existing, true) : refuse(request, code::kAllocationMismatch);
    }
    // One that has expired.
    if (has_allocation(request.client)) request.ended = end(request.client);
    if (const uint16_t refused = judge_allocate(request)) return refuse(request, refused);
    const auto relayed = new_relayed_address(message.turn->requested_family.value_or(wire::kFamilyV4),
                                             message.turn->even_port.has_value());
    if (!relayed) return refuse(request, code::kInsufficientCapacity);
    const Instant expires = request.now + granted_lifetime(message.turn->lifetime);
    const auto made = allocations_.try_emplace(
        request.client,
        Allocation(std::string(*message.username), *relayed, message.transaction_id, expires));
    clients_.emplace(path_of(*relayed), request.client);
    ++users_.find(*message.username)->second.allocations;
    ++per_address_[address_key(request.client.remote)];
    confirm(request, made.first->second, true);
}

// RFC 8656 8.2
void Server::refresh(Request& request, Allocation& allocation) {
    const wire::TurnAttributes& wish = *request.message.turn;
    if (wish.requested_family && *wish.requested_family != family_of(allocation.relayed()))
        return refuse(request, code::kPeerAddressFamilyMismatch);
    const bool is_end = wish.lifetime == 0U;
    allocation.set_expires(is_end ? request.now : request.now + granted_lifetime(wish.lifetime));
    confirm(request, allocation, false);
    if (is_end) request.ended = end(request.client);
}

// RFC 8656 10.2
void Server::create_permission(Request& request, Allocation& allocation) {
    const auto& peers = request.message.turn->peers;
    if (peers.empty()) return refuse(request, code::kBadRequest);
    if (!std::all_of(peers.begin(), peers.end(), [this](const SocketAddress& peer) { return is_peer(peer); }))
        return refuse(request, code::kForbidden);
    for (const SocketAddress& peer : peers) allocation.permit(request.now, peer);
    reply(request, true, [](wire::StunWriter&) {});
}

// RFC 8656 12.2
void Server::bind_channel(Request& request, Allocation& allocation) {
    const wire::TurnAttributes& wish = *request.message.turn;
    const uint16_t channel = wish.channel_number.value_or(0);
    if (channel < kChannelMin || channel > kChannelMax || wish.peers.size() != 1)
        return refuse(request, code::kBadRequest);
    if (!is_peer(wish.peers[0])) return refuse(request, code::kForbidden);
    if (!allocation.bind(request.now, channel, wish.peers[0])) return refuse(request, code::kBadRequest);
    reply(request, true, [](wire::StunWriter&) {});
}

void Server::handle_peer(Instant now, const SocketAddress& relayed, const SocketAddress& peer,
                         ByteView payload, TransmitQueue& tx) {
    const auto it = clients_.find(path_of(relayed));
    const Allocation* allocation = it == clients_.end() ? nullptr : find(now, it->second);
    if (!allocation || !allocation->is_permitted(now, peer)) return void(++counters_.no_permission);
    const Path client = it->second;
    const MutableBytes room = tx.reserve(kMessageMax);
    if (room.empty()) return void(++counters_.queue_full);
    size_t size = 0;
    if (const auto channel = allocation->channel_of(now, peer)) {
        ByteWriter out{room};
        out.u16(*channel);
        out.u16(static_cast<uint16_t>(payload.size()));
        out.bytes(payload);
        // RFC 8656 12.5: over UDP the padding may be left out.
        if (is_stream(client)) out.zeros(-payload.size() & 3);
        size = out.ok() ? out.size() : 0;
    } else {
        wire::StunTransactionId id;
        rng_.fill(id);
        wire::StunWriter out{room, StunClass::Indication, wire::kTurnData, id};
        out.xor_address(StunAttribute::XorPeerAddress, peer);
        out.attribute(StunAttribute::Data, payload);
        size = out.ok() ? out.size() : 0;
    }
    if (size == 0) return void(++counters_.malformed);
    tx.commit(client, size);
    ++counters_.returned;
    counters_.returned_bytes += payload.size();
}

std::optional<SocketAddress> Server::handle_closed(const Path& client) {
    if (!allocations_.contains(client)) return std::nullopt;
    return end(client);
}

std::vector<SocketAddress> Server::handle_timeout(Instant now) {
    std::vector<Path> expired;
    for (const auto& [client, allocation] : allocations_) {
        if (now >= allocation.expires()) expired.push_back(client);
    }
    std::vector<SocketAddress> ended;
    ended.reserve(expired.size());
    for (const Path& client : expired) ended.push_back(end(client));
    std::erase_if(
        users_, [now](const auto& user) { return now >= user.second.until && user.second.allocations == 0; });
    return ended;
}

Instant Server::next_timeout() const {
    Instant next = Instant::never();
    for (const auto& [client, allocation] : allocations_) next = soonest(next, allocation.expires());
    return next;
}

// With a nonce (RFC 8489 9.2.5); it proves nothing yet.
void Server::challenge(Request& request, uint16_t code) {
    ++counters_.refused[code];
    reply(request, false, [&](wire::StunWriter& out) {
        out.error_code(code, "");
        out.attribute(StunAttribute::Realm, as_bytes(config_.realm));
        const auto seconds = static_cast<uint64_t>(request.now.us) / 1'000'000;
        out.attribute(StunAttribute::Nonce, as_bytes(nonce_of(request.client, seconds)));
    });
}

void Server::refuse(Request& request, uint16_t code) {
    ++counters_.refused[code];
    reply(request, false, [&](wire::StunWriter& out) {
        out.error_code(code, "");
        if (code != code::kUnknownAttribute) return;
        std::array<uint8_t, 2 * wire::kStunUnknownMax> types;
        size_t size = 0;
        for (const uint16_t type : request.message.unknown_required) {
            store_be16(types.data() + size, type);
            size += 2;
        }
        out.attribute(StunAttribute::UnknownAttributes, ByteView(types).first(size));
    });
}

// RFC 8656 7.2 and 8.2
void Server::confirm(Request& request, const Allocation& allocation, bool is_new) {
    reply(request, true, [&](wire::StunWriter& out) {
        const Duration left = allocation.expires() - request.now;
        out.attribute(StunAttribute::Lifetime, be32(static_cast<uint32_t>(left.us / 1'000'000)));
        if (!is_new) return;
        out.xor_address(StunAttribute::XorRelayedAddress, allocation.relayed());
        out.xor_mapped_address(request.client.remote);
    });
}

template <class Fill>
void Server::reply(Request& request, bool is_success, Fill fill) {
    const bool is_paid = request.key || is_stream(request.client);
    if (!is_paid) credit_ = std::min(credit_ + request.size, kCreditMax);
    const MutableBytes room = request.tx.reserve(kReplyMax);
    if (room.empty()) return void(++counters_.queue_full);
    wire::StunWriter out{room, is_success ? StunClass::Success : StunClass::Error, request.message.method,
                         request.message.transaction_id};
    fill(out);
    if (request.key) out.append_integrity(crypto::hmac_sha1(*request.key, out.integrity_input()));
    CHECK(out.ok());
    if (!is_paid) {
        if (out.size() > credit_) return void(++counters_.unanswered);
        credit_ -= out.size();
    }
    request.tx.commit(request.client, out.size());
    if (is_success) ++counters_.succeeded;
}

bool Server::is_peer(const SocketAddress& address) const {
    return std::find(config_.peers.begin(), config_.peers.end(), address) != config_.peers.end();
}

const SocketAddress* Server::relay_of(uint8_t family) const {
    const auto it = std::find_if(config_.peers.begin(), config_.peers.end(),
                                 [family](const SocketAddress& peer) { return family_of(peer) == family; });
    return it == config_.peers.end() ? nullptr : &*it;
}

// Random ports, so that nobody learns how many there are.
std::optional<SocketAddress> Server::new_relayed_address(uint8_t family, bool is_even) {
    SocketAddress relayed = *relay_of(family);
    for (size_t i = 0; i < kPortTries; ++i) {
        relayed.port = static_cast<uint16_t>(kPortMin + rng_.u32() % (65536U - kPortMin));
        if (is_even) relayed.port &= 0xfffe;
        if (!is_peer(relayed) && !clients_.contains(path_of(relayed))) return relayed;
    }
    return std::nullopt;
}

Allocation* Server::find(Instant now, const Path& client) {
    const auto it = allocations_.find(client);
    return it != allocations_.end() && now < it->second.expires() ? &it->second : nullptr;
}

SocketAddress Server::end(const Path& client) {
    const auto allocation = allocations_.extract(client);
    const SocketAddress relayed = allocation.mapped().relayed();
    clients_.erase(path_of(relayed));
    const auto user = users_.find(allocation.mapped().user());
    if (user != users_.end()) --user->second.allocations;
    const auto here = per_address_.find(address_key(client.remote));
    if (--here->second == 0) per_address_.erase(here);
    return relayed;
}

// Its time and a signature over it and the client's address: nothing is kept, and it is of no use to others.
std::string Server::nonce_of(const Path& client, uint64_t seconds) const {
    std::array<uint8_t, kNonceTimeBytes + kNonceMacBytes> nonce;
    store_be32(nonce.data(), static_cast<uint32_t>(seconds));
    std::array<uint8_t, 20> subject;
    store_be16(subject.data(), client.socket);
    std::memcpy(subject.data() + 2, client.remote.ip.data(), client.remote.ip.size());
    store_be16(subject.data() + 18, client.remote.port);
    const auto mac = crypto::hmac_sha256(nonce_key_, ByteView(nonce).first(kNonceTimeBytes), subject);
    std::memcpy(nonce.data() + kNonceTimeBytes, mac.data(), kNonceMacBytes);
    return base64url_encode(nonce);
}

bool Server::is_fresh(Instant now, const Path& client, std::string_view nonce) const {
    const auto bytes = base64url_decode(nonce);
    if (!bytes || bytes->size() != kNonceTimeBytes + kNonceMacBytes) return false;
    const uint64_t seconds = load_be32(bytes->data());
    if (!crypto::equal_constant_time(as_bytes(nonce_of(client, seconds)), as_bytes(nonce))) return false;
    return now < Instant{static_cast<int64_t>(seconds) * 1'000'000} + kNonceLifetime;
}

}  // namespace conclave::turn
