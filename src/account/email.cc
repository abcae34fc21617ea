#include "account/email.h"

#include <algorithm>

namespace conclave::account {
namespace {

constexpr size_t kLocalBytesMax = 64;
constexpr size_t kDomainBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322 3.2.3
bool is_atom_character(char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string result;
    for (const char c : text) result += lower(c);
    return result;
}

// Parts between dots, none of them empty, each as `is_part` wants it.
template <class IsPart>
bool is_dotted(std::string_view text, IsPart is_part) {
    while (true) {
        const size_t dot = text.find('.');
        const std::string_view part = text.substr(0, dot);
        if (part.empty() || !is_part(part)) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_label(std::string_view label) {
    return label.size() <= kLabelBytesMax && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

std::optional<std::string> clean_domain(std::string_view text) {
    if (text.size() > kDomainBytesMax || text.find('.') == std::string_view::npos) return std::nullopt;
    if (!is_dotted(text, is_label)) return std::nullopt;
    return lower(text);
}

std::optional<std::string> clean_email(std::string_view text) {
    text = trimmed(text);
    const size_t at = text.find('@');
    // Without any, it is npos.
    if (at > kLocalBytesMax || text.size() > kEmailBytesMax) return std::nullopt;
    const auto is_atom = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), is_atom_character);
    };
    if (!is_dotted(text.substr(0, at), is_atom) || !clean_domain(text.substr(at + 1))) return std::nullopt;
    return lower(text);
}

bool is_of_domain(std::string_view email, const std::vector<std::string>& domains) {
    const std::string_view domain = email.substr(std::min(email.find('@'), email.size() - 1) + 1);
    return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

std::string name_of_email(std::string_view email) {
    std::string name;
    bool begins_word = true;
    for (char c : email.substr(0, email.find('@'))) {
        if (c == '.' || c == '_') c = ' ';
        const bool is_small = c >= 'a' && c <= 'z';
        name += begins_word && is_small ? static_cast<char>(c - 'a' + 'A') : c;
        begins_word = c == ' ' || c == '-';
    }
    return name;
}

}  // namespace conclave::account
