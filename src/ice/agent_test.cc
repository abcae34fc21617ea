#include "ice/agent.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ice/check_for_test.h"

namespace conclave::ice {
namespace {

constexpr Instant kStart = Instant::from_ms(1'000'000);
const Credentials kRemote{"remote", "a-password-of-the-client"};
const Path kHome{0, SocketAddress::v4(192, 0, 2, 1, 5000)};
const Path kMobile{0, SocketAddress::v4(198, 51, 100, 7, 6000)};
const Path kV6{1, *SocketAddress::parse("2001:db8::1", 7000)};

class AgentTest : public ::testing::Test {
 protected:
    AgentTest() { agent_.set_remote_credentials(kRemote); }

    Check check(bool use_candidate = false) const {
        return check_for(agent_.local_credentials(), kRemote.ufrag, use_candidate);
    }
    Events receive(const Path& path, const Check& check) {
        tx_.clear();
        return agent_.handle_datagram(now_, path, check.bytes(), tx_);
    }
    Events nominate(const Path& path) { return receive(path, check(true)); }
    Events wait(Duration time) {
        now_ = now_ + time;
        tx_.clear();
        return agent_.handle_timeout(now_, tx_);
    }
    // The only datagram sent in answer to the last one received.
    std::optional<wire::StunMessage> reply() const {
        if (tx_.datagrams().size() != 1) return {};
        return wire::parse_stun(tx_.bytes(tx_.datagrams()[0]));
    }
    // The last datagram left nothing but one count in `counter`.
    void expect_dropped(const Path& path, const Check& refused, uint64_t Counters::*counter) {
        const uint64_t before = agent_.counters().*counter;
        EXPECT_TRUE(receive(path, refused).empty());
        EXPECT_TRUE(tx_.empty()) << "no reply";
        EXPECT_FALSE(agent_.is_valid_path(path)) << "no state";
        EXPECT_EQ(agent_.counters().*counter, before + 1);
        EXPECT_EQ(agent_.counters().answered, 0u);
    }

