#include "sfu/load_shedder.h"

#include <algorithm>

namespace conclave::sfu {
namespace {

bool is_within(Instant now, Instant since, Duration span) {
    return !since.is_never() && now - since < span;
}

}  // namespace

bool LoadShedder::observe(Instant now, float busy, Duration longest_turn) {
    const bool is_calm = busy < rules_.calm;
    const bool is_busy = busy >= rules_.busy || (!is_calm && longest_turn >= rules_.turn);
    busy_since_ = is_busy ? soonest(busy_since_, now) : Instant::never();
    calm_since_ = is_calm ? soonest(calm_since_, now) : Instant::never();
    const Level before = level_;
    if (is_busy && !is_within(now, busy_since_, kSpell) && !is_within(now, raised_at_, kEffect)) raise(now);
    if (is_calm && !is_within(now, calm_since_, patience_)) lower(now);
    return level_ != before;
}

void LoadShedder::raise(Instant now) {
    if (level_ == Level::Joins) return;
    level_ = static_cast<Level>(static_cast<uint8_t>(level_) + 1);
    raised_at_ = now;
    // What was given back has brought the load back.
    if (is_within(now, lowered_at_, patience_)) patience_ = std::min(patience_ * 2, kCalmMax);
}

void LoadShedder::lower(Instant now) {
    calm_since_ = now;
    if (level_ == Level::Nothing) {
        patience_ = kCalmMin;
        return;
    }
    level_ = static_cast<Level>(static_cast<uint8_t>(level_) - 1);
    lowered_at_ = now;
}

Quality LoadShedder::video_limit() const {
    switch (level_) {
        case Level::Nothing:
            return Quality::High;
        case Level::HighVideo:
            return Quality::Medium;
        case Level::MediumVideo:
        case Level::Joins:
            break;
    }
    return Quality::Low;
}

}  // namespace conclave::sfu
