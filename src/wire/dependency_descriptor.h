// The dependency descriptor, an RTP header extension (RTP Payload Format for AV1, v1.0, appendix A): what a
// frame needs and what needs it, for any codec. A key frame brings a structure of templates; the packets
// after it name a template and what differs from it. So reading has a memory: one reader for each SSRC.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/static_vector.h"

namespace conclave::wire {

constexpr size_t kDependencyTemplatesMax = 64;  // ids have 6 bits
constexpr size_t kDecodeTargetsMax = 32;        // A.8.2: dt_cnt_minus_one has 5 bits
constexpr size_t kDependencySpatialMax = 4;
constexpr size_t kDependencyTemporalMax = 8;
// More than any encoder has reference buffers for (AV1: 8). The format knows no limit.
constexpr size_t kFrameDiffsMax = 16;

// Decode target indication, A.4: what a frame is to one decode target.
enum class Dti : uint8_t {
    NotPresent,   // not part of it
    Discardable,  // part of it, and no other frame of it needs this one
    Switch,       // part of it; who decodes this frame can decode everything of it from here on
    Required,     // part of it, and others need it
};

// A set of frames that can be decoded together: everything up to a spatial and a temporal layer.
struct DecodeTarget {
    uint8_t spatial = 0;
    uint8_t temporal = 0;
    uint8_t chain = 0;  // that protects it; without meaning when there are no chains
};

struct Resolution {
    uint16_t width = 0;
    uint16_t height = 0;
    bool operator==(const Resolution&) const = default;
};

struct DependencyStructure {
    struct Template {
        uint8_t spatial = 0;
        uint8_t temporal = 0;
        std::array<Dti, kDecodeTargetsMax> dtis{};
        StaticVector<uint8_t, kFrameDiffsMax> frame_diffs;
        std::array<uint8_t, kDecodeTargetsMax> chain_diffs{};
    };
    uint8_t template_id_offset = 0;
    uint8_t chains = 0;  // at most as many as decode targets
    uint8_t spatial_layers = 1;
    StaticVector<DecodeTarget, kDecodeTargetsMax> decode_targets;
    StaticVector<Template, kDependencyTemplatesMax> templates;
    StaticVector<Resolution, kDependencySpatialMax> resolutions;  // by spatial layer; empty when not told
};

// One packet's descriptor, with everything of its template filled in.
struct FrameDependencies {
    int64_t frame_number = 0;  // extended: its low 16 bits are on the wire
    bool starts_frame = false;
    bool ends_frame = false;
    bool has_structure = false;  // a new structure is attached: a key frame starts here
    uint8_t spatial = 0;
    uint8_t temporal = 0;
    StaticVector<uint16_t, kFrameDiffsMax> frame_diffs;    // how many frames back those are that it needs
    StaticVector<Dti, kDecodeTargetsMax> dtis;             // by decode target
    StaticVector<uint8_t, kDecodeTargetsMax> chain_diffs;  // by chain: to its previous frame, 0 at its start
    uint32_t active_decode_targets = 0;                    // bit n: the publisher produces decode target n
    const DependencyStructure* structure = nullptr;        // never null in what the reader returns
};

class DependencyDescriptorReader {
 public:
    // `value` is the extension's. Null when it is malformed, of a template that no structure has described,
    // or of a frame before the newest structure. Valid until the next call.
    const FrameDependencies* read(ByteView value);

 private:
    int64_t extend(uint16_t frame_number, bool has_structure) const;

    DependencyStructure structure_;
    DependencyStructure attached_;  // while it is read
    std::optional<int64_t> structure_frame_;
    int64_t newest_frame_ = 0;
    uint32_t active_decode_targets_ = 0;
    FrameDependencies frame_;
};

// Where a forwarder finds the frame number in the value: big-endian, to be replaced when the numbering of its
// source is not that of the receiver (A.8.3).
constexpr size_t kFrameNumberOffset = 1;
constexpr size_t kDependencyDescriptorSizeMin = 3;

}  // namespace conclave::wire
