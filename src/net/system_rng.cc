#include "net/system_rng.h"

#include <string.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>

namespace conclave::net {
namespace {

void read_kernel(MutableBytes out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        CHECK(got > 0);
        out = out.subspan(static_cast<size_t>(got));
    }
}

}  // namespace

void SystemRng::fill(MutableBytes out) {
    if (out.size() > block_.size()) return read_kernel(out);
    while (!out.empty()) {
        if (left_ == 0) {
            read_kernel(block_);
            left_ = block_.size();
        }
        const size_t take = std::min(out.size(), left_);
        uint8_t* from = block_.data() + block_.size() - left_;
        std::copy_n(from, take, out.data());
        explicit_bzero(from, take);
        left_ -= take;
        out = out.subspan(take);
    }
}

}  // namespace conclave::net
