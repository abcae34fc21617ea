// Bytes from hexadecimal text with blanks, for the tests of this module.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace conclave::wire {

inline std::vector<uint8_t> from_hex(std::string_view text) {
    std::vector<uint8_t> bytes;
    unsigned digits = 0;
    unsigned value = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\n') continue;
        value = value << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
        if (++digits % 2 == 0) bytes.push_back(static_cast<uint8_t>(value));
    }
    return bytes;
}

}  // namespace conclave::wire
