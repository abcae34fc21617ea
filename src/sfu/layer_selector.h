// Which packets of a video track one subscriber gets. It moves to another simulcast stream at a key frame of
// that one and shows the old one until then; within a stream the codec's layers decide.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/time.h"
#include "sfu/codec_layers.h"
#include "sfu/layers.h"

namespace conclave::sfu {

class LayerSelector {
 public:
    enum class Verdict : uint8_t {
        Skip,   // not of the stream that is forwarded, or not to be judged: no business of its numbering
        Start,  // the first packet forwarded of a stream
        Forward,
        Drop,  // of the stream that is forwarded, and left out
    };
    struct Decision {
        Verdict verdict = Verdict::Skip;
        bool marker = false;
    };

    explicit LayerSelector(bool is_svc) : is_svc_(is_svc) {}

    void set_target(Layer target) { target_ = target; }
    Layer target() const { return target_; }
    // What was forwarded no longer helps: waits for a key frame.
    void restart() { current_.reset(); }
    // The simulcast stream being forwarded.
    std::optional<uint8_t> encoding() const { return current_; }

    Decision decide(Instant now, const Packet&);
    // The stream of which a key frame is needed, when one is.
    std::optional<uint8_t> awaited(Instant now) const;
    // The one that it receives, or would.
    uint8_t expected() const { return current_.value_or(target_encoding()); }

 private:
    uint8_t target_encoding() const { return is_svc_ ? uint8_t{0} : target_.spatial; }
    Layer target_within() const { return is_svc_ ? target_ : Layer{kTopLayer.spatial, target_.temporal}; }
    void start(const Packet&);
    std::optional<Choice> choose(Instant now, const Packet&);

    bool is_svc_;
    Layer target_ = kTopLayer;
    std::optional<uint8_t> current_;
    struct Unlayered {};
    std::variant<Unlayered, Vp8Layers, Vp9Layers, DependencyLayers> layers_;
};

}  // namespace conclave::sfu
