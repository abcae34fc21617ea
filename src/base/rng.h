// Randomness as an argument: the operating system's in production, a seeded generator in tests and
// simulation.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace conclave {

class Rng {
 public:
    virtual ~Rng() = default;
    virtual void fill(MutableBytes out) = 0;

    uint32_t u32() { return load_be32(draw<4>().data()); }
    uint64_t u64() { return load_be64(draw<8>().data()); }

 private:
    template <size_t N>
    std::array<uint8_t, N> draw() {
        std::array<uint8_t, N> bytes;
        fill(bytes);
        return bytes;
    }
};

// splitmix64: reproducible, for tests and simulation only.
class SeededRng final : public Rng {
 public:
    explicit SeededRng(uint64_t seed) : state_(seed) {}
    void fill(MutableBytes out) override {
        for (uint8_t& byte : out) {
            if (left_ == 0) {
                word_ = next();
                left_ = 8;
            }
            byte = static_cast<uint8_t>(word_);
            word_ >>= 8;
            --left_;
        }
    }

 private:
    uint64_t next() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    uint64_t state_;
    uint64_t word_ = 0;
    int left_ = 0;
};

// `size` characters of an alphabet without look-alikes (57 letters and digits, as LiveKit ids use).
// Unbiased; 5.83 bits a character.
std::string random_id(Rng& rng, size_t size);

}  // namespace conclave
