#include "wire/h264.h"

#include <gtest/gtest.h>

#include "wire/hex_for_test.h"

namespace conclave::wire {
namespace {

struct Case {
    const char* name;
    const char* bytes;
    int nal_type;
    bool starts;
    bool keyframe;
};

TEST(H264, TellsStartsOfFramesAndKeyFrames_RFC6184_5) {
    const Case cases[] = {
        {"IDR slice at macroblock 0", "65 88 84", 5, true, true},
        {"IDR slice further down", "65 48 84", 5, false, false},
        {"slice at macroblock 0", "41 9a", 1, true, false},
        {"slice further down", "41 1a", 1, false, false},
        {"SPS", "67 42 e0 1f", 7, true, true},
        {"PPS", "68 ce", 8, true, false},
        {"SEI", "06 05", 6, true, false},
        {"delimiter", "09 f0", 9, true, false},
        {"STAP-A of SPS and PPS", "78 0003 6742e0 0002 68ce", 7, true, true},
        {"STAP-A of delimiter and IDR", "18 0002 09f0 0002 6588", 9, true, true},
        {"STAP-A of slices further down", "18 0002 4110 0002 4111", 1, false, false},
        {"FU-A start of IDR", "7c 85 88 84", 5, true, true},
        {"FU-A middle of IDR", "7c 05 88 84", 5, false, false},
        {"FU-A end of IDR", "7c 45 88 84", 5, false, false},
        {"FU-A start of SPS", "7c 87 42 e0", 7, true, true},
        {"FU-A end of SPS", "7c 47 42 e0", 7, false, false},
        {"FU-A start of slice", "5c 81 9a", 1, true, false},
        {"FU-A start of slice further down", "5c 81 1a", 1, false, false},
    };
    for (const Case& c : cases) {
        const auto p = parse_h264(from_hex(c.bytes));
        ASSERT_TRUE(p) << c.name;
        EXPECT_EQ(p->nal_type, c.nal_type) << c.name;
        EXPECT_EQ(starts_frame(*p), c.starts) << c.name;
        EXPECT_EQ(is_keyframe(*p), c.keyframe) << c.name;
    }
}

TEST(H264, M8_RefusesWhatIsCutOffOrOfAnotherMode_RFC6184_5_2) {
    for (const char* bytes : {"", "e5 88", "00 00", "18", "18 00", "18 0000", "18 0003 6742", "18 0002 0011",
                              "18 0002 7811", "7c", "7c 85", "7c c5 88", "7c 80 88", "7c 9c 88", "19 0000",
                              "1a 00", "1d 85 88", "1e 00", "1f 00"}) {
        EXPECT_FALSE(parse_h264(from_hex(bytes))) << bytes;
    }
}

TEST(H264, LooksAtALimitedNumberOfAggregatedUnits) {
    std::vector<uint8_t> bytes{0x18};
    for (size_t i = 0; i < kH264AggregatedMax; ++i) {
        for (const int b : {0x00, 0x02, 0x41, 0x10}) bytes.push_back(static_cast<uint8_t>(b));
    }
    EXPECT_FALSE(parse_h264(bytes)->is_keyframe);
    for (const int b : {0x00, 0x02, 0x67, 0x42}) bytes.push_back(static_cast<uint8_t>(b));
    EXPECT_FALSE(parse_h264(bytes)->is_keyframe);
}

}  // namespace
}  // namespace conclave::wire
