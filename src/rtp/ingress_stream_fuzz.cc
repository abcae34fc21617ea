// A script of datagrams and pauses: 2 bytes of milliseconds, 2 bytes of size, the datagram.
#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/check.h"
#include "rtp/ingress_stream.h"
#include "rtp/packet_cache.h"

using namespace conclave;
using namespace conclave::rtp;

namespace {

constexpr size_t kPackets = 80;
constexpr size_t kCached = 64;

void check_delivered(const IngressStream::Received& received, std::set<int64_t>& delivered) {
    CHECK(received.seq <= ExtSeqNo{INT64_MAX});
    CHECK(delivered.insert(received.seq.value).second);
    CHECK(received.rtp.sequence_number == received.seq.wire());
    const ByteView all = received.packet.bytes();
    CHECK(received.rtp.header_size + received.rtp.payload.size() + received.rtp.padding_size == all.size());
    if (!received.rtp.payload.empty()) {
        CHECK(received.rtp.payload.data() == all.data() + received.rtp.header_size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static PacketPool pool(kPackets);  // whole again after each run
    {
        PacketCache cache(kCached);
        IngressStream::Config config;
        config.ssrc = 1;
        config.rtx_ssrc = 2;
        config.rtx.push_back({97, 96});
        IngressStream stream(config);
        std::set<int64_t> delivered;
        Instant now;
        ByteReader reader{ByteView{data, size}};
        while (reader.remaining() > 4) {
            now = now + Duration::millis(reader.u16());
            const size_t length = std::min<size_t>(reader.u16(), reader.remaining());
            const PacketRef packet = pool.copy(reader.bytes(length));
            if (!packet) continue;
            const auto rtp = wire::parse_rtp(packet.bytes());
            if (!rtp) continue;
            const int64_t before = stream.has_started() ? stream.newest().value : -1;
            const auto received =
                rtp->ssrc == 2 ? stream.handle_rtx(now, packet, *rtp) : stream.handle_rtp(now, packet, *rtp);
            CHECK(stream.stats().packets == 0 || stream.newest().value >= before);
            if (received) {
                check_delivered(*received, delivered);
                cache.store(now, received->seq, received->packet);
                CHECK(cache.find(now, received->seq) ||
                      stream.newest() - received->seq >= static_cast<int64_t>(kCached));
            }
            CHECK(stream.nacks_due(now, Duration::millis(50)).size() <= kMissingMax);
            (void)stream.take_keyframe_needed();
            (void)stream.report_block(now);
        }
    }
    CHECK(pool.available() == kPackets);
    return 0;
}
