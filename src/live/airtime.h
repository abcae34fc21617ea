// Who was heard for how long, and how long two or more at once: summed up from what the parts of a conference
// report, each of its own people.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "meeting/command.h"

namespace conclave::live {

class Airtime {
 public:
    static constexpr Duration kSlot = Duration::millis(100);

    // Bit n of `slots`: this person was heard in slot `first` + n. Slots are numbered since 1970.
    void add(const meeting::PersonId& person, int64_t first, uint64_t slots);
    // What can be settled at `now`: a slot counts as overlap once no part can still report of it. Empty when
    // nobody was heard.
    meeting::NoteAirtime take(WallTime now);

 private:
    // Parts report once a second; a report older than this comes too late for the overlap.
    static constexpr Duration kSettledAfter = Duration::seconds(5);

    std::map<meeting::PersonId, Duration> spoken_;
    std::map<int64_t, int> voices_;  // in each slot; as many slots as kSettledAfter has, and those to come
};

}  // namespace conclave::live
