// Calendar entries (iCalendar, RFC 5545) and what is done with them by mail (iTIP, RFC 5546). The only user
// of libical.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace conclave::calendar {

enum class Method : uint8_t {
    Publish,  // a file to download
    Request,  // an invitation, or that it changed
    Cancel,
};
std::string_view name_of(Method);

struct Person {
    std::string name;   // may be empty
    std::string email;  // ASCII, as account::clean_email() leaves it
};

struct Event {
    std::string uid;       // the same for ever, whatever changes
    int64_t sequence = 0;  // grows with every change
    WallTime stamp;        // when this text is written
    WallTime begin;
    Duration length;
    std::string summary;      // one line
    std::string description;  // lines that end with \n
    std::string url;
    std::optional<Person> organizer = {};
    std::optional<Person> attendee = {};  // to whom it is sent, and nobody else
};

// The whole VCALENDAR, lines ended by CRLF and folded, times in UTC, with an alarm five minutes before (not
// in a cancellation). Nothing when a text could be more than itself: it is not UTF-8, or has control
// characters.
std::optional<std::string> compose(Method, const Event&);

}  // namespace conclave::calendar
