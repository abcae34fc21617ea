#include "livekit/join.h"

#include <zlib.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "livekit/json.h"
#include "livekit/request_limits.h"

namespace conclave::livekit {
namespace {

Unexpected<JoinError> refuse(std::string_view text) {
    return Unexpected<JoinError>{JoinError{400, text}};
}

// RFC 1952, one member. Nothing is buffered beyond kJoinRequestMax, whatever the input expands to.
std::optional<std::string> gunzip(std::string_view compressed) {
    constexpr int kGzipOnly = 16;
    z_stream stream{};
    if (inflateInit2(&stream, kGzipOnly + MAX_WBITS) != Z_OK) return std::nullopt;
    // zlib only reads from next_in, but says so in its type only when built with ZLIB_CONST.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());

    std::string out;
    std::array<char, 16 * 1024> chunk;
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        status = inflate(&stream, Z_NO_FLUSH);
        const size_t produced = chunk.size() - stream.avail_out;
        if (produced > kJoinRequestMax - out.size()) status = Z_BUF_ERROR;
        if (status == Z_OK || status == Z_STREAM_END) out.append(chunk.data(), produced);
    }
    const bool is_complete = status == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!is_complete) return std::nullopt;
    return out;
}

bool has_long_text(const pb::ClientInfo& info) {
    for (const std::string* text :
         {&info.version(), &info.os(), &info.os_version(), &info.device_model(), &info.browser(),
          &info.browser_version(), &info.address(), &info.network(), &info.other_sdks()}) {
        if (text->size() > kNameMax) return true;
    }
    return false;
}

size_t attributes_size(const pb::JoinRequest& request) {
    size_t size = 0;
    for (const auto& [key, value] : request.participant_attributes()) size += key.size() + value.size();
    return size;
}

Result<pb::JoinRequest, JoinError> within_limits(pb::JoinRequest request) {
    // Parts of it are copied into what others are told: only what was understood, and measured.
    request.DiscardUnknownFields();
    if (has_long_text(request.client_info()) || request.participant_sid().size() > kNameMax) {
        return refuse("a parameter is too long");
    }
    if (request.client_info().capabilities_size() > kCapabilitiesMax) return refuse("too many capabilities");
    if (request.add_track_requests_size() > kJoinTracksMax) return refuse("too many tracks");
    for (const pb::AddTrackRequest& track : request.add_track_requests()) {
        if (!is_within_limits(track)) return refuse("a track is described at too great length");
    }
    if (request.metadata().size() > kMetadataMax) return refuse("metadata exceeds limits");
    if (attributes_size(request) > kAttributesMax) return refuse("attributes exceed limits");
    return request;
}

struct SdkName {
    std::string_view name;
    pb::ClientInfo::SDK sdk;
};
constexpr SdkName kSdkNames[] = {
    {"js", pb::ClientInfo::JS},
    {"reactnative", pb::ClientInfo::REACT_NATIVE},
    {"swift", pb::ClientInfo::SWIFT},
    {"ios", pb::ClientInfo::SWIFT},
    {"android", pb::ClientInfo::ANDROID},
    {"flutter", pb::ClientInfo::FLUTTER},
    {"go", pb::ClientInfo::GO},
    {"unity", pb::ClientInfo::UNITY},
    {"unityweb", pb::ClientInfo::UNITY_WEB},
    {"rust", pb::ClientInfo::RUST},
    {"python", pb::ClientInfo::PYTHON},
    {"cpp", pb::ClientInfo::CPP},
    {"node", pb::ClientInfo::NODE},
    {"unreal", pb::ClientInfo::UNREAL},
    {"esp32", pb::ClientInfo::ESP32},
    {"dotnet", pb::ClientInfo::DOTNET},
};

pb::ClientInfo::SDK sdk_named(std::string_view name) {
    for (const SdkName& entry : kSdkNames) {
        if (entry.name == name) return entry.sdk;
    }
    return pb::ClientInfo::UNKNOWN;
}

bool is_true(std::string_view value) {
    return value == "1" || value == "true";
}

int32_t number(std::string_view value) {
    int32_t out = 0;
    std::from_chars(value.data(), value.data() + value.size(), out);
    return out;
}

void add_capabilities(std::string_view names, pb::ClientInfo& client) {
    while (!names.empty() && client.capabilities_size() <= kCapabilitiesMax) {
        const size_t comma = names.find(',');
        pb::ClientInfo::Capability capability;
        if (pb::ClientInfo::Capability_Parse(std::string{names.substr(0, comma)}, &capability)) {
            client.add_capabilities(capability);
        }
        names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
    }
}

