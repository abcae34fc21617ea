#include "conference/fan_out.h"

#include <algorithm>

#include "base/check.h"

namespace conclave::conference {

void FanOut::begin(const peer::Media& media) {
    const size_t size =
        media.packet.size() + media.kept.capture_time.size() + media.kept.dependency_descriptor.size();
    packets_.push_back({media, size});
    expected_ = 0;
}

void FanOut::add(const sfu::Forward& forward) {
    DCHECK(!packets_.empty() && sent_ == 0);
    const auto index = static_cast<uint32_t>(items_.size());
    items_.push_back({forward, static_cast<uint32_t>(packets_.size() - 1), kEnd});
    Recipient& to = recipient(forward.subscriber);
    (to.first == kEnd ? to.first : items_[to.last].next) = index;
    to.last = index;
    to.largest = std::max(to.largest, packets_.back().size);
}

std::optional<sfu::SubscriberId> FanOut::next() const {
    if (sent_ == recipients_.size()) return std::nullopt;
    return recipients_[sent_].id;
}

void FanOut::clear() {
    std::fill(slots_.begin(), slots_.end(), kEnd);
    recipients_.clear();
    items_.clear();
    packets_.clear();
    sent_ = 0;
}

FanOut::Recipient& FanOut::recipient(sfu::SubscriberId id) {
    if (expected_ < recipients_.size() && recipients_[expected_].id == id) return recipients_[expected_++];
    size_t slot = find_slot(id);
    if (slots_[slot] == kEnd) {
        if (2 * (recipients_.size() + 1) > slots_.size()) {
            grow();
            slot = find_slot(id);
        }
        slots_[slot] = static_cast<uint32_t>(recipients_.size());
        recipients_.push_back({id, kEnd, kEnd, 0});
    }
    expected_ = size_t{slots_[slot]} + 1;
    return recipients_[slots_[slot]];
}

// Where it is, or where it would be put.
size_t FanOut::find_slot(sfu::SubscriberId id) const {
    const size_t mask = slots_.size() - 1;
    // Ids are given one after the other: their low bits are spread already.
    size_t slot = id & mask;
    while (slots_[slot] != kEnd && recipients_[slots_[slot]].id != id) slot = (slot + 1) & mask;
    return slot;
}

void FanOut::grow() {
    slots_.assign(2 * slots_.size(), kEnd);
    for (size_t i = 0; i < recipients_.size(); ++i)
        slots_[find_slot(recipients_[i].id)] = static_cast<uint32_t>(i);
}

}  // namespace conclave::conference
