// Splitting of line-based protocol text (SDP and its attributes). Blanks are spaces and tabs.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace conclave::wire {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

constexpr std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// ASCII only: protocol words are.
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

// The whole text as a decimal number that fits; no sign, no blanks.
template <class Unsigned>
std::optional<Unsigned> parse_decimal(std::string_view text) {
    Unsigned value{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

// Takes the text up to `separator` off the front, or all of it.
constexpr std::string_view take_until(std::string_view& text, char separator) {
    const size_t at = text.find(separator);
    const std::string_view head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

// Takes one word off the front, with the blanks around it; empty at the end.
constexpr std::string_view take_word(std::string_view& text) {
    text = trim(text);
    size_t size = 0;
    while (size < text.size() && !is_blank(text[size])) ++size;
    const std::string_view word = text.substr(0, size);
    text = trim(text.substr(size));
    return word;
}

}  // namespace conclave::wire
