// Any offer that is taken gets an answer that a browser could read: it parses, has as many sections, and
// sends only what was attached, and takes no more encodings than there may be.
#include "base/bytes.h"
#include "base/check.h"
#include "peer/negotiation.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    auto offer = wire::parse_sdp(as_text({data, size}));
    if (!offer) return 0;
    peer::Negotiation negotiation;
    if (!negotiation.set_offer(std::move(*offer))) return 0;

    StaticVector<peer::Codec, peer::kCodecsMax> codecs;
    codecs.push_back(peer::Codec::Vp8);
    codecs.push_back(peer::Codec::Opus);
    uint32_t id = 0;
    for (const auto kind : {wire::MediaKind::Audio, wire::MediaKind::Video}) {
        while (const auto mid = negotiation.free_section(kind, codecs)) {
            ++id;
            negotiation.attach(*mid, {id, "PA_a|TR_b", "TR_b", "PA_a", 1000 + id, 2000 + id});
        }
    }
    std::vector<std::string> offered;
    for (const peer::Section& section : negotiation.sections()) {
        if (section.offered_track) offered.push_back(section.mid);
    }
    constexpr peer::Codec kPreferred[] = {peer::Codec::Vp8, peer::Codec::Vp9, peer::Codec::Av1,
                                          peer::Codec::H264};
    for (size_t i = 0; i < offered.size(); ++i)
        negotiation.accept(offered[i], {.preferred = kPreferred[i % 4], .only_preferred = i % 3 == 0});

    peer::LocalDescription local;
    local.ice_ufrag = "ufragufrag";
    local.ice_pwd = "passwordpasswordpassword";
    local.fingerprint_sha256 = "AB:CD";
    const auto answer = wire::parse_sdp(negotiation.answer(local));
    CHECK(answer);
    CHECK(answer->sections.size() == negotiation.sections().size());
    size_t sent = 0;
    for (const auto& section : answer->sections) {
        if (!section.is_rejected() && wire::sends(section.direction) && !section.msids.empty()) ++sent;
        CHECK(section.rids.size() <= peer::kEncodingsMax);
        const peer::Section* taken = negotiation.section(section.mid);
        if (section.rids.empty() || !taken) continue;
        CHECK(taken->offered_track && taken->offered_track->rids.size() == section.rids.size());
    }
    CHECK(sent <= id);
    return 0;
}
