#include "wire/sdp.h"

#include <algorithm>

#include "wire/text.h"

namespace conclave::wire {

std::string_view to_string(SdpError error) {
    switch (error) {
        case SdpError::TooLarge:
            return "description or line too large";
        case SdpError::BadLine:
            return "malformed line";
        case SdpError::BadVersion:
            return "not version 0";
        case SdpError::BadOrigin:
            return "missing or malformed origin";
        case SdpError::BadMediaLine:
            return "malformed media line";
        case SdpError::BadAttribute:
            return "malformed attribute";
        case SdpError::TooMany:
            return "too many sections, codecs or attributes";
        case SdpError::DuplicateMid:
            return "duplicate mid";
    }
    return "unknown";
}

std::optional<std::string_view> Fmtp::find(std::string_view key) const {
    for (const FmtpParameter& parameter : parameters) {
        if (equals_ignoring_case(parameter.key, key)) return parameter.value;
    }
    return std::nullopt;
}

void Fmtp::set(std::string_view key, std::string_view value) {
    for (FmtpParameter& parameter : parameters) {
        if (equals_ignoring_case(parameter.key, key)) {
            parameter.value = value;
            return;
        }
    }
    parameters.push_back({std::string{key}, std::string{value}});
}

std::string Fmtp::text() const {
    if (parameters.empty()) return raw;
    std::string text;
    for (const FmtpParameter& parameter : parameters) {
        if (!text.empty()) text += ';';
        text += parameter.key + '=' + parameter.value;
    }
    return text;
}

bool Codec::is(std::string_view encoding_name) const {
    return equals_ignoring_case(name, encoding_name);
}

bool Codec::has_feedback(std::string_view feedback) const {
    return std::find(rtcp_fb.begin(), rtcp_fb.end(), feedback) != rtcp_fb.end();
}

std::optional<uint8_t> Codec::apt() const {
    if (!is("rtx")) return std::nullopt;
    const auto text = fmtp.find("apt");
    if (!text) return std::nullopt;
    const auto payload_type_repaired = parse_decimal<uint8_t>(*text);
    if (!payload_type_repaired || *payload_type_repaired > 127) return std::nullopt;
    return payload_type_repaired;
}

const Codec* MediaSection::codec(uint8_t payload_type) const {
    const auto found = std::find_if(codecs.begin(), codecs.end(),
                                    [&](const Codec& c) { return c.payload_type == payload_type; });
    return found == codecs.end() ? nullptr : &*found;
}

std::optional<uint8_t> MediaSection::rtx_payload_type(uint8_t payload_type) const {
    for (const Codec& candidate : codecs) {
        if (candidate.apt() == payload_type) return candidate.payload_type;
    }
    return std::nullopt;
}

std::optional<uint16_t> MediaSection::extmap_id(std::string_view uri) const {
    for (const Extmap& extmap : extmaps) {
        if (extmap.uri == uri) return extmap.id;
    }
    return std::nullopt;
}

std::optional<uint32_t> MediaSection::rtx_ssrc(uint32_t ssrc) const {
    for (const SsrcGroup& group : ssrc_groups) {
        if (group.semantics == "FID" && group.ssrcs.size() == 2 && group.ssrcs[0] == ssrc) {
            return group.ssrcs[1];
        }
    }
    return std::nullopt;
}

std::string_view SessionDescription::ice_ufrag_of(const MediaSection& section) const {
    return section.ice_ufrag.empty() ? ice_ufrag : section.ice_ufrag;
}

std::string_view SessionDescription::ice_pwd_of(const MediaSection& section) const {
    return section.ice_pwd.empty() ? ice_pwd : section.ice_pwd;
}

std::string_view SessionDescription::ice_options_of(const MediaSection& section) const {
    return section.ice_options.empty() ? ice_options : section.ice_options;
}

const Fingerprint* SessionDescription::fingerprint_of(const MediaSection& section) const {
    if (section.fingerprint) return &*section.fingerprint;
    return fingerprint ? &*fingerprint : nullptr;
}

std::optional<SetupRole> SessionDescription::setup_of(const MediaSection& section) const {
    return section.setup ? section.setup : setup;
}

const MediaSection* SessionDescription::section(std::string_view mid) const {
    for (const MediaSection& section : sections) {
        if (section.mid == mid) return &section;
    }
    return nullptr;
}

}  // namespace conclave::wire
