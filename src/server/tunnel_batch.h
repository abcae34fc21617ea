// Datagrams that do not come and go by a worker's socket: between the front thread, which owns the
// connections that carry them, and the workers, many at a time.
#pragma once

#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "server/relay_link.h"

namespace conclave::server {

class TunnelBatch {
 public:
    void push(const Path& path, ByteView datagram) {
        entries_.push_back({path, datagram.size()});
        bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
    }
    bool empty() const { return entries_.empty(); }
    size_t size() const { return entries_.size(); }
    // Of memory, until it is read: bounded by a Backlog.
    size_t cost() const { return kRelayCostMin + bytes_.size() + entries_.size() * sizeof(Entry); }

    // In order: visit(const Path&, ByteView).
    template <class Visit>
    void for_each(Visit visit) const {
        ByteView rest(bytes_);
        for (const Entry& entry : entries_) {
            visit(entry.path, rest.first(entry.size));
            rest = rest.subspan(entry.size);
        }
    }

 private:
    struct Entry {
        Path path;
        size_t size = 0;
    };
    std::vector<Entry> entries_;
    std::vector<uint8_t> bytes_;
};

// A TCP connection or an allocation has ended.
struct TunnelClosed {
    Path path;
};

}  // namespace conclave::server
