#include "wire/dependency_descriptor.h"

#include <algorithm>

namespace conclave::wire {

namespace {

constexpr uint8_t kTemplateIds = 64;
// A key frame further back than this is not late: its publisher began to count anew.
constexpr int64_t kLateFramesMax = 512;

// Most significant bit first; past the end zeros, and ok() false for good.
class BitReader {
 public:
    explicit BitReader(ByteView bytes) : bytes_(bytes) {}
    bool ok() const { return ok_; }
    uint32_t bits(size_t count) {  // f(n), at most 32
        if (count > bytes_.size() * 8 - at_) {
            ok_ = false;
            at_ = bytes_.size() * 8;
            return 0;
        }
        uint32_t value = 0;
        for (; count > 0; --count, ++at_) {
            value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1);
        }
        return value;
    }
    bool flag() { return bits(1) != 0; }
    uint8_t u8(size_t count) { return static_cast<uint8_t>(bits(count)); }
    // ns(n), A.8.1: one of n values, the lower ones in a bit less.
    uint32_t non_symmetric(uint32_t n) {
        size_t width = 0;
        for (uint32_t x = n; x != 0; x >>= 1) ++width;
        const uint32_t short_values = (1U << width) - n;
        const uint32_t value = bits(width - 1);
        if (value < short_values) return value;
        return (value << 1) - short_values + bits(1);
    }

 private:
    ByteView bytes_;
    size_t at_ = 0;
    bool ok_ = true;
};

// template_layers(): templates are in the order of their layers.
bool read_layers(BitReader& in, DependencyStructure& s) {
    enum : uint32_t { kSameLayer, kNextTemporal, kNextSpatial, kNoMore };
    uint8_t spatial = 0;
    uint8_t temporal = 0;
    while (in.ok()) {
        DependencyStructure::Template next;
        next.spatial = spatial;
        next.temporal = temporal;
        if (!s.templates.try_push_back(next)) return false;
        const uint32_t step = in.bits(2);
        if (step == kNoMore) break;
        if (step == kNextTemporal) ++temporal;
        if (step == kNextSpatial) {
            ++spatial;
            temporal = 0;
        }
        if (spatial >= kDependencySpatialMax || temporal >= kDependencyTemporalMax) return false;
    }
    s.spatial_layers = static_cast<uint8_t>(spatial + 1);
    return in.ok();
}

bool read_template_diffs(BitReader& in, DependencyStructure& s) {
    for (auto& t : s.templates) {
        while (in.flag()) {
            if (!t.frame_diffs.try_push_back(static_cast<uint8_t>(in.bits(4) + 1))) return false;
        }
    }
    return in.ok();
}

void read_template_chains(BitReader& in, DependencyStructure& s) {
    const auto targets = static_cast<uint32_t>(s.decode_targets.size());
    s.chains = static_cast<uint8_t>(in.non_symmetric(targets + 1));
    if (s.chains == 0) return;
    for (DecodeTarget& target : s.decode_targets) {
        target.chain = static_cast<uint8_t>(in.non_symmetric(s.chains));
    }
    for (auto& t : s.templates) {
        for (size_t chain = 0; chain < s.chains; ++chain) t.chain_diffs[chain] = in.u8(4);
    }
}

// decode_target_layers(): a target reaches as high as the templates that are in it.
void find_target_layers(DependencyStructure& s) {
    for (size_t i = 0; i < s.decode_targets.size(); ++i) {
        DecodeTarget& target = s.decode_targets[i];
        for (const auto& t : s.templates) {
            if (t.dtis[i] == Dti::NotPresent) continue;
            target.spatial = std::max(target.spatial, t.spatial);
            target.temporal = std::max(target.temporal, t.temporal);
        }
    }
}

// template_dependency_structure(), A.8.2.
bool read_structure(BitReader& in, DependencyStructure& s) {
    s = {};
    s.template_id_offset = in.u8(6);
    const size_t targets = in.bits(5) + size_t{1};
    for (size_t i = 0; i < targets; ++i) s.decode_targets.push_back({});
    if (!read_layers(in, s)) return false;
    for (auto& t : s.templates) {
        for (size_t i = 0; i < targets; ++i) t.dtis[i] = static_cast<Dti>(in.bits(2));
    }
    if (!read_template_diffs(in, s)) return false;
    read_template_chains(in, s);
    find_target_layers(s);
    if (in.flag()) {
        for (size_t i = 0; i < s.spatial_layers; ++i) {
            Resolution resolution;
            // 65536 would be its own successor of 65535 here; nobody sends it.
            resolution.width = static_cast<uint16_t>(std::min<uint32_t>(in.bits(16) + 1, 0xffff));
            resolution.height = static_cast<uint16_t>(std::min<uint32_t>(in.bits(16) + 1, 0xffff));
            s.resolutions.push_back(resolution);
        }
    }
    return in.ok();
}

bool read_custom_diffs(BitReader& in, FrameDependencies& frame) {
    for (uint32_t size = in.bits(2); size != 0; size = in.bits(2)) {
        if (!frame.frame_diffs.try_push_back(static_cast<uint16_t>(in.bits(4 * size) + 1))) return false;
    }
    return in.ok();
}

struct Flags {
    bool has_structure = false;
    bool has_active_targets = false;
    bool custom_dtis = false;
    bool custom_diffs = false;
    bool custom_chains = false;
};

// frame_dependency_definition(), A.8.2: the template, and what the packet says instead.
bool read_definition(BitReader& in, const Flags& flags, const DependencyStructure& s, uint8_t template_id,
                     FrameDependencies& frame) {
    const size_t index = (template_id + kTemplateIds - s.template_id_offset) % kTemplateIds;
    if (index >= s.templates.size()) return false;
    const auto& t = s.templates[index];
    frame.spatial = t.spatial;
    frame.temporal = t.temporal;
    for (size_t i = 0; i < s.decode_targets.size(); ++i) {
        frame.dtis.push_back(flags.custom_dtis ? static_cast<Dti>(in.bits(2)) : t.dtis[i]);
    }
    if (flags.custom_diffs) {
        if (!read_custom_diffs(in, frame)) return false;
    } else {
        for (const uint8_t diff : t.frame_diffs) frame.frame_diffs.push_back(diff);
    }
    for (size_t chain = 0; chain < s.chains; ++chain) {
        frame.chain_diffs.push_back(flags.custom_chains ? in.u8(8) : t.chain_diffs[chain]);
    }
    return in.ok();
}

}  // namespace

