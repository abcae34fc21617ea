#include "dtls/record_filter.h"

#include <gtest/gtest.h>

#include <vector>

namespace conclave::dtls {
namespace {

constexpr size_t kLimit = 16 << 10;

std::vector<uint8_t> record(uint8_t type, uint16_t epoch, const std::vector<uint8_t>& body) {
    std::vector<uint8_t> bytes(kRecordHeaderSize + body.size());
    ByteWriter out{bytes};
    out.u8(type);
    out.u16(0xfefd);
    out.u16(epoch);
    out.zeros(6);
    out.u16(static_cast<uint16_t>(body.size()));
    out.bytes(body);
    return bytes;
}

std::vector<uint8_t> fragment(uint8_t type, uint32_t length, uint16_t message, uint32_t offset, uint32_t size,
                              size_t bytes_there) {
    std::vector<uint8_t> bytes(12 + bytes_there);
    ByteWriter out{bytes};
    out.u8(type);
    out.u24(length);
    out.u16(message);
    out.u24(offset);
    out.u24(size);
    out.zeros(bytes_there);
    return bytes;
}
std::vector<uint8_t> fragment(uint32_t length, uint16_t message, uint32_t offset, uint32_t size) {
    return fragment(1, length, message, offset, size, size);
}

Verdict judge(RecordFilter& filter, const std::vector<uint8_t>& bytes, bool reads_epoch_1 = false) {
    ByteView rest{bytes};
    const auto taken = take_record(rest);
    return taken ? filter.judge_handshaking(*taken, reads_epoch_1) : Verdict::Drop;
}
Verdict judge_fragment(RecordFilter& filter, const std::vector<uint8_t>& body) {
    return judge(filter, record(22, 0, body));
}
Verdict judge_established(const std::vector<uint8_t>& bytes) {
    ByteView rest{bytes};
    return RecordFilter::judge_established(take_record(rest).value());
}

TEST(TakeRecord, SplitsADatagram_RFC6347_4_1) {
    std::vector<uint8_t> datagram = record(22, 0, {1, 2, 3});
    const std::vector<uint8_t> second = record(20, 0, {1});
    datagram.insert(datagram.end(), second.begin(), second.end());
    ByteView rest{datagram};
    const auto a = take_record(rest);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->type, ContentType::Handshake);
    EXPECT_EQ(a->body.size(), 3u);
    EXPECT_EQ(a->bytes.size(), 16u);
    const auto b = take_record(rest);
    ASSERT_TRUE(b);
    EXPECT_EQ(b->type, ContentType::ChangeCipherSpec);
    EXPECT_TRUE(rest.empty());
}

TEST(TakeRecord, RefusesWhatIsNoRecord) {
    const std::vector<uint8_t> whole = record(22, 0, {1, 2, 3});
    for (size_t size = 0; size < whole.size(); ++size) {
        ByteView rest = ByteView{whole}.first(size);
        EXPECT_FALSE(take_record(rest)) << size;
    }
    for (const int type : {0, 19, 24, 25, 26, 255}) {
        const std::vector<uint8_t> other = record(static_cast<uint8_t>(type), 0, {1});
        ByteView rest{other};
        EXPECT_FALSE(take_record(rest)) << type;
    }
    std::vector<uint8_t> tls = whole;
    tls[1] = 3;
    ByteView rest{tls};
    EXPECT_FALSE(take_record(rest));
}

TEST(RecordFilter, M2_PassesFragmentsOfOneMessageInAnyOrder_RFC6347_4_2_3) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 60, 40)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 0, 60)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 10, 70)), Verdict::Pass);
}

TEST(RecordFilter, M3_DropsFragmentsOutsideTheirMessage) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 61, 40)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 101, 0)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(1, 100, 0, 0, 50, 49)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(1, 100, 0, 0xffffff, 2, 2)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, {}), Verdict::Drop);
}

TEST(RecordFilter, M3_DropsEmptyFragmentsOfMessagesThatAreNot) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(100, 0, 0, 0)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(14, 0, 5, 0, 0, 0)), Verdict::Pass);  // ServerHelloDone
}

TEST(RecordFilter, DropsAMessageThatChangesItsTypeOrLength) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(1, 100, 0, 0, 10, 10)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(1, 101, 0, 10, 10, 10)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(2, 100, 0, 10, 10, 10)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(1, 100, 0, 10, 10, 10)), Verdict::Pass);
}

TEST(RecordFilter, M3_BoundsDeclaredBytesOverAllMessages) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(16'000'000, 0, 0, 100)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(kLimit + 1, 0, 0, 100)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(kLimit - 100, 0, 0, 100)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(101, 1, 0, 100)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(100, 1, 0, 100)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(1, 2, 0, 1)), Verdict::Drop);
    // What was declared before still passes.
    EXPECT_EQ(judge_fragment(filter, fragment(kLimit - 100, 0, 100, 100)), Verdict::Pass);
}

TEST(RecordFilter, M3_DropsMessageNumbersThatNoHandshakeReaches) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge_fragment(filter, fragment(10, RecordFilter::kMessagesMax - 1, 0, 10)), Verdict::Pass);
    EXPECT_EQ(judge_fragment(filter, fragment(10, RecordFilter::kMessagesMax, 0, 10)), Verdict::Drop);
    EXPECT_EQ(judge_fragment(filter, fragment(10, 65535, 0, 10)), Verdict::Drop);
}

TEST(RecordFilter, DropsPlaintextAlertsAndData) {
    RecordFilter filter{kLimit};
    EXPECT_EQ(judge(filter, record(21, 0, {2, 40})), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(23, 0, {1, 2, 3})), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(23, 1, {1, 2, 3}), true), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(21, 1, {1, 2, 3}), false), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(21, 1, {1, 2, 3}), true), Verdict::Pass);
    EXPECT_EQ(judge(filter, record(20, 0, {1})), Verdict::Pass);
    EXPECT_EQ(judge(filter, record(20, 0, {1, 1})), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(20, 1, {1})), Verdict::Drop);
}

TEST(RecordFilter, HoldsAnEarlyFinished) {
    RecordFilter filter{kLimit};
    const std::vector<uint8_t> finished = record(22, 1, std::vector<uint8_t>(48));
    EXPECT_EQ(judge(filter, finished, false), Verdict::Hold);
    EXPECT_EQ(judge(filter, finished, true), Verdict::Pass);
    EXPECT_EQ(judge(filter, record(22, 1, std::vector<uint8_t>(500)), false), Verdict::Drop);
    EXPECT_EQ(judge(filter, record(22, 2, std::vector<uint8_t>(48)), true), Verdict::Drop);
}

TEST(RecordFilter, M4_LetsNothingButProtectedDataAndAlertsThroughOnceEstablished) {
    EXPECT_EQ(judge_established(record(23, 1, {1})), Verdict::Pass);
    EXPECT_EQ(judge_established(record(21, 1, {1})), Verdict::Pass);
    EXPECT_EQ(judge_established(record(23, 0, {1})), Verdict::Drop);
    EXPECT_EQ(judge_established(record(21, 0, {2, 40})), Verdict::Drop);
    EXPECT_EQ(judge_established(record(23, 2, {1})), Verdict::Drop);
    EXPECT_EQ(judge_established(record(20, 0, {1})), Verdict::Drop);
    EXPECT_EQ(judge_established(record(22, 0, {1})), Verdict::Resend);
    EXPECT_EQ(judge_established(record(22, 1, {1})), Verdict::Resend);
}

}  // namespace
}  // namespace conclave::dtls
