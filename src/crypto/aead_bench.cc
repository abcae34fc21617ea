// One packet of 1,100 bytes sealed under one of N keys, whole and in two parts. More than one thread, since
// the workers share the engine.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "crypto/aead.h"

namespace {

using namespace conclave;
using namespace conclave::crypto;

using Bytes = std::vector<uint8_t>;

constexpr size_t kHeaderSize = 24;
constexpr size_t kPayloadSize = 1076;

void seal(benchmark::State& state, GcmEngine engine, size_t cut) {
    SeededRng rng{1};
    std::vector<Aes128Gcm> keys;
    for (int64_t i = 0; i < state.range(0); ++i) {
        Bytes key(Aes128Gcm::kKeySize);
        rng.fill(key);
        keys.push_back(Aes128Gcm::create(key, engine).value());
    }
    const Bytes header(kHeaderSize, 0x11);
    const Bytes payload(kPayloadSize, 0x55);
    std::vector<ByteView> parts{ByteView{payload}.subspan(cut)};
    if (cut > 0) parts.insert(parts.begin(), ByteView{payload}.first(cut));
    std::vector<Bytes> out(keys.size(), Bytes(kPayloadSize + Aes128Gcm::kTagSize));
    Aes128Gcm::Iv iv{};
    for (auto _ : state) {
        ++iv[0];
        for (size_t i = 0; i < keys.size(); ++i) {
            if (!keys[i].seal(iv, header, parts, out[i])) state.SkipWithError("refused");
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void fastest(benchmark::State& state) {
    state.SetLabel(std::string(gcm_engine_name(fastest_gcm_engine())));
    seal(state, fastest_gcm_engine(), 0);
}
void fastest_in_parts(benchmark::State& state) {
    seal(state, fastest_gcm_engine(), 6);
}

BENCHMARK_CAPTURE(seal, openssl, GcmEngine::OpenSsl, 0)->Arg(1)->Arg(200);
BENCHMARK(fastest)->Arg(1)->Arg(200);
BENCHMARK(fastest)->Arg(200)->Threads(2);
BENCHMARK(fastest_in_parts)->Arg(1)->Arg(200);

}  // namespace
