// Connectivity checks as a controlling client sends them (RFC 8445 7.2), for the tests of this module.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hmac.h"
#include "ice/agent.h"
#include "wire/stun.h"

namespace conclave::ice {

struct Check {
    wire::StunClass message_class = wire::StunClass::Request;
    uint16_t method = wire::kStunBinding;
    std::string username;
    std::string pwd;
    std::optional<uint32_t> priority = 0x6e0001ff;
    bool use_candidate = false;
    bool is_controlled = false;
    bool has_integrity = true;
    bool has_fingerprint = true;
    std::optional<uint16_t> unknown_attribute = {};  // of size 0, before MESSAGE-INTEGRITY

    std::vector<uint8_t> bytes() const {
        std::array<uint8_t, 1024> buffer;
        wire::StunWriter out{buffer, message_class, method, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2}};
        if (!username.empty()) out.username(username);
        if (priority) out.priority(*priority);
        if (is_controlled) {
            out.ice_controlled(1);
        } else {
            out.ice_controlling(1);
        }
        if (unknown_attribute) {
            // USE-CANDIDATE is the one attribute of size 0; another type is put in its place.
            out.use_candidate();
            store_be16(buffer.data() + out.size() - 4, *unknown_attribute);
        }
        if (use_candidate) out.use_candidate();
        if (has_integrity) out.append_integrity(crypto::hmac_sha1(as_bytes(pwd), out.integrity_input()));
        if (has_fingerprint) out.append_fingerprint();
        return {out.written().begin(), out.written().end()};
    }
};

// What a client makes of our credentials and its own.
inline Check check_for(const Credentials& local, const std::string& remote_ufrag, bool use_candidate) {
    Check check;
    check.username = local.ufrag + ":" + remote_ufrag;
    check.pwd = local.pwd;
    check.use_candidate = use_candidate;
    return check;
}

}  // namespace conclave::ice
