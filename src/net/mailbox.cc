#include "net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace conclave::net {

// Mailboxes are made while the process starts: without descriptors there is no server to degrade to.
EventFd::EventFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    CHECK(fd_ >= 0);
}

EventFd::~EventFd() {
    close(fd_);
}

// EAGAIN would need 2^64 - 2 unread notifications, EINTR cannot happen on a non-blocking eventfd.
void EventFd::notify() {
    const uint64_t one = 1;
    CHECK(write(fd_, &one, sizeof one) == sizeof one);
}

void EventFd::reset() {
    uint64_t count = 0;
    // EAGAIN: nothing was notified.
    (void)!read(fd_, &count, sizeof count);
}

}  // namespace conclave::net
