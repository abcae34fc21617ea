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

class Sink final : public crypto::DatagramSink {
 public:
    Sink(const Path& path, TransmitQueue& tx) : path_(path), tx_(tx) {}
    void write_datagram(ByteView datagram) override { tx_.push(path_, datagram); }

 private:
    const Path& path_;
    TransmitQueue& tx_;
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

    // One of the three at most; engine and handshake are let go when Done: they are 70 KB.
    std::unique_ptr<Handshake> handshake;
    // Only its address: as long as it is away no other can have the same.
    const Handshake* away = nullptr;
    std::optional<crypto::DtlsEngine> engine;  // once the handshake is complete

    Role role;
    State state = State::Idle;
    Path path;
    Datagrams waiting;  // for the handshake
    std::optional<Fingerprint> fingerprint;
    std::optional<crypto::DtlsEngine::ExportedKeys> exported;
    std::optional<KeyingMaterial> keying_material;
    Counters counters;

    // Our newest. Repeating it byte for byte is what a network that duplicates does: a receiver that has seen
    // the datagrams drops them by their record numbers, one that has not takes them.
    Datagrams flight;
    Instant deadline = Instant::never();
    Instant retransmit_at = Instant::never();
    Duration retransmit_after = kRetransmitFirst;
    Instant resend_allowed_at{};

    std::array<uint8_t, kPacketCapacity> plain{};

    bool is_shaking() const { return state == State::Idle || state == State::Handshaking; }

    void begin(Instant now) {
        if (state != State::Idle) return;
        state = State::Handshaking;
        deadline = now + kHandshakeMax;
    }

    void finish(Event::Kind kind, Events& events) {
        state = State::Done;
        handshake.reset();
        away = nullptr;
        engine.reset();
        exported.reset();
        keying_material.reset();
        waiting.clear();
        flight.clear();
        deadline = retransmit_at = Instant::never();
        events.push_back({kind, {}});
    }

    // The one place where an association becomes Connected (RFC 8122 6.2: certificate against fingerprint).
    void prove(Events& events) {
        if ((state != State::Unproven && state != State::Connected) || !fingerprint) return;
        if (!engine->peer_certificate_matches(fingerprint->algorithm, fingerprint->value).value_or(false)) {
            finish(Event::Kind::Failed, events);
            return;
        }
        if (state == State::Connected) return;
        if (exported) {
            const bool is_server = role == Role::Server;
            keying_material =
                KeyingMaterial{exported->profile, is_server ? exported->client : exported->server,
                               is_server ? exported->server : exported->client};
            exported.reset();
        }
        state = State::Connected;
        deadline = Instant::never();
        events.push_back({Event::Kind::Connected, {}});
    }

    void send_flight(Instant now, TransmitQueue& tx) {
        flight = std::exchange(handshake->flight_, {});
        flight.send(path, tx);
        retransmit_after = kRetransmitFirst;
        retransmit_at = now + retransmit_after;
    }

    void wait(Instant now, ByteView datagram) {
        ByteView rest = datagram;
        if (!take_record(rest)) {
            ++counters.records_dropped;
            return;
        }
        begin(now);
        if (!waiting.add(datagram)) ++counters.datagrams_dropped;
    }

    void handle_handshake(Instant now, TransmitQueue& tx, Events& events) {
        counters.records_dropped += std::exchange(handshake->records_dropped_, 0);
        if (!handshake->flight_.empty()) send_flight(now, tx);
        switch (handshake->engine_.state()) {
            case EngineState::Handshaking:
                return;
            case EngineState::Established:
                return complete(now, tx, events);
            case EngineState::Closed:
            case EngineState::Failed:
                return finish(Event::Kind::Failed, events);
        }
    }

    void complete(Instant now, TransmitQueue& tx, Events& events) {
        const std::unique_ptr<Handshake> done = std::move(handshake);
        engine.emplace(std::move(done->engine_));
        exported = done->keys_;
        // The server's flight is the last: it stays, for a peer that did not get it.
        if (role == Role::Client) flight.clear();
        retransmit_at = Instant::never();
        state = State::Unproven;
        prove(events);
        MutableBytes room = plain;
        const auto handle_later = [&](ByteView datagram) { handle_sealed(now, datagram, room, tx, events); };
        done->rest_.for_each(handle_later);
        std::exchange(waiting, {}).for_each(handle_later);
    }

