#include "livekit/client_info.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace conclave::livekit {
namespace {

constexpr std::string_view kVp8 = "video/VP8";
constexpr std::string_view kH264 = "video/H264";
constexpr std::string_view kVp9 = "video/VP9";
constexpr std::string_view kAv1 = "video/AV1";
constexpr std::string_view kOpus = "audio/opus";
constexpr std::string_view kRed = "audio/red";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains_word(std::string_view text, std::string_view word) {
    const auto same = [](char a, char b) { return lower(a) == lower(b); };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

// What follows `mark`: digits, dots and underscores, these as dots ("10_15_7" of macOS).
std::optional<std::string> version_after(std::string_view text, std::string_view mark) {
    const size_t at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    std::string out;
    for (const char c : text.substr(at + mark.size())) {
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && c != '.' && c != '_') break;
        out += c == '_' ? '.' : c;
        if (out.size() == 32) break;
    }
    return out;
}

struct Mark {
    std::string_view mark;
    std::string_view name;
};
// The first that is found counts: every browser also claims to be its ancestors. All browsers of iOS are
// Safari underneath, and that is what matters here.
constexpr Mark kBrowsers[] = {{"FxiOS/", "safari"},    {"CriOS/", "safari"},  {"EdgiOS/", "safari"},
                              {"Edg/", "edge"},        {"OPR/", "opera"},     {"Firefox/", "firefox"},
                              {"Chromium/", "chrome"}, {"Chrome/", "chrome"}, {"Version/", "safari"}};
constexpr Mark kSystems[] = {{"Windows NT ", "windows"}, {"iPhone OS ", "ios"},   {"CPU OS ", "ios"},
                             {"Mac OS X ", "macos"},     {"Android ", "android"}, {"Android", "android"},
                             {"CrOS", "chrome os"},      {"Linux", "linux"}};

// VP9 of Safari above 18.3 breaks when it is published.
bool has_broken_vp9(const pb::ClientInfo& client) {
    int major = 0;
    int minor = 0;
    const std::string& version = client.browser_version();
    const char* end = version.data() + version.size();
    const char* dot = std::from_chars(version.data(), end, major).ptr;
    if (dot != end) std::from_chars(dot + 1, end, minor);
    return is_safari(client) && (major > 18 || (major == 18 && minor > 3));
}

bool is_firefox_on_linux_or_android(const pb::ClientInfo& client) {
    const std::string& os = client.os();
    return is_firefox(client) && (contains_word(os, "linux") || contains_word(os, "android"));
}

void add_codec(google::protobuf::RepeatedPtrField<pb::Codec>& list, std::string_view mime) {
    list.Add()->set_mime(std::string{mime});
}

}  // namespace

void apply_user_agent(pb::ClientInfo& client, std::string_view user_agent) {
    const auto sdk = client.sdk();
    if (sdk != pb::ClientInfo::UNKNOWN && sdk != pb::ClientInfo::JS && sdk != pb::ClientInfo::REACT_NATIVE &&
        sdk != pb::ClientInfo::FLUTTER && sdk != pb::ClientInfo::UNITY && sdk != pb::ClientInfo::UNITY_WEB) {
        return;
    }
    for (const Mark& browser : kBrowsers) {
        if (!client.browser().empty()) break;
        const auto version = version_after(user_agent, browser.mark);
        if (!version) continue;
        client.set_browser(std::string{browser.name});
        client.set_browser_version(*version);
    }
    for (const Mark& system : kSystems) {
        if (!client.os().empty()) break;
        const auto version = version_after(user_agent, system.mark);
        if (!version) continue;
        client.set_os(std::string{system.name});
        client.set_os_version(*version);
    }
}

bool is_firefox(const pb::ClientInfo& client) {
    return contains_word(client.browser(), "firefox");
}

bool is_safari(const pb::ClientInfo& client) {
    return contains_word(client.browser(), "safari");
}

Quirks quirks_of(const pb::ClientInfo& client) {
    constexpr int32_t kReuseFrom = 4;
    Quirks quirks;
    quirks.reuses_transceivers = !is_safari(client) && client.protocol() >= kReuseFrom;
    quirks.orders_codecs = !is_firefox_on_linux_or_android(client);
    quirks.plays_red = !is_firefox(client) && !is_safari(client);
    return quirks;
}

pb::DisabledCodecs disabled_codecs(const pb::ClientInfo& client) {
    pb::DisabledCodecs out;
    if (is_safari(client)) add_codec(*out.mutable_codecs(), kAv1);
    if (has_broken_vp9(client)) add_codec(*out.mutable_publish(), kVp9);
    if (is_firefox_on_linux_or_android(client)) add_codec(*out.mutable_publish(), kH264);
    return out;
}

bool is_disabled(const pb::ClientInfo& client, std::string_view mime) {
    const pb::DisabledCodecs disabled = disabled_codecs(client);
    return std::ranges::any_of(disabled.codecs(),
                               [&](const pb::Codec& codec) { return codec.mime() == mime; });
}

pb::ClientConfiguration client_configuration(const pb::ClientInfo& client) {
    pb::ClientConfiguration configuration;
    pb::DisabledCodecs disabled = disabled_codecs(client);
    if (disabled.codecs_size() + disabled.publish_size() > 0)
        *configuration.mutable_disabled_codecs() = std::move(disabled);
    return configuration;
}

std::vector<pb::Codec> enabled_publish_codecs(const pb::ClientInfo& client, const CodecSupport& support) {
    const pb::DisabledCodecs disabled = disabled_codecs(client);
    const auto is_disabled = [&](std::string_view mime) {
        const auto same = [&](const pb::Codec& codec) { return codec.mime() == mime; };
        return std::ranges::any_of(disabled.codecs(), same) || std::ranges::any_of(disabled.publish(), same);
    };
    std::vector<pb::Codec> out;
    const auto add = [&](bool is_supported, std::string_view mime) {
        if (is_supported && !is_disabled(mime)) out.emplace_back().set_mime(std::string{mime});
    };
    add(true, kVp8);
    add(support.h264, kH264);
    add(support.vp9, kVp9);
    add(support.av1, kAv1);
    add(true, kOpus);
    add(support.red, kRed);
    return out;
}

}  // namespace conclave::livekit