bool add_attributes(std::string_view base64, pb::JoinRequest& request) {
    const auto bytes = base64url_decode(base64);
    const auto object = bytes ? parse_json_object(as_text(*bytes)) : std::nullopt;
    if (!object) return false;
    for (const auto& [key, value] : object->items()) {
        const auto* text = value.get_ptr<const std::string*>();
        if (!text) return false;
        (*request.mutable_participant_attributes())[key] = *text;
    }
    return true;
}

// True when `name` is one of the texts of ClientInfo.
bool set_client_text(std::string_view name, std::string_view value, pb::ClientInfo& client) {
    std::string text{value};
    if (name == "version") return client.set_version(std::move(text)), true;
    if (name == "os") return client.set_os(std::move(text)), true;
    if (name == "os_version") return client.set_os_version(std::move(text)), true;
    if (name == "device_model") return client.set_device_model(std::move(text)), true;
    if (name == "browser") return client.set_browser(std::move(text)), true;
    if (name == "browser_version") return client.set_browser_version(std::move(text)), true;
    if (name == "network") return client.set_network(std::move(text)), true;
    return false;
}

void set_parameter(std::string_view name, std::string_view value, pb::JoinRequest& request) {
    pb::ClientInfo& client = *request.mutable_client_info();
    pb::ConnectionSettings& settings = *request.mutable_connection_settings();
    if (set_client_text(name, value, client)) return;
    if (name == "sdk") client.set_sdk(sdk_named(value));
    if (name == "protocol") client.set_protocol(number(value));
    if (name == "client_protocol") client.set_client_protocol(number(value));
    if (name == "capabilities") add_capabilities(value, client);
    if (name == "auto_subscribe") settings.set_auto_subscribe(is_true(value));
    if (name == "auto_subscribe_data_track") settings.set_auto_subscribe_data_track(is_true(value));
    if (name == "adaptive_stream") settings.set_adaptive_stream(is_true(value));
    if (name == "subscriber_allow_pause") settings.set_subscriber_allow_pause(is_true(value));
    if (name == "disable_ice_lite") settings.set_disable_ice_lite(is_true(value));
    if (name == "reconnect") request.set_reconnect(is_true(value));
    if (name == "reconnect_reason")
        request.set_reconnect_reason(static_cast<pb::ReconnectReason>(number(value)));
    if (name == "sid") request.set_participant_sid(std::string{value});
}

}  // namespace

Result<pb::JoinRequest, JoinError> parse_join_request(std::string_view parameter) {
    if (parameter.empty()) return refuse("join_request is required");
    if (parameter.size() > kJoinParameterMax) return refuse("join_request is too long");
    const auto wrapped_bytes = base64url_decode(parameter);
    if (!wrapped_bytes) return refuse("join_request is not base64url");
    pb::WrappedJoinRequest wrapped;
    if (!wrapped.ParseFromArray(wrapped_bytes->data(), static_cast<int>(wrapped_bytes->size()))) {
        return refuse("join_request is malformed");
    }
    std::optional<std::string> bytes;
    if (wrapped.compression() == pb::WrappedJoinRequest::NONE)
        bytes = std::move(*wrapped.mutable_join_request());
    if (wrapped.compression() == pb::WrappedJoinRequest::GZIP) bytes = gunzip(wrapped.join_request());
    if (!bytes) return refuse("join_request cannot be decompressed");
    pb::JoinRequest request;
    if (!request.ParseFromString(*bytes)) return refuse("join_request is malformed");
    return within_limits(std::move(request));
}

Result<pb::JoinRequest, JoinError> join_request_from_query(std::span<const QueryParameter> query) {
    pb::JoinRequest request;
    request.mutable_connection_settings()->set_auto_subscribe(true);
    for (const QueryParameter& parameter : query) {
        if (parameter.value.empty()) continue;
        if (parameter.value.size() > kJoinParameterMax) return refuse("a parameter is too long");
        // A second session of one identity that only publishes: no client of today asks for it.
        if (parameter.name == "publish") return refuse("publish is not supported");
        if (parameter.name == "attributes" && !add_attributes(parameter.value, request)) {
            return refuse("attributes are malformed");
        }
        set_parameter(parameter.name, parameter.value, request);
    }
    return within_limits(std::move(request));
}

}  // namespace conclave::livekit
