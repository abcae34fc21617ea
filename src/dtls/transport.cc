#include "dtls/transport.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "base/packet_pool.h"
#include "dtls/record_filter.h"

namespace conclave::dtls {

namespace {

struct Fingerprint {
    std::string algorithm;
    std::string value;
};

// The datagrams of our newest flight, as sent. Repeating them byte for byte is what a network that duplicates
// does: a receiver that has seen them drops them by their record numbers, one that has not takes them.
class Flight {
 public:
    // ServerHello to ServerHelloDone with a P-256 certificate is 900 bytes.
    static constexpr size_t kBytesMax = 8 << 10;

    void add(ByteView datagram) {
        if (bytes_.size() + datagram.size() > kBytesMax) return;
        bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
        sizes_.push_back(datagram.size());
    }
    void clear() {
        bytes_.clear();
        sizes_.clear();
    }
    size_t send(const Path& path, TransmitQueue& tx) const {
        size_t offset = 0;
        for (const size_t size : sizes_) {
            tx.push(path, ByteView{bytes_}.subspan(offset, size));
            offset += size;
        }
        return sizes_.size();
    }

 private:
    std::vector<uint8_t> bytes_;
    std::vector<size_t> sizes_;
};

class Sink final : public crypto::DatagramSink {
 public:
    Sink(const Path& path, TransmitQueue& tx, Flight* flight) : path_(path), tx_(tx), flight_(flight) {}
    void write_datagram(ByteView datagram) override {
        if (flight_ && !has_written_) flight_->clear();
        if (flight_) flight_->add(datagram);
        has_written_ = true;
        tx_.push(path_, datagram);
    }
    bool has_written() const { return has_written_; }

 private:
    const Path& path_;
    TransmitQueue& tx_;
    Flight* flight_;
    bool has_written_ = false;
};

}  // namespace

struct Transport::Impl {
    enum class State : uint8_t {
        Idle,
        Handshaking,
        Unproven,  // handshake complete, fingerprint not known yet
        Connected,
        Done,
    };
    using EngineState = crypto::DtlsEngine::State;

    std::optional<crypto::DtlsEngine> engine;  // let go when Done: it is 70 KB
    Role role;
    State state = State::Idle;
    Path path;
    RecordFilter filter{kHandshakeBytesMax};
    std::optional<Fingerprint> fingerprint;
    std::optional<KeyingMaterial> keying_material;
    Counters counters;

    Flight flight;
    Instant deadline = Instant::never();
    Instant retransmit_at = Instant::never();
    Duration retransmit_after = kRetransmitFirst;
    Instant resend_allowed_at{};

    std::array<uint8_t, RecordFilter::kHeldMax> held{};
    size_t held_size = 0;
    std::array<uint8_t, kPacketCapacity> plain{};

    bool is_shaking() const { return state == State::Idle || state == State::Handshaking; }

    void begin(Instant now) {
        if (state != State::Idle) return;
        state = State::Handshaking;
        deadline = now + kHandshakeMax;
    }

    void finish(Event::Kind kind, Events& events) {
        state = State::Done;
        engine.reset();
        keying_material.reset();
        flight.clear();
        deadline = retransmit_at = Instant::never();
        events.push_back({kind, {}});
    }

    void arm(Instant now) {
        retransmit_after = kRetransmitFirst;
        retransmit_at = now + retransmit_after;
    }

    // The one place where an association becomes Connected (RFC 8122 6.2: certificate against fingerprint).
    void prove(Events& events) {
        if ((state != State::Unproven && state != State::Connected) || !fingerprint) return;
        if (!engine->peer_certificate_matches(fingerprint->algorithm, fingerprint->value).value_or(false)) {
            finish(Event::Kind::Failed, events);
            return;
        }
        if (state == State::Connected) return;
        if (const auto exported = engine->export_srtp_keys()) {
            const bool is_server = role == Role::Server;
            keying_material =
                KeyingMaterial{exported->profile, is_server ? exported->client : exported->server,
                               is_server ? exported->server : exported->client};
        }
        state = State::Connected;
        deadline = Instant::never();
        events.push_back({Event::Kind::Connected, {}});
    }

    void handle_handshake_record(Instant now, ByteView record, TransmitQueue& tx, Events& events) {
        Sink sink{path, tx, &flight};
        engine->handle_record(record, {}, sink);
        if (engine->state() == EngineState::Failed || engine->state() == EngineState::Closed) {
            finish(Event::Kind::Failed, events);
        } else if (engine->state() == EngineState::Established) {
            // The server's flight is the last: it stays, for a peer that did not get it.
            if (role == Role::Client) flight.clear();
            retransmit_at = Instant::never();
            state = State::Unproven;
            prove(events);
        } else if (sink.has_written()) {
            arm(now);
        }
    }

