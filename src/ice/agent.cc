#include "ice/agent.h"

#include <algorithm>
#include <utility>

#include "crypto/hmac.h"
#include "wire/stun.h"

namespace conclave::ice {

namespace {

// Header, XOR-MAPPED-ADDRESS of an IPv6 address, MESSAGE-INTEGRITY, FINGERPRINT.
constexpr size_t kReplySizeMax = 20 + 24 + 24 + 8;
constexpr uint16_t kRoleConflict = 487;  // RFC 8445 7.3.1.1
// Header, USERNAME with its padding, PRIORITY, ICE-CONTROLLED, MESSAGE-INTEGRITY, FINGERPRINT.
constexpr size_t kCheckOverhead = 20 + (4 + 3) + 8 + 12 + 24 + 8;
// Of a peer-reflexive candidate (RFC 8445 5.1.2): what the client finds out there about us is nothing new.
constexpr uint32_t kCheckPriority = (110U << 24) | (65535U << 8) | 255U;

Credentials random_credentials(const Config& config, Rng& rng) {
    return Credentials{config.ufrag_prefix + random_id(rng, kUfragSize), random_id(rng, kPwdSize)};
}

}  // namespace

Agent Agent::create(const Config& config, Instant now, Rng& rng) {
    return Agent{config, now, rng};
}

Agent::Agent(const Config& config, Instant now, Rng& rng) : config_(config), generation_began_(now) {
    current_.local = random_credentials(config, rng);
    tie_breaker_ = rng.u64();
}

Events Agent::handle_datagram(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx) {
    using wire::StunClass;
    Events events;
    if (datagram.size() > kCheckSizeMax) return ++counters_.malformed, events;
    const std::optional<wire::StunMessage> message = wire::parse_stun(datagram);
    if (!message) return ++counters_.malformed, events;
    if (is_verified_by(path, *message)) {
        verification_.reset();
        ++counters_.verified;
        ValidPath& valid = find_or_add(path);
        valid.generation = current_.number;
        valid.last_check = now;
        select(now, path, current_);
        state_ = State::Connected;
        events.push_back({Event::Kind::Selected, path});
        return events;
    }
    const bool is_indication = message->message_class == StunClass::Indication;
    if (message->method != wire::kStunBinding ||
        (message->message_class != StunClass::Request && !is_indication)) {
        return ++counters_.unexpected, events;
    }

    const Verdict verdict = authenticate(*message);
    if (is_indication) {
        ++counters_.indications;
        // Nobody is told that it arrived, so it proves nothing about a new path (RFC 8445 7.3).
        ValidPath* known = find(path);
        if (verdict.generation && known) refresh(now, *known, events);
        return events;
    }
    if (!verdict.generation) return ++(counters_.*verdict.refused_as), events;
    if (state_ == State::Failed) return ++counters_.failed, events;
    if (!send_reply(path, *message, *verdict.generation, datagram.size(), tx)) return events;
    if (message->ice_controlled) return ++counters_.role_conflicts, events;
    ++counters_.answered;
    accept(now, path, *message, *verdict.generation, events);
    return events;
}

// Not during a restart: the client is about to name a path by itself.
void Agent::verify(Instant now, const Path& path, TransmitQueue& tx) {
    const bool may_ask = selected_ && !previous_ && current_.remote && !is_valid_path(path);
    if (!may_ask || (verification_ && now - verification_->asked < kVerifyInterval)) return;
    if (!is_verifying(path)) {
        // Unknown to everybody else, and never used before.
        Verification next{path, {}, now};
        store_be64(next.transaction.data(), tie_breaker_);
        store_be32(next.transaction.data() + sizeof tie_breaker_, ++verifications_);
        verification_ = next;
    }
    const std::string username = current_.remote->ufrag + ":" + current_.local.ufrag;
    const MutableBytes room = tx.reserve(kCheckOverhead + username.size());
    if (room.empty()) return;
    verification_->asked = now;
    wire::StunWriter check{room, wire::StunClass::Request, wire::kStunBinding, verification_->transaction};
    check.username(username);
    check.priority(kCheckPriority);
    check.ice_controlled(tie_breaker_);
    check.append_integrity(crypto::hmac_sha1(as_bytes(current_.remote->pwd), check.integrity_input()));
    check.append_fingerprint();
    CHECK(check.ok());
    tx.commit(path, check.size());
}

bool Agent::is_verified_by(const Path& path, const wire::StunMessage& message) const {
    if (message.message_class != wire::StunClass::Success || message.method != wire::kStunBinding)
        return false;
    if (!is_verifying(path) || message.transaction_id != verification_->transaction) return false;
    if (!selected_ || previous_ || !current_.remote || !message.fingerprint_ok) return false;
    const auto mac =
        crypto::hmac_sha1(as_bytes(current_.remote->pwd), message.integrity_header, message.integrity_body);
    return crypto::equal_constant_time(mac, message.integrity);
}

// Cheapest first: what costs an HMAC has already named one of our random user names.
Agent::Verdict Agent::authenticate(const wire::StunMessage& message) const {
    if (!message.fingerprint_ok) return {nullptr, &Counters::no_fingerprint};
    const Generation* generation = message.username ? generation_of(*message.username) : nullptr;
    if (!generation) return {nullptr, &Counters::wrong_username};
    if (message.integrity.empty()) return {nullptr, &Counters::no_integrity};
    const auto mac =
        crypto::hmac_sha1(as_bytes(generation->local.pwd), message.integrity_header, message.integrity_body);
    if (!crypto::equal_constant_time(mac, message.integrity)) return {nullptr, &Counters::wrong_integrity};
    if (!message.unknown_required.empty()) return {nullptr, &Counters::unknown_attribute};
    return {generation, nullptr};
}

// USERNAME of a check towards us is "ours:theirs" (RFC 8445 7.2.2).
const Agent::Generation* Agent::generation_of(std::string_view username) const {
    const size_t colon = username.find(':');
    if (colon == std::string_view::npos) return nullptr;
    const std::string_view local = username.substr(0, colon);
    const std::string_view remote = username.substr(colon + 1);
    const Generation* generation = nullptr;
    if (local == current_.local.ufrag) generation = &current_;
    if (previous_ && local == previous_->local.ufrag) generation = &*previous_;
    if (!generation || remote.empty()) return nullptr;
    if (generation->remote && remote != generation->remote->ufrag) return nullptr;
    return generation;
}

// Success, or 487 when the client claims to be controlled, which only we can be. Never larger than the
// request. False: counted, and nothing was sent.
bool Agent::send_reply(const Path& path, const wire::StunMessage& request, const Generation& generation,
                       size_t size_max, TransmitQueue& tx) {
    const MutableBytes room = tx.reserve(kReplySizeMax);
    if (room.empty()) {
        ++counters_.queue_full;
        return false;
    }
    const bool role_conflict = request.ice_controlled.has_value();
    wire::StunWriter reply{room, role_conflict ? wire::StunClass::Error : wire::StunClass::Success,
                           wire::kStunBinding, request.transaction_id};
    if (role_conflict) {
        reply.error_code(kRoleConflict, "");
    } else {
        reply.xor_mapped_address(path.remote);
    }
    reply.append_integrity(crypto::hmac_sha1(as_bytes(generation.local.pwd), reply.integrity_input()));
    reply.append_fingerprint();
    CHECK(reply.ok());
    if (reply.size() > size_max) {
        ++counters_.reply_too_large;
        return false;
    }
    tx.commit(path, reply.size());
    return true;
}

// An authentic check of `path`, already answered: the path is valid, and perhaps nominated.
void Agent::accept(Instant now, const Path& path, const wire::StunMessage& message,
                   const Generation& generation, Events& events) {
    ValidPath& checked = find_or_add(path);
    checked.priority = message.priority.value_or(0);
    checked.generation = std::max(checked.generation, generation.number);
    checked.nominating = message.use_candidate;
    if (!checked.nominating || !is_preferred(now, checked, generation)) return refresh(now, checked, events);
    checked.last_check = now;
    select(now, path, generation);
    state_ = State::Connected;
    events.push_back({Event::Kind::Selected, path});
}

void Agent::refresh(Instant now, ValidPath& valid, Events& events) {
    valid.last_check = now;
    if (state_ != State::Disconnected || selected_ != valid.path) return;
    state_ = State::Connected;
    events.push_back({Event::Kind::Selected, valid.path});
}

// Whether a nomination of `candidate` changes anything.
bool Agent::is_preferred(Instant now, const ValidPath& candidate, const Generation& generation) const {
    const bool is_first_of_generation = previous_.has_value() && generation.number == current_.number;
    if (!selected_ || is_first_of_generation) return true;
    if (*selected_ == candidate.path) return false;
    const ValidPath* current = find(*selected_);
    CHECK(current);
    if (state_ == State::Disconnected || !current->nominating) return true;
    return now - first_nomination_ >= config_.aggressive_window || candidate.priority >= current->priority;
}

void Agent::select(Instant now, const Path& path, const Generation& generation) {
    const bool is_current = generation.number == current_.number;
    if (!selected_ || (previous_ && is_current)) first_nomination_ = now;
    selected_ = path;
    if (previous_ && is_current) retire_previous();
}

void Agent::retire_previous() {
    previous_.reset();
    StaticVector<ValidPath, kPathsMax> kept;
    for (const ValidPath& valid : paths_) {
        if (valid.generation == current_.number) kept.push_back(valid);
    }
    paths_ = kept;
}

Events Agent::handle_timeout(Instant now, TransmitQueue&) {
    Events events;
    drop_expired_paths(now);
    if (state_ == State::Connected && now >= find(*selected_)->last_check + config_.disconnect_after) {
        // From when it is noticed: after a pause of the whole process, checks may be waiting in the socket.
        disconnected_at_ = now;
        state_ = State::Disconnected;
        events.push_back({Event::Kind::Disconnected, *selected_});
    } else if (state_ != State::Failed && now >= fail_at()) {
        state_ = State::Failed;
        events.push_back({Event::Kind::Failed, selected_.value_or(Path{})});
        selected_.reset();
        previous_.reset();
        paths_.clear();
    }
    return events;
}

// never() while a selected path has its checks.
Instant Agent::fail_at() const {
    const Instant nomination_due = generation_began_ + config_.connect_timeout;
    if (state_ == State::New) return nomination_due;
    if (state_ != State::Disconnected) return Instant::never();
    const Instant due = disconnected_at_ + config_.fail_after;
    return previous_ ? std::max(due, nomination_due) : due;
}

Instant Agent::next_timeout() const {
    Instant next = fail_at();
    for (const ValidPath& valid : paths_) {
        const bool is_selected = selected_ == valid.path;
        if (!is_selected) next = soonest(next, valid.last_check + config_.path_timeout);
        if (is_selected && state_ == State::Connected) {
            next = soonest(next, valid.last_check + config_.disconnect_after);
        }
    }
    return next;
}

void Agent::drop_expired_paths(Instant now) {
    const auto is_kept = [&](const ValidPath& valid) {
        return selected_ == valid.path || now < valid.last_check + config_.path_timeout;
    };
    if (std::all_of(paths_.begin(), paths_.end(), is_kept)) return;
    StaticVector<ValidPath, kPathsMax> kept;
    for (const ValidPath& valid : paths_) {
        if (is_kept(valid)) kept.push_back(valid);
    }
    paths_ = kept;
}

void Agent::set_remote_credentials(Credentials remote) {
    current_.remote = std::move(remote);
}

Credentials Agent::restart(Instant now, Rng& rng) {
    const uint32_t number = current_.number + 1;
    if (selected_) {
        // A second restart before the first took effect: the selected path still belongs to the older one.
        if (!previous_) previous_ = std::move(current_);
    } else {
        paths_.clear();
        state_ = State::New;
    }
    current_ = Generation{random_credentials(config_, rng), {}, number};
    generation_began_ = now;
    return current_.local;
}

Events Agent::close_path(Instant now, const Path& path) {
    Events events;
    StaticVector<ValidPath, kPathsMax> kept;
    for (const ValidPath& valid : paths_) {
        if (valid.path != path) kept.push_back(valid);
    }
    paths_ = kept;
    if (selected_ != path) return events;
    selected_.reset();
    if (state_ == State::Connected) {
        state_ = State::Disconnected;
        disconnected_at_ = now;
        events.push_back({Event::Kind::Disconnected, path});
    }
    return events;
}

bool Agent::has_local_ufrag(std::string_view ufrag) const {
    return ufrag == current_.local.ufrag || (previous_ && ufrag == previous_->local.ufrag);
}

bool Agent::is_valid_path(const Path& path) const {
    return find(path) != nullptr;
}

const Agent::ValidPath* Agent::find(const Path& path) const {
    const auto has_path = [&](const ValidPath& valid) { return valid.path == path; };
    const auto found = std::find_if(paths_.begin(), paths_.end(), has_path);
    return found == paths_.end() ? nullptr : found;
}

Agent::ValidPath* Agent::find(const Path& path) {
    return const_cast<ValidPath*>(std::as_const(*this).find(path));
}

Agent::ValidPath& Agent::find_or_add(const Path& path) {
    if (ValidPath* known = find(path)) return *known;
    ValidPath added;
    added.path = path;
    if (paths_.try_push_back(added)) return paths_.back();
    ++counters_.paths_evicted;
    // Sorts the selected path behind all others.
    const auto is_staler = [&](const ValidPath& a, const ValidPath& b) {
        return std::pair{selected_ == a.path, a.last_check} < std::pair{selected_ == b.path, b.last_check};
    };
    ValidPath& stalest = *std::min_element(paths_.begin(), paths_.end(), is_staler);
    stalest = added;
    return stalest;
}

}  // namespace conclave::ice
