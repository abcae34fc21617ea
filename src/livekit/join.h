// What a client asks for when it opens the signalling socket: one JoinRequest, whichever path it came by.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "livekit/protocol.h"

namespace conclave::livekit {

// A real join_request is 2 KB (an offer of 14 KB, compressed); uncompressed and with sync_state some tens of
// KB.
constexpr size_t kJoinParameterMax = 128 * 1024;
// Bytes of the JoinRequest after decompression.
constexpr size_t kJoinRequestMax = 1024 * 1024;

// Tracks announced within the join, and ClientInfo.capabilities: far more than any client has.
constexpr int kJoinTracksMax = 64;
constexpr int kCapabilitiesMax = 32;

// The answer to the HTTP request: `text` is the body, as plain text.
struct JoinError {
    int http_status;
    std::string_view text;
};

// Both refuse what is over kNameMax, kMetadataMax, kAttributesMax (metadata and attributes that the client
// gives itself; whether it may, is the caller's to check: VideoGrant).

// /rtc/v1: the query parameter `join_request`, percent-decoded: base64url of WrappedJoinRequest.
Result<pb::JoinRequest, JoinError> parse_join_request(std::string_view parameter);

struct QueryParameter {
    std::string_view name;
    std::string_view value;
};

// /rtc: the separate query parameters, percent-decoded. Unknown ones are ignored, the token too.
Result<pb::JoinRequest, JoinError> join_request_from_query(std::span<const QueryParameter> query);

}  // namespace conclave::livekit
