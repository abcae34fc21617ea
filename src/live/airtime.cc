#include "live/airtime.h"

#include <bit>

namespace conclave::live {

void Airtime::add(const meeting::PersonId& person, int64_t first, uint64_t slots) {
    if (slots == 0) return;
    Duration& spoken = spoken_[person];
    for (; slots != 0; slots &= slots - 1) {
        spoken = spoken + kSlot;
        ++voices_[first + std::countr_zero(slots)];
    }
}

meeting::NoteAirtime Airtime::take(WallTime now) {
    meeting::NoteAirtime noted;
    for (const auto& [person, spoken] : spoken_) noted.shares.push_back({person, spoken});
    spoken_.clear();
    const int64_t settled = (now.us - kSettledAfter.us) / kSlot.us;
    while (!voices_.empty() && voices_.begin()->first <= settled) {
        if (voices_.begin()->second > 1) noted.overlap = noted.overlap + kSlot;
        voices_.erase(voices_.begin());
    }
    return noted;
}

}  // namespace conclave::live
