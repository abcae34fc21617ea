// SCTP packets as WebRTC uses them: RFC 9260 3 (packet and chunks), RFC 3758 3 (FORWARD TSN) and
// RFC 6525 3-4 (RE-CONFIG). Views only: nothing here allocates or keeps state. Numbers are in host
// order; sizes are in bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace conclave::wire {

// CRC32c (Castagnoli, reflected; RFC 9260 Appendix A).
uint32_t crc32c(ByteView bytes);

constexpr size_t kSctpHeaderSize = 12;
constexpr size_t kSctpChunkHeaderSize = 4;
constexpr size_t kSctpDataHeaderSize = 16;  // chunk header included (RFC 9260 3.3.1)

// Values outside this list are legal on the wire: see sctp_unknown_*().
enum class SctpChunkType : uint8_t {
    Data = 0,
    Init = 1,
    InitAck = 2,
    Sack = 3,
    Heartbeat = 4,
    HeartbeatAck = 5,
    Abort = 6,
    Shutdown = 7,
    ShutdownAck = 8,
    Error = 9,
    CookieEcho = 10,
    CookieAck = 11,
    ShutdownComplete = 14,
    ReConfig = 130,
    ForwardTsn = 192,
};

enum class SctpParameterType : uint16_t {
    HeartbeatInfo = 1,
    StateCookie = 7,
    UnrecognizedParameter = 8,
    OutgoingReset = 13,
    IncomingReset = 14,
    SsnTsnReset = 15,
    ReconfigResponse = 16,
    AddOutgoingStreams = 17,
    AddIncomingStreams = 18,
    SupportedExtensions = 0x8008,  // RFC 5061 4.2.7
    ForwardTsnSupported = 0xC000,
};

// RFC 9260 3.3.10.
enum class SctpCause : uint16_t {
    InvalidStream = 1,
    StaleCookie = 3,
    UnrecognizedChunk = 6,
    UserInitiatedAbort = 12,
    ProtocolViolation = 13,
};

// RFC 6525 4.4.
enum class SctpResetResult : uint32_t {
    NothingToDo = 0,
    Performed = 1,
    Denied = 2,
    WrongSsn = 3,
    RequestInProgress = 4,
    BadSequenceNumber = 5,
    InProgress = 6,
};

// T bit of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's own reflected (RFC
// 9260 8.5.1).
constexpr uint8_t kSctpFlagReflectedTag = 0x01;

// What the two highest bits of an unknown chunk or parameter type ask for (RFC 9260 3.2, 3.2.1).
constexpr bool sctp_unknown_is_skipped(SctpChunkType type) {
    return (static_cast<uint8_t>(type) & 0x80) != 0;
}
constexpr bool sctp_unknown_is_reported(SctpChunkType type) {
    return (static_cast<uint8_t>(type) & 0x40) != 0;
}
constexpr bool sctp_unknown_is_skipped(SctpParameterType type) {
    return (static_cast<uint16_t>(type) & 0x8000) != 0;
}
constexpr bool sctp_unknown_is_reported(SctpParameterType type) {
    return (static_cast<uint16_t>(type) & 0x4000) != 0;
}

struct SctpHeader {
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    uint32_t verification_tag = 0;

    bool operator==(const SctpHeader&) const = default;
};

struct SctpPacket {
    SctpHeader header;
    ByteView chunks;
};

// Nothing when the packet is shorter than its header or the checksum is wrong.
std::optional<SctpPacket> parse_sctp_packet(ByteView packet);

struct SctpChunk {
    SctpChunkType type = SctpChunkType::Data;
    uint8_t flags = 0;
    ByteView value;
    ByteView raw;  // header and value, without padding
};

// Walks the chunks of a packet. A length that is too small or runs past the end ends the walk and
// makes ok() false.
class SctpChunks {
 public:
    explicit SctpChunks(ByteView chunks) : rest_(chunks) {}
    std::optional<SctpChunk> next();
    bool ok() const { return ok_; }

 private:
    ByteView rest_;
    bool ok_ = true;
};

struct SctpParameter {
    SctpParameterType type = SctpParameterType::HeartbeatInfo;
    ByteView value;
    ByteView raw;
};

// The same for type-length-value parameters and error causes (RFC 9260 3.2.1, 3.3.10).
class SctpParameters {
 public:
    explicit SctpParameters(ByteView parameters) : rest_(parameters) {}
    std::optional<SctpParameter> next();
    bool ok() const { return ok_; }

 private:
    ByteView rest_;
    bool ok_ = true;
};

struct SctpData {
    uint32_t tsn = 0;
    uint16_t stream = 0;
    uint16_t ssn = 0;
    uint32_t ppid = 0;
    bool unordered = false;
    bool begins = false;
    bool ends = false;
    bool immediate = false;  // I bit: acknowledge at once
    ByteView payload;
};
// Nothing when the header is cut or the payload is empty (RFC 9260 6.2: "no user data").
std::optional<SctpData> parse_sctp_data(const SctpChunk& chunk);

