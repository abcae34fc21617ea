// Data channels: SCTP over DTLS, addressed by label as LiveKit does.
#include <algorithm>

#include "peer/peer.h"

namespace conclave::peer {
namespace {

// What waits for a reliable channel that is not open yet: the messages of a room's first moments.
constexpr size_t kPendingMessagesMax = 256;
constexpr size_t kPendingBytesMax = size_t{256} << 10;
constexpr std::string_view kReliable = "_reliable";
constexpr std::string_view kLossy = "_lossy";
constexpr std::string_view kDataTrack = "_data_track";

}  // namespace

void Peer::handle_sctp_events(Instant now, sctp::Events&& sctp_events, Events& events, TransmitQueue& tx) {
    for (sctp::Event& event : sctp_events) {
        if (auto* opened = std::get_if<sctp::Opened>(&event)) {
            channels_[opened->label] = opened->id;
            flush_pending_data(now, opened->label, tx);
        } else if (auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
            for (const auto& [label, id] : channels_) {
                if (id != message->id) continue;
                data_messages_.push_back(
                    {label, message->binary, {message->payload.begin(), message->payload.end()}});
            }
        } else if (auto* closed = std::get_if<sctp::Closed>(&event)) {
            std::erase_if(channels_, [&](const auto& entry) { return entry.second == closed->id; });
        } else if (std::get_if<sctp::Failed>(&event)) {
            channels_.clear();
            has_failed_ = is_over_ = true;
            if (!events.notices.full()) events.notices.push_back({Signal::Failed, 0});
        }
    }
}

// Clients find them by their labels (LiveKit's classic subscriber connection).
void Peer::open_channels(Instant now) {
    data_.connect(now, sctp_out_);
    for (const std::string_view label : {kReliable, kLossy, kDataTrack}) {
        sctp::ChannelOptions options;
        options.label = label;
        options.ordered = label == kReliable;
        if (label != kReliable) options.max_retransmits = 0;
        // Refused only when the association is over, which is reported on its own.
        (void)data_.open(now, options, sctp_out_);
    }
}

Status Peer::send_data(Instant now, std::string_view label, ByteView message, TransmitQueue& tx) {
    const auto it = channels_.find(std::string(label));
    if (it != channels_.end()) {
        auto status = data_.send(now, it->second, true, message, sctp_out_);
        flush_sctp(now, tx);
        if (!status) ++counters_.data_dropped;
        return status;
    }
    const bool fits = pending_data_.size() < kPendingMessagesMax &&
                      message.size() <= kPendingBytesMax - pending_data_bytes_;
    if (label != kReliable || !fits) {
        ++counters_.data_dropped;
        return failure("the data channel is not open");
    }
    pending_data_bytes_ += message.size();
    pending_data_.push_back({std::string(label), {message.begin(), message.end()}});
    return Ok{};
}

void Peer::flush_pending_data(Instant now, const std::string& label, TransmitQueue& tx) {
    if (label != kReliable) return;
    std::vector<PendingData> pending = std::exchange(pending_data_, {});
    pending_data_bytes_ = 0;
    for (const PendingData& message : pending) (void)send_data(now, message.label, message.bytes, tx);
}

void Peer::flush_sctp(Instant now, TransmitQueue& tx) {
    if (send_path_) {
        for (const auto& packet : sctp_out_.datagrams()) {
            (void)dtls_.send(now, sctp_out_.bytes(packet), *send_path_, tx);
        }
    }
    sctp_out_.clear();
}

size_t Peer::unsent_data(std::string_view label) const {
    const auto it = channels_.find(std::string(label));
    if (it == channels_.end()) return 0;
    const size_t buffered = data_.buffered_amount(it->second);
    return buffered - std::min(buffered, data_.association().send_queue().outstanding());
}

}  // namespace conclave::peer
