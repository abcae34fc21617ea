// Processors, and which one a thread runs on.
#pragma once

#include <vector>

namespace conclave::server {

// Those that this process may run on, by the system's numbers; empty when it does not say.
std::vector<int> allowed_processors();

// False when the system refuses: the thread runs where it did.
bool pin_this_thread(int processor);

}  // namespace conclave::server