int64_t DependencyDescriptorReader::extend(uint16_t frame_number, bool has_structure) const {
    if (!structure_frame_) return frame_number;
    const auto step = static_cast<int16_t>(static_cast<uint16_t>(frame_number - newest_frame_));
    const int64_t extended = newest_frame_ + step;
    return has_structure && extended + kLateFramesMax < newest_frame_ ? extended + 0x10000 : extended;
}

const FrameDependencies* DependencyDescriptorReader::read(ByteView value) {
    BitReader in{value};
    FrameDependencies frame;
    frame.starts_frame = in.flag();
    frame.ends_frame = in.flag();
    const uint8_t template_id = in.u8(6);
    const auto frame_number = static_cast<uint16_t>(in.bits(16));
    if (!in.ok()) return nullptr;
    Flags flags;
    if (value.size() > kDependencyDescriptorSizeMin) {
        flags.has_structure = in.flag();
        flags.has_active_targets = in.flag();
        flags.custom_dtis = in.flag();
        flags.custom_diffs = in.flag();
        flags.custom_chains = in.flag();
    }
    frame.frame_number = extend(frame_number, flags.has_structure);
    if (structure_frame_ && frame.frame_number < *structure_frame_) return nullptr;
    if (flags.has_structure && !read_structure(in, attached_)) return nullptr;
    if (!flags.has_structure && !structure_frame_) return nullptr;
    const DependencyStructure& structure = flags.has_structure ? attached_ : structure_;
    const size_t targets = structure.decode_targets.size();
    uint32_t active = active_decode_targets_;
    if (flags.has_structure) active = static_cast<uint32_t>((uint64_t{1} << targets) - 1);
    if (flags.has_active_targets) active = in.bits(targets);
    if (!read_definition(in, flags, structure, template_id, frame)) return nullptr;

    if (flags.has_structure) {
        structure_ = attached_;
        structure_frame_ = frame.frame_number;
    }
    // A late packet does not bring back targets that were given up since.
    if (frame.frame_number >= newest_frame_ || flags.has_structure) {
        newest_frame_ = frame.frame_number;
        active_decode_targets_ = active;
    }
    frame.active_decode_targets = active_decode_targets_;
    frame.has_structure = flags.has_structure;
    frame.structure = &structure_;
    frame_ = frame;
    return &frame_;
}

}  // namespace conclave::wire
