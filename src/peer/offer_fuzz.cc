// Any answer to our offer: what is taken leaves a negotiation that can offer again, with every section in its
// place.
#include "base/bytes.h"
#include "base/check.h"
#include "peer/negotiation.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    peer::LocalDescription local;
    local.ice_ufrag = "ufragufrag";
    local.ice_pwd = "passwordpasswordpassword";
    local.fingerprint_sha256 = "AB:CD";
    peer::Negotiation negotiation;
    uint32_t id = 0;
    for (const auto kind : {wire::MediaKind::Audio, wire::MediaKind::Video}) {
        const auto mid = negotiation.add_section(kind, true);
        CHECK(mid);
        ++id;
        negotiation.attach(*mid, {id, "PA_a|TR_b", "TR_b", "PA_a", 1000 + id, 2000 + id});
    }
    (void)negotiation.offer(local);
    auto answer = wire::parse_sdp(as_text({data, size}));
    if (!answer || !negotiation.set_answer(std::move(*answer))) return 0;
    CHECK(negotiation.remote_pwd().size() >= 22);
    negotiation.detach(2);
    CHECK(negotiation.needs_offer());
    const auto next = wire::parse_sdp(negotiation.offer(local));
    CHECK(next && next->sections.size() == 3);
    CHECK(next->sections[2].msids.empty());
    for (size_t i = 0; i < next->sections.size(); ++i) {
        CHECK(next->sections[i].kind == negotiation.sections()[i].kind);
        CHECK(next->sections[i].is_rejected() == !negotiation.sections()[i].is_offered);
    }
    return 0;
}
