// Which packets of one stream a subscriber gets, by what the codec says of its layers. Each class forwards
// only what can be decoded given what it forwarded before, from a key frame on. A target is what is wanted;
// what is forwarded follows it as soon as the stream allows.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "sfu/frame_log.h"
#include "sfu/frame_window.h"
#include "sfu/layers.h"
#include "sfu/patience.h"
#include "wire/dependency_descriptor.h"

namespace conclave::sfu {

struct Choice {
    bool forward = false;
    bool ends_picture = false;  // last packet of the highest spatial layer forwarded: deserves the marker
};

// VP8 (RFC 7741 4.2): temporal layers. A layer is joined at a frame with Y, which needs the base layer only.
class Vp8Layers {
 public:
    void restart();
    Choice choose(Instant now, const Packet&, Layer target);
    bool wants_keyframe(Instant now) const { return patience_.is_over(now, kPatience); }

    static constexpr Duration kPatience = Duration::seconds(1);

 private:
    bool is_decodable(uint8_t temporal, bool is_sync) const;

    FrameLog frames_;
    Patience patience_;
    uint8_t joined_ = 0;  // bit n: nothing of temporal layer n was left out since it was joined
};

// VP9 by its payload descriptor (RFC 9628 4.2). Spatial layers are added at pictures that need no other, and
// left at any; temporal ones by the references that flexible mode lists, else at switching-up points.
class Vp9Layers {
 public:
    void restart();
    Choice choose(Instant now, const Packet&, Layer target);
    bool wants_keyframe(Instant now) const { return patience_.is_over(now, kPatience); }

    static constexpr Duration kPatience = Duration::seconds(1);

 private:
    bool choose_temporal(const wire::Vp9Descriptor&, uint8_t target);
    bool choose_by_references(const wire::Vp9Descriptor&, uint8_t target);

    FrameLog frames_;
    FrameWindow pictures_;
    int64_t newest_picture_ = 0;
    Patience patience_;
    Layer current_;
};

// Any codec with the dependency descriptor (AV1 RTP 1.0, A.4): a frame is forwarded when it belongs to the
// decode target and nothing that it needs was left out.
class DependencyLayers {
 public:
    // With the key frame that it starts at.
    void restart(const wire::FrameDependencies&, Layer target);
    Choice choose(Instant now, const wire::FrameDependencies&, Layer target);
    bool wants_keyframe(Instant now) const;

    // Temporal layers come within a few frames; spatial ones mostly need a key frame.
    static constexpr Duration kUpPatience = Duration::seconds(1);
    // Going down is asked for because bandwidth is short.
    static constexpr Duration kDownPatience = Duration::millis(200);

 private:
    struct Target {
        size_t index = 0;
        wire::DecodeTarget layer;
    };
    static Target resolve(const wire::FrameDependencies&, Layer);
    bool is_decodable(const wire::FrameDependencies&) const;
    bool try_switch(const wire::FrameDependencies&, const Target&);
    void move_towards(Instant now, const wire::FrameDependencies&, const Target& wanted);

    FrameWindow frames_;
    Target current_;
    Patience up_;
    Patience down_;
    bool is_broken_ = false;  // something of the current target had to be left out
};

}  // namespace conclave::sfu
