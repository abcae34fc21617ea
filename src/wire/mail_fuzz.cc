// Whatever is written into a mail: one header block of our fields alone, short lines of ASCII, and the text
// can be read back.
#include <string_view>

#include "base/check.h"
#include "wire/mail.h"

using namespace conclave;

namespace {

std::string take_line(std::string_view& rest) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    std::string line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c - 'A' + 10;
}

// With a calendar beside it: ASCII in short lines, three delimiters and the end.
void check_parts(wire::Mail mail, std::string calendar) {
    mail.calendar = {"REQUEST", std::move(calendar)};
    const std::optional<std::string> message = wire::compose_mail(mail);
    CHECK(message);
    size_t delimiters = 0;
    for (size_t at = 0; at < message->size();) {
        const size_t end = message->find("\r\n", at);
        CHECK(end != std::string::npos);
        const std::string_view line = std::string_view(*message).substr(at, end - at);
        delimiters += line.starts_with("--=_");
        for (const char c : line) CHECK(c >= 0x20 && c < 0x7f);
        at = end + 2;
    }
    CHECK(delimiters == 3);
    CHECK(message->ends_with("--=_" + mail.id + "--\r\n"));
}

std::string decode_quoted(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') continue;
        if (text[i] != '=') {
            out += text[i];
        } else if (text[i + 1] == '\r') {
            i += 2;
        } else {
            out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
            i += 2;
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    wire::Mail mail;
    for (std::string* field :
         {&mail.from_name, &mail.from, &mail.to, &mail.subject, &mail.language, &mail.id})
        *field = take_line(rest);
    mail.text = rest;
    mail.date = WallTime::from_unix_seconds(static_cast<int64_t>(size) * 100'000);
    const std::optional<std::string> message = wire::compose_mail(mail);
    if (!message) return 0;
    check_parts(mail, mail.text + mail.subject);
    size_t fields = 0;
    size_t column = 0;
    const size_t end = message->find("\r\n\r\n");
    CHECK(end != std::string::npos);
    for (size_t i = 0; i < message->size(); ++i) {
        const char c = (*message)[i];
        CHECK((c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n');
        if (c == '\r') CHECK((*message)[i + 1] == '\n');
        if (c == '\n') CHECK((*message)[i - 1] == '\r');
        if (i < end && column == 0 && c != ' ' && c != '\r' && c != '\n') ++fields;
        column = c == '\n' ? 0 : column + 1;
        // A line holds an address of 254 characters at most.
        CHECK(column <= (i < end ? 254u + 80 : 78u));
    }
    CHECK(fields == 10);
    std::string text = decode_quoted(std::string_view(*message).substr(end + 4));
    if (!mail.text.ends_with('\n')) text.pop_back();
    CHECK(text == mail.text);
    return 0;
}
