#include "bwe/probe_meter.h"

#include <algorithm>

namespace conclave::bwe {
namespace {

// So much of it has to arrive.
constexpr double kEnough = 0.8;
// An arrival that much faster than the sending was held up and let go again.
constexpr uint64_t kCompressed = 2;

uint64_t bits_a_second(uint64_t bytes, Duration in) {
    return bytes * 8'000'000 / static_cast<uint64_t>(in.us);
}

}  // namespace

void ProbeMeter::begin(ClusterId cluster) {
    *this = {};
    cluster_ = cluster;
}

void ProbeMeter::add(const PacketResult& packet) {
    if (packet.cluster == 0 || packet.cluster != cluster_ || !packet.is_received()) return;
    if (packets_ == 0) {
        first_sent_ = packet.sent;
        first_arrived_ = packet.arrived;
    }
    if (packets_ == 0 || packet.sent > last_sent_) {
        last_sent_ = packet.sent;
        last_arrived_ = packet.arrived;
        last_bytes_ = 0;
    }
    ++packets_;
    bytes_ += packet.size;
    if (packet.sent == last_sent_) last_bytes_ += packet.size;
}

std::optional<ProbeMeter::Result> ProbeMeter::take_result(double loss) {
    if (expected_ == 0 || packets_ < 2 || packets_ < kEnough * (1 - loss) * expected_) return std::nullopt;
    const Duration sending = last_sent_ - first_sent_;
    const Duration arriving = last_arrived_ - first_arrived_;
    // Of one burst alone: more may come.
    if (sending.us <= 0 || arriving.us <= 0) return std::nullopt;
    cluster_ = 0;
    expected_ = 0;
    // The last burst only ends the time that the others took.
    const uint64_t sent = bits_a_second(bytes_ - last_bytes_, sending);
    const uint64_t arrived = bits_a_second(bytes_ - last_bytes_, arriving);
    if (arrived > kCompressed * sent) return Result{};
    // A full link is left some air: its queue is to empty again.
    const bool is_full = arrived * 10 < sent * 9;
    const auto carried = static_cast<double>(is_full ? arrived * 95 / 100 : std::min(sent, arrived));
    return Result{{static_cast<uint64_t>(carried / (1 - loss))}, is_full};
}

}  // namespace conclave::bwe