struct SctpInit {
    uint32_t tag = 0;
    uint32_t receive_window = 0;
    uint16_t outgoing_streams = 0;
    uint16_t incoming_streams = 0;
    uint32_t initial_tsn = 0;
    ByteView parameters;
};
// INIT and INIT ACK. Nothing when cut; zero tag and zero streams are the association's business.
std::optional<SctpInit> parse_sctp_init(const SctpChunk& chunk);

// Offsets from the cumulative TSN, both inclusive, 1 <= first <= last on a valid block.
struct SctpGap {
    uint16_t first = 0;
    uint16_t last = 0;

    bool operator==(const SctpGap&) const = default;
};

struct SctpSack {
    uint32_t cumulative_tsn = 0;
    uint32_t receive_window = 0;
    ByteView gap_bytes;
    ByteView duplicate_bytes;

    size_t gap_count() const { return gap_bytes.size() / 4; }
    SctpGap gap(size_t i) const {
        const uint8_t* p = gap_bytes.data() + 4 * i;
        return {load_be16(p), load_be16(p + 2)};
    }
    size_t duplicate_count() const { return duplicate_bytes.size() / 4; }
    uint32_t duplicate(size_t i) const { return load_be32(duplicate_bytes.data() + 4 * i); }
};
std::optional<SctpSack> parse_sctp_sack(const SctpChunk& chunk);

struct SctpSkip {
    uint16_t stream = 0;
    uint16_t ssn = 0;

    bool operator==(const SctpSkip&) const = default;
};

struct SctpForwardTsn {
    uint32_t new_cumulative_tsn = 0;
    ByteView skip_bytes;

    size_t skip_count() const { return skip_bytes.size() / 4; }
    SctpSkip skip(size_t i) const {
        const uint8_t* p = skip_bytes.data() + 4 * i;
        return {load_be16(p), load_be16(p + 2)};
    }
};
std::optional<SctpForwardTsn> parse_sctp_forward_tsn(const SctpChunk& chunk);

// SHUTDOWN: the cumulative TSN.
std::optional<uint32_t> parse_sctp_shutdown(const SctpChunk& chunk);

struct SctpOutgoingReset {
    uint32_t request = 0;   // request sequence number
    uint32_t response = 0;  // response sequence number: the incoming request that caused it
    uint32_t last_tsn = 0;
    ByteView stream_bytes;  // none: all streams

    size_t stream_count() const { return stream_bytes.size() / 2; }
    uint16_t stream(size_t i) const { return load_be16(stream_bytes.data() + 2 * i); }
};
std::optional<SctpOutgoingReset> parse_sctp_outgoing_reset(const SctpParameter& parameter);

struct SctpIncomingReset {
    uint32_t request = 0;
    ByteView stream_bytes;  // none: all streams

    size_t stream_count() const { return stream_bytes.size() / 2; }
    uint16_t stream(size_t i) const { return load_be16(stream_bytes.data() + 2 * i); }
};
std::optional<SctpIncomingReset> parse_sctp_incoming_reset(const SctpParameter& parameter);

struct SctpReconfigResponse {
    uint32_t response = 0;
    SctpResetResult result = SctpResetResult::NothingToDo;
};
std::optional<SctpReconfigResponse> parse_sctp_reconfig_response(const SctpParameter& parameter);

// Builds one packet in the caller's buffer. A chunk that does not fit is left out and makes ok()
// false; ask room() first.
class SctpWriter {
 public:
    SctpWriter(MutableBytes buffer, const SctpHeader& header);

    bool ok() const { return writer_.ok(); }
    bool empty() const { return writer_.size() <= kSctpHeaderSize; }
    // Bytes left for chunks, padding included.
    size_t room() const { return writer_.unwritten().size(); }

    void chunk(SctpChunkType type, uint8_t flags, ByteView value);
    void data(const SctpData& data);
    // Leaves the chunk open: add parameters, then end_chunk().
    void begin_init(SctpChunkType type, const SctpInit& init);
    void begin_chunk(SctpChunkType type, uint8_t flags);
    void end_chunk();
    void parameter(SctpParameterType type, ByteView value);
    void cause(SctpCause cause, ByteView value);
    void sack(uint32_t cumulative_tsn, uint32_t receive_window, std::span<const SctpGap> gaps,
              std::span<const uint32_t> duplicates);
    void forward_tsn(uint32_t new_cumulative_tsn, std::span<const SctpSkip> skips);
    // Parameters of an open RE-CONFIG chunk.
    void outgoing_reset(uint32_t request, uint32_t response, uint32_t last_tsn,
                        std::span<const uint16_t> streams);
    void incoming_reset(uint32_t request, std::span<const uint16_t> streams);
    void reconfig_response(uint32_t response, SctpResetResult result);

    // Fills in the checksum. The packet; empty when something did not fit.
    ByteView finish();

 private:
    void pad();

    MutableBytes buffer_;
    ByteWriter writer_;
    size_t chunk_ = 0;  // offset of the open chunk
};

}  // namespace conclave::wire
