// A few datagrams, kept byte for byte.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/transmit_queue.h"

namespace conclave::dtls {

class Datagrams {
 public:
    // ServerHello to ServerHelloDone with a P-256 certificate is 900 bytes, the largest flight of a browser
    // (RSA certificate) 3 KiB.
    static constexpr size_t kBytesMax = 8 << 10;

    // False when there is no room for it.
    bool add(ByteView datagram) {
        if (datagram.size() > kBytesMax - bytes_.size()) return false;
        bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
        sizes_.push_back(datagram.size());
        return true;
    }
    void clear() {
        bytes_.clear();
        sizes_.clear();
    }
    size_t count() const { return sizes_.size(); }
    bool empty() const { return sizes_.empty(); }

    template <class F>  // void(ByteView)
    void for_each(F&& f) const {
        size_t offset = 0;
        for (const size_t size : sizes_) {
            f(ByteView{bytes_}.subspan(offset, size));
            offset += size;
        }
    }
    void send(const Path& path, TransmitQueue& tx) const {
        for_each([&](ByteView datagram) { tx.push(path, datagram); });
    }

 private:
    std::vector<uint8_t> bytes_;
    std::vector<size_t> sizes_;
};

}  // namespace conclave::dtls
