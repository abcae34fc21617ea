#include "sctp/data_channels.h"

#include <gtest/gtest.h>

#include <set>

#include "sctp/test_link.h"
#include "wire/dcep.h"

namespace conclave::sctp {
namespace {

Config client_config() {
    Config config;
    config.dtls_client = true;
    return config;
}

class DataChannelsTest : public testing::Test {
 protected:
    void connect() {
        client.channels.connect(link.now, client.out);
        ASSERT_TRUE(
            link.run([&] { return client.connected == 1 && server.connected == 1; }, Duration::seconds(60)));
    }
    uint16_t open(ChannelsEnd& end, const ChannelOptions& options) {
        ChannelsEnd& other = &end == &client ? server : client;
        const size_t count = other.opened.size();
        const auto id = end.channels.open(link.now, options, end.out);
        EXPECT_TRUE(id);
        EXPECT_TRUE(link.run([&] { return other.opened.size() == count + 1; }, Duration::seconds(60)));
        return *id;
    }

    SeededRng rng{42};
    ChannelsEnd client{client_config(), rng};
    ChannelsEnd server{Config{}, rng};
    Link link{client, server, {}};
};

TEST_F(DataChannelsTest, OpensChannelsFromBothSidesWithTheIdsOfRfc8832Section6) {
    connect();
    const auto lossy = client.channels.open(link.now, {"_lossy", "v1", false, 0, {}}, client.out);
    const auto timed =
        server.channels.open(link.now, {"timed", "", true, {}, Duration::millis(500)}, server.out);
    ASSERT_TRUE(lossy && timed);
    EXPECT_EQ(*lossy, 0);
    EXPECT_EQ(*timed, 1);
    ASSERT_TRUE(link.run([&] { return client.opened.size() == 2 && server.opened.size() == 2; },
                         Duration::seconds(5)));
    EXPECT_EQ(server.opened[0].label, "_lossy");
    EXPECT_EQ(server.opened[0].protocol, "v1");
    EXPECT_FALSE(server.opened[0].ordered);
    EXPECT_EQ(server.opened[0].max_retransmits, 0u);
    EXPECT_EQ(client.opened[0].id, 1);
    EXPECT_EQ(client.opened[0].max_lifetime, Duration::millis(500));
    EXPECT_TRUE(client.opened[0].ordered);
    EXPECT_EQ(*client.channels.open(link.now, {}, client.out), 2);
    EXPECT_EQ(*server.channels.open(link.now, {}, server.out), 3);
}

TEST_F(DataChannelsTest, CarriesWhatWasSentBeforeTheAssociationIsUp) {
    const auto id = server.channels.open(link.now, {"early", "", true, {}, {}}, server.out);
    ASSERT_TRUE(id);
    EXPECT_TRUE(server.send(link.now, *id, "first"));
    EXPECT_GT(server.channels.buffered_amount(*id), 5u);
    connect();
    ASSERT_TRUE(link.run([&] { return client.received.size() == 1; }, Duration::seconds(5)));
    EXPECT_EQ(client.received[0], (Received{1, false, "first"}));
    link.run(Duration::seconds(2));
    EXPECT_EQ(server.channels.buffered_amount(*id), 0u);
}

TEST_F(DataChannelsTest, CarriesTextBinaryAndEmptyMessagesOfRfc8831Section8) {
    connect();
    const uint16_t id = open(client, {"x", "", true, {}, {}});
    for (const bool binary : {false, true}) {
        EXPECT_TRUE(client.send(link.now, id, "", binary));
        EXPECT_TRUE(client.send(link.now, id, "abc", binary));
    }
    ASSERT_TRUE(link.run([&] { return server.received.size() == 4; }, Duration::seconds(5)));
    const std::vector<Received> expected{
        {id, false, ""}, {id, false, "abc"}, {id, true, ""}, {id, true, "abc"}};
    EXPECT_EQ(server.received, expected);
}

TEST_F(DataChannelsTest, CarriesMessagesUpToTheLimitsAndRefusesLargerOnes) {
    connect();
    const uint16_t id = open(client, {"x", "", true, {}, {}});
    const std::string large(65536, 'L');
    for (const size_t size : {1u, 1131u, 1132u, 1133u, 2264u, 16384u, 65535u, 65536u})
        EXPECT_TRUE(client.send(link.now, id, large.substr(0, size)));
    EXPECT_FALSE(client.send(link.now, id, large + "x"));
    ASSERT_TRUE(link.run([&] { return server.received.size() == 8; }, Duration::seconds(30)));
    EXPECT_EQ(server.received[7].text, large);
    EXPECT_EQ(server.received[3].text.size(), 1133u);
}

TEST_F(DataChannelsTest, RefusesToSendBeyondTheSendBuffer) {
    connect();
    const uint16_t id = open(client, {"x", "", true, {}, {}});
    link.run(Duration::seconds(1));  // the opening is acknowledged
    const std::string block(65536, 'b');
    link.config().loss_percent = 100;
    size_t accepted = 0;
    while (client.send(link.now, id, block)) ++accepted;
    EXPECT_EQ(accepted, kSendBufferMax / block.size());
    EXPECT_EQ(client.channels.buffered_amount(id), kSendBufferMax);
    link.config().loss_percent = 0;
    ASSERT_TRUE(link.run([&] { return server.received.size() == accepted; }, Duration::seconds(120)));
    link.run(Duration::seconds(1));
    EXPECT_EQ(client.channels.buffered_amount(id), 0u);
    EXPECT_TRUE(client.send(link.now, id, block));
}

TEST_F(DataChannelsTest, M11_ASlowReceiverHoldsNothingUpButItsOwnSender) {
    // The far side answers only every two seconds: the send buffer fills, send() refuses, nothing grows.
    connect();
    const uint16_t id = open(server, {"_reliable", "", true, {}, {}});
    link.config().delay = Duration::seconds(1);
    const std::string block(1000, 's');
    int refused = 0;
    for (int i = 0; i < 6000; ++i) {
        if (!server.send(link.now, id, block)) ++refused;
        EXPECT_LE(server.channels.buffered_amount(id), kSendBufferMax);
    }
    EXPECT_GT(refused, 3000);
    const size_t accepted = static_cast<size_t>(6000 - refused);
    ASSERT_TRUE(link.run([&] { return client.received.size() == accepted; }, Duration::minutes(10)));
}

TEST_F(DataChannelsTest, ClosesBothDirectionsByStreamResetAndReusesTheId) {
    connect();
    const uint16_t id = open(client, {"first", "", true, {}, {}});
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(client.send(link.now, id, std::to_string(i)));
    ASSERT_TRUE(client.channels.close(link.now, id, client.out));
    EXPECT_FALSE(client.send(link.now, id, "too late"));
    EXPECT_FALSE(client.channels.close(link.now, id, client.out));
    ASSERT_TRUE(link.run([&] { return client.closed.size() == 1 && server.closed.size() == 1; },
                         Duration::seconds(10)));
    EXPECT_EQ(server.received.size(), 100u);
    EXPECT_EQ(client.closed[0], id);
    EXPECT_EQ(server.closed[0], id);

    const uint16_t again = open(client, {"second", "", true, {}, {}});
    EXPECT_EQ(again, id);
    EXPECT_TRUE(client.send(link.now, id, "from zero"));
    EXPECT_TRUE(server.send(link.now, id, "answer"));
    ASSERT_TRUE(link.run([&] { return server.received.size() == 101 && client.received.size() == 1; },
                         Duration::seconds(10)));
    EXPECT_EQ(server.received.back().text, "from zero");
}

TEST_F(DataChannelsTest, CloseAndReopenSurviveLossReorderingAndDuplication) {
    connect();
    link.config() = {20, 10, Duration::millis(10), Duration::millis(40)};
    for (int round = 0; round < 30; ++round) {
        const uint16_t id =
            open(round % 2 == 0 ? client : server, {std::to_string(round), "", round % 3 != 0, {}, {}});
        ChannelsEnd& from = round % 2 == 0 ? client : server;
        ChannelsEnd& to = round % 2 == 0 ? server : client;
        const size_t before = to.received.size();
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(from.send(link.now, id, std::string(3000, 'r')));
        const size_t closed = from.closed.size();
        ASSERT_TRUE(from.channels.close(link.now, id, from.out));
        ASSERT_TRUE(
            link.run([&] { return from.closed.size() == closed + 1 && to.closed.size() == closed + 1; },
                     Duration::minutes(5)))
            << round;
        EXPECT_EQ(to.received.size(), before + 5) << round;
    }
    EXPECT_EQ(client.channels.channel_count(), 0u);
    EXPECT_EQ(server.channels.channel_count(), 0u);
}

TEST_F(DataChannelsTest, RefusesLongLabelsAndMoreThanTheChannelLimit) {
    connect();
    EXPECT_FALSE(
        server.channels.open(link.now, {std::string(kLabelMax + 1, 'l'), "", true, {}, {}}, server.out));
    EXPECT_FALSE(
        server.channels.open(link.now, {"l", std::string(kLabelMax + 1, 'p'), true, {}, {}}, server.out));
    EXPECT_FALSE(server.channels.open(link.now, {"l", "", true, 1, Duration::millis(1)}, server.out));
    for (size_t i = 0; i < kChannelsMax; ++i)
        EXPECT_TRUE(client.channels.open(link.now, {"c", "", true, {}, {}}, client.out));
    EXPECT_FALSE(client.channels.open(link.now, {"c", "", true, {}, {}}, client.out));
    ASSERT_TRUE(link.run([&] { return server.opened.size() == kChannelsMax; }, Duration::seconds(10)));
    EXPECT_EQ(server.channels.channel_count(), kChannelsMax);
}

// A far side that speaks DCEP itself.
class DcepTest : public DataChannelsTest {
 protected:
    void SetUp() override { connect(); }
    void send_dcep(uint16_t stream, const wire::DcepOpen& open) {
        std::vector<uint8_t> buffer(wire::kDcepOpenHeaderSize + open.label.size() + open.protocol.size());
        ByteWriter writer(buffer);
        ASSERT_TRUE(wire::write_dcep_open(writer, open));
        send_raw(stream, 50, buffer);
    }
    void send_raw(uint16_t stream, uint32_t ppid, ByteView bytes) {
        OutgoingMessage message;
        message.stream = stream;
        message.ppid = ppid;
        ASSERT_TRUE(raw.association.send(raw_link.now, message, bytes, raw.out));
        raw_link.run(Duration::seconds(3));
    }
    void connect() {
        raw.association.connect(raw_link.now, raw.out);
        ASSERT_TRUE(
            raw_link.run([&] { return raw.connected && server.connected == 1; }, Duration::seconds(5)));
    }

