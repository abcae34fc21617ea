#include "server/affinity.h"

#include <sched.h>

namespace conclave::server {

std::vector<int> allowed_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> processors;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return processors;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<size_t>(i), &set)) processors.push_back(i);
    }
    return processors;
}

bool pin_this_thread(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(processor), &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace conclave::server
