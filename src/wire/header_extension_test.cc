#include "wire/header_extension.h"

#include <gtest/gtest.h>

#include <string>

namespace conclave::wire {
namespace {

TEST(HeaderExtension, AudioLevelRoundTrips_RFC6464_3) {
    for (int voice = 0; voice < 2; ++voice) {
        for (uint8_t level = 0; level < 128; ++level) {
            const AudioLevel value{voice == 1, level};
            EXPECT_EQ(parse_audio_level(serialize_audio_level(value)), value);
        }
    }
    EXPECT_EQ(serialize_audio_level({true, 0})[0], 0x80);
    EXPECT_FALSE(parse_audio_level({}));
}

TEST(HeaderExtension, TransportCcIsTwoBytesOrFour) {
    EXPECT_EQ(parse_transport_cc(serialize_transport_cc(0xabcd)), 0xabcd);
    const std::array<uint8_t, 5> bytes{0x12, 0x34, 0, 0, 0};
    for (size_t size = 0; size <= 5; ++size) {
        EXPECT_EQ(parse_transport_cc(ByteView{bytes}.first(size)).has_value(), size == 2 || size == 4);
    }
}

TEST(HeaderExtension, AbsSendTimeIs24BitsOf18BitFractions) {
    EXPECT_EQ(abs_send_time_of(Instant{0}), 0u);
    EXPECT_EQ(abs_send_time_of(Instant::from_ms(1000)), 1u << 18);
    EXPECT_EQ(abs_send_time_of(Instant::from_ms(64'000 + 500)), 1u << 17);
    EXPECT_EQ(abs_send_time_of(Instant{63'999'999}), 0xffffffu);
    EXPECT_EQ(parse_abs_send_time(serialize_abs_send_time(0x123456)), 0x123456u);
    EXPECT_FALSE(parse_abs_send_time(std::array<uint8_t, 2>{}));
}

TEST(HeaderExtension, StreamIdsAreShortTokens_RFC8852_3) {
    for (const std::string good : {"0", "audio", "h", "a-b_C9", "0123456789abcdef"}) {
        EXPECT_EQ(parse_stream_id(as_bytes(good)), good);
    }
    for (const std::string bad : {"", "0123456789abcdef0", "a b", "a\n", "\xc3\xa9"}) {
        EXPECT_FALSE(parse_stream_id(as_bytes(bad)));
    }
    EXPECT_FALSE(parse_stream_id(std::array<uint8_t, 1>{0}));
}

TEST(HeaderExtension, AbsCaptureTimeHasAShortAndALongForm) {
    const AbsCaptureTime short_form{NtpTime{0x0123456789abcdef}, {}};
    const AbsCaptureTime long_form{NtpTime{1}, int64_t{-5}};
    std::array<uint8_t, 16> out;
    EXPECT_EQ(serialize_abs_capture_time(short_form, out), 8u);
    EXPECT_EQ(parse_abs_capture_time(ByteView{out}.first(8)), short_form);
    EXPECT_EQ(serialize_abs_capture_time(long_form, out), 16u);
    EXPECT_EQ(parse_abs_capture_time(out), long_form);
    EXPECT_FALSE(parse_abs_capture_time(ByteView{out}.first(12)));
}

}  // namespace
}  // namespace conclave::wire
