#include "conference/data_history.h"

#include <utility>

namespace conclave::conference {
namespace {

// What a message costs beyond its bytes, so that many small ones count as well.
constexpr size_t kOverhead = 128;

size_t size_of(const DataHistory::Message& message) {
    size_t size = kOverhead + message.bytes.size();
    for (const std::string& identity : message.destination_identities) size += kOverhead + identity.size();
    for (const std::string& sid : message.destination_sids) size += kOverhead + sid.size();
    return size;
}

}  // namespace

void DataHistory::add(Message message) {
    bytes_ += size_of(message);
    messages_.push_back(std::move(message));
    while (bytes_ > kBytesMax) drop_oldest();
}

const std::deque<DataHistory::Message>& DataHistory::recent(Instant now) {
    while (!messages_.empty() && now - messages_.front().at > kAge) drop_oldest();
    return messages_;
}

void DataHistory::drop_oldest() {
    bytes_ -= size_of(messages_.front());
    messages_.pop_front();
}

bool DataHistory::is_first(const std::string& nonce) {
    if (nonce.empty()) return true;
    if (!known_nonces_.insert(nonce).second) return false;
    nonces_.push_back(nonce);
    if (nonces_.size() > kNoncesMax) {
        known_nonces_.erase(nonces_.front());
        nonces_.pop_front();
    }
    return true;
}

}  // namespace conclave::conference
