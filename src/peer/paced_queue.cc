#include "peer/paced_queue.h"

#include <utility>

namespace conclave::peer {

void PacedQueue::push(Waiting waiting) {
    if (size() == kPacketsMax) drop_frame();
    packets_.push_back(std::move(waiting));
}

void PacedQueue::pop() {
    packets_[begin_].packet = {};
    ++begin_;
    if (empty()) {
        packets_.clear();
        begin_ = 0;
    } else if (begin_ >= kPacketsMax / 4) {
        packets_.erase(packets_.begin(), packets_.begin() + static_cast<ptrdiff_t>(begin_));
        begin_ = 0;
    }
}

// A frame without its first packets is none.
void PacedQueue::drop_frame() {
    const Outgoing frame = front().as;
    while (!empty() && front().as.egress == frame.egress && front().as.timestamp == frame.timestamp) {
        pop();
        ++dropped_;
    }
}

void PacedQueue::expire(Instant now) {
    while (!empty() && now - front().since > kWaitMax) drop_frame();
}

}  // namespace conclave::peer
