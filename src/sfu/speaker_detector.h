// Who is speaking, from the audio level that publishers state in each packet (RFC 6464). The level is in
// clear even when the audio is end-to-end encrypted; it is the client's claim, so it informs the view and
// never a right.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace conclave::sfu {

class SpeakerDetector {
 public:
    struct Speaker {
        uint32_t id = 0;  // the publishing participant, as the caller names it
        float level = 0;  // 0..1 in eighths
        bool active = false;
        bool operator==(const Speaker&) const = default;
    };

    // A packet of `id` that carries `span` of audio at `level` (0 loudest .. 127 silent, in -dBov).
    void handle_level(uint32_t id, uint8_t level, Duration span);
    void remove(uint32_t id) { observed_.erase(id); }
    // What evaluate() has last said of it, or nothing. Valid until the next call.
    const Speaker* told(uint32_t id) const {
        const auto it = observed_.find(id);
        return it == observed_.end() ? nullptr : &it->second.told;
    }

    // Once per kInterval: those whose level or activity changed, loudest first. Valid until the next call.
    const std::vector<Speaker>& evaluate();

    // Speech at a normal distance stays well above -35 dBov; keyboards and fans mostly do not.
    static constexpr bool is_loud(uint8_t level) { return level <= 35; }

    static constexpr Duration kInterval = Duration::millis(400);

 private:
    struct Observed {
        Duration loud;      // audio above the threshold in this interval
        float loudest = 0;  // linear
        float smoothed = 0;
        Speaker told;
    };
    std::unordered_map<uint32_t, Observed> observed_;
    std::vector<Speaker> changed_;
};

}  // namespace conclave::sfu
