#include "sctp/receive_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/rng.h"

namespace conclave::sctp {
namespace {

using Verdict = ReceiveBuffer::Verdict;

class ReceiveBufferTest : public testing::Test {
 protected:
    void SetUp() override { buffer.start(kFirst); }

    // "B" begins, "E" ends, "U" unordered.
    Verdict add(uint32_t tsn, std::string_view flags, std::string_view text, uint16_t ssn = 0,
                uint16_t stream = 1) {
        wire::SctpData data;
        data.tsn = tsn;
        data.stream = stream;
        data.ssn = ssn;
        data.ppid = 51;
        data.begins = flags.find('B') != flags.npos;
        data.ends = flags.find('E') != flags.npos;
        data.unordered = flags.find('U') != flags.npos;
        data.payload = as_bytes(text);
        std::vector<Message> messages;
        const Verdict verdict = buffer.add(data, messages);
        note(messages);
        return verdict;
    }
    bool forward(uint32_t tsn, const std::vector<wire::SctpSkip>& skips = {}) {
        std::vector<uint8_t> bytes;
        for (const auto& skip : skips) {
            bytes.resize(bytes.size() + 4);
            store_be16(bytes.data() + bytes.size() - 4, skip.stream);
            store_be16(bytes.data() + bytes.size() - 2, skip.ssn);
        }
        std::vector<Message> messages;
        const bool moved = buffer.forward({tsn, bytes}, messages);
        note(messages);
        return moved;
    }
    void note(const std::vector<Message>& messages) {
        for (const Message& m : messages) got.emplace_back(as_text(m.payload));
        buffer.release_delivered();
    }

    static constexpr uint32_t kFirst = 0xFFFFFFFC;  // four TSNs before the wrap
    static constexpr size_t kWindow = 8192;
    ReceiveBuffer buffer{kWindow, 4096};
    std::vector<std::string> got;
};

TEST_F(ReceiveBufferTest, FragmentsInEveryOrderGiveTheMessageOnceAcrossTheTsnWrap) {
    std::vector<uint32_t> order{0, 1, 2, 3, 4, 5};
    const std::vector<std::string> flags{"BE", "B", "", "", "E", "BE"};
    const std::vector<std::string> texts{"first", "a", "b", "c", "d", "last"};
    const std::vector<uint16_t> ssns{0, 1, 1, 1, 1, 2};
    do {
        buffer.start(kFirst);
        got.clear();
        for (const uint32_t i : order)
            ASSERT_EQ(add(kFirst + i, flags[i], texts[i], ssns[i]), Verdict::Accepted);
        ASSERT_EQ(got, (std::vector<std::string>{"first", "abcd", "last"}));
        ASSERT_EQ(buffer.cumulative_tsn(), kFirst + 5);
        ASSERT_EQ(buffer.buffered(), 0u);
        ASSERT_FALSE(buffer.has_gaps());
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ReceiveBufferTest, UnorderedMessagesDoNotWaitForMissingTsns) {
    EXPECT_EQ(add(kFirst + 2, "BEU", "two"), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 5, "EU", "b"), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 4, "BU", "a"), Verdict::Accepted);
    EXPECT_EQ(got, (std::vector<std::string>{"two", "ab"}));
    const std::vector<wire::SctpGap> gaps{{3, 3}, {5, 6}};
    EXPECT_EQ(buffer.gaps(), gaps);
}

TEST_F(ReceiveBufferTest, StreamsDoNotWaitForEachOther) {
    EXPECT_EQ(add(kFirst + 1, "BE", "stream 2", 0, 2), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 2, "BE", "stream 1, second", 1, 1), Verdict::Accepted);
    EXPECT_EQ(got, std::vector<std::string>{"stream 2"});
    EXPECT_EQ(add(kFirst, "BE", "stream 1, first", 0, 1), Verdict::Accepted);
    EXPECT_EQ(got.size(), 3u);
    EXPECT_EQ(got[2], "stream 1, second");
}

TEST_F(ReceiveBufferTest, DuplicatesAreRecognizedAndReportedWithALimit) {
    EXPECT_EQ(add(kFirst, "BE", "x"), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 2, "BE", "z", 2), Verdict::Accepted);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(add(kFirst, "BE", "x"), Verdict::Duplicate);
        EXPECT_EQ(add(kFirst + 2, "BE", "z", 2), Verdict::Duplicate);
    }
    EXPECT_EQ(buffer.duplicates().size(), kDuplicatesMax);
    EXPECT_EQ(buffer.duplicates()[1], kFirst + 2);
    EXPECT_EQ(got.size(), 1u);
}

