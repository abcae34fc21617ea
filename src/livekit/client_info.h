// What a client is, and the habits of SDKs and browsers that the server must mind.
#pragma once

#include <string_view>
#include <vector>

#include "livekit/protocol.h"

namespace conclave::livekit {

// Fills browser, browser_version and os from a User-Agent header where the client left them empty
// (livekit-client does). Other SDKs than JS, React Native, Flutter and Unity are left alone.
void apply_user_agent(pb::ClientInfo& client, std::string_view user_agent);

bool is_firefox(const pb::ClientInfo& client);
bool is_safari(const pb::ClientInfo& client);

struct Quirks {
    bool reuses_transceivers =
        true;                   // a freed m-section may carry a new track; not Safari, not protocol <= 3
    bool orders_codecs = true;  // false: Firefox on Linux and Android must get the preferred codec alone
    bool plays_red = true;      // RFC 2198 redundant audio; not Firefox, not Safari
};
Quirks quirks_of(const pb::ClientInfo& client);

// What the router can forward, beyond VP8 and Opus which every client has.
struct CodecSupport {
    bool h264 = true;
    bool vp9 = true;
    bool av1 = true;
    bool red = false;
};

// JoinResponse.enabled_publish_codecs: VP8 first, since livekit-client falls back to the first video entry.
std::vector<pb::Codec> enabled_publish_codecs(const pb::ClientInfo& client, const CodecSupport& support);
pb::DisabledCodecs disabled_codecs(const pb::ClientInfo& client);
// It may neither send nor receive this one, whatever its descriptions say.
bool is_disabled(const pb::ClientInfo& client, std::string_view mime);
// What this client has to mind, for JoinResponse and ReconnectResponse.
pb::ClientConfiguration client_configuration(const pb::ClientInfo& client);

}  // namespace conclave::livekit
