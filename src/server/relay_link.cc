#include "server/relay_link.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"

namespace conclave::server {
namespace {

namespace relay = conference::relay;

// How far back one is looked for that waits already: a worker that hangs must not slow the others down.
constexpr size_t kRenewedBack = 1024;

bool is_reliable_data(const relay::Message& message) {
    const auto* data = std::get_if<relay::Data>(&message);
    return data && data->channel == livekit::DataChannel::Reliable;
}

// A newer message about the same says all that this one does.
std::optional<uint64_t> subject_of(const relay::Message& message) {
    if (const auto* person = std::get_if<relay::Person>(&message)) return person->key;
    if (const auto* quality = std::get_if<relay::Quality>(&message)) return quality->key;
    if (const auto* interest = std::get_if<relay::Interest>(&message)) return interest->track;
    if (const auto* wanted = std::get_if<relay::Keyframe>(&message))
        return uint64_t{wanted->track} << 8 | wanted->encoding;
    if (const auto* clock = std::get_if<relay::Clock>(&message))
        return uint64_t{clock->track} << 8 | clock->encoding;
    return std::nullopt;
}

// Who or what a key names may be another before and after it.
bool is_turning_point(const relay::Message& message) {
    return std::holds_alternative<relay::Gone>(message) || std::holds_alternative<relay::Bye>(message) ||
           std::holds_alternative<relay::Hello>(message) || std::holds_alternative<relay::State>(message);
}

}  // namespace

size_t relay_cost(const relay::Message& message) {
    if (const auto* media = std::get_if<relay::Media>(&message))
        return kRelayCostMin + media->bytes.size() + media->packets.size() * sizeof(relay::Packet);
    if (const auto* data = std::get_if<relay::Data>(&message))
        return kRelayCostMin + data->packet.bytes.size();
    if (const auto* person = std::get_if<relay::Person>(&message))
        return kRelayCostMin + person->info.ByteSizeLong();
    return kRelayCostMin;
}

void RelayLink::send(conference::ToPart&& message) {
    // Nothing overtakes what waits: nobody may be heard of after leaving.
    if (waiting_.empty() && post_(message)) return;
    keep(std::move(message));
}

void RelayLink::flush() {
    while (!waiting_.empty()) {
        const size_t cost =
            is_reliable_data(waiting_.front().message) ? relay_cost(waiting_.front().message) : 0;
        if (!post_(waiting_.front())) return;
        waiting_data_ -= cost;
        waiting_.pop_front();
    }
}

void RelayLink::keep(conference::ToPart&& message) {
    // Late they are worth nothing. Receivers conceal what is missing or ask for a key frame.
    if (const auto* media = std::get_if<relay::Media>(&message.message)) {
        drops_.packets += media->packets.size();
        return;
    }
    if (is_reliable_data(message.message)) {
        const size_t cost = relay_cost(message.message);
        if (waiting_data_ + cost > kDataMax) {
            ++drops_.reliable_data;
            return;
        }
        waiting_data_ += cost;
    } else if (std::holds_alternative<relay::Data>(message.message)) {
        ++drops_.lossy_data;
        return;
    } else if (renew(message)) {
        return;
    }
    waiting_.push_back(std::move(message));
    CHECK(waiting_.size() <= kWaitingMax);
}

// A client that changes its name or what it watches without end makes one message wait, not all of them.
bool RelayLink::renew(conference::ToPart& message) {
    const auto subject = subject_of(message.message);
    const size_t end = subject ? waiting_.size() : 0;
    for (size_t i = end; i > end - std::min(end, kRenewedBack); --i) {
        conference::ToPart& earlier = waiting_[i - 1];
        if (earlier.room != message.room) continue;
        if (is_turning_point(earlier.message)) return false;
        if (earlier.message.index() != message.message.index() || subject_of(earlier.message) != subject)
            continue;
        earlier.message = std::move(message.message);
        return true;
    }
    return false;
}

}  // namespace conclave::server
