// Views of bytes, and big-endian reading and writing that cannot run past the end.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace conclave {

using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;
// What lies in several places and is to be read as one: gathered by whoever writes it.
using ByteParts = std::span<const ByteView>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline size_t total_size(ByteParts parts) {
    size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    return size;
}

inline uint16_t load_be16(const uint8_t* p) {
    return static_cast<uint16_t>(p[0] << 8 | p[1]);
}
inline uint32_t load_be24(const uint8_t* p) {
    return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
}
inline uint32_t load_be32(const uint8_t* p) {
    return static_cast<uint32_t>(load_be16(p)) << 16 | load_be16(p + 2);
}
inline uint64_t load_be64(const uint8_t* p) {
    return static_cast<uint64_t>(load_be32(p)) << 32 | load_be32(p + 4);
}
inline void store_be16(uint8_t* p, uint16_t v) {
    p[0] = static_cast<uint8_t>(v >> 8);
    p[1] = static_cast<uint8_t>(v);
}
inline void store_be24(uint8_t* p, uint32_t v) {
    p[0] = static_cast<uint8_t>(v >> 16);
    p[1] = static_cast<uint8_t>(v >> 8);
    p[2] = static_cast<uint8_t>(v);
}
inline void store_be32(uint8_t* p, uint32_t v) {
    store_be16(p, static_cast<uint16_t>(v >> 16));
    store_be16(p + 2, static_cast<uint16_t>(v));
}
inline void store_be64(uint8_t* p, uint64_t v) {
    store_be32(p, static_cast<uint32_t>(v >> 32));
    store_be32(p + 4, static_cast<uint32_t>(v));
}

// Reads big-endian fields. Reading past the end returns zeros and makes ok() false for good: read a
// whole structure, then ask once.
class ByteReader {
 public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    size_t remaining() const { return rest_.size(); }
    ByteView rest() const { return rest_; }

    uint8_t u8() { return has(1) ? take(1)[0] : uint8_t{0}; }
    uint16_t u16() { return has(2) ? load_be16(take(2)) : uint16_t{0}; }
    uint32_t u24() { return has(3) ? load_be24(take(3)) : 0; }
    uint32_t u32() { return has(4) ? load_be32(take(4)) : 0; }
    uint64_t u64() { return has(8) ? load_be64(take(8)) : 0; }
    ByteView bytes(size_t size) { return has(size) ? ByteView{take(size), size} : ByteView{}; }
    void skip(size_t size) { (void)bytes(size); }

 private:
    bool has(size_t size) {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
        }
        return ok_;
    }
    const uint8_t* take(size_t size) {
        const uint8_t* p = rest_.data();
        rest_ = rest_.subspan(size);
        return p;
    }

    ByteView rest_;
    bool ok_ = true;
};

// Writes big-endian fields into the caller's buffer. Writing past the end writes nothing and makes
// ok() false.
class ByteWriter {
 public:
    explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

    bool ok() const { return ok_; }
    size_t size() const { return size_; }
    ByteView written() const { return buffer_.first(size_); }
    MutableBytes unwritten() const { return buffer_.subspan(size_); }

    void u8(uint8_t v) {
        if (uint8_t* p = grow(1)) p[0] = v;
    }
    void u16(uint16_t v) {
        if (uint8_t* p = grow(2)) store_be16(p, v);
    }
    void u24(uint32_t v) {
        if (uint8_t* p = grow(3)) store_be24(p, v);
    }
    void u32(uint32_t v) {
        if (uint8_t* p = grow(4)) store_be32(p, v);
    }
    void u64(uint64_t v) {
        if (uint8_t* p = grow(8)) store_be64(p, v);
    }
    void bytes(ByteView v) {
        uint8_t* p = grow(v.size());
        if (p && !v.empty()) std::memcpy(p, v.data(), v.size());
    }
    void zeros(size_t count) {
        uint8_t* p = grow(count);
        if (p && count > 0) std::memset(p, 0, count);
    }
    // Overwrites a length field once the length is known.
    void patch_u16(size_t offset, uint16_t v) {
        if (ok_ && offset + 2 <= size_) store_be16(buffer_.data() + offset, v);
    }

 private:
    uint8_t* grow(size_t count) {
        if (!ok_ || count > buffer_.size() - size_) {
            ok_ = false;
            return nullptr;
        }
        uint8_t* p = buffer_.data() + size_;
        size_ += count;
        return p;
    }

    MutableBytes buffer_;
    size_t size_ = 0;
    bool ok_ = true;
};

}  // namespace conclave
