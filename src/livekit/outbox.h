// Outgoing signalling frames of one client: sessions append, the owner of the socket takes.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/shared_bytes.h"

namespace conclave::livekit {

// One WebSocket message: binary protobuf, or proto3 JSON as text.
struct Frame {
    SharedBytes payload;
    bool is_text = false;
};

class Outbox {
 public:
    // A client that leaves this much unread is gone or hostile. Signalling cannot lose a message in the
    // middle, so the outbox overflows for good and the owner closes the socket; the client resumes and gets
    // the whole state.
    static constexpr size_t kFramesMax = 2048;
    static constexpr size_t kBytesMax = 8 * 1024 * 1024;

    void push(SharedBytes payload, bool is_text) {
        if (overflowed_) return;
        if (frames_.size() == kFramesMax || payload.size() > kBytesMax - bytes_) {
            overflowed_ = true;
            return;
        }
        bytes_ += payload.size();
        frames_.push_back({std::move(payload), is_text});
    }

    const std::vector<Frame>& frames() const { return frames_; }
    size_t bytes() const { return bytes_; }
    bool empty() const { return frames_.empty(); }
    bool overflowed() const { return overflowed_; }
    // Hands over what has been appended. An overflow stays.
    std::vector<Frame> take() {
        bytes_ = 0;
        return std::exchange(frames_, {});
    }

 private:
    std::vector<Frame> frames_;
    size_t bytes_ = 0;
    bool overflowed_ = false;
};

}  // namespace conclave::livekit
