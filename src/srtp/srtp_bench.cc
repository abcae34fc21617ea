// One packet of 1,100 bytes protected for N subscribers with keys of their own: N = 1 stays in the first
// cache, N = 200 is a conference.
#include <benchmark/benchmark.h>

#include <vector>

#include "srtp/session.h"
#include "srtp/test_packets.h"

namespace {

using namespace conclave;
using namespace conclave::srtp;

constexpr size_t kPacketSize = 1100;

Bytes plain_packet() {
    Bytes packet(kPacketSize, 0x55);
    packet[0] = 0x90;
    store_be32(&packet[8], 1);
    store_be16(&packet[12], 0xbede);
    store_be16(&packet[14], 2);
    return packet;
}

std::vector<Session> sessions(crypto::SrtpProfile profile, int64_t count) {
    SeededRng rng{1};
    std::vector<Session> made;
    for (int64_t i = 0; i < count; ++i) {
        const Keys receive = random_keys(rng);
        made.push_back(Session::create(profile, receive, random_keys(rng)).value());
        (void)made.back().send_stream(1);
    }
    return made;
}

void protect(benchmark::State& state, crypto::SrtpProfile profile) {
    std::vector<Session> senders = sessions(profile, state.range(0));
    Bytes plain = plain_packet();
    std::vector<Bytes> out(senders.size(), Bytes(kPacketSize + Session::kOverheadMax));
    uint16_t sequence = 0;
    for (auto _ : state) {
        store_be16(&plain[2], sequence++);
        for (size_t i = 0; i < senders.size(); ++i) {
            if (senders[i].protect_rtp(plain, out[i]) == 0) state.SkipWithError("refused");
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

// As a packet is forwarded: a header and a descriptor of each subscriber's own, the rest shared.
void gather(benchmark::State& state, crypto::SrtpProfile profile) {
    std::vector<Session> senders = sessions(profile, state.range(0));
    Bytes plain = plain_packet();
    std::vector<Session::SendStream*> streams;
    for (Session& sender : senders) streams.push_back(sender.send_stream(1));
    constexpr size_t kHeaderSize = 24;
    constexpr size_t kDescriptorSize = 6;
    const std::vector<ByteView> parts{ByteView{plain}.subspan(kHeaderSize, kDescriptorSize),
                                      ByteView{plain}.subspan(kHeaderSize + kDescriptorSize)};
    std::vector<Bytes> out(senders.size(), Bytes(kPacketSize + Session::kOverheadMax));
    uint16_t sequence = 0;
    for (auto _ : state) {
        store_be16(&plain[2], ++sequence);
        for (size_t i = 0; i < senders.size(); ++i) {
            if (senders[i].protect_rtp(*streams[i], {sequence}, ByteView{plain}.first(kHeaderSize), parts,
                                       out[i]) == 0)
                state.SkipWithError("refused");
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void unprotect(benchmark::State& state, crypto::SrtpProfile profile) {
    SeededRng rng{1};
    const Keys a = random_keys(rng);
    const Keys b = random_keys(rng);
    Session sender = Session::create(profile, b, a).value();
    Session receiver = Session::create(profile, a, b).value();
    Bytes plain = plain_packet();
    constexpr size_t kBatch = 256;
    std::vector<Bytes> packets(kBatch, Bytes(kPacketSize + Session::kOverheadMax));
    std::vector<size_t> sizes(kBatch);
    uint16_t sequence = 0;
    for (auto _ : state) {
        state.PauseTiming();
        for (size_t i = 0; i < kBatch; ++i) {
            store_be16(&plain[2], sequence++);
            sizes[i] = sender.protect_rtp(plain, packets[i]);
        }
        state.ResumeTiming();
        for (size_t i = 0; i < kBatch; ++i) {
            if (!receiver.unprotect_rtp(MutableBytes{packets[i]}.first(sizes[i])))
                state.SkipWithError("refused");
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}

BENCHMARK_CAPTURE(protect, gcm, crypto::SrtpProfile::AeadAes128Gcm)->Arg(1)->Arg(200);
BENCHMARK_CAPTURE(protect, cm_sha1, crypto::SrtpProfile::AesCm128HmacSha1_80)->Arg(1)->Arg(200);
BENCHMARK_CAPTURE(gather, gcm, crypto::SrtpProfile::AeadAes128Gcm)->Arg(1)->Arg(200);
BENCHMARK_CAPTURE(gather, cm_sha1, crypto::SrtpProfile::AesCm128HmacSha1_80)->Arg(1)->Arg(200);
BENCHMARK_CAPTURE(unprotect, gcm, crypto::SrtpProfile::AeadAes128Gcm);
BENCHMARK_CAPTURE(unprotect, cm_sha1, crypto::SrtpProfile::AesCm128HmacSha1_80);

}  // namespace
