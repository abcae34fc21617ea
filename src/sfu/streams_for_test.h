// Publishers as encoders make them: layers, references and what the packets say of both. Every frame knows
// what it really refers to, so that a test can be a decoder.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "sfu/packet.h"

namespace conclave::sfu {

struct TestFrame {
    int64_t id = 0;  // unique among all streams
    std::vector<int64_t> references;
    uint32_t timestamp = 0;
};

struct TestPacket {
    TestFrame frame;
    Packet packet;
    wire::Vp8Descriptor vp8;
    wire::Vp9Descriptor vp9;
    wire::FrameDependencies dependencies;
    bool has_vp8 = false;
    bool has_vp9 = false;
    bool has_dependencies = false;
    // The pointers follow the object only here.
    Packet view() const {
        Packet p = packet;
        if (has_vp8) p.vp8 = &vp8;
        if (has_vp9) p.vp9 = &vp9;
        if (has_dependencies) p.dependencies = &dependencies;
        return p;
    }
};

struct TestStreamConfig {
    enum class Codec : uint8_t { Vp8, H264, Vp9, Vp9Flexible, Dependencies };
    Codec codec = Codec::Vp8;
    uint8_t encoding = 0;
    uint8_t spatial_layers = 1;
    uint8_t temporal_layers = 3;
    bool is_k_svc = false;  // spatial layers refer to each other in key pictures only
    uint32_t timestamp = 0;
    uint16_t first_picture_id = 0;
    bool has_short_picture_id = false;
};

class TestStream {
 public:
    using Codec = TestStreamConfig::Codec;
    TestStream(const TestStreamConfig& config, Rng& rng)
        : config_(config), rng_(rng), picture_id_(config.first_picture_id) {
        for (uint8_t s = 0; s < config.spatial_layers; ++s) {
            for (uint8_t t = 0; t < config.temporal_layers; ++t)
                structure_.decode_targets.push_back({s, t, 0});
        }
        structure_.spatial_layers = config.spatial_layers;
        next_id_ = (config.encoding + 1) * 100'000'000LL;
        sequence_ = 1000 * (config.encoding + 1);
    }

    void force_key() { is_key_due_ = true; }
    void set_active_spatial(uint8_t count) {
        if (count > active_spatial_) force_key();  // a layer begins with one
        active_spatial_ = count;
    }

    // One picture: the packets of all its spatial layers.
    std::vector<TestPacket> next(uint32_t timestamp_step = 3000) {
        timestamp_ += timestamp_step;
        const bool is_key = std::exchange(is_key_due_, false);
        if (is_key) position_ = 0;
        const uint8_t temporal = temporal_of(position_++);
        const bool is_sync = !is_key && temporal > 0 && rng_.u32() % 4 == 0;
        if (is_key || temporal == 0) ++tl0_;
        if (is_key) key_index_ = (key_index_ + 1) & 0x1f;
        ++picture_id_;
        std::vector<TestPacket> packets;
        const uint8_t layers = std::min(active_spatial_, config_.spatial_layers);
        for (uint8_t spatial = 0; spatial < layers; ++spatial) {
            add_frame(spatial, temporal, is_key, is_sync, packets);
        }
        packets.back().packet.marker = true;
        return packets;
    }

 private:
    struct Last {
        int64_t id = 0;
        int64_t frame_number = 0;
        int64_t picture = 0;
    };

    uint8_t temporal_of(int64_t position) const {
        static constexpr uint8_t kThree[] = {0, 2, 1, 2};
        if (config_.temporal_layers == 3) return kThree[position % 4];
        return config_.temporal_layers == 2 ? static_cast<uint8_t>(position % 2) : uint8_t{0};
    }

    // T0 refers to T0, T1 to T0 (and itself), T2 to the newer of T0 and T1.
    std::vector<Last> temporal_references(uint8_t spatial, uint8_t temporal, bool is_sync) const {
        const auto& last = last_[spatial];
        if (temporal == 0) return {last[0]};
        if (config_.codec != Codec::Vp8) {
            return {temporal == 2 && last[1].picture > last[0].picture ? last[1] : last[0]};
        }
        std::vector<Last> all{last[0]};
        for (uint8_t t = 1; t <= temporal && !is_sync; ++t) {
            if (last[t].id != 0) all.push_back(last[t]);
        }
        return all;
    }

