#include "wire/dependency_descriptor.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace conclave::wire {
namespace {

class Bits {
 public:
    Bits& put(uint32_t value, size_t count) {
        for (size_t i = count; i-- > 0;) {
            if (used_ % 8 == 0) bytes_.push_back(0);
            bytes_.back() = static_cast<uint8_t>(bytes_.back() | (value >> i & 1) << (7 - used_ % 8));
            ++used_;
        }
        return *this;
    }
    const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
    std::vector<uint8_t> bytes_;
    size_t used_ = 0;
};

constexpr uint32_t kFirst = 0x80;  // start_of_frame
constexpr uint32_t kLast = 0x40;

Bits mandatory(uint32_t flags_and_template, uint32_t frame_number) {
    Bits bits;
    bits.put(flags_and_template, 8).put(frame_number, 16);
    return bits;
}

// Two temporal layers, two decode targets, one chain; templates: key T0, T0, T1; ids from `offset`.
void put_l1t2(Bits& bits, uint32_t offset, bool has_resolution = true) {
    bits.put(offset, 6).put(1, 5);
    bits.put(0, 2).put(1, 2).put(3, 2);            // T0, T0, T1
    bits.put(2, 2).put(2, 2);                      // key: switch for both
    bits.put(3, 2).put(3, 2);                      // T0: required
    bits.put(0, 2).put(1, 2);                      // T1: not in target 0, discardable in 1
    bits.put(0, 1).put(1, 1).put(1, 4).put(0, 1);  // diffs: none; 2
    bits.put(1, 1).put(0, 4).put(0, 1);            // 1
    bits.put(2, 2);                                // chains: ns(3), 1 is "10"
    bits.put(0, 4).put(2, 4).put(1, 4);            // chain diffs (protected_by is ns(1): no bits)
    bits.put(has_resolution ? 1 : 0, 1);
    if (has_resolution) bits.put(1279, 16).put(719, 16);
}

std::vector<uint8_t> key_l1t2(uint32_t frame_number, uint32_t offset = 0) {
    Bits bits = mandatory(kFirst | kLast | offset, frame_number);
    bits.put(0b10000, 5);
    put_l1t2(bits, offset);
    return bits.bytes();
}

TEST(DependencyDescriptor, ReadsAKeyFrameAndItsStructure) {
    DependencyDescriptorReader reader;
    const FrameDependencies* frame = reader.read(key_l1t2(65535));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->frame_number, 65535);
    EXPECT_TRUE(frame->starts_frame && frame->ends_frame && frame->has_structure);
    EXPECT_TRUE(frame->frame_diffs.empty());
    ASSERT_EQ(frame->dtis.size(), 2u);
    EXPECT_EQ(frame->dtis[1], Dti::Switch);
    EXPECT_EQ(frame->active_decode_targets, 3u);
    ASSERT_EQ(frame->chain_diffs.size(), 1u);
    EXPECT_EQ(frame->chain_diffs[0], 0);
    const DependencyStructure& structure = *frame->structure;
    EXPECT_EQ(structure.chains, 1);
    ASSERT_EQ(structure.decode_targets.size(), 2u);
    EXPECT_EQ(structure.decode_targets[0].temporal, 0);
    EXPECT_EQ(structure.decode_targets[1].temporal, 1);
    ASSERT_EQ(structure.resolutions.size(), 1u);
    EXPECT_EQ(structure.resolutions[0], (Resolution{1280, 720}));
}

