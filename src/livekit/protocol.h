// The generated messages under a short name, and what this server says about itself (ServerInfo).
// `pb` is the global namespace of package livekit (proto/livekit.proto), not ours.
#pragma once

#include <cstdint>
#include <string_view>

#include "livekit.pb.h"

namespace conclave::livekit {

namespace pb = ::livekit;

// The signalling protocol we speak. Clients read it for information only.
constexpr int32_t kProtocolVersion = 17;
// Clients switch features by this number: RPC needs 1.8.0, and above 1.13.6 livekit-client sends VP9 and AV1
// as one RTP stream per rid, which the router does not take.
constexpr std::string_view kServerVersion = "1.13.6";
constexpr std::string_view kServerName = "conclave";

// JoinResponse.ping_interval and ping_timeout, in seconds. Zero would stop the clients' pings (and crash a
// timer).
constexpr int32_t kPingIntervalSeconds = 5;
constexpr int32_t kPingTimeoutSeconds = 15;

// The limits of names and texts of a participant, in bytes, wherever they come from (token, join, update).
constexpr size_t kNameMax = 256;  // identity, display name, room name
constexpr size_t kMetadataMax = 512 * 1024;
constexpr size_t kAttributesMax = 64 * 1024;  // keys and values together
// What an operator allows, at most the above.
struct TextLimits {
    size_t name = kNameMax;
    size_t metadata = kMetadataMax;
    size_t attributes = kAttributesMax;
    bool operator==(const TextLimits&) const = default;
};

}  // namespace conclave::livekit
