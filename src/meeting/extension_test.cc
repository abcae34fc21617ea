// More time: asked for, granted, voted on.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

const AskTime kAsk{Duration::minutes(5), "the last item"};

// Ten minutes before the end: ada chairs, the others take part, "olaf" only observes.
Sitting near_the_end(const policy::Terms& terms = {}) {
    Sitting s = Sitting::begun(terms);
    for (const char* id : {"bob", "eve", "kim", "leo", "olaf"}) s.come(id);
    EXPECT_EQ(s.run("ada", SetRole{"olaf", Role::Observer}), std::nullopt);
    s.pass(terms.length - kMoreTimeWithin);
    return s;
}
Sitting voting() {
    Sitting s = near_the_end();
    EXPECT_EQ(s.run("bob", kAsk), std::nullopt);
    EXPECT_EQ(s.run("ada", CallVote{}), std::nullopt);
    EXPECT_TRUE(s.state.is_voting());
    return s;
}
MotionStage stage(const Sitting& s) {
    return s.state.motion ? s.state.motion->stage : MotionStage::Asked;
}

TEST(MoreTime, IsAskedForInTheLastMinutesWithinTheBoundAndWithAReason) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.pass(Duration::minutes(30) - Duration::millis(1));
    EXPECT_EQ(s.run("bob", kAsk), Refusal::NotNow) << "it is early";
    s.pass(Duration::millis(1));
    EXPECT_EQ(s.run("bob", AskTime{Duration::minutes(21), "x"}), Refusal::TooMuch);
    EXPECT_EQ(s.run("bob", AskTime{Duration::seconds(59), "x"}), Refusal::TooMuch);
    EXPECT_EQ(s.run("bob", AskTime{Duration::minutes(5), " "}), Refusal::TextRequired);
    EXPECT_EQ(s.run("bob", AskTime{Duration::minutes(5), std::string(201, 'x')}), Refusal::TextTooLong);
    EXPECT_EQ(s.run("bob", AskTime{Duration::minutes(20), std::string(200, 'x')}), std::nullopt);
    EXPECT_EQ(s.run("ada", kAsk), Refusal::NotNow) << "one at a time";
    EXPECT_EQ(s.state.ends_at, kStart + Duration::minutes(40)) << "to ask changes nothing";
}

TEST(MoreTime, WhoLeadsMayAskAtAnyTime) {
    Sitting s = Sitting::begun();
    EXPECT_EQ(s.run("ada", CallVote{Duration::minutes(5), "more"}), std::nullopt);
    EXPECT_TRUE(s.state.is_voting());
    EXPECT_EQ(s.state.motion->by, "ada");
}

