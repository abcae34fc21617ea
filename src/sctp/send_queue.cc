#include "sctp/send_queue.h"

#include <algorithm>
#include <utility>

namespace conclave::sctp {

void SendQueue::start(uint32_t initial_tsn, uint32_t peer_window, bool peer_forwards) {
    started_ = true;
    peer_forwards_ = peer_forwards;
    next_tsn_ = (int64_t{1} << 32) + initial_tsn;
    acknowledged_ = forward_point_ = next_tsn_ - 1;
    peer_window_ = peer_window;
    slow_start_threshold_ = peer_window;  // RFC 9260 7.2.1
}

bool SendQueue::push(const OutgoingMessage& message, ByteView payload) {
    if (!message.exempt &&
        (payload.size() > capacity_ - std::min(capacity_, buffered_) || queued_ >= kQueuedMessagesMax))
        return false;
    Stream& stream = streams_[message.stream];
    if (stream.queue.empty()) ready_.push_back(message.stream);
    Queued queued;
    queued.options = message;
    queued.payload.assign(payload.begin(), payload.end());
    stream.queue.push_back(std::move(queued));
    stream.buffered += payload.size();
    buffered_ += payload.size();
    ++queued_;
    return true;
}

void SendQueue::fill(Instant now, wire::SctpWriter& writer) {
    if (!started_) return;
    retransmit_lost(now, writer);
    if (lost_ == 0) send_new(now, writer);
    burst_credit_ = false;
}

bool SendQueue::has_output() const {
    if (!started_ || (lost_ == 0 && queued_ == 0 && !fragmenting())) return false;
    return outstanding_ < congestion_window_ || burst_credit_;
}

void SendQueue::restart_stream(uint16_t stream) {
    const auto it = streams_.find(stream);
    if (it != streams_.end()) it->second.next_ssn = 0;
}

size_t SendQueue::buffered(uint16_t stream) const {
    const auto it = streams_.find(stream);
    return it == streams_.end() ? 0 : it->second.buffered;
}

bool SendQueue::fragmenting() const {
    return !messages_.empty() && !messages_.back().abandoned &&
           messages_.back().sent < messages_.back().payload.size();
}

bool SendQueue::has_expired(const Queued& message, Instant now) const {
    return peer_forwards_ && message.options.expires <= now;
}

void SendQueue::retransmit_lost(Instant now, wire::SctpWriter& writer) {
    for (int64_t tsn = acknowledged_ + 1; lost_ > 0 && tsn < next_tsn_; ++tsn) {
        Fragment& f = fragment(tsn);
        if (f.fate != Fate::Lost) continue;
        if (has_expired(message_of(f), now)) {
            abandon(f.message);
            continue;
        }
        // With nothing in flight one packet may always go (RFC 9260 6.1 A, 7.2.3).
        const bool may_send =
            burst_credit_ || outstanding_ == 0 || outstanding_ + f.size <= congestion_window_;
        if (!may_send || writer.room() < wire::kSctpDataHeaderSize + f.size) return;
        write(now, tsn, writer);
    }
}

void SendQueue::send_new(Instant now, wire::SctpWriter& writer) {
    while (fragments_.size() < kInFlightMax && outstanding_ < congestion_window_) {
        // A closed window is probed with one fragment at a time (RFC 9260 6.1 A).
        if (outstanding_ > 0 && peer_window_ == 0) return;
        if (writer.room() < wire::kSctpDataHeaderSize + 4) return;
        if (!fragmenting() && !begin_next(now)) return;
        Queued& message = messages_.back();
        if (has_expired(message, now)) {
            abandon(first_message_ + messages_.size() - 1);
            continue;
        }
        const size_t left = message.payload.size() - message.sent;
        const size_t size = std::min(left, writer.room() - wire::kSctpDataHeaderSize);
        // No crumbs at the end of a packet: a long message goes on in the next one.
        if (size < left && writer.room() < mtu_ / 2) return;
        if (outstanding_ > 0 && size > peer_window_) return;
        Fragment f;
        f.message = first_message_ + messages_.size() - 1;
        f.offset = message.sent;
        f.size = size;
        f.begins = message.sent == 0;
        f.ends = size == left;
        f.fate = Fate::Lost;  // write() puts it in flight
        ++lost_;
        message.sent += size;
        message.last_tsn = next_tsn_;
        fragments_.push_back(f);
        write(now, next_tsn_++, writer);
    }
}

// The next message in turn, past those whose time is over before they began: these have no TSN yet,
// so the far side need not know.
bool SendQueue::begin_next(Instant now) {
    while (!ready_.empty()) {
        const uint16_t id = ready_.front();
        Stream& stream = streams_[id];
        ready_.pop_front();
        Queued message = std::move(stream.queue.front());
        stream.queue.pop_front();
        --queued_;
        const bool expired = has_expired(message, now);
        if (!stream.queue.empty()) expired ? ready_.push_front(id) : ready_.push_back(id);
        if (expired) {
            release(id, message.payload.size());
            ++abandoned_;
            continue;
        }
        message.ssn = message.options.unordered ? uint16_t{0} : stream.next_ssn++;
        message.first_tsn = next_tsn_;
        message.last_tsn = next_tsn_;
        messages_.push_back(std::move(message));
        return true;
    }
    return false;
}

void SendQueue::write(Instant now, int64_t tsn, wire::SctpWriter& writer) {
    Fragment& f = fragment(tsn);
    const Queued& message = message_of(f);
    wire::SctpData data;
    data.tsn = static_cast<uint32_t>(tsn);
    data.stream = message.options.stream;
    data.ssn = message.ssn;
    data.ppid = message.options.ppid;
    data.unordered = message.options.unordered;
    data.begins = f.begins;
    data.ends = f.ends;
    data.payload = ByteView(message.payload).subspan(f.offset, f.size);
    writer.data(data);
    if (f.transmissions++ > 0) ++retransmissions_;
    f.sent_at = now;
    f.missing = 0;
    f.fate = Fate::InFlight;
    --lost_;
    outstanding_ += f.size;
    peer_window_ -= std::min(peer_window_, f.size);
}

void SendQueue::release(uint16_t stream, size_t bytes) {
    streams_[stream].buffered -= bytes;
    buffered_ -= bytes;
}

}  // namespace conclave::sctp
