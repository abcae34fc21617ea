// Values of RTP header extensions, each named by its URI. Parsers take the element's value as
// wire::find_extension returns it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace conclave::wire {

constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr std::string_view kRidUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr std::string_view kRepairedRidUri = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
constexpr std::string_view kAudioLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr std::string_view kTransportCcUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view kAbsSendTimeUri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
constexpr std::string_view kAbsCaptureTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
// Its value: wire/dependency_descriptor.h.
constexpr std::string_view kDependencyDescriptorUri =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

// RFC 6464 3.
struct AudioLevel {
    bool voice = false;   // the sender's voice activity detection
    uint8_t level = 127;  // -dBov: 0 is the loudest, 127 is silence
    bool operator==(const AudioLevel&) const = default;
};
std::optional<AudioLevel> parse_audio_level(ByteView value);
std::array<uint8_t, 1> serialize_audio_level(AudioLevel level);

// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 2).
std::optional<uint16_t> parse_transport_cc(ByteView value);
std::array<uint8_t, 2> serialize_transport_cc(uint16_t sequence);

// 24 bits: seconds in 6.18 fixed point, wrapping every 64 s.
std::optional<uint32_t> parse_abs_send_time(ByteView value);
std::array<uint8_t, 3> serialize_abs_send_time(uint32_t value);
uint32_t abs_send_time_of(Instant at);

// MID (RFC 9143 15), RID and repaired RID (RFC 8852 3): 1 to 16 letters, digits, '-' or '_'. Longer ones
// are not made by any client and would not fit the one-byte form.
constexpr size_t kStreamIdSizeMax = 16;
std::optional<std::string_view> parse_stream_id(ByteView value);

// When the first sample of the packet was captured, by the capturer's NTP clock, and how far that clock is
// from the sender's (absent in the short form).
struct AbsCaptureTime {
    NtpTime captured_at;
    std::optional<int64_t> clock_offset;  // signed 32.32 fixed point seconds
    bool operator==(const AbsCaptureTime&) const = default;
};
std::optional<AbsCaptureTime> parse_abs_capture_time(ByteView value);
// Writes 8 or 16 bytes; returns how many.
size_t serialize_abs_capture_time(const AbsCaptureTime& time, std::array<uint8_t, 16>& out);

}  // namespace conclave::wire
