// One packet of a publisher, numbered and sealed for N subscribers: N = 1 stays in the first cache, N = 200
// is a conference.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "peer/client_for_test.h"

namespace {

using namespace conclave;
using namespace conclave::peer;

constexpr EgressId kSent = 5;
constexpr size_t kSlots = 128;

wire::SessionDescription offer_of(wire::Direction direction, std::vector<wire::Codec> codecs) {
    wire::SessionDescription offer;
    offer.session_id = 1;
    offer.session_version = 1;
    offer.extmap_allow_mixed = true;
    offer.bundle = {"0"};
    wire::MediaSection section;
    section.mid = "0";
    section.rtcp_mux = true;
    section.kind = codecs[0].clock_rate == 90000 ? wire::MediaKind::Video : wire::MediaKind::Audio;
    section.direction = direction;
    section.codecs = std::move(codecs);
    section.extmaps = {{2, std::nullopt, std::string(wire::kAbsSendTimeUri)},
                       {12, std::nullopt, std::string(wire::kDependencyDescriptorUri)}};
    if (direction == wire::Direction::SendOnly) section.ssrcs.push_back({11, "c", std::nullopt});
    offer.sections.push_back(std::move(section));
    return offer;
}

// `subscribers` offer to receive `received` what one publisher sends as `published`.
struct Room {
    Room(const std::vector<wire::Codec>& published, const std::vector<wire::Codec>& received, int64_t count)
        : publisher(offer_of(wire::Direction::SendOnly, published)),
          tx(static_cast<size_t>(count), static_cast<size_t>(count) * kPacketCapacity) {
        publisher.peer->accept("0", 1, {.preferred = Codec::Vp8});
        publisher.connect();
        for (int64_t i = 0; i < count; ++i) {
            subscribers.push_back(
                std::make_unique<ClientForTest>(offer_of(wire::Direction::RecvOnly, received), kSlots));
            subscribers.back()->peer->attach("0", {kSent, "PA_a|TR_b", "TR_b", "PA_a", 1000, 2000});
            subscribers.back()->connect();
        }
    }

    void send_all(const Outgoing& outgoing, const Media& media) {
        tx.clear();
        for (const auto& subscriber : subscribers)
            subscriber->peer->send_rtp(subscriber->now, outgoing, media, tx);
    }

    ClientForTest publisher;
    std::vector<std::unique_ptr<ClientForTest>> subscribers;
    TransmitQueue tx;
};

void send_to_all(benchmark::State& state, Room& room, const Sent& sent, Outgoing outgoing) {
    const auto media = room.publisher.send(sent).media;
    if (!media) return state.SkipWithError("not received");
    for (auto _ : state) {
        ++outgoing.sequence.value;
        room.send_all(outgoing, *media);
        if (room.tx.datagrams().size() != room.subscribers.size()) state.SkipWithError("not sent");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void vp8(benchmark::State& state) {
    const std::vector<wire::Codec> codecs{{96, "VP8", 90000, 1, {}, {"nack", "nack pli"}}};
    Room room(codecs, codecs, state.range(0));
    Sent sent{.ssrc = 11};
    sent.payload = {0x90, 0xe0, 0x80, 0x05, 0x07, 0x00};  // X, S; I, L, T
    sent.payload.resize(static_cast<size_t>(state.range(1)));
    send_to_all(state, room, sent,
                {.egress = kSent,
                 .sequence = ExtSeqNo{1},
                 .vp8 = wire::Vp8Ids{.picture_id = 300, .tl0_pic_idx = 9, .key_index = 0}});
}

// To subscribers that know Opus alone.
void red_as_opus(benchmark::State& state) {
    std::vector<wire::Codec> published{{63, "red", 48000, 2, {}, {}}, {111, "opus", 48000, 2, {}, {}}};
    published[0].fmtp.raw = "111/111";
    Room room(published, {published[1]}, state.range(0));
    Sent sent{.ssrc = 11, .payload_type = 63};
    sent.payload = {0x80 | 111, 15, 0, 80, 111};  // RFC 2198 3: 80 bytes from 20 ms before, then the newest
    sent.payload.resize(5 + 80 + 80);
    send_to_all(state, room, sent, {.egress = kSent, .sequence = ExtSeqNo{1}});
}

BENCHMARK(vp8)->Args({1, 1100})->Args({200, 1100})->Args({200, 100});
BENCHMARK(red_as_opus)->Arg(1)->Arg(200);

}  // namespace