TEST_F(ReceiveBufferTest, TheWindowIsEnforcedButTheNextTsnAlwaysFits) {
    const std::string block(1000, 'w');
    uint32_t tsn = kFirst + 1;
    uint16_t ssn = 1;
    while (add(tsn, "BE", block, ssn) == Verdict::Accepted) {
        ++tsn;
        ++ssn;
    }
    EXPECT_EQ(add(tsn, "BE", block, ssn), Verdict::Dropped);
    EXPECT_LE(buffer.buffered(), kWindow);
    EXPECT_LT(buffer.window(), block.size() + kPieceOverhead);
    EXPECT_EQ(add(kFirst, "BE", block, 0), Verdict::Accepted);
    EXPECT_EQ(got.size(), static_cast<size_t>(ssn));
    EXPECT_EQ(buffer.window(), kWindow);
}

TEST_F(ReceiveBufferTest, TinyChunksCannotMultiplyTheWindow) {
    size_t accepted = 0;
    for (uint32_t i = 1; i < 20000; ++i)
        if (add(kFirst + i, "", "x") == Verdict::Accepted) ++accepted;
    EXPECT_LE(accepted, kWindow / kPieceOverhead);
    EXPECT_LE(buffer.buffered(), kWindow);
}

TEST_F(ReceiveBufferTest, RunsOfTsnsAreBounded) {
    ReceiveBuffer roomy(1 << 20, 4096);
    roomy.start(kFirst);
    std::vector<Message> messages;
    wire::SctpData data;
    data.begins = data.ends = data.unordered = true;
    data.payload = as_bytes("x");
    size_t accepted = 0;
    for (uint32_t i = 0; i < 1000; ++i) {
        data.tsn = kFirst + 1 + 2 * i;
        if (roomy.add(data, messages) == Verdict::Accepted) ++accepted;
    }
    EXPECT_EQ(accepted, kGapsMax);
    EXPECT_EQ(roomy.gaps().size(), kGapsMax);
    data.tsn = kFirst + 2;  // joins two runs, needs no new one
    EXPECT_EQ(roomy.add(data, messages), Verdict::Accepted);
    EXPECT_EQ(roomy.gaps().size(), kGapsMax - 1);
    data.tsn = kFirst + static_cast<uint32_t>(kTsnAheadMax);
    EXPECT_EQ(roomy.add(data, messages), Verdict::Dropped);
}

TEST_F(ReceiveBufferTest, AMessageAboveTheLimitIsAViolation) {
    const std::string block(1000, 'm');
    EXPECT_EQ(add(kFirst, "B", block), Verdict::Accepted);
    for (uint32_t i = 1; i < 4; ++i) EXPECT_EQ(add(kFirst + i, "", block), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 4, "", block), Verdict::Violation);
    // The same when the pieces wait for their beginning.
    buffer.start(kFirst);
    for (uint32_t i = 1; i < 5; ++i) EXPECT_EQ(add(kFirst + i, "", block), Verdict::Accepted);
    EXPECT_EQ(add(kFirst, "B", block), Verdict::Violation);
}

TEST_F(ReceiveBufferTest, OrderedMessagesThatNeverGetTheirTurnEndInAViolation) {
    const std::string block(1000, 'o');
    Verdict verdict = Verdict::Accepted;
    uint32_t i = 0;
    for (; verdict == Verdict::Accepted && i < 100; ++i)
        verdict = add(kFirst + i, "BE", block, static_cast<uint16_t>(i + 1));
    EXPECT_EQ(verdict, Verdict::Violation);
    EXPECT_LE(buffer.buffered(), kWindow + 4096 + kPieceOverhead * 16);
    EXPECT_TRUE(got.empty());
}

TEST_F(ReceiveBufferTest, ContradictoryFragmentsAreThrownAway) {
    EXPECT_EQ(add(kFirst, "B", "a", 0), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 1, "E", "other ssn", 1), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 2, "", "no beginning", 0), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 3, "B", "begins", 0), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 4, "BE", "whole", 0), Verdict::Accepted);
    EXPECT_EQ(got, std::vector<std::string>{"whole"});
    EXPECT_EQ(buffer.buffered(), 0u);
    EXPECT_EQ(buffer.cumulative_tsn(), kFirst + 4);
}