    struct RawEnd final : Endpoint {
        explicit RawEnd(Rng& rng) : association(Association::create(roomy(), rng)) {}
        void handle_packet(Instant now, ByteView packet) override {
            note(association.handle_packet(now, packet, out));
        }
        void handle_timeout(Instant now) override { note(association.handle_timeout(now, out)); }
        Instant next_timeout() const override { return association.next_timeout(); }
        std::vector<std::vector<uint8_t>> take_sent() override {
            std::vector<std::vector<uint8_t>> sent;
            for (const auto& d : out.datagrams()) sent.emplace_back(out.bytes(d).begin(), out.bytes(d).end());
            out.clear();
            return sent;
        }
        void note(const AssociationEvents& events) {
            for (const auto& event : events) {
                if (std::holds_alternative<Connected>(event)) connected = true;
                if (const auto* m = std::get_if<Message>(&event))
                    messages.emplace_back(m->stream, as_text(m->payload));
                if (const auto* r = std::get_if<IncomingReset>(&event)) resets.push_back(r->stream);
            }
        }
        static Config roomy() {
            Config config;
            config.max_send_message = size_t{256} << 10;
            return config;
        }
        Association association;
        TransmitQueue out{1024, 1 << 20};
        bool connected = false;
        std::vector<std::pair<uint16_t, std::string>> messages;
        std::vector<uint16_t> resets;
    };
    RawEnd raw{rng};
    Link raw_link{raw, server, {}};
};

TEST_F(DcepTest, M11_ALabelAboveTheLimitIsRefusedByAResetOfTheStream) {
    send_dcep(2, {wire::DcepReliability::Reliable, true, 256, 0, std::string(kLabelMax + 1, 'l'), ""});
    EXPECT_TRUE(server.opened.empty());
    EXPECT_EQ(raw.resets, std::vector<uint16_t>{2});
    const std::string longest(65535, 'l');
    send_dcep(4, {wire::DcepReliability::Reliable, true, 256, 0, longest, ""});
    EXPECT_EQ(raw.resets, (std::vector<uint16_t>{2, 4}));
    EXPECT_EQ(server.channels.channel_count(), 0u);
    EXPECT_TRUE(raw.messages.empty());
}

TEST_F(DcepTest, AMalformedOpenIsRefusedAndARepeatedOneIgnored) {
    send_raw(6, 50, std::vector<uint8_t>{3, 0, 0});
    EXPECT_EQ(raw.resets, std::vector<uint16_t>{6});
    for (int i = 0; i < 2; ++i) send_dcep(8, {wire::DcepReliability::Reliable, true, 256, 0, "twice", ""});
    EXPECT_EQ(server.opened.size(), 1u);
    const std::vector<std::pair<uint16_t, std::string>> one_ack{{8, "\x02"}};
    EXPECT_EQ(raw.messages, one_ack);
}

TEST_F(DcepTest, DropsMessagesOnChannelsNobodyOpenedAndUnknownKinds) {
    send_raw(10, 51, as_bytes("nobody opened this"));
    send_raw(10, 50, std::vector<uint8_t>{2});
    send_dcep(12, {});
    send_raw(12, 52, as_bytes("deprecated partial text"));
    send_raw(12, 9999, as_bytes("no WebRTC message"));
    send_raw(12, 51, as_bytes("text"));
    EXPECT_EQ(server.received, (std::vector<Received>{{12, false, "text"}}));
    EXPECT_EQ(server.opened.size(), 1u);
}

TEST_F(DcepTest, M11_OpensOnEveryStreamStayBounded) {
    for (uint16_t stream = 0; stream < kStreamsMax; ++stream) {
        OutgoingMessage message;
        message.stream = stream;
        message.ppid = 50;
        std::vector<uint8_t> buffer(wire::kDcepOpenHeaderSize);
        ByteWriter writer(buffer);
        ASSERT_TRUE(wire::write_dcep_open(writer, {}));
        ASSERT_TRUE(raw.association.send(raw_link.now, message, buffer, raw.out));
    }
    raw_link.run(Duration::minutes(2));
    EXPECT_EQ(server.channels.channel_count(), kChannelsMax);
    EXPECT_EQ(server.opened.size(), kChannelsMax);
    EXPECT_EQ(raw.resets.size(), kStreamsMax - kChannelsMax);
    EXPECT_FALSE(server.failed);
}

// RFC 9260 5.2.1: both sides send INIT, with packets crossing and getting lost.
TEST(DataChannelsCollision, BothSidesSendInit) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SeededRng rng(seed);
        ChannelsEnd a(Config{}, rng);
        ChannelsEnd b(Config{}, rng);
        Link link(a, b, {seed > 50 ? 20u : 0u, 10, Duration::millis(20), Duration::millis(30)}, seed);
        a.channels.connect(link.now, a.out);
        if (seed % 2 == 0) link.run(Duration::millis(static_cast<int64_t>(seed % 60)));
        b.channels.connect(link.now, b.out);
        ASSERT_TRUE(link.run([&] { return a.connected == 1 && b.connected == 1; }, Duration::minutes(2)))
            << seed;
        const auto id = a.channels.open(link.now, {"x", "", true, {}, {}}, a.out);
        ASSERT_TRUE(id);
        ASSERT_TRUE(a.send(link.now, *id, "hello"));
        ASSERT_TRUE(link.run([&] { return b.received.size() == 1; }, Duration::minutes(2))) << seed;
        EXPECT_EQ(a.connected + b.connected, 2) << seed;
    }
}

