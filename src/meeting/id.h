// The secret in a meeting's link.
#pragma once

#include <string>
#include <string_view>

#include "base/rng.h"

namespace conclave::meeting {

// 20 characters of 5 random bits each (100 bits, of which 96 are required), in groups that can be read aloud:
// "7k2mq-0x9dv-...". The alphabet has no i, l, o, u (Crockford's base 32), so nothing can be mistaken.
std::string make_id(Rng&);
bool is_id(std::string_view text);

}  // namespace conclave::meeting
