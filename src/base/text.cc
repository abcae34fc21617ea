#include "base/text.h"

#include <algorithm>
#include <optional>

namespace conclave {
namespace {

// Takes one code point off the front; nothing when the text is not UTF-8 (RFC 3629 4).
std::optional<uint32_t> take_code_point(std::string_view& text) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t first = byte(0);
    size_t size = 1;
    uint32_t point = first;
    uint32_t smallest = 0;
    if (first >= 0xf0 && first <= 0xf4) {
        size = 4, point = first & 0x07u, smallest = 0x10000;
    } else if (first >= 0xe0 && first < 0xf0) {
        size = 3, point = first & 0x0fu, smallest = 0x800;
    } else if (first >= 0xc2 && first < 0xe0) {
        size = 2, point = first & 0x1fu, smallest = 0x80;
    } else if (first >= 0x80) {
        return std::nullopt;
    }
    if (size > text.size()) return std::nullopt;
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | (byte(i) & 0x3fu);
    }
    const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < smallest || point > 0x10ffff || is_surrogate) return std::nullopt;
    text.remove_prefix(size);
    return point;
}

bool is_space(uint32_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool is_refused(uint32_t c) {
    const auto within = [c](uint32_t low, uint32_t high) { return c >= low && c <= high; };
    if (c < 0x20 || within(0x7f, 0x9f)) return true;                    // controls
    if (c == 0x2028 || c == 0x2029) return true;                        // line and paragraph separators
    if (c == 0x061c || c == 0x200e || c == 0x200f) return true;         // bidirectional marks
    if (within(0x202a, 0x202e) || within(0x2066, 0x206f)) return true;  // embeddings, overrides, isolates
    if (c == 0xad || c == 0x034f || c == 0x180e || c == 0x200b) return true;  // invisible
    if (within(0x2060, 0x2065) || c == 0xfeff || c == 0x3164 || c == 0xffa0) return true;
    if (within(0x115f, 0x1160) || within(0x17b4, 0x17b5) || within(0xfff0, 0xfffb)) return true;
    if (within(0x1bca0, 0x1bca3) || within(0x1d173, 0x1d17a)) return true;  // of shorthand and of music
    if (within(0xe000, 0xf8ff) || c >= 0xf0000) return true;  // private use: looks differ per font
    if (within(0xe0000, 0xe0fff)) return true;                // tags
    return within(0xfdd0, 0xfdef) || (c & 0xfffe) == 0xfffe;  // noncharacters
}

// Joiners and variation selectors shape what stands beside them and show nothing by themselves.
bool is_visible(uint32_t c) {
    const bool is_mongolian = (c >= 0x180b && c <= 0x180d) || c == 0x180f;
    const bool is_blank = c == 0x2800;  // of Braille
    return !is_space(c) && !is_blank && c != 0x200c && c != 0x200d && !is_mongolian &&
           !(c >= 0xfe00 && c <= 0xfe0f);
}

}  // namespace

Result<std::string, TextFault> clean_line(std::string_view text, size_t characters_max) {
    std::string_view rest = text;
    size_t begin = text.size();
    size_t end = 0;
    while (!rest.empty()) {
        const size_t at = text.size() - rest.size();
        const std::optional<uint32_t> c = take_code_point(rest);
        if (!c) return Unexpected{TextFault::Refused};
        if (is_space(*c)) continue;
        begin = std::min(begin, at);
        end = text.size() - rest.size();
    }
    if (begin >= end) return Unexpected{TextFault::Empty};

    const std::string_view line = text.substr(begin, end - begin);
    size_t characters = 0;
    bool has_visible = false;
    for (rest = line; !rest.empty(); ++characters) {
        const uint32_t c = take_code_point(rest).value_or(0);
        if (is_refused(c)) return Unexpected{TextFault::Refused};
        has_visible = has_visible || is_visible(c);
    }
    if (!has_visible) return Unexpected{TextFault::Empty};
    if (characters > characters_max) return Unexpected{TextFault::TooLong};
    return std::string(line);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (!take_code_point(text)) return false;
    }
    return true;
}

}  // namespace conclave