struct LossCase {
    const char* name;
    uint64_t seed;
    LinkConfig link;
    bool wrapping;
};
class LossyLink : public testing::TestWithParam<LossCase> {};

// Every reliable message arrives once; ordered channels in order. What is unreliable may be missing,
// but never twice and never altered.
TEST_P(LossyLink, KeepsThePromisesOfEveryChannelType) {
    const LossCase& param = GetParam();
    SeededRng plain(param.seed);
    WrappingRng wrapping(param.seed);
    Rng& rng = param.wrapping ? static_cast<Rng&>(wrapping) : plain;
    ChannelsEnd client(client_config(), rng);
    ChannelsEnd server(Config{}, rng);
    Link link(client, server, param.link, param.seed);
    client.channels.connect(link.now, client.out);
    const std::vector<ChannelOptions> kinds{
        {"ordered", "", true, {}, {}},
        {"unordered", "", false, {}, {}},
        {"retransmits", "", true, 1, {}},
        {"lossy", "", false, 0, {}},
        {"timed", "", true, {}, Duration::millis(150)},
    };
    std::vector<uint16_t> ids;
    for (const auto& kind : kinds) ids.push_back(*client.channels.open(link.now, kind, client.out));
    ASSERT_TRUE(
        link.run([&] { return server.opened.size() == kinds.size() && client.opened.size() == kinds.size(); },
                 Duration::minutes(2)));

    SeededRng sizes(param.seed + 1);
    constexpr int kMessages = 2000;
    std::vector<std::set<std::string>> sent(kinds.size());
    for (int i = 0; i < kMessages; ++i) {
        for (size_t k = 0; k < kinds.size(); ++k) {
            std::string text = std::to_string(i) + ":";
            text.append(sizes.u32() % (i % 20 == 0 ? 9000 : 300), static_cast<char>('a' + i % 26));
            if (client.send(link.now, ids[k], text)) sent[k].insert(text);
        }
        // Ten messages of each kind a round, then some time passes.
        if (i % 10 == 9) link.run(Duration::millis(200));
        while (client.channels.association().send_queue().buffered() > kSendBufferMax / 2)
            link.run(Duration::millis(200));
        ASSERT_FALSE(client.failed || server.failed);
    }
    const bool drained =
        link.run([&] { return client.channels.association().send_queue().empty(); }, Duration::minutes(10));
    ASSERT_TRUE(drained);
    link.run(Duration::seconds(1));

    for (size_t k = 0; k < kinds.size(); ++k) {
        const std::vector<std::string> texts = server.texts(ids[k]);
        const std::set<std::string> unique(texts.begin(), texts.end());
        EXPECT_EQ(unique.size(), texts.size()) << kinds[k].label << ": delivered twice";
        EXPECT_TRUE(std::ranges::includes(sent[k], unique)) << kinds[k].label << ": altered";
        const bool reliable = !kinds[k].max_retransmits && !kinds[k].max_lifetime;
        if (reliable) {
            EXPECT_EQ(unique, sent[k]) << kinds[k].label;
        }
        // What is dropped is dropped for a reason.
        EXPECT_GT(texts.size(), param.link.loss_percent > 10 ? 0 : kMessages / 4) << kinds[k].label;
        if (!kinds[k].ordered) continue;
        int last = -1;
        for (const std::string& text : texts) {
            EXPECT_GT(std::stoi(text), last) << kinds[k].label << ": out of order";
            last = std::stoi(text);
        }
    }
    if (param.link.loss_percent >= 10) {
        EXPECT_GT(client.channels.association().send_queue().abandoned(), 0u);
    } else {
        EXPECT_EQ(server.texts(ids[2]).size(), static_cast<size_t>(kMessages));
    }
    EXPECT_EQ(server.channels.association().receive_buffer().buffered(), 0u);
    EXPECT_EQ(client.channels.association().send_queue().buffered(), 0u);
    EXPECT_EQ(client.channels.association().send_queue().outstanding(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, LossyLink,
    testing::Values(
        LossCase{"Clean", 1, {0, 0, Duration::millis(20), {}}, false},
        LossCase{"CleanWrapping", 2, {0, 0, Duration::millis(20), {}}, true},
        LossCase{"Reordering", 3, {0, 0, Duration::millis(20), Duration::millis(5)}, false},
        LossCase{"Duplicating", 4, {0, 50, Duration::millis(20), {}}, true},
        LossCase{"TenPercent", 5, {10, 5, Duration::millis(20), Duration::millis(10)}, false},
        LossCase{"ThirtyPercent", 6, {30, 10, Duration::millis(20), Duration::millis(30)}, false},
        LossCase{"ThirtyPercentWrapping", 7, {30, 10, Duration::millis(20), Duration::millis(30)}, true},
        LossCase{"ThirtyPercentFar", 8, {30, 0, Duration::millis(150), Duration::millis(100)}, true}),
    [](const auto& param_info) { return param_info.param.name; });

// RFC 9260 6.5: 70,000 ordered messages pass the end of the 16-bit stream sequence number.
TEST_F(DataChannelsTest, StreamSequenceNumbersWrap) {
    connect();
    const uint16_t id = open(client, {"x", "", true, {}, {}});
    int sent = 0;
    for (int round = 0; round < 700; ++round) {
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(link.now, id, std::to_string(sent++)));
        ASSERT_TRUE(link.run([&] { return server.received.size() == static_cast<size_t>(sent); },
                             Duration::seconds(60)));
    }
    for (int i = 0; i < sent; ++i) ASSERT_EQ(server.received[static_cast<size_t>(i)].text, std::to_string(i));
}

TEST_F(DataChannelsTest, ARestartOfTheFarSideClosesChannelsAndConnectsAgain) {
    connect();
    const uint16_t id = open(server, {"x", "", true, {}, {}});
    EXPECT_TRUE(server.send(link.now, id, "lost with the restart"));
    ChannelsEnd reborn(client_config(), rng);
    Link second(reborn, server, {});
    second.now = link.now;
    reborn.channels.connect(second.now, reborn.out);
    ASSERT_TRUE(
        second.run([&] { return reborn.connected == 1 && server.connected == 2; }, Duration::seconds(10)));
    EXPECT_EQ(server.closed, std::vector<uint16_t>{id});
    const auto fresh = reborn.channels.open(second.now, {"y", "", true, {}, {}}, reborn.out);
    ASSERT_TRUE(fresh);
    EXPECT_TRUE(reborn.send(second.now, *fresh, "hello again"));
    ASSERT_TRUE(second.run([&] { return server.received.size() == 1; }, Duration::seconds(10)));
    EXPECT_EQ(server.received[0].text, "hello again");
    EXPECT_TRUE(reborn.received.empty());
}

}  // namespace
}  // namespace conclave::sctp