    void handle_shaking(Instant now, const Record& record, TransmitQueue& tx, Events& events) {
        switch (filter.judge_handshaking(record, engine->reads_epoch_1())) {
            case Verdict::Pass:
                handle_handshake_record(now, record.bytes, tx, events);
                break;
            case Verdict::Hold:
                std::copy(record.bytes.begin(), record.bytes.end(), held.begin());
                held_size = record.bytes.size();
                return;
            case Verdict::Resend:
            case Verdict::Drop:
                ++counters.records_dropped;
                return;
        }
        if (state == State::Handshaking && held_size > 0 && engine->reads_epoch_1()) {
            const ByteView early = ByteView{held}.first(std::exchange(held_size, 0));
            handle_handshake_record(now, early, tx, events);
        }
    }

    void resend_last_flight(Instant now, TransmitQueue& tx) {
        if (now < resend_allowed_at) return;
        resend_allowed_at = now + kRetransmitFirst;
        counters.retransmissions += flight.send(path, tx);
    }

    // Returns the plain bytes used.
    size_t handle_established(Instant now, const Record& record, MutableBytes room, TransmitQueue& tx,
                              Events& events) {
        const Verdict verdict = RecordFilter::judge_established(record);
        if (verdict == Verdict::Resend) resend_last_flight(now, tx);
        const bool is_data = record.type == ContentType::ApplicationData;
        const bool is_refused =
            is_data && (state != State::Connected || events.size() > kApplicationRecordsMax);
        if (verdict != Verdict::Pass || is_refused) {
            if (verdict != Verdict::Resend) ++counters.records_dropped;
            return 0;
        }
        Sink sink{path, tx, nullptr};
        const size_t size = engine->handle_record(record.bytes, room, sink);
        if (engine->state() == EngineState::Closed) {
            finish(state == State::Connected ? Event::Kind::Closed : Event::Kind::Failed, events);
        } else if (engine->state() == EngineState::Failed) {
            finish(Event::Kind::Failed, events);
        } else if (size > 0) {
            events.push_back({Event::Kind::ApplicationData, room.first(size)});
        }
        return size;
    }
};

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;
Transport::~Transport() = default;

Result<Transport> Transport::create(const crypto::DtlsContext& context, Role role) {
    crypto::DtlsEngine engine = TRY(crypto::DtlsEngine::create(context, role));
    auto impl = std::make_unique<Impl>();
    impl->engine.emplace(std::move(engine));
    impl->role = role;
    return Transport{std::move(impl)};
}

void Transport::start(Instant now, const Path& path, TransmitQueue& tx) {
    if (impl_->state != Impl::State::Idle || impl_->role != Role::Client) return;
    impl_->path = path;
    impl_->begin(now);
    Sink sink{impl_->path, tx, &impl_->flight};
    impl_->engine->start(sink);
    impl_->arm(now);
}

Events Transport::handle_datagram(Instant now, const Path& path, ByteView datagram, TransmitQueue& tx) {
    Events events;
    if (datagram.size() > kPacketCapacity) {
        ++impl_->counters.records_dropped;
        return events;
    }
    // A client speaks first, by start().
    if (impl_->state == Impl::State::Idle && impl_->role == Role::Client) return events;
    impl_->path = path;
    MutableBytes room = impl_->plain;
    while (!datagram.empty() && impl_->state != Impl::State::Done) {
        const auto record = take_record(datagram);
        if (!record) {
            ++impl_->counters.records_dropped;
            break;
        }
        impl_->begin(now);
        if (impl_->is_shaking()) {
            impl_->handle_shaking(now, *record, tx, events);
        } else {
            room = room.subspan(impl_->handle_established(now, *record, room, tx, events));
        }
    }
    return events;
}

Events Transport::handle_timeout(Instant now, TransmitQueue& tx) {
    Events events;
    if (now >= impl_->deadline) {
        impl_->finish(Event::Kind::Failed, events);
    } else if (now >= impl_->retransmit_at) {
        impl_->counters.retransmissions += impl_->flight.send(impl_->path, tx);
        impl_->retransmit_after = impl_->retransmit_after * 2;
        impl_->retransmit_at = now + impl_->retransmit_after;
    }
    return events;
}

Instant Transport::next_timeout() const {
    return soonest(impl_->deadline, impl_->retransmit_at);
}

Events Transport::set_remote_fingerprint(std::string algorithm, std::string value) {
    Events events;
    if (impl_->state == Impl::State::Done) return events;
    impl_->fingerprint = Fingerprint{std::move(algorithm), std::move(value)};
    impl_->prove(events);
    return events;
}

bool Transport::send(Instant, ByteView application_data, const Path& path, TransmitQueue& tx) {
    if (impl_->state != Impl::State::Connected) return false;
    impl_->path = path;
    Sink sink{impl_->path, tx, nullptr};
    return impl_->engine->send(application_data, sink);
}

void Transport::close(const Path& path, TransmitQueue& tx) {
    if (impl_->state == Impl::State::Done) return;
    impl_->path = path;
    Sink sink{impl_->path, tx, nullptr};
    impl_->engine->close(sink);
    Events ignored;
    impl_->finish(Event::Kind::Closed, ignored);
}

bool Transport::is_connected() const {
    return impl_->state == Impl::State::Connected;
}
const std::optional<KeyingMaterial>& Transport::keying_material() const {
    return impl_->keying_material;
}
const Counters& Transport::counters() const {
    return impl_->counters;
}

}  // namespace conclave::dtls
