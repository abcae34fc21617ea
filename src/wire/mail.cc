#include "wire/mail.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "base/base64.h"
#include "base/text.h"

namespace conclave::wire {
namespace {

// "Subject: =?utf-8?B?" and "?=" leave room for 52 characters of base64 in a line of 76 (RFC 2047 2).
constexpr size_t kEncodedWordBytes = 39;
constexpr size_t kPlainHeaderMax = 60;
constexpr size_t kQuotedLineMax = 76;  // RFC 2045 6.7 (5)
constexpr size_t kBase64LineMax = 76;
constexpr size_t kAddressMax = 254;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_continuation(char c) {
    return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

bool is_printable(char c) {
    return c >= 0x20 && c <= 0x7e;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

// What needs no quoting between angle brackets (RFC 5322 3.4.1), and fits into a line with its field's name.
bool is_address(std::string_view text) {
    constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
    const size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at + 1 == text.size() || text.size() > kAddressMax)
        return false;
    return std::all_of(
               text.begin(), text.begin() + static_cast<ptrdiff_t>(at),
               [&](char c) { return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos; }) &&
           std::all_of(text.begin() + static_cast<ptrdiff_t>(at) + 1, text.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= kPlainHeaderMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

// RFC 2047: encoded words, each of whole characters (5), on lines of their own.
std::string encoded_words(std::string_view text) {
    std::string words;
    while (!text.empty()) {
        size_t size = std::min(kEncodedWordBytes, text.size());
        while (size < text.size() && is_continuation(text[size])) --size;
        if (!words.empty()) words += "\r\n ";
        words += "=?utf-8?B?" + base64_encode(as_bytes(text.substr(0, size))) + "?=";
        text.remove_prefix(size);
    }
    return words;
}

std::string unstructured(std::string_view text) {
    const bool is_plain = text.size() <= kPlainHeaderMax &&
                          std::all_of(text.begin(), text.end(), is_printable) &&
                          text.find("=?") == std::string_view::npos;
    return is_plain ? std::string(text) : encoded_words(text);
}

// A display name (RFC 5322 3.2.5): words that are atoms, or encoded.
std::string phrase(std::string_view text) {
    const bool is_plain = text.size() <= kPlainHeaderMax && text.front() != ' ' && text.back() != ' ' &&
                          std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_alphanumeric(c) || c == ' ' || c == '-'; });
    return is_plain ? std::string(text) : encoded_words(text);
}

// RFC 2045 6.7
std::string quoted_printable(std::string_view text) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    size_t column = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
        const bool is_plain = (is_printable(c) && c != '=' && (c != ' ' || !ends_line)) &&
                              (c != '.' || column != 0);  // SMTP stuffs dots (RFC 5321 4.5.2)
        const size_t width = is_plain ? 1 : 3;
        if (column + width + (ends_line ? 0 : 1) > kQuotedLineMax) {
            out += "=\r\n";
            column = 0;
        }
        if (is_plain) {
            out += c;
        } else {
            out += '=';
            out += kDigits[static_cast<uint8_t>(c) >> 4];
            out += kDigits[static_cast<uint8_t>(c) & 15];
        }
        column += width;
    }
    return text.ends_with('\n') ? out : out + "\r\n";
}

// RFC 2045 6.8
std::string base64_lines(std::string_view text) {
    const std::string whole = base64_encode(as_bytes(text));
    std::string lines;
    for (size_t at = 0; at < whole.size(); at += kBase64LineMax)
        lines += whole.substr(at, kBase64LineMax) + "\r\n";
    return lines;
}

constexpr std::string_view kTextPart =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";

// Two parts (RFC 2046 5.1). Neither encoding can write "=_", so no part can end another.
std::string two_parts(const Mail& mail) {
    const std::string boundary = "=_" + mail.id;
    std::string body = "Content-Type: multipart/mixed;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
    body += "--" + boundary + "\r\n" + std::string(kTextPart) + quoted_printable(mail.text);
    body += "--" + boundary +
            "\r\nContent-Type: text/calendar; charset=utf-8;\r\n method=" + mail.calendar->method +
            "; name=invite.ics\r\n";
    body += "Content-Disposition: attachment; filename=invite.ics\r\n";
    body += "Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(mail.calendar->text);
    return body + "--" + boundary + "--\r\n";
}

std::string two_digits(int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// RFC 5322 3.3, in UTC.
std::string date_time(WallTime time) {
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr int64_t kDay = 86'400;
    const int64_t seconds = std::max<int64_t>(time.unix_seconds(), 0);
    const std::chrono::sys_days day{std::chrono::days{seconds / kDay}};
    const std::chrono::year_month_day date{day};
    const int64_t rest = seconds % kDay;
    return std::string(kDays[std::chrono::weekday{day}.c_encoding()]) + ", " +
           std::to_string(static_cast<unsigned>(date.day())) + " " +
           kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
           std::to_string(static_cast<int>(date.year())) + " " + two_digits(rest / 3600) + ":" +
           two_digits(rest / 60 % 60) + ":" + two_digits(rest % 60) + " +0000";
}

}  // namespace

std::optional<std::string> compose_mail(const Mail& mail) {
    for (const std::string* line : {&mail.from_name, &mail.subject}) {
        if (!is_utf8(*line) || has_control(*line) || line->size() > kMailLineMax) return std::nullopt;
    }
    if (!is_address(mail.from) || !is_address(mail.to) || !is_token(mail.id) || !is_token(mail.language))
        return std::nullopt;
    if (!is_utf8(mail.text)) return std::nullopt;
    if (mail.calendar && !is_token(mail.calendar->method)) return std::nullopt;
    const std::string domain = mail.from.substr(mail.from.find('@'));
    std::string message = "Date: " + date_time(mail.date) + "\r\n";
    message += "From: " + (mail.from_name.empty() ? "" : phrase(mail.from_name) + "\r\n ") + "<" + mail.from +
               ">\r\n";
    message += "To: <" + mail.to + ">\r\n";
    message += "Message-ID: <" + mail.id + domain + ">\r\n";
    message += "Subject: " + unstructured(mail.subject) + "\r\n";
    // Nobody's machine shall answer (RFC 3834 5).
    message += "Auto-Submitted: auto-generated\r\n";
    message += "MIME-Version: 1.0\r\nContent-Language: " + mail.language + "\r\n";
    if (mail.calendar) return message + two_parts(mail);
    return message + std::string(kTextPart) + quoted_printable(mail.text);
}

}  // namespace conclave::wire