    // Takes off `room` what it uses of it.
    void handle_sealed(Instant now, ByteView datagram, MutableBytes& room, TransmitQueue& tx,
                       Events& events) {
        while (!datagram.empty() && state != State::Done) {
            const auto record = take_record(datagram);
            if (!record) {
                ++counters.records_dropped;
                return;
            }
            room = room.subspan(handle_established(now, *record, room, tx, events));
        }
    }

    void resend_last_flight(Instant now, TransmitQueue& tx) {
        if (now < resend_allowed_at) return;
        resend_allowed_at = now + kRetransmitFirst;
        retransmit(tx);
    }

    void retransmit(TransmitQueue& tx) {
        flight.send(path, tx);
        counters.retransmissions += flight.count();
    }

    // Returns the plain bytes used.
    size_t handle_established(Instant now, const Record& record, MutableBytes room, TransmitQueue& tx,
                              Events& events) {
        const Verdict verdict = RecordFilter::judge_established(record);
        if (verdict == Verdict::Resend) resend_last_flight(now, tx);
        const bool is_data = record.type == ContentType::ApplicationData;
        // `room` is short only for what came before our last flight: nobody has data to send then.
        const bool is_refused =
            record.body.size() > room.size() ||
            (is_data && (state != State::Connected || events.size() > kApplicationRecordsMax));
        if (verdict != Verdict::Pass || is_refused) {
            if (verdict != Verdict::Resend) ++counters.records_dropped;
            return 0;
        }
        Sink sink{path, tx};
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
    impl->handshake = std::make_unique<Handshake>(std::move(engine));
    impl->role = role;
    return Transport{std::move(impl)};
}

void Transport::start(Instant now, const Path& path, TransmitQueue& tx) {
    if (impl_->state != Impl::State::Idle || impl_->role != Role::Client) return;
    impl_->path = path;
    impl_->begin(now);
    impl_->handshake->start();
    impl_->send_flight(now, tx);
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
    if (impl_->is_shaking()) {
        impl_->wait(now, datagram);
    } else {
        MutableBytes room = impl_->plain;
        impl_->handle_sealed(now, datagram, room, tx, events);
    }
    return events;
}

std::unique_ptr<Handshake> Transport::take_handshake() {
    if (!impl_->handshake || impl_->waiting.empty()) return nullptr;
    impl_->handshake->input_ = std::exchange(impl_->waiting, {});
    impl_->handshake->has_run_ = false;
    impl_->away = impl_->handshake.get();
    return std::move(impl_->handshake);
}

Events Transport::put_back(Instant now, std::unique_ptr<Handshake> handshake, TransmitQueue& tx) {
    Events events;
    if (!handshake || handshake.get() != impl_->away) return events;
    impl_->away = nullptr;
    impl_->handshake = std::move(handshake);
    if (impl_->handshake->has_run_) {
        impl_->handle_handshake(now, tx, events);
    } else {
        impl_->counters.datagrams_dropped += impl_->handshake->input_.count() + impl_->waiting.count();
        impl_->handshake->input_.clear();
        impl_->waiting.clear();
    }
    return events;
}

Events Transport::handle_timeout(Instant now, TransmitQueue& tx) {
    Events events;
    if (now >= impl_->deadline) {
        impl_->finish(Event::Kind::Failed, events);
    } else if (now >= impl_->retransmit_at && !impl_->away) {
        impl_->retransmit(tx);
        impl_->retransmit_after = impl_->retransmit_after * 2;
        impl_->retransmit_at = now + impl_->retransmit_after;
    }
    return events;
}

Instant Transport::next_timeout() const {
    // While the handshake is away the peer waits for us, not we for it.
    return impl_->away ? impl_->deadline : soonest(impl_->deadline, impl_->retransmit_at);
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
    Sink sink{impl_->path, tx};
    return impl_->engine->send(application_data, sink);
}

void Transport::close(const Path& path, TransmitQueue& tx) {
    if (impl_->state == Impl::State::Done) return;
    impl_->path = path;
    Sink sink{impl_->path, tx};
    if (impl_->engine) impl_->engine->close(sink);
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

Events handle_datagram_in_place(Transport& transport, Instant now, const Path& path, ByteView datagram,
                                TransmitQueue& tx) {
    const Events events = transport.handle_datagram(now, path, datagram, tx);
    auto handshake = transport.take_handshake();
    if (!handshake) return events;
    handshake->run();
    return transport.put_back(now, std::move(handshake), tx);
}

}  // namespace conclave::dtls
