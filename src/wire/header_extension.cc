#include "wire/header_extension.h"

#include <algorithm>

namespace conclave::wire {

namespace {

bool is_stream_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::optional<AudioLevel> parse_audio_level(ByteView value) {
    // Two bytes when the sender uses the two-byte form's freedom to pad: only the first has meaning.
    if (value.empty() || value.size() > 2) return {};
    return AudioLevel{(value[0] & 0x80) != 0, static_cast<uint8_t>(value[0] & 0x7f)};
}

std::array<uint8_t, 1> serialize_audio_level(AudioLevel level) {
    return {static_cast<uint8_t>((level.voice ? 0x80 : 0) | std::min<uint8_t>(level.level, 127))};
}

std::optional<uint16_t> parse_transport_cc(ByteView value) {
    // Version 02 of the extension appends a feedback request, which a server that sends feedback anyway
    // has no use for.
    if (value.size() != 2 && value.size() != 4) return {};
    return load_be16(value.data());
}

std::array<uint8_t, 2> serialize_transport_cc(uint16_t sequence) {
    std::array<uint8_t, 2> out;
    store_be16(out.data(), sequence);
    return out;
}

std::optional<uint32_t> parse_abs_send_time(ByteView value) {
    if (value.size() != 3) return {};
    return load_be24(value.data());
}

std::array<uint8_t, 3> serialize_abs_send_time(uint32_t value) {
    std::array<uint8_t, 3> out;
    store_be24(out.data(), value);
    return out;
}

uint32_t abs_send_time_of(Instant at) {
    constexpr uint64_t kPeriodUs = 64'000'000;  // reduced first, so that the shift cannot overflow
    const uint64_t us = static_cast<uint64_t>(at.us) % kPeriodUs;
    return static_cast<uint32_t>((us << 18) / 1'000'000) & 0xffffff;
}

std::optional<std::string_view> parse_stream_id(ByteView value) {
    const std::string_view text = as_text(value);
    if (text.empty() || text.size() > kStreamIdSizeMax) return {};
    if (!std::all_of(text.begin(), text.end(), is_stream_id_char)) return {};
    return text;
}

std::optional<AbsCaptureTime> parse_abs_capture_time(ByteView value) {
    if (value.size() != 8 && value.size() != 16) return {};
    AbsCaptureTime time{NtpTime{load_be64(value.data())}, {}};
    if (value.size() == 16) time.clock_offset = static_cast<int64_t>(load_be64(value.data() + 8));
    return time;
}

size_t serialize_abs_capture_time(const AbsCaptureTime& time, std::array<uint8_t, 16>& out) {
    store_be64(out.data(), time.captured_at.value);
    if (!time.clock_offset) return 8;
    store_be64(out.data() + 8, static_cast<uint64_t>(*time.clock_offset));
    return 16;
}

}  // namespace conclave::wire
