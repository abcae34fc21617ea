// Walks a datagram, reads every entry of every packet, and writes again what the writers can write: the
// second reading must agree.
#include <array>
#include <vector>

#include "base/check.h"
#include "wire/rtcp.h"

using namespace conclave;

namespace {

template <class T>
T read_back(const ByteWriter& out) {
    wire::RtcpReader reader{out.written()};
    const auto packet = reader.next();
    CHECK(packet && !reader.next() && reader.malformed() == 0);
    const T* value = std::get_if<T>(&*packet);
    CHECK(value);
    return *value;
}

std::vector<wire::ReportBlock> blocks_of(const wire::PackedArray<wire::ReportBlock>& reports) {
    std::vector<wire::ReportBlock> blocks{reports.begin(), reports.end()};
    for (auto& block : blocks) {
        // -2^23 is clamped when writing.
        if (block.cumulative_lost < -0x7fffff) block.cumulative_lost = -0x7fffff;
    }
    return blocks;
}

void rewrite(const wire::SenderReport& p, ByteWriter& out) {
    const auto blocks = blocks_of(p.reports);
    CHECK(wire::write_sender_report(out, p.ssrc, p.info, blocks));
    const auto again = read_back<wire::SenderReport>(out);
    CHECK(again.ssrc == p.ssrc && again.info == p.info && blocks_of(again.reports) == blocks);
}
void rewrite(const wire::ReceiverReport& p, ByteWriter& out) {
    const auto blocks = blocks_of(p.reports);
    CHECK(wire::write_receiver_report(out, p.ssrc, blocks));
    const auto again = read_back<wire::ReceiverReport>(out);
    CHECK(again.ssrc == p.ssrc && blocks_of(again.reports) == blocks);
}
void rewrite(wire::SourceDescription p, ByteWriter& out) {
    const unsigned count = p.count;
    for (unsigned i = 0; i < count; ++i) {
        const auto chunk = p.next();
        CHECK(chunk);
        ByteWriter one{out.unwritten()};
        CHECK(wire::write_source_description(one, chunk->ssrc, chunk->cname));
        CHECK(read_back<wire::SourceDescription>(one).next()->cname == chunk->cname);
    }
    CHECK(!p.next());
}
void rewrite(const wire::Goodbye& p, ByteWriter& out) {
    std::vector<uint32_t> ssrcs;
    for (const wire::RtcpSsrc ssrc : p.ssrcs) ssrcs.push_back(ssrc.value);
    CHECK(wire::write_goodbye(out, ssrcs));
    CHECK(read_back<wire::Goodbye>(out).ssrcs.size() == ssrcs.size());
}
void rewrite(const wire::Nack& p, ByteWriter& out) {
    std::vector<SeqNo> lost;
    p.for_each([&](SeqNo s) { lost.push_back(s); });
    CHECK(lost.size() >= p.pairs.size() && lost.size() <= 17 * p.pairs.size());
    const size_t told = wire::write_nack(out, p.sender_ssrc, p.media_ssrc, lost);
    CHECK(told == lost.size());
}
void rewrite(const wire::Pli& p, ByteWriter& out) {
    CHECK(wire::write_pli(out, p.sender_ssrc, p.media_ssrc));
    CHECK(read_back<wire::Pli>(out).media_ssrc == p.media_ssrc);
}
void rewrite(const wire::Fir& p, ByteWriter& out) {
    const std::vector<wire::FirEntry> entries{p.entries.begin(), p.entries.end()};
    CHECK(wire::write_fir(out, p.sender_ssrc, entries));
    CHECK(read_back<wire::Fir>(out).entries.size() == entries.size());
}
void rewrite(const wire::Remb& p, ByteWriter& out) {
    std::vector<uint32_t> ssrcs;
    for (const wire::RtcpSsrc ssrc : p.ssrcs) ssrcs.push_back(ssrc.value);
    CHECK(wire::write_remb(out, p.sender_ssrc, p.bitrate_bps, ssrcs));
    const auto again = read_back<wire::Remb>(out);
    CHECK(again.ssrcs.size() == ssrcs.size());
    CHECK(again.bitrate_bps == p.bitrate_bps || p.bitrate_bps == ~uint64_t{0});
}
void rewrite(const wire::TransportFeedback& p, ByteWriter&) {
    size_t count = 0;
    p.for_each([&](const wire::PacketStatus& s) { count += s.received || s.offset == Duration{} ? 1 : 2; });
    CHECK(count == p.status_count);
}
void rewrite(const wire::ExtendedReport& p, ByteWriter& out) {
    if (p.receiver_reference_time) {
        ByteWriter one{out.unwritten()};
        CHECK(wire::write_receiver_reference_time(one, p.ssrc, *p.receiver_reference_time));
        CHECK(read_back<wire::ExtendedReport>(one).receiver_reference_time == p.receiver_reference_time);
    }
    const std::vector<wire::DlrrEntry> entries{p.dlrr.begin(), p.dlrr.end()};
    CHECK(wire::write_dlrr(out, p.ssrc, entries));
    CHECK(read_back<wire::ExtendedReport>(out).dlrr.size() == entries.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    // Rewriting at most multiplies by the 17 packets of a NACK pair.
    static std::array<uint8_t, 1 << 18> buffer;
    if (size > 1 << 12) return 0;
    wire::RtcpReader reader{ByteView{data, size}};
    while (const auto packet = reader.next()) {
        std::visit(
            [&](const auto& p) {
                ByteWriter out{buffer};
                rewrite(p, out);
            },
            *packet);
    }
    CHECK(reader.unknown() + reader.malformed() <= size / 4 + 1);
    return 0;
}
