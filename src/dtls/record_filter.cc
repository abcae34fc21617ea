#include "dtls/record_filter.h"

namespace conclave::dtls {

std::optional<Record> take_record(ByteView& datagram) {
    constexpr uint16_t kDtls10 = 0xfeff;
    constexpr uint16_t kDtls12 = 0xfefd;
    ByteReader in{datagram};
    const uint8_t type = in.u8();
    const uint16_t version = in.u16();
    Record record;
    record.epoch = in.u16();
    in.skip(6);  // sequence number: OpenSSL's replay check is enough
    record.body = in.bytes(in.u16());
    if (!in.ok() || (version != kDtls10 && version != kDtls12)) return std::nullopt;
    if (type < static_cast<uint8_t>(ContentType::ChangeCipherSpec) ||
        type > static_cast<uint8_t>(ContentType::ApplicationData))
        return std::nullopt;
    record.type = static_cast<ContentType>(type);
    record.bytes = datagram.first(kRecordHeaderSize + record.body.size());
    datagram = in.rest();
    return record;
}

Verdict RecordFilter::judge_handshaking(const Record& record, bool reads_epoch_1) {
    if (record.epoch > 1) return Verdict::Drop;
    switch (record.type) {
        case ContentType::ChangeCipherSpec:
            return record.epoch == 0 && record.body.size() == 1 ? Verdict::Pass : Verdict::Drop;
        case ContentType::Handshake:
            if (record.epoch == 0) return accept_handshake(record.body) ? Verdict::Pass : Verdict::Drop;
            if (record.bytes.size() > kHeldMax) return Verdict::Drop;
            return reads_epoch_1 ? Verdict::Pass : Verdict::Hold;
        // Anyone can write a plaintext alert; believing it would let them end handshakes (RFC 6347 4.1.2.7
        // allows to ignore it).
        case ContentType::Alert:
            return record.epoch == 1 && reads_epoch_1 ? Verdict::Pass : Verdict::Drop;
        case ContentType::ApplicationData:
            return Verdict::Drop;
    }
    return Verdict::Drop;
}

Verdict RecordFilter::judge_established(const Record& record) {
    switch (record.type) {
        // RFC 6347 4.2.4: the peer retransmits until it has seen our last flight. Nothing of it goes to
        // OpenSSL, so that no renegotiation can begin.
        case ContentType::Handshake:
            return record.epoch <= 1 ? Verdict::Resend : Verdict::Drop;
        case ContentType::Alert:
        case ContentType::ApplicationData:
            return record.epoch == 1 ? Verdict::Pass : Verdict::Drop;
        case ContentType::ChangeCipherSpec:
            return Verdict::Drop;
    }
    return Verdict::Drop;
}

// One or more handshake fragments (RFC 6347 4.2.2).
bool RecordFilter::accept_handshake(ByteView body) {
    ByteReader in{body};
    if (in.remaining() == 0) return false;
    while (in.remaining() > 0) {
        const uint8_t type = in.u8();
        const uint32_t length = in.u24();
        const uint16_t message = in.u16();
        const uint32_t offset = in.u24();
        const uint32_t size = in.u24();
        in.skip(size);
        if (!in.ok() || offset > length || size > length - offset) return false;
        // Nothing of something: worth nothing, and known to have looped others.
        if (size == 0 && length != 0) return false;
        if (!declare(message, type, length)) return false;
    }
    return true;
}

bool RecordFilter::declare(uint16_t message, uint8_t type, uint32_t length) {
    if (message >= kMessagesMax || length > handshake_bytes_max_) return false;
    const uint32_t declaration = static_cast<uint32_t>(type) << 24 | length;
    uint32_t& known = declared_[message];
    // Type 0 is HelloRequest, which no handshake of ours may contain, so 0 can mean "none yet".
    if (type == 0 || (known != 0 && known != declaration)) return false;
    if (known != 0) return true;
    if (length > handshake_bytes_max_ - declared_bytes_) return false;
    declared_bytes_ += length;
    known = declaration;
    return true;
}

}  // namespace conclave::dtls
