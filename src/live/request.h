// What a client sends on the meeting socket (proto/openapi.yaml, LiveRequest).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "meeting/command.h"

namespace conclave::live {

inline constexpr size_t kRequestBytesMax = 32 * 1024;  // a chat message of 4,000 characters, escaped

enum class Reaction : uint8_t { Applause, Agree, Disagree, Laugh, Surprise, Thanks };
std::string_view name_of(Reaction);

// The first one: who this is. The token is the caller's to verify.
struct Hello {
    std::string rejoin;
};
// Seen and forgotten: no event.
struct React {
    Reaction reaction = Reaction::Applause;
};

struct Request {
    int64_t id = 0;  // of the client; comes back with the answer
    std::variant<Hello, React, meeting::Wanted> wish;
};

struct RequestFault {
    std::optional<int64_t> id = {};  // when at least that could be read
};
// The answer to a request that was not carried out (RefusedMessage).
std::string refusal_text(int64_t id, std::string_view code);
Result<Request, RequestFault> parse_request(std::string_view text);

}  // namespace conclave::live
