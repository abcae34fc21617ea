#include "net/http_message.h"

#include <algorithm>

namespace conclave::net {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_without_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
    return -1;
}

// The octet of a "%41" at `at`, or -1.
int escaped_octet(std::string_view text, size_t at) {
    if (at + 2 >= text.size()) return -1;
    const int high = hex_digit(text[at + 1]);
    const int low = hex_digit(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string decode_form(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        const int octet = text[i] == '%' ? escaped_octet(text, i) : -1;
        if (octet >= 0) {
            out += static_cast<char>(octet);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment == "." || segment == "..") return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

}  // namespace

const Headers::Field* Headers::find(std::string_view name) const {
    for (const Field& field : fields_) {
        if (equals_without_case(field.first, name)) return &field;
    }
    return nullptr;
}

std::string_view Headers::get(std::string_view name) const {
    const Field* field = find(name);
    return field ? std::string_view(field->second) : std::string_view{};
}

size_t Headers::count(std::string_view name) const {
    return static_cast<size_t>(std::count_if(fields_.begin(), fields_.end(), [name](const Field& field) {
        return equals_without_case(field.first, name);
    }));
}

std::string Headers::joined(std::string_view name) const {
    std::string list;
    for (const Field& field : fields_) {
        if (!equals_without_case(field.first, name)) continue;
        if (!list.empty()) list += ", ";
        list += field.second;
    }
    return list;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
    for (const Field& field : fields_) {
        if (!equals_without_case(field.first, name)) continue;
        std::string_view rest = field.second;
        while (!rest.empty()) {
            const size_t end = std::min(rest.find(','), rest.size());
            if (equals_without_case(trim(rest.substr(0, end)), token)) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return false;
}

Query Query::parse(std::string_view text) {
    Query query;
    while (!text.empty() && query.pairs_.size() < kPairsMax) {
        const size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        const size_t equal = pair.find('=');
        query.pairs_.emplace_back(
            decode_form(pair.substr(0, equal)),
            equal == std::string_view::npos ? std::string{} : decode_form(pair.substr(equal + 1)));
    }
    return query;
}

const std::pair<std::string, std::string>* Query::find(std::string_view name) const {
    for (const auto& pair : pairs_) {
        if (pair.first == name) return &pair;
    }
    return nullptr;
}

std::string_view Query::get(std::string_view name) const {
    const auto* pair = find(name);
    return pair ? std::string_view(pair->second) : std::string_view{};
}

HttpResponse HttpResponse::text(unsigned status, std::string body) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

HttpResponse HttpResponse::json(unsigned status, std::string body) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

std::optional<std::string> normalize_path(std::string_view target) {
    target = target.substr(0, target.find_first_of("?#"));
    if (target.empty() || target.front() != '/') return std::nullopt;
    // Clients given a base URL with a trailing slash ask for "//rtc".
    target.remove_prefix(target.find_first_not_of('/') == std::string_view::npos
                             ? target.size() - 1
                             : target.find_first_not_of('/') - 1);
    std::string path;
    path.reserve(target.size());
    for (size_t i = 0; i < target.size(); ++i) {
        int octet = static_cast<unsigned char>(target[i]);
        if (target[i] == '%') {
            octet = escaped_octet(target, i);
            if (octet < 0 || octet == '/') return std::nullopt;
            i += 2;
        }
        if (octet < 0x20 || octet == 0x7f || octet == '\\') return std::nullopt;
        path += static_cast<char>(octet);
    }
    if (has_dot_segment(path)) return std::nullopt;
    return path;
}

}  // namespace conclave::net
