#include "sfu/voice_meter.h"

#include <algorithm>
#include <bit>

namespace conclave::sfu {
namespace {

constexpr uint64_t first_bits(int64_t count) {
    return count >= VoiceMeter::kSlotsMax ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

}  // namespace

void VoiceMeter::handle_voice(uint32_t id, WallTime now) {
    const int64_t ahead = slot_of(now) - first_slot_;
    if (ahead < 0 || ahead >= kSlotsMax) return;
    heard_[id] |= uint64_t{1} << ahead;
}

VoiceMeter::Report VoiceMeter::take(WallTime now) {
    // Below zero when the clock was set back: then the slots begin anew.
    const int64_t over = slot_of(now) - first_slot_;
    Report report{first_slot_, static_cast<uint32_t>(std::clamp<int64_t>(over, 0, kSlotsMax)), {}};
    voices_.clear();
    for (auto& [id, slots] : heard_) {
        const uint64_t complete = slots & first_bits(report.slots);
        if (complete != 0) voices_.push_back({id, complete});
        slots = over < 0 || over >= kSlotsMax ? 0 : slots >> over;
    }
    first_slot_ += over;
    report.voices = voices_;
    return report;
}

VoiceMeter::Report VoiceMeter::remove(uint32_t id) {
    voices_.clear();
    const auto node = heard_.extract(id);
    if (node.empty() || node.mapped() == 0) return {first_slot_, 0, {}};
    voices_.push_back({id, node.mapped()});
    return {first_slot_, static_cast<uint32_t>(std::bit_width(node.mapped())), voices_};
}

}  // namespace conclave::sfu