// Beside the matrix of all messages: while a motion waits, and while it is voted on.
TEST(MoreTime, EveryRoleMayWhatItMay) {
    struct Line {
        const char* who;
        std::optional<Refusal> call, withdraw, vote, extend;
    };
    const auto no = Refusal::NotAllowed;
    const Line lines[] = {{"ada", {}, {}, {}, {}},
                          {"dan", {}, {}, {}, {}},
                          {"bob", no, {}, {}, no},  // who asked
                          {"eve", no, no, {}, no},
                          {"olaf", no, no, no, no},
                          {"nobody", Refusal::NotInMeeting, Refusal::NotInMeeting, Refusal::NotInMeeting,
                           Refusal::NotInMeeting}};
    Sitting s = near_the_end();
    s.come("dan");
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    EXPECT_EQ(s.run("olaf", kAsk), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", CallVote{}), Refusal::NotNow) << "nobody asked";
    ASSERT_EQ(s.run("bob", kAsk), std::nullopt);
    for (const Line& line : lines) {
        SCOPED_TRACE(line.who);
        EXPECT_EQ(Sitting(s).run(line.who, CallVote{}), line.call);
        EXPECT_EQ(Sitting(s).run(line.who, WithdrawMotion{}), line.withdraw);
        EXPECT_EQ(Sitting(s).run(line.who, Extend{Duration::minutes(5), "yes"}), line.extend);
        Sitting v = s;
        ASSERT_EQ(v.run("ada", CallVote{}), std::nullopt);
        EXPECT_EQ(Sitting(v).run(line.who, CastVote{true}), line.vote);
    }
    ASSERT_EQ(s.run("ada", CallVote{}), std::nullopt);
    EXPECT_EQ(s.run("bob", WithdrawMotion{}), Refusal::NotAllowed) << "once it is voted on it is all's";
    EXPECT_EQ(s.run("ada", CallVote{Duration::minutes(5), "x"}), Refusal::NotNow) << "one vote at a time";
}

TEST(MoreTime, AMajorityOfThoseWhoVotedExtends) {
    Sitting s = voting();
    EXPECT_EQ(s.run("bob", CastVote{true}), std::nullopt);
    EXPECT_EQ(s.run("eve", CastVote{false}), std::nullopt);
    EXPECT_EQ(s.run("kim", CastVote{true}), std::nullopt);
    s.pass(kVoteLength - Duration::millis(1));
    EXPECT_TRUE(s.state.is_voting());
    s.pass(Duration::millis(1));
    EXPECT_EQ(stage(s), MotionStage::Carried);
    EXPECT_EQ(s.state.motion->yes, 2);
    EXPECT_EQ(s.state.motion->no, 1);
    EXPECT_EQ(s.state.ends_at, kStart + Duration::minutes(45));
    const auto* extended = std::get_if<Extended>(&s.events.back().what);
    ASSERT_TRUE(extended);
    EXPECT_EQ(extended->reason, "the last item");
    s.pass(Duration::minutes(5) - kVoteLength);
    EXPECT_EQ(s.warnings(), (std::vector<int64_t>{10, 10})) << "the warnings begin anew";
}

TEST(MoreTime, NoMajorityExtendsNothing) {
    Sitting tie = voting();
    EXPECT_EQ(tie.run("bob", CastVote{true}), std::nullopt);
    EXPECT_EQ(tie.run("eve", CastVote{false}), std::nullopt);
    tie.pass(kVoteLength);
    EXPECT_EQ(stage(tie), MotionStage::Rejected);
    EXPECT_EQ(tie.state.extended, Duration{});
    EXPECT_EQ(tie.run("bob", CastVote{true}), Refusal::NotNow) << "it is over";
    Sitting silent = voting();
    silent.pass(kVoteLength);
    EXPECT_EQ(stage(silent), MotionStage::Rejected) << "nobody voted";
    EXPECT_EQ(silent.run("bob", kAsk), std::nullopt) << "and one may ask again";
}

TEST(MoreTime, APersonVotesOnceAndMayThinkAgain) {
    Sitting s = voting();
    EXPECT_EQ(s.run("bob", CastVote{false}), std::nullopt);
    EXPECT_EQ(s.run("bob", CastVote{true}), std::nullopt);
    EXPECT_EQ(s.run("bob", CastVote{true}), std::nullopt);
    EXPECT_TRUE(s.last.empty()) << "the same again";
    s.pass(kVoteLength);
    EXPECT_EQ(s.state.motion->yes, 1);
    EXPECT_EQ(s.state.motion->no, 0);
}

TEST(MoreTime, WhoLeavesOrOnlyObservesHasNoSay) {
    Sitting s = voting();
    for (const char* id : {"bob", "eve", "kim"}) EXPECT_EQ(s.run(id, CastVote{true}), std::nullopt);
    EXPECT_EQ(s.run("leo", CastVote{false}), std::nullopt);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    EXPECT_EQ(s.run("ada", Remove{"eve", true}), std::nullopt);
    EXPECT_EQ(s.run("ada", SetRole{"kim", Role::Observer}), std::nullopt);
    s.come("bob");
    s.pass(kVoteLength);
    EXPECT_EQ(stage(s), MotionStage::Rejected);
    EXPECT_EQ(s.state.motion->yes, 0);
}

TEST(MoreTime, IsGrantedAtOnceOrWithdrawn) {
    Sitting granted = voting();
    EXPECT_EQ(granted.run("eve", CastVote{false}), std::nullopt);
    EXPECT_EQ(granted.run("ada", Extend{Duration::minutes(10), "yes"}), std::nullopt);
    EXPECT_EQ(stage(granted), MotionStage::Granted);
    granted.pass(kVoteLength);
    EXPECT_EQ(granted.state.extended, Duration::minutes(10)) << "and not twice";
    Sitting withdrawn = voting();
    EXPECT_EQ(withdrawn.run("eve", CastVote{true}), std::nullopt);
    EXPECT_EQ(withdrawn.run("ada", WithdrawMotion{}), std::nullopt);
    EXPECT_EQ(stage(withdrawn), MotionStage::Withdrawn);
    EXPECT_EQ(withdrawn.state.motion->yes, 0) << "how it stood is nobody's";
    EXPECT_EQ(withdrawn.run("ada", WithdrawMotion{}), Refusal::NotNow);
    withdrawn.pass(kVoteLength);
    EXPECT_EQ(withdrawn.state.extended, Duration{});
}

TEST(MoreTime, AVoteNeverOutlastsTheMedia) {
    Sitting s = near_the_end();
    s.pass(Duration::minutes(10) + Duration::seconds(30));  // half of the grace is gone
    ASSERT_EQ(s.run("bob", kAsk), std::nullopt);
    ASSERT_EQ(s.run("ada", CallVote{}), std::nullopt);
    ASSERT_EQ(s.run("bob", CastVote{true}), std::nullopt);
    EXPECT_EQ(s.state.motion->until, kStart + Duration::minutes(41));
    Sitting late = s;
    late.pass(Duration::seconds(30));
    EXPECT_TRUE(late.state.is_running()) << "carried at the very end";
    EXPECT_EQ(late.state.ends_at, kStart + Duration::minutes(45));
    ASSERT_EQ(s.run("bob", CastVote{false}), std::nullopt);
    s.pass(Duration::seconds(30));
    EXPECT_FALSE(s.state.is_running());
    Sitting too_late = near_the_end();
    too_late.pass(Duration::minutes(11) - kVoteLengthMin + Duration::millis(1));
    EXPECT_EQ(too_late.run("ada", CallVote{Duration::minutes(5), "x"}), Refusal::NotNow);
}

TEST(MoreTime, TheSittingsEndForgetsIt) {
    Sitting s = voting();
    ASSERT_EQ(s.run("ada", Close{}), std::nullopt);
    EXPECT_FALSE(s.state.motion);
}

TEST(MoreTime, ABallotIsPersonalInTheRecord) {
    const Record record = record_of({7, kStart, "bob", VoteCast{true}});
    EXPECT_EQ(record.body, "{}");
    EXPECT_EQ(record.personal, R"({"yes":true})");
}

}  // namespace
}  // namespace conclave::meeting
