#include "sfu/speaker_detector.h"

#include <algorithm>
#include <cmath>

namespace conclave::sfu {
namespace {

// A shorter noise than 40 % of the interval is a click or a cough, not a turn.
constexpr int64_t kActiveShareNumerator = 2;
constexpr int64_t kActiveShareDenominator = 5;
// Two intervals: quick enough to follow a dialogue, slow enough not to flicker between words.
constexpr float kSmoothing = 0.6F;
constexpr float kActiveAbove = 0.05F;

float linear(uint8_t level) {
    return std::pow(10.0F, -static_cast<float>(level) / 20.0F);
}

}  // namespace

void SpeakerDetector::handle_level(uint32_t id, uint8_t level, Duration span) {
    Observed& observed = observed_[id];
    observed.told.id = id;
    if (!is_loud(level)) return;
    observed.loud = observed.loud + span;
    observed.loudest = std::max(observed.loudest, linear(level));
}

const std::vector<SpeakerDetector::Speaker>& SpeakerDetector::evaluate() {
    changed_.clear();
    for (auto& [id, observed] : observed_) {
        const bool speaks =
            observed.loud.us * kActiveShareDenominator >= kInterval.us * kActiveShareNumerator;
        // The square root spreads ordinary speech (-30 to -10 dBov) over the scale that people see.
        const float now_level = speaks ? std::sqrt(observed.loudest) : 0;
        observed.smoothed += (now_level - observed.smoothed) * kSmoothing;
        observed.loud = {};
        observed.loudest = 0;

        Speaker speaker{id, 0, observed.smoothed > kActiveAbove};
        if (speaker.active) {
            speaker.level = std::clamp(std::ceil(observed.smoothed * 8.0F) / 8.0F, 0.125F, 1.0F);
        } else {
            observed.smoothed = 0;
        }
        if (speaker == observed.told) continue;
        observed.told = speaker;
        changed_.push_back(speaker);
    }
    std::sort(changed_.begin(), changed_.end(),
              [](const Speaker& a, const Speaker& b) { return a.level > b.level; });
    return changed_;
}

}  // namespace conclave::sfu
