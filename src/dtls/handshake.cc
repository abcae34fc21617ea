#include "dtls/handshake.h"

#include <algorithm>

namespace conclave::dtls {
namespace {

// The answer to one record is a flight; a newer one takes its place.
class Sink final : public crypto::DatagramSink {
 public:
    explicit Sink(Datagrams& flight) : flight_(flight) {}
    void write_datagram(ByteView datagram) override {
        if (!std::exchange(has_written_, true)) flight_.clear();
        (void)flight_.add(datagram);
    }

 private:
    Datagrams& flight_;
    bool has_written_ = false;
};

}  // namespace

void Handshake::run() {
    has_run_ = true;
    input_.for_each([this](ByteView datagram) { handle(datagram); });
    input_.clear();
    if (engine_.state() == State::Established) keys_ = engine_.export_srtp_keys();
}

void Handshake::start() {
    Sink sink{flight_};
    engine_.start(sink);
}

void Handshake::handle(ByteView datagram) {
    while (!datagram.empty() && engine_.state() == State::Handshaking) {
        const auto record = take_record(datagram);
        if (!record) {
            ++records_dropped_;
            return;
        }
        handle(*record);
    }
    if (!datagram.empty()) (void)rest_.add(datagram);
}

void Handshake::handle(const Record& record) {
    switch (filter_.judge_handshaking(record, engine_.reads_epoch_1())) {
        case Verdict::Pass:
            pass(record.bytes);
            break;
        case Verdict::Hold:
            std::copy(record.bytes.begin(), record.bytes.end(), held_.begin());
            held_size_ = record.bytes.size();
            return;
        case Verdict::Resend:
        case Verdict::Drop:
            ++records_dropped_;
            return;
    }
    if (engine_.state() == State::Handshaking && held_size_ > 0 && engine_.reads_epoch_1())
        pass(ByteView{held_}.first(std::exchange(held_size_, 0)));
}

void Handshake::pass(ByteView record) {
    Sink sink{flight_};
    engine_.handle_record(record, {}, sink);
}

}  // namespace conclave::dtls