    SeededRng rng_{1};
    Instant now_ = kStart;
    Agent agent_ = Agent::create({}, kStart, rng_);
    TransmitQueue tx_{64, 1 << 16};
};

bool is_one(const Events& events, Event::Kind kind, const Path& path) {
    return events.size() == 1 && events[0] == Event{kind, path};
}

TEST_F(AgentTest, CredentialsAreLongAndRandom_RFC8445_5_3) {
    const Agent other = Agent::create({}, kStart, rng_);
    EXPECT_EQ(agent_.local_credentials().ufrag.size(), kUfragSize);
    EXPECT_EQ(agent_.local_credentials().pwd.size(), kPwdSize);
    EXPECT_NE(agent_.local_credentials().ufrag, other.local_credentials().ufrag);
    EXPECT_NE(agent_.local_credentials().pwd, other.local_credentials().pwd);
    EXPECT_TRUE(agent_.has_local_ufrag(agent_.local_credentials().ufrag));
    EXPECT_FALSE(agent_.has_local_ufrag(other.local_credentials().ufrag));
}

TEST_F(AgentTest, AnswersACheckWithTheAddressItCameFrom_RFC8445_7_3) {
    for (const Path& path : {kHome, kV6}) {
        EXPECT_TRUE(receive(path, check()).empty()) << "valid is not yet nominated";
        ASSERT_TRUE(reply());
        EXPECT_EQ(tx_.datagrams()[0].path, path);
        EXPECT_EQ(reply()->message_class, wire::StunClass::Success);
        EXPECT_EQ(reply()->transaction_id, wire::parse_stun(check().bytes())->transaction_id);
        EXPECT_EQ(reply()->xor_mapped_address, path.remote);
        EXPECT_TRUE(reply()->fingerprint_ok);
        EXPECT_EQ(tx_.bytes(tx_.datagrams()[0]).size(), path == kV6 ? 76u : 64u);
        EXPECT_TRUE(agent_.is_valid_path(path));
    }
    EXPECT_FALSE(agent_.selected_path());
    EXPECT_EQ(agent_.state(), State::New);
    EXPECT_EQ(agent_.counters().answered, 2u);
}

TEST_F(AgentTest, SignsTheAnswerWithItsOwnPassword_RFC8489_9_1_4) {
    (void)receive(kHome, check());
    ASSERT_TRUE(reply());
    const auto mac = crypto::hmac_sha1(as_bytes(agent_.local_credentials().pwd), reply()->integrity_header,
                                       reply()->integrity_body);
    EXPECT_TRUE(crypto::equal_constant_time(mac, reply()->integrity));
}

TEST_F(AgentTest, VerifiesTheSampleRequest_RFC5769_2_1) {
    // The reader's view of what is signed, against bytes that are not ours.
    const uint8_t sample[] = {
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
        0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
        0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
        0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
        0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
        0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
        0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};
    const auto message = wire::parse_stun(sample);
    ASSERT_TRUE(message);
    const auto mac = crypto::hmac_sha1(as_bytes("VOkJxbRl1RmTxUk/WvJxBt"), message->integrity_header,
                                       message->integrity_body);
    EXPECT_TRUE(crypto::equal_constant_time(mac, message->integrity));
}

TEST_F(AgentTest, DropsAWrongPassword_RFC8489_9_1_3) {
    Check wrong = check(true);
    wrong.pwd.back() ^= 1;
    expect_dropped(kHome, wrong, &Counters::wrong_integrity);
}

TEST_F(AgentTest, DropsAMissingIntegrity_RFC8489_9_1_3) {
    Check missing = check(true);
    missing.has_integrity = false;
    expect_dropped(kHome, missing, &Counters::no_integrity);
}

TEST_F(AgentTest, DropsAMissingOrWrongFingerprint_RFC8445_7_1) {
    Check missing = check(true);
    missing.has_fingerprint = false;
    expect_dropped(kHome, missing, &Counters::no_fingerprint);
    auto bytes = check(true).bytes();
    bytes.back() ^= 1;
    EXPECT_TRUE(agent_.handle_datagram(now_, kHome, bytes, tx_).empty());
    EXPECT_TRUE(tx_.empty());
    EXPECT_EQ(agent_.counters().no_fingerprint, 2u);
}

TEST_F(AgentTest, DropsEveryWrongUsername_RFC8445_7_3) {
    const std::string local = agent_.local_credentials().ufrag;
    for (const std::string& username :
         {std::string{}, local, local + ":", ":" + kRemote.ufrag, local + ":other", "x" + local + ":remote",
          local.substr(1) + ":remote", kRemote.ufrag + ":" + local, local + ":remote:", local + "::remote"}) {
        Check wrong = check(true);
        wrong.username = username;
        expect_dropped(kHome, wrong, &Counters::wrong_username);
    }
}

TEST_F(AgentTest, AcceptsAnyRemoteNameUntilTheAnswerIsThere_RFC8445_7_3) {
    Agent early = Agent::create({}, kStart, rng_);
    const Check from_x = check_for(early.local_credentials(), "xxxx", true);
    EXPECT_TRUE(
        is_one(early.handle_datagram(now_, kHome, from_x.bytes(), tx_), Event::Kind::Selected, kHome));
    early.set_remote_credentials(kRemote);
    EXPECT_TRUE(early.handle_datagram(now_, kMobile, from_x.bytes(), tx_).empty());
    EXPECT_FALSE(early.is_valid_path(kMobile));
    EXPECT_EQ(early.counters().wrong_username, 1u);
}

TEST_F(AgentTest, DropsAttributesItMustUnderstandButDoesNot_RFC8489_6_3_1) {
    Check unknown = check(true);
    unknown.unknown_attribute = 0x7abc;
    expect_dropped(kHome, unknown, &Counters::unknown_attribute);
    unknown.unknown_attribute = 0xc057;
    EXPECT_EQ(receive(kHome, unknown).size(), 1u);
}

TEST_F(AgentTest, DropsResponsesAndOtherMethods_RFC8445_7_3) {
    Check other = check(true);
    other.method = 3;
    expect_dropped(kHome, other, &Counters::unexpected);
    for (const auto message_class : {wire::StunClass::Success, wire::StunClass::Error}) {
        Check response = check(true);
        response.message_class = message_class;
        expect_dropped(kHome, response, &Counters::unexpected);
    }
}

TEST_F(AgentTest, DropsWhatIsNotStunOrTooLong) {
    const std::vector<uint8_t> garbage(40, 0xff);
    EXPECT_TRUE(agent_.handle_datagram(now_, kHome, garbage, tx_).empty());
    EXPECT_TRUE(agent_.handle_datagram(now_, kHome, {}, tx_).empty());
    const std::vector<uint8_t> huge(kCheckSizeMax + 1);
    EXPECT_TRUE(agent_.handle_datagram(now_, kHome, huge, tx_).empty());
    EXPECT_EQ(agent_.counters().malformed, 3u);
    EXPECT_TRUE(tx_.empty());
}

TEST_F(AgentTest, AnswersARoleConflictWithinTheSizeOfTheRequest_RFC8445_7_3_1_1) {
    Check controlled = check(true);
    controlled.is_controlled = true;
    EXPECT_TRUE(receive(kHome, controlled).empty());
    ASSERT_TRUE(reply());
    EXPECT_EQ(reply()->message_class, wire::StunClass::Error);
    EXPECT_EQ(reply()->error_code, 487);
    EXPECT_TRUE(reply()->fingerprint_ok);
    EXPECT_FALSE(reply()->integrity.empty());
    EXPECT_LE(tx_.bytes(tx_.datagrams()[0]).size(), controlled.bytes().size());
    EXPECT_FALSE(agent_.is_valid_path(kHome));
    EXPECT_EQ(agent_.counters().role_conflicts, 1u);
}

TEST_F(AgentTest, FollowsTheNomination_RFC8445_7_3_1_5) {
    EXPECT_TRUE(is_one(nominate(kHome), Event::Kind::Selected, kHome));
    EXPECT_EQ(agent_.selected_path(), kHome);
    EXPECT_EQ(agent_.state(), State::Connected);
    EXPECT_TRUE(nominate(kHome).empty()) << "nominated again is no news";
    EXPECT_TRUE(receive(kMobile, check()).empty()) << "valid, not nominated";
    EXPECT_EQ(agent_.selected_path(), kHome);
}

TEST_F(AgentTest, ACheckFromANewAddressIsAPeerReflexivePath_RFC8445_7_3_1_3) {
    (void)nominate(kHome);
    now_ = now_ + Duration::seconds(5);
    // The very same bytes from elsewhere: STUN cannot tell a rebinding NAT from a replay.
    EXPECT_TRUE(is_one(nominate(kMobile), Event::Kind::Selected, kMobile));
    EXPECT_TRUE(agent_.is_valid_path(kMobile));
    EXPECT_TRUE(agent_.is_valid_path(kHome));
    const Path other_socket{1, kHome.remote};
    EXPECT_FALSE(agent_.is_valid_path(other_socket));
}

TEST_F(AgentTest, AggressiveNominationEndsOnTheHighestPriority_RFC5245_8_1_1_2) {
    Check low = check(true);
    low.priority = 100;
    Check high = check(true);
    high.priority = 200;
    EXPECT_EQ(receive(kHome, low).size(), 1u);
    EXPECT_TRUE(is_one(receive(kMobile, high), Event::Kind::Selected, kMobile));
    EXPECT_TRUE(receive(kHome, low).empty()) << "the client nominates all it checks";
    EXPECT_EQ(agent_.selected_path(), kMobile);
    // Long after, a nomination is meant.
    now_ = now_ + Duration::seconds(3);
    EXPECT_TRUE(is_one(receive(kHome, low), Event::Kind::Selected, kHome));
}

TEST_F(AgentTest, ANominationAfterTheSelectedPathLostItsOwnIsFollowedAtOnce_RFC8445_8_1_1) {
    Check low = check(true);
    low.priority = 100;
    (void)nominate(kHome);
    EXPECT_TRUE(receive(kMobile, low).empty());
    EXPECT_TRUE(receive(kHome, check(false)).empty());
    EXPECT_TRUE(is_one(receive(kMobile, low), Event::Kind::Selected, kMobile));
}

TEST_F(AgentTest, FailsWhenNothingIsNominatedInTime) {
    EXPECT_EQ(agent_.next_timeout(), kStart + Duration::seconds(15));
    EXPECT_TRUE(wait(Duration::millis(14'999)).empty());
    EXPECT_TRUE(is_one(wait(Duration::millis(1)), Event::Kind::Failed, Path{}));
    EXPECT_TRUE(agent_.next_timeout().is_never());
    EXPECT_TRUE(wait(Duration::minutes(5)).empty()) << "once";
}

TEST_F(AgentTest, ChecksWithoutNominationDoNotPreventFailure) {
    for (int i = 0; i < 14; ++i) {
        EXPECT_TRUE(wait(Duration::seconds(1)).empty());
        (void)receive(kHome, check());
    }
    EXPECT_TRUE(is_one(wait(Duration::seconds(1)), Event::Kind::Failed, Path{}));
    EXPECT_FALSE(agent_.is_valid_path(kHome));
}

TEST_F(AgentTest, LosesConsentWithoutChecksOnTheSelectedPath_RFC7675_5_1) {
    (void)nominate(kHome);
    EXPECT_EQ(agent_.next_timeout(), kStart + Duration::seconds(10));
    (void)wait(Duration::seconds(5));
    (void)receive(kMobile, check());  // keeps its own path alive, not the selected one
    EXPECT_TRUE(wait(Duration::millis(4'999)).empty());
    EXPECT_TRUE(is_one(wait(Duration::millis(1)), Event::Kind::Disconnected, kHome));
    EXPECT_EQ(agent_.state(), State::Disconnected);
    EXPECT_EQ(agent_.selected_path(), kHome);
    EXPECT_EQ(agent_.next_timeout(), kStart + Duration::seconds(35));
    EXPECT_TRUE(is_one(wait(Duration::seconds(25)), Event::Kind::Failed, kHome));
    EXPECT_FALSE(agent_.selected_path());
    EXPECT_FALSE(agent_.is_valid_path(kHome));
    EXPECT_FALSE(agent_.is_valid_path(kMobile));
}

TEST_F(AgentTest, ChecksKeepTheSelectedPath_RFC7675_5_1) {
    (void)nominate(kHome);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(wait(Duration::millis(9'900)).empty());
        EXPECT_TRUE(receive(kHome, check()).empty());
    }
    EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(AgentTest, ACheckEndsDisconnected) {
    (void)nominate(kHome);
    (void)wait(Duration::seconds(10));
    EXPECT_TRUE(is_one(receive(kHome, check()), Event::Kind::Selected, kHome));
    EXPECT_EQ(agent_.state(), State::Connected);
    EXPECT_EQ(agent_.next_timeout(), now_ + Duration::seconds(10));
}

TEST_F(AgentTest, ANominationOfLowPriorityEndsDisconnected) {
    (void)nominate(kHome);
    (void)wait(Duration::seconds(10));
    Check low = check(true);
    low.priority = 1;
    EXPECT_TRUE(is_one(receive(kMobile, low), Event::Kind::Selected, kMobile));
    EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(AgentTest, AClosedPathIsNotWaitedFor) {
    (void)receive(kMobile, check());
    (void)nominate(kHome);
    EXPECT_TRUE(agent_.close_path(now_, kMobile).empty());
    EXPECT_FALSE(agent_.is_valid_path(kMobile));
    EXPECT_EQ(agent_.state(), State::Connected);
    EXPECT_TRUE(is_one(agent_.close_path(now_, kHome), Event::Kind::Disconnected, kHome));
    EXPECT_FALSE(agent_.selected_path());
    EXPECT_EQ(agent_.next_timeout(), now_ + Duration::seconds(25));
    Check low = check(true);
    low.priority = 1;
    EXPECT_TRUE(is_one(receive(kMobile, low), Event::Kind::Selected, kMobile));
    (void)agent_.close_path(now_, kMobile);
    EXPECT_TRUE(agent_.close_path(now_, kMobile).empty()) << "once";
    EXPECT_TRUE(is_one(wait(Duration::seconds(25)), Event::Kind::Failed, Path{}));
}

TEST_F(AgentTest, EveryUfragBeginsWithTheOwnersPrefix) {
    Config config;
    config.ufrag_prefix = "0f";
    Agent agent = Agent::create(config, kStart, rng_);
    EXPECT_TRUE(agent.local_credentials().ufrag.starts_with("0f"));
    EXPECT_EQ(agent.local_credentials().ufrag.size(), 2 + kUfragSize);
    EXPECT_TRUE(agent.restart(now_, rng_).ufrag.starts_with("0f"));
}

TEST_F(AgentTest, APauseOfTheProcessIsNotHeldAgainstTheClient) {
    (void)nominate(kHome);
    EXPECT_TRUE(is_one(wait(Duration::minutes(5)), Event::Kind::Disconnected, kHome));
    EXPECT_TRUE(wait(Duration::seconds(24)).empty());
    EXPECT_TRUE(is_one(receive(kHome, check()), Event::Kind::Selected, kHome));
}

TEST_F(AgentTest, OnlyAuthenticIndicationsOnAValidPathKeepItAlive_RFC8445_11) {
    Check indication = check();
    indication.message_class = wire::StunClass::Indication;
    EXPECT_TRUE(receive(kMobile, indication).empty());
    EXPECT_FALSE(agent_.is_valid_path(kMobile)) << "a new path needs a request";
    (void)nominate(kHome);
    (void)wait(Duration::seconds(9));
    (void)receive(kHome, indication);
    EXPECT_TRUE(tx_.empty());
    EXPECT_TRUE(wait(Duration::seconds(9)).empty());
    Check forged = indication;
    forged.pwd = "guessed";
    (void)receive(kHome, forged);
    forged.has_integrity = false;
    (void)receive(kHome, forged);
    EXPECT_TRUE(is_one(wait(Duration::seconds(1)), Event::Kind::Disconnected, kHome));
    EXPECT_EQ(agent_.counters().indications, 4u);
}

TEST_F(AgentTest, SparePathsExpire_RFC7675_5_1) {
    (void)receive(kMobile, check());
    for (int i = 0; i < 6; ++i) {
        (void)nominate(kHome);
        EXPECT_TRUE(agent_.is_valid_path(kMobile));
        EXPECT_LE(agent_.next_timeout(), kStart + Duration::seconds(30));
        (void)wait(Duration::seconds(5));
    }
    EXPECT_FALSE(agent_.is_valid_path(kMobile));
    EXPECT_TRUE(agent_.is_valid_path(kHome));
}

TEST_F(AgentTest, PathsAreLimitedAndTheSelectedOneStays) {
    (void)nominate(kHome);
    const auto path = [](size_t i) {
        return Path{0, SocketAddress::v4(10, 0, 0, 1, static_cast<uint16_t>(1000 + i))};
    };
    for (size_t i = 0; i < 3 * kPathsMax; ++i) {
        now_ = now_ + Duration::millis(10);
        (void)receive(path(i), check());
        EXPECT_TRUE(agent_.is_valid_path(path(i)));
        EXPECT_TRUE(agent_.is_valid_path(kHome));
    }
    size_t valid = 1;
    for (size_t i = 0; i < 3 * kPathsMax; ++i) valid += agent_.is_valid_path(path(i)) ? 1 : 0;
    EXPECT_EQ(valid, kPathsMax);
    EXPECT_EQ(agent_.counters().paths_evicted, 2 * kPathsMax + 1);
    EXPECT_EQ(agent_.selected_path(), kHome);
}

TEST_F(AgentTest, AFullQueueLosesTheReplyAndTheCheck) {
    TransmitQueue full{0, 0};
    EXPECT_TRUE(agent_.handle_datagram(now_, kHome, check(true).bytes(), full).empty());
    EXPECT_FALSE(agent_.is_valid_path(kHome));
    EXPECT_EQ(agent_.counters().queue_full, 1u);
}

TEST_F(AgentTest, ARestartKeepsTheOldPathUntilTheNewIsNominated_RFC8445_9) {
    (void)nominate(kHome);
    const Check old_check = check(false);
    Check old_nomination = check(true);
    const Credentials old = agent_.local_credentials();
    const Credentials fresh = agent_.restart(now_, rng_);
    EXPECT_NE(fresh.ufrag, old.ufrag);
    EXPECT_NE(fresh.pwd, old.pwd);
    EXPECT_EQ(agent_.local_credentials(), fresh);
    agent_.set_remote_credentials({"second", "a-second-password-of-22"});
    EXPECT_EQ(agent_.selected_path(), kHome);
    EXPECT_EQ(agent_.state(), State::Connected);

    (void)wait(Duration::seconds(9));
    EXPECT_TRUE(receive(kHome, old_check).empty());
    EXPECT_TRUE(reply()) << "the old credentials still work";
    EXPECT_TRUE(agent_.has_local_ufrag(old.ufrag));
    EXPECT_TRUE(receive(kMobile, check_for(fresh, "second", false)).empty());
    EXPECT_EQ(agent_.selected_path(), kHome) << "valid in the new generation, not yet nominated";

    const Check new_nomination = check_for(fresh, "second", true);
    EXPECT_TRUE(is_one(receive(kMobile, new_nomination), Event::Kind::Selected, kMobile));
    EXPECT_FALSE(agent_.is_valid_path(kHome)) << "of the old generation";
    EXPECT_FALSE(agent_.has_local_ufrag(old.ufrag));
    EXPECT_TRUE(receive(kHome, old_nomination).empty());
    EXPECT_TRUE(tx_.empty());
    EXPECT_EQ(agent_.selected_path(), kMobile);
}

TEST_F(AgentTest, GenerationsDoNotMixTheirCredentials_RFC8445_9) {
    (void)nominate(kHome);
    const Credentials old = agent_.local_credentials();
    const Credentials fresh = agent_.restart(now_, rng_);
    agent_.set_remote_credentials({"second", "a-second-password-of-22"});
    Check mixed = check_for(fresh, "second", true);
    mixed.pwd = old.pwd;
    EXPECT_TRUE(receive(kMobile, mixed).empty());
    EXPECT_EQ(agent_.counters().wrong_integrity, 1u);
    EXPECT_TRUE(receive(kMobile, check_for(fresh, kRemote.ufrag, true)).empty());
    EXPECT_TRUE(receive(kMobile, check_for(old, "second", true)).empty());
    EXPECT_EQ(agent_.counters().wrong_username, 2u);
    EXPECT_FALSE(agent_.is_valid_path(kMobile));
}

TEST_F(AgentTest, ARestartOnTheSamePathIsTold_RFC8445_9) {
    (void)nominate(kHome);
    const Credentials fresh = agent_.restart(now_, rng_);
    agent_.set_remote_credentials(kRemote);
    EXPECT_TRUE(is_one(receive(kHome, check_for(fresh, kRemote.ufrag, true)), Event::Kind::Selected, kHome));
    EXPECT_TRUE(agent_.is_valid_path(kHome));
}

TEST_F(AgentTest, ASecondRestartKeepsTheGenerationInUse_RFC8445_9) {
    (void)nominate(kHome);
    const Check in_use = check();
    const Credentials second = agent_.restart(now_, rng_);
    const Credentials third = agent_.restart(now_, rng_);
    EXPECT_TRUE(receive(kHome, in_use).empty());
    EXPECT_TRUE(reply());
    EXPECT_FALSE(agent_.has_local_ufrag(second.ufrag));
    EXPECT_TRUE(is_one(receive(kMobile, check_for(third, "any", true)), Event::Kind::Selected, kMobile));
}

TEST_F(AgentTest, ARestartWhileDisconnectedGetsItsFullTime) {
    (void)nominate(kHome);
    (void)wait(Duration::seconds(10));
    now_ = now_ + Duration::seconds(24);
    const Credentials fresh = agent_.restart(now_, rng_);
    EXPECT_TRUE(wait(Duration::millis(14'999)).empty());
    EXPECT_TRUE(is_one(receive(kMobile, check_for(fresh, "any", true)), Event::Kind::Selected, kMobile));
    EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(AgentTest, OnlyARestartRevivesAFailedAgent_RFC7675_5_1) {
    (void)nominate(kHome);
    (void)wait(Duration::seconds(10));
    (void)wait(Duration::seconds(25));
    ASSERT_EQ(agent_.state(), State::Failed);
    EXPECT_TRUE(nominate(kHome).empty());
    EXPECT_TRUE(tx_.empty());
    EXPECT_EQ(agent_.counters().failed, 1u);
    const Credentials fresh = agent_.restart(now_, rng_);
    EXPECT_EQ(agent_.state(), State::New);
    EXPECT_EQ(agent_.next_timeout(), now_ + Duration::seconds(15));
    EXPECT_TRUE(is_one(receive(kHome, check_for(fresh, "any", true)), Event::Kind::Selected, kHome));
}

// reliability M13: whatever arrives, no more bytes leave than came, and only an authentic check gets any.
TEST_F(AgentTest, NeverSendsMoreThanItReceives) {
    SeededRng random{99};
    // The shortest request that can be authentic, without PRIORITY and with a remote name of one letter.
    Agent open = Agent::create({}, kStart, rng_);
    Check shortest = check_for(open.local_credentials(), "r", true);
    shortest.priority.reset();
    uint64_t answered = 0;
    for (int i = 0; i < 20'000; ++i) {
        Check base = shortest;
        base.has_integrity = random.u32() % 4 != 0;
        base.has_fingerprint = random.u32() % 4 != 0;
        base.is_controlled = random.u32() % 4 == 0;
        if (random.u32() % 4 == 0) base.message_class = static_cast<wire::StunClass>(random.u32() % 4);
        auto bytes = base.bytes();
        const uint32_t changes = random.u32() % 4;
        for (uint32_t c = 0; c < changes; ++c) {
            bytes[random.u32() % bytes.size()] ^= static_cast<uint8_t>(1 << random.u32() % 8);
        }
        if (random.u32() % 8 == 0) bytes.resize(random.u32() % bytes.size());
        tx_.clear();
        (void)open.handle_datagram(now_, random.u32() % 2 == 0 ? kHome : kV6, bytes, tx_);
        size_t sent = 0;
        for (const auto& datagram : tx_.datagrams()) sent += datagram.size;
        EXPECT_LE(sent, bytes.size());
        const bool authentic = bytes == base.bytes() && base.has_integrity && base.has_fingerprint &&
                               base.message_class == wire::StunClass::Request;
        EXPECT_TRUE(authentic || sent == 0) << "bytes for an unauthentic request";
        answered += authentic && sent > 0 ? 1 : 0;
    }
    EXPECT_GT(answered, 500u) << "the property was tried on requests that are answered, too";
}

TEST_F(AgentTest, M13_AReplyLargerThanItsRequestIsNotSent) {
    // 72 bytes: USERNAME, MESSAGE-INTEGRITY, FINGERPRINT; the answer to an IPv6 address has 76.
    Agent open = Agent::create({}, kStart, rng_);
    std::array<uint8_t, 128> buffer;
    wire::StunWriter out{buffer, wire::StunClass::Request, wire::kStunBinding, {}};
    out.username(open.local_credentials().ufrag + ":r");
    const auto& pwd = open.local_credentials().pwd;
    out.append_integrity(crypto::hmac_sha1(as_bytes(pwd), out.integrity_input()));
    out.append_fingerprint();
    ASSERT_EQ(out.size(), 72u);
    EXPECT_TRUE(open.handle_datagram(now_, kV6, out.written(), tx_).empty());
    EXPECT_TRUE(tx_.empty());
    EXPECT_FALSE(open.is_valid_path(kV6));
    EXPECT_EQ(open.counters().reply_too_large, 1u);
    (void)open.handle_datagram(now_, kHome, out.written(), tx_);
    EXPECT_TRUE(open.is_valid_path(kHome));
}

}  // namespace
}  // namespace conclave::ice
