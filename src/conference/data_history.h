// What was said on the reliable channels a moment ago, for those who were not there yet or had lost the line,
// and which packets are repeats. One per conference; bounded in time and bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/time.h"

namespace conclave::conference {

class DataHistory {
 public:
    static constexpr Duration kAge = Duration::seconds(2);
    static constexpr size_t kBytesMax = 100 * 1024;
    // A packet sent again by an impatient application comes within seconds.
    static constexpr size_t kNoncesMax = 1024;

    struct Message {
        Instant at;
        std::string sender_sid;
        std::string sender_identity;
        uint32_t sequence = 0;  // 0: not numbered
        std::vector<std::string> destination_identities;
        std::vector<std::string> destination_sids;
        std::string bytes;
    };

    void add(Message message);
    // Oldest first. Valid until the next call.
    const std::deque<Message>& recent(Instant now);
    size_t bytes() const { return bytes_; }

    // Whether a packet with this nonce comes for the first time, as far as we remember. Empty: always.
    bool is_first(const std::string& nonce);

 private:
    void drop_oldest();

    std::deque<Message> messages_;
    size_t bytes_ = 0;
    std::deque<std::string> nonces_;
    std::unordered_set<std::string> known_nonces_;
};

}  // namespace conclave::conference
