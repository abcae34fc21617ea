// Internet messages (RFC 5322) as this server sends them: one sender, one recipient, one text in
// UTF-8, and a calendar entry where there is one.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace conclave::wire {

// An iCalendar text (RFC 5545) and what is asked with it.
struct MailCalendar {
    std::string method;  // "REQUEST" (RFC 5546)
    std::string text;
};

// Bytes of a name or a subject.
inline constexpr size_t kMailLineMax = 200;

struct Mail {
    std::string from_name;  // may be empty
    std::string from;       // name@domain, as all addresses here
    std::string to;
    std::string subject;   // one line
    std::string text;      // lines that end with \n
    std::string language;  // "fr" (RFC 3282)
    WallTime date;
    std::string id;  // letters and digits, unique; with the sender's domain it becomes the Message-ID
    std::optional<MailCalendar> calendar = {};
};

// The whole message, lines ended by CRLF, in ASCII: header fields in encoded words (RFC 2047), the text as
// quoted-printable (RFC 2045 6.7), the calendar as a second part in base64 (RFC 6047 2.4, RFC 2046 5.1.3), no
// line above 78 characters. Nothing when a field could not be only
// itself: an address that is no plain dot-atom, a control character where a line is wanted, text that is not
// UTF-8.
std::optional<std::string> compose_mail(const Mail&);

}  // namespace conclave::wire
