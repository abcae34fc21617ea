// The operating system's random numbers, for keys, tokens and ids.
#pragma once

#include <array>

#include "base/check.h"
#include "base/rng.h"

namespace conclave::net {

// getrandom(2), read in blocks because small draws are frequent and a system call is not free. Bytes
// are wiped once handed out. One object belongs to one thread; a failing kernel source stops the process.
class SystemRng final : public Rng {
 public:
    void fill(MutableBytes out) override;

 private:
    std::array<uint8_t, 512> block_{};
    size_t left_ = 0;  // unused bytes at the end of block_
};

}  // namespace conclave::net
