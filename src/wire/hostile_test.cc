// Rows M8 and M12 of docs/security.md: every length that a field of length can claim. The parsers' own tests
// say what is refused; here nothing may be read that is not there (the sanitizers and the views' assertions
// watch).
#include <gtest/gtest.h>

#include "base/rng.h"
#include "wire/dependency_descriptor.h"
#include "wire/h264.h"
#include "wire/header_extension.h"
#include "wire/red.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/stun.h"
#include "wire/transport_feedback.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

namespace conclave::wire {
namespace {

using Bytes = std::vector<uint8_t>;

// A Binding request whose one attribute claims `claimed` bytes and has `there`.
Bytes stun_with(uint16_t type, size_t claimed, size_t there) {
    const size_t padded = (there + 3) / 4 * 4;
    Bytes bytes(kStunHeaderSize + 4 + padded);
    ByteWriter out{bytes};
    out.u16(0x0001);
    out.u16(static_cast<uint16_t>(4 + padded));
    out.u32(0x2112a442);
    out.zeros(12);
    out.u16(type);
    out.u16(static_cast<uint16_t>(claimed));
    return bytes;
}

constexpr uint16_t kStunTypes[] = {0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0020, 0x0024,
                                   0x0025, 0x8022, 0x8028, 0x8029, 0x802a, 0xc057, 0x7fff};

TEST(StunLengths, M12_EveryAttributeAtEveryLengthEndsInsideTheMessageOrIsRefused) {
    for (const uint16_t type : kStunTypes) {
        for (size_t there = 0; there <= 40; ++there) {
            for (const size_t claimed : {size_t{0}, size_t{1}, there - 1, there, there + 1, there + 4,
                                         size_t{508}, size_t{509}, size_t{0x7fff}, size_t{65'535}}) {
                const size_t padded_claim = (static_cast<uint16_t>(claimed) + size_t{3}) / 4 * 4;
                const size_t padded_there = (there + 3) / 4 * 4;
                const auto message = parse_stun(stun_with(type, claimed, there));
                if (padded_claim > padded_there) {
                    EXPECT_FALSE(message) << type << " " << claimed << " of " << there;
                }
            }
        }
    }
}

TEST(StunLengths, M12_AttributesInAnyOrderAndNumberAreReadOnce) {
    SeededRng rng{12};
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes(kStunHeaderSize);
        for (size_t n = rng.u32() % 80; n > 0; --n) {
            const size_t size = rng.u32() % 24;
            Bytes attribute(4 + (size + 3) / 4 * 4);
            rng.fill(attribute);
            store_be16(&attribute[0], kStunTypes[rng.u32() % std::size(kStunTypes)]);
            store_be16(&attribute[2], static_cast<uint16_t>(size));
            bytes.insert(bytes.end(), attribute.begin(), attribute.end());
        }
        store_be16(&bytes[0], 0x0001);
        store_be16(&bytes[2], static_cast<uint16_t>(bytes.size() - kStunHeaderSize));
        store_be32(&bytes[4], 0x2112a442);
        if (const auto message = parse_stun(bytes)) {
            EXPECT_FALSE(message->fingerprint_ok);
        }
    }
}

// Each parser of what a publisher may put into a packet, over random bytes behind every pair of first bytes.
// The full number is the fuzz targets' (`make fuzz`).
TEST(PayloadParsers, M8_NoFirstBytesLeadAParserAstray) {
    SeededRng rng{8};
    for (uint32_t first = 0; first < 0x10000; ++first) {
        Bytes payload(rng.u32() % 40);
        rng.fill(payload);
        if (payload.size() > 1) store_be16(payload.data(), static_cast<uint16_t>(first));
        // What a descriptor says lies inside the payload.
        if (const auto vp8 = parse_vp8(payload)) {
            EXPECT_LE(vp8->frame.size(), payload.size());
        }
        (void)parse_h264(payload);
        (void)parse_vp9(payload);
        if (const auto red = parse_red(payload)) {
            EXPECT_LE(red->primary().data.size(), payload.size());
        }
    }
}

// A reader keeps the structure that a descriptor attached: whatever comes, it stays within its limits.
TEST(PayloadParsers, M8_DependencyDescriptorsOfAnyBitsAreReadWithBoundedMemory) {
    SeededRng rng{64};
    DependencyDescriptorReader reader;
    for (int i = 0; i < 100'000; ++i) {
        Bytes value(rng.u32() % 80);
        rng.fill(value);
        // Half of them with the extended fields and a structure attached.
        if (value.size() > 4 && i % 2 == 0) value[3] = static_cast<uint8_t>(0x80 | value[3]);
        const FrameDependencies* frame = reader.read(value);
        if (frame) {
            ASSERT_NE(frame->structure, nullptr);
        }
    }
}

TEST(PayloadParsers, M8_PaddingAndExtensionsOfAnyLengthStayInsideThePacket) {
    for (size_t size = 0; size < 64; ++size) {
        for (int last = 0; last < 256; ++last) {
            for (const int first : {0x80, 0xa0, 0x90, 0xb0, 0x8f, 0xbf}) {
                Bytes packet(size, static_cast<uint8_t>(last));
                if (size > 0) packet[0] = static_cast<uint8_t>(first);
                if (size > 15) store_be16(&packet[12], last % 2 == 0 ? 0xbede : 0x1000);
                const auto rtp = parse_rtp(packet);
                if (!rtp) continue;
                ASSERT_GE(rtp->payload.data(), packet.data());
                ASSERT_LE(rtp->payload.data() + rtp->payload.size(), packet.data() + packet.size());
                for (int id = 0; id < 256; ++id) (void)find_extension(*rtp, static_cast<uint8_t>(id));
            }
        }
    }
}

// ---- M10: reports that claim more than they have

TEST(FeedbackLies, M10_TransportFeedbackOf65535PacketsIsReadAsFarAsItsBytesGo) {
    for (const int chunk : {0x0000, 0x1fff, 0x3fff, 0x5fff, 0x7fff, 0x8000, 0xbfff, 0xc000, 0xffff}) {
        for (size_t chunks = 0; chunks < 100; ++chunks) {
            Bytes packet(8 + 8 + 2 * chunks);
            ByteWriter out{packet};
            out.u32(1);
            out.u32(2);
            out.u16(65'000);
            out.u16(65'535);
            out.u24(0x800000);
            out.u8(0);
            for (size_t i = 0; i < chunks; ++i) out.u16(static_cast<uint16_t>(chunk));
            (void)parse_transport_feedback(packet);
        }
    }
}

}  // namespace
}  // namespace conclave::wire
