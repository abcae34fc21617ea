// Parses, and writes what was understood again: the second parse must agree.
#include "base/check.h"
#include "wire/stun.h"

using namespace conclave;

namespace {

void write_and_compare(const wire::StunMessage& m) {
    std::array<uint8_t, 1024> buffer;
    wire::StunWriter w{buffer, m.message_class, m.method, m.transaction_id};
    if (m.username) w.username(*m.username);
    if (m.xor_mapped_address) w.xor_mapped_address(*m.xor_mapped_address);
    if (m.error_code) w.error_code(*m.error_code, "");
    if (m.priority) w.priority(*m.priority);
    if (m.use_candidate) w.use_candidate();
    if (m.ice_controlled) w.ice_controlled(*m.ice_controlled);
    if (m.ice_controlling) w.ice_controlling(*m.ice_controlling);
    (void)w.integrity_input();
    w.append_integrity({});
    w.append_fingerprint();
    CHECK(w.ok());
    const auto again = wire::parse_stun(w.written());
    CHECK(again);
    CHECK(again->fingerprint_ok);
    CHECK(again->integrity.size() == wire::kStunIntegritySize);
    CHECK(again->message_class == m.message_class && again->method == m.method);
    CHECK(again->transaction_id == m.transaction_id);
    CHECK(again->username == m.username);
    CHECK(again->xor_mapped_address == m.xor_mapped_address);
    CHECK(again->error_code == m.error_code);
    CHECK(again->priority == m.priority && again->use_candidate == m.use_candidate);
    CHECK(again->ice_controlled == m.ice_controlled && again->ice_controlling == m.ice_controlling);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView bytes{data, size};
    const auto message = wire::parse_stun(bytes);
    if (!message) return 0;
    CHECK(message->integrity.empty() || message->integrity_body.size() + 20 + 24 <= size);
    write_and_compare(*message);
    return 0;
}
