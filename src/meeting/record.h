// An event as it is kept: what happened, and beside it what is personal and can be erased.
#pragma once

#include "base/result.h"
#include "meeting/event.h"

namespace conclave::meeting {

struct Record {
    int64_t number = 0;
    WallTime at;
    std::string by = {};
    std::string kind = {};
    std::string body = {};      // a JSON object
    std::string personal = {};  // a JSON object, or empty: nothing is personal, or it was erased
};

enum class RecordFault : uint8_t { UnknownKind, BadJson, BadField };

Record record_of(const Event&);
Result<Event, RecordFault> event_of(const Record&);
std::string_view kind_of(const Event&);

}  // namespace conclave::meeting
