#include "net/unique_fd.h"

#include <unistd.h>

namespace conclave::net {

UniqueFd::~UniqueFd() {
    if (fd_ >= 0) close(fd_);
}

}  // namespace conclave::net
