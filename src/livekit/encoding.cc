#include "livekit/encoding.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wire_format_lite.h>

namespace conclave::livekit {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

void append_varint(uint32_t value, std::string& out) {
    uint8_t buffer[5];
    const uint8_t* end = CodedOutputStream::WriteVarint32ToArray(value, buffer);
    out.append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(end - buffer));
}

constexpr uint32_t tag(int field) {
    return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}

void append_header(int field, size_t size, std::string& out) {
    append_varint(tag(field), out);
    append_varint(static_cast<uint32_t>(size), out);
}

size_t field_size(int field, size_t size) {
    return CodedOutputStream::VarintSize32(tag(field)) +
           CodedOutputStream::VarintSize32(static_cast<uint32_t>(size)) + size;
}

}  // namespace

SharedBytes encode(const pb::SignalResponse& response) {
    return response.SerializeAsString();
}

std::optional<SharedBytes> encode_text(const pb::SignalResponse& response) {
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(response, &text).ok()) return std::nullopt;
    return text;
}

const SharedBytes& SharedResponse::binary() const {
    if (binary_.empty()) binary_ = encode(response_);
    return binary_;
}

const std::optional<SharedBytes>& SharedResponse::text() const {
    if (!has_text_) text_ = encode_text(response_);
    has_text_ = true;
    return text_;
}

SharedBytes encode_join(const pb::SignalResponse& response, const std::vector<const std::string*>& others) {
    constexpr int kJoin = pb::SignalResponse::kJoinFieldNumber;
    constexpr int kOther = pb::JoinResponse::kOtherParticipantsFieldNumber;
    const std::string own = response.join().SerializeAsString();
    size_t size = own.size();
    for (const std::string* other : others) size += field_size(kOther, other->size());
    std::string out;
    out.reserve(field_size(kJoin, size));
    append_header(kJoin, size, out);
    out += own;
    for (const std::string* other : others) {
        append_header(kOther, other->size(), out);
        out += *other;
    }
    return out;
}

}  // namespace conclave::livekit
