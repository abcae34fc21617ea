// The media of one batch, by who gets them. Packets come one by one, each for many; they leave person by
// person: whose keys and counters are in the first cache then seals all it gets, and its datagrams lie
// together, so that the kernel takes them as one run. Bounded by its owner: see is_full().
//
// A run is of equal datagrams, and encoders cut a frame into almost equal packets: what lacks a few bytes to
// the largest is padded, but for the last, which may be shorter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "peer/media.h"
#include "peer/peer.h"
#include "sfu/packet.h"

namespace conclave::conference {

class FanOut {
 public:
    // As much as stays in the second cache: the owner sends before it adds more.
    static constexpr size_t kItemsFull = 8192;

    // A packet that those who are added next get.
    void begin(const peer::Media&);
    void add(const sfu::Forward&);

    bool empty() const { return items_.empty(); }
    bool is_full() const { return items_.size() >= kItemsFull; }

    // Who is next to be sent to, until nobody is left.
    std::optional<sfu::SubscriberId> next() const;
    // Calls `visit(forward)` for the first packet of each of the next `count` people.
    template <class Visit>
    void look_ahead(size_t count, Visit visit) const {
        for (size_t i = sent_; i < std::min(sent_ + count, recipients_.size()); ++i)
            visit(items_[recipients_[i].first].forward);
    }
    // Calls `send(forward, media, padding)` for what they get, in order. After the last of them the batch is
    // forgotten.
    template <class Send>
    void send_next(Send send);

 private:
    static constexpr uint32_t kEnd = 0xffff'ffff;
    struct Item {
        sfu::Forward forward;
        uint32_t packet = 0;
        uint32_t next = kEnd;
    };
    struct Recipient {
        sfu::SubscriberId id = 0;
        uint32_t first = kEnd;
        uint32_t last = kEnd;
        size_t largest = 0;
    };
    struct Packet {
        peer::Media media;
        size_t size = 0;  // what differs between packets: the payload and the extensions that are passed on
    };
    Recipient& recipient(sfu::SubscriberId);
    size_t find_slot(sfu::SubscriberId) const;
    void grow();
    void clear();

    // They keep what they have grown to.
    std::vector<Packet> packets_;
    std::vector<Item> items_;
    std::vector<Recipient> recipients_;
    // Their places in recipients_ by id: open addressing, at most half full.
    std::vector<uint32_t> slots_ = std::vector<uint32_t>(64, kEnd);
    // Packets of one track go to the same people in the same order: where the next one probably is.
    size_t expected_ = 0;
    size_t sent_ = 0;  // recipients
};

template <class Send>
void FanOut::send_next(Send send) {
    const Recipient& to = recipients_[sent_++];
    for (uint32_t i = to.first; i != kEnd; i = items_[i].next) {
        const Packet& packet = packets_[items_[i].packet];
        const size_t missing = to.largest - packet.size;
        const bool is_padded = i != to.last && missing <= peer::kOutgoingPaddingMax;
        send(items_[i].forward, packet.media, static_cast<uint8_t>(is_padded ? missing : 0));
    }
    if (sent_ == recipients_.size()) clear();
}

}  // namespace conclave::conference
