// What people read when they asked for a code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.h"
#include "wire/mail.h"

namespace conclave::server {

enum class Language : uint8_t { French, English };

// What the page says, else what the browser prefers (RFC 9110 12.5.4, the first of the two that is named),
// else French.
Language language_of(std::string_view page, const net::HttpRequest&);
std::string_view text_of(Language);

struct MailText {
    std::string subject;
    std::string text;
    std::optional<wire::MailCalendar> calendar = {};
};
// `host` is where the code is to be typed, and nowhere else.
MailText code_mail(Language, std::string_view code, std::string_view host);

}  // namespace conclave::server