    void add_frame(uint8_t spatial, uint8_t temporal, bool is_key, bool is_sync,
                   std::vector<TestPacket>& out) {
        const Last frame{++next_id_, ++frame_number_, picture_count_ += spatial == 0};
        std::vector<Last> references;
        if (!is_key) references = temporal_references(spatial, temporal, is_sync);
        const bool is_inter_layer = spatial > 0 && (is_key || !config_.is_k_svc);
        if (is_inter_layer) references.push_back(below_);
        TestPacket packet;
        packet.frame.id = frame.id;
        packet.frame.timestamp = config_.timestamp + timestamp_;
        for (const Last& reference : references) packet.frame.references.push_back(reference.id);
        describe(spatial, temporal, is_key, is_sync, frame, references, packet);
        if (is_key) last_[spatial] = {};
        if (is_key) {
            for (Last& last : last_[spatial]) last = {};
        }
        last_[spatial][temporal] = frame;
        below_ = frame;
        const uint32_t count = 1 + rng_.u32() % 3;
        for (uint32_t i = 0; i < count; ++i) {
            packet.packet.sequence = {++sequence_};
            packet.packet.size = 1000;
            packet.packet.starts_keyframe = is_key && spatial == 0 && i == 0;
            packet.vp9.starts_frame = packet.dependencies.starts_frame = i == 0;
            packet.vp9.ends_frame = packet.dependencies.ends_frame = i + 1 == count;
            packet.dependencies.has_structure = packet.packet.starts_keyframe;
            out.push_back(packet);
        }
    }

    void describe(uint8_t spatial, uint8_t temporal, bool is_key, bool is_sync, const Last& frame,
                  const std::vector<Last>& references, TestPacket& packet) {
        Packet& p = packet.packet;
        p.encoding = config_.encoding;
        p.source = 100U + config_.encoding;
        p.timestamp = packet.frame.timestamp;
        packet.has_vp8 = config_.codec == Codec::Vp8;
        packet.has_vp9 = config_.codec == Codec::Vp9 || config_.codec == Codec::Vp9Flexible;
        packet.has_dependencies = config_.codec == Codec::Dependencies;
        packet.vp8.temporal_id = temporal;
        packet.vp8.is_layer_sync = is_sync;
        packet.vp8.has_long_picture_id = !config_.has_short_picture_id;
        packet.vp8.picture_id = picture_id_ & (config_.has_short_picture_id ? 0x7f : 0x7fff);
        packet.vp8.tl0_pic_idx = tl0_;
        packet.vp8.key_index = key_index_;
        packet.vp9.has_layers = true;
        packet.vp9.spatial = spatial;
        packet.vp9.temporal = temporal;
        packet.vp9.is_inter_predicted = !is_key;
        packet.vp9.is_inter_layer_predicted = spatial > 0;
        packet.vp9.is_flexible = config_.codec == Codec::Vp9Flexible;
        packet.vp9.has_long_picture_id = true;
        packet.vp9.picture_id = picture_id_ & 0x7fff;
        // As libvpx does: on frames above the base layer that need only that.
        const auto& last = last_[spatial];
        packet.vp9.is_switching_up_point =
            temporal == 1 || (temporal == 2 && last[0].picture > last[1].picture);
        wire::FrameDependencies& d = packet.dependencies;
        d.frame_number = frame.frame_number;
        d.spatial = spatial;
        d.temporal = temporal;
        d.structure = &structure_;
        for (const Last& reference : references) {
            d.frame_diffs.push_back(static_cast<uint16_t>(frame.frame_number - reference.frame_number));
            const int64_t pictures = frame.picture - reference.picture;
            if (pictures > 0 && packet.vp9.is_flexible && !packet.vp9.references.full()) {
                packet.vp9.references.push_back(static_cast<uint8_t>(pictures));
            }
        }
        for (size_t i = 0; i < structure_.decode_targets.size(); ++i) {
            const wire::DecodeTarget& target = structure_.decode_targets[i];
            d.dtis.push_back(dti(target, spatial, temporal, is_key));
            if (target.spatial < active_spatial_) d.active_decode_targets |= 1U << i;
        }
    }

    wire::Dti dti(const wire::DecodeTarget& target, uint8_t spatial, uint8_t temporal, bool is_key) const {
        const bool is_in =
            config_.is_k_svc && !is_key ? spatial == target.spatial : spatial <= target.spatial;
        if (!is_in || temporal > target.temporal) return wire::Dti::NotPresent;
        if (is_key && spatial == 0) return wire::Dti::Switch;
        if (spatial == target.spatial && temporal < 2) return wire::Dti::Switch;
        return spatial == target.spatial ? wire::Dti::Discardable : wire::Dti::Required;
    }

    TestStreamConfig config_;
    Rng& rng_;
    wire::DependencyStructure structure_;
    bool is_key_due_ = true;
    uint8_t active_spatial_ = 4;
    int64_t position_ = 0;
    uint32_t timestamp_ = 0;
    int64_t next_id_ = 0;
    int64_t sequence_ = 0;
    int64_t frame_number_ = 0;
    int64_t picture_count_ = 0;
    uint16_t picture_id_ = 0;
    uint8_t tl0_ = 0;
    uint8_t key_index_ = 0;
    std::array<std::array<Last, 3>, 4> last_{};
    Last below_;
};

}  // namespace conclave::sfu
