// Both ways in: as the parameter itself, as bytes that are wrapped here (the first byte is the compression),
// and as query parameters (lines of name=value).
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/check.h"
#include "livekit/client_info.h"
#include "livekit/join.h"

namespace {

using namespace conclave;
using namespace conclave::livekit;

auto* const kSilence = google::protobuf::SetLogHandler(nullptr);

void check_limits(const Result<pb::JoinRequest, JoinError>& result) {
    if (!result) {
        CHECK(result.error().http_status == 400 && !result.error().text.empty());
        return;
    }
    CHECK(result->metadata().size() <= kMetadataMax);
    CHECK(result->client_info().capabilities_size() <= kCapabilitiesMax);
    CHECK(!enabled_publish_codecs(result->client_info(), {}).empty());
}

std::string wrap(ByteView bytes) {
    pb::WrappedJoinRequest wrapped;
    if (bytes.empty()) return {};
    wrapped.set_compression(static_cast<pb::WrappedJoinRequest::Compression>(bytes[0] & 1));
    wrapped.set_join_request(bytes.data() + 1, bytes.size() - 1);
    return base64url_encode(as_bytes(wrapped.SerializeAsString()));
}

std::vector<QueryParameter> split(std::string_view text) {
    std::vector<QueryParameter> out;
    while (!text.empty() && out.size() < 64) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const size_t equals = std::min(line.find('='), line.size());
        out.push_back({line.substr(0, equals), line.substr(std::min(equals + 1, line.size()))});
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    (void)kSilence;
    const ByteView input{data, size};
    check_limits(parse_join_request(as_text(input)));
    check_limits(parse_join_request(wrap(input)));
    check_limits(join_request_from_query(split(as_text(input))));
    pb::ClientInfo client;
    apply_user_agent(client, as_text(input));
    CHECK(client.browser_version().size() <= 32);
    return 0;
}