// RFC 3758 3.6.
TEST_F(ReceiveBufferTest, ForwardTsnSkipsAndDeliversWhatWaitedBehind) {
    EXPECT_EQ(add(kFirst + 1, "B", "half", 1), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 3, "BE", "third", 2), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 5, "BE", "fifth", 4), Verdict::Accepted);
    EXPECT_TRUE(got.empty());
    EXPECT_TRUE(forward(kFirst + 2, {{1, 1}}));
    EXPECT_EQ(got, std::vector<std::string>{"third"});
    EXPECT_EQ(buffer.cumulative_tsn(), kFirst + 3);
    EXPECT_FALSE(forward(kFirst + 2, {{1, 1}}));
    EXPECT_FALSE(forward(kFirst + 3));
    EXPECT_TRUE(forward(kFirst + 4, {{1, 3}}));
    EXPECT_EQ(got.back(), "fifth");
    EXPECT_EQ(buffer.cumulative_tsn(), kFirst + 5);
    EXPECT_EQ(buffer.buffered(), 0u);
    EXPECT_EQ(add(kFirst + 6, "BE", "late ssn", 2), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 7, "BE", "sixth", 5), Verdict::Accepted);
    EXPECT_EQ(got.back(), "sixth");
    EXPECT_EQ(got.size(), 3u);
}

TEST_F(ReceiveBufferTest, ForwardTsnIntoTheMiddleOfAMessageLeavesNothingBehind) {
    for (uint32_t i = 1; i < 6; ++i) EXPECT_EQ(add(kFirst + i, i == 1 ? "B" : "", "x", 0), Verdict::Accepted);
    EXPECT_TRUE(forward(kFirst + 3));
    EXPECT_EQ(add(kFirst + 6, "E", "x", 0), Verdict::Accepted);
    EXPECT_EQ(buffer.cumulative_tsn(), kFirst + 6);
    EXPECT_EQ(buffer.buffered(), 0u);
    EXPECT_TRUE(got.empty());
}

TEST_F(ReceiveBufferTest, ForwardTsnSkipsOnStreamsThatDoNotExistAreIgnored) {
    EXPECT_TRUE(forward(kFirst + 100, {{kStreamsMax, 7}, {65535, 7}, {kStreamsMax - 1, 7}}));
    EXPECT_EQ(buffer.cumulative_tsn(), kFirst + 100);
    EXPECT_EQ(add(kFirst + 101, "BE", "eight", 8, kStreamsMax - 1), Verdict::Accepted);
    EXPECT_EQ(got, std::vector<std::string>{"eight"});
}

// RFC 6525 5.2.2.
TEST_F(ReceiveBufferTest, AResetStreamStartsAtZeroAndForgetsWhatWaited) {
    EXPECT_EQ(add(kFirst, "BE", "zero", 0), Verdict::Accepted);
    EXPECT_EQ(add(kFirst + 1, "BE", "two", 2), Verdict::Accepted);
    EXPECT_GT(buffer.buffered(), 0u);
    buffer.reset(1);
    buffer.reset(9);
    EXPECT_EQ(buffer.buffered(), 0u);
    EXPECT_EQ(add(kFirst + 2, "BE", "zero again", 0), Verdict::Accepted);
    EXPECT_EQ(got, (std::vector<std::string>{"zero", "zero again"}));
    EXPECT_EQ(add(kFirst + 3, "BE", "three", 3), Verdict::Accepted);
    buffer.reset_all();
    EXPECT_EQ(buffer.buffered(), 0u);
    EXPECT_EQ(add(kFirst + 4, "BE", "zero", 0), Verdict::Accepted);
    EXPECT_EQ(got.size(), 3u);
}

// Against a model: random messages cut and shuffled within a window, some abandoned.
TEST_F(ReceiveBufferTest, RandomTrafficKeepsTheAccountsBalanced) {
    SeededRng rng(9);
    for (int round = 0; round < 200; ++round) {
        buffer.start(kFirst);
        got.clear();
        for (int i = 0; i < 300; ++i) {
            const uint32_t tsn = buffer.cumulative_tsn() + rng.u32() % 12;
            const uint32_t kind = rng.u32() % 16;
            std::string flags;
            if ((kind & 1) != 0) flags += 'B';
            if ((kind & 2) != 0) flags += 'E';
            if ((kind & 12) == 12) flags += 'U';
            const uint16_t ssn = static_cast<uint16_t>(rng.u32() % 6);
            const uint16_t stream = static_cast<uint16_t>(rng.u32() % 3);
            if (rng.u32() % 8 == 0)
                (void)forward(tsn, {{stream, ssn}});
            else
                (void)add(tsn, flags, std::string(1 + rng.u32() % 200, 'r'), ssn, stream);
            ASSERT_LE(buffer.buffered(), kWindow + 4096 + kPieceOverhead);
        }
        // Skipping everything and resetting the streams must free every byte.
        (void)forward(buffer.cumulative_tsn() + 100);
        buffer.reset_all();
        ASSERT_EQ(buffer.buffered(), 0u) << round;
    }
}

}  // namespace
}  // namespace conclave::sctp
