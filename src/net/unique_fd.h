// A file descriptor with one owner.
#pragma once

#include <utility>

namespace conclave::net {

class UniqueFd {
 public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd o) noexcept {
        std::swap(fd_, o.fd_);
        return *this;
    }
    ~UniqueFd();

    explicit operator bool() const { return fd_ >= 0; }
    int get() const { return fd_; }

 private:
    int fd_ = -1;
};

}  // namespace conclave::net
