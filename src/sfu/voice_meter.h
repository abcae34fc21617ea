// When each participant of a meeting was heard, in slots of the wall clock: what several meters say of one
// slot is of the same tenth of a second.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace conclave::sfu {

class VoiceMeter {
 public:
    static constexpr Duration kSlot = Duration::millis(100);
    // Of one report. What lies further ahead is of a clock that was set or of a thread that hung, and is left
    // out.
    static constexpr uint32_t kSlotsMax = 64;

    struct Voice {
        uint32_t id = 0;     // as the caller names the participant
        uint64_t slots = 0;  // bit n: heard in slot `first_slot` + n
    };
    struct Report {
        int64_t first_slot = 0;  // which began kSlot * first_slot after 1970
        uint32_t slots = 0;
        std::span<const Voice> voices;  // of those who were heard
    };

    explicit VoiceMeter(WallTime now) : first_slot_(slot_of(now)) {}

    // A packet of `id` with a voice in it is forwarded now.
    void handle_voice(uint32_t id, WallTime now);
    // All slots that are over and were not reported. Valid until the next call.
    Report take(WallTime now);
    // The participant leaves: its slots up to the one under way, which others still fill. Valid until the
    // next call.
    Report remove(uint32_t id);

 private:
    static int64_t slot_of(WallTime time) { return time.us / kSlot.us; }

    int64_t first_slot_;
    std::unordered_map<uint32_t, uint64_t> heard_;
    std::vector<Voice> voices_;
};

}  // namespace conclave::sfu
