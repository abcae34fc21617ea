#include "conference/connection_quality.h"

#include <algorithm>
#include <utility>

namespace conclave::conference {
namespace {

constexpr float kScoreMax = 100;
constexpr float kExcellentAbove = 80;
constexpr float kGoodAbove = 40;
// Clients start anew when they hear "lost" for some seconds: a connection that works badly is poor.
constexpr float kPoorMin = 21;

// Bad news is believed sooner than good news.
constexpr float kUpward = 0.4F;
constexpr float kDownward = 0.8F;

// Points for each percent that is lost. Opus hides and repairs much of it (in-band FEC), redundancy more.
float points_per_percent(MediaWeight media) {
    switch (media) {
        case MediaWeight::None:
            return 0;
        case MediaWeight::RedundantAudio:
            return 4;
        case MediaWeight::Audio:
            return 8 / 1.5F;
        case MediaWeight::Video:
            return 10;
    }
    return 0;
}

// The delay impairment of the E-model as commonly simplified (ITU-T G.107): mild until conversations suffer
// at some 160 ms one way, steep beyond.
float points_for_delay(Duration one_way) {
    const float ms = static_cast<float>(one_way.us) / 1000;
    return ms < 160 ? ms / 40 : (ms - 120) / 10;
}

// ITU-T G.107 Annex B: the mean opinion score for a rating, 1 to 4.5.
float mean_opinion(float r) {
    return std::clamp(1 + 0.035F * r + r * (r - 60) * (100 - r) * 7e-6F, 1.0F, 4.5F);
}

}  // namespace

void QualityMeter::handle_sample(const Sample& sample) {
    const bool was_connected = std::exchange(is_connected_, sample.is_connected);
    if (!sample.is_connected) {
        is_known_ = true;
        score_ = 0;
        return;
    }
    const float lost = sample.loss * 100 * points_per_percent(sample.media);
    const float late = sample.media == MediaWeight::None ? 0 : points_for_delay(sample.rtt / 2);
    const float score = std::clamp(kScoreMax - lost - late, kPoorMin, kScoreMax);
    // A new path has nothing to do with what was before.
    const bool is_fresh = !is_known_ || !was_connected;
    score_ = is_fresh ? score : score_ + (score - score_) * (score > score_ ? kUpward : kDownward);
    is_known_ = true;
}

std::optional<::livekit::ConnectionQualityInfo> QualityMeter::info() const {
    if (!is_known_) return std::nullopt;
    ::livekit::ConnectionQualityInfo info;
    info.set_score(is_connected_ ? mean_opinion(score_) : 0);
    info.set_quality(!is_connected_             ? ::livekit::LOST
                     : score_ > kExcellentAbove ? ::livekit::EXCELLENT
                     : score_ > kGoodAbove      ? ::livekit::GOOD
                                                : ::livekit::POOR);
    return info;
}

}  // namespace conclave::conference