TEST(DependencyDescriptor, LaterFramesTakeTheirTemplateAndTheNumberWraps) {
    DependencyDescriptorReader reader;
    ASSERT_TRUE(reader.read(key_l1t2(65535, 62)));
    // Template ids go round: 62, 63, 0.
    const FrameDependencies* t1 = reader.read(mandatory(kFirst | 0, 0).bytes());
    ASSERT_TRUE(t1);
    EXPECT_EQ(t1->frame_number, 65536);
    EXPECT_FALSE(t1->has_structure);
    EXPECT_FALSE(t1->ends_frame);
    EXPECT_EQ(t1->temporal, 1);
    EXPECT_EQ(t1->dtis[0], Dti::NotPresent);
    EXPECT_EQ(t1->dtis[1], Dti::Discardable);
    ASSERT_EQ(t1->frame_diffs.size(), 1u);
    EXPECT_EQ(t1->frame_diffs[0], 1);
    const FrameDependencies* t0 = reader.read(mandatory(kLast | 63, 1).bytes());
    ASSERT_TRUE(t0);
    EXPECT_EQ(t0->frame_number, 65537);
    EXPECT_EQ(t0->frame_diffs[0], 2);
    EXPECT_EQ(t0->chain_diffs[0], 2);
    EXPECT_FALSE(reader.read(mandatory(kFirst | 1, 2).bytes())) << "no such template";
}

TEST(DependencyDescriptor, APacketMaySayWhatDiffersFromItsTemplate) {
    DependencyDescriptorReader reader;
    ASSERT_TRUE(reader.read(key_l1t2(10)));
    Bits bits = mandatory(kFirst | 1, 11);
    bits.put(0b00111, 5);
    bits.put(2, 2).put(3, 2);                                    // dtis
    bits.put(1, 2).put(0, 4).put(3, 2).put(4095, 12).put(0, 2);  // diffs 1 and 4096
    bits.put(200, 8);                                            // chain
    const FrameDependencies* frame = reader.read(bits.bytes());
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->dtis[0], Dti::Switch);
    ASSERT_EQ(frame->frame_diffs.size(), 2u);
    EXPECT_EQ(frame->frame_diffs[1], 4096);
    EXPECT_EQ(frame->chain_diffs[0], 200);
}

TEST(DependencyDescriptor, ActiveDecodeTargetsStayUntilChanged) {
    DependencyDescriptorReader reader;
    ASSERT_TRUE(reader.read(key_l1t2(10)));
    Bits bits = mandatory(kFirst | 1, 12);
    bits.put(0b01000, 5).put(0b01, 2);
    EXPECT_EQ(reader.read(bits.bytes())->active_decode_targets, 1u);
    EXPECT_EQ(reader.read(mandatory(kFirst | 1, 14).bytes())->active_decode_targets, 1u);
    Bits late = mandatory(kFirst | 1, 11);
    late.put(0b01000, 5).put(0b11, 2);
    EXPECT_EQ(reader.read(late.bytes())->active_decode_targets, 1u);
    EXPECT_EQ(reader.read(key_l1t2(20))->active_decode_targets, 3u);
}

TEST(DependencyDescriptor, NothingIsKnownBeforeTheFirstStructureNorOfFramesBeforeTheNewest) {
    DependencyDescriptorReader reader;
    EXPECT_FALSE(reader.read(mandatory(kFirst | 1, 9).bytes()));
    ASSERT_TRUE(reader.read(key_l1t2(10)));
    EXPECT_FALSE(reader.read(mandatory(kFirst | 1, 9).bytes()));
    EXPECT_FALSE(reader.read(key_l1t2(9)));
    // Far back is a publisher that counts anew, not a late packet.
    ASSERT_TRUE(reader.read(mandatory(kFirst | 1, 2000).bytes()));
    const FrameDependencies* again = reader.read(key_l1t2(5));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->frame_number, 65536 + 5);
}

