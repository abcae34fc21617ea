// Lines of text that people type and other people read: names, titles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace conclave {

enum class TextFault : uint8_t {
    Empty,    // nothing visible is left after trimming
    TooLong,  // more characters than allowed
    Refused,  // not UTF-8, or a character that can hide, reorder or break the line
};

// The line without white space around it. Characters are code points. Refused are controls, line and
// paragraph separators, bidirectional controls (a name could be made to read as another one's: UAX #9),
// invisible characters other than the joiners that scripts need, private use, and noncharacters.
Result<std::string, TextFault> clean_line(std::string_view text, size_t characters_max);

// Strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace conclave
