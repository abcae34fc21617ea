#include "peer/negotiation.h"

#include <algorithm>

#include "peer/media_section.h"
#include "peer/sections.h"

namespace conclave::peer {
namespace {

// RFC 8831 6.6: what a peer takes when it does not say (RFC 8841 6.1).
constexpr size_t kMaxMessageSizeDefault = 65536;

// We are always the DTLS server: so the choice of the SRTP profile is ours (RFC 5764 4.1).
Status check_offer(const wire::SessionDescription& offer) {
    (void)TRY(check_transport(offer));
    for (const wire::MediaSection& section : offer.sections) {
        if (!section.is_rejected() && offer.setup_of(section) == wire::SetupRole::Passive)
            return failure("the offer must not be passive");
    }
    return Ok{};
}

}  // namespace

NegotiatedCodecs Section::agreed_codecs() const {
    NegotiatedCodecs agreed;
    const auto add = [&](const NegotiatedCodec* codec) {
        const bool is_there = codec && std::any_of(agreed.begin(), agreed.end(),
                                                   [&](const auto& c) { return c.codec == codec->codec; });
        if (codec && !is_there) agreed.push_back(*codec);
    };
    if (accepted) {
        // Browsers send redundant audio only when RED is the first format.
        if (accepted->red) add(find(Codec::Red));
        add(find(accepted->preferred));
        if (accepted->only_preferred && kind == wire::MediaKind::Video && !agreed.empty()) return agreed;
    }
    for (const NegotiatedCodec& codec : codecs) {
        if (codec.codec != Codec::Red || !accepted || accepted->red) add(&codec);
    }
    return agreed;
}

UpstreamExtensions Section::usable_upstream() const {
    UpstreamExtensions usable = upstream;
    if (kind == wire::MediaKind::Audio) {
        // Audio says nothing of the bandwidth, and has one encoding.
        usable.rid = usable.repaired_rid = usable.transport_cc = usable.dependency_descriptor = 0;
        return usable;
    }
    usable.audio_level = 0;
    // The layers of VP8 stand in its payload, those of H.264 are whole streams.
    const bool has_layers =
        accepted && (accepted->preferred == Codec::Vp9 || accepted->preferred == Codec::Av1);
    if (is_received() && !has_layers) usable.dependency_descriptor = 0;
    return usable;
}

size_t max_message_size_of(const wire::MediaSection& section) {
    const uint64_t size = section.max_message_size.value_or(kMaxMessageSizeDefault);
    return size == 0 ? kMaxMessageSizeDefault : static_cast<size_t>(std::min<uint64_t>(size, 1 << 20));
}

Status check_transport(const wire::SessionDescription& description) {
    bool has_section = false;
    for (const wire::MediaSection& section : description.sections) {
        if (section.is_rejected()) continue;
        has_section = true;
        if (section.mid.empty()) return failure("an m-section has no mid");
        const auto& bundle = description.bundle;
        if (std::find(bundle.begin(), bundle.end(), section.mid) == bundle.end()) {
            return failure("an m-section is not bundled");
        }
        if (is_media(section.kind) && !section.rtcp_mux) return failure("an m-section has no rtcp-mux");
        if (!description.fingerprint_of(section)) return failure("an m-section has no fingerprint");
        if (description.ice_ufrag_of(section).size() < 4 || description.ice_pwd_of(section).size() < 22) {
            return failure("an m-section has no ICE credentials");
        }
    }
    if (!has_section) return failure("there is no m-section");
    return Ok{};
}

const NegotiatedCodec* Section::find(Codec codec) const {
    const auto* it = std::find_if(codecs.begin(), codecs.end(),
                                  [&](const NegotiatedCodec& c) { return c.codec == codec; });
    return it == codecs.end() ? nullptr : it;
}

const NegotiatedCodec* Section::find(uint8_t payload_type) const {
    const auto* it = std::find_if(codecs.begin(), codecs.end(),
                                  [&](const NegotiatedCodec& c) { return c.payload_type == payload_type; });
    return it == codecs.end() ? nullptr : it;
}

Status Negotiation::set_offer(wire::SessionDescription offer) {
    (void)TRY(check_offer(offer));
    if (offer.sections.size() < remote_.sections.size()) return failure("m-sections cannot disappear");
    std::vector<Section> sections;
    bool has_data = false;
    for (size_t i = 0; i < offer.sections.size(); ++i) {
        const wire::MediaSection& offered = offer.sections[i];
        Section section;
        const Section* before = section_at(i);
        // RFC 8843 7.3.3, RFC 8829 5.2.2: a rejected m-line may be recycled under a new mid.
        if (before && before->mid == offered.mid && before->kind != offered.kind) {
            return failure("an m-section changed its kind");
        }
        if (before && before->mid == offered.mid) section = *before;
        section.mid = offered.mid;
        section.kind = offered.kind;
        section.is_offered = !offered.is_rejected();
        section.client_receives = section.is_offered && wire::receives(offered.direction);
        section.codecs = common_codecs(offered);
        section.offered_track = section.is_offered ? offered_track(offered) : std::nullopt;
        if (!section.offered_track) section.accepted.reset();
        section.upstream = upstream_extensions(offered);
        section.downstream = downstream_extensions(offered, offer.extmap_allow_mixed_of(offered));
        if (offered.kind == wire::MediaKind::Application && section.is_offered) {
            has_data = true;
            max_message_size_ = max_message_size_of(offered);
        }
        sections.push_back(std::move(section));
    }
    has_data_ = has_data;
    sections_ = std::move(sections);
    remote_ = std::move(offer);
    return Ok{};
}

const Section* Negotiation::section_at(size_t index) const {
    return index < sections_.size() ? &sections_[index] : nullptr;
}

const Section* Negotiation::section(std::string_view mid) const {
    const auto it =
        std::find_if(sections_.begin(), sections_.end(), [&](const Section& s) { return s.mid == mid; });
    return it == sections_.end() ? nullptr : &*it;
}

Section* Negotiation::find(std::string_view mid) {
    return const_cast<Section*>(section(mid));
}

wire::Fingerprint Negotiation::remote_fingerprint() const {
    for (const auto& section : remote_.sections) {
        if (section.is_rejected()) continue;
        if (const auto* fingerprint = remote_.fingerprint_of(section)) return *fingerprint;
    }
    return {};
}

std::string Negotiation::remote_ufrag() const {
    // RFC 8843 7.1: the credentials of the bundle are those of its first section.
    for (const auto& section : remote_.sections) {
        if (!section.is_rejected()) return std::string(remote_.ice_ufrag_of(section));
    }
    return {};
}

std::string Negotiation::remote_pwd() const {
    for (const auto& section : remote_.sections) {
        if (!section.is_rejected()) return std::string(remote_.ice_pwd_of(section));
    }
    return {};
}

void Negotiation::accept(std::string_view mid, ReceiveOptions options) {
    Section* section = find(mid);
    if (section && section->offered_track) section->accepted = options;
}

bool Section::is_free() const {
    // A section in which the client publishes is left to it: its direction may change at any time.
    return client_receives && !sent_track && !offered_track && !is_released;
}

std::optional<std::string> Negotiation::free_section(wire::MediaKind kind,
                                                     const StaticVector<Codec, kCodecsMax>& codecs) const {
    for (const Section& section : sections_) {
        if (section.kind != kind || !section.is_free()) continue;
        const bool fits = std::any_of(codecs.begin(), codecs.end(), [&](Codec c) { return section.find(c); });
        if (fits) return section.mid;
    }
    return std::nullopt;
}

size_t Negotiation::free_sections(wire::MediaKind kind) const {
    // Released ones will be free after the next answer.
    return static_cast<size_t>(std::count_if(sections_.begin(), sections_.end(), [&](const Section& s) {
        return s.kind == kind && s.client_receives && !s.sent_track && !s.offered_track;
    }));
}

bool Negotiation::needs_answer() const {
    return std::any_of(sections_.begin(), sections_.end(), [](const Section& s) { return s.is_released; });
}

void Negotiation::attach(std::string_view mid, SentTrack track) {
    Section* section = find(mid);
    if (section) section->sent_track = std::move(track);
}

void Negotiation::detach(uint32_t sent_track_id) {
    for (Section& section : sections_) {
        if (!section.sent_track || section.sent_track->id != sent_track_id) continue;
        section.sent_track.reset();
        section.is_released = true;
    }
}

}  // namespace conclave::peer
