#include "wire/sctp.h"

#include <algorithm>

namespace conclave::wire {
namespace {

constexpr uint8_t kFlagEnds = 0x01;
constexpr uint8_t kFlagBegins = 0x02;
constexpr uint8_t kFlagUnordered = 0x04;
constexpr uint8_t kFlagImmediate = 0x08;  // RFC 7053
constexpr size_t kChecksumOffset = 8;

// Slicing by four: four tables, a word at a time.
constexpr std::array<std::array<uint32_t, 256>, 4> make_crc_tables() {
    std::array<std::array<uint32_t, 256>, 4> tables{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
        tables[0][i] = crc;
    }
    for (size_t i = 0; i < 256; ++i)
        for (size_t t = 1; t < 4; ++t)
            tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    return tables;
}
constexpr auto kCrcTables = make_crc_tables();

uint32_t crc32c_update(uint32_t crc, ByteView bytes) {
    const uint8_t* p = bytes.data();
    size_t left = bytes.size();
    for (; left >= 4; p += 4, left -= 4) {
        crc ^= static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
               static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
        crc = kCrcTables[3][crc & 0xFF] ^ kCrcTables[2][(crc >> 8) & 0xFF] ^
              kCrcTables[1][(crc >> 16) & 0xFF] ^ kCrcTables[0][crc >> 24];
    }
    for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kCrcTables[0][(crc ^ *p) & 0xFF];
    return crc;
}

// The checksum of a packet, its own field taken as zero.
uint32_t packet_checksum(ByteView packet) {
    constexpr std::array<uint8_t, 4> kZero{};
    uint32_t crc = crc32c_update(0xFFFFFFFF, packet.first(kChecksumOffset));
    crc = crc32c_update(crc, kZero);
    return ~crc32c_update(crc, packet.subspan(kSctpHeaderSize));
}

// RFC 9260 6.8 and Appendix A: the register goes out least significant byte first.
uint32_t swapped(uint32_t v) {
    return v >> 24 | (v >> 8 & 0xFF00) | (v << 8 & 0xFF0000) | v << 24;
}

constexpr size_t padded(size_t size) {
    return (size + 3) & ~size_t{3};
}

}  // namespace

uint32_t crc32c(ByteView bytes) {
    return ~crc32c_update(0xFFFFFFFF, bytes);
}

std::optional<SctpPacket> parse_sctp_packet(ByteView packet) {
    if (packet.size() < kSctpHeaderSize) return std::nullopt;
    if (load_be32(packet.data() + kChecksumOffset) != swapped(packet_checksum(packet))) return std::nullopt;
    ByteReader reader(packet);
    SctpPacket parsed;
    parsed.header.source_port = reader.u16();
    parsed.header.destination_port = reader.u16();
    parsed.header.verification_tag = reader.u32();
    parsed.chunks = packet.subspan(kSctpHeaderSize);
    return parsed;
}

std::optional<SctpChunk> SctpChunks::next() {
    if (rest_.empty()) return std::nullopt;
    const size_t length = rest_.size() < kSctpChunkHeaderSize ? 0 : load_be16(rest_.data() + 2);
    if (length < kSctpChunkHeaderSize || length > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return std::nullopt;
    }
    SctpChunk chunk;
    chunk.type = static_cast<SctpChunkType>(rest_[0]);
    chunk.flags = rest_[1];
    chunk.raw = rest_.first(length);
    chunk.value = chunk.raw.subspan(kSctpChunkHeaderSize);
    rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
    return chunk;
}

std::optional<SctpParameter> SctpParameters::next() {
    if (rest_.empty()) return std::nullopt;
    const size_t length = rest_.size() < 4 ? 0 : load_be16(rest_.data() + 2);
    if (length < 4 || length > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return std::nullopt;
    }
    SctpParameter parameter;
    parameter.type = static_cast<SctpParameterType>(load_be16(rest_.data()));
    parameter.raw = rest_.first(length);
    parameter.value = parameter.raw.subspan(4);
    rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
    return parameter;
}

std::optional<SctpData> parse_sctp_data(const SctpChunk& chunk) {
    ByteReader reader(chunk.value);
    SctpData data;
    data.tsn = reader.u32();
    data.stream = reader.u16();
    data.ssn = reader.u16();
    data.ppid = reader.u32();
    data.unordered = (chunk.flags & kFlagUnordered) != 0;
    data.begins = (chunk.flags & kFlagBegins) != 0;
    data.ends = (chunk.flags & kFlagEnds) != 0;
    data.immediate = (chunk.flags & kFlagImmediate) != 0;
    data.payload = reader.rest();
    if (!reader.ok() || data.payload.empty()) return std::nullopt;
    return data;
}

std::optional<SctpInit> parse_sctp_init(const SctpChunk& chunk) {
    ByteReader reader(chunk.value);
    SctpInit init;
    init.tag = reader.u32();
    init.receive_window = reader.u32();
    init.outgoing_streams = reader.u16();
    init.incoming_streams = reader.u16();
    init.initial_tsn = reader.u32();
    init.parameters = reader.rest();
    if (!reader.ok()) return std::nullopt;
    return init;
}

std::optional<SctpSack> parse_sctp_sack(const SctpChunk& chunk) {
    ByteReader reader(chunk.value);
    SctpSack sack;
    sack.cumulative_tsn = reader.u32();
    sack.receive_window = reader.u32();
    const size_t gaps = reader.u16();
    const size_t duplicates = reader.u16();
    sack.gap_bytes = reader.bytes(4 * gaps);
    sack.duplicate_bytes = reader.bytes(4 * duplicates);
    if (!reader.ok()) return std::nullopt;
    return sack;
}

std::optional<SctpForwardTsn> parse_sctp_forward_tsn(const SctpChunk& chunk) {
    if (chunk.value.size() < 4 || chunk.value.size() % 4 != 0) return std::nullopt;
    return SctpForwardTsn{load_be32(chunk.value.data()), chunk.value.subspan(4)};
}

std::optional<uint32_t> parse_sctp_shutdown(const SctpChunk& chunk) {
    if (chunk.value.size() < 4) return std::nullopt;
    return load_be32(chunk.value.data());
}

std::optional<SctpOutgoingReset> parse_sctp_outgoing_reset(const SctpParameter& parameter) {
    ByteReader reader(parameter.value);
    SctpOutgoingReset reset;
    reset.request = reader.u32();
    reset.response = reader.u32();
    reset.last_tsn = reader.u32();
    reset.stream_bytes = reader.rest();
    if (!reader.ok() || reset.stream_bytes.size() % 2 != 0) return std::nullopt;
    return reset;
}

std::optional<SctpIncomingReset> parse_sctp_incoming_reset(const SctpParameter& parameter) {
    ByteReader reader(parameter.value);
    SctpIncomingReset reset;
    reset.request = reader.u32();
    reset.stream_bytes = reader.rest();
    if (!reader.ok() || reset.stream_bytes.size() % 2 != 0) return std::nullopt;
    return reset;
}

std::optional<SctpReconfigResponse> parse_sctp_reconfig_response(const SctpParameter& parameter) {
    ByteReader reader(parameter.value);
    SctpReconfigResponse response;
    response.response = reader.u32();
    response.result = static_cast<SctpResetResult>(reader.u32());
    if (!reader.ok()) return std::nullopt;
    return response;
}

SctpWriter::SctpWriter(MutableBytes buffer, const SctpHeader& header) : buffer_(buffer), writer_(buffer) {
    writer_.u16(header.source_port);
    writer_.u16(header.destination_port);
    writer_.u32(header.verification_tag);
    writer_.u32(0);
}

void SctpWriter::chunk(SctpChunkType type, uint8_t flags, ByteView value) {
    begin_chunk(type, flags);
    writer_.bytes(value);
    end_chunk();
}

void SctpWriter::data(const SctpData& data) {
    uint8_t flags = 0;
    if (data.ends) flags |= kFlagEnds;
    if (data.begins) flags |= kFlagBegins;
    if (data.unordered) flags |= kFlagUnordered;
    if (data.immediate) flags |= kFlagImmediate;
    begin_chunk(SctpChunkType::Data, flags);
    writer_.u32(data.tsn);
    writer_.u16(data.stream);
    writer_.u16(data.ssn);
    writer_.u32(data.ppid);
    writer_.bytes(data.payload);
    end_chunk();
}

void SctpWriter::begin_init(SctpChunkType type, const SctpInit& init) {
    begin_chunk(type, 0);
    writer_.u32(init.tag);
    writer_.u32(init.receive_window);
    writer_.u16(init.outgoing_streams);
    writer_.u16(init.incoming_streams);
    writer_.u32(init.initial_tsn);
    writer_.bytes(init.parameters);
    pad();
}

void SctpWriter::begin_chunk(SctpChunkType type, uint8_t flags) {
    chunk_ = writer_.size();
    writer_.u8(static_cast<uint8_t>(type));
    writer_.u8(flags);
    writer_.u16(0);
}

// The length leaves out the padding of the last parameter; parameter() pads before, not after.
void SctpWriter::end_chunk() {
    writer_.patch_u16(chunk_ + 2, static_cast<uint16_t>(writer_.size() - chunk_));
    pad();
}

void SctpWriter::parameter(SctpParameterType type, ByteView value) {
    pad();
    writer_.u16(static_cast<uint16_t>(type));
    writer_.u16(static_cast<uint16_t>(4 + value.size()));
    writer_.bytes(value);
}

void SctpWriter::cause(SctpCause cause, ByteView value) {
    pad();
    writer_.u16(static_cast<uint16_t>(cause));
    writer_.u16(static_cast<uint16_t>(4 + value.size()));
    writer_.bytes(value);
}

void SctpWriter::sack(uint32_t cumulative_tsn, uint32_t receive_window, std::span<const SctpGap> gaps,
                      std::span<const uint32_t> duplicates) {
    begin_chunk(SctpChunkType::Sack, 0);
    writer_.u32(cumulative_tsn);
    writer_.u32(receive_window);
    writer_.u16(static_cast<uint16_t>(gaps.size()));
    writer_.u16(static_cast<uint16_t>(duplicates.size()));
    for (const SctpGap& gap : gaps) {
        writer_.u16(gap.first);
        writer_.u16(gap.last);
    }
    for (const uint32_t tsn : duplicates) writer_.u32(tsn);
    end_chunk();
}

void SctpWriter::forward_tsn(uint32_t new_cumulative_tsn, std::span<const SctpSkip> skips) {
    begin_chunk(SctpChunkType::ForwardTsn, 0);
    writer_.u32(new_cumulative_tsn);
    for (const SctpSkip& skip : skips) {
        writer_.u16(skip.stream);
        writer_.u16(skip.ssn);
    }
    end_chunk();
}

void SctpWriter::outgoing_reset(uint32_t request, uint32_t response, uint32_t last_tsn,
                                std::span<const uint16_t> streams) {
    pad();
    writer_.u16(static_cast<uint16_t>(SctpParameterType::OutgoingReset));
    writer_.u16(static_cast<uint16_t>(16 + 2 * streams.size()));
    writer_.u32(request);
    writer_.u32(response);
    writer_.u32(last_tsn);
    for (const uint16_t stream : streams) writer_.u16(stream);
}

void SctpWriter::incoming_reset(uint32_t request, std::span<const uint16_t> streams) {
    pad();
    writer_.u16(static_cast<uint16_t>(SctpParameterType::IncomingReset));
    writer_.u16(static_cast<uint16_t>(8 + 2 * streams.size()));
    writer_.u32(request);
    for (const uint16_t stream : streams) writer_.u16(stream);
}

void SctpWriter::reconfig_response(uint32_t response, SctpResetResult result) {
    pad();
    writer_.u16(static_cast<uint16_t>(SctpParameterType::ReconfigResponse));
    writer_.u16(12);
    writer_.u32(response);
    writer_.u32(static_cast<uint32_t>(result));
}

ByteView SctpWriter::finish() {
    if (!ok()) return {};
    const ByteView packet = writer_.written();
    store_be32(buffer_.data() + kChecksumOffset, swapped(packet_checksum(packet)));
    return packet;
}

void SctpWriter::pad() {
    writer_.zeros(padded(writer_.size()) - writer_.size());
}

}  // namespace conclave::wire