TEST(DependencyDescriptor, ReadsSpatialLayersAndTwoChains) {
    // L2T1, simulcast-like: S0 in target 0, S1 in target 1, each with its own chain.
    Bits bits = mandatory(kFirst | 0, 1);
    bits.put(0b10000, 5);
    bits.put(0, 6).put(1, 5);
    bits.put(2, 2).put(3, 2);  // S0; S1
    bits.put(2, 2).put(0, 2);  // S0
    bits.put(0, 2).put(2, 2);  // S1
    bits.put(0, 1).put(1, 1).put(0, 4).put(0, 1);
    bits.put(3, 2);            // ns(3): 2 is "11"
    bits.put(0, 1).put(1, 1);  // protected by 0, by 1
    bits.put(0, 4).put(0, 4).put(1, 4).put(1, 4);
    bits.put(0, 1);
    DependencyDescriptorReader reader;
    const FrameDependencies* frame = reader.read(bits.bytes());
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->structure->spatial_layers, 2);
    EXPECT_EQ(frame->structure->chains, 2);
    EXPECT_EQ(frame->structure->decode_targets[0].spatial, 0);
    EXPECT_EQ(frame->structure->decode_targets[1].spatial, 1);
    EXPECT_EQ(frame->structure->decode_targets[1].chain, 1);
    EXPECT_TRUE(frame->structure->resolutions.empty());
    EXPECT_EQ(reader.read(mandatory(kFirst | 1, 2).bytes())->spatial, 1);
}

// The head of a structure with `targets` targets and then these steps between layers.
std::vector<uint8_t> structure_of(uint32_t targets, const std::vector<uint32_t>& steps) {
    Bits bits = mandatory(kFirst | kLast, 1);
    bits.put(0b10000, 5).put(0, 6).put(targets - 1, 5);
    for (const uint32_t step : steps) bits.put(step, 2);
    bits.put(3, 2);
    const auto templates = static_cast<uint32_t>(steps.size() + 1);
    for (uint32_t i = 0; i < templates * targets; ++i) bits.put(2, 2);
    for (uint32_t i = 0; i < templates; ++i) bits.put(0, 1);
    for (int i = 0; i < 8; ++i) bits.put(0, 8);  // no chains, no resolutions
    return bits.bytes();
}

TEST(DependencyDescriptor, HoldsItsLimits) {
    const auto reads = [](uint32_t targets, const std::vector<uint32_t>& steps) {
        DependencyDescriptorReader reader;
        return reader.read(structure_of(targets, steps)) != nullptr;
    };
    EXPECT_TRUE(reads(kDecodeTargetsMax, {}));
    EXPECT_TRUE(reads(1, std::vector<uint32_t>(kDependencyTemplatesMax - 1, 0)));
    EXPECT_FALSE(reads(1, std::vector<uint32_t>(kDependencyTemplatesMax, 0)));
    EXPECT_TRUE(reads(1, std::vector<uint32_t>(kDependencySpatialMax - 1, 2)));
    EXPECT_FALSE(reads(1, std::vector<uint32_t>(kDependencySpatialMax, 2)));
    EXPECT_TRUE(reads(1, std::vector<uint32_t>(kDependencyTemporalMax - 1, 1)));
    EXPECT_FALSE(reads(1, std::vector<uint32_t>(kDependencyTemporalMax, 1)));

    const auto reads_diffs = [](size_t count) {
        DependencyDescriptorReader reader;
        EXPECT_TRUE(reader.read(key_l1t2(1)));
        Bits bits = mandatory(kFirst | 1, 2);
        bits.put(0b00010, 5);
        for (size_t i = 0; i < count; ++i) bits.put(1, 2).put(0, 4);
        bits.put(0, 2);
        return reader.read(bits.bytes()) != nullptr;
    };
    EXPECT_TRUE(reads_diffs(kFrameDiffsMax));
    EXPECT_FALSE(reads_diffs(kFrameDiffsMax + 1));
}

TEST(DependencyDescriptor, ACutOffDescriptorChangesNothing) {
    const auto whole = key_l1t2(7, 3);
    for (size_t size = 0; size < whole.size(); ++size) {
        DependencyDescriptorReader reader;
        EXPECT_FALSE(reader.read(ByteView{whole}.first(size))) << size;
    }
    DependencyDescriptorReader reader;
    ASSERT_TRUE(reader.read(key_l1t2(1)));
    EXPECT_FALSE(reader.read(ByteView{whole}.first(whole.size() - 3)));
    ASSERT_TRUE(reader.read(mandatory(kFirst | 2, 2).bytes())) << "the old structure still stands";
}

}  // namespace
}  // namespace conclave::wire
